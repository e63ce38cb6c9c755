"""A class such as there are: who has it right, wrong, unfinished or broken, and who would rather not do it at all."""

from __future__ import annotations

import io
import itertools
import random
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import classes

from grader.authoring.catalogue import load_catalogue, make_submission
from grader.checking.assignment import Assignment

__all__ = ["KINDS", "VICTIM", "Student", "catalogue", "students"]

KINDS = ("right", "wrong", "unfinished", "broken", "hostile")
VICTIM = "relu_forward"
"""The question that nobody of the hostile ones has answered."""


@dataclass(frozen=True)
class Student:
    """What somebody hands in: files by name, or an archive; ``question`` is what an answer of the catalogue is to."""

    kind: str
    what: str
    files: Mapping[str, bytes]
    archive: bytes | None = None
    question: str = ""

    def write(self, folder: Path, name: str) -> None:
        """Put it where submissions are."""
        if self.archive is None:
            classes.write(folder / name, self.files)
        else:
            classes.write(folder, {f"{name}.zip": self.archive})


IN_CALL = {
    "ends Python": "os._exit(0)",
    "ends Python as if in order": "sys.exit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "never ends": "while True: pass",
    "takes all memory": "kept = []\n    while True: kept.append(np.ones(2**24))",
    "asks for more than there is": "return np.ones(2**45), None",
    "claims to be large": "return np.broadcast_to(x.flat[0], (2**20, 2**20)), None",
    "forks without end": "while True: os.fork()",
    "starts threads without end": "while True: threading.Thread(target=time.sleep, args=(1000,)).start()",
    "prints without end": "for _ in range(3000): print('y' * 2**16)",
    "writes a file without end": "with open('filled', 'wb') as file:\n        while True: file.write(bytes(2**20))",
    "answers for the worker": (
        'body = b\'{"ok":true,"value":0,"number":9}\'\n'
        "    frame = b'GRD1' + len(body).to_bytes(4, 'big') + bytes(8) + body\n"
        "    for number in range(3, 64):\n"
        "        try: os.write(number, frame)\n"
        "        except OSError: pass"
    ),
    "writes noise to the grader": (
        "for number in range(3, 64):\n        try: os.write(number, b'noise' * 100)\n        except OSError: pass"
    ),
    "closes all": "os.closerange(0, 256)",
    "kills its parents": "os.kill(os.getppid(), 9)\n    os.killpg(0, 9)",
    "breaks the interpreter": "import ctypes\n    ctypes.string_at(0)",
    "recurses": "return relu_forward(x)",
    "patches numpy": "np.max = np.abs = np.asarray = np.array_equal = np.allclose = lambda *_, **__: True",
    "patches the worker": (
        "for module in list(sys.modules.values()):\n"
        "        for name in ('encode', 'changed', 'Watch'):\n"
        "            if hasattr(module, name): setattr(module, name, lambda *_, **__: b'')"
    ),
    "looks through the stack": (
        "frame = sys._getframe()\n"
        "    while frame:\n"
        "        for value in list(frame.f_locals.values()):\n"
        "            if isinstance(value, dict) and 'want' in value: return value['want'], None\n"
        "        frame = frame.f_back"
    ),
    "reads the solution": (
        "for place in @PLACES@:\n"
        "        try: exec(open(place).read(), globals())\n"
        "        except OSError: pass\n"
        "        else: return globals()['relu_forward'](x)"
    ),
    "calls home": "import socket\n    socket.create_connection(('192.0.2.1', 80), timeout=1)",
    "runs a program": "import subprocess\n    subprocess.run(['true'], check=True)",
    "lies about equality": (
        "class Liar(np.ndarray):\n"
        "        def __eq__(self, other): return True\n"
        "        def __le__(self, other): return True\n"
        "    return np.zeros((1, 1)).view(Liar), None"
    ),
    "raises what cannot be told": (
        "class Silent(Exception):\n        def __str__(self): os._exit(3)\n    raise Silent"
    ),
    "draws on the terminal": "print('\\x1b[2J\\x1b]0;graded\\x07' * 100)\n    raise ValueError('\\x1b[31mfull marks')",
}
"""What is done in place of an answer; all that come to their end give a wrong one."""

AT_IMPORT = {
    "ends Python at its import": "os._exit(0)",
    "never ends at its import": "while True: pass",
    "goes on after its import": "threading.Thread(target=lambda: [None for _ in iter(int, 1)], daemon=True).start()",
    "asks at its import": "input('your name? ')",
    "is deaf to signals": "import signal\n[signal.signal(n, signal.SIG_IGN) for n in (2, 14, 15, 24)]",
}

_HEAD = "import os, sys, threading, time\nimport numpy as np\n\n"
_NOT_RIGHT = "\n\ndef relu_forward(x):\n    return x * 0 + 1.5, x\n"


def students(assignment: Assignment, stubs: Path, count: int) -> list[Student]:
    """Return a class. All that is broken or hostile is there as far as it goes; the rest is right, wrong or unfinished.

    Args:
        assignment: a part of assignment2.
        stubs: the folder that students get.
        count: of students.
    """
    rare = [*_broken(assignment), *_hostile(assignment)]
    usual = itertools.chain.from_iterable(
        zip(
            itertools.cycle(_right(assignment)),
            itertools.cycle(_wrong(assignment, odd=True)),
            itertools.cycle(_wrong(assignment, odd=False)),
            itertools.cycle(_unfinished(assignment, stubs)),
        )
    )
    few = rare[:: max(-(-2 * len(rare) // count), 1)]  # half the class at most
    made = [*few, *itertools.islice(usual, count - len(few))]
    random.Random(count).shuffle(made)
    return made


def _right(assignment: Assignment) -> list[Student]:
    files = classes.solution_files(assignment)
    return [Student("right", "the solution", files), *catalogue(assignment, right=True)]


def _wrong(assignment: Assignment, *, odd: bool) -> list[Student]:
    return catalogue(assignment, right=False)[odd::2]


def catalogue(assignment: Assignment, *, right: bool) -> list[Student]:
    """Return the right or the wrong answers of the catalogue, those to different questions next to each other."""
    by_question = []
    with tempfile.TemporaryDirectory() as scratch:
        for question in assignment.questions():
            found = []
            for variant in load_catalogue(assignment, question.name).variants:
                if variant.right == right:
                    name = f"{question.name}.{variant.id}"
                    folder = make_submission(assignment, question, variant, Path(scratch) / name)
                    files = {path.name: path.read_bytes() for path in folder.iterdir()}
                    found.append(Student("right" if right else "wrong", name, files, question=question.name))
            by_question.append(found)
    return [one for several in itertools.zip_longest(*by_question) for one in several if one is not None]


def _unfinished(assignment: Assignment, stubs: Path) -> list[Student]:
    """Return who has written nothing, only one of the files, or only the first half of it."""
    files = classes.solution_files(assignment)
    empty = {name: (stubs / name).read_bytes() for name in files}
    made = [Student("unfinished", "nothing written", empty)]
    for name, data in files.items():
        made.append(Student("unfinished", f"only {name}", {**empty, name: data}))
    return made


def _broken(assignment: Assignment) -> Iterator[Student]:
    files = classes.solution_files(assignment)
    layers = files["layers.py"]

    def with_layers(what: str, data: bytes) -> Student:
        return Student("broken", what, {**files, "layers.py": data})

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    whole = packed.getvalue()
    yield with_layers("a syntax error", layers.replace(b"def relu_forward(x):", b"def relu_forward(x)", 1))
    yield with_layers("an indentation error", layers.replace(b"    return", b"   return", 1))
    yield with_layers("a module that is not there", b"import tensorflow_of_mine\n" + layers)
    yield with_layers("no text", bytes(range(256)) * 64)
    yield with_layers("an empty file", b"")
    yield with_layers("UTF-16", layers.decode().encode("utf-16"))
    yield with_layers("a name that is not there", layers.replace(b"import numpy as np", b"import math", 1))
    yield with_layers("another name for a function", layers.replace(b"def relu_forward", b"def relu_forwards", 1))
    yield with_layers("an argument more", layers.replace(b"def relu_forward(x)", b"def relu_forward(x, w)", 1))
    yield Student("broken", "a file missing", {"layers.py": layers})
    yield Student("broken", "none of the files", {"answers.txt": b"see my mail"})
    yield Student("broken", "an empty folder", {".keep": b""})
    yield Student("broken", "a damaged zip", {}, whole[: len(whole) // 2])
    yield Student("broken", "a zip of noise", {}, bytes(range(256)) * 16)
    yield Student("broken", "a zip of nothing", {}, b"PK\x05\x06" + bytes(18))
    yield Student("broken", "a good zip", {}, whole)


def _hostile(assignment: Assignment) -> Iterator[Student]:
    files = classes.solution_files(assignment)
    layers = files["layers.py"].decode()
    places = [str(folder / "layers.py") for folder in (assignment.folder, classes.SOLUTION)]
    for what, line in IN_CALL.items():
        done = line.replace("@PLACES@", repr(places))
        attack = f"\n\ndef relu_forward(x):\n    {done}\n    return x * 0 + 1.5, x\n"
        yield Student("hostile", what, {**files, "layers.py": f"{_HEAD}{layers}{attack}".encode()})
    for what, line in AT_IMPORT.items():
        yield Student("hostile", what, {**files, "layers.py": f"{_HEAD}{layers}{_NOT_RIGHT}{line}\n".encode()})
