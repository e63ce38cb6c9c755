"""What is on the machines of a cluster: the same grader everywhere, and a tier of isolation that all of them have."""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from grader.checking.devices import torch_version
from grader.classroom.terms import Terms, code_identity
from grader.errors import InputError
from grader.sandbox.isolation import TIERS
from grader.sandbox.text import listed, one_line

if TYPE_CHECKING:
    from distributed import Client

    from grader.classroom.survey import Found

__all__ = ["inspect"]

_SAME = "install the same one on all machines of the cluster, start them again, and give this command once more"


def inspect(client: Client, terms: Terms, tell: Callable[[str], None]) -> str:
    """Look at the scheduler and at every worker, and return the tier for all.

    ``tell`` is told of differences that do no harm, and of machines that cannot give the best tier.

    Raises:
        InputError: a machine has another grader, no torch, or cannot give the tier; it is named.
    """
    _same_code(client)
    found, strange = _survey(client, terms.tier)
    here = code_identity()
    strange += [one.name for one in found if one.grader != here]
    if strange:
        raise InputError(f"another version of the grader, or none, is on {listed(sorted(strange))}: {_SAME}")
    lacking = [one.name for one in found if "torch" in terms.preload and one.torch is None]
    if lacking:
        raise InputError(f"the assignment needs torch, which is not installed on {listed(sorted(lacking))}: {_SAME}")
    weak = [f"{one.name} ({one.why})" for one in found if not one.tier]
    if weak:
        wanted = "full or lite" if terms.tier == "auto" else terms.tier
        raise InputError(
            f"student code cannot be kept apart as isolation {wanted} says on {listed(sorted(weak))}: take these"
            " workers out of the cluster; grader doctor says more there"
        )
    for name, mine in (("python", platform.python_version()), ("numpy", np.__version__), ("torch", torch_version())):
        versions = {mine, *(getattr(one, name) for one in found)}
        if len(versions) > 1:
            shown = ", ".join(sorted(version or "none" for version in versions))
            tell(f"{name} is not the same here and on all workers ({shown})")
    tier = max((one.tier for one in found), key=TIERS.index)
    lowered = [f"{one.name} ({one.why})" for one in found if one.why]
    if lowered:
        tell(f"isolation {tier} for all, since there is no better one on {listed(sorted(lowered))}")
    return tier


def _same_code(client: Client) -> None:
    """See whether the scheduler, which reads the tasks that it hands on, has this grader.

    Raises:
        InputError: it has not.
    """
    try:
        theirs = client.run_on_scheduler(code_identity)
    except OSError:
        raise
    except Exception:  # it has nothing of that name
        theirs = None
    if theirs != code_identity():
        raise InputError(f"another version of the grader, or none, is where the scheduler runs: {_SAME}")


def _survey(client: Client, wanted: str) -> tuple[list[Found], list[str]]:
    """Return what is on the workers, and which of them do not know this grader's questions.

    Raises:
        InputError: there are none any more, or one failed otherwise.
    """
    from grader.classroom.survey import survey

    found: list[Found] = []
    strange: list[str] = []
    for address, answer in client.run(survey, wanted, on_error="return").items():
        if isinstance(answer, OSError):
            why = one_line(str(answer), 300)
            raise InputError(f"the worker {address} could not be looked at ({why}): give the same command again")
        if isinstance(answer, Exception):  # it cannot even read the question
            strange.append(f"{address} ({one_line(str(answer), 300)})")
        else:
            found.append(answer)
    if not (found or strange):
        raise InputError("the last worker of the cluster has just ended: start some, and give the same command again")
    return found, strange
