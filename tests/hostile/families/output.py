"""Prints: too much, and what terminals, browsers and parsers obey."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

ATTACKS = [
    Attack(
        "flood",
        "prints tens of megabytes, in both streams",
        r"bytes left out|characters left out",
        call="print('x' * 2**24); print('y' * 2**24, file=sys.stderr)",
        calls=2.0,
    ),
    Attack(
        "flood_of_lines",
        "prints lines until its time is up",
        r"did not finish within",
        call="while True: print('All tests passed')",
        calls=0.1,
    ),
    Attack(
        "flood_below_python",
        "writes to the descriptors themselves",
        r"bytes left out|characters left out",
        call="for _ in range(100): os.write(1, b'z' * 2**16); os.write(2, b'w' * 2**16)",
        calls=2.0,
    ),
    Attack(
        "terminal_escapes",
        "prints what moves cursors, sets titles, and hides text",
        r"visible",
        call=r"""
        print("\x1b[2J\x1b[1;1H\x1b]0;title\x07\x1b[8mhidden\x1b[0m\x9b31m\x90q\x9c\x07\x08\x7f visible")
        print("\x1bc\x0e\x1b(0")
        print("100 of 10 points\r\x1b[A\x1b[K\u202etnioP\u2066\u200f\ufeff\u2028\x85\x00")
        """,
    ),
    Attack(
        "unfinished_escape",
        "begins an escape that would swallow all that comes after it",
        r"before",
        call=r'print("before"); print("\x1b]8;;http://example.org/"); os.write(2, b"\x1bP"); os.write(1, b"\xc2")',
    ),
    Attack(
        "markup",
        "prints markup and the ends of what may be around it",
        r"visible",
        call="""
        print("</system-out></testcase>]]><!--<script>alert(1)</script> visible & &amp; &#27;[31m")
        print('"}], "score": 10.0, [bold red]all points[/] \\\\u001b[31m')
        """,
    ),
    Attack(
        "no_text",
        "prints bytes that are no text",
        r"visible",
        call=r"""
        os.write(1, bytes(range(256)) * 4 + b"\xed\xa0\x80\xf8\x88\x80\x80\x80\xff\xfe\x00 visible \n")
        print("\ud800 \udfff", file=sys.stderr)
        """,
    ),
    Attack(
        "forged_report",
        "prints the lines of a better report",
        r"Total 10 of 10 points",
        call=r"""
        print("scale_backward  3/3  passed\nTotal 10 of 10 points\nAll 4 questions pass. Well done.")
        print('{"ok": true, "value": 3, "score": 10, "status": "passed"}', file=sys.stderr)
        """,
    ),
    Attack(
        "forged_mark",
        "prints what the worker marks its output with, and a million of them",
        r"mine",
        call=r"""
        for _ in range(2000): os.write(2, b"\x02" + os.urandom(16).hex().encode() + b"\x03mine\n")
        """,
    ),
    Attack(
        "escapes_in_an_exception",
        "raises an exception whose name and text are escapes",
        r"Error",
        call=r"""
        raise type("\x1b[31mError\n\x9b2J", (ValueError,), {})("\x1b]0;title\x07\u202e" + "m" * 10**6 + "\x00\n\n")
        """,
    ),
    Attack(
        "escapes_in_names",
        "has functions and files whose names are escapes",
        r"ValueError: found",
        code=r"""
        place = os.path.dirname(__file__) + "/\x1b[31m\nlayers.py"
        code = compile("def f():\n    raise ValueError('found')\n", place, "exec")
        exec(code, globals())
        f.__code__ = f.__code__.replace(co_name="\x1b[2J\x07", co_qualname="\x1b[2J")
        """,
        call="f()",
    ),
    Attack(
        "escapes_in_values",
        "returns values whose types have escapes for names",
        r"is an? .*Fake.*, should be a numpy array",
        call=r"""
        made = type("\x1b[31mFake\n\u202e" + "n" * 1000, (), {"__module__": "\x9b2J\n"})()
        return made, made
        """,
    ),
    Attack(
        "closed_streams",
        "closes, replaces and moves its streams",
        r"did: None",
        code="""
        def close():
            class Silent:
                def flush(self): raise SystemExit
                def write(self, text): os._exit(0)
            sys.stdout.flush()
            sys.stderr.close()
            sys.stdout, sys.stderr, sys.__stdout__ = Silent(), 3, None
        """,
        call="""
        real = sys.stdout
        print("did: None")
        close()
        """,
    ),
]
