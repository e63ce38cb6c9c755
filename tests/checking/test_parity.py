"""The same on the GPU, tried without one.

Nothing here is a GPU test: those are in tests/gpu. What is tested is the logic: when these checks are skipped, that two
devices are compared, and that a wrong device is seen. As the second device serve the CPU once more (``SECOND``: a seam,
on which answers differ only if they depend on more than their inputs) and torch's ``meta`` (on which tensors have a
shape and no values).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.checking.devices import Cuda
from grader.checking.parity import same_answers
from grader.checking.reference import computed_on, reference, torch
from grader.checking.report import Report
from grader.errors import FaultError, InputError, UndecidableError, WrongAnswerError

from .conftest import Small, check_of

SECOND = Cuda("cpu", "the CPU once more")

NUMPY = '''
"""swish: smooth."""
from grader import Question, expect
from grader.checking.reference import reference, torch


@reference(version=1)
def swish(x):
    return x * torch.sigmoid(x)


question = Question("swish", file="layers.py", points=4, returns="out")
question.forward(swish, lambda rng, n: (rng.normal(size=n),), n=[1, 5])


@question.check()
def says_how_often(student, rng):
    """uses no reference"""
    student.swish(rng.normal(size=3))
'''
TORCH = '''
"""swish: smooth."""
from grader import Question, expect, tensor
from grader.checking.reference import reference, torch


@reference(version=1)
def swish(x):
    return x * torch.sigmoid(x)


question = Question("swish", file="layers.py", points=4, returns="out:tensor", needs=["torch"])


@question.check(n=[2, 5])
def agrees_with_torch(student, rng, n):
    """agrees with torch"""
    x = rng.normal(size=n)
    expect.close(student.swish(tensor(x)), swish(x), "out")


@question.check(robust=True)
def is_told_apart(student, rng):
    """counts for robustness"""
    expect.that(student.device == "cpu", "no robust check is run on the GPU")
'''
RIGHT = "import numpy as np\ndef swish(x): return x / (1 + np.exp(-x))\n"
RIGHT_TORCH = "import torch\ndef swish(x): return x * torch.sigmoid(x)\n"


@pytest.fixture
def numpy_question(small: Small) -> Small:
    small.write({"swish": NUMPY}, points=4)
    return small


@pytest.fixture
def torch_question(small: Small) -> Small:
    small.write({"swish": TORCH}, points=4)
    return small


def parity(report: Report) -> tuple[str, str]:
    check = check_of(report, "same_on_cuda")
    assert (check.points, check.score) == (0, 0)
    return check.status, check.message


# --- when there is no GPU ---------------------------------------------------------------------------------------------


def test_without_cuda_it_is_skipped_listed_and_costs_nothing(torch_question: Small) -> None:
    report = torch_question.run(RIGHT_TORCH, cuda=Cuda(why="there is no CUDA here: it is a toaster"))
    assert parity(report) == ("skipped", "there is no CUDA here: it is a toaster")
    assert (report.score, report.complete, report.exit_code) == (4, True, 0)
    assert report.environment["device"] == "cpu"


def test_who_asks_for_the_cpu_is_told_so(torch_question: Small) -> None:
    assert parity(torch_question.run(RIGHT_TORCH, device="cpu")) == ("skipped", "--device cpu was asked for")


def test_who_asks_for_cuda_must_have_it(numpy_question: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.checking.devices.no_cuda", lambda: "it is a toaster")
    with pytest.raises(InputError, match=r"--device cuda: there is no CUDA here \(it is a toaster\)"):
        numpy_question.run(RIGHT, device="cuda")


def test_a_run_without_torch_does_not_look_for_cuda(numpy_question: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.checking.devices.find_cuda", lambda *_: pytest.fail("it looked"))
    status, message = parity(numpy_question.run(RIGHT))
    assert (status, message) == ("skipped", "run with --device cuda, or together with a question about torch")


# --- a second device --------------------------------------------------------------------------------------------------


def test_a_question_about_numpy_is_compared_with_references_from_there(numpy_question: Small) -> None:
    report = numpy_question.run(RIGHT, cuda=SECOND)
    check = check_of(report, "same_on_cuda")
    assert (check.status, check.cases) == ("passed", 1)
    assert report.environment["device"] == "cpu (the CPU once more)"


def test_a_question_about_torch_is_run_there(torch_question: Small) -> None:
    report = torch_question.run(RIGHT_TORCH, cuda=SECOND)
    assert parity(report)[0] == "passed"
    assert report.complete


def test_answers_that_differ_there_are_refused(torch_question: Small) -> None:
    """Within the oracle's tolerance on both sides, and further apart than two devices may be."""
    source = """
        import torch
        calls = []
        def swish(x):
            calls.append(x)  # two on the CPU, then one here and one there
            return x * torch.sigmoid(x) * (1 + (0.8e-4 if len(calls) % 2 else -0.8e-4))
    """
    report = torch_question.run(source, cuda=SECOND)
    status, message = parity(report)
    assert status == "failed"
    assert message.startswith("on cpu, 'agrees with torch' fails for n=2: out on cpu is not what it is on the CPU: the")
    assert report.score == 4
    assert (report.questions[0].status, report.exit_code) == ("partial", 1)


def test_a_result_on_another_device_is_refused(torch_question: Small) -> None:
    """On ``meta`` as the second device, a result that came back to the CPU is seen before its values are."""
    source = "import torch\ndef swish(x): return torch.zeros(len(x)) if x.is_meta else x * torch.sigmoid(x)\n"
    status, message = parity(torch_question.run(source, cuda=Cuda("meta", "nowhere")))
    assert status == "failed"
    assert "out is on the device cpu, should be on meta, where it was asked for" in message


def test_an_error_there_is_the_students(torch_question: Small) -> None:
    source = "import torch\ndef swish(x): return x.cpu() * torch.sigmoid(x)\n"
    status, message = parity(torch_question.run(source, cuda=Cuda("meta", "nowhere")))
    assert status == "error"
    assert message.startswith("on meta, 'agrees with torch' fails for n=2: NotImplementedError: Cannot copy out of")


def test_what_is_wrong_on_the_cpu_is_not_tried_there(torch_question: Small) -> None:
    report = torch_question.run("import torch\ndef swish(x): return x\n", cuda=SECOND)
    assert parity(report) == ("skipped", "not run: the question is not right yet")


def test_what_is_not_written_is_not_listed_there(numpy_question: Small) -> None:
    report = numpy_question.run("def swish(x): raise NotImplementedError\n", cuda=SECOND)
    assert "same_on_cuda" not in [check.id for check in report.questions[0].checks]


# --- references -------------------------------------------------------------------------------------------------------


@reference(version=1)
def same(x: Any) -> Any:
    return 2 * x


@reference(version=1)
def unlike(x: Any) -> Any:
    return x * (1 if x.device.type == "cpu" else 2)


@reference(version=1)
def stuck(x: Any) -> Any:
    return x + torch.zeros(x.shape)


def test_a_reference_is_worked_out_on_the_device_and_must_be_the_same() -> None:
    x = np.arange(3.0)
    with computed_on("cpu:0"):  # the CPU by another name
        assert same(x).tolist() == [0, 2, 4]
        assert same.gradient(x, x)[0].tolist() == [0, 2, 4]
        assert unlike(x).tolist() == [0, 1, 2]


def test_a_reference_that_differs_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([np.zeros(3), np.full(3, 1e-6)])
    monkeypatch.setattr(unlike, "_value", lambda args: next(answers))
    with computed_on("elsewhere"), pytest.raises(FaultError, match="unlike is not on elsewhere what it is on the CPU"):
        unlike(np.arange(3.0))


def test_a_reference_that_cannot_move_decides_nothing() -> None:
    with computed_on("meta"), pytest.raises(UndecidableError, match="the reference stuck cannot be computed on meta"):
        stuck(np.arange(3.0))


# --- comparing --------------------------------------------------------------------------------------------------------


def test_the_same_things_have_to_be_compared() -> None:
    with pytest.raises(FaultError, match="does not compare the same things on two devices"):
        same_answers([("out", np.zeros(2))], [], "cuda:0")


@pytest.mark.parametrize("other", [np.full(2, 1.0002), np.ones(3), np.array([1.0, np.nan])])
def test_what_is_apart_is_refused(other: Any) -> None:
    with pytest.raises(WrongAnswerError, match="out on cuda:0 is not what it is on the CPU: the error is"):
        same_answers([("out", np.ones(2))], [("out", other)], "cuda:0")


def test_what_is_close_passes() -> None:
    same_answers([("out", np.ones(2)), ("dx", np.zeros(0))], [("out", np.full(2, 1.00005)), ("dx", np.zeros(0))], "x")
