"""The folder where fetched data sets are: one ``NAME.npz`` each, which is there only when it is complete.

An ``.npz`` has ``X_train`` (N, C, H, W), ``y_train`` (N,), ``X_test`` and ``y_test``, all uint8, and ``classes``, the
names of the labels. It is read with ``numpy.load(path, allow_pickle=False)``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from grader.datasets.description import Arrays, Dataset, Source
from grader.datasets.download import UnreachableError, download, is_right
from grader.datasets.lock import WAITING, alone
from grader.errors import InputError
from grader.files import replacing

__all__ = ["Store", "data_folder"]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and how much there is: bytes, or 0 of 0 where nobody knows."""


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder for data: ``GRADER_DATA``, or this user's. The assignments' loaders look there, too."""
    if environment.get("GRADER_DATA"):
        return Path(environment["GRADER_DATA"]).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("grader", appauthor=False)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class Store:
    """A folder of data sets. ``free`` says how many bytes there is room for."""

    def __init__(self, folder: Path, free: Callable[[Path], int] = _free) -> None:
        self.folder = folder
        self._free = free

    @property
    def downloads(self) -> Path:
        """Where downloads are until they are complete; files that were put there by hand are taken."""
        return self.folder / "downloads"

    def path(self, dataset: Dataset) -> Path:
        """Return where a data set is, once it was fetched."""
        return self.folder / f"{dataset.name}.npz"

    def has(self, dataset: Dataset) -> bool:
        """Whether a data set is here, complete."""
        try:
            with zipfile.ZipFile(self.path(dataset)) as archive:
                sizes = {info.filename: info.file_size for info in archive.infolist()}
        except (OSError, zipfile.BadZipFile):
            return False
        shapes = dataset.shapes
        return sizes.keys() == {"classes.npy", *(f"{name}.npy" for name in shapes)} and all(
            sizes[f"{name}.npy"] > int(np.prod(shape)) for name, shape in shapes.items()
        )

    def begun(self, dataset: Dataset) -> int:
        """Return how many bytes of a download there are."""
        places = [self.downloads / (source.name + end) for source in dataset.sources for end in ("", ".part")]
        return sum(place.stat().st_size for place in places if place.is_file())

    def fetch(self, dataset: Dataset, on_progress: Progress, given: Sequence[Path] = ()) -> Path:
        """Return where a data set is, after fetching and converting it if it is not here.

        Args:
            dataset: which.
            on_progress: told how far it is.
            given: the published files, or folders with them, instead of a download. They are only read.

        Of several processes, one does so at a time; the others wait for it.

        Raises:
            InputError: it cannot be had, a file is not the published one, or there is no room. What was downloaded
                stays, and the next try goes on from there.
        """
        if self.has(dataset):
            return self.path(dataset)
        folder = self.folder if given else self.downloads
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder} cannot be made ({error.strerror}): give another folder with --to") from error
        with alone(self.folder, lambda: on_progress(WAITING, 0, 0)):
            if not self.has(dataset):  # it was the same data set, perhaps
                self._fetch(dataset, on_progress, given)
        return self.path(dataset)

    def _fetch(self, dataset: Dataset, on_progress: Progress, given: Sequence[Path]) -> None:
        self._expect_room(dataset, given)
        if given:
            files = {source.name: _find(dataset, source, given) for source in dataset.sources}
        else:
            self.downloads.mkdir(exist_ok=True)  # whoever was here before may have removed it
            files = {source.name: self._download(dataset, source, on_progress) for source in dataset.sources}
        on_progress("reading", 0, 0)
        arrays = dataset.load(files)
        on_progress("writing", 0, 0)
        self._write(dataset, arrays)
        for source in dataset.sources:
            for end in ("", ".part"):
                (self.downloads / (source.name + end)).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another data set's download is in it
            self.downloads.rmdir()

    def _expect_room(self, dataset: Dataset, given: Sequence[Path]) -> None:
        wanted = sum(int(np.prod(shape)) for shape in dataset.shapes.values())
        if not given:
            wanted += dataset.download_bytes - self.begun(dataset)
        free = self._free(self.folder)
        if free < wanted:
            raise InputError(
                f"{dataset.name} needs {wanted / 1e6:.0f} MB in {self.folder}, and {free / 1e6:.0f} MB are free:"
                " make room, or give another folder with --to"
            )

    def _download(self, dataset: Dataset, source: Source, on_progress: Progress) -> Path:
        def tell(count: int) -> None:
            on_progress(source.name, count, source.bytes)

        try:
            return download(source, self.downloads, tell)
        except UnreachableError as error:
            names = [other.name for other in dataset.sources]
            what = names[0] if len(names) == 1 else f"a folder with {', '.join(names[:-1])} and {names[-1]}"
            have = self.begun(dataset)
            rest = f" ({have / 1e6:.1f} MB are here; the same command goes on from there)" if have else ""
            raise InputError(
                f"{source.name} could not be downloaded: {error}{rest}. Try again later; or download"
                f" {source.mirrors[0]} elsewhere, put it into {self.downloads} and run this again; or run"
                f" 'grader data get {dataset.name} --from PATH', where PATH is {what}"
            ) from error

    def _write(self, dataset: Dataset, arrays: Arrays) -> None:
        target = self.path(dataset)
        try:
            with replacing(target) as file:
                np.savez(file, allow_pickle=False, classes=np.array(dataset.classes), **arrays)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(f"{target} cannot be written ({error.strerror}): make room and run this again") from error


def _find(dataset: Dataset, source: Source, given: Iterable[Path]) -> Path:
    """Return which of the given files is the published one, whatever it is called."""
    seen = []
    for place in given:
        path = place / source.name if place.is_dir() else place
        if path.is_file():
            if is_right(path, source):
                return path
            seen.append(path)
        elif not path.exists() and path == place:
            raise InputError(f"there is no {place}: give the file that you downloaded, or the folder it is in")
    what = f"{source.name}, {source.bytes} bytes, SHA-256 {source.sha256}"
    if seen:
        raise InputError(f"{seen[-1]} is not the published file ({what}): download it again, from {source.mirrors[0]}")
    raise InputError(f"{source.name} of {dataset.name} was not given: put all its files into one folder, and give that")
