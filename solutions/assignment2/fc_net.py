"""Fully connected networks, put together from the layers in layers.py.

A network keeps its parameters in the dictionary `params`. Its method `loss` does the forward pass, and with
labels also the backward pass; it never changes a parameter. That is the job of an update rule (optim.py)
inside a training loop (solver.py).
"""

import numpy as np

from layer_utils import affine_relu_backward, affine_relu_forward
from layers import (
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_forward,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
)


class TwoLayerNet:
    """A network with one hidden layer: affine - relu - affine - softmax.

    params: W1 (D, H), b1 (H,), W2 (H, C), b2 (C,) for D = input_dim, H = hidden_dim and C = num_classes.
    """

    def __init__(self, input_dim=3 * 32 * 32, hidden_dim=100, num_classes=10, weight_scale=1e-3, reg=0.0):
        """Draw the weights from a normal distribution and set the biases to zero.

        Inputs:
            input_dim: length D of one example, flattened
            hidden_dim: number H of hidden units
            num_classes: number C of classes
            weight_scale: standard deviation of the weights; their mean is zero
            reg: strength of the L2 regularisation
        """
        self.params = {}
        self.reg = reg
        ### BEGIN SOLUTION
        self.params["W1"] = np.random.normal(0.0, weight_scale, size=(input_dim, hidden_dim))
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = np.random.normal(0.0, weight_scale, size=(hidden_dim, num_classes))
        self.params["b2"] = np.zeros(num_classes)
        ### END SOLUTION

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Inputs:
            X: examples, shape (N, d_1, ..., d_k) with d_1 * ... * d_k = D
            y: right classes, shape (N,), or None

        Returns, if y is None:
            scores: shape (N, C)

        Returns otherwise:
            loss: softmax loss plus 0.5 * reg * sum(W * W) for W1 and W2, not for the biases
            grads: a dictionary with the keys of params; grads[key] is the gradient of loss by params[key]
        """
        ### BEGIN SOLUTION
        W1, b1, W2, b2 = (self.params[name] for name in ("W1", "b1", "W2", "b2"))
        hidden, hidden_cache = affine_relu_forward(X, W1, b1)  # (N, H)
        scores, scores_cache = affine_forward(hidden, W2, b2)  # (N, C)
        if y is None:
            return scores

        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        dhidden, dW2, db2 = affine_backward(dscores, scores_cache)
        _, dW1, db1 = affine_relu_backward(dhidden, hidden_cache)
        grads = {"W1": dW1 + self.reg * W1, "b1": db1, "W2": dW2 + self.reg * W2, "b2": db2}
        return loss, grads
        ### END SOLUTION


class FullyConnectedNet:
    """A network with any number of hidden layers.

    With L affine layers: {affine - [normalisation] - relu - [dropout]} x (L - 1) - affine - softmax.
    The parts in square brackets are there only if they were asked for.

    params:
        Wk (inputs, outputs) and bk (outputs,) of affine layer k, for k = 1 ... L: W1, b1, W2, b2, ...
        gammak and betak (outputs,), for k = 1 ... L - 1, if there is normalisation; the last layer has none
    """

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
        """Draw the weights, and set biases and shifts to zero and scales to one.

        Inputs:
            hidden_dims: list with the size of every hidden layer
            input_dim: length of one example, flattened
            num_classes: number of classes
            dropout_keep_ratio: probability with which dropout KEEPS a value; 1 means no dropout
            normalization: "batchnorm", "layernorm" or None
            reg: strength of the L2 regularisation
            weight_scale: standard deviation of the weights, normally distributed around zero
            dtype: the type of all parameters; float32 is quick, float64 is for gradient checks
            seed: if given, makes the dropout masks repeatable
        """
        if normalization not in (None, "batchnorm", "layernorm"):
            raise ValueError(f'normalization is {normalization!r}; use "batchnorm", "layernorm" or None')
        self.normalization = normalization
        self.use_dropout = dropout_keep_ratio != 1
        self.reg = reg
        self.num_layers = len(hidden_dims) + 1  # L
        self.dtype = dtype
        self.params = {}
        ### BEGIN SOLUTION
        sizes = [input_dim, *hidden_dims, num_classes]
        for k in range(1, self.num_layers + 1):
            self.params[f"W{k}"] = np.random.normal(0.0, weight_scale, size=(sizes[k - 1], sizes[k]))
            self.params[f"b{k}"] = np.zeros(sizes[k])
            if normalization is not None and k < self.num_layers:
                self.params[f"gamma{k}"] = np.ones(sizes[k])
                self.params[f"beta{k}"] = np.zeros(sizes[k])
        ### END SOLUTION
        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

        # One dictionary serves every dropout layer.
        self.dropout_param = {"mode": "train", "p": dropout_keep_ratio}
        if seed is not None:
            self.dropout_param["seed"] = seed

        # Every batch normalisation keeps running statistics of its own: layer k has bn_params[k - 1].
        self.bn_params = [{"mode": "train"} for _ in hidden_dims]

    def loss(self, X, y=None):
        """Scores of a batch in test mode, or its loss and the gradients in training mode.

        Inputs:
            X: examples, shape (N, d_1, ..., d_k) with d_1 * ... * d_k = input_dim
            y: right classes, shape (N,), or None

        Returns, if y is None (batch normalisation and dropout are in test mode):
            scores: shape (N, num_classes)

        Returns otherwise (they are in training mode):
            loss: softmax loss plus 0.5 * reg * sum(W * W) for all L weight matrices, and for nothing else
            grads: a dictionary with the keys of params; grads[key] is the gradient of loss by params[key]
        """
        X = X.astype(self.dtype)
        mode = "test" if y is None else "train"
        self.dropout_param["mode"] = mode
        for bn_param in self.bn_params:
            bn_param["mode"] = mode
        ### BEGIN SOLUTION
        L, params = self.num_layers, self.params

        # Forward: hidden layers 1 ... L - 1, each leaving the caches of its parts.
        h = X
        caches = {}
        for k in range(1, L):
            h, affine_cache = affine_forward(h, params[f"W{k}"], params[f"b{k}"])
            norm_cache = dropout_cache = None
            if self.normalization == "batchnorm":
                gamma, beta = params[f"gamma{k}"], params[f"beta{k}"]
                h, norm_cache = batchnorm_forward(h, gamma, beta, self.bn_params[k - 1])
            elif self.normalization == "layernorm":
                gamma, beta = params[f"gamma{k}"], params[f"beta{k}"]
                h, norm_cache = layernorm_forward(h, gamma, beta, {})
            h, relu_cache = relu_forward(h)
            if self.use_dropout:
                h, dropout_cache = dropout_forward(h, self.dropout_param)
            caches[k] = affine_cache, norm_cache, relu_cache, dropout_cache

        # Forward: the last layer is affine and nothing else.
        scores, scores_cache = affine_forward(h, params[f"W{L}"], params[f"b{L}"])
        if y is None:
            return scores

        # Backward: the same parts in reverse order.
        grads = {}
        loss, dscores = softmax_loss(scores, y)
        dh, grads[f"W{L}"], grads[f"b{L}"] = affine_backward(dscores, scores_cache)
        for k in range(L - 1, 0, -1):
            affine_cache, norm_cache, relu_cache, dropout_cache = caches[k]
            if self.use_dropout:
                dh = dropout_backward(dh, dropout_cache)
            dh = relu_backward(dh, relu_cache)
            if self.normalization == "batchnorm":
                dh, grads[f"gamma{k}"], grads[f"beta{k}"] = batchnorm_backward(dh, norm_cache)
            elif self.normalization == "layernorm":
                dh, grads[f"gamma{k}"], grads[f"beta{k}"] = layernorm_backward(dh, norm_cache)
            dh, grads[f"W{k}"], grads[f"b{k}"] = affine_backward(dh, affine_cache)

        # Regularisation: every weight matrix, the last one too.
        for k in range(1, L + 1):
            W = params[f"W{k}"]
            loss += 0.5 * self.reg * np.sum(W * W)
            grads[f"W{k}"] += self.reg * W
        return loss, grads
        ### END SOLUTION
