"""Takes memory."""

from __future__ import annotations

from ..attack import Attack

__all__ = ["ATTACKS"]

OUT = r"it ran out of memory"

ATTACKS = [
    Attack("huge_array", "asks for a terabyte at once", OUT, call="np.ones(2**37)"),
    Attack(
        "growing_list",
        "takes memory piece by piece",
        OUT,
        call="kept = []\nwhile True: kept.append(np.ones(2**21))",
        calls=0.4,
    ),
    Attack(
        "growing_by_mapping",
        "takes memory from the system itself",
        r"stopped: OSError \[Errno 12\]",
        code="""
        import mmap
        kept = []
        def grow():
            while True: kept.append(mmap.mmap(-1, 2**26))
        """,
        call="attempt(grow); kept.clear()",
    ),
    Attack(
        "decompression",
        "unpacks a few bytes into gigabytes",
        OUT,
        code="""
        import gzip
        bomb = gzip.compress(bytes(2**22), 1) * 200
        """,
        call="gzip.decompress(bomb)",
        calls=0.4,
    ),
    Attack(
        "memory_in_the_handler",
        "takes all memory and keeps it, so that the worker has none to answer with",
        r"memory|ended in scale_backward|cannot answer",
        code="""
        kept = []
        def hoard():
            size = 2**26
            while size > 64:
                try: kept.append(bytearray(size))
                except MemoryError: size //= 2
        """,
        call="""
        import resource
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        print("did: limited to", hard)
        hoard()
        """,
        calls=0.4,
    ),
    Attack(
        "locked_memory",
        "locks memory, so that others have none",
        r"stopped: OSError \[Errno (12|1)\]",
        code="""
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def lock():
            area = np.ones(2**21)
            if libc.mlock(ctypes.c_void_p(area.ctypes.data), ctypes.c_size_t(area.nbytes)):
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        """,
        call="attempt(lock)",
        process=r"did: None|stopped: OSError",
    ),
    Attack(
        "deep_recursion",
        "calls itself without end, and without Python's own limit",
        r"calls itself without end|segmentation fault|ran out of memory|did not finish",
        code="def deeper(n): return deeper(n + 1)",
        call="sys.setrecursionlimit(10**9); deeper(0)",
        calls=0.1,
    ),
]
