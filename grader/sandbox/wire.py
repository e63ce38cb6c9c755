"""The codec of the border: plain values to bytes and back, strictly.

A frame is a fixed prefix (magic, header length, body length), a JSON header and one body of raw buffers that
the header points into. The header is a tree; what JSON has no word for is a list that begins with a tag::

    ["f", "nan" | "inf" | "-inf"]        a float that JSON cannot write
    ["l", …]  ["t", …]                   list, tuple
    ["d", [key, value], …]               dict; keys are str, int, float, bool or None
    ["a", dtype, shape, offset, nbytes]  numpy array, C order, little endian
    ["s", dtype, offset, nbytes]         numpy scalar
    ["h", number, type name]             handle: a value that stays in the worker
    ["o", type name, remark]             something that cannot cross, named

Nothing here executes anything it reads, and every length is checked against what is there before memory is
taken. This file is the only one of the package that the worker loads, so it imports numpy and the standard
library alone.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["DTYPES", "PREFIX", "Handle", "Opaque", "WireError", "decode", "encode", "lengths"]

MAGIC = b"GRD1"
PREFIX = struct.Struct(">4sIQ")
MAX_HEADER = 8 * 1024 * 1024
MAX_BODY = 512 * 1024 * 1024
MAX_DEPTH = 16
MAX_NAME = 200
MAX_AXES = 32

DTYPES = frozenset(["|b1", "|i1", "|u1", *(f"<{kind}" for kind in ["i2", "i4", "i8", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"])])
"""The dtypes that may cross."""


class WireError(Exception):
    """A frame that is not one: too long, cut short, or saying something it may not say."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A value that stays in the worker (a cache, a network), known here by its number."""

    number: int
    type_name: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that cannot cross, e.g. a tensor or an object array, known by its type's name only."""

    type_name: str
    remark: str = ""


def encode(message: Any, keep: Callable[[Any], Handle] | None = None) -> bytes:
    """Return one frame for ``message``.

    Values that cannot cross become :class:`Opaque`, or handles where ``keep`` is given.

    Raises:
        WireError: the frame would be too large, or the value nests too deep.
    """
    buffers: list[bytes] = []
    offset = 0

    def put(array: np.ndarray[Any, Any]) -> tuple[str, int, int]:
        nonlocal offset
        array = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
        data = array.tobytes()
        if offset + len(data) > MAX_BODY:
            raise WireError(f"a value is larger than {MAX_BODY // 2**20} MB")
        buffers.append(data)
        start, offset = offset, offset + len(data)
        return array.dtype.str, start, len(data)

    def other(value: Any, remark: str = "") -> list[Any]:
        if keep is not None:
            handle = keep(value)
            return ["h", handle.number, handle.type_name]
        return ["o", type_name(value), remark]

    def tree(value: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError(f"a value nests deeper than {MAX_DEPTH} levels")
        kind = type(value)
        if value is None or kind is bool or kind is str:
            return value
        if kind is int:
            return value if abs(value) < 2**63 else other(value, "an integer beyond 64 bits")
        if kind is float:
            return value if math.isfinite(value) else ["f", repr(value)]
        if isinstance(value, np.generic):
            if np.asarray(value).dtype.newbyteorder("<").str in DTYPES:
                return ["s", *put(np.asarray(value))]
            if isinstance(value, np.floating):
                return ["s", *put(np.asarray(value, dtype=np.float64))]
            return other(value, f"dtype {value.dtype}")
        if isinstance(value, np.ndarray):
            plain = np.asarray(value)
            if isinstance(value, np.ma.MaskedArray):
                return other(value, "a masked array")
            if plain.dtype.kind == "f" and plain.dtype.itemsize > 8:
                plain = plain.astype(np.float64)
            if plain.dtype.newbyteorder("<").str not in DTYPES:
                return other(value, f"dtype {plain.dtype}")
            dtype, start, size = put(plain)
            return ["a", dtype, list(plain.shape), start, size]
        if isinstance(value, Handle):
            return ["h", value.number, value.type_name]
        if isinstance(value, Opaque):
            return ["o", value.type_name, value.remark]
        if isinstance(value, list):
            return ["l", *(tree(item, depth + 1) for item in value)]
        if isinstance(value, tuple):
            return ["t", *(tree(item, depth + 1) for item in value)]
        if isinstance(value, dict):
            pairs = []
            for key, item in value.items():
                if not (key is None or type(key) in (str, int, float, bool)):
                    return other(value, "a dict with keys that are no strings or numbers")
                pairs.append([tree(key, depth + 1), tree(item, depth + 1)])
            return ["d", *pairs]
        return other(value)

    header = json.dumps(tree(message, 0), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    if len(header) > MAX_HEADER:
        raise WireError(f"a value has too many parts ({len(header) // 2**20} MB without its arrays)")
    return b"".join([PREFIX.pack(MAGIC, len(header), offset), header, *buffers])


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


def decode(header: bytes, body: bytes, *, writable: bool = False) -> Any:
    """Return the value of one frame. Arrays are read-only views into ``body``, or writable copies.

    Raises:
        WireError: anything at all is not as :func:`encode` writes it.
    """
    try:
        root = json.loads(header.decode("ascii"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise WireError("a header is not JSON") from error

    def buffer(dtype: Any, count: int, offset: Any, size: Any) -> np.ndarray[Any, Any]:
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise WireError("a dtype that may not cross")
        whole(offset)
        whole(size)
        kind = np.dtype(dtype)
        if count * kind.itemsize != size or offset + size > len(body):
            raise WireError("a buffer's size does not fit its shape")
        if not count:
            return np.empty(0, dtype=kind)
        return np.frombuffer(body, dtype=kind, count=count, offset=offset)

    def value(node: Any, depth: int) -> Any:
        if depth > MAX_DEPTH + 2:
            raise WireError("a header nests too deep")
        if node is None or isinstance(node, (bool, str)):
            return node
        if isinstance(node, float):
            if not math.isfinite(node):
                raise WireError("a number too large")
            return node
        if isinstance(node, int):
            if abs(node) >= 2**63:
                raise WireError("an integer beyond 64 bits")
            return node
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise WireError("a node of no known kind")
        tag, rest = node[0], node[1:]
        if tag == "l":
            return [value(item, depth + 1) for item in rest]
        if tag == "t":
            return tuple(value(item, depth + 1) for item in rest)
        if tag == "d":
            return dict(pairs(rest, depth))
        if tag == "f" and len(rest) == 1 and rest[0] in ("nan", "inf", "-inf"):
            return float(rest[0])
        if tag == "a" and len(rest) == 4:
            dtype, shape, offset, size = rest
            if not isinstance(shape, list) or len(shape) > MAX_AXES:
                raise WireError("a shape that is none")
            for length in shape:
                whole(length)
            try:
                array = buffer(dtype, math.prod(shape), offset, size).reshape(shape)
            except ValueError as error:
                raise WireError("a shape that is none") from error
            return array.copy() if writable else array
        if tag == "s" and len(rest) == 3:
            return buffer(rest[0], 1, rest[1], rest[2])[0]
        if tag == "h" and len(rest) == 2:
            whole(rest[0])
            return Handle(rest[0], name(rest[1]))
        if tag == "o" and len(rest) == 2:
            return Opaque(name(rest[0]), name(rest[1]))
        raise WireError("a node of no known kind")

    def pairs(items: list[Any], depth: int) -> Iterator[tuple[Any, Any]]:
        for item in items:
            if not isinstance(item, list) or len(item) != 2:
                raise WireError("a dict that is none")
            key = value(item[0], depth + 1)
            if not (key is None or isinstance(key, (str, int, float))):
                raise WireError("a dict's key that is none")
            yield key, value(item[1], depth + 1)

    return value(root, 0)


def type_name(value: Any) -> str:
    """Return the full name of a value's type, without the module of built-in ones."""
    kind = type(value)
    module = getattr(kind, "__module__", "")
    name = getattr(kind, "__qualname__", "?")
    return (name if module in ("builtins", "") else f"{module}.{name}")[:MAX_NAME]


def whole(number: Any) -> None:
    if type(number) is not int or not 0 <= number < 2**48:
        raise WireError("a length that is none")


def name(text: Any) -> str:
    if not isinstance(text, str) or len(text) > MAX_NAME:
        raise WireError("a name that is none")
    return text


def _refuse(_: str) -> Any:
    raise ValueError("not strict JSON")
