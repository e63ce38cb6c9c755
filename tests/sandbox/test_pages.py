"""A server's memory in huge pages: what it holds stays as it was, and where there are none, nothing happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.worker import linux, pages

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")

HOLD = """
import hashlib, importlib, re, sys, types
package = types.ModuleType("_grader")
package.__path__ = [sys.argv[1]]
sys.modules["_grader"] = package
pages = importlib.import_module("_grader.worker.pages")
held = [bytes([number % 251]) * 400 for number in range(60_000)]
before = hashlib.sha256(b"".join(held)).digest()
places = list(pages._writable())
assert places and all(start % 2**21 == 0 == end % 2**21 for start, end in places)
pages.collapse()
assert hashlib.sha256(b"".join(held)).digest() == before
huge = re.findall(r"AnonHugePages: +([0-9]+) kB", open("/proc/self/smaps").read())
done = []
for start, end in places:
    try:
        pages.linux.syscall("madvise", start, end - start, pages._COLLAPSE)
        done.append(start)
    except OSError:
        pass
print(len(done), sum(map(int, huge)))
"""


def test_what_is_held_stays_as_it_was_and_takes_fewer_pages() -> None:
    folder = Path(pages.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", HOLD, str(folder)], capture_output=True, text=True, check=True)
    possible, huge = map(int, done.stdout.split())
    if not possible or not pages._SIZE.exists() or int(pages._SIZE.read_text()) != pages._HUGE:
        pytest.skip("this system gives no such pages when it is asked")
    assert huge >= 2048


def test_where_there_are_none_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def refuse(name: str, *_: object) -> int:
        asked.append(name)
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(linux, "syscall", refuse)
    size = tmp_path / "hpage_pmd_size"
    monkeypatch.setattr(pages, "_SIZE", size)
    pages.collapse()
    size.write_text(f"{2**25}\n")
    pages.collapse()
    assert not asked
    size.write_text(f"{2**21}\n")
    pages.collapse()
    assert asked
    assert set(asked) == {"madvise"}


def test_of_files_and_of_what_cannot_be_written_nothing_is_moved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    table = [
        "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 ",
        "7f0000500000-7f0000a00000 rw-p 00000000 00:00 0 ",
        "7f0001000000-7f0001400000 r--p 00000000 00:00 0 ",
        "7f0002000000-7f0002400000 rw-p 00000000 08:01 77    /a file with [heap]",
        "7f0003000000-7f0003400000 rw-s 00000000 00:01 9    /dev/shm/shared",
        "7f0004000000-7f0004400000 rw-p 00000000 00:00 0    [stack]",
        "7f0005000000-7f0005300000 rw-p 00000000 00:00 0    [heap]",
        "7f0006100000-7f0006200000 rw-p 00000000 00:00 0 ",
    ]
    path = tmp_path / "maps"
    path.write_text("\n".join(table) + "\n")
    monkeypatch.setattr(pages, "_TABLE", str(path))
    assert list(pages._writable()) == [
        (0x7F0000000000, 0x7F0000400000),
        (0x7F0000600000, 0x7F0000A00000),
        (0x7F0005000000, 0x7F0005200000),
    ]
