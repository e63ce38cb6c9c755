"""Pictures of how a check went, drawn from the plain numbers that its details hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from grader.reports.html.elements import Element
from grader.reports.html.pictures.bars import bars
from grader.reports.html.pictures.curve import curve
from grader.reports.html.pictures.filters import filters
from grader.reports.html.pictures.heatmap import heatmap

__all__ = ["figures"]

_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Element]] = {
    "map": heatmap,
    "bars": bars,
    "curve": curve,
    "filters": filters,
}
_MOST = 6


def figures(details: Mapping[str, Any]) -> Iterator[Element]:
    """Yield the pictures of a check. One of a kind that is not known, or damaged on the way, is left out."""
    pictures = details.get("pictures")
    for picture in pictures[:_MOST] if isinstance(pictures, (list, tuple)) else ():
        try:
            yield _KINDS[picture["kind"]](picture)
        except (KeyError, TypeError, ValueError):
            continue
