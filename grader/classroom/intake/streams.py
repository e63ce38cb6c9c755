"""Files as Python's readers of archives see them: no header can make them read or unpack much at once, or go back."""

from __future__ import annotations

import io
import lzma
from typing import IO, Any

from grader.classroom.intake.limits import Meter
from grader.classroom.intake.members import CHUNK
from grader.errors import SubmissionError

__all__ = ["Capped", "Forward", "Xz"]

_HEADER_BYTES = 2**20
_XZ_MEMORY = 128 * 2**20  # `xz -9` needs 65 MB; a header may ask for 4 GB


class Capped(io.RawIOBase):
    """A file of which no more than ``limit`` bytes are read at once."""

    def __init__(self, file: IO[bytes], limit: int) -> None:
        self._file = file
        self._limit = limit

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes.

        Raises:
            SubmissionError: they are more than may be read at once.
        """
        data = self._file.read(size if 0 <= size <= self._limit else self._limit + 1)
        if len(data) > self._limit:
            raise SubmissionError("its table of contents is too long: hand in fewer files")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go elsewhere in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Return True."""
        return True


class Forward(io.RawIOBase):
    """A file that is read from the beginning on, and metered. ``last`` is what was read last.

    Going back is an error: an honest tar never needs it, and a size below zero in a header would make a circle. What is
    read of headers before the next member comes is limited: tarfile makes lists of it.
    """

    def __init__(self, file: Any, meter: Meter, seeks: bool = False) -> None:
        self._file = file
        self._meter = meter
        self._seeks = seeks
        self._place = 0
        self._header: int | None = None
        self.last = b""

    def expect_header(self) -> None:
        """Say that what is read from now on are headers."""
        self._header = _HEADER_BYTES

    def expect_data(self) -> None:
        """Say that what is read from now on is a member's content."""
        self._header = None

    def read(self, size: int = -1) -> bytes:
        """Read ``size`` bytes, fewer only at the end.

        Raises:
            SubmissionError: a header claims to be huge, or all in all too much is read.
        """
        if self._header is not None:
            self._header -= size
        if size < 0 or (self._header is not None and self._header < 0):
            raise SubmissionError("one of its headers is too long: pack it anew")
        self.last = self._take(size)
        return self.last

    def _take(self, size: int) -> bytes:
        parts = []
        while size:
            data = self._file.read(size)
            if not data:
                break
            parts.append(data)
            size -= len(data)
            self._place += len(data)
            self._meter.spend(len(data))
        return b"".join(parts)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go forward to a place.

        Raises:
            ValueError: it lies before this one.
        """
        if whence or offset < self._place:
            raise ValueError("a tar is read from the beginning on")
        if self._seeks:
            self._place = self._file.seek(offset)
        while self._place < offset and self._take(min(CHUNK, offset - self._place)):
            pass
        return self._place

    def tell(self) -> int:
        """Return the place in the file."""
        return self._place


class Xz(io.RawIOBase):
    """The content of an xz file; unlike the standard library's reader, it does not give a header all memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, at most ``size``, none at the end.

        Raises:
            EOFError: the file is cut short.
            lzma.LZMAError: it is damaged, or needs too much memory.
        """
        while not self._unpacker.eof:
            more = self._file.read(CHUNK) if self._unpacker.needs_input else b""
            if self._unpacker.needs_input and not more:
                raise EOFError("the file is cut short")
            data = self._unpacker.decompress(more, size)
            if data:
                return data
        return b""
