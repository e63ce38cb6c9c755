"""Can a network learn a few images by heart? The training loop, the weights and the judgement are the grader's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from grader import expect
from grader.checking.pictures import Remark, curve, filters
from grader.checking.random import Random
from grader.sandbox.student import Kept, Student

IMAGES, VALIDATION, BATCH = 50, 50, 10  # few at a time: steps are many for what slow loops have to do
WANTED = 0.95
DATA = Path(__file__).resolve().parent.parent / "data" / "digits.npz"


def learns_by_heart(
    student: Student, rng: Random, build: Callable[[Student], Kept], epochs: int, learning_rate: float = 1e-2
) -> Remark:
    """Train on 50 digits with Adam in batches of 10, and expect the network to know at least 95 % of them.

    What was learnt is judged by another process, which gets weights and images in an order of its own, and no label.

    Returns:
        what to remark: the accuracies on these 50 images and on 50 others, how the loss went, and the first filters.
    """
    images, labels = _digits()
    chosen = rng.permutation(len(labels))[: IMAGES + VALIDATION]
    images, labels = images[chosen], labels[chosen]

    net = build(student)
    with student.second() as judge:
        judge.start()  # it gets ready while this one trains
        params, losses = _trained(net, rng, images[:IMAGES], labels[:IMAGES], epochs, learning_rate)
        order = rng.permutation(len(labels))
        net = build(judge)
        scores = net.given(params=params).loss(images[order], returns="scores")
    expect.shape(scores, (len(labels), 10), "scores")
    right = np.empty(len(labels), dtype=bool)
    right[order] = scores.argmax(axis=1) == labels[order]
    known, new = float(right[:IMAGES].mean()), float(right[IMAGES:].mean())
    remark = f"training accuracy {known:.0%}, validation accuracy {new:.0%} after {epochs} epochs"
    shown = [curve(losses)]
    first = filters(params["W1"], "W1") if "W1" in params else None
    shown += [first] if first is not None else []  # there is one of a convolution
    course = f"the loss goes from {losses[0]:.3g} to {losses[-1]:.3g}"
    expect.that(known >= WANTED, f"{remark}, should be {WANTED:.0%} in training; {course}", pictures=shown)
    return Remark(remark, shown)


def _trained(
    net: Kept, rng: Random, images: Any, labels: Any, epochs: int, learning_rate: float
) -> tuple[dict[str, Any], list[float]]:
    """Return the weights after training, and the loss of every step."""
    params = {name: _start(rng, value.shape) for name, value in sorted(net.read("params:dict").items())}
    averages = {name: (np.zeros(value.shape), np.zeros(value.shape)) for name, value in params.items()}
    losses = []
    for step, batch in enumerate(_batches(rng, epochs), start=1):
        loss, grads = net.given(params=params).loss(images[batch], labels[batch], returns="loss:number grads:dict")
        losses.append(loss)
        for name, value in params.items():
            expect.that(name in grads, f"grads has no '{name}'")
            expect.shape(grads[name], value.shape, f"grads['{name}']")
            if not np.isfinite(grads[name]).all():
                expect.that(False, f"grads['{name}'] is not finite in step {step}", pictures=[curve(losses)])
            params[name], averages[name] = _adam(value, grads[name], averages[name], step, learning_rate)
    return params, losses


def _batches(rng: Random, epochs: int) -> Iterator[Any]:
    for _ in range(epochs):
        order = rng.permutation(IMAGES)
        for start in range(0, IMAGES, BATCH):
            yield order[start : start + BATCH]


def _digits() -> tuple[Any, Any]:
    """Return images (N, 1, 8, 8), of mean 0 and variance 1 or nearly so, and labels (N,)."""
    with np.load(DATA, allow_pickle=False) as data:
        images, labels = data["images"], data["labels"]
    return images[:, None] / 6.0 - 0.8, labels.astype(np.int64)


def _start(rng: Random, shape: tuple[int, ...]) -> Any:
    """Return first weights of the scale of He and others (2015), and biases of zero."""
    if len(shape) < 2:
        return np.zeros(shape)
    inputs = shape[0] if len(shape) == 2 else int(np.prod(shape[1:]))
    return rng.normal(size=shape) * np.sqrt(2.0 / inputs)


def _adam(value: Any, gradient: Any, averages: tuple[Any, Any], step: int, learning_rate: float) -> tuple[Any, Any]:
    first = 0.9 * averages[0] + 0.1 * gradient
    second = 0.99 * averages[1] + 0.01 * gradient**2
    update = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return value - learning_rate * update, (first, second)
