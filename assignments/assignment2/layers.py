"""The layers of a deep network: each one a forward pass and a backward pass.

A forward pass returns its output and a cache: whatever the backward pass will need. A backward pass takes
the cache and dout, the gradient of the loss with respect to that output, and returns the gradient of the
loss with respect to each input. A gradient has the shape of the array that it belongs to.

No function changes an array that it was given. Batch normalisation does put new running statistics into
bn_param, which is what that dictionary is for.
"""

import numpy as np


def affine_forward(x, w, b):
    """Multiply every example by a weight matrix and add a bias.

    Inputs:
        x: examples, shape (N, d_1, ..., d_k); each is read as one vector of length D = d_1 * ... * d_k
        w: weights, shape (D, M)
        b: biases, shape (M,)

    Returns:
        out: shape (N, M)
        cache: for affine_backward
    """
    raise NotImplementedError("write affine_forward")


def affine_backward(dout, cache):
    """Send the gradient of the loss back through an affine layer.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, M)
        cache: from affine_forward

    Returns:
        dx: shape of x, (N, d_1, ..., d_k)
        dw: shape (D, M)
        db: shape (M,)
    """
    raise NotImplementedError("write affine_backward")


def relu_forward(x):
    """Rectified linear unit: negative values become zero (Nair and Hinton 2010).

    Inputs:
        x: any shape

    Returns:
        out: shape of x
        cache: for relu_backward
    """
    raise NotImplementedError("write relu_forward")


def relu_backward(dout, cache):
    """Send the gradient of the loss back through a rectified linear unit.

    At exactly zero the function has a kink, and any slope from 0 to 1 may be taken.

    Inputs:
        dout: gradient of the loss with respect to out, any shape
        cache: from relu_forward

    Returns:
        dx: shape of dout
    """
    raise NotImplementedError("write relu_backward")


def softmax_loss(x, y):
    """Cross-entropy of the softmax of the scores, averaged over the examples.

    The scores of one example may lie thousands apart: nothing may overflow, and the loss must stay finite.

    Inputs:
        x: scores, shape (N, C); x[n, c] is the score of class c for example n
        y: right classes, shape (N,), integers with 0 <= y[n] < C

    Returns:
        loss: a number
        dx: gradient of the loss with respect to x, shape (N, C)
    """
    raise NotImplementedError("write softmax_loss")


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise every feature over the batch, then scale and shift it (Ioffe and Szegedy 2015).

    Training uses the mean and the biased variance (divide by N) of the batch, and moves the running
    statistics:

        running = momentum * running + (1 - momentum) * of_this_batch

    Testing uses the running statistics and leaves them as they are.

    Inputs:
        x: shape (N, D)
        gamma: scale, shape (D,)
        beta: shift, shape (D,)
        bn_param: a dictionary
            mode: "train" or "test"
            eps: added to the variance, inside the root (default 1e-5)
            momentum: share of the old running statistics that is kept (default 0.9)
            running_mean, running_var: shape (D,) (default zeros); training stores the new ones here

    Returns:
        out: shape (N, D)
        cache: for batchnorm_backward and batchnorm_backward_alt; they are only called after training mode
    """
    mode = bn_param["mode"]
    if mode not in ("train", "test"):
        raise ValueError(f'bn_param["mode"] is {mode!r}; it must be "train" or "test"')
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros_like(gamma))
    running_var = bn_param.get("running_var", np.zeros_like(gamma))
    raise NotImplementedError("write batchnorm_forward")


def batchnorm_backward(dout, cache):
    """Send the gradient of the loss back through batch normalisation, one node of the graph at a time.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, D)
        cache: from batchnorm_forward in training mode

    Returns:
        dx: shape (N, D)
        dgamma: shape (D,)
        dbeta: shape (D,)
    """
    raise NotImplementedError("write batchnorm_backward")


def batchnorm_backward_alt(dout, cache):
    """Send the gradient back through batch normalisation with the formula that is left after simplifying.

    Inputs and results are those of batchnorm_backward; the work is less.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, D)
        cache: from batchnorm_forward in training mode

    Returns:
        dx: shape (N, D)
        dgamma: shape (D,)
        dbeta: shape (D,)
    """
    raise NotImplementedError("write batchnorm_backward_alt")


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise every example over its own features, then scale and shift (Ba, Kiros and Hinton 2016).

    An example never looks at the others, so training and testing are the same: no running statistics.

    Inputs:
        x: shape (N, D)
        gamma: scale, shape (D,)
        beta: shift, shape (D,)
        ln_param: a dictionary
            eps: added to the variance (biased: divide by D), inside the root (default 1e-5)

    Returns:
        out: shape (N, D)
        cache: for layernorm_backward
    """
    eps = ln_param.get("eps", 1e-5)
    raise NotImplementedError("write layernorm_forward")


def layernorm_backward(dout, cache):
    """Send the gradient of the loss back through layer normalisation.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, D)
        cache: from layernorm_forward

    Returns:
        dx: shape (N, D)
        dgamma: shape (D,)
        dbeta: shape (D,)
    """
    raise NotImplementedError("write layernorm_backward")


def dropout_forward(x, dropout_param):
    """Keep every value with probability p, and scale the kept ones so that the mean stays (Srivastava 2014).

    In test mode the layer is the identity.

    Inputs:
        x: any shape
        dropout_param: a dictionary
            p: the probability to KEEP a value, 0 < p <= 1
            mode: "train" or "test"
            seed: makes the mask repeatable (optional)

    Returns:
        out: shape of x
        cache: for dropout_backward
    """
    if dropout_param.get("seed") is not None:
        np.random.seed(dropout_param["seed"])
    raise NotImplementedError("write dropout_forward")


def dropout_backward(dout, cache):
    """Send the gradient of the loss back through dropout.

    Inputs:
        dout: gradient of the loss with respect to out, any shape
        cache: from dropout_forward, in either mode

    Returns:
        dx: shape of dout
    """
    raise NotImplementedError("write dropout_backward")


def conv_forward_naive(x, w, b, conv_param):
    """Slide every filter over every image, one output position at a time.

    The images are surrounded by pad rows and columns of zeros on each side. As everywhere in deep learning,
    the filter is not flipped. Images and filters need not be square, and pad may be 0.

    Inputs:
        x: images, shape (N, C, H, W)
        w: filters, shape (F, C, HH, WW)
        b: one bias per filter, shape (F,)
        conv_param: a dictionary
            stride: step between neighbouring windows, in both directions
            pad: number of zeros on each of the four sides

    Returns:
        out: shape (N, F, H_out, W_out) with
            H_out = 1 + (H + 2 * pad - HH) // stride
            W_out = 1 + (W + 2 * pad - WW) // stride
        cache: for conv_backward_naive
    """
    raise NotImplementedError("write conv_forward_naive")


def conv_backward_naive(dout, cache):
    """Send the gradient of the loss back through a convolution.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, F, H_out, W_out)
        cache: from conv_forward_naive

    Returns:
        dx: shape (N, C, H, W)
        dw: shape (F, C, HH, WW)
        db: shape (F,)
    """
    raise NotImplementedError("write conv_backward_naive")


def max_pool_forward_naive(x, pool_param):
    """Keep the largest value of every window.

    Windows may overlap (stride smaller than the window) or leave gaps (stride larger), and need not be
    square.

    Inputs:
        x: images, shape (N, C, H, W)
        pool_param: a dictionary
            pool_height, pool_width: size of the window
            stride: step between neighbouring windows, in both directions

    Returns:
        out: shape (N, C, H_out, W_out) with
            H_out = 1 + (H - pool_height) // stride
            W_out = 1 + (W - pool_width) // stride
        cache: for max_pool_backward_naive
    """
    raise NotImplementedError("write max_pool_forward_naive")


def max_pool_backward_naive(dout, cache):
    """Send the gradient of the loss back through max pooling.

    Only the largest value of a window moves its output. Where several are equally large, they may share the
    gradient in any way that adds up to it.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, C, H_out, W_out)
        cache: from max_pool_forward_naive

    Returns:
        dx: shape (N, C, H, W)
    """
    raise NotImplementedError("write max_pool_backward_naive")


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Batch normalisation for images: one mean and one variance per channel, over all images and positions.

    Inputs:
        x: shape (N, C, H, W)
        gamma: scale, shape (C,)
        beta: shift, shape (C,)
        bn_param: as in batchnorm_forward; running_mean and running_var have shape (C,)

    Returns:
        out: shape (N, C, H, W)
        cache: for spatial_batchnorm_backward
    """
    raise NotImplementedError("write spatial_batchnorm_forward")


def spatial_batchnorm_backward(dout, cache):
    """Send the gradient of the loss back through spatial batch normalisation.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, C, H, W)
        cache: from spatial_batchnorm_forward in training mode

    Returns:
        dx: shape (N, C, H, W)
        dgamma: shape (C,)
        dbeta: shape (C,)
    """
    raise NotImplementedError("write spatial_batchnorm_backward")


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise every image over groups of neighbouring channels, then scale and shift (Wu and He 2018).

    The C channels are split, in their order, into G groups of C // G channels. Each group of each image has
    one mean and one biased variance, over its channels and all positions.

    Inputs:
        x: shape (N, C, H, W)
        gamma: scale, shape (1, C, 1, 1)
        beta: shift, shape (1, C, 1, 1)
        G: number of groups; divides C
        gn_param: a dictionary
            eps: added to the variance, inside the root (default 1e-5)

    Returns:
        out: shape (N, C, H, W)
        cache: for spatial_groupnorm_backward
    """
    eps = gn_param.get("eps", 1e-5)
    raise NotImplementedError("write spatial_groupnorm_forward")


def spatial_groupnorm_backward(dout, cache):
    """Send the gradient of the loss back through group normalisation.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, C, H, W)
        cache: from spatial_groupnorm_forward

    Returns:
        dx: shape (N, C, H, W)
        dgamma: shape (1, C, 1, 1)
        dbeta: shape (1, C, 1, 1)
    """
    raise NotImplementedError("write spatial_groupnorm_backward")
