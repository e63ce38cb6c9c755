"""The notebooks: solved ones run, published ones give nothing away, and a check turns from red to green."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grader.authoring.prose import PROMPT
from grader.checking.assignment import load_assignment

HOME = Path(__file__).parents[2]
SOLUTION, PUBLISHED = HOME / "solutions" / "assignment2", HOME / "assignments" / "assignment2"
NAMES = sorted(path.name for path in SOLUTION.glob("*.ipynb"))
CHECK = re.compile(r"^%check (.+)$", re.MULTILINE)
STUB = '    raise NotImplementedError("write affine_forward")\n'
WRONG = "    return x.reshape(len(x), -1) @ w, x\n"
RIGHT = "    rows = x.reshape(len(x), -1)\n    return rows @ w + b, (x, w)\n"


@pytest.fixture(autouse=True)
def _surroundings(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels find nothing of this user's, and leave the other processors to the other tests."""
    monkeypatch.setenv("GRADER_CACHE", str(cache))
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    for library in ("OMP", "OPENBLAS", "MKL"):
        monkeypatch.setenv(f"{library}_NUM_THREADS", "1")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """What a student gets."""
    return Path(
        shutil.copytree(PUBLISHED, tmp_path / "assignment2", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    )


@pytest.fixture
def finished(work: Path) -> Path:
    """What a student has in the end: all is written, and the published checks and records are there."""
    for path in (*SOLUTION.glob("*.py"), *SOLUTION.glob("*.ipynb")):
        shutil.copy(path, work)
    return work


def read(folder: Path, name: str) -> nbformat.NotebookNode:
    return nbformat.read(folder / name, as_version=4)


def client_for(notebook: nbformat.NotebookNode, folder: Path) -> NotebookClient:
    return NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})


def codes(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text(cell: nbformat.NotebookNode) -> str:
    """What a cell shows, as text."""
    return "".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def checks(folder: Path) -> Iterator[str]:
    for name in NAMES:
        for cell in codes(read(folder, name)):
            for found in CHECK.findall(cell.source):
                yield from found.split()


def test_there_is_one_per_topic_and_together_they_check_every_question() -> None:
    assert [name[0] for name in NAMES] == ["1", "2", "3", "4", "5"]
    assert set(checks(PUBLISHED)) == set(load_assignment(SOLUTION).order)


@pytest.mark.parametrize("name", NAMES)
def test_solved_notebooks_run(finished: Path, name: str) -> None:
    notebook = read(finished, name)
    client_for(notebook, finished).execute()
    for cell in codes(notebook):
        complaints = [output.text for output in cell.outputs if output.get("name") == "stderr"]
        assert not complaints, cell.source
        if CHECK.search(cell.source):
            assert re.search(r"It passes|All \d+ questions", text(cell)), text(cell)
        assert "<Axes" not in text(cell), f"a cell ends in axes, not in a semicolon: {cell.source}"
    pictures = [output for cell in codes(notebook) for output in cell.outputs if "image/png" in output.get("data", {})]
    assert len(pictures) >= 3
    assert all(len(output.data["image/png"]) > 2000 for output in pictures)


@pytest.mark.parametrize("name", NAMES)
def test_published_notebooks_hold_no_output_and_no_answer(name: str) -> None:
    published, solved = read(PUBLISHED, name), read(SOLUTION, name)
    nbformat.validate(published)
    for notebook in (published, solved):
        assert all(cell.outputs == [] and cell.execution_count is None for cell in codes(notebook))
        assert all(cell.metadata == {} for cell in notebook.cells)
        assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert [cell.id for cell in published.cells] == [cell.id for cell in solved.cells]
    whole = (PUBLISHED / name).read_text()
    assert "SOLUTION" not in whole
    asked = [cell for cell in published.cells if "*Your answer:*" in cell.source]
    assert len(asked) >= 3
    assert all(cell.source.endswith(f"*Your answer:*\n\n{PROMPT}") for cell in asked)


def test_what_is_not_begun_is_not_started_and_raises_nothing(work: Path) -> None:
    names = list(dict.fromkeys(checks(work)))
    cells = ["%load_ext grader", *(f"%check {name}" for name in names)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    client_for(notebook, work).execute()
    for cell in notebook.cells[1:]:
        assert "not started" in text(cell), cell.source


def test_from_red_to_green_in_the_first_notebook(work: Path) -> None:
    """A student fixes one stub and runs the cells again, in the kernel that saw the stub."""
    notebook = read(work, NAMES[0])
    numbers = {cell.id: number for number, cell in enumerate(notebook.cells)}
    client = client_for(notebook, work)
    layers = work / "layers.py"
    stub = layers.read_text()
    assert stub.count(STUB) == 1
    tick = layers.stat().st_mtime

    async def walk() -> list[str]:
        async with client.async_setup_kernel():

            async def run(name: str) -> str:
                cell = notebook.cells[numbers[f"nets-{name}"]]
                await client.async_execute_cell(cell, numbers[f"nets-{name}"])
                return text(cell)

            await run("setup")
            shown = [await run("check-affine-forward")]
            for seconds, answer in enumerate((WRONG, RIGHT), 1):
                layers.write_text(stub.replace(STUB, answer))
                os.utime(layers, (tick + seconds, tick + seconds))  # a student takes longer than a clock's tick
                shown.append(await run("check-affine-forward"))
            return [*shown, await run("affine-example")]

    started, red, green, example = asyncio.run(walk())
    assert "not started" in started
    assert "It passes" not in started
    assert "should be" in red
    assert "It passes" not in red
    assert "It passes" in green
    assert "should be" not in green
    assert "yours:   [[ 0.1 -2.8]]" in example
