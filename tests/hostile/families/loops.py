"""Uses up time: in Python, in C, asleep."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

SLOW = r"scale_backward did not finish within 0\.1 s: does a loop never end\?"

ATTACKS = [
    Attack("busy", "loops for ever", SLOW, call="while True: pass", calls=0.1),
    Attack(
        "busy_at_import",
        "loops for ever while its file is imported",
        r"its file was not imported within 0\.1 s",
        code="while True: pass",
        calls=0.1,
    ),
    Attack(
        "busy_whatever_comes",
        "catches everything that could end its loop, and blocks all signals",
        SLOW,
        call="""
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            try:
                while True: pass
            except BaseException: pass
        """,
        calls=0.1,
    ),
    Attack("large_power", "works out a number of millions of digits, in C", SLOW, call="dout = 7 ** 7 ** 9", calls=0.1),
    Attack(
        "slow_pattern",
        "matches a pattern that takes exponential time, in C",
        SLOW,
        call="import re; re.match(r'(a+)+$', 'a' * 60 + 'b')",
        calls=0.1,
    ),
    Attack(
        "endless_iterator",
        "consumes an endless iterator, in C",
        SLOW,
        call="import collections, itertools; collections.deque(itertools.repeat(0), maxlen=0)",
        calls=0.1,
    ),
    Attack(
        "much_numpy",
        "computes in numpy without end",
        SLOW,
        call="while True: np.sort(np.cos(np.arange(1e5)))",
        calls=0.1,
    ),
    Attack(
        "many_threads",
        "burns time in threads, and answers",
        r"did: 8|did not finish within 0\.1 s",
        code="""
        import threading
        def burn():
            while True: pass
        def start():
            threading.stack_size(2**16)
            for _ in range(8): threading.Thread(target=burn, daemon=True).start()
            return 8
        """,
        call="attempt(start); time.sleep(0.05)",
        calls=0.1,
    ),
    Attack("sleep", "sleeps", SLOW, call="time.sleep(10**6)", slack=0.3, calls=0.1),
    Attack(
        "lock",
        "waits for itself",
        SLOW,
        call="import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
        slack=0.3,
        calls=0.1,
    ),
    Attack(
        "stop", "stops itself", SLOW, call="import signal; os.kill(os.getpid(), signal.SIGSTOP)", slack=0.3, calls=0.1
    ),
    Attack(
        "raised_limit",
        "takes the limits away that it was given, then loops",
        SLOW,
        call="""
        import resource, signal
        for which in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
            attempt(lambda: resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)))
        signal.setitimer(signal.ITIMER_REAL, 0)
        while True: pass
        """,
        calls=0.1,
    ),
    Attack(
        "slow_comparison",
        "returns a value that takes for ever when it is looked at",
        r"is a layers\.Slow, should be|is a submission\.layers\.Slow, should be",
        code="""
        class Slow:
            def __eq__(self, other):
                while True: pass
            __array__ = __float__ = __len__ = __iter__ = __repr__ = __bool__ = __getattribute__ = __eq__
        """,
        call="return Slow(), Slow()",
        calls=0.1,
    ),
    Attack(
        "nap_after_nap",
        "sleeps in every call for almost as long as a call may take, so that a question takes hours",
        r"this question took more than 1\.8 s on the clock before scale_forward was called",
        code="""
        def scale_forward(x, w):
            time.sleep(0.7)
            return x * w, (x, w)
        """,
        questions=("scale_forward",),
        slack=1.2,
        calls=0.1,
    ),
]
