"""Where a submission's files are found, and what each of them gets to import."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.checking.submission import open_submission
from grader.errors import InputError, StudentRaisedError, SubmissionError

from .conftest import Small, write

Ask = Callable[..., Any]

FILES = """
"layers.py" = ["cs231n/layers.py"]
"fc_net.py" = ["cs231n/classifiers/fc_net.py"]
"""
GIVEN = """
"layer_utils.py" = ["cs231n/layer_utils.py"]
"im2col_cython.py" = ["cs231n/im2col_cython.py"]
"""
LAYERS = "def f(x): return ('layers', x)\n"
NET = "from {prefix}layers import f\nfrom {prefix}layer_utils import pair\ndef g(x): return f(x), pair(x)\n"
ANSWER = (("layers", 1), ("given", ("layers", 1)))


@pytest.fixture
def course(small: Small) -> Small:
    small.write(
        files=FILES,
        given=GIVEN,
        layers="raise SystemExit('the solution')\n",
        fc_net="raise SystemExit('the solution')\n",
        layer_utils="from layers import f\ndef pair(x): return ('given', f(x))\n",
        im2col_cython="def im2col(x): return ('pure', x)\n",
        secret="answer = 42\n",
    )
    return small


# --- layouts ----------------------------------------------------------------------------------------------------------


def package(prefix: str, above: str = "") -> dict[str, str | bytes]:
    return {
        f"{above}cs231n/__init__.py": "",
        f"{above}cs231n/layers.py": LAYERS,
        f"{above}cs231n/classifiers/__init__.py": "from cs231n.classifiers.k_nearest_neighbor import *\n",
        f"{above}cs231n/classifiers/fc_net.py": NET.format(prefix=prefix),
    }


@pytest.mark.parametrize("prefix", ["", "cs231n.", ".", ".."])
def test_flat(course: Small, ask: Ask, prefix: str) -> None:
    submission = course.submission({"layers.py": LAYERS, "fc_net.py": NET.format(prefix=prefix)})
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER
    assert submission.problems == {}
    assert submission.notes == ()


@pytest.mark.parametrize("prefix", ["..", "cs231n.", ""])
def test_package(course: Small, ask: Ask, prefix: str) -> None:
    submission = course.submission(package(prefix))
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER
    assert ask(submission, "layers.py", "f", 1) == ANSWER[0]


@pytest.mark.parametrize("prefix", ["..", "cs231n."])
@pytest.mark.parametrize("above", ["homework/", "homework/assignment2/", "a/b/c/"])
def test_folder_too_high(course: Small, ask: Ask, prefix: str, above: str) -> None:
    submission = course.submission(package(prefix, above))
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER
    assert submission.notes == (f"graded the files in {above.rstrip('/')}",)


@pytest.mark.parametrize("prefix", ["..", "cs231n."])
def test_folder_too_low(course: Small, ask: Ask, prefix: str, tmp_path: Path) -> None:
    folder = write(tmp_path / "hw", package(prefix))
    submission = open_submission(folder / "cs231n", course.write(files=FILES, given=GIVEN))
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER


def test_folder_much_too_low(course: Small, tmp_path: Path) -> None:
    folder = write(tmp_path / "hw", {"layers.py": LAYERS, "classifiers/fc_net.py": NET.format(prefix="..")})
    submission = open_submission(folder / "classifiers", course.write(files=FILES, given=GIVEN))
    assert "layers.py is not in the submission" in submission.problems["layers.py"]
    assert submission.notes == ("layers.py lies in the folder above: give that one, if it is meant",)


def test_both_layouts_at_once(course: Small, ask: Ask) -> None:
    submission = course.submission({"layers.py": LAYERS, "cs231n/classifiers/fc_net.py": NET.format(prefix="..")})
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER


def test_a_file_is_one_module_by_whichever_name(course: Small, ask: Ask) -> None:
    source = """
        import layers, cs231n.layers, importlib
        from . import layers as third
        from cs231n import layers as fourth
        def g(x): return layers is cs231n.layers is third is fourth is importlib.import_module("cs231n.layers")
        """
    for prefix in ("", "cs231n/"):
        submission = course.submission({f"{prefix}layers.py": LAYERS, "fc_net.py": source})
        assert ask(submission, "fc_net.py", "g", 1) is True


def test_files_import_each_other_in_a_circle(course: Small, ask: Ask) -> None:
    submission = course.submission(
        {
            "layers.py": "import fc_net\ndef f(x): return fc_net.h(x)\n",
            "fc_net.py": "import layers\ndef h(x): return x\n",
        }
    )
    assert ask(submission, "layers.py", "f", 1) == 1


def test_own_helpers_are_found_from_everywhere(course: Small, ask: Ask) -> None:
    tools = "value = {}\n"
    submission = course.submission(
        {
            "cs231n/layers.py": "from .tools import value\nimport mine\ndef f(x): return value, mine.value\n",
            "cs231n/classifiers/fc_net.py": """
                from ..tools import value as a
                from cs231n.tools import value as b
                from .near import value as c
                from mine import value as d
                def g(x): return a, b, c, d
                """,
            "cs231n/tools.py": tools.format(1),
            "cs231n/classifiers/near.py": tools.format(2),
            "mine.py": tools.format(3),
        }
    )
    assert ask(submission, "layers.py", "f", 1) == (1, 3)
    assert ask(submission, "fc_net.py", "g", 1) == (1, 1, 2, 3)


# --- given files ------------------------------------------------------------------------------------------------------


def test_a_missing_extension_is_given(course: Small, ask: Ask) -> None:
    source = """
        try:
            from {}im2col_cython import im2col
        except ImportError:
            im2col = None
        def f(x): return im2col(x)
        """
    for place, prefix in (("layers.py", ""), ("cs231n/layers.py", "."), ("cs231n/layers.py", "cs231n.")):
        submission = course.submission({place: source.format(prefix)})
        assert ask(submission, "layers.py", "f", 1) == ("pure", 1)


def test_a_students_own_given_file_is_taken(course: Small, ask: Ask) -> None:
    own = "def pair(x): return ('own', x)\n"
    for place in ("layer_utils.py", "cs231n/layer_utils.py"):
        submission = course.submission({"layers.py": LAYERS, "fc_net.py": NET.format(prefix=""), place: own})
        assert ask(submission, "fc_net.py", "g", 1) == (("layers", 1), ("own", 1))


def test_a_students_given_file_that_is_no_file_is_not(course: Small, ask: Ask) -> None:
    submission = course.submission({"layers.py": LAYERS, "fc_net.py": NET.format(prefix="")})
    (submission.root / "layer_utils.py").symlink_to("nowhere.py")
    submission = open_submission(submission.root, course.write(files=FILES, given=GIVEN))
    assert ask(submission, "fc_net.py", "g", 1) == ANSWER


@pytest.mark.parametrize("name", ["given.layers", "given.secret", "given", "secret", "checks.f", "cs231n.secret"])
def test_nothing_of_the_assignment_but_given_files_can_be_imported(course: Small, ask: Ask, name: str) -> None:
    source = f"""
        import importlib
        def f(x):
            try:
                return vars(importlib.import_module("{name}")).get("answer", "")
            except ImportError:
                return "nothing"
        """
    submission = course.submission(source)
    assert ask(submission, "layers.py", "f", 1) in ("nothing", "")
    course.home.joinpath("layers.py").write_text("answer = 42\n")
    assert ask(submission, "layers.py", "f", 1) in ("nothing", "")


# --- what is missing --------------------------------------------------------------------------------------------------


def test_a_missing_file_costs_its_own_questions(course: Small, ask: Ask) -> None:
    submission = course.submission({"fc_net.py": NET.format(prefix=""), "notes.txt": ""})
    message = "layers.py is not in the submission; it was looked for as layers.py or cs231n/layers.py"
    assert submission.problems == {"layers.py": message}
    with pytest.raises(StudentRaisedError) as caught:
        ask(submission, "fc_net.py", "g", 1)
    assert caught.value.message.startswith(f"fc_net.py cannot be imported: ImportError: {message} (fc_net.py line 1: ")


@pytest.mark.parametrize(
    "name", ["Layers.py", "layers.PY", "layers (1).py", "layers.py.txt", "layer.py", "LAYERS_final.py"]
)
def test_a_file_under_a_similar_name_is_pointed_out(course: Small, name: str) -> None:
    submission = course.submission({"fc_net.py": "", name: LAYERS})
    assert submission.problems["layers.py"].endswith(f"; there is {name}: rename it, if it is that")


def test_a_notebook_under_the_name_of_a_file_is_pointed_out(course: Small) -> None:
    submission = course.submission({"fc_net.py": "", "layers.ipynb": "{}"})
    assert submission.problems["layers.py"].endswith("; there is layers.ipynb: export it as layers.py, if it is that")


def raised(course: Small, path: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        open_submission(path, course.write(files=FILES, given=GIVEN))
    assert isinstance(caught.value, InputError)
    assert caught.value.exit_code == 2
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_path_that_is_no_folder_is_refused(course: Small, tmp_path: Path) -> None:
    path = tmp_path / "hw"
    assert raised(course, path) == f"{path} does not exist: give the folder with layers.py and fc_net.py"
    path.write_text("def f(x): return x\n")
    assert raised(course, path) == f"{path} is a file: give the folder that it is in"
    path = tmp_path / "hw.tar.gz"
    path.write_bytes(b"\x1f\x8b")
    assert raised(course, path) == f"{path} is an archive: unpack it, and give the folder"
    path = tmp_path / "handed-in"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("layers.py", LAYERS)
    assert raised(course, path) == f"{path} is an archive: unpack it, and give the folder"


def test_a_folder_without_the_files_is_refused(course: Small, tmp_path: Path) -> None:
    path = tmp_path / "hw"
    path.mkdir()
    assert raised(course, path) == f"{path} is empty: give the folder with layers.py and fc_net.py"
    write(path, {"other.py": "", "__pycache__/layers.py": "", ".git/layers.py": "", "a/b/c/d/layers.py": ""})
    assert raised(course, path) == f"{path} has none of layers.py, fc_net.py: is it the right folder?"


def test_several_submissions_in_one_folder_are_refused(course: Small, tmp_path: Path) -> None:
    path = write(tmp_path / "hw", {"ada/layers.py": LAYERS, "bob/layers.py": LAYERS, "eve/notes.txt": ""})
    assert raised(course, path) == (
        f"{path} holds 2 submissions (ada and bob): give one of these folders, or put what belongs together into one"
    )


def test_the_fullest_folder_is_taken(course: Small, tmp_path: Path) -> None:
    path = write(tmp_path / "hw", {"old/layers.py": LAYERS, "new/layers.py": LAYERS, "new/fc_net.py": ""})
    assert open_submission(path, course.write(files=FILES, given=GIVEN)).notes == ("graded the files in new",)


# --- links ------------------------------------------------------------------------------------------------------------


def linked(course: Small, link: str, target: str | Path) -> Any:
    submission = course.submission({"fc_net.py": "def g(x): return x\n", "real/real.py": LAYERS})
    (submission.root / link).parent.mkdir(exist_ok=True)
    (submission.root / link).symlink_to(target)
    return open_submission(submission.root, course.write(files=FILES, given=GIVEN))


@pytest.mark.parametrize("link", ["layers.py", "cs231n/layers.py"])
def test_a_link_out_of_the_submission_is_not_followed(course: Small, tmp_path: Path, link: str) -> None:
    write(tmp_path, {"outside.py": LAYERS})
    submission = linked(course, link, tmp_path / "outside.py")
    message = f"{link} is a link to a place outside of the submission: put the file itself there"
    assert submission.problems == {"layers.py": message}
    submission = linked(course, link, "/dev/zero")
    assert submission.problems == {"layers.py": message}


def test_a_folder_that_leads_out_is_not_followed(course: Small, tmp_path: Path) -> None:
    write(tmp_path, {"outside/layers.py": LAYERS})
    submission = linked(course, "cs231n", tmp_path / "outside")
    assert "is a link to a place outside" in submission.problems["layers.py"]


def test_a_link_to_nothing_or_a_folder_is_told(course: Small) -> None:
    submission = linked(course, "layers.py", "nowhere.py")
    assert submission.problems == {"layers.py": "layers.py is a link to nothing: put the file itself there"}
    submission = linked(course, "layers.py", "layers.py")
    assert "layers.py is a link" in submission.problems["layers.py"]
    submission = linked(course, "layers.py", "real")
    assert submission.problems == {"layers.py": "layers.py is no file: put the file there"}


def test_a_link_inside_is_followed(course: Small, ask: Ask) -> None:
    assert ask(linked(course, "layers.py", "real/real.py"), "layers.py", "f", 1) == ANSWER[0]


def test_the_submission_itself_may_be_a_link(course: Small, ask: Ask, tmp_path: Path) -> None:
    real = write(tmp_path / "real", package(".."))
    link = tmp_path / "link"
    link.symlink_to(real, target_is_directory=True)
    submission = open_submission(link, course.write(files=FILES, given=GIVEN))
    assert submission.root == real
    assert submission.notes == ()
    assert ask(submission, "fc_net.py", "g", 1)[0] == ANSWER[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(course: Small) -> None:
    submission = course.submission({"layers.py": LAYERS, "fc_net.py": ""})
    (submission.root / "layers.py").chmod(0)
    submission = open_submission(submission.root, course.write(files=FILES, given=GIVEN))
    assert submission.problems == {"layers.py": "layers.py cannot be read: change its permissions"}


@pytest.mark.parametrize("prefix", ["", "cs231n/"])
def test_no_file_takes_the_place_of_a_real_module_and_no_byte_code_is_left(
    course: Small, ask: Ask, prefix: str
) -> None:
    trap = "raise SystemExit('the wrong one')\n"
    names = ["numpy.py", "random.py", "torch/__init__.py", "grader/__init__.py", "conftest.py", "sitecustomize.py"]
    source = "import numpy, random, json\ndef f(x): return float(numpy.sqrt(x)), random.Random(1).random() < 1\n"
    submission = course.submission({f"{prefix}layers.py": source, **{f"{prefix}{name}": trap for name in names}})
    assert ask(submission, "layers.py", "f", 4) == (2.0, True)
    assert not list(submission.root.rglob("__pycache__"))
