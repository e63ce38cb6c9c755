"""accuracy: how many examples a model classifies rightly."""

from grader import Question, expect
from grader.reference import fully_connected_scores

from ._torchtraining import HIDDEN, build, draw, examples, loader, statistics_of, takes_batches

question = Question("accuracy", file="torch_nets.py", points=1, returns="accuracy:number", needs=["torch"])


def setting(student, rng, count, mode):
    """Return a model in a mode, examples, and the share of them that it classifies rightly in evaluation mode."""
    x, y = examples(rng, count)
    params, mean, var = draw(rng), rng.normal(size=HIDDEN), rng.uniform(0.2, 3.0, size=HIDDEN)
    model = build(student, params, mean=mean, var=var)
    model.train(mode == "train")
    config = {"normalization": "batchnorm", "statistics": [[mean, var]]}
    right = fully_connected_scores(x, params, config).argmax(axis=1) == y
    return model, x, y, float(right.mean())


@question.check(points=2, batch=[7, 16])
def counts(student, rng, batch):
    """counts every example once, also in a smaller last batch"""
    model, x, y, want = setting(student, rng, 31, "eval")
    expect.close(student.accuracy(model, loader(student, x, y, batch)), want, "accuracy")


@question.check(points=2)
def evaluates(student, rng):
    """puts the model into evaluation mode, and leaves its statistics alone"""
    model, x, y, want = setting(student, rng, 47, "train")
    before = statistics_of(model)
    expect.close(student.accuracy(model, loader(student, x, y, 17)), want, "accuracy")
    after = statistics_of(model)
    for name, value in before.items():
        expect.close(after[name], value, f"after it, {name} of the model's batch normalisation")


@question.check(points=1)
def takes_batches_to_the_model(student, rng):
    """takes the batches to the device where the model is"""
    takes_batches(student, rng, lambda model, batches: student.accuracy(model, batches, returns="accuracy:any"))
