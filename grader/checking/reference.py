"""References: short torch functions that tell what is right, with their gradients for nothing.

A reference has the signature of the function that students write, takes tensors where that takes arrays, and
returns the arrays that it should return. It is given and gives numpy arrays of float64::

    @reference
    def swish(x):
        return x * torch.sigmoid(x)

    swish(x)                  # the answer
    swish.gradient(dout, x)   # (dx,), by autograd
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, overload

import numpy as np

from grader.checking.answers import answer_to
from grader.checking.tolerance import TOLERANCE, relative_error
from grader.errors import FaultError, UndecidableError
from grader.sandbox import wire

__all__ = ["Lazy", "Reference", "computed_on", "reference"]

_device: ContextVar[str] = ContextVar("device", default="cpu")


class Lazy:
    """A module that is imported when it is first used. Only references use torch, and records often spare them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        try:
            module = importlib.import_module(self._name)
        except ImportError as error:
            raise UndecidableError(
                f"the right answer is not recorded for this input, and {self._name.partition('.')[0]}, which would work"
                " it out, is not installed: pip install 'grader[torch]'"
            ) from error
        return getattr(module, attribute)


torch: Any = Lazy("torch")


@contextmanager
def computed_on(device: str) -> Iterator[None]:
    """Let references compute on another device, for the length of a ``with`` block, and be what they are on the CPU."""
    token = _device.set(device)
    try:
        yield
    finally:
        _device.reset(token)


class Reference:
    """A torch function behind numpy arrays.

    ``version`` belongs to the recorded answers: with a number, they stay good until that changes; without, until the
    function's source does. ``function`` is the function itself, from which another reference may be put together.
    """

    def __init__(self, function: Callable[..., Any], version: int | None = None) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.name = function.__name__
        if version is None:
            self._identity = textwrap.dedent(inspect.getsource(function)).strip()
        else:
            self._identity = f"version {version}"

    def __call__(self, *args: Any) -> Any:
        """Return the function's value: an array, or a tuple or dict of arrays, in float64."""
        return self._answer(self._digest("value", wire.encode(args)), lambda: self._value(args))

    def gradient(self, upstream: Any, *args: Any, wrt: Sequence[int] | None = None) -> Any:
        """Return the gradient of ``sum(upstream * value)`` as a tuple with one entry for each argument in ``wrt``.

        Args:
            upstream: an array of the (first) value's shape, or a number for a scalar one.
            args: the function's own arguments.
            wrt: positions of arguments, by default of all arrays of floating point numbers. An argument that is a
                dict of arrays has a dict of gradients.
        """
        chosen = tuple(wrt) if wrt is not None else tuple(i for i, arg in enumerate(args) if _is_real(arg))
        if not chosen:
            raise FaultError(f"the gradient of {self.name} was asked with respect to nothing")
        answers = []
        asked = wire.encode((upstream, *args))
        for position in chosen:  # one record each, so that an entry may be a dict
            digest = self._digest(f"gradient {position}", asked)
            answers.append(self._answer(digest, functools.partial(self._gradient, upstream, args, chosen, position)))
        return tuple(answers)

    def _answer(self, digest: str, work_out: Callable[[], Any]) -> Any:
        device = _device.get()
        with computed_on("cpu"):
            answer = answer_to(digest, work_out)
        if device == "cpu":
            return answer
        try:
            other = work_out()
        except (RuntimeError, NotImplementedError) as error:
            raise UndecidableError(f"the reference {self.name} cannot be computed on {device}: {error}") from error
        if not _same(other, answer):
            raise FaultError(f"the reference {self.name} is not on {device} what it is on the CPU")
        return other

    def _digest(self, what: str, args: bytes) -> str:
        parts = f"{self.name}\0{self._identity}\0{what}\0".encode()
        return hashlib.sha256(parts + args).hexdigest()[:32]

    def _value(self, args: tuple[Any, ...]) -> Any:
        with torch.no_grad():
            return _to_numpy(self.function(*(_to_torch(arg) for arg in args)))

    def _gradient(self, upstream: Any, args: tuple[Any, ...], chosen: tuple[int, ...], position: int) -> Any:
        tensors = [_to_torch(arg) for arg in args]
        for other in chosen:
            for leaf in _leaves(tensors[other]):
                leaf.requires_grad_(True)
        value = self.function(*tensors)
        if isinstance(value, tuple):
            value = value[0]
        value.backward(_to_torch(np.asarray(upstream, dtype=np.float64)).reshape(value.shape))
        if isinstance(tensors[position], dict):
            return {key: _grad(tensor) for key, tensor in tensors[position].items()}
        return _grad(tensors[position])


@overload
def reference(function: Callable[..., Any]) -> Reference: ...
@overload
def reference(*, version: int) -> Callable[[Callable[..., Any]], Reference]: ...
def reference(function: Callable[..., Any] | None = None, *, version: int | None = None) -> Any:
    """Make a reference of a torch function (see the module's docstring)."""
    if function is not None:
        return Reference(function, version)
    return functools.partial(Reference, version=version)


def _is_real(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def _to_torch(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return torch.tensor(value.astype(np.float64) if value.dtype.kind == "f" else value, device=_device.get())
    if isinstance(value, dict):
        return {key: _to_torch(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_torch(item) for item in value]
    return value


def _to_numpy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _to_numpy(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_to_numpy(item) for item in value)
    return np.asarray(value.cpu().numpy() if hasattr(value, "numpy") else value, dtype=np.float64)


def _leaves(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else [value]


def _grad(tensor: Any) -> Any:
    return np.zeros(tuple(tensor.shape)) if tensor.grad is None else tensor.grad.cpu().numpy()


def _same(one: Any, other: Any) -> bool:
    """Whether two answers of a reference are the same, but for rounding."""
    if isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], value) for key, value in other.items())
    limit = TOLERANCE["reference on two devices"]
    return bool(np.shape(one) == np.shape(other) and (relative_error(one, other) <= limit).all())
