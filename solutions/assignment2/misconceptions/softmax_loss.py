"""Wrong and other right answers to softmax_loss."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("softmax_loss")

SUMMED = "The loss is the sum over the examples; it should be their mean, which does not grow with the batch."


catalogue.wrong(
    "no-shift",
    "exp is taken of the scores as they are and overflows for large ones; every row may first be shifted by a constant"
    " without changing its probabilities.",
    edit=("x - x.max(axis=1, keepdims=True)", "x"),
)

catalogue.wrong(
    "one-shift-for-all",
    "All scores are shifted by the largest of the whole batch, so an example with much smaller ones underflows; each"
    " example needs a shift of its own.",
    edit=("x.max(axis=1, keepdims=True)", "x.max()"),
)

catalogue.wrong(
    "shift-per-class",
    "Every class is shifted by its largest score over the batch; only a constant shared by all classes of an example"
    " leaves the probabilities as they are.",
    edit=("x.max(axis=1, keepdims=True)", "x.max(axis=0, keepdims=True)"),
)

catalogue.wrong(
    "small-constant-in-the-log",
    "A small constant is added inside the logarithm: it hides probabilities that underflowed, and gives a wrong loss"
    " for them; the logarithm of a softmax can be computed without ever forming the probability.",
    edit=("loss = -log_p[examples, y].mean()", "loss = -np.log(np.exp(log_p[examples, y]) + 1e-8).mean()"),
)

catalogue.wrong(
    "visible-constant-in-the-log",
    "A constant is added inside the logarithm, and it is large enough to change the loss of ordinary examples; the"
    " logarithm of a softmax can be computed without ever forming the probability.",
    edit=("loss = -log_p[examples, y].mean()", "loss = -np.log(np.exp(log_p[examples, y]) + 1e-3).mean()"),
)

catalogue.wrong(
    "clips-the-probability",
    "Probabilities are clipped from below before the logarithm, so the loss of a very unlikely class is cut off; the"
    " logarithm of a softmax can be computed without ever forming the probability.",
    edit=("loss = -log_p[examples, y].mean()", "loss = -np.log(np.clip(np.exp(log_p[examples, y]), 1e-12, 1)).mean()"),
)


@catalogue.wrong(
    "log-of-the-probability",
    "The logarithm is taken of a probability, which may have underflowed to zero, and the loss becomes infinite;"
    " simplify the logarithm of the softmax first.",
)
def softmax_loss(x, y):
    N = x.shape[0]
    p = np.exp(x - np.max(x, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    loss = -np.sum(np.log(p[np.arange(N), y])) / N
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return loss, dx / N


catalogue.wrong(
    "loss-summed",
    SUMMED,
    edit=("-log_p[examples, y].mean()", "-log_p[examples, y].sum()"),
)

catalogue.wrong(
    "gradient-not-averaged",
    "The gradient is not divided by the number of examples; the loss is a mean, in which each has but a share.",
    edit=("return loss, dx / N", "return loss, dx"),
)

catalogue.wrong(
    "sum-of-the-examples",
    SUMMED,
    edit=[("-log_p[examples, y].mean()", "-log_p[examples, y].sum()"), ("return loss, dx / N", "return loss, dx")],
)

catalogue.wrong(
    "mean-over-all-scores",
    "Loss and gradient are divided by the number of scores; there is one loss per example, so divide by the number of"
    " examples.",
    edit=[
        ("-log_p[examples, y].mean()", "-log_p[examples, y].sum() / x.size"),
        ("return loss, dx / N", "return loss, dx / x.size"),
    ],
)

catalogue.wrong(
    "divides-before-subtracting",
    "The probabilities are divided by the number of examples, but the one of the right class is subtracted undivided;"
    " the whole gradient has that factor.",
    edit=[("dx = np.exp(log_p)", "dx = np.exp(log_p) / N"), ("return loss, dx / N", "return loss, dx")],
)

catalogue.wrong(
    "right-class-not-subtracted",
    "The gradient is the probabilities alone; the score of the right class also enters the loss directly, and that part"
    " is missing.",
    edit=("dx[examples, y] -= 1", "pass"),
)

catalogue.wrong(
    "subtracts-at-the-prediction",
    "One is subtracted where the score is largest; it belongs to the right class of each example, predicted or not.",
    edit=("dx[examples, y] -= 1", "dx[examples, x.argmax(axis=1)] -= 1"),
)

catalogue.wrong(
    "not-normalised",
    "The gradient uses the exponentials of the scores; they become probabilities only when divided by their sum.",
    edit=("dx = np.exp(log_p)", "dx = np.exp(shifted)"),
)

catalogue.wrong(
    "normalises-over-the-batch",
    "The exponentials are divided by their sum over the examples; the classes of one example are what should add up to"
    " one.",
    edit=(".sum(axis=1, keepdims=True)", ".sum(axis=0, keepdims=True)"),
)

catalogue.wrong(
    "sign-of-the-loss",
    "The loss has the wrong sign: the logarithm of a probability is negative, and a loss should fall when the right"
    " class gets likelier.",
    edit=("-log_p[examples, y].mean()", "log_p[examples, y].mean()"),
)

catalogue.wrong(
    "sign-of-the-gradient",
    "The gradient has the wrong sign: following it downhill would make the right class less likely.",
    edit=("return loss, dx / N", "return loss, -dx / N"),
)

catalogue.wrong(
    "logarithm-to-base-ten",
    "The logarithm is the one to base ten; cross-entropy and its gradient use the natural one.",
    edit=("loss = -log_p[examples, y].mean()", "loss = -np.log10(np.exp(log_p[examples, y])).mean()"),
)

catalogue.wrong(
    "labels-pick-whole-columns",
    "The labels pick whole columns, for all examples at once; one score should be picked from each row, the one of that"
    " example's class.",
    edit=[("log_p[examples, y]", "log_p[:, y]"), ("dx[examples, y]", "dx[:, y]")],
)

catalogue.wrong(
    "shifts-x-in-place",
    "The scores are shifted in x itself; the caller still needs them as they were.",
    edit=("shifted = x - x.max(axis=1, keepdims=True)", "x -= x.max(axis=1, keepdims=True)\n    shifted = x"),
)


@catalogue.wrong(
    "hinge-loss",
    "This is the hinge loss of a support vector machine; asked for is the cross-entropy of the softmax.",
)
def softmax_loss(x, y):
    N = x.shape[0]
    right = x[np.arange(N), y][:, np.newaxis]
    margins = np.maximum(0, x - right + 1.0)
    margins[np.arange(N), y] = 0
    dx = (margins > 0).astype(float)
    dx[np.arange(N), y] = -dx.sum(axis=1)
    return margins.sum() / N, dx / N


@catalogue.wrong(
    "squared-error",
    "The squared distance of the probabilities to the one-hot labels is returned as the loss; asked for is the"
    " cross-entropy.",
)
def softmax_loss(x, y):
    N, C = x.shape
    p = np.exp(x - x.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    difference = p - np.eye(C)[y]
    return np.sum(difference**2) / (2 * N), difference / N


@catalogue.right("one-hot-labels")
def softmax_loss(x, y):
    N, C = x.shape
    one_hot = np.eye(C)[y]
    shifted = x - np.max(x, axis=1)[:, None]
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1))[:, None]
    return -np.sum(one_hot * log_p) / N, (np.exp(log_p) - one_hot) / N


@catalogue.right("logaddexp")
def softmax_loss(x, y):
    N = len(y)
    total = np.logaddexp.reduce(x, axis=1)
    loss = np.mean(total - np.choose(y, x.T))
    dx = np.exp(x - total[:, None])
    np.subtract.at(dx, (range(N), y), 1)
    dx /= N
    return loss, dx


@catalogue.right("loops")
def softmax_loss(x, y):
    N, C = x.shape
    loss = 0.0
    dx = np.zeros_like(x)
    for i in range(N):
        scores = x[i] - max(x[i])
        total = sum(np.exp(score) for score in scores)
        loss += np.log(total) - scores[y[i]]
        for j in range(C):
            dx[i, j] = (np.exp(scores[j]) / total - (j == y[i])) / N
    return loss / N, dx


@catalogue.right("float32-and-column-order")
def softmax_loss(x, y):
    N = x.shape[0]
    scores = x.T - x.max(axis=1)
    log_p = (scores - np.log(np.exp(scores).sum(axis=0))).astype(np.float32)
    dx = np.exp(log_p)
    dx[y, np.arange(N)] -= 1
    return np.float32(-log_p[y, np.arange(N)].mean()), dx.T / N


@catalogue.right("float32-from-the-start")
def softmax_loss(x, y):
    x = x.astype(np.float32)
    N = x.shape[0]
    shifted = x - x.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    loss = np.sum(np.log(total).ravel() - shifted[np.arange(N), y]) / N
    dx = np.exp(shifted) / total
    dx[np.arange(N), y] -= 1
    return loss, dx / N


@catalogue.right("log-of-the-sum-beside-the-margin")
def softmax_loss(x, y):
    N = x.shape[0]
    largest = x.max(axis=1, keepdims=True)
    right = x[np.arange(N), y][:, None]
    loss = float(np.mean(largest - right + np.log(np.exp(x - largest).sum(axis=1, keepdims=True))))
    p = np.exp(x - largest)
    dx = p / p.sum(axis=1, keepdims=True)
    dx[np.arange(N), y] -= 1
    return loss, dx / N
