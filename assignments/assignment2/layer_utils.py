"""Given code: layers that usually come together, as one forward and one backward pass.

The cache of a group is the tuple of its layers' caches; the backward pass walks through it in reverse.
"""

from layers import (
    affine_backward,
    affine_forward,
    conv_backward_naive,
    conv_forward_naive,
    max_pool_backward_naive,
    max_pool_forward_naive,
    relu_backward,
    relu_forward,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
)


def affine_relu_forward(x, w, b):
    """Affine, then relu: x (N, d_1, ..., d_k), w (D, M), b (M,) -> out (N, M), cache."""
    scores, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(scores)
    return out, (affine_cache, relu_cache)


def affine_relu_backward(dout, cache):
    """Backward pass of affine_relu_forward: dout (N, M) -> dx, dw, db."""
    affine_cache, relu_cache = cache
    dscores = relu_backward(dout, relu_cache)
    return affine_backward(dscores, affine_cache)


def conv_relu_forward(x, w, b, conv_param):
    """Convolution, then relu: x (N, C, H, W), w (F, C, HH, WW), b (F,) -> out (N, F, H_out, W_out), cache."""
    response, conv_cache = conv_forward_naive(x, w, b, conv_param)
    out, relu_cache = relu_forward(response)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout, cache):
    """Backward pass of conv_relu_forward: dout (N, F, H_out, W_out) -> dx, dw, db."""
    conv_cache, relu_cache = cache
    dresponse = relu_backward(dout, relu_cache)
    return conv_backward_naive(dresponse, conv_cache)


def conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param):
    """Convolution, spatial batch normalisation (gamma, beta of shape (F,)), then relu -> out, cache."""
    response, conv_cache = conv_forward_naive(x, w, b, conv_param)
    normalised, bn_cache = spatial_batchnorm_forward(response, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalised)
    return out, (conv_cache, bn_cache, relu_cache)


def conv_bn_relu_backward(dout, cache):
    """Backward pass of conv_bn_relu_forward: dout (N, F, H_out, W_out) -> dx, dw, db, dgamma, dbeta."""
    conv_cache, bn_cache, relu_cache = cache
    dnormalised = relu_backward(dout, relu_cache)
    dresponse, dgamma, dbeta = spatial_batchnorm_backward(dnormalised, bn_cache)
    dx, dw, db = conv_backward_naive(dresponse, conv_cache)
    return dx, dw, db, dgamma, dbeta


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    """Convolution, relu, then max pooling -> out, cache."""
    response, conv_cache = conv_forward_naive(x, w, b, conv_param)
    active, relu_cache = relu_forward(response)
    out, pool_cache = max_pool_forward_naive(active, pool_param)
    return out, (conv_cache, relu_cache, pool_cache)


def conv_relu_pool_backward(dout, cache):
    """Backward pass of conv_relu_pool_forward: dout shaped like its out -> dx, dw, db."""
    conv_cache, relu_cache, pool_cache = cache
    dactive = max_pool_backward_naive(dout, pool_cache)
    dresponse = relu_backward(dactive, relu_cache)
    return conv_backward_naive(dresponse, conv_cache)
