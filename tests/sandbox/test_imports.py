"""Files that cannot be imported, and files that import what is not here: what is lost, and what is said."""

from __future__ import annotations

import contextlib
import py_compile
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from grader.errors import AnswerError, NotWrittenError, StudentCrashedError, StudentRaisedError, StudentTimeoutError
from grader.sandbox.launch import Launcher
from grader.sandbox.layout import Limits
from grader.sandbox.student import Student

from .conftest import SHORT, Submit, said, student_of, write

F = "def f(x): return x\n"

REFUSED: dict[str, tuple[str | bytes, str]] = {
    "syntax": ("def f(x)\n    return x\n", "SyntaxError: expected ':' (q_syntax.py line 1: def f(x))"),
    "unclosed": ("def f(x):\n    return (x\n", "SyntaxError: '(' was never closed (q_unclosed.py line 2: return (x)"),
    "print": (f"print 'x'\n{F}", "SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)? "),
    "tabs": (
        "def f(x):\n\tif x:\n        return x\n",
        "TabError: inconsistent use of tabs and spaces in indentation (q_tabs.py line 3: return x)",
    ),
    "indent": ("def f(x):\nreturn x\n", "IndentationError: expected an indented block after function definition"),
    "magic": (f"%matplotlib inline\n{F}", "SyntaxError: invalid syntax (q_magic.py line 1: %matplotlib inline)"),
    "merge": (f"<<<<<<< HEAD\n{F}", "SyntaxError: invalid syntax (q_merge.py line 1: <<<<<<< HEAD)"),
    "utf16": (F.encode("utf-16"), "SyntaxError: it is saved as UTF-16: save it as UTF-8 (q_utf16.py line 1)"),
    "utf16le": (F.encode("utf-16-le"), "SyntaxError: it holds zero bytes, so it is no text: save it as UTF-8 ("),
    "latin1": (f"NAME = 'é'\n{F}".encode("latin-1"), "SyntaxError: (unicode error) 'utf-8' codec can't decode byte"),
    "cookie": (f"# -*- coding: klingon -*-\n{F}", "SyntaxError: unknown encoding: klingon (q_cookie.py)"),
    "binary": (b"\x80\x02}q\x00.", "SyntaxError: it holds zero bytes, so it is no text: save it as UTF-8 ("),
    "name": (f"undefined\n{F}", "NameError: name 'undefined' is not defined (q_name.py line 1: undefined)"),
    "np_int": (f"import numpy as np\nT = np.int\n{F}", "NumPy has no np.int any more: write int (q_np_int.py line 2:"),
    "np_inf": (f"import numpy as np\nT = np.Inf\n{F}", "NumPy has no np.Inf any more: write np.inf (q_np_inf.py line"),
    "default": (
        "import numpy as np\ndef f(x, dtype=np.float): return x\n",
        "NumPy has no np.float any more: write float (q_default.py line 2: def f(x, dtype=np.float): return x)",
    ),
    "notebook": (
        f"get_ipython().run_line_magic('matplotlib', 'inline')\n{F}",
        "only notebooks have get_ipython (q_notebook.py line 1: get_ipython().run_line_magic(",
    ),
    "chdir": (f"import os\nos.chdir('/content/drive')\n{F}", "FileNotFoundError: [Errno 2] No such file or directory"),
    "given": (f"from solver import Solver\n{F}", "ImportError: solver.py is not in the submission (q_given.py line 1:"),
    "other": (
        f"from q_good import nothing\n{F}",
        "ImportError: cannot import name 'nothing' from 'q_good' (q_other.py line 1: from q_good import nothing)",
    ),
    "relative": (f"from . import nothing\n{F}", "ImportError: cannot import name 'nothing' from 'submission' ("),
    "above": (f"from ... import nothing\n{F}", "ImportError: attempted relative import beyond top-level package ("),
    "itself": (f"from q_itself import g\n{F}", "ImportError: cannot import name 'g' from partially initialized module"),
    "broken": (f"from q_syntax import f as g\n{F}", "SyntaxError: expected ':' (q_syntax.py line 1: def f(x))"),
    "raises": (
        f"raise ImportError('sorry')\n{F}",
        "ImportError: sorry (q_raises.py line 1: raise ImportError('sorry'))",
    ),
    "unwritten": (f"raise NotImplementedError\n{F}", "NotImplementedError (q_unwritten.py line 1: raise NotImpl"),
    "asks": (f"n = input('n? ')\n{F}", "it asks for input, and there is nobody to type (q_asks.py line 1: n = input("),
    "recursion": (f"def g(): g()\ng()\n{F}", "it calls itself without end (q_recursion.py line 1, in g: "),
}
ENDS = {"exit": "import sys\nsys.exit(0)\n", "quit": "quit()\n", "raise_exit": "raise SystemExit\n"}

BORNE: dict[str, tuple[str | bytes, list[str]]] = {
    "good": (F, []),
    "bom": (b"\xef\xbb\xbf" + F.encode(), []),
    "crlf": (F.replace("\n", "\r\n").encode(), []),
    "cr": (F.replace("\n", "\r").encode(), []),
    "latin1_declared": (f"# -*- coding: latin-1 -*-\nNAME = 'é'\n{F}".encode("latin-1"), []),
    "no_newline": (F.strip(), []),
    "absent": (
        f"import no_such_thing.parts as parts\nfrom no_such_thing import *\n{F}",
        ["q_absent.py line 1: import no_such_thing.parts as parts: 'no_such_thing'"],
    ),
    "absent_own": (f"from helpers import g\n{F}", ["q_absent_own.py line 1: from helpers import g: 'helpers'"]),
    "absent_relative": (f"from .helpers_too import g\n{F}", ["line 1: from .helpers_too import g: 'helpers_too'"]),
    "absent_below": (f"from google.colab import drive\ndrive.mount('/content')\n{F}", ["import drive: 'google'"]),
    "decorated": (
        "from no_compiler import jit, njit\n@jit\ndef g(x): return x\n@njit(cache=True)\ndef f(x): return g(x)\n",
        ["import jit, njit: 'no_compiler'"],
    ),
    "conditions": (
        "import no_device as nd\nD = nd.device('a' if nd.ok() else 'b')\nnd.seed = 3\nnd.opts['x'] = 1\n"
        f"class Net(nd.nn.Module):\n    size = nd.k * 2\nwith_it = -nd.a @ nd.b[0]\n{F}",
        ["import no_device as nd: 'no_device'"],
    ),
    "inside_absent": (f"def g():\n    import not_this_one\n{F}", []),
    "fallback": (
        "try:\n    import not_that_one as it\nexcept ImportError:\n    it = None\n"
        "def f(x): return x if it is None else 0\n",
        [],
    ),
    "numpy_name": (
        f"from numpy import float\n{F}",
        ["line 1: from numpy import float: NumPy has no float any more: use float"],
    ),
    "stdlib_name": (f"from itertools import izip\n{F}", ["line 1: from itertools import izip: itertools has no izip"]),
    "python2": (
        "from __future__ import print_function\nfrom builtins import range, object\nfrom past.builtins import xrange\n"
        "from future import standard_library\nstandard_library.install_aliases()\n"
        "from six.moves import xrange as x2, cPickle as pickle\nimport six\n"
        "def f(x): return x * len([i for i in xrange(1)]) * len([i for i in x2(1)])\n",
        [],
    ),
    "main": (f"{F}if __name__ == '__main__':\n    raise SystemExit\n", []),
    "neighbour": (
        "import q_good\nfrom q_bom import f as g\nfrom .q_crlf import f as h\ndef f(x): return h(g(q_good.f(x)))\n",
        [],
    ),
    "circle": ("import q_circle_too\ndef f(x): return q_circle_too.g(x)\n", []),
    "circle_too": ("import q_circle\ndef g(x): return x\nf = g\n", []),
    "own_file": ("import os\ndef f(x): return x if os.path.basename(__file__) == 'q_own_file.py' else 0\n", []),
    "future": ("from __future__ import annotations\ndef f(x: nothing) -> nothing: return x\n", []),
    "fork": ("import os\npid = os.fork()\ndef f(x): return x\n", []),
}

NEEDED = {
    "needs_name": ("from no_such_math import pi\ndef f(x): return pi(x)\n", "'no_such_math.pi'"),
    "needs_value": ("import no_such_mathe as m\ndef f(x): return m.pi * x\n", "'no_such_mathe.pi'"),
    "needs_array": (
        "from no_such_arrays import p\nimport numpy as np\ndef f(x): return np.add(p, x)\n",
        "'no_such_arrays.p'",
    ),
    "needs_base": ("import no_such_nn as nn\nclass Net(nn.Mod): pass\ndef f(x): return Net(3)\n", "'no_such_nn.Mod'"),
    "needs_itself": ("from no_such_layers import f\n", "'no_such_layers.f'"),
}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Iterator[Student]:
    files: dict[str, str | bytes] = {}
    for name, (source, _) in {**REFUSED, **BORNE, **NEEDED}.items():
        files[f"q_{name}.py"] = source
    for name, line in ENDS.items():
        files[f"q_{name}.py"] = line + F
    student = student_of(tmp_path_factory.mktemp("imports"), files, launcher=launcher)
    yield student
    student.close()


def ask(student: Student, name: str) -> object:
    student.line.begin_question()
    student.line.remarks.clear()
    got: object = getattr(student, f"q_{name}__f")(np.arange(3.0))
    return got


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_imported_says_where_and_why(student: Student, name: str) -> None:
    message = said(StudentRaisedError, ask, student, name)
    assert message.startswith(f"q_{name}.py cannot be imported: {REFUSED[name][1]}")
    assert "/" not in message.replace("'/content/drive'", "")
    assert said(StudentRaisedError, ask, student, name) == message


@pytest.mark.parametrize("name", ENDS)
def test_a_file_that_ends_python_says_so(student: Student, name: str) -> None:
    message = said(StudentRaisedError, ask, student, name)
    assert message.startswith(f"q_{name}.py ends Python while it is imported (q_{name}.py line ")
    assert message.endswith("): take that line out")


@pytest.mark.parametrize("name", BORNE)
def test_a_file_that_is_only_odd_is_graded(student: Student, name: str) -> None:
    assert list(ask(student, name)) == [0, 1, 2]  # type: ignore[call-overload]  # an array
    remarks, expected = list(student.line.remarks), BORNE[name][1]
    assert len(remarks) == len(expected)
    for remark, part in zip(remarks, expected, strict=True):
        assert part in remark
        assert remark.startswith(f"q_{name}.py line ")
        assert remark.endswith("; what does not use it is graded all the same")


@pytest.mark.parametrize("name", NEEDED)
def test_what_needs_an_absent_module_says_which(student: Student, name: str) -> None:
    message = said(StudentRaisedError, ask, student, name)
    assert message.startswith(f"ModuleNotFoundError: {NEEDED[name][1]}")
    assert "neither in the submission nor installed here" in message


def test_a_name_that_numpy_has_no_more_is_said_again_where_it_is_needed(submit: Submit) -> None:
    student = submit("from numpy import product as p\ndef f(x): return p(x)\ndef g(x): return x\n")
    assert student.g(1) == 1
    assert next(iter(student.line.remarks)).startswith(
        "layers.py line 1: from numpy import product as p: NumPy has no product"
    )
    message = said(StudentRaisedError, student.f, 1)
    assert message == "NumPy has no np.product any more: write np.prod (layers.py line 2, in f: def f(x): return p(x))"


def test_an_import_inside_a_function_costs_that_function(student: Student) -> None:
    message = said(StudentRaisedError, student.q_inside_absent__g)
    assert message.startswith("ModuleNotFoundError: No module named 'not_this_one' (q_inside_absent.py line 2, in g")


def test_a_file_that_is_not_there_costs_its_own_questions(submit: Submit) -> None:
    student = submit(F)
    assert said(StudentRaisedError, student.fc_net__f, 1).startswith("the file cannot be imported: ModuleNotFoundError")
    assert student.f(1) == 1


def test_a_broken_file_costs_its_own_questions_and_those_of_the_files_that_need_it(submit: Submit) -> None:
    student = submit({"layers.py": "x = = 1\n", "fc_net.py": f"from layers import *\n{F}", "q_optim.py": F})
    assert said(StudentRaisedError, student.f, 1).startswith(
        "layers.py cannot be imported: SyntaxError: invalid syntax"
    )
    message = said(StudentRaisedError, student.fc_net__f, 1)
    assert message == "fc_net.py cannot be imported: SyntaxError: invalid syntax (layers.py line 1: x = = 1)"
    assert student.q_optim__f(1) == 1


def test_a_stub_in_another_file_is_still_a_stub(submit: Submit) -> None:
    files = {"layers.py": "def g(x):\n    raise NotImplementedError\n", "fc_net.py": "from layers import g\nf = g\n"}
    student = submit(files)
    assert said(NotWrittenError, student.fc_net__f, 1).startswith("waits for g, which is not written yet")


# --- modules of Python's own, and byte code ---------------------------------------------------------------------------

SHADOWS = ["numpy.py", "random.py", "json.py", "torch/__init__.py", "grader/__init__.py", "conftest.py", "inspect.py"]


def test_no_file_of_the_submission_takes_the_place_of_a_real_module(submit: Submit) -> None:
    trap = "raise SystemExit('the wrong one')\n"
    student = submit(
        {
            **dict.fromkeys([*SHADOWS, "sitecustomize.py", "usercustomize.py", "_grader.py", "wire.py", "os.py"], trap),
            "layers.py": """
                import json, inspect, os, random
                import numpy as np
                import numpy.linalg
                def f(x):
                    files = [m.__file__ for m in (json, inspect, os, random, np)]
                    return x * (not any(os.path.dirname(__file__) in file for file in files))
                """,
        }
    )
    assert student.f(2) == 2


def test_a_file_named_like_an_installed_module_should_be_renamed(submit: Submit) -> None:
    student = submit({"random.py": "def helper(): pass\n", "layers.py": f"from random import helper\n{F}"})
    assert student.f(1) == 1
    assert list(student.line.remarks) == [
        "layers.py line 1: from random import helper: the installed random is taken, not the file of that name: rename"
        " the file"
    ]


def test_stale_byte_code_is_not_used_and_none_is_written(submit: Submit, tmp_path: Path) -> None:
    files = {"layers.py": "import helper\ndef f(x): return helper.VALUE\n", "helper.py": "VALUE = 1\n"}
    write(tmp_path, files)
    for name in files:
        path = tmp_path / name
        text = path.read_text()
        path.write_text(text.replace("VALUE = 1", "VALUE = 666").replace("helper.VALUE", "666"))
        py_compile.compile(str(path), invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        path.write_text(text)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert submit(files).f(0) == 1
    shutil.rmtree(tmp_path / "__pycache__")
    assert submit(files).f(0) == 1
    assert {path.name for path in tmp_path.rglob("*")} == set(files)
    assert len(before) == 5


def test_own_helpers_are_found_in_folders_too(submit: Submit) -> None:
    student = submit(
        {
            "layers.py": """
                import helper
                from tools.maths import two
                from tools import maths as again
                from bare.deep import three
                from .tools.maths import two as second
                def f(x): return helper.one + two + three + again.two + second
                """,
            "helper.py": b"\xef\xbb\xbfone = 1\r\n",
            "tools/__init__.py": "from .maths import *\n",
            "tools/maths.py": "two = 2\n",
            "bare/deep.py": "three = 3\n",
        }
    )
    assert student.f(0) == 10


def test_a_helper_outside_of_the_submission_is_not_followed(
    submit: Submit, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.py").write_text("value = 666\n")
    (tmp_path / "helper.py").symlink_to(outside / "secret.py")
    (tmp_path / "folder").symlink_to(outside, target_is_directory=True)
    (tmp_path / "inside.py").symlink_to(tmp_path / "real.py")
    student = submit(
        {
            "layers.py": "import helper\n" + F,
            "fc_net.py": "import folder.secret\n" + F,
            "q_inside.py": "import inside\nf = lambda x: inside.value\n",
            "real.py": "value = 1\n",
        }
    )
    for function, name in ((student.f, "helper.py"), (student.fc_net__f, "secret.py")):
        message = said(StudentRaisedError, function, 1)
        assert f"ImportError: {name} is a link to a place outside of the submission" in message
    assert student.q_inside__f(1) == 1


def test_an_init_that_fails_stops_nothing(submit: Submit) -> None:
    student = submit(
        {
            "__init__.py": "from .layers import nothing_like_it\n",
            "layers.py": "from .tools.maths import two\ndef f(x): return two\n",
            "tools/maths.py": "two = 2\n",
        }
    )
    assert student.f(0) == 2
    (remark,) = student.line.remarks
    assert remark.startswith("__init__.py line 1: from .layers import nothing_like_it: ")
    assert "__init__.py fails (ImportError: cannot import name 'nothing_like_it'" in remark


@pytest.mark.parametrize("line", ["import no_such_stray", "raise SystemExit", "1 / 0", "x = = 1"])
def test_an_init_may_fail_in_any_way(submit: Submit, line: str) -> None:
    student = submit({"__init__.py": f"{line}\nfrom .layers import f\n", "layers.py": F})
    assert student.f(3) == 3
    assert len(student.line.remarks) == 1


# --- what files do while they are imported ----------------------------------------------------------------------------


def test_an_import_that_never_ends_is_tried_once(submit: Submit) -> None:
    student = submit({"layers.py": f"while True: pass\n{F}", "fc_net.py": F}, SHORT)
    message = "its file was not imported within 0.4 s: take out what runs there by itself"
    assert said(StudentTimeoutError, student.f, 1) == message
    budget = student.line.budget
    assert said(StudentTimeoutError, student.g, 1) == message
    assert student.line.budget == budget
    assert student.fc_net__f(1) == 1


def test_an_import_that_crashes_is_tried_once(submit: Submit) -> None:
    student = submit({"layers.py": f"open('here', 'w')\nimport os\nos._exit(5)\n{F}", "fc_net.py": F})
    message = said(StudentCrashedError, student.f, 1)
    assert message.startswith("the process ended while its file was imported: it ended Python itself, with exit code 5")
    assert student.fc_net__f(1) == 1
    assert said(StudentCrashedError, student.g, 1) == message


def test_an_import_that_had_too_little_time_is_tried_again(submit: Submit) -> None:
    source = f"import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.4: pass\n{F}"
    student = submit(source, Limits(call_seconds=10, question_seconds=10))
    student.line.budget = 0.1
    said(StudentTimeoutError, student.f, 1)
    student.line.begin_question()
    assert student.f(1) == 1
    assert student.line.budget < 9.7


def test_the_time_of_an_import_is_the_questions(submit: Submit) -> None:
    student = submit(f"import time\nwhile time.process_time() < 0.8: pass\n{F}")
    before = student.line.budget
    student.f(1)
    assert before - student.line.budget > 0.3
    assert student.line.seconds > 0.3


def test_prints_of_an_import_are_output_and_capped(submit: Submit) -> None:
    student = submit(f"print('begin')\nfor _ in range(10**4): print('x' * 1000)\nprint('end')\n{F}")
    assert student.f(1) == 1
    output = student.line.output()
    assert output.startswith("begin\nxxx")
    assert output.endswith("xxx\nend\n")
    assert " bytes left out …\n" in output
    assert len(output) < 40_000


HABITS = {
    "settings": [
        "np.seterr(all='raise')",
        "warnings.simplefilter('error')",
        "np.set_printoptions(threshold=3)",
        "random.seed(0); np.random.seed(0)",
        "gc.disable()",
        "sys.setrecursionlimit(80)",
        "faulthandler.enable()",
        "atexit.register(print, 'bye')",
        "sys.excepthook = sys.unraisablehook = None",
    ],
    "signals": [
        "signal.signal(signal.SIGXCPU, signal.SIG_IGN)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "signal.signal(signal.SIGALRM, lambda *args: 1 / 0)",
    ],
    "output to nowhere": ["sys.stdout = open(os.devnull, 'w')"],
    "output in latin-1": ["sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='latin-1')", "gc.collect()"],
    "no output": ["sys.stdout = None", "del sys.stderr, sys.stdin"],
    "closed output": ["sys.stdout.close()", "sys.stderr.detach()"],
    "paths": [
        "sys.path.clear()",
        "sys.path_hooks.clear()",
        "sys.meta_path.clear()",
        "os.chdir('/')",
        "os.environ.clear()",
    ],
    "threads": ["threading.Thread(target=threading.Event().wait).start()"],
    "processes": ["multiprocessing.Process(target=print, args=('child',)).start()"],
    "old names": ["np.int = int; np.float = float", "np.load = lambda *args, **kwargs: 1"],
    "built-in functions": ["builtins.print = builtins.input = builtins.open = None"],
    "functions of os": ["os.write = os.read = os.close = os.dup = os.getpid = os._exit = None"],
    "functions of others": [
        "time.perf_counter = time.process_time = time.monotonic = None",
        "inspect.signature = inspect.isfunction = None",
    ],
}


@pytest.mark.parametrize("habit", HABITS)
def test_what_files_do_to_their_process_costs_no_answer(submit: Submit, habit: str) -> None:
    modules = (
        "atexit, builtins, faulthandler, gc, inspect, io, multiprocessing, os, random, signal, sys, threading, time"
    )
    lines = [f"import {modules}, warnings", "import numpy as np", *HABITS[habit], "def f(x): return x + 1"]
    student = submit("\n".join(lines) + "\n")
    for _ in range(2):
        assert list(student.f(np.arange(3.0))) == [1, 2, 3]
    student.line.output()


@pytest.mark.parametrize(
    "line",
    [
        "np.asarray = np.frombuffer = np.ascontiguousarray = None",
        "sys.modules.clear()",
        "builtins.isinstance = builtins.len = lambda *args: True",
        "json.JSONEncoder.encode = json.JSONDecoder.decode = None",
        "np.ndarray = np.generic = int",
        "sys.modules['_grader.wire'].encode = lambda *args, **kwargs: b'no frame'",
        "sys.modules['_grader.wire'].encode = lambda *args, **kwargs: b''",
        "sys.modules['_grader.wire'].decode = lambda *args, **kwargs: {}",
        "builtins.getattr = None",
        "threading.Timer(0, os._exit, [9]).start()",
    ],
)
def test_what_files_do_to_the_worker_itself_ends_it_and_nothing_else(submit: Submit, line: str) -> None:
    files = {"layers.py": f"import builtins, json, os, sys, threading\nimport numpy as np\n{line}\n{F}", "fc_net.py": F}
    student = submit(files, Limits(call_seconds=1, question_seconds=100, patience=1, slack=1))
    for _ in range(2):
        with contextlib.suppress(AnswerError):
            assert list(student.f(np.arange(3.0))) == [0, 1, 2]
    assert list(submit(files).fc_net__f(np.arange(3.0))) == [0, 1, 2]
