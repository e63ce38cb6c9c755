"""Loads what authors edit: byte code is used as ever, but not that of a file that was saved a moment ago."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from importlib.machinery import SourceFileLoader

__all__ = ["EditedFileLoader"]

_MOMENT = 3.0  # seconds; byte code knows its source by size and whole seconds, and some file systems count by two


class EditedFileLoader(SourceFileLoader):
    """A loader that sees every edit, also two of one size within one second."""

    def path_stats(self, path: str) -> Mapping[str, float]:
        """Say how old and large a file is, unless it may change once more without a difference in either.

        Raises:
            OSError: it may, so that byte code is neither read nor written.
        """
        if abs(time.time() - os.stat(path).st_mtime) < _MOMENT:
            raise OSError("too new for byte code")
        return super().path_stats(path)
