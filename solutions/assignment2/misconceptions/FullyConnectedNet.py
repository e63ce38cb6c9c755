"""Wrong and other right answers to FullyConnectedNet."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("FullyConnectedNet")

DROPOUT_FORWARD = "h, dropout_cache = dropout_forward(h, self.dropout_param)"
DROPOUT_BACKWARD = "            if self.use_dropout:\n                dh = dropout_backward(dh, dropout_cache)\n"
WITH_DROPOUT = "            if self.use_dropout:\n                " + DROPOUT_FORWARD + "\n"
RELU_FORWARD = "            h, relu_cache = relu_forward(h)\n"
RELU_BACKWARD = "            dh = relu_backward(dh, relu_cache)\n"
BATCHNORM_FORWARD = "h, norm_cache = batchnorm_forward(h, gamma, beta, self.bn_params[k - 1])"
LAYERNORM_FORWARD = "h, norm_cache = layernorm_forward(h, gamma, beta, {})"
PENALTY = "loss += 0.5 * self.reg * np.sum(W * W)"
GRADIENT = 'grads[f"W{k}"] += self.reg * W'
EVERY_LAYER = "        for k in range(1, L + 1):\n            W = params"


# parameters

catalogue.wrong(
    "ignores-weight-scale",
    "The weights have a scale of their own, whatever weight_scale is.",
    edit=("np.random.normal(0.0, weight_scale, size", "np.random.normal(0.0, 0.01, size"),
)

catalogue.wrong(
    "scales-by-the-inputs",
    "The weights are scaled by the number of inputs of their layer; asked for is the standard deviation weight_scale.",
    edit=("np.random.normal(0.0, weight_scale, size", "np.random.normal(0.0, (2 / sizes[k - 1]) ** 0.5, size"),
)

catalogue.wrong(
    "always-double-precision",
    "The parameters are float64, whatever dtype asks for.",
    edit=(
        "sizes = [input_dim, *hidden_dims, num_classes]",
        "dtype = np.float64\n        sizes = [input_dim, *hidden_dims, num_classes]",
    ),
)

catalogue.wrong(
    "changes-the-list-of-sizes",
    "The list of sizes that the caller gave is made longer, so that the next network made with it has other layers.",
    edit=(
        "sizes = [input_dim, *hidden_dims, num_classes]",
        "sizes = hidden_dims\n        sizes.insert(0, input_dim)\n        sizes.append(num_classes)",
    ),
)

catalogue.wrong(
    "random-biases",
    "The biases are random, but they should start at zero.",
    edit=(
        'self.params[f"b{k}"] = np.zeros(sizes[k])',
        'self.params[f"b{k}"] = weight_scale * np.random.randn(sizes[k])',
    ),
)

catalogue.wrong(
    "gamma-of-zero",
    "The scales of the normalisation start at zero, so that nothing comes through: they should start at one.",
    edit=('self.params[f"gamma{k}"] = np.ones(sizes[k])', 'self.params[f"gamma{k}"] = np.zeros(sizes[k])'),
)

catalogue.wrong(
    "no-gamma-for-layer-norm",
    "Scales and shifts are made for batch normalisation only; layer normalisation has them too.",
    edit=(
        "if normalization is not None and k < self.num_layers",
        'if normalization == "batchnorm" and k < self.num_layers',
    ),
)

catalogue.wrong(
    "last-layer-has-gamma",
    "The last layer gets a scale and a shift as well, but its scores are not normalised.",
    edit=("if normalization is not None and k < self.num_layers", "if normalization is not None"),
)

catalogue.wrong(
    "gamma-for-the-first-layer-only",
    "Only the first hidden layer gets a scale and a shift; every normalisation has its own.",
    edit=("if normalization is not None and k < self.num_layers", "if normalization is not None and k == 1"),
)

catalogue.wrong(
    "layers-all-of-one-size",
    "All hidden layers get the size of the first one, but each has a size of its own.",
    edit=(
        "[input_dim, *hidden_dims, num_classes]",
        "[input_dim] + [hidden_dims[0]] * len(hidden_dims) + [num_classes]",
    ),
)

catalogue.wrong(
    "names-count-from-zero",
    "The parameters are numbered from 0; their names begin with W1 and b1.",
    edit=[
        ('self.params[f"W{k}"] = np.random', 'self.params[f"W{k - 1}"] = np.random'),
        ('self.params[f"b{k}"] = np.zeros', 'self.params[f"b{k - 1}"] = np.zeros'),
    ],
)


# regularisation

catalogue.wrong(
    "penalty-skips-the-last-layer",
    "The weights of the last layer are not regularised, neither in the loss nor in the gradient; they are weights too.",
    edit=(EVERY_LAYER, "        for k in range(1, L):\n            W = params"),
)

catalogue.wrong(
    "gradient-of-penalty-skips-the-last-layer",
    "The loss regularises the last layer, but its gradient does not.",
    edit=(GRADIENT, 'grads[f"W{k}"] += self.reg * W * (k < L)'),
)

catalogue.wrong(
    "penalty-of-the-last-layer-only",
    "Only the weights of the last layer are regularised; all layers should be.",
    edit=(EVERY_LAYER, "        for k in [L]:\n            W = params"),
)

catalogue.wrong(
    "penalty-without-half",
    "The factor 0.5 of the regularisation is missing in the loss, so that its gradient is only half as steep as it.",
    edit=(PENALTY, "loss += self.reg * np.sum(W * W)"),
)

catalogue.wrong(
    "half-in-the-gradient",
    "The gradient of the regularisation has a factor 0.5, but that is what the square's derivative takes away.",
    edit=(GRADIENT, 'grads[f"W{k}"] += 0.5 * self.reg * W'),
)

catalogue.wrong(
    "two-in-the-gradient",
    "The gradient of the regularisation has a factor 2, as if the loss had no factor 0.5.",
    edit=(GRADIENT, 'grads[f"W{k}"] += 2 * self.reg * W'),
)

catalogue.wrong(
    "one-number-as-gradient",
    "The same number, the sum of all weights, is added to every element of the gradient; the penalty of a weight"
    " depends on that weight alone.",
    edit=(GRADIENT, 'grads[f"W{k}"] += self.reg * np.sum(W)'),
)

catalogue.wrong(
    "square-of-the-sum",
    "The weights are summed first and squared then; the penalty is the sum of their squares.",
    edit=(PENALTY, "loss += 0.5 * self.reg * np.sum(W) ** 2"),
)

catalogue.wrong(
    "regularises-everything",
    "All parameters are regularised, biases, scales and shifts too; only the weight matrices should be.",
    edit=(
        "        for k in range(1, L + 1):\n"
        '            W = params[f"W{k}"]\n'
        "            loss += 0.5 * self.reg * np.sum(W * W)\n"
        '            grads[f"W{k}"] += self.reg * W\n',
        "        for name, value in params.items():\n"
        "            loss += 0.5 * self.reg * np.sum(value * value)\n"
        "            grads[name] += self.reg * value\n",
    ),
)

catalogue.wrong(
    "regularises-biases",
    "The biases are regularised too; only the weights should be.",
    edit=(
        PENALTY,
        'loss += 0.5 * self.reg * (np.sum(W * W) + np.sum(params[f"b{k}"] ** 2))\n'
        '            grads[f"b{k}"] += self.reg * params[f"b{k}"]',
    ),
)

catalogue.wrong(
    "second-line-of-its-own",
    "The second half of a sum stands on a line of its own that begins with +: without brackets that is another"
    " statement, whose value is thrown away.",
    edit=(
        "        # Regularisation: every weight matrix, the last one too.\n" + EVERY_LAYER,
        '        loss += 0.5 * self.reg * sum(np.sum(params[f"W{k}"] ** 2) for k in range(1, L))\n'
        '        +0.5 * self.reg * np.sum(params[f"W{L}"] ** 2)\n'
        "        for k in range(1, L + 1):\n"
        "            loss += 0\n"
        "            W = params",
    ),
)

catalogue.wrong(
    "penalty-replaced-layer-by-layer",
    "Each layer's penalty takes the place of the one before, so that only one of them counts; they add up.",
    edit=(
        PENALTY + "\n            " + GRADIENT + "\n        return loss, grads",
        "penalty = 0.5 * self.reg * np.sum(W * W)\n            " + GRADIENT + "\n        return loss + penalty, grads",
    ),
)


# relu and normalisation

catalogue.wrong(
    "relu-on-the-scores",
    "The scores go through a relu too, which cuts off negative ones; softmax takes scores of any sign.",
    edit=[
        ('params[f"b{L}"])\n', 'params[f"b{L}"])\n        scores, last_cache = relu_forward(scores)\n'),
        (
            'dh, grads[f"W{L}"], grads[f"b{L}"] = affine_backward(dscores, scores_cache)',
            "dscores = relu_backward(dscores, last_cache)\n"
            '        dh, grads[f"W{L}"], grads[f"b{L}"] = affine_backward(dscores, scores_cache)',
        ),
    ],
)

catalogue.wrong(
    "skips-relu-on-the-way-back",
    "The gradient passes the hidden layers as if there were no relu: where a unit was cut off, nothing comes through.",
    edit=(RELU_BACKWARD, ""),
)

catalogue.wrong(
    "no-relu",
    "The hidden layers have no relu: without it, all layers together are only one linear map.",
    edit=[(RELU_FORWARD, ""), ("relu_cache, dropout_cache\n\n", "None, dropout_cache\n\n"), (RELU_BACKWARD, "")],
)

catalogue.wrong(
    "one-layer-only",
    "Only the first hidden layer is built; there are as many as hidden_dims says.",
    edit=[
        ("for k in range(1, L):", "for k in range(1, 2):"),
        ("for k in range(L - 1, 0, -1):", "for k in range(1, 0, -1):"),
    ],
)

catalogue.wrong(
    "normalises-after-relu",
    "The normalisation comes after the relu; asked for is affine, normalisation, relu.",
    edit=[
        (
            "            norm_cache = dropout_cache = None\n",
            "            norm_cache = dropout_cache = None\n" + RELU_FORWARD,
        ),
        ("                " + LAYERNORM_FORWARD + "\n" + RELU_FORWARD, "                " + LAYERNORM_FORWARD + "\n"),
        (RELU_BACKWARD, ""),
        (
            '            dh, grads[f"W{k}"], grads[f"b{k}"] = affine',
            RELU_BACKWARD + '            dh, grads[f"W{k}"], grads[f"b{k}"] = affine',
        ),
    ],
)

catalogue.wrong(
    "batch-norm-always-in-training",
    "The batch normalisation is told to be in training even without labels, so that it normalises over the batch"
    " instead of with the running statistics.",
    edit=(
        BATCHNORM_FORWARD,
        'h, norm_cache = batchnorm_forward(h, gamma, beta, {**self.bn_params[k - 1], "mode": "train"})',
    ),
)

catalogue.wrong(
    "new-running-statistics-at-every-call",
    "Every call starts with new parameters of the batch normalisation, so that the running statistics are lost before"
    " they are needed.",
    edit=(BATCHNORM_FORWARD, 'h, norm_cache = batchnorm_forward(h, gamma, beta, {"mode": mode})'),
)

catalogue.wrong(
    "one-running-statistic-for-all-layers",
    "All layers share the running statistics of the first one, but each normalises other values and has its own.",
    edit=(BATCHNORM_FORWARD, "h, norm_cache = batchnorm_forward(h, gamma, beta, self.bn_params[0])"),
)

catalogue.wrong(
    "no-normalisation-in-test",
    "Without labels the batch normalisation is left out; in test mode it uses its running statistics.",
    edit=(
        'if self.normalization == "batchnorm":\n                gamma',
        'if self.normalization == "batchnorm" and mode == "train":\n                gamma',
    ),
)

catalogue.wrong(
    "batch-norm-as-layer-norm",
    "Layer normalisation is done over the batch like batch normalisation; each example should be normalised alone.",
    edit=[
        (LAYERNORM_FORWARD, 'h, norm_cache = batchnorm_forward(h, gamma, beta, {"mode": "train"})'),
        ("layernorm_backward(dh, norm_cache)", "batchnorm_backward(dh, norm_cache)"),
    ],
)

catalogue.wrong(
    "layer-norm-left-out",
    "Only batch normalisation is built in; with layer normalisation the network does nothing at its place.",
    edit=[
        (LAYERNORM_FORWARD, "pass"),
        (
            'dh, grads[f"gamma{k}"], grads[f"beta{k}"] = layernorm_backward(dh, norm_cache)',
            'grads[f"gamma{k}"], grads[f"beta{k}"] = 0 * params[f"gamma{k}"], 0 * params[f"beta{k}"]',
        ),
    ],
)

catalogue.wrong(
    "one-gamma-for-all-layers",
    "All layers are normalised with the scale and shift of the first one; each has its own.",
    edit=(
        LAYERNORM_FORWARD,
        'h, norm_cache = layernorm_forward(h, params["gamma1"], params["beta1"], {})',
    ),
)

catalogue.wrong(
    "no-gradients-of-gamma",
    "The gradients of scale and shift are thrown away, so that they can never be learnt.",
    edit=(
        'dh, grads[f"gamma{k}"], grads[f"beta{k}"] = batchnorm_backward(dh, norm_cache)',
        "dh, _, _ = batchnorm_backward(dh, norm_cache)",
    ),
)

catalogue.wrong(
    "gamma-and-beta-exchanged",
    "The gradients of scale and shift have changed places.",
    edit=(
        'dh, grads[f"gamma{k}"], grads[f"beta{k}"] = layernorm_backward(dh, norm_cache)',
        'dh, grads[f"beta{k}"], grads[f"gamma{k}"] = layernorm_backward(dh, norm_cache)',
    ),
)

catalogue.wrong(
    "skips-batch-norm-on-the-way-back",
    "The gradient passes the batch normalisation as if it were not there: mean and variance depend on the inputs too.",
    edit=(
        'dh, grads[f"gamma{k}"], grads[f"beta{k}"] = batchnorm_backward(dh, norm_cache)',
        '_, grads[f"gamma{k}"], grads[f"beta{k}"] = batchnorm_backward(dh, norm_cache)',
    ),
)


# dropout

NO_DROPOUT = "No hidden unit is dropped in training: dropout belongs after every hidden layer, not after the scores."

catalogue.wrong(
    "no-dropout",
    NO_DROPOUT,
    edit=[(WITH_DROPOUT, ""), (DROPOUT_BACKWARD, "")],
)

catalogue.wrong(
    "dropout-forward-only",
    "The gradient flows through units that dropout has dropped: the backward pass has to use the same mask.",
    edit=(DROPOUT_BACKWARD, ""),
)

catalogue.wrong(
    "dropout-in-test",
    "Units are also dropped without labels, so that the scores are left to chance; in test mode dropout does nothing.",
    edit=(DROPOUT_FORWARD, 'h, dropout_cache = dropout_forward(h, {**self.dropout_param, "mode": "train"})'),
)

catalogue.wrong(
    "keeps-what-it-should-drop",
    "The network takes the keep ratio for the share of units to drop.",
    edit=(
        DROPOUT_FORWARD,
        'h, dropout_cache = dropout_forward(h, {**self.dropout_param, "p": 1 - self.dropout_param["p"]})',
    ),
)

catalogue.wrong(
    "dropout-without-its-seed",
    "Dropout gets new settings in which the seed is missing, so that the masks cannot be repeated.",
    edit=(DROPOUT_FORWARD, 'h, dropout_cache = dropout_forward(h, {"mode": mode, "p": self.dropout_param["p"]})'),
)

catalogue.wrong(
    "dropout-on-the-scores",
    NO_DROPOUT,
    edit=[
        (WITH_DROPOUT, ""),
        (DROPOUT_BACKWARD, ""),
        (
            'params[f"b{L}"])\n',
            'params[f"b{L}"])\n        if self.use_dropout:\n'
            "            scores, mask = dropout_forward(scores, self.dropout_param)\n",
        ),
        (
            "loss, dscores = softmax_loss(scores, y)\n",
            "loss, dscores = softmax_loss(scores, y)\n        if self.use_dropout:\n"
            "            dscores = dropout_backward(dscores, mask)\n",
        ),
    ],
)

catalogue.wrong(
    "dropout-only-after-the-first-layer",
    "Only the first hidden layer has dropout; it comes after every hidden layer.",
    edit=[
        (WITH_DROPOUT, WITH_DROPOUT.replace("self.use_dropout", "self.use_dropout and k == 1")),
        (DROPOUT_BACKWARD, DROPOUT_BACKWARD.replace("self.use_dropout", "self.use_dropout and k == 1")),
    ],
)

NORMALISED = (
    "Where there is normalisation, nothing behind it is dropped: dropout is left out, or comes so early that the"
    " normalisation makes other numbers of its zeros. It belongs at the end of every hidden layer."
)

catalogue.wrong(
    "dropout-or-normalisation",
    NORMALISED,
    edit=[
        (WITH_DROPOUT, WITH_DROPOUT.replace("self.use_dropout", "self.use_dropout and not self.normalization")),
        (DROPOUT_BACKWARD, DROPOUT_BACKWARD.replace("self.use_dropout", "self.use_dropout and not self.normalization")),
    ],
)

catalogue.wrong(
    "dropout-before-normalisation",
    NORMALISED,
    edit=[
        (WITH_DROPOUT, ""),
        (
            "            norm_cache = dropout_cache = None\n",
            "            norm_cache = dropout_cache = None\n" + WITH_DROPOUT,
        ),
        (DROPOUT_BACKWARD, ""),
        (
            '            dh, grads[f"W{k}"], grads[f"b{k}"] = affine',
            DROPOUT_BACKWARD + '            dh, grads[f"W{k}"], grads[f"b{k}"] = affine',
        ),
    ],
)

catalogue.wrong(
    "batch-norm-or-dropout",
    "A network with dropout leaves its batch normalisation out: the two are alternatives in the code, but both may be"
    " asked for.",
    edit=[
        (
            'if self.normalization == "batchnorm":\n                gamma',
            'if self.normalization == "batchnorm" and not self.use_dropout:\n                gamma',
        ),
        (
            'if self.normalization == "batchnorm":\n                dh',
            'if self.normalization == "batchnorm" and self.use_dropout:\n'
            '                for name in ("gamma", "beta"):\n'
            '                    grads[f"{name}{k}"] = 0 * params[f"{name}{k}"]\n'
            '            elif self.normalization == "batchnorm":\n                dh',
        ),
    ],
)


# caches, results

catalogue.wrong(
    "every-layer-goes-back-with-the-last-cache",
    "Every layer goes back with the cache of the last hidden layer; each left one of its own.",
    edit=(
        "norm_cache, relu_cache, dropout_cache = caches[k]\n",
        "norm_cache, relu_cache, dropout_cache = caches[L - 1]\n",
    ),
)

catalogue.wrong(
    "gradient-does-not-move-on",
    "Every hidden layer receives the gradient of the last one; it has to be handed from layer to layer.",
    edit=(
        'dh, grads[f"W{k}"], grads[f"b{k}"] = affine_backward(dh, affine_cache)',
        '_, grads[f"W{k}"], grads[f"b{k}"] = affine_backward(dh, affine_cache)',
    ),
)

catalogue.wrong(
    "needs-labels",
    "The labels are looked at before asking whether there are any, so that scores cannot be had without them.",
    edit=("caches = {}", "caches = {}\n        N = y.shape[0]"),
)

catalogue.wrong(
    "averages-gradients-again",
    "The gradients are divided by the number of examples, but those of the softmax loss are averaged already.",
    edit=(GRADIENT, 'grads[f"W{k}"] = grads[f"W{k}"] / len(X) + self.reg * W'),
)

catalogue.wrong(
    "learns-by-itself",
    "loss moves the weights itself; it should only say where the gradient points, and the solver moves them.",
    edit=(
        "        return loss, grads",
        "        for name in params:\n            params[name] = params[name] - 1e-3 * grads[name]\n"
        "        return loss, grads",
    ),
)


# other right answers


catalogue.wrong(
    "layernorm-only-in-training",
    "Without labels there is no layer normalisation; an example's own statistics are as good in test mode, and"
    " needed there.",
    edit=(
        'elif self.normalization == "layernorm":\n                gamma, beta',
        'elif self.normalization == "layernorm" and y is not None:\n                gamma, beta',
    ),
)

catalogue.wrong(
    "squares-the-weights-in-place",
    "The weights are squared where they are, to sum them up for the penalty; the next call meets the squares.",
    edit=(
        'loss += 0.5 * self.reg * np.sum(W * W)\n            grads[f"W{k}"] += self.reg * W',
        'grads[f"W{k}"] += self.reg * W\n            if self.reg:\n'
        "                loss += 0.5 * self.reg * np.sum(np.square(W, out=W))",
    ),
)


catalogue.right(
    "dropout-before-relu",
    edit=[
        (RELU_FORWARD + WITH_DROPOUT, WITH_DROPOUT + RELU_FORWARD),
        (DROPOUT_BACKWARD + RELU_BACKWARD, RELU_BACKWARD + DROPOUT_BACKWARD),
    ],
)


@catalogue.right("a-list-of-layers")
def loss(self, X, y=None):
    X = X.astype(self.dtype)
    mode = "test" if y is None else "train"
    self.dropout_param["mode"] = mode
    for bn_param in self.bn_params:
        bn_param["mode"] = mode

    out = X
    steps = []  # (backward pass, cache, names of the parameters)
    for i in range(1, self.num_layers + 1):
        names = [f"W{i}", f"b{i}"]
        out, cache = affine_forward(out, *[self.params[name] for name in names])
        steps.append((affine_backward, cache, names))
        if i == self.num_layers:
            break
        if self.normalization is not None:
            names = [f"gamma{i}", f"beta{i}"]
            gamma, beta = (self.params[name] for name in names)
            if self.normalization == "batchnorm":
                out, cache = batchnorm_forward(out, gamma, beta, self.bn_params[i - 1])
                steps.append((batchnorm_backward, cache, names))
            else:
                out, cache = layernorm_forward(out, gamma, beta, self.bn_params[i - 1])
                steps.append((layernorm_backward, cache, names))
        out, cache = relu_forward(out)
        steps.append((relu_backward, cache, []))
        if self.use_dropout:
            out, cache = dropout_forward(out, self.dropout_param)
            steps.append((dropout_backward, cache, []))
    if mode == "test":
        return out

    loss, dout = softmax_loss(out, y)
    grads = {}
    while steps:
        backward, cache, names = steps.pop()
        result = backward(dout, cache)
        if names:
            dout, grads[names[0]], grads[names[1]] = result
        else:
            dout = result
    for name in self.params:
        if name[0] == "W":
            loss += 0.5 * self.reg * np.sum(self.params[name] ** 2)
            grads[name] = grads[name] + self.reg * self.params[name]
    return loss, grads


@catalogue.right("bare-numpy")
def loss(self, X, y=None):
    mode = "test" if y is None else "train"
    if mode == "train" and "seed" in self.dropout_param:
        np.random.seed(self.dropout_param["seed"])
    p, L = self.params, self.num_layers
    hs, norms, masks = [X.reshape(len(X), -1).astype(self.dtype)], {}, {}
    axis = 0 if self.normalization == "batchnorm" else 1
    for k in range(1, L):
        a = hs[-1] @ p[f"W{k}"] + p[f"b{k}"]
        if self.normalization:
            state = self.bn_params[k - 1]
            mean, var = a.mean(axis, keepdims=True), a.var(axis, keepdims=True)
            if axis == 0 and mode == "train":
                state["mean"] = 0.9 * state.get("mean", 0) + 0.1 * mean
                state["var"] = 0.9 * state.get("var", 0) + 0.1 * var
            elif axis == 0:
                mean, var = state.get("mean", 0 * mean), state.get("var", 0 * var)
            std = np.sqrt(var + 1e-5)
            norms[k] = (a - mean) / std, std
            a = norms[k][0] * p[f"gamma{k}"] + p[f"beta{k}"]
        masks[k] = (a > 0).astype(float)
        if mode == "train" and self.use_dropout:
            keep = self.dropout_param["p"]
            masks[k] *= (np.random.random(a.shape) < keep) / keep
        hs.append(a * masks[k])
    scores = hs[-1] @ p[f"W{L}"] + p[f"b{L}"]
    if y is None:
        return scores

    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(len(y)), y].mean()
    loss += 0.5 * self.reg * sum(np.sum(p[f"W{k}"] ** 2) for k in range(1, L + 1))
    d = (np.exp(log_p) - np.eye(log_p.shape[1])[y]) / len(y)
    grads = {}
    for k in range(L, 0, -1):
        if k < L:
            d = d * masks[k]
            if self.normalization:
                x_hat, std = norms[k]
                grads[f"gamma{k}"], grads[f"beta{k}"] = (d * x_hat).sum(0), d.sum(0)
                d = d * p[f"gamma{k}"]
                d = (d - d.mean(axis, keepdims=True) - x_hat * (d * x_hat).mean(axis, keepdims=True)) / std
        grads[f"W{k}"] = hs[k - 1].T @ d + self.reg * p[f"W{k}"]
        grads[f"b{k}"] = d.sum(0)
        d = d @ p[f"W{k}"].T
    return loss, grads


@catalogue.right("recursion")
def loss(self, X, y=None):
    X = X.astype(self.dtype)
    mode = "test" if y is None else "train"
    self.dropout_param["mode"] = mode
    for bn_param in self.bn_params:
        bn_param["mode"] = mode
    grads = {}

    def from_layer(k, h):
        """Return the scores, or the data loss and the gradient of h."""
        z, affine_cache = affine_forward(h, self.params[f"W{k}"], self.params[f"b{k}"])
        if k == self.num_layers:
            if y is None:
                return z
            loss, dz = softmax_loss(z, y)
        else:
            if self.normalization:
                args = z, self.params[f"gamma{k}"], self.params[f"beta{k}"], self.bn_params[k - 1]
                norm = batchnorm_forward if self.normalization == "batchnorm" else layernorm_forward
                z, norm_cache = norm(*args)
            a, relu_cache = relu_forward(z)
            a, dropout_cache = dropout_forward(a, self.dropout_param) if self.use_dropout else (a, None)
            if y is None:
                return from_layer(k + 1, a)
            loss, da = from_layer(k + 1, a)
            da = dropout_backward(da, dropout_cache) if self.use_dropout else da
            dz = relu_backward(da, relu_cache)
            if self.normalization:
                back = batchnorm_backward if self.normalization == "batchnorm" else layernorm_backward
                dz, grads[f"gamma{k}"], grads[f"beta{k}"] = back(dz, norm_cache)
        dh, dW, db = affine_backward(dz, affine_cache)
        W = self.params[f"W{k}"]
        grads[f"W{k}"], grads[f"b{k}"] = dW + self.reg * W, db
        return loss + 0.5 * self.reg * np.sum(W * W), dh

    found = from_layer(1, X)
    return found if y is None else (found[0], grads)


@catalogue.right("parameters-in-pairs")
def __init__(
    self,
    hidden_dims,
    input_dim=3 * 32 * 32,
    num_classes=10,
    dropout_keep_ratio=1,
    normalization=None,
    reg=0.0,
    weight_scale=1e-2,
    dtype=np.float32,
    seed=None,
):
    self.normalization = normalization
    self.use_dropout = dropout_keep_ratio != 1
    self.reg = reg
    self.num_layers = 1 + len(hidden_dims)
    self.dtype = dtype
    self.params = {}
    widths = [input_dim, *hidden_dims, num_classes]
    for i in range(self.num_layers):
        rows, cols = widths[i], widths[i + 1]
        name = str(i + 1)
        self.params["W" + name] = weight_scale * np.random.randn(rows, cols)
        self.params["b" + name] = np.zeros(cols)
        if normalization in ("batchnorm", "layernorm") and i < len(hidden_dims):
            self.params["gamma" + name] = np.ones(cols)
            self.params["beta" + name] = np.zeros(cols)
    for name in self.params:
        self.params[name] = self.params[name].astype(dtype)
    self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
    if seed is not None:
        self.dropout_param["seed"] = seed
    self.bn_params = [{"mode": "train"} for _ in range(self.num_layers - 1)]
