"""Wrong and other right answers to TwoLayerNet."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("TwoLayerNet")

PENALTY = "loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))"

LEARNS = "loss changes the weights itself; it should only say where the gradient points, and the solver moves them."


# parameters

catalogue.wrong(
    "ignores-weight-scale",
    "The weights have a scale of their own, whatever weight_scale is.",
    edit=[
        ("np.random.normal(0.0, weight_scale, size=(input_dim", "np.random.normal(0.0, 1e-3, size=(input_dim"),
        ("np.random.normal(0.0, weight_scale, size=(hidden_dim", "np.random.normal(0.0, 1e-3, size=(hidden_dim"),
    ],
)

catalogue.wrong(
    "weights-all-positive",
    "The weights are drawn evenly between 0 and weight_scale, but they should be normally distributed around zero.",
    edit=("np.random.normal(0.0, weight_scale, size=(input_dim", "np.random.uniform(0.0, weight_scale, (input_dim"),
)

catalogue.wrong(
    "scale-as-variance",
    "weight_scale is taken for the variance of the weights, but it is their standard deviation.",
    edit=(
        "np.random.normal(0.0, weight_scale, size=(input_dim",
        "np.random.normal(0.0, weight_scale**0.5, size=(input_dim",
    ),
)

catalogue.wrong(
    "scales-by-the-inputs",
    "The weights are scaled by the number of inputs of their layer; asked for is the standard deviation weight_scale.",
    edit=[
        (
            "np.random.normal(0.0, weight_scale, size=(input_dim",
            "np.random.normal(0.0, (2 / input_dim) ** 0.5, size=(input_dim",
        ),
        (
            "np.random.normal(0.0, weight_scale, size=(hidden_dim",
            "np.random.normal(0.0, (2 / hidden_dim) ** 0.5, size=(hidden_dim",
        ),
    ],
)

catalogue.wrong(
    "weights-of-zero",
    "The weights start at zero, so that all hidden units stay alike for ever: chance has to tell them apart.",
    edit=("np.random.normal(0.0, weight_scale, size=(hidden_dim, num_classes))", "np.zeros((hidden_dim, num_classes))"),
)

catalogue.wrong(
    "random-biases",
    "The biases are random, but they should start at zero.",
    edit=('self.params["b1"] = np.zeros(hidden_dim)', 'self.params["b1"] = weight_scale * np.random.randn(hidden_dim)'),
)

catalogue.wrong(
    "biases-as-columns",
    "The biases are matrices of one column; they should be vectors.",
    edit=('self.params["b1"] = np.zeros(hidden_dim)', 'self.params["b1"] = np.zeros((hidden_dim, 1))'),
)


# scores

catalogue.wrong(
    "no-relu",
    "The hidden layer has no relu: without it, the two layers together are only one linear map.",
    edit=[
        (
            "affine_relu_forward(X, W1, b1)  # (N, H)",
            "affine_forward(X, W1, b1)",
        ),
        ("affine_relu_backward(dhidden, hidden_cache)", "affine_backward(dhidden, hidden_cache)"),
    ],
)

catalogue.wrong(
    "relu-on-the-scores",
    "The scores go through a relu too, which cuts off negative ones; softmax takes scores of any sign.",
    edit=[
        ("scores, scores_cache = affine_forward(", "scores, scores_cache = affine_relu_forward("),
        ("affine_backward(dscores, scores_cache)", "affine_relu_backward(dscores, scores_cache)"),
    ],
)

catalogue.wrong(
    "relu-on-the-scores-forward-only",
    "The scores go through a relu, and the backward pass does not know of it; there should be none.",
    edit=("scores, scores_cache = affine_forward(", "scores, scores_cache = affine_relu_forward("),
)

catalogue.wrong(
    "probabilities-for-scores",
    "Without labels, probabilities are returned; asked for are the scores before the softmax.",
    edit=("return scores\n", "return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)\n"),
)

catalogue.wrong(
    "classes-for-scores",
    "Without labels, the best class of each example is returned; asked for is the score of every class.",
    edit=("return scores\n", "return scores.argmax(axis=1)\n"),
)

catalogue.wrong(
    "needs-labels",
    "The labels are looked at before asking whether there are any, so that scores cannot be had without them.",
    edit=("hidden, hidden_cache =", "N = len(y)\n        hidden, hidden_cache ="),
)


# loss

catalogue.wrong(
    "penalty-without-half",
    "The factor 0.5 of the regularisation is missing in the loss, so that its gradient is only half as steep as it.",
    edit=("loss += 0.5 * self.reg", "loss += self.reg"),
)

catalogue.wrong(
    "no-penalty",
    "The loss has no regularisation, though the gradients do.",
    edit=(PENALTY, "pass"),
)

catalogue.wrong(
    "penalty-skips-the-last-layer",
    "Only the first weight matrix is regularised; the last layer has weights too.",
    edit=[(" + np.sum(W2 * W2))", ")"), ("dW2 + self.reg * W2", "dW2")],
)

catalogue.wrong(
    "second-line-of-its-own",
    "The second half of a sum stands on a line of its own that begins with +: without brackets that is another"
    " statement, whose value is thrown away.",
    edit=(
        PENALTY,
        "loss = loss + 0.5 * self.reg * np.sum(W1 * W1)\n        +0.5 * self.reg * np.sum(W2 * W2)",
    ),
)

catalogue.wrong(
    "square-of-the-sum",
    "The weights are summed first and squared then; the penalty is the sum of their squares.",
    edit=("(np.sum(W1 * W1) + np.sum(W2 * W2))", "(np.sum(W1) ** 2 + np.sum(W2) ** 2)"),
)

catalogue.wrong(
    "product-of-matrices",
    "The penalty is made from a matrix product of the weights with themselves; what is meant is the square of each"
    " weight.",
    edit=("(np.sum(W1 * W1) + np.sum(W2 * W2))", "(np.sum(W1.T @ W1) + np.sum(W2.T @ W2))"),
)

catalogue.wrong(
    "norm-not-squared",
    "The penalty is the norm of the weights; it should be the square of it.",
    edit=("(np.sum(W1 * W1) + np.sum(W2 * W2))", "(np.linalg.norm(W1) + np.linalg.norm(W2))"),
)

catalogue.wrong(
    "regularises-biases",
    "The biases are regularised too; only the weights should be.",
    edit=[
        ("np.sum(W2 * W2))", "np.sum(W2 * W2) + np.sum(b1 * b1) + np.sum(b2 * b2))"),
        ('"b1": db1', '"b1": db1 + self.reg * b1'),
        ('"b2": db2', '"b2": db2 + self.reg * b2'),
    ],
)

catalogue.wrong(
    "penalty-averaged-over-the-batch",
    "The penalty is divided by the number of examples; it belongs to the weights and does not depend on the batch.",
    edit=("loss += 0.5 * self.reg", "loss += 0.5 / len(X) * self.reg"),
)

catalogue.wrong(
    "loss-summed-over-the-batch",
    "The loss is multiplied by the number of examples again: it should be their mean.",
    edit=("loss, dscores = softmax_loss(scores, y)", "loss, dscores = softmax_loss(scores, y)\n        loss *= len(y)"),
)


# gradients

catalogue.wrong(
    "gradient-without-penalty",
    "The gradients do not know of the regularisation that is in the loss.",
    edit=[("dW1 + self.reg * W1", "dW1"), ("dW2 + self.reg * W2", "dW2")],
)

catalogue.wrong(
    "half-in-the-gradient",
    "The gradient of the regularisation has a factor 0.5, but that is what the square's derivative takes away.",
    edit=[("dW1 + self.reg * W1", "dW1 + 0.5 * self.reg * W1"), ("dW2 + self.reg * W2", "dW2 + 0.5 * self.reg * W2")],
)

catalogue.wrong(
    "two-in-the-gradient",
    "The gradient of the regularisation has a factor 2, as if the loss had no factor 0.5.",
    edit=[("dW1 + self.reg * W1", "dW1 + 2 * self.reg * W1"), ("dW2 + self.reg * W2", "dW2 + 2 * self.reg * W2")],
)

catalogue.wrong(
    "one-number-as-gradient",
    "The same number, the sum of all weights, is added to every element of the gradient; the penalty of a weight"
    " depends on that weight alone.",
    edit=[("self.reg * W1,", "self.reg * np.sum(W1),"), ("self.reg * W2,", "self.reg * np.sum(W2),")],
)

catalogue.wrong(
    "skips-relu-on-the-way-back",
    "The gradient passes the hidden layer as if there were no relu: where a unit was cut off, nothing comes through.",
    edit=("affine_relu_backward(dhidden, hidden_cache)", "affine_backward(dhidden, hidden_cache[0])"),
)

catalogue.wrong(
    "other-names-for-gradients",
    "The gradients have names of their own; they should be found under the names of their parameters.",
    edit=('grads = {"W1": dW1 + self.reg * W1,', 'grads = {"dW1": dW1 + self.reg * W1,'),
)

catalogue.wrong(
    "no-gradients-of-biases",
    "The gradients of the biases are missing, so that they can never be learnt.",
    edit=[('"b1": db1, ', ""), (', "b2": db2}', "}")],
)

catalogue.wrong(
    "biases-exchanged",
    "The gradients of the two biases have changed places.",
    edit=[('"b1": db1', '"b1": db2'), ('"b2": db2', '"b2": db1')],
)

catalogue.wrong(
    "learns-by-itself",
    LEARNS,
    edit=("return loss, grads", 'self.params["W1"] = W1 - 1e-3 * grads["W1"]\n        return loss, grads'),
)

catalogue.wrong(
    "penalty-grows-in-the-weights",
    LEARNS,
    edit=("dW1 + self.reg * W1", "dW1 + np.multiply(W1, self.reg, out=W1)"),
)


@catalogue.wrong(
    "gradients-pile-up",
    "The gradients of earlier calls are kept in the network and added to; each call asks for those of its own batch.",
)
def loss(self, X, y=None):
    W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
    hidden, hidden_cache = affine_relu_forward(X, W1, b1)
    scores, scores_cache = affine_forward(hidden, W2, b2)
    if y is None:
        return scores
    loss, dscores = softmax_loss(scores, y)
    loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
    dhidden, dW2, db2 = affine_backward(dscores, scores_cache)
    _, dW1, db1 = affine_relu_backward(dhidden, hidden_cache)
    self.grads = getattr(self, "grads", {"W1": 0, "b1": 0, "W2": 0, "b2": 0})
    self.grads["W1"] = self.grads["W1"] + dW1 + self.reg * W1
    self.grads["b1"] = self.grads["b1"] + db1
    self.grads["W2"] = self.grads["W2"] + dW2 + self.reg * W2
    self.grads["b2"] = self.grads["b2"] + db2
    return loss, self.grads


@catalogue.right("bare-numpy")
def loss(self, X, y=None):
    W1, b1 = self.params["W1"], self.params["b1"]
    W2, b2 = self.params["W2"], self.params["b2"]
    N = X.shape[0]
    rows = X.reshape(N, -1)
    hidden = np.maximum(0, rows.dot(W1) + b1)
    scores = hidden.dot(W2) + b2
    if y is None:
        return scores
    p = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    p /= np.sum(p, axis=1, keepdims=True)
    loss = -np.mean(np.log(p[np.arange(N), y])) + 0.5 * self.reg * (np.sum(W1**2) + np.sum(W2**2))
    p[np.arange(N), y] -= 1
    p /= N
    grads = {"W2": hidden.T.dot(p) + self.reg * W2, "b2": np.sum(p, axis=0)}
    dhidden = p.dot(W2.T)
    dhidden[hidden <= 0] = 0
    grads["W1"] = rows.T.dot(dhidden) + self.reg * W1
    grads["b1"] = np.sum(dhidden, axis=0)
    return loss, grads


@catalogue.right("single-layers")
def loss(self, X, y=None):
    a1, cache1 = affine_forward(X, self.params["W1"], self.params["b1"])
    h1, cache2 = relu_forward(a1)
    scores, cache3 = affine_forward(h1, self.params["W2"], self.params["b2"])
    if y is None:
        return scores
    loss, grads = 0, {}
    loss, dout = softmax_loss(scores, y)
    for name in ["W1", "W2"]:
        loss += 0.5 * self.reg * np.sum(np.square(self.params[name]))
    dout, grads["W2"], grads["b2"] = affine_backward(dout, cache3)
    dout = relu_backward(dout, cache2)
    _, grads["W1"], grads["b1"] = affine_backward(dout, cache1)
    for name in ["W1", "W2"]:
        grads[name] += self.reg * self.params[name]
    return loss, grads


@catalogue.right("example-by-example-in-float32")
def loss(self, X, y=None):
    W1, b1, W2, b2 = (self.params[name].astype(np.float32) for name in ("W1", "b1", "W2", "b2"))
    N = len(X)
    scores = np.zeros((N, len(b2)), dtype=np.float32)
    loss = 0.5 * self.reg * (np.vdot(W1, W1) + np.vdot(W2, W2))
    grads = {"W1": self.reg * W1, "b1": 0 * b1, "W2": self.reg * W2, "b2": 0 * b2}
    for n in range(N):
        x = X[n].ravel().astype(np.float32)
        h = x @ W1 + b1
        h[h < 0] = 0
        scores[n] = h @ W2 + b2
        if y is None:
            continue
        s = scores[n] - scores[n].max()
        loss += (np.log(np.exp(s).sum()) - s[y[n]]) / N
        ds = np.exp(s) / np.exp(s).sum() / N
        ds[y[n]] -= 1 / N
        grads["W2"] = grads["W2"] + np.outer(h, ds)
        grads["b2"] = grads["b2"] + ds
        dh = np.where(h > 0, W2 @ ds, 0)
        grads["W1"] = grads["W1"] + np.outer(x, dh)
        grads["b1"] = grads["b1"] + dh
    if y is None:
        return scores
    return float(loss), grads


@catalogue.right("weights-in-a-loop")
def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
    rng = np.random.default_rng()
    sizes = [input_dim, hidden_dim, num_classes]
    self.reg = reg
    self.params = {}
    for i in range(2):
        self.params["W" + str(i + 1)] = weight_scale * rng.standard_normal((sizes[i], sizes[i + 1]))
        self.params["b" + str(i + 1)] = np.zeros((sizes[i + 1],))


@catalogue.right("keeps-activations-in-the-net")
def loss(self, X, y=None):
    def forward():
        self.x = np.reshape(X, (len(X), -1))
        self.h = self.x @ self.params["W1"] + self.params["b1"]
        self.a = self.h * (self.h > 0)
        return self.a @ self.params["W2"] + self.params["b2"]

    def backward(d):
        dh = (d @ self.params["W2"].T) * (self.h > 0)
        return {"W1": self.x.T @ dh, "b1": dh.sum(0), "W2": self.a.T @ d, "b2": d.sum(0)}

    scores = forward()
    if y is None:
        return scores
    data_loss, d = softmax_loss(scores, y)
    weights = {name: value for name, value in self.params.items() if name.startswith("W")}
    reg_loss = sum(0.5 * self.reg * np.linalg.norm(value) ** 2 for value in weights.values())
    grads = backward(d)
    for name, value in weights.items():
        grads[name] += self.reg * value
    return data_loss + reg_loss, grads
