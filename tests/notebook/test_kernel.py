"""In a real kernel: what a notebook keeps, the button that interrupts, and a kernel that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from nbclient import NotebookClient
from processes.observed import children, ended

from .conftest import HALF, RIGHT, STUBS, make_course

PATIENCE = 60.0


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    return make_course(tmp_path / "small")


@pytest.fixture
def kernel(course: Path) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(course))
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def outputs(client: BlockingKernelClient, identity: str) -> Iterator[dict[str, Any]]:
    """What a cell shows, until it is done."""
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != identity:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return
        yield {"type": message["msg_type"], **message["content"]}


def run(client: BlockingKernelClient, code: str) -> list[dict[str, Any]]:
    return list(outputs(client, client.execute(code)))


def test_a_notebook_keeps_the_result_and_nothing_of_the_progress(course: Path) -> None:
    (course / "layers.py").write_text(HALF)
    cells = ["%load_ext grader", "%check double triple", "from pathlib import Path\nlayers = Path('layers.py')"]
    cells += [f"_ = layers.write_text({RIGHT!r})", "%check triple", "import grader\ngrader.check('double')", "%check"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(course)}}).execute()
    _, first, _, _, second, third, listing = (cell.outputs for cell in notebook.cells)
    texts = [output["data"]["text/plain"] for output in (*first, *second, *third, *listing)]
    assert len(texts) == 4
    assert "checking" not in "".join(texts)
    assert "out[" in texts[0]
    assert "should be" in texts[0]
    assert "should be" in first[0]["data"]["text/html"]
    assert first[0]["data"]["text/html"].startswith("<div")
    assert "It passes." in texts[1]
    assert "It passes." in texts[2]
    assert "<table>" in listing[0]["data"]["text/html"]


def test_an_interrupted_check_says_so_and_a_killed_kernel_leaves_no_process(
    course: Path, kernel: tuple[KernelManager, BlockingKernelClient]
) -> None:
    manager, client = kernel
    (course / "layers.py").write_text(STUBS.replace("raise NotImplementedError", "while True: pass"))
    run(client, "%load_ext grader")
    shown = []
    for output in outputs(client, client.execute("%check double")):
        if "checking double" in output.get("data", {}).get("text/plain", ""):
            manager.interrupt_kernel()
        shown.append(output)
    *_, result, error = shown
    assert "Interrupted: 1 of 1 questions were not run." in result["data"]["text/plain"]
    assert error["traceback"] == ["grader: interrupted"]

    (course / "layers.py").write_text(RIGHT)
    assert "It passes." in run(client, "%check double")[-1]["data"]["text/plain"]

    below = children(manager.provisioner.pid)
    assert below
    manager.provisioner.process.kill()
    assert all(ended(process) for process in below)
