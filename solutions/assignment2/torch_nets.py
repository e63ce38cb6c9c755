"""Networks once more, in PyTorch: as plain tensors, as a module, as a sequence of layers; and how they are trained.

All three are the same network, for images (N, in_channel, H, W):

    convolution, channel_1 filters of 5 x 5, padding 2 - relu
    convolution, channel_2 filters of 3 x 3, padding 1 - relu
    affine - scores (N, num_classes)
"""

import torch
import torch.nn.functional as F
from torch import nn


def init_three_layer_convnet(in_channel, channel_1, channel_2, num_classes, image_size=(32, 32), device="cpu"):
    """First parameters of the network as plain tensors (He, Zhang, Ren and Sun 2015).

    Weights are drawn from a normal distribution with mean 0 and standard deviation sqrt(2 / fan_in), where fan_in is
    the number of inputs that one output is a sum over. Biases are zero. All are float32, on the given device, and
    gradients can be asked for.

    Inputs:
        in_channel: number of channels of the images
        channel_1, channel_2: numbers of filters of the two convolutions
        num_classes: number of classes
        image_size: (H, W)
        device: where the tensors are

    Returns a list of
        conv_w1: shape (channel_1, in_channel, 5, 5)
        conv_b1: shape (channel_1,)
        conv_w2: shape (channel_2, channel_1, 3, 3)
        conv_b2: shape (channel_2,)
        fc_w: shape (channel_2 * H * W, num_classes)
        fc_b: shape (num_classes,)
    """
    ### BEGIN SOLUTION
    H, W = image_size

    def weight(*shape, fan_in):
        return (torch.randn(shape, device=device) * (2 / fan_in) ** 0.5).requires_grad_()

    def bias(length):
        return torch.zeros(length, device=device, requires_grad=True)

    features = channel_2 * H * W  # both convolutions keep height and width
    return [
        weight(channel_1, in_channel, 5, 5, fan_in=in_channel * 5 * 5),
        bias(channel_1),
        weight(channel_2, channel_1, 3, 3, fan_in=channel_1 * 3 * 3),
        bias(channel_2),
        weight(features, num_classes, fan_in=features),
        bias(num_classes),
    ]
    ### END SOLUTION


def three_layer_convnet(x, params):
    """Scores of the network, with torch.nn.functional on plain tensors.

    Inputs:
        x: images, shape (N, in_channel, H, W)
        params: the list [conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b]

    Returns:
        scores: shape (N, num_classes)
    """
    ### BEGIN SOLUTION
    conv_w1, conv_b1, conv_w2, conv_b2, fc_w, fc_b = params
    h = F.relu(F.conv2d(x, conv_w1, conv_b1, padding=2))  # (N, channel_1, H, W)
    h = F.relu(F.conv2d(h, conv_w2, conv_b2, padding=1))  # (N, channel_2, H, W)
    return h.flatten(start_dim=1) @ fc_w + fc_b
    ### END SOLUTION


class ThreeLayerConvNet(nn.Module):
    """The network for images of 32 x 32 pixels, as a module, which knows its parameters."""

    def __init__(self, in_channel, channel_1, channel_2, num_classes):
        """Make the layers, with the first weights that PyTorch gives them.

        Inputs:
            in_channel: number of channels of the images
            channel_1, channel_2: numbers of filters of the two convolutions
            num_classes: number of classes
        """
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1)
        self.fc = nn.Linear(channel_2 * 32 * 32, num_classes)
        ### END SOLUTION

    def forward(self, x):
        """Scores (N, num_classes) of images (N, in_channel, 32, 32)."""
        ### BEGIN SOLUTION
        h = F.relu(self.conv1(x))
        h = F.relu(self.conv2(h))
        return self.fc(h.flatten(start_dim=1))
        ### END SOLUTION


def three_layer_convnet_sequential(in_channel, channel_1, channel_2, num_classes):
    """The same network for images of 32 x 32 pixels as an nn.Sequential: nothing but a list of layers.

    Inputs:
        in_channel: number of channels of the images
        channel_1, channel_2: numbers of filters of the two convolutions
        num_classes: number of classes

    Returns:
        model: an nn.Sequential that takes (N, in_channel, 32, 32) to (N, num_classes)
    """
    ### BEGIN SOLUTION
    return nn.Sequential(
        nn.Conv2d(in_channel, channel_1, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.Conv2d(channel_1, channel_2, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(channel_2 * 32 * 32, num_classes),
    )
    ### END SOLUTION


def train(model, optimizer, loader, epochs):
    """Train a model with the softmax loss.

    The model is in training mode meanwhile, whichever it was in. It may be on another device than the batches.

    Inputs:
        model: an nn.Module that takes a batch x to scores (N, C)
        optimizer: a torch.optim.Optimizer for the model's parameters
        loader: gives batches (x, y) of inputs and right classes, shape (N,); as often as it is asked
        epochs: how often to go through all batches

    Returns:
        history: a list with the loss of every batch before the step that was made for it, as plain numbers
    """
    ### BEGIN SOLUTION
    device = next(model.parameters()).device
    model.train()
    history = []
    for _ in range(epochs):
        for x, y in loader:
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
            optimizer.zero_grad()  # backward() adds to the gradients that are there
            loss.backward()
            optimizer.step()
            history.append(loss.item())
    return history
    ### END SOLUTION


def accuracy(model, loader):
    """Share of the examples that a model classifies rightly, a number from 0 to 1.

    The model is in evaluation mode for that, whichever it was in. It may be on another device than the batches.

    Inputs:
        model: an nn.Module that takes a batch x to scores (N, C)
        loader: gives batches (x, y) of inputs and right classes, shape (N,); they need not be of equal size

    Returns:
        accuracy: a number
    """
    ### BEGIN SOLUTION
    device = next(model.parameters()).device
    model.eval()
    right, total = 0, 0
    with torch.no_grad():
        for x, y in loader:
            predicted = model(x.to(device)).argmax(dim=1)
            right += (predicted == y.to(device)).sum().item()
            total += len(y)
    return right / total
    ### END SOLUTION
