"""References: torch behind numpy arrays, and answers that are found again without torch."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checking.answers import Answers, write_answers
from grader.checking.random import Random
from grader.checking.reference import Lazy, Reference, reference, torch
from grader.errors import FaultError, UndecidableError

X = Random("reference").normal(size=(3, 2))
W = Random("reference", "w").normal(size=(2, 4))


@reference
def swish(x: Any) -> Any:
    return x * torch.sigmoid(x)


@reference(version=1)
def affine(x: Any, w: Any, config: Any) -> Any:
    return config["scale"] * x @ w


@reference(version=1)
def several(x: Any) -> Any:
    return x.sum(), {"square": x**2}


@reference(version=1)
def net(params: Any, y: Any) -> Any:
    return (params["W"] ** 2).sum() + 0 * params["b"].sum()


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def test_it_takes_and_gives_numpy_arrays_of_float64() -> None:
    for x in (X, X.astype(np.float32)):
        value = swish(x)
        assert type(value) is np.ndarray
        assert value.dtype == np.float64
        assert value == pytest.approx(x.astype(float) * sigmoid(x.astype(float)), rel=1e-14)


def test_gradients_come_by_autograd() -> None:
    (dx,) = swish.gradient(np.ones_like(X), X)
    s = sigmoid(X)
    assert dx == pytest.approx(s + X * s * (1 - s), rel=1e-13)
    dout = np.ones((3, 4))
    dx, dw = affine.gradient(dout, X, W, {"scale": 2.0})
    assert dx == pytest.approx(2 * dout @ W.T)
    assert dw == pytest.approx(2 * X.T @ dout)
    (only,) = affine.gradient(dout, X, W, {"scale": 2.0}, wrt=[1])
    assert (only == dw).all()


def test_values_may_be_tuples_and_dicts_and_the_first_has_the_gradient() -> None:
    total, table = several(X)
    assert total == pytest.approx(X.sum())
    assert total.shape == ()
    assert table["square"] == pytest.approx(X**2)
    (dx,) = several.gradient(3.0, X)
    assert (dx == 3).all()


def test_a_dict_of_parameters_has_a_dict_of_gradients() -> None:
    (grads,) = net.gradient(1.0, {"W": W, "b": X}, np.arange(3), wrt=[0])
    assert grads["W"] == pytest.approx(2 * W)
    assert (grads["b"] == 0).all()


def test_an_argument_that_does_not_matter_has_a_zero_gradient() -> None:
    first = reference(version=1)(lambda x, y: x)
    dx, dy = first.gradient(np.ones_like(X), X, W)
    assert (dx == 1).all()
    assert (dy == np.zeros_like(W)).all()


def test_a_gradient_with_respect_to_nothing_is_the_checks_fault() -> None:
    with pytest.raises(FaultError, match="the gradient of swish was asked with respect to nothing"):
        swish.gradient(1.0, 3)


def test_a_reference_keeps_the_name_and_the_words_of_its_function() -> None:
    assert isinstance(swish, Reference)
    assert swish.name == "swish"

    @reference
    def documented(x: Any) -> Any:
        """What is right."""
        return x

    assert documented.__doc__ == "What is right."


def test_arguments_stay_as_they_are() -> None:
    x, w = X.copy(), W.copy()
    x.setflags(write=False)
    changing = reference(version=1)(lambda x, w: w.mul_(0).sum() + x.mul_(2))
    changing(x, w)
    assert (x == X).all()
    assert (w == W).all()


# --- records ----------------------------------------------------------------------------------------------------------


def asked(*calls: Any) -> list[str]:
    answers = Answers()
    with answers.in_use():
        for function, *args in calls:
            function(*args)
    return list(answers.asked)


def test_what_was_asked_is_told_apart_to_the_last_bit() -> None:
    nudged = X.copy()
    nudged[0, 0] = np.nextafter(nudged[0, 0], 9)
    other = reference(version=2)(affine.__wrapped__)
    calls = [
        (swish, X),
        (swish, nudged),
        (swish, X.astype(np.float32)),
        (swish, X.reshape(2, 3)),
        (swish, -X),
        (affine, X, W, {"scale": 1.0}),
        (affine, X, W, {"scale": 1}),
        (affine, X, W, {"scale": 2.0}),
        (other, X, W, {"scale": 1.0}),
        (swish.gradient, X, X),
        (swish.gradient, nudged, X),
    ]
    assert len(asked(*calls)) == len(calls)
    assert len(asked(*calls, *calls)) == len(calls)
    assert len(asked((swish, X), (swish, np.asfortranarray(X)), (swish, X.copy()), (swish, X.astype(">f8")))) == 1


def test_digests_are_pinned() -> None:
    """Published records are found by them."""
    (value,) = asked((reference(version=3)(affine.__wrapped__), np.arange(4.0).reshape(2, 2), W * 0, {"scale": 1}))
    assert value == "b86fd6e7ca3f62b680ed5ccff0762d22"
    (gradient,) = asked((several.gradient, 1.0, np.arange(3.0)))
    assert gradient == "5eb290d978612aa73e364c867371787f"


def test_a_reference_without_a_version_is_known_by_its_source() -> None:
    def make(factor: int) -> Reference:
        namespace: dict[str, Any] = {"reference": reference}
        source = f"def f(x):\n    return {factor} * x\n"
        exec(compile(source, f"<f{factor}>", "exec"), namespace)
        import linecache

        linecache.cache[f"<f{factor}>"] = (len(source), None, source.splitlines(True), f"<f{factor}>")
        return reference(namespace["f"])

    assert len(asked((make(2), X), (make(3), X), (make(2), X))) == 2


def test_what_cannot_be_told_apart_is_refused() -> None:
    with pytest.raises(Exception, match="cannot cross"):
        swish({1, 2})


def test_a_recorded_answer_is_not_worked_out_again(tmp_path: Path) -> None:
    answers = Answers()
    with answers.in_use():
        swish(X)
        swish.gradient(X, X)
        several(X)
        net.gradient(1.0, {"W": W, "b": X}, np.arange(3), wrt=[0])
    write_answers(tmp_path / "q.npz", {digest: _shifted(value) for digest, value in answers.asked.items()})
    with Answers(tmp_path / "q.npz").in_use():
        assert swish(X) == pytest.approx(X * sigmoid(X) + 1)
        assert several(X)[1]["square"] == pytest.approx(X**2 + 1)
        assert net.gradient(1.0, {"W": W, "b": X}, np.arange(3), wrt=[0])[0]["b"] == pytest.approx(1)
        assert swish(2 * X) == pytest.approx(2 * X * sigmoid(2 * X))


def _shifted(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(map(_shifted, value))
    if isinstance(value, dict):
        return {key: _shifted(item) for key, item in value.items()}
    return value + 1


# --- without torch ----------------------------------------------------------------------------------------------------


def test_a_module_that_is_not_there_makes_a_check_undecidable() -> None:
    with pytest.raises(UndecidableError, match=r"is not recorded .* no_such_torch, .* is not installed: pip install"):
        _ = Lazy("no_such_torch.nn").functional


ALONE = """
    import json, sys
    class Refuse:
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] == "torch":
                raise ModuleNotFoundError("No module named 'torch'", name="torch")
    sys.meta_path.insert(0, Refuse())
    from pathlib import Path
    from grader.checking.assignment import load_assignment
    from grader.checking.engine import run
    from grader.checking.options import Options
    from grader.checking.submission import open_submission
    assignment = load_assignment(Path(sys.argv[1]))
    report = run(assignment, open_submission(Path(sys.argv[2]), assignment), Options(seed=int(sys.argv[3])))
    json.dump([[check.status, check.message] for check in report.questions[0].checks], sys.stdout)
    assert "torch" not in sys.modules
"""

CHECKS = '''
"""swish: smooth."""
from grader import Question
from grader.checking.reference import reference, torch


@reference(version=1)
def swish(x):
    return x * torch.sigmoid(x)


question = Question("swish", file="layers.py", points=4, returns="out")
question.forward(swish, lambda rng, n: (rng.normal(size=n),), n=[1, 5])
'''


def test_a_published_folder_needs_no_torch(small: Any, tmp_path: Path) -> None:
    """Published records of the assignment's own seed are enough; with another seed, checks are skipped, not failed."""
    assignment = small.write({"swish": CHECKS}, points=4, more="[published.hidden]")
    source = "import numpy as np\ndef swish(x): return x / (1 + np.exp(-x))\n"
    submission = small.submission(source)
    recorded = Answers()
    from grader.checking.engine import run
    from grader.checking.options import Options

    assert run(assignment, submission, Options(answers=lambda _: recorded)).complete
    write_answers(assignment.records / "swish.npz", recorded.asked)

    def alone(seed: int) -> Any:
        command = [
            sys.executable,
            "-c",
            textwrap.dedent(ALONE),
            str(assignment.folder),
            str(submission.root),
            str(seed),
        ]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert [status for status, _ in alone(0)] == ["passed", "passed", "skipped"]  # the last is the GPU's
    (status, message), (other, why), _ = alone(1)
    assert (status, other) == ("skipped", "skipped")
    assert why == "counts once another check of swish passes"
    assert message.endswith("is not installed: pip install 'grader[torch]'")
