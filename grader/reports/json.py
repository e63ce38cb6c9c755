"""The report as JSON, with the stable keys that ``docs/report.md`` describes."""

from __future__ import annotations

from grader.checking.report import Report
from grader.checking.strictjson import dump

__all__ = ["render"]


def render(report: Report) -> str:
    """Return the report as a JSON text that ends in a newline."""
    return dump(report.to_dict())
