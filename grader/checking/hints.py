"""Hints: which known misconception explains a wrong answer, if exactly one does.

A misconception is known by what its wrong answers were, place by place (a check and one of its cases). It explains a
submission if that is wrong in the same way wherever the misconception is, and all of it if nothing else is wrong. What
explains a part is named only if other known ones explain the other wrong arrays: two mistakes at once. Where
misconceptions with different sentences explain the same, nothing is said: silence beats a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from grader.checking.evidence import Evidence, Place, Wrong
from grader.checking.report import WRONG, CheckResult

__all__ = ["Known", "Match", "know", "named", "recognise"]


@dataclass(frozen=True)
class Known:
    """One misconception.

    ``wrong`` says how it goes wrong, where it does; ``tried`` are all places where that is known, and ``loose`` those
    of them where every run ends otherwise, e.g. for random numbers that nobody seeds.
    """

    id: str
    sentence: str
    wrong: Mapping[Place, Wrong]
    tried: frozenset[Place]
    loose: frozenset[Place] = frozenset()


@dataclass(frozen=True)
class Match:
    """How a misconception explains a submission: which wrong answers at which places, and whether that is all."""

    known: Known
    places: Mapping[Place, frozenset[str]]
    whole: bool


def know(id: str, sentence: str, runs: Sequence[Evidence]) -> Known:
    """Return what is known of a misconception after several runs of it. What differs between them tells nothing."""
    first, *others = runs
    tried = frozenset(first).intersection(*others)
    wrong: dict[Place, Wrong] = {}
    loose: set[Place] = set()
    for place in tried:
        seen = first[place]
        again = [run[place] for run in others]
        if seen is None:
            loose |= {place} if any(one is not None for one in again) else set()
        elif all(one is not None and seen.explains(one) and one.explains(seen) for one in again):
            wrong[place] = seen
        else:
            loose.add(place)
    return Known(id, sentence, wrong, tried, frozenset(loose))


def recognise(evidence: Evidence, known: Iterable[Known], robust: Collection[str] = ()) -> dict[str, Known]:
    """Return, for each check that a misconception explains, that misconception.

    Args:
        evidence: how a question went, at all places that were tried.
        known: the question's misconceptions.
        robust: the ids of checks of what many get wrong besides, such as underflow: there, another wrong answer speaks
            neither for a misconception nor against it.
    """
    matches = [match for one in known if (match := _match(one, evidence, robust)) is not None]
    found = {}
    for check in {check for (check, _), wrong in evidence.items() if wrong is not None}:
        here = [match for match in matches if any(place[0] == check for place in match.places)]
        best = [match for match in here if match.whole] or _largest(
            check, [match for match in here if _accounted(match, check, evidence, matches, robust)]
        )
        if len({match.known.sentence for match in best}) == 1:
            found[check] = best[0].known
    return found


def _match(known: Known, evidence: Evidence, robust: Collection[str]) -> Match | None:
    """Return how a misconception explains a submission, None if it does not."""
    places: dict[Place, frozenset[str]] = {}
    whole = True
    for place, got in evidence.items():
        if place not in known.tried or place in known.loose:
            continue
        wrong = known.wrong.get(place)
        if wrong is None:
            whole = whole and got is None
        elif got is None:
            return None  # this would be wrong, and is not
        elif wrong.explains(got):
            places[place] = frozenset(wrong.arrays)
            whole = whole and got.explains(wrong)
        elif wrong.what == got.what and place[0] not in robust:
            return None
        else:
            whole = False  # another mistake came first, and hides what came of this one
    if not places:
        return None
    return Match(known, places, whole)


def _accounted(match: Match, check: str, evidence: Evidence, matches: Sequence[Match], robust: Collection[str]) -> bool:
    """Whether a part explanation may be given for a check: known mistakes account for all that is wrong there.

    So they have to for wrong arrays anywhere in the question, but for robust checks: an unknown mistake that has a part
    in common with a known one would get its name otherwise.
    """
    for place, got in evidence.items():
        if got is None or place not in match.known.tried:
            continue
        if place[0] != check and (place[0] in robust or not got.arrays):
            continue
        here = [other.places[place] for other in matches if place in other.places]
        if not here or not frozenset().union(*here) >= got.arrays.keys():
            return False
    return any(place[0] == check and match.known.wrong[place].telling for place in match.places)


def _largest(check: str, matches: Sequence[Match]) -> list[Match]:
    """Return the matches that no other one contains in a check: what explains more is the likelier one."""

    def answers(match: Match) -> frozenset[tuple[Place, str]]:
        here = ((place, names) for place, names in match.places.items() if place[0] == check)
        return frozenset((place, name) for place, names in here for name in ("", *names))

    return [match for match in matches if not any(answers(match) < answers(other) for other in matches)]


def named(checks: Sequence[CheckResult], seen: Evidence, known: Callable[[], Iterable[Known]]) -> Sequence[CheckResult]:
    """Return a question's checks, each failure with the misconception behind it, where just one explains it.

    Args:
        checks: the results of all checks of the question.
        seen: what happened in each case.
        known: gives the question's misconceptions, if there is a failure to explain.
    """
    if all(check.status not in WRONG for check in checks):
        return checks
    found = recognise(seen, known(), {check.id for check in checks if check.details.get("robust")})
    return [
        replace(check, hint=found[check.id].sentence, misconception=found[check.id].id)
        if check.status in WRONG and check.id in found
        else check
        for check in checks
    ]
