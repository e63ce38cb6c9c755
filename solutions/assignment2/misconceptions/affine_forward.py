"""Wrong and other right answers to affine_forward."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("affine_forward")


@catalogue.wrong("no-bias", "The bias is missing: every output should also get its own b.")
def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w), (x, w, b)


@catalogue.wrong(
    "bias-of-the-first-output", "Only one number of b is used for all outputs; each output has a bias of its own."
)
def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1).dot(w) + b[0], (x, w, b)


@catalogue.wrong(
    "flattens-in-column-order",
    "The numbers of an example are taken in another order than the rows of w stand in: flatten the last axis fastest.",
)
def affine_forward(x, w, b):
    rows = np.stack([example.flatten(order="F") for example in x])
    return rows @ w + b, (x, w, b)


@catalogue.wrong("no-flattening", "Inputs with more than two axes are not flattened to one row per example.")
def affine_forward(x, w, b):
    return np.dot(x, w) + b, (x, w, b)


@catalogue.wrong("flattens-in-place", "x itself is given another shape, but the caller still needs the old one.")
def affine_forward(x, w, b):
    x.shape = (x.shape[0], -1)
    return x @ w + b, (x, w, b)


@catalogue.wrong(
    "mixes-examples",
    "The flattened rows mix numbers of several examples: reshaping keeps the order of the numbers in memory, so the"
    " axis of the examples has to stay the first one; transposing afterwards does not mend it.",
)
def affine_forward(x, w, b):
    columns = x.reshape(w.shape[0], x.shape[0])
    return columns.T.dot(w) + b, (x, w, b)


@catalogue.wrong(  # noqa: RET503 - the mistake itself
    "returns-inside-the-loop",
    "Only the first example is computed, and the other rows stay zero: the function returns inside its loop over the"
    " examples.",
)
def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]))
    for n in range(x.shape[0]):
        out[n] = x[n].reshape(-1).dot(w) + b
        return out, (x, w, b)


catalogue.wrong(
    "drops-the-batch-axis",
    "With a single example the axis of the batch is lost: a batch of one is still a batch, with one row.",
    edit=("rows @ w + b", "np.squeeze(rows @ w) + b"),
)

catalogue.wrong(
    "bias-as-a-column",
    "The biases are laid out as a column, so broadcasting goes along the examples; there is one bias per output.",
    edit=("rows @ w + b", "rows @ w + b.reshape(-1, 1)"),
)

catalogue.wrong(
    "sums-the-biases",
    "The biases are summed up before they are added; every output has just one of its own.",
    edit=("rows @ w + b", "rows @ w + b.sum()"),
)


catalogue.wrong(
    "flattens-three-axes-only",
    "Only the first three axes of an example are multiplied to its length; an example may have any number of axes.",
    edit=("x.reshape(x.shape[0], -1)", "x.reshape(x.shape[0], np.prod(x.shape[1:4]))"),
)


@catalogue.right("einsum")
def affine_forward(x, w, b):
    rows = x.reshape(len(x), w.shape[0])
    return np.einsum("nd,dm->nm", rows, w) + b[None, :], {"x": x, "w": w, "b": b}


@catalogue.right("loops-in-float32")
def affine_forward(x, w, b):
    out = np.zeros((x.shape[0], w.shape[1]), dtype=np.float32)
    for n in range(x.shape[0]):
        for m in range(w.shape[1]):
            out[n, m] = np.sum(np.ravel(x[n]) * w[:, m]) + b[m]
    return out, (x, w, b)


@catalogue.right("column-major")
def affine_forward(x, w, b):
    return np.asfortranarray(np.matmul(x.reshape(x.shape[0], -1), w) + b), (x, w, b)


@catalogue.right("shape-from-the-weights")
def affine_forward(x, w, b):
    D = w.shape[0]
    out = np.matmul(x.reshape(-1, D), w) + np.tile(b, (x.shape[0], 1))
    return out, (x, w, b)


@catalogue.right("bias-as-one-more-weight")
def affine_forward(x, w, b):
    ones = np.ones((x.shape[0], 1))
    rows = np.hstack([np.array([example.flatten() for example in x]), ones])
    return rows.dot(np.vstack([w, b])), {"x": x, "w": w}
