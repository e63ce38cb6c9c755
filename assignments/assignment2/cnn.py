"""A small convolutional network, put together from the layers in layers.py."""

import numpy as np

from layer_utils import (
    affine_relu_backward,
    affine_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from layers import affine_backward, affine_forward, softmax_loss


class ThreeLayerConvNet:
    """Three layers with weights: conv - relu - 2x2 max pool - affine - relu - affine - softmax.

    The convolution keeps height and width, the pooling halves both.

    params, for images (C, H, W), F filters of size K x K and M hidden units:
        W1 (F, C, K, K) and b1 (F,)
        W2 (F * (H // 2) * (W // 2), M) and b2 (M,)
        W3 (M, num_classes) and b3 (num_classes,)
    """

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
        """Draw the weights from a normal distribution and set the biases to zero.

        Inputs:
            input_dim: (C, H, W) of one image
            num_filters: number F of filters
            filter_size: height and width K of a filter, an odd number
            hidden_dim: number M of hidden units
            num_classes: number of classes
            weight_scale: standard deviation of the weights; their mean is zero
            reg: strength of the L2 regularisation
            dtype: the type of all parameters
        """
        self.params = {}
        self.reg = reg
        self.dtype = dtype
        # With stride 1 and this padding a filter of odd size keeps height and width.
        self.conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        raise NotImplementedError("write ThreeLayerConvNet.__init__")
        self.params = {name: value.astype(dtype) for name, value in self.params.items()}

    def loss(self, X, y=None):
        """Scores of a batch, or its loss and the gradients.

        Inputs:
            X: images, shape (N, C, H, W)
            y: right classes, shape (N,), or None

        Returns, if y is None:
            scores: shape (N, num_classes)

        Returns otherwise:
            loss: softmax loss plus 0.5 * reg * sum(W * W) for W1, W2 and W3, not for the biases
            grads: a dictionary with the keys of params; grads[key] is the gradient of loss by params[key]
        """
        X = X.astype(self.dtype)
        raise NotImplementedError("write ThreeLayerConvNet.loss")
