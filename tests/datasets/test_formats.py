"""The published formats, and what only looks like them."""

from __future__ import annotations

import contextlib
import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.datasets import CIFAR10, DATASETS, MNIST
from grader.datasets.formats import cifar_binary, idx
from grader.errors import InputError

from .conftest import RECORDS, cifar_archive, idx_file, small_cifar


def cifar(path: Path, data: bytes) -> dict[str, np.ndarray]:
    path = path / "archive"
    path.write_bytes(data)
    return small_cifar(data).load({"cifar-10-binary.tar.gz": path})


def test_cifar_is_read_record_by_record(tmp_path: Path) -> None:
    def numbered(name: str, data: bytes) -> bytes:
        label = 9 if name.startswith("test") else int(name[-5])
        return b"".join(bytes([label]) + b"r" * 1023 + b"R" + b"g" * 1024 + b"b" * 1024 for _ in range(RECORDS))

    arrays = cifar(tmp_path, cifar_archive(numbered))
    assert arrays["y_train"].tolist() == [label for label in range(1, 6) for _ in range(RECORDS)]
    assert arrays["y_test"].tolist() == [9] * RECORDS
    assert arrays["X_test"].shape == (RECORDS, 3, 32, 32)
    assert [chr(arrays["X_train"][-1, channel, 0, 0]) for channel in range(3)] == ["r", "g", "b"]
    assert chr(arrays["X_train"][3, 0, 31, 31]) == "R"


CHANGES: list[tuple[Callable[[str, bytes], bytes | None], str]] = [
    (lambda name, data: None if name == "data_batch_3.bin" else data, "data_batch_3.bin is not in it"),
    (lambda name, data: data[:-1] if name == "test_batch.bin" else data, "test_batch.bin has 21510 bytes, not 21511"),
    (lambda name, data: b"\x0a" + data[1:] if name == "test_batch.bin" else data, "y_test has a label 10"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_other_archives_are_refused(tmp_path: Path, change: Callable[[str, bytes], bytes | None], words: str) -> None:
    with pytest.raises(InputError) as caught:
        cifar(tmp_path, cifar_archive(change))
    assert words in str(caught.value)


@pytest.mark.parametrize("extra", [("test_batch.bin",), tuple(f"{number}" for number in range(200))])
def test_archives_that_hold_more_are_refused(tmp_path: Path, extra: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="it holds more than that"):
        cifar(tmp_path, cifar_archive(extra=extra))


@pytest.mark.parametrize("data", [b"", b"no archive", cifar_archive()[:60_000], gzip.compress(b"no tar" * 500)])
def test_what_is_damaged_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError, match=r"damaged or cut short|is not in it"):
        cifar(tmp_path, data)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_flipped_byte_never_ends_in_another_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    packed = bytearray(gzip.compress(idx_file(np.arange(60, dtype=np.uint8).reshape(5, 4, 3))))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("idx") / "file"
    path.write_bytes(packed)
    with contextlib.suppress(InputError):
        idx(X="file")({"file": path})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (struct.pack(">HBB", 0, 13, 1), "no idx file of bytes"),
        (struct.pack(">HBB", 0, 8, 4), "no idx file of bytes"),
        (struct.pack(">HBB3I", 0, 8, 3, 2**31, 2**31, 2**31), "more than any file here"),
        (struct.pack(">HBBI", 0, 8, 1, 2) + b"a", "cut short"),
        (struct.pack(">HBBI", 0, 8, 1, 2) + b"abc", "goes on after its 2 bytes"),
        (b"\0", "cut short"),
    ],
)
def test_other_idx_files_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(InputError, match=words):
        idx(y="file")({"file": path})


def test_the_catalogue_describes_the_published_files() -> None:
    assert list(DATASETS) == ["cifar10", "mnist"]
    assert sum(source.bytes for source in MNIST.sources) == MNIST.download_bytes == 11_594_722
    for dataset in DATASETS.values():
        assert len(dataset.classes) == 10
        for source in dataset.sources:
            assert len(bytes.fromhex(source.sha256)) == 32
            assert len(source.mirrors) > 1
            assert all(url.startswith("https://") and url.endswith(source.name) for url in source.mirrors)
    assert CIFAR10.shapes["X_train"] == (50_000, 3, 32, 32)


def test_readers_are_for_the_published_size_by_default(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    path.write_bytes(cifar_archive())
    with pytest.raises(InputError, match="not 30730000"):
        cifar_binary("it")({"it": path})
