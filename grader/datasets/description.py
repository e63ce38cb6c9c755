"""What a data set is made of: a value, so that a small one can be described as well as a large one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.errors import InputError

__all__ = ["Arrays", "Dataset", "Source"]

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Source:
    """A file to download: what it is called, its length, its digest, and the addresses that have it.

    The digest is that of the published file. It tells damage, and another file under the same name.
    """

    name: str
    bytes: int
    sha256: str
    mirrors: tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """Labelled images of one size, in a training and a test part.

    ``read`` takes the paths of the files, by their names, to ``X_train`` (N, C, H, W), ``y_train`` (N,), ``X_test`` and
    ``y_test``, all uint8; ``shape`` is (C, H, W), ``train`` and ``test`` are the numbers of images.
    """

    name: str
    title: str
    origin: str
    sources: tuple[Source, ...]
    read: Callable[[Mapping[str, Path]], Arrays]
    shape: tuple[int, int, int]
    train: int
    test: int
    classes: tuple[str, ...]

    @property
    def download_bytes(self) -> int:
        """How much there is to download."""
        return sum(source.bytes for source in self.sources)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each array."""
        return {
            "X_train": (self.train, *self.shape),
            "y_train": (self.train,),
            "X_test": (self.test, *self.shape),
            "y_test": (self.test,),
        }

    def load(self, files: Mapping[str, Path]) -> Arrays:
        """Read the files, and expect of them what the description says.

        Raises:
            InputError: they hold something else.
        """
        arrays = self.read(files)
        for name, shape in self.shapes.items():
            found = arrays[name]
            if found.shape != shape or found.dtype != np.uint8:
                raise InputError(
                    f"{self.name} is not what it should be: {name} has the shape {found.shape}, not {shape}"
                )
            if name.startswith("y") and found.size and found.max() >= len(self.classes):
                raise InputError(
                    f"{self.name} is not what it should be: {name} has a label {found.max()},"
                    f" and there are {len(self.classes)} classes"
                )
        return arrays
