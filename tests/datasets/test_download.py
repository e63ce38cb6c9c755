"""Downloads that are broken off, refused, damaged or cheated."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.datasets.download import UnreachableError, download
from grader.errors import InputError

from .conftest import Server, contents, source

DATA = random.Random(1).randbytes(300_000)  # more than one chunk


@pytest.fixture
def served(server: Server) -> Server:
    server.files["file"] = DATA
    return server


def get(server: Server, folder: Path, **changes: object) -> Path:
    described = replace(source("file", DATA, server.url("file")), **changes)
    return download(described, folder, lambda count: None, timeout=10)


def test_all_at_once(served: Server, tmp_path: Path) -> None:
    counts: list[int] = []
    path = download(source("file", DATA, served.url("file")), tmp_path, counts.append)
    assert path.read_bytes() == DATA
    assert contents(tmp_path) == ["file"]
    assert counts == sorted(counts)
    assert counts[-1] == len(DATA)
    assert get(served, tmp_path) == path
    assert served.asked == [None]  # the second time nothing is asked for


def test_a_broken_line_is_taken_up_where_it_broke(served: Server, tmp_path: Path) -> None:
    served.cut = [100_000, 1]
    assert get(served, tmp_path).read_bytes() == DATA
    assert served.asked == [None, "bytes=100000-", "bytes=100001-"]


def test_what_an_earlier_process_left_is_taken_up(served: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(DATA[:250_000])
    assert get(served, tmp_path).read_bytes() == DATA
    assert served.asked == ["bytes=250000-"]


def test_a_part_that_is_whole_needs_no_server(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.part").write_bytes(DATA)
    assert get(server, tmp_path).read_bytes() == DATA
    assert server.asked == []


def test_a_server_that_sends_everything_again_loses_nothing(served: Server, tmp_path: Path) -> None:
    served.ranges = False
    served.cut = [200_000, 100_000, 250_000]  # the second ends before there is anything new
    with pytest.raises(UnreachableError, match="the connection ended early"):
        get(served, tmp_path)
    assert (tmp_path / "file.part").read_bytes() == DATA[:200_000]
    assert get(served, tmp_path).read_bytes() == DATA


def test_another_part_than_was_asked_for_is_not_taken(served: Server, tmp_path: Path) -> None:
    served.shift = 5
    (tmp_path / "file.part").write_bytes(DATA[:1000])
    with pytest.raises(UnreachableError, match="another part than the one asked for"):
        get(served, tmp_path)
    assert (tmp_path / "file.part").read_bytes() == DATA[:1000]


@pytest.mark.parametrize("served_data", [DATA[:-1] + b"!", DATA + b"!"], ids=["a byte is wrong", "it is too long"])
def test_a_wrong_file_is_removed(server: Server, tmp_path: Path, served_data: bytes) -> None:
    server.files["file"] = served_data
    with pytest.raises(UnreachableError, match=r"not the published file \(its SHA-256 differs\), and was removed"):
        get(server, tmp_path)
    assert contents(tmp_path) == []


def test_a_damaged_part_is_removed_and_the_next_server_asked(served: Server, tmp_path: Path) -> None:
    served.files["copy"] = DATA
    (tmp_path / "file.part").write_bytes(b"x" * 1000)
    path = get(served, tmp_path, mirrors=(served.url("file"), served.url("copy")))
    assert path.read_bytes() == DATA
    assert served.asked == ["bytes=1000-", None]


def test_a_wrong_file_under_the_right_name_is_replaced(served: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"an error page")
    assert get(served, tmp_path).read_bytes() == DATA


@pytest.mark.parametrize(("status", "words"), [(404, "404"), (403, "403 Forbidden"), (416, "416"), (503, "503")])
def test_a_server_that_has_it_not_is_passed_over(served: Server, tmp_path: Path, status: int, words: str) -> None:
    served.status = status
    (tmp_path / "file.part").write_bytes(DATA[:9])
    with pytest.raises(UnreachableError, match=words) as caught:
        get(served, tmp_path, mirrors=(served.url("file"), served.url("none")))
    assert str(caught.value).count("127.0.0.1") == 2  # what happened at each
    assert (tmp_path / "file.part").read_bytes() == DATA[:9]


def test_nobody_listens(tmp_path: Path, server: Server) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/file"
        with pytest.raises(UnreachableError, match="refused"):
            get(server, tmp_path, mirrors=(address,))


def test_what_is_no_http(tmp_path: Path, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/file"
        script = f"import socket; c = socket.socket(fileno={listener.fileno()}).accept()[0]"
        script += "; c.recv(9999); c.sendall(b'SSH-2.0\\r\\n\\r\\n'); c.close()"
        with (
            subprocess.Popen([sys.executable, "-c", script], pass_fds=[listener.fileno()]),
            pytest.raises(UnreachableError, match="SSH"),
        ):
            get(server, tmp_path, mirrors=(address,))


def test_a_full_disk_keeps_what_there_is(served: Server, tmp_path: Path) -> None:
    """A limit on the length of files stands for the disk: the system refuses to write beyond it."""
    script = (
        "import resource, signal, sys, pathlib\n"
        "from grader.datasets.description import Source\n"
        "from grader.datasets.download import download\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))\n"
        "source = Source('file', int(sys.argv[2]), sys.argv[3], (sys.argv[1],))\n"
        "download(source, pathlib.Path(sys.argv[4]), lambda count: None)\n"
    )
    described = source("file", DATA)
    arguments = [served.url("file"), str(described.bytes), described.sha256, str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True)
    assert "InputError: there is no room left for" in done.stderr
    assert (tmp_path / "file.part").read_bytes() == DATA[:200_000]
    assert get(served, tmp_path).read_bytes() == DATA


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(served: Server, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="give another folder with --to"):
        get(served, tmp_path)


def test_a_killed_process_leaves_a_part_to_go_on_from(served: Server, tmp_path: Path) -> None:
    """Killed, not ended: nothing can be tidied up."""
    script = (
        "import os, signal, sys, pathlib\n"
        "from grader.datasets.description import Source\n"
        "from grader.datasets.download import download\n"
        "def tell(count):\n"
        "    if count > 100_000: os.kill(os.getpid(), signal.SIGKILL)\n"
        "source = Source('file', 300_000, '', (sys.argv[1],))\n"
        "download(source, pathlib.Path(sys.argv[2]), tell)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, served.url("file"), str(tmp_path)])
    assert done.returncode == -signal.SIGKILL
    assert contents(tmp_path) == ["file.part"]
    have = (tmp_path / "file.part").stat().st_size
    assert 100_000 < have < 300_000
    assert get(served, tmp_path).read_bytes() == DATA
    assert served.asked == [None, f"bytes={have}-"]
