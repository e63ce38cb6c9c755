"""Small data sets in the published formats, and a real server on this machine that gives them, well or badly."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import struct
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from grader.datasets.description import Dataset, Source
from grader.datasets.formats import cifar_binary, idx

RECORDS = 7  # images in each of the six files


@dataclass
class Server:
    """Files by their names, what went out, and how it misbehaves."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    ranges: bool = True
    cut: list[int] = field(default_factory=list)  # after so many bytes the connection ends; one for each request
    status: int = 200
    shift: int = 0  # of the part that it sends, against the one that was asked for
    asked: list[str | None] = field(default_factory=list)  # the Range of each request

    def url(self, name: str) -> str:
        return f"{self.address}/{name}"


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers["Range"]
            state.asked.append(wanted)
            data = state.files.get(self.path.lstrip("/"))
            if data is None or state.status != 200:
                self.send_error(404 if data is None else state.status)
                return
            start = 0
            if wanted is not None and state.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-")) + state.shift
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            end = start + state.cut.pop(0) if state.cut else len(data)
            self.wfile.write(data[start:end])

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as real:
        state.address = f"http://127.0.0.1:{real.server_port}"
        thread = threading.Thread(target=real.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        real.shutdown()
        thread.join()


def source(name: str, data: bytes, *mirrors: str) -> Source:
    return Source(name, len(data), hashlib.sha256(data).hexdigest(), mirrors)


def cifar_archive(change: Callable[[str, bytes], bytes | None] | None = None, extra: tuple[str, ...] = ()) -> bytes:
    """Return an archive like the published one. Pixel values tell where they are."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:

        def add(name: str, data: bytes) -> None:
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))

        add("batches.meta.txt", b"airplane\n")
        rng = np.random.default_rng(0)
        for name in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
            records = rng.integers(0, 256, (RECORDS, 3073), dtype=np.uint8)
            records[:, 0] %= 10
            data = change(name, records.tobytes()) if change is not None else records.tobytes()
            if data is not None:
                add(name, data)
        for name in extra:
            add(name, b"")
    return packed.getvalue()


def small_cifar(data: bytes, *mirrors: str) -> Dataset:
    name = "cifar-10-binary.tar.gz"
    return Dataset(
        name="small",
        title="a few pictures",
        origin="made here",
        sources=(source(name, data, *mirrors),),
        read=cifar_binary(name, RECORDS),
        shape=(3, 32, 32),
        train=5 * RECORDS,
        test=RECORDS,
        classes=tuple("abcdefghij"),
    )


def idx_file(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def small_mnist(files: dict[str, bytes], address: str) -> Dataset:
    names = {"X_train": "a.gz", "y_train": "b.gz", "X_test": "c.gz", "y_test": "d.gz"}
    return Dataset(
        name="digits",
        title="a few digits",
        origin="made here",
        sources=tuple(source(name, files[name], f"{address}/{name}") for name in names.values()),
        read=idx(**names),
        shape=(1, 4, 3),
        train=6,
        test=2,
        classes=tuple("0123456789"),
    )


@pytest.fixture
def digit_files() -> dict[str, bytes]:
    arrays = {
        "a.gz": np.arange(72, dtype=np.uint8).reshape(6, 4, 3),
        "b.gz": np.array([3, 1, 4, 1, 5, 9], np.uint8),
        "c.gz": np.full((2, 4, 3), 255, np.uint8),
        "d.gz": np.array([2, 6], np.uint8),
    }
    return {name: gzip.compress(idx_file(array)) for name, array in arrays.items()}


def nobody(what: str, done: int, total: int) -> None:
    """Nobody listens."""


def contents(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
