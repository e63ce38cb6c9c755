"""The line to the scheduler of a cluster, and what is said when there is nobody at the other end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Iterator
from concurrent.futures import CancelledError

import dask
from distributed import Client, Security
from distributed.core import rpc

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
        asyncio.run(_meet(address))
        with heard(address), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ; we look at those that matter
            client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        with client:
            yield client


async def _meet(address: str) -> None:
    """See whether a scheduler is there: a client that finds none cannot be closed in peace."""
    why, secure = "it is something else", address.startswith("tls://")
    arguments = Security().get_connection_args("client")
    if secure and arguments.get("ssl_context") is None:
        raise InputError(
            f"{address} is one with TLS, and dask's settings here name no key and no certificate: name them, as"
            " docs/cluster.md says"
        )
    try:
        there = rpc(address, connection_args=arguments)
        try:
            identity = await asyncio.wait_for(there.identity(), _CONNECT_SECONDS)
            if identity["type"] == "Scheduler":
                return
        finally:
            await there.close_rpc()
    except TimeoutError:
        why = "nothing came in time"
    except MemoryError:  # so much was announced by what came
        pass
    except Exception as error:  # whatever may come of what is no address, or of another server
        why = one_line(str(error), 300)
    hint = "" if secure else ", or tls://host:8786 for one with TLS"
    raise InputError(
        f"no scheduler of dask answers at {address} ({why}): start one (dask scheduler), and give its address, e.g."
        f" tcp://host:8786{hint}"
    )


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
