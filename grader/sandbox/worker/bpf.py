"""A small assembler of classic BPF, the language of seccomp filters (see <linux/filter.h>).

A block is a list of instructions that ends in a verdict, so blocks can be put behind one another. A verdict is what
``seccomp(2)`` calls an action.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

__all__ = ["ALLOW", "KILL", "Block", "any_bit", "assemble", "load_argument", "one_of", "program", "refuse", "verdict"]

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000

_LOAD, _JUMP, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_X32 = 0x40000000  # bit of a system call's number: of the x32 ABI, which x86_64 kernels know, too


class _Instruction(NamedTuple):
    code: int
    value: int
    yes: int = 0
    no: int = 0


Block = Sequence[_Instruction]


def verdict(action: int) -> Block:
    """Return the block that decides so, whatever comes."""
    return [_Instruction(_RETURN, action)]


def refuse(error: int) -> Block:
    """Return the block that lets the call fail with an error's number."""
    return verdict(_ERRNO | error)


def load_argument(index: int) -> Block:
    """Look at the lower half of an argument: all that the kernel takes of an ``int``."""
    return [_Instruction(_LOAD, _ARGUMENTS + 8 * index)]


def one_of(values: Collection[int], then: Block, otherwise: Block) -> Block:
    """Decide by whether what was loaded is among a few values."""
    tests: list[_Instruction] = []
    for left, value in zip(reversed(range(len(values))), values, strict=True):
        tests.append(_Instruction(_IF_EQUAL, value & 0xFFFFFFFF, yes=left + len(otherwise)))
    return [*tests, *otherwise, *then]


def any_bit(mask: int, then: Block, otherwise: Block) -> Block:
    """Decide by whether what was loaded has any of some bits."""
    return [_Instruction(_IF_ANY, mask, yes=len(otherwise)), *otherwise, *then]


def program(machine: int, rules: Mapping[int, Block], default: Block) -> Block:
    """Return the filter that has a block for some calls, by number, and for all others ``default``.

    Another machine's calls (32-bit programs') and those of x32 end the process: their numbers mean something else.
    """
    starts: list[tuple[int, Block]] = [(0, default)]
    for number in sorted({*rules, *(number + 1 for number in rules)}):
        block = rules.get(number, default)
        if block != starts[-1][1]:
            starts.append((number, block))
    if starts[1][0] == 0:
        del starts[0]
    return [
        _Instruction(_LOAD, _MACHINE),
        _Instruction(_IF_EQUAL, machine, yes=1),
        *verdict(KILL),
        _Instruction(_LOAD, _NUMBER),
        _Instruction(_IF_AT_LEAST, _X32, no=1),
        *verdict(KILL),
        *_tree(starts),
    ]


def _tree(starts: Sequence[tuple[int, Block]]) -> Block:
    """Look for the last start that is not above what was loaded, halving them each time."""
    if len(starts) == 1:
        return starts[0][1]
    middle = len(starts) // 2
    low, high = _tree(starts[:middle]), _tree(starts[middle:])
    return [_Instruction(_IF_AT_LEAST, starts[middle][0], no=1), _Instruction(_JUMP, len(low)), *low, *high]


def assemble(block: Block) -> bytes:
    """Return a block as the kernel wants it: an array of ``struct sock_filter``."""
    return b"".join(struct.pack("=HBBI", code, yes, no, value) for code, value, yes, no in block)
