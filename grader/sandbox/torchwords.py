"""What torch's messages mean, and what to do next, for those that say it only to who knows torch already."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from grader.sandbox.text import listed

__all__ = ["explained"]

_DTYPES = {
    "Float": "float32",
    "Double": "float64",
    "Half": "float16",
    "BFloat16": "bfloat16",
    "Long": "int64",
    "Int": "int32",
    "Short": "int16",
    "Char": "int8",
    "Byte": "uint8",
    "Bool": "bool",
    "ComplexFloat": "complex64",
    "ComplexDouble": "complex128",
}
_DEVICE = r"([a-z]+(?::\d+)?)"
_SAME, _OTHERS = "the same device", "different from other tensors on"
_SIZE = r"torch\.Size\(\[([\d, ]*)\]\)"
_NAMES = re.compile(r'"([^"]+)"')

Words = tuple[str, str]  # what happened, and what to do; the place in the student's code goes between


def explained(message: str, place: str) -> str:
    """Return a sentence for one of torch's messages, nothing for those that say enough themselves."""
    for pattern, tell in _MEANINGS:
        if (found := pattern.search(message)) is not None:
            what, advice = tell(found)
            return f"{what}{place}: {advice}"
    return ""


def _same(what: str, advice: str) -> Callable[[re.Match[str]], Words]:
    return lambda found: (what, advice)


def _devices(found: re.Match[str]) -> Words:
    where = " and ".join(dict.fromkeys(found.groups()))
    return f"it mixes tensors on {where}", "make new ones with device=x.device, or move them with .to(x.device)"


def _dtypes(found: re.Match[str]) -> Words:
    one, other = (f"torch.{_DTYPES.get(name, name.lower())}" for name in found.groups())
    return (
        f"it mixes tensors of {one} and {other}",
        "make new ones with dtype=x.dtype, or convert them with .to(x.dtype)",
    )


def _labels(found: re.Match[str]) -> Words:
    name = f"torch.{_DTYPES.get(found[1], found[1].lower())}"
    return f"the labels are of {name}, and should be of torch.int64", "convert them with .long()"


def _size(found: re.Match[str]) -> Words:
    module, name, given, present = found.groups()
    text = f"{name} of {module} has shape {_shape(present)}, and {_shape(given)} is loaded into it"
    return text, "are its layers as large as the assignment says?"


def _keys(found: re.Match[str]) -> Words:
    module, lists = found[1], found[2]
    missing, _, unexpected = lists.partition("Unexpected key(s)")
    parts = []
    if names := _NAMES.findall(missing):
        parts.append(f"has {listed(names)}, for which there is nothing to load")
    if names := _NAMES.findall(unexpected):
        parts.append(f"has no {listed(names)}, which should be loaded")
    text = f"{module} {', and '.join(parts) or 'has other parameters than those that should be loaded'}"
    return text, "are its layers there, and named as the assignment says?"


def _memory(found: re.Match[str]) -> Words:
    size = int(found[1]) / 2**30
    return f"it ran out of memory, asking for {size:,.1f} GB at once", "are its tensors larger than they need to be?"


def _shape(text: str) -> str:
    lengths = text.replace(" ", "").split(",")
    return f"({lengths[0]},)" if len(lengths) == 1 and lengths[0] else f"({', '.join(lengths)})"


_MEANINGS: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], Words]]] = [
    (re.compile(pattern), tell)
    for pattern, tell in [
        (rf"^Tensor on device {_DEVICE} is not on the expected device {_DEVICE}!", _devices),
        (
            rf"^Expected all tensors to be on {_SAME}, but found at least two devices, {_DEVICE} and {_DEVICE}!",
            _devices,
        ),
        (rf"^Expected all tensors to be on {_SAME}, but got \w+ is on {_DEVICE}, {_OTHERS} {_DEVICE}", _devices),
        (
            r"^Expected all tensors to be on the same device",
            _same(
                "it mixes tensors on several devices",
                "make new ones with device=x.device, or move them with .to(x.device)",
            ),
        ),
        (
            r"^Torch not compiled with CUDA enabled|^No CUDA GPUs are available|^Found no NVIDIA driver",
            _same(
                "it asks for CUDA, which it is not to use here",
                "make tensors where the arguments are, with device=x.device",
            ),
        ),
        (
            r"^element \d+ of tensors does not require grad and does not have a grad_fn",
            _same(
                "backward is called on what no parameter leads to",
                "does .detach(), .data, .item() or torch.no_grad() stand between them?",
            ),
        ),
        (
            r"^grad can be implicitly created only for scalar outputs",
            _same("backward is called on more than one number", "make them one loss first, with .sum() or .mean()"),
        ),
        (
            r"^Trying to backward through the graph a second time",
            _same("backward goes through the same graph twice", "work the loss out anew before each backward"),
        ),
        (
            r"^one of the variables needed for gradient computation has been modified by an inplace operation",
            _same("it changes a tensor in place that backward needs", "write y = y + 1 instead of y += 1"),
        ),
        (
            r"^a leaf Variable that requires grad is being used in an in-place operation"
            r"|^a view of a leaf Variable that requires grad is being used in an in-place operation",
            _same(
                "it changes a parameter in place while gradients are recorded", "do it within `with torch.no_grad():`"
            ),
        ),
        (
            r"^Can't call numpy\(\) on Tensor that requires grad",
            _same("numpy cannot have a tensor that requires a gradient", "stay with torch, or write .detach().numpy()"),
        ),
        (
            r"^can't convert (?:cuda|meta)\S* device type tensor to numpy",
            _same(
                "numpy cannot have a tensor that is not on the CPU", "stay with torch, or write .detach().cpu().numpy()"
            ),
        ),
        (r"^expected target dtype to be Long or Byte, but got (\w+)", _labels),
        (r"^expected scalar type Long but found (\w+)", _labels),
        (r"^expected scalar type (\w+) but found (\w+)", _dtypes),
        (r"same dtype, but (?:got|found|got: )\s*(?:m1 as )?(\w+) and (\w+)", _dtypes),
        (
            rf"^Error\(s\) in loading state_dict for (\w+):.*?size mismatch for (\S+): copying a param with shape"
            rf" {_SIZE} from checkpoint, the shape in current model is {_SIZE}",
            _size,
        ),
        (r"^Error\(s\) in loading state_dict for (\w+):\s*((?:Missing|Unexpected) key\(s\) in state_dict.*)", _keys),
        (
            r"^cannot assign (?:module|parameters?)\b.* before Module\.__init__\(\) call",
            _same("a module gets its layers before it is one", "begin its __init__ with super().__init__()"),
        ),
        (
            r"DefaultCPUAllocator: (?:can't allocate memory|not enough memory): you tried to allocate (\d{1,20}) bytes",
            _memory,
        ),
        (
            r"^CUDA out of memory",
            _same("it ran out of the GPU's memory", "are its tensors larger than they need to be?"),
        ),
    ]
]
