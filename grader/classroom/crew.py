"""Who grades: processes on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol

from grader.classroom.examiner import Graded, Task, examiner
from grader.classroom.terms import Terms
from grader.processes.pool import Done, Pool

__all__ = ["Crew", "local_crew"]


class Crew(Protocol):
    """Grades submissions, several at once. Use it in a ``with`` block."""

    def __enter__(self) -> Crew:
        """Get ready."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up what is being graded."""

    def run(self, jobs: Iterable[Task], /) -> Iterator[Done[Task, Graded]]:
        """Grade, and yield what comes of each task as soon as it is known. Tasks are asked for one by one.

        Raises:
            GraderError: nothing can be graded.
        """


def local_crew(terms: Terms, count: int) -> Crew:
    """Return a crew of processes on this machine."""
    pool: Pool[Task, Graded] = Pool(examiner, (terms,), count)
    return pool
