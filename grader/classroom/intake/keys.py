"""Keys: one for each submission of a class, the same from one download to the next."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from grader.classroom.intake.names import folded, printable

__all__ = ["KEY_LENGTH", "key_of", "unique_keys"]

KEY_LENGTH = 120


def key_of(name: str) -> str:
    """Return a name as a key: one printable line, without slashes, and short; shortened ones stay different."""
    key = printable(name, 4 * KEY_LENGTH).replace("/", "_").replace("\\", "_")
    return key if key.strip(".") and len(key) <= KEY_LENGTH else _marked(key, name, 8)


def unique_keys(wanted: Sequence[tuple[str, str]]) -> list[str]:
    """Return a key for each of some pairs of the key it would like and its origin, which is unique.

    Keys that differ in case alone, or in how letters are encoded, count as the same. All that want the same are marked
    by their origins, so that none of them can become another one's with the next download.
    """
    counts = Counter(folded(key) for key, _ in wanted)
    taken = {key for key, count in counts.items() if count == 1}
    keys = []
    for key, origin in wanted:
        if counts[folded(key)] > 1:
            marked = (_marked(key, origin, length) for length in (8, 64))
            key = next((mark for mark in marked if folded(mark) not in taken), key)
            taken.add(folded(key))
        keys.append(key)
    return keys


def _marked(key: str, origin: str, length: int) -> str:
    digest = hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()[:length]
    return f"{key[: KEY_LENGTH - length - 1]}~{digest}"
