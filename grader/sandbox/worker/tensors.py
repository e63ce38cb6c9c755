"""The worker's one door to torch: tensors from the grader and for it. It imports torch only when it has to."""

from __future__ import annotations

import importlib
import sys
from typing import Any

from .. import wire

__all__ = ["cuda", "lower", "named_parameters", "raise_up", "settle", "spare_dynamo"]


def raise_up(tensor: wire.Tensor) -> Any:
    """Return a torch tensor for one that came over the border."""
    torch: Any = importlib.import_module("torch")
    dtype = getattr(torch, tensor.dtype)
    if tensor.device == "meta" or tensor.values is None:
        made = torch.empty(tensor.shape, dtype=dtype, device="meta")
    else:
        made = torch.from_numpy(tensor.values).to(device=tensor.device or "cpu", dtype=dtype)
    return made.requires_grad_(tensor.requires_grad)


def lower(value: Any) -> wire.Tensor | wire.Opaque | None:
    """Return what crosses the border in place of a value, None if it is no tensor.

    A student may have replaced torch, or given a tensor's class methods of its own; then it is no tensor to us.
    """
    torch: Any = sys.modules.get("torch")
    try:
        if torch is None or not issubclass(type(value), torch.Tensor):
            return None
        with torch._C.DisableTorchFunctionSubclass():
            return _lower(torch, value)
    except Exception:
        return None


def _lower(torch: Any, value: Any) -> wire.Tensor | wire.Opaque:
    plain = torch.Tensor.detach(value)
    dtype = str(plain.dtype).removeprefix("torch.")
    device = str(plain.device)
    if dtype not in wire.TENSOR_DTYPES or plain.layout != torch.strided:
        return wire.Opaque("torch.Tensor", f"{dtype}, {plain.layout}")
    shape = tuple(int(length) for length in plain.shape)
    requires_grad = bool(value.requires_grad)
    if plain.is_meta:
        return wire.Tensor(dtype, shape, device, requires_grad, None)
    if plain.numel() * plain.element_size() > wire.MAX_BODY:
        return wire.Opaque("torch.Tensor", f"of shape {shape}, too large to be sent")
    values = plain.to(device="cpu", dtype=torch.float32 if dtype == "bfloat16" else None).resolve_conj().resolve_neg()
    return wire.Tensor(dtype, shape, device, requires_grad, values.numpy())


def named_parameters(module: Any, gradients: bool) -> dict[str, Any] | None:
    """Return a module's parameters by name, or their gradients; None if it is no module."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not isinstance(module, torch.nn.Module):
        return None
    return {name: value.grad if gradients else value for name, value in module.named_parameters()}


def settle() -> None:
    """Put right what one call may have left behind for the next: gradients off, or products in reduced precision."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "set_grad_enabled"):  # not there, or still being imported
        return
    torch.set_grad_enabled(True)
    if torch.cuda.is_initialized():
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False


def spare_dynamo(torch: Any) -> None:
    """Let optimisers do without torch's compiler, whose import they would otherwise wait for: it takes seconds.

    They import it only to be left alone by it. Where torch changes how it marks that, this has no effect.
    """
    for function in vars(torch.optim.Optimizer).values():
        inner = getattr(function, "__wrapped__", None)
        if inner is not None:
            inner.__dynamo_disable = inner


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
