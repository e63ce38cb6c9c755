"""Wrong and other right answers to init_three_layer_convnet."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("init_three_layer_convnet")

WEIGHT = "(torch.randn(shape, device=device) * (2 / fan_in) ** 0.5).requires_grad_()"
BIAS = "torch.zeros(length, device=device, requires_grad=True)"


# the scale

catalogue.wrong(
    "outputs-instead-of-inputs",
    "The scale of the filters follows from the outputs that a number goes into (fan_out); what an output is a sum over"
    " are the channels of its input.",
    edit=[
        ("fan_in=in_channel * 5 * 5", "fan_in=channel_1 * 5 * 5"),
        ("fan_in=channel_1 * 3 * 3", "fan_in=channel_2 * 3 * 3"),
    ],
)

catalogue.wrong(
    "no-two-for-the-relu",
    "The variance is 1 / fan_in. A relu takes half of it away, which He's initialisation makes up for.",
    edit=("device=device) * (2 / fan_in)", "device=device) * (1 / fan_in)"),
)

catalogue.wrong(
    "variance-for-standard-deviation",
    "Draws of standard deviation 1 are multiplied by the variance that is wanted: its root is missing.",
    edit=("(2 / fan_in) ** 0.5", "(2 / fan_in)"),
)

catalogue.wrong(
    "uniform-draws",
    "The weights are drawn from a uniform distribution, if of the right spread; a normal one is asked for.",
    edit=(
        "torch.randn(shape, device=device) * (2 / fan_in) ** 0.5",
        "(2 * torch.rand(shape, device=device) - 1) * (6 / fan_in) ** 0.5",
    ),
)


@catalogue.wrong(
    "layout-of-nn-linear",
    "The scale of fc_w follows from the number of classes, but its first axis has the inputs; it is nn.Linear that has"
    " them second, and so nn.init looks for them there.",
)
def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    H, W = image_size
    shapes = [
        (channel_1, in_channel, 5, 5),
        (channel_1,),
        (channel_2, channel_1, 3, 3),
        (channel_2,),
        (channel_2 * H * W, num_classes),
        (num_classes,),
    ]
    params = []
    for shape in shapes:
        p = torch.zeros(shape, device=device)
        if len(shape) > 1:
            nn.init.kaiming_normal_(p, nonlinearity="relu")
        p.requires_grad = True
        params.append(p)
    return params


# what is drawn, and how often

catalogue.wrong(
    "draws-biases",
    "The biases are drawn like the weights. They should be zero; the weights alone make the filters differ.",
    edit=(BIAS, "(0.1 * torch.randn(length, device=device)).requires_grad_()"),
)

catalogue.wrong(
    "seeds-the-generator",
    "The random generator is seeded inside, so that every network of a program begins with the same weights, and"
    " whatever is drawn afterwards repeats itself, too.",
    edit=("    H, W = image_size\n", "    H, W = image_size\n    torch.manual_seed(0)\n"),
)

catalogue.wrong(
    "one-image-size",
    "fc_w is made for images of 32 x 32 pixels, whatever image_size says.",
    edit=("features = channel_2 * H * W", "features = channel_2 * 32 * 32"),
)


# gradients, dtype and device

catalogue.wrong(
    "no-gradients",
    "Gradients are not asked for, so that backward() leaves none and the parameters stay as they are.",
    edit=[
        (WEIGHT, "torch.randn(shape, device=device) * (2 / fan_in) ** 0.5"),
        (BIAS, "torch.zeros(length, device=device)"),
    ],
)

catalogue.wrong(
    "gradients-of-the-unscaled",
    "Gradients are asked for the draws before they are scaled. What is returned is computed from them, and backward()"
    " keeps no gradient for that.",
    edit=(WEIGHT, "torch.randn(shape, device=device, requires_grad=True) * (2 / fan_in) ** 0.5"),
)

catalogue.wrong(
    "moves-what-has-gradients",
    "Gradients are asked for on the CPU and the tensors moved afterwards. On a GPU that makes copies, for which"
    " backward() keeps no gradient.",
    edit=[
        (WEIGHT, "(torch.randn(shape) * (2 / fan_in) ** 0.5).requires_grad_().to(device)"),
        (BIAS, "torch.zeros(length, requires_grad=True).to(device)"),
    ],
)

catalogue.wrong(
    "ignores-the-device",
    "Everything is made on the CPU, whatever device says.",
    edit=[
        (WEIGHT, "(torch.randn(shape) * (2 / fan_in) ** 0.5).requires_grad_()"),
        (BIAS, "torch.zeros(length, requires_grad=True)"),
    ],
)

catalogue.wrong(
    "double-precision",
    "The tensors are float64; images are float32, and a convolution takes no two dtypes.",
    edit=[
        ("torch.randn(shape, device=device)", "torch.randn(shape, device=device, dtype=torch.float64)"),
        (BIAS, "torch.zeros(length, device=device, dtype=torch.float64, requires_grad=True)"),
    ],
)


@catalogue.right("nn-init-with-the-mode-that-fits")
def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    conv_w1 = torch.empty(channel_1, in_channel, 5, 5, device=device)
    conv_w2 = torch.empty(channel_2, channel_1, 3, 3, device=device)
    fc_w = torch.empty(channel_2 * image_size[0] * image_size[1], num_classes, device=device)
    nn.init.kaiming_normal_(conv_w1, nonlinearity="relu")
    nn.init.kaiming_normal_(conv_w2, mode="fan_in")
    nn.init.kaiming_normal_(fc_w, mode="fan_out")  # its axes are the other way round
    params = [
        conv_w1,
        torch.zeros(channel_1, device=device),
        conv_w2,
        torch.zeros(channel_2, device=device),
        fc_w,
        torch.zeros(num_classes, device=device),
    ]
    for p in params:
        p.requires_grad = True
    return params


@catalogue.right("normal-in-place")
def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    import math

    def filters(F, C, K):
        w = torch.empty((F, C, K, K), device=device, requires_grad=True)
        with torch.no_grad():
            w.normal_(0, math.sqrt(2 / (C * K**2)))
        return w, torch.zeros(F, device=device).requires_grad_(True)

    D = channel_2 * math.prod(image_size)
    fc_w = torch.empty(D, num_classes).normal_(std=math.sqrt(2.0 / D)).to(device).requires_grad_()
    fc_b = torch.full((num_classes,), 0.0, device=device, requires_grad=True)
    return [*filters(channel_1, in_channel, 5), *filters(channel_2, channel_1, 3), fc_w, fc_b]


@catalogue.right("numpy-draws")
def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    import numpy as np

    H, W = image_size
    conv_w1 = np.random.randn(channel_1, in_channel, 5, 5) * np.sqrt(2.0 / (in_channel * 25))
    conv_w2 = np.random.randn(channel_2, channel_1, 3, 3) * np.sqrt(2.0 / (channel_1 * 9))
    fc_w = np.random.randn(channel_2 * H * W, num_classes) * np.sqrt(2.0 / (channel_2 * H * W))
    arrays = (conv_w1, np.zeros(channel_1), conv_w2, np.zeros(channel_2), fc_w, np.zeros(num_classes))
    return tuple(torch.tensor(a, dtype=torch.float32, device=device, requires_grad=True) for a in arrays)


@catalogue.right("parameters-of-torch-normal")
def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    params = []
    for shape in (
        (channel_1, in_channel, 5, 5),
        (channel_2, channel_1, 3, 3),
        (num_classes, channel_2 * image_size[0] * image_size[1]),
    ):
        fan_in = torch.Size(shape[1:]).numel()
        w = torch.normal(0.0, (2 / fan_in) ** 0.5, size=shape, device=device)
        params.append(nn.Parameter(w if len(shape) == 4 else w.T))
        params.append(nn.Parameter(torch.zeros(shape[0], device=device)))
    return params
