"""Networks in torch: what the three forms of the same network have in common, and right answers for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader import expect, tensor
from grader.checking.random import Random
from grader.checking.tensors import Tensor
from grader.errors import StudentRaisedError, WrongAnswerError
from grader.reference import affine, conv2d, reference, relu
from grader.sandbox.student import Kept, Student
from grader.sandbox.values import with_article

# in_channel, channel_1, channel_2, num_classes. No two parameters have the same shape, and with six filters in the end
# relu never leaves hardly anything, as it did with two.
SIZES = (2, 3, 6, 4)
SIDE = 32  # of the images that the module and the sequence are made for


def shapes(
    in_channel: int, channel_1: int, channel_2: int, num_classes: int, image: tuple[int, int] = (SIDE, SIDE)
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the plain tensors."""
    return {
        "conv_w1": (channel_1, in_channel, 5, 5),
        "conv_b1": (channel_1,),
        "conv_w2": (channel_2, channel_1, 3, 3),
        "conv_b2": (channel_2,),
        "fc_w": (channel_2 * image[0] * image[1], num_classes),
        "fc_b": (num_classes,),
    }


def draw(rng: Random, image: tuple[int, int] = (SIDE, SIDE)) -> dict[str, Any]:
    """Return parameters of which each shows in the scores: no zero bias."""
    made = {}
    for name, shape in shapes(*SIZES, image).items():
        fan_in = shape[0] if name == "fc_w" else int(np.prod(shape[1:]))
        made[name] = rng.normal(size=shape) * (0.5 if len(shape) == 1 else (2 / fan_in) ** 0.5)
    return made


@reference(version=1)
def convnet(x: Any, params: Mapping[str, Any]) -> Any:
    """Scores of the network: layers of this assignment, one after the other."""
    first, second = {"stride": 1, "pad": 2}, {"stride": 1, "pad": 1}
    h = relu.function(conv2d.function(x, params["conv_w1"], params["conv_b1"], first))
    h = relu.function(conv2d.function(h, params["conv_w2"], params["conv_b2"], second))
    return affine.function(h, params["fc_w"], params["fc_b"])


def can_be_derived(answer: Kept, like: Any, name: str = "scores") -> None:
    """Expect an answer of the shape of ``like`` that gradients can be asked of."""
    value: Tensor = answer.value("tensor")
    expect.shape(value, np.shape(like), name)
    expect.that(
        value.requires_grad,
        f"{name} know nothing of the parameters that they were computed from, so there is no gradient:"
        " is something detached, copied to numpy, or under no_grad?",
    )


def gradient_of(kept: Kept, name: str) -> Tensor:
    """Return the gradient that has reached a tensor."""
    if kept.read("grad:any") is None:
        raise WrongAnswerError(f"no gradient reaches {name}: is it used, and is nothing detached behind it?")
    gradient: Tensor = kept.read("grad:tensor")
    return gradient


def on_any_device(student: Student, call: Callable[[], Any], *, takes_back: bool = False) -> None:
    """Expect a call on tensors without values (torch's device ``meta``) to find all it needs where these are.

    Whoever puts tensors onto the CPU, or takes them to numpy, fails there just as on a GPU. With ``takes_back``, a
    result may be taken to the CPU, as it must be to become a number. Code that looks at a value, e.g. to print it,
    cannot be judged so and passes. The call is made where the values are, too: what fails there fails anywhere.
    """
    call()
    try:
        with student.on("meta"):
            call()
    except StudentRaisedError as error:
        words = _ELSEWHERE if takes_back else (*_ELSEWHERE, *_TAKEN_BACK)
        if any(part in error.details.get("raised", "") for part in words):
            raise WrongAnswerError(
                "on another device than the CPU it fails: something that is needed there is made on the CPU, taken to"
                f" it, or left on it ({error.message})",
                error.details,
            ) from error
    except WrongAnswerError as error:
        raise WrongAnswerError(f"on the device meta, in place of a GPU: {error.message}", error.details) from error


_ELSEWHERE = (
    "expected device",
    "same device",
    "found input tensor at",
    "torch.nn.Module.to_empty()",  # what to do instead of moving a module from there
)
_TAKEN_BACK = ("Cannot copy out of meta", "convert meta device")


# --- modules: the network itself, or a sequence of layers -------------------------------------------------------------

Build = Callable[[Student], Kept]


def images(rng: Random, count: int = 2) -> Any:
    """Return images of the size that modules are made for."""
    return rng.normal(size=(count, SIZES[0], SIDE, SIDE))


def registers_all(net: Kept, x: Any) -> None:
    """Expect a module to know its parameters: two for each of the three layers, and nothing else.

    Filters that all begin as the same one would stay the same: each gets the others' gradient.
    """
    net(tensor(x), returns="scores:kept")  # layers may learn their sizes from the first batch
    there = net.named_parameters()
    wanted = list(shapes(*SIZES).values())
    found = {name: _plain(value.shape, wanted) for name, value in there.items()}
    listed = ", ".join(f"{name} {tuple(value.shape)}" for name, value in there.items()) or "nothing"
    for name, shape in shapes(*SIZES).items():
        expect.that(shape in found.values(), f"parameters() has no {_what(name)}; it has {listed}")
    expect.that(len(there) == len(wanted), f"parameters() has {len(there)} tensors, should have 6: {listed}")
    for name, value in there.items():
        expect.that(value.requires_grad, f"{name} does not require a gradient, so that it would never be trained")
        expect.that(
            len(value.shape) != 4 or value.values is None or bool(np.any(value.values != value.values.flat[0])),
            f"all of {name} is one and the same number: such filters stay alike for ever",
        )


def is_sequential(student: Student, model: Kept) -> None:
    """Expect a module to be an nn.Sequential, or of a class derived from it."""
    classes = student.make("inspect.getmro", student.make("builtins.type", model))
    described = student.make("builtins.str", classes).value()
    expect.that(
        isinstance(described, str) and "torch.nn.modules.container.Sequential'" in described,
        f"the model is {with_article(model.type_name)}, should be an nn.Sequential",
    )


def loads(net: Kept, params: Mapping[str, Any]) -> dict[str, str]:
    """Put weights into a module, found by their shapes, and return which of its parameters is which."""
    which, new = {}, {}
    for name, value in net.named_parameters().items():  # each once, where state_dict() has some twice
        shape = _plain(value.shape, [array.shape for array in params.values()])
        for plain, array in params.items():
            if array.shape == shape and plain not in which.values():
                which[name] = plain
                new[name] = tensor(array.T if value.shape != array.shape else array)
                break
    missing = [plain for plain in params if plain not in which.values()]
    if missing:
        raise WrongAnswerError(f"parameters() has no {_what(missing[0])}")
    net.load_state_dict(new, strict=False)
    return which


def gives_scores(student: Student, build: Build, x: Any, params: Mapping[str, Any]) -> None:
    """Expect a module with given weights to give the right scores."""
    net = _ready(student, build, x)
    loads(net, params)
    expect.close(net(tensor(x), returns="scores:tensor"), convnet(x, params), "scores")


def gives_gradients(student: Student, build: Build, rng: Random, x: Any, params: Mapping[str, Any]) -> None:
    """Expect gradients to reach every parameter of a module, and its input."""
    net = _ready(student, build, x)
    which = loads(net, params)
    dscores = rng.normal(size=(len(x), SIZES[-1]))
    given = student.keep(tensor(x, requires_grad=True), "x")
    answer = net(given, returns="scores:kept")
    can_be_derived(answer, dscores)
    answer.backward(tensor(dscores))
    dx, right = convnet.gradient(dscores, x, params, wrt=(0, 1))
    found = net.named_gradients()
    for name, plain in which.items():
        got, gradient = found.get(name), right[plain]
        if got is None:
            raise WrongAnswerError(f"no gradient reaches {name}: is it used, and is nothing detached behind it?")
        expect.close(got, gradient.T if got.shape != gradient.shape else gradient, f"the gradient of {name}")
    expect.close(gradient_of(given, "x"), dx, "the gradient of x")


def moves(student: Student, build: Build, x: Any) -> None:
    """Expect a module that is moved to another device to work there with all that belongs to it."""
    net = _ready(student, build, x)

    def moved() -> None:
        net.to(student.device)
        expect.shape(net(tensor(x), returns="scores:tensor"), (len(x), SIZES[-1]), "scores")

    on_any_device(student, moved)


def _ready(student: Student, build: Build, x: Any) -> Kept:
    """Return a new module, where the student is asked to work, which has seen the size of its images."""
    net = build(student)
    net.to(student.device)
    net(tensor(x), returns="scores:kept")
    return net


_LAYERS: Mapping[str, str] = {
    "conv_w1": "first convolution",
    "conv_b1": "first convolution",
    "conv_w2": "second convolution",
    "conv_b2": "second convolution",
    "fc_w": "affine layer",
    "fc_b": "affine layer",
}


def _plain(shape: tuple[int, ...], wanted: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return a parameter's shape as plain tensors have it: nn.Linear keeps its weight the other way round."""
    return shape[::-1] if len(shape) == 2 and shape not in wanted else shape


def _what(name: str) -> str:
    """Say which parameter it is, and of which shape nn.Conv2d and nn.Linear have it."""
    shape = shapes(*SIZES)[name]
    kind = "weight" if "_w" in name else "bias"
    return f"{kind} of the {_LAYERS[name]}, which has shape {shape[::-1] if name == 'fc_w' else shape}"
