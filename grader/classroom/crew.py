"""Who grades: processes on this machine, or on those of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Protocol

from grader.classroom.examiner import Graded, Task, examiner
from grader.classroom.terms import Terms
from grader.errors import InputError
from grader.processes.pool import Done, Pool

__all__ = ["Crew", "cluster_crew", "local_crew"]


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


def cluster_crew(terms: Terms, address: str, most: int | None, tell: Callable[[str], None]) -> Crew:
    """Return a crew on a cluster; see :class:`grader.classroom.cluster.Cluster`.

    Raises:
        InputError: what it needs is not installed, or student code could reach the scheduler.
    """
    if terms.tier == "process":
        raise InputError(
            "--isolation process leaves student code a network, and who reaches a scheduler commands all its workers:"
            " leave out the one or the other"
        )
    try:
        from grader.classroom.cluster import Cluster  # which takes a second to import
    except ModuleNotFoundError as error:
        raise InputError(
            f"--scheduler needs {error.name}, which is not installed: pip install 'grader[dask]'"
        ) from error
    return Cluster(terms, address, most, tell)
