"""Classes made by hand: attempts with reports as the engine makes them, of students who differ in what they can."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from typing import Any

from grader.checking.report import CheckResult, QuestionResult, Report, status_of
from grader.classroom.record.attempt import Attempt, Basis

BASIS = Basis("assignment2", "a1b2", 2026, "0.1.0 c3d4")
POINTS = {
    "affine_forward": 2.0, "affine_backward": 3.0, "relu_forward": 1.0, "softmax_loss": 3.0, "batchnorm_forward": 5.0,
    "batchnorm_backward": 4.0, "dropout_forward": 3.0, "conv_forward_naive": 5.0, "conv_backward_naive": 6.0,
    "max_pool_forward_naive": 3.0, "spatial_groupnorm_forward": 3.0, "adam": 3.0, "TwoLayerNet": 3.0,
    "ThreeLayerConvNetModule": 3.0,
}  # fmt: skip
DIFFICULTY = dict(zip(POINTS, (-2, -1, -3, 0, 0.5, 1.5, 0, 0.3, 1.2, 0.2, 1.8, 0.4, -0.5, 1.0), strict=True))
MISTAKES = {
    "affine_backward": ("sums-wrong-axis", "db is the sum over the examples: you added up each example instead."),
    "batchnorm_backward": ("mean-is-constant", "The mean depends on x, too; its gradient is missing in dx."),
    "batchnorm_forward": ("unbiased-variance", "The variance is divided by N here, not by N - 1."),
    "conv_backward_naive": ("keeps-padding", "The padding is still around dx: cut it off before you return it."),
    "dropout_forward": ("not-inverted", "What is kept is divided by p in training, so that testing changes nothing."),
    "adam": ("no-bias-correction", "m and v start at zero: correct both for it, with t counted up before."),
}
PEOPLE = (
    "Ana Lima",
    "Bo Ek",
    "Chloé Dubois",
    "Đorđe Petrović",
    "Eun-ji Park",
    "Fatima al-Sayed",
    "王小明",
    "Olu O'Neil",
)


def check(id: str, status: str = "passed", points: float = 1.0, visibility: str = "public", **more: Any) -> CheckResult:
    score = points if status == "passed" else 0.0
    return CheckResult(id, id.replace("_", " "), visibility, points, score, status, cases=3, **more)


def question(id: str, *checks: CheckResult) -> QuestionResult:
    score, most = sum(one.score for one in checks), sum(one.points for one in checks)
    return QuestionResult(id, f"about {id}", score, most, status_of(checks), 0.1, checks)


def report(*questions: QuestionResult, **more: Any) -> Report:
    given: dict[str, Any] = {
        "assignment": "assignment2",
        "submission": "/inbox/kim",
        "seconds": 1.25,
        "seed": 2026,
        "isolation": {"tier": "lite", "layers": ["process", "limits", "landlock", "seccomp"]},
        "environment": {"python": "3.11.9", "numpy": "2.4.6", "torch": None, "platform": "Linux", "device": "cpu"},
    }
    return Report(**{**given, "questions": questions, **more})


def attempt(key: str = "kim", made: Report | None = None, **more: Any) -> Attempt:
    """An attempt at what ``made`` says, or with no report where the state says that there is none."""
    if made is None and more.get("state", "graded") == "graded":
        made = report(question("affine_forward", check("agrees_with_torch", points=2.0)))
    given: dict[str, Any] = {
        "people": ({"key": key, "name": key.title(), "email": f"{key}@example.edu", "number": "0012"},),
        "origin": f"inbox/{key}.zip",
        "late": False,
        "submitted": "2026-11-02T18:00:00+01:00",
        "digest": f"digest of {key}",
        "state": "graded",
        "problem": "",
        "score": None if made is None else made.score,
        "max_score": None if made is None else made.max_score,
        "seconds": 1.5,
        "student_seconds": 0.5,
        "graded_at": "2026-11-03T08:00:00+00:00",
    }
    return Attempt(key=key, report=None if made is None else made.to_dict(), **{**given, **more})


def answered(id: str, points: float, luck: random.Random, ability: float) -> QuestionResult:
    """What a student of an ability makes of a question."""
    right = luck.random() < 1 / (1 + math.exp(DIFFICULTY[id] - 1.6 * ability))
    kinds = (("agrees_with_torch", 0.6, "public"), ("on_other_shapes", 0.3, "hidden"))
    robust = {"details": {"robust": True}}
    waits = check("leaves_arguments", "skipped", 0.1 * points, **robust)
    if not right and luck.random() < 0.25 - 0.15 * ability:
        return question(id, *(check(name, "todo", share * points, seen) for name, share, seen in kinds), waits)
    if not right and luck.random() < 0.15:
        message = f"layers.py line {luck.randrange(20, 90)}: ValueError: shapes (5,4) and (3,5) not aligned"
        wrong = {"message": message, "failed_cases": 3}
        return question(id, *(check(n, "error", s * points, v, **wrong) for n, s, v in kinds), waits)
    name, hint = MISTAKES[id] if id in MISTAKES and luck.random() < 0.7 else (None, None)
    status = "passed" if right else "failed"
    wrong = {} if right else {"misconception": name, "hint": hint, "message": "out is wrong", "failed_cases": 2}
    seen = "passed" if not right and luck.random() < 0.2 else status
    return question(
        id,
        check("agrees_with_torch", seen, 0.6 * points, **({} if seen == "passed" else wrong)),
        check("on_other_shapes", status, 0.3 * points, "hidden", **wrong),
        check("leaves_arguments", "passed", 0.1 * points, **robust) if "passed" in (seen, status) else waits,
    )


def classroom(size: int, seed: int = 1, odd: bool = True) -> Iterable[Attempt]:
    """The attempts of a class, one at a time; where it is ``odd``, with some of every kind that needs a look."""
    luck = random.Random(seed)
    for place in range(size):
        ability = luck.gauss(0.3, 1.0)
        name, key = PEOPLE[place % len(PEOPLE)], f"s{place:04d}"
        more: dict[str, Any] = {
            "people": ({"key": key, "name": name, "email": f"{key}@example.edu", "number": f"{place:05d}"},),
            "late": luck.random() < 0.1,
            "seconds": luck.lognormvariate(0.5, 0.5),
            "student_seconds": luck.lognormvariate(-0.5, 0.5),
        }
        if odd and place % 25 == 7:
            problem = "the archive cannot be opened: it is a RAR file named .zip; ask for a zip"
            yield attempt(key, None, **more, state="refused", problem=problem)
        elif odd and place % 50 == 11:
            yield attempt(key, None, **more, state="fault", problem="KeyError: 'dgamma' in spatial_groupnorm_forward")
        elif odd and place % 30 == 13:
            yield attempt(key, alike("error", "layers.py cannot be imported: line 12: '(' was never closed"), **more)
        elif odd and place % 40 == 17:
            yield attempt(key, alike("timeout", "used more than 10 s of processor time"), **more)
        elif odd and place % 45 == 19:
            yield attempt(key, special(list(POINTS)[:8]), **more)
        else:
            yield attempt(key, report(*(answered(one, POINTS[one], luck, ability) for one in POINTS)), **more)


def alike(status: str, message: str) -> Report:
    """A report in which every check went the same way."""
    names = (("agrees_with_torch", 0.7, "public"), ("on_other_shapes", 0.3, "hidden"))
    return report(
        *(
            question(one, *(check(name, status, share * points, seen, message=message) for name, share, seen in names))
            for one, points in POINTS.items()
        )
    )


def special(names: Sequence[str]) -> Report:
    """A report of code that knows the public checks of some questions, and nothing of the others."""
    return report(
        *(
            question(
                one,
                check("agrees_with_torch", "passed" if one in names else "todo", 0.7 * points),
                check("on_other_shapes", "failed" if one in names else "todo", 0.3 * points, "hidden"),
            )
            for one, points in POINTS.items()
        )
    )
