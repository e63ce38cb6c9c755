"""From the published files to one file of plain arrays, or to nothing at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.datasets.store import Store, data_folder
from grader.errors import InputError

from .conftest import RECORDS, Server, cifar_archive, contents, nobody, small_cifar, small_mnist

ARCHIVE = cifar_archive()
NAME = "cifar-10-binary.tar.gz"


def test_fetched_converted_and_tidied(server: Server, tmp_path: Path) -> None:
    server.files[NAME] = ARCHIVE
    store, dataset = Store(tmp_path / "data"), small_cifar(ARCHIVE, server.url(NAME))
    said: list[tuple[str, int, int]] = []
    assert not store.has(dataset)
    path = store.fetch(dataset, lambda *step: said.append(step))
    assert contents(tmp_path) == ["data/small.npz"]
    assert store.has(dataset)
    assert (NAME, len(ARCHIVE), len(ARCHIVE)) in said
    assert [step[0] for step in said[-2:]] == ["reading", "writing"]
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["X_train"].shape == (5 * RECORDS, 3, 32, 32)
        assert arrays["classes"].tolist() == list("abcdefghij")
    server.files.clear()
    assert store.fetch(dataset, nobody) == path  # no second download


def test_several_files_and_one_of_them_again(server: Server, tmp_path: Path, digit_files: dict[str, bytes]) -> None:
    dataset, store = small_mnist(digit_files, server.address), Store(tmp_path)
    server.files |= digit_files
    del server.files["c.gz"]
    with pytest.raises(InputError, match=r"c\.gz could not be downloaded: 127\.0\.0\.1:\d+: 404"):
        store.fetch(dataset, nobody)
    assert contents(tmp_path) == ["downloads/a.gz", "downloads/b.gz"]
    assert store.begun(dataset) == len(digit_files["a.gz"] + digit_files["b.gz"])
    server.files["c.gz"] = digit_files["c.gz"]
    server.asked.clear()
    with np.load(store.fetch(dataset, nobody), allow_pickle=False) as arrays:
        assert arrays["X_train"].shape == (6, 1, 4, 3)
        assert arrays["y_train"].tolist() == [3, 1, 4, 1, 5, 9]
        assert arrays["y_test"].tolist() == [2, 6]
    assert len(server.asked) == 2
    assert contents(tmp_path) == ["digits.npz"]


def test_offline_it_says_what_to_do_and_doing_so_helps(tmp_path: Path, digit_files: dict[str, bytes]) -> None:
    dataset, store = small_mnist(digit_files, "http://nowhere.invalid"), Store(tmp_path / "data")
    with pytest.raises(InputError) as caught:
        store.fetch(dataset, nobody)
    message = str(caught.value)
    assert "\n" not in message
    assert f"put it into {tmp_path / 'data' / 'downloads'} and run this again" in message
    assert "'grader data get digits --from PATH', where PATH is a folder with a.gz, b.gz, c.gz and d.gz" in message
    for name, data in digit_files.items():
        (tmp_path / "data" / "downloads" / name).write_bytes(data)
    assert store.fetch(dataset, nobody).is_file()


def test_given_files_are_known_by_their_content_and_left_alone(tmp_path: Path, digit_files: dict[str, bytes]) -> None:
    dataset = small_mnist(digit_files, "http://nowhere.invalid")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, data in digit_files.items():
        (folder / name).write_bytes(data)
    assert Store(tmp_path / "one").fetch(dataset, nobody, [folder]).is_file()
    renamed = [(folder / name).rename(tmp_path / f"{name} (1)") for name in digit_files]
    assert Store(tmp_path / "two").fetch(dataset, nobody, renamed).is_file()
    assert all(path.read_bytes() for path in renamed)


def test_given_files_that_are_not_it(tmp_path: Path) -> None:
    dataset, store = small_cifar(ARCHIVE, "http://nowhere.invalid/it"), Store(tmp_path / "data")
    wrong = tmp_path / NAME
    wrong.write_bytes(ARCHIVE[:-1])
    with pytest.raises(InputError, match=r"is not the published file \(cifar-10-binary\.tar\.gz, \d+ bytes, SHA-256"):
        store.fetch(dataset, nobody, [wrong])
    assert wrong.read_bytes() == ARCHIVE[:-1]  # it is not ours to remove
    with pytest.raises(InputError, match=r"there is no .*nothing: give the file"):
        store.fetch(dataset, nobody, [tmp_path / "nothing"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="was not given: put all its files into one folder"):
        store.fetch(dataset, nobody, [tmp_path / "empty"])
    assert not store.has(dataset)


def test_a_file_with_the_right_digest_and_the_wrong_content_is_not_converted(server: Server, tmp_path: Path) -> None:
    data = cifar_archive(lambda name, data: None if name == "test_batch.bin" else data)
    server.files[NAME] = data
    store = Store(tmp_path)
    with pytest.raises(InputError, match=r"test_batch\.bin is not in it"):
        store.fetch(small_cifar(data, server.url(NAME)), nobody)
    assert not any(name.endswith(".npz") for name in contents(tmp_path))


@pytest.mark.parametrize("change", [lambda data: data[:-50], lambda data: b"", lambda data: b"no zip"])
def test_what_is_not_whole_is_not_there(server: Server, tmp_path: Path, change: object) -> None:
    server.files[NAME] = ARCHIVE
    store, dataset = Store(tmp_path), small_cifar(ARCHIVE, server.url(NAME))
    path = store.fetch(dataset, nobody)
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    assert not store.has(dataset)
    store.fetch(dataset, nobody)
    assert store.has(dataset)
    assert not store.has(replace(dataset, train=99))


def test_no_room_is_said_before_the_download(server: Server, tmp_path: Path) -> None:
    server.files[NAME] = ARCHIVE
    store = Store(tmp_path, free=lambda folder: 1_000_000)
    dataset = replace(small_cifar(ARCHIVE, server.url(NAME)), train=10**6)
    with pytest.raises(InputError, match=r"small needs 3073 MB in .*, and 1 MB are free"):
        store.fetch(dataset, nobody)
    assert server.asked == []


def test_a_write_that_fails_leaves_nothing(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files[NAME] = ARCHIVE

    def fails(file: object, **arrays: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", fails)
    store = Store(tmp_path)
    with pytest.raises(InputError, match="No space left on device"):
        store.fetch(small_cifar(ARCHIVE, server.url(NAME)), nobody)
    assert contents(tmp_path) == [f"downloads/{NAME}"]  # no second download


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="give another folder with --to"):
        Store(tmp_path / "file" / "data").fetch(small_cifar(ARCHIVE, "http://nowhere.invalid/it"), nobody)


def test_where_data_is() -> None:
    assert data_folder({"GRADER_DATA": "/somewhere"}) == Path("/somewhere")
    assert data_folder({}).name == "grader"
