"""What a check gets from the student: answers, or one sentence about what came instead."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader.errors import (
    FaultError,
    NotWrittenError,
    StudentCrashedError,
    StudentRaisedError,
    WrongAnswerError,
)
from grader.sandbox.launch import Launcher
from grader.sandbox.student import Kept, Student

from .conftest import LIMITS, Submit, said, student_of

LAYERS = '''
import codecs, os, sys, threading, warnings
import numpy as np


# answers

def twice(x): return 2 * x
def pair(x): return x, 2 * x
def aslist(x): return [x, 2 * x]
def three(x): return x, x, x
def one(x): return (x,)
def none(x): return None
def nones(x): return None, None
def half(x): return x, None
def number(x): return 3
def zerod(x): return np.float32(3)
def alias(x): return x, x
def view(x): return x.T, x[::-1]
def nan(x): return x * np.nan
def infinite(x): return -x / 0.0
def float32(x): return x.astype(np.float32)
def swapped(x): return x.astype(">f8")
def fortran(x): return np.asfortranarray(x)
def matrix(x): return x.view(np.matrix)
def integers(x): return x.astype(int)
def named(x):
    from collections import namedtuple
    return namedtuple("Both", "a b")(x, 2 * x)
def grads(x): return 0.5, {"W1": x, "b1": 2 * x}
def same(*args): return args
def given(x): return x.flags.owndata + 2 * x.flags.writeable + 4 * x.flags.c_contiguous + 8 * x.flags.aligned


# no answers

def objects(x): return np.array([None, x], dtype=object)
def ragged(x): return np.array([[1], [1, 2]], dtype=object)
def texts(x): return np.array(["a"])
def masked(x): return np.ma.masked_array(x, x > 0)
def truth(x): return x > 0
def parts(x): return x + 1j
class Tensor: pass
Tensor.__module__ = "torch"
def tensor(x): return Tensor()
def generator(x): return (i for i in x)
def function(x): return twice
def itself(x): return sys.modules[__name__]
def enormous(x): return np.broadcast_to(np.float64(1), (10**5, 10**5))
def longlist(x): return list(range(10**5))
def nest(x):
    a = [x]
    for _ in range(100): a = [a]
    return a
def loop(x):
    a = []; a.append(a)
    return a
def bomb(x):
    a = [1.0]
    for _ in range(10): a = [a] * 10
    return a

class Hostile:
    def _die(self, *args, **kwargs): os._exit(66)
    __eq__ = __array__ = __reduce__ = __len__ = __iter__ = __repr__ = __str__ = __getattr__ = __hash__ = __bool__ = _die
def hostile(x): return Hostile()
def hostile_inside(x): return [Hostile(), {"a": Hostile()}]
class Array(np.ndarray):
    def _die(self, *args, **kwargs): os._exit(66)
    __eq__ = __array__ = __reduce__ = __len__ = __iter__ = __repr__ = tobytes = astype = _die
def subclass(x): return x.view(Array)
class Dict(dict):
    def _die(self, *args, **kwargs): os._exit(66)
    __eq__ = __len__ = __iter__ = items = keys = values = __getitem__ = _die
def mapping(x): return 1.0, Dict(W1=x)


# exceptions

def raises(x): raise ValueError("not this shape")
def key(x): return {}["W3"]
def bare(x): raise RuntimeError
def asserts(x): assert x is None
def colourful(x): raise ValueError("\\x1b[31mred\\x1b]0;title\\x07 \\u202eabc\\nnext line")
def endless_message(x): raise ValueError("x" * 10**7)
class Silent(Exception):
    def __str__(self): raise SystemExit
def silent(x): raise Silent("who knows")
class Chameleon(Exception):
    __module__ = 5
    @property
    def __traceback__(self): raise SystemExit
    @property
    def __class__(self): raise SystemExit
def chameleon(x): raise Chameleon
def leaves(x): sys.exit(0)
def interrupts(x): raise KeyboardInterrupt
def asks(x): return float(input("a number: "))
def reads(x): return sys.stdin.read()
def debugger(x): import pdb; pdb.set_trace(); return x
def forgotten(x): breakpoint(); return x
def recursive(x): return recursive(x)
def hog(x): return np.ones((1 << 40,), dtype=np.int8)
def inner_type_error(x): return twice()
def inside(x): return np.linalg.inv(x)
def outer(x): return middle(x)
def middle(x):
    y = x
    return y @ y.reshape(7)
def unicode_source(x): raise ValueError("é ü 数")


# removed names

def np_int(x): return x.astype(np.int)
def np_float(x): return np.zeros(3, dtype=np.float)
def np_inf(x): return np.Inf
def np_unknown(x): return np.reluu(x)
def ptp(x): return x.ptp()
def py2(x): return [i for i in xrange(3)]


# stubs

def stub(x):
    """Do it."""
    raise NotImplementedError("affine_forward")
def needs_stub(x): return stub(x) + 1
def beyond_a_library(x): return codecs.IncrementalEncoder().encode("x")
class Stub:
    def __init__(self, x=1): raise NotImplementedError
class Half:
    def __init__(self, x=1): self.x = x
    def loss(self, x): raise NotImplementedError
    def predict(self, x): return self.loss(x)


# parameters

def two(x, w): return x
def keyword(x, *, w): return x
def annotated(x: np.ndarray, w: "float" = 3.0) -> np.ndarray: return x
class Needs:
    def __init__(self, a, b): pass
    def go(self, x): return x
class NeedsNone:
    def go(self, x): return x

almost_foward = twice
value = 3


# arguments

def changes(x, config):
    x += 1
    config["mode"] = "test"
    config["state"][0] = 5
    config["new"] = 1
    del config["old"]
    return x
def changes_late(*xs, w=None):
    xs[1][...] = 0
    w[...] = 0
    return w
def reshapes(x): x.shape = (x.size,); return x
def retypes(x): x.dtype = np.int64; return x
def lists(xs): xs.append(1); xs[0][...] = 7; return xs[0]
def changes_and_raises(x): x[...] = 0; raise ValueError("too late")
def rewrites(config): config["mode"] = "train"; config["rate"] = float("0.5"); return config["rate"]
def puts_back(x): x += 1; x -= 1; return x


# things that stay

class Cache:
    def __init__(self, x): self.x = x
    def __eq__(self, other): os._exit(66)
def forward(x): return 2 * x, Cache(x)
def forward_tuple(x): return 2 * x, (x, {"w": x}, None, "text", object())
def forward_lambda(x): return 2 * x, lambda: x
def forward_cycle(x):
    cache = [x]; cache.append(cache)
    return 2 * x, cache
def backward(dout, cache):
    if isinstance(cache, Cache): return dout * cache.x
    if isinstance(cache, (tuple, list)): return dout * cache[0]
    return dout * cache()
def spoils(dout, cache):
    cache[0][...] = 0
    cache[1]["w"] = None
    return dout
class Net:
    kind = "net"
    def __init__(self, size=2): self.params = {"W1": np.zeros(size), "b1": np.zeros(())}; self.config = None
    def loss(self, x, y=None): return 0.5, {"W1": x}
    def scores(self, x): return x @ self.params["W1"]
    def __getattr__(self, name):
        if name == "trap": raise RuntimeError("sprung")
        raise AttributeError(name)
    @property
    def broken(self): raise ValueError("a property")
    @property
    def fixed(self): return np.ones(2)
    def rename(self): self.params["W2"] = 1
counter = 0
def count(x):
    global counter
    counter += 1
    return counter


# prints, warnings, settings

def prints(x): print("hello"); print("there", file=sys.stderr); return x
def warns(x): warnings.warn("careful"); np.float64(1) / np.float64(0); return x
def seterr(x): np.seterr(all="raise"); return x
def divides(x): return x / np.zeros(3)
def traced(x): sys.settrace(lambda *args: 1 / 0); return 3.0
def profiled(x): sys.setprofile(lambda *args: 1 / 0); return x
def shallow(x): sys.setrecursionlimit(60); return x
def thread(x): threading.Thread(target=threading.Event().wait, daemon=True).start(); return x
'''

X = np.arange(1.0, 4.0)


@pytest.fixture(scope="module")
def module_student(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Iterator[Student]:
    student = student_of(
        tmp_path_factory.mktemp("student"),
        LAYERS,
        launcher=launcher,
        pair="a b",
        aslist="a b",
        three="a b",
        one="a b",
        nones="a b",
        half="a b",
        none="out",
        number="loss:number",
        zerod="loss:number",
        alias="a b",
        view="a b",
        named="a b",
        grads="loss:number grads:dict",
        same="all:any",
        given="flags:number",
        mapping="loss:number grads:dict",
        hostile_inside="all:any",
        nest="all:any",
        lists="out",
        forward="out cache:kept",
        forward_tuple="out cache:kept",
        forward_lambda="out cache:kept",
        forward_cycle="out cache:kept",
        Net=None,
        Stub=None,
        Half=None,
        Needs=None,
        NeedsNone=None,
        number_of_nothing="loss:number",
    )
    yield student
    student.close()


@pytest.fixture
def student(module_student: Student) -> Student:
    module_student.line.begin_question()
    module_student.line.forget()
    return module_student


# --- answers ----------------------------------------------------------------------------------------------------------


def test_arrays_and_numbers_come_as_such(student: Student) -> None:
    assert (student.twice(X) == 2 * X).all()
    for both in (student.pair(X), student.aslist(X), student.named(X)):
        assert isinstance(both, tuple)
        assert (both[1] == 2 * X).all()
    assert student.number(X) == 3.0
    assert type(student.zerod(X)) is float
    loss, grads = student.grads(X)
    assert loss == 0.5
    assert (grads["b1"] == 2 * X).all()


def test_arrays_of_any_make_come_as_plain_ones(student: Student) -> None:
    for function in (student.swapped, student.fortran, student.matrix, student.subclass):
        got = function(np.arange(6.0).reshape(2, 3))
        assert type(got) is np.ndarray
        assert got.dtype == np.float64
        assert (got == np.arange(6.0).reshape(2, 3)).all()
    assert student.float32(X).dtype == np.float32
    assert student.integers(X).dtype.kind == "i"


def test_results_that_alias_each_other_or_the_arguments_are_answers(student: Student) -> None:
    a, b = student.alias(X)
    assert (a == X).all()
    assert (b == X).all()
    transposed, backwards = student.view(np.arange(6.0).reshape(2, 3))
    assert transposed.shape == (3, 2)
    assert backwards[0].tolist() == [3, 4, 5]


def test_nan_and_infinity_are_answers(student: Student) -> None:
    assert np.isnan(student.nan(X)).all()
    assert (student.infinite(X) == -np.inf).all()


def test_arguments_arrive_as_arrays_of_ones_own(student: Student) -> None:
    for array in (X, X[::-1], np.broadcast_to(np.float32(1), (2, 2)), np.zeros((2, 0)), np.array(3.0)):
        assert student.given(array) == 15
    sent = [1, True, None, "text", (1.5, [2]), {"mode": "train", 3: np.float32(0.5)}]
    assert student.same(*sent) == tuple(sent)


# --- no answers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "out is None, should be a numpy array: is it computed, and returned?"),
        ("half", "b is None, should be a numpy array: is it computed, and returned?"),
        ("one", "one returned 1 value, should return 2: a, b"),
        ("three", "three returned 3 values, should return 2: a, b"),
        ("pair", None),
        ("objects", "out is an array with dtype object, should be a numpy array: are its rows of different lengths?"),
        ("ragged", "out is an array with dtype object, should be a numpy array: are its rows of different lengths?"),
        ("texts", "out is an array with dtype <U1, should be a numpy array"),
        (
            "masked",
            "out is a numpy.ma.MaskedArray (with masked elements), should be a numpy array: fill it with .filled(0)",
        ),
        ("truth", "out has dtype bool, should have floating point numbers"),
        ("parts", "out has dtype complex128, should have floating point numbers"),
        ("tensor", "out is a torch.Tensor, should be a numpy array: make it one with .numpy()"),
        ("generator", "out is a generator, should be a numpy array"),
        ("function", "out is a function, should be a numpy array"),
        ("itself", "out is a module, should be a numpy array"),
        ("enormous", "enormous returned something that cannot be looked at: a value is larger than 128 MB"),
        ("longlist", "out is a list (100000 items), should be a numpy array: make it one with np.array"),
        ("loop", "out is a list of 1, should be a numpy array: make it one with np.array"),
        ("bomb", "bomb returned something that cannot be looked at: a value has more than 200000 parts"),
        ("hostile", "out is a submission.layers.Hostile, should be a numpy array"),
        ("aslist", None),
    ],
)
def test_what_is_no_answer_is_named(student: Student, name: str, message: str | None) -> None:
    if message is None:
        getattr(student, name)(X)
    else:
        assert said(WrongAnswerError, getattr(student, name), X) == message


def test_a_single_value_for_several_is_named(submit: Submit) -> None:
    functions = "def f(x): return x\ndef g(x): return None\ndef h(x): return {'a': 1}\n"
    student = submit(functions, f="a b", g="a b", h="a b")
    assert said(WrongAnswerError, student.f, X) == "f returned an array of shape (3,), should return 2 values: a, b"
    assert said(WrongAnswerError, student.g, X) == "g returned None, should return a, b: is there a return at its end?"
    assert said(WrongAnswerError, student.h, X) == "h returned a dict, should return 2 values: a, b"


def test_hostile_values_are_only_named(student: Student) -> None:
    first, second = student.hostile_inside(X)
    assert first.type_name.endswith("Hostile")
    assert second["a"].type_name.endswith("Hostile")
    _, grads = student.mapping(X)
    assert (grads["W1"] == X).all()


def test_what_cannot_be_sent_is_the_checks_fault(student: Student) -> None:
    with pytest.raises(FaultError, match=r"a check passes something that cannot be sent .*set cannot cross"):
        student.twice({1, 2})
    assert student.twice(3) == 6


def test_a_function_that_no_question_is_about_is_the_checks_fault() -> None:
    student = Student(lambda: pytest.fail("it is not started"), {}, LIMITS)
    with pytest.raises(FaultError, match="no question of this assignment is about 'affine'"):
        student.affine(1)


# --- exceptions -------------------------------------------------------------------------------------------------------


def line(text: str) -> int:
    return next(number for number, found in enumerate(LAYERS.splitlines(), 1) if text in found)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("raises", "ValueError: not this shape (layers.py line {}, in raises: def raises(x): raise ValueError("),
        ("key", "KeyError: 'W3' (layers.py line {}, in key: "),
        ("bare", "RuntimeError (layers.py line {}, in bare: "),
        ("asserts", "AssertionError (layers.py line {}, in asserts: def asserts(x): assert x is None)"),
        ("colourful", "ValueError: red abc next line (layers.py line {}, in colourful: "),
        ("endless_message", "ValueError: xxxxxxxxxxxxx"),
        ("silent", "Silent (layers.py line {}, in silent: "),
        ("interrupts", "KeyboardInterrupt (layers.py line {}, in interrupts: "),
        ("leaves", "it tried to end Python (layers.py line {}, in leaves: def leaves(x): sys.exit(0)): return"),
        ("asks", "it asks for input, and there is nobody to type (layers.py line {}, in asks: "),
        ("debugger", "it starts a debugger, and there is nobody to type"),
        ("recursive", "it calls itself without end (layers.py line {}, in recursive: "),
        ("hog", "it ran out of memory, unable to allocate 1.00 TiB for an array with shape "),
        ("unicode_source", "ValueError: é ü 数 (layers.py line {}, in unicode_source: def unicode_source(x): raise"),
        ("np_int", "NumPy has no np.int any more: write int (layers.py line {}, in np_int: "),
        ("np_float", "NumPy has no np.float any more: write float (layers.py line {}, in np_float: "),
        ("np_inf", "NumPy has no np.Inf any more: write np.inf (layers.py line {}, in np_inf: "),
        ("np_unknown", "AttributeError: module 'numpy' has no attribute 'reluu' (layers.py line {}, in np_unknown: "),
        ("ptp", "arrays have no method ptp any more: write np.ptp(a) (layers.py line {}, in ptp: "),
        ("py2", "Python 3 has no xrange: write range (layers.py line {}, in "),
        ("inner_type_error", "TypeError: twice() missing 1 required positional argument: 'x' (layers.py line {}, in "),
        ("inside", "LinAlgError: 1-dimensional array given. Array must be at least two-dimensional (layers.py line"),
    ],
)
def test_an_exception_is_told_with_the_students_own_line(student: Student, name: str, start: str) -> None:
    message = said(StudentRaisedError, getattr(student, name), X)
    assert message.startswith(start.format(line(f"def {name}(")))


def test_the_deepest_line_of_the_student_is_the_one_that_is_shown(student: Student) -> None:
    with pytest.raises(StudentRaisedError) as caught:
        student.outer(X)
    assert caught.value.details["frame"] == {
        "file": "layers.py",
        "line": line("return y @ y.reshape(7)"),
        "function": "middle",
        "source": "return y @ y.reshape(7)",
    }


def test_an_exception_that_lies_about_itself_is_told_somehow(student: Student) -> None:
    said(StudentRaisedError, student.chameleon, X)


def test_standard_input_is_empty_and_a_forgotten_breakpoint_is_passed_over(student: Student) -> None:
    assert said(WrongAnswerError, student.reads, X) == "out is a str, should be a numpy array"
    assert (student.forgotten(X) == X).all()


# --- stubs and names --------------------------------------------------------------------------------------------------


def test_a_stub_is_not_written_yet(student: Student) -> None:
    assert said(NotWrittenError, student.stub, X) == "stub is not written yet"
    assert said(NotWrittenError, student.Stub) == "Stub is not written yet"
    half = student.Half()
    assert said(NotWrittenError, half.loss, X) == "Half.loss is not written yet"
    assert said(NotWrittenError, half.predict, X).startswith("waits for loss, which is not written yet (layers.py line")


def test_what_waits_for_a_stub_says_so(student: Student) -> None:
    message = said(NotWrittenError, student.needs_stub, X)
    place = f"layers.py line {line('NotImplementedError(')}"
    assert message.startswith(f"waits for stub, which is not written yet ({place}")


def test_what_a_library_does_not_implement_is_no_stub(student: Student) -> None:
    message = said(StudentRaisedError, student.beyond_a_library, X)
    assert message.startswith(f"NotImplementedError (layers.py line {line('def beyond')}, in beyond_a_library")


def test_a_stub_of_the_public_course_returns_none_for_everything(student: Student) -> None:
    message = "nones returns None for a, b: it is not written yet, or not for these inputs"
    assert said(NotWrittenError, student.nones, X) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("almost_forward", "layers.py has no almost_forward, but almost_foward: is it that?"),
        ("quite_another", "layers.py has no quite_another: define it there"),
        ("value", "value in layers.py is of type int, no function: define it there"),
    ],
)
def test_a_missing_function_is_named(student: Student, name: str, message: str) -> None:
    assert said(StudentRaisedError, getattr(student, name), X) == message


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "message"),
    [
        ("two", (1,), {}, "two(x, w) cannot be called with 1 argument"),
        ("two", (1, 2, 3), {}, "two(x, w) cannot be called with 3 arguments"),
        ("two", (), {"w": 1}, "two(x, w) cannot be called with 0 arguments, w=…"),
        ("keyword", (1, 2), {}, "keyword(x, *, w) cannot be called with 2 arguments"),
        ("annotated", (), {}, "annotated(x, w=3.0) cannot be called with 0 arguments"),
        ("Needs", (1,), {}, "Needs(a, b) cannot be called with 1 argument"),
        ("NeedsNone", (1,), {}, "NeedsNone() cannot be called with 1 argument"),
    ],
)
def test_wrong_parameters_are_shown(
    student: Student, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], message: str
) -> None:
    got = said(StudentRaisedError, getattr(student, name), *args, **kwargs)
    assert got == f"{message}: keep the parameters of the stub"


def test_wrong_parameters_of_a_method_are_shown(student: Student) -> None:
    net = student.NeedsNone()
    message = "go(x) cannot be called with 2 arguments: keep the parameters of the stub"
    assert said(StudentRaisedError, net.go, 1, 2) == message
    assert said(StudentRaisedError, net.come, 1) == "NeedsNone has no come: define it there"


# --- arguments --------------------------------------------------------------------------------------------------------


def changed(student: Student) -> list[str]:
    assert student.last is not None
    return student.last.changed


def test_changed_arguments_are_named_down_to_the_key(student: Student) -> None:
    config = {"mode": "train", "state": np.zeros(2), "old": 1, "kept": np.zeros(2)}
    student.changes(X, config)
    assert changed(student) == ["x", "config['mode']", "config['old']", "config['new']", "config['state']"]
    assert X.tolist() == [1, 2, 3]
    student.twice(X)
    assert changed(student) == []


def test_changes_are_seen_in_every_place(student: Student) -> None:
    student.changes_late(X, X + 1, w=X)
    assert changed(student) == ["argument 2", "w"]
    student.lists([X, X + 1])
    assert changed(student) == ["xs", "xs[0]"]
    student.reshapes(np.zeros((2, 3)))
    assert changed(student) == ["x"]
    student.retypes(np.ones(3))
    assert changed(student) == ["x"]


def test_changes_are_seen_when_it_raises_too(student: Student) -> None:
    said(StudentRaisedError, student.changes_and_raises, X)
    assert changed(student) == ["x"]


def test_what_is_equal_afterwards_has_not_changed(student: Student) -> None:
    student.rewrites({"mode": "train", "rate": 0.5})
    assert changed(student) == []
    student.puts_back(X)
    assert changed(student) == []


# --- things that stay -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["forward", "forward_tuple", "forward_lambda", "forward_cycle"])
def test_a_cache_may_be_anything(student: Student, name: str) -> None:
    out, cache = getattr(student, name)(X)
    assert isinstance(cache, Kept)
    assert (out == 2 * X).all()
    assert (student.backward(X, cache) == X * X).all()
    assert changed(student) == []


def test_changes_to_a_cache_are_seen(student: Student) -> None:
    _, cache = student.forward_tuple(X)
    student.spoils(X, cache)
    assert "cache[0]" in changed(student)
    assert "cache[1]['w']" in changed(student)


def test_methods_and_attributes_of_kept_objects(student: Student) -> None:
    net = student.Net(size=3)
    loss, grads = net.loss(X, returns="loss:number grads:dict")
    assert loss == 0.5
    assert list(grads) == ["W1"]
    assert net.read("params:dict")["W1"].shape == (3,)
    assert net.read("fixed").tolist() == [1, 1]
    net.write("params", {"W1": X})
    assert net.scores(X, returns="scores:number") == 14.0
    assert set(net.read("params:dict")) == {"W1", "b1"}
    calls = student.line.calls
    assert net.given(params={"W1": 2 * X}, config=X).scores(X, returns="scores:number") == 28.0
    assert student.line.calls == calls + 1
    assert set(net.read("params:dict")) == {"W1", "b1"}
    assert net.read("config").tolist() == X.tolist()
    assert net.scores(X, returns="scores:number") == 28.0
    net.write("config", {"a": X})
    assert net.read("config:dict")["a"].tolist() == X.tolist()
    assert net.rename() is None
    assert net.value("any").type_name == "submission.layers.Net"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("parms:dict", "Net has no parms, but params: is it that?"),
        ("nothing", "Net has no nothing: define it there"),
        ("broken", "ValueError: a property (layers.py line "),
        ("trap", "RuntimeError: sprung (layers.py line "),
    ],
)
def test_an_attribute_that_cannot_be_had_is_told(student: Student, wanted: str, message: str) -> None:
    assert said(StudentRaisedError, student.Net().read, wanted).startswith(message)


def test_an_attribute_of_another_kind_is_told(student: Student) -> None:
    net = student.Net()
    assert said(WrongAnswerError, net.read, "kind") == "Net.kind is a str, should be a numpy array"
    message = "TypeError: can only concatenate str"
    with pytest.raises(StudentRaisedError, match="property"):
        net.write("broken", 3)
    with pytest.raises(StudentRaisedError, match="property"):
        net.given(broken=3).loss(X)
    net.write("kind", 3)
    assert net.read("kind:number") == 3, message


def test_a_value_of_the_graders_may_be_kept(student: Student) -> None:
    config = student.keep({"mode": "train", "state": X}, "config")
    assert config.value()["mode"] == "train"
    student.line.begin_question()
    assert (student.same(config, config)[1]["state"] == X).all()


def handle(student: Student) -> Kept:
    kept: Kept = student.forward(X)[1]
    return kept


@pytest.mark.parametrize(
    "look",
    [
        lambda kept: kept == 1,
        lambda kept: kept != kept,
        lambda kept: kept < 1,
        lambda kept: bool(kept),
        lambda kept: list(kept),
        lambda kept: len(kept),
        lambda kept: kept[0],
        lambda kept: 1 in kept,
        lambda kept: np.asarray(kept),
        lambda kept: np.add(kept, 1),
        lambda kept: np.zeros(3) + kept,
    ],
)
def test_a_check_that_looks_into_a_kept_value_has_a_fault(student: Student, look: Any) -> None:
    with pytest.raises(FaultError, match="a check looks into cache, which stays with the student"):
        look(handle(student))


def test_a_kept_value_has_no_hash_no_private_names_and_can_be_shown(student: Student) -> None:
    kept = handle(student)
    with pytest.raises(TypeError):
        hash(kept)
    with pytest.raises(AttributeError):
        _ = copy.copy(kept)._something
    assert "cache" in repr(kept)
    assert "submission.layers.Cache" in repr(kept)


def test_after_forgetting_a_kept_value_is_the_checks_fault(student: Student) -> None:
    kept = handle(student)
    student.line.forget()
    with pytest.raises(FaultError, match="a check uses cache, which is kept no longer"):
        student.backward(X, kept)
    assert (student.twice(X) == 2 * X).all()


def test_a_second_worker_knows_nothing_of_the_first(student: Student) -> None:
    first = student.count(X)
    assert student.count(X) == first + 1
    _, cache = student.forward(X)
    calls, budget = student.line.calls, student.line.budget
    with student.second() as other:
        assert other.count(X) == 1
        with pytest.raises(FaultError, match="a check uses cache, which is kept no longer"):
            other.backward(X, cache)
    assert student.count(X) == first + 2
    assert student.line.calls == calls + 2
    assert student.line.budget < budget
    assert (student.backward(X, cache) == X * X).all()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it goes by ticks")
def test_the_processor_time_of_the_shortest_call_counts(student: Student) -> None:
    for _ in range(30):
        before = student.line.seconds
        student.twice(X)
        assert student.line.seconds > before


# --- prints, warnings, settings ---------------------------------------------------------------------------------------


def test_what_is_printed_is_kept_apart_by_question(student: Student) -> None:
    student.line.output()
    student.prints(X)
    student.prints(X)
    assert student.line.output() == "hello\nthere\n" * 2
    assert student.line.output() == ""


def test_warnings_are_output_and_no_failure(student: Student) -> None:
    student.line.output()
    assert (student.warns(X) == X).all()
    assert "UserWarning: careful" in student.line.output()


def test_settings_of_one_call_do_not_reach_the_next(student: Student) -> None:
    student.seterr(X)
    assert np.isinf(student.divides(X)).all()
    for function in (student.profiled, student.traced):
        said(StudentRaisedError, function, X)
        assert (student.twice(X) == 2 * X).all()
    student.shallow(X)
    assert (student.pair(np.zeros((2, 2)))[0] == 0).all()


def test_a_thread_left_behind_does_no_harm(student: Student) -> None:
    student.thread(X)
    assert (student.twice(X) == 2 * X).all()


# --- a worker that is gone --------------------------------------------------------------------------------------------


def test_a_worker_that_dies_is_replaced(submit: Submit) -> None:
    student = submit(
        """
        import os
        n = 0
        def dies(x): os._exit(3)
        def count(x):
            global n
            n += 1
            return n
        def forward(x): return x, [x]
        def backward(dout, cache): return dout
        """,
        forward="out cache:kept",
    )
    assert student.count(1) == 1
    _, cache = student.forward(1)
    message = said(StudentCrashedError, student.dies, 1)
    assert message == "the process ended in dies: it ended Python itself, with exit code 3: return the answer instead"
    assert student.count(1) == 1
    message = "the process ended before backward was called, after its last answer"
    with pytest.raises(StudentCrashedError, match=message):  # no fault of the grader's, which would cost nothing
        student.backward(1, cache)


def test_what_is_given_to_a_kept_value_goes_to_the_worker_that_has_it(submit: Submit) -> None:
    """Another worker may keep something else under the same number."""
    student = submit(
        """
        import os
        def dies(x): os._exit(3)
        class Net:
            def __init__(self): self.params = {}
            def loss(self, x): return x
        """,
        Net=None,
    )
    net = student.Net()
    assert net.given(params={"w": X}).loss(1) == 1
    said(StudentCrashedError, student.dies, 1)
    other = student.Net()
    assert other.loss(1) == 1
    with pytest.raises(StudentCrashedError, match=r"the process ended before Net\.loss was called"):
        net.given(params={"w": X}).loss(1)


def test_there_is_no_third_worker(student: Student) -> None:
    with student.second() as other, pytest.raises(FaultError, match="where it has it already"), other.second():
        pass
    with student.second() as other:
        assert (other.twice(X) == 2 * X).all()


def test_arrays_come_back_aligned(student: Student) -> None:
    """However long what is said of them: numpy goes another way, with other last bits, through those that are not."""
    for shape in ((3,), (30,), (300,), (2, 2), (20, 2), (1, 2, 3)):
        assert student.twice(np.ones(shape)).flags.aligned, shape


def test_the_second_worker_is_the_same_each_time_and_ends_with_the_first(submit: Submit) -> None:
    student = submit(
        """
        import os
        def dies(x): os._exit(3)
        def twice(x): return 2 * x
        def forward(x): return x, [x]
        def backward(dout, cache): return dout
        """,
        forward="out cache:kept",
    )
    with student.second() as other:
        assert other.twice(3) == 6
        _, cache = other.forward(1)
        worker = other.line.worker
        assert worker is not None
    with student.second() as again:
        assert again.line.worker is worker
        with pytest.raises(FaultError, match="asks for a second worker where it has it already"), student.second():
            pass
        with pytest.raises(FaultError, match="a check uses cache, which is kept no longer"):
            again.backward(1, cache)
        said(StudentCrashedError, again.dies, 1)
        assert again.twice(3) == 6
        worker = again.line.worker
    assert worker is not None
    assert not worker.ended
    assert student.twice(3) == 6
    student.close()
    assert worker.ended
    with student.second() as anew:
        assert anew.twice(3) == 6


def test_a_worker_that_died_after_its_answer_costs_nothing(submit: Submit) -> None:
    student = submit(
        """
        import os, signal, threading
        go = threading.Event()
        def timer(x):
            signal.signal(signal.SIGUSR1, signal.SIG_DFL)
            return os.getpid()
        def forward(x): return x, [x]
        def backward(dout, cache): return dout
        """,
        timer="pid:number",
        forward="out cache:kept",
    )
    for ask in (lambda: student.timer(1), lambda: student.line.output()):
        end(int(student.timer(1)))
        ask()
    _, cache = student.forward(1)
    end(int(student.timer(1)))
    message = "the process ended before backward was called, after its last answer"
    with pytest.raises(StudentCrashedError, match=message):
        student.backward(1, cache)
    assert student.backward(1, 2) == 1


def end(process: int) -> None:
    """End a process, and wait until that is seen without taking its exit code from its parent."""
    import os
    import select
    import signal

    descriptor = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    select.select([descriptor], [], [])
    os.close(descriptor)
