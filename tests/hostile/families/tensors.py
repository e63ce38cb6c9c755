"""Attacks by way of torch. What they add to comes at the end of nets.py, whose ``probabilities`` is wrong."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

NOT_STARTED = r"stopped: (PermissionError|FileNotFoundError|OSError|RuntimeError|BlockingIOError)"
WRONG = r"p\[\d, \d\] is|p\.shape is|p is"


def _attack(name: str, what: str, code: str, shows: str = WRONG, process: str = "") -> Attack:
    return Attack(name, what, shows, code=code, process=process, questions=("double", "probabilities"))


ATTACKS = [
    _attack(
        "pickled_net",
        "has torch.load run what it likes",
        """
        import io
        class Program:
            def __reduce__(self): return exec, ("import os; os.waitpid(os.fork() or os._exit(0), 0)",)
        def probabilities(x):
            file = io.BytesIO()
            torch.save(Program(), file)
            file.seek(0)
            attempt(lambda: torch.load(file, weights_only=False))
            return x
        """,
        NOT_STARTED,
        process="did: None",
    ),
    _attack(
        "other_settings",
        "changes the settings of torch that others compute under",
        """
        torch.set_default_dtype(torch.float64)
        torch.set_grad_enabled(False)
        def probabilities(x):
            torch.set_default_dtype(torch.float16)
            return torch.ones(2, 3)
        """,
        WRONG,
    ),
    _attack(
        "comparisons_of_torch",
        "makes torch find everything equal",
        """
        torch.allclose = torch.equal = torch.isclose = lambda *_, **__: True
        torch.Tensor.__eq__ = torch.Tensor.allclose = lambda *_: True
        F.softmax = lambda x, dim: x
        """,
    ),
    _attack(
        "functions_of_torch",
        "answers every question that is put to a tensor itself",
        """
        class Lying(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None): return True
        def probabilities(x): return torch.ones(2, 3).as_subclass(Lying)
        """,
    ),
    _attack(
        "dispatched",
        "has a tensor without values of its own, and a dispatcher that makes them up",
        """
        class Made(torch.Tensor):
            @staticmethod
            def __new__(cls): return torch.Tensor._make_wrapper_subclass(cls, (2, 3))
            @classmethod
            def __torch_dispatch__(cls, function, types, args=(), kwargs=None): os._exit(0)
        def probabilities(x): return Made()
        """,
        r"p is|ended Python itself",
    ),
    _attack(
        "methods_of_tensors",
        "replaces the methods by which a tensor is read",
        """
        for name in ("numpy", "detach", "cpu", "to", "__array__", "tolist", "item"):
            setattr(torch.Tensor, name, lambda self, *_, **__: torch.softmax(self, 1))
        torch.Tensor.shape = torch.Tensor.dtype = torch.Tensor.device = property(lambda self: "cpu")
        """,
        r"p\[\d, \d\] is 1, should be",
    ),
    _attack(
        "hooks",
        "has hooks run when gradients and modules do",
        """
        def hook(*_): os._exit(0)
        torch.nn.modules.module.register_module_forward_hook(hook)
        def probabilities(x):
            y = torch.ones(2, 3, requires_grad=True)
            y.register_hook(hook)
            y.sum().backward()
        """,
        r"ended Python itself, with exit code 0",
    ),
    _attack("large_tensor", "returns a view of terabytes", "def probabilities(x): return torch.ones(1).expand(2**40)"),
    _attack("without_values", "returns a tensor that has a shape alone", "def probabilities(x): return x.to('meta')"),
    _attack("sparse", "returns a sparse tensor", "def probabilities(x): return x.to_sparse()", r"layout sparse"),
    _attack(
        "nested", "returns a nested tensor", "def probabilities(x): return torch.nested.nested_tensor([x[0], x[1]])"
    ),
    _attack("half", "returns numbers that are less exact", "def probabilities(x): return x.to(torch.float8_e4m3fn)"),
    _attack(
        "no_torch", "takes torch away", "def probabilities(x): sys.modules['torch'] = None; return x", r"p is a torch"
    ),
    _attack(
        "many_threads_of_torch",
        "has torch compute with many threads, and burns time in them",
        """
        def probabilities(x):
            torch.set_num_threads(64)
            print("did:", torch.get_num_threads(), "threads")
            return torch.ones(300, 300) @ torch.ones(300, 300)
        """,
        r"did: 64 threads|cannot|ended",
    ),
]
