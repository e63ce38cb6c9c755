"""Whatever is in a report, its JSON is strict, and says the same in every layout."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checking.strictjson import dump, dump_in_lines

TEXTS = st.text() | st.text(st.characters(categories=["Cs", "Lu", "So"]))
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


def read(text: str) -> Any:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no strict JSON")

    assert text.isascii()
    return json.loads(text, parse_constant=refuse)


def expected(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [expected(item) for item in value]
    return {expected(key): expected(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(tree=st.dictionaries(TEXTS, TREES, max_size=4), depth=st.integers(0, 6))
def test_it_is_strict_and_says_the_same_in_every_layout(tree: dict[str, Any], depth: int) -> None:
    assert read(dump(tree)) == read(dump(tree, indent=None)) == read(dump_in_lines(tree, depth)) == expected(tree)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.arange(3), [0, 1, 2]),
        (np.array([1.0, np.nan, -np.inf]), [1.0, "NaN", "-Infinity"]),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        ((1, (2,)), [1, [2]]),
        ({1: 2, 0.5: 3}, {"1": 2, "0.5": 3}),
        (frozenset([4]), [4]),
        (complex(1, 2), "(1+2j)"),
        ("half \ud83d", "half ?"),
        ("\U0001f600", "\U0001f600"),
    ],
    ids=repr,
)
def test_what_is_not_plain_is_made_so(value: Any, plain: Any) -> None:
    for text in (dump({"is": value}), dump({"is": value}, indent=None), dump_in_lines({"is": value}, 3)):
        assert read(text)["is"] == plain


def test_lines_are_as_deep_as_is_said() -> None:
    data = {"a": 1, "b": [{"c": [1, 2]}, {}], "d": {}}
    assert dump_in_lines(data, 2) == '{\n  "a": 1,\n  "b": [\n    {"c": [1, 2]},\n    {}\n  ],\n  "d": {}\n}\n'
    assert dump_in_lines(data, 0) == dump(data, indent=None)
