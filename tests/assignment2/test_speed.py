"""Whether an answer counts as fast hangs on that answer, not on the naive convolution beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.catalogue import Variant, load_catalogue, make_submission
from grader.checking.assignment import load_assignment
from grader.checking.engine import Runner
from grader.checking.options import Options
from grader.checking.report import CheckResult
from grader.checking.submission import open_submission
from grader.sandbox.launch import Launcher

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")
PASSES = "conv_forward", "conv_backward"
QUICK_AND_WRONG = {
    "conv_forward": "def conv_forward_naive(x, w, b, conv_param):\n    return np.zeros(1), None\n",
    "conv_backward": "def conv_backward_naive(dout, cache):\n    return dout, dout, dout\n",
}

Judge = Callable[[str, Path], CheckResult]


def variant(question: str, id_: str) -> Variant:
    return next(one for one in load_catalogue(ASSIGNMENT, question).variants if one.id == id_)


def right_naive_ones() -> list[Variant]:
    return [one for name in PASSES for one in load_catalogue(ASSIGNMENT, f"{name}_naive").variants if one.right]


def submission(one: Variant, folder: Path) -> Path:
    (question,) = ASSIGNMENT.questions([one.question])
    return make_submission(ASSIGNMENT, question, one, folder)


@pytest.fixture
def judged(cache: Path, launcher: Launcher) -> Judge:
    def judge(name: str, folder: Path) -> CheckResult:
        options = Options([f"{name}_im2col"], cache=cache, launcher=launcher)
        runner = Runner(ASSIGNMENT, open_submission(folder, ASSIGNMENT), options)
        (question,) = runner.questions
        try:
            return runner.check(question, next(check for check in question.checks if check.id == "is_fast"), 1.0)
        finally:
            runner.student.close()

    return judge


@pytest.mark.parametrize("naive", right_naive_ones(), ids=lambda one: f"{one.question}-{one.id}")
def test_right_columns_are_fast_beside_any_right_naive_one(naive: Variant, judged: Judge, tmp_path: Path) -> None:
    """Also beside one without loops, which may be as fast."""
    result = judged(naive.question.removesuffix("_naive"), submission(naive, tmp_path / "submission"))
    assert result.status == "passed", result.message
    assert "as fast as your naive one" in result.message


@pytest.mark.parametrize("name", PASSES)
def test_right_columns_are_fast_beside_a_wrong_and_quick_naive_one(name: str, judged: Judge, tmp_path: Path) -> None:
    folder = submission(variant(f"{name}_naive", "loops-over-everything"), tmp_path / "submission")
    with open(folder / "layers.py", "a", encoding="utf-8") as layers:
        layers.write(f"\n\n{QUICK_AND_WRONG[name]}")
    assert judged(name, folder).status == "passed"


@pytest.mark.parametrize("name", PASSES)
@pytest.mark.parametrize("body", ["raise NotImplementedError", "__import__('os')._exit(1)"])
def test_right_columns_are_fast_where_the_naive_one_gives_no_answer(
    name: str, body: str, judged: Judge, tmp_path: Path
) -> None:
    folder = submission(variant(f"{name}_naive", "loops-over-everything"), tmp_path / "submission")
    with open(folder / "layers.py", "a", encoding="utf-8") as layers:
        layers.write(f"\n\ndef {name}_naive(*args):\n    {body}\n")
    result = judged(name, folder)
    assert result.status == "passed", result.message
    assert "naive" not in result.message


@pytest.mark.parametrize(
    ("name", "slow"), [("conv_forward", "one-product-per-pixel"), ("conv_backward", "loops-like-the-naive-one")]
)
def test_loops_are_slow_even_beside_slower_ones(name: str, slow: str, judged: Judge, tmp_path: Path) -> None:
    folder = submission(variant(f"{name}_naive", "loops-over-everything"), tmp_path / "submission")
    other = submission(variant(f"{name}_im2col", slow), tmp_path / "other")
    shutil.copy(other / "fast_layers.py", folder)
    result = judged(name, folder)
    assert result.status == "failed", result.message
    assert "one matrix product should do all the work" in result.message


def test_answers_one_by_one_are_refused_beside_a_naive_one_that_ends_the_process(judged: Judge, tmp_path: Path) -> None:
    folder = submission(variant("conv_backward_naive", "loops-over-everything"), tmp_path / "submission")
    other = submission(variant("conv_backward_im2col", "loops-like-the-naive-one"), tmp_path / "other")
    shutil.copy(other / "fast_layers.py", folder)
    with open(folder / "layers.py", "a", encoding="utf-8") as layers:
        layers.write("\n\ndef conv_backward_naive(*args):\n    import os\n\n    os._exit(1)\n")
    assert judged("conv_backward", folder).status == "failed"


FORKS = """

def conv_forward_im2col(x, w, b, conv_param):
    import io, os
    from .layers import conv_forward_naive
    reads, writes = os.pipe()
    if os.fork() == 0:
        done = io.BytesIO()
        np.save(done, conv_forward_naive(x, w, b, conv_param)[0])
        with os.fdopen(writes, "wb") as file:
            file.write(done.getvalue())
        os.kill(os.getpid(), 9)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        out = np.load(io.BytesIO(file.read()))
    os.wait()
    return out, (x, w, b, conv_param)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
def test_who_waits_for_others_to_work_is_not_fast(judged: Judge, tmp_path: Path) -> None:
    """Where nothing keeps student code from starting processes, whose time is not seen as its own."""
    folder = submission(variant("conv_forward_naive", "loops-over-everything"), tmp_path / "submission")
    with open(folder / "fast_layers.py", "a", encoding="utf-8") as layers:
        layers.write(FORKS)
    result = judged("conv_forward", folder)
    assert result.status == "failed", result.message
    assert "one matrix product should do all the work" in result.message
