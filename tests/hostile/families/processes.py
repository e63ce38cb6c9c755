"""Starts others: processes and threads that multiply, that stay, that act later."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

REFUSED = r"stopped: (PermissionError|FileNotFoundError|OSError|BlockingIOError)"

ATTACKS = [
    Attack(
        "fork_bomb",
        "forks, and so do its children (up to a number that harms nobody)",
        REFUSED,
        code="""
        def bomb():
            for _ in range(5): os.fork()
            signal_free_wait()
        def signal_free_wait():
            time.sleep(0.05)
        """,
        call="attempt(bomb)",
        process=r"did: None",
    ),
    Attack(
        "daemon",
        "leaves a process behind, in a session of its own, whose parent is gone",
        REFUSED,
        code="""
        def daemon():
            reads, writes = os.pipe()
            if not os.fork():
                os.setsid()
                child = os.fork()
                if child: os._exit(0)
                os.write(writes, str(os.getpid()).encode())
                while True: time.sleep(1000)
            return os.read(reads, 20)
        """,
        call="attempt(daemon)",
        process=r"did: b'\d+'",
    ),
    Attack(
        "daemon_that_ignores",
        "leaves a process behind that holds all pipes, ignores signals, and prints",
        REFUSED,
        code="""
        import ctypes, signal
        def daemon():
            child = ctypes.CDLL(None, use_errno=True).fork()  # by C, so that nothing in Python hears of it
            if child < 0: raise OSError(ctypes.get_errno(), "fork")
            if child: return child
            for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_IGN)
            os.setsid()
            while True:
                try: os.write(2, b"still here")
                except OSError: time.sleep(1000)
                time.sleep(0.01)
        """,
        call="attempt(daemon)",
        process=r"did: \d+",
    ),
    Attack(
        "child_answers",
        "has a child answer instead, when it is gone itself",
        REFUSED,
        code="""
        import ctypes
        def divide():
            child = ctypes.CDLL(None, use_errno=True).fork()
            if child < 0: raise OSError(ctypes.get_errno(), "fork")
            if child: os._exit(0)
            return "child"
        """,
        call="attempt(divide)",
        process=r"did: child|ended Python itself",
        slack=2.0,
    ),
    Attack(
        "program",
        "runs a program",
        REFUSED,
        call="import subprocess; attempt(lambda: subprocess.run(['true'], check=True))",
        process=r"did: CompletedProcess",
    ),
    Attack(
        "spawn",
        "spawns a program by the system's own way",
        REFUSED,
        call="attempt(lambda: os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0))",
        process=r"did: \(\d+, 0\)",
    ),
    Attack(
        "pool",
        "shares its work among processes",
        REFUSED,
        code="""
        import multiprocessing
        def share():
            with multiprocessing.get_context("fork").Pool(2) as pool: return pool.map(abs, [-1, -2])
        """,
        call="attempt(share)",
        process=r"did: \[1, 2\]",
    ),
    Attack(
        "thread_bomb",
        "starts threads until there can be no more",
        r"did: ([5-9]\d|\d{3,}) threads",
        code="""
        import threading
        def more():
            count = 0
            began = time.process_time()
            threading.stack_size(2**15)
            try:
                while time.process_time() < began + 0.05:
                    threading.Thread(target=threading.Event().wait, daemon=True).start()
                    count += 1
            except (RuntimeError, MemoryError): pass
            return f"{count} threads"
        """,
        call="attempt(more)",
        calls=2.0,
    ),
    Attack(
        "thread_that_answers",
        "answers wrongly, and has a thread write another answer over it",
        r"did: started",
        code="""
        import threading
        mine = []
        def overwrite():
            while True:
                for array in mine: array[...] = 7.0
                time.sleep(0)
        threading.Thread(target=overwrite, daemon=True).start()
        def start(): return "started"
        """,
        call="attempt(start); mine.append(dout)",
    ),
    Attack(
        "profiler",
        "has Python call it at every step of the worker's own code, also in threads to come",
        r"did: None",
        code="""
        import threading
        def spy(frame, event, argument):
            for name in ("want", "expected", "answer", "points"):
                if name in frame.f_locals and "student" in frame.f_locals: print(name, frame.f_locals[name])
            return spy
        """,
        call="attempt(lambda: (sys.settrace(spy), sys.setprofile(spy), threading.setprofile(spy))[0])",
    ),
]
