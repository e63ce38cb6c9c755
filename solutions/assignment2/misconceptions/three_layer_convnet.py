"""Wrong and other right answers to three_layer_convnet."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("three_layer_convnet")

UNPACK = "conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b = params"
FIRST = "h = F.relu(F.conv2d(x, conv_w1, conv_b1, padding=2))"
SECOND = "h = F.relu(F.conv2d(h, conv_w2, conv_b2, padding=1))"
SCORES = "return h.flatten(start_dim=1) @ fc_w + fc_b"


# the layers

catalogue.wrong(
    "no-padding",
    "The convolutions have no padding, so that images shrink on their way; the affine layer is made for all their"
    " pixels.",
    edit=[("padding=2", "padding=0"), ("padding=1", "padding=0")],
)

catalogue.wrong(
    "paddings-exchanged",
    "The paddings are exchanged. In sum the size comes out right, but at the border the values do not: a filter of"
    " 5 x 5 reaches over it by two pixels, one of 3 x 3 by one.",
    edit=[("padding=1", "padding=3 - 1"), ("padding=2", "padding=1")],
)

catalogue.wrong(
    "no-relu-after-the-first",
    "The first convolution has no relu behind it; two convolutions in a row are one larger convolution.",
    edit=(FIRST, "h = F.conv2d(x, conv_w1, conv_b1, padding=2)"),
)

catalogue.wrong(
    "no-relu-after-the-second",
    "The second convolution has no relu behind it, so that it and the affine layer are one linear function.",
    edit=(SECOND, "h = F.conv2d(h, conv_w2, conv_b2, padding=1)"),
)

catalogue.wrong(
    "relu-on-the-scores",
    "The scores go through a relu as well, so that negative ones are lost, and their gradients.",
    edit=(SCORES, "return F.relu(h.flatten(start_dim=1) @ fc_w + fc_b)"),
)

catalogue.wrong(
    "softmax-in-the-net",
    "What is returned are probabilities. Scores are asked for: the loss takes the softmax itself.",
    edit=(SCORES, "return F.softmax(h.flatten(start_dim=1) @ fc_w + fc_b, dim=1)"),
)

catalogue.wrong(
    "forgets-a-bias",
    "The bias of the second convolution is not used, so that no gradient reaches it either.",
    edit=("conv_w2, conv_b2, padding=1", "conv_w2, padding=1"),
)

catalogue.wrong(
    "channels-last",
    "The channels are put last before the rows are made, but fc_w expects the order that they are in.",
    edit=("h.flatten(start_dim=1)", "h.permute(0, 2, 3, 1).flatten(start_dim=1)"),
)


# gradients

catalogue.wrong(
    "goes-on-with-data",
    "The computation goes on with .data, which knows nothing of where it comes from: the convolutions get no gradient.",
    edit=(SCORES, "return h.data.flatten(start_dim=1) @ fc_w + fc_b"),
)

catalogue.wrong(
    "under-no-grad",
    "All of it is computed under no_grad, so that nothing is remembered for backward().",
    edit=[
        (FIRST, "with torch.no_grad():\n        h = F.relu(F.conv2d(x, conv_w1, conv_b1, padding=2))"),
        (SECOND, "    h = F.relu(F.conv2d(h, conv_w2, conv_b2, padding=1))"),
        (SCORES, "    return h.flatten(start_dim=1) @ fc_w + fc_b"),
    ],
)

catalogue.wrong(
    "by-way-of-numpy",
    "The rows are made with numpy. The way there has to be detached, and no gradient finds the way back.",
    edit=("h.flatten(start_dim=1)", "torch.from_numpy(h.detach().numpy().reshape(len(x), -1))"),
)


@catalogue.wrong(
    "parameters-made-anew",
    "The given tensors are copied into parameters of new layers. The values are right, but backward() leaves its"
    " gradients with the copies.",
)
def three_layer_convnet(x, params):
    conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b = params
    conv1 = nn.Conv2d(conv_w1.shape[1], conv_w1.shape[0], 5, padding=2)
    conv1.weight, conv1.bias = nn.Parameter(conv_w1), nn.Parameter(conv_b1)
    conv2 = nn.Conv2d(conv_w2.shape[1], conv_w2.shape[0], 3, padding=1)
    conv2.weight, conv2.bias = nn.Parameter(conv_w2), nn.Parameter(conv_b2)
    h = F.relu(conv2(F.relu(conv1(x))))
    return h.view(x.shape[0], -1).mm(fc_w) + fc_b


# the device, and what belongs to the caller

catalogue.wrong(
    "zeros-on-the-cpu",
    "The zeros that a relu compares with are made on the CPU, wherever the images are.",
    edit=(FIRST, "h = F.conv2d(x, conv_w1, conv_b1, padding=2)\n    h = torch.maximum(h, torch.zeros(h.shape))"),
)

catalogue.wrong(
    "takes-scores-to-the-cpu",
    "The scores are taken to the CPU. They belong where images and parameters are, and the labels for the loss.",
    edit=(SCORES, "return (h.flatten(start_dim=1) @ fc_w + fc_b).cpu()"),
)

catalogue.wrong(
    "empties-the-list",
    "The parameters are taken out of the caller's list, so that it is empty for the next batch.",
    edit=(UNPACK, "conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b = [params.pop(0) for _ in range(6)]"),
)


@catalogue.right("pads-first")
def three_layer_convnet(x, params):
    w1, b1, w2, b2, w, b = params
    x = nn.functional.pad(x, (2, 2, 2, 2))
    x = torch.conv2d(x, w1, b1).clamp(min=0)
    x = nn.functional.pad(x, (1, 1, 1, 1))
    x = torch.conv2d(x, w2, b2).clamp(min=0)
    return torch.addmm(b, torch.flatten(x, 1), w)


@catalogue.right("unfold-and-matmul")
def three_layer_convnet(x, params):
    def conv(x, w, b, pad):
        N, _, H, W = x.shape
        columns = F.unfold(x, w.shape[2:], padding=pad)  # (N, C * K * K, H * W)
        return (w.view(len(w), -1) @ columns + b[:, None]).view(N, -1, H, W)

    a = conv(x, params[0], params[1], 2)
    a = a * (a > 0)
    a = conv(a, params[2], params[3], 1)
    a = torch.where(a > 0, a, torch.zeros_like(a))
    return a.reshape(x.shape[0], -1).matmul(params[4]) + params[5]


@catalogue.right("einsum")
def three_layer_convnet(x, params):
    for w, b in (params[0:2], params[2:4]):
        K = w.shape[-1]
        windows = F.pad(x, [K // 2] * 4).unfold(2, K, 1).unfold(3, K, 1)  # (N, C, H, W, K, K)
        x = torch.relu(torch.einsum("nchwij,fcij->nfhw", windows, w) + b.view(1, -1, 1, 1))
    return torch.einsum("nd,dc->nc", x.reshape(len(x), -1), params[4]) + params[5]


@catalogue.right("linear-in-place")
def three_layer_convnet(x, params):
    conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b = params
    out = F.conv2d(x, conv_w1, conv_b1, stride=1, padding="same")
    out.relu_()
    out = F.conv2d(out, conv_w2, bias=None, padding=(1, 1)) + conv_b2[None, :, None, None]
    out = F.relu(out, inplace=True).view(out.size(0), -1)
    return F.linear(out, fc_w.t(), fc_b)
