"""dropout_backward: the upstream gradient goes through the mask that the forward pass drew."""

import numpy as np

from grader import Question, expect

question = Question("dropout_backward", file="layers.py", points=1, returns="dx", depends=["dropout_forward"])


@question.check(points=3, p=[0.3, 0.75])
def uses_the_same_mask(student, rng, p):
    """scales and drops as the forward pass did"""
    x, dout = rng.normal(size=(24, 8)), rng.normal(size=(24, 8))
    x[:, ::2] = 0.0  # as after a relu: the output does not show which of these were kept
    out, cache = student.dropout_forward(x, {"mode": "train", "p": p, "seed": 4})
    expect.shape(out, x.shape, "out")
    expect.that(
        bool((out == 0).any() and (out != 0).any()), "dropout_forward drops nothing, or all, so this cannot be told"
    )
    dx = student.dropout_backward(dout, cache)
    expect.shape(dx, x.shape, "dx")
    scales = np.divide(out, x, out=np.zeros(x.shape), where=x != 0)
    zero_and_kept = (x == 0) & (dx != 0)
    expect.close(dx, dout * np.where(zero_and_kept, scales.max(), scales), "dx")
    # Of 96 values all are kept, or dropped, once in 10**11.
    expect.that(bool(zero_and_kept.any()), "dx is 0 wherever x is: a value that is 0 can be kept, too")
    expect.that(not zero_and_kept[x == 0].all(), "dx is 0 nowhere where x is: a value that is 0 can be dropped, too")


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
    dropout_param = student.keep({"mode": "train", "p": 0.5, "seed": 4}, "dropout_param")
    _, cache = student.dropout_forward(x, dropout_param)
    first = student.dropout_backward(dout, cache)
    expect.unchanged(student)
    dropout_param.update({"seed": 5})  # layers of one network share it
    student.dropout_forward(x, dropout_param)
    second = student.dropout_backward(dout, cache)
    expect.that(
        np.shape(second) == np.shape(first) and np.allclose(second, first),
        "called again with the same dout and cache, dropout_backward gives another dx:"
        " does it write into its cache, or read something that another forward pass changed?",
    )
