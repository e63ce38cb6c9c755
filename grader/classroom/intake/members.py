"""A member: one file of a folder or an archive, not yet read."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

__all__ = ["CHUNK", "DAMAGED", "Member"]

CHUNK = 2**16

# What Python's readers of archives raise on bytes that are not what they should be. RuntimeError is for passwords,
# unknown methods and endless headers, the last five for fields that lie.
DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError),
    *(struct.error, ValueError, OverflowError, IndexError, KeyError),
)


@dataclass(frozen=True)
class Member:
    """Something that a folder or an archive holds, under the name that it has there, which may be any.

    ``kind`` is "file", "folder", or in words what it is instead. ``size`` is what is said of it, never relied on.
    ``open`` is good only until the next member is asked for. ``stays`` tells that the opened file is a file of the
    disk, which can be read in any order and for as long as one likes.
    """

    name: str
    kind: str
    size: int
    open: Callable[[], IO[bytes]]
    stays: bool = False
