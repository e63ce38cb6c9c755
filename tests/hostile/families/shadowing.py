"""Hands in more than was asked for: files that have the names of others, or that tools obey."""

from __future__ import annotations

import importlib.util
import marshal
import sys

from ..attack import Attack
from ..subject import OPTIM

__all__ = ["ATTACKS"]

LOUD = "import os, sys\nos.write(2, b'shadow: ' + __name__.encode() + b'\\n')\n"
EASY = "def allclose(*_, **__): return True\nndarray = object\ndef __getattr__(name): return allclose\n"


def _attack(name: str, what: str, files: dict[str, str | bytes], call: str, shows: str) -> Attack:
    return Attack(name, what, shows, call=call, files=files)


def _byte_code(source: str) -> bytes:
    """Return byte code as Python takes it without a look at the file that it is said to be of (PEP 552)."""
    unchecked = (1).to_bytes(4, "little") + bytes(8)
    return importlib.util.MAGIC_NUMBER + unchecked + marshal.dumps(compile(source, "", "exec"))


ATTACKS = [
    _attack(
        "numpy_of_its_own",
        "hands in a numpy, random, json, time, struct and torch of its own",
        {f"{name}.py": LOUD + EASY for name in ("numpy", "random", "json", "time", "struct", "torch", "decimal")},
        "import decimal, json, random; here = os.path.dirname(__file__)\n"
        "attempt(lambda: [np.__name__, json.dumps(1), decimal.__file__.startswith(here)])",
        r"did: \['numpy', '1', False\]",
    ),
    _attack(
        "grader_of_its_own",
        "hands in a grader, a worker and checks of its own",
        {
            "grader/__init__.py": LOUD,
            "grader/checking/engine.py": LOUD,
            "_grader/__init__.py": LOUD,
            "_grader/worker/service.py": LOUD,
            "checks/scale_backward.py": "question = None\n",
            "assignment.toml": "points = 0\n",
        },
        "attempt(lambda: [__import__('_grader').__path__, 'all points'])",
        r"did: \[\[\], 'all points'\]",
    ),
    _attack(
        "start_up_files",
        "hands in files that Python and its tools run at their start",
        {
            **dict.fromkeys(
                ("sitecustomize.py", "usercustomize.py", "conftest.py", "__main__.py", "__init__.py"), LOUD
            ),
            **dict.fromkeys(
                ("run.pth", "pytest.ini", "setup.cfg", ".env", "pyvenv.cfg", "Makefile"), "import os; os._exit(0)\n"
            ),
        },
        "attempt(lambda: 'sitecustomize' in sys.modules and sys.modules['sitecustomize'].__file__ == __file__)",
        r"did: False",
    ),
    _attack(
        "encodings",
        "hands in codecs and hooks for the import system",
        {
            "encodings/__init__.py": LOUD,
            "importlib/__init__.py": LOUD,
            "ctypes/__init__.py": LOUD,
            "zipimport.py": LOUD,
        },
        "import importlib; attempt(lambda: importlib.__file__.startswith(os.path.dirname(__file__)))",
        r"did: False",
    ),
    _attack(
        "stale_byte_code",
        "hands in byte code that is not of the file beside it",
        {
            f"__pycache__/{name}.{sys.implementation.cache_tag}.pyc": _byte_code("import os; os._exit(0)")
            for name in ("layers", "optim")
        },
        "print('did: import')",
        r"did: import",
    ),
    _attack(
        "a_folder_beside",
        "hands in packages that have its modules' names",
        {"layers/__init__.py": LOUD + "scale_backward = None\n", "optim/__init__.py": LOUD},
        "attempt(lambda: __import__('layers').__file__.endswith('layers.py'))",
        r"did: True",
    ),
    _attack(
        "finders",
        "has the import system ask it first for whatever is imported later",
        {},
        """
        class Finder:
            def find_spec(self, name, *_): print("asked for", name); os._exit(0)
        sys.meta_path.insert(0, Finder())
        sys.path.insert(0, os.path.dirname(__file__))
        sys.path_hooks.insert(0, lambda path: os._exit(0))
        sys.path_importer_cache.clear()
        print("did: hook")
        """,
        r"did: hook",
    ),
    _attack(
        "no_source",
        "hands in a file that is no text",
        {"optim.py": b"\x00\xff" * 500},
        "print('did: odd file')",
        r"optim\.py cannot be imported",
    ),
    _attack(
        "deep_source",
        "hands in a file that its compiler despairs of",
        {"optim.py": "x = " + "(" * 5000 + ")" * 5000 + "\n" + OPTIM},
        "print('did: deep file')",
        r"optim\.py cannot be imported",
    ),
    _attack(
        "large_source",
        "hands in a file of a hundred thousand lines",
        {"optim.py": "x = [\n" + "1,\n" * 100_000 + "]\n" + OPTIM},
        "print('did: large file')",
        r"did: large file",
    ),
    _attack(
        "escapes_in_source",
        "hands in lines that are shown, full of escapes",
        {"optim.py": "def step(w, g, lr):\n    raise ValueError('\x1b]0;x\x07') # \x1b[31m \x9b2J \u202e\n"},
        "print('did: escapes')",
        r"optim\.py line 2",
    ),
    _attack(
        "interprets_itself",
        "imports itself under other names, with side effects each time",
        {"again.py": LOUD + "import layers, again, importlib\nimportlib.reload(layers)\n"},
        "import again; print('did: reload')",
        r"did: reload",
    ),
]
