"""One attack, graded: what must then be so of the report, the course, the server and the grader."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from processes.observed import workers_of

from grader.checking.report import Report
from grader.reports import html, junit, terminal
from grader.reports import json as json_face
from grader.reports.console import console_for
from grader.reports.findings import Scene
from grader.sandbox.server import WarmServer

from .attack import Attack
from .course import Course

__all__ = ["expect_nothing_gained", "faces", "harmless", "nothing_left", "plain", "texts"]


def expect_nothing_gained(
    attack: Attack, tier: str, course: Course, server: WarmServer, without: dict[str, float], secret: str
) -> None:
    """Grade an attack, and expect of the report, the course and the server what the tier claims."""
    hostile = course.hand_in(attack.name, attack.submission(course.subject))
    files, process = seen(course.folder), server.pid
    with nothing_left(server, course):
        report = course.grade(hostile, server.at(tier), attack)
    told = "\n".join(texts(report.to_dict()))
    assert re.search(attack.pattern(tier), told), told
    assert all(map(harmless, (told, *faces(report))))
    assert len(told) < 100_000
    assert (server.pid != process) == ("warm server ended" in attack.pattern(tier)), "it ended the server"
    if attack.is_claimed(tier):
        gained = [question.id for question in report.questions if question.score > without[question.id]]
        assert gained == [], "it gained points"
        assert report.faults == 0
        assert not any(text in told for text in (secret, *course.secrets.values())), "it learnt a secret"
        assert seen(course.folder) == files, "it changed a file"


@contextlib.contextmanager
def nothing_left(server: WarmServer, course: Course) -> Iterator[None]:
    """Expect that nothing is left: no process, thread, descriptor or temporary file."""
    threads, descriptors = set(threading.enumerate()), len(os.listdir("/proc/self/fd"))
    yield
    assert workers_of(server.pid) == set()
    for thread in set(threading.enumerate()) - threads:
        thread.join(30)
        assert not thread.is_alive()
    assert len(os.listdir("/proc/self/fd")) == descriptors
    left = [name for name in os.listdir(course.temporary) if not name.startswith("grader-server-")]
    assert left == [], "it left files"


def plain(report: Report) -> dict[str, Any]:
    """Return what of a report is the same in every run."""
    table = report.to_dict()
    for part in (table, *table["questions"], *(check for one in table["questions"] for check in one["checks"])):
        for key in [key for key in part if key.endswith("seconds")]:
            del part[key]
    del table["submission"]
    return table


def seen(folder: Path) -> dict[str, tuple[int, int, int, bytes | str]]:
    """Return everything in a folder: kinds and permissions, sizes, times, contents."""
    found: dict[str, tuple[int, int, int, bytes | str]] = {}
    for place, folders, files in os.walk(folder):
        for path in [place, *(os.path.join(place, name) for name in (*folders, *files))]:
            status = os.lstat(path)
            what: bytes | str = ""
            if stat.S_ISREG(status.st_mode):
                what = Path(path).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                what = os.readlink(path)
            found[path] = (status.st_mode, status.st_size, status.st_mtime_ns, what)
    return found


def texts(value: Any) -> Iterator[str]:
    """Return every text in plain data, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)


def faces(report: Report) -> list[str]:
    """Return the report as people and programs get it; it must be possible to make it."""
    screen = StringIO()
    console_for(screen, {}).print(terminal.render(report, Scene()))
    xml = junit.render(report, datetime.now(UTC))
    ElementTree.fromstring(xml)
    return [screen.getvalue(), xml, json_face.render(report), html.page(report, Scene())]


def harmless(text: str) -> bool:
    """Whether a text has no escapes, no control characters, no half characters, and is written in one direction."""
    return re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text) is None
