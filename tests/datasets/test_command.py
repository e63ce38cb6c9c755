"""``grader data``: what it says and where things go."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader.cli import main
from grader.cli.dataprogress import DataProgress
from grader.datasets import CIFAR10, DATASETS, MNIST
from grader.datasets.lock import WAITING

from .conftest import Server, cifar_archive, small_cifar

NAME = "cifar-10-binary.tar.gz"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def small(server: Server, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A data set of that name, from here."""
    archive = cifar_archive()
    server.files[NAME] = archive
    monkeypatch.setitem(DATASETS, "small", small_cifar(archive, server.url(NAME)))
    return archive


def test_list_and_get_and_list(home: Path, small: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "data" / "downloads").mkdir(parents=True)
    (home / "data" / "downloads" / f"{NAME}.part").write_bytes(small[: len(small) // 2])
    assert main(["data", "list"]) == 0
    out = capsys.readouterr().out
    assert "mnist" in out
    assert "not fetched" in out
    assert "50% downloaded" in out
    assert "Folder: data." in out
    assert main(["data", "get", "small"]) == 0
    assert capsys.readouterr() == ("small is here: data/small.npz\n", "")
    assert main(["data", "get", "small"]) == 0
    assert capsys.readouterr().out == "small was here already: data/small.npz\n"
    main(["data", "list"])
    assert "  here  " in capsys.readouterr().out


def test_from_a_file_to_another_folder(home: Path, small: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "copy").write_bytes(small)
    assert main(["data", "get", "small", "--from", "copy", "--to", "there"]) == 0
    out = capsys.readouterr().out
    assert out == f"small is here: there/small.npz\nLoaders look there if you set GRADER_DATA={home / 'there'}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["get", "cifar"], "there is no data set 'cifar'; did you mean cifar10?"),
        (["get", "mnist", "--from", "nowhere"], "there is no nowhere: give the file"),
        (["get"], "Missing argument 'NAME'"),
        (["frob"], "No such command 'frob'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["data", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err


def test_alone_it_shows_its_help(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 2
    assert "grader data get cifar10" in capsys.readouterr().err


def test_progress_in_a_pipe_is_a_few_lines() -> None:
    stream = io.StringIO()
    with DataProgress(Console(file=stream)) as progress:
        for count in range(1001):
            progress(MNIST.sources[0].name, count * 10_000, 10_000_000)
        progress(MNIST.sources[1].name, 28_881, 28_881)  # nobody waits for that
        progress("reading", 0, 0)
        progress(WAITING, 0, 0)
    lines = stream.getvalue().splitlines()
    assert lines.pop() == "waiting for another download into this folder …"
    assert len(lines) == 10
    assert lines[-1] == "train-images-idx3-ubyte.gz: 10 of 10 MB"


def test_what_was_there_before_is_no_progress() -> None:
    stream = io.StringIO()
    with DataProgress(Console(file=stream)) as progress:
        progress(CIFAR10.sources[0].name, 160_000_000, 170_052_171)
    assert stream.getvalue() == ""


def test_progress_on_a_terminal_is_gone_in_the_end() -> None:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=60, _environ={})
    with DataProgress(console) as progress:
        progress("a file", 5_000_000, 10_000_000)
        progress("reading", 0, 0)
    assert "a file" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")
