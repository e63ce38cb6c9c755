"""The files that Python and its libraries need, wherever they are installed: nothing of the course's is among them."""

from __future__ import annotations

import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator

import numpy as np

__all__ = ["DEVICES", "TABLES", "installed"]

_SYSTEM = (
    *("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/nix/store"),
    *("/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts", "/etc/ld.so.cache", "/etc/localtime"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node"),
)
TABLES = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/self")
"""What libraries ask of the machine and of their own process."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


@functools.cache  # a server finds them once, for all its forks
def installed() -> tuple[str, ...]:
    """Return files and folders that are there, for reading.

    A prefix is never named whole: an environment may have been made in the very folder of a course.
    """
    return tuple(dict.fromkeys(path for path in _places() if os.path.exists(path)))


def _places() -> Iterator[str]:
    for prefix in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix):
        yield from (os.path.join(prefix, name) for name in (sys.platlibdir, "lib", "lib64"))
    yield from (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    yield from _packages((*site.getsitepackages(), *((site.getusersitepackages(),) if site.ENABLE_USER_SITE else ())))
    yield from _packages([os.path.dirname(os.path.dirname(np.__file__))])  # the grader's, see launch.py
    yield from _SYSTEM


def _packages(folders: Iterable[str]) -> Iterator[str]:
    """Leave out a folder that is none for installed packages alone: of that, numpy is taken."""
    for folder in folders:
        if os.path.basename(folder) in ("site-packages", "dist-packages"):
            yield folder
        else:
            yield from (os.path.join(folder, name) for name in ("numpy", "numpy.libs"))
