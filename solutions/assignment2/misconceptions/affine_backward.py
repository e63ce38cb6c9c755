"""Wrong and other right answers to affine_backward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("affine_backward")


catalogue.wrong(
    "dx-stays-flat",
    "dx is left in its flattened form; a gradient has the shape of the array that it belongs to.",
    edit=("(dout @ w.T).reshape(x.shape)", "dout @ w.T"),
)

catalogue.wrong(
    "dx-in-column-order",
    "dx is given the shape of x in another order of axes than the one in which x was flattened.",
    edit=("(dout @ w.T).reshape(x.shape)", '(dout @ w.T).reshape(x.shape, order="F")'),
)

catalogue.wrong(
    "no-flattening",
    "x is used as it came; with more than two axes it has to be flattened to one row per example, as going forward.",
    edit=("x.reshape(x.shape[0], -1)", "x"),
)

catalogue.wrong(
    "transposes-before-flattening",
    "All axes of x are reversed before it is flattened, so the rows of dw come in another order than those of w.",
    edit=("rows.T @ dout", "x.T.reshape(-1, x.shape[0]) @ dout"),
)

catalogue.wrong(
    "dw-transposed",
    "dw comes out transposed: its rows belong to the inputs and its columns to the outputs, as in w.",
    edit=("rows.T @ dout", "dout.T @ rows"),
)

catalogue.wrong(
    "db-over-outputs",
    "db is summed over the outputs; the bias of one output is shared by all examples, so sum over these.",
    edit=("dout.sum(axis=0)", "dout.sum(axis=1)"),
)

catalogue.wrong(
    "db-of-all-outputs",
    "db is one sum over everything; each output has a bias and a gradient of its own.",
    edit=("dout.sum(axis=0)", "dout.sum()"),
)

catalogue.wrong(
    "db-averaged",
    "db is averaged over the examples; the gradient of something shared is the sum over its uses, and the average is"
    " already part of the loss.",
    edit=("dout.sum(axis=0)", "dout.mean(axis=0)"),
)

catalogue.wrong(
    "db-not-summed",
    "db is the upstream gradient itself, one row per example; the examples share the bias, so their gradients add up.",
    edit=("dout.sum(axis=0)", "dout"),
)

catalogue.wrong(
    "db-keeps-the-batch-axis",
    "db keeps an axis of length one for the batch; a gradient has the shape of the array that it belongs to.",
    edit=("dout.sum(axis=0)", "dout.sum(axis=0, keepdims=True)"),
)

catalogue.wrong(
    "averages-over-the-batch",
    "dw and db are divided by the number of examples; the loss already averages, so dout carries that factor.",
    edit=[("rows.T @ dout", "rows.T @ dout / dout.shape[0]"), ("dout.sum(axis=0)", "dout.mean(axis=0)")],
)


@catalogue.wrong(
    "keeps-the-last-example",
    "dw and db are assigned anew for every example, so only the last one counts: add up over the batch.",
)
def affine_backward(dout, cache):
    x, w = cache
    dx = np.zeros_like(x)
    for n in range(x.shape[0]):
        dx[n] = w.dot(dout[n]).reshape(x[n].shape)
        dw = np.outer(x[n], dout[n])
        db = dout[n]
    return dx, dw, db


@catalogue.wrong(
    "flattens-the-cached-x-in-place",
    "The x in the cache is itself given another shape, so a second backward pass no longer finds the shape it needs.",
)
def affine_backward(dout, cache):
    x, w = cache
    shape = x.shape
    x.shape = (shape[0], -1)
    return dout.dot(w.T).reshape(shape), x.T.dot(dout), np.sum(dout, axis=0)


@catalogue.wrong(
    "global-instead-of-cache",
    "x and w are kept in module-level variables, which the next forward pass overwrites; what the backward pass needs"
    " belongs in the cache, or two layers of one network get in each other's way.",
)
class _:
    def affine_forward(x, w, b):
        global last_x, last_w
        last_x, last_w = x, w
        return x.reshape(x.shape[0], -1).dot(w) + b, None

    def affine_backward(dout, cache):
        dx = dout.dot(last_w.T).reshape(last_x.shape)
        return dx, last_x.reshape(len(last_x), -1).T.dot(dout), dout.sum(axis=0)


catalogue.wrong(
    "square-weights-not-transposed",
    "Where w has as many rows as columns, it is not transposed for dx: the shapes fit without, but the numbers do not.",
    edit=("dout @ w.T", "dout @ (w if w.shape[0] == w.shape[1] else w.T)"),
)


@catalogue.right("einsum")
def affine_backward(dout, cache):
    x, w = cache
    N = x.shape[0]
    dx = np.einsum("nm,dm->nd", dout, w).reshape(x.shape)
    dw = np.einsum("nd,nm->dm", x.reshape(N, -1), dout)
    return dx, dw, np.einsum("nm->m", dout)


@catalogue.right("outer-products-in-float32")
def affine_backward(dout, cache):
    x, w = cache
    dx = np.zeros(x.shape, dtype=np.float32)
    dw = np.zeros(w.shape, dtype=np.float32)
    db = np.zeros(w.shape[1], dtype=np.float32)
    for example, d, dexample in zip(x, dout, dx, strict=True):
        dexample[...] = (w @ d).reshape(dexample.shape)
        dw += np.outer(example, d)
        db += d
    return dx, dw, db


@catalogue.right("transposed-views")
def affine_backward(dout, cache):
    x, w = cache
    dw = np.dot(dout.T, x.reshape(x.shape[0], -1)).T
    dx = np.dot(w, dout.T).T.reshape(*x.shape)
    return dx, dw, np.ones(dout.shape[0]) @ dout


@catalogue.right("tensordot")
def affine_backward(dout, cache):
    x, w = cache
    dx = np.tensordot(dout, w.reshape(*x.shape[1:], -1), axes=(1, x.ndim - 1))
    dw = np.tensordot(x, dout, axes=(0, 0)).reshape(w.shape)
    return dx, dw, np.add.reduce(dout)


catalogue.right(
    "prints-all-it-does",
    edit=("x, w = cache", 'x, w = cache\n    print("x", x, "w", w, "dout", dout, "again " * 10000)'),
)


@catalogue.right("dict-cache")
class _:
    def affine_forward(x, w, b):
        flat = x.reshape(x.shape[0], -1)
        return flat.dot(w) + b, {"flat": flat, "shape": x.shape, "w": w}

    def affine_backward(dout, cache):
        dx = dout.dot(cache["w"].T).reshape(cache["shape"])
        return dx, cache["flat"].T.dot(dout), dout.sum(axis=0)
