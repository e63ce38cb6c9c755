"""Real GPU tests: ``pytest -m gpu`` on a machine with CUDA and a torch built for it. Elsewhere they are skipped."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader import reference as library
from grader.checking.assignment import load_assignment
from grader.checking.devices import no_cuda
from grader.checking.engine import run
from grader.checking.options import Options
from grader.checking.reference import computed_on
from grader.checking.report import CheckResult, Report
from grader.checking.submission import open_submission
from grader.checking.tensors import tensor
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(bool(no_cuda()), reason=f"no CUDA: {no_cuda()}")]

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = load_assignment(ROOT / "solutions" / "assignment2")
TORCH = [question.name for question in ASSIGNMENT.questions() if "torch" in question.needs]


def check_of(report: Report, question: str) -> CheckResult:
    (result,) = [one for one in report.questions if one.id == question]
    (check,) = [one for one in result.checks if one.id == "same_on_cuda"]
    return check


# --- the assignment ---------------------------------------------------------------------------------------------------


def test_the_solution_is_the_same_on_the_gpu(tmp_path: Path) -> None:
    """Every question, numpy's and torch's, by the command line."""
    command = [sys.executable, "-m", "grader", "run", "assignment2", "--submission", "solutions/assignment2"]
    report = tmp_path / "report.json"
    done = subprocess.run([*command, "--device", "cuda", "--json", str(report)], cwd=ROOT, check=False)
    assert done.returncode == 0
    found = json.loads(report.read_text())
    assert found["score"] == found["max_score"] == 100
    assert found["environment"]["device"].startswith("cuda:")
    compared = {
        question["id"]: check["status"]
        for question in found["questions"]
        for check in question["checks"]
        if check["id"] == "same_on_cuda"
    }
    assert set(compared) >= {"conv_forward_naive", "batchnorm_backward", "adam", "FullyConnectedNet", *TORCH}
    assert set(compared.values()) == {"passed"}


WRONG = {
    "comes back to the CPU": (
        "three_layer_convnet",
        "def three_layer_convnet(x, params):\n"
        "    scores = _right(x, params)\n"
        "    return scores if x.is_meta else scores.cpu()\n",
        "should be on cuda",
    ),
    "makes something on the CPU": (
        "three_layer_convnet",
        "def three_layer_convnet(x, params):\n"
        "    scores = _right(x, params)\n"
        "    return scores if x.is_meta else torch.maximum(scores, torch.full((4,), -1e9))\n",
        "device",
    ),
    "is computed with half precision there": (
        "three_layer_convnet",
        "def three_layer_convnet(x, params):\n"
        "    with torch.autocast(x.device.type, dtype=torch.float16, enabled=x.is_cuda):\n"
        "        return _right(x, params).float()\n",
        "scores",
    ),
    "ignores the device": (
        "init_three_layer_convnet",
        "def init_three_layer_convnet(*sizes, image_size=(32, 32), device='cpu'):\n"
        "    return _right(*sizes, image_size=image_size, device='meta' if device == 'meta' else 'cpu')\n",
        "should be on cuda",
    ),
    "leaves batches where they are": (
        "train",
        "def train(model, optimizer, loader, epochs):\n"
        "    model.train()\n"
        "    history = []\n"
        "    for _ in range(epochs):\n"
        "        for x, y in loader:\n"
        "            if next(model.parameters()).is_meta:\n"
        "                x, y = x.to('meta'), y.to('meta')\n"
        "            optimizer.zero_grad()\n"
        "            loss = F.cross_entropy(model(x), y)\n"
        "            loss.backward()\n"
        "            optimizer.step()\n"
        "            history.append(loss.item())\n"
        "    return history\n",
        "device",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_right_only_on_the_cpu_is_refused(name: str, tmp_path: Path) -> None:
    question, source, words = WRONG[name]
    for entry in ASSIGNMENT.files:
        shutil.copyfile(ASSIGNMENT.folder / entry.name, tmp_path / entry.name)
    with (tmp_path / "torch_nets.py").open("a") as file:
        file.write(f"\n\n_right = {question}\n\n\n{source}")
    report = run(ASSIGNMENT, open_submission(tmp_path, ASSIGNMENT), Options([question], device="cuda"))
    (result,) = report.questions
    assert result.score == result.max_score, "on the CPU it is right"
    check = check_of(report, question)
    assert check.status in ("failed", "error")
    assert words in check.message


# --- references -------------------------------------------------------------------------------------------------------


def test_references_are_the_same_there() -> None:
    rng = np.random.default_rng(7)
    x, w, b = rng.normal(size=(2, 3, 7, 5)), rng.normal(size=(4, 3, 3, 2)), rng.normal(size=4)
    param = {"stride": 2, "pad": 1}
    want = library.conv2d(x, w, b, param)
    dout = rng.normal(size=want.shape)
    with computed_on("cuda"):  # raises where they are not
        np.testing.assert_allclose(library.conv2d(x, w, b, param), want, rtol=1e-10)
        library.conv2d.gradient(dout, x, w, b, param, wrt=(0, 1, 2))


# --- the border -------------------------------------------------------------------------------------------------------

SOURCE = """
import torch

def seen():
    return torch.cuda.is_available(), torch.cuda.device_count()

def product(x, w):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True  # for the calls to come
    return x @ w

def reduced():
    return torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32

def hog():
    return torch.ones(2**31, device="cpu").sum()
"""
CALLEES = {"seen": "found:any", "product": "out:tensor", "reduced": "tf32:any", "hog": "sum:any"}


@pytest.fixture
def student(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Student]:
    (tmp_path / "nets.py").write_text(SOURCE)
    layout = Layout(modules={"nets": str(tmp_path / "nets.py")}, search=(str(tmp_path),))
    limits = dataclasses.replace(Limits(call_seconds=60, memory_bytes=4 * 2**30), cuda=getattr(request, "param", True))
    callees = {name: Callee(name, "nets", parse_results(returns)) for name, returns in CALLEES.items()}
    made = Student(lambda: WorkerProcess(layout, limits), callees, limits)
    made.prepare("torch")
    yield made
    made.close()


def test_the_worker_finds_the_device(student: Student) -> None:
    found = student.cuda()
    assert str(found["device"]).startswith("cuda:")
    assert found["name"]


@pytest.mark.parametrize("student", [False], indirect=True)
def test_a_worker_that_need_not_see_it_does_not(student: Student) -> None:
    assert student.seen() == (False, 0)
    assert student.cuda()["device"] is None


def test_tensors_are_made_there_and_come_back(student: Student) -> None:
    device = str(student.cuda()["device"])
    rng = np.random.default_rng(7)
    x, w = rng.normal(size=(64, 512)), rng.normal(size=(512, 64))
    with student.on(device):
        out: Any = student.product(tensor(x), tensor(w))
    assert (out.device, out.dtype, out.shape) == (device, "float32", (64, 64))
    np.testing.assert_allclose(out.values, x @ w, atol=1e-3)


def test_reduced_precision_ends_with_the_call(student: Student) -> None:
    device = str(student.cuda()["device"])
    with student.on(device):
        student.product(tensor(np.ones((2, 2))), tensor(np.ones((2, 2))))
        assert student.reduced() is False


def test_memory_is_limited_there_too(student: Student) -> None:
    student.cuda()
    with pytest.raises(Exception, match="memory"):
        student.hog()
