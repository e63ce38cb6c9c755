"""Whether a wrong answer is named by its own sentence when it is graded.

Naming needs what publishing records of each misconception. Until that is there, nothing is said of it: see
:func:`names_recorded`.
"""

from __future__ import annotations

from collections.abc import Iterable

from grader.authoring.catalogue import Catalogue, Variant
from grader.checking.report import CheckResult

__all__ = ["named", "names_recorded", "speaks"]


def names_recorded() -> bool:
    """Whether misconceptions are recorded, so that a run can name them."""
    return False


def named(variant: Variant, checks: Iterable[CheckResult], catalogue: Catalogue) -> bool:
    """Whether checks name a wrong answer, by its id or by that of another one with the very same sentence."""
    alike = {other.id for other in catalogue.variants if other.sentence == variant.sentence and not other.right}
    found = {check.misconception for check in checks if check.misconception is not None}
    return bool(found) and found <= alike


def speaks(checks: Iterable[CheckResult]) -> bool:
    """Whether any check gives a hint: on a right answer, none may."""
    return any(check.hint is not None or check.misconception is not None for check in checks)
