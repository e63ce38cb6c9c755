"""Removed names and what to write instead."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from grader.errors import AnswerError, StudentRaisedError
from grader.sandbox.diagnosis import REMOVED_FROM_NUMPY, describe_frame, describe_remark, diagnose, plain_frame


@pytest.mark.parametrize("name", REMOVED_FROM_NUMPY)
def test_what_is_to_be_written_instead_is_there(name: str) -> None:
    instead = REMOVED_FROM_NUMPY[name].removeprefix("-")
    if instead.startswith("np."):
        functools.reduce(getattr, instead.partition("(")[0].split(".")[1:], np)


def message_of(name: str) -> str:
    """Return what numpy, or Python itself, says of a name that is not there."""
    with pytest.raises(AttributeError) as caught:
        getattr(np, name)
    return str(caught.value)


@pytest.mark.filterwarnings("ignore:In the future:FutureWarning")  # np.object and np.str may come back
@pytest.mark.parametrize("name", [name for name in REMOVED_FROM_NUMPY if name not in np.__dict__])
def test_every_removed_name_is_recognised_by_this_numpys_words(name: str) -> None:
    error = diagnose("f", {"error": {"kind": "raised", "type": "AttributeError", "message": message_of(name)}})
    assert error.message == f"NumPy has no np.{name} any more: write {REMOVED_FROM_NUMPY[name]}"


@pytest.mark.parametrize("reply", [{}, {"error": None}, {"error": []}, {"error": {}}, {"error": {"kind": 3}}])
def test_a_reply_that_says_nothing_is_an_error_all_the_same(reply: dict[str, object]) -> None:
    error = diagnose("f", reply)
    assert isinstance(error, AnswerError)
    assert type(error) is StudentRaisedError
    assert error.message.isprintable()


MOVE = "make new ones with device=x.device, or move them with .to(x.device)"
CONVERT = "make new ones with dtype=x.dtype, or convert them with .to(x.dtype)"
LOADING = "Error(s) in loading state_dict for Net: "
LAYERS = "are its layers there, and named as the assignment says?"
ASKS_FOR_CUDA = "it asks for CUDA, which it is not to use here"
OUT_OF_MEMORY = "it ran out of memory, asking for {} GB at once"
LARGE = "are its tensors larger than they need to be?"


@pytest.mark.parametrize(
    ("message", "what", "advice"),
    [
        ("Tensor on device cpu is not on the expected device meta!", "it mixes tensors on cpu and meta", MOVE),
        (
            "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
            " (when checking argument for argument mat1 in method wrapper_CUDA_addmm)",
            "it mixes tensors on cuda:0 and cpu",
            MOVE,
        ),
        (
            "Expected all tensors to be on the same device, but got mat2 is on cpu, different from other tensors on"
            " cuda:0 (when checking argument in method wrapper_CUDA_mm)",
            "it mixes tensors on cpu and cuda:0",
            MOVE,
        ),
        ("Expected all tensors to be on the same device. Sorry", "it mixes tensors on several devices", MOVE),
        *(
            (message, ASKS_FOR_CUDA, "make tensors where the arguments are, with device=x.device")
            for message in (
                "Torch not compiled with CUDA enabled",
                "No CUDA GPUs are available",
                "Found no NVIDIA driver on your system. Please check",
            )
        ),
        (
            "element 0 of tensors does not require grad and does not have a grad_fn",
            "backward is called on what no parameter leads to",
            "does .detach(), .data, .item() or torch.no_grad() stand between them?",
        ),
        (
            "grad can be implicitly created only for scalar outputs",
            "backward is called on more than one number",
            "make them one loss first, with .sum() or .mean()",
        ),
        (
            "one of the variables needed for gradient computation has been modified by an inplace operation: [torch",
            "it changes a tensor in place that backward needs",
            "write y = y + 1 instead of y += 1",
        ),
        (
            "a view of a leaf Variable that requires grad is being used in an in-place operation.",
            "it changes a parameter in place while gradients are recorded",
            "do it within `with torch.no_grad():`",
        ),
        (
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
            "numpy cannot have a tensor that requires a gradient",
            "stay with torch, or write .detach().numpy()",
        ),
        (
            "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor first.",
            "numpy cannot have a tensor that is not on the CPU",
            "stay with torch, or write .detach().cpu().numpy()",
        ),
        (
            "mat1 and mat2 must have the same dtype, but got Double and Float",
            "it mixes tensors of torch.float64 and torch.float32",
            CONVERT,
        ),
        (
            "dot : expected both vectors to have same dtype, but found Half and BFloat16",
            "it mixes tensors of torch.float16 and torch.bfloat16",
            CONVERT,
        ),
        (
            "expected scalar type Float but found Double",
            "it mixes tensors of torch.float32 and torch.float64",
            CONVERT,
        ),
        (
            "expected scalar type Long but found Float",
            "the labels are of torch.float32, and should be of torch.int64",
            "convert them with .long()",
        ),
        (
            "expected target dtype to be Long or Byte, but got Int",
            "the labels are of torch.int32, and should be of torch.int64",
            "convert them with .long()",
        ),
        (
            f"{LOADING}size mismatch for fc.bias: copying a param with shape torch.Size([]) from checkpoint, the"
            " shape in current model is torch.Size([3]).",
            "fc.bias of Net has shape (3,), and () is loaded into it",
            "are its layers as large as the assignment says?",
        ),
        (
            f'{LOADING}Missing key(s) in state_dict: "a", "b", "c", "d", "e". ',
            "Net has a, b, c and 2 more, for which there is nothing to load",
            LAYERS,
        ),
        (f'{LOADING}Unexpected key(s) in state_dict: "w". ', "Net has no w, which should be loaded", LAYERS),
        (
            "cannot assign module before Module.__init__() call",
            "a module gets its layers before it is one",
            "begin its __init__ with super().__init__()",
        ),
        (
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to"
            " allocate 1610612736 bytes. Error code 12 (Cannot allocate memory)",
            OUT_OF_MEMORY.format("1.5"),
            LARGE,
        ),
        ("CUDA out of memory. Tried to allocate 20.00 GiB.", "it ran out of the GPU's memory", LARGE),
    ],
)
def test_what_torch_says_is_told_with_what_to_do(message: str, what: str, advice: str) -> None:
    frame = {"file": "nets.py", "line": 3, "function": "f", "source": "g()"}
    error = diagnose("f", {"error": {"kind": "raised", "type": "RuntimeError", "message": message, "frame": frame}})
    assert error.message == f"{what} (nets.py line 3, in f: g()): {advice}"


@pytest.mark.parametrize(
    "message",
    [
        f"DefaultCPUAllocator: can't allocate memory: you tried to allocate {'9' * 350} bytes",
        "Error(s) in loading state_dict for Net:" + " " * 300,
        "Error(s) in loading state_dict for Net: size mismatch for " * 6,
        'Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "" ""',
        "same dtype, but got x and y",
        "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)",
    ],
)
def test_what_only_looks_like_torchs_words_is_told_all_the_same(message: str) -> None:
    error = diagnose("f", {"error": {"kind": "raised", "type": "RuntimeError", "message": message}})
    assert error.message.isprintable()
    assert 20 < len(error.message) < 500


def test_no_memory_for_a_mapping_is_no_memory() -> None:
    error = {"kind": "raised", "type": "OSError", "base": "OSError", "message": "[Errno 12] Cannot allocate memory"}
    assert diagnose("f", {"error": error}).message == (
        "it ran out of memory, cannot allocate memory: are its arrays larger than they need to be?"
    )


def test_frames_are_told_in_one_line() -> None:
    frame = {"file": "layers.py", "line": 12, "function": "f", "source": "out = x @ w"}
    assert describe_frame(frame) == "layers.py line 12, in f: out = x @ w"
    assert describe_frame({**frame, "function": ""}) == "layers.py line 12: out = x @ w"
    assert describe_frame({**frame, "source": ""}) == "layers.py line 12, in f"
    assert describe_frame({**frame, "line": 0, "function": "", "source": ""}) == "layers.py"


def test_only_plain_frames_are_taken() -> None:
    assert plain_frame(None) is None
    assert plain_frame([1]) is None
    frame = plain_frame({"file": "a\nb", "line": True, "function": None, "source": "x" * 1000, "more": 1})
    assert frame is not None
    assert set(frame) == {"file", "line", "function", "source"}
    assert (frame["file"], frame["line"], frame["function"]) == ("a b", 0, "")
    assert len(frame["source"]) <= 160


@pytest.mark.parametrize("remark", [None, 3, {}, {"frame": 3}, {"kind": "absent", "module": "x"}])
def test_what_is_no_remark_is_none(remark: object) -> None:
    assert describe_remark(remark) == ""
