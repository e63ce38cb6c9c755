"""The archive of a published folder, for a course's web page: the same bytes from the same files."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from grader.authoring.folder import MANIFEST, PublishedFolder
from grader.errors import InputError
from grader.files import write_atomically

__all__ = ["pack"]

_THEN = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16


def pack(target: Path, archive: Path) -> int:
    """Put a published folder's files into a zip archive, in a folder of its name, and return how many they are.

    Args:
        target: the published folder.
        archive: the file to write; one that is there is replaced.

    Raises:
        InputError: the folder is no published one, a file in it is missing or was edited (it would be handed out), or
            the archive cannot be written.
    """
    folder = PublishedFolder(target)
    if not folder.digests:
        raise InputError(f"{target} was not published: run grader publish first")
    files: dict[str, bytes] = {}
    for name in sorted(folder.digests):
        data = folder.read_published(name)
        if data is None:
            raise InputError(
                f"{target / name} is missing or was edited by hand: restore it, or remove it and publish again"
            )
        files[name] = data
    manifest = folder.read(MANIFEST)
    if manifest is not None:
        files[MANIFEST] = manifest
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{target.resolve().name}/{name}", _THEN)
            entry.create_system, entry.external_attr, entry.compress_type = 3, _MODE, zipfile.ZIP_DEFLATED
            zipped.writestr(entry, files[name])
    try:
        write_atomically(archive, buffer.getvalue())
    except OSError as error:
        raise InputError(f"{archive} cannot be written: {error.strerror}") from error
    return len(files)
