"""The worker's one door to torch: tensors from the grader and for it. It imports torch only when it has to."""

from __future__ import annotations

import contextlib
import importlib
import math
import sys
from types import ModuleType
from typing import Any

import numpy as np

from .. import wire

__all__ = ["cuda", "lower", "named_parameters", "raise_up", "settle", "spare_compiler"]

_COMPILER = "torch._dynamo"


def raise_up(tensor: wire.Tensor) -> Any:
    """Return a torch tensor for one that came over the border.

    Raises:
        RuntimeError: it cannot be made, e.g. for want of the device.
    """
    try:
        torch: Any = importlib.import_module("torch")
        dtype = getattr(torch, tensor.dtype)
        base = torch._C.TensorBase
        if tensor.values is None:
            made = torch.empty(tensor.shape, dtype=dtype, device=tensor.device)
        else:
            made = base.to(torch.from_numpy(tensor.values), device=tensor.device or "cpu", dtype=dtype)
        return base.requires_grad_(made, tensor.requires_grad)
    except Exception as error:
        device = f" on the device {tensor.device}" if tensor.device else ""
        raise RuntimeError(f"no tensor can be made{device} ({type(error).__name__}: {error})") from error


def lower(value: Any) -> wire.Tensor | wire.Opaque | None:
    """Return what crosses the border in place of a value, None if it is no tensor.

    Only methods that torch's own base class has from C are called: a student may have put others into ``torch.Tensor``
    or into a class derived from it. One that has no values of its own, or has replaced torch itself, is no tensor.
    """
    torch: Any = sys.modules.get("torch")
    try:
        if torch is None or not issubclass(type(value), torch._C.TensorBase):
            return None
        with torch._C.DisableTorchFunction():
            return _lower(torch, value)
    except Exception:
        return wire.Opaque(wire.type_name(value), "which cannot be looked into")


def _lower(torch: Any, value: Any) -> wire.Tensor | wire.Opaque:
    base = torch._C.TensorBase

    def read(tensor: Any, name: str) -> Any:
        return getattr(base, name).__get__(tensor)

    if read(value, "is_nested"):
        return wire.Opaque("torch.Tensor", "layout nested")
    layout = str(read(value, "layout")).removeprefix("torch.")
    if layout != "strided":
        return wire.Opaque("torch.Tensor", f"layout {layout}")
    dtype = str(read(value, "dtype")).removeprefix("torch.")
    if dtype not in wire.TENSOR_DTYPES:
        return wire.Opaque("torch.Tensor", f"dtype {dtype}")
    shape = tuple(int(length) for length in read(value, "shape"))
    device = str(read(value, "device"))
    requires_grad = bool(read(value, "requires_grad"))
    if device == "meta":
        return wire.Tensor(dtype, shape, device, requires_grad, None)
    if math.prod(shape) * np.dtype(wire.TENSOR_DTYPES[dtype]).itemsize > wire.MAX_BODY or len(shape) > wire.MAX_AXES:
        return wire.Opaque("torch.Tensor", f"too large to be sent: shape {shape}")
    plain = base.to(base.detach(value), device="cpu", dtype=torch.float32 if dtype == "bfloat16" else None)
    values = base.numpy(base.resolve_neg(base.resolve_conj(plain)))
    return wire.Tensor(dtype, shape, device, requires_grad, values)


def named_parameters(module: Any, gradients: bool) -> dict[str, Any] | None:
    """Return a module's parameters by name, or their gradients; None if it is no module."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(module, torch.nn.Module):
        return None
    return {name: value.grad if gradients else value for name, value in module.named_parameters()}


def settle(kept_open: list[Any]) -> None:
    """Put torch's settings back to what they are at first: student code may have changed any of them before.

    What one question's code sets, at its import or in a call, would otherwise be what another's runs under. What ends
    a mode that was never left does so as long as it is there itself: it is put into ``kept_open``.
    """
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    for put_back in (_devices, _gradients, _dtype, _ways, _precision):
        with contextlib.suppress(Exception):  # it may have been replaced, or be in the middle of its import
            put_back(torch)
    with contextlib.suppress(Exception):
        if torch.is_inference_mode_enabled():
            kept_open.append(torch._C._InferenceMode(False))


def _devices(torch: Any) -> None:
    _leave_modes(torch)
    torch.set_default_device(None)
    _leave_modes(torch)


def _leave_modes(torch: Any) -> None:
    while torch._C._len_torch_function_stack():  # e.g. a device that was entered and never left
        torch._C._pop_torch_function_stack()


def _gradients(torch: Any) -> None:
    torch.set_grad_enabled(True)
    if torch.is_anomaly_enabled():
        torch.autograd.set_detect_anomaly(False)


def _dtype(torch: Any) -> None:
    if torch.get_default_dtype() != torch.float32:
        torch.set_default_dtype(torch.float32)


def _ways(torch: Any) -> None:
    torch._C._set_deterministic_algorithms(False)  # the public function imports the compiler
    if torch.get_num_threads() != 1:
        torch.set_num_threads(1)


def _precision(torch: Any) -> None:
    if torch.cuda.is_initialized():
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False


def spare_compiler(torch: Any) -> None:
    """Let torch do without its compiler as long as that is only told to stay away: its import takes seconds.

    Optimisers, and much of what is done on the device ``meta``, import it for nothing else.
    """
    if _COMPILER not in sys.modules:
        sys.modules[_COMPILER] = torch._dynamo = _Compiler(_COMPILER)


class _Compiler(ModuleType):
    """Stands for the compiler until something else of it is wanted: then it is imported, and takes its place."""

    def disable(self, function: Any = None, recursive: bool = True, **_: Any) -> Any:
        """Leave a function as it is, or be a decorator that does."""
        return function if function is not None else lambda decorated: decorated

    def graph_break(self, *_: Any, **__: Any) -> None:
        """Nothing is compiled, so there is nothing to break off."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # whoever looks through all modules wants nothing of it
            raise AttributeError(name)
        torch = sys.modules["torch"]
        if sys.modules.get(_COMPILER) is self:
            del sys.modules[_COMPILER]
            torch._dynamo = importlib.import_module(_COMPILER)  # type: ignore[attr-defined]  # torch is not typed here
        return getattr(sys.modules[_COMPILER], name)


def cuda() -> dict[str, Any]:
    """Return what torch finds of CUDA here: its device and name, or why there is none. This initialises it."""
    try:
        torch: Any = importlib.import_module("torch")
        if not torch.cuda.is_available():
            return {"device": None, "name": "", "why": "torch finds no CUDA device here"}
        device = f"cuda:{torch.cuda.current_device()}"
        torch.ones(2, device=device).sum().item()  # a device may be there and not answer
        return {"device": device, "name": torch.cuda.get_device_name(), "why": ""}
    except Exception as error:
        return {"device": None, "name": "", "why": f"{type(error).__name__}: {error}"[:300]}
