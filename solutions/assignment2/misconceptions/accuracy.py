"""Wrong and other right answers to accuracy."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("accuracy")

PREDICTED = "predicted = model(x.to(device)).argmax(dim=1)"
RIGHT = "right += (predicted == y.to(device)).sum().item()"
RETURN = "return right / total"


# what is counted

catalogue.wrong(
    "mean-of-batches",
    "It is the mean of the batches' accuracies, so that examples of a smaller batch count more than others.",
    edit=[(RIGHT, "right += (predicted == y.to(device)).float().mean().item()"), ("total += len(y)", "total += 1")],
)

catalogue.wrong(
    "divides-by-batches",
    "The right answers are divided by the number of batches, not of examples, and may come out above one.",
    edit=("total += len(y)", "total += 1"),
)

catalogue.wrong(
    "takes-batches-for-equal",
    "The examples are counted as if every batch were as large as the first; the last one often is smaller.",
    edit=[
        ("total += len(y)", "total = total or len(y) * len(loader)"),
    ],
)

catalogue.wrong(
    "percent",
    "The answer is in percent; a number from 0 to 1 is asked for.",
    edit=(RETURN, "return 100 * right / total"),
)

catalogue.wrong(
    "only-the-last-batch",
    "The count begins anew with every batch, so that only the last one is left.",
    edit=[("right += (", "right = ("), ("total += len(y)", "total = len(y)")],
)

catalogue.wrong(
    "largest-of-the-batch",
    "The largest score is looked for along the batch, which finds an example for each class; wanted is a class for each"
    " example.",
    edit=("argmax(dim=1)", "argmax(dim=0)"),
)

NOTHING_IS_RIGHT = (
    "The answer is always 0: the largest score itself is compared with the class, where only its place matters, or the"
    " share is rounded down to a whole number."
)

catalogue.wrong(
    "whole-numbers",
    NOTHING_IS_RIGHT,
    edit=(RETURN, "return right // total"),
)

catalogue.wrong(
    "scores-for-classes",
    NOTHING_IS_RIGHT,
    edit=("argmax(dim=1)", "max(dim=1)[0]"),
)


# the mode, and the device

catalogue.wrong(
    "stays-in-training-mode",
    "The model is not put into evaluation mode: batch normalisation goes by the batch at hand, and learns from the very"
    " examples that should only judge it.",
    edit=("    model.eval()\n", ""),
)

catalogue.wrong(
    "evaluates-from-the-second-batch",
    "Evaluation mode begins only after the first batch, which has been judged in training mode and has moved the"
    " running statistics by then.",
    edit=[("    model.eval()\n", ""), ("total += len(y)", "total += len(y)\n            model.eval()")],
)

catalogue.wrong(
    "no-grad-for-evaluation-mode",
    "no_grad only saves the memory for gradients; training mode goes on, and has to be left for itself.",
    edit=("    model.eval()\n", "    model.requires_grad_(False)\n    model.train()\n"),
)

catalogue.wrong(
    "leaves-batches-where-they-are",
    "The inputs stay where the loader made them. A model on a GPU cannot take them.",
    edit=("model(x.to(device))", "model(x)"),
)

catalogue.wrong(
    "leaves-labels-where-they-are",
    "What is predicted is on the model's device, the labels it is compared with are not.",
    edit=("y.to(device)", "y"),
)


@catalogue.right("counts-on-the-cpu")
def accuracy(model, loader):
    model.train(False)
    num_correct = num_samples = 0
    for x, y in loader:
        with torch.inference_mode():
            scores = model(x.to(next(model.parameters()).device)).cpu()
        _, preds = scores.max(1)
        num_correct += int((preds == y).sum())
        num_samples += preds.size(0)
    acc = float(num_correct) / num_samples
    print(f"Got {num_correct} / {num_samples} correct ({100 * acc:.2f})")
    return acc


@catalogue.right("mean-of-all-at-once")
def accuracy(model, loader):
    model.eval()
    device = next(model.parameters()).device
    hits = [F.softmax(model(x.to(device)), dim=-1).argmax(-1).eq(y.to(device)) for x, y in loader]
    return torch.mean(torch.cat(hits).float())


@catalogue.right("numpy-and-back-to-the-mode-before")
def accuracy(model, loader):
    import numpy as np

    before = model.training
    model.eval()
    device = next(iter(model.parameters())).device
    found, classes = [], []
    for x, y in loader:
        found.extend(model(x.to(device)).detach().cpu().numpy().argmax(axis=1))
        classes.extend(y.numpy())
    model.train(before)
    return np.mean(np.array(found) == np.array(classes))


@catalogue.right("weighted-batches")
def accuracy(model, loader):
    import copy

    judge = copy.deepcopy(model).eval()
    total = 0.0
    with torch.set_grad_enabled(False):
        for x, y in loader:
            x, y = x.to(model[-1].weight.device), y.to(model[-1].weight.device)
            top = judge(x).topk(1, dim=1).indices.squeeze(1)
            total += (top == y).double().mean() * len(y) / len(loader.dataset)
    return total
