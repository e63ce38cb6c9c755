"""Which system calls student code may make: a list of those that Python, numpy and torch need; all others fail.

What is refused by name fails with EPERM, so that Python says "not permitted"; what nobody here has thought of fails
with ENOSYS, as on an older kernel, so that libraries take the older way.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
from collections.abc import Mapping

from . import bpf, linux
from .syscalls import Machine, machine

__all__ = ["ALLOWED", "ON_FILES", "REFUSED", "install", "program", "rules"]

ALLOWED = frozenset(
    """
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek close close_range open openat creat
    dup dup2 dup3 pipe pipe2 stat lstat fstat newfstatat statx access faccessat faccessat2 readlink readlinkat
    getdents getdents64 getcwd chdir fchdir umask statfs fstatfs mkdir mkdirat rmdir unlink unlinkat rename renameat
    renameat2 link linkat symlink symlinkat ftruncate fallocate fadvise64 readahead flock fsync fdatasync
    sync_file_range sendfile copy_file_range splice tee poll ppoll select pselect6 epoll_create epoll_create1
    epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 mmap mprotect munmap mremap madvise msync mincore
    brk mlock mlock2 munlock mlockall munlockall pkey_alloc pkey_free pkey_mprotect membarrier get_mempolicy
    set_mempolicy mbind futex futex_waitv set_robust_list get_robust_list set_tid_address rseq arch_prctl sched_yield
    sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval gettid getpid getppid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid
    getresgid getgroups capget getpriority getrlimit getrusage times sysinfo uname getcpu getrandom time gettimeofday
    clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer pause timer_create timer_settime
    timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime rt_sigaction
    rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4
    restart_syscall wait4 waitid exit exit_group
    """.split()  # noqa: SIM905  # a table
)
ON_FILES = frozenset(
    "truncate chmod fchmod fchmodat fchmodat2 utime utimes futimesat utimensat chown fchown lchown fchownat".split()  # noqa: SIM905  # as above
)
"""What Landlock does not see; where the root is read-only, it harms nothing."""
REFUSED = frozenset(
    """
    fork vfork execve execveat socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvfrom
    recvmsg recvmmsg getsockname getpeername getsockopt setsockopt shutdown ptrace process_vm_readv process_vm_writev
    process_madvise process_mrelease kcmp pidfd_open pidfd_getfd pidfd_send_signal tkill rt_sigqueueinfo
    rt_tgsigqueueinfo setsid setpgid sched_setparam sched_setscheduler sched_setattr ioprio_set io_uring_setup
    io_uring_enter io_uring_register io_setup io_submit bpf userfaultfd perf_event_open add_key request_key keyctl
    mount umount2 mount_setattr move_mount open_tree fsopen fsconfig fsmount fspick pivot_root chroot unshare setns
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset personality seccomp
    memfd_create memfd_secret shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl
    mq_open mq_unlink name_to_handle_at open_by_handle_at mknod mknodat setxattr lsetxattr fsetxattr removexattr
    lremovexattr fremovexattr inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark init_module
    finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl sethostname
    setdomainname settimeofday clock_settime clock_adjtime adjtimex syslog vhangup iopl ioperm modify_ldt move_pages
    migrate_pages sync syncfs
    """.split()  # noqa: SIM905  # a table
)

_CLONE_THREAD = 0x10000
_CLONE_NEW = 0x7E020080  # every namespace
_O_ASYNC = 0o20000
_F_SETFL = 4
_FCNTL = (0, 1, 2, 3, 5, 6, 7, 36, 37, 38, 1030, 1031, 1032)
"""F_DUPFD to F_GETFL, locks, F_DUPFD_CLOEXEC, sizes of pipes; above all neither F_SETOWN nor F_SETSIG."""
_IOCTL = (0x5401, 0x540F, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGPGRP, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: neither TIOCSTI nor FIOASYNC."""
_PRCTL = (3, 15, 16, 21, 23, 29, 30, 39, 41, 42, 50, 51, 0x53564D41)
"""PR_GET_DUMPABLE, names, PR_GET_SECCOMP, PR_CAPBSET_READ, timer slack, PR_GET_NO_NEW_PRIVS, huge pages, SVE, names
of memory: nothing that gives anything back."""

_SECCOMP_SET_MODE_FILTER = 1


def rules(known: Machine, process: int, *, files: bool) -> Mapping[int, bpf.Block]:
    """Return the rule for each system call, by number, for the process of that number.

    ``files`` allows what Landlock does not see of files: where all others are out of sight or read-only.
    """
    allow, refuse = bpf.verdict(bpf.ALLOW), bpf.refuse(errno.EPERM)
    own = bpf.one_of([process], allow, refuse)
    by_name: dict[str, bpf.Block] = dict.fromkeys(ALLOWED, allow) | dict.fromkeys(REFUSED, refuse)
    by_name |= dict.fromkeys(ON_FILES, allow if files else refuse)
    threads = bpf.any_bit(_CLONE_NEW, refuse, allow)
    by_name |= {
        "clone": [*bpf.load_argument(0), *bpf.any_bit(_CLONE_THREAD, threads, refuse)],
        "clone3": bpf.refuse(errno.ENOSYS),  # its arguments are in memory, out of sight: glibc then takes clone
        "fcntl": [
            *bpf.load_argument(1),
            *bpf.one_of(
                [_F_SETFL],
                [*bpf.load_argument(2), *bpf.any_bit(_O_ASYNC, refuse, allow)],
                bpf.one_of(_FCNTL, allow, refuse),
            ),
        ],
        "ioctl": [*bpf.load_argument(1), *bpf.one_of(_IOCTL, allow, bpf.refuse(errno.ENOTTY))],
        "kill": [*bpf.load_argument(0), *own],
        "tgkill": [*bpf.load_argument(0), *own],
        "prctl": [*bpf.load_argument(0), *bpf.one_of(_PRCTL, allow, refuse)],
        "prlimit64": [*bpf.load_argument(0), *bpf.one_of([0, process], allow, refuse)],
        "sched_setaffinity": [*bpf.load_argument(0), *bpf.one_of([0, process], allow, refuse)],
        "setrlimit": allow,
    }
    return {known.numbers[name]: block for name, block in by_name.items() if name in known.numbers}


@functools.cache
def program(process: int, *, files: bool) -> tuple[int, bytes]:
    """Return the filter for a process as its number of instructions, and these.

    Raises:
        OSError: nothing is known of this kind of machine.
    """
    known = machine()
    filter_ = bpf.program(known.audit, rules(known, process, files=files), bpf.refuse(errno.ENOSYS))
    return len(filter_), bpf.assemble(filter_)


def install(*, files: bool) -> None:
    """Filter this process's calls from now on, and make sure of it. It must have one thread, and no new privileges.

    Raises:
        OSError: it cannot be had, or does not hold.
    """
    count, code = program(os.getpid(), files=files)
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    whole = Program(count, ctypes.addressof(buffer))
    linux.syscall("seccomp", _SECCOMP_SET_MODE_FILTER, 0, ctypes.addressof(whole))
    _verify()


def _verify() -> None:
    tries = {
        "socket": ((1, 1, 0), errno.EPERM),
        "ptrace": ((0, 0, 0, 0), errno.EPERM),
        "clone3": ((0, 0), errno.ENOSYS),
    }
    for name, (arguments, expected) in tries.items():
        try:
            linux.syscall(name, *arguments)
        except OSError as error:
            if error.errno == expected:
                continue
        raise OSError(f"the filter of system calls does not hold: {name} is not refused")
