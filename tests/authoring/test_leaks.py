from __future__ import annotations

import pytest

from grader.authoring.leaks import Secret, Text, find_leaks, secrets_of
from grader.authoring.telling import telling_lines
from grader.errors import AssignmentError


def told(source: str) -> list[str]:
    return [code for _, code in telling_lines(source, "layers.py")]


@pytest.mark.parametrize(
    "line",
    [
        "rows = x.reshape(x.shape[0], -1)",
        "out = rows @ weights + bias",
        "dx[np.arange(N), y] -= 1",
        "return np.where(x > 0, dout, 0)",
        "loss, dscores = softmax_loss(scores, y)",
        "raise ValueError('no such mode')",
        "assert abs(total - 1) < 1e-9",
        "if np.any(x > threshold):",
        "for row, column in itertools.product(a, b):",
        "with np.errstate(over='ignore'):",
        "elif (x - mean).max() > limit:",
        "scale=np.sqrt(variance + eps),",
        "H_out = 1 + (H + 2 * pad - HH) // stride",
    ],
)
def test_lines_that_tell(line):
    source = f"while b:\n    {line}\n" if not line.endswith((":", ",")) else None
    if line.endswith(","):
        source = f"f(\n    {line}\n)\n"
    elif source is None:
        source = f"if a:\n    pass\n{line}\n    pass\n"
    assert line in told(source)


@pytest.mark.parametrize(
    "line",
    [
        "x = x - mean",
        "import numpy as np, scipy as sp",
        "from layers import affine_forward",
        "return dx, dgamma, dbeta, cache",
        "return out, (x, w, conv_param)",
        "N, C, H, W = input_images.shape",
        "stride, pad = conv_param['stride'], conv_param['pad']",
        "epsilon = bn_param.get('eps', 1e-5)",
        "x: Array = cache[0][1:2]",
        "x_hat: numpy.ndarray",
        "'a long line of nothing but text'",
        "# rows = x.reshape(x.shape[0], -1)",
        "global first_name, second_name",
        "-some.long_name.of.nothing[0]",
        "images = images.astype(self.dtype)",
        "mode = 'test' if labels is None else 'train'",
        "pool_param = {'pool_height': 2, 'stride': stride}",
        "from layers import (\n    conv_relu_pool_backward,\n    conv_relu_pool_forward,\n)",
        "def layer(\n    x,\n    image_shape=3 * 32 * 32,\n): pass",
    ],
)
def test_lines_that_anybody_writes(line):
    assert told(f"{line}\n") == []


def test_headers_that_anybody_writes():
    source = '''\
class FullyConnectedNet(Network):
    """rows = x.reshape(x.shape[0], -1)."""

    @some.decorator(with_arguments=True)
    def forward(self, images, labels=None):
        """Return what.

        out = rows @ weights + bias
        """
        for i in range(len(something)):
            pass
        if self.normalisation == "batchnorm" and not self.other:
            return None, None, None, None
        try:
            pass
        except (ValueError, ArithmeticError):
            pass
        elif_ = 1
        while self.is_going_on_and_on:
            break
        async def inner_function(arguments):
            pass
'''
    assert told(source) == []


def test_comments_are_no_part_of_a_line():
    assert told("rows = x.reshape(N,   -1)  # (N, D)\n") == ["rows = x.reshape(N, -1)"]


def test_code_in_a_string_tells_and_prose_does_not():
    source = 'edit = """\nthis is prose about rows of x\n    rows = x.reshape(N, -1)  # flat\n"""\n'
    assert telling_lines(source, "a.py") == [(3, "rows = x.reshape(N, -1)")]
    assert told('edit("dx = dout * (cache > 0)", id="agrees with torch")\n')[-1:] == ["dx = dout * (cache > 0)"]
    assert len(told('edit("(1 - decay_rate) * dw**2", "rows @ w.T")\n')) == 1  # a fragment is in many lines


def test_secrets_name_file_and_line():
    source = "a = 1\nrows = x.reshape(N, -1)\nout = rows @ weights + b\n"
    assert list(secrets_of(source, "layers.py", {2})) == [Secret("rows = x.reshape(N, -1)", "layers.py line 2")]
    with pytest.raises(AssignmentError, match=r"layers\.py line 1"):
        list(secrets_of("(", "layers.py"))


def leaks(secret: str, text: str, *allowed: str, of_check: bool = False, checks: tuple[int, ...] = ()) -> list[str]:
    found = find_leaks([Secret(secret, "layers.py line 7", of_check)], [Text("README.md", text, checks)], allowed)
    return [str(leak) for leak in found]


def test_a_leak_says_what_is_where():
    assert leaks("rows = x.reshape(N, -1)", "# Hints\n\nTry `rows = x.reshape(N, -1)`.\n") == [
        "README.md line 3 gives away layers.py line 7: rows = x.reshape(N, -1)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "rows=x.reshape( N,-1 )",
        "    rows = x.reshape(\n        N,\n        -1)\n",
        "# rows = x.reshape(N, -1)",
        "y = 1; rows = x.reshape(N, -1).T",
        "\trows\t=\tx . reshape(N, -1) # so",
    ],
)
def test_neither_spacing_nor_line_breaks_hide_a_leak(text):
    assert len(leaks("rows = x.reshape(N, -1)", text)) == 1


@pytest.mark.parametrize("text", ["brows = x.reshape(N, -1)", "rows = x.reshape(N, -12)", "rows = x.reshape(N)", ""])
def test_other_lines_are_no_leaks(text):
    assert leaks("rows = x.reshape(N, -1)", text) == []


def test_allowed_lines_are_no_leaks():
    assert leaks("rows = x.reshape(N, -1)", "rows = x.reshape(N, -1)", "rows=x.reshape(N, -1)") == []
    assert leaks("rows = x.reshape(N, -1)", "rows = x.reshape(N, -1)", "y = 1", "rows = x.reshape(N, -1).T") == []
    assert leaks("rows = x.reshape(N, -1)", "rows = x.reshape(N, -1)", "rows") != []
    assert leaks("rows = x.reshape(N, -1)", "rows = x.reshape(N, -1)", "rows =", "x.reshape(N, -1)") != []


def test_every_place_is_named_once():
    text = "rows = x.reshape(N, -1)\n\nrows = x.reshape(N, -1); rows = x.reshape(N, -1)\n"
    assert [leak.split(" gives")[0] for leak in leaks("rows = x.reshape(N, -1)", text)] == [
        "README.md line 1",
        "README.md line 3",
    ]


def test_a_hidden_check_may_share_its_lines_with_public_checks_only():
    text = "expect.close(out, ones, 'out')\nexpect.close(out, ones, 'out')\n"
    assert len(leaks("expect.close(out, ones, 'out')", text, of_check=True, checks=(1,))) == 1
    assert len(leaks("expect.close(out, ones, 'out')", text, checks=(1, 2))) == 2
