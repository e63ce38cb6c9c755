"""``%check`` and ``grader.check``: a session, with what it shows and how it fails in IPython."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from grader.errors import FaultError, GraderError
from grader.notebook.listing import Listing
from grader.notebook.progress import Progress, progress_for
from grader.notebook.result import Result
from grader.notebook.session import ALL, this_session
from grader.sandbox.text import clean

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["InterruptedCheck", "check", "load_ipython_extension", "unload_ipython_extension"]

_NAME = "check"
_MOST = 2000  # characters of an error's line


class InterruptedCheck(KeyboardInterrupt):  # as its base is called
    """Somebody stopped a check; what was known by then was shown."""

    def _render_traceback_(self) -> list[str]:
        return ["grader: interrupted"]


def check(*names: str) -> Result | Listing:
    """Check questions on the student's saved files, as ``grader run`` does; without a name, list what can be checked.

    Raises:
        InputError: there is no assignment around the working directory, no such question, or no file to check.
        InterruptedCheck: Ctrl-C, or the notebook's button; what is known by then is printed.
        FaultError: the grader itself failed.
    """
    shell = _shell()
    return _checked(names, shell.user_ns if shell is not None else {}, progress_for(shell, kept=False), print)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%check`` and the completion of its names."""
    shell.register_magic_function(_magic(shell), "line", _NAME)  # type: ignore[arg-type]  # it says otherwise
    shell.set_hook("complete_command", _complete, str_key=f"%{_NAME}")


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take ``%check`` away, and end what was kept ready."""
    shell.magics_manager.magics["line"].pop(_NAME, None)
    this_session().close()


def _magic(shell: InteractiveShell) -> Callable[[str], None]:
    def check(line: str) -> None:
        """Check questions of the assignment on your saved files, as ``grader run`` does.

        ``%check conv_forward_naive`` checks one, ``%check sgd_momentum adam`` checks two, ``%check all`` every one,
        and ``%check`` alone lists them.
        """
        progress = progress_for(shell)
        progress.show(_checked(line.replace(",", " ").split(), shell.user_ns, progress, progress.show))

    return check


def _checked(
    names: Sequence[str], namespace: Mapping[str, Any], progress: Progress, show: Callable[[Any], object]
) -> Result | Listing:
    try:
        if not names:
            return this_session().listing()
        with progress:
            result = this_session().check(names, progress, namespace)
    except KeyboardInterrupt:
        raise InterruptedCheck from None
    except GraderError as error:
        raise _plain(error) from (error if _debugging() else None)
    except Exception as error:
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        advice = "" if _debugging() else "; with GRADER_DEBUG=1 in the environment it shows where"
        fault = FaultError(f"a fault of the grader itself ({what}): please report it{advice}")
        raise _plain(fault) from (error if _debugging() else None)
    if result.report.interrupted:
        show(result)
        raise InterruptedCheck
    return result


def _plain(error: GraderError) -> GraderError:
    """Return an error that IPython shows as one line."""
    if not _debugging():
        line = " ".join(clean(str(error)).split())[:_MOST]
        error._render_traceback_ = lambda: [f"grader: {line}"]  # type: ignore[attr-defined]
    return error


def _debugging() -> bool:
    return bool(os.environ.get("GRADER_DEBUG"))


def _shell() -> InteractiveShell | None:
    """Return the shell that this runs in, None outside of IPython."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()


def _complete(_: InteractiveShell, event: Any) -> list[str]:
    given = set(event.line.replace(",", " ").split()[1:]) - {event.symbol}
    return [name for name in (*this_session().names(), ALL) if name not in given]
