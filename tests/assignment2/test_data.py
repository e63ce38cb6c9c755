"""The loader that comes with the assignment: the same split every time, with and without fetched data."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

SOURCE = Path(__file__).parents[2] / "assignments" / "assignment2" / "data_utils.py"


@pytest.fixture
def loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    spec = importlib.util.spec_from_file_location("data_utils", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def fetched(tmp_path: Path) -> np.ndarray:
    """A small data set, where the large one would be."""
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (40, 3, 32, 32), dtype=np.uint8)
    y = np.arange(40, dtype=np.uint8) % 10
    arrays = {"X_train": X[:30], "y_train": y[:30], "X_test": X[30:], "y_test": y[30:]}
    np.savez(tmp_path / "cifar10.npz", classes=np.array(list("abcdefghij")), **arrays)
    return X


def test_digits_where_nothing_was_fetched(loader: ModuleType) -> None:
    data = loader.load_images(num_train=100)
    assert data["name"] == "digits"
    assert {key: data[key].shape for key in data if key.startswith("X")} == {
        "X_train": (100, 1, 8, 8),
        "X_val": (256, 1, 8, 8),
        "X_test": (256, 1, 8, 8),
    }
    assert data["X_val"].dtype == np.float32
    assert data["classes"] == list("0123456789")
    np.testing.assert_array_equal(data["y_train"], loader.load_digits()["y_train"][:100])


def test_fetched_images_are_split_and_standardised_by_training_images(loader: ModuleType, fetched: np.ndarray) -> None:
    data = loader.load_images()
    assert (data["name"], data["classes"]) == ("cifar10", list("abcdefghij"))
    assert [len(data[f"X_{part}"]) for part in ("train", "val", "test")] == [27, 3, 10]
    assert data["y_val"].tolist() == [9, 9, 9]
    assert data["y_test"].dtype == np.int64
    train = np.delete(fetched[:30], [9, 19, 29], axis=0).astype(float)
    deviations = train - train.mean(axis=0)
    expected = (fetched[9] - train.mean(axis=0)) / deviations.std()
    np.testing.assert_allclose(data["X_val"][0], expected, rtol=0, atol=1e-4)
    assert data["X_train"].dtype == np.float32
    np.testing.assert_allclose(data["X_train"].std(), 1, rtol=1e-3)


def test_a_part_is_the_beginning_of_the_whole(loader: ModuleType, fetched: np.ndarray) -> None:
    whole, part = loader.load_images(), loader.load_images(num_train=12, num_val=2, num_test=4)
    for name, count in (("train", 12), ("val", 2), ("test", 4)):
        np.testing.assert_array_equal(part[f"y_{name}"], whole[f"y_{name}"][:count])


def test_the_digits_by_name(loader: ModuleType, fetched: np.ndarray) -> None:
    assert loader.load_images("digits")["name"] == "digits"


def test_what_was_not_fetched_is_said(loader: ModuleType) -> None:
    with pytest.raises(FileNotFoundError, match="grader data get mnist"):
        loader.load_images("mnist")


def test_without_anything_but_numpy_there_are_the_digits(loader: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADER_DATA")
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert loader.load_images()["name"] == "digits"


def test_the_loader_looks_where_grader_puts_it(loader: ModuleType, tmp_path: Path, fetched: np.ndarray) -> None:
    from grader.datasets import CIFAR10, Store, data_folder

    assert loader.fetched("cifar10") == Store(data_folder()).path(CIFAR10)
