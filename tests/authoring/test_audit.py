"""An assignment in which every promise of the audit is broken once, each by a question of its own, and a sound one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import grader.authoring.audit as auditing
from grader.authoring.audit import audit
from grader.authoring.findings import Audit, Finding
from grader.authoring.jobs import Job, Outcome
from grader.authoring.mutants import mutants_of, solution_lines
from grader.authoring.pool import benches
from grader.authoring.scaffold import create
from grader.checking.assignment import load_assignment
from grader.errors import AssignmentError, UnknownNameError
from grader.processes.pool import Done, Pool

LAYER = """

def {name}(x):
    given = 0
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
"""
CHECK = '''"""{name}: twice a vector."""

from grader import Question, expect

question = Question("{name}", file="layers.py", points=1, returns="out")


@question.check(points=3)
def doubles(student, rng):
    """gives 2 x"""
    x = rng.normal(size=4)
    expect.close(student.{name}(x), 2 * x, "out")


@question.check(robust=True)
def leaves_x(student, rng):
    """leaves x as it was"""
    student.{name}(rng.normal(size=4))
    expect.unchanged(student)
'''
CATALOGUE = """import numpy as np

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("{name}")

catalogue.wrong("thrice", "x is taken three times.", edit=("2 * x", "3 * x"))


@catalogue.wrong("in-place", "x itself is doubled.")
def {name}(x):
    x *= 2
    return x


@catalogue.right("twice-added")
def {name}(x):
    return x + x
"""
MORE = '''

@question.check()
def {id}(student, rng):
    """{id}"""
'''
DECLARED = """
[equivalent.stale]
00000000 = "gone"

[equivalent.equal]
c0ffee00 = "the larger and the smaller of two that are equal are the same"

[keep]
"kept.doubles_again" = "told twice"

[spreads]
"trunk.in-*" = "x is the caller's"
"""


class Small:
    """An assignment of questions that are all alike, but for what a test changes."""

    def __init__(self, home: Path, *names: str) -> None:
        self.folder = home / "solutions" / "small"
        self.write("layers.py", '"""Layers."""\n\nimport numpy as np\n')
        for name in names:
            self.append("layers.py", LAYER.format(name=name))
            self.write(f"checks/{name}.py", CHECK.format(name=name))
            self.write(f"misconceptions/{name}.py", CATALOGUE.format(name=name))
        listed = ", ".join(f'"{name}"' for name in names)
        config = f'title = "Small"\npoints = {len(names)}\nquestions = [{listed}]\n\n[files]\n"layers.py" = []\n'
        self.write("assignment.toml", config)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.folder / name).read_text() + text)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def solve(self, name: str, body: str) -> None:
        self.replace("layers.py", LAYER.format(name=name), LAYER.format(name=name).replace("return 2 * x", body))

    def audit(self, *names: str, hands: int = 2) -> Audit:
        return audit(load_assignment(self.folder), names, hands=hands)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Every question is named after what is wrong with it."""
    names = [
        "sound",
        "wrong",
        "right",
        "solution",
        "stub",
        "mutant",
        "equal",
        "stale",
        "check",
        "kept",
        "answer",
        "fault",
    ]
    small = Small(tmp_path_factory.mktemp("broken"), *names, "others", "user", "trunk", "heir", "missing", "gpu")
    small.append("misconceptions/wrong.py", 'catalogue.wrong("same", "Two times x.", edit=("2 * x", "x * 2"))\n')
    small.append("misconceptions/right.py", 'catalogue.right("thrice-again", edit=("2 * x", "3 * x"))\n')
    small.solve("solution", "return 2.1 * x")
    small.append("checks/stub.py", MORE.format(id="is_there"))
    small.append("checks/missing.py", f"{MORE.format(id='asks_torch')}    raise UndecidableError('no torch')\n")
    small.replace("checks/missing.py", "from grader ", "from grader.errors import UndecidableError\nfrom grader ")
    small.append("checks/gpu.py", MORE.format(id="on_cuda").replace("check()", 'check(needs=["a device"])'))
    small.append("misconceptions/answer.py", 'catalogue.wrong("gone", "So.", edit=("what was", "what is"))\n')
    small.append("checks/fault.py", MORE.format(id="breaks") + "    [0][int(abs(student.fault(1.0) - 2.0))]\n")
    for name in ("mutant", "equal"):
        small.solve(name, "return np.maximum(2 * x, 2 * x)")
        small.replace(f"misconceptions/{name}.py", '("2 * x", "3 * x")', '("(2 * x", "(3 * x")')
    for name in ("check", "kept"):
        small.append(f"checks/{name}.py", MORE.format(id="doubles_again") + "    doubles.function(student, rng)\n")
    for name, base in (("user", "others"), ("heir", "trunk")):  # made of another question, and only one says so
        small.solve(name, f"return {base}(x)")
        small.replace(f"misconceptions/{name}.py", '("2 * x", "3 * x")', f'("{base}(x)", "1 + {base}(x)")')
    small.replace("checks/heir.py", 'returns="out"', 'returns="out", depends=["trunk"]')
    source = (small.folder / "layers.py").read_text()
    mutants = mutants_of(source, "equal", solution_lines(source, "layers.py"))
    (swapped,) = (mutant for mutant in mutants if "minimum" in mutant.description)
    small.write("misconceptions/audit.toml", DECLARED.replace("c0ffee00", swapped.id))
    return small


@pytest.fixture(scope="module")
def broken(small: Small) -> Audit:
    return small.audit()


class Backwards:
    """Processes that have done every job before any is heard of, and the last is heard of first."""

    def __init__(self, pool: Pool[Job, Outcome]) -> None:
        self._pool = pool

    def __enter__(self) -> Backwards:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def run(self, jobs: Iterable[Job]) -> Iterator[Done[Job, Outcome]]:
        return reversed(list(self._pool.run(list(jobs))))


def test_whatever_ends_first_the_findings_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is run on a solution that is wrong may be an error, but is asked for before that is known."""
    small = Small(tmp_path, "solution", "sound")
    small.solve("solution", "return 2.1 * x")
    usual = small.audit()
    monkeypatch.setattr(auditing, "benches", lambda *args: Backwards(benches(*args)))
    assert small.audit().to_dict() | {"seconds": 0} == usual.to_dict() | {"seconds": 0}
    assert {finding.kind for finding in of(usual, "solution")} == {"solution"}


def of(result: Audit, question: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.question == question]


@pytest.mark.parametrize("name", ["sound", "equal", "kept", "user", "trunk", "heir", "gpu"])
def test_nothing_is_found_where_all_is_well(broken: Audit, name: str) -> None:
    assert of(broken, name) == []


@pytest.mark.parametrize(
    ("kind", "subject", "says"),
    [
        ("wrong", "same", "loses no points"),
        ("right", "thrice-again", "is right, and doubles says failed"),
        ("solution", "doubles", "failed: out"),
        ("mutant", None, "survives: line"),
        ("check", "doubles_again", "decides nothing"),
        ("answer", "gone", "expects 'what was' once in answer, not 0 times"),
    ],
)
def test_each_promise_that_is_broken_is_found(broken: Audit, kind: str, subject: str | None, says: str) -> None:
    found = of(broken, kind)
    assert {finding.kind for finding in found} == {kind}
    assert subject is None or [finding.subject for finding in found] == [subject]
    assert all(says in finding.message for finding in found)


def test_a_check_that_is_skipped_for_no_need_of_its_own_proves_nothing(broken: Audit) -> None:
    (finding,) = of(broken, "missing")
    assert (finding.kind, finding.subject, finding.message) == ("solution", "asks_torch", "skipped: no torch")


def test_a_stub_that_earns_points_is_found_and_so_is_the_check_that_gives_them(broken: Audit) -> None:
    stub, check = of(broken, "stub")
    assert (stub.kind, stub.subject) == ("stub", "stub")
    assert "by is_there" in stub.message
    assert (check.kind, check.subject) == ("check", "is_there")


def test_a_check_that_breaks_on_a_wrong_answer_is_found(broken: Audit) -> None:
    found = of(broken, "fault")
    assert {finding.kind for finding in found} == {"fault", "check"}
    assert any("breaks on 'thrice'" in finding.message and "IndexError" in finding.message for finding in found)


def test_what_takes_points_from_another_question_is_found_unless_that_depends_on_it(broken: Audit) -> None:
    found = of(broken, "others")
    assert [(finding.kind, finding.subject) for finding in found] == [("others", "thrice"), ("others", "in-place")]
    assert all("takes points from user too" in finding.message for finding in found)


def test_declarations_of_what_is_not_there_are_found(broken: Audit) -> None:
    (stale,) = of(broken, "stale")
    assert (stale.kind, stale.subject) == ("declared", "00000000")
    everywhere = [finding.subject for finding in broken.findings if finding.kind == "declared"]
    assert everywhere == ["00000000"]  # the solution of one question fails, so of the patterns nothing can be said


def test_counts(broken: Audit) -> None:
    tallies = {tally.id: tally for tally in broken.questions}
    sound = tallies["sound"]
    assert (sound.solution, sound.stub_points, sound.named) == ("passed", 0.0, 2)
    assert (sound.wrong, sound.caught, sound.right, sound.accepted) == (2, 2, 1, 1)
    assert sound.mutants == sound.mutants_caught == 5
    assert [(check.id, check.refused, check.first) for check in sound.checks] == [("doubles", 6, 6), ("leaves_x", 1, 1)]
    assert (tallies["wrong"].caught, tallies["right"].accepted) == (2, 1)
    (reason,) = {survivor.reason for survivor in tallies["equal"].survivors}
    assert reason == "the larger and the smaller of two that are equal are the same"
    assert tallies["kept"].checks[-1].kept == "told twice"
    assert tallies["stub"].stub_points > 0
    failing = tallies["solution"]
    assert (failing.solution, failing.wrong, failing.mutants) == ("failed", 0, 0)


def test_an_audit_is_plain_data(broken: Audit) -> None:
    data = json.loads(json.dumps(broken.to_dict()))
    assert data["schema"] == "grader.audit/1"
    assert (data["assignment"], data["proven"], broken.exit_code) == ("small", False, 1)
    assert [question["id"] for question in data["questions"]][:2] == ["sound", "wrong"]
    assert data["findings"][0].keys() == {"kind", "question", "subject", "message"}


def test_one_question_alone(small: Small) -> None:
    told: list[str] = []
    result = audit(load_assignment(small.folder), ["sound"], hands=1, on_progress=told.append)
    assert result.proven
    assert result.exit_code == 0
    assert [tally.id for tally in result.questions] == ["sound"]
    assert told[0] == "reading the assignment"
    assert any(text.startswith("1 of ") and "sound" in text for text in told)


def test_a_pattern_that_nothing_needs_is_found_once_all_is_looked_at(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    small.write("misconceptions/audit.toml", '[keep]\n"f.*" = "why not"\n')
    assert small.audit("f").proven
    (finding,) = small.audit().findings
    assert (finding.kind, finding.subject) == ("declared", "f.*")


def test_a_helper_of_the_solution_has_mutants_too_and_an_endless_loop_is_caught(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    small.solve("f", "return half(x) * 4")
    small.replace("misconceptions/f.py", '("2 * x", "3 * x")', '("* 4", "* 6")')
    small.append(
        "layers.py",
        """

        def half(x):
            ### BEGIN SOLUTION
            count = 0
            while count != 1:
                count = count + 1
            return x / (count + 1)
            ### END SOLUTION
        """.replace("\n        ", "\n"),
    )
    small.replace("assignment.toml", "[files]", "[limits]\ncall_seconds = 1\n\n[files]")
    (tally,) = small.audit().questions
    assert tally.mutants > 12
    survivors = {survivor.description.partition(",")[0] for survivor in tally.survivors}
    assert survivors == {"count + 1 becomes 1", "0 becomes 1"}  # count is 1 at the end all the same


def test_a_new_assignment_is_proven_at_once(tmp_path: Path) -> None:
    result = audit(load_assignment(create("mine", tmp_path)), hands=2)
    assert result.findings == ()
    assert sum(tally.mutants for tally in result.questions) > 5


def test_a_question_that_is_none_is_refused(small: Small) -> None:
    with pytest.raises(UnknownNameError, match="did you mean sound"):
        small.audit("sond")


def test_a_missing_file_is_the_authors_to_mend(tmp_path: Path) -> None:
    small = Small(tmp_path, "f")
    (small.folder / "layers.py").unlink()
    with pytest.raises(AssignmentError, match=r"layers\.py is missing, but \[files\]"):
        small.audit()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[equal]\n", "did you mean equivalent"),
        ("[equivalent.soun]\n", "did you mean sound"),
        ('[keep]\n"a.b" = ""\n', "should have its reason"),
        ("keep = 3\n", "should be a table"),
        ("[keep\n", "audit.toml"),
    ],
)
def test_declarations_have_their_form_and_a_reason(tmp_path: Path, text: str, says: str) -> None:
    small = Small(tmp_path, "sound")
    small.write("misconceptions/audit.toml", text)
    with pytest.raises(AssignmentError, match=says):
        small.audit()


def test_a_check_with_many_calls_says_so_and_is_asked_last(tmp_path: Path) -> None:
    small = Small(tmp_path, "long")
    calls = "    for _ in range(51):\n        expect.close(student.long(1.0), 2.0, 'out')\n"
    small.append("checks/long.py", MORE.format(id="asks_often") + calls)

    def told() -> list[str]:
        return [finding.message for finding in small.audit(hands=1).findings if "51 calls" in finding.message]

    assert told() == ["makes 51 calls: ask for fewer, or say costly=True"]
    small.replace("checks/long.py", "@question.check()\ndef asks_often", "@question.check(costly=True)\ndef asks_often")
    assert told() == []
