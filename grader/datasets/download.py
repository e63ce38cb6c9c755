"""A download that goes on where it was broken off, and is not there before it is whole and right.

What has come so far is in ``NAME.part``. After a process was killed or a line went dead, the next try asks for the
rest; from a server that sends everything again, what is here already is passed over. The file gets its name once its
length and its digest are those of the description; one that has others is removed. Two processes at a time would spoil
each other's part: whoever calls this sees to it that there is one, see ``lock.py``.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import io
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from grader.datasets.description import Source
from grader.errors import InputError

__all__ = ["UnreachableError", "download", "is_right"]

_CHUNK = 1 << 17
_SECONDS = 30.0  # without a byte
_TRIES = 50  # of one server, each with some bytes more than the one before
_RANGE = re.compile(r"bytes (\d+)-")


class UnreachableError(InputError):
    """None of the addresses gave the file."""


class _NoFileError(Exception):
    """A server does not have what was asked for."""


def download(source: Source, folder: Path, on_progress: Callable[[int], None], timeout: float = _SECONDS) -> Path:
    """Return the path of a file in a folder, after downloading what is missing of it.

    Args:
        source: what to download.
        folder: where it goes. A file that lies there already is taken if it is the right one, and removed if not.
        on_progress: told how many bytes there are, every now and then.
        timeout: seconds to wait for a server that says nothing.

    Raises:
        UnreachableError: no address has it, or what came was damaged; the message says what happened at each.
        InputError: the disk is full, or the folder cannot be written.
    """
    target, part = folder / source.name, folder / f"{source.name}.part"
    problems: list[str] = []
    if target.exists():
        if is_right(target, source):
            return target
        target.unlink()
        problems.append(f"{target} was not the published file, and was removed")
    for url in source.mirrors:
        problem = _from(url, source, part, on_progress, timeout)
        if problem is None:
            os.replace(part, target)
            return target
        problems.append(f"{_host(url)}: {problem}")
    raise UnreachableError("; ".join(problems) or "no address is known")


def is_right(path: Path, source: Source) -> bool:
    """Whether a file has the length and the digest of what was published."""
    if path.stat().st_size != source.bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == source.sha256


def _from(url: str, source: Source, part: Path, on_progress: Callable[[int], None], timeout: float) -> str | None:
    """Take what is missing from one server; return what went wrong, or None if the file is whole and right."""
    for _ in range(_TRIES):
        before = _size(part)
        problem = "the connection ended early"
        if before < source.bytes:
            try:
                _append(url, source, part, on_progress, timeout)
            except (_NoFileError, http.client.HTTPException) as error:
                problem = str(error) or type(error).__name__
            except urllib.error.URLError as error:
                problem = _reason(error)
            except OSError as error:
                problem = error.strerror or type(error).__name__
        after = _size(part)
        if after >= source.bytes:
            if is_right(part, source):
                return None
            part.unlink()
            return "what came is not the published file (its SHA-256 differs), and was removed"
        if after <= before:
            return problem
    return "the connection ended again and again"


def _append(url: str, source: Source, part: Path, on_progress: Callable[[int], None], timeout: float) -> None:
    have = _size(part)
    headers = {"User-Agent": "grader", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=timeout) as answer:
        skip = have - _start(answer, have)
        on_progress(have)
        with _opened(part) as file:
            while have <= source.bytes and (data := answer.read(_CHUNK)):
                new = data[skip:]
                skip = max(skip - len(data), 0)
                _write(file, new, part)
                have += len(new)
                on_progress(min(have, source.bytes))


def _start(answer: http.client.HTTPResponse, asked: int) -> int:
    """Return the number of the first byte of an answer: the one asked for, or 0 where the server sends everything."""
    if answer.status != http.client.PARTIAL_CONTENT:
        return 0
    found = _RANGE.match(answer.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != asked:
        raise _NoFileError("the server answered with another part than the one asked for")
    return asked


def _opened(part: Path) -> io.FileIO:
    try:
        return io.FileIO(part, "ab")  # without a buffer, which would be lost with the process
    except OSError as error:
        raise InputError(f"{part} cannot be written ({error.strerror}): give another folder with --to") from error


def _write(file: io.FileIO, data: bytes, part: Path) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) or 0 :]
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise InputError(
                f"there is no room left for {part}: make some and run this again, and it goes on from here"
            ) from error
        raise InputError(f"{part} cannot be written ({error.strerror}): give another folder with --to") from error


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(url: str) -> str:
    return url.split("/")[2]


def _reason(error: urllib.error.URLError) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{error.code} {error.reason}"
    reason = error.reason
    return (reason.strerror or str(reason)) if isinstance(reason, OSError) else str(reason)
