"""The command line. Each command is a module that is loaded when it runs; this one turns errors into exit codes.

======  ==============================================
0       all is well: every point, nothing to mend
1       points were lost, or a check of the course's files found differences
2       the command or its input is wrong; one line on standard error says what
3       a fault of the grader itself
130     interrupted
======  ==============================================
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command, by default the one on this process's command line, and return its exit code."""
    try:
        from grader.cli.shell import execute  # here, so that Ctrl-C is caught while this loads, too

        return execute(sys.argv[1:] if argv is None else [*argv])
    except KeyboardInterrupt:
        print("grader: interrupted", file=sys.stderr)
        return 130
