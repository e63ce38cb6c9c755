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
from dataclasses import dataclass, field
from typing import Any

from grader.checking import expect, numeric
from grader.checking.random import Random
from grader.checking.reference import Reference
from grader.errors import AssignmentError, WrongAnswerError
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

__all__ = ["Check", "Question"]

Case = Mapping[str, Any]
Inputs = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True)
class Check:
    """One promise about a function, tried on every case of a grid.

    ``weight`` is its part of the question's points (of the robustness share, if ``robust``). ``needs`` names what it
    cannot do without.
    """

    id: str
    title: str
    function: Callable[..., None]
    weight: float = 1.0
    hidden: bool = False
    robust: bool = False
    needs: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ({},)

    def __call__(self, student: Student, rng: Random, **case: Any) -> None:
        """Run the check on one case."""
        self.function(student, rng, **case)


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
        also: further functions that the checks call and that no question is about, as ``{name: (file, returns)}``.
    """

    name: str
    file: str
    points: float
    returns: str | None = None
    depends: Sequence[str] = ()
    title: str = ""
    also: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list, init=False)

    def callees(self) -> dict[str, tuple[str, Callee]]:
        """Return the functions this question declares: name, file, and results."""
        declared = {self.name: (self.file, self.returns), **self.also}
        try:
            return {
                name: (file, Callee(name, "", parse_results(returns) if returns is not None else None))
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
        **grid: Sequence[Any],
    ) -> Callable[[Callable[..., None]], Check]:
        """Make a check of a function ``(student, rng, **case)``. Its docstring is what it promises.

        Args:
            points: its weight among the question's checks.
            hidden: kept from students; runs in grading only.
            robust: counts for the robustness share instead.
            needs: e.g. ``["cuda"]``; where that is missing, the check is skipped.
            cases: the cases themselves, instead of a grid.
            grid: parameter names with their values; every combination is a case.
        """

        def add(function: Callable[..., None]) -> Check:
            title = inspect.cleandoc(function.__doc__ or "").partition("\n")[0].strip()
            if not title:
                raise self._error(f"{function.__name__} has no docstring to say what it promises", function)
            if cases is not None and grid:
                raise self._error(f"{function.__name__} has both cases and a grid", function)
            all_cases = tuple(cases) if cases is not None else tuple(_combinations(grid))
            self._fits(function, all_cases)
            check = Check(function.__name__, title, function, points, hidden, robust, tuple(needs), all_cases)
            self.add(check, function)
            return check

        return add

    def add(self, check: Check, function: Callable[..., Any] | None = None) -> None:
        """Add a check that was made elsewhere."""
        if any(other.id == check.id for other in self.checks):
            raise self._error(f"has two checks called {check.id}", function or check.function)
        self.checks.append(check)

    def forward(
        self,
        right: Reference,
        inputs: Inputs,
        *,
        points: float = 1.0,
        title: str = "agrees with torch",
        hidden: bool = False,
        id: str = "",
        **grid: Sequence[Any],
    ) -> None:
        """Expect the function to agree with a reference, and to leave its arguments alone.

        Args:
            right: the reference, with the function's own signature.
            inputs: ``inputs(rng, **case)`` returns the arguments.
            points: the weight of the values.
            title: the promise.
            hidden: kept from students.
            id: needed where a question has several of these.
            grid: parameters of ``inputs`` with their values.
        """
        names = [result.name for result in self._results() if result.kind != "kept"]

        def values(student: Student, rng: Random, **case: Any) -> None:
            args = inputs(rng, **case)
            expect.close(_answer(student, self.name, args, names), _paired(right(*args), names), names)

        def arguments(student: Student, rng: Random, **case: Any) -> None:
            getattr(student, self.name)(*inputs(rng, **case))
            expect.unchanged(student)

        self._generated(inputs, grid, hidden)(values, id or "agrees_with_torch", title, points)
        if not hidden and not id:
            first = {name: values[:1] for name, values in grid.items()}
            self._generated(inputs, first, hidden)(
                arguments, "leaves_inputs", "leaves its arguments as they were", 1.0, True
            )

    def backward(
        self,
        right: Reference,
        inputs: Inputs,
        *,
        of: str,
        points: float = 1.0,
        title: str = "agrees with torch's gradient",
        hidden: bool = False,
        id: str = "",
        numeric_points: float = 0.5,
        wrt: Sequence[int] | None = None,
        **grid: Sequence[Any],
    ) -> None:
        """Expect the function to be the gradient of a reference, given the cache of the student's forward pass ``of``.

        Makes up to three checks: the values against torch; consistency with the student's own forward pass (the
        follow-through share: a backward pass that is right for a wrong forward pass earns it, and so does one that
        agrees with torch); and a contract (arguments unchanged, a second call the same, an earlier cache still good).
        """
        names = [result.name for result in self._results()]

        def ask(student: Student, rng: Random, case: Mapping[str, Any]) -> tuple[Any, ...]:
            args = inputs(rng, **case)
            want = right(*args)
            dout = rng.normal(size=(want[0] if isinstance(want, tuple) else want).shape)
            out, cache = getattr(student, of)(*args)
            return args, dout, out, cache

        def values(student: Student, rng: Random, **case: Any) -> None:
            args, dout, _, cache = ask(student, rng, case)
            want = right.gradient(dout, *args, wrt=wrt)
            expect.close(_answer(student, self.name, (dout, cache), names), _paired(want, names), names)

        def consistent(student: Student, rng: Random, **case: Any) -> None:
            args, dout, out, cache = ask(student, rng, case)
            got = _as_tuple(_answer(student, self.name, (dout, cache), names))
            want = right.gradient(dout, *args, wrt=wrt)
            try:
                expect.close(got, want, names)
            except WrongAnswerError:
                expect.shape(out, dout.shape, "out")
                chosen = list(wrt) if wrt is not None else list(range(len(names)))

                def forward(*moved: Any) -> Any:
                    full = list(args)
                    for position, value in zip(chosen, moved, strict=True):
                        full[position] = value
                    return getattr(student, of)(*full)[0]

                numeric.derivative(forward, [args[i] for i in chosen], got, dout, rng, names)

        def contract(student: Student, rng: Random, **case: Any) -> None:
            _, dout, _, cache = ask(student, rng, case)
            first = _as_tuple(_answer(student, self.name, (dout, cache), names))
            expect.unchanged(student)
            ask(student, rng, case)  # another forward pass must not disturb the cache of the first
            second = _as_tuple(_answer(student, self.name, (dout, cache), names))
            for one, other, name in zip(first, second, names, strict=True):
                try:
                    expect.close(other, one, name)
                except WrongAnswerError as error:
                    raise WrongAnswerError(
                        f"called again with the same dout and cache, {self.name} gives another {name}:"
                        " does it write into its cache, or read something that another forward pass changed?",
                        error.details,
                    ) from error

        self._generated(inputs, grid, hidden)(values, id or "agrees_with_torch", title, points)
        if not hidden and not id:
            first = {name: values[:1] for name, values in grid.items()}
            add = self._generated(inputs, first, hidden)
            add(consistent, "derivative_of_own_forward", f"is the derivative of your {of}", numeric_points)
            add(contract, "can_be_repeated", "leaves dout and its cache as they were", 1.0, True)

    def _generated(self, inputs: Inputs, grid: Mapping[str, Sequence[Any]], hidden: bool) -> Callable[..., None]:
        cases = tuple(_combinations(grid))
        self._fits(inputs, cases, given=("rng",))

        def add(function: Callable[..., None], id: str, title: str, points: float, robust: bool = False) -> None:
            self.add(Check(id, title, function, points, hidden, robust, (), cases), inputs)

        return add

    def _results(self) -> Sequence[Any]:
        if self.returns is None:
            raise AssignmentError(f"question {self.name}: say what it returns, e.g. returns='out cache:kept'")
        return parse_results(self.returns)

    def _fits(
        self, function: Callable[..., Any], cases: Sequence[Case], given: Sequence[str] = ("student", "rng")
    ) -> None:
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


def _combinations(grid: Mapping[str, Sequence[Any]]) -> list[Case]:
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _answer(student: Student, name: str, args: tuple[Any, ...], names: Sequence[str]) -> Any:
    """Call a function and return what it gave back, without the kept values: one value, or a tuple."""
    value = getattr(student, name)(*args)
    if not isinstance(value, tuple):
        return value
    crossed = value[: len(names)]
    return crossed[0] if len(names) == 1 else crossed


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _paired(want: Any, names: Sequence[str]) -> Any:
    """Return a reference's value in the form of the answer: a single value is no tuple of one."""
    return want[0] if isinstance(want, tuple) and len(names) == 1 else want
