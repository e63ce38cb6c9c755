"""train: the loop that every training run comes down to."""

from grader import Question, expect

from ._torchnets import on_any_device
from ._torchtraining import CLASSES, INPUTS, build, draw, examples, loader, optimizer, parameters, trained

question = Question("train", file="torch_nets.py", points=3, returns="history:kept", needs=["torch"])

BATCH, RATE = 5, 0.05


def course(student, rng, epochs, momentum, count=13):
    """Let a model be trained; return history and parameters, as they are and as they should be."""
    (x, y), params = examples(rng, count), draw(rng)
    model = build(student, params)
    model.eval()  # training mode is for train to choose
    batches, steps = loader(student, x, y, BATCH), optimizer(student, model, RATE, momentum)
    history = student.train(model, steps, batches, epochs)
    got = history.value("numbers"), parameters(model)
    return got, trained(x, y, params, BATCH, epochs, RATE, momentum)


@question.check(points=3, momentum=[0.0, 0.8])
def learns_as_it_should(student, rng, momentum):
    """leaves the model with the right weights"""
    got, want = course(student, rng, 3, momentum)
    for name, value in want[1].items():
        expect.close(got[1][name], value, f"after training, {name}")


@question.check(points=2, epochs=[1, 3])
def tells_the_history(student, rng, epochs):
    """returns the loss of every batch"""
    got, want = course(student, rng, epochs, 0.0)
    expect.shape(got[0], want[0].shape, "history")
    expect.close(got[0], want[0], "history")


@question.check(points=1)
def takes_batches_to_the_model(student, rng):
    """takes the batches to the device where the model is"""
    x, y = examples(rng, 8)
    with student.on("meta"):
        layers = [student.make("torch.nn.LayerNorm", INPUTS), student.make("torch.nn.Linear", INPUTS, CLASSES)]
        model = student.make("torch.nn.Sequential", *layers)
        model.to("meta")
        steps, batches = optimizer(student, model, RATE, 0.0), loader(student, x, y, 4)
        on_any_device(student, lambda: student.train(model, steps, batches, 1))


@question.check(robust=True)
def keeps_numbers(student, rng):
    """keeps plain numbers in the history, which hold on to nothing"""
    (x, y), params = examples(rng, 5), draw(rng)
    model = build(student, params)
    history = student.train(model, optimizer(student, model, RATE, 0.0), loader(student, x, y, BATCH), 1)
    for number in history.value() or ():
        expect.that(
            not getattr(number, "requires_grad", False),
            "history holds tensors, each with everything that was computed for it, so that memory runs full:"
            " keep the number",
        )
