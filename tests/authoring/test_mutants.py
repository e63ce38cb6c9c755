from __future__ import annotations

import ast
import textwrap

import pytest

from grader.authoring.mutants import mutants_of, solution_lines

HEAD = '''\
"""Layers."""

import numpy as np


def other(x):
    return x + 1


def f(x, w=1, p=None):
    """Add 1 to x."""
    given = x + 3
    ### BEGIN SOLUTION
{body}
    ### END SOLUTION
'''


def source(body: str) -> str:
    return HEAD.format(body=textwrap.indent(textwrap.dedent(body).strip("\n"), "    "))


def bodies(body: str) -> set[str]:
    """Return what the mutants make of the lines of a solution, as Python would write them."""
    text = source(body)
    found = set()
    for mutant in mutants_of(text, "f", solution_lines(text, "layers.py")):
        function = next(node for node in ast.parse(mutant.text).body if getattr(node, "name", "") == "f")
        assert isinstance(function, ast.FunctionDef)
        found.add("\n".join(ast.unparse(node) for node in function.body[2:]))
    return found


@pytest.mark.parametrize(
    ("body", "mutants"),
    [
        ("return x + w", {"return x - w", "return x", "return w"}),
        ("return x - w", {"return x + w", "return x"}),
        ("return x * w", {"return x / w", "return x", "return w"}),
        ("return x @ w", {"return x * w", "return x"}),
        ("return x // w", {"return x * w", "return x"}),
        ("return x ** w", {"return x * w", "return x"}),
        ("return -x", {"return x"}),
        ("return not x", {"return x"}),
        ("return x < w", {"return x <= w", "return x >= w"}),
        ("return x == w", {"return x != w"}),
        ("return x is None", {"return x is not None"}),
        ("return x and w", {"return x or w"}),
        ("return x if w else p", {"return x", "return p"}),
        ("return 0", {"return 1"}),
        ("return 2", {"return 3", "return 1"}),
        ("return -1", {"return 1"}),
        ("return 0.5", {"return 1.0"}),
        ("return True", {"return False"}),
        ("return x.T", {"return x"}),
        ("return x, w", {"return (w, x)"}),
        ("_, w = x", set()),
        ("return {'a': x, **w}", {"return {**w}", "return {'a': x}", "return {'a_': x, **w}"}),
        ("return x['a'], w['b']", {"return (w['b'], x['a'])", "return (x['b'], w['b'])", "return (x['a'], w['a'])"}),
        ("return x[:w]", {"return x[:]"}),
        ("return x[p:, :w]", {"return x[:w, p:]", "return x[:, :w]", "return x[p:, :]"}),
        ("return np.maximum(x, w)", {"return np.minimum(x, w)", "return np.maximum(w, x)"}),
        ("return np.exp(x)", {"return x"}),
        ("return np.zeros_like(x)", {"return np.ones_like(x)"}),
        ("return x.sum(axis=0)", {"return x.mean(axis=0)", "return x", "return x.sum()", "return x.sum(axis=1)"}),
        ("return x.max(axis=1)", {"return x.min(axis=1)", "return x.max()", "return x.max(axis=0)"}),
        (
            "return x.max(axis=(0, 2), keepdims=True)",
            {
                "return x.min(axis=(0, 2), keepdims=True)",
                "return x.max(keepdims=True)",
                "return x.max(axis=2, keepdims=True)",
                "return x.max(axis=0, keepdims=True)",
                "return x.max(axis=(0, 2))",
            },
        ),
        ("x += w", {"x -= w", "x = w", "pass"}),
        ("x['a'] = w", {"pass", "x['a_'] = w"}),
        ("x = w", {"pass"}),
        ("new = w", set()),
        ("x.sort()", {"pass"}),
        ("if x:\n    return w", {"if True:\n    return w", "if False:\n    return w"}),
        ("for i in range(w):\n    print()", {
            "for i in range(w - 1):\n    print()", "for i in range(1, w):\n    print()", "for i in range(w):\n    pass"
        }),
        ("raise ValueError('a' + 'b')", set()),
        ("assert x > 1, 'a' + 'b'", set()),
        ("return f'W{x + 1}'", set()),
    ],
)  # fmt: skip
def test_each_slip_is_made_once(body: str, mutants: set[str]) -> None:
    assert bodies(body) == mutants


def test_what_is_given_stays() -> None:
    text = source("return x + w")
    for mutant in mutants_of(text, "f", solution_lines(text, "layers.py")):
        changed = [a for a, b in zip(text.splitlines(), mutant.text.splitlines(), strict=True) if a != b]
        assert changed == ["    return x + w"]
        assert mutant.line == 14


def test_names_of_other_alphabets_do_not_shift_columns() -> None:
    text = source("μ = 'é', x + w\nreturn μ")
    mutants = mutants_of(text, "f", solution_lines(text, "layers.py"))
    assert any("μ = 'é', (x - w)\n" in mutant.text for mutant in mutants)
    for mutant in mutants:
        ast.parse(mutant.text)


def test_ids_tell_mutants_apart_and_survive_edits_elsewhere() -> None:
    body = "y = x + 1\ny = y * w\nz = x + 1\nreturn y, z"
    text = source(body)
    before = mutants_of(text, "f", solution_lines(text, "layers.py"))
    assert len({mutant.id for mutant in before}) == len(before)

    edited = source("# said above\n\n" + body.replace("y * w", "y*w  # scaled")).replace("return x + 1", "return 7")
    after = mutants_of(edited, "f", solution_lines(edited, "layers.py"))
    assert [mutant.id for mutant in after] == [mutant.id for mutant in before]

    other = source(body.replace("y * w", "y * p"))
    changed = {mutant.id for mutant in mutants_of(other, "f", solution_lines(other, "layers.py"))}
    kept = {mutant.id for mutant in before if mutant.line not in (15,)}
    assert kept <= changed
    assert len(changed & {mutant.id for mutant in before}) == len(kept)


def test_a_change_in_a_method_or_a_helper_within_is_found() -> None:
    text = textwrap.dedent('''\
        class Net:
            """A net."""

            def loss(self, x):
                ### BEGIN SOLUTION
                def inner(y):
                    return y - 1

                return inner(x)
                ### END SOLUTION
        ''')
    mutants = mutants_of(text, "Net", solution_lines(text, "net.py"))
    assert [mutant.description for mutant in mutants][:2] == [
        "y - 1 becomes y + 1, in return y - 1",
        "y - 1 becomes y, in return y - 1",
    ]
