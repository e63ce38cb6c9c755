"""The codec: what goes in comes out, and nothing that is not a frame is taken for one."""

from __future__ import annotations

import io
import json
import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.sandbox import wire
from grader.sandbox.wire import (
    DTYPES,
    PREFIX,
    TENSOR_DTYPES,
    Handle,
    Opaque,
    Tensor,
    WireError,
    decode,
    encode,
    lengths,
)


def split(frame: bytes) -> tuple[bytes, bytes]:
    header, body = lengths(frame[: PREFIX.size])
    assert len(frame) == PREFIX.size + header + body
    return frame[PREFIX.size : PREFIX.size + header], frame[PREFIX.size + header :]


def through(value: Any, *, opaque: bool = False, writable: bool = False) -> Any:
    return decode(*split(encode(value, opaque=opaque)), writable=writable)


def same(got: Any, want: Any) -> bool:
    if isinstance(want, (np.ndarray, np.generic)):
        return (
            type(got) is type(want)
            and got.dtype == want.dtype.newbyteorder("=")
            and got.shape == want.shape
            and np.asarray(got).tobytes() == np.asarray(want).astype(got.dtype).tobytes()
        )
    if type(got) is not type(want):
        return False
    if isinstance(want, Tensor):
        rest = [(one.dtype, one.shape, one.device, one.requires_grad) for one in (got, want)]
        return rest[0] == rest[1] and (got.values is want.values is None or same(got.values, want.values))
    if isinstance(want, dict):
        return len(got) == len(want) and all(
            same(a, b) and same(got[a], want[b]) for a, b in zip(got, want, strict=True)
        )
    if isinstance(want, (list, tuple)):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, float) and math.isnan(want):
        return math.isnan(got)
    if isinstance(want, float):
        return got == want and math.copysign(1, got) == math.copysign(1, want)
    return bool(got == want)


calm = settings(deadline=None, derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

dtypes = st.sampled_from(sorted(DTYPES)).map(np.dtype)
arrays = hnp.arrays(dtype=dtypes, shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
scalars = dtypes.flatmap(lambda dtype: hnp.arrays(dtype=dtype, shape=())).map(lambda array: array[()])


@st.composite
def drawn_tensors(draw: st.DrawFn) -> Tensor:
    dtype = draw(st.sampled_from(sorted(TENSOR_DTYPES)))
    device = draw(st.sampled_from(["", "cpu", "cuda:0", "mps", "privateuseone:127", "meta"]))
    shape = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    values = draw(hnp.arrays(dtype=TENSOR_DTYPES[dtype], shape=shape))
    return Tensor(dtype, values.shape, device, draw(st.booleans()), None if device == "meta" else values)


tensors = drawn_tensors()
keys = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.text(max_size=5)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats()
    | st.text(max_size=20)
    | scalars
    | arrays
    | st.builds(Handle, st.integers(0, 2**40), st.text(max_size=20))
    | st.builds(Opaque, st.text(max_size=20), st.text(max_size=20))
    | tensors
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
@calm
def test_values_come_out_as_they_went_in(value: Any) -> None:
    assert same(through(value), value)
    assert same(through(value, writable=True), value)


@given(values)
@calm
def test_a_frame_is_the_same_every_time(value: Any) -> None:
    assert encode(value) == encode(value) == encode(through(value))


def test_the_form_is_pinned() -> None:
    """Recorded answers are found by a digest of frames: if this changes, every record is a stranger."""
    frame = encode(
        {"x": np.arange(3, dtype=np.float32), "y": [True, None, -1, 0.5, np.int16(7)], "z": {1: (math.inf,)}}
    )
    header, body = split(frame)
    assert frame[:4] == b"GRD1"
    assert header == (
        b'{"x":["a","<f4",[3],0,12],"y":["l",true,null,-1,0.5,["s","<i2",16,2]],"z":["d",[1,["t",["f","inf"]]]]}'
    )
    assert body.hex() == "000000000000803f00000040" + "00000000" + "0700"


@pytest.mark.parametrize(
    "array",
    [
        np.zeros(()),
        np.zeros((0, 3)),
        np.zeros((3, 0, 2), dtype=np.int8),
        np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(20)[::-3],
        np.broadcast_to(np.float32(3), (4, 5)),
        np.arange(4, dtype=">f8"),
        np.array([1 + 2j], dtype=">c8"),
        np.array([math.nan, math.inf, -math.inf, -0.0, 5e-324]),
        np.ones((1,) * 32),
        np.frombuffer(b"\x01" + np.arange(3.0).tobytes(), dtype=np.float64, offset=1, count=3),
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}",
)
def test_arrays_of_every_make(array: np.ndarray[Any, Any]) -> None:
    got = through(array)
    assert same(got, array)
    assert got.flags.c_contiguous
    assert got.flags.aligned


def test_arrays_are_aligned_whatever_comes_before() -> None:
    got = through([np.int8(1), np.arange(3.0), np.True_, np.arange(2, dtype=np.complex128)])
    assert all(np.asarray(item).flags.aligned for item in got)


def test_the_grader_gets_views_that_it_cannot_write_and_the_worker_copies_that_it_can() -> None:
    assert not through(np.arange(3.0)).flags.writeable
    copy = through(np.arange(3.0), writable=True)
    copy += 1
    assert copy.flags.owndata


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (np.longdouble(0.5), np.float64(0.5)),
        (np.array([0.5], dtype=np.longdouble), np.array([0.5])),
        (np.array([[1.0, 2.0]]).view(np.matrix), np.array([[1.0, 2.0]])),
        (np.array([1, 2]).view(np.recarray), np.array([1, 2])),
    ],
)
def test_relatives_of_arrays_come_out_as_plain_ones(value: Any, want: Any) -> None:
    assert same(through(value), want)


class Pair(tuple[int, int]):
    pass


class Table(dict[str, int]):
    pass


@pytest.mark.parametrize(("value", "want"), [(Pair((1, 2)), (1, 2)), (Table(a=1), {"a": 1})])
def test_relatives_of_containers_come_out_as_plain_ones(value: Any, want: Any) -> None:
    assert same(through(value), want)


@pytest.mark.parametrize(
    ("value", "name", "remark"),
    [
        (np.array([None, 1]), "numpy.ndarray", "dtype object"),
        (np.array(["a"]), "numpy.ndarray", "dtype <U1"),
        (np.zeros(2, dtype=[("a", float)]), "numpy.ndarray", "dtype [('a', '<f8')]"),
        (np.array([1], dtype="M8[s]"), "numpy.ndarray", "dtype datetime64[s]"),
        (np.ones(2, dtype=np.clongdouble), "numpy.ndarray", "dtype complex256"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "numpy.ma.MaskedArray", "with masked elements"),
        (2**63, "int", "beyond 64 bits"),
        (-(2**5000), "int", "beyond 64 bits"),
        ({1, 2}, "set", ""),
        (b"abc", "bytes", ""),
        ({(1, 2): 3}, "dict", "with keys that are no strings or numbers"),
        ({np.float64(1): 3}, "dict", "with keys that are no strings or numbers"),
        (io.BytesIO(), "_io.BytesIO", ""),
        (list(range(30_000)), "list", "30000 items"),
        ("x" * 300_000, "str", "300000 characters"),
        (1j, "complex", ""),
    ],
)
def test_what_cannot_cross_is_refused_or_named(value: Any, name: str, remark: str) -> None:
    assert through([value], opaque=True) == [Opaque(name, remark)]
    if not isinstance(value, (list, str)):
        with pytest.raises(WireError, match=f"{name}.* cannot cross"):
            encode(value)


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[Any] = []
    loop.append(loop)
    got = through(loop, opaque=True)
    for _ in range(wire.MAX_DEPTH):
        (got,) = got
    assert got.type_name == "list"
    with pytest.raises(WireError, match="nested"):
        encode(loop)


def test_a_value_of_too_many_parts_is_refused() -> None:
    bomb: list[Any] = []
    for _ in range(12):
        bomb = [bomb] * 10
    with pytest.raises(WireError, match="parts"):
        encode(bomb, opaque=True)


def test_an_array_that_is_larger_than_memory_is_refused_before_it_is_copied() -> None:
    with pytest.raises(WireError, match="larger than"):
        encode(np.broadcast_to(np.float64(1), (10**6, 10**6)))


class Liar:
    """Says that it is an array."""

    @property
    def __class__(self) -> type:
        return np.ndarray

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise SystemExit("I was asked")


class Twisted(type):
    def __getattribute__(cls, name: str) -> Any:
        raise SystemExit(f"I was asked for {name}")


class Items(dict[str, int]):
    def items(self) -> Any:
        raise SystemExit("I was asked")

    __iter__ = __len__ = items  # type: ignore[assignment]


class Endless(list[int]):
    def __iter__(self) -> Any:
        raise SystemExit("I was asked")

    __len__ = __getitem__ = __iter__  # type: ignore[assignment]


class Hollow(np.ndarray[Any, Any]):
    def __array_finalize__(self, other: Any) -> None:
        pass

    def tobytes(self, *_: Any) -> Any:
        raise SystemExit("I was asked")

    @property
    def dtype(self) -> Any:
        raise SystemExit("I was asked")

    @property
    def size(self) -> Any:
        raise SystemExit("I was asked")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise SystemExit("I was asked")


def test_no_method_of_a_hostile_value_is_called() -> None:
    assert through(Liar(), opaque=True).type_name.endswith("Liar")
    nameless = Twisted("Nameless", (), {})  # not at the top, where pytest would ask it
    assert through(nameless(), opaque=True).type_name.endswith("Nameless")
    assert through(Items(a=1), opaque=True) == {"a": 1}
    assert through(Endless([1, 2]), opaque=True) == [1, 2]
    assert same(through(np.arange(3.0).view(Hollow), opaque=True), np.arange(3.0))


def test_a_class_with_a_strange_name_has_none() -> None:
    strange = type("X", (), {"__module__": 5})()
    assert through(strange, opaque=True) == Opaque("?")
    long = type("X" * 1000, (), {})()
    assert len(through(long, opaque=True).type_name) == wire.MAX_NAME


def test_encoding_bears_with_error_settings() -> None:
    with np.errstate(all="raise"):
        assert same(through(np.longdouble("1e400")), np.float64(np.inf))


# --- tensors ----------------------------------------------------------------------------------------------------------


def test_the_form_of_tensors_is_pinned() -> None:
    """What is recorded of questions about torch is found by it, too."""
    whole = Tensor("int64", (2,), "", False, np.array([1, -1]))
    brain = Tensor("bfloat16", (), "cuda:1", True, np.float32(0.5))
    header, body = split(encode({"x": whole, "w": (brain, Tensor("float32", (3, 0), "meta", False, None))}))
    assert header == (
        b'{"x":["T","int64",[2],"",false,["a","<i8",[2],0,16]],'
        b'"w":["t",["T","bfloat16",[],"cuda:1",true,["a","<f4",[],16,4]],["T","float32",[3,0],"meta",false,null]]}'
    )
    assert body.hex() == "0100000000000000" + "ff" * 8 + "0000003f"


@pytest.mark.parametrize("dtype", TENSOR_DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (2, 3), (1,) * 64])
def test_tensors_of_every_dtype_and_shape(dtype: str, shape: tuple[int, ...]) -> None:
    tensor = Tensor(dtype, shape, "cpu", False, np.ones(shape, dtype=TENSOR_DTYPES[dtype]))
    assert same(through(tensor), tensor)
    assert through(tensor, writable=True).values.flags.writeable
    assert 0 in shape or not through(tensor).values.flags.writeable


def test_the_values_of_a_tensor_are_sent_as_its_dtype_says() -> None:
    got = through(Tensor("float32", (2,), "cpu", False, np.array([0.1, 1e300])))
    assert got.values.tolist() == [np.float32(0.1), np.inf]
    turned = np.arange(6.0, dtype=">f4").reshape(2, 3).T
    assert through(Tensor("float32", (3, 2), "", True, turned)).values.tolist() == turned.tolist()
    with np.errstate(all="raise"):  # no number has no integer
        assert through(Tensor("int64", (1,), "cpu", False, np.array([math.nan]))).values.shape == (1,)


def test_on_the_device_meta_no_values_are_sent() -> None:
    frame = encode(Tensor("float32", (2**20,), "meta", True, np.broadcast_to(np.float32(1), (2**20,))))
    assert len(frame) < 100
    assert same(decode(*split(frame)), Tensor("float32", (2**20,), "meta", True, None))


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (Tensor("uint16", (1,), "cpu", False, np.ones(1)), r"torch.Tensor cannot cross the border \(dtype uint16\)"),
        (Tensor("float32", (1,) * 65, "meta", False, None), r"torch.Tensor cannot cross the border \(too large"),
        (Tensor("float32", (0, 2**50), "meta", False, None), r"torch.Tensor cannot cross the border \(too large"),
        (Tensor("float32", (3,), "cpu", False, np.ones(2)), r"a tensor of shape \(3,\) does not have its values"),
        (Tensor("float32", (6,), "cpu", False, np.ones((2, 3))), r"a tensor of shape \(6,\) does not have its values"),
        (Tensor("float32", (3,), "cpu", False, None), r"a tensor of shape \(3,\) does not have its values"),
        (Tensor("float32", (), "CUDA", False, np.ones(())), "device is 'CUDA', which is no name of one"),
        (Tensor("float32", (), "cuda:1000", False, np.ones(())), "device is 'cuda:1000', which is no name of one"),
        (Tensor("float32", (), "cpu\n", False, np.ones(())), "which is no name of one"),
        (
            Tensor("float32", (10**6, 10**6), "cpu", False, np.broadcast_to(np.float64(1), (10**6, 10**6))),
            "a value is larger than 128 MB",
        ),
    ],
)
def test_a_tensor_that_would_not_arrive_is_not_sent(tensor: Tensor, words: str) -> None:
    with pytest.raises(WireError, match=words):
        encode(tensor)


def test_a_tensor_of_another_kind_is_only_named() -> None:
    strange = Tensor("uint16", (1,), "cpu", False, np.ones(1, dtype=np.uint16))
    assert through([strange], opaque=True) == [Opaque("torch.Tensor", "dtype uint16")]
    wide = Tensor("float32", (1,) * 100, "meta", False, None)
    (got,) = through([wide], opaque=True)
    assert got.remark.startswith("too large to be sent: shape (1, 1,")
    assert len(got.remark) == wire.MAX_NAME


class Foreign:
    pass


def test_what_is_sent_instead_of_a_foreign_value_is_asked_for() -> None:
    asked = []

    def lower(value: Any) -> Any:
        asked.append(type(value))
        return Tensor("float32", (1,), "cpu", False, np.ones(1)) if type(value) is Foreign else None

    value = {"a": [Foreign(), 1, "text", None, 0.5, np.ones(2), Handle(1, "x")], "b": (object(),)}
    got = decode(*split(encode(value, opaque=True, lower=lower)))
    assert same(got["a"][0], Tensor("float32", (1,), "cpu", False, np.ones(1, dtype=np.float32)))
    assert got["b"] == (Opaque("object"),)
    assert asked == [Foreign, object]
    with pytest.raises(WireError, match="Foreign cannot cross"):
        encode(Foreign())


@pytest.mark.parametrize("answer", [3, "text", np.ones(2), [Foreign()], Handle(1, "x"), Foreign()])
def test_only_a_tensor_or_a_name_is_sent_instead(answer: Any) -> None:
    frame = encode(Foreign(), opaque=True, lower=lambda value: answer)
    assert decode(*split(frame)).type_name.endswith("Foreign")
    frame = encode(Foreign(), lower=lambda value: Opaque("x" * 1000, "y" * 1000))
    assert decode(*split(frame)) == Opaque("x" * wire.MAX_NAME, "y" * wire.MAX_NAME)


# --- forged frames ----------------------------------------------------------------------------------------------------


def forged(tree: Any, body: bytes = b"") -> Any:
    return decode(tree if isinstance(tree, bytes) else json.dumps(tree).encode(), body)


EIGHT = np.arange(2.0, 3.0).tobytes()[::-1]  # begins with no truth value

FORGERIES: dict[str, tuple[Any, bytes]] = {
    "no JSON": (b"[", b""),
    "nothing": (b"", b""),
    "not ASCII": ("é".encode(), b""),
    "NaN": (b"NaN", b""),
    "Infinity": (b'["l",-Infinity]', b""),
    "a float too large": (b"1e999", b""),
    "an integer too large": (2**63, b""),
    "an integer of many digits": (b"9" * 5000, b""),
    "an object with a key twice": (b'{"a":1,"a":1}', b""),
    "an object in an object with a key twice": (b'{"b":["l",{"a":1,"a":2}]}', b""),
    "an object that holds what is none": (b'{"a":[]}', b""),
    "an empty list": ([], b""),
    "an unknown tag": (["q", 1], b""),
    "a tag that is none": ([1], b""),
    "a tag that is a list": ([["l"]], b""),
    "a float that is none": (["f", "1"], b""),
    "a float of a list": (["f", ["nan"]], b""),
    "a dtype that may not cross": (["a", "|O", [1], 0, 8], EIGHT),
    "a big-endian dtype": (["a", ">f8", [1], 0, 8], EIGHT),
    "a structured dtype": (["a", [["a", "<f8"]], [1], 0, 8], EIGHT),
    "no dtype": (["a", None, [1], 0, 8], EIGHT),
    "too short": (["a", "<f8", [2], 0, 16], EIGHT),
    "longer than said": (["a", "<f8", [1], 0, 8], EIGHT + b"x"),
    "size against shape": (["a", "<f8", [1], 0, 4], EIGHT),
    "negative length": (["a", "<f8", [-1], 0, 8], EIGHT),
    "two negative lengths": (["a", "<f8", [-1, -1], 0, 8], EIGHT),
    "length that is true": (["a", "<f8", [True], 0, 8], EIGHT),
    "length that is a float": (["a", "<f8", [1.0], 0, 8], EIGHT),
    "length beyond memory": (["a", "|b1", [2**62], 0, 2**62], b""),
    "lengths that overflow": (["a", "|b1", [2**40, 2**40], 0, 0], b""),
    "empty, but of no possible shape": (["a", "|b1", [0, 2**47, 2**47], 0, 0], b""),
    "shape that is none": (["a", "<f8", 1, 0, 8], EIGHT),
    "too many axes": (["a", "<f8", [1] * 100, 0, 8], EIGHT),
    "offset beyond the end": (["a", "<f8", [1], 8, 8], EIGHT),
    "negative offset": (["a", "<f8", [1], -8, 8], EIGHT),
    "offset that is a float": (["a", "<f8", [1], 0.0, 8], EIGHT),
    "one buffer used twice": (["l", ["a", "<f8", [1], 0, 8], ["a", "<f8", [1], 0, 8]], EIGHT),
    "an offset between the right ones": (["l", ["s", "<f8", 0, 8], ["s", "<f8", 8, 8]], EIGHT + EIGHT),
    "no truth value": (["a", "|b1", [2], 0, 2], b"\x01\x02"),
    "no truth value, either": (["s", "|b1", 0, 1], b"\xff"),
    "an array of too few parts": (["a", "<f8", [1]], EIGHT),
    "a scalar of a shape": (["s", "<f8", [], 0, 8], EIGHT),
    "a scalar that is empty": (["s", "<f8", 0, 0], b""),
    "a dict of pairs that are none": (["d", 1], b""),
    "a dict of triples": (["d", ["a", 1, 2]], b""),
    "a dict with a list for a key": (["d", [["l"], 1]], b""),
    "a dict with an array for a key": (["d", [["a", "<f8", [1], 0, 8], 1]], EIGHT),
    "a dict with a numpy number for a key": (["d", [["s", "<f8", 0, 8], 1]], EIGHT),
    "a dict with a key twice": (["d", [1, 1], [1, 2]], b""),
    "a dict of texts that is no object": (["d", ["a", 1]], b""),
    "an empty dict that is no object": (["d"], b""),
    "a dict with 1 and true": (["d", [1, 1], [True, 2]], b""),
    "a handle with a negative number": (["h", -1, "x"], b""),
    "a handle with a text for a number": (["h", "1", "x"], b""),
    "a handle with a long name": (["h", 1, "x" * 1000], b""),
    "a handle with no name": (["h", 1, None], b""),
    **{
        f"a tensor with {what}": (["T", *parts], EIGHT[:nbytes])
        for what, nbytes, parts in [
            ("too few parts", 4, ["float32", [1], "cpu", False]),
            ("too many parts", 4, ["float32", [1], "cpu", False, ["a", "<f4", [1], 0, 4], None]),
            ("no dtype of torch", 4, ["float", [1], "cpu", False, ["a", "<f4", [1], 0, 4]]),
            ("numpy's dtype", 4, ["<f4", [1], "cpu", False, ["a", "<f4", [1], 0, 4]]),
            ("a list for a dtype", 4, [["float32"], [1], "cpu", False, ["a", "<f4", [1], 0, 4]]),
            ("values of another dtype", 8, ["float32", [1], "cpu", False, ["a", "<f8", [1], 0, 8]]),
            ("values of another shape", 8, ["float32", [1, 2], "cpu", False, ["a", "<f4", [2], 0, 8]]),
            ("more values than its shape", 8, ["float32", [1], "cpu", False, ["a", "<f4", [2], 0, 8]]),
            ("fewer values than its shape", 4, ["float32", [2], "cpu", False, ["a", "<f4", [1], 0, 4]]),
            ("values that are not there", 0, ["float32", [1], "cpu", False, ["a", "<f4", [1], 0, 4]]),
            ("a number for values", 4, ["float32", [], "cpu", False, ["s", "<f4", 0, 4]]),
            ("a list for values", 0, ["float32", [1], "cpu", False, ["l", 1.0]]),
            ("a tensor for values", 4, ["float32", [1], "cpu", False, ["T", "float32", [1], "cpu", False, None]]),
            ("values without a shape", 4, ["float32", [1], "cpu", False, ["a", "<f4", 1, 0, 4]]),
            ("a negative length", 0, ["float32", [-1], "meta", False, None]),
            ("a length that is true", 0, ["float32", [True], "meta", False, None]),
            ("a huge length", 0, ["float32", [2**48], "meta", False, None]),
            ("huge values", 0, ["float32", [2**40, 2**40], "cpu", False, ["a", "<f4", [2**40, 2**40], 0, 0]]),
            ("too many axes", 0, ["float32", [1] * 65, "meta", False, None]),
            ("a shape that is none", 0, ["float32", 3, "meta", False, None]),
            ("a device with words", 4, ["float32", [1], "cpu; rm", False, ["a", "<f4", [1], 0, 4]]),
            ("a device with a line's end", 4, ["float32", [1], "cpu\n", False, ["a", "<f4", [1], 0, 4]]),
            ("a device with a long number", 4, ["float32", [1], "cuda:1000", False, ["a", "<f4", [1], 0, 4]]),
            ("a device with other digits", 4, ["float32", [1], "cuda:٣", False, ["a", "<f4", [1], 0, 4]]),
            ("a device in colour", 4, ["float32", [1], "\x1b[31mcpu", False, ["a", "<f4", [1], 0, 4]]),
            ("a long device", 0, ["float32", [1], "m" * 17, False, None]),
            ("no device", 4, ["float32", [1], None, False, ["a", "<f4", [1], 0, 4]]),
            ("a number for a truth", 4, ["float32", [1], "cpu", 1, ["a", "<f4", [1], 0, 4]]),
            ("no values off the device meta", 0, ["float32", [1], "cpu", False, None]),
            ("values on the device meta", 4, ["float32", [1], "meta", False, ["a", "<f4", [1], 0, 4]]),
            ("a truth value that is none", 1, ["bool", [1], "cpu", False, ["a", "|b1", [1], 0, 1]]),
        ]
    },
    "a tensor for a key": (["d", [["T", "float32", [1], "meta", False, None], 1]], b""),
    "tensors that share a buffer": (["l", *[["T", "float64", [1], "cpu", False, ["a", "<f8", [1], 0, 8]]] * 2], EIGHT),
    "an opaque value with a list for a name": (["o", [], ""], b""),
    "too deep": (b'["l",' * 50 + b"1" + b"]" * 50, b""),
    "much too deep": (b"[" * 100_000 + b"]" * 100_000, b""),
    "too many parts": (["l"] + [0] * 300_000, b""),
}


def test_what_the_forged_tensors_come_close_to_is_one() -> None:
    values = np.frombuffer(EIGHT, dtype=np.float32, count=1)
    tree = ["T", "float32", [1], "cpu", False, ["a", "<f4", [1], 0, 4]]
    assert same(forged(tree, EIGHT[:4]), Tensor("float32", (1,), "cpu", False, values))


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_frame_is_refused(name: str) -> None:
    tree, body = FORGERIES[name]
    with pytest.raises(WireError):
        forged(tree, body)


@pytest.mark.parametrize(
    "prefix",
    [b"", b"GRD1", b"GRD2" + bytes(12), PREFIX.pack(b"GRD1", 2**31, 0), PREFIX.pack(b"GRD1", 0, 2**40), bytes(16)],
)
def test_a_forged_prefix_is_refused(prefix: bytes) -> None:
    with pytest.raises(WireError):
        lengths(prefix)


@pytest.mark.parametrize(
    "tree",
    [
        ["a", "<f8", [2**40], 0, 2**43],
        ["a", "|b1", [0, 2**47], 0, 0],
        ["l", *([["a", "<c16", [2**20], 0, 2**24]] * 100)],
        ["l", *([["a", "<f8", [], 0, 8]] * 1000)],
        ["s", "<c16", 2**47, 16],
        ["T", "float32", [2**40], "cpu", False, ["a", "<f4", [2**40], 0, 2**42]],
        ["T", "float32", [0, 2**47], "cpu", False, ["a", "<f4", [0, 2**47], 0, 0]],
        ["l", *([["T", "complex128", [2**40], "meta", False, None]] * 100)],
    ],
)
def test_no_more_memory_is_taken_than_the_frame_has(tree: Any) -> None:
    header = json.dumps(tree).encode()
    tracemalloc.start()
    try:
        decode(header, EIGHT)
    except WireError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 100_000 + 30 * len(header)


@given(st.binary(max_size=200), st.binary(max_size=64))
@calm
def test_random_bytes_are_refused_or_are_a_value(header: bytes, body: bytes) -> None:
    decoded_or_refused(header, body)


nodes = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3)
    | st.sampled_from(["nan", "l", "t", "d", "f", "a", "s", "h", "o", *sorted(DTYPES), "|O", "<U1"])
    | st.sampled_from(["T", "float32", "bool", "bfloat16", "cpu", "cuda:0", "meta"])
    | st.sampled_from([0, 8, 16, 2**31, 2**48, 2**63]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=30,
)


@given(nodes, st.binary(max_size=64))
@calm
def test_random_trees_are_refused_or_are_a_value(tree: Any, body: bytes) -> None:
    decoded_or_refused(json.dumps(tree).encode(), body)


near = {  # what each part of a tensor's node may be, the right one mostly
    "dtype": st.sampled_from([*sorted(TENSOR_DTYPES)[:3], "float32", "float", "<f4", "", None]),
    "shape": st.just([2]) | st.lists(st.sampled_from([0, 1, 2, -1, 2**48, True, 1.0]), max_size=3) | st.none(),
    "device": st.sampled_from(["cpu", "meta", "cuda:0", "", ":", "cpu ", 0]),
    "grad": st.sampled_from([True, False, 0, None]),
    "tag": st.sampled_from(["a", "a", "s", "l", "T", "h"]),
    "buffer": st.sampled_from(["<f4", "<f4", "<f8", "|b1", "|O"]),
    "length": st.sampled_from([8, 8, 4, 0, -8, 2**40]),
}


@given(st.fixed_dictionaries(near), st.none() | st.just([2]), st.booleans(), st.sampled_from([EIGHT, b"", EIGHT * 2]))
@settings(calm, max_examples=600)
def test_trees_close_to_a_tensors_are_refused_or_are_one(part: Any, inner: Any, values: bool, body: bytes) -> None:
    shape = part["shape"] if inner is None else inner
    array = [part["tag"], part["buffer"], shape, 0, part["length"]] if values else None
    tree = ["T", part["dtype"], part["shape"], part["device"], part["grad"], array]
    decoded_or_refused(json.dumps(tree).encode(), body)


@given(values, st.data())
@calm
def test_damaged_frames_are_refused_or_are_another_value(value: Any, data: st.DataObject) -> None:
    frame = bytearray(encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(frame) - 1))
        frame[place] = data.draw(st.integers(0, 255) | st.sampled_from(b'[]",019-'))
    cut = data.draw(st.integers(0, len(frame)) | st.just(len(frame)))
    try:
        header, body = lengths(bytes(frame[: PREFIX.size]))
    except WireError:
        return
    rest = bytes(frame[PREFIX.size : cut])
    decoded_or_refused(rest[:header], rest[header : header + body])


def decoded_or_refused(header: bytes, body: bytes) -> None:
    try:
        value = decode(header, body)
    except WireError:
        return
    assert same(through(value), value)
