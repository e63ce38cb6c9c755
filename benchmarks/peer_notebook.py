"""The twelve quick questions of assignment2 as a notebook, for graders that grade notebooks.

Its tests do what the checks do here: several shapes for each function, forward against numpy, backward against
numbers; update rules over several steps. They run in the notebook, as these graders have it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["FILES", "Notebook", "for_nbgrader", "for_otter", "handed_in"]

FILES = ("layers.py", "optim.py")

Notebook = dict[str, Any]
Cell = dict[str, Any]

TOOLS = """
import numpy as np

def agree(got, want):
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"shape {got.shape}, should be {want.shape}"
    assert (np.abs(got - want) <= 1e-4 * max(np.abs(want).max(), 1e-2)).all(), "wrong values"

def slope(f, x, upstream, h=1e-5):
    found = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        here = x[place]
        x[place] = here + h
        above = f()
        x[place] = here - h
        below = f()
        x[place] = here
        found[place] = ((above - below) * upstream).sum() / (2 * h)
    return found

def normalised(x, gamma, beta, eps, axis):
    mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    return (x - mean) / np.sqrt(var + eps) * gamma + beta

rng = np.random.default_rng(2026)
"""

AFFINE = """
for shape in [(5, 4), (2, 3, 2, 2), (1, 6), (3, 2, 4), (4, 1, 5, 2)]:
    x, w, b = rng.normal(size=shape), rng.normal(size=(int(np.prod(shape[1:])), 3)), rng.normal(size=3)
    right = lambda: x.reshape(len(x), -1) @ w + b
"""
RELU = """
for shape in [(4, 5), (2, 3, 4), (6,), (1, 7)]:
    x = 10 * rng.normal(size=shape)
    right = lambda: np.where(x > 0, x, 0)
"""
NORM = """
for rows, eps in [(4, 0.1), (7, 0.3), (5, 0.05), (3, 0.2)]:
    x, gamma, beta = 2 * rng.normal(size=(rows, 5)) + 3, rng.normal(1, 0.5, size=5), rng.normal(size=5)
    param = {"mode": "train", "eps": eps}
    right = lambda: normalised(x, gamma, beta, eps, AXIS)
"""
UPDATE = """
for shape in [(4, 5), (3,), (2, 3, 2)]:
    w, config, state = rng.normal(size=shape), dict(SETTINGS), [0.0, 0.0]
    own = w
    for step in range(1, 5):
        dw = rng.normal(size=shape)
        own, config = NAME(own, dw, config)
        STEP
        agree(own, w)
"""


def _backward(call: str, names: str) -> str:
    lines = [f"    for got, value in zip({call}, ({names},)):", "        agree(got, slope(right, value, dout))"]
    return "\n".join(["    dout = rng.normal(size=right().shape)", *lines])


def _update(name: str, settings: str, *steps: str) -> str:
    return UPDATE.replace("SETTINGS", settings).replace("NAME", name).replace("STEP", "\n        ".join(steps))


TESTS: Mapping[str, str] = {
    "affine_forward": AFFINE + "    agree(affine_forward(x, w, b)[0], right())",
    "affine_backward": AFFINE + _backward("affine_backward(dout, affine_forward(x, w, b)[1])", "x, w, b"),
    "relu_forward": RELU + "    agree(relu_forward(x)[0], right())",
    "relu_backward": RELU + _backward("[relu_backward(dout, relu_forward(x)[1])]", "x"),
    "softmax_loss": """
for N, C in [(4, 5), (1, 3), (6, 2), (3, 10)]:
    x, y = rng.normal(size=(N, C)), rng.integers(0, C, size=N)
    right = lambda: -(x - np.log(np.exp(x).sum(1, keepdims=True)))[np.arange(N), y].mean()
    loss, dx = softmax_loss(x, y)
    agree(loss, right())
    agree(dx, slope(right, x, np.ones(())))
""",
    "batchnorm_forward": NORM.replace("AXIS", "0") + "    agree(batchnorm_forward(x, gamma, beta, param)[0], right())",
    "batchnorm_backward": NORM.replace("AXIS", "0")
    + _backward("batchnorm_backward(dout, batchnorm_forward(x, gamma, beta, param)[1])", "x, gamma, beta"),
    "layernorm_forward": NORM.replace("AXIS", "1") + "    agree(layernorm_forward(x, gamma, beta, param)[0], right())",
    "layernorm_backward": NORM.replace("AXIS", "1")
    + _backward("layernorm_backward(dout, layernorm_forward(x, gamma, beta, param)[1])", "x, gamma, beta"),
    "sgd_momentum": _update(
        "sgd_momentum",
        "{'learning_rate': 0.1, 'momentum': 0.7}",
        "state[0] = 0.7 * state[0] - 0.1 * dw",
        "w = w + state[0]",
    ),
    "rmsprop": _update(
        "rmsprop",
        "{'learning_rate': 0.1, 'decay_rate': 0.8, 'epsilon': 0.1}",
        "state[0] = 0.8 * state[0] + 0.2 * dw**2",
        "w = w - 0.1 * dw / (np.sqrt(state[0]) + 0.1)",
    ),
    "adam": _update(
        "adam",
        "{'learning_rate': 0.1, 'beta1': 0.8, 'beta2': 0.7, 'epsilon': 0.1}",
        "state = [0.8 * state[0] + 0.2 * dw, 0.7 * state[1] + 0.3 * dw**2]",
        "w = w - 0.1 * (state[0] / (1 - 0.8**step)) / (np.sqrt(state[1] / (1 - 0.7**step)) + 0.1)",
    ),
}


def for_nbgrader(files: Mapping[str, bytes]) -> Notebook:
    """Return nbgrader's source notebook: a cell for each file, and a locked one with a point for each question."""
    cells = [_cell("markdown", "Twelve functions of a deep network, as in assignment2.")]
    for name in FILES:
        cells.append(_marked(_code(name, files), name, solution=True))
    cells.append(_marked(TOOLS.strip(), "tools", locked=True))
    for name, test in TESTS.items():
        cells.append(_marked(test.strip(), name, grade=True, locked=True, points=1))
    return _notebook(cells)


def for_otter(files: Mapping[str, bytes]) -> Notebook:
    """Return the notebook that ``otter assign`` takes."""
    cells = [_cell("raw", "# ASSIGNMENT CONFIG\nname: twelve\nexport_cell: false\ncheck_all_cell: false")]
    cells += [_cell("code", _code(name, files)) for name in FILES]
    cells.append(_cell("code", TOOLS.strip()))
    for name, test in TESTS.items():
        cells += [
            _cell("raw", f"# BEGIN QUESTION\nname: {name}\npoints: 1"),
            _cell("markdown", f"**{name}**"),
            _cell("raw", "# BEGIN SOLUTION"),
            _cell("code", f"{name}  # it is above"),
            _cell("raw", "# END SOLUTION"),
            _cell("raw", "# BEGIN TESTS"),
            _cell("code", test.strip()),
            _cell("raw", "# END TESTS"),
            _cell("raw", "# END QUESTION"),
        ]
    return _notebook(cells)


def handed_in(released: Notebook, files: Mapping[str, bytes]) -> Notebook:
    """Return a released notebook with what a student has written.

    nbgrader empties the cells of answers and knows them by their ids; otter-grader leaves them as they are.
    """
    made = copy.deepcopy(released)
    for name in FILES:
        (cell,) = [cell for cell in made["cells"] if _is_for(name, cell)]
        cell["source"] = _code(name, files)
    return made


def _is_for(name: str, cell: Cell) -> bool:
    about = cell["metadata"].get("nbgrader", {})
    return about.get("grade_id") == _id(name) or "".join(cell["source"]).startswith(f"# {name}\n")


def _id(name: str) -> str:
    return name.replace(".", "-")


def _code(name: str, files: Mapping[str, bytes]) -> str:
    lines = files[name].decode().splitlines()
    return "\n".join([f"# {name}", *(line for line in lines if "SOLUTION" not in line)])


def _marked(
    source: str, name: str, *, solution: bool = False, grade: bool = False, locked: bool = False, points: int = 0
) -> Cell:
    about = {
        "schema_version": 3,
        "grade_id": _id(name),
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
    }
    if grade:
        about["points"] = points
    return _cell("code", source, metadata={"nbgrader": about})


def _cell(kind: str, source: str, metadata: Mapping[str, Any] | None = None) -> Cell:
    cell = {"cell_type": kind, "source": source, "metadata": dict(metadata or {})}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def _notebook(cells: Sequence[Cell]) -> Notebook:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    numbered = [cell | {"id": f"cell{number}"} for number, cell in enumerate(cells)]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": numbered}
