"""Precedents: what was decided of earlier conversations, for whoever has the same one again.

What a check decides hangs on nothing but its random numbers, which are the same for everybody, and on the replies that
it gets. So the conversation of a case, requests and replies in turn, is kept with what came of it; when the next
submission's replies are the same, byte for byte, so is what comes of them, and neither the check nor the reference has
to be asked again. At the first reply that is new, the check itself runs: it is given the replies that came so far, and
then it goes on asking.

Every submission's own code answers each request, whatever is known of others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.errors import AnswerError, FaultError
from grader.sandbox.line import Request
from grader.sandbox.process import Reply
from grader.sandbox.student import Student

__all__ = ["Outcome", "Precedents"]

_ROOM = 64 * 2**20
_PLACE = 600  # bytes that a place in a conversation takes, about
_ITEM = 100  # and a number, a text, a list …
_LONG, _LONGEST = 0.01, 0.1  # shares of the room: what is longer has to be had twice, and what is not kept at all
_HELD = 4 * 2**20  # bytes of replies that are held for a check that may have to run


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
    """A step, and what came of it: a reply, as long as it is wanted, nothing, or no answer."""

    __slots__ = ("digest", "error", "reply", "step")

    def __init__(self, step: _Step, reply: Reply | None = None, error: AnswerError | None = None) -> None:
        self.step = step
        self.reply = reply
        self.error = error
        self.digest = b"" if reply is None else reply.digest()

    @property
    def size(self) -> int:
        """The bytes of the request, which stay in memory as long as the step is known."""
        return 0 if self.step.request is None else len(self.step.request.frame)

    @property
    def held(self) -> int:
        """The bytes of the reply."""
        return 0 if self.reply is None else len(self.reply.header) + len(self.reply.body)

    def hand_over(self) -> Reply:
        """Return the reply, or raise what came instead; it is not held any longer."""
        reply, self.reply = self.reply, None
        if self.error is not None:
            raise self.error
        assert reply is not None
        return reply


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
        self._long: set[tuple[Hashable, bytes]] = set()  # conversations that were had once
        self._fickle: set[Hashable] = set()
        self.found = 0

    def decide(self, case: Hashable, student: Student, judge: Callable[[], Outcome]) -> Outcome:
        """Return what ``judge`` makes of a case, which it asks the student about, or what it made of the same before.

        ``case`` stands for all that this hangs on, but for the student's answers. A check that does not do the same
        twice with the same answers is found out, begun anew, and left to itself from then on.
        """
        if case in self._fickle:
            return judge()
        line = student.line
        budget, patience = line.budget, line.patience
        try:
            turns, outcome = self._follow(case, student)
            if outcome is not None:
                self.found += 1
                return outcome
            record = _Record(student, turns, most=int(_LONGEST * self._room))
            with student.through(record):
                outcome = judge()
            if record.left:
                raise _StrayedError
        except _StrayedError:
            self._leave(case)
            student.begin_anew()
            line.budget, line.patience = budget, patience  # it is not the student's matter
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
        held = 0
        holders: dict[bool, int] = {}  # which worker has what is kept, of the first ones and of the second ones
        place = self._cases.get(case)
        while place is not None and place.step is not None:
            turn = _taken(place.step, student, holders)
            turns.append(turn)
            held += turn.held
            if turn.error is not None or held > _HELD:
                return turns, None
            if turn.reply is not None and turn.reply.worker != holders.setdefault(turn.step.second, turn.reply.worker):
                return turns, None  # it is another worker: the check itself knows what it has
            place = place.leads.get(turn.digest)
        return turns, None if place is None else place.outcome

    def _keep(self, case: Hashable, turns: Sequence[_Turn], outcome: Outcome) -> None:
        decided = _size_of(outcome)
        size = sum(turn.size + _PLACE for turn in turns) + decided
        if size > _LONGEST * self._room or (size > _LONG * self._room and not self._had_before(case, turns)):
            return
        if self._left < size:
            self._left = self._room
            self._cases.clear()
            self._steps.clear()
            self._long.clear()
        place = self._cases.setdefault(case, _Place())
        for turn in turns:
            if place.step is None:
                place.step = self._known(turn.step)
            elif place.step != turn.step:
                self._leave(case)
                return
            if turn.digest not in place.leads:
                place.leads[turn.digest] = _Place()
                self._left -= _PLACE
            place = place.leads[turn.digest]
        place.outcome = outcome
        self._left -= decided

    def _had_before(self, case: Hashable, turns: Iterable[_Turn]) -> bool:
        """Whether the same long conversation was had before. A network's training is most often nobody else's."""
        digest = hashlib.blake2b(b"".join(turn.digest for turn in turns), digest_size=16).digest()
        known = (case, digest) in self._long
        self._long.add((case, digest))
        self._left -= _ITEM
        return known

    def _known(self, step: _Step) -> _Step:
        """Return the same step as it is known already: most are the same in all conversations about a case."""
        known = self._steps.setdefault(step, step)
        if known is step and step.request is not None:
            self._left -= len(step.request.frame) + _PLACE
        return known

    def _leave(self, case: Hashable) -> None:
        self._fickle.add(case)
        self._cases.pop(case, None)


def _size_of(outcome: Outcome) -> int:
    """Return how many bytes what is decided takes, about: pictures are lists of lists of numbers."""
    error, remark = outcome.error, outcome.remark
    told = getattr(remark, "__dict__", remark) if error is None else [error.message, error.details]
    return _PLACE + _bytes(told)


def _bytes(value: Any) -> int:
    if isinstance(value, Mapping):
        return _ITEM + sum(_bytes(key) + _bytes(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return _ITEM + sum(map(_bytes, value))
    return _ITEM + (len(value) if isinstance(value, str) else 0)


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

    ``left`` is how many of those are still to come. ``plain`` says that all came of replies alone, and that the
    requests were not more than ``most`` bytes: else ``turns`` are not all there.
    """

    def __init__(self, student: Student, had: list[_Turn], most: int) -> None:
        self._student = student
        self._had = iter(had)
        self._room = most
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
        self.plain = self.plain and turn.error is None
        self._add(turn)
        return turn.hand_over()

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
        self._add(turn or _Turn(step))

    def _add(self, turn: _Turn) -> None:
        self._room -= turn.size
        self.plain = self.plain and self._room >= 0
        if self.plain:
            self.turns.append(turn)
        else:
            self.turns.clear()

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
