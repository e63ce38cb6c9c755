"""Training and judging of torch models that the grader puts together in the worker, so that no other answer matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader import expect, tensor
from grader.checking.random import Random
from grader.checking.tensors import Tensor
from grader.reference import fully_connected_loss
from grader.sandbox.student import Kept, Student

from ._torchnets import on_any_device

INPUTS, HIDDEN, CLASSES = 4, 6, 3
CONFIG = {"normalization": "batchnorm", "reg": 0.0}
KEYS = {  # of the model's state, by the names in the reference
    "W1": "0.weight",
    "b1": "0.bias",
    "gamma1": "1.weight",
    "beta1": "1.bias",
    "W2": "3.weight",
    "b2": "3.bias",
}


def draw(rng: Random) -> dict[str, Any]:
    """Return parameters of affine, batch normalisation, relu, affine."""
    return {
        "W1": rng.normal(size=(INPUTS, HIDDEN)),
        "b1": rng.normal(size=HIDDEN),
        "gamma1": rng.normal(1.0, 0.3, size=HIDDEN),
        "beta1": rng.normal(size=HIDDEN),
        "W2": rng.normal(size=(HIDDEN, CLASSES)),
        "b2": rng.normal(size=CLASSES),
    }


def build(student: Student, params: Mapping[str, Any], **statistics: Any) -> Kept:
    """Return a model with these parameters, where the student is asked to work.

    ``statistics`` may give the running ``mean`` and ``var`` of its batch normalisation.
    """
    layers = [
        student.make("torch.nn.Linear", INPUTS, HIDDEN),
        student.make("torch.nn.BatchNorm1d", HIDDEN),
        student.make("torch.nn.ReLU"),
        student.make("torch.nn.Linear", HIDDEN, CLASSES),
    ]
    model = student.make("torch.nn.Sequential", *layers)
    state = {KEYS[name]: tensor(np.transpose(value)) for name, value in params.items()}
    state |= {f"1.running_{name}": tensor(value) for name, value in statistics.items()}
    model.load_state_dict(state, strict=False)
    model.to(student.device)
    return model


def parameters(model: Kept) -> dict[str, Any]:
    """Return a model's parameters by their names in the reference, in its form."""
    there = model.named_parameters()
    return {name: np.transpose(_still(there, key).values) for name, key in KEYS.items()}


def statistics_of(model: Kept) -> dict[str, Any]:
    """Return the running mean and variance of a model's batch normalisation."""
    there = model.state_dict(returns="state:state")
    return {name: _still(there, f"1.{name}").values for name in ("running_mean", "running_var")}


def _still(there: Mapping[str, Tensor], name: str) -> Tensor:
    """Return a tensor of a model that the student had in hand."""
    expect.that(name in there, f"the model has no {name} any more: its layers are for its caller to choose")
    return there[name]


def examples(rng: Random, count: int) -> tuple[Any, Any]:
    """Return inputs and right classes."""
    return rng.normal(size=(count, INPUTS)), rng.integers(0, CLASSES, size=count)


def loader(student: Student, x: Any, y: Any, batch: int) -> Kept:
    """Return a loader that gives the examples in their order; its batches are on the CPU, as loaders have them."""
    dataset = student.make("torch.utils.data.TensorDataset", tensor(x, device="cpu"), tensor(y, device="cpu"))
    return student.make("torch.utils.data.DataLoader", dataset, batch_size=batch)


def optimizer(student: Student, model: Kept, learning_rate: float, momentum: float) -> Kept:
    """Return gradient descent with momentum for a model's parameters."""
    weights = model.parameters(returns="parameters:kept")
    return student.make("torch.optim.SGD", weights, lr=learning_rate, momentum=momentum)


def takes_batches(student: Student, rng: Random, call: Callable[[Kept, Kept], Any]) -> None:
    """Expect a call on a model and a loader to take the batches to the device where the model is.

    The model has no batch normalisation, which is not for tensors without values. Where scores have none, nobody can
    make a number of them.
    """
    x, y = examples(rng, 8)

    def there() -> None:
        layers = [student.make("torch.nn.LayerNorm", INPUTS), student.make("torch.nn.Linear", INPUTS, CLASSES)]
        model = student.make("torch.nn.Sequential", *layers)
        model.to(student.device)
        answer = call(model, loader(student, x, y, 4))
        if student.device == "meta":
            parts = answer if isinstance(answer, (list, tuple)) else [answer]
            expect.that(
                any(isinstance(part, Tensor) and part.device == "meta" for part in parts),
                "the answer does not come from the scores",
            )

    on_any_device(student, there, takes_back=True)


def trained(
    x: Any, y: Any, params: Mapping[str, Any], batch: int, epochs: int, learning_rate: float, momentum: float
) -> tuple[Any, dict[str, Any]]:
    """Return the right history of losses, and the parameters after training."""
    params, history = dict(params), []
    velocity = {name: np.zeros(value.shape) for name, value in params.items()}
    for _ in range(epochs):
        for start in range(0, len(y), batch):
            part = x[start : start + batch], y[start : start + batch]
            history.append(float(fully_connected_loss(*part, params, CONFIG)))
            (grads,) = fully_connected_loss.gradient(1.0, *part, params, CONFIG, wrt=(2,))
            for name, gradient in grads.items():
                velocity[name] = momentum * velocity[name] + gradient
                params[name] = params[name] - learning_rate * velocity[name]
    return np.array(history), params
