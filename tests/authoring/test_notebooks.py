from __future__ import annotations

import json
from typing import Any

import pytest

from grader.authoring.notebooks import cell_sources, strip_notebook
from grader.errors import AssignmentError


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "metadata": {"widgets": {"a": 1}}, "nbformat": 4, "nbformat_minor": 5})


def code(source: Any) -> dict[str, Any]:
    outputs = [{"output_type": "stream", "text": "42"}]
    return {"cell_type": "code", "source": source, "outputs": outputs, "execution_count": 7, "metadata": {}}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def sources(text: str) -> list[str]:
    return [source for _, _, source in cell_sources(text)]


def test_code_cells_are_stripped_and_lose_what_a_run_left():
    region = ["def f():\n", "    ### BEGIN SOLUTION\n", "    return 1\n", "    ### END SOLUTION"]
    text, cells = strip_notebook(notebook(markdown("# Tïtle"), code(region), code("x = 2 # SOLUTION")), "a.ipynb", "a")
    assert sources(text) == ["# Tïtle", 'def f():\n    raise NotImplementedError("write f")', "x = ..."]
    parsed = json.loads(text)
    assert [cell.get("outputs") for cell in parsed["cells"]] == [None, [], []]
    assert [cell.get("execution_count") for cell in parsed["cells"]] == [None, None, None]
    assert parsed["metadata"] == {}
    assert "Tïtle" in text
    assert [(cell.number, cell.removed) for cell in cells] == [(1, set()), (2, {2, 3, 4}), (3, {1})]


def test_lines_of_ipython_are_kept():
    source = "%matplotlib inline\n!ls\nif a:\n    %time f()\n# BEGIN SOLUTION\n%time x = 1\n# END SOLUTION\nb = 1"
    text, _ = strip_notebook(notebook(code(source)), "a.ipynb", "a")
    kept = '%matplotlib inline\n!ls\nif a:\n    %time f()\nraise NotImplementedError("write a")\nb = 1'
    assert sources(text) == [kept]


def test_a_percent_sign_in_front_of_a_line_may_be_python():
    source = "x = (\n    'a'\n    % b\n)\ny = 1 # SOLUTION"
    text, _ = strip_notebook(notebook(code(source)), "a.ipynb", "a")
    assert sources(text) == ["x = (\n    'a'\n    % b\n)\ny = ..."]


def test_cells_in_other_languages_are_left_alone():
    text, _ = strip_notebook(notebook(code("%%bash\nls 'a")), "a.ipynb", "a")
    assert sources(text) == ["%%bash\nls 'a"]


def test_model_answers_in_text_cells_are_taken_out():
    source = "**Why?**\n\n<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->"
    text, cells = strip_notebook(notebook(markdown(source)), "a.ipynb", "a")
    assert sources(text) == ["**Why?**\n\n*Write your answer here.*"]
    assert cells[0].removed == {3, 4, 5}
    assert not cells[0].is_code


def test_what_programs_noted_is_left_out():
    noted = {"collapsed": True, "nbgrader": {"grade_id": "q1"}, "execution": {}, "tags": ["hide"], "slideshow": {}}
    book = json.loads(notebook({**code("x = 1"), "metadata": noted}))
    book["metadata"] = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "path": "/home/author"},
        "language_info": {"name": "python", "version": "3.11.7"},
        "colab": {},
    }
    parsed = json.loads(strip_notebook(json.dumps(book), "a.ipynb", "a")[0])
    assert parsed["cells"][0]["metadata"] == {"tags": ["hide"]}
    assert parsed["metadata"] == {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
    }


def test_cells_keep_their_ids_and_get_one_where_it_is_missing_or_taken():
    cells = [{**code("x = 1"), "id": "first"}, {**code("x = 2"), "id": "first"}, code("x = 3"), code("x = 3")]
    cells += [{**code("x = 4"), "id": "no id!"}]
    text, _ = strip_notebook(notebook(*cells).replace('_minor": 5', '_minor": 4'), "a.ipynb", "a")
    assert text == strip_notebook(notebook(*cells), "a.ipynb", "a")[0]
    ids = [cell["id"] for cell in json.loads(text)["cells"]]
    assert ids[0] == "first"
    assert len(set(ids)) == 5
    assert all(name.isalnum() for name in ids)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no notebook"),
        ("[]", "is no notebook"),
        ('{"worksheets": []}', "is no notebook"),
        (notebook({"cell_type": "code"}), "is no notebook"),
        (notebook(code("x = 1")).replace('"nbformat": 4', '"nbformat": 3'), "nbformat 3"),
        (notebook(markdown("<!-- BEGIN SOLUTION -->")), "cell 1 line 1"),
        (notebook(code("x = 1"), code("### BEGIN SOLUTION")), "cell 2 line 1"),
        (notebook(code("%%bash\n### BEGIN SOLUTION\n")), "cell 1"),
        (notebook(code("def f(:")), "cell 1 line 1"),
    ],
)
def test_what_cannot_be_stripped_is_refused(text, words):
    with pytest.raises(AssignmentError, match=r"a\.ipynb") as caught:
        strip_notebook(text, "a.ipynb", "a")
    assert words in str(caught.value)
