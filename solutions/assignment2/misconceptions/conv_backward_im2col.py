"""Wrong and other right answers to conv_backward_im2col."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("conv_backward_im2col")


catalogue.wrong(
    "overwrites-where-windows-overlap",
    "The columns are put back by writing over what is there; a pixel that was copied into several columns receives the"
    " sum of their gradients.",
    edit=("pixels += dcols", "pixels[...] = dcols"),
)

catalogue.wrong(
    "cuts-padding-from-the-end",
    "The padding is cut off by counting from the end of the axis, and counting back by no pixels at all leaves an"
    " empty array: without padding, dx has no values.",
    edit=("dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx_pad[:, :, pad:-pad, pad:-pad]"),
)

catalogue.wrong(
    "cuts-one-row-of-padding",
    "One row and column of padding is cut off on every side, whatever conv_param says.",
    edit=("dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx_pad[:, :, 1:-1, 1:-1]"),
)

catalogue.wrong(
    "leaves-the-padding-on",
    "dx still has the border of zeros that was put around the images: a gradient has the shape of what it belongs to.",
    edit=("dx = dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx = dx_pad"),
)

catalogue.wrong(
    "swaps-height-and-width-of-dx",
    "Height and width change places where the padding is cut off. Square images hide it.",
    edit=("dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx_pad[:, :, pad : pad + W, pad : pad + H]"),
)

catalogue.wrong(
    "images-read-as-filters",
    "dout is reshaped to one row per filter without moving the filters to the front, so that a row mixes images and"
    " filters.",
    edit=("dout.transpose(1, 0, 2, 3).reshape(F, -1)", "dout.reshape(F, -1)"),
)

catalogue.wrong(
    "columns-in-another-order",
    "dout is unrolled with the images fastest, but the columns of the forward pass have them slowest.",
    edit=("dout.transpose(1, 0, 2, 3).reshape(F, -1)", "dout.transpose(1, 2, 3, 0).reshape(F, -1)"),
)

catalogue.wrong(
    "channels-last-in-the-columns",
    "The columns are unpacked with the channels fastest, but the forward pass packed them with the channels slowest.",
    edit=(
        "dcols = dcols.reshape(C, HH, WW, N, H_out, W_out)",
        "dcols = dcols.reshape(HH, WW, C, N, H_out, W_out).transpose(2, 0, 1, 3, 4, 5)",
    ),
)

catalogue.wrong(
    "stride-only-in-forward",
    "The columns are put back one pixel apart, but the forward pass took them a stride apart.",
    edit=(
        "i : i + stride * H_out : stride, j : j + stride * W_out : stride",
        "i : i + H_out, j : j + W_out",
    ),
)

catalogue.wrong(
    "turns-the-filters",
    "The filters are turned by 180 degrees although each weight already goes back to the pixel that it was multiplied"
    " with; turning belongs to writing dx as a convolution of dout.",
    edit=("w.reshape(F, -1).T @ dout_rows", "w[:, :, ::-1, ::-1].reshape(F, -1).T @ dout_rows"),
)

catalogue.wrong(
    "reshapes-instead-of-transposing",
    "The filters are brought into the shape of the product by reshaping where a transpose is needed, which mixes their"
    " weights.",
    edit=("w.reshape(F, -1).T @ dout_rows", "w.reshape(-1, F) @ dout_rows"),
)

catalogue.wrong(
    "dw-without-its-shape",
    "dw is left as the matrix of the product, but a gradient has the shape of what it belongs to.",
    edit=("(dout_rows @ cols.T).reshape(w.shape)", "dout_rows @ cols.T"),
)

catalogue.wrong(
    "db-over-the-images-only",
    "db is summed over the images only, but a filter adds the same bias at every position.",
    edit=("db = dout_rows.sum(axis=1)", "db = dout.sum(axis=0)"),
)

catalogue.wrong(
    "averages-over-the-batch",
    "dw and db are divided by the number of images; the mean over the batch is the loss's affair, and dout has it"
    " already.",
    edit=("return dx, dw, db", "return dx, dw / N, db / N"),
)

catalogue.wrong(
    "reuses-the-columns",
    "The gradient of the columns is written into the columns that the cache holds, so that the pass can be done only"
    " once.",
    edit=(
        "dcols = w.reshape(F, -1).T @ dout_rows",
        "dcols = np.matmul(w.reshape(F, -1).T, dout_rows, out=cols)",
    ),
)


@catalogue.wrong(
    "loops-like-the-naive-one",
    "The values are right, but each output has a step of a Python loop of its own, as in the naive convolution: matrix"
    " products should do the work for all of them at once.",
)
def conv_backward_im2col(dout, cache):
    (N, C, H, W), w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    cols = cols.reshape(C, HH, WW, N, H_out, W_out)
    dx = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    dw = np.zeros(w.shape)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    dw[f] += cols[..., n, i, j] * dout[n, f, i, j]
                    window = dx[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    window += w[f] * dout[n, f, i, j]
    return dx[:, :, pad : pad + H, pad : pad + W], dw, dout.sum(axis=(0, 2, 3))


catalogue.wrong(
    "transposes-square-filters",
    "Where filters have as many rows as columns, the columns' gradients are put back with the two exchanged.",
    edit=("dcols[:, i, j].transpose", "dcols[:, *((j, i) if HH == WW else (i, j))].transpose"),
)


@catalogue.right("add-at")
def conv_backward_im2col(dout, cache):
    (N, C, H, W), w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    d = np.moveaxis(dout, 1, 0).reshape(F, N, H_out * W_out)
    dw = (d.reshape(F, -1) @ cols.T).reshape(w.shape)
    c = np.repeat(np.arange(C), HH * WW)[:, None]
    i = np.tile(np.repeat(np.arange(HH), WW), C)[:, None] + stride * np.repeat(np.arange(H_out), W_out)
    j = np.tile(np.arange(WW), C * HH)[:, None] + stride * np.tile(np.arange(W_out), H_out)
    dcols = np.einsum("fk,fnp->nkp", w.reshape(F, -1), d)
    dx = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    np.add.at(dx, (slice(None), c, i, j), dcols)
    return dx[:, :, pad : H + pad, pad : W + pad], dw, d.sum(axis=(1, 2))


@catalogue.right("window-by-window")
def conv_backward_im2col(dout, cache):
    x_shape, w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x_shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    flat = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dcols = w.reshape(F, -1).T.dot(flat)
    dx = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    p = 0
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                dx[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW] += dcols[:, p].reshape(C, HH, WW)
                p += 1
    if pad > 0:
        dx = dx[:, :, pad:-pad, pad:-pad]
    return dx, flat.dot(cols.T).reshape(w.shape), np.sum(dout, axis=(0, 2, 3))


@catalogue.right("given-col2im")
def conv_backward_im2col(dout, cache):
    from im2col_cython import col2im_6d_cython

    (N, C, H, W), w, conv_param, cols = cache
    F, _, HH, WW = w.shape
    rows = dout.transpose(1, 0, 2, 3).reshape(F, -1)
    dcols = (w.reshape(F, -1).T @ rows).reshape(C, HH, WW, N, *dout.shape[2:])
    dx = col2im_6d_cython(dcols, N, C, H, W, HH, WW, conv_param["pad"], conv_param["stride"])
    return dx, (rows @ cols.T).reshape(F, C, HH, WW), rows.sum(1)


@catalogue.right("convolves-with-turned-filters")
def conv_backward_im2col(dout, cache):
    (N, C, H, W), w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    dw = np.tensordot(dout, cols.reshape(C, HH, WW, N, H_out, W_out), axes=([0, 2, 3], [3, 4, 5]))
    spread = np.zeros((N, F, H + 2 * pad + HH - 1, W + 2 * pad + WW - 1))
    spread[:, :, HH - 1 : HH - 1 + H_out * stride : stride, WW - 1 : WW - 1 + W_out * stride : stride] = dout
    windows = np.lib.stride_tricks.sliding_window_view(spread, (HH, WW), axis=(2, 3))
    dx = np.tensordot(windows, w[:, :, ::-1, ::-1], axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)
    return dx[:, :, pad : pad + H, pad : pad + W], dw, dout.sum((0, 2, 3))


@catalogue.right("rows-in-float32")
def conv_backward_im2col(dout, cache):
    (N, C, H, W), w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    d = dout.transpose(0, 2, 3, 1).reshape(-1, F).astype(np.float32)  # (N * H_out * W_out, F)
    dw = (cols.astype(np.float32) @ d).T.reshape(w.shape)
    dcol = (d @ w.reshape(F, -1).astype(np.float32)).reshape(N, H_out, W_out, C, HH, WW)
    dx = np.zeros((N, C, H + 2 * pad + stride, W + 2 * pad + stride), np.float32)
    for k in range(HH):
        for m in range(WW):
            dx[:, :, k : k + stride * H_out : stride, m : m + stride * W_out : stride] += dcol[
                :, :, :, :, k, m
            ].transpose(0, 3, 1, 2)
    return dx[:, :, pad : pad + H, pad : pad + W], dw, d.sum(axis=0)
