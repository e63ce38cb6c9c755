"""Folders that students filled: only what lies in them is read, and nothing blocks."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.intake.folders import Folder
from grader.classroom.intake.limits import USUAL, Intake
from grader.classroom.intake.parcel import Parcel
from grader.classroom.intake.taking import take
from grader.errors import InputError, SubmissionError

from .conftest import CODE, tarred, write, zipped


def read(path: Path, limits: Intake = USUAL) -> Parcel:
    with closing(Folder(path)) as folder:
        return take(folder.members((), limits), limits)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return write(tmp_path / "elsewhere", {"secret.py": b"answers"})


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return write(tmp_path / "work", {"layers.py": CODE})


def test_files_come_as_they_are(tmp_path: Path) -> None:
    files = {"layers.py": CODE, "a/b/c.py": b"", 'O\'Brien, "x"/李小龙.bin': bytes(range(256)), "a.zip.py": b"x"}
    parcel = read(write(tmp_path, files))
    assert (parcel.files, parcel.notes) == (files, ())


def test_a_clone_without_its_history(work: Path) -> None:
    write(work, {".git/objects/ab/cd": b"x", ".git/hooks/pre-commit.py": b"x", ".gitignore": b"*.pyc", "a.pyc": b"x"})
    write(work, {"env/lib/x.py": b"", "cs231n/datasets/batch": b"", "cs231n/datasets/load.py": b""})
    parcel = read(work)
    assert set(parcel.files) == {"layers.py", ".gitignore", "cs231n/datasets/load.py"}
    assert parcel.notes == ("left out, as no part of the work: .git, a.pyc, datasets, env",)


def test_a_clone_whose_history_is_elsewhere(work: Path) -> None:
    write(work, {".git": b"gitdir: ../../.git/worktrees/x"})
    assert set(read(work).files) == {"layers.py"}


@pytest.mark.parametrize("name", ["hw.zip", "hw.tar.gz", "HW.TGZ", "hw2/final.zip"])
def test_a_folder_that_holds_just_an_archive(tmp_path: Path, name: str) -> None:
    data = zipped({"layers.py": CODE}) if name.endswith("zip") else tarred({"layers.py": CODE})
    parcel = read(write(tmp_path, {name: data, "readme.txt": b""}))
    assert set(parcel.files) == {"readme.txt", ("hw2/" if "/" in name else "") + "layers.py"}


def test_an_archive_beside_python_files_is_not_even_read(work: Path) -> None:
    os.mkfifo(work / "a.zip")
    write(work, {"b.zip": b"damaged"})
    parcel = read(work)
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == (
        "a.zip was left out: it is a device or a pipe",
        "b.zip was left out: it is an archive beside Python files",
    )


def test_a_damaged_archive_that_is_all_there_is(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"^hw\.zip is damaged or cut short: hand it in again$"):
        read(write(tmp_path, {"hw.zip": zipped({"layers.py": CODE})[:-30]}))


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match=r"^it is empty: nothing was handed in$"):
        read(tmp_path)


# --- links and what is no file ---------------------------------------------------------------------------------------


def test_no_link_is_followed(work: Path, secret: Path) -> None:
    links: dict[str, str | Path] = {
        "file.py": secret / "secret.py",
        "folder": secret,
        "self": work,
        "up": "..",
        "none": "nowhere",
    }
    links |= {"loop": "loop", "inner.py": "layers.py", "passwd.zip": "/etc/passwd"}
    for name, target in links.items():
        (work / name).symlink_to(target)
    parcel = read(work)
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == tuple(f"{name} was left out: it is a link" for name in sorted(links))


def test_a_submission_that_is_all_links(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "layers.py").symlink_to(secret / "secret.py")
    with pytest.raises(SubmissionError, match=r"^nothing in it can be taken: layers\.py was left out: it is a link$"):
        read(folder)


def test_pipes_and_sockets_do_not_block(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(work / "pipe.py")
    monkeypatch.chdir(work)  # a socket's path has to be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    parcel = read(work)
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == tuple(f"{name} was left out: it is a device or a pipe" for name in ("pipe.py", "socket"))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_devices_are_not_opened(work: Path) -> None:
    try:
        os.mknod(work / "zero.py", 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("this container makes no devices")
    assert read(work).notes == ("zero.py was left out: it is a device or a pipe",)


# --- names -----------------------------------------------------------------------------------------------------------


def test_names_that_no_terminal_should_see(work: Path) -> None:
    for name in (b"a\nb.py", b"\x1b]0;owned\x07.py", b"a\\b.py", b"C:.py", b"\xe2\x80\xae.py"):
        with open(os.fsencode(work) + b"/" + name, "wb") as file:
            file.write(b"x")
    with open(os.fsencode(work) + b"/\xff.py", "wb") as file:
        file.write(b"latin")
    parcel = read(work)
    assert parcel.files == {"layers.py": CODE, "_.py": b"latin"}
    assert len(parcel.notes) == 5
    assert all(note.isprintable() for note in parcel.notes)


NAME = st.binary(min_size=1, max_size=12).filter(lambda name: not set(name) & set(b"/\0") and name not in (b".", b".."))


@settings(deadline=None, derandomize=True)
@given(st.lists(st.lists(NAME, min_size=1, max_size=3), max_size=5))
def test_any_names_give_a_line_or_files(names: list[list[bytes]]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary) / "work"
        root.mkdir()
        for parts in names:
            path = os.path.join(os.fsencode(root), *parts)
            with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(b"x")
        line = ""
        try:
            read(root).unpack(Path(temporary) / "new")
        except SubmissionError as error:
            (Path(temporary) / "new").mkdir()
            line = str(error)
        assert line.isprintable()
        assert {path.name for path in Path(temporary).iterdir()} == {"work", "new"}


# --- too much --------------------------------------------------------------------------------------------------------

SMALL = replace(USUAL, file_bytes=1000, depth=3, entries=30)


def test_a_huge_file_is_not_read(work: Path) -> None:
    for name in ("weights.bin", "layers.py"):
        with (work / name).open("wb") as file:
            file.truncate(2**40)
        if name == "weights.bin":
            parcel = read(work)
            assert parcel.files == {"layers.py": CODE}
            assert parcel.notes == ("weights.bin was left out: it has more than 16 MB",)
    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it has more than 16 MB$"):
        read(work)


def test_deep_folders(work: Path) -> None:
    write(work, {"a/b/c.py": CODE})
    assert len(read(work, SMALL).files) == 2
    folder = work
    for _ in range(50):
        folder /= "d"
    folder.mkdir(parents=True)
    with pytest.raises(SubmissionError, match=r"^it has more than 3 folders in each other: hand in the code alone$"):
        read(work, SMALL)


def test_thousands_of_files(work: Path) -> None:
    write(work, {f"{n}.txt": b"" for n in range(29)})
    assert len(read(work, SMALL).files) == 30
    write(work, {"one/more.txt": b""})
    with pytest.raises(SubmissionError, match=r"^it has too many files: hand in the code without data"):
        read(work, SMALL)
    shutil.rmtree(work / "one")
    write(work, {f".git/{n}": b"" for n in range(100)})
    (work / "0.txt").unlink()
    assert len(read(work, SMALL).files) == 29


# --- permissions -----------------------------------------------------------------------------------------------------


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Yield a folder that somebody owns who is not root; the test goes on as that one."""
    folder = Path(tempfile.mkdtemp())
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        if os.geteuid() == 0:
            os.chown(folder, 65534, 65534)
            os.seteuid(65534)
            stack.callback(os.seteuid, 0)
        yield folder


def test_what_cannot_be_read(unprivileged: Path) -> None:
    write(unprivileged, {"layers.py": CODE, "data.bin": b"x", "a/b.py": b""})
    (unprivileged / "data.bin").chmod(0)
    parcel = read(unprivileged)
    assert parcel.notes == ("data.bin was left out: it cannot be read (Permission denied)",)
    (unprivileged / "a").chmod(0)
    with pytest.raises(SubmissionError, match=r"^a cannot be read \(Permission denied\): change its permissions$"):
        read(unprivileged)
    (unprivileged / "a").chmod(0o700)
    (unprivileged / "layers.py").chmod(0)
    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it cannot be read \(Permission denied\)$"):
        read(unprivileged)


# --- changes while it is read ----------------------------------------------------------------------------------------


def to_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("change", [to_link, to_pipe, Path.unlink])
def test_a_file_that_became_something_else_is_not_read(work: Path, change: Callable[[Path], object]) -> None:
    with closing(Folder(work)) as folder:
        (member,) = folder.members((), USUAL)
        change(work / "layers.py")
        with pytest.raises(OSError, match=r"no file any more|Too many levels|No such file"):
            member.open()


def test_a_folder_that_became_a_link_is_not_entered(work: Path, secret: Path) -> None:
    write(work, {"inner/secret.py": CODE})
    with closing(Folder(work)) as folder:
        (member,) = (one for one in folder.members((), USUAL) if one.name == "inner/secret.py")
        shutil.rmtree(work / "inner")
        (work / "inner").symlink_to(secret)
        with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
            member.open()


@pytest.mark.parametrize("change", [b"def f", CODE * 10_000])
def test_a_file_that_changes_while_it_is_read_is_no_file(work: Path, change: bytes) -> None:
    with closing(Folder(work)) as folder:
        (member,) = folder.members((), USUAL)

        def opened() -> IO[bytes]:
            file = member.open()
            (work / "layers.py").write_bytes(change)
            return file

        with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it changed while it was read$"):
            take([replace(member, open=opened)], USUAL)


def test_a_file_that_goes_while_the_folder_is_read(work: Path) -> None:
    write(work, {"a.bin": b""})
    with closing(Folder(work)) as folder:
        found = folder.members((), USUAL)
        first = next(found)
        (work / "a.bin").unlink()
        parcel = take([first, *found], USUAL)
    assert parcel.notes == ("a.bin was left out: it cannot be read (No such file or directory)",)


def test_systems_that_cannot_do_so_say_so(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set())
    with pytest.raises(InputError, match="give a zip of them"):
        Folder(work)
