from __future__ import annotations

import json
import tomllib

import pytest

from grader.authoring.edition import Edition, make_edition
from grader.errors import AssignmentError

from .conftest import AFFINE, INPUTS, LAYERS, SWISH, Author


def edition(author: Author) -> Edition:
    assignment = author.assignment()
    return make_edition(assignment, assignment.questions())


def refused(author: Author) -> str:
    with pytest.raises(AssignmentError) as caught:
        edition(author)
    return str(caught.value)


def text(author: Author, name: str) -> str:
    return edition(author).files[name].decode()


def test_what_students_get(author):
    for name in (
        ".hidden",
        ".git/config",
        "__pycache__/layers.pyc",
        "old.pyc",
        "data/.DS_Store",
        "layers.py~",
        "layers.py.orig",
        "checks/__pycache__/swish.pyc",
        "checks/expected.npz",
        "checks/draft.py",
        "misconceptions/README.md",
    ):
        author.write(name, "x = 1\n")
    author.write("data/numbers.bin", b"\0\1\r\n")
    author.write("extra/more.txt", "one\r\ntwo\r\n")
    author.write("extra/tool.py", "def f():\n    # BEGIN SOLUTION\n    return 1\n    # END SOLUTION\n")
    found = edition(author)
    assert sorted(found.files) == [
        "README.md",
        "assignment.toml",
        "checks/_inputs.py",
        "checks/affine_forward.py",
        "checks/swish.py",
        "data/numbers.bin",
        "extra/more.txt",
        "extra/tool.py",
        "helpers.py",
        "layers.py",
    ]
    assert found.files["data/numbers.bin"] == b"\0\1\r\n"
    assert found.files["extra/more.txt"] == b"one\ntwo\n"
    assert b'raise NotImplementedError("write f")' in found.files["extra/tool.py"]


def test_solutions_and_hidden_checks_are_taken_out(author):
    found = edition(author)
    assert found.files["layers.py"].decode().count("raise NotImplementedError") == 2
    assert b"rows @ w" not in found.files["layers.py"]
    checks = found.files["checks/affine_forward.py"].decode()
    assert "takes_images" not in checks
    assert "Nobody thinks" not in checks
    assert "numpy" not in checks
    assert "expect" not in checks
    assert found.files["checks/swish.py"].decode() == SWISH


def test_settings_are_the_authors_and_what_is_hidden(author):
    author.append(
        "checks/affine_forward.py",
        '''
        @question.check(points=3, hidden=True, robust=True)
        def leaves_all(student, rng):
            """leaves all"""
        ''',
    )
    found = text(author, "assignment.toml")
    assert found.startswith((author.folder / "assignment.toml").read_text())
    assert tomllib.loads(found)["published"] == {"name": "tiny", "hidden": {"affine_forward": [2.0, 3.0]}}


def test_notebooks_are_stripped(author):
    cell = {"cell_type": "code", "metadata": {}, "outputs": [1], "execution_count": 1, "source": ["x = 7 # SOLUTION"]}
    author.write("tour.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (stripped,) = json.loads(text(author, "tour.ipynb"))["cells"]
    assert stripped["source"] == ["x = ..."]


def test_a_byte_order_mark_is_no_matter(author):
    author.write("layers.py", "\ufeff" + LAYERS)
    assert text(author, "layers.py").startswith('"""Layers.')


def test_shared_modules_of_hidden_checks_only_are_not_published(author):
    author.replace("checks/affine_forward.py", "from ._inputs", "from . import _traps\nfrom ._inputs")
    author.replace("checks/affine_forward.py", "np.ones((3, 2, 2, 2))", "_traps.images()")
    author.write("checks/_traps.py", "import numpy as np\n\n\ndef images():\n    return np.full((3, 2, 2, 2), 1e300)\n")
    assert "checks/_traps.py" not in edition(author).files
    author.append("README.md", "\nThink of `return np.full((3, 2, 2, 2), 1e300)`!\n")
    assert "README.md line 5 gives away checks/_traps.py line 5" in refused(author)


def test_shared_modules_may_share_further_ones(author):
    author.write("checks/_inputs.py", "from ._more import affine_inputs\n")
    author.write("checks/_more.py", INPUTS)
    assert {"checks/_inputs.py", "checks/_more.py"} <= edition(author).files.keys()


def test_what_another_checks_file_imports_stays(author):
    author.write("checks/_inputs.py", "")
    shared = AFFINE.replace("from ._inputs import affine_inputs\n", "").replace(
        "question.forward", "def affine_inputs(rng, rows):\n    return rows\n\n\nquestion.forward"
    )
    author.write("checks/affine_forward.py", shared.replace("rows=[1, 4]", "rows=[1, 4], hidden=True"))
    author.replace("checks/swish.py", "from grader.ref", "from .affine_forward import affine_inputs\nfrom grader.ref")
    assert "def affine_inputs" in text(author, "checks/affine_forward.py")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("layers.py", "    ### END SOLUTION\n\n\ndef swish", "\n\ndef swish", "layers.py line 18: 'BEGIN SOLUTION'"),
        ("helpers.py", "import numpy", "import numpy # SOLUTION", "helpers.py line 3"),
        ("checks/swish.py", "rows=[2, 5]", "rows=[2, 5], hidden=HIDE", "checks/swish.py line 18"),
        ("checks/_inputs.py", "def ", "question.f(hidden=True)\n\n\ndef ", "checks/_inputs.py line 4"),
        ("assignment.toml", '"helpers.py" = []', '"helpers.py" = []\n"solver.py" = []', "solver.py is missing"),
        ("assignment.toml", '"layers.py" =', '"optim.py" = []\n"layers.py" =', "optim.py is missing"),
        ("README.md", "Write", "### BEGIN SOLUTION\nWrite", "README.md line 3: markers are for Python only"),
    ],
)
def test_wrong_files_are_refused(author, name, old, new, words):
    questions = author.assignment().questions()
    author.replace(name, old, new)
    with pytest.raises(AssignmentError) as caught:
        make_edition(author.assignment(), questions)
    assert words in str(caught.value)


def test_a_function_without_a_region_is_refused(author):
    author.replace(
        "layers.py",
        "    ### BEGIN SOLUTION\n    share = np.asarray(sigmoid(x))\n    return x * share\n    ### END SOLUTION\n",
        "    return x * sigmoid(x)\n",
    )
    assert "layers.py line 17: swish has no solution region" in refused(author)


def test_markers_in_text_cells_are_refused(author):
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["### BEGIN SOLUTION"]}
    author.write("tour.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert "tour.ipynb cell 1 line 1: markers are for Python only" in refused(author)


def test_links_in_the_authors_folder_are_refused(author, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (author.folder / "data").symlink_to(tmp_path / "elsewhere")
    assert "data is a link" in refused(author)


def test_the_name_of_records_is_taken(author):
    author.write("recorded/mine.npz", "x")
    assert "recorded is a name that publishing needs" in refused(author)


def test_python_that_is_no_text_is_refused(author):
    author.write("extra.py", b"x = '\xff'\n")
    assert "extra.py is no UTF-8 text" in refused(author)


SOLUTION = "rows = x.reshape(x.shape[0], -1)"


@pytest.mark.parametrize(
    ("name", "addition", "place"),
    [
        ("README.md", f"\n```python\n{SOLUTION}\n```\n", "README.md line 6 gives away layers.py line 11"),
        ("helpers.py", f"\n\ndef flat(x):\n    {SOLUTION}\n", "helpers.py line 12 gives away layers.py line 11"),
        ("layers.py", f"\n\ndef later(x):\n    {SOLUTION}\n", "layers.py line 26 gives away layers.py line 11"),
        ("checks/_inputs.py", f"\n\ndef flat(x):\n    {SOLUTION}\n", "checks/_inputs.py line 10 gives away layers.py"),
        ("checks/swish.py", f"\n\ndef flat(x):\n    {SOLUTION}\n", "checks/swish.py line 22 gives away layers.py"),
        ("checks/swish.py", f"\n# {SOLUTION}\n", "checks/swish.py line 20 gives away layers.py line 11"),
        ("assignment.toml", f"# {SOLUTION}\n", "assignment.toml line 11 gives away layers.py line 11"),
        ("notes/hints.rst", f"{SOLUTION}\n", "notes/hints.rst line 1 gives away layers.py line 11"),
        (
            "checks/_inputs.py",
            "\n\nimport numpy as np\n\nx, w = np.ones((3, 2, 2, 2)), np.full((8, 5), 0.125)\n",
            "checks/_inputs.py line 11 gives away checks/affine_forward.py line 19",
        ),
        (
            "README.md",
            '\nWe expect `expect.close(out, np.ones((3, 5)), "out")`.\n',
            "README.md line 5 gives away checks/affine_forward.py line 21",
        ),
        (
            "README.md",
            "\nNot `return np.maximum(x, share * 17)`.\n",
            "README.md line 5 gives away misconceptions/swish.py line 7",
        ),
    ],
)
def test_what_would_be_given_away_is_refused(author, name, addition, place):
    path = author.folder / name
    author.write(name, (path.read_text() if path.exists() else "") + addition)
    message = refused(author)
    assert message.startswith("nothing was published")
    assert place in message
    assert "[publish] allow" in message


def test_a_misplaced_marker_is_seen_where_the_line_is_known(author):
    author.write(
        "misconceptions/affine_forward.py",
        "def affine_forward(x, w, b):\n    out = rows @ w + b[:, None]\n    return out\n",
    )
    author.replace("layers.py", "out = rows @ w + b\n", "out = rows @ w + b[:, None]\n")
    edition(author)
    author.replace("layers.py", "    ### BEGIN SOLUTION\n    rows", "    rows")
    author.replace("layers.py", "    return out, (x, w)", "    ### BEGIN SOLUTION\n    return out, (x, w)")
    assert "layers.py line 11 gives away misconceptions/affine_forward.py line 2" in refused(author)


def test_a_model_answer_is_secret(author):
    answer = "<!-- BEGIN SOLUTION -->\nThe batch mean depends on every example.\n<!-- END SOLUTION -->"
    cell = {"cell_type": "markdown", "metadata": {}, "source": answer}
    author.write("tour.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert "depends on" not in text(author, "tour.ipynb")
    author.append("README.md", "\nThe batch mean depends on\nevery example.\n")
    assert "README.md line 5 gives away tour.ipynb cell 1 line 2" in refused(author)


def test_a_notebook_gives_away_too(author):
    cell = {"cell_type": "markdown", "metadata": {}, "source": ["Look:\n", f"    {SOLUTION}"]}
    author.write("tour.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert "tour.ipynb cell 1 line 2 gives away layers.py line 11" in refused(author)
    author.write("tour.ipynb", json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    cell = {"cell_type": "code", "metadata": {}, "source": "y = np.tanh(x) * 3 + 1 # SOLUTION"}
    author.write("tour.ipynb", json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    author.append("README.md", "\ny = np.tanh(x) * 3 + 1\n")
    assert "README.md line 5 gives away tour.ipynb cell 1 line 1" in refused(author)


def test_many_leaks_are_counted(author):
    author.append("README.md", "\n" + f"{SOLUTION}\n" * 20)
    assert "… and 8 more" in refused(author)


def test_what_the_author_allows_is_no_leak(author):
    author.append("README.md", f"\n{SOLUTION}\n")
    author.append("assignment.toml", f'\n[publish]\nallow = ["{SOLUTION}"]\n')
    assert SOLUTION in text(author, "README.md")


def test_withheld_files_stay_with_the_author(author):
    author.write("trick.py", "ANSWER = 42\n")
    assert "trick.py" in edition(author).files
    author.append("assignment.toml", '\n[publish]\nwithhold = ["trick.py"]\n')
    assert "trick.py" not in edition(author).files


@pytest.mark.parametrize(
    ("name", "words"), [("gone.py", "gone.py is missing"), ("layers.py", "layers.py is handed in, so it cannot be")]
)
def test_what_cannot_be_withheld_is_refused(author, name, words):
    author.append("assignment.toml", f'\n[publish]\nwithhold = ["{name}"]\n')
    assert words in refused(author)


def test_public_checks_may_look_like_hidden_ones(author):
    body = '    """flattens images"""\n' + AFFINE.partition('    """flattens images"""\n')[2]
    author.append("checks/affine_forward.py", f"\n\n@question.check()\ndef takes_more_images(student, rng):\n{body}")
    assert "takes_more_images" in text(author, "checks/affine_forward.py")
