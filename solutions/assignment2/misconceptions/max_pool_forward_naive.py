"""Wrong and other right answers to max_pool_forward_naive."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("max_pool_forward_naive")

OVER_THE_EDGE = (
    "Windows that reach over the edge count too; only those that lie in it whole do, and what is left over at the far"
    " edge is not looked at."
)


catalogue.wrong(
    "swaps-window-height-and-width",
    "The window's height runs along the width of the image and its width along the height. Square windows hide it.",
    edit=("top : top + height, left : left + width", "top : top + width, left : left + height"),
)

catalogue.wrong(
    "takes-windows-for-square",
    "The height of the window is taken for its width too, but windows need not be square.",
    edit=('pool_param["pool_width"]', 'pool_param["pool_height"]'),
)

catalogue.wrong(
    "stride-for-the-window",
    "Every window is as large as the stride. The stride says how far windows lie apart, not how large they are; in 2x2"
    " pooling with stride 2 nobody sees the difference.",
    edit=("top : top + height, left : left + width", "top : top + stride, left : left + stride"),
)

catalogue.wrong(
    "window-for-the-stride",
    "The windows move by their own size, side by side, whatever the stride is.",
    edit=("top, left = i * stride, j * stride", "top, left = i * height, j * width"),
)

catalogue.wrong(
    "size-from-the-stride-alone",
    "The size of the output is the image's divided by the stride; the size of the window counts too, because the last"
    " one must still fit.",
    edit=("    out = np.zeros((N", "    H_out, W_out = H // stride, W // stride\n    out = np.zeros((N"),
)

catalogue.wrong(
    "size-from-the-window-alone",
    "The size of the output is the image's divided by the window's, as if windows always lay side by side.",
    edit=("    out = np.zeros((N", "    H_out, W_out = H // height, W // width\n    out = np.zeros((N"),
)

catalogue.wrong(
    "takes-images-for-square",
    "The height of the images is taken for their width too, but they need not be square.",
    edit=("N, C, H, W = x.shape", "N, C, H, _ = x.shape\n    W = H"),
)

catalogue.wrong(
    "takes-outputs-for-square",
    "The height of the output is taken for its width too, but images and windows need not be square.",
    edit=("    out = np.zeros((N", "    W_out = H_out\n    out = np.zeros((N"),
)


@catalogue.wrong(
    "loops-over-the-image",
    "The loops run over the rows and columns of the image, not over those of the output, so that windows reach over"
    " the edge and outputs are asked for that do not exist.",
)
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - height) // stride + 1, (W - width) // stride + 1))
    for i in range(0, H, stride):
        for j in range(0, W, stride):
            out[:, :, i // stride, j // stride] = x[:, :, i : i + height, j : j + width].max(axis=(2, 3))
    return out, (x, pool_param)


@catalogue.wrong(
    "stops-before-the-last-window",
    "The loops stop before the last window that fits, so that the last row and column of the output stay zero.",
)
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - height) // stride + 1, (W - width) // stride + 1))
    for n in range(N):
        for c in range(C):
            for i in range(0, H - height, stride):
                for j in range(0, W - width, stride):
                    out[n, c, i // stride, j // stride] = np.max(x[n, c, i : i + height, j : j + width])
    return out, (x, pool_param)


@catalogue.wrong(
    "compares-with-zero",
    "The search for the largest value starts at zero, so that a window with negative values only gives 0.",
)
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    out = np.zeros((N, C, (H - height) // stride + 1, (W - width) // stride + 1))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            for k in range(height):
                for m in range(width):
                    value = x[:, :, i * stride + k, j * stride + m]
                    out[:, :, i, j] = np.maximum(out[:, :, i, j], value)
    return out, (x, pool_param)


catalogue.wrong(
    "largest-magnitude",
    "The value with the largest magnitude is kept, so that a large negative one beats a small positive one.",
    edit=(
        "out[:, :, i, j] = window.max(axis=(2, 3))",
        "large, small = window.max(axis=(2, 3)), window.min(axis=(2, 3))\n"
        "            out[:, :, i, j] = np.where(large >= -small, large, small)",
    ),
)

catalogue.wrong(
    "averages",
    "Every window gives its mean: that is average pooling, another layer.",
    edit=("window.max(", "window.mean("),
)

catalogue.wrong(
    "one-maximum-for-all-channels",
    "The maximum is taken over the channels as well, so that all channels get the same output; each is pooled alone.",
    edit=("window.max(axis=(2, 3))", "window.max(axis=(1, 2, 3))[:, None]"),
)

catalogue.wrong(
    "one-maximum-for-the-batch",
    "The maximum is taken over the images of the batch as well; each image is pooled alone.",
    edit=("window.max(axis=(2, 3))", "window.max(axis=(0, 2, 3))"),
)

catalogue.wrong(
    "only-down-the-columns",
    "The maximum is taken down each column of the window, and only the first column's is kept.",
    edit=("window.max(axis=(2, 3))", "window.max(axis=2)[:, :, 0]"),
)

catalogue.wrong(
    "keeps-the-place",
    "The output says where in its window the largest value lies; it should be that value.",
    edit=("window.max(axis=(2, 3))", "window.reshape(N, C, -1).argmax(axis=2)"),
)

catalogue.wrong(
    "rubs-out-the-losers",
    "All but the largest value of a window are set to zero in x itself, but the caller still needs x as it was.",
    edit=(
        "# (N, C)\n",
        "\n            window[window < window.max(axis=(2, 3), keepdims=True)] = window.min() - 1\n",
    ),
)


@catalogue.wrong(
    "lifts-the-images-in-place",
    "x itself is moved above zero, so that a maximum can start from there; the caller still needs the old values.",
)
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    lowest = x.min()
    x -= lowest
    out = np.zeros((N, C, 1 + (H - height) // stride, 1 + (W - width) // stride))
    for i, j in np.ndindex(out.shape[2:]):
        for k, m in np.ndindex(height, width):
            out[:, :, i, j] = np.maximum(out[:, :, i, j], x[:, :, i * stride + k, j * stride + m])
    return out + lowest, (x, pool_param)


catalogue.wrong(
    "counts-windows-over-the-edge",
    OVER_THE_EDGE,
    edit=(
        "    out = np.zeros((N",
        "    H_out, W_out = 1 - (height - H) // stride, 1 - (width - W) // stride\n    out = np.zeros((N",
    ),
)

catalogue.wrong(
    "fills-up-with-zeros",
    OVER_THE_EDGE,
    edit=(
        "N, C, H, W = x.shape",
        "N, C, H, W = x.shape\n    down, right = (height - H) % stride, (width - W) % stride\n"
        "    x = np.pad(x, ((0, 0), (0, 0), (0, down), (0, right)))\n    H, W = H + down, W + right",
    ),
)

catalogue.wrong(
    "starts-from-minus-a-hundred",
    "The search for the largest value starts from a number that is thought to be small enough, but all values of a"
    " window may lie below it.",
    edit=("window.max(axis=(2, 3))", "window.max(axis=(2, 3), initial=-100)"),
)

catalogue.wrong(
    "transposes-square-outputs",
    "Rows and columns of the output are exchanged where there are as many of each.",
    edit=("out[:, :, i, j] =", "place = (j, i) if H_out == W_out else (i, j)\n            out[:, :, *place] ="),
)


@catalogue.right("loops-over-four-axes")
def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    pool_height, pool_width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    H_out = int((H - pool_height) / stride + 1)
    W_out = int((W - pool_width) / stride + 1)
    out = np.zeros((N, C, H_out, W_out))
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    h, w = i * stride, j * stride
                    out[n, c, i, j] = np.max(x[n, c, h : h + pool_height, w : w + pool_width])
    return out, (x, pool_param)


@catalogue.right("loops-over-everything")
def max_pool_forward_naive(x, pool_param):
    N, C, H, W = x.shape
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    out = np.zeros((N, C, 1 + (H - ph) // s, 1 + (W - pw) // s))
    for n in range(N):
        for c in range(C):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    largest = x[n, c, i * s, j * s]
                    for k in range(ph):
                        for m in range(pw):
                            if x[n, c, i * s + k, j * s + m] > largest:
                                largest = x[n, c, i * s + k, j * s + m]
                    out[n, c, i, j] = largest
    cache = (x, pool_param)
    return out, cache


@catalogue.right("windows-as-a-view")
def max_pool_forward_naive(x, pool_param):
    size = pool_param["pool_height"], pool_param["pool_width"]
    s = pool_param["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(-2, -1))[:, :, ::s, ::s]
    return windows.max(axis=(-2, -1)), (x, pool_param)


@catalogue.right("shifted-images-from-minus-infinity")
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H_out, W_out = (H - height) // stride + 1, (W - width) // stride + 1
    out = np.full((N, C, H_out, W_out), -np.inf)
    for k in range(height):
        for m in range(width):
            shifted = x[:, :, k : k + H_out * stride : stride, m : m + W_out * stride : stride]
            np.maximum(out, shifted, out=out)
    return out, (x, pool_param)


@catalogue.right("columns-and-winners-in-float32")
def max_pool_forward_naive(x, pool_param):
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    H_out, W_out = (H - height) // stride + 1, (W - width) // stride + 1
    out = np.empty((N, C, H_out, W_out), np.float32)
    winners = np.empty((N, C, H_out, W_out), int)
    flat = x.reshape(N * C, H, W).astype(np.float32)
    for i in range(H_out):
        for j in range(W_out):
            cols = flat[:, i * stride : i * stride + height, j * stride : j * stride + width].reshape(N * C, -1)
            best = cols.argmax(axis=1)
            out[:, :, i, j] = cols[np.arange(N * C), best].reshape(N, C)
            winners[:, :, i, j] = best.reshape(N, C)
    return out, {"x": x, "winners": winners, "pool_param": pool_param}
