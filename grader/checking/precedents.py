"""Precedents: what was decided of earlier conversations, for whoever has the same one again.

What a check decides hangs on nothing but its random numbers, which are the same for everybody, and on the replies that
it gets. So the conversation of a case, requests and replies in turn, is kept with what came of it; when the next
submission's replies are the same, byte for byte, so is what comes of them, and neither the check nor the reference has
to be asked again. At the first reply that is new, the check itself runs: it is given the replies that came so far, and
then it goes on asking.

Every submission's own code answers each request, whatever is known of others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.errors import AnswerError, FaultError
from grader.sandbox.line import Request
from grader.sandbox.process import Reply
from grader.sandbox.student import Student

__all__ = ["Outcome", "Precedents"]

_ROOM = 64 * 2**20
_PLACE = 600  # bytes that a place in a conversation takes, about
_DECIDED = 4000  # and what is decided, with its words and pictures


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a case: a remark or nothing, if all was right, or what was not.

    ``compared`` says whether a reference was asked.
    """

    remark: Any = None
    error: AnswerError | None = None
    compared: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """What a check does with a student: it asks one of the two workers, or begins or ends to use the second one."""

    what: str
    second: bool = False
    request: Request | None = None


_LEND, _TAKE_BACK = _Step("lend"), _Step("take back")


@dataclass(slots=True)
class _Place:
    """A place in the conversations about a case: what is done next, and where each reply leads; or what is decided."""

    step: _Step | None = None
    leads: dict[bytes, _Place] = field(default_factory=dict)
    outcome: Outcome | None = None


class _Turn:
    """A step, and what came of it: a reply, nothing, or no answer."""

    __slots__ = ("digest", "error", "reply", "step")

    def __init__(self, step: _Step, reply: Reply | None = None, error: AnswerError | None = None) -> None:
        self.step = step
        self.reply = reply
        self.error = error
        self.digest = b"" if reply is None else reply.digest()


class _StrayedError(FaultError):
    """A check did something else than before, although it had the same answers."""

    def __init__(self) -> None:
        super().__init__("a check does something else than before, although it had the same answers")


class Precedents:
    """Conversations and what was decided of them, by case; in up to ``room`` bytes, and then from the beginning.

    Without any room, nothing is kept. ``found`` counts the cases that were decided so.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._room = self._left = room
        self._cases: dict[Hashable, _Place] = {}
        self._steps: dict[_Step, _Step] = {}
        self._fickle: set[Hashable] = set()
        self.found = 0

    def __len__(self) -> int:
        """Return how many steps are known."""
        return len(self._steps)

    def decide(self, case: Hashable, student: Student, judge: Callable[[], Outcome]) -> Outcome:
        """Return what ``judge`` makes of a case, which it asks the student about, or what it made of the same before.

        ``case`` stands for all that this hangs on, but for the student's answers. A check that does not do the same
        twice with the same answers is found out, begun anew, and left to itself from then on.
        """
        if case in self._fickle:
            return judge()
        try:
            turns, outcome = self._follow(case, student)
            if outcome is not None:
                self.found += 1
                return outcome
            record = _Record(student, turns)
            with student.through(record):
                outcome = judge()
            if record.left:
                raise _StrayedError
        except _StrayedError:
            self._leave(case)
            student.begin_anew()
            return judge()
        except BaseException:
            student.begin_anew()
            raise
        if record.plain:
            self._keep(case, record.turns, outcome)
        return outcome

    def _follow(self, case: Hashable, student: Student) -> tuple[list[_Turn], Outcome | None]:
        """Go on as long as the replies are known; return the turns that were had, and what is decided, if that is."""
        turns: list[_Turn] = []
        holders: dict[bool, int] = {}  # which worker has what is kept, of the first ones and of the second ones
        place = self._cases.get(case)
        while place is not None and place.step is not None:
            turn = _taken(place.step, student, holders)
            turns.append(turn)
            if turn.error is not None:
                return turns, None
            if turn.reply is not None and turn.reply.worker != holders.setdefault(turn.step.second, turn.reply.worker):
                return turns, None  # it is another worker: the check itself knows what it has
            place = place.leads.get(turn.digest)
        return turns, None if place is None else place.outcome

    def _keep(self, case: Hashable, turns: Iterable[_Turn], outcome: Outcome) -> None:
        if not self._room:
            return None
        if self._left < 0:
            self._left = self._room
            self._cases.clear()
            self._steps.clear()
        place = self._cases.setdefault(case, _Place())
        for turn in turns:
            if place.step is None:
                place.step = self._known(turn.step)
            elif place.step != turn.step:
                return self._leave(case)
            place = place.leads.setdefault(turn.digest, _Place())
            self._left -= _PLACE
        place.outcome = outcome
        self._left -= _DECIDED
        return None

    def _known(self, step: _Step) -> _Step:
        """Return the same step as it is known already: most are the same in all conversations about a case."""
        known = self._steps.setdefault(step, step)
        if known is step and step.request is not None:
            self._left -= len(step.request.frame)
        return known

    def _leave(self, case: Hashable) -> None:
        self._fickle.add(case)
        self._cases.pop(case, None)


def _taken(step: _Step, student: Student, holders: Mapping[bool, int]) -> _Turn:
    """Do a step that is known."""
    if step == _LEND:
        student.lend()
    elif step.request is None:
        student.take_back()
    else:
        line = student.other.line if step.second else student.line
        try:
            return _Turn(step, line.ask(step.request, [holders[step.second]] if step.request.bound else ()))
        except AnswerError as error:
            return _Turn(step, error=error)
    return _Turn(step)


class _Record:
    """The way on which a check's requests go while its conversation is recorded, after the turns that were had.

    ``left`` is how many of those are still to come. ``plain`` says that all came of replies alone.
    """

    def __init__(self, student: Student, had: list[_Turn]) -> None:
        self._student = student
        self._had = iter(had)
        self.left = len(had)
        self.turns: list[_Turn] = []
        self.plain = True

    def ask(self, student: Student, request: Request, holders: Collection[int]) -> Reply:
        """Return the reply that was had, or ask."""
        step = _Step("ask", student is not self._student, request)
        turn = self._next(step)
        if turn is None:
            try:
                turn = _Turn(step, student.line.ask(request, holders))
            except AnswerError:
                self.plain = False
                raise
        if turn.error is not None:
            self.plain = False
            raise turn.error
        assert turn.reply is not None
        self.turns.append(turn)
        return turn.reply

    def lend(self, student: Student) -> None:
        """Begin to use the second worker, if that is not done."""
        self._do(_LEND, student.lend)

    def take_back(self, student: Student) -> None:
        """End it, if that is not done."""
        self._do(_TAKE_BACK, student.take_back)

    def _do(self, step: _Step, act: Callable[[], None]) -> None:
        turn = self._next(step)
        if turn is None:
            act()
        self.turns.append(turn or _Turn(step))

    def _next(self, step: _Step) -> _Turn | None:
        """Return the next turn that was had, None if there are no more."""
        turn = next(self._had, None)
        if turn is None:
            return None
        if turn.step != step:
            self._had = iter(())
            raise _StrayedError
        self.left -= 1
        return turn

    def unrepeatable(self) -> None:
        """Keep nothing: something else than answers counted."""
        self.plain = False
