"""``grader audit``: what it says, writes and returns. What it finds is tested with grader.authoring."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Course

LAYERS = """
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def triple(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION
"""
CATALOGUE = """from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("{name}")


@catalogue.wrong("in-place", "x itself is changed.")
def {name}(x):
    x *= {factor}
    return x
"""
KEEP = '[keep]\n"*.multiplies_more" = "on a matrix, too"\n'
ENDLESS = """
import os


@catalogue.wrong("endless", "It never ends.")
def double(x):
    while True:
        pass
"""


@pytest.fixture
def sound(course: Course) -> Course:
    folder = course.source / "misconceptions"
    folder.mkdir()
    (course.source / "layers.py").write_text(LAYERS)
    for name, factor in (("double", 2), ("triple", 3)):
        (folder / f"{name}.py").write_text(CATALOGUE.format(name=name, factor=factor))
    (folder / "audit.toml").write_text(KEEP)
    return course


def test_all_proven_is_exit_code_0(sound: Course) -> None:
    code, out, err = sound.grader("audit", "small")
    assert (code, err) == (0, "")
    rows = [" ".join(row.split()) for row in out.splitlines()]
    assert "question solution stub wrong named right mutants checks" in rows
    assert "double full marks 0 1/1 1/1 0/0 5/5 2/3 (1 kept)" in rows
    assert "All is proven." in rows
    assert any(row.startswith("2 of 2 wrong answers lose points; 0 of 0 right ones") for row in rows)


def test_what_is_not_proven_is_listed_and_exit_code_1(sound: Course) -> None:
    (sound.source / "misconceptions" / "audit.toml").unlink()
    code, out, _ = sound.grader("audit", "small", "-q", "triple", "--jobs", "1")
    assert code == 1
    assert "double" not in out
    assert "triple multiplies_more\n  decides nothing:" in out
    assert "1 thing to mend." in out


def test_json_goes_to_a_file_or_to_standard_output_alone(sound: Course) -> None:
    code, out, err = sound.grader("audit", "small", "-q", "double", "--json", "-")
    assert code == 0
    assert "All is proven." in err
    data = json.loads(out)
    assert (data["schema"], data["proven"], data["findings"]) == ("grader.audit/1", True, [])
    assert [question["id"] for question in data["questions"]] == ["double"]


def test_what_is_kept_from_before_is_told_and_run_again_where_that_is_asked(sound: Course) -> None:
    _, first, _ = sound.grader("audit", "small", "-q", "double", "-j", "1")
    _, again, _ = sound.grader("audit", "small", "-q", "double", "-j", "1")
    _, fresh, _ = sound.grader("audit", "small", "-q", "double", "-j", "1", "--fresh")
    assert "8 of 8 outcomes are kept from before (--fresh runs all)" in again
    assert "kept from before" not in first + fresh
    assert first.splitlines()[:-1] == again.splitlines()[:-1] == fresh.splitlines()[:-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["smal"], "did you mean small?"),
        (["small", "-q", "doubel"], "did you mean double?"),
        (["small", "-q", ","], "--question is empty"),
        (["small", "-j", "0"], "--jobs"),
        (["small", "--json", "nowhere/a.json"], "there is no folder"),
        (["assignments/out"], "is what students get: audit where"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(sound: Course, arguments: list[str], says: str) -> None:
    published = sound.home / "assignments" / "out"
    published.mkdir()
    (published / "assignment.toml").write_text(
        'title = "Out"\npoints = 0\nquestions = []\n\n[files]\n\n[published]\nname = "out"\n'
    )
    code, out, err = sound.grader("audit", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_a_wrong_file_of_the_assignment_is_exit_code_2(sound: Course) -> None:
    (sound.source / "misconceptions" / "double.py").write_text("catalogue = None\n")
    code, _, err = sound.grader("audit", "small")
    assert code == 2
    assert "should say: catalogue = Catalogue('double')" in err


def working_in(folder: Path) -> list[Path]:
    """Return the processes that work in a folder, as students' code does."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append(process)
        except OSError:  # gone, or another user's
            continue
    return found


def loops(process: Path) -> bool:
    """Whether a process has used more time than starting takes."""
    try:
        ticks = (process / "stat").read_text().rpartition(")")[2].split()[11]
    except OSError:
        return False
    return int(ticks) > 2 * os.sysconf("SC_CLK_TCK")


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="looks for processes where Linux shows them")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 128 + signal.SIGTERM)])
def test_an_interrupted_audit_leaves_nothing_behind(sound: Course, tmp_path: Path, sent: int, code: int) -> None:
    catalogue = sound.source / "misconceptions" / "double.py"
    catalogue.write_text(catalogue.read_text() + ENDLESS)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "audit", "small", "-q", "double", "-j", "2"],
        cwd=sound.home,
        env=sound.environment(TMPDIR=str(scratch)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    wait_for(lambda: any(map(loops, working_in(scratch))))
    os.killpg(process.pid, sent) if sent == signal.SIGINT else process.send_signal(sent)
    out, err = process.communicate(timeout=60)  # comes back only when none of its processes holds these pipes
    assert (process.returncode, out) == (code, "")
    assert err == ("grader: interrupted\n" if sent == signal.SIGINT else "")
    wait_for(lambda: not working_in(scratch))
    assert list(scratch.iterdir()) == []
