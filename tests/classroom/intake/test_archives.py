"""Archives that students hand in, honest and hostile."""

from __future__ import annotations

import gzip
import io
import lzma
import random
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.intake.limits import USUAL, Intake
from grader.errors import SubmissionError

from .conftest import CODE, special, taken, tarred, zipped

SMALL = replace(USUAL, file_bytes=1000, all_bytes=4000, files=8, depth=4, path_bytes=60, entries=40)
SOME = replace(USUAL, file_bytes=2**16, all_bytes=2**18, read_bytes=2**20)
PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "stored": partial(zipped, method=zipfile.ZIP_STORED),
    **{f"tar {packing}": partial(tarred, packing=packing) for packing in ("", "gz", "bz2", "xz")},
}


@pytest.fixture(params=PACKERS)
def pack(request: pytest.FixtureRequest) -> Callable[[dict[str, bytes]], bytes]:
    return PACKERS[request.param]


Pack = Callable[[dict[str, bytes]], bytes]

# --- honest ----------------------------------------------------------------------------------------------------------


def test_files_come_as_they_are(pack: Pack) -> None:
    files = {
        "layers.py": CODE,
        "./cs231n//fc_net.py": b"",
        "data/x.bin": bytes(range(256)) * 3,
        "李/a,b '=cmd|x.py": CODE,
    }
    parcel = taken(pack(files))
    assert parcel.files == {name.removeprefix("./").replace("//", "/"): data for name, data in files.items()}
    assert parcel.notes == ()


def test_what_is_no_work_is_left_out_and_said(pack: Pack) -> None:
    noise = [
        ".git/config",
        "hw/__pycache__/a.py",
        "__MACOSX/._layers.py",
        "venv/lib/b.py",
        "hw/.ipynb_checkpoints/l.py",
    ]
    noise += ["hw/._layers.py", "hw/.DS_Store", "x/site-packages/torch/nn.py", "cs231n/datasets/cifar.bin"]
    parcel = taken(pack({**dict.fromkeys(noise, b"x"), "hw/layers.py": CODE, "cs231n/datasets/__init__.py": b""}))
    assert set(parcel.files) == {"hw/layers.py", "cs231n/datasets/__init__.py"}
    assert parcel.notes == (
        "left out, as no part of the work: .DS_Store, ._*, .git, .ipynb_checkpoints, __MACOSX, __pycache__, datasets, "
        "site-packages, venv",
    )


@pytest.mark.parametrize("depth", ["", "hw/"])
def test_an_archive_in_an_archive_is_unpacked(pack: Pack, depth: str) -> None:
    inner = tarred({"layers.py": CODE})
    parcel = taken(pack({f"{depth}hw.tar.gz": inner, "report.pdf": b"x"}))
    assert parcel.files == {f"{depth}layers.py": CODE, "report.pdf": b"x"}


def test_archives_beside_python_files_are_data(pack: Pack) -> None:
    parcel = taken(pack({"data.zip": zipped({"layers.py": b"old"}), "layers.py": CODE, "z.zip": b"damaged"}))
    assert parcel.files == {"layers.py": CODE}
    assert sorted(parcel.notes) == [
        "data.zip was left out: it is an archive beside Python files",
        "z.zip was left out: it is an archive beside Python files",
    ]


def test_data_in_an_archive_has_no_limit_beside_python_files() -> None:
    data = zipped({"a.zip": bytes(2000), "layers.py": CODE})
    assert taken(data, replace(USUAL, archive_bytes=1000)).files == {"layers.py": CODE}
    with pytest.raises(SubmissionError, match=r"^a\.zip has more than 1,000 bytes: hand in the code alone$"):
        taken(zipped({"a.zip": bytes(2000)}), replace(USUAL, archive_bytes=1000))


def test_an_archive_deep_in_folders_is_data(pack: Pack) -> None:
    files = {"hw/data/train.zip": b"no zip", "hw/work.ipynb": b"{}"}
    assert taken(pack(files)).files == files


def test_several_archives_are_kept_apart(pack: Pack) -> None:
    parcel = taken(pack({"one.zip": zipped({"layers.py": b"1"}), "two.zip": zipped({"layers.py": b"2"})}))
    assert parcel.files == {"one.zip/layers.py": b"1", "two.zip/layers.py": b"2"}


def test_names_of_other_systems() -> None:
    data = zipped({"cs231n\\layers.py": CODE, "x.py": CODE})
    assert set(taken(data).files) == {"cs231n/layers.py", "x.py"}
    mac = zipped({"h€.py": CODE})  # as macOS: UTF-8 without the flag that says so
    mac = mac.replace(struct.pack("<HHH", 20, 0x800, 8), struct.pack("<HHH", 20, 0, 8))
    assert set(taken(mac).files) == {"h€.py"}
    latin = tarfile.TarInfo("\udce9tudes/layers.py")
    latin.size = 0
    assert set(taken(tarred({}, "", [latin])).files) == {"_tudes/layers.py"}


def test_tars_of_all_formats() -> None:
    long = "/".join(["folder" * 5] * 5) + "/layers.py"
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
            for name in (long, "x.py"):
                info = tarfile.TarInfo(name)
                info.size = len(CODE)
                archive.addfile(info, io.BytesIO(CODE))
        assert taken(buffer.getvalue()).files == {long: CODE, "x.py": CODE}


def test_a_tar_that_holds_a_zip_is_a_tar() -> None:
    assert taken(tarred({"layers.py": CODE, "x.zip": zipped({"evil.py": b""})}, "")).files == {"layers.py": CODE}


# --- names -----------------------------------------------------------------------------------------------------------

BAD = {
    "/etc/layers.py": "begins at the root of a file system",
    "../layers.py": "leads out of the submission",
    "a/../../layers.py": "leads out of the submission",
    "C:/layers.py": "is a path of Windows",
    "a/D:layers.py": "is a path of Windows",
    "a\nb.py": "has control characters",
    "\x1b]0;title\x07.py": "has control characters",
    "\u202eyp.sreyal.py": "has control characters",
    "n" * 201 + ".py": "is too long",
}


@pytest.mark.parametrize("name", BAD)
def test_names_that_lead_elsewhere_are_left_out(pack: Pack, name: str) -> None:
    parcel = taken(pack({name: b"evil", "layers.py": CODE}))
    assert parcel.files == {"layers.py": CODE}
    (note,) = parcel.notes
    assert BAD[name] in note
    assert note.isprintable()


def test_a_name_with_nul_is_not_cut_there() -> None:
    data = zipped({"layers.py": CODE, "evil.py_.txt": b"x"}).replace(b"evil.py_.txt", b"evil.py\0.txt")
    parcel = taken(data)
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == ("evil.py.txt was left out: its name has control characters",)


def test_backslashes_lead_nowhere_either() -> None:
    parcel = taken(zipped({"..\\..\\layers.py": b"evil", "\\layers.py": b"evil", "x.py": CODE}))
    assert set(parcel.files) == {"x.py"}
    tar = taken(tarred({"..\\layers.py": b"evil", "x.py": CODE}))
    assert (set(tar.files), tar.notes) == ({"x.py"}, ("..\\layers.py was left out: its name is a path of Windows",))


def test_if_nothing_is_left_the_reason_is_the_error(pack: Pack) -> None:
    with pytest.raises(
        SubmissionError, match=r"^nothing in it can be taken: \.\./layers\.py was left out: its name leads"
    ):
        taken(pack({"../layers.py": b"evil"}))
    with pytest.raises(SubmissionError, match=r"^it is empty: nothing was handed in$"):
        taken(pack({}))


def test_one_name_twice_gives_the_last(pack: Pack) -> None:
    data = pack({"layers.py": b"first", "laierz.py": b"second"})
    if data[:2] == b"PK":
        data = data.replace(b"laierz.py", b"layers.py")
    else:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for content in (b"first", b"second"):
                info = tarfile.TarInfo("layers.py")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        data = buffer.getvalue()
    parcel = taken(data)
    assert parcel.files == {"layers.py": b"second"}
    assert parcel.notes == ("layers.py is there more than once: the last one was taken",)


def test_only_the_last_of_a_name_counts() -> None:
    for suffix in ("npz", "py"):
        data = zipped({f"{n}.{suffix}": bytes(1000) for n in range(9)}, zipfile.ZIP_STORED)
        for n in range(9):
            data = data.replace(b"%d.%s" % (n, suffix.encode()), b"x.%s" % suffix.encode())
        parcel = taken(data, SMALL)
        assert (list(parcel.files), parcel.notes) == ([f"x.{suffix}"], ())


def test_names_that_are_one_elsewhere_are_both_taken(pack: Pack) -> None:
    parcel = taken(pack({"layers.py": b"1", "Layers.py": b"2", "\u00e9.py": b"3", "e\u0301.py": b"4"}))
    assert len(parcel.files) == 4
    assert [note.endswith("are one name on some systems; both were taken") for note in parcel.notes] == [True, True]


def test_a_name_of_a_file_and_of_a_folder(pack: Pack) -> None:
    parcel = taken(pack({"src/layers.py": CODE, "src": b"data"}))
    assert parcel.files == {"src/layers.py": CODE}
    with pytest.raises(
        SubmissionError, match=r"^src/layers\.py cannot be taken: its name is that of a file and of a folder$"
    ):
        taken(pack({"src": b"data", "src/layers.py": CODE}))


# --- what is no file -------------------------------------------------------------------------------------------------


def test_links_devices_and_pipes_in_a_tar() -> None:
    kinds = {
        "a.py": special("a.py", tarfile.SYMTYPE, "/etc/passwd"),
        "b": special("b", tarfile.LNKTYPE, "../../etc/passwd"),
        "c": special("c", tarfile.CHRTYPE),
        "d": special("d", tarfile.BLKTYPE),
        "e": special("e", tarfile.FIFOTYPE),
        "layers.py/..": special("dir", tarfile.DIRTYPE),
    }
    parcel = taken(tarred({"layers.py": CODE}, "gz", list(kinds.values())))
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == (
        "a.py was left out: it is a link",
        "b was left out: it is a link",
        *(f"{name} was left out: it is a device or a pipe" for name in "cde"),
    )


@pytest.mark.parametrize(
    ("mode", "kind"), [(0o120777, "a link"), (0o010644, "a device or a pipe"), (0o020644, "a device or a pipe")]
)
def test_links_devices_and_pipes_in_a_zip(mode: int, kind: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a.py")
        info.external_attr = mode << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("layers.py", CODE)
    parcel = taken(buffer.getvalue())
    assert parcel.files == {"layers.py": CODE}
    assert parcel.notes == (f"a.py was left out: it is {kind}",)


# --- too much --------------------------------------------------------------------------------------------------------


def test_too_large_a_file(pack: Pack) -> None:
    parcel = taken(pack({"weights.npz": bytes(1001), "layers.py": CODE, "fits.npz": bytes(1000)}), SMALL)
    assert set(parcel.files) == {"layers.py", "fits.npz"}
    assert parcel.notes == ("weights.npz was left out: it has more than 1,000 bytes",)
    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it has more than 1,000 bytes$"):
        taken(pack({"layers.py": bytes(1001)}), SMALL)


def test_data_leaves_room_for_python_files(pack: Pack) -> None:
    data = {f"{n}.npz": bytes(1000) for n in range(4)}
    parcel = taken(pack({**data, "layers.py": bytes(1000)}), SMALL)
    assert set(parcel.files) == {"0.npz", "1.npz", "2.npz", "layers.py"}
    assert parcel.notes == ("3.npz was left out: the files that are no Python have more than 3,000 bytes together",)
    code = {f"{n}.py": bytes(1000) for n in range(3)}
    parcel = taken(pack({**code, "a.npz": bytes(1000), "b.npz": b"x"}), SMALL)
    assert set(parcel.files) == {*code, "a.npz"}
    with pytest.raises(
        SubmissionError, match=r"^4\.py cannot be taken: the files have more than 4,000 bytes together$"
    ):
        taken(pack({f"{n}.py": bytes(999) for n in range(5)}), SMALL)


def test_too_many_files(pack: Pack) -> None:
    parcel = taken(pack({**{f"{n}.txt": b"" for n in range(9)}, "layers.py": CODE}), SMALL)
    assert set(parcel.files) == {*(f"{n}.txt" for n in range(6)), "layers.py"}
    assert parcel.notes[0] == "6.txt was left out: there are more than 8 files"
    with pytest.raises(SubmissionError, match=r"^8\.py cannot be taken: there are more than 8 files$"):
        taken(pack({f"{n}.py": b"" for n in range(9)}), SMALL)
    with pytest.raises(SubmissionError, match=r"^it has too many files"):
        taken(pack({f".git/{n}": b"" for n in range(41)}), SMALL)


def test_too_deep_and_too_long(pack: Pack) -> None:
    parcel = taken(pack({"a/b/c/d/e.txt": b"", "a/" + "b" * 60: b"", "a/b/c/layers.py": CODE}), SMALL)
    assert parcel.files == {"a/b/c/layers.py": CODE}
    assert len(parcel.notes) == 2
    with pytest.raises(SubmissionError, match="it lies more than 4 folders deep"):
        taken(pack({"a/b/c/d/layers.py": CODE}), SMALL)
    with pytest.raises(SubmissionError, match="its path is longer than 60 bytes"):
        taken(pack({"李" * 20 + "/layers.py": CODE}), SMALL)


def test_notes_are_capped() -> None:
    parcel = taken(zipped({**{f"../{n}": b"" for n in range(1000)}, "layers.py": CODE}))
    assert len(parcel.notes) == 21
    assert parcel.notes[-1] == "980 more notes like these"


def test_archives_in_archives_end() -> None:
    data = zipped({"layers.py": CODE})
    for _ in range(USUAL.nesting):
        data = zipped({"hw.zip": data})
    assert taken(data).files == {"layers.py": CODE}
    with pytest.raises(SubmissionError, match=r"^hw\.zip is an archive in archives in archives"):
        taken(zipped({"hw.zip": data}))


def header(size: int, kind: bytes = tarfile.REGTYPE, name: bytes = b"layers.py") -> bytes:
    """Return a tar's header of any size, as tarfile would not write it."""
    encoded = b"%011o\0" % size if size >= 0 else b"\xff" * 4 + struct.pack(">q", size)
    block = bytearray(name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + encoded + b"00000000000\0" + b" " * 8)
    block += kind + bytes(100) + b"ustar\x0000" + bytes(247)
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def quine() -> bytes:
    """Return a zip that holds itself as far as anybody unpacks it: here 50 levels."""
    data = zipped({"layers.py": CODE})
    for _ in range(50):
        data = zipped({"r.zip": data})
    return data


def overlapping() -> bytes:
    """Return a zip whose table lists one file a thousand times."""
    data = zipped({"kernel": ZEROS[: 8 * 2**20]})
    place, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    table = data[place:end] * 1000
    return data[:place] + table + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1000, 1000, len(table), place, 0)


def long_headers() -> bytes:
    """Return a tar of many members, each with something long to remember."""
    info = tarfile.TarInfo(".git/x")
    info.pax_headers = {"comment": "x" * 8000}
    return gzip.compress(info.tobuf(tarfile.PAX_FORMAT) * 2500 + bytes(1024))


ZEROS = bytes(32 * 2**20)
BOMBS: dict[str, Callable[[], bytes]] = {
    "one file": lambda: zipped({"a.bin": ZEROS}),
    "many files": lambda: zipped({f"{n}.bin": ZEROS[: 2**20] for n in range(32)}),
    "overlapping members": overlapping,
    "in a zip": lambda: zipped({"hw.zip": zipped({"a.bin": ZEROS})}),
    "an archive in a zip": lambda: zipped({"hw.zip": ZEROS}),
    "gz": lambda: tarred({"a.bin": ZEROS}, "gz"),
    "bz2": lambda: tarred({"a.bin": ZEROS}, "bz2"),
    "xz": lambda: lzma.compress(tarred({"a.bin": ZEROS}, ""), preset=0),
    "gz without tar": lambda: gzip.compress(ZEROS),
    "gz before code": lambda: tarred({"a.bin": ZEROS, "layers.py": CODE}, "gz"),
    "a long name": lambda: gzip.compress(header(len(ZEROS), tarfile.GNUTYPE_LONGNAME) + ZEROS),
    "long headers": long_headers,
    "levels": quine,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_take_little_memory(name: str) -> None:
    data = BOMBS[name]()
    assert len(data) < 300_000
    limits = replace(USUAL, file_bytes=2**20, all_bytes=4 * 2**20, read_bytes=16 * 2**20, archive_bytes=2**20)
    tracemalloc.start()
    try:
        line = _line_or_files(data, limits)
        assert tracemalloc.get_traced_memory()[1] < 12 * 2**20
    finally:
        tracemalloc.stop()
    assert line or name in ("many files", "overlapping members")


def test_other_methods_of_zip_are_not_unpacked() -> None:
    """zipfile would unpack all that a few bytes of bzip2 or LZMA ask for at once."""
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it is packed by another method than"):
            taken(zipped({"layers.py": CODE}, method))
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("bomb.bin", bytes(2**16), method)
            archive.writestr("layers.py", CODE)
        parcel = taken(buffer.getvalue())
        assert parcel.files == {"layers.py": CODE}
        assert parcel.notes == ("bomb.bin was left out: it is packed by another method than deflate",)


def test_xz_does_not_get_the_memory_that_it_asks_for() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**29, "mode": lzma.MODE_FAST, "mf": lzma.MF_HC3, "depth": 1}]
    try:
        data = lzma.compress(tarred({"layers.py": CODE}, ""), filters=filters)
    except MemoryError:
        pytest.skip("there is not the memory to make it")
    with pytest.raises(SubmissionError, match="is damaged or cut short"):
        taken(data)


# --- what lies -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [-512, -1024, -(2**40), 2**30, 2**33 - 1])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.GNUTYPE_SPARSE])
def test_sizes_that_lie_in_a_tar(size: int, kind: bytes) -> None:
    data = header(10, name=b"x.py") + CODE[:10].ljust(512, b"\0") + header(size, kind) + bytes(2048)
    for packed in (data, gzip.compress(data)):
        with pytest.raises(SubmissionError):
            taken(packed)


def test_headers_without_an_end_in_a_tar() -> None:
    chain = header(5, tarfile.GNUTYPE_LONGNAME) + b"name".ljust(512, b"\0")
    with pytest.raises(SubmissionError, match=r"damaged|too long"):
        taken(gzip.compress(chain * 20_000))
    sparse = bytearray(header(0, tarfile.GNUTYPE_SPARSE))
    sparse[482] = 1  # more of the map follows
    sparse[148:156] = b" " * 8
    sparse[148:156] = b"%06o\0 " % sum(sparse)
    block = (b"%011o\0" % 1) * 42 + b"\1" + bytes(7)
    with pytest.raises(SubmissionError, match=r"^one of its headers is too long"):
        taken(gzip.compress(bytes(sparse) + block * 20_000))


def test_a_sparse_file_is_as_large_as_it_reads() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("layers.py")
        info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": f"{2**40},0"}
        info.pax_headers |= {"GNU.sparse.name": "layers.py", "GNU.sparse.size": str(2**40)}
        archive.addfile(info)
    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it has more than 16 MB$"):
        taken(buffer.getvalue())


def test_sizes_that_lie_in_a_zip() -> None:
    honest = zipped({"layers.py": CODE * 100})
    size = struct.pack("<I", len(CODE) * 100)
    for lie in (0, 10, len(CODE) * 100 - 1):
        with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it is damaged$"):
            taken(honest.replace(size, struct.pack("<I", lie)))
    assert taken(honest.replace(size, struct.pack("<I", 2**31))).files == {"layers.py": CODE * 100}


def test_a_table_of_contents_without_an_end() -> None:
    data = zipped({"layers.py": CODE})
    place, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    table = data[place:end] * 160_000
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(table), place, 0)
    with pytest.raises(SubmissionError, match=r"^its table of contents is too long"):
        taken(data[:place] + table + tail)


# --- damaged, encrypted, or none -------------------------------------------------------------------------------------


def test_an_encrypted_file() -> None:
    def encrypted(files: dict[str, bytes]) -> bytes:
        data = bytearray(zipped(files))
        for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = data.find(magic)
            data[place + offset] |= 1
        return bytes(data)

    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it is encrypted$"):
        taken(encrypted({"layers.py": CODE, "x.txt": b""}))
    parcel = taken(encrypted({"x.txt": b"", "layers.py": CODE}))
    assert (parcel.files, parcel.notes) == ({"layers.py": CODE}, ("x.txt was left out: it is encrypted",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"^hw\.zip is no zip and no tar archive: hand in a \.zip or a \.tar\.gz$"),
        (b"<html>log in, please</html>", "is no zip and no tar archive"),
        (gzip.compress(CODE, mtime=0), "is no zip and no tar archive"),
        (b"Rar!\x1a\x07\x01\0" + bytes(600), "is a RAR archive, which is not read here"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(600), "is a 7z archive, which is not read here"),
        (b"\x28\xb5\x2f\xfd" + bytes(600), "is packed with zstd, which is not read here"),
        (b"\x1f\x8b" + bytes(600), "is damaged or cut short: hand it in again"),
        (b"BZh9" + bytes(600), "is damaged or cut short"),
        (b"\xfd7zXZ\0" + bytes(600), "is damaged or cut short"),
        (b"PK\x03\x04" + bytes(600), "is damaged or cut short"),
        (b"PK\x05\x06" + bytes(18), "it is empty"),
    ],
)
def test_what_is_no_archive(data: bytes, message: str) -> None:
    with pytest.raises(SubmissionError, match=message):
        taken(data)


def test_a_tar_that_ends_early_loses_nothing_in_silence() -> None:
    whole = tarred({"a.py": CODE, "b.py": CODE}, "")
    for cut in (1024, 1536, 2047):
        with pytest.raises(SubmissionError, match="is damaged"):
            taken(whole[:cut])
    broken = bytearray(whole)
    broken[1024 + 150] ^= 1  # the second header's checksum: tarfile takes that for the end
    with pytest.raises(SubmissionError, match="is damaged or cut short"):
        taken(bytes(broken))


def test_one_damaged_file_in_a_zip() -> None:
    data = zipped({"a.bin": b"a" * 50, "layers.py": b"b" * 50}, zipfile.ZIP_STORED)
    parcel = taken(data.replace(b"a" * 50, b"x" * 50))
    assert (set(parcel.files), parcel.notes) == ({"layers.py"}, ("a.bin was left out: it is damaged",))
    with pytest.raises(SubmissionError, match=r"^layers\.py cannot be taken: it is damaged$"):
        taken(data.replace(b"b" * 50, b"x" * 50))


FILES = {"layers.py": CODE, "cs231n/fc_net.py": CODE * 3, "x.bin": bytes(700), "in.tar.gz": tarred({"y.py": CODE})}
HONEST = {name: packer({**FILES}) for name, packer in PACKERS.items()}


@settings(deadline=None, derandomize=True)
@given(st.sampled_from(sorted(HONEST)), st.integers(0, 2**32), st.integers(1, 12))
def test_damaged_archives_give_a_line_or_files(name: str, seed: int, count: int) -> None:
    rng = random.Random(seed)
    data = bytearray(HONEST[name])
    for _ in range(count):
        place = rng.randrange(len(data))
        match rng.randrange(4):
            case 0:
                data[place] ^= 1 << rng.randrange(8)
            case 1:
                data[place : place + rng.randrange(8)] = rng.randbytes(rng.randrange(8))
            case 2:
                del data[place : place + rng.randrange(200)]
            case 3:
                data[place : place + 4] = rng.choice([b"\0" * 4, b"\xff" * 4, b"PK\x05\x06", b"../."])
        if not data:
            break
    _line_or_files(bytes(data))


@settings(deadline=None, derandomize=True)
@given(
    st.binary(max_size=600), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0"])
)
def test_any_bytes_give_a_line_or_files(data: bytes, magic: bytes) -> None:
    _line_or_files(magic + data)


def _line_or_files(data: bytes, limits: Intake = SOME) -> str:
    """Return the error's line if there is one."""
    try:
        parcel = taken(data, limits)
    except SubmissionError as error:
        line = str(error)
    else:
        line = ""
        assert parcel.files
        assert sum(map(len, parcel.files.values())) <= limits.all_bytes
        assert all(note.isprintable() for note in parcel.notes)
    assert line.isprintable()
    return line


HOSTILE = st.lists(
    st.sampled_from(
        ["..", ".", "", "a", "b.py", "C:", "\\", "\0", "\n", "\x1b[2J", "\u202e", "\udcff", "é", "a" * 300]
    ),
    max_size=5,
)


@settings(deadline=None, derandomize=True)
@given(names=st.lists(HOSTILE, min_size=1, max_size=6), zipping=st.booleans())
def test_names_never_lead_elsewhere(
    names: list[list[str]], zipping: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    joined = ["/".join(parts) for parts in names]
    if zipping:
        data = zipped({name.replace("\0", "_").replace("\udcff", "_"): b"x" for name in joined if name})
    else:
        data = tarred(dict.fromkeys(joined, b"x"))
    above = tmp_path_factory.mktemp("names")
    try:
        parcel = taken(data)
        parcel.unpack(above / "new")
    except SubmissionError:
        return
    files = [path for path in above.rglob("*") if path.is_file()]
    assert {path.relative_to(above / "new").as_posix() for path in files} == set(parcel.files)


def test_reads_what_the_systems_own_programs_pack(tmp_path: Path) -> None:
    """A file of Python's own that a test wrote to the disk, with all its folders."""
    with tarfile.open(tmp_path / "x.tgz", "w:gz") as archive:
        archive.add(Path(__file__).parent, "tests")
    parcel = taken((tmp_path / "x.tgz").read_bytes())
    assert parcel.files["tests/test_archives.py"] == Path(__file__).read_bytes()
