"""Given code: the training loop, separate from the network and from the update rule."""

import numpy as np

import optim


class Solver:
    """Trains a network on mini-batches and keeps the parameters that did best on the validation images.

    The network needs a dictionary `params` and a method `loss(X, y=None)`: with y it returns the loss and a
    dictionary of gradients, without y the scores. Every network of this assignment is like that.

        data = load_digits()
        net = FullyConnectedNet([64, 64], input_dim=64, weight_scale=0.1)
        solver = Solver(net, data, update_rule="adam", optim_config={"learning_rate": 3e-3})
        solver.train()
        solver.check_accuracy(data["X_test"], data["y_test"])

    After training:
        loss_history: loss of every step
        train_acc_history, val_acc_history: accuracy before training and after every epoch
        best_params, best_val_acc: the parameters with the best validation accuracy; the network has them too
    """

    def __init__(
        self,
        model,
        data,
        *,
        update_rule="sgd",
        optim_config=None,
        lr_decay=1.0,
        num_epochs=10,
        batch_size=100,
        num_train_samples=1000,
        print_every=10,
        verbose=True,
        seed=None,
    ):
        """Prepare for training; nothing is computed yet.

        Inputs:
            model: the network
            data: a dictionary with X_train, y_train, X_val and y_val, as load_digits returns it
            update_rule: name of a function in optim.py, or such a function
            optim_config: settings of the update rule; every parameter gets a copy
            lr_decay: the learning rate is multiplied by this after every epoch
            num_epochs: how many times to go through as many images as the training set has
            batch_size: images per step
            num_train_samples: training images used for the accuracy after each epoch (None: all)
            print_every: print the loss once in so many steps
            verbose: print progress at all
            seed: makes the choice of mini-batches repeatable
        """
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]
        self.update_rule = getattr(optim, update_rule) if isinstance(update_rule, str) else update_rule
        self.lr_decay = lr_decay
        self.num_epochs = num_epochs
        self.batch_size = min(batch_size, len(self.X_train))
        self.num_train_samples = num_train_samples
        self.print_every = print_every
        self.verbose = verbose
        # A generator of its own: dropout with a seed restarts numpy's global one at every step.
        self.rng = np.random.default_rng(seed)

        self.optim_configs = {name: dict(optim_config or {}) for name in model.params}
        self.loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []
        self.best_val_acc = -1.0
        self.best_params = {}

    def train(self):
        """Train for num_epochs and leave the best parameters in the network."""
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        num_steps = self.num_epochs * steps_per_epoch
        self._end_epoch(0)
        for step in range(1, num_steps + 1):
            self._step()
            if self.verbose and step % self.print_every == 0:
                print(f"step {step} of {num_steps}: loss {self.loss_history[-1]:.4f}")
            if step % steps_per_epoch == 0:
                for config in self.optim_configs.values():
                    if "learning_rate" in config:
                        config["learning_rate"] *= self.lr_decay
                self._end_epoch(step // steps_per_epoch)
        self.model.params = {name: value.copy() for name, value in self.best_params.items()}

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Share of the examples X (N, ...) whose highest score is at the right class y (N,).

        With num_samples, a random choice of so many examples is used; batch_size bounds the memory.
        """
        if num_samples is not None and num_samples < len(X):
            chosen = self.rng.choice(len(X), num_samples, replace=False)
            X, y = X[chosen], y[chosen]
        starts = range(0, len(X), batch_size)
        scores = np.concatenate([self.model.loss(X[start : start + batch_size]) for start in starts])
        return float(np.mean(scores.argmax(axis=1) == y))

    def _step(self):
        """Draw a mini-batch and move every parameter once."""
        batch = self.rng.choice(len(self.X_train), self.batch_size, replace=False)
        loss, grads = self.model.loss(self.X_train[batch], self.y_train[batch])
        self.loss_history.append(float(loss))
        for name, w in self.model.params.items():
            config = self.optim_configs[name]
            self.model.params[name], self.optim_configs[name] = self.update_rule(w, grads[name], config)

    def _end_epoch(self, epoch):
        """Measure both accuracies, and remember the parameters if they are the best so far."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, num_samples=self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        if val_acc > self.best_val_acc:
            self.best_val_acc = val_acc
            self.best_params = {name: value.copy() for name, value in self.model.params.items()}
        if self.verbose:
            print(f"epoch {epoch} of {self.num_epochs}: train {train_acc:.3f}, validation {val_acc:.3f}")
