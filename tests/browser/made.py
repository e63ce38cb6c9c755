"""Pages to look at: a student's with everything in it, one whose every text is hostile, and a class's."""

from __future__ import annotations

import numpy as np

from grader.checking import pictures
from grader.checking.report import Report
from grader.classroom.summary.insights import Tally
from grader.reports.classwords import ClassScene
from grader.reports.findings import Scene
from grader.reports.html import fragment, page
from grader.reports.html.classroom import class_page
from tests.classroom.made import POINTS, attempt, classroom
from tests.reports.conftest import make_check, make_question, make_report

SCENE = Scene("Deep networks", "grader run small", {"conv": "work/layers.py"})
FRAME = {"file": "layers.py", "line": 12, "function": "affine_forward", "source": "out = x @ w" + " + b" * 60}
HOSTILE = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    '"><svg onload=window.ran=1>',
    "</title></style></textarea><iframe src=javascript:parent.ran=1>",
    "' autofocus onfocus=window.ran=1 x='",
    "{{7*7}} ${7*7} <b>bold</b> &lt;b&gt; \u202etxt.exe \x1b[31m",
    "javascript:window.ran=1",
)


def maps() -> list[pictures.Picture | None]:
    random = np.random.default_rng(0)
    large, small = random.normal(size=(2, 3, 40, 50)), random.normal(size=(4, 5))
    shifted = np.roll(large, 1, axis=-1)
    shifted[0, 0, 0, 0] = np.nan
    return [pictures.error_map("dx", shifted, large, 1e-4), pictures.error_map("dw", small + 1, small, 1e-4)]


def training() -> list[pictures.Picture | None]:
    losses = 2.3 * np.exp(-np.arange(140) / 30)
    return [pictures.curve(losses), pictures.filters(np.random.default_rng(1).normal(size=(4, 1, 3, 3)), "W1")]


def students_page() -> str:
    return page(students_report(), SCENE)


def students_fragment() -> str:
    return fragment(students_report(), SCENE)


def students_report() -> Report:
    x = np.ones(3)
    bars = pictures.bars([("dx", x, x), ("dw", 2 * x, x), ("db", None, x)], 1e-4)
    wrong = make_check(
        "failed",
        "dx[0, 1, 2, 3] is 1, should be 2 (the worst; 9 of 12000 elements are wrong) (stride=2)",
        hint="The padding is still around dx.",
        details={
            "pictures": [*maps(), bars],
            "case": {"stride": 2},
            "output": "".join(f"line {i}\n" for i in range(9)),
        },
    )
    passed = make_check(title="learns by heart", details={"pictures": training()}, message="training accuracy 100%")
    return make_report(
        make_question("conv", wrong, passed),
        make_question("broken", make_check("error", "ValueError: no", details={"frame": FRAME})),
        make_question("slow", make_check("timeout", "too slow")),
        make_question("waits", make_check("skipped", "needs conv, which is not right yet: mend that first")),
        make_question("not_begun", make_check("todo", "not written yet")),
        make_question("right", passed),
        make_question("odd", make_check("fault", "the grader itself failed here")),
        hidden_points=3,
        notes=("a note about the submission",),
    )


def hostile_page() -> str:
    questions = []
    for text in HOSTILE:
        frame = {"file": text, "line": 1, "function": text, "source": text}
        bars = {"kind": "bars", "limit": 1e-4, "left_out": 0, "bars": [{"name": text, "error": 1.0, "note": text}]}
        details = {"frame": frame, "output": text, "case": {text: text}, "failing": text, "pictures": [bars]}
        questions.append(make_question(text, make_check("error", text, title=text, hint=text, details=details)))
    questions.append(make_question(f"right {HOSTILE[0]}", make_check(message=HOSTILE[1])))
    everything = " ".join(HOSTILE)
    return page(make_report(*questions, assignment=everything, notes=(everything,)), Scene(everything, everything, {}))


def class_report(hostile: bool = False) -> str:
    tally = Tally(POINTS)
    for one in classroom(60):
        tally.add(one)
    for place, text in enumerate(HOSTILE if hostile else ()):
        people = ({"key": text, "name": text, "email": text, "number": text},)
        tally.add(attempt(f"{place}{text}", None, people=people, state="refused", problem=text, origin=text))
    title = " ".join(HOSTILE) if hostile else "Deep networks"
    return class_page(tally.insights(), ClassScene("assignment2", title, 2026, "graded/gradebook.csv", 41.5))
