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
    raise NotImplementedError("write conv_forward_im2col")


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
    raise NotImplementedError("write conv_backward_im2col")
