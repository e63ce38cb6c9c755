"""Reaches into other processes and into the system itself. None of them does harm if it succeeds."""

from __future__ import annotations

from ..attack import MAY_TRACE, Attack

__all__ = ["ATTACKS"]

REFUSED = r"stopped: (PermissionError|OSError|ProcessLookupError|FileNotFoundError)"
ANY = r"did: |stopped: (PermissionError|OSError)"  # where it depends on the machine whether this needs root
TOOLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def checked(value):
    if value < 0: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return value
def call(number, *values): return checked(libc.syscall(number, *(ctypes.c_long(value) for value in values)))
"""


def _attack(name: str, what: str, line: str, process: str = "did: ", more: str = "") -> Attack:
    return Attack(name, what, REFUSED, code=TOOLS + more, call=f"attempt(lambda: {line})", process=process)


ATTACKS = [
    _attack(
        "trace_the_server",
        "becomes the server's debugger, for a moment",
        "trace()",
        process=ANY,
        more="""
def trace():
    checked(libc.ptrace(0x4206, os.getppid(), None, None))
""",
    ),
    _attack(
        "read_the_server",
        "reads the server's memory",
        "look()",
        process=ANY,
        more="""
def look():
    class Span(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
    room = ctypes.create_string_buffer(16)
    with open(f"/proc/{os.getppid()}/maps") as table: place = int(table.readline().partition("-")[0], 16)
    mine, other = Span(ctypes.addressof(room), 16), Span(place, 16)
    return checked(libc.process_vm_readv(os.getppid(), ctypes.byref(mine), 1, ctypes.byref(other), 1, 0))
""",
    ),
    _attack(
        "hold_its_own_end",
        "leaves a debugger of its own behind, without which its end cannot be waited for",
        "hold()",
        more="""
def hold():
    reads, writes = os.pipe()
    child = checked(libc.fork())
    if child: return os.read(reads, 9)
    os.setsid()
    os.write(writes, b"held" if libc.ptrace(0x4206, os.getppid(), None, None) == 0 else b"not held")
    os.closerange(0, 256)
    while True: time.sleep(1000)
""",
        process=r"did: b'held'" if MAY_TRACE else r"did: b'(not )?held'",
    ),
    _attack("server_by_number", "gets a descriptor of the server", "os.close(os.pidfd_open(os.getppid()))"),
    _attack(
        "take_a_descriptor",
        "takes one of the server's descriptors",
        "os.close(call(438, os.pidfd_open(os.getppid()), 0, 0))",
        process=ANY,
    ),
    _attack(
        "memory_of_the_server",
        "opens the server's memory",
        "open(f'/proc/{os.getppid()}/mem', 'r+b').close()",
        process=ANY,
    ),
    _attack(
        "new_namespaces",
        "makes namespaces of its own, in which it is root",
        "checked(libc.unshare(0x10000000))",
        process=ANY,
    ),
    _attack(
        "mount", "mounts over the solution", "checked(libc.mount(b'none', b'/mnt', b'tmpfs', 2**30, None))", process=ANY
    ),
    _attack("become_root", "changes its user", "os.setresuid(0, 0, 0)", process=ANY),
    _attack("change_root", "changes its root", "os.chroot('.')", process=ANY),
    _attack("ring", "makes system calls through a ring, where no filter sees them", "call(425, 1, 0)", process=ANY),
    _attack(
        "program_in_the_kernel", "loads a program into the kernel", "call(321, 0, 0, 0)", process=ANY + "|stopped: "
    ),
    _attack("program_in_memory", "makes a program that is no file", "os.close(os.memfd_create('program'))"),
    _attack("be_looked_into", "lets others look into it again", "checked(libc.prctl(4, 1, 0, 0, 0))"),
]
