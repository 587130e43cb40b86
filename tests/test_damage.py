"""Damage to any file of an index is found when it is opened, named by `check`, and repaired by the next build."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index import build, generations, open_index, opened
from index.check import check_index
from index.generations import MANIFEST, folder_of, read_manifest

SEED = 11
SAMPLE = 24
"""Bytes of a file that are changed: the first and last ones, and others by chance."""

BEFORE, USED = "000001", "000002"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with a generation of two articles, and before it one of one."""
    place = tmp_path_factory.mktemp("whole")
    (place / "articles").mkdir()
    for name, text in [("river", "The river rose by two metres."), ("bank", "The bank raised its rates.")]:
        (place / "articles" / f"{name}.txt").write_text(text)
        build(place / "articles", place / "index")
    return place / "index"


@pytest.fixture
def index_dir(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "index"))


def files_of(index_dir: Path) -> list[str]:
    return [*read_manifest(folder_of(index_dir, USED)).files, MANIFEST]


def opens_as(index_dir: Path) -> tuple[str, str]:
    """The generation that answers, and the warning."""
    opened._opened.clear()
    index = open_index(index_dir)
    assert len(index.documents()) == (2 if index.generation == USED else 1)
    return index.generation, index.warning or ""


def refused(file: str, *, because: str) -> tuple[str, str]:
    told = f"generation {USED}: {because.format(file)}. Generation {BEFORE} is used instead. Repair: footnoted build"
    return BEFORE, told


def changed_bytes(file: Path) -> Iterator[tuple[int, int]]:
    """Changes one byte after the other, and puts each back: its place and what it became."""
    chance = random.Random(SEED)
    data = file.read_bytes()
    inside = chance.sample(range(8, len(data) - 8), min(SAMPLE, max(0, len(data) - 16)))
    for place in sorted({*range(min(8, len(data))), *range(max(0, len(data) - 8), len(data)), *inside}):
        changed = data[place] ^ (1 << chance.randrange(8))
        with file.open("r+b") as stream:
            stream.seek(place)
            stream.write(bytes([changed]))
        yield place, changed
        file.write_bytes(data)


def test_a_changed_byte_of_any_file_is_found_and_the_generation_before_answers(index_dir: Path) -> None:
    for file in files_of(index_dir):
        because = "its manifest " if file == MANIFEST else "{} is not as it was written"
        for place, changed in changed_bytes(folder_of(index_dir, USED) / file):
            found, warning = opens_as(index_dir)
            assert found == BEFORE, (file, place, changed)
            assert warning.startswith(refused(file, because=because)[1].partition(". Gen")[0]), (file, place, changed)
    assert opens_as(index_dir) == (USED, "")


def test_a_changed_byte_of_what_names_the_generation_in_use_is_found(index_dir: Path) -> None:
    for place, changed in changed_bytes(index_dir / "CURRENT"):
        found, warning = opens_as(index_dir)
        assert found == USED, (place, changed)
        assert warning.startswith("CURRENT "), (place, changed)
    assert opens_as(index_dir) == (USED, "")


def test_no_space_in_a_manifest_can_be_changed_unseen(index_dir: Path) -> None:
    file = folder_of(index_dir, USED) / MANIFEST
    text = file.read_text()
    for other in (text.replace(" ", "\t", 1), text.replace("\n ", "\n\n", 1), text + "\n", text.replace("/", "\\/", 1)):
        assert other != text
        file.write_text(other)
        assert opens_as(index_dir) == refused(MANIFEST, because="its manifest was changed")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\0")


def turn_into_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("harm", "because", "of_a_manifest"),
    [
        (cut, "{} is not as it was written", "its manifest cannot be read"),
        (empty, "{} is not as it was written", "its manifest cannot be read"),
        (grow, "{} is not as it was written", "its manifest cannot be read"),
        (Path.unlink, "{} is missing", "its manifest is missing"),
        (turn_into_a_folder, "{} cannot be read (Is a directory)", "its manifest cannot be read"),
    ],
)
def test_a_harmed_file_is_named_by_check_and_repaired_by_the_next_build(
    whole: Path, tmp_path: Path, harm: Callable[[Path], None], because: str, of_a_manifest: str
) -> None:
    for number, file in enumerate(files_of(whole)):
        index_dir = Path(shutil.copytree(whole, tmp_path / f"{number}"))
        harm(folder_of(index_dir, USED) / file)
        expected = refused(file, because=of_a_manifest if file == MANIFEST else because)
        assert opens_as(index_dir) == expected
        behind = "the folders have changed since (1 added); bring the index level: footnoted build"
        assert check_index(index_dir).problems == (expected[1], behind)
    built = build(index_dir=index_dir)  # the last one, since each takes half a second
    assert (built.warning, built.documents) == (expected[1], 2)
    assert check_index(index_dir).problems == ()
    assert sorted(path.name for path in (index_dir / "generations").iterdir()) == [BEFORE, "000003"]


def test_a_file_that_is_none_of_a_generation_changes_nothing_and_is_not_taken_over(index_dir: Path) -> None:
    folder = folder_of(index_dir, USED)
    for stray in (folder / ".DS_Store", folder / "words" / ".DS_Store"):
        stray.write_bytes(b"\0")
    (folder / "words" / "folder").mkdir()
    assert opens_as(index_dir) == (USED, "")
    [articles] = open_index(index_dir).folders.values()
    extra = articles / "oak.txt"
    extra.write_text("A storm tore down nine oaks.")
    try:
        assert build(index_dir=index_dir).documents == 3
    finally:
        extra.unlink()
    assert not list(folder_of(index_dir, "000003").rglob(".DS_Store"))
    assert opened.open_index(index_dir).warning is None


RUBBISH = [b"", b"\xff" * 5000, b"This is something else.\n" * 300]


@pytest.mark.parametrize("rubbish", RUBBISH, ids=["empty", "bytes", "text"])
@pytest.mark.parametrize("name", ["CURRENT", "CURRENT.new", "lock", "lock.holder", "embedded.sqlite", "files.sqlite"])
def test_rubbish_beside_the_generations_stops_no_build(index_dir: Path, name: str, rubbish: bytes) -> None:
    (index_dir / name).write_bytes(rubbish)
    (index_dir / f"{name}-journal").write_bytes(rubbish)
    built = build(index_dir=index_dir, fresh=True)
    assert (built.generation, built.documents) == ("000003", 2)
    assert opens_as_in(index_dir) == ("000003", None)
    left = {path.name for path in index_dir.iterdir()}
    assert left - {f"{name}-journal"} == {"CURRENT", "files.sqlite", "generations", "lock"}
    assert "embedded.sqlite-journal" not in left


@pytest.mark.parametrize(
    "name", ["CURRENT", "embedded.sqlite", "files.sqlite", "generations/000009.unfinished", "generations/junk"]
)
def test_a_folder_or_file_in_the_place_of_the_other_stops_no_build(index_dir: Path, name: str) -> None:
    if name.startswith("generations"):
        (index_dir / name).write_text("a file")
    else:
        (index_dir / name).unlink(missing_ok=True)
        (index_dir / name / "folder").mkdir(parents=True)
    assert build(index_dir=index_dir, fresh=True).generation == "000003"
    assert opens_as_in(index_dir) == ("000003", None)
    assert {path.name for path in index_dir.iterdir()} == {"CURRENT", "files.sqlite", "generations", "lock"}


def opens_as_in(index_dir: Path) -> tuple[str, str | None]:
    manifest, warning = generations.choose(index_dir)
    return manifest.generation, warning
