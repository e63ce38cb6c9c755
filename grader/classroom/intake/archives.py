"""The members of an archive, one by one: zip and tar, told apart by their content."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from functools import partial
from typing import IO, Any

from grader.classroom.intake.limits import Meter
from grader.classroom.intake.members import DAMAGED, Member
from grader.classroom.intake.names import archive_stem, shown
from grader.classroom.intake.streams import Capped, Forward, Xz
from grader.errors import SubmissionError

__all__ = ["archive_members", "is_zip", "read_name", "zip_member"]

_TABLE_BYTES = 8 * 2**20  # some 50,000 members; zipfile reads the table at once, and makes it 10 times larger
_FOREIGN = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # zipfile unpacks other methods without a limit to its memory
_ENCRYPTED, _UTF8 = 0x1, 0x800  # flags
_USTAR = (b"ustar", 257)


def archive_members(file: IO[bytes], name: str, meter: Meter) -> Iterator[Member]:
    """Yield what an archive holds; of a zip, archives within it come last.

    Args:
        file: the archive, which can be read in any order; it stays open.
        name: what it is called, for messages.
        meter: counts what is unpacked of it.

    Raises:
        SubmissionError: it is no archive, of a kind that is not read, or damaged where nothing more can be read.
    """
    name = shown(name)
    try:
        start = file.read(6)
        file.seek(0)
        for magic, kind in _FOREIGN.items():
            if start.startswith(magic):
                raise SubmissionError(f"{name} is {kind}, which is not read here: hand in a .zip or a .tar.gz")
        if is_zip(file):
            yield from _zip_members(file)
        else:
            yield from _tar_members(_plain(file, start, meter))
    except _NoTarError as error:
        raise SubmissionError(f"{name} is no zip and no tar archive: hand in a .zip or a .tar.gz") from error
    except DAMAGED as error:
        raise SubmissionError(f"{name} is damaged or cut short: hand it in again") from error


class _NoTarError(Exception):
    """Not even the first header of a tar is there."""


def is_zip(file: IO[bytes]) -> bool:
    """Whether a file is a zip, and no tar that has one in it; the file is at its beginning then.

    Raises:
        OSError: it cannot be read.
    """
    start = file.read(_USTAR[1] + len(_USTAR[0]))
    found = start.startswith(b"PK\x03\x04") or (start[_USTAR[1] :] != _USTAR[0] and zipfile.is_zipfile(file))
    file.seek(0)
    return found


def _zip_members(file: IO[bytes]) -> Iterator[Member]:
    capped: Any = Capped(file, _TABLE_BYTES)
    with zipfile.ZipFile(capped) as archive:
        found = [(read_name(info), info) for info in archive.infolist()]
        for name, info in sorted(found, key=lambda item: archive_stem(item[0]) is not None):
            yield zip_member(archive, info, name)


def read_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name as it was meant, with all that zipfile cuts off."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")  # macOS writes UTF-8 and does not say so
    return name.replace("\\", "/")  # Windows wrote these once


def zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Member:
    """Return a zip's member under a name."""
    return Member(name, _zip_kind(info), info.file_size, lambda: archive.open(info))


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if info.orig_filename.endswith(("/", "\\")) or stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISLNK(mode):
        return "a link"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a device or a pipe"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    return "file" if info.compress_type in _METHODS else "packed by another method than deflate"


def _plain(file: IO[bytes], start: bytes, meter: Meter) -> Forward:
    """Return the tar in a file."""
    if start.startswith(b"\x1f\x8b"):
        return Forward(gzip.GzipFile(fileobj=file, mode="rb"), meter)
    if start.startswith(b"BZh"):
        return Forward(bz2.BZ2File(file, "rb"), meter)
    if start.startswith(b"\xfd7zXZ\x00"):
        return Forward(Xz(file), meter)
    return Forward(file, meter, seeks=True)


def _tar_members(stream: Forward) -> Iterator[Member]:
    source: Any = stream
    stream.expect_header()
    try:
        archive: Any = tarfile.TarFile(fileobj=source, encoding="utf-8", errors="surrogateescape")
    except tarfile.ReadError as error:
        raise _NoTarError from error
    while info := archive.next():
        archive.members = []  # or it keeps them all
        yield Member(info.name, _tar_kind(info), info.size, partial(_open, archive, stream, info))
        stream.expect_header()
    if stream.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a damaged header for the end
        raise EOFError("the archive has no end")


def _open(archive: tarfile.TarFile, stream: Forward, info: tarfile.TarInfo) -> IO[bytes]:
    stream.expect_data()
    file = archive.extractfile(info)
    if file is None:
        raise EOFError("there is no such file in it")
    return file


def _tar_kind(info: tarfile.TarInfo) -> str:
    if info.isdir():
        return "folder"
    if info.isreg():
        return "file"
    return "a link" if info.issym() or info.islnk() else "a device or a pipe"
