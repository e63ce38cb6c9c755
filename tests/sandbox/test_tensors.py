"""Torch behind the border: tensors there and back, modules that stay, and what one call may not leave to the next."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.checking.tensors import Tensor, tensor
from grader.errors import AnswerError, FaultError, StudentCrashedError, StudentRaisedError, WrongAnswerError
from grader.sandbox.launch import ColdStart, Launcher
from grader.sandbox.layout import Limits
from grader.sandbox.student import Kept, Student
from grader.sandbox.wire import TENSOR_DTYPES, Opaque

from .conftest import LIMITS, Submit, said, student_of

pytestmark = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")

LAYERS = """
import collections, os, sys
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


# arguments

def told(x): return type(x).__name__, str(x.dtype), str(x.device), x.requires_grad, list(x.shape), x.is_leaf
def same(*args): return args
def both(x, y): return x is y


# answers

def twice(x): return 2 * x
def parameter(x): return nn.Parameter(x)
def transposed(x): return x.T
def strided(x): return x[::2, 1:]
def expanded(x): return x[:1].expand(5, x.shape[1])
def flipped(x): return x.flip(0)
def narrowed(x): return x.narrow(1, 1, 2)
def sliced_storage(x): return x.as_strided((2, 2), (1, 2), 1)
def zerod(x): return x.sum()
def empty(x): return x[:0]
def negative(x): return torch.complex(x, x).conj().imag
def conjugate(x): return torch.complex(x, x).conj()
def bfloat(x): return x.to(torch.bfloat16)
def half(x): return x.half()
def graph(x): return nn.Parameter(x) * 2
def nested(x): return {"W": x, "all": [x, (x, 2 * x)], "ordered": collections.OrderedDict(b=x)}
def listed(x): return [x, 2 * x]
def state(x): return collections.OrderedDict(W=x, b=nn.Parameter(x))
def inference(x):
    with torch.inference_mode(): return 2 * x
def buffer(x): return nn.BatchNorm1d(2).running_mean


# no answers

def array(x): return x.numpy()
def meta(x): return x.to("meta")
def metas(x): return [x, x.to("meta")]
def metastate(x): return {"W": x, "b": x.to("meta")}
def sparse(x): return x.to_sparse()
def csr(x): return x.to_sparse_csr()
def quantised(x): return torch.quantize_per_tensor(x, 0.1, 0, torch.qint8)
def unsigned(x): return x.to(torch.uint16)
def eighth(x): return x.to(torch.float8_e4m3fn)
def jagged(x): return torch.nested.nested_tensor([x[0], x[0, :1]])
def axes(x): return torch.ones((1,) * 70)
def meta_axes(x): return torch.empty((1,) * 70, device="meta")
def meta_huge(x): return torch.empty(2**50, device="meta")
def expanded_far(x): return x[:1, :1].expand(2**15, 2**15)
def bfloat_far(x): return x[:1, :1].to(torch.bfloat16).expand(2**14, 2**14)
def lazy(x): return nn.LazyLinear(2).weight
def module(x): return nn.Linear(2, 2)
def truth(x): return x > 0


# tensors that lie

class Raising(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs): raise RuntimeError("no")
class Ending(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs): os._exit(66)
class Others(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs): return "something else"
class Overridden(torch.Tensor):
    def _die(self, *args, **kwargs): os._exit(66)
    numpy = detach = cpu = to = resolve_conj = resolve_neg = numel = element_size = size = __array__ = _die
    __eq__ = __hash__ = __repr__ = __len__ = __iter__ = __reduce_ex__ = __deepcopy__ = __getattr__ = _die
    shape = dtype = device = layout = requires_grad = is_meta = is_nested = data = grad = property(_die)
class Classless(torch.Tensor):
    @property
    def __class__(self): os._exit(66)
class Hollow(torch.Tensor):
    @staticmethod
    def __new__(cls, x): return torch.Tensor._make_wrapper_subclass(cls, x.shape, dtype=x.dtype)
    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None): raise RuntimeError("no")
class Posing:
    @property
    def __class__(self): return torch.Tensor
    def detach(self): os._exit(66)

def raising(x): return x.as_subclass(Raising)
def ending(x): return x.as_subclass(Ending)
def others(x): return x.as_subclass(Others)
def overridden(x): return x.as_subclass(Overridden)
def classless(x): return x.as_subclass(Classless)
def hollow(x): return Hollow(x)
def posing(x): return Posing()


# arguments that are changed

def adds(x, y): x += 1; return x
def data(x, y): y.data.mul_(2); return x
def no_grad(w):
    with torch.no_grad(): w -= 1
    return w
def inside(xs, config): xs[1].zero_(); config["w"][0] = 5; return xs[0]
def reshaped(x, y): x.t_(); return x
def retyped(x, y): x.data = x.data.double(); return x
def through_a_view(x, y): x[0].fill_(7); return x
def copies(x, y): z = x.clone(); z += 1; x.requires_grad_(); return z
def back(x, y): x += 1; x -= 1; return x


# gradients and modules

class Net(nn.Module):
    def __init__(self, width=3, bias=True):
        super().__init__()
        self.fc = nn.Linear(2, width, bias=bias)
        self.spare = nn.Parameter(torch.zeros(2))
        self.list = [torch.ones(2)]
    def forward(self, x, scale=1): return scale * self.fc(x)
    def scales(self, x): x *= 2; return x
class Spoiling(Net):
    def forward(self, x): x *= 0; return self.fc(x)
class Bare:
    def __init__(self): self.fc = nn.Linear(2, 2)
def loss(x, w): return (x @ w).sum()
def train(net, optimiser, loader):
    for x, y in loader:
        optimiser.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimiser.step()
    return "torch._dynamo.eval_frame" in sys.modules
def own_optimiser(x, name):
    w = nn.Parameter(x.clone())
    optimiser = getattr(torch.optim, name)([w], lr=0.1)
    w.sum().backward()
    optimiser.step()
    return x, w, "torch._dynamo.eval_frame" in sys.modules, torch.is_grad_enabled()
def nowhere(x):
    scaled = torch.randn(3, device="meta") * 0.5
    return scaled.device.type, "torch._dynamo.eval_frame" in sys.modules
def compiled(x):
    twice = torch.compile(lambda t: 2 * t, backend="eager")
    return twice(x), "torch._dynamo.eval_frame" in sys.modules


# settings

def settings(x):
    return (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), str(torch.get_default_dtype()),
            str(torch.ones(2).device), torch.are_deterministic_algorithms_enabled(), torch.get_num_threads(),
            torch.is_anomaly_enabled(), torch.ones(1).dtype == torch.float32, torch._C._len_torch_function_stack())
def grad_off(x): torch.set_grad_enabled(False)
def grad_off_and_raises(x): torch.set_grad_enabled(False); raise ValueError("with gradients off")
def double(x): torch.set_default_dtype(torch.float64)
def default_meta(x): torch.set_default_device("meta")
def entered_meta(x): torch.device("meta").__enter__()
def meta_twice(x): torch.set_default_device("meta"); torch.device("meta").__enter__()
def entered_inference(x):
    global mode
    mode = torch.inference_mode(); mode.__enter__()
def entered_mode(x):
    from torch.overrides import TorchFunctionMode
    class Mode(TorchFunctionMode):
        def __torch_function__(self, *args, **kwargs): raise RuntimeError("a mode of mine")
    Mode().__enter__()
def deterministic(x): torch._C._set_deterministic_algorithms(True)
def threads(x): torch.set_num_threads(3)
def anomaly(x): torch.autograd.set_detect_anomaly(True, check_nan=False)


# the machine

def huge(x): return torch.ones(2**42)
def hoards(x):
    kept = []
    while True: kept.append(torch.ones(2**26))
def visible(x): return os.environ.get("CUDA_VISIBLE_DEVICES"), torch.cuda.is_available()
def modules(x): return "torch" in sys.modules
"""

X = np.arange(1.0, 13.0).reshape(3, 4)
ANY = (
    "nowhere",
    "compiled",
    "told",
    "same",
    "both",
    "nested",
    "settings",
    "visible",
    "modules",
    "train",
    "own_optimiser",
    "entered_meta",
)
SETTINGS = (
    *("grad_off", "grad_off_and_raises", "double", "default_meta", "meta_twice", "entered_inference"),
    *("entered_mode", "deterministic", "threads", "anomaly"),
)
CLASSES = ("Net", "Spoiling", "Bare")


def torch_student(folder: Any, files: Any, limits: Limits = LIMITS, **returns: str | None) -> Student:
    student = student_of(folder, files, limits, **returns)
    student.line.prepare("torch")
    return student


@pytest.fixture(scope="module")
def module_student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    returns: dict[str, str | None] = dict.fromkeys((*ANY, *SETTINGS), "out:any") | dict.fromkeys(CLASSES)
    student = torch_student(tmp_path_factory.mktemp("tensors"), LAYERS, **returns)
    yield student
    student.close()


@pytest.fixture
def student(module_student: Student) -> Student:
    module_student.line.begin_question()
    module_student.line.forget()
    return module_student


def answer(student: Student, name: str, x: Any = None, kind: str = "tensor") -> Any:
    return getattr(student, name)(tensor(X) if x is None else x, returns=f"out:{kind}")


def values(got: Tensor) -> list[Any]:
    assert got.values is not None
    found: list[Any] = got.values.tolist()
    return found


# --- arguments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TENSOR_DTYPES)
def test_arguments_arrive_as_tensors_of_every_dtype(student: Student, dtype: str) -> None:
    grad = dtype.startswith(("float", "bfloat", "complex"))
    sent = tensor([[0, 1, 1]], dtype, requires_grad=grad)
    assert student.told(sent) == ("Tensor", f"torch.{dtype}", "cpu", grad, [1, 3], True)
    got = student.same(sent)[0]
    assert (got.dtype, got.shape, got.device, got.requires_grad) == (dtype, (1, 3), "cpu", grad)
    assert values(got) == [[0, 1, 1]]


@pytest.mark.parametrize("array", [np.array(3.0), np.zeros((0, 2)), X[::-1].T, np.broadcast_to(np.float32(1), (2, 2))])
def test_arguments_of_every_make_arrive(student: Student, array: Any) -> None:
    assert values(answer(student, "twice", tensor(array))) == (2 * array).tolist()


def test_tensors_arrive_in_what_holds_them(student: Student) -> None:
    sent = [tensor([1.0]), (tensor([2.0]),)], {"w": tensor([3.0]), "n": 4}
    (first, (second,)), table = student.same(*sent)
    assert [values(first), values(second), values(table["w"]), table["n"]] == [[1], [2], [3], 4]


def test_a_kept_tensor_is_the_very_same_each_time(student: Student) -> None:
    x = student.keep(tensor([1.0]), "x")
    assert x.type_name == "torch.Tensor"
    assert student.both(x, x) is True
    assert student.both(tensor([1.0]), tensor([1.0])) is False


def test_tensors_are_made_on_the_device_that_is_asked_for(student: Student) -> None:
    with student.on("meta"):
        assert student.told(tensor(X, requires_grad=True))[1:] == ("torch.float32", "meta", True, [3, 4], True)
        assert student.told(tensor(X, device="cpu"))[2] == "cpu"
        got = answer(student, "twice")
        assert (got.device, got.shape, got.values) == ("meta", (3, 4), None)
        message = said(WrongAnswerError, answer, student, "twice", tensor(X, device="cpu"))
        assert message == "out is on the device cpu, should be on meta, where it was asked for"
    assert student.told(tensor(X))[2] == "cpu"


@pytest.mark.parametrize("device", ["CPU", "cuda 0", "cpu\n", "cuda:0123"])
def test_a_device_of_no_possible_name_is_the_checks_fault(student: Student, device: str) -> None:
    with student.on(device), pytest.raises(FaultError, match=r"cannot be sent .* which is no name of one"):
        student.told(tensor(X))
    assert student.told(tensor(X))[2] == "cpu"


def test_a_device_that_is_not_there_is_told(student: Student) -> None:
    message = said(StudentRaisedError, student.told, tensor(X, device="xpu:7"))
    assert message.startswith("RuntimeError: no tensor can be made on the device xpu:7 (")


# --- answers ----------------------------------------------------------------------------------------------------------

X32 = X.astype(np.float32)


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("twice", 2 * X32),
        ("transposed", X32.T),
        ("strided", X32[::2, 1:]),
        ("expanded", np.broadcast_to(X32[:1], (5, 4))),
        ("flipped", X32[::-1]),
        ("narrowed", X32[:, 1:3]),
        ("sliced_storage", np.array([[2, 4], [3, 5]], dtype=np.float32)),
        ("zerod", X32.sum()),
        ("empty", X32[:0]),
        ("negative", -X32),
        ("half", X32.astype(np.float16)),
        ("inference", 2 * X32),
        ("buffer", np.zeros(2, dtype=np.float32)),
    ],
)
def test_tensors_of_every_make_come_back(student: Student, name: str, want: Any) -> None:
    got = answer(student, name)
    assert (got.dtype, got.shape, got.device, got.requires_grad) == (want.dtype.name, want.shape, "cpu", False)
    assert got.values.dtype == want.dtype
    assert values(got) == want.tolist()


def test_what_numpy_has_no_word_for_comes_back(student: Student) -> None:
    got = answer(student, "bfloat", tensor([1 / 3]))
    assert (got.dtype, values(got)) == ("bfloat16", [0.333984375])
    got = answer(student, "conjugate", tensor([1.5]), "any")
    assert (got.dtype, values(got)) == ("complex64", [1.5 - 1.5j])


def test_what_requires_a_gradient_comes_back_and_says_so(student: Student) -> None:
    for name, factor in (("parameter", 1), ("graph", 2)):
        got = answer(student, name)
        assert got.requires_grad
        assert values(got) == (factor * X).tolist()


def test_what_holds_tensors_comes_back(student: Student) -> None:
    table = student.nested(tensor([1.0]))
    assert values(table["all"][1][1]) == [2]
    assert values(table["ordered"]["b"]) == [1]
    assert [values(item) for item in answer(student, "listed", tensor([1.0]), "tensors")] == [[1], [2]]
    named = answer(student, "state", tensor([1.0]), "state")
    assert [(name, item.requires_grad) for name, item in named.items()] == [("W", False), ("b", True)]


def test_numbers_may_be_tensors(student: Student) -> None:
    assert answer(student, "zerod", kind="number") == 78.0
    assert answer(student, "same", tensor([1.0, 2.0]), "any")[0].shape == (2,)
    assert answer(student, "twice", tensor([1.0, 2.0]), "numbers").tolist() == [2, 4]


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        (
            "array",
            "tensor",
            "out is an array of shape (3, 4), should be a torch.Tensor: make it one with torch.from_numpy",
        ),
        ("twice", "array", "out is a torch.Tensor of shape (3, 4), should be a numpy array: make it one with .numpy()"),
        (
            "graph",
            "array",
            "out is a torch.Tensor of shape (3, 4), should be a numpy array: make it one with .detach().numpy()",
        ),
        ("twice", "number", "out is a torch.Tensor of shape (3, 4), should be a single number"),
        ("meta", "tensor", "out is on the device meta, should be on cpu, where it was asked for"),
        ("metas", "tensors", "out[1] is on the device meta, should be on cpu, where it was asked for"),
        ("metastate", "state", "out['b'] is on the device meta, should be on cpu, where it was asked for"),
        ("truth", "tensor", "out has dtype torch.bool, should have floating point numbers"),
        ("conjugate", "tensor", "out has dtype torch.complex64, should have floating point numbers"),
        ("module", "tensor", "out is a torch.nn.modules.linear.Linear, should be a torch.Tensor"),
        *(
            (name, "tensor", f"out is a torch.Tensor with {what}, should be an ordinary one: make it one with {advice}")
            for name, what, advice in [
                ("sparse", "layout sparse_coo", ".to_dense()"),
                ("csr", "layout sparse_csr", ".to_dense()"),
                ("quantised", "dtype qint8", ".dequantize()"),
                ("unsigned", "dtype uint16", ".float()"),
                ("eighth", "dtype float8_e4m3fn", ".float()"),
                ("jagged", "layout nested", "torch.stack"),
            ]
        ),
        *(
            (
                name,
                "tensor",
                f"out is a torch.Tensor (too large to be sent: shape {shape}), should be an ordinary one:"
                " is it larger than it needs to be?",
            )
            for name, shape in [
                ("meta_huge", (2**50,)),
                ("expanded_far", (2**15, 2**15)),
                ("bfloat_far", (2**14, 2**14)),
            ]
        ),
    ],
)
def test_what_is_no_answer_is_named(student: Student, name: str, kind: str, message: str) -> None:
    assert said(WrongAnswerError, answer, student, name, None, kind) == message


@pytest.mark.parametrize("name", ["axes", "meta_axes"])
def test_too_many_axes_are_named(student: Student, name: str) -> None:
    message = said(WrongAnswerError, answer, student, name)
    assert message.startswith("out is a torch.Tensor (too large to be sent: shape (1, 1, 1, ")


def test_a_parameter_without_a_shape_yet_is_empty(student: Student) -> None:
    assert answer(student, "lazy").shape == (0,)


def test_a_question_may_ask_without_an_index_for_a_device_that_has_one(student: Student) -> None:
    got = Tensor("float32", (), "cuda:1", False, np.ones((), dtype=np.float32))
    with student.on("cuda"):
        student._on_device(got, "out")
    with student.on("cuda:0"), pytest.raises(WrongAnswerError, match="on the device cuda:1, should be on cuda:0"):
        student._on_device(got, "out")
    with student.on("meta"), pytest.raises(WrongAnswerError, match="on the device cuda:1, should be on meta"):
        student._on_device(got, "out")


# --- tensors that lie -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["raising", "ending", "others", "overridden", "classless"])
def test_no_method_of_a_hostile_tensor_is_called(student: Student, name: str) -> None:
    assert values(answer(student, name)) == X.tolist()


def test_what_only_says_that_it_is_a_tensor_is_named(student: Student) -> None:
    message = said(WrongAnswerError, answer, student, "hollow")
    assert message == ("out is a submission.layers.Hollow (which cannot be looked into), should be a torch.Tensor")
    assert said(WrongAnswerError, answer, student, "posing") == (
        "out is a submission.layers.Posing, should be a torch.Tensor"
    )


PATCHES = """
import os, sys, types
import torch
def good(x): return 2 * x
def methods(x):
    def die(self, *args, **kwargs): os._exit(66)
    for name in ("detach", "numpy", "cpu", "to", "resolve_conj", "resolve_neg", "numel", "element_size", "__array__"):
        setattr(torch.Tensor, name, die)
    for name in ("shape", "dtype", "device", "layout", "requires_grad", "is_meta"):
        setattr(torch.Tensor, name, property(die))
    return x
def functions(x):
    def die(*args, **kwargs): raise RuntimeError("patched")
    torch.set_grad_enabled = torch.set_default_device = torch.get_default_dtype = torch.get_num_threads = die
    return x
def lost(x): sys.modules["torch"] = None; return x
def replaced(x): sys.modules["torch"] = types.ModuleType("torch"); return x
def hostile(x):
    class Torch(types.ModuleType):
        def __getattr__(self, name): raise RuntimeError(name)
    sys.modules["torch"] = Torch("torch")
    return x
def restore(x): sys.modules["torch"] = torch; return x
def raising_up(x): sys.modules["_grader.worker.service"].raise_up = lambda tensor: 1 / 0; return x
"""


@pytest.fixture
def patches(submit: Submit) -> Student:
    student = submit(PATCHES)
    student.line.prepare("torch")
    return student


def test_methods_that_are_put_into_torch_are_not_called(patches: Student) -> None:
    assert values(answer(patches, "methods")) == X.tolist()
    assert values(answer(patches, "good", tensor([1.0]))) == [2]


def test_functions_that_are_put_into_torch_do_no_harm(patches: Student) -> None:
    assert values(answer(patches, "functions")) == X.tolist()
    assert values(answer(patches, "good", tensor([1.0]))) == [2]


@pytest.mark.parametrize("name", ["lost", "replaced", "hostile"])
def test_without_torch_there_are_no_tensors_but_numpy_goes_on(patches: Student, name: str) -> None:
    message = said(WrongAnswerError, answer, patches, name)
    assert message.startswith("out is a torch.Tensor")
    assert message.partition(", ")[2].startswith(("should be a torch.Tensor", "should be an ordinary one"))
    assert patches.good(np.ones(2)).tolist() == [2, 2]
    said(StudentRaisedError, answer, patches, "good")  # no argument can be made
    assert patches.restore(np.ones(2)).tolist() == [1, 1]
    assert values(answer(patches, "good", tensor([1.0]))) == [2]


def test_a_tensor_that_cannot_be_made_is_the_students(patches: Student) -> None:
    patches.raising_up(np.ones(2))
    assert said(StudentRaisedError, answer, patches, "good").startswith("ZeroDivisionError")


def test_a_file_called_torch_is_not_taken_for_it(submit: Submit) -> None:
    files = {"layers.py": "import torch\ndef f(x): return x * torch.tensor(2.0)\n", "torch.py": "raise SystemExit\n"}
    student = submit(files, f="out:tensor")
    assert values(student.f(tensor([1.0]))) == [2]


def test_a_file_with_a_name_that_torch_looks_for_is_not_run_by_preparing(submit: Submit) -> None:
    files = {"layers.py": "def f(x): return x\n"}
    files |= {f"{name}.py": "import os; os._exit(3)\n" for name in ("opt_einsum", "triton", "torchvision", "cupy")}
    student = submit(files, f="out:tensor")
    student.line.prepare("torch")
    assert values(student.f(tensor([1.0]))) == [1]


# --- arguments that are changed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("adds", ["x"]),
        ("data", ["y"]),
        ("reshaped", ["x"]),
        ("retyped", ["x"]),
        ("through_a_view", ["x"]),
        ("copies", []),
        ("back", []),
    ],
)
def test_a_tensor_that_is_changed_is_told(student: Student, name: str, changed: list[str]) -> None:
    getattr(student, name)(tensor(X), tensor(X), returns="out:any")
    assert student.last is not None
    assert student.last.changed == changed


def test_a_leaf_that_is_written_is_told(student: Student) -> None:
    got = student.no_grad(tensor([1.0], requires_grad=True), returns="w:tensor")
    assert values(got) == [0]
    assert student.last is not None
    assert student.last.changed == ["w"]


def test_changes_within_lists_and_dicts_are_told(student: Student) -> None:
    w = student.keep(tensor([1.0, 2.0]), "w")
    student.inside([tensor([1.0]), tensor([1.0])], {"w": w, "b": tensor([1.0])}, returns="out:tensor")
    assert student.last is not None
    assert student.last.changed == ["xs[1]", "config['w']"]


def test_a_nan_and_no_values_are_no_change(student: Student) -> None:
    for x in (tensor([np.nan]), tensor([1.0], device="meta"), tensor([])):
        student.same(x, returns="out:any")
        assert student.last is not None
        assert student.last.changed == []


def test_a_modules_own_parameters_names_are_told(student: Student) -> None:
    student.Spoiling()(tensor([[1.0, 2.0]]), returns="out:tensor")
    assert student.last is not None
    assert student.last.changed == ["x"]
    student.Net().scales(tensor([[1.0, 2.0]]), returns="out:tensor")
    assert student.last.changed == ["x"]


# --- gradients and modules --------------------------------------------------------------------------------------------


def test_gradients_are_read_from_what_is_kept(student: Student) -> None:
    x = student.keep(tensor([[1.0, 2.0]]), "x")
    w = student.keep(tensor([[3.0], [4.0]], requires_grad=True), "w")
    assert said(WrongAnswerError, w.read, "grad:tensor") == (
        "w.grad is None, should be a torch.Tensor: is it computed, and returned?"
    )
    loss = student.loss(x, w, returns="loss:kept")
    assert loss.value("number") == 11
    loss.backward()
    assert values(w.read("grad:tensor")) == [[1], [2]]
    assert said(StudentRaisedError, loss.backward) == (
        "backward goes through the same graph twice: work the loss out anew before each backward"
    )


def net_of(student: Student, **kwargs: Any) -> Kept:
    net: Kept = student.Net(**kwargs)
    net.load_state_dict(
        {
            "fc.weight": tensor([[1, 2], [3, 4], [5, 6]], "float32"),
            "fc.bias": tensor([0.5, 0, 0]),
            "spare": tensor([1.0, 1.0]),
        }
    )
    return net


def test_a_module_is_set_called_and_read(student: Student) -> None:
    net = net_of(student)
    assert net.type_name == "submission.layers.Net"
    assert values(net(tensor([[1.0, 1.0]]), returns="scores:tensor")) == [[3.5, 7, 11]]
    assert values(net(tensor([[1.0, 1.0]]), scale=2, returns="scores:tensor")) == [[7, 14, 22]]
    named = net.named_parameters()
    assert list(named) == ["spare", "fc.weight", "fc.bias"]
    assert all(item.requires_grad for item in named.values())
    assert values(named["fc.bias"]) == [0.5, 0, 0]
    assert set(net.state_dict(returns="state:state")) == set(named)


def test_gradients_of_a_module_are_none_until_there_are_some(student: Student) -> None:
    net = net_of(student)
    assert net.named_gradients() == {"spare": None, "fc.weight": None, "fc.bias": None}
    net(tensor([[1.0, 2.0]]), returns="out:kept").sum(returns="loss:kept").backward()
    gradients = net.named_gradients()
    assert gradients["spare"] is None
    assert values(gradients["fc.weight"]) == [[1, 2]] * 3
    assert not gradients["fc.bias"].requires_grad


def test_a_module_moves(student: Student) -> None:
    net = net_of(student)
    net.to("meta", returns="net:kept")
    with student.on("meta"):
        assert all(item.values is None for item in net.named_parameters().values())
        assert net(tensor([[1.0, 1.0]]), returns="scores:tensor").device == "meta"
    message = said(WrongAnswerError, net.named_parameters)
    assert message == "Net.named_parameters['spare'] is on the device meta, should be on cpu, where it was asked for"
    message = said(StudentRaisedError, net, tensor([[1.0, 1.0]]), returns="scores:tensor")
    assert message.startswith(
        ("it mixes tensors on cpu and meta (layers.py", "it mixes tensors on meta and cpu (layers.py")
    )


def test_what_is_no_module_has_no_parameters(student: Student) -> None:
    message = "Bare is no torch.nn.Module: is it derived from that?"
    bare = student.Bare()
    assert said(StudentRaisedError, bare.named_parameters) == message
    assert said(StudentRaisedError, bare.named_gradients) == message
    assert said(StudentRaisedError, bare, 1) == "Bare has no __call__: define it there"


def test_items_of_what_is_kept_are_kept(student: Student) -> None:
    items = student.listed(tensor([1.0]), returns="items:kept")
    assert values(items.item(1).value("tensor")) == [2]
    assert said(StudentRaisedError, items.item, 2).startswith("IndexError: list index out of range")
    table = student.state(tensor([1.0]), returns="table:kept")
    assert table.item("b").type_name == "torch.nn.parameter.Parameter"


def test_a_state_that_does_not_fit_is_told(student: Student) -> None:
    weight = {"fc.weight": tensor(np.ones((3, 2))), "fc.bias": tensor(np.ones(3)), "spare": tensor(np.ones(2))}
    message = said(StudentRaisedError, student.Net(width=4).load_state_dict, weight)
    assert message == (
        "fc.weight of Net has shape (4, 2), and (3, 2) is loaded into it:"
        " are its layers as large as the assignment says?"
    )
    weight["fc1.bias"] = weight.pop("fc.bias")
    message = said(StudentRaisedError, student.Net().load_state_dict, weight)
    assert message == (
        "Net has fc.bias, for which there is nothing to load, and has no fc1.bias, which should be loaded:"
        " are its layers there, and named as the assignment says?"
    )


@pytest.fixture(scope="module")
def untouched(module_student: Student) -> Iterator[Student]:
    """A worker in which nothing has imported torch's compiler yet, as operations on the device meta do."""
    with module_student.second() as other:
        yield other


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW", "RMSprop", "Adagrad"])
def test_a_students_own_optimisers_do_without_the_compiler(untouched: Student, name: str) -> None:
    before, after, compiler, gradients = untouched.own_optimiser(tensor([1.0, -1.0]), name)
    assert values(before) == [1, -1]
    assert values(after)[0] < 1
    assert values(after)[1] < -1
    assert after.requires_grad
    assert (compiler, gradients) == (False, True)


def test_tensors_without_values_do_without_the_compiler(untouched: Student) -> None:
    assert untouched.nowhere(tensor([1.0])) == ("meta", False)


def test_who_compiles_gets_the_compiler(untouched: Student) -> None:
    twice, imported = untouched.compiled(tensor([1.5]))
    untouched.close()  # others want one without
    assert values(twice) == [3]
    assert imported is True


def test_optimisers_losses_and_loaders_are_made(untouched: Student) -> None:
    student = untouched
    net = net_of(student)
    parameters = net.parameters(returns="parameters:kept")
    optimiser = student.make("torch.optim.SGD", parameters, lr=0.5, momentum=0.9)
    assert optimiser.type_name == "torch.optim.sgd.SGD"
    x, y = tensor([[1.0, 0.0], [0.0, 1.0]]), tensor([0, 2])
    loader = student.make(
        "torch.utils.data.DataLoader", student.make("torch.utils.data.TensorDataset", x, y), batch_size=1
    )
    criterion = student.make("torch.nn.CrossEntropyLoss", reduction="sum")
    before = criterion(net(x, returns="out:kept"), y, returns="loss:number")
    assert student.train(net, optimiser, loader) is False  # no compiler was imported for it
    after = criterion(net(x, returns="out:kept"), y, returns="loss:number")
    assert 0 < after < before


@pytest.mark.parametrize(
    ("what", "start"),
    [
        ("torch.optm.SGD", "ModuleNotFoundError: No module named 'torch.optm'"),
        ("torch.optim.SDG", "AttributeError: module 'torch.optim' has no attribute 'SDG'"),
        ("torch.optim.SGD", "TypeError: "),
    ],
)
def test_what_cannot_be_made_is_told(student: Student, what: str, start: str) -> None:
    assert said(StudentRaisedError, student.make, what).startswith(start)


# --- settings ---------------------------------------------------------------------------------------------------------

USUAL = (True, False, "torch.float32", "cpu", False, 1, False, True, 0)


@pytest.mark.parametrize("name", [*SETTINGS, "entered_meta"])
def test_settings_of_one_call_do_not_reach_the_next(student: Student, name: str) -> None:
    if name == "grad_off_and_raises":
        said(StudentRaisedError, getattr(student, name), tensor([1.0]))
    else:
        getattr(student, name)(tensor([1.0]))
    assert student.settings(tensor([1.0])) == USUAL
    made = student.make("torch.nn.Linear", 2, 2).named_parameters()
    assert {(one.dtype, one.device) for one in made.values()} == {("float32", "cpu")}
    assert values(answer(student, "graph", tensor([1.0]))) == [2]
    assert student.told(tensor([1.0], requires_grad=True))[3] is True


def test_settings_of_an_import_do_not_reach_a_call(submit: Submit) -> None:
    source = """
        import torch
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_num_threads(2)
        def f(x):
            w = torch.ones(1, requires_grad=True)
            return w * x
        """
    student = submit(source, f="out:tensor")
    got = student.f(tensor([2.0]))
    assert (got.dtype, got.device, got.requires_grad, values(got)) == ("float32", "cpu", True, [2])


# --- preparing --------------------------------------------------------------------------------------------------------


def test_without_torch_none_is_imported(submit: Submit) -> None:
    source = """
        import sys, os
        def f(x): return 2 * x
        def there(x): return "torch" in sys.modules
        def dies(x): os._exit(3)
        """
    brief = Limits(call_seconds=0.5, question_seconds=0.5, slack=60)  # a fraction of what importing torch takes
    student = submit(source, brief, there="out:any")
    student.f(X)
    student.keep({"x": X}).value()
    assert student.there(X) is False
    student.line.prepare("torch")
    assert student.there(X) is True
    assert (student.f(X) == 2 * X).all()
    said(StudentCrashedError, student.dies, X)
    assert student.there(X) is True
    with student.second() as other:
        assert other.there(X) is True
        assert (other.f(X) == 2 * X).all()


def test_a_library_that_is_not_there_is_no_matter(submit: Submit) -> None:
    student = submit("def f(x): return x\n")
    student.line.prepare("no_such_library")
    assert (student.f(X) == X).all()


def test_a_library_that_cannot_be_imported_is_a_fault_unless_the_students_code_is_there(submit: Submit) -> None:
    small = Limits(call_seconds=20, question_seconds=500, memory_bytes=64 * 2**20)
    student = submit("def f(x): return x\n", small)
    student.line.prepare("torch")
    with pytest.raises(FaultError, match="a worker cannot import torch: "):
        student.f(X)
    late = submit("def f(x): return x\n", small)
    late.f(X)
    late.line.prepare("torch")
    assert (late.f(X) == X).all()


def test_a_worker_that_ends_while_it_prepares_is_the_students_matter(submit: Submit) -> None:
    source = """
        import os, sys
        class Finder:
            def find_spec(self, name, *rest):
                if name == "torch": os._exit(3)
        def f(x): return x
        def trap(x): sys.meta_path.insert(0, Finder()); return x
        """
    student = submit(source)
    student.trap(X)
    student.line.prepare("torch")
    message = said(StudentCrashedError, student.f, X)
    assert message == "the process ended in f: it ended Python itself, with exit code 3: return the answer instead"
    assert (student.f(X) == X).all()


# --- memory and CUDA --------------------------------------------------------------------------------------------------


def test_an_enormous_tensor_is_told_in_one_line(student: Student) -> None:
    message = said(StudentRaisedError, answer, student, "huge")
    assert message.startswith("it ran out of memory, asking for 16,384.0 GB at once (layers.py line ")
    assert message.endswith("are its tensors larger than they need to be?")
    message = said(StudentRaisedError, answer, student, "hoards")
    assert message.startswith("it ran out of memory")
    assert student.told(tensor(X))[2] == "cpu"


def test_torch_fits_into_a_gigabyte(submit: Submit) -> None:
    source = "import torch\ndef f(x): return torch.nn.functional.conv2d(x, x) @ torch.ones(1, 1, 1, 100)\n"
    student = submit(source, Limits(memory_bytes=2**30), f="out:tensor")
    student.line.prepare("torch")
    assert student.f(tensor(np.ones((1, 3, 100, 100)))).shape == (1, 1, 1, 100)


def test_no_gpu_can_be_seen(student: Student, monkeypatch: pytest.MonkeyPatch, submit: Submit) -> None:
    assert student.visible(tensor(X)) == ("", False)
    assert student.cuda()["device"] is None
    assert "no CUDA device" in student.cuda()["why"]


CUDA = """
import mmap, os
import numpy as np
def visible(x): return os.environ.get("CUDA_VISIBLE_DEVICES")
def reserves(x): return len(mmap.mmap(-1, 2**40, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000, prot=0))
def takes(x): return np.ones(int(x) // 8)[:1]
def f(x): return x
"""


def test_with_cuda_private_memory_is_limited_and_addresses_are_not(
    submit: Submit, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")  # what a warm server saw when it started
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    limits = Limits(memory_bytes=2**28, cuda=True)
    student = submit(CUDA, limits, visible="out:any", reserves="out:number")
    assert student.visible(X) == ("3" if isinstance(launcher, ColdStart) else shown)
    assert student.reserves(X) == 2**40
    assert student.takes(2**26).tolist() == [1]
    message = said(StudentRaisedError, student.takes, 2**29)
    assert message.startswith("it ran out of memory, unable to allocate 512. MiB")
    assert message.endswith("are its arrays larger than they need to be?")
    without = submit(CUDA, Limits(memory_bytes=2**28), visible="out:any", reserves="out:number")
    assert without.visible(X) == ""
    assert said(StudentRaisedError, without.reserves, X).startswith("it ran out of memory, cannot allocate")


# --- forged replies ---------------------------------------------------------------------------------------------------

FORGER = """
import sys
import numpy as np
service = sys.modules["_grader.worker.service"]
wire = service.wire
def forge(what):
    for op in ("parameters", "cuda", "make", "prepare", "keep"):
        setattr(service.Service, f"do_{op}", lambda self, request: {"ok": True, "value": what})
def refuse(error):
    for op in ("parameters", "cuda", "make", "keep"):
        setattr(service.Service, f"do_{op}", lambda self, request: {"ok": False, "error": error})
def raise_it(x):
    for op in ("parameters", "cuda", "make", "prepare", "keep"):
        setattr(service.Service, f"do_{op}", lambda self, request: sys.exit(3))
def lower(parts):
    dtype, shape, device, grad, values = parts
    made = wire.Tensor(dtype, shape, device, grad, values)
    service.lower = lambda value: made
    wire._DEVICE = type("Any", (), {"fullmatch": lambda self, text: True})()
    wire.TENSOR_DTYPES = {dtype: "<f8"} if type(dtype) is str else {}
    wire.np.shape = lambda values: tuple(shape)
def encode(parts):
    def tensor(self, value): return ["T", *parts]
    wire._Encoder.tensor = tensor
    service.lower = lambda value: wire.Tensor("float32", (), "cpu", False, np.ones(()))
class Anything: pass
def good(x): return Anything()
def net(x): return Anything()
"""


@pytest.fixture(scope="module")
def forger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    names = ("forge", "refuse", "raise_it", "lower", "encode")
    student = student_of(tmp_path_factory.mktemp("forger"), FORGER, net=None, **dict.fromkeys(names, "out:any"))
    yield student
    student.close()


def harmless(ask: Any) -> None:
    """Ask for something that is forged: what comes is an answer, or the student's own failure in a line."""
    message = ""
    try:
        ask()
    except AnswerError as error:
        message = error.message
    assert message.isprintable() or not message
    assert len(message) < 800


@pytest.mark.parametrize("op", ["forge", "refuse"])
@pytest.mark.parametrize(
    "what",
    [
        None,
        3,
        "text",
        [],
        ["x"] * 3,
        {},
        {"W": None},
        {"W": 3, "b": "text"},
        {"W": [1.0]},
        {1: None},
        {None: None, "W": np.ones(2)},
        {"W": tensor([1.0], device="meta")},
        {"\x1b[31m": tensor([1.0], device="cpu"), "\x1b[32m": None},
        {"device": "\x1b[31mcuda:0", "name": 3, "why": ["x"]},
        {"kind": "missing", "message": "\x1b[31m"},
        Opaque("x" * 100, "y"),
        np.ones(3),
    ],
    ids=repr,
)
def test_forged_replies_do_no_harm(forger: Student, op: str, what: Any) -> None:
    forger.line.begin_question()
    net = forger.net(1)
    getattr(forger, op)(what)
    for ask in (
        net.named_parameters,
        net.named_gradients,
        forger.cuda,
        lambda: forger.make("torch.nn.Linear", 2, 2),
        lambda: forger.keep(1),
    ):
        harmless(ask)
    forger.close()


def test_requests_that_end_python_are_the_students(forger: Student) -> None:
    forger.line.begin_question()
    net = forger.net(1)
    forger.raise_it(1)
    for ask in (net.named_parameters, forger.cuda, lambda: forger.make("torch.nn.Linear", 2, 2)):
        assert said(StudentRaisedError, ask).startswith("it tried to end Python")
    forger.close()


@pytest.mark.parametrize("kind", ["tensor", "tensors", "state", "number", "numbers", "array", "dict", "any"])
@pytest.mark.parametrize(
    "parts",
    [
        ["float32", [3], "cpu", False, None],
        ["float32", [2**60], "meta", False, None],
        ["float32", [-3], "cpu", False, np.ones(3)],
        ["float32", [3], "\x1b[31m", False, np.ones(3)],
        ["float99", [3], "cpu", False, np.ones(3)],
        ["float32", [3], "cpu", "yes", np.ones(3)],
        ["float32", "shape", "cpu", False, np.ones(3)],
        [None, None, None, None, None],
    ],
    ids=repr,
)
def test_forged_tensors_do_no_harm(forger: Student, parts: list[Any], kind: str) -> None:
    forger.line.begin_question()
    harmless(lambda: forger.lower(parts))
    harmless(lambda: forger.good(1, returns=f"out:{kind}"))
    forger.close()


@pytest.mark.parametrize(
    "parts",
    [
        ["float32", [3], "cpu", False, None],
        ["float32", [2**60], "meta", False, None],
        ["float32", [3], "\x1b[31m", False, ["a", "<f4", [3], 0, 12]],
        ["float32", [3], "cpu", False, ["a", "<f4", [3], 0, 12]],
        [None, None, None, None, None],
    ],
    ids=repr,
)
def test_a_forged_tensor_on_the_wire_is_no_answer(forger: Student, parts: list[Any]) -> None:
    forger.line.begin_question()
    forger.encode(parts)
    message = said(StudentCrashedError, forger.good, 1, returns="out:tensor")
    assert message.startswith("the process ended in good: it answered with something that is no answer (")
