"""Given code: plots that look alike, for the notebooks.

Colours are those of Okabe and Ito (2008), which people with any kind of colour vision can tell apart; lines also differ
in their dashes, so that a plot survives a black-and-white printer.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

BLUE, ORANGE, GREEN, PINK, SKY, BROWN = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#8C6D1F"
COLOURS = [BLUE, ORANGE, GREEN, PINK, SKY, BROWN]
DASHES = ["-", "--", "-.", (0, (1, 1.2)), (0, (5, 1, 1, 1, 1, 1)), (0, (6, 3))]
SEQUENTIAL, DIVERGING = "cividis", "PuOr_r"


def use_style():
    """Set fonts, colours and sizes for all plots that follow."""
    cycle = plt.cycler(color=COLOURS) + plt.cycler(linestyle=DASHES)
    plt.rcParams.update(
        {
            "axes.prop_cycle": cycle,
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.edgecolor": "#666666",
            "axes.labelcolor": "#333333",
            "axes.titlesize": 11,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.labelsize": 10,
            "figure.constrained_layout.use": True,
            "figure.dpi": 96,
            "figure.facecolor": "white",
            "font.size": 10,
            "grid.color": "#e6e6e6",
            "image.cmap": SEQUENTIAL,
            "image.interpolation": "nearest",
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "xtick.color": "#555555",
            "ytick.color": "#555555",
        }
    )


def axes(columns=1, rows=1, width=None, height=3.2, **options):
    """A figure with a grid of axes; the axes, as plt.subplots gives them."""
    width = width or min(4.2 * columns + 1.2, 11)
    return plt.subplots(rows, columns, figsize=(width, height * rows), **options)[1]


def curves(ax, lines, xlabel, ylabel, title="", window=1, x=None):
    """Draw lines, a dictionary from label to values; each is averaged over so many values."""
    for label, values in lines.items():
        values = smooth(values, window)
        ax.plot(np.arange(len(values)) if x is None else x, values, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if x is None:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))  # there is no half of a step
    if len(lines) > 1:
        ax.legend()


def smooth(values, window):
    """The mean of each value and up to window - 1 before it: what a noisy loss is about."""
    values = np.asarray(values, dtype=float)
    total = np.cumsum(np.insert(values, 0, 0.0))
    last = np.arange(1, len(values) + 1)
    first = np.maximum(last - window, 0)
    return (total[last] - total[first]) / (last - first)


def histograms(rows, xlabel, limit=None, bins=41, names=None):
    """Draw histograms, a dictionary from row label to one array per layer; the spread of each is written above it.

    limit: values from -limit to limit are shown; what lies beyond counts for the outermost bars
    names: of the layers, if they are not 1, 2, 3 ...
    """
    layers = max(len(row) for row in rows.values())
    grid = axes(layers, len(rows), width=11, height=1.55, squeeze=False, sharex=True)
    limit = limit or max(np.abs(np.asarray(values)).max() for row in rows.values() for values in row)
    edges = np.linspace(-limit, limit, bins + 1)
    for index, (label, row) in enumerate(rows.items()):
        for layer, ax in enumerate(grid[index]):
            values = np.clip(np.ravel(row[layer]), -limit, limit)
            shares = np.histogram(values, edges)[0] / len(values)
            ax.bar(edges[:-1], shares, width=np.diff(edges), align="edge", color=COLOURS[index % len(COLOURS)])
            spread = np.std(row[layer])
            title = f"std {spread:.2g}" if spread < 100 else f"std {spread:.0f}"
            ax.set_title(title, fontsize=9, fontweight="normal", loc="right")
            if index == 0:
                ax.set_title(f"layer {names[layer] if names else layer + 1}", fontsize=10)
            if index == len(rows) - 1:
                ax.set_xlabel(xlabel)
            ax.set_yticks([])
            ax.grid(False)
        grid[index][0].set_ylabel(label)
    return grid


def images(X, titles=None, columns=10, size=1.0, cmap="gray"):
    """Show images (N, C, H, W), each stretched to the full range, in rows of so many."""
    rows = -(-len(X) // columns)
    height = size * (1.3 if titles is not None else 1.05) * rows
    grid = plt.subplots(rows, columns, figsize=(size * columns, height), squeeze=False)[1]
    for ax in grid.flat:
        ax.axis("off")
    for index, (ax, image) in enumerate(zip(grid.flat, X, strict=False)):
        show(ax, image, titles[index] if titles is not None else "", cmap=cmap)
    return grid


def show(ax, image, title="", cmap="gray", limit=None):
    """Show one image: (C, H, W), or (H, W).

    limit: if given, colours go from -limit to limit with zero in the middle; otherwise they are stretched
    """
    image = np.asarray(image, dtype=float)
    if image.ndim == 3:
        image = image[0] if len(image) != 3 else image.transpose(1, 2, 0)
    if limit is None:
        image = (image - image.min()) / (np.ptp(image) or 1.0)
        ax.imshow(image, cmap=cmap)
    else:
        ax.imshow(image, cmap=DIVERGING, vmin=-limit, vmax=limit)
    ax.set_title(title, fontsize=9, fontweight="normal", loc="center")
    ax.axis("off")
