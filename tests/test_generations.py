"""Generations: damage is found and named, and what builds leave is removed; kills are in test_crashes.py."""

import json
import os
import shutil
from pathlib import Path

import pytest

from index import build, generations, open_index
from index.errors import BuildRunning, DamagedIndex, NoIndex, UsageError
from index.generations import Damaged

BEFORE = {
    "river": "The river rose by two metres. Nobody was hurt.",
    "bank": "The bank raised its rates.",
    "cat": "The cat sat on the mat.",
}
AFTER = {"river": "The river fell on Monday.", "bank": "The bank raised its rates.", "dog": "The dog chased the cat."}


def write(folder: Path, texts: dict[str, str]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)


@pytest.fixture(scope="module")
def two_generations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("generations")
    for texts in (BEFORE, AFTER):
        write(place / "articles", texts)
        build(place / "articles", place / "index")
    return place / "index"


@pytest.fixture
def index_dir(two_generations: Path, tmp_path: Path) -> Path:
    """A copy of an index with the generations 000001 and 000002."""
    return Path(shutil.copytree(two_generations, tmp_path / "index"))


FALLEN_BACK = "Generation 000001 is used instead. Repair: footnoted build"


def test_a_later_build_leaves_the_generation_before_as_it_was_written(index_dir: Path) -> None:
    for name in ("000001", "000002"):
        assert generations.verify(index_dir / "generations" / name).generation == name


def test_the_manifest_says_how_the_generation_was_made(index_dir: Path) -> None:
    manifest = generations.read_manifest(index_dir / "generations" / "000002")
    assert (manifest.format, manifest.documents, manifest.chunks) == (generations.FORMAT, 3, 3)
    assert (manifest.chunking, manifest.analyzer) == ("sentences-170-90-2-2", "folded-stemmed-english")
    assert manifest.model["name"] == "all-MiniLM-L6-v2"
    assert {"catalog.sqlite", "vectors.faiss", "words/meta.json"} <= manifest.files.keys()
    assert not any(name.endswith(".lock") for name in manifest.files)


def change_manifest(folder: Path, **values: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **values}))


def problem(folder: Path) -> str:
    with pytest.raises(Damaged) as caught:
        generations.verify(folder)
    return str(caught.value)


def test_damage_is_named(index_dir: Path) -> None:
    folder = index_dir / "generations" / "000002"
    (folder / "words" / "meta.json").unlink()
    assert problem(folder) == "words/meta.json is missing"
    (folder / "words" / "meta.json").mkdir()
    assert problem(folder) == "words/meta.json cannot be read (Is a directory)"
    (folder / "vectors.faiss").write_bytes(b"")
    assert problem(folder) == "vectors.faiss is not as it was written"
    change_manifest(folder, documents=77)
    assert problem(folder) == "its manifest was changed"
    change_manifest(folder, surprise=1)
    assert problem(folder) == "its manifest cannot be read"
    change_manifest(folder, format=99)
    assert problem(folder) == f"it has format 99, and this version reads format {generations.FORMAT}"
    for garbage in (b"", b"[]", b"\xff\xfe", b"{}"):
        (folder / "manifest.json").write_bytes(garbage)
        assert problem(folder) == "its manifest cannot be read"
    (folder / "manifest.json").unlink()
    assert problem(folder) == "its manifest is missing"


def test_without_an_index_the_sentence_says_how_to_make_one(tmp_path: Path) -> None:
    for index_dir in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoIndex) as caught:
            generations.choose(index_dir)
        assert str(caught.value) == f"No index in {index_dir}. Make one: footnoted build FOLDER"


def test_a_damaged_index_is_not_built_upon_and_made_anew_when_asked(index_dir: Path) -> None:
    for name in ("000001", "000002"):
        (index_dir / "generations" / name / "vectors.faiss").unlink()
    with pytest.raises(DamagedIndex) as caught:
        build(index_dir=index_dir)
    assert str(caught.value) == (
        f"The index in {index_dir} is damaged (generation 000002: vectors.faiss is missing; "
        "generation 000001: vectors.faiss is missing). Make it anew: footnoted build --fresh FOLDER"
    )
    built = build(index_dir=index_dir, fresh=True)
    assert (built.generation, built.added) == (
        "000003", ("articles/bank.txt", "articles/dog.txt", "articles/river.txt"),
    )  # fmt: skip
    assert open_index(index_dir).warning is None


def test_a_build_repairs_what_made_it_fall_back(index_dir: Path) -> None:
    (index_dir / "CURRENT").unlink()
    told = "CURRENT is missing. Generation 000002 is used instead. Repair: footnoted build"
    assert open_index(index_dir).warning == told
    built = build(index_dir=index_dir)
    assert (built.generation, built.warning, built.unchanged, built.embedded) == ("000003", told, 3, 0)
    assert open_index(index_dir).warning is None
    assert build(index_dir=index_dir).generation == "000003"


def test_a_build_on_the_generation_before_keeps_it_to_fall_back_on(index_dir: Path) -> None:
    (index_dir / "generations" / "000002" / "catalog.sqlite").unlink()
    assert build(index_dir=index_dir).generation == "000003"
    assert sorted(path.name for path in (index_dir / "generations").iterdir()) == ["000001", "000003"]
    (index_dir / "generations" / "000003" / "catalog.sqlite").unlink()
    manifest, warning = generations.choose(index_dir)
    assert (manifest.generation, warning) == (
        "000001",
        "generation 000003: catalog.sqlite is missing. Generation 000001 is used instead. Repair: footnoted build",
    )


def test_what_earlier_builds_left_is_removed_and_numbers_are_not_given_again(tmp_path: Path) -> None:
    (tmp_path / "generations" / "000007.unfinished" / "words").mkdir(parents=True)
    (tmp_path / "generations" / "000004").mkdir()
    assert generations.begin(tmp_path) == tmp_path / "generations" / "000005.unfinished"
    (tmp_path / "CURRENT").write_text(generations._named("000011"))
    assert generations.begin(tmp_path) == tmp_path / "generations" / "000012.unfinished"
    assert sorted(path.name for path in (tmp_path / "generations").iterdir()) == ["000004", "000012.unfinished"]


def test_the_lock_names_who_holds_it(tmp_path: Path) -> None:
    with generations.building(tmp_path), pytest.raises(BuildRunning) as caught, generations.building(tmp_path):
        pass
    assert str(caught.value) == (
        f"The index in {tmp_path} is being built by process {os.getpid()}. Wait for it, or let this build wait: --wait"
    )
    with generations.building(tmp_path):
        assert (tmp_path / "lock.holder").read_text() == f"process {os.getpid()}"
    assert not (tmp_path / "lock.holder").exists()


def test_a_file_is_not_the_folder_of_an_index(tmp_path: Path) -> None:
    file = tmp_path / "index"
    file.write_text("")
    sentence = f"{file} is a file, not the folder of an index. Name a folder: --index DIR"
    for opening in (lambda: generations.choose(file), lambda: generations.building(file).__enter__()):
        with pytest.raises(UsageError) as refused:
            opening()
        assert str(refused.value) == sentence


@pytest.fixture
def large_index(index_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that counts as large, verified once."""
    monkeypatch.setattr(generations, "READ_WHOLE_MB", 0)
    assert generations.choose(index_dir)[1] is None
    return index_dir


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files whose checksum is computed."""
    read: list[str] = []
    checksum = generations._checksum

    def noted(folder: Path, name: str) -> dict[str, object]:
        read.append(name)
        return checksum(folder, name)

    monkeypatch.setattr(generations, "_checksum", noted)
    return read


def flip_last_byte(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)


def test_a_large_generation_is_read_once_and_then_only_what_was_touched(
    large_index: Path, files_read: list[str]
) -> None:
    catalog = large_index / "generations" / "000002" / "catalog.sqlite"
    assert generations.choose(large_index)[1] is None
    assert files_read == []
    catalog.touch()
    assert generations.choose(large_index)[1] is None
    assert files_read == ["catalog.sqlite"]
    assert generations.choose(large_index)[1] is None
    assert files_read == ["catalog.sqlite"]


def test_a_changed_byte_of_a_large_generation_is_found_also_under_its_old_time(large_index: Path) -> None:
    for name, entry in generations.read_manifest(large_index / "generations" / "000002").files.items():
        file = large_index / "generations" / "000002" / name
        whole, before = file.read_bytes(), file.stat()
        if not entry["bytes"]:
            continue
        flip_last_byte(file)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        told = f"generation 000002: {name} is not as it was written. {FALLEN_BACK}"
        assert generations.choose(large_index)[1] == told
        file.write_bytes(whole)
    assert generations.choose(large_index)[1] is None


def test_what_changed_without_a_trace_is_found_when_all_bytes_are_read(large_index: Path) -> None:
    """As after the fault of a disk: the byte is another one, and nothing says that the file was written to."""
    folder = large_index / "generations" / "000002"
    flip_last_byte(folder / "vectors.faiss")
    seen = json.loads((folder / "verified.json").read_text())
    seen["vectors.faiss"] = generations._state(folder, "vectors.faiss")
    (folder / "verified.json").write_text(json.dumps(seen))
    assert generations.verify(folder, all_bytes=False).generation == "000002"
    assert problem(folder) == "vectors.faiss is not as it was written"


@pytest.mark.parametrize("rubbish", [b"", b"\xff", b"[]", b'{"vectors.faiss": 3}'])
def test_a_note_of_what_was_verified_that_cannot_be_read_costs_only_time(
    large_index: Path, files_read: list[str], rubbish: bytes
) -> None:
    (large_index / "generations" / "000002" / "verified.json").write_bytes(rubbish)
    manifest, warning = generations.choose(large_index)
    assert (manifest.generation, warning, sorted(files_read)) == ("000002", None, sorted(manifest.files))


def test_an_index_of_somebody_else_that_cannot_be_read_is_said_so(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)  # the rights themselves do not stop whoever runs this as root
    with pytest.raises(UsageError) as error:
        open_index(index_dir)
    assert str(error.value) == f"The index in {index_dir} cannot be read (Permission denied)."
