"""Run a module in a system that has no Landlock, whatever the kernel has: so no tier but ``process`` can be had."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

CREATE_RULESET = 444  # on every machine
FILTER = struct.pack(
    "HBBI" * 4,
    *(0x20, 0, 0, 0),  # the number of the call
    *(0x15, 0, 1, CREATE_RULESET),
    *(0x06, 0, 0, 0x50000 | errno.ENOSYS),
    *(0x06, 0, 0, 0x7FFF0000),  # all else is allowed
)

libc = ctypes.CDLL(None, use_errno=True)
code = ctypes.create_string_buffer(FILTER)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(code)))
assert libc.prctl(38, 1, 0, 0, 0) == 0  # no new privileges, which a filter needs
assert libc.prctl(22, 2, program, 0, 0) == 0, os.strerror(ctypes.get_errno())
os.execv(sys.executable, [sys.executable, "-P", "-m", *sys.argv[1:]])
