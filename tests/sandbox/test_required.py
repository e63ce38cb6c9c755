"""The tiers that must be had here. Other tests of a tier are skipped where the grader says that it cannot be had."""

from __future__ import annotations

import os

import pytest

from grader.sandbox.choice import attempt
from grader.sandbox.isolation import TIERS
from grader.sandbox.server import WarmServer

REQUIRED = os.environ.get("GRADER_TIERS", "").split()


@pytest.mark.skipif(not REQUIRED, reason="GRADER_TIERS names none")
def test_tiers_that_the_system_allows_are_had() -> None:
    assert set(REQUIRED) <= set(TIERS)
    with WarmServer() as server:
        assert {tier: attempt(server.at(tier)).why for tier in REQUIRED} == dict.fromkeys(REQUIRED, "")
