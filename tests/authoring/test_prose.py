from __future__ import annotations

import pytest

from grader.authoring.prose import make_prompt, prose_secrets
from grader.errors import AssignmentError

TEXT = """**Question.** Why?

*Your answer:*

<!-- BEGIN SOLUTION -->
Because the mean is subtracted.
Yes.
<!-- END SOLUTION -->

<!-- a comment -->
<!-- BEGIN SOLUTION NO PROMPT -->
A remark for colleagues only.
<!-- END SOLUTION -->
The end."""


def test_regions_become_a_prompt_or_nothing():
    stub = make_prompt(TEXT.replace("\n", "\r\n"), "cell 1")
    lines = ["**Question.** Why?", "", "*Your answer:*", "", "*Write your answer here.*", "", "<!-- a comment -->"]
    assert stub.text.split("\n") == [*lines, "The end."]
    assert stub.removed == {5, 6, 7, 8, 11, 12, 13}
    assert stub.origins == (1, 2, 3, 4, 5, 9, 10, 14)


def test_text_without_regions_stays_as_it_is():
    text = "The solution is `<b>` < 3 -- and --> an arrow.\n"
    assert make_prompt(text, "cell 1").text == text


def test_what_was_taken_out_is_secret_if_it_tells_something():
    secrets = list(prose_secrets(TEXT, "cell 1", make_prompt(TEXT, "").removed))
    assert [secret.code for secret in secrets] == ["Because the mean is subtracted.", "A remark for colleagues only."]
    assert secrets[0].origin == "cell 1 line 6"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!-- BEGIN SOLUTION -->\na", "line 1: 'BEGIN SOLUTION' without 'END SOLUTION'"),
        ("a\n<!-- END SOLUTION -->", "line 2: 'END SOLUTION' without"),
        ("<!-- BEGIN SOLUTION -->\n<!-- BEGIN SOLUTION -->", "line 2: 'BEGIN SOLUTION' inside of the region of line 1"),
        ("<!-- BEGIN SOLUTON -->", "line 1: '<!-- BEGIN SOLUTON -->' resembles a marker"),
        ("<!-- Begin solution -->", "resembles a marker"),
        ("<!--SOLUTION-->", "resembles a marker"),
        ("<!-- BEGIN SOLUTION", "resembles a marker"),
        ("Because: <!-- BEGIN SOLUTION -->", "alone on its line"),
    ],
)
def test_markers_that_are_none_are_refused(text, words):
    with pytest.raises(AssignmentError, match=r"^cell 1 line") as caught:
        make_prompt(text, "cell 1")
    assert words in str(caught.value)
