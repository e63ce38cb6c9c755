"""Wrong and other right answers to train."""

from grader.authoring.catalogue import Catalogue

catalogue = Catalogue("train")

LOSS = "loss = F.cross_entropy(model(x.to(device)), y.to(device))"
ZERO = "optimizer.zero_grad()  # backward() adds to the gradients that are there\n            "
STEP = "            optimizer.step()\n"
KEEP = "            history.append(loss.item())\n"


# the loss

catalogue.wrong(
    "softmax-before-the-loss",
    "The scores go through a softmax before the loss, which takes one itself: twice makes all classes nearly alike.",
    edit=("model(x.to(device))", "F.softmax(model(x.to(device)), dim=1)"),
)

catalogue.wrong(
    "sums-over-the-batch",
    "The loss is the sum over the batch, so that the step grows with its size; the softmax loss is the mean.",
    edit=("y.to(device))", 'y.to(device), reduction="sum")'),
)


# the step

catalogue.wrong(
    "never-zeroes-gradients",
    "Gradients are never set to zero. backward() adds to those of all batches before, and each step follows the sum.",
    edit=(ZERO, ""),
)

NOTHING_ARRIVES = (
    "The weights stay as they were. No gradient reaches the step: what backward() finds is set to zero before it, or"
    " comes after it, or the loss no longer knows of the weights."
)

catalogue.wrong(
    "detaches-scores",
    NOTHING_ARRIVES,
    edit=("model(x.to(device))", "model(x.to(device)).detach().requires_grad_()"),
)

catalogue.wrong(
    "zeroes-after-the-step-only",
    "Gradients are set to zero after each step and not before the first one, which follows whatever the model brought"
    " along.",
    edit=[(ZERO, ""), (STEP, f"{STEP}            optimizer.zero_grad()\n")],
)

catalogue.wrong(
    "zeroes-in-between",
    NOTHING_ARRIVES,
    edit=[(ZERO, ""), (STEP, f"            optimizer.zero_grad()\n{STEP}")],
)

catalogue.wrong(
    "steps-once-an-epoch",
    "The step is made after the last batch of an epoch, as if all other batches were for looking only.",
    edit=[(STEP, ""), (KEEP, f"{KEEP}        optimizer.step()\n")],
)

catalogue.wrong(
    "steps-by-hand",
    "The step is made by hand, as plain gradient descent; what the optimizer knows beyond its learning rate, such as"
    " momentum, is lost.",
    edit=(
        STEP,
        "            with torch.no_grad():\n"
        "                for p in model.parameters():\n"
        '                    p -= optimizer.param_groups[0]["lr"] * p.grad\n',
    ),
)

catalogue.wrong(
    "optimizer-of-its-own",
    "A new optimizer is made inside, whatever the caller chose.",
    edit=("    model.train()\n", "    model.train()\n    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)\n"),
)

catalogue.wrong(
    "lowers-the-learning-rate",
    "The learning rate is lowered after every epoch. Nobody asked for it: the optimizer and its settings are the"
    " caller's.",
    edit=(
        KEEP,
        f'{KEEP}        for group in optimizer.param_groups:\n            group["lr"] *= 0.9\n',
    ),
)

catalogue.wrong(
    "clips-gradients",
    "Gradients are clipped before the step. Useful at times, but nobody asked for it, and the result differs.",
    edit=(STEP, f"            nn.utils.clip_grad_norm_(model.parameters(), 1.0)\n{STEP}"),
)

catalogue.wrong(
    "stops-after-one-batch",
    "The loop ends after the first batch of every epoch, which is of use only while looking for mistakes.",
    edit=(KEEP, f"{KEEP}            break\n"),
)


# the mode, and the device

catalogue.wrong(
    "stays-in-evaluation-mode",
    "The model is not put into training mode: if it comes in evaluation mode, batch normalisation takes old statistics"
    " and dropout does nothing.",
    edit=("    model.train()\n", ""),
)

catalogue.wrong(
    "leaves-batches-where-they-are",
    "Not all of a batch is taken to where the model is: inputs and labels both come from the CPU.",
    edit=(LOSS, "loss = F.cross_entropy(model(x), y)"),
)

catalogue.wrong(
    "leaves-labels-where-they-are",
    "Not all of a batch is taken to where the model is: inputs and labels both come from the CPU.",
    edit=("y.to(device))", "y)"),
)

catalogue.wrong(
    "takes-the-model-to-the-cpu",
    "The model is taken to the CPU, where the batches are. Its caller put it where training is fast, and expects it to"
    " be there.",
    edit=("device = next(model.parameters()).device", 'device = "cpu"\n    model.to(device)'),
)


# the history

ONE_NUMBER = "The history has one number for each epoch; the loss of every batch is asked for."

catalogue.wrong(
    "one-loss-an-epoch",
    ONE_NUMBER,
    edit=(KEEP, "        history.append(loss.item())\n"),
)

catalogue.wrong(
    "mean-loss-of-an-epoch",
    ONE_NUMBER,
    edit=[
        ("        for x, y in loader:\n", "        losses = []\n        for x, y in loader:\n"),
        (KEEP, "            losses.append(loss.item())\n        history.append(sum(losses) / len(losses))\n"),
    ],
)

catalogue.wrong(
    "history-of-the-last-epoch",
    "The history begins anew in every epoch, so that only the last one is left of it.",
    edit=[
        ("    history = []\n", ""),
        ("    for _ in range(epochs):\n", "    for _ in range(epochs):\n        history = []\n"),
    ],
)

catalogue.wrong(
    "loss-after-the-step",
    "The loss in the history is computed once more after the step; what is asked for is the one that the step was made"
    " for.",
    edit=(KEEP, f"            {LOSS}\n{KEEP}"),
)

catalogue.wrong(
    "history-without-the-first",
    "The first batch leaves nothing in the history.",
    edit=[
        ("    history = []\n", "    history = None\n"),
        (KEEP, "            history = [] if history is None else [*history, loss.item()]\n"),
    ],
)

catalogue.wrong(
    "keeps-the-graph",
    "The history holds the losses as they are, each with everything that was computed for it: memory fills up with"
    " batches that are long done.",
    edit=("history.append(loss.item())", "history.append(loss)"),
)


@catalogue.right("loss-module-and-clean-after-the-step")
def train(model, optimizer, loader, epochs):
    model.train(True)
    criterion = nn.CrossEntropyLoss()
    losses = []
    optimizer.zero_grad()
    for t in range(epochs):
        for batch in loader:
            x, y = (part.to(next(model.parameters()).device) for part in batch)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            model.zero_grad()
            losses.append(float(loss))
        if t % 10 == 0:
            print(f"epoch {t}: {losses[-1]:.3f}")
    return losses


@catalogue.right("likelihood-of-log-softmax")
def train(model, optimizer, loader, epochs):
    nll = nn.NLLLoss()
    model.train()
    p = next(model.parameters())
    history = [None] * (epochs * len(loader))
    k = 0
    for _t in range(1, epochs + 1):
        for x, y in loader:
            x = x.to(device=p.device, dtype=p.dtype)
            y = y.to(device=p.device, dtype=torch.long)
            for q in model.parameters():
                q.grad = None
            loss = nll(F.log_softmax(model(x), dim=1), y)
            loss.backward()
            optimizer.step()
            history[k] = loss.detach().cpu().numpy()
            k += 1
    model.eval()
    return history


@catalogue.right("closure")
def train(model, optimizer, loader, epochs):
    device = next(iter(model.state_dict().values())).device
    history = []
    model.train()

    def closure_for(x, y):
        def closure():
            optimizer.zero_grad(set_to_none=False)
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
            loss.backward()
            return loss

        return closure

    for _epoch in range(epochs):
        history += [optimizer.step(closure_for(x, y)).detach() for x, y in loader]
    return history


@catalogue.right("by-hand-from-probabilities")
def train(model, optimizer, loader, epochs):
    model.train()
    batches, history = list(loader), torch.zeros(0)
    while epochs > 0:
        for x, y in batches:
            scores = model(x.to(model[0].weight.device))
            optimizer.zero_grad(set_to_none=True)
            loss = (scores.logsumexp(dim=1) - scores[range(len(y)), y]).mean()
            loss.backward()
            optimizer.step()
            history = torch.cat([history, loss.data.cpu().reshape(1)])
        epochs -= 1
    return history.tolist()
