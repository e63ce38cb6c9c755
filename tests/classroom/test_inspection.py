"""What is told of the machines of a cluster, before anything is graded."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from grader.checking.devices import torch_version
from grader.classroom import inspection
from grader.classroom.survey import Found
from grader.classroom.terms import Terms, code_identity
from grader.errors import InputError

TERMS = Terms(Path("small"), 7, "auto", None)


def worker(name: str, tier: str, why: str = "") -> Found:
    return Found(name, code_identity(), platform.python_version(), np.__version__, torch_version(), tier, why)


def inspected(monkeypatch: pytest.MonkeyPatch, found: Sequence[Found], terms: Terms = TERMS) -> tuple[str, list[str]]:
    """Return the tier for all, and what is told."""
    monkeypatch.setattr(inspection, "_same_code", lambda _: None)
    monkeypatch.setattr(inspection, "_survey", lambda *_: (list(found), []))
    told: list[str] = []
    return inspection.inspect(cast(Any, None), terms, told.append), told


def test_where_all_give_the_best_tier_there_is_nothing_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert inspected(monkeypatch, [worker("a", "full"), worker("b", "full")]) == ("full", [])


def test_a_machine_that_lowers_the_tier_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    tier, told = inspected(monkeypatch, [worker("a", "full"), worker("b", "lite", "no namespaces")])
    assert tier == "lite"
    assert told == ["isolation lite for all, since there is no better one on b (no namespaces)"]


def test_of_many_machines_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [worker("a", "full"), *(worker(name, "lite", "why") for name in "gfedcb")]
    _, told = inspected(monkeypatch, found)
    assert told == ["isolation lite for all, since there is no better one on b (why), c (why), d (why) and 3 more"]


def test_a_machine_that_gives_none_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"isolation full or lite says on b \(no Landlock\)"):
        inspected(monkeypatch, [worker("a", "full"), worker("b", "", "no Landlock")])
