"""dropout_backward: the upstream gradient goes through the mask that the forward pass drew."""

import numpy as np

from grader import Question, expect

question = Question("dropout_backward", file="layers.py", points=1, returns="dx", depends=["dropout_forward"])


@question.check(points=3, p=[0.3, 0.75])
def uses_the_same_mask(student, rng, p):
    """scales and drops as the forward pass did"""
    x, dout = rng.uniform(0.5, 1.5, size=(9, 8)), rng.normal(size=(9, 8))
    out, cache = student.dropout_forward(x, {"mode": "train", "p": p, "seed": 4})
    expect.shape(out, x.shape, "out")
    expect.that(
        bool((out == 0).any() and (out != 0).any()), "dropout_forward drops nothing, or all, so this cannot be told"
    )
    expect.close(student.dropout_backward(dout, cache), dout * out / x, "dx")


@question.check(points=1)
def passes_all_in_test_mode(student, rng):
    """passes the upstream gradient on in test mode"""
    x, dout = rng.normal(size=(4, 5)), rng.normal(size=(4, 5))
    _, cache = student.dropout_forward(x, {"mode": "test", "p": 0.4})
    expect.close(student.dropout_backward(dout, cache), dout, "dx")


@question.check(robust=True)
def can_be_repeated(student, rng):
    """can be called again: dout and its cache stay as they were"""
    x, dout = rng.uniform(0.5, 1.5, size=(5, 4)), rng.normal(size=(5, 4))
    _, cache = student.dropout_forward(x, {"mode": "train", "p": 0.5, "seed": 4})
    first = student.dropout_backward(dout, cache)
    expect.unchanged(student)
    student.dropout_forward(x, {"mode": "train", "p": 0.5, "seed": 5})
    second = student.dropout_backward(dout, cache)
    expect.that(
        np.shape(second) == np.shape(first) and np.allclose(second, first),
        "called again with the same dout and cache, dropout_backward gives another dx:"
        " does it write into its cache, or read something that another forward pass changed?",
    )
