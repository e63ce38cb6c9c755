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
