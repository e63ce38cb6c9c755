"""Wrong and other right answers to conv_forward_im2col."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("conv_forward_im2col")


catalogue.wrong(
    "filters-read-as-images",
    "The result of the product is reshaped as if its first axis were the images, but it is the filters: numbers of"
    " different images and filters change places.",
    edit=("out.reshape(F, N, H_out, W_out).transpose(1, 0, 2, 3)", "out.reshape(N, F, H_out, W_out)"),
)

catalogue.wrong(
    "columns-in-another-order",
    "The images run fastest along the columns, but the result is unpacked as if they ran slowest.",
    edit=("windows.transpose(1, 4, 5, 0, 2, 3)", "windows.transpose(1, 4, 5, 2, 3, 0)"),
)

catalogue.wrong(
    "channels-last-in-the-columns",
    "Inside a column the channels run fastest, but inside a filter they run slowest, so that numbers meet the wrong"
    " weights.",
    edit=("windows.transpose(1, 4, 5, 0, 2, 3)", "windows.transpose(4, 5, 1, 0, 2, 3)"),
)

catalogue.wrong(
    "windows-transposed",
    "Rows and columns of the windows change places, so that every filter meets its window mirrored at the diagonal.",
    edit=("windows.transpose(1, 4, 5, 0, 2, 3)", "windows.transpose(1, 5, 4, 0, 2, 3)"),
)

catalogue.wrong(
    "flips-the-filters",
    "The filters are turned by 180 degrees, as mathematics defines convolution; layers of networks slide them as they"
    " are (cross-correlation).",
    edit=("out = w.reshape(F, -1) @ cols", "out = w[:, :, ::-1, ::-1].reshape(F, -1) @ cols"),
)

catalogue.wrong(
    "filters-mixed-by-reshaping",
    "The filters are brought into the shape of the product by reshaping alone where a transpose is needed, which mixes"
    " their weights.",
    edit=("out = w.reshape(F, -1) @ cols", "out = w.reshape(-1, F).T @ cols"),
)

catalogue.wrong(
    "no-stride",
    "Every window is taken, also those that the stride should skip.",
    edit=("windows[:, :, ::stride, ::stride]", "windows[:, :, ::1, ::1]"),
)

catalogue.wrong(
    "stride-down-only",
    "The stride moves the windows down the image, but from left to right they move by one pixel.",
    edit=("windows[:, :, ::stride, ::stride]", "windows[:, :, ::stride]"),
)

catalogue.wrong(
    "never-pads",
    "The images are not padded.",
    edit=("np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))", "x"),
)

catalogue.wrong(
    "always-pads-by-one",
    "The padding is fixed at one row and column of zeros, whatever conv_param asks for.",
    edit=('conv_param["stride"], conv_param["pad"]', 'conv_param["stride"], 1'),
)

catalogue.wrong(
    "takes-filters-for-square",
    "The height of a filter is taken for its width too, but filters need not be square.",
    edit=("F, C, HH, WW = w.shape", "F, C, HH, _ = w.shape\n    WW = HH"),
)

catalogue.wrong(
    "swaps-output-height-and-width",
    "Height and width of the output change places when the result is unpacked.",
    edit=("out.reshape(F, N, H_out, W_out)", "out.reshape(F, N, W_out, H_out)"),
)

catalogue.wrong(
    "no-bias",
    "The bias is missing: every filter adds its own b to all of its outputs.",
    edit=("@ cols + b[:, None]", "@ cols"),
)

catalogue.wrong(
    "bias-in-every-product",
    "The bias is added to the columns before the product, so that it is multiplied by the weights.",
    edit=("@ cols + b[:, None]", "@ (cols + b.sum())"),
)


@catalogue.wrong(
    "calls-the-naive-one",
    "The values are right, but the work is done piece by piece; columns are there for a single matrix product.",
)
def conv_forward_im2col(x, w, b, conv_param):
    from layers import conv_forward_naive

    return conv_forward_naive(x, w, b, conv_param)


@catalogue.wrong(
    "remembers-answers",
    "The values are right, but the work is done piece by piece; columns are there for a single matrix product.",
)
def conv_forward_im2col(x, w, b, conv_param, remembered={}):  # noqa: B006  # the mistake
    from layers import conv_forward_naive

    key = (x.tobytes(), w.tobytes(), b.tobytes())
    if key not in remembered:
        remembered[key] = conv_forward_naive(x, w, b, conv_param)
    return remembered[key]


@catalogue.wrong(
    "one-product-per-pixel",
    "The values are right, but the work is done piece by piece; columns are there for a single matrix product.",
)
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    N, _, H, W = x_pad.shape
    H_out, W_out = (H - HH) // stride + 1, (W - WW) // stride + 1
    out = np.zeros((N, F, H_out, W_out))
    rows = w.reshape(F, -1)
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                col = x_pad[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW].reshape(-1)
                for f in range(F):
                    out[n, f, i, j] = rows[f] @ col + b[f]
    return out, (x, w, b, conv_param)


catalogue.wrong(
    "reshapes-the-callers-filters",
    "w itself is given another shape, but the caller still needs the old one.",
    edit=("out = w.reshape(F, -1) @ cols", "w.shape = (F, -1)\n    out = w @ cols"),
)


catalogue.wrong(
    "single-pixels-without-padding",
    "The images get no padding where the filters are single pixels, but the output is larger by it and shows the bias"
    " there.",
    edit=(
        "x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))",
        "x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))) if HH * WW > 1 else x",
    ),
)

catalogue.wrong(
    "transposes-square-outputs",
    "Rows and columns of the output are exchanged where there are as many of each.",
    edit=("transpose(1, 0, 2, 3)", "transpose(1, 0, *((3, 2) if H_out == W_out else (2, 3)))"),
)


@catalogue.right("index-arrays")
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = (H + 2 * pad - HH) // stride + 1
    W_out = (W + 2 * pad - WW) // stride + 1
    c = np.repeat(np.arange(C), HH * WW).reshape(-1, 1)
    i = np.tile(np.repeat(np.arange(HH), WW), C).reshape(-1, 1) + stride * np.repeat(np.arange(H_out), W_out)
    j = np.tile(np.arange(WW), C * HH).reshape(-1, 1) + stride * np.tile(np.arange(W_out), H_out)
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
    cols = x_pad[:, c, i, j].transpose(1, 2, 0).reshape(C * HH * WW, -1)  # images run fastest
    out = w.reshape(F, -1).dot(cols) + b.reshape(-1, 1)
    return out.reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2), (x, w, b, conv_param, cols)


@catalogue.right("a-column-of-rows-per-kernel-place")
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = (H + 2 * pad - HH) // stride + 1
    W_out = (W + 2 * pad - WW) // stride + 1
    image = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((N, C, HH, WW, H_out, W_out))
    for k in range(HH):
        for m in range(WW):
            col[:, :, k, m] = image[:, :, k : k + stride * H_out : stride, m : m + stride * W_out : stride]
    col = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * H_out * W_out, -1)
    out = np.dot(col, w.reshape(F, -1).T) + b
    return out.reshape(N, H_out, W_out, F).transpose(0, 3, 1, 2), {"x": x, "w": w, "col": col, "param": conv_param}


@catalogue.right("columns-one-by-one")
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    padded[:, :, pad : pad + H, pad : pad + W] = x
    cols = np.empty((C * HH * WW, N * H_out * W_out))
    at = 0
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                cols[:, at] = padded[n, :, i * stride : i * stride + HH, j * stride : j * stride + WW].ravel()
                at += 1
    out = (w.reshape(F, -1).dot(cols) + b.reshape(F, 1)).reshape(F, N, H_out, W_out)
    return out.transpose(1, 0, 2, 3), (x, w, b, conv_param, cols)


@catalogue.right("strides-and-tensordot")
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    _, _, HH, WW = w.shape
    x_pad = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    N, C, H, W = x_pad.shape
    n, c, h, v = x_pad.strides
    shape = (C, HH, WW, N, (H - HH) // stride + 1, (W - WW) // stride + 1)
    cols = np.lib.stride_tricks.as_strided(x_pad, shape, (c, h, v, n, stride * h, stride * v))
    out = np.tensordot(w, cols, axes=([1, 2, 3], [0, 1, 2])) + b[:, None, None, None]
    return np.ascontiguousarray(out.swapaxes(0, 1)), (x, w, b, conv_param)


@catalogue.right("given-im2col")
def conv_forward_im2col(x, w, b, conv_param):
    from im2col_cython import im2col_cython

    stride, pad = conv_param["stride"], conv_param["pad"]
    N, _, H, W = x.shape
    F, _, HH, WW = w.shape
    cols = im2col_cython(x, HH, WW, pad, stride)
    out = w.reshape(F, -1) @ cols + b.reshape(-1, 1)
    out = out.reshape(F, 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride, N)
    return out.transpose(3, 0, 1, 2), (x, w, b, conv_param, cols)


@catalogue.right("image-by-image-in-float32")
def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape
    w_rows = w.reshape(F, C * HH * WW).astype(np.float32)
    outs = []
    for image in x.astype(np.float32):
        image = np.pad(image, ((0, 0), (pad, pad), (pad, pad)))
        windows = np.lib.stride_tricks.sliding_window_view(image, (HH, WW), axis=(1, 2))[:, ::stride, ::stride]
        cols = np.moveaxis(windows, (3, 4), (1, 2)).reshape(C * HH * WW, -1)
        out = w_rows @ cols + b.astype(np.float32)[:, None]
        outs.append(out.reshape(F, *windows.shape[1:3]))
    return np.array(outs), (x, w, b, conv_param)
