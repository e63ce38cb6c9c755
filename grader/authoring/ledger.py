"""The ledger of an audit: what came of each job becomes counts, and what is amiss becomes findings."""

from __future__ import annotations

from collections.abc import Sequence

from grader.authoring.catalogue import Catalogue, Variant
from grader.authoring.declared import DECLARED, Declared
from grader.authoring.findings import CheckTally, Finding, QuestionTally, Survivor
from grader.authoring.jobs import Outcome
from grader.authoring.naming import named_by
from grader.authoring.plan import MANY_CALLS, Plan
from grader.checking.hints import Known
from grader.checking.question import Check
from grader.checking.report import CheckResult, QuestionResult

__all__ = ["Ledger"]


class Ledger:
    """Enters what comes of a plan's jobs.

    ``variants`` are the outcomes of answers that could be run, by question and id; ``answers`` counts all answers, and
    ``kept`` those whose outcome was known before.
    """

    def __init__(self, plan: Plan, declared: Declared) -> None:
        self.findings: list[Finding] = []
        self.variants: dict[str, dict[str, Outcome]] = {question.name: {} for question in plan.questions}
        self.tallies = {
            question.name: QuestionTally(
                question.name,
                checks=[CheckTally(check.id) for check in question.checks],
            )
            for question in plan.questions
        }
        self.answers = self.kept = 0
        self._plan = plan
        self._declared = declared
        self._explained: set[tuple[str, str]] = set()
        self._used: set[str] = set()  # patterns of declarations
        self._untried: set[tuple[str, str]] = set()  # checks that need what is not here

    def sound(self) -> list[str]:
        """Return the questions whose solution is right."""
        return [name for name, tally in self.tallies.items() if tally.solution == "passed"]

    def fails(self, question: str) -> bool:
        """Whether a question's solution is known to be wrong."""
        return self.tallies[question].solution not in ("", "passed")

    def enter(self, outcome: Outcome, *, before: bool) -> None:
        """Take in what came of a job, now or ``before``."""
        count = 1 if outcome.job.kind == "variant" else len(outcome.results) + len(outcome.mutants)
        self.answers += count
        self.kept += count * before
        for result in outcome.results:
            for check in result.checks:
                if check.status == "fault":
                    self._find("fault", result.id, check.id, f"breaks on {_what(outcome)}: {check.message}")
        match outcome.job.kind:
            case "solution":
                self._solution(outcome)
            case "stubs":
                for result in outcome.results:
                    self.tallies[result.id].stub_points = result.score
                    if result.score:
                        earning = ", ".join(check.id for check in result.checks if check.score)
                        self._find("stub", result.id, "stub", f"earns {result.score:g} points, by {earning}")
            case "variant":
                self._variant(outcome)
            case "mutants":
                self._mutants(outcome)

    def _solution(self, outcome: Outcome) -> None:
        for (name, label), calls in outcome.calls.items():
            if calls > MANY_CALLS and not self._check(name, label).costly:
                self._find("check", name, label, f"makes {calls} calls: ask for fewer, or say costly=True")
        for result in outcome.results:
            untried = [
                check for check in result.checks if check.status == "skipped" and self._needs(result.id, check.id)
            ]
            self._untried |= {(result.id, check.id) for check in untried}
            lost = [check for check in result.checks if check.status != "passed" and check not in untried]
            self.tallies[result.id].solution = lost[0].status if lost else "passed"
            for check in lost:
                self._find("solution", result.id, check.id, f"{check.status}: {check.message}")

    def _needs(self, name: str, label: str) -> bool:
        """Whether a check says that it needs something; one that does not has no reason to be skipped."""
        return bool(self._check(name, label).needs)

    def _check(self, name: str, label: str) -> Check:
        question = next(question for question in self._plan.questions if question.name == name)
        return next(check for check in question.checks if check.id == label)

    def _variant(self, outcome: Outcome) -> None:
        name, label = outcome.job.questions[0], outcome.job.id
        variant = next(one for one in self._plan.catalogues[name].variants if one.id == label)
        tally = self.tallies[name]
        tally.right += variant.right
        tally.wrong += not variant.right
        if outcome.problem:
            self._find("answer", name, label, outcome.problem)
            return
        self.variants[name][label] = outcome
        own, *others = outcome.results
        refusing = [check for check in own.checks if _refuses(check)]
        if variant.right:
            lost = [check for check in own.checks if check.status not in ("passed", "skipped")]
            tally.accepted += not lost
            if lost:
                self._find("right", name, label, f"is right, and {lost[0].id} says {lost[0].status}: {lost[0].message}")
            return
        tally.caught += bool(refusing)
        self._count(name, refusing)
        if not refusing:
            self._find("wrong", name, label, "loses no points: no check refuses it")
        for other in others:
            self._others(name, label, other)

    def name(self, question: str, known: Sequence[Known]) -> None:
        """Find wrong answers to a question that what is known of all of them does not name."""
        catalogue = self._plan.catalogues[question]
        for variant in catalogue.variants:
            outcome = self.variants[question].get(variant.id)
            if not variant.right and outcome is not None and any(map(_refuses, outcome.results[0].checks)):
                self._naming(variant, named_by(outcome, known), catalogue)

    def _naming(self, variant: Variant, found: set[str], catalogue: Catalogue) -> None:
        name = variant.question
        alike = {other.id for other in catalogue.variants if other.sentence == variant.sentence and not other.right}
        if found and found <= alike:
            self.tallies[name].named += 1
        elif found:
            self._find("name", name, variant.id, f"is named by another's sentence, that of {min(found)}")
        elif not (pattern := self._declared.silence(name, variant.id)):
            self._find("name", name, variant.id, "is not named by its sentence")
        else:
            self._used.add(pattern)

    def _others(self, name: str, label: str, other: QuestionResult) -> None:
        lost = [check for check in other.checks if _refuses(check)]
        if not lost:
            return
        pattern = self._declared.spreading(name, label)
        if pattern:
            self._used.add(pattern)
            return
        message = f"takes points from {other.id} too ({lost[0].id}: {lost[0].message})"
        self._find("others", name, label, f"{message}; should {other.id} depend on {name}?")

    def _mutants(self, outcome: Outcome) -> None:
        name = outcome.job.questions[0]
        tally = self.tallies[name]
        reasons = self._declared.equivalent.get(name, {})
        for judged in outcome.mutants:
            check = judged.check
            tally.mutants += 1
            if check is not None and _refuses(check):
                tally.mutants_caught += 1
                if judged.question == name:
                    self._count(name, [check])
                continue
            if check is not None:
                self._find("fault", judged.question, check.id, f"breaks on mutant {judged.id}: {check.message}")
                continue
            tally.survivors.append(Survivor(judged.id, judged.line, judged.description, reasons.get(judged.id, "")))

    def _count(self, name: str, refusing: Sequence[CheckResult]) -> None:
        for place, check in enumerate(refusing):
            tally = next(one for one in self.tallies[name].checks if one.id == check.id)
            tally.refused += 1
            tally.first += not place

    def close(self, *, whole: bool) -> None:
        """Find what only the end can show: checks that decide nothing, and declarations of what is not there."""
        for name in self.sound():
            self._survivors(name)
            for mutant in self._declared.equivalent.get(name, {}):
                if (name, mutant) not in self._explained:
                    self._find("declared", name, mutant, f"{DECLARED} calls it equivalent, and no survivor is it")
            for check in self.tallies[name].checks:
                if not check.first and (name, check.id) not in self._untried:
                    self._idle(name, check)
        if whole and len(self.sound()) == len(self.tallies):
            for pattern in self._declared.patterns():
                if pattern not in self._used:
                    self._find("declared", "", pattern, f"{DECLARED} makes an exception, and nothing needs it")

    def _survivors(self, name: str) -> None:
        """Find the mutants that nothing refuses and nobody declared, in the order of their lines."""
        self.tallies[name].survivors.sort(key=lambda survivor: (survivor.line, survivor.id))
        for survivor in self.tallies[name].survivors:
            if survivor.reason:
                self._explained.add((name, survivor.id))
            else:
                message = f"survives: line {survivor.line}, {survivor.description}"
                self._find("mutant", name, survivor.id, message)

    def _idle(self, name: str, check: CheckTally) -> None:
        pattern = self._declared.kept(name, check.id)
        if pattern:
            self._used.add(pattern)
            check.kept = self._declared.keep[pattern]
        else:
            message = "decides nothing: no wrong answer gets past the checks before it and is refused by it"
            self._find("check", name, check.id, message)

    def _find(self, kind: str, question: str, subject: str, message: str) -> None:
        finding = Finding(kind, question, subject, " ".join(message.split()))
        if finding not in self.findings:
            self.findings.append(finding)


def _refuses(check: CheckResult) -> bool:
    return check.status not in ("passed", "skipped", "fault")


def _what(outcome: Outcome) -> str:
    return {"solution": "the solution", "stubs": "the stubs"}.get(outcome.job.kind, f"'{outcome.job.id}'")
