"""Wrong and other right answers to ThreeLayerConvNet in torch_nets.py."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("ThreeLayerConvNetModule")

CONV1 = "self.conv1 = nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2)"
CONV2 = "self.conv2 = nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1)"
AFFINE = "self.fc = nn.Linear(channel_2 * 32 * 32, num_classes)"
FIRST = "h = F.relu(self.conv1(x))"
SECOND = "h = F.relu(self.conv2(h))"
SCORES = "return self.fc(h.flatten(start_dim=1))"
SEPARATOR = "\n        "


# the layers

catalogue.wrong(
    "paddings-exchanged",
    "The paddings are exchanged. In sum the size comes out right, but at the border the values do not: a filter of"
    " 5 x 5 reaches over it by two pixels, one of 3 x 3 by one.",
    edit=[("padding=1", "padding=3 - 1"), ("padding=2", "padding=1")],
)

catalogue.wrong(
    "no-relu-after-the-first",
    "The first convolution has no relu behind it; two convolutions in a row are one larger convolution.",
    edit=(FIRST, "h = self.conv1(x)"),
)

catalogue.wrong(
    "no-relu-after-the-second",
    "The second convolution has no relu behind it, so that it and the affine layer are one linear function.",
    edit=(SECOND, "h = self.conv2(h)"),
)

catalogue.wrong(
    "relu-on-the-scores",
    "The scores go through a relu as well, so that negative ones are lost, and their gradients.",
    edit=(SCORES, "return F.relu(self.fc(h.flatten(start_dim=1)))"),
)

catalogue.wrong(
    "softmax-in-the-net",
    "What is returned are probabilities. Scores are asked for: the loss takes the softmax itself.",
    edit=(SCORES, "return F.softmax(self.fc(h.flatten(start_dim=1)), dim=1)"),
)

catalogue.wrong(
    "squeezes-the-images",
    "squeeze() takes away every axis of length one, also that of a batch with a single image.",
    edit=("h.flatten(start_dim=1)", "h.flatten(start_dim=1).squeeze()"),
)


# which parameters there are

catalogue.wrong(
    "layers-in-a-list",
    "The layers are in a plain list, where a module does not look for them: its parameters are unknown to optimizers"
    " and stay behind when it is moved.",
    edit=[
        (CONV1, "self.convs = [nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2)]"),
        (CONV2, "self.convs.append(nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1))"),
        (FIRST, "h = F.relu(self.convs[0](x))"),
        (SECOND, "h = F.relu(self.convs[1](h))"),
    ],
)

catalogue.wrong(
    "layers-in-a-dict",
    "The layers are in a plain dict, where a module does not look for them: parameters() is empty.",
    edit=[
        (CONV1, "self.layers = {'conv1': nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2)}"),
        (CONV2, "self.layers['conv2'] = nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1)"),
        (AFFINE, "self.layers['fc'] = nn.Linear(channel_2 * 32 * 32, num_classes)"),
        (FIRST, "h = F.relu(self.layers['conv1'](x))"),
        (SECOND, "h = F.relu(self.layers['conv2'](h))"),
        (SCORES, "return self.layers['fc'](h.flatten(start_dim=1))"),
    ],
)

HIDDEN_FROM_IT = (
    "The module does not know weight and bias of the affine layer: they are plain tensors, or of a layer that forward"
    " makes anew. It finds parameters by their class, and layers among its attributes."
)

catalogue.wrong(
    "affine-layer-made-in-forward",
    HIDDEN_FROM_IT,
    edit=[
        (AFFINE, "self.sizes = channel_2 * 32 * 32, num_classes"),
        (SCORES, "return nn.Linear(*self.sizes)(h.flatten(start_dim=1))"),
    ],
)

catalogue.wrong(
    "plain-tensors",
    HIDDEN_FROM_IT,
    edit=[
        (
            AFFINE,
            "self.fc_w = torch.randn(channel_2 * 32 * 32, num_classes, requires_grad=True)"
            + SEPARATOR
            + "self.fc_b = torch.zeros(num_classes, requires_grad=True)",
        ),
        (SCORES, "return h.flatten(start_dim=1) @ self.fc_w + self.fc_b"),
    ],
)

catalogue.wrong(
    "layers-made-in-forward",
    "forward makes new layers at every call, so that whatever was learnt is thrown away.",
    edit=[
        (CONV1, "self.sizes = in_channel, channel_1, channel_2"),
        (CONV2, "in_channel, channel_1, channel_2 = self.sizes"),
        (FIRST, f"in_channel, channel_1, channel_2 = self.sizes{SEPARATOR}{CONV1}{SEPARATOR}{CONV2}{SEPARATOR}{FIRST}"),
    ],
)

catalogue.wrong(
    "forgets-super",
    "The constructor of nn.Module is not called, so that there is no place yet for layers to be put into.",
    edit=("super().__init__()", "pass"),
)

catalogue.wrong(
    "weights-of-zero",
    "All filters begin as zeros: they get the same gradients and stay alike for ever.",
    edit=(CONV1, f"{CONV1}{SEPARATOR}nn.init.zeros_(self.conv1.weight)"),
)


# gradients and devices

catalogue.wrong(
    "detaches-features",
    "The features are detached before the affine layer, so that the convolutions never learn.",
    edit=("h.flatten(start_dim=1)", "h.detach().flatten(start_dim=1)"),
)

catalogue.wrong(
    "convolves-under-no-grad",
    "The first layer is computed under no_grad, so that backward() ends before it.",
    edit=(FIRST, "with torch.no_grad():\n            h = F.relu(self.conv1(x))"),
)

ON_THE_CPU = (
    "A tensor is on the CPU wherever the module is: an attribute that is neither parameter nor buffer, or made in"
    " forward without a word on the device."
)

catalogue.wrong(
    "zeros-on-the-cpu",
    ON_THE_CPU,
    edit=(FIRST, "h = torch.maximum(self.conv1(x), torch.zeros(1))"),
)

catalogue.wrong(
    "mean-image-on-the-cpu",
    ON_THE_CPU,
    edit=[
        (CONV1, f"self.mean = torch.zeros(in_channel, 1, 1){SEPARATOR}{CONV1}"),
        (FIRST, "h = F.relu(self.conv1(x - self.mean))"),
    ],
)


@catalogue.right("sequential-inside")
def __init__(self, in_channel, channel_1, channel_2, num_classes):
    super(ThreeLayerConvNet, self).__init__()
    layers = [nn.Conv2d(in_channel, channel_1, (5, 5), 1, 2), nn.ReLU(inplace=True)]
    layers += [nn.Conv2d(channel_1, channel_2, (3, 3), 1, 1), nn.ReLU(inplace=True)]
    for layer in layers[::2]:
        nn.init.kaiming_normal_(layer.weight)
        nn.init.zeros_(layer.bias)
    self.features = nn.Sequential(*layers)
    self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(1024 * channel_2, num_classes))
    self.forward = lambda x: self.classifier(self.features(x))


catalogue.right(
    "module-list-and-names-by-text",
    edit=[
        (CONV1, "self.convs = nn.ModuleList([nn.Conv2d(in_channel, channel_1, 5, padding='same')])"),
        (CONV2, "self.convs.append(nn.Conv2d(channel_1, channel_2, 3, padding='same'))"),
        (
            AFFINE,
            "self.add_module('head', nn.Linear(channel_2 * 32**2, num_classes))"
            + SEPARATOR
            + "setattr(self, 'act', nn.ReLU())",
        ),
        (FIRST, "for conv in self.convs:"),
        (SECOND, "    x = self.act(conv(x))"),
        (SCORES, "return self.head(x.view(x.shape[0], -1))"),
    ],
)

catalogue.right(
    "lazy-layers",
    edit=[
        (CONV1, "self.conv1 = nn.LazyConv2d(channel_1, 5, padding=2)"),
        (CONV2, "self.conv2 = nn.LazyConv2d(channel_2, 3, padding=1)"),
        (AFFINE, "self.fc = nn.LazyLinear(num_classes)"),
        (FIRST, "h = self.conv1(x).clamp(min=0)"),
        (SECOND, "h = self.conv2(h).clamp(min=0)"),
    ],
)

catalogue.right(
    "own-parameters",
    edit=[
        (
            CONV1,
            "self.w1 = nn.Parameter(0.1 * torch.randn(channel_1, in_channel, 5, 5))"
            + SEPARATOR
            + "self.b1 = nn.Parameter(torch.zeros(channel_1))",
        ),
        (
            CONV2,
            "self.w2 = nn.Parameter(0.1 * torch.randn(channel_2, channel_1, 3, 3))"
            + SEPARATOR
            + "self.b2 = nn.Parameter(torch.zeros(channel_2))",
        ),
        (
            AFFINE,
            "self.register_parameter('w3', nn.Parameter(torch.zeros(channel_2 * 32 * 32, num_classes)))"
            + SEPARATOR
            + "self.register_parameter('b3', nn.Parameter(torch.zeros(num_classes)))",
        ),
        (FIRST, "h = F.conv2d(x, self.w1, self.b1, padding=2).relu()"),
        (SECOND, "h = F.conv2d(h, self.w2, self.b2, padding=1).relu()"),
        (SCORES, "return h.reshape(len(h), -1) @ self.w3 + self.b3"),
    ],
)

catalogue.right(
    "layers-listed-twice",
    edit=[
        (
            AFFINE,
            AFFINE
            + SEPARATOR
            + "self.layers = nn.Sequential(self.conv1, nn.ReLU(), self.conv2, nn.ReLU(), nn.Flatten(), self.fc)"
            + SEPARATOR
            + "self.register_buffer('seen', torch.zeros((), dtype=torch.long))",
        ),
        (FIRST, "self.seen += len(x)"),
        (SECOND, "h = self.layers(x)"),
        (SCORES, "return h"),
    ],
)
