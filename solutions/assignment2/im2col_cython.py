"""Given code: a compiled extension that courses of this kind rely on, replaced by plain numpy.

The public course hands out `im2col_cython.pyx`, which must be compiled before its `fast_layers.py` can be
imported. Without a compiler, a folder written for that course would stop at `from im2col_cython import
...`. This module stands in: the same names, arguments and order of columns, nothing to compile, and quick
enough. The questions of this assignment do not need it; conv_forward_im2col and conv_backward_im2col are
about writing it yourself.

Order within `cols`: a row is one (channel, kernel row, kernel column), a column is one (output row, output
column, image), and the last of each runs fastest.
"""

import numpy as np


def im2col_cython(x, field_height, field_width, padding, stride):
    """Copy every window of the images x (N, C, H, W) into a column.

    Returns cols, shape (C * field_height * field_width, H_out * W_out * N).
    """
    C = x.shape[1]
    x_pad = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(x_pad, (field_height, field_width), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]  # (N, C, H_out, W_out, field_height, field_width)
    return windows.transpose(1, 4, 5, 2, 3, 0).reshape(C * field_height * field_width, -1)


def col2im_cython(cols, N, C, H, W, field_height, field_width, padding, stride):
    """Add columns ordered as im2col_cython returns them back to images, shape (N, C, H, W)."""
    H_out = (H + 2 * padding - field_height) // stride + 1
    W_out = (W + 2 * padding - field_width) // stride + 1
    cols = cols.reshape(C, field_height, field_width, H_out, W_out, N).transpose(0, 1, 2, 5, 3, 4)
    return col2im_6d_cython(cols, N, C, H, W, field_height, field_width, padding, stride)


def col2im_6d_cython(cols, N, C, H, W, HH, WW, pad, stride):
    """Add columns of shape (C, HH, WW, N, H_out, W_out) back to images, shape (N, C, H, W)."""
    H_out, W_out = cols.shape[4:]
    x_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad), dtype=cols.dtype)
    for i in range(HH):
        for j in range(WW):
            pixels = x_pad[:, :, i : i + stride * H_out : stride, j : j + stride * W_out : stride]
            pixels += cols[:, i, j].transpose(1, 0, 2, 3)
    return x_pad[:, :, pad : pad + H, pad : pad + W]
