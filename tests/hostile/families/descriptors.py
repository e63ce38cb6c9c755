"""Plays with the pipes to the grader: closes, floods, reads ahead, forges."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

LOST = r"it cannot answer any more: does it close files, or replace functions, not its own\?"
NO_ANSWER = r"it answered with something that is no answer"
SERVICE = """
import json, struct, threading
def service():
    frame = sys._getframe()
    while "self" not in frame.f_locals or not hasattr(frame.f_locals["self"], "replies"): frame = frame.f_back
    return frame.f_locals["self"]
def frame_of(value, body=b"", size=None):
    header = json.dumps(value).encode()
    return struct.pack(">4sIQ", b"GRD1", len(header), len(body) if size is None else size) + header + body
def stamp(number):
    return struct.pack(">Qdd", number, 0.0, 0.0)
def reply(number, value, **more):
    return stamp(number) + frame_of({"ok": True, "value": value, "changed": ["l"], "remarks": ["l"], **more})
def number():
    frame = sys._getframe()
    while "received" not in frame.f_locals: frame = frame.f_back
    return frame.f_locals["number"]
def send(data, where=None):
    where = service().replies if where is None else where
    view = memoryview(data)
    while view: view = view[os.write(where, view):]
"""


def _attack(name: str, what: str, call: str, shows: str, slack: float = 30.0, calls: float = 5.0) -> Attack:
    return Attack(name, what, shows, code=SERVICE, call=call, slack=slack, calls=calls)


ATTACKS = [
    _attack("close_all", "closes every descriptor", "os.closerange(0, 256)", LOST),
    _attack("close_and_stay", "closes every descriptor, and stays", "os.closerange(0, 256); time.sleep(10**6)", LOST),
    _attack(
        "printed_as_answers",
        "has its prints go where its answers should",
        "os.dup2(service().replies, 1); os.dup2(service().replies, 2); print('GRD1')",
        NO_ANSWER,
    ),
    _attack(
        "answers_to_nowhere",
        "has its answers go nowhere",
        "os.dup2(os.open('/dev/null', 1), service().replies)",
        r"did not finish",
        slack=0.3,
        calls=0.1,
    ),
    _attack(
        "forged_everywhere",
        "writes a forged answer to every descriptor",
        """
        for place in range(3, 64):
            try: send(reply(number(), True), place)
            except OSError: pass
        """,
        r"returned True, should return 2 values|cannot answer any more",
    ),
    _attack(
        "verdict",
        "answers with a verdict instead of a value",
        "send(reply(number(), None, score=10.0, status='passed', passed=True, points=3, error=None)); os._exit(0)",
        r"returned None, should return dx, dw",
    ),
    _attack(
        "answers_before",
        "answers the next requests before they come",
        "[send(reply(number() + n, None)) for n in range(1, 9)]",
        NO_ANSWER,
    ),
    _attack(
        "answers_twice",
        "answers twice",
        "send(reply(number(), None)); send(reply(number() + 1, None))",
        r"returned None, should return dx, dw",
    ),
    _attack(
        "half_a_frame",
        "begins an answer and never ends it",
        "send(reply(number(), 3)[:20]); time.sleep(10**6)",
        r"did not finish within",
        slack=0.3,
        calls=0.1,
    ),
    _attack(
        "drips",
        "sends an answer byte by byte",
        "while True: send(b'GRD1'[:1]); time.sleep(0.01)",
        r"is no answer",
        slack=0.3,
        calls=0.1,
    ),
    _attack("no_frame", "answers with noise", "send(os.urandom(4096))", NO_ANSWER),
    _attack(
        "endless_times",
        "says that it took no number of seconds, and less than none",
        """
        send(struct.pack('>Qdd', number(), float('nan'), -1e300) + frame_of({'ok': True, 'value': None}))
        os._exit(0)
        """,
        r"returned None, should return dx, dw",
    ),
    _attack(
        "another_stamp",
        "answers to a request that was never made",
        "send(struct.pack('>Qdd', 2**63, 0.0, 0.0) + frame_of({'ok': True, 'value': None}))",
        NO_ANSWER,
    ),
    _attack(
        "no_json",
        "answers with deep and endless JSON",
        "send(stamp(number()) + struct.pack('>4sIQ', b'GRD1', 2**20, 0) + b'[' * 2**20)",
        NO_ANSWER,
    ),
    _attack(
        "large_number",
        "answers with a number of a million digits",
        "send(stamp(number()) + struct.pack('>4sIQ', b'GRD1', 10**6, 0) + b'9' * 10**6)",
        NO_ANSWER,
    ),
    _attack(
        "announces_much",
        "announces more than there can be",
        "send(stamp(number()) + struct.pack('>4sIQ', b'GRD1', 10, 2**63))",
        r"a frame announces more than may come",
    ),
    _attack(
        "sends_much",
        "answers with as much as is allowed, instead of a few numbers",
        """
        size = 2**26
        array = ["a", "|u1", [size], 0, size]
        table = {"ok": True, "value": ["t", array, None], "changed": ["l"]}
        send(stamp(number()) + frame_of(table, size=size))
        for _ in range(size // 2**20): send(bytes(2**20))
        os._exit(0)
        """,
        r"dx\.shape is \(67108864,\), should be|dw is None|dx has dtype",
        calls=5.0,
    ),
    _attack(
        "reads_ahead",
        "has a thread read the grader's requests",
        """
        there = service()
        def read(): print("did: read", len(os.read(there.requests, 100)), flush=True)
        threading.Thread(target=read, daemon=True).start()
        """,
        r"did: read \d+",
        slack=0.3,
        calls=0.1,
    ),
    _attack(
        "small_pipes",
        "makes the pipes as small and as impatient as they can be",
        """
        import fcntl
        for place in (service().requests, service().replies, service().marks):
            attempt(lambda: fcntl.fcntl(place, 1031, 4096))
            os.set_blocking(place, False)
        """,
        r"did: 4096",
    ),
]
