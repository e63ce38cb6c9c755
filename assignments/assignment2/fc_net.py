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
        raise NotImplementedError("write TwoLayerNet.__init__")

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
        raise NotImplementedError("write TwoLayerNet.loss")


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
        raise NotImplementedError("write FullyConnectedNet.__init__")
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
        raise NotImplementedError("write FullyConnectedNet.loss")
