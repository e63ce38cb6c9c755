"""Who grades: root of a container's kind, root without powers, an ordinary user. Each keeps student code apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the tiers are Linux's")

WAYS = {
    "root of a user namespace": (["unshare", "--user", "--map-root-user"], ("full", "lite")),
    "root without powers": (["setpriv", "--bounding-set=-all"], ("lite",)),
    "an ordinary user": (["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], ("full", "lite")),
}

REACHES = "import subprocess, sys, grader; subprocess.run([sys.executable, '-c', ''], check=True)"
GRADES = """
import json, pathlib, sys, tempfile
from grader.errors import StudentRaisedError
from grader.sandbox.choice import Choice
from grader.sandbox.layout import Layout, Limits
from grader.sandbox.process import WorkerProcess
from grader.sandbox.signature import Callee, parse_results
from grader.sandbox.student import Student

with tempfile.TemporaryDirectory() as course, Choice("auto", many=True) as choice:
    folder = pathlib.Path(course, "submission")
    folder.mkdir()
    for place in (pathlib.Path(course), folder):
        place.chmod(0o755)
    pathlib.Path(course, "solution.py").write_text("the right answer")
    file = folder / "layers.py"
    file.write_text("def double(x): return 2 * x\\ndef read(path): return open(path).read()\\n")
    layout = Layout({"submission.layers": str(file)}, packages={"submission": [str(folder)]}, search=[str(folder)])
    callees = {name: Callee(name, "submission.layers", parse_results("out:any")) for name in ("double", "read")}
    limits = Limits(slack=60.0)
    student = Student(lambda: WorkerProcess(layout, limits, choice), callees, limits)
    try:
        answer = student.double(4.0)
        try:
            learnt = student.read(f"{course}/solution.py")
        except StudentRaisedError as error:
            learnt = str(error)
    finally:
        student.close()
    print(json.dumps([choice.tier, answer, learnt]))
"""


def run(prefix: Sequence[str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*prefix, sys.executable, *command], cwd="/", capture_output=True, text=True)


@pytest.mark.parametrize("way", WAYS)
def test_student_code_is_kept_apart_by(way: str) -> None:
    prefix, tiers = WAYS[way]
    try:
        first = run(prefix, "-c", REACHES)
    except FileNotFoundError:
        pytest.skip(f"there is no {prefix[0]} here")
    if first.returncode:
        pytest.skip(f"nobody here is {way} and reaches Python: {first.stderr.strip().splitlines()[-1]}")
    done = run(prefix, "-c", GRADES)
    assert done.returncode == 0, done.stderr
    tier, answer, learnt = json.loads(done.stdout)
    assert tier in tiers
    assert answer == 8.0
    assert "the right answer" not in learnt
    assert "Error" in learnt
