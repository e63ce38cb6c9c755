"""What teachers download, small and in the real naming."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.classroom.intake.downloads import Downloads, Handed, Person, open_downloads
from grader.classroom.intake.gradescope import read_metadata
from grader.classroom.intake.keys import KEY_LENGTH, key_of, unique_keys
from grader.classroom.intake.names import folded
from grader.errors import FaultError, InputError, SubmissionError

from .conftest import CODE, tarred, write, zipped

Files = Mapping[str, bytes]
FILES = ("layers.py", "cs231n/layers.py", "fc_net.py", "cs231n/classifiers/fc_net.py")
NAMES = ("O'Brien", "李小龙", "a,b", "=cmd|'calc'!A0", "Müller-Lüdenscheidt", "d'Arc (2)", "İstanbul", "x" * 150)


@pytest.fixture(params=["folder", "zip", "wrapped"])
def give(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Files], Path]:
    """Return how to get a download: unpacked, as a zip, or as a zip with a folder around all."""

    def make(files: Files) -> Path:
        if request.param == "folder":
            return write(tmp_path / "class", files)
        prefix = "class/" if request.param == "wrapped" else ""
        path = tmp_path / "class (1).zip"
        path.write_bytes(zipped({f"{prefix}{name}": data for name, data in files.items()}))
        return path

    return make


Give = Callable[[Files], Path]


def read(path: Path) -> tuple[Downloads, dict[str, Mapping[str, bytes] | str]]:
    """Return what a download says, and each submission's files, or why it has none."""
    with open_downloads(path, FILES) as downloads:
        return downloads, {one.key: result(one) for one in downloads.submissions}


def result(handed: Handed) -> Mapping[str, bytes] | str:
    try:
        return handed.read().files
    except SubmissionError as error:
        return str(error)


def people(downloads: Downloads) -> dict[str, tuple[Person, ...]]:
    return {one.key: one.people for one in downloads.submissions}


# --- folders and archives --------------------------------------------------------------------------------------------


def test_one_folder_per_student(give: Give) -> None:
    downloads, found = read(give({f"{name}/layers.py": name.encode() for name in NAMES}))
    assert downloads.kind == "folders"
    assert downloads.notes[0].startswith("read as one folder per student")
    assert downloads.notes[0].endswith(": 8 submissions")
    assert sorted(found) == sorted(key_of(name) for name in NAMES)
    assert all(found[key_of(name)] == {"layers.py": name.encode()} for name in NAMES)
    assert people(downloads)["O'Brien"] == (Person("O'Brien"),)


def test_one_archive_per_student(give: Give) -> None:
    inner = {"layers.py": CODE, "cs231n/fc_net.py": b""}
    archives = {"a.zip": zipped(inner), "b.tgz": tarred(inner), "c.tar": tarred(inner, "")}
    archives |= {"d.tar.bz2": tarred(inner, "bz2"), "e.TAR.XZ": tarred(inner, "xz"), "f.x.tar.gz": tarred(inner)}
    downloads, found = read(give(archives))
    assert downloads.kind == "archives"
    assert found == dict.fromkeys(["a", "b", "c", "d", "e", "f.x"], inner)


def test_folders_and_archives_and_what_is_neither(give: Give) -> None:
    files = {
        "alice/hw.zip": zipped({"layers.py": CODE}),
        "bob.zip": zipped({"hw/layers.py": CODE}),
        "cy.rar": b"Rar!\x1a\x07\0",
    }
    files |= {
        "dan.zip": b"no zip",
        "eve/report.pdf": b"%PDF",
        "fay.py": CODE,
        "grades.csv": b"",
        ".DS_Store": b"",
        "__MACOSX/x": b"",
    }
    downloads, found = read(give(files))
    assert downloads.kind == "folders and archives"
    assert found == {
        "alice": {"layers.py": CODE},
        "bob": {"hw/layers.py": CODE},
        "cy": "cy.rar is a RAR archive, which is not read here: hand in a .zip or a .tar.gz",
        "dan": "dan.zip is no zip and no tar archive: hand in a .zip or a .tar.gz",
        "eve": {"report.pdf": b"%PDF"},
        "fay.py": "fay.py lies there by itself: put it into a folder with the student's name",
    }
    assert downloads.notes[1:] == ("grades.csv was left out: it is neither a folder nor an archive",)


def test_a_folder_of_clones(tmp_path: Path) -> None:
    for name in ("hw2-alice", "hw2-bob"):
        write(tmp_path / name, {".git/HEAD": b"ref: refs/heads/main", "cs231n/layers.py": name.encode()})
    with open_downloads(tmp_path, FILES) as downloads:
        parcels = [one.read() for one in downloads.submissions]
    assert [parcel.files for parcel in parcels] == [
        {"cs231n/layers.py": b"hw2-alice"},
        {"cs231n/layers.py": b"hw2-bob"},
    ]
    assert parcels[0].notes == ("left out, as no part of the work: .git",)


def test_a_students_link_pipe_or_closed_folder_is_only_that_students_problem(tmp_path: Path) -> None:
    root = write(tmp_path / "class", {"alice/layers.py": CODE, "empty/x": b""})
    (root / "empty/x").unlink()
    (root / "link").symlink_to("/etc")
    (root / "away.zip").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.zip")
    _, found = read(root)
    assert found == {
        "alice": {"layers.py": CODE},
        "away": "away.zip is a link: put the folder or the archive itself there",
        "empty": "it is empty: nothing was handed in",
        "link": "link is a link: put the folder or the archive itself there",
        "pipe": "pipe.zip is a device or a pipe: put the folder or the archive itself there",
    }


def test_a_folder_that_goes_meanwhile(tmp_path: Path) -> None:
    root = write(tmp_path, {"alice/layers.py": CODE, "bob/layers.py": CODE})
    with open_downloads(root) as downloads:
        (root / "alice").rename(tmp_path / "alicia")
        alice, bob = downloads.submissions
        assert result(alice) == "its folder cannot be read (No such file or directory): change its permissions"
        assert result(bob) == {"layers.py": CODE}


def test_names_of_folders_that_no_terminal_should_see(tmp_path: Path) -> None:
    for name in (b"a\nb", b"\x1b[31mred", b"\xff\xfe", b"ab", b"." * 3):
        os.mkdir(os.fsencode(tmp_path) + b"/" + name)
        with open(os.fsencode(tmp_path) + b"/" + name + b"/layers.py", "wb") as file:
            file.write(name)
    downloads, found = read(tmp_path)
    assert len(found) == 5
    assert {bytes(files["layers.py"]) for files in found.values() if not isinstance(files, str)} == {
        *(b"a\nb", b"\x1b[31mred", b"\xff\xfe", b"ab", b"...")
    }
    assert all((one.key + one.origin + one.people[0].key).isprintable() for one in downloads.submissions)
    assert all(note.isprintable() for note in downloads.notes)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_students_of_one_name_are_both_graded(give: Give) -> None:
    files = {
        "Ann/layers.py": b"1",
        "ann/layers.py": b"2",
        "ann.zip": zipped({"layers.py": b"3"}),
        "bob/layers.py": b"4",
    }
    files |= {"Jos\u00e9/layers.py": b"5", "Jose\u0301/layers.py": b"6"}
    downloads, found = read(give(files))
    assert {bytes(one["layers.py"]) for one in found.values() if not isinstance(one, str)} == {
        *(b"1", b"2", b"3", b"4", b"5", b"6")
    }
    assert len({folded(key) for key in found}) == 6
    assert "bob" in found
    assert sum("there is more than one" in note for note in downloads.notes) == 5


def test_a_key_never_becomes_another_students(give: Give) -> None:
    first, found = read(give({"Ann/layers.py": b"1", "ann/layers.py": b"2", "aNN/layers.py": b"3"}))
    fewer = unique_keys([("Ann", "Ann"), ("ann", "ann")])
    assert set(fewer) < set(found)
    assert unique_keys([("ann", "ann")]) == ["ann"]
    assert [one.people[0].key for one in first.submissions] == ["Ann", "aNN", "ann"]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "A", "b", "a~", ".", "\x1b[2J", "é", "e\u0301", "x" * 300, "y/z"]), st.text()),
        unique_by=lambda pair: pair[1],
    )
)
def test_keys_are_unique_and_printable(wanted: list[tuple[str, str]]) -> None:
    keys = unique_keys([(key_of(name), origin) for name, origin in wanted])
    assert len({folded(key) for key in keys}) == len(wanted)
    assert all(key.isprintable() and 0 < len(key) <= KEY_LENGTH and key.strip(".") and "/" not in key for key in keys)


def test_nobody_takes_a_key_by_foresight() -> None:
    (_, mark) = unique_keys([("ann", "ann"), ("Ann", "Ann")])
    keys = unique_keys([("ann", "ann"), ("Ann", "Ann"), (mark, mark)])
    assert len({folded(key) for key in keys}) == 3


def test_marks_that_are_the_same_become_longer() -> None:
    keys = unique_keys([("ann", "ann48290"), ("Ann", "ann53514")])  # whose digests begin with the same 8 digits
    assert [len(key) for key in keys] == [12, 68]


# --- Gradescope ------------------------------------------------------------------------------------------------------

EXPORT = """\
---
submission_101:
  :submitters:
  - :name: Conan O'Brien
    :sid: '0123'
    :email: Conan@example.edu
  :created_at: 2026-10-02 13:54:02.379462000 Z
  :score: 7.5
  :status: processed
  :results: &1
    tests:
    - name: ':submitters:'
      output: |
        submission_999:
          :submitters:
          - :name: Eve
  :history:
  - :id: 99
    :submitters: nobody
    :created_at: 2026-10-01 13:54:02.379462000 -07:00
    :results: *1
submission_102:
  :submitters:
  - :name: 李小龙
    :sid: 456
    :email: bruce@example.edu
  - :name: "=cmd|'/C calc'!A0,\\e[2J\\nx"
    :sid:
    :email: amy@example.edu
  :created_at: 2026-10-02T13:54:02-07:00
submission_103:
  :submitters:
  - :name: No Folder
    :sid: '789'
103.pdf:
  :submitters:
  - :name: Paper
    :email: p@example.edu
"""


def gradescope() -> Files:
    files = {
        "submission_101/layers.py": b"1",
        "submission_102/hw/layers.py": b"2",
        "submission_102/__MACOSX/x": b"",
        "103.pdf": b"%PDF",
    }
    return {
        f"assignment_12_export/{name}": data
        for name, data in {
            **files,
            "submission_104/layers.py": b"4",
            "submission_metadata.yml": EXPORT.encode(),
        }.items()
    }


def test_gradescope(give: Give) -> None:
    downloads, found = read(give(gradescope()))
    assert downloads.kind == "gradescope"
    assert downloads.notes[0].startswith("read as an export of Gradescope's in ")
    assert (
        downloads.notes[1]
        == "submission_104 is not named as in an export of Gradescope's; it is graded under its own name"
    )
    assert found == {
        "conan@example.edu": {"layers.py": b"1"},
        "amy@example.edu+bruce@example.edu": {"hw/layers.py": b"2"},
        "789": "its folder is missing in the export: export the submissions again",
        "p@example.edu": "it is no folder of files: the assignment has to be a programming assignment",
        "submission_104": {"layers.py": b"4"},
    }
    assert people(downloads)["conan@example.edu"] == (
        Person("conan@example.edu", "Conan O'Brien", "conan@example.edu", "0123"),
    )
    assert people(downloads)["amy@example.edu+bruce@example.edu"] == (
        Person("bruce@example.edu", "李小龙", "bruce@example.edu", "456"),
        Person("amy@example.edu", "=cmd|'/C calc'!A0, x", "amy@example.edu", ""),
    )
    times = {one.key: one.submitted for one in downloads.submissions}
    assert times["conan@example.edu"] == "2026-10-02T13:54:02Z"
    assert times["amy@example.edu+bruce@example.edu"] == "2026-10-02T13:54:02-07:00"


def test_gradescope_again_gives_the_same_keys(tmp_path: Path) -> None:
    again = {name.replace("submission_10", "submission_20"): data for name, data in gradescope().items()}
    again = {name: data.replace(b"submission_10", b"submission_20") for name, data in again.items()}
    keys = []
    for number, files in enumerate((gradescope(), again)):
        downloads, _ = read(write(tmp_path / str(number), files))
        keys.append({one.key for one in downloads.submissions} - {"submission_104", "submission_204"})
    assert keys[0] == keys[1]


def test_gradescope_lists_that_refer_from_part_to_part() -> None:
    text = "a:\n  :results: &1\n    x: 1\n  :submitters: &2\n  - :name: Ann\nb:\n  :submitters: *2\n"
    assert read_metadata(text)["b"][":submitters"] == [{":name": "Ann"}]
    text = "a:\n  :score: &1 7\n  :submitters:\n  - :name: Ann\n    :sid: *1\n"
    assert read_metadata(text)["a"][":submitters"] == [{":name": "Ann", ":sid": "7"}]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [", "a: !!python/object/apply:os.system ['x']\n\t", "\0"])
def test_gradescope_lists_that_are_none(text: str, tmp_path: Path) -> None:
    root = write(tmp_path, {"submission_metadata.yml": text.encode(), "submission_1/layers.py": CODE})
    with pytest.raises(InputError, match=r"submission_metadata\.yml cannot be read: .*; export the submissions again$"):
        read(root)


def test_gradescope_lists_make_no_objects() -> None:
    text = (
        "a: !ruby/hash:ActiveSupport::HashWithIndifferentAccess\n  :submitters:\n  - :name: !!python/name:os.system x\n"
    )
    assert read_metadata(text) == {"a": {":submitters": [{":name": "x"}]}}


# --- Canvas ----------------------------------------------------------------------------------------------------------


def canvas() -> Files:
    return {
        "obrienconan_340934_208490284_layers-1.py": b"1",
        "obrienconan_340934_208490285_fc_net.py": b"2",
        "李小龙_LATE_334244_394803489_hw2-1.tar.gz": tarred({"layers.py": b"3"}),
        "leeann_LATE_5_60_my_7_8_hw.zip": zipped({"layers.py": b"4"}),
        "leeann_LATE_5_61_report.pdf": b"%PDF",
        "kimjo_6_text.html": b"<p>",
        "parkjo_7_70_layers.py": b"5",
        "parkjo_7_71_layers-1.py": b"6",
        "parkjo_7_link.html": b"<a>",
    }


def test_canvas(give: Give) -> None:
    downloads, found = read(give(canvas()))
    assert downloads.kind == "canvas"
    assert downloads.notes[0].startswith("read as a download from Canvas")
    assert found == {
        "obrienconan_340934": {"layers.py": b"1", "fc_net.py": b"2"},
        "李小龙_334244": {"layers.py": b"3"},
        "leeann_5": {"layers.py": b"4", "report.pdf": b"%PDF"},
        "kimjo_6": "only a text or a link was handed in, no file",
        "parkjo_7": {"layers.py": b"5", "layers-1.py": b"6"},
    }
    assert {one.key for one in downloads.submissions if one.late} == {"李小龙_334244", "leeann_5"}
    assert people(downloads)["leeann_5"] == (Person("leeann_5", "leeann", number="5"),)
    notes = {one.key: one.notes for one in downloads.submissions}
    assert notes["obrienconan_340934"] == (
        "layers-1.py was taken as layers.py: so Canvas renames what is handed in again",
    )
    assert notes["parkjo_7"] == ()


def test_notes_of_a_download_are_notes_of_its_parcel(tmp_path: Path) -> None:
    with open_downloads(write(tmp_path, canvas())) as downloads:
        parcels = {one.key: one.read() for one in downloads.submissions if one.key != "kimjo_6"}
    assert "layers-1.py was taken as layers.py" in parcels["obrienconan_340934"].notes[0]


def test_canvas_anonymous(give: Give) -> None:
    downloads, found = read(give({"anon_pX2n1_12_layers.py": b"1", "LATE_anon_7aQ2z_13_layers-2.py": b"2"}))
    assert found == {"anon_pX2n1": {"layers.py": b"1"}, "anon_7aQ2z": {"layers.py": b"2"}}
    assert [one.late for one in downloads.submissions] == [True, False]


def test_canvas_in_folders_by_hand(give: Give) -> None:
    _, found = read(give({"smithbob_1_2_hw/layers.py": b"1", "leeann_3_4_hw/layers.py": b"2"}))
    assert found == {"smithbob_1": {"layers.py": b"1"}, "leeann_3": {"layers.py": b"2"}}


@pytest.mark.parametrize(
    "names",
    [
        ["hw_2026_05_alice.zip", "hw_2026_05_bob.zip"],
        ["hw_2026_5_alice.zip", "hw_2026_5_bob.zip"],
        ["alice_2026_11_hw.zip", "bob_2026_12_hw.zip"],
        ["alice_1_2_hw.zip", "bob.zip"],
    ],
)
def test_names_that_only_look_like_canvas_are_one_student_each(give: Give, names: list[str]) -> None:
    downloads, found = read(give({name: zipped({"layers.py": name.encode()}) for name in names}))
    assert downloads.kind == "archives"
    assert found == {name.removesuffix(".zip"): {"layers.py": name.encode()} for name in names}


def test_what_canvas_did_not_name_is_graded_too(give: Give) -> None:
    downloads, found = read(give({**canvas(), "late_student.zip": zipped({"layers.py": b"7"}), "grades.csv": b""}))
    assert found["late_student"] == {"layers.py": b"7"}
    assert downloads.notes[1:] == (
        "late_student.zip is not named as in a download from Canvas; it is graded under its own name",
        "grades.csv was left out: it is neither a folder nor an archive",
    )


# --- Moodle ----------------------------------------------------------------------------------------------------------


def test_moodle(give: Give) -> None:
    files = {
        "Conan O'Brien_657737_assignsubmission_file/layers.py": b"1",
        "Conan O'Brien_657737_assignsubmission_onlinetext/onlinetext.html": b"<p>",
        "李小龙_12_assignsubmission_file_/hw.zip": zipped({"layers.py": b"2"}),
        "Only Text_13_assignsubmission_onlinetext_/onlinetext.html": b"<p>",
        "Participant_14_assignsubmission_file_/sub/layers.py": b"3",
        "Default group_assignsubmission_file/layers.py": b"4",
    }
    downloads, found = read(give(files))
    assert downloads.kind == "moodle"
    assert found == {
        "Conan O'Brien_657737": {"layers.py": b"1"},
        "李小龙_12": {"layers.py": b"2"},
        "Only Text_13": "only a text was handed in, no file",
        "Participant_14": {"sub/layers.py": b"3"},
        "Default group": {"layers.py": b"4"},
    }
    assert people(downloads)["Conan O'Brien_657737"] == (
        Person("Conan O'Brien_657737", "Conan O'Brien", number="657737"),
    )


def test_moodle_without_folders(give: Give) -> None:
    files = {
        "Conan O'Brien_7_assignsubmission_file_layers.py": b"1",
        "Conan O'Brien_7_assignsubmission_file_fc_net_8_assignsubmission_file_x.py": b"2",
        "Conan O'Brien_7_assignsubmission_onlinetext_onlinetext.html": b"<p>",
        "李小龙_12_assignsubmission_file_hw.zip": zipped({"layers.py": b"3"}),
    }
    _, found = read(give(files))
    assert found == {
        "Conan O'Brien_7": {"layers.py": b"1", "fc_net_8_assignsubmission_file_x.py": b"2"},
        "李小龙_12": {"layers.py": b"3"},
    }


# --- what is no class ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no submissions: give a folder with one folder or archive per student, or a download from"),
        ({"notes.txt": b""}, "holds no submissions"),
        (
            {"layers.py": CODE, "optim.py": CODE, "data/x": b""},
            r"holds layers\.py itself, so it is one submission or an assign",
        ),
        ({"cs231n/layers.py": CODE, "report.pdf": b""}, "holds cs231n itself"),
        ({"assignment.toml": b"", "checks/x.py": b""}, r"holds assignment\.toml itself"),
        ({"solver.py": CODE, "main.py": CODE}, "holds Python files, so it is one submission"),
    ],
)
def test_what_is_no_class(give: Give, files: Files, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read(give(files))
    assert "\n" not in str(caught.value)


def test_the_assignments_own_folders(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    for folder in (root / "assignments/assignment2", root / "solutions/assignment2"):
        with pytest.raises(InputError, match=r"holds assignment\.toml itself"):
            read(folder)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        (None, b"", "class does not exist: give a folder with one folder or archive per student"),
        ("class.zip", b"<html>", "is no zip archive, or is cut short: give a folder"),
        ("class.zip", zipped({"a/layers.py": CODE})[:-10], "is damaged: download it again"),
        ("class.zip", b"PK\x03\x04" + bytes(100), "is damaged: download it again"),
        (
            "class.tar.gz",
            tarred({"a/layers.py": CODE}),
            "is an archive of another kind than zip: unpack it, and give the f",
        ),
        ("grades.csv", b"", "is no zip archive"),
    ],
)
def test_files_that_are_no_class(tmp_path: Path, name: str | None, data: bytes, message: str) -> None:
    path = tmp_path / (name or "class")
    if name:
        path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read(path)


def test_a_pipe_is_no_class_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="is neither a folder nor a file"):
        read(tmp_path / "pipe")


def test_one_student_is_a_class_too(tmp_path: Path) -> None:
    downloads, found = read(write(tmp_path / "class", {"alice/layers.py": CODE}))
    assert found == {"alice": {"layers.py": CODE}}
    assert downloads.notes == ("read as one folder per student: 1 submission",)


@pytest.mark.parametrize("files", [{"ann/layers.py": CODE, "bob/layers.py": CODE}, {"ann.zip": b"", "bob.zip": b""}])
def test_a_folder_around_a_class_is_no_student(tmp_path: Path, files: dict[str, bytes]) -> None:
    """As it is in a zip that was made of the folder of a class, by another name."""
    files = {name: data or zipped({"layers.py": CODE}) for name, data in files.items()}
    path = tmp_path / "c.zip"
    path.write_bytes(zipped({f"class/{name}": data for name, data in files.items()}))
    downloads, found = read(path)
    assert found == {name: {"layers.py": CODE} for name in ("ann", "bob")}
    assert downloads.notes[0].endswith(" per student in class: 2 submissions")


@pytest.mark.parametrize(
    "files",
    [
        {"a.zip": zipped({"layers.py": CODE}), "b.zip": zipped({"optim.py": CODE})},
        {"cs231n/layers.py": CODE, "old/layers.py": CODE},
        {"hw2/layers.py": CODE, "notes/a.txt": b""},
    ],
)
def test_a_student_alone_is_no_class(tmp_path: Path, files: dict[str, bytes]) -> None:
    _, found = read(write(tmp_path / "handed in", {f"ann/{name}": data for name, data in files.items()}))
    assert list(found) == ["ann"]


# --- a large zip -----------------------------------------------------------------------------------------------------


def test_a_zip_is_listed_without_reading_and_read_in_place(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3000):
            archive.writestr(f"student{number}/layers.py", CODE)
    data = bytearray(path.read_bytes())
    start = data.index(b"student7/")
    data[start - 30 : start] = bytes(30)  # this one's header is gone: to list them needs none
    path.write_bytes(data)
    before = set(tmp_path.iterdir())
    with open_downloads(path) as downloads:
        found = {one.key: one for one in downloads.submissions}
        assert len(found) == 3000
        assert result(found["student7"]) == "layers.py cannot be taken: it is damaged"
        assert result(found["student2999"]) == {"layers.py": CODE}
    assert set(tmp_path.iterdir()) == before


def test_members_that_lead_from_one_student_to_another(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    names = [
        "bob/layers.py",
        "eve/../bob/layers.py",
        "eve/layers.py",
        "/bob/layers.py",
        "../bob/layers.py",
        "eve\\..\\bob\\fc_net.py",
    ]
    path.write_bytes(zipped({name: name.encode() for name in names}))
    with open_downloads(path) as downloads:
        parcels = {one.key: one.read() for one in downloads.submissions}
    assert {key: dict(parcel.files) for key, parcel in parcels.items()} == {
        "bob": {"layers.py": b"bob/layers.py"},
        "eve": {"layers.py": b"eve/layers.py"},
    }
    assert len(parcels["eve"].notes) == 2


def test_reading_after_the_end_is_a_mistake_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({"alice/layers.py": CODE}))
    with open_downloads(path) as downloads:
        pass
    with pytest.raises(FaultError, match="after its download was closed"):
        downloads.submissions[0].read()


def test_no_file_stays_open(tmp_path: Path) -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("only Linux lists open files")
    root = write(
        tmp_path / "class", {"a/layers.py": CODE, "b.zip": zipped({"x.zip": zipped({"y.py": CODE})}), "c.zip": b"no"}
    )
    (tmp_path / "class.zip").write_bytes(
        zipped({"b.zip": zipped({"x.py": CODE}), "c.zip": zipped({"x.py": CODE})[:-9]})
    )
    before = len(list(folder.iterdir()))
    for path in (root, tmp_path / "class.zip"):
        read(path)
    assert len(list(folder.iterdir())) == before
