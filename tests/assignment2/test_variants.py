"""The catalogue of wrong and other right answers. What becomes of each is proven by ``grader audit``."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.catalogue import load_catalogue
from grader.checking.assignment import load_assignment

ASSIGNMENT = load_assignment(Path(__file__).resolve().parents[2] / "solutions" / "assignment2")


@pytest.mark.parametrize("name", ASSIGNMENT.order)
def test_catalogue_has_enough(name: str) -> None:
    variants = load_catalogue(ASSIGNMENT, name).variants
    assert sum(not variant.right for variant in variants) >= 3
    assert sum(variant.right for variant in variants) >= 2
