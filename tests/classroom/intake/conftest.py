"""Folders and archives as students hand them in, made of a few lines."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.classroom.intake.archives import archive_members
from grader.classroom.intake.limits import USUAL, Intake, Meter
from grader.classroom.intake.members import Member
from grader.classroom.intake.parcel import Parcel
from grader.classroom.intake.taking import take

CODE = b"def f(x):\n    return x\n"


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes], packing: str = "gz", more: list[tarfile.TarInfo] | None = None) -> bytes:
    """Return a tar; ``more`` are members without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more or []:
            archive.addfile(info)
    return buffer.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    """Return a tar's member that is no file."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def members(data: bytes, limits: Intake = USUAL) -> Iterator[Member]:
    """Return an archive's members."""
    return archive_members(io.BytesIO(data), "hw.zip", Meter(limits))


def taken(data: bytes, limits: Intake = USUAL) -> Parcel:
    """Return what is taken of an archive."""
    return take(members(data, limits), limits)
