"""Reference answers that were worked out before, found by a digest of what was asked.

A record never has to be trusted about what it belongs to: its name *is* the digest of the reference's name and
version and of every bit of its inputs, so an answer to another question cannot be found. Answers come, in this
order, from the assignment's published records, from this user's cache, and from torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import numpy as np

from grader.files import replacing

__all__ = ["MOST_ANSWERS", "Answers", "answer_to", "read_answers", "together", "uses", "write_answers"]

MOST_ANSWERS = 500  # of a question's that are kept, with those from earlier runs
Answer = Any  # an array, or a tuple or dict of arrays
_current: ContextVar[Answers | None] = ContextVar("answers", default=None)


class Answers:
    """The recorded answers of one question: those in files, and those that are ``known`` already.

    ``asked`` maps the digests that were asked for, while :meth:`in_use`, to their answers; ``uses`` counts the asking.
    """

    def __init__(
        self, records: Path | None = None, cache: Path | None = None, known: Mapping[str, Answer] | None = None
    ) -> None:
        self._unread = [path for path in (records, cache) if path is not None]
        self._cache = cache
        self._known: list[Mapping[str, Answer]] = [known or {}]
        self._new = False
        self.uses = 0
        self.asked: dict[str, Answer] = {}

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Let references look here first, for the length of a ``with`` block."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    def find(self, digest: str, work_out: Callable[[], Answer]) -> Answer:
        """Return the answer with this digest, worked out now if there is no record of it."""
        self.uses += 1
        if digest in self.asked:
            return _copied(self.asked[digest])
        answer = self._recorded(digest)
        if answer is None:
            answer = work_out()
            self._new = True
        self.asked[digest] = answer
        return _copied(answer)

    def _recorded(self, digest: str) -> Answer | None:
        for known in self._known:
            if digest in known:
                return known[digest]
        while self._unread:  # a file is only read for what is not known without
            self._known.append(read_answers(self._unread.pop(0)))
            if digest in self._known[-1]:
                return self._known[-1][digest]
        return None

    def save(self) -> None:
        """Write what was asked to the cache, if anything was new. A cache that cannot be written is no matter."""
        if self._cache is None or not self._new:
            return
        try:
            write_answers(self._cache, together(read_answers(self._cache), self.asked))
        except OSError:
            return
        self._new = False


def together(before: Mapping[str, Answer], asked: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Return what was asked for and, while there is room, what is known from before, which may be wanted again."""
    both = {**before, **asked}
    return both if len(both) <= MOST_ANSWERS else asked


def uses() -> int:
    """Return how often recorded answers were asked for, of those that are in use."""
    current = _current.get()
    return 0 if current is None else current.uses


def answer_to(digest: str, work_out: Callable[[], Answer]) -> Answer:
    """Return a recorded answer if records are in use and have it, else work it out."""
    current = _current.get()
    return work_out() if current is None else current.find(digest, work_out)


def _copied(answer: Answer) -> Answer:
    """Return an answer that a check may write into."""
    if isinstance(answer, tuple):
        return tuple(map(_copied, answer))
    if isinstance(answer, dict):
        return {name: _copied(value) for name, value in answer.items()}
    return np.array(answer)


def read_answers(path: Path) -> dict[str, Answer]:
    """Return the answers in a file; a file that is missing or damaged holds none.

    Members are named DIGEST, or DIGEST-t0, DIGEST-t1 … for a tuple, or DIGEST-d-W1 … for a dict, or DIGEST-t0-d-W1 …
    for a dict in a tuple.
    """
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            members = {name: file[name] for name in file.files}
        tree: dict[int | str, Any] = {}
        for name, value in members.items():
            *above, last = _place(name)
            node = tree
            for key in above:
                node = node.setdefault(key, {})
            node[last] = value
        return {str(digest): _built(node) for digest, node in tree.items()}
    except Exception:  # damage shows in many ways; whatever is not there is worked out again
        return {}


def _place(name: str) -> list[int | str]:
    """Return where in a tree of answers a member belongs: its digest, indices of tuples, a key of a dict."""
    digest, _, rest = name.partition("-")
    place: list[int | str] = [digest]
    while rest.startswith("t"):
        index, _, rest = rest.partition("-")
        place.append(int(index[1:]))
    return [*place, rest[2:]] if rest.startswith("d-") else place


def _built(node: Any) -> Answer:
    if not isinstance(node, dict):
        return node
    if 0 in node:
        return tuple(_built(node[index]) for index in range(len(node)))
    return {key: _built(item) for key, item in node.items()}


def _members(name: str, answer: Answer) -> Iterator[tuple[str, Answer]]:
    if isinstance(answer, tuple):
        for index, value in enumerate(answer):
            yield from _members(f"{name}-t{index}", value)
    elif isinstance(answer, dict):
        yield from ((f"{name}-d-{key}", value) for key, value in answer.items())
    else:
        yield name, answer


def write_answers(path: Path, answers: Mapping[str, Answer]) -> None:
    """Write answers to a file, which is there either as it was or complete."""
    arrays = {name: value for digest in sorted(answers) for name, value in _members(digest, answers[digest])}
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        np.savez(file, **arrays)
