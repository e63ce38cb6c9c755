"""The commonest shape of a question, on right and on wrong layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.checking.report import QuestionResult, Report

from .conftest import Small

REFERENCE = """
from grader.checking.reference import reference, torch


@reference(version=1)
def scale(x, w):
    return torch.tanh(x) * w


def inputs(rng, n):
    return rng.normal(size=(n, 3)), rng.normal(size=3)
"""
FORWARD = '''
"""scale_forward: tanh, times w."""
from grader import Question
from ._scale import inputs, scale

question = Question("scale_forward", file="layers.py", points=10, returns="out cache:kept")
question.forward(scale, inputs, points=3, n=[1, 4])
question.forward(scale, inputs, id="more", hidden=True, n=[7])
'''
BACKWARD = '''
"""scale_backward: its gradient."""
from grader import Question
from ._scale import inputs, scale

question = Question("scale_backward", file="layers.py", points=10, returns="dx dw", depends=["scale_forward"])
question.backward(scale, inputs, of="scale_forward", points=3, n=[1, 4])
'''
RIGHT = """
import numpy as np
def scale_forward(x, w): return np.tanh(x) * w, (x, w)
def scale_backward(dout, cache):
    x, w = cache
    t = np.tanh(x)
    return dout * w * (1 - t * t), (dout * t).sum(axis=0)
"""


@pytest.fixture(scope="module")
def small_layers(tmp_path_factory: pytest.TempPathFactory) -> Small:
    small = Small(tmp_path_factory.mktemp("agreement"))
    questions = {"scale_forward": FORWARD, "scale_backward": BACKWARD}
    small.write(questions, points=20, settings="robustness = 0.1", **{"checks/_scale": REFERENCE})
    return small


def graded(small: Small, source: str, cache: Path | None = None) -> tuple[Report, QuestionResult, QuestionResult]:
    report = small.run(source, cache=cache)
    assert not report.faults
    forward, backward = report.questions
    return report, forward, backward


def state(question: QuestionResult) -> list[str]:
    return [check.status for check in question.checks if check.id != "same_on_cuda"]


ACCEPTED = {
    "as it is": RIGHT,
    "float32": RIGHT.replace("np.tanh(x) * w", "(np.tanh(x) * w).astype(np.float32)"),
    "a list": RIGHT.replace("return np.tanh(x) * w, (x, w)", "return [np.tanh(x) * w, (x, w)]"),
    "another cache": RIGHT.replace(", (x, w)\n", ", {'x': x, 'w': w}\n").replace(
        "x, w = cache", "x, w = cache.values()"
    ),
    "column-major": RIGHT.replace("return dout * w * (1 - t * t)", "return np.asfortranarray(dout * w * (1 - t * t))"),
    "a view": RIGHT.replace("(dout * t).sum(axis=0)", "(dout * t).sum(axis=0, keepdims=True)[0]"),
    "prints": RIGHT.replace("    x, w = cache", "    print(cache)\n    x, w = cache"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_right_layers_have_full_marks(small_layers: Small, name: str) -> None:
    report, forward, backward = graded(small_layers, ACCEPTED[name])
    assert report.score == 20
    ids = ["agrees_with_torch", "leaves_arguments", "more", "same_on_cuda"]
    assert [check.id for check in forward.checks] == ids
    assert [check.id for check in backward.checks] == [
        "agrees_with_torch",
        "derivative_of_own_forward",
        "can_be_repeated",
        "same_on_cuda",
    ]
    assert forward.checks[2].title == "agrees with torch (other cases)"


def test_a_right_backward_pass_of_a_wrong_forward_pass_earns_its_share(small_layers: Small) -> None:
    source = RIGHT.replace("np.tanh(x) * w,", "2 * np.tanh(x) * w,").replace(
        "return dout * w", "dout = 2 * dout\n    return dout * w"
    )
    _, forward, backward = graded(small_layers, source)
    assert state(forward) == ["failed", "skipped", "failed"]
    assert forward.checks[0].message.startswith("out")
    assert "every element is 2 times what it should be" in forward.checks[0].message
    assert state(backward) == ["skipped", "passed", "passed"]
    assert backward.checks[0].message.startswith("needs scale_forward, which is not right yet: mend that first")
    assert backward.score == pytest.approx(10 * (0.9 * 0.25 + 0.1))


@pytest.mark.parametrize(
    ("wrong", "right", "states"),
    [
        ("(1 - t)", "(1 - t * t)", ["failed", "failed", "skipped"]),
        ("-(dout * t)", "(dout * t)", ["failed", "failed", "skipped"]),
        ("(dout * t).sum(axis=0) / len(x)", "(dout * t).sum(axis=0)", ["failed", "passed", "passed"]),
        ("(dout * t).sum(axis=1)", "(dout * t).sum(axis=0)", ["failed", "failed", "skipped"]),
        ("(dout * t)", "(dout * t).sum(axis=0)", ["failed", "failed", "skipped"]),
    ],
)
def test_wrong_backward_passes_are_caught(small_layers: Small, wrong: str, right: str, states: list[str]) -> None:
    _, forward, backward = graded(small_layers, RIGHT.replace(right, wrong))
    assert forward.score == 10
    assert state(backward) == states


def test_a_constant_forward_pass_earns_nothing_for_a_gradient_of_zeros(small_layers: Small) -> None:
    source = """
        import numpy as np
        def scale_forward(x, w): return 0 * x, (x, w)
        def scale_backward(dout, cache): return 0 * cache[0], 0 * cache[1]
        """
    _, _, backward = graded(small_layers, source)
    assert state(backward)[:2] == ["skipped", "skipped"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            RIGHT.replace("    x, w = cache", "    x, w = cache\n    dout *= 1.0001"),
            "changes its argument dout in place",
        ),
        (
            RIGHT.replace("t = np.tanh(x)\n", "t = np.tanh(x)\n    x *= 1.05\n"),
            "changes its argument cache[0]",
        ),
        (
            RIGHT.replace("(x, w)\n", "None\n", 1)
            .replace("def scale_forward(x, w):", "last = []\ndef scale_forward(x, w):\n    last[:] = [x, w]\n   ")
            .replace("cache\n", "last\n"),
            "called again with the same dout and cache, scale_backward gives another dx",
        ),
    ],
    ids=["dout", "cache", "globals"],
)
def test_a_backward_pass_that_breaks_its_contract_loses_the_robust_share(
    small_layers: Small, source: str, message: str
) -> None:
    _, _, backward = graded(small_layers, source)
    assert backward.checks[2].status == "failed"
    assert message in backward.checks[2].message


def test_a_forward_pass_that_writes_into_its_arguments_loses_the_robust_share(small_layers: Small) -> None:
    _, forward, _ = graded(
        small_layers, RIGHT.replace("return np.tanh(x) * w, (x, w)", "t = np.tanh(x); x[...] = t; return t * w, (x, w)")
    )
    assert state(forward) == ["passed", "failed", "passed"]
    assert forward.score == 9
    assert forward.status == "partial"


def test_the_second_run_works_nothing_out(small_layers: Small, tmp_path: Path) -> None:
    first, *_ = graded(small_layers, RIGHT, tmp_path)
    files = sorted(path.relative_to(tmp_path).parts[-1] for path in tmp_path.rglob("*.npz"))
    assert files == ["scale_backward.npz", "scale_forward.npz"]
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")}
    second, *_ = graded(small_layers, RIGHT, tmp_path)
    assert first.score == second.score == 20
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npz")} == before
