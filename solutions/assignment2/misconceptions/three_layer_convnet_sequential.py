"""Wrong and other right answers to three_layer_convnet_sequential."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("three_layer_convnet_sequential")

CONV1 = "nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2),"
CONV2 = "nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1),"
AFFINE = "nn.Linear(channel_2 * 32 * 32, num_classes),"
SEPARATOR = "\n        "


catalogue.wrong(
    "no-padding-but-fitting",
    "The convolutions have no padding, and the affine layer is made smaller to fit; this network keeps the size of its"
    " images.",
    edit=[("padding=2", "padding=0"), ("padding=1", "padding=0"), ("channel_2 * 32 * 32", "channel_2 * 26 * 26")],
)

catalogue.wrong(
    "no-relu-after-the-first",
    "The first convolution has no relu behind it; two convolutions in a row are one larger convolution.",
    edit=(f"{CONV1}{SEPARATOR}nn.ReLU(),", CONV1),
)

catalogue.wrong(
    "no-relu-after-the-second",
    "The second convolution has no relu behind it, so that it and the affine layer are one linear function.",
    edit=(f"{CONV2}{SEPARATOR}nn.ReLU(),", CONV2),
)

catalogue.wrong(
    "relu-on-the-scores",
    "The scores go through a relu as well, so that negative ones are lost, and their gradients.",
    edit=(AFFINE, f"{AFFINE}{SEPARATOR}nn.ReLU(),"),
)

catalogue.wrong(
    "softmax-at-the-end",
    "What comes out are logarithms of probabilities. Scores are asked for: the loss takes the softmax itself.",
    edit=(AFFINE, f"{AFFINE}{SEPARATOR}nn.LogSoftmax(dim=1),"),
)

catalogue.wrong(
    "forgets-to-flatten",
    "The images come to the affine layer with axes of their own left. It works on the last axis alone, so each image"
    " has to be one row first.",
    edit=(f"nn.Flatten(),{SEPARATOR}", ""),
)

catalogue.wrong(
    "adds-batch-normalisation",
    "A layer of batch normalisation has found its way in, with parameters of its own; this network has none.",
    edit=(CONV1, f"{CONV1}{SEPARATOR}nn.BatchNorm2d(channel_1),"),
)

catalogue.wrong(
    "frozen-filters",
    "No gradient can be asked for the first filters, so that they stay as they were drawn.",
    edit=(CONV1, "nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2).requires_grad_(False),"),
)

catalogue.wrong(
    "a-list-of-modules",
    "Layers in an nn.ModuleList are known but not called one after the other; what is wanted can be called.",
    edit=[("return nn.Sequential(", "return nn.ModuleList(["), (f"{AFFINE}\n    )", f"{AFFINE}\n    ])")],
)


@catalogue.right("with-names")
def three_layer_convnet_sequential(in_channel, channel_1, channel_2, num_classes):
    from collections import OrderedDict

    relu = nn.ReLU()  # one will do: it has no parameters
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channel, channel_1, 5, padding="same"),
            relu1=relu,
            conv2=nn.Conv2d(channel_1, channel_2, 3, padding="same"),
            relu2=nn.ReLU(inplace=True),
            flatten=nn.Flatten(1, -1),
            fc=nn.Linear(channel_2 << 10, num_classes),
        )
    )


@catalogue.right("appended-and-lazy")
def three_layer_convnet_sequential(in_channel, channel_1, channel_2, num_classes):
    model = nn.Sequential()
    model.append(nn.LazyConv2d(channel_1, 5, padding=2)).append(nn.ReLU())
    model.add_module("conv2", nn.LazyConv2d(channel_2, 3, padding=1))
    model.extend([nn.ReLU(), nn.Flatten(), nn.LazyLinear(num_classes)])
    return model


@catalogue.right("nested")
def three_layer_convnet_sequential(in_channel, channel_1, channel_2, num_classes):
    def block(C, F, K):
        conv = nn.Conv2d(C, F, K, stride=1, padding=(K - 1) // 2)
        nn.init.kaiming_normal_(conv.weight)
        return nn.Sequential(conv, nn.ReLU())

    blocks = nn.Sequential(block(in_channel, channel_1, 5), block(channel_1, channel_2, 3))
    return nn.Sequential(blocks, nn.Sequential(nn.Flatten(), nn.Linear(channel_2 * 32 * 32, num_classes)))


@catalogue.right("class-of-its-own")
def three_layer_convnet_sequential(in_channel, channel_1, channel_2, num_classes):
    class Flat(nn.Module):
        def forward(self, x):
            return x.view(x.shape[0], -1)

    class Net(nn.Sequential):
        def __init__(self):
            super().__init__(
                nn.ZeroPad2d(2),
                nn.Conv2d(in_channel, channel_1, 5),
                nn.Threshold(0.0, 0.0),
                nn.ZeroPad2d(1),
                nn.Conv2d(channel_1, channel_2, 3),
                nn.LeakyReLU(0.0),
                Flat(),
            )
            self.fc = nn.Linear(channel_2 * 32 * 32, num_classes)

    return Net()
