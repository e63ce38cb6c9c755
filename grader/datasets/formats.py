"""How the files are read: only what is wanted of them, into memory, and never more than it should be.

The binary version of CIFAR-10 is a tar of six files. Each record is a label and 3072 bytes: one colour after the other,
row by row (A. Krizhevsky, https://www.cs.toronto.edu/~kriz/cifar.html). MNIST's idx files begin with two zeros, the
type (8: bytes), the number of axes, and their lengths as big-endian numbers of four bytes.
"""

from __future__ import annotations

import gzip
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from grader.datasets.description import Arrays
from grader.errors import InputError

__all__ = ["cifar_binary", "idx"]

_DAMAGED = (OSError, EOFError, zlib.error, tarfile.TarError, struct.error)
_IMAGE = (3, 32, 32)
_RECORD = 1 + 3 * 32 * 32
_BATCHES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")
_MEMBERS = 100  # an archive with more is not the one that is meant
_LARGEST = 100 * 2**20  # bytes of one array: MNIST's training images are 47 MB


def cifar_binary(archive: str, records: int = 10_000) -> Callable[[Mapping[str, Path]], Arrays]:
    """Return a reader of CIFAR-10's binary version, with so many records in each of its six files.

    Nothing is unpacked to disk: the members that are wanted are read, by name, and all else is passed over.
    """

    def read(files: Mapping[str, Path]) -> Arrays:
        path = files[archive]
        found: dict[str, npt.NDArray[np.uint8]] = {}
        with _readable(path), tarfile.open(path, "r|gz") as tar:
            for number, member in enumerate(tar):
                name = PurePosixPath(member.name).name
                if number >= _MEMBERS or name in found:
                    raise InputError(f"{path} is not the binary version of CIFAR-10: it holds more than that")
                if not member.isreg() or name not in _BATCHES:
                    continue
                if member.size != records * _RECORD:
                    raise InputError(
                        f"{path} is not the binary version of CIFAR-10: {name} has {member.size} bytes,"
                        f" not {records * _RECORD}"
                    )
                file = tar.extractfile(member)
                assert file is not None  # it is a regular file
                found[name] = np.frombuffer(file.read(), np.uint8).reshape(records, _RECORD)
        missing = [name for name in _BATCHES if name not in found]
        if missing:
            raise InputError(f"{path} is not the binary version of CIFAR-10: {missing[0]} is not in it")
        train = np.concatenate([found[name] for name in _BATCHES[:-1]])
        test = found[_BATCHES[-1]]
        return {
            "X_train": train[:, 1:].reshape(-1, *_IMAGE),
            "y_train": train[:, 0],
            "X_test": test[:, 1:].reshape(-1, *_IMAGE),
            "y_test": test[:, 0],
        }

    return read


def idx(**names: str) -> Callable[[Mapping[str, Path]], Arrays]:
    """Return a reader of packed idx files of bytes: which array is in which file. Images get a channel."""

    def read(files: Mapping[str, Path]) -> Arrays:
        arrays = {key: _idx(files[name]) for key, name in names.items()}
        return {key: array[:, None] if key.startswith("X") else array for key, array in arrays.items()}

    return read


def _idx(path: Path) -> npt.NDArray[np.uint8]:
    with _readable(path), gzip.open(path, "rb") as file:
        zeros, kind, axes = struct.unpack(">HBB", _exactly(file, 4))
        if zeros or kind != 8 or not 1 <= axes <= 3:
            raise InputError(f"{path} is no idx file of bytes: download it again")
        shape = struct.unpack(f">{axes}I", _exactly(file, 4 * axes))
        size = int(np.prod([int(length) for length in shape], dtype=object))
        if size > _LARGEST:
            raise InputError(
                f"{path} says that it holds {size} bytes, which is more than any file here: download it again"
            )
        data = _exactly(file, size)
        if file.read(1):
            raise InputError(f"{path} goes on after its {size} bytes: download it again")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _exactly(file: IO[bytes] | Any, count: int) -> bytes:
    data = file.read(count)
    if len(data) != count:
        raise EOFError
    return bytes(data)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise InputError(f"{path} is damaged or cut short: remove it and download it again") from error
