"""The filter of system calls, as a program: read by a small interpreter, for machines that are not here, too."""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from grader.sandbox.worker import bpf, seccomp, syscalls
from grader.sandbox.worker.syscalls import MACHINES

ME = 4242
ALLOWED = "allowed"
KILLED = "killed"


def decide(code: bytes, machine: int, number: int, *arguments: int) -> str:
    """Run a program as the kernel does, and say what it decides."""
    full = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", number, machine, 0, *(value & 2**64 - 1 for value in full))
    instructions = list(struct.iter_unpack("=HBBI", code))
    place = accumulator = 0
    while True:
        operation, yes, no, value = instructions[place]
        place += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x05:
                place += value
            case 0x15:
                place += yes if accumulator == value else no
            case 0x35:
                place += yes if accumulator >= value else no
            case 0x45:
                place += yes if accumulator & value else no
            case 0x06:
                if value >> 16 == 5:
                    return errno.errorcode[value & 0xFFFF]
                return {0x7FFF0000: ALLOWED, 0x80000000: KILLED}[value]
            case _:
                raise AssertionError(f"no instruction: {operation:#x}")


class Filter:
    """The filter of one machine."""

    def __init__(self, name: str, *, files: bool = False) -> None:
        self.machine = MACHINES[name]
        rules = seccomp.rules(self.machine, ME, files=files)
        self.code = bpf.assemble(bpf.program(self.machine.audit, rules, bpf.refuse(errno.ENOSYS)))

    def __call__(self, call: str, *arguments: int) -> str:
        return decide(self.code, self.machine.audit, self.machine.numbers[call], *arguments)


@pytest.fixture(params=MACHINES)
def filtered(request: pytest.FixtureRequest) -> Filter:
    return Filter(request.param)


def test_every_call_of_the_lists_is_decided_as_its_list_says(filtered: Filter) -> None:
    numbers = filtered.machine.numbers
    assert {filtered(name) for name in seccomp.ALLOWED & numbers.keys()} == {ALLOWED}
    assert {filtered(name) for name in seccomp.REFUSED & numbers.keys()} == {"EPERM"}
    assert {filtered(name) for name in seccomp.ON_FILES & numbers.keys()} == {"EPERM"}


def test_what_nobody_thought_of_is_not_there(filtered: Filter) -> None:
    known = set(filtered.machine.numbers.values())
    unknown = [number for number in range(1200) if number not in known]
    assert len(unknown) > 700
    assert {decide(filtered.code, filtered.machine.audit, number) for number in unknown} == {"ENOSYS"}


def test_calls_of_another_machine_end_the_process(filtered: Filter) -> None:
    read = filtered.machine.numbers["read"]
    for audit in (0x40000003, 0x40000028, *(other.audit for other in MACHINES.values())):
        expected = ALLOWED if audit == filtered.machine.audit else KILLED
        assert decide(filtered.code, audit, read) == expected
    assert decide(filtered.code, filtered.machine.audit, read | 0x40000000) == KILLED
    assert decide(filtered.code, filtered.machine.audit, -1) == KILLED


THREAD = 0x3D0F00  # what glibc passes to clone for a thread
ARGUMENTS: Mapping[tuple[str, tuple[int, ...]], str] = {
    ("clone", (THREAD,)): ALLOWED,
    ("clone", (17,)): "EPERM",  # fork
    ("clone", (0x4111,)): "EPERM",  # vfork
    ("clone", (THREAD | 0x10000000,)): "EPERM",  # a thread in a namespace for users
    ("clone3", (1, 88)): "ENOSYS",
    ("fcntl", (3, 1)): ALLOWED,
    ("fcntl", (3, 4, 0o4000)): ALLOWED,  # O_NONBLOCK
    ("fcntl", (3, 4, 0o20000)): "EPERM",  # O_ASYNC
    ("fcntl", (3, 4, 0o24000)): "EPERM",
    ("fcntl", (3, 8, ME)): "EPERM",  # F_SETOWN
    ("fcntl", (3, 15, ME)): "EPERM",  # F_SETOWN_EX
    ("fcntl", (3, 10, 9)): "EPERM",  # F_SETSIG
    ("fcntl", (3, 1024, 0)): "EPERM",  # F_SETLEASE
    ("fcntl", (3, 1026, 0)): "EPERM",  # F_NOTIFY
    ("fcntl", (3, 1030)): ALLOWED,
    ("fcntl", (3, 8 | 1 << 32, ME)): "EPERM",  # the kernel looks at the lower half alone
    ("ioctl", (0, 0x5401)): ALLOWED,  # TCGETS
    ("ioctl", (0, 0x5412)): "ENOTTY",  # TIOCSTI
    ("ioctl", (0, 0x5412 | 1 << 32)): "ENOTTY",
    ("ioctl", (0, 0x541C)): "ENOTTY",  # TIOCLINUX
    ("ioctl", (0, 0x5452)): "ENOTTY",  # FIOASYNC
    ("ioctl", (0, 0x8901)): "ENOTTY",  # FIOSETOWN
    ("kill", (ME, 9)): ALLOWED,
    ("kill", (1, 9)): "EPERM",
    ("kill", (0, 9)): "EPERM",
    ("kill", (-1, 9)): "EPERM",
    ("kill", (-ME, 9)): "EPERM",
    ("tgkill", (ME, ME, 6)): ALLOWED,
    ("tgkill", (1, 1, 6)): "EPERM",
    ("prctl", (15,)): ALLOWED,  # PR_SET_NAME
    ("prctl", (4, 1)): "EPERM",  # PR_SET_DUMPABLE
    ("prctl", (22, 2)): "EPERM",  # PR_SET_SECCOMP
    ("prctl", (0x59616D61, -1)): "EPERM",  # PR_SET_PTRACER
    ("prlimit64", (0, 7)): ALLOWED,
    ("prlimit64", (ME, 7)): ALLOWED,
    ("prlimit64", (1, 7)): "EPERM",
    ("sched_setaffinity", (0, 8)): ALLOWED,
    ("sched_setaffinity", (1, 8)): "EPERM",
}


@pytest.mark.parametrize("asked", ARGUMENTS, ids=lambda asked: f"{asked[0]}{asked[1]}")
def test_arguments_decide(filtered: Filter, asked: tuple[str, tuple[int, ...]]) -> None:
    assert filtered(asked[0], *asked[1]) == ARGUMENTS[asked]


def test_permissions_of_files_may_be_changed_where_no_others_are_in_sight() -> None:
    for machine in MACHINES:
        assert Filter(machine, files=True)("fchmodat") == ALLOWED
        assert Filter(machine, files=False)("fchmodat") == "EPERM"


def test_a_filter_is_short_enough_for_the_kernel(filtered: Filter) -> None:
    assert len(filtered.code) // 8 < 4096


def test_no_call_is_in_two_lists() -> None:
    decided = ("clone", "clone3", "fcntl", "ioctl", "kill", "tgkill", "prctl", "prlimit64", "sched_setaffinity")
    names = [*seccomp.ALLOWED, *seccomp.REFUSED, *seccomp.ON_FILES, *decided]
    assert len(names) == len(set(names))
    known = set[str]().union(*(machine.numbers for machine in MACHINES.values()))
    assert set(names) <= known


@pytest.mark.parametrize(
    ("machine", "header"),
    [("x86_64", "x86_64-linux-gnu/asm/unistd_64.h"), ("aarch64", "asm-generic/unistd.h")],
)
def test_numbers_are_those_of_the_kernel(machine: str, header: str) -> None:
    path = Path("/usr/include") / header
    if not path.exists():
        pytest.skip(f"there is no {path} here")
    found = re.findall(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text(), re.MULTILINE)
    theirs = {name: int(number) for name, number in found}
    theirs.setdefault("newfstatat", theirs.get("fstatat", -1))
    ours = {name: number for name, number in MACHINES[machine].numbers.items() if name != "fchmodat2"}  # since 6.6
    assert ours == {name: theirs.get(name) for name in ours}


def test_an_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "vax")
    with pytest.raises(OSError, match="system calls of vax are not known here"):
        syscalls.machine()
