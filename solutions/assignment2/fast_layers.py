"""A quick convolution: gather all windows first, then do one matrix product.

A loop in Python costs far more than the arithmetic inside it. im2col ("image to columns"; Chellapilla, Puri
and Simard 2006) copies every window of every image into one column of a matrix, so that the whole
convolution becomes a single matrix product, which numpy hands to a tuned library. The price is memory: a
pixel is copied once for every window that it lies in.
"""

import numpy as np


def conv_forward_im2col(x, w, b, conv_param):
    """Convolve as conv_forward_naive does, with one matrix product instead of loops.

    Inputs:
        x: images, shape (N, C, H, W)
        w: filters, shape (F, C, HH, WW)
        b: one bias per filter, shape (F,)
        conv_param: a dictionary with stride and pad, as in conv_forward_naive

    Returns:
        out: shape (N, F, H_out, W_out)
        cache: for conv_backward_im2col
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape

    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (HH, WW), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]  # (N, C, H_out, W_out, HH, WW), still a view
    N, _, H_out, W_out, _, _ = windows.shape

    # One column per window, (C * HH * WW, N * H_out * W_out); inside a column, the order is that of a filter.
    cols = windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * HH * WW, N * H_out * W_out)
    out = w.reshape(F, -1) @ cols + b[:, None]  # (F, N * H_out * W_out)
    out = out.reshape(F, N, H_out, W_out).transpose(1, 0, 2, 3)
    return out, (x.shape, w, conv_param, cols)
    ### END SOLUTION


def conv_backward_im2col(dout, cache):
    """Send the gradient of the loss back through a convolution, with matrix products.

    Inputs:
        dout: gradient of the loss with respect to out, shape (N, F, H_out, W_out)
        cache: from conv_forward_im2col

    Returns:
        dx: shape (N, C, H, W)
        dw: shape (F, C, HH, WW)
        db: shape (F,)
    """
    ### BEGIN SOLUTION
    x_shape, w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x_shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape

    # out = w_rows @ cols + b, an affine layer with the factors exchanged.
    dout_rows = dout.transpose(1, 0, 2, 3).reshape(F, -1)  # (F, N * H_out * W_out)
    db = dout_rows.sum(axis=1)
    dw = (dout_rows @ cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T @ dout_rows  # (C * HH * WW, N * H_out * W_out)

    # col2im: add every column back to the pixels it was copied from. Windows overlap, but the same kernel
    # position (i, j) of two windows never lies on the same pixel, so that all windows can be added at once.
    dcols = dcols.reshape(C, HH, WW, N, H_out, W_out)
    dx_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=dcols.dtype)
    for i in range(HH):
        for j in range(WW):
            pixels = dx_pad[:, :, i : i + stride * H_out : stride, j : j + stride * W_out : stride]
            pixels += dcols[:, i, j].transpose(1, 0, 2, 3)  # (N, C, H_out, W_out)

    dx = dx_pad[:, :, pad : pad + H, pad : pad + W]
    return dx, dw, db
    ### END SOLUTION
