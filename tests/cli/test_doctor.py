"""``grader doctor``: what it says of this machine, and of one that gives less."""

from __future__ import annotations

import json
import platform

import numpy as np
import pytest

from grader.sandbox import choice
from grader.sandbox.choice import Attempt
from grader.sandbox.isolation import LAYERS, TIERS
from grader.sandbox.launch import Launcher

from .conftest import Course


def test_everything_is_said(course: Course) -> None:
    code, out, err = course.grader("doctor", "--json", "doctor.json")
    assert (code, err) == (0, "")
    found = json.loads((course.home / "doctor.json").read_text())
    assert found["schema"] == "grader.doctor/1"
    assert found["python"] == platform.python_version()
    assert found["numpy"] == np.__version__
    assert found["cuda"]["device"] or found["cuda"]["why"]
    tiers = found["isolation"]["tiers"]
    assert list(tiers) == list(TIERS)
    for tier, said in tiers.items():
        assert said["available"] is (said["why"] == "")
        assert set(said["layers"]) >= set(LAYERS[tier] if said["available"] else ())
        assert f"\n  {tier}" in out
    assert tiers["process"]["available"]
    assert f"grader run takes {found['isolation']['best']};" in out


def test_a_tier_that_cannot_be_had_says_why(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    def attempt(launcher: Launcher) -> Attempt:
        return Attempt(LAYERS["process"]) if launcher.tier == "process" else Attempt(why="the kernel has no such thing")

    monkeypatch.setattr(choice, "attempt", attempt)
    monkeypatch.setattr(choice, "can_be_warm", lambda: False)
    code, out, _ = course.grader("doctor")
    assert code == 0
    assert "lite      not available: it needs Linux 5.13 or later" in out
    assert "grader run takes process;" in out


def test_json_to_standard_output_is_alone_there(course: Course) -> None:
    code, out, err = course.grader("doctor", "--json", "-")
    assert code == 0
    assert json.loads(out)["isolation"]["best"] in TIERS
    assert "Isolation of student code" in err


def test_a_file_that_cannot_be_written_is_found_first(course: Course) -> None:
    code, out, err = course.grader("doctor", "--json", "nowhere/doctor.json")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
