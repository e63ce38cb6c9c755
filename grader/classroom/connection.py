"""The line to the scheduler of a cluster, and what is said when there is nobody at the other end."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError

import dask
from distributed import Client

from grader.errors import InputError
from grader.sandbox.text import one_line

__all__ = ["connected", "heard", "quiet"]

_CONNECT_SECONDS = 8.0


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """Give a client of a scheduler.

    Raises:
        InputError: none answers there.
    """
    settings = {
        "distributed.comm.timeouts.connect": _CONNECT_SECONDS,
        "distributed.admin.large-graph-warning-threshold": "10GB",  # a submission may have large files
    }
    with dask.config.set(settings):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of versions that differ; we look at those that matter
                client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(
                f"no scheduler of dask answers at {address} ({one_line(str(error), 300)}): start one (dask scheduler),"
                " and give its address, e.g. tcp://host:8786"
            ) from error
        with client:
            yield client


@contextlib.contextmanager
def heard(address: str) -> Iterator[None]:
    """Say in one line that the scheduler is gone, whatever shows it.

    Raises:
        InputError: it is.
    """
    try:
        yield
    except (OSError, CancelledError) as error:
        said = one_line(str(error), 300)
        advice = "every grade so far is kept; start the cluster again, and the same command goes on"
        raise InputError(f"the scheduler at {address} is gone ({said}): {advice}") from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let nothing be logged: dask writes pages about what is said here in a line."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
