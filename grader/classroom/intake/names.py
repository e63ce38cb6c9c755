"""Names of files that somebody else chose: which are safe, which tell that a file is no part of the work."""

from __future__ import annotations

import re
import unicodedata

from grader.sandbox.text import one_line

__all__ = ["ARCHIVES", "FOREIGN", "archive_stem", "folded", "is_noise", "is_python", "printable", "safe_parts", "shown"]

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
FOREIGN = (".7z", ".rar", ".tar.zst", ".tar.lz", ".tar.z")  # archives that no reader here can read

_PART_BYTES = 200  # file systems allow 255
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # and what turns the writing round
_DRIVE = re.compile("[A-Za-z]:")
_UNDECODED = re.compile("[\ud800-\udfff]")
_NOISE = frozenset(
    (
        *(".git", ".svn", ".hg", "__pycache__", ".ipynb_checkpoints", "__MACOSX", ".DS_Store", "Thumbs.db"),
        *("desktop.ini", "venv", ".venv", "env", "site-packages", "node_modules", ".idea", ".vscode", ".cache"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".eggs"),
    )
)


def safe_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a relative path that leads nowhere else, on any system.

    Bytes that are no text become ``_``.

    Raises:
        ValueError: it may lead elsewhere, or cannot be a name; the message says why, to follow "left out:".
    """
    if _CONTROLS.search(name):
        raise ValueError("its name has control characters")
    if name.startswith("/"):
        raise ValueError("its name begins at the root of a file system")
    parts = tuple(_UNDECODED.sub("_", part) for part in name.split("/") if part not in ("", "."))
    if not parts:
        raise ValueError("it has no name")
    if ".." in parts:
        raise ValueError("its name leads out of the submission")
    if any("\\" in part or _DRIVE.match(part) for part in parts):
        raise ValueError("its name is a path of Windows")
    if any(len(part.encode()) > _PART_BYTES for part in parts):
        raise ValueError("its name is too long")
    return parts


def is_python(name: str) -> bool:
    """Whether a file is a Python source."""
    return name[-3:].lower() == ".py"


def is_noise(part: str) -> bool:
    """Whether a file or folder of this name is never a student's work: caches, environments, histories."""
    return part in _NOISE or part.startswith("._") or part.endswith(".pyc")


def archive_stem(name: str) -> str | None:
    """Return an archive's name without its suffix, None if it is not named as an archive is."""
    lower = name.lower()
    for suffix in sorted((*ARCHIVES, *FOREIGN), key=len, reverse=True):
        if lower.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return None


def folded(name: str) -> str:
    """Return what two names have in common that some systems or people take for one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def printable(text: str, limit: int) -> str:
    """Return a text as one harmless line of characters that can be seen."""
    line = one_line(unicodedata.normalize("NFC", text), limit)
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in line)


def shown(name: str) -> str:
    """Return a name as notes and messages show it."""
    return printable(name, 100) or "a file without a name"
