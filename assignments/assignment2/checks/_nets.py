"""Networks: their parameters are put in place by the check, and loss and every gradient looked at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader import expect
from grader.checking import numeric
from grader.checking.random import Random
from grader.errors import WrongAnswerError
from grader.sandbox.student import Kept

Shapes = Mapping[str, tuple[int, ...]]

LOSS = "loss:number grads:dict"


def starts_well(net: Kept, shapes: Shapes, weight_scale: float, dtype: Any = None) -> None:
    """Expect a new network's parameters: normal weights of the given scale, biases and shifts 0, scales 1."""
    params = net.read("params:dict")
    more = ", ".join(sorted(set(params) - set(shapes)))
    expect.that(not more, f"params also has {more}, which this network does not have")
    for name, shape in shapes.items():
        there = ", ".join(sorted(params)) or "nothing"
        expect.that(name in params, f"params has no '{name}'; it has {there}")
        value = params[name]
        label = f"params['{name}']"
        expect.shape(value, shape, label)
        if dtype is not None:
            expect.that(value.dtype == dtype, f"{label} has dtype {value.dtype}, should be {np.dtype(dtype)}")
        if name.startswith("W"):
            spread, bound = float(value.std()), 6 / np.sqrt(2 * value.size)  # six standard deviations of an estimate
            share = spread / weight_scale
            expect.that(
                abs(share - 1) < bound, f"{label} has standard deviation {spread:.3g}, should be about {weight_scale:g}"
            )
            mean = abs(float(value.mean())) / weight_scale
            expect.that(mean < 6 / np.sqrt(value.size), f"the mean of {label} is far from zero")
            # Of 300 normal draws, the least that is looked at, none is so large about once in 10 ** 10.
            largest = float(np.abs(value).max()) / weight_scale
            expect.that(
                largest > 1.8,
                f"no weight in {label} is larger than {largest:.2f} times weight_scale: that is no normal distribution",
            )
            distinct = np.unique(value).size
            expect.that(distinct > value.size // 2, f"{label} has only {distinct} different values")
        else:
            expect.close(value, np.ones(shape) if name.startswith("gamma") else np.zeros(shape), label)


def draw(rng: Random, shapes: Shapes) -> dict[str, Any]:
    """Return parameters that hide nothing: no zero bias, no gamma of one."""
    params = {}
    for name, shape in shapes.items():
        centre = 1.0 if name.startswith("gamma") else 0.0
        params[name] = rng.normal(centre, 0.5, size=shape)
    return params


def asked_before(net: Kept, X: Any, y: Any, params: Mapping[str, Any]) -> None:
    """Ask for loss and gradients with other parameters. Of this, nothing may be left in later answers."""
    net.given(params={name: -value for name, value in params.items()}).loss(X, y, returns=LOSS)


def agrees(net: Kept, X: Any, y: Any, params: Mapping[str, Any], want: tuple[Any, Mapping[str, Any]]) -> None:
    """Expect loss and gradients."""
    loss, grads = net.given(params=params).loss(X, y, returns=LOSS)
    expect.close((loss, grads), want, ("loss", "grads"))


def is_own_derivative(
    net: Kept, X: Any, y: Any, params: Mapping[str, Any], want: Mapping[str, Any], rng: Random
) -> None:
    """Expect gradients that are the derivative of the network's own loss, whatever that is, or else torch's."""
    _, grads = net.given(params=params).loss(X, y, returns=LOSS)
    try:
        expect.close(grads, want, "grads")
    except WrongAnswerError:
        pass
    else:
        return
    names = list(params)
    for name in names:
        expect.that(name in grads, f"grads has no '{name}'")

    def loss(*values: Any) -> Any:
        return net.given(params=dict(zip(names, values, strict=True))).loss(X, y, returns=LOSS)[0]

    labels = [f"grads['{name}']" for name in names]
    numeric.derivative(loss, [params[name] for name in names], [grads[name] for name in names], 1.0, rng, labels)


def leaves_all(net: Kept, X: Any, y: Any, params: Mapping[str, Any], student: Any) -> None:
    """Expect a call of loss to change neither its arguments nor the parameters."""
    net.write("params", params)
    net.loss(X, y, returns=LOSS)
    expect.unchanged(student)
    after = net.read("params:dict")
    for name, value in params.items():
        try:
            expect.equal(after.get(name), value, f"params['{name}']")
        except WrongAnswerError as error:
            raise WrongAnswerError(f"loss changes params['{name}']: that is the solver's job") from error
