"""Wrong and other right answers to max_pool_backward_naive."""

import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("max_pool_backward_naive")


catalogue.wrong(
    "overwrites-where-windows-overlap",
    "Each window writes over what its neighbours left in dx. A value may win in several windows, and then it receives"
    " the gradient of all of them.",
    edit=("left : left + width] += share", "left : left + width] = share"),
)


@catalogue.wrong(
    "one-window-per-winner",
    "The winner's gradient is set, not added up: a value that wins in several overlapping windows keeps only that of"
    " the last one.",
)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
                    row, col = np.unravel_index(np.argmax(window), window.shape)
                    dx[n, c, i * stride + row, j * stride + col] = dout[n, c, i, j]
    return dx


@catalogue.wrong(
    "divides-the-winner-by-the-height",
    "The winner's row and column are found by dividing its place by the window's height, but a window is counted row by"
    " row, and a row is as long as the window is wide.",
)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
                    row, col = divmod(np.argmax(window), height)
                    dx[n, c, i * stride + row, j * stride + col] += dout[n, c, i, j]
    return dx


catalogue.wrong(
    "swaps-window-height-and-width",
    "The window's height runs along the width of the image and its width along the height. Square windows hide it.",
    edit=(
        'height, width, stride = pool_param["pool_height"], pool_param["pool_width"]',
        'height, width, stride = pool_param["pool_width"], pool_param["pool_height"]',
    ),
)

catalogue.wrong(
    "takes-windows-for-square",
    "The height of the window is taken for its width too, but windows need not be square.",
    edit=('pool_param["pool_width"]', 'pool_param["pool_height"]'),
)

catalogue.wrong(
    "moves-by-the-window",
    "The windows lie side by side here, whatever the stride of the forward pass was.",
    edit=("top, left = i * stride, j * stride", "top, left = i * height, j * width"),
)

catalogue.wrong(
    "no-stride",
    "The windows move by one pixel at a time here, but the forward pass moved them by the stride.",
    edit=("top, left = i * stride, j * stride", "top, left = i, j"),
)


@catalogue.wrong(
    "stride-for-the-window",
    "Every window is as large as the stride. The stride says how far windows lie apart, not how large they are.",
)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    stride = pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    rows = slice(i * stride, i * stride + stride)
                    cols = slice(j * stride, j * stride + stride)
                    window = x[n, c, rows, cols]
                    dx[n, c, rows, cols] += (window == np.max(window)) * dout[n, c, i, j]
    return dx


catalogue.wrong(
    "to-the-whole-window",
    "Every value of a window receives its gradient, but only the largest one moves the output.",
    edit=(
        "is_winner.reshape(N, C, height, width) * dout[:, :, i, j, None, None]",
        "np.ones((height, width)) * dout[:, :, i, j, None, None]",
    ),
)

catalogue.wrong(
    "shares-like-an-average",
    "The gradient is spread evenly over the window: that belongs to average pooling. Only the largest value moves the"
    " output.",
    edit=(
        "is_winner.reshape(N, C, height, width) * dout[:, :, i, j, None, None]",
        "np.full((height, width), 1 / (height * width)) * dout[:, :, i, j, None, None]",
    ),
)

catalogue.wrong(
    "all-of-it-to-every-tie",
    "Where several values of a window are equally large, each of them receives the whole gradient; their shares have to"
    " add up to it.",
    edit=(
        "is_winner = np.arange(height * width) == winner[:, :, None]",
        "is_winner = window == window.max(axis=2, keepdims=True)",
    ),
)

catalogue.wrong(
    "to-the-smallest",
    "The gradient goes to the smallest value of the window; the output is the largest one.",
    edit=("window.argmax(axis=2)", "window.argmin(axis=2)"),
)

catalogue.wrong(
    "value-times-gradient",
    "The gradient is multiplied by the largest value itself. The output is that value, so its slope is 1.",
    edit=("* dout[:, :, i, j, None, None]", "* window.max() * dout[:, :, i, j, None, None]"),
)

catalogue.wrong(
    "slope-without-upstream",
    "The largest values get 1, the layer's own slope, but not multiplied by the upstream gradient.",
    edit=("* dout[:, :, i, j, None, None]", "* 1.0"),
)


@catalogue.wrong(
    "one-winner-for-all-channels",
    "One winner is sought over all channels together, but each channel is pooled alone and has its own.",
)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, _, H_out, W_out = dout.shape
    dx = np.zeros_like(x)
    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                h, w = i * stride, j * stride
                window = x[n, :, h : h + height, w : w + width]
                mask = window == window.max()
                dx[n, :, h : h + height, w : w + width] += mask * dout[n, :, i, j][:, None, None]
    return dx


@catalogue.wrong(
    "place-without-the-window",
    "The winner's place within its window is used as a place in the image: where the window begins has to be added.",
)
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * stride : i * stride + height, j * stride : j * stride + width]
        row, col = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, row, col] += dout[n, c, i, j]
    return dx


catalogue.wrong(
    "puts-dx-into-the-cache",
    "The images in the cache are overwritten with their gradient, so that a second backward pass sees other images.",
    edit=("return dx", "x[...] = dx\n    return x"),
)


catalogue.wrong(
    "sums-up-over-calls",
    "dx goes on from what an earlier call left, because it is kept outside the function: every call should start at"
    " zero.",
    edit=("dx = np.zeros_like(x)", 'dx = globals().setdefault(f"_dx{x.shape}", np.zeros_like(x))'),
)


catalogue.wrong(
    "ends-with-the-last-window",
    "dx ends where the last window does; pixels that no window reaches belong to x too, and have a gradient of zero.",
    edit=("return dx", "return dx[:, :, : (H_out - 1) * stride + height, : (W_out - 1) * stride + width]"),
)


@catalogue.right("loops-over-four-axes")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    pool_height, pool_width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    N, C, H_out, W_out = dout.shape
    dx = np.zeros(x.shape)
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    h, w = i * stride, j * stride
                    window = x[n, c, h : h + pool_height, w : w + pool_width]
                    row, col = np.unravel_index(np.argmax(window), (pool_height, pool_width))
                    dx[n, c, h + row, w + col] += dout[n, c, i, j]
    return dx


@catalogue.right("splits-among-ties")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = np.s_[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            largest = x[at] == x[at].max(axis=(2, 3), keepdims=True)
            dx[at] += largest / largest.sum(axis=(2, 3), keepdims=True) * dout[:, :, i, j][:, :, None, None]
    return dx


@catalogue.right("last-of-equals-with-add-at")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    _, _, H_out, W_out = dout.shape
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::s, ::s]
    backwards = windows.reshape(*windows.shape[:4], -1)[..., ::-1]
    place = height * width - 1 - backwards[:, :, :H_out, :W_out].argmax(axis=-1)
    n, c, i, j = np.indices(dout.shape)
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, i * s + place // width, j * s + place % width), dout)
    return dx


@catalogue.right("searches-in-loops")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    ph, pw, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n in range(dout.shape[0]):
        for c in range(dout.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    best = (i * s, j * s)
                    for k in range(i * s, i * s + ph):
                        for m in range(j * s, j * s + pw):
                            if x[n, c, k, m] > x[n, c, best[0], best[1]]:
                                best = (k, m)
                    dx[n, c, best[0], best[1]] += dout[n, c, i, j]
    return dx


@catalogue.right("shifted-images-in-float32")
def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    height, width, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    H_out, W_out = dout.shape[2:]
    parts = [
        np.s_[:, :, k : k + s * (H_out - 1) + 1 : s, m : m + s * (W_out - 1) + 1 : s]
        for k in range(height)
        for m in range(width)
    ]
    out = np.max([x[part] for part in parts], axis=0)
    left = dout.astype(np.float32)
    dx = np.zeros(x.shape, np.float32)
    for part in parts:
        won = x[part] == out
        dx[part] += np.where(won, left, 0)
        left = np.where(won, 0, left)  # the first one of equals takes it all
    return dx
