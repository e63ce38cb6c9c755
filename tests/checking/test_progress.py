from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking.progress import states

SOURCE = '''
"""NotImplementedError is only a word here."""
import numpy as np
from helpers import imported
from helpers import other as renamed

def stub(x):
    """Raise NotImplementedError."""
    raise NotImplementedError

def stub_with_words(x):
    out = None
    raise NotImplementedError("write this")
    return out

def half(x):
    if x:
        return 1
    for _ in x:
        raise NotImplementedError()

def written(x):
    def inner():
        raise NotImplementedError
    return "raise NotImplementedError"

def empty(x):
    pass

async def waits(x):
    raise NotImplementedError

assigned = np.maximum
typed: object = len

def twice(x):
    raise NotImplementedError

def twice(x):
    return x

class Untouched:
    def __init__(self):
        raise NotImplementedError
    def loss(self, X):
        raise NotImplementedError

class Begun:
    def __init__(self):
        self.params = {}
    def loss(self, X):
        raise NotImplementedError

class Whole:
    def loss(self, X):
        return 0

class NoMethods:
    pass

if True:
    try:
        def nested(x):
            return "\\d"
    except ImportError:
        pass
'''


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("stub", "not started"),
        ("stub_with_words", "not started"),
        ("half", "not started"),
        ("written", "started"),
        ("empty", "started"),
        ("waits", "not started"),
        ("assigned", "started"),
        ("typed", "started"),
        ("imported", "started"),
        ("renamed", "started"),
        ("other", "missing"),
        ("inner", "missing"),
        ("twice", "started"),
        ("Untouched", "not started"),
        ("Begun", "started"),
        ("Whole", "started"),
        ("NoMethods", "started"),
        ("nested", "started"),
        ("nowhere", "missing"),
    ],
)
def test_state(tmp_path: Path, name: str, state: str) -> None:
    path = tmp_path / "layers.py"
    path.write_text(SOURCE)
    assert states(path, [name]) == {name: state}


@pytest.mark.parametrize(
    ("data", "state"),
    [
        (b"def f(:\n", "cannot be read (line 1)"),
        (b"x = 1\n\tdef f(): pass\n", "cannot be read (line 2)"),
        (b"x = '\0'\n", "cannot be read"),
        (b"# coding: nonsense\n", "cannot be read"),
        (b"\xff\xfe\x00", "cannot be read"),
        (b"f = " + b"(" * 5000 + b")" * 5000, "cannot be read"),
        (b"", "missing"),
    ],
)
def test_files_that_cannot_be_parsed(tmp_path: Path, data: bytes, state: str) -> None:
    path = tmp_path / "layers.py"
    path.write_bytes(data)
    found = states(path, ["f"])["f"]
    assert found.startswith(state)


def test_no_file() -> None:
    assert states(None, ["f", "g"]) == {"f": "missing file", "g": "missing file"}


def test_an_unreadable_file(tmp_path: Path) -> None:
    assert states(tmp_path, ["f"]) == {"f": "cannot be read"}
