"""Wrong and other right answers to conv_forward_naive."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("conv_forward_naive")

# No input tells these apart.
NO_BORDER = "The zeros around the images are not where they should be: on all four sides of height and width only."
SWAPPED = (
    "Height and width are taken for each other, or for the same: the axes are (N, C, H, W) and (F, C, HH, WW), and"
    " nothing has to be square."
)


catalogue.wrong(
    "flips-the-filters",
    "The filters are turned by 180 degrees, as mathematics defines convolution; layers of networks slide them as they"
    " are (cross-correlation).",
    edit=("np.tensordot(window, w, axes", "np.tensordot(window, w[:, :, ::-1, ::-1], axes"),
)

catalogue.wrong(
    "always-pads-by-one",
    "The padding is fixed at one row and column of zeros, whatever conv_param asks for.",
    edit=('conv_param["stride"], conv_param["pad"]', 'conv_param["stride"], 1'),
)

catalogue.wrong(
    "never-pads",
    NO_BORDER,
    edit=("x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))", "x_pad = x"),
)

catalogue.wrong(
    "pads-every-axis",
    NO_BORDER,
    edit=("np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))", "np.pad(x, pad)"),
)

catalogue.wrong(
    "pads-on-two-sides-only",
    "All the zeros are put below and to the right of the images; each of the four sides should get pad of them.",
    edit=("(pad, pad), (pad, pad)", "(0, 2 * pad), (0, 2 * pad)"),
)

catalogue.wrong(
    "pads-with-the-border",
    "The padding repeats the pixels of the border, but it should be zeros.",
    edit=("(pad, pad), (pad, pad))", '(pad, pad), (pad, pad)), mode="edge"'),
)

catalogue.wrong(
    "swaps-image-height-and-width",
    SWAPPED,
    edit=("N, _, H, W = x.shape", "N, _, W, H = x.shape"),
)

catalogue.wrong(
    "swaps-filter-height-and-width",
    SWAPPED,
    edit=("F, _, HH, WW = w.shape", "F, _, WW, HH = w.shape"),
)

catalogue.wrong(
    "takes-filters-for-square",
    SWAPPED,
    edit=("F, _, HH, WW = w.shape", "F, _, HH, _ = w.shape\n    WW = HH"),
)

catalogue.wrong(
    "takes-outputs-for-square",
    "The height of the output is taken for its width too, but images need not be square.",
    edit=("W_out = 1 + (W + 2 * pad - WW) // stride\n\n    x_pad", "W_out = H_out\n\n    x_pad"),
)

catalogue.wrong(
    "loses-the-last-window",
    "The output has one row and one column too few: count the first window too, the one that has not moved yet.",
    edit=(
        "out = np.zeros((N, F, H_out, W_out)",
        "H_out, W_out = H_out - 1, W_out - 1\n    out = np.zeros((N, F, H_out, W_out)",
    ),
)

catalogue.wrong(
    "pads-one-side-in-the-size",
    "The size of the output counts the padding once, but it stands on both sides.",
    edit=(
        "x_pad = np.pad",
        "H_out = 1 + (H + pad - HH) // stride\n    W_out = 1 + (W + pad - WW) // stride\n    x_pad = np.pad",
    ),
)

catalogue.wrong(
    "stride-only-in-the-size",
    "The stride shrinks the output, but the windows still move by one pixel at a time.",
    edit=("top, left = i * stride, j * stride", "top, left = i, j"),
)

catalogue.wrong(
    "no-bias",
    "The bias is missing: every filter adds its own b to all of its outputs.",
    edit=("[1, 2, 3])) + b", "[1, 2, 3]))"),
)


@catalogue.wrong(
    "bias-at-every-pixel",
    "The bias is added to every product before they are summed, so that it counts once for each weight of the filter;"
    " it belongs to the sum, once.",
)
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), "constant")
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = padded[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f] + b[f])
    return out, (x, w, conv_param)


@catalogue.wrong(
    "only-the-last-channel",
    "Each channel's response replaces the one before, so that only the last channel counts; a filter adds up the"
    " responses of all channels.",
)
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                for i in range(H_out):
                    for j in range(W_out):
                        field = x_pad[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
                        out[n, f, i, j] = np.sum(field * w[f, c]) + b[f]
    return out, (x, w, conv_param)


@catalogue.wrong(
    "bias-for-every-channel",
    "The bias is added along with each channel's response, so that it counts once per channel instead of once.",
)
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for c in range(C):
                for i in range(H_out):
                    for j in range(W_out):
                        field = x_pad[n, c, i * stride : i * stride + HH, j * stride : j * stride + WW]
                        out[n, f, i, j] += np.sum(field * w[f, c]) + b[f]
    return out, (x, w, conv_param)


catalogue.wrong(
    "averages-the-window",
    "The products of a window are averaged, but they should be summed.",
    edit=("[1, 2, 3])) + b", "[1, 2, 3])) / w[0].size + b"),
)

catalogue.wrong(
    "mixes-the-images",
    "The sum runs over the images of the batch as well, so that all of them get the same output.",
    edit=(
        "np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b",
        "np.tensordot(window.sum(axis=0), w, axes=([0, 1, 2], [1, 2, 3])) + b",
    ),
)


@catalogue.wrong(
    "stops-at-the-unpadded-edge",
    "The windows slide over the size that the images had before padding, so that the last rows and columns of the"
    " output stay zero.",
)
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    out = np.zeros((N, F, 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride))
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    for n in range(N):
        for f in range(F):
            for i in range(0, H - HH + 1, stride):
                for j in range(0, W - WW + 1, stride):
                    out[n, f, i // stride, j // stride] = np.sum(x_pad[n, :, i : i + HH, j : j + WW] * w[f]) + b[f]
    return out, (x, w, conv_param)


catalogue.wrong(
    "output-of-whole-numbers",
    "The output array holds whole numbers only, so that everything behind the decimal point is cut off.",
    edit=("dtype=x.dtype", "dtype=int"),
)

catalogue.wrong(
    "takes-settings-out",
    "Reading pad also removes it from conv_param, but the dictionary belongs to the caller, who uses it again.",
    edit=('conv_param["pad"]', 'conv_param.pop("pad")'),
)


@catalogue.wrong(
    "reshapes-the-callers-filters",
    "w itself is given another shape, but the caller still needs the old one.",
)
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.zeros((N, F, H_out, W_out))
    w.shape = (F, C * HH * WW)
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                window = x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                out[n, :, i, j] = w.dot(window.ravel()) + b
    return out, (x, w, conv_param)


catalogue.wrong(
    "counts-windows-over-the-edge",
    "Windows that reach over the edge count too; only those that lie in it whole do, and what is left over at the far"
    " edge is not looked at.",
    edit=(
        "x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))",
        "H_out, W_out = 1 - (HH - H - 2 * pad) // stride, 1 - (WW - W - 2 * pad) // stride\n"
        "    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad + stride), (pad, pad + stride)))",
    ),
)

catalogue.wrong(
    "transposes-square-filters",
    "Rows and columns of the filters are exchanged where there are as many of each.",
    edit=("x_pad = np.pad", "w = w.transpose(0, 1, 3, 2) if HH == WW else w\n    x_pad = np.pad"),
)

catalogue.wrong(
    "transposes-square-outputs",
    "Rows and columns of the output are exchanged where there are as many of each.",
    edit=("out[:, :, i, j] =", "place = (j, i) if H_out == W_out else (i, j)\n            out[:, :, *place] ="),
)


@catalogue.right("loops-over-four-axes")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = int(1 + (H + 2 * pad - HH) / stride)
    W_out = int(1 + (W + 2 * pad - WW) / stride)
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant", constant_values=0)
    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    window = x_padded[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
    cache = (x, w, b, conv_param)
    return out, cache


@catalogue.right("loops-over-everything")
def conv_forward_naive(x, w, b, conv_param):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    s = conv_param["stride"]
    p = conv_param["pad"]
    Ho = (H + 2 * p - HH) // s + 1
    Wo = (W + 2 * p - WW) // s + 1
    out = np.zeros((N, F, Ho, Wo))
    for n in range(N):
        for f in range(F):
            for i in range(Ho):
                for j in range(Wo):
                    total = b[f]
                    for c in range(C):
                        for k in range(HH):
                            for m in range(WW):
                                row = i * s + k - p
                                col = j * s + m - p
                                if 0 <= row < H and 0 <= col < W:  # anything else is padding
                                    total += x[n, c, row, col] * w[f, c, k, m]
                    out[n, f, i, j] = total
    return out, (x, w, b, conv_param)


@catalogue.right("einsum-over-strides")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, C, HH, WW = w.shape
    x_pad = np.pad(x, [(0, 0)] * 2 + [(pad, pad)] * 2)
    N, _, H, W = x_pad.shape
    n, c, h, v = x_pad.strides
    shape = (N, C, (H - HH) // stride + 1, (W - WW) // stride + 1, HH, WW)
    windows = np.lib.stride_tricks.as_strided(x_pad, shape, (n, c, h * stride, v * stride, h, v), writeable=False)
    out = np.einsum("nchwij,fcij->nfhw", windows, w, optimize=True) + b[None, :, None, None]
    return out, {"x_pad": x_pad, "w": w, "param": conv_param}


@catalogue.right("adds-shifted-images")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_pad = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    x_pad[:, :, pad : pad + H, pad : pad + W] = x
    out = np.tile(b.reshape(1, F, 1, 1), (N, 1, H_out, W_out))
    for k in range(HH):
        for m in range(WW):
            shifted = x_pad[:, :, k : k + H_out * stride : stride, m : m + W_out * stride : stride]
            out += np.einsum("nchw,fc->nfhw", shifted, w[:, :, k, m])
    return out, (x, w, b, conv_param)


@catalogue.right("columns-in-float32")
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))).astype(np.float32)
    H_out = (x_pad.shape[2] - HH) // stride + 1
    W_out = (x_pad.shape[3] - WW) // stride + 1
    images = []
    for image in x_pad:
        cols = [
            image[:, i : i + HH, j : j + WW].flatten()
            for i in range(0, H_out * stride, stride)
            for j in range(0, W_out * stride, stride)
        ]
        response = w.reshape(F, -1).astype(np.float32) @ np.array(cols).T + b.astype(np.float32)[:, None]
        images.append(response.reshape(F, H_out, W_out))
    return np.stack(images), [x, w, b, conv_param]


@catalogue.right("sums-channels-one-by-one")
def conv_forward_naive(x, w, b, conv_param):
    stride = conv_param.get("stride", 1)
    pad = conv_param.get("pad", 0)
    xp = np.pad(x, ((0,), (0,), (pad,), (pad,)), "constant")
    hs = range(0, xp.shape[2] - w.shape[2] + 1, stride)
    ws = range(0, xp.shape[3] - w.shape[3] + 1, stride)
    out = np.zeros((len(x), len(w), len(hs), len(ws)))
    for i, h in enumerate(hs):
        for j, v in enumerate(ws):
            for f, (kernel, bias) in enumerate(zip(w, b, strict=True)):
                patch = xp[:, :, h : h + kernel.shape[1], v : v + kernel.shape[2]]
                out[:, f, i, j] = (patch * kernel).sum(axis=(1, 2, 3)) + bias
    return out, (x, w, b, conv_param, xp)
