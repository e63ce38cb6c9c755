"""Whether there is CUDA: what rules it out without torch, what a worker says, and what an option wants."""

from __future__ import annotations

import importlib.machinery
import subprocess
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader.checking import devices
from grader.checking.devices import Cuda, find_cuda, has_torch, hidden_cuda, may_use_cuda, no_cuda
from grader.errors import InputError


def nobody() -> NoReturn:
    pytest.fail("a worker was asked")


@pytest.fixture
def torch_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put up a torch of which only the version can be read; return that file."""
    folder = tmp_path / "torch"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise ImportError('nobody should import this')\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    importlib.machinery.PathFinder.invalidate_caches()
    return folder / "version.py"


def test_without_torch_there_is_no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices.importlib.util, "find_spec", lambda name: None)
    assert not has_torch()
    assert no_cuda() == "torch is not installed"


def test_a_torch_that_cannot_be_found_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> NoReturn:
        raise ValueError(f"{name}.__spec__ is None")

    monkeypatch.setattr(devices.importlib.util, "find_spec", broken)
    assert not has_torch()
    assert no_cuda() == "torch is not installed"


@pytest.mark.parametrize("line", ["cuda: Optional[str] = None", "cuda = None"])
def test_a_torch_that_was_built_without_cuda_is_known_from_its_file(torch_there: Path, line: str) -> None:
    torch_there.write_text(f"__version__ = '2'\n{line}\nhip: Optional[str] = None\n")
    assert has_torch()
    assert no_cuda() == "torch is built without it"
    assert find_cuda("auto", nobody) == Cuda(why="there is no CUDA here: torch is built without it")


@pytest.mark.parametrize("text", ["cuda: Optional[str] = '12.8'\n", "cuda = '13.0'\n", "nothing that is known\n", None])
def test_with_such_a_torch_the_driver_decides(
    torch_there: Path, text: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        torch_there.write_text(text)
    monkeypatch.setattr(devices, "_DRIVERS", {sys.platform: "no-such-library-anywhere.so"})
    assert no_cuda() == "there is no NVIDIA driver"
    monkeypatch.setattr(devices, "_DRIVERS", {})
    assert no_cuda() == f"there is none for {sys.platform}"


def test_looking_neither_imports_torch_nor_starts_cuda() -> None:
    code = "import sys; from grader.checking.devices import no_cuda; no_cuda(); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- with a driver, a worker is asked: the answers here are made up, the GPU's own are in tests/gpu -------------------


@pytest.fixture
def perhaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "no_cuda", lambda: "")


@pytest.mark.usefixtures("perhaps")
@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_the_worker_names_the_device(wanted: str) -> None:
    found = find_cuda(wanted, lambda: {"device": "cuda:1", "name": "A\nCard", "why": ""})
    assert found == Cuda("cuda:1", "A Card")


@pytest.mark.usefixtures("perhaps")
@pytest.mark.parametrize("answer", [{"device": None, "why": "it sleeps"}, {"device": 3, "why": "it sleeps"}])
def test_the_worker_may_find_none(answer: dict[str, Any]) -> None:
    assert find_cuda("auto", lambda: answer) == Cuda(why="there is no CUDA here: it sleeps")
    with pytest.raises(InputError, match=r"^--device cuda: there is no CUDA here \(it sleeps\): use --device auto or"):
        find_cuda("cuda", lambda: answer)


@pytest.mark.usefixtures("perhaps")
def test_whoever_wants_the_cpu_is_not_kept_waiting() -> None:
    assert find_cuda("cpu", nobody) == Cuda(why="--device cpu was asked for")


@pytest.mark.parametrize(
    ("wanted", "why", "may"), [("auto", "", True), ("cpu", "", False), ("cuda", "a toaster", False)]
)
def test_a_run_may_use_cuda_where_nothing_speaks_against_it(
    monkeypatch: pytest.MonkeyPatch, wanted: str, why: str, may: bool
) -> None:
    monkeypatch.setattr(devices, "no_cuda", lambda: why)
    assert may_use_cuda(wanted) is may


def test_a_tier_that_hides_the_gpu_is_named() -> None:
    assert hidden_cuda("auto", "full") == Cuda(
        why="isolation full hides the GPU: run with --isolation process to compare with it"
    )
    with pytest.raises(InputError, match=r"^--device cuda: isolation lite hides the GPU"):
        hidden_cuda("cuda", "lite")
