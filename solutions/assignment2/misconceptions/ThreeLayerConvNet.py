"""Wrong and other right answers to ThreeLayerConvNet."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("ThreeLayerConvNet")

PENALTY = "loss += 0.5 * self.reg * sum(np.sum(W * W) for W in (W1, W2, W3))"
CONV_FORWARD = "pooled, pooled_cache = conv_relu_pool_forward(X, W1, b1, self.conv_param, self.pool_param)"
CONV_BACKWARD = "_, dW1, db1 = conv_relu_pool_backward(dpooled, pooled_cache)"


# parameters

catalogue.wrong(
    "forgets-that-pooling-shrinks",
    "The second weight matrix is made for images of full size; pooling has halved both height and width by then.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * H * W"),
)

catalogue.wrong(
    "pooling-halves-once",
    "The second weight matrix is made for half of the pixels; pooling halves height and width, so a quarter is left.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * (H * W // 2)"),
)

catalogue.wrong(
    "quarter-of-the-pixels",
    "The second weight matrix has a row for a quarter of the pixels; where height or width is odd, pooling leaves a row"
    " or a column out, so that fewer are left.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * (H * W // 4)"),
)

catalogue.wrong(
    "rounds-halves-up",
    "Half of an odd height or width is rounded up for the second weight matrix; a window that is not full is none, so"
    " that pooling leaves the last row or column out.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * ((H + 1) // 2) * ((W + 1) // 2)"),
)

catalogue.wrong(
    "takes-images-for-square",
    "The height of the images is taken for their width too, but they need not be square.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * (H // 2) * (H // 2)"),
)

catalogue.wrong(
    "made-for-one-image-size",
    "The second weight matrix is made for images of 32 x 32 pixels, whatever input_dim says.",
    edit=("num_filters * (H // 2) * (W // 2)", "num_filters * 16 * 16"),
)

catalogue.wrong(
    "filters-and-channels-exchanged",
    "The axes of the filters are in another order: first come the filters, then the channels they look at.",
    edit=("(num_filters, C, filter_size, filter_size)", "(C, num_filters, filter_size, filter_size)"),
)

catalogue.wrong(
    "biases-for-the-channels",
    "The convolution has a bias for each channel of the image; it needs one for each filter.",
    edit=('self.params["b1"] = np.zeros(num_filters)', 'self.params["b1"] = np.zeros(C)'),
)

catalogue.wrong(
    "ignores-weight-scale",
    "The filters have a scale of their own, whatever weight_scale is.",
    edit=("np.random.normal(0.0, weight_scale, size=filters)", "np.random.normal(0.0, 1e-3, size=filters)"),
)

catalogue.wrong(
    "unscaled-last-layer",
    "The weights of the last layer are not scaled by weight_scale.",
    edit=("np.random.normal(0.0, weight_scale, size=(hidden_dim", "np.random.normal(0.0, 1.0, size=(hidden_dim"),
)

catalogue.wrong(
    "uniform-last-layer",
    "The weights of the last layer are drawn evenly from an interval, with about the right spread; a normal"
    " distribution is asked for, which has no such bounds.",
    edit=(
        "np.random.normal(0.0, weight_scale, size=(hidden_dim",
        "weight_scale * np.random.uniform(-1.73, 1.73, size=(hidden_dim",
    ),
)

catalogue.wrong(
    "always-double-precision",
    "The parameters are float64, whatever dtype asks for.",
    edit=("C, H, W = input_dim\n", "C, H, W = input_dim\n        dtype = np.float64\n"),
)

catalogue.wrong(
    "keeps-its-first-filters",
    "The network keeps the filters that it met first, and goes on with them when params holds new ones: what the solver"
    " does with them is never seen.",
    edit=(
        "W1, b1, W2, b2, W3, b3 = (self",
        'self.filters = getattr(self, "filters", self.params["W1"])\n'
        '        W1, b1, W2, b2, W3, b3 = (self.filters if name == "W1" else self',
    ),
)

catalogue.wrong(
    "random-biases",
    "The biases are random, but they should start at zero.",
    edit=('self.params["b2"] = np.zeros(hidden_dim)', 'self.params["b2"] = weight_scale * np.random.randn(hidden_dim)'),
)


# scores

catalogue.wrong(
    "always-pads-by-one",
    "The images are padded by one row and column, which keeps their size only for filters of 3 x 3; the padding depends"
    " on the size of the filter.",
    edit=(CONV_FORWARD, CONV_FORWARD.replace("self.conv_param", '{"stride": 1, "pad": 1}')),
)

catalogue.wrong(
    "pads-by-the-filter-size",
    "The images are padded by the size of the filter, so that they grow; to keep their size, half as much is needed.",
    edit=(CONV_FORWARD, CONV_FORWARD.replace("self.conv_param", '{"stride": 1, "pad": W1.shape[2] - 1}')),
)

catalogue.wrong(
    "channels-last-before-the-affine-layer",
    "The pooled images are flattened with the channels last, so that their values meet the wrong rows of W2.",
    edit=[
        (
            "hidden, hidden_cache = affine_relu_forward(pooled, W2, b2)",
            "hidden, hidden_cache = affine_relu_forward(pooled.transpose(0, 2, 3, 1), W2, b2)",
        ),
        (CONV_BACKWARD, "dpooled = dpooled.transpose(0, 3, 1, 2)\n        " + CONV_BACKWARD),
    ],
)


@catalogue.wrong(
    "no-relu-after-the-convolution",
    "There is no relu between convolution and pooling.",
)
def loss(self, X, y=None):
    from layers import conv_backward_naive, conv_forward_naive, max_pool_backward_naive, max_pool_forward_naive

    X = X.astype(self.dtype)
    p = self.params
    out, conv_cache = conv_forward_naive(X, p["W1"], p["b1"], self.conv_param)
    out, pool_cache = max_pool_forward_naive(out, self.pool_param)
    out, hidden_cache = affine_relu_forward(out, p["W2"], p["b2"])
    scores, scores_cache = affine_forward(out, p["W3"], p["b3"])
    if y is None:
        return scores
    loss, dout = softmax_loss(scores, y)
    grads = {}
    dout, grads["W3"], grads["b3"] = affine_backward(dout, scores_cache)
    dout, grads["W2"], grads["b2"] = affine_relu_backward(dout, hidden_cache)
    dout = max_pool_backward_naive(dout, pool_cache)
    _, grads["W1"], grads["b1"] = conv_backward_naive(dout, conv_cache)
    for name in ("W1", "W2", "W3"):
        loss += 0.5 * self.reg * np.sum(p[name] ** 2)
        grads[name] += self.reg * p[name]
    return loss, grads


catalogue.wrong(
    "no-relu-in-the-hidden-layer",
    "The hidden layer has no relu: without it, the last two layers together are only one linear map.",
    edit=[
        ("hidden, hidden_cache = affine_relu_forward(", "hidden, hidden_cache = affine_forward("),
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
    "averages-where-it-should-pool",
    "Each window of the pooling gives its mean instead of its largest value.",
    edit=[
        (
            CONV_FORWARD,
            "from layer_utils import conv_relu_backward, conv_relu_forward\n\n"
            "        active, pooled_cache = conv_relu_forward(X, W1, b1, self.conv_param)\n"
            "        N, F, H, W = active.shape\n"
            "        pooled = active.reshape(N, F, H // 2, 2, W // 2, 2).mean(axis=(3, 5))",
        ),
        (
            CONV_BACKWARD,
            "_, dW1, db1 = conv_relu_backward(dpooled.repeat(2, axis=2).repeat(2, axis=3) / 4, pooled_cache)",
        ),
    ],
)

catalogue.wrong(
    "probabilities-for-scores",
    "Without labels, probabilities are returned; asked for are the scores before the softmax.",
    edit=("return scores\n", "return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)\n"),
)

catalogue.wrong(
    "needs-labels",
    "The labels are looked at before asking whether there are any, so that scores cannot be had without them.",
    edit=("hidden, hidden_cache =", "N = y.shape[0]\n        hidden, hidden_cache ="),
)


# loss

catalogue.wrong(
    "penalty-skips-the-last-layer",
    "The weights of the last layer are not regularised; they are weights too.",
    edit=[("for W in (W1, W2, W3))", "for W in (W1, W2))"), ("dW3 + self.reg * W3", "dW3")],
)

catalogue.wrong(
    "penalty-skips-the-filters",
    "The filters are not regularised; they are weights too.",
    edit=[("for W in (W1, W2, W3))", "for W in (W2, W3))"), ("dW1 + self.reg * W1", "dW1")],
)

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
    "second-line-of-its-own",
    "The rest of a sum stands on a line of its own that begins with +: without brackets that is another statement,"
    " whose value is thrown away.",
    edit=(
        PENALTY,
        "loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))\n        +0.5 * self.reg * np.sum(W3 * W3)",
    ),
)

catalogue.wrong(
    "half-of-the-first-layer-only",
    "A bracket is missing: the factor 0.5 and the strength apply to the first layer's penalty only.",
    edit=(PENALTY, "loss += 0.5 * self.reg * np.sum(W1 * W1) + np.sum(W2 * W2) + np.sum(W3 * W3)"),
)

catalogue.wrong(
    "square-of-the-sum",
    "The weights are summed first and squared then; the penalty is the sum of their squares.",
    edit=("sum(np.sum(W * W) for W in", "sum(np.sum(W) ** 2 for W in"),
)

catalogue.wrong(
    "regularises-biases",
    "The biases are regularised too; only the weights should be.",
    edit=[
        ("for W in (W1, W2, W3))", "for W in (W1, W2, W3, b1, b2, b3))"),
        ('"b1": db1', '"b1": db1 + self.reg * b1'),
        ('"b2": db2', '"b2": db2 + self.reg * b2'),
        ('"b3": db3', '"b3": db3 + self.reg * b3'),
    ],
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
    edit=[("dW1 + self.reg * W1", "dW1"), ("dW2 + self.reg * W2", "dW2"), ("dW3 + self.reg * W3", "dW3")],
)

catalogue.wrong(
    "half-in-the-gradient",
    "The gradient of the regularisation has a factor 0.5, but that is what the square's derivative takes away.",
    edit=[(f"self.reg * W{k},", f"0.5 * self.reg * W{k},") for k in (1, 2, 3)],
)

catalogue.wrong(
    "two-in-the-gradient",
    "The gradient of the regularisation has a factor 2, as if the loss had no factor 0.5.",
    edit=[(f"self.reg * W{k},", f"2 * self.reg * W{k},") for k in (1, 2, 3)],
)

catalogue.wrong(
    "one-number-as-gradient",
    "The same number, the sum of all weights, is added to every element of the gradient; the penalty of a weight"
    " depends on that weight alone.",
    edit=[(f"self.reg * W{k},", f"self.reg * np.sum(W{k}),") for k in (1, 2, 3)],
)

catalogue.wrong(
    "penalty-in-every-gradient-but-the-filters",
    "The filters are regularised in the loss, but their gradient does not know of it.",
    edit=("dW1 + self.reg * W1", "dW1"),
)

catalogue.wrong(
    "other-names-for-gradients",
    "The gradients have names of their own; they should be found under the names of their parameters.",
    edit=[(f'"W{k}": dW{k}', f'"dW{k}": dW{k}') for k in (1, 2, 3)],
)

catalogue.wrong(
    "biases-exchanged",
    "The gradients of two layers' biases have changed places.",
    edit=[('"b2": db2', '"b2": db3'), ('"b3": db3', '"b3": db2')],
)

catalogue.wrong(
    "averages-gradients-again",
    "The gradients are divided by the number of examples, but those of the softmax loss are averaged already.",
    edit=[(f"dW{k} + self.reg", f"dW{k} / len(X) + self.reg") for k in (1, 2, 3)],
)

catalogue.wrong(
    "skips-relu-on-the-way-back",
    "The gradient passes the hidden layer as if there were no relu: where a unit was cut off, nothing comes through.",
    edit=("affine_relu_backward(dhidden, hidden_cache)", "affine_backward(dhidden, hidden_cache[0])"),
)

catalogue.wrong(
    "learns-by-itself",
    "loss moves the weights itself; it should only say where the gradient points, and the solver moves them.",
    edit=("return loss, grads", 'self.params["W3"] = W3 - 1e-3 * grads["W3"]\n        return loss, grads'),
)


# other right answers


@catalogue.right("single-layers")
def loss(self, X, y=None):
    import layers

    X = X.astype(self.dtype)
    params = self.params
    out, conv_cache = layers.conv_forward_naive(X, params["W1"], params["b1"], self.conv_param)
    out, relu1_cache = layers.relu_forward(out)
    out, pool_cache = layers.max_pool_forward_naive(out, self.pool_param)
    out, affine1_cache = layers.affine_forward(out, params["W2"], params["b2"])
    out, relu2_cache = layers.relu_forward(out)
    scores, affine2_cache = layers.affine_forward(out, params["W3"], params["b3"])
    if y is None:
        return scores

    grads = {}
    loss, dout = layers.softmax_loss(scores, y)
    dout, grads["W3"], grads["b3"] = layers.affine_backward(dout, affine2_cache)
    dout = layers.relu_backward(dout, relu2_cache)
    dout, grads["W2"], grads["b2"] = layers.affine_backward(dout, affine1_cache)
    dout = layers.max_pool_backward_naive(dout, pool_cache)
    dout = layers.relu_backward(dout, relu1_cache)
    dout, grads["W1"], grads["b1"] = layers.conv_backward_naive(dout, conv_cache)
    for w in ["W1", "W2", "W3"]:
        loss += 0.5 * self.reg * (params[w] ** 2).sum()
        grads[w] += self.reg * params[w]
    return loss, grads


@catalogue.right("pools-before-relu")
def loss(self, X, y=None):
    from layers import (
        conv_backward_naive,
        conv_forward_naive,
        max_pool_backward_naive,
        max_pool_forward_naive,
        relu_backward,
        relu_forward,
    )

    X = X.astype(self.dtype)
    p = self.params
    out, conv_cache = conv_forward_naive(X, p["W1"], p["b1"], self.conv_param)
    out, pool_cache = max_pool_forward_naive(out, self.pool_param)  # the largest value is the same before and after
    out, relu_cache = relu_forward(out)
    out, hidden_cache = affine_relu_forward(out, p["W2"], p["b2"])
    scores, scores_cache = affine_forward(out, p["W3"], p["b3"])
    if y is None:
        return scores
    loss, dout = softmax_loss(scores, y)
    grads = {}
    dout, grads["W3"], grads["b3"] = affine_backward(dout, scores_cache)
    dout, grads["W2"], grads["b2"] = affine_relu_backward(dout, hidden_cache)
    dout = max_pool_backward_naive(relu_backward(dout, relu_cache), pool_cache)
    _, grads["W1"], grads["b1"] = conv_backward_naive(dout, conv_cache)
    for name in ("W1", "W2", "W3"):
        loss += 0.5 * self.reg * np.sum(p[name] ** 2)
        grads[name] += self.reg * p[name]
    return loss, grads


@catalogue.right("quick-layers")
def loss(self, X, y=None):
    from fast_layers import conv_backward_im2col, conv_forward_im2col
    from layers import max_pool_backward_naive, max_pool_forward_naive, relu_backward, relu_forward

    X = X.astype(self.dtype)
    W1, b1, W2, b2, W3, b3 = (self.params[k] for k in ("W1", "b1", "W2", "b2", "W3", "b3"))
    conv, conv_cache = conv_forward_im2col(X, W1, b1, self.conv_param)
    relu, relu_cache = relu_forward(conv)
    pool, pool_cache = max_pool_forward_naive(relu, self.pool_param)
    hidden, hidden_cache = affine_relu_forward(pool, W2, b2)
    scores, scores_cache = affine_forward(hidden, W3, b3)
    if y is None:
        return scores
    loss, d = softmax_loss(scores, y)
    d, dW3, db3 = affine_backward(d, scores_cache)
    d, dW2, db2 = affine_relu_backward(d, hidden_cache)
    d = relu_backward(max_pool_backward_naive(d, pool_cache), relu_cache)
    _, dW1, db1 = conv_backward_im2col(d, conv_cache)
    loss += 0.5 * self.reg * (np.vdot(W1, W1) + np.vdot(W2, W2) + np.vdot(W3, W3))
    dW1, dW2, dW3 = dW1 + self.reg * W1, dW2 + self.reg * W2, dW3 + self.reg * W3
    return loss, dict(zip(("W1", "b1", "W2", "b2", "W3", "b3"), (dW1, db1, dW2, db2, dW3, db3), strict=True))


@catalogue.right("bare-numpy")
def loss(self, X, y=None):
    W1, b1, W2, b2, W3, b3 = [self.params[k] for k in ["W1", "b1", "W2", "b2", "W3", "b3"]]
    N, _, H, W = X.shape
    F, _, K, _ = W1.shape
    pad = K // 2
    x_pad = np.pad(X, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(self.dtype)
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (K, K), axis=(2, 3))  # (N, C, H, W, K, K)
    conv = np.einsum("nchwij,fcij->nfhw", windows, W1) + b1[:, None, None]
    active = np.maximum(conv, 0)
    blocks = active.reshape(N, F, H // 2, 2, W // 2, 2)
    pooled = blocks.max(axis=(3, 5))
    rows = pooled.reshape(N, -1)
    hidden = np.maximum(rows @ W2 + b2, 0)
    scores = hidden @ W3 + b3
    if y is None:
        return scores

    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    penalty = 0.5 * self.reg * sum(np.linalg.norm(V) ** 2 for V in (W1, W2, W3))
    loss = -np.mean(log_p[range(N), y]) + penalty
    d = np.exp(log_p)
    d[range(N), y] -= 1
    d /= N
    dhidden = d @ W3.T * (hidden > 0)
    dpooled = (dhidden @ W2.T).reshape(pooled.shape)
    won = blocks == pooled[:, :, :, None, :, None]
    share = won / won.sum(axis=(3, 5), keepdims=True)  # ties happen where relu gave zeros; they count for nothing
    dconv = (share * dpooled[:, :, :, None, :, None]).reshape(conv.shape) * (conv > 0)
    grads = {
        "W1": np.einsum("nfhw,nchwij->fcij", dconv, windows) + self.reg * W1,
        "b1": dconv.sum(axis=(0, 2, 3)),
        "W2": rows.T @ dhidden + self.reg * W2,
        "b2": dhidden.sum(axis=0),
        "W3": hidden.T @ d + self.reg * W3,
        "b3": d.sum(axis=0),
    }
    return loss, grads


@catalogue.right("own-settings-and-random-generator")
def __init__(
    self,
    input_dim=(3, 32, 32),
    num_filters=32,
    filter_size=7,
    hidden_dim=100,
    num_classes=10,
    weight_scale=1e-3,
    reg=0.0,
    dtype=np.float32,
):
    self.reg, self.dtype = reg, dtype
    self.conv_param = {"stride": 1, "pad": filter_size // 2}
    self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    C, H, W = input_dim
    rng = np.random.default_rng()
    shapes = {
        "1": ((num_filters, C, filter_size, filter_size), num_filters),
        "2": ((num_filters * int(H / 2) * int(W / 2), hidden_dim), hidden_dim),
        "3": ((hidden_dim, num_classes), num_classes),
    }
    self.params = {}
    for name, (weights, biases) in shapes.items():
        self.params["W" + name] = (weight_scale * rng.standard_normal(weights)).astype(dtype)
        self.params["b" + name] = np.zeros(biases, dtype=dtype)
