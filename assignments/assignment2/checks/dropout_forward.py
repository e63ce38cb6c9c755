"""dropout_forward: in training every value is kept with probability p and scaled; in test mode all pass.

The random numbers are the student's, so they are never compared: only what must hold for any.
"""

import numpy as np

from grader import Question, expect

question = Question("dropout_forward", file="layers.py", points=3, returns="out cache:kept")

SHAPE = (120, 100)
IMAGES = (12, 10, 20, 5)


def drop(student, rng, p, shape, seed=None):
    """Return x, away from zero, and what dropout makes of it in training."""
    x = rng.uniform(0.5, 1.5, size=shape)
    settings = {"mode": "train", "p": p} | ({} if seed is None else {"seed": seed})
    out, _ = student.dropout_forward(x, settings)
    expect.shape(out, x.shape, "out")
    return x, out


@question.check(points=2, p=[0.3, 0.75])
def keeps_and_scales(student, rng, p):
    """keeps values with probability p, and divides them by p"""
    x, out = drop(student, rng, p, IMAGES, seed=11)
    share = float(np.mean(out != 0))
    error = 6 * np.sqrt(p * (1 - p) / x.size)  # six standard deviations: one right answer in 500 million is outside
    hint = ": p is the probability to keep" if abs(share - (1 - p)) < error else ""
    expect.that(abs(share - p) < error, f"{share:.1%} of the values are kept, should be {p:.0%}{hint}")
    expect.close(out, np.where(out != 0, x / p, 0.0), "out")


@question.check(points=1, p=[0.5])
def drops_independently(student, rng, p):
    """decides for every value by itself"""
    _, out = drop(student, rng, p, SHAPE, seed=12)
    kept = out != 0
    some_are_dropped(kept)
    for axis, name in ((0, "column"), (1, "row")):
        share, length = kept.mean(axis), kept.shape[axis]
        spread = float(share.var()) * length / float(kept.var())  # 1 on average, if values are independent
        expect.that(
            spread < 1.9, f"values of a {name} are kept or dropped together; draw for every value of x by itself"
        )
        expect.that(spread > 0.4, f"every {name} keeps nearly the same share; draw for every value of x by itself")


def some_are_dropped(kept):
    """Expect a mask that does something."""
    expect.that(not kept.all(), "nothing is dropped in training")
    expect.that(bool(kept.any()), "everything is dropped in training")


@question.check(points=1)
def is_repeatable(student, rng):
    """draws the same mask for the same seed, another one for another seed, and another each time without"""
    masks = {}
    x = rng.uniform(0.5, 1.5, size=SHAPE)
    for name, settings in {"a": {"seed": 5}, "b": {"seed": 5}, "c": {"seed": 6}, "d": {}, "e": {}, "f": {}}.items():
        out, _ = student.dropout_forward(x, {"mode": "train", "p": 0.5, **settings})
        expect.shape(out, x.shape, "out")
        masks[name] = out != 0
        some_are_dropped(masks[name])
    expect.that(np.array_equal(masks["a"], masks["b"]), "two calls with the same seed drop different values")
    expect.that(
        not np.array_equal(masks["a"], masks["c"]), "two seeds drop the same values: use the seed, if there is one"
    )
    expect.that(not np.array_equal(masks["d"], masks["e"]), "two calls without a seed drop the same values")
    exact = [2 * int(masks[name].sum()) == x.size for name in "acdef"]  # all five are, once in 10**10
    expect.that(not all(exact), "exactly half of the values are kept in every call; draw for every value by itself")


@question.check(points=2, p=[0.3])
def passes_all_in_test_mode(student, rng, p):
    """changes nothing in test mode"""
    x = rng.normal(size=(6, 5))
    out, _ = student.dropout_forward(x, {"mode": "test", "p": p, "seed": 3})
    expect.close(out, x, "out")


@question.check(robust=True, mode=["train", "test"])
def leaves_arguments(student, rng, mode):
    """leaves its arguments as they were"""
    student.dropout_forward(rng.normal(size=(4, 3)), {"mode": mode, "p": 0.5, "seed": 1})
    expect.unchanged(student)
