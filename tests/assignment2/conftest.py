"""The assignment itself; a cache of right answers and a warm server that all tests of a process share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.sandbox.launch import Launcher
from grader.sandbox.server import warm_launcher


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Torch is imported once, not for each of a hundred submissions."""
    with warm_launcher(["torch"]) as launcher:
        yield launcher
