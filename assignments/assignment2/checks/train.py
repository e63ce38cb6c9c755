"""train: the loop that every training run comes down to."""

from grader import Question, expect, tensor
from grader.checking.tensors import Tensor

from ._torchtraining import build, draw, examples, loader, optimizer, parameters, takes_batches, trained

question = Question("train", file="torch_nets.py", points=3, returns="history:kept", needs=["torch"])

BATCH, RATE = 5, 0.05


def course(student, rng, epochs, momentum, count=13):
    """Let a model be trained; return the history and the model, and the right history and parameters."""
    (x, y), params = examples(rng, count), draw(rng)
    model = build(student, params)
    model.eval()  # training mode is for train to choose
    model(tensor(x), returns="scores:kept").sum(returns="sum:kept").backward()  # gradients may be there already
    batches, steps = loader(student, x, y, BATCH), optimizer(student, model, RATE, momentum)
    history = student.train(model, steps, batches, epochs)
    return history, model, *trained(x, y, params, BATCH, epochs, RATE, momentum)


@question.check(points=3, momentum=[0.0, 0.8])
def learns_as_it_should(student, rng, momentum):
    """leaves the model with the right weights"""
    _, model, _, want = course(student, rng, 3, momentum)
    got = parameters(model)
    for name, value in want.items():
        expect.close(got[name], value, f"after training, {name}")


@question.check(points=2, epochs=[1, 3])
def tells_the_history(student, rng, epochs):
    """returns the loss of every batch"""
    history, _, want, _ = course(student, rng, epochs, 0.0)
    got = history.value("numbers")
    expect.that(
        len(got) == len(want),
        f"len(history) is {len(got)}, should be {len(want)}: one number for each batch of each epoch",
    )
    expect.close(got, want, "history")


@question.check(points=1)
def takes_batches_to_the_model(student, rng):
    """takes the batches to the device where the model is"""
    takes_batches(
        student,
        rng,
        lambda model, batches: student.train(
            model, optimizer(student, model, RATE, 0.0), batches, 1, returns="history:any"
        ),
    )


@question.check(robust=True)
def keeps_numbers(student, rng):
    """keeps plain numbers in the history, which hold on to nothing"""
    (x, y), params = examples(rng, 5), draw(rng)
    model = build(student, params)
    history = student.train(model, optimizer(student, model, RATE, 0.0), loader(student, x, y, BATCH), 1)
    expect.shape(history.value("numbers"), (1,), "history")
    kept = history.value()
    for number in kept if isinstance(kept, (list, tuple)) else [kept]:
        expect.that(
            not (isinstance(number, Tensor) and number.requires_grad),
            "history holds tensors, each with everything that was computed for it, so that memory runs full:"
            " keep the number",
        )
