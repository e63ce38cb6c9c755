from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.authoring.twin import make_twin
from grader.checking.question import Question

LAYERS = '''\
"""Layers."""

import numpy as np


def layer(x):
    """Return x, a cache, a count, a number and a dict."""
    return x, (x, 1), 3, float(x.sum()), {"dx": x, "rate": 0.1, "mode": "train"}


def only(x):
    return x


class Net:
    def __init__(self):
        self.params = {"W": np.ones(2)}

    def loss(self, x):
        return x

    def _own(self):
        return 1.0


def helper(x):
    return x
'''


@pytest.fixture
def twin(author, tmp_path) -> Any:
    author.write("layers.py", LAYERS)
    author.write("data/one.txt", "1")
    questions = [Question(name, "layers.py", 1) for name in ("layer", "only", "Net")]
    folder: Path = make_twin(author.assignment(), questions, tmp_path / "twin")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "assignment.toml",
        "data",
        "helpers.py",
        "layers.py",
    ]
    spec = importlib.util.spec_from_file_location("twin", folder / "layers.py")
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


def test_every_number_is_wrong_and_everything_else_right(twin):
    x = np.ones((2, 3))
    value, cache, count, total, entries = twin.layer(x)
    assert value.shape == x.shape
    assert (value != x).all()
    assert cache[0] is x
    assert count == 3
    assert total != 6
    assert (entries["dx"] != x).all()
    assert entries["rate"] == 0.1
    assert entries["mode"] == "train"
    assert (twin.only(x) != x).all()
    assert twin.layer.__doc__ == "Return x, a cache, a count, a number and a dict."


def test_whole_numbers_and_helpers_stay(twin):
    labels = np.arange(3)
    assert twin.only(labels) is labels
    assert twin.only(None) is None
    assert twin.helper(1.0) == 1.0


def test_methods_of_classes_are_careless_too(twin):
    net = twin.Net()
    assert net.loss(1.0) != 1.0
    assert net._own() == 1.0
    assert (net.params["W"] == 1).all()
