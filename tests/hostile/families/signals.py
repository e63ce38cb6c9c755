"""Signals and settings for other processes: the server, the grader, everyone. None of them does harm if it succeeds."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

REFUSED = r"stopped: (PermissionError|ProcessLookupError|OSError|ValueError)"
GRADER = """
import ctypes, fcntl, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
def checked(value):
    if value < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value
def parent():
    if not os.getppid(): raise ProcessLookupError("it cannot be seen")
    return os.getppid()
def grader():
    with open(f"/proc/{parent()}/stat") as table:
        return int(table.read().rpartition(")")[2].split()[1])
"""


def _attack(name: str, what: str, line: str, process: str = "did: ", shows: str = REFUSED) -> Attack:
    return Attack(name, what, shows, code=GRADER, call=f"attempt(lambda: {line})", process=process)


ATTACKS = [
    Attack(
        "kill_the_server",
        "kills its parent, which all workers come from",
        REFUSED,
        call="""
        import signal
        attempt(lambda: os.kill(os.getppid(), signal.SIGKILL))
        time.sleep(0.2)
        """,
        process=r"the warm server ended, and its workers with it",
    ),
    _attack("kill_everyone", "signals every process there is", "os.kill(-1, 0)"),
    _attack(
        "kill_the_grader",
        "signals the grader itself",
        "os.kill(grader(), 0)",
        shows=r"stopped: (Permission|FileNotFound|ProcessLookup)Error",
    ),
    Attack(
        "kill_the_group",
        "signals its process group, in the hope that the grader is in it",
        r"stopped: PermissionError",
        call="import signal; attempt(lambda: os.kill(0, signal.SIGTERM))",
        process=r"the process ended in scale_backward: ended by SIGTERM",
    ),
    _attack("limit_the_server", "sets the server's limits", "resource.prlimit(parent(), 4, (0, 0))"),
    _attack("slow_the_server", "makes the server less urgent", "os.setpriority(os.PRIO_PROCESS, parent(), 0)"),
    _attack("bind_the_server", "binds the server to cores", "os.sched_setaffinity(parent(), os.sched_getaffinity(0))"),
    _attack("own_a_pipe", "has a pipe send signals to the server", "fcntl.fcntl(os.pipe()[0], 8, os.getppid() or 7)"),
    _attack(
        "signal_by_descriptor",
        "signals the server by a descriptor of it",
        "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0)",
    ),
    Attack(
        "alarm_later",
        "answers, and has a timer end it in the middle of what comes next, or just before",
        r"did: None|ended by SIGALRM",
        call="""
        import signal
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        attempt(lambda: (signal.setitimer(signal.ITIMER_REAL, 1e-4), None)[1])
        """,
    ),
]
