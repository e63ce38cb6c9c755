"""init_three_layer_convnet: first weights of the right size, as plain tensors."""

import numpy as np

from grader import Question, expect

from ._torchnets import on_any_device, shapes

question = Question("init_three_layer_convnet", file="torch_nets.py", points=1, returns="params:kept", needs=["torch"])

IMAGE = (9, 6)


def asked(student, sizes, image=IMAGE):
    """Return the parameters by their names, for images that are not square."""
    params = student.init_three_layer_convnet(*sizes, image_size=image, device=student.device).value("tensors")
    names = shapes(*sizes, image)
    expect.that(len(params) == len(names), f"there are {len(params)} tensors, should be 6: {', '.join(names)}")
    return dict(zip(names, params, strict=True))


@question.check(points=2, sizes=[(3, 8, 4, 5), (1, 2, 6, 10)])
def has_shapes(student, rng, sizes):
    """gives six tensors of the right shapes, the biases zero"""
    params = asked(student, sizes)
    for name, shape in shapes(*sizes, IMAGE).items():
        expect.shape(params[name], shape, name)
        if name.endswith(("b", "b1", "b2")):
            expect.close(params[name], np.zeros(shape), name)


@question.check(points=3, sizes=[(6, 30, 24, 20), (24, 16, 40, 12)])
def has_scale(student, rng, sizes):
    """draws weights of the standard deviation sqrt(2 / fan_in)"""
    student.make("torch.manual_seed", 7)
    for name, value in asked(student, sizes).items():
        shape = shapes(*sizes, IMAGE)[name]
        expect.shape(value, shape, name)
        if len(shape) == 1:
            continue
        fan_in = shape[0] if name == "fc_w" else int(np.prod(shape[1:]))
        weights, wanted = value.values.astype(np.float64), (2 / fan_in) ** 0.5
        bound = 6 / np.sqrt(2 * weights.size)  # six standard deviations of the estimate
        spread = float(weights.std())
        expect.that(
            abs(spread / wanted - 1) < bound,
            f"{name} has standard deviation {spread:.3g}, should be about {wanted:.3g}",
        )
        expect.that(abs(float(weights.mean())) / wanted < 6 / np.sqrt(weights.size), f"the mean of {name} is not 0")
        kurtosis = float((weights**4).mean()) / spread**4  # 3 for a normal distribution, 1.8 for a uniform one
        expect.that(abs(kurtosis - 3) < 6 * np.sqrt(24 / weights.size), f"{name} is not normally distributed")


@question.check(points=2)
def can_be_trained(student, rng):
    """gives float32 tensors that gradients can be asked for"""
    kept = student.init_three_layer_convnet(2, 3, 4, 5, image_size=IMAGE, device=student.device)
    for index, (name, value) in enumerate(zip(shapes(2, 3, 4, 5, IMAGE), kept.value("tensors"), strict=False)):
        expect.that(value.dtype == "float32", f"{name} has dtype torch.{value.dtype}, should be torch.float32")
        expect.that(value.requires_grad, f"{name} does not require a gradient, so that it would never be trained")
        expect.that(
            kept.item(index).read("is_leaf:any") is True,
            f"{name} is the result of a computation that is recorded, so that its own gradient is thrown away:"
            " ask for gradients once it is made",
        )


@question.check(points=1)
def is_on_the_device(student, rng):
    """puts them where they are asked for"""

    def on_meta():
        with student.on("meta"):
            asked(student, (2, 3, 4, 5))

    on_any_device(student, on_meta)
