"""Returns values that lie, that are endless, or that nobody has thought of."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

WRONG = r"dx(\[\d, \d\])? (is|has)|dx\.shape is|returned"


def _attack(name: str, what: str, value: str, shows: str = WRONG, code: str = "", calls: float = 5.0) -> Attack:
    """Return the attack that answers with one value, for both results."""
    return Attack(name, what, shows, code=code, call=f"value = {value}\nreturn value, value", calls=calls)


LIES = """
class Equal:
    __hash__ = None
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = lambda self, *_: True
    def __getattr__(self, name): return self
    def __call__(self, *_, **__): return self
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __mul__ = __rmul__ = __sub__
class LyingArray(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_ufunc__(self, *_, **__): return np.zeros(self.shape)
    def __array_function__(self, *_, **__): return True
    def __array_finalize__(self, other): pass
    def __reduce__(self): return os._exit, (0,)
    shape = property(lambda self: (2, 4))
    dtype = property(lambda self: np.dtype("f8"))
class Claims:
    shape, dtype, ndim, size = (2, 4), np.dtype("f8"), 2, 8
    def __array__(self, *_, **__): print("did: asked for an array"); return np.zeros((2, 4))
    __array_interface__ = {"shape": (2**40,), "typestr": "<f8", "data": (16, False), "version": 3}
    __float__ = __index__ = __len__ = __int__ = lambda self: 1 / 0
    __class__ = property(lambda self: np.ndarray)
class Pickled:
    def __reduce__(self): return os.system, ("echo did: pickled",)
    __reduce_ex__ = __getstate__ = lambda self, *_: self.__reduce__()
class Dict(dict):
    def items(self): return [("score", 10)]
    def __iter__(self): return iter(["score"])
    def __len__(self): return 10**9
class Text(str):
    def __eq__(self, other): return True
    __hash__ = str.__hash__
class Tuple(tuple):
    def __len__(self): return 2
    def __iter__(self): return iter(())
class Float(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
"""

ATTACKS = [
    _attack("always_equal", "a value that is equal to everything", "Equal()", code=LIES),
    _attack(
        "lying_array",
        "an array that lies about its shape and all comparisons",
        "np.zeros(3).view(LyingArray)",
        code=LIES,
    ),
    _attack("claims_to_be_one", "an object that claims to be an array, with a terabyte of it", "Claims()", code=LIES),
    _attack("pickled", "an object that runs a program when it is unpickled", "Pickled()", code=LIES),
    _attack("lying_dict", "a dict that lies about what is in it", "Dict(a=1)", code=LIES),
    _attack("lying_text", "a text that equals all others", "Text('passed')", code=LIES),
    Attack(
        "lying_tuple",
        "returns a tuple of another length than it says",
        r"returned 5 values, should return 2: dx, dw",
        code=LIES,
        call="return Tuple([dout] * 5)",
    ),
    _attack("lying_number", "a number that equals all others", "Float('nan')", code=LIES),
    _attack("generator", "a generator without end", "(n for n in iter(int, 1))"),
    _attack("no_numbers", "numbers that are none", "np.full_like(dout, np.nan)", r"every element is NaN"),
    _attack("infinite", "infinite numbers", "np.full_like(dout, np.inf)", r"infinite"),
    _attack(
        "large_view",
        "a view of ten gigabytes, of one number",
        "np.broadcast_to(np.float64(1), (2**15, 2**15))",
        r"cannot be looked at: a value is larger than 128 MB",
    ),
    _attack(
        "vast_view",
        "a view of more than there is memory in the world",
        "np.lib.stride_tricks.as_strided(np.zeros(1), (2**59,), (0,))",
        r"cannot be looked at|ran out of memory|dx",
    ),
    _attack(
        "empty_and_vast",
        "an array without elements, and with a vast shape",
        "np.empty((0, 2**40))",
        r"dx\.shape is \(0, 1099511627776\)|is no answer",
    ),
    _attack(
        "objects",
        "an array of objects",
        "np.array([None, dict()], dtype=object)",
        r"dx is an array with dtype object",
        code=LIES,
    ),
    _attack(
        "structured",
        "an array of records",
        "np.zeros(3, dtype=[('a', 'f8'), ('b', 'O')])",
        r"dx is an array with dtype",
    ),
    _attack(
        "dates",
        "an array of dates",
        "np.array(['2020-01-01'], dtype='datetime64[D]')",
        r"dx is an array with dtype datetime64",
    ),
    _attack("texts", "an array of texts", "np.array(['passed\\x1b[31m'])", r"dx is an array with dtype <U"),
    _attack("complex", "complex numbers", "dout + 1j", r"dx has dtype complex128"),
    _attack("truths", "truth values", "np.ones(dout.shape, bool)", r"dx has dtype bool"),
    _attack("small_integers", "integers that overflow", "np.full(dout.shape, 255, np.uint8)", r"dx\[\d, \d\] is 255"),
    _attack(
        "large_integers",
        "the largest integers",
        "np.full(dout.shape, 2**64 - 1, np.uint64)",
        r"dx\[\d, \d\] is 1\.84467e\+19",
    ),
    _attack("beyond_integers", "a number of many digits", "10**4000", r"dx is"),
    _attack(
        "many_bytes",
        "an array of bytes as large as may be",
        "np.zeros(2**23, np.int8)",
        r"dx\.shape is \(8388608,\)",
        calls=0.4,
    ),
    _attack(
        "deep",
        "a list in a list, ten thousand times",
        "deep()",
        r"dx is",
        code="def deep():\n    value = []\n    for _ in range(10**4): value = [value]\n    return value\n",
    ),
    _attack(
        "itself",
        "a list that is in itself",
        "itself()",
        r"dx is a list|cannot be looked at|did not finish",
        code="def itself():\n    value = []\n    value += [value] * 3\n    return value\n",
        calls=0.1,
    ),
    _attack("many_items", "a list of a million", "[0] * 10**6", r"dx is a list \(1000000 items\)"),
    _attack(
        "strange_keys",
        "a dict whose keys are escapes",
        "{'\\x1b[31m' + str(n): 0 for n in range(5000)}",
        r"dx is a dict",
    ),
    _attack(
        "masked",
        "an array that hides its wrong values",
        "np.ma.masked_all(dout.shape)",
        r"dx is a numpy\.ma\.(core\.)?MaskedArray",
    ),
    _attack(
        "handle",
        "what the worker keeps values by",
        "sys.modules['_grader.wire'].Handle(1, 'x' * 10**5 + '\\x1b')",
        r"dx is|is no answer",
    ),
    _attack(
        "opaque",
        "what stands for what cannot cross",
        "sys.modules['_grader.wire'].Opaque('numpy.ndarray', '\\x1b[31mall right')",
        r"dx is an array with",
    ),
    _attack(
        "tensor",
        "what stands for a tensor, without values",
        "sys.modules['_grader.wire'].Tensor('float64', (2, 4), 'meta', True, None)",
        r"dx is a torch\.Tensor",
    ),
    _attack("function", "the function itself", "scale_backward", r"dx is a function"),
    _attack("module", "a whole module", "np", r"dx is a module"),
    _attack(
        "class_",
        "a class whose class lies",
        "Meta('Odd', (), {})",
        r"dx is",
        code="""
        class Meta(type):
            __name__ = __mro__ = __class__ = property(lambda cls: 1 / 0)
            def __instancecheck__(cls, other): return True
        """,
    ),
]
