"""Ends of Python in the hope that what has not failed counts as passed."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

ATTACKS = [
    Attack(
        "exit_at_once",
        "ends the process with success, in a call",
        r"ended in scale_backward: it ended Python itself, with exit code 0",
        call="os._exit(0)",
    ),
    Attack(
        "sys_exit",
        "raises SystemExit, in a call",
        r"it tried to end Python \(layers.py line \d+, in scale_backward",
        call="sys.exit(0)",
    ),
    Attack(
        "derived_exit",
        "raises a SystemExit that lies about itself",
        r"it ended Python itself, with exit code 0",
        code="""
        class Passed(SystemExit):
            code = property(lambda self: 1 / 0)
            def __str__(self): os._exit(0)
            __repr__ = __str__
        """,
        call="raise Passed(0)",
    ),
    Attack(
        "exit_at_import",
        "ends the process while its file is imported",
        r"the process ended while its file was imported: it ended Python itself, with exit code 0",
        code="os._exit(0)",
    ),
    Attack(
        "exit_at_the_end",
        "registers functions for the end of Python, and ends it",
        r"did: registered",
        code="""
        import atexit, threading
        def leave(*_):
            print("all points, please")
            os._exit(0)
        def prepare():
            atexit.register(leave)
            threading._register_atexit(leave)
            return "registered"
        """,
        call="attempt(prepare); raise SystemExit(0)",
    ),
    Attack(
        "exit_when_forgotten",
        "returns a cache whose end is that of the process",
        r"it ended Python itself, with exit code 0",
        code="""
        class Last:
            def __del__(self): os._exit(0)
        def scale_forward(x, w): return x * w, Last()
        def scale_backward(dout, cache): return dout
        """,
    ),
    Attack(
        "exit_from_a_thread",
        "answers, and a thread ends the process after that",
        r"the process ended in scale_\w+: it ended Python itself, with exit code 0",
        code="""
        import threading
        def scale_forward(x, w):
            if len(x) == 2 and w[0] != 3.0: threading.Thread(target=lambda: (time.sleep(0.05), os._exit(0))).start()
            return x * w, (x, w)
        """,
        call="time.sleep(1)",
        questions=("scale_forward", "scale_backward"),
    ),
    Attack(
        "exit_by_signal_handler",
        "has every exception and timer end the process",
        r"it ended Python itself, with exit code 0",
        code="""
        import signal
        for number in (signal.SIGALRM, signal.SIGVTALRM, signal.SIGXCPU):
            signal.signal(number, lambda *_: os._exit(0))
        sys.excepthook = sys.unraisablehook = lambda *_: os._exit(0)
        """,
        call="""
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.01)
        while True: pass
        """,
    ),
    Attack(
        "interrupt",
        "raises what Ctrl-C does, as if the teacher had pressed it",
        r"KeyboardInterrupt: the teacher pressed it",
        call="raise KeyboardInterrupt('the teacher pressed it')",
    ),
    Attack(
        "interrupting_signal",
        "sends itself the signal of Ctrl-C",
        r"stopped: KeyboardInterrupt",
        call="""
        import signal
        attempt(lambda: (os.kill(os.getpid(), signal.SIGINT), time.sleep(1)))
        """,
    ),
    Attack(
        "segmentation_fault",
        "reads where there is nothing",
        r"segmentation fault \(SIGSEGV\)",
        call="import ctypes; ctypes.string_at(0)",
    ),
    Attack(
        "another_program",
        "becomes another program, which succeeds",
        r"stopped: (FileNotFound|Permission)Error",
        call="attempt(lambda: os.execv('/bin/true', ['true']))",
        process=r"it ended Python itself, with exit code 0",
    ),
    Attack(
        "generator_exit",
        "raises what no handler of Exception sees, out of an exception's own text",
        r"Evasive \(rows",
        code="""
        class Evasive(BaseException):
            def __str__(self): raise GeneratorExit
            __repr__ = __str__
            __traceback__ = property(lambda self: None)
        """,
        call="raise Evasive",
    ),
]
