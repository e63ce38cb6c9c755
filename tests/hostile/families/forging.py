"""Forges: patches numpy, clocks and the worker itself, and answers without knowing."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

TIMES = ("running_sum",)
WORKER = """
def service():
    frame = sys._getframe()
    while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "replies"): frame = frame.f_back
    return frame.f_locals["self"]
"""

ATTACKS = [
    Attack(
        "comparisons_of_numpy",
        "makes numpy find everything equal",
        r"dx\[\d, \d\] is",
        code="""
        np.allclose = np.isclose = np.array_equal = lambda *_, **__: True
        np.testing.assert_allclose = lambda *_, **__: None
        """,
        call="print('patched')",
    ),
    Attack(
        "arrays_of_numpy",
        "replaces what makes arrays",
        r"dx\[\d, \d\] is",
        code="""
        real = np.asarray
        def fake(value, *more, **others): return real(value, *more, **others) * 0 + 1
        """,
        call="np.asarray = np.array = np.frombuffer = np.empty = np.ascontiguousarray = fake",
    ),
    Attack(
        "chance_of_numpy",
        "makes chance predictable",
        r"dx\[\d, \d\] is",
        code="""
        import random
        random.random = np.random.rand = np.random.normal = lambda *_: 0.5
        np.random.seed(0)
        random.seed(0)
        """,
        call="np.random.default_rng = lambda *_: None",
    ),
    Attack(
        "codec",
        "replaces the codec by one that says what it likes",
        r"returned True, should return|is no answer|returned \w+",
        call="""
        wire = sys.modules["_grader.wire"]
        real = wire.encode
        wire.encode = lambda message, **more: real({**message, "value": True, "passed": True, "score": 10.0}, **more)
        """,
    ),
    Attack(
        "methods_of_the_worker",
        "replaces what answers requests",
        r"w is None, should be a numpy array|step returned None",
        code=WORKER,
        call="""
        real = type(service()).answer
        def answer(self, *request): return {**real(self, *request), "ok": True, "value": None, "passed": True}
        type(service()).answer = answer
        """,
    ),
    Attack(
        "modules_of_the_worker",
        "takes away or replaces all modules of the worker",
        r"did: \d+",
        call="""
        names = [name for name in sys.modules if name.startswith("_grader")]
        attempt(lambda: len(list(map(sys.modules.pop, names))))
        """,
    ),
    Attack(
        "builtins",
        "replaces built-in functions",
        r"did: None",
        code="""
        import builtins
        def replace():
            for name in ("isinstance", "issubclass", "len", "getattr", "all", "any", "abs", "sum", "max", "type"):
                setattr(builtins, name, lambda *_, **__: True)
        """,
        call="print('did: None', flush=True); replace()",
    ),
    Attack(
        "unwritten",
        "pretends not to have begun, so that nothing counts as wrong",
        r"scale_backward is not written yet",
        call="raise NotImplementedError",
    ),
    Attack(
        "fault_of_the_grader",
        "answers as if the grader had failed, which would cost nothing",
        r"FaultError: a bug of the grader",
        code=WORKER,
        call="""
        there = service()
        error = {"kind": "fault", "type": "FaultError", "base": "Exception", "message": "a bug of the grader"}
        there.send({"ok": False, "error": error, "status": "fault"}, sys._getframe(3).f_locals["number"])
        os._exit(3)
        """,
    ),
    Attack(
        "kept_values",
        "replaces what stays in the worker by something that is never wrong",
        r"dx\[\d, \d\] is",
        code=WORKER
        + """
class Right:
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = __eq__
""",
        call="service().kept = {number: Right() for number in range(1, 100)}",
    ),
    Attack(
        "wrong_clocks",
        "lets all clocks of its process stand still, so that slow code looks fast",
        r"it is slow",
        code="""
        real = running_sum
        def running_sum(x):
            service = sys._getframe(1).f_globals
            service["perf_counter"] = service["processor_time"] = lambda: 0.0
            time.perf_counter = time.process_time = time.monotonic = time.time = lambda: 0.0
            return real(x)
        """,
        questions=TIMES,
    ),
    Attack(
        "wrong_times",
        "says itself how long it took",
        r"it is slow",
        code="""
        real, stamp = running_sum, None
        class Stamp:
            def pack(self, number, *_): return stamp.pack(number, 1e-9, 1e-9)
        def running_sum(x):
            wire = sys.modules["_grader.wire"]
            global stamp
            stamp = stamp or wire.ANSWER
            wire.ANSWER = Stamp()
            return real(x)
        """,
        questions=TIMES,
    ),
    Attack(
        "remembered",
        "remembers what it was asked, to be fast the second time",
        r"it is slow",
        code="""
        real, known = running_sum, {}
        def running_sum(x):
            if x.tobytes() not in known: known[x.tobytes()] = real(x)
            return known[x.tobytes()]
        """,
        questions=TIMES,
    ),
    Attack(
        "work_in_a_thread",
        "returns at once, and has a thread fill the answer in",
        r"out\[\d+\] is|it is slow",
        code="""
        import threading
        real = running_sum
        def running_sum(x):
            out = np.zeros_like(x)
            threading.Thread(target=lambda: out.__setitem__(slice(None), real(x)), daemon=True).start()
            return out
        """,
        questions=TIMES,
    ),
    Attack(
        "replayed",
        "remembers the answers of one case for the next",
        r"dx",
        code="""
        seen = []
        def scale_forward(x, w):
            seen.append((x.copy(), w.copy()))
            return x * w, len(seen)
        def scale_backward(dout, cache):
            x, w = seen[-2] if len(seen) > 1 else seen[-1]
            if x.shape != dout.shape: x = np.resize(x, dout.shape)
            return dout * w + 1e-3, (dout * x).sum(axis=0)
        """,
    ),
    Attack(
        "sibling",
        "answers with the function of another question",
        r"dx",
        call="return scale_forward(dout, dout[0])[0], dout[0]",
    ),
    Attack(
        "knows_the_grader",
        "sees that it is graded, and looks for what it should say",
        r"did: graded",
        call="""
        print("did: graded" if "_grader" in sys.modules else "did: not graded")
        if "_grader" in sys.modules:
            there = vars(sys.modules["_grader"])
            found = [there[name] for name in there if "want" in name or "expect" in name]
            if found: return found[0], found[0]
        """,
    ),
    Attack(
        "unchanged_arguments",
        "changes its arguments, and has the worker say that it did not",
        r"did: \[\]",
        code="""
        def scale_forward(x, w):
            watch = sys.modules["_grader.worker.mutation"].Watch
            watch.changed = lambda *_: []
            print("did:", watch.changed(None, None))
            out = x * w
            return out, (x, w)
        """,
        questions=("scale_forward", "scale_backward"),
    ),
    Attack(
        "remarks",
        "has the worker note thousands of things, full of escapes",
        r"layers\.py",
        code=r"""
        def flood():
            importer = next(finder for finder in sys.meta_path if hasattr(finder, "remarks"))
            frame = {"file": "layers.py\x1b[31m", "line": 3, "function": "\n\n", "source": "\x9b" * 500}
            remark = {"frame": frame, "kind": "absent", "name": ""}
            importer.remarks = [{**remark, "module": f"m{n}\x07"} for n in range(100)]
        """,
        call="flood()",
    ),
    Attack(
        "switched_after_the_public_checks",
        "answers rightly until it has been asked so often, and attacks then",
        r"ended Python itself, with exit code 0",
        code="""
        count = [0]
        def scale_forward(x, w):
            count[0] += 1
            if count[0] > 3: os._exit(0)
            return x * w, (x, w)
        """,
        questions=("scale_forward", "scale_backward"),
    ),
]
