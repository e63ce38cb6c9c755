"""The codec of the border: plain values to bytes and back, strictly.

A frame is a fixed prefix (magic, header length, body length), a JSON header and one body of raw buffers that
the header points into. The header is a tree; what JSON has no word for is a list that begins with a tag::

    ["f", "nan" | "inf" | "-inf"]        a float that JSON cannot write
    ["l", …]  ["t", …]                   list, tuple
    {key: value, …}                      dict whose keys are all str
    ["d", [key, value], …]               any other dict; keys are str, int, float, bool or None
    ["a", dtype, shape, offset, nbytes]  numpy array, C order, little endian
    ["s", dtype, offset, nbytes]         numpy scalar
    ["h", number, type name]             handle: a value that stays in the worker
    ["y", dtype]                         numpy scalar type, such as the argument dtype=np.float32
    ["T", dtype, shape, device, requires_grad, array]   tensor; its values are an array, None on the device meta
    ["o", type name, remark]             something that cannot cross, named

In front of each frame goes a stamp: what is new with every message, so that the same message is always the same frame.

Buffers follow one another in the order of the tree, each beginning at a multiple of 16, and fill the body. Nothing
here executes anything it reads, and every length is checked against what is there before memory is taken. The worker
loads this file, too, so it imports numpy and the standard library alone.

Recorded answers are found by a digest of what :func:`encode` returns: a change here makes all of them strangers.
"""

from __future__ import annotations

import functools
import json
import math
import re
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

__all__ = [
    "ANSWER",
    "DTYPES",
    "FORGET",
    "PREFIX",
    "REQUEST",
    "SEED",
    "TENSOR_DTYPES",
    "Handle",
    "Opaque",
    "Reader",
    "Tensor",
    "WireError",
    "decode",
    "encode",
    "lengths",
    "type_name",
]

MAGIC = b"GRD1"
PREFIX = struct.Struct(">4sIQ")
REQUEST = struct.Struct(">QddBI")
"""The stamp of a request: its number, the seconds that it may take (of processor time, where that is no NaN, and on the
wall), and what comes before it: :data:`FORGET` and :data:`SEED`, and the seed of 32 bits."""
ANSWER = struct.Struct(">Qdd")
"""The stamp of a reply: the number of the request, and the seconds of processor time and on the wall that it took."""
FORGET, SEED = 1, 2
MAX_HEADER = 8 * 2**20
MAX_BODY = 128 * 2**20
MAX_PARTS = 200_000
MAX_ITEMS = 20_000
MAX_TEXT = 200_000
MAX_DEPTH = 16
MAX_NAME = 200
MAX_AXES = 64
MAX_LENGTH = 2**48
ALIGNMENT = 16
COPIED = 2**16  # bytes that are sooner copied once more than wrapped

DTYPES = frozenset(["|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"])
"""The dtypes that may cross."""

SCALAR_TYPES = {np.dtype(dtype).type: dtype for dtype in sorted(DTYPES)}
"""The numpy scalar types that may cross themselves, with their dtypes."""


TENSOR_DTYPES = {
    **{name: np.dtype(name).newbyteorder("<").str for name in ("bool", "uint8", "int8", "int16", "int32", "int64")},
    **{name: np.dtype(name).newbyteorder("<").str for name in ("float16", "float32", "float64")},
    **{name: np.dtype(name).newbyteorder("<").str for name in ("complex64", "complex128")},
    "bfloat16": "<f4",  # numpy has no word for it
}
"""The dtypes of tensors that may cross, by torch's name, with the dtype in which their values do."""

_AT_ONCE, _AT_MOST = 2**16, 2**20  # bytes to read
_BY_NAME = {name: np.dtype(name) for name in sorted(DTYPES)}
_KEYS = frozenset([str, int, float, bool, type(None)])
_DEVICE = re.compile(r"[a-z]{0,16}(:[0-9]{1,3})?")


class WireError(Exception):
    """A frame that is not one, or a value that cannot be made into one."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A value that stays in the worker (a cache, a network), known here by its number."""

    number: int
    type_name: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that cannot cross, e.g. a generator or an object array, known by its type's name only."""

    type_name: str
    remark: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor without torch: the names of its dtype and its device, its shape, and its values where it has any.

    ``device`` is torch's name of it (``cpu``, ``cuda:0``, ``meta``); empty means whichever the worker is asked for.
    A tensor on the device ``meta`` has a shape and no values, and only such a one.
    """

    dtype: str
    shape: tuple[int, ...]
    device: str
    requires_grad: bool
    values: np.ndarray[Any, Any] | None

    def __repr__(self) -> str:
        return f"<tensor {self.dtype} {self.shape} on {self.device or 'any device'}>"


# --- to bytes ---------------------------------------------------------------------------------------------------------


def encode(message: Any, *, opaque: bool = False, lower: Callable[[Any], Any] | None = None) -> bytes:
    """Return one frame for ``message``.

    With ``opaque``, values that cannot cross are named by an :class:`Opaque`. Of a value only its real type is asked,
    and no method that its class may have made its own, so a hostile one cannot pose as something else. ``lower`` is
    asked for what to send instead of a value of any other kind; it answers None if it does not know, either.

    Raises:
        WireError: a value cannot cross (without ``opaque``), or the frame would be too large.
    """
    return _Encoder(opaque, lower).frame(message)


class _Encoder:
    def __init__(self, opaque: bool, lower: Callable[[Any], Any] | None) -> None:
        self.opaque = opaque
        self.lower = lower
        self.parts = 0
        self.size = 0
        self.buffers: list[bytes | memoryview] = []

    def frame(self, message: Any) -> bytes:
        header = _TO_JSON.encode(self.tree(message, 0)).encode("ascii")
        if len(header) > MAX_HEADER:
            raise WireError(f"a value has too many parts ({len(header) // 2**20} MB without its arrays)")
        return b"".join([PREFIX.pack(MAGIC, len(header), self.size), header, *self.buffers])

    def other(self, value: Any, remark: str = "", name: str = "") -> list[Any]:
        name = name or type_name(value)
        if not self.opaque:
            raise WireError(f"{name} cannot cross the border" + (f" ({remark})" if remark else ""))
        return ["o", name, remark[:MAX_NAME]]

    def tree(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is np.ndarray:
            return self.array(value, kind)
        if value is None or kind is bool:
            return value
        if kind is str:
            return value if len(value) <= MAX_TEXT or not self.opaque else self.other(value, f"{len(value)} characters")
        if kind is int:
            return value if -(2**63) < value < 2**63 else self.other(value, "beyond 64 bits")
        if kind is float:
            return value if math.isfinite(value) else ["f", repr(value)]
        if kind is tuple or kind is dict or kind is list:
            return self.container(value, kind, depth)
        if issubclass(kind, (np.ndarray, np.generic)):
            return self.array(value, kind)
        if kind is type and value in SCALAR_TYPES:
            return ["y", SCALAR_TYPES[value]]
        if kind is Handle:
            return ["h", value.number, value.type_name]
        if kind is Opaque:
            return ["o", value.type_name[:MAX_NAME], value.remark[:MAX_NAME]]
        if issubclass(kind, (list, tuple, dict)):
            return self.container(value, next(base for base in (dict, list, tuple) if issubclass(kind, base)), depth)
        if kind is Tensor:
            return self.tensor(value)
        lowered = self.lower(value) if self.lower is not None else None
        if type(lowered) in (Tensor, Opaque):
            return self.tree(lowered, depth)
        return self.other(value)

    def tensor(self, value: Tensor) -> list[Any]:
        dtype, shape = value.dtype, tuple(value.shape)
        if dtype not in TENSOR_DTYPES:
            return self.other(value, f"dtype {dtype}", "torch.Tensor")
        if len(shape) > MAX_AXES or max(shape, default=0) >= MAX_LENGTH:
            return self.other(value, f"too large to be sent: shape {shape}", "torch.Tensor")
        if not _DEVICE.fullmatch(value.device):
            raise WireError(f"a tensor's device is {value.device!r}, which is no name of one")
        if value.device == "meta":
            return ["T", dtype, list(shape), "meta", value.requires_grad, None]
        if value.values is None or np.shape(value.values) != shape:
            raise WireError(f"a tensor of shape {shape} does not have its values")
        if math.prod(shape) * np.dtype(TENSOR_DTYPES[dtype]).itemsize > MAX_BODY:
            raise WireError(f"a value is larger than {MAX_BODY // 2**20} MB")
        with np.errstate(all="ignore"):  # e.g. no number as an integer
            values = np.asarray(value.values, dtype=TENSOR_DTYPES[dtype])
        return ["T", dtype, list(shape), value.device, value.requires_grad, self.array(values, np.ndarray)]

    def container(self, value: Any, base: Any, depth: int) -> Any:
        count = base.__len__(value)
        if depth >= MAX_DEPTH:
            return self.other(value, f"nested deeper than {MAX_DEPTH} levels")
        if count > MAX_ITEMS and self.opaque:
            return self.other(value, f"{count} items")
        self.parts += count
        if self.parts > MAX_PARTS:
            raise WireError(f"a value has more than {MAX_PARTS} parts")
        tree, depth = self.tree, depth + 1
        if base is not dict:
            return [base.__name__[0], *[tree(item, depth) for item in base.__iter__(value)]]
        items = [*dict.items(value)]
        kinds = {type(key) for key, _ in items}
        if kinds <= {str}:
            return {key: tree(item, depth) for key, item in items}
        if not kinds <= _KEYS:
            return self.other(value, "with keys that are no strings or numbers")
        return ["d", *[[tree(key, depth), tree(item, depth)] for key, item in items]]

    def array(self, value: Any, kind: type) -> list[Any]:
        plain = value
        if kind is not np.ndarray:
            if "numpy.ma" in sys.modules and issubclass(kind, np.ma.MaskedArray):
                return self.other(value, "with masked elements")
            plain = np.asarray(value)
        dtype = _crossing(plain.dtype)
        if dtype is None:
            return self.other(value, f"dtype {plain.dtype}")
        nbytes = plain.size * dtype.itemsize
        start = -(-self.size // ALIGNMENT) * ALIGNMENT if nbytes else self.size
        if start + nbytes > MAX_BODY:
            raise WireError(f"a value is larger than {MAX_BODY // 2**20} MB")
        if plain.dtype is not dtype:
            with np.errstate(all="ignore"):  # a student may have made them raise
                plain = plain.astype(dtype)
        if start > self.size:
            self.buffers.append(bytes(start - self.size))
        if nbytes < COPIED:
            self.buffers.append(plain.tobytes())
        else:
            self.buffers.append(np.ascontiguousarray(plain).reshape(-1).view(np.uint8).data)
        self.size = start + nbytes
        if issubclass(kind, np.generic):
            return ["s", dtype.str, start, nbytes]
        return ["a", dtype.str, [*plain.shape], start, nbytes]


@functools.lru_cache(maxsize=256)
def _crossing(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    """Return the dtype in which values of a dtype cross, None if they cannot."""
    if dtype.kind == "f" and dtype.itemsize > 8:
        return np.dtype(np.float64)
    little = dtype.newbyteorder("<")
    return np.dtype(little.str) if little.str in DTYPES else None


# --- and back ---------------------------------------------------------------------------------------------------------


def lengths(prefix: bytes) -> tuple[int, int]:
    """Return the header's and the body's length that a frame's prefix announces.

    Raises:
        WireError: it is no prefix of ours, or announces more than may come.
    """
    if len(prefix) != PREFIX.size:
        raise WireError("a frame was cut short")
    magic, header, body = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("a frame does not begin as frames do")
    if header > MAX_HEADER or body > MAX_BODY:
        raise WireError("a frame announces more than may come")
    return header, body


class Reader:
    """Reads so many bytes at a time of what ``read`` gives, which most often is a whole message at once.

    ``read`` takes the most that it may return, and returns nothing at the end.
    """

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._ahead = b""  # what was read behind the last

    def take(self, count: int) -> bytes:
        """Return the next ``count`` bytes.

        Raises:
            EOFError: they do not come.
        """
        parts, left = [self._ahead], count - len(self._ahead)
        while left > 0:
            part = self._read(min(max(left, _AT_ONCE), _AT_MOST))
            if not part:
                raise EOFError
            parts.append(part)
            left -= len(part)
        whole = parts[0] if len(parts) == 1 else b"".join(parts)
        self._ahead = whole[count:]
        return whole[:count]


def decode(header: bytes, body: bytes | memoryview, *, writable: bool = False) -> Any:
    """Return the value of one frame. Arrays are read-only views into ``body``, or writable copies.

    Raises:
        WireError: anything at all is not as :func:`encode` writes it.
    """
    try:
        root = _FROM_JSON.decode(header.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error
    return _Decoder(body, writable).frame(root)


class _Decoder:
    __slots__ = ("body", "parts", "size", "writable")

    def __init__(self, body: bytes | memoryview, writable: bool) -> None:
        self.body = body
        self.writable = writable
        self.parts = 0
        self.size = 0

    def frame(self, root: Any) -> Any:
        value = self.value(root, 0)
        if self.size != len(self.body):
            raise WireError("a body is longer than its buffers")
        return value

    def value(self, node: Any, depth: int) -> Any:
        kind = type(node)  # of JSON's there are these alone
        if kind is str or node is None or kind is bool:
            return node
        if kind is list:
            return self.tagged(node, depth)
        if kind is float:
            if not math.isfinite(node):
                raise WireError("a number too large")
            return node
        if kind is int:
            if not -(2**63) < node < 2**63:
                raise WireError("an integer beyond 64 bits")
            return node
        self.enter(len(node), depth)
        value, depth = self.value, depth + 1
        return {key: value(item, depth) for key, item in node.items()}

    def tagged(self, node: list[Any], depth: int) -> Any:
        count = len(node)
        tag = node[0] if count else None
        if tag == "a" and count == 5:
            return self.array(*node[1:])
        if tag == "t" or tag == "l":
            self.enter(count - 1, depth)
            value, depth = self.value, depth + 1
            items = [value(item, depth) for item in node]
            del items[0]
            return tuple(items) if tag == "t" else items
        if tag == "h" and count == 3:
            return Handle(_whole(node[1]), _name(node[2]))
        if tag == "d" and count > 1:
            self.enter(count - 1, depth)
            return self.dict(node[1:], depth)
        if tag == "f" and count == 2 and node[1] in ("nan", "inf", "-inf"):
            return float(node[1])
        if tag == "s" and count == 4:
            return self.buffer(node[1], 1, node[2], node[3])[0]
        if tag == "y" and count == 2 and isinstance(node[1], str) and node[1] in DTYPES:
            return np.dtype(node[1]).type
        if tag == "T" and count == 6:
            return self.tensor(*node[1:])
        if tag == "o" and count == 3:
            return Opaque(_name(node[1]), _name(node[2]))
        raise WireError("a node of no known kind")

    def enter(self, count: int, depth: int) -> None:
        """Count the parts of a container, before anything is made of them."""
        self.parts += count
        if self.parts > MAX_PARTS or depth >= MAX_DEPTH:
            raise WireError("a header has too many parts")

    def dict(self, items: list[Any], depth: int) -> dict[Any, Any]:
        table: dict[Any, Any] = {}
        for item in items:
            if not isinstance(item, list) or len(item) != 2:
                raise WireError("a dict that is none")
            key = self.value(item[0], depth + 1)
            if type(key) not in _KEYS or key in table:
                raise WireError("a dict's key that is none")
            table[key] = self.value(item[1], depth + 1)
        if all(type(key) is str for key in table):
            raise WireError("a dict that is written otherwise")
        return table

    def array(self, dtype: Any, shape: Any, offset: Any, nbytes: Any) -> np.ndarray[Any, Any]:
        if type(shape) is not list or len(shape) > MAX_AXES:
            raise WireError("a shape that is none")
        count = 1
        for size in shape:
            if type(size) is not int or not 0 <= size < MAX_LENGTH:
                raise WireError("a length that is none")
            count *= size
        array = self.buffer(dtype, count, offset, nbytes)
        if len(shape) != 1:
            try:
                array = array.reshape(shape)
            except ValueError as error:  # e.g. (0, 2**47, 2**47)
                raise WireError("a shape that is none") from error
        return array.copy() if self.writable else array

    def tensor(self, dtype: Any, shape: Any, device: Any, requires_grad: Any, array: Any) -> Tensor:
        if not isinstance(dtype, str) or dtype not in TENSOR_DTYPES:
            raise WireError("a tensor's dtype that may not cross")
        if not isinstance(shape, list) or len(shape) > MAX_AXES:
            raise WireError("a shape that is none")
        sizes = tuple(map(_whole, shape))
        if not isinstance(device, str) or not _DEVICE.fullmatch(device) or not isinstance(requires_grad, bool):
            raise WireError("a tensor that is none")
        if (array is None) != (device == "meta"):
            raise WireError("a tensor without values, or one that can have none")
        if array is None:
            return Tensor(dtype, sizes, device, requires_grad, None)
        if not isinstance(array, list) or len(array) != 5 or array[0] != "a" or array[1] != TENSOR_DTYPES[dtype]:
            raise WireError("a tensor's values that are none")
        values = self.array(*array[1:])
        if values.shape != sizes:
            raise WireError("a tensor's values that do not have its shape")
        return Tensor(dtype, sizes, device, requires_grad, values)

    def buffer(self, dtype: Any, count: int, offset: Any, nbytes: Any) -> np.ndarray[Any, Any]:
        kind = _BY_NAME.get(dtype) if type(dtype) is str else None
        if kind is None:
            raise WireError("a dtype that may not cross")
        start = -(-self.size // ALIGNMENT) * ALIGNMENT if count else self.size
        if type(offset) is not int or offset != start or type(nbytes) is not int or nbytes != count * kind.itemsize:
            raise WireError("a buffer that does not fit its shape or its place")
        self.size = start + nbytes
        if self.size > len(self.body):
            raise WireError("a buffer that does not fit its shape or its place")
        if not count:
            return np.empty(0, dtype=kind)
        array = np.frombuffer(self.body, kind, count, start)
        if dtype == "|b1" and array.view(np.uint8).max() > 1:
            raise WireError("a truth value that is none")
        return array


def type_name(value: Any) -> str:
    """Return the full name of a value's type, without the module of built-in ones."""
    try:
        module, name = (type.__getattribute__(type(value), key) for key in ("__module__", "__qualname__"))
    except Exception:  # a class may be made so that it has none
        return "?"
    if type(module) is not str or type(name) is not str:
        return "?"
    return (name if module in ("builtins", "") else f"{module}.{name}")[:MAX_NAME]


def _whole(number: Any) -> int:
    if type(number) is not int or not 0 <= number < MAX_LENGTH:
        raise WireError("a length that is none")
    return number


def _name(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MAX_NAME:
        raise WireError("a name that is none")
    return text


def _refuse(_: str) -> NoReturn:
    raise ValueError("not strict JSON")


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key that comes twice")
    return table


_TO_JSON = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":"))
_FROM_JSON = json.JSONDecoder(object_pairs_hook=_table, parse_constant=_refuse)
