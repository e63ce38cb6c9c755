"""The face for browsers and notebooks: pages that are one file, need no network and run no script."""

from grader.reports.html.report import fragment, message, page

__all__ = ["fragment", "message", "page"]
