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
    ### BEGIN SOLUTION
    rows = x.reshape(x.shape[0], -1)  # (N, D)
    out = rows @ w + b  # (N, M)
    return out, (x, w)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    x, w = cache
    rows = x.reshape(x.shape[0], -1)  # (N, D)
    dx = (dout @ w.T).reshape(x.shape)  # (N, M) @ (M, D)
    dw = rows.T @ dout  # (D, N) @ (N, M)
    db = dout.sum(axis=0)
    return dx, dw, db
    ### END SOLUTION


def relu_forward(x):
    """Rectified linear unit: negative values become zero (Nair and Hinton 2010).

    Inputs:
        x: any shape

    Returns:
        out: shape of x
        cache: for relu_backward
    """
    ### BEGIN SOLUTION
    out = np.maximum(x, 0)
    return out, x
    ### END SOLUTION


def relu_backward(dout, cache):
    """Send the gradient of the loss back through a rectified linear unit.

    At exactly zero the function has a kink, and any slope from 0 to 1 may be taken.

    Inputs:
        dout: gradient of the loss with respect to out, any shape
        cache: from relu_forward

    Returns:
        dx: shape of dout
    """
    ### BEGIN SOLUTION
    x = cache
    return dout * (x > 0)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N = x.shape[0]
    examples = np.arange(N)

    # Softmax is the same for x and x - constant; with the largest score at 0, exp cannot overflow.
    shifted = x - x.max(axis=1, keepdims=True)  # (N, C)

    # The logarithm of each probability, never the logarithm of a probability that may have underflowed to 0.
    log_total = np.log(np.exp(shifted).sum(axis=1, keepdims=True))  # (N, 1)
    log_p = shifted - log_total  # (N, C)
    loss = -log_p[examples, y].mean()

    dx = np.exp(log_p)  # p, and then p minus the one-hot rows of y
    dx[examples, y] -= 1
    return loss, dx / N
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    if mode == "test":
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        return gamma * x_hat + beta, None

    mu = x.mean(axis=0)  # (D,)
    centred = x - mu  # (N, D)
    var = (centred**2).mean(axis=0)  # (D,)
    std = np.sqrt(var + eps)  # (D,)
    x_hat = centred / std  # (N, D)
    out = gamma * x_hat + beta  # (N, D)

    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mu
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return out, (centred, std, x_hat, gamma)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    centred, std, x_hat, gamma = cache
    N = dout.shape[0]

    # out = gamma * x_hat + beta
    dbeta = dout.sum(axis=0)  # (D,)
    dgamma = (dout * x_hat).sum(axis=0)  # (D,)
    dx_hat = dout * gamma  # (N, D)

    # x_hat = centred / std
    dcentred = dx_hat / std  # (N, D)
    dstd = -(dx_hat * centred).sum(axis=0) / std**2  # (D,)

    # std = sqrt(var + eps)
    dvar = dstd / (2 * std)  # (D,)

    # var = mean of centred ** 2: the second way in which centred reaches the loss
    dcentred = dcentred + 2 * centred * dvar / N  # (N, D)

    # centred = x - mu
    dx = dcentred  # (N, D)
    dmu = -dcentred.sum(axis=0)  # (D,)

    # mu = mean of x: the second way in which x reaches the loss
    dx = dx + dmu / N
    return dx, dgamma, dbeta
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    _, std, x_hat, gamma = cache
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)

    # Normalising removes from x its mean and its length, so from the gradient it removes the part
    # along the constant vector and the part along x_hat.
    dx_hat = dout * gamma
    along_constant = dx_hat.mean(axis=0)  # (D,)
    along_x_hat = (dx_hat * x_hat).mean(axis=0)  # (D,)
    dx = (dx_hat - along_constant - x_hat * along_x_hat) / std
    return dx, dgamma, dbeta
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    mu = x.mean(axis=1, keepdims=True)  # (N, 1)
    var = x.var(axis=1, keepdims=True)  # (N, 1)
    std = np.sqrt(var + eps)  # (N, 1)
    x_hat = (x - mu) / std  # (N, D)
    out = gamma * x_hat + beta  # (N, D)
    return out, (std, x_hat, gamma)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    std, x_hat, gamma = cache

    # Scale and shift are shared by the examples: sum over the batch.
    dbeta = dout.sum(axis=0)  # (D,)
    dgamma = (dout * x_hat).sum(axis=0)  # (D,)

    # The statistics belong to one example: average over its features.
    dx_hat = dout * gamma  # (N, D)
    along_constant = dx_hat.mean(axis=1, keepdims=True)  # (N, 1)
    along_x_hat = (dx_hat * x_hat).mean(axis=1, keepdims=True)  # (N, 1)
    dx = (dx_hat - along_constant - x_hat * along_x_hat) / std
    return dx, dgamma, dbeta
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    if dropout_param["mode"] == "test":
        return x, None

    p = dropout_param["p"]
    kept = np.random.rand(*x.shape) < p
    mask = kept.astype(x.dtype) / p  # 0 or 1/p, so that the mean of mask is 1
    return x * mask, mask
    ### END SOLUTION


def dropout_backward(dout, cache):
    """Send the gradient of the loss back through dropout.

    Inputs:
        dout: gradient of the loss with respect to out, any shape
        cache: from dropout_forward, in either mode

    Returns:
        dx: shape of dout
    """
    ### BEGIN SOLUTION
    mask = cache
    return dout if mask is None else dout * mask
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride

    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out), dtype=x.dtype)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x_pad[:, :, top : top + HH, left : left + WW]  # (N, C, HH, WW)
            # Every image's window against every filter: sum over C, HH and WW.
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b  # (N, F)
    return out, (x, w, conv_param)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape

    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    db = dout.sum(axis=(0, 2, 3))
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x_pad[:, :, top : top + HH, left : left + WW]  # (N, C, HH, WW)
            d = dout[:, :, i, j]  # (N, F)
            # out = sum of window * w, so each factor receives the other one, times d.
            dw += np.tensordot(d, window, axes=(0, 0))  # sum over N: (F, C, HH, WW)
            dx_pad[:, :, top : top + HH, left : left + WW] += np.tensordot(d, w, axes=(1, 0))  # sum over F

    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]  # counted from the front, so that pad 0 works too
    return dx, dw, db
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H_out = 1 + (H - height) // stride
    W_out = 1 + (W - width) // stride

    out = np.zeros((N, C, H_out, W_out), dtype=x.dtype)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + height, left : left + width]  # (N, C, height, width)
            out[:, :, i, j] = window.max(axis=(2, 3))  # (N, C)
    return out, (x, pool_param)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape

    dx = np.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + height, left : left + width].reshape(N, C, height * width)
            winner = window.argmax(axis=2)  # (N, C), the first one of equals
            is_winner = np.arange(height * width) == winner[:, :, None]  # (N, C, height * width)
            share = is_winner.reshape(N, C, height, width) * dout[:, :, i, j, None, None]
            # Windows may overlap, and a value may win in several of them: add.
            dx[:, :, top : top + height, left : left + width] += share
    return dx
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    # Every pixel of every image is one example with C features.
    pixels = x.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N, C, H, W = dout.shape
    dpixels = dout.transpose(0, 2, 3, 1).reshape(N * H * W, C)
    dx, dgamma, dbeta = batchnorm_backward(dpixels, cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    groups = x.reshape(N, G, C // G, H, W)
    mu = groups.mean(axis=(2, 3, 4), keepdims=True)  # (N, G, 1, 1, 1)
    var = groups.var(axis=(2, 3, 4), keepdims=True)  # (N, G, 1, 1, 1)
    std = np.sqrt(var + eps)  # (N, G, 1, 1, 1)
    x_hat = ((groups - mu) / std).reshape(N, C, H, W)
    out = gamma * x_hat + beta  # (N, C, H, W)
    return out, (std, x_hat, gamma, G)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    std, x_hat, gamma, G = cache
    N, C, H, W = dout.shape

    # Scale and shift belong to a channel: sum over images and positions.
    dbeta = dout.sum(axis=(0, 2, 3), keepdims=True)  # (1, C, 1, 1)
    dgamma = (dout * x_hat).sum(axis=(0, 2, 3), keepdims=True)  # (1, C, 1, 1)

    # The statistics belong to one group of one image: average over its channels and positions.
    dx_hat = (dout * gamma).reshape(N, G, C // G, H, W)
    x_hat = x_hat.reshape(N, G, C // G, H, W)
    along_constant = dx_hat.mean(axis=(2, 3, 4), keepdims=True)  # (N, G, 1, 1, 1)
    along_x_hat = (dx_hat * x_hat).mean(axis=(2, 3, 4), keepdims=True)  # (N, G, 1, 1, 1)
    dx = (dx_hat - along_constant - x_hat * along_x_hat) / std
    return dx.reshape(N, C, H, W), dgamma, dbeta
    ### END SOLUTION
