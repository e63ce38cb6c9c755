"""Wrong and other right answers to conv_backward_naive."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("conv_backward_naive")

# No input tells these apart.
TURNED = (
    "dx is what filters turned by 180 degrees would give. A weight belongs to the pixel that it was multiplied with;"
    " only where dx is written as a convolution of dout the filters are turned."
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
    "always-pads-by-one",
    "The padding is fixed at one row and column of zeros, whatever conv_param asks for.",
    edit=('conv_param["stride"], conv_param["pad"]', 'conv_param["stride"], 1'),
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
    "takes-images-for-square",
    "The height of the images is taken for their width too where the padding is cut off.",
    edit=("dx_pad[:, :, pad : pad + H, pad : pad + W]", "dx_pad[:, :, pad : pad + H, pad : pad + H]"),
)

catalogue.wrong(
    "takes-outputs-for-square",
    "The loops take the height of dout for its width too, so that windows are left out or do not exist.",
    edit=("for j in range(W_out)", "for j in range(H_out)"),
)

catalogue.wrong(
    "swaps-filter-height-and-width",
    "Height and width of the filters are read in the wrong order: the axes are (F, C, HH, WW). Square filters hide it.",
    edit=("_, _, HH, WW = w.shape", "_, _, WW, HH = w.shape"),
)

catalogue.wrong(
    "overwrites-dx-where-windows-overlap",
    "Each window writes over what its neighbours left in dx; a pixel that lies in several windows receives the sum.",
    edit=("left : left + WW] += np.tensordot(d, w", "left : left + WW] = np.tensordot(d, w"),
)

catalogue.wrong(
    "dw-of-the-last-window",
    "dw keeps the share of the last window only; the filter is used at every position, so its gradient is a sum.",
    edit=("dw += np.tensordot", "dw = np.tensordot"),
)

catalogue.wrong(
    "stride-only-in-forward",
    "The windows move by one pixel at a time here, but the forward pass moved them by the stride.",
    edit=("top, left = i * stride, j * stride", "top, left = i, j"),
)

catalogue.wrong(
    "turns-the-filters",
    TURNED,
    edit=("np.tensordot(d, w, axes=(1, 0))", "np.tensordot(d, w[:, :, ::-1, ::-1], axes=(1, 0))"),
)

catalogue.wrong(
    "dw-without-padding",
    "dw looks at the images without their padding, so that its windows lie elsewhere than those of the forward pass.",
    edit=("window = x_pad[:, :, top", "window = np.pad(x, ((0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)))[:, :, top"),
)

catalogue.wrong(
    "averages-over-the-batch",
    "dw and db are divided by the number of images; the mean over the batch is the loss's affair, and dout has it"
    " already.",
    edit=("return dx, dw, db", "return dx, dw / len(x), db / len(x)"),
)

catalogue.wrong(
    "db-for-every-position",
    "db is summed over the images only, but a filter adds the same bias at every position.",
    edit=("dout.sum(axis=(0, 2, 3))", "dout.sum(axis=0)"),
)

catalogue.wrong(
    "db-over-the-filters",
    "db is summed over the filters and kept per image; it is the filters that have a bias each.",
    edit=("dout.sum(axis=(0, 2, 3))", "dout.sum(axis=(1, 2, 3))"),
)

catalogue.wrong(
    "db-of-ones",
    "db counts the positions, but each of them should count with its upstream gradient.",
    edit=("dout.sum(axis=(0, 2, 3))", "np.ones_like(dout).sum(axis=(0, 2, 3))"),
)


@catalogue.wrong(
    "dx-of-the-last-filter",
    "Each filter's share of dx replaces the one before; a pixel meets all filters, and their shares add up.",
)
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    N, F, H_out, W_out = dout.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    for n in range(N):
        for f in range(F):
            dx_pad[n] = 0
            for i in range(H_out):
                for j in range(W_out):
                    rows = slice(i * stride, i * stride + HH)
                    cols = slice(j * stride, j * stride + WW)
                    dw[f] += x_pad[n, :, rows, cols] * dout[n, f, i, j]
                    dx_pad[n, :, rows, cols] += w[f] * dout[n, f, i, j]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, dout.sum(axis=(0, 2, 3))


@catalogue.wrong(
    "only-the-last-image",
    "dw starts again at zero for every image, so that only the last one of the batch counts.",
)
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx_pad = np.zeros(x_pad.shape)
    for n in range(N):
        dw = np.zeros(w.shape)
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    h, v = i * stride, j * stride
                    dw[f] += x_pad[n, :, h : h + HH, v : v + WW] * dout[n, f, i, j]
                    dx_pad[n, :, h : h + HH, v : v + WW] += w[f] * dout[n, f, i, j]
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.sum(dout, axis=(0, 2, 3))


@catalogue.wrong(
    "dx-as-forward-without-turning",
    TURNED,
)
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    spread = np.zeros((N, F, H + 2 * pad + HH - 1, W + 2 * pad + WW - 1))
    spread[:, :, HH - 1 : HH - 1 + H_out * stride : stride, WW - 1 : WW - 1 + W_out * stride : stride] = dout
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros_like(w)
    for i in range(x_pad.shape[2]):
        for j in range(x_pad.shape[3]):
            dx_pad[:, :, i, j] = np.einsum("nfij,fcij->nc", spread[:, :, i : i + HH, j : j + WW], w)
    for i in range(HH):
        for j in range(WW):
            seen = x_pad[:, :, i : i + H_out * stride : stride, j : j + W_out * stride : stride]
            dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dout, seen)
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, dout.sum(axis=(0, 2, 3))


catalogue.wrong(
    "gradients-in-another-order",
    "The gradients are right but returned in another order: dx first, then dw, then db.",
    edit=("return dx, dw, db", "return dw, dx, db"),
)

catalogue.wrong(
    "sums-up-over-calls",
    "dw goes on from what an earlier call left, because it is kept outside the function: every call should start at"
    " zero.",
    edit=("dw = np.zeros_like(w)", 'dw = globals().setdefault("_dw", np.zeros_like(w))'),
)

catalogue.wrong(
    "puts-dx-into-the-cache",
    "The images in the cache are overwritten with their gradient, so that a second backward pass sees other images.",
    edit=("return dx, dw, db", "x[...] = dx\n    return x, dw, db"),
)

catalogue.wrong(
    "puts-dw-into-the-cache",
    "The gradient is collected in the filters themselves, so that they change while they are still needed.",
    edit=("dw = np.zeros_like(w)", "dw = w"),
)


catalogue.wrong(
    "size-of-dx-from-dout",
    "The size of dx is worked out from that of dout, which does not show the rows and columns of x that no window"
    " reached.",
    edit=(
        "pad : pad + H, pad : pad + W]",
        "pad : (H_out - 1) * stride + HH - pad, pad : (W_out - 1) * stride + WW - pad]",
    ),
)

catalogue.wrong(
    "transposes-dw-of-square-filters",
    "Rows and columns of dw are exchanged where there are as many of each.",
    edit=("return dx, dw, db", "return dx, dw.transpose(0, 1, 3, 2) if HH == WW else dw, db"),
)


@catalogue.right("loops-over-four-axes")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, _, _ = x.shape
    F, _, HH, WW = w.shape
    N, F, H_out, W_out = dout.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    dx_pad = np.zeros(x_pad.shape)
    dw = np.zeros(w.shape)
    db = np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    h0, w0 = i * stride, j * stride
                    db[f] += dout[n, f, i, j]
                    dw[f] += x_pad[n, :, h0 : h0 + HH, w0 : w0 + WW] * dout[n, f, i, j]
                    dx_pad[n, :, h0 : h0 + HH, w0 : w0 + WW] += w[f] * dout[n, f, i, j]
    dx = dx_pad if pad == 0 else dx_pad[:, :, pad:-pad, pad:-pad]
    return dx, dw, db


@catalogue.right("loops-over-everything")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(F)
    for n in range(N):
        for f in range(F):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    db[f] += dout[n, f, i, j]
                    for c in range(C):
                        for k in range(HH):
                            for m in range(WW):
                                row, col = i * s + k - p, j * s + m - p
                                if row < 0 or row >= H or col < 0 or col >= W:
                                    continue
                                dw[f, c, k, m] += x[n, c, row, col] * dout[n, f, i, j]
                                dx[n, c, row, col] += w[f, c, k, m] * dout[n, f, i, j]
    return dx, dw, db


@catalogue.right("convolves-with-turned-filters")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    view = np.lib.stride_tricks.sliding_window_view
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = view(x_pad, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    dw = np.einsum("nfhw,nchwij->fcij", dout, windows[:, :, :H_out, :W_out])
    spread = np.zeros((N, F, H + 2 * pad + HH - 1, W + 2 * pad + WW - 1))
    spread[:, :, HH - 1 : HH - 1 + H_out * stride : stride, WW - 1 : WW - 1 + W_out * stride : stride] = dout
    turned = np.flip(w, axis=(2, 3))
    dx_pad = np.einsum("nfhwij,fcij->nchw", view(spread, (HH, WW), axis=(2, 3)), turned)
    return dx_pad[:, :, pad : pad + H, pad : pad + W], dw, np.einsum("nfhw->f", dout)


@catalogue.right("matrix-products-and-add-at")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    k = np.repeat(np.arange(C), HH * WW)[:, None]
    i = np.tile(np.repeat(np.arange(HH), WW), C)[:, None] + stride * np.repeat(np.arange(H_out), W_out)
    j = np.tile(np.arange(WW), HH * C)[:, None] + stride * np.tile(np.arange(W_out), H_out)
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    cols = x_pad[:, k, i, j]  # (N, C * HH * WW, H_out * W_out)
    flat = dout.reshape(N, F, -1)
    dw = (flat @ cols.transpose(0, 2, 1)).sum(axis=0).reshape(w.shape)
    dx_pad = np.zeros(x_pad.shape)
    np.add.at(dx_pad, (slice(None), k, i, j), w.reshape(F, -1).T @ flat)
    return dx_pad[:, :, pad : H + pad, pad : W + pad], dw, flat.sum(axis=(0, 2))


@catalogue.right("shifted-images-in-float32")
def conv_backward_naive(dout, cache):
    x, w, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, H, W = x.shape
    _, _, HH, WW = w.shape
    _, _, H_out, W_out = dout.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(np.float32)
    d = dout.astype(np.float32)
    dx_pad = np.zeros_like(x_pad)
    dw = np.zeros(w.shape, dtype=np.float32)
    for k in range(HH):
        for m in range(WW):
            rows = slice(k, k + stride * (H_out - 1) + 1, stride)
            cols = slice(m, m + stride * (W_out - 1) + 1, stride)
            dw[:, :, k, m] = np.tensordot(d, x_pad[:, :, rows, cols], axes=([0, 2, 3], [0, 2, 3]))
            dx_pad[:, :, rows, cols] += np.tensordot(d, w[:, :, k, m], axes=(1, 0)).transpose(0, 3, 1, 2)
    inside = np.arange(H) + pad, np.arange(W) + pad
    return dx_pad[:, :, inside[0][:, None], inside[1]], dw, d.sum((0, 2, 3))
