"""Questions and their checks: the vocabulary of ``checks/<question>.py``.

A check is a plain function of ``student``, ``rng`` and the parameters of its grid; its docstring is the line that
students read. The commonest shape, a function that agrees with a reference, is one line::

    question = Question("swish_forward", file="layers.py", points=2, returns="out cache:kept")
    question.forward(swish, inputs, rows=[1, 5])
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grader.checking.agreement import Backward, Forward, Inputs
from grader.checking.reference import Reference
from grader.errors import AssignmentError
from grader.sandbox.signature import Callee, Result, parse_results

__all__ = ["Case", "Check", "Question"]

Case = Mapping[str, Any]
OTHER_CASES = "(other cases)"


@dataclass(frozen=True)
class Check:
    """One promise about a function, tried on every case of a grid.

    ``weight`` is its part of the question's points (of the robustness share, if ``robust``). ``needs`` names what it
    cannot do without. ``function`` takes the student, a source of random numbers and the case; it returns quietly or
    raises, and what it returns, if anything, is remarked when the check passes. An audit asks a ``costly`` one last.
    """

    id: str
    title: str
    function: Callable[..., Any]
    weight: float = 1.0
    hidden: bool = False
    robust: bool = False
    needs: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ({},)
    costly: bool = False


@dataclass
class Question:
    """What students write: one function or class, and how it is judged.

    Args:
        name: the function's or class's name; also the question's id.
        file: where it is handed in.
        points: what it is worth.
        returns: its results, e.g. ``"dx dw db"`` or ``"out cache:kept"``; for a class, leave it out.
        depends: questions that have to be right for this one to be; when it fails and one of them did, it is
            skipped and says so.
        title: what it is about; by default the first line of the file's docstring.
        also: further functions that the checks call and that this question does not depend on, as
            ``{name: (file, returns)}``.
        called: what it is called in the file, where another question has that name already. Checks go on to call it
            by the question's name.
        needs: what none of its checks can do without: ``["torch"]`` for a question about torch code.
    """

    name: str
    file: str
    points: float
    returns: str | None = None
    depends: Sequence[str] = ()
    title: str = ""
    also: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    called: str = ""
    needs: Sequence[str] = ()
    checks: list[Check] = field(default_factory=list, init=False)

    @property
    def symbol(self) -> str:
        """What students call it in their file."""
        return self.called or self.name

    def callees(self) -> dict[str, tuple[str, Callee]]:
        """Return the functions this question declares: name, file, and results."""
        declared = {self.name: (self.file, self.returns), **self.also}
        try:
            return {
                name: (
                    file,
                    Callee(
                        self.symbol if name == self.name else name,
                        "",
                        parse_results(returns) if returns is not None else None,
                    ),
                )
                for name, (file, returns) in declared.items()
            }
        except ValueError as error:
            raise AssignmentError(f"question {self.name}: {error}") from error

    def check(
        self,
        points: float = 1.0,
        *,
        hidden: bool = False,
        robust: bool = False,
        needs: Sequence[str] = (),
        cases: Sequence[Case] | None = None,
        costly: bool = False,
        **grid: Sequence[Any],
    ) -> Callable[[Callable[..., Any]], Check]:
        """Make a check of a function ``(student, rng, **case)``. Its docstring is what it promises.

        Args:
            points: its weight among the question's checks.
            hidden: kept from students; runs in grading only.
            robust: counts for the robustness share instead.
            needs: what it cannot do without, else it is skipped: ``cuda``, ``torch``, or a question that is right.
            cases: the cases themselves, instead of a grid.
            costly: takes very many calls, e.g. a training: an audit asks it only where no other check refuses.
            grid: parameter names with their values; every combination is a case.
        """

        def add(function: Callable[..., Any]) -> Check:
            title = inspect.cleandoc(function.__doc__ or "").partition("\n")[0].strip()
            if not title:
                raise self._error(f"{function.__name__} has no docstring to say what it promises", function)
            if cases is not None and grid:
                raise self._error(f"{function.__name__} has both cases and a grid", function)
            all_cases = tuple(cases) if cases is not None else combinations(grid)
            self._fits(function, all_cases, ("student", "rng"))
            made = Check(function.__name__, title, function, points, hidden, robust, tuple(needs), all_cases, costly)
            return self._add(made, function)

        return add

    def again(
        self, check: Check, *, points: float = 1.0, hidden: bool = False, id: str = "", **grid: Sequence[Any]
    ) -> Check:
        """Make the same promise on other cases, e.g. hidden ones."""
        cases = combinations(grid)
        self._fits(check.function, cases, ("student", "rng"))
        title = f"{check.title} {OTHER_CASES}"
        other = replace(check, id=id or f"{check.id}_again", title=title, weight=points, hidden=hidden, cases=cases)
        return self._add(other, check.function)

    def forward(
        self,
        right: Reference,
        inputs: Inputs,
        *,
        id: str = "agrees_with_torch",
        title: str = "agrees with torch",
        points: float = 1.0,
        hidden: bool = False,
        robust: bool = False,
        may_change: Sequence[str] = (),
        **grid: Sequence[Any],
    ) -> None:
        """Expect the function to agree with a reference. The first one also expects it to leave its arguments alone.

        Args:
            right: the reference, with the function's own signature.
            inputs: ``inputs(rng, **case)`` returns the arguments.
            id: needed where a question has several of these.
            title: the promise.
            points: the weight of the values.
            hidden: kept from students.
            robust: counts for the robustness share.
            may_change: parameters that the function is there to change, e.g. ``["bn_param"]``.
            grid: parameters of ``inputs`` with their values; for the arguments, every value once is enough.
        """
        agreement = Forward(self.name, self._crossing(), right, inputs, may_change)
        cases = self._cases(inputs, grid)
        first = not self.checks
        title = f"{title} {OTHER_CASES}" if hidden and not first else title
        self._add(Check(id, title, agreement.values, points, hidden, robust, (), cases), inputs)
        if first:
            promise = "leaves its arguments as they were"
            some = covering(grid)
            self._add(Check("leaves_arguments", promise, agreement.arguments, 1.0, hidden, True, (), some), inputs)

    def backward(
        self,
        right: Reference,
        inputs: Inputs,
        *,
        of: str,
        id: str = "agrees_with_torch",
        title: str = "agrees with torch's gradient",
        points: float = 1.0,
        hidden: bool = False,
        robust: bool = False,
        wrt: Sequence[int] | None = None,
        loose_shapes: bool = False,
        **grid: Sequence[Any],
    ) -> None:
        """Expect the function to be the gradient of a reference, given the cache of the student's forward pass ``of``.

        The first of a question makes three checks: the values against torch; consistency with the student's own
        forward pass, for a quarter of the points; and a contract (arguments unchanged, a second call the same, an
        earlier cache still good), on cases that have every value of the grid.
        """
        agreement = Backward(self.name, self._crossing(), right, inputs, of, wrt, loose_shapes)
        cases = self._cases(inputs, grid)
        first = not self.checks
        title = f"{title} {OTHER_CASES}" if hidden and not first else title
        self._add(Check(id, title, agreement.values, points, hidden, robust, (), cases), inputs)
        if first:
            promise = f"is the derivative of your own {of}"
            share = points / 3
            follow = Check("derivative_of_own_forward", promise, agreement.consistent, share, hidden, cases=cases[:1])
            self._add(follow, inputs)
            promise = "can be called again: dout and its cache stay as they were"
            some = covering(grid)
            self._add(Check("can_be_repeated", promise, agreement.contract, 1.0, hidden, True, (), some), inputs)

    def _add(self, check: Check, function: Callable[..., Any]) -> Check:
        if not isinstance(check.hidden, bool) or not isinstance(check.robust, bool):
            raise self._error("hidden and robust are True or False, no parameters of a grid", function)
        if any(other.id == check.id for other in self.checks):
            raise self._error(f"has two checks called {check.id}", function)
        self.checks.append(check)
        return check

    def _crossing(self) -> list[str]:
        return [result.name for result in self._results() if result.kind != "kept"]

    def _results(self) -> tuple[Result, ...]:
        if self.returns is None:
            raise AssignmentError(f"question {self.name}: say what it returns, e.g. returns='out cache:kept'")
        return parse_results(self.returns)

    def _cases(self, inputs: Inputs, grid: Mapping[str, Sequence[Any]]) -> tuple[Case, ...]:
        cases = combinations(grid)
        self._fits(inputs, cases, ("rng",))
        return cases

    def _fits(self, function: Callable[..., Any], cases: Sequence[Case], given: Sequence[str]) -> None:
        signature = inspect.signature(function)
        for case in cases:
            try:
                signature.bind(*given, **case)
            except TypeError as error:
                raise self._error(f"{function.__name__}{signature}: {error}", function) from error

    def _error(self, message: str, function: Callable[..., Any]) -> AssignmentError:
        code = getattr(inspect.unwrap(function), "__code__", None)
        place = f" ({code.co_filename} line {code.co_firstlineno})" if code is not None else ""
        return AssignmentError(f"question {self.name}: {message}{place}")


def combinations(grid: Mapping[str, Sequence[Any]]) -> tuple[Case, ...]:
    """Return every combination of the values in a grid; an empty grid has one, the empty case."""
    return tuple(dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))


def covering(grid: Mapping[str, Sequence[Any]]) -> tuple[Case, ...]:
    """Return as few cases as have every value in a grid.

    They do for promises that hang on a value, but not on what it is combined with, and that take many calls to see.
    """
    lengths = [len(values) for values in grid.values()]
    count = max(lengths, default=1) if all(lengths) else 0
    return tuple({name: values[place % len(values)] for name, values in grid.items()} for place in range(count))
