"""Starts the worker, or the server that forks workers.

Gives the codec and the worker's own modules a package of their own, and nothing else of ours.

A file that is run is compiled every time, so it is short.
"""

from __future__ import annotations

import importlib
import os
import sys
import types


def main() -> None:
    """Load what the worker needs, and let it serve."""
    if len(sys.argv) > 1:  # where the grader's own numpy is, should this Python not know
        sys.path.append(sys.argv[1])
    package = types.ModuleType("_grader")
    package.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.modules["_grader"] = package
    given = []
    if len(sys.argv) > 2:
        given.append(importlib.import_module("_grader.worker.namespaces").Founder())  # while this process is small
    part = importlib.import_module(f"_grader.worker.{'template' if given else 'service'}")
    package.__path__ = []
    part.main(*given)


if __name__ == "__main__":  # a student's multiprocessing may import this file once more
    main()
