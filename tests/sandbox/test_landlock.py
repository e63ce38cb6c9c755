"""What is told to Landlock, byte by byte, for kernels that are not here, too."""

from __future__ import annotations

import struct
import sys

import pytest

from grader.sandbox.worker import landlock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, (0x1FFF,)),
        (2, (0x3FFF,)),
        (3, (0x7FFF,)),
        (4, (0x7FFF, 3)),
        (5, (0xFFFF, 3)),
        (6, (0xFFFF, 3, 3)),
        (7, (0xFFFF, 3, 3)),
        (99, (0xFFFF, 3, 3)),  # of what comes later nothing is known
    ],
)
def test_everything_that_a_version_knows_is_taken_away(version: int, fields: tuple[int, ...]) -> None:
    assert landlock.attributes(version) == struct.pack(f"={len(fields)}Q", *fields)


def test_a_rule_names_no_right_that_a_version_does_not_know() -> None:
    assert landlock.beneath(landlock.SCRATCH, 7, 1) == struct.pack("=Qi", landlock.SCRATCH & 0x1FFF, 7)
    assert landlock.beneath(landlock.FOLDER, 7, 6) == struct.pack("=Qi", 0b1100, 7)


def test_nothing_may_be_executed_and_no_device_made_anywhere() -> None:
    execute, make_char, make_socket, make_fifo, make_block = 1, 1 << 6, 1 << 9, 1 << 10, 1 << 11
    for rights in (landlock.FILE, landlock.FOLDER, landlock.DEVICE, landlock.SCRATCH):
        assert not rights & (execute | make_char | make_socket | make_fifo | make_block)
