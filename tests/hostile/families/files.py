"""Changes files: those of the course, its own, and what becomes of its folder."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

REFUSED = r"stopped: (PermissionError|FileNotFoundError|OSError)"
PLACES = """
here = os.path.dirname(os.path.abspath(__file__))
course = os.path.dirname(os.path.dirname(here))
solution = os.path.join(course, "solutions", "tiny")
def each(action, *paths):
    # Tries all of them; says that it did something if one can be done.
    refused = None
    for path in paths:
        try:
            action(path)
            return path
        except OSError as error:
            refused = error
    raise refused
"""


def _attack(name: str, what: str, line: str, shows: str = REFUSED, process: str = "did: ", more: str = "") -> Attack:
    return Attack(name, what, shows, code=PLACES + more, call=f"attempt(lambda: {line})", process=process)


ATTACKS = [
    _attack(
        "write_beside",
        "makes files wherever it can think of",
        "each(lambda path: open(path + '/new', 'w').close(), here, course, solution, course + '/temporary', '/',"
        " os.path.dirname(sys.executable), os.path.dirname(np.__file__))",
    ),
    _attack("change_grades", "writes itself better grades", "open(course + '/grades.csv', 'a').write('me,100')"),
    _attack(
        "change_checks",
        "writes easier checks",
        "open(solution + '/checks/scale_backward.py', 'w').write('question = None')",
    ),
    _attack("change_itself", "writes other code into its own file", "open(here + '/optim.py', 'a').write('#')"),
    _attack("truncate", "empties files without opening them", "os.truncate(course + '/grades.csv', 0)"),
    _attack("permissions", "lets everybody write", "each(lambda path: os.chmod(path, 0o777), course, here, solution)"),
    _attack("times", "changes when it was handed in", "each(os.utime, here, __file__, course + '/grades.csv')"),
    _attack("delete_itself", "deletes its own folder", "__import__('shutil').rmtree(here)"),
    _attack(
        "swap_for_a_link",
        "puts a link to the solution in the place of a file that is read later",
        "(os.unlink(here + '/optim.py'), os.symlink(solution + '/optim.py', here + '/optim.py'))",
    ),
    _attack(
        "swap_folders",
        "puts another folder in the place of its own",
        "(os.rename(here, here + '-old'), os.symlink(solution, here))",
    ),
    _attack(
        "links_in_its_folder",
        "links to the solution where it may write, and writes through the links",
        "(os.symlink(course + '/grades.csv', 'link'), open('link', 'a').write('me,100'))",
    ),
    _attack(
        "hard_link", "takes a second name for a file", "(os.link(course + '/grades.csv', 'hard'), os.chmod('hard', 0))"
    ),
    Attack(
        "fill_the_disk",
        "fills its folder, as far as that goes",
        r"stopped: OSError \[Errno 28\]",
        code="""
        def fill():
            for number in range(3):
                file = os.open(str(number), os.O_CREAT | os.O_WRONLY)
                os.posix_fallocate(file, 0, 50 * 2**20)
                os.close(file)
        """,
        call="attempt(fill)",
        lite=r"did: None",
    ),
    Attack(
        "one_large_file",
        "writes one file without end",
        r"stopped: OSError \[Errno (27|28)\]",
        code="""
        import signal
        def grow():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            with open("large", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 129 * 2**20)
        """,
        call="attempt(grow)",
        process=r"did: None",
    ),
    Attack(
        "many_files",
        "makes thousands of files, and a few with terrible names",
        r"did: \d+",
        code=r"""
        def make():
            for number in range(200): os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY))
            for name in (b"\xff\xfe", b"\x1b[31m", b"-rf", b"a\nb", b"*", b"x" * 255): open(name, "w").close()
            return len(os.listdir("."))
        """,
        call="attempt(make)",
        calls=2.0,
    ),
    Attack(
        "deep_folders",
        "makes folders in folders, too deep to be named",
        r"did: 1200 deep",
        code="""
        def dig():
            home = os.getcwd()
            for _ in range(1200):
                os.mkdir("deep")
                os.chdir("deep")
            open("file", "w").close()
            os.chdir(home)
            return "1200 deep"
        """,
        call="attempt(dig)",
        calls=2.0,
    ),
    Attack(
        "locked_folders",
        "takes all permissions of its folders away",
        r"did: locked",
        code="""
        def lock():
            os.makedirs("a/b/c", exist_ok=True)
            open("a/b/c/file", "w").close()
            for path in ("a/b/c/file", "a/b/c", "a/b", "a", "."):
                try: os.chmod(path, 0)
                except OSError: pass
            return "locked"
        """,
        call="attempt(lock)",
    ),
    Attack(
        "no_folder",
        "deletes the folder that it works in",
        r"stopped: (PermissionError|OSError|FileNotFoundError)",
        call="attempt(lambda: os.rmdir(os.getcwd()))",
        process=r"did: None",
    ),
    Attack(
        "folder_for_a_link",
        "puts a link to the course in the place of its folder, so that cleaning up cleans the course",
        r"stopped: (PermissionError|OSError|FileNotFoundError)",
        code=(
            PLACES,
            """
        def swap():
            scratch = os.getcwd()
            os.rename(scratch, scratch + "-old")
            os.symlink(course + "/solutions", scratch)
            os.rmdir(scratch + "-old")
        """,
        ),
        call="attempt(swap)",
        process=r"did: None",
    ),
    Attack(
        "special_files",
        "leaves pipes and sockets where files are read",
        r"did: made|stopped: (PermissionError|OSError)",
        code="""
        def make():
            os.mkfifo("pipe")
            return "made"
        """,
        call="attempt(make)",
    ),
]
