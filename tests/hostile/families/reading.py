"""Reads what is not for it: solutions, checks, grades, the grader's environment and memory, and its own."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..attack import MAY_TRACE, Attack

__all__ = ["ATTACKS"]

NOTHING = r"did: \[\]|stopped: (PermissionError|FileNotFoundError|ModuleNotFoundError|OSError|ImportError)"
FOUND = r"did: .*canary-"
PLANTED = r"did: \[('canary-planted-0123456789abcdef'(, )?)+\]"
TOOLS = r"""
import re
pattern = re.compile(rb"canary-\w+-[0-9a-f]{16}")
here = os.path.dirname(os.path.abspath(__file__))
course = os.path.dirname(os.path.dirname(here))
solution = os.path.join(course, "solutions", "tiny")
planted = "-".join(["canary", "planted", "0123456789abcdef"])  # which a search must find
def secrets(data):
    return sorted({found[0].decode() for found in pattern.finditer(data)})
def read(path):
    with open(path, "rb") as file: return secrets(file.read())
def search(paths, first=read):
    # Returns all that is found; where nothing can be looked at, the last reason.
    found, reached, refused = [], False, FileNotFoundError("nothing there")
    for path in paths:
        try:
            found += first(path)
            reached = True
        except (OSError, ValueError) as error: refused = error
    if not reached: raise refused
    return found
def processes():
    return [name for name in os.listdir("/proc") if name.isdecimal() and int(name) != os.getpid()]
def parents():
    number, found = os.getppid(), []
    while number > 1:
        found.append(number)
        with open(f"/proc/{number}/stat") as table: number = int(table.read().rpartition(")")[2].split()[1])
    return found
def memory(process):
    found = []
    with open(f"/proc/{process}/maps") as table, open(f"/proc/{process}/mem", "rb", 0) as file:
        for line in table:
            span, rights, *_ = line.split()
            begin, end = (int(part, 16) for part in span.split("-"))
            if rights[:2] == "rw" and end - begin < 2**26 and "[v" not in line:
                try:
                    file.seek(begin)
                    found += secrets(file.read(end - begin))
                except (OSError, ValueError): pass
    return found
"""


def _attack(
    name: str, what: str, line: str, shows: str = NOTHING, process: str = FOUND, more: str = "", calls: float = 10.0
) -> Attack:
    return Attack(name, what, shows, code=TOOLS + more, call=f"attempt(lambda: {line})", process=process, calls=calls)


ATTACKS = [
    _attack("solution", "reads the solution, where it must be", "read(solution + '/layers.py')"),
    _attack("checks", "reads the hidden checks", "read(solution + '/checks/scale_forward.py')"),
    _attack(
        "walk",
        "walks up from its own file, and through all that is there",
        "search(f'{place}/{name}' for place, _, names in os.walk(course) for name in names)",
        shows=r"stopped: FileNotFoundError nothing there|did: \[\]",
    ),
    _attack(
        "climb",
        "climbs to the course by its own folder's parent",
        "search([here + '/../../grades.csv', here + '/../../solutions/tiny/layers.py'])",
    ),
    _attack(
        "root_of_a_process",
        "goes through what it sees as its own root and folder",
        "search(f'/proc/{who}/{way}{course}/grades.csv' for who in ('self', 'thread-self', '1')"
        " for way in ('root', 'cwd' + '/..' * 9))",
    ),
    _attack(
        "search_path",
        "looks beside whatever Python was started from and finds modules in",
        "search(f'{place}/../solutions/tiny/layers.py' for place in [*sys.path, here + '/..', os.getcwd() + '/..'])",
    ),
    Attack(
        "import_the_solution",
        "imports the solution, and answers with it",
        NOTHING,
        code=(
            TOOLS,
            """
        def scale_backward(dout, cache):
            def learn():
                import importlib.util
                spec = importlib.util.spec_from_file_location("right", solution + "/layers.py")
                right = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(right)
                return right
            attempt(lambda: learn().SECRET)
            return learn().scale_backward(dout, cache)
        """,
        ),
        process=FOUND,
    ),
    _attack(
        "import_the_grader",
        "imports the grader and its checks",
        "__import__('grader.checking.engine')",
        shows=r"stopped: (ModuleNotFoundError|ImportError|PermissionError)|did: <module 'grader'",
        process=r"stopped: (ModuleNotFoundError|ImportError)|did: <module 'grader'",
    ),
    _attack(
        "folders_of_processes",
        "looks into other processes' folders",
        "search(f'/proc/{p}/cwd/../course/grades.csv' for p in processes())",
        process=r"did: \[|stopped: FileNotFoundError"
        if MAY_TRACE
        else r"did: \[|stopped: (FileNotFound|Permission)Error",
    ),
    _attack(
        "environments",
        "reads the environment of the grader and of everyone else",
        "search(f'/proc/{p}/environ' for p in [*parents(), *processes()])",
        process=FOUND.replace("canary-", "canary-environment") + r"|did: \[\]",
    ),
    _attack(
        "command_lines",
        "reads how others were started",
        "search(f'/proc/{p}/cmdline' for p in processes())",
        process=r"did: \[",
    ),
    _attack(
        "memory_of_the_grader",
        "searches the grader's memory for expected values",
        "search(parents(), memory)",
        process=FOUND,
        calls=60.0,
    ),
    _attack(
        "own_environment", "prints its own environment", "secrets(repr(dict(os.environ)).encode())", process=NOTHING
    ),
    _attack(
        "own_memory",
        "searches its own memory, through the system",
        "search(['self'], memory)",
        shows=PLANTED + "|stopped: (PermissionError|FileNotFoundError)",
        process=PLANTED + "|stopped: (PermissionError|FileNotFoundError)",
        calls=60.0,
    ),
    _attack(
        "own_memory_in_c",
        "searches its own memory byte by byte, for what the grader may have left there",
        "raw()",
        shows=PLANTED,
        process=PLANTED,
        more=r"""
import ctypes
def raw():
    found, looked = [], 0
    for line in open("/proc/self/maps"):
        span, rights, *_ = line.split()
        begin, end = (int(part, 16) for part in span.split("-"))
        if rights[:2] == "rw" and end - begin < 2**26:
            looked += end - begin
            found += secrets(ctypes.string_at(begin, end - begin))
    assert looked > 2**20
    return found
""",
        calls=60.0,
    ),
    _attack(
        "objects_of_python",
        "looks through every object that Python knows of",
        "objects()",
        shows=PLANTED,
        process=PLANTED,
        more="""
def objects():
    import gc
    found, kept = [], [planted]
    for thing in gc.get_objects():
        if type(thing) in (list, tuple, dict, set):
            try: found += secrets(repr(thing)[:10**5].encode("utf-8", "replace"))
            except Exception: pass
    return found
""",
        calls=60.0,
    ),
    _attack(
        "frames",
        "walks up the frames that it was called from, and reads all that they hold",
        "frames()",
        shows=PLANTED,
        process=PLANTED,
        more="""
def frames():
    found, names, frame, here = [], [], sys._getframe(), planted
    while frame:
        names.append(frame.f_code.co_name)
        for table in (frame.f_locals, frame.f_globals):
            for value in list(table.values()):
                try: found += secrets(repr(value)[:10**5].encode("utf-8", "replace"))
                except Exception: pass
        frame = frame.f_back
    assert "do_call" in names
    return found
""",
    ),
    _attack(
        "request",
        "reads the request that it answers: it must hold the inputs, and nothing else",
        "request()",
        shows=r"did: \['args', ('handle', )?('keep', )?('kwargs', )?('module', )?'name', 'op'\]",
        process="",
        more="""
def request():
    frame = sys._getframe()
    while "request" not in frame.f_locals: frame = frame.f_back
    return sorted(frame.f_locals["request"])
""",
    ),
    _attack(
        "modules",
        "looks for the grader among what is imported",
        "sorted(name for name in sys.modules if name.partition('.')[0] in ('grader', 'checks', 'torch'))",
        shows=NOTHING,
        process="",
    ),
    _attack(
        "descriptors",
        "reads from every descriptor that it has",
        "descriptors()",
        process=NOTHING,
        more="""
def descriptors():
    found = []
    for number in range(64):
        try:
            os.set_blocking(number, False)
            found += secrets(os.read(number, 2**20))
        except OSError: pass
        finally:
            try: os.set_blocking(number, True)
            except OSError: pass
    return found
""",
    ),
    _attack(
        "temporary_files",
        "looks for what others keep in the temporary folder",
        "os.listdir(os.path.dirname(os.getcwd()))",
        shows=r"stopped: (PermissionError|FileNotFoundError)|did: \['grader-\w+'\]",
        process=r"did: \[",
    ),
    _attack(
        "home", "reads what lies in a home folder", "os.listdir(os.path.expanduser('~root'))", process="did: |stopped: "
    ),
    Attack(
        "link_in_the_submission",
        "hands in a link to the solution",
        r"stopped: (PermissionError|FileNotFoundError)",
        files={"data/link": PurePosixPath("../../../grades.csv")},
        code=TOOLS,
        call="attempt(lambda: read(here + '/data/link'))",
        process=FOUND,
    ),
    _attack(
        "exception_of_the_grader",
        "raises in the middle of the worker's own code, and reads the traceback",
        "trace()",
        shows=PLANTED,
        process=PLANTED,
        more="""
def trace():
    import traceback
    here = planted
    frames = traceback.walk_stack(None)
    whole = "".join(traceback.StackSummary.extract(frames, capture_locals=True).format())
    assert "do_call" in whole
    return secrets(whole.encode("utf-8", "replace"))
""",
    ),
]
