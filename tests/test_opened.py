"""An opened index: the generation in use, verified; the one before it where that is damaged; none where none is."""

import json
import shutil
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import build, generations, open_index
from index.catalog import Catalog
from index.errors import DamagedIndex, NoIndex, UsageError
from index.generations import FORMAT, _named
from index.opened import Index

Articles = Callable[..., Path]

REPAIR = "Generation 000001 is used instead. Repair: footnoted build"


@pytest.fixture(scope="module")
def two_generations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generation 000001 holds a.txt, generation 000002 a.txt and b.txt."""
    place = tmp_path_factory.mktemp("opened")
    (place / "articles").mkdir()
    for name, text in [("a", "The river rose."), ("b", "The bank raised its rates.")]:
        (place / "articles" / f"{name}.txt").write_text(text)
        build(place / "articles", place / "index")
    return place / "index"


@pytest.fixture
def index_dir(two_generations: Path, tmp_path: Path) -> Path:
    """A copy that nobody has opened yet."""
    return Path(shutil.copytree(two_generations, tmp_path / "index"))


def answers(index: Index) -> dict[str, Any]:
    """All that an index holds and finds."""
    ids = index.catalog.chunk_ids()
    question = np.ones(384, dtype=np.float32) / np.sqrt(384)
    return {
        "documents": [index.document(row.id) for row in index.documents()],
        "chunks": index.catalog.chunks(ids),
        "vectors": index.vectors.of(ids).tolist(),
        "nearest": index.vectors.search(question, 10),
        "words": [index.words.search([term], 10) for term in ("river", "bank", "rate")],
    }


def names(index: Index) -> list[str]:
    return [row.name for row in index.documents()]


def flip(file: Path) -> None:
    """Changes one bit in the middle of a file."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def test_the_same_object_answers_until_a_build_swaps_a_generation_in(articles: Articles, tmp_path: Path) -> None:
    folder = articles(a="The river rose.")
    build(folder, tmp_path / "index")
    first = open_index(tmp_path / "index")
    assert open_index(str(tmp_path / "index")) is first
    build(folder, tmp_path / "index")
    assert open_index(tmp_path / "index") is first
    articles(b="The bank raised its rates.")
    build(folder, tmp_path / "index")
    second = open_index(tmp_path / "index")
    assert (first.generation, second.generation) == ("000001", "000002")
    assert (names(first), names(second)) == (["articles/a.txt"], ["articles/a.txt", "articles/b.txt"])
    assert repr(second) == f"Index('{tmp_path}/index', generation 000002)"


def test_an_index_answers_after_later_builds_removed_its_folder(articles: Articles, tmp_path: Path) -> None:
    folder = articles(a="The river rose.", b="The bank raised its rates.")
    build(folder, tmp_path / "index")
    first = open_index(tmp_path / "index")
    kept = answers(Index(first.path, first.manifest))  # another object, so that this one has read nothing yet
    for number in range(2):
        (folder / "a.txt").write_text(f"The river fell by {number} metres.")
        build(folder, tmp_path / "index")
    assert sorted(path.name for path in (tmp_path / "index" / "generations").iterdir()) == ["000002", "000003"]
    assert answers(first) == kept
    assert kept["documents"][0].text == "The river rose."


def test_a_reopened_index_is_the_one_in_memory(index_dir: Path) -> None:
    opened = open_index(index_dir)
    assert answers(Index(index_dir, opened.manifest)) == answers(opened)


def test_an_index_is_named_by_the_environment_and_by_the_working_folder(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOOTNOTED_INDEX", str(index_dir))
    assert open_index().path == index_dir
    monkeypatch.delenv("FOOTNOTED_INDEX")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(NoIndex) as caught:
        open_index()
    assert str(caught.value) == f"No index in {tmp_path}/here/.footnoted. Make one: footnoted build FOLDER"
    index_dir.rename(tmp_path / "here" / ".footnoted")
    assert names(open_index()) == ["articles/a.txt", "articles/b.txt"]


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("catalog.sqlite", "catalog.sqlite is not as it was written"),
        ("vectors.faiss", "vectors.faiss is not as it was written"),
        ("words/meta.json", "words/meta.json is not as it was written"),
        ("words/*.term", "words/{} is not as it was written"),
        ("words/*.idx", "words/{} is not as it was written"),
        ("words/*.fast", "words/{} is not as it was written"),
    ],
)
def test_a_changed_bit_brings_the_generation_before_with_a_warning(index_dir: Path, file: str, told: str) -> None:
    damaged = next((index_dir / "generations" / "000002").glob(file))
    flip(damaged)
    index = open_index(index_dir)
    assert index.warning == f"generation 000002: {told.format(damaged.name)}. {REPAIR}"
    assert (index.generation, names(index)) == ("000001", ["articles/a.txt"])
    assert index.words.search(["river"], 5)[0][0] == 1
    assert len(index.vectors) == 1


def test_a_changed_manifest_brings_the_generation_before_with_a_warning(index_dir: Path) -> None:
    file = index_dir / "generations" / "000002" / "manifest.json"
    file.write_text(file.read_text().replace('"documents": 2', '"documents": 3'))
    assert open_index(index_dir).warning == f"generation 000002: its manifest was changed. {REPAIR}"


@pytest.mark.parametrize("file", ["catalog.sqlite", "vectors.faiss", "words/meta.json", "words", "manifest.json", "."])
def test_a_missing_file_brings_the_generation_before_with_a_warning(index_dir: Path, file: str) -> None:
    missing = index_dir / "generations" / "000002" / file
    told = f"{file} is missing"
    if file == "words":
        first = sorted(path.name for path in missing.iterdir() if not path.name.endswith(".lock"))[0]
        told = f"words/{first} is missing"
    if file in ("manifest.json", "."):
        told = "its manifest is missing"
    if missing.is_dir():
        shutil.rmtree(missing)
    else:
        missing.unlink()
    index = open_index(index_dir)
    assert (index.warning, index.generation) == (f"generation 000002: {told}. {REPAIR}", "000001")
    assert names(index) == ["articles/a.txt"]


def test_an_index_of_which_nothing_is_whole_says_how_to_make_it_anew(index_dir: Path) -> None:
    flip(index_dir / "generations" / "000001" / "catalog.sqlite")
    (index_dir / "generations" / "000002" / "vectors.faiss").unlink()
    with pytest.raises(DamagedIndex) as caught:
        open_index(index_dir)
    assert str(caught.value) == (
        f"The index in {index_dir} is damaged (generation 000002: vectors.faiss is missing; "
        "generation 000001: catalog.sqlite is not as it was written). Make it anew: footnoted build --fresh FOLDER"
    )


def test_an_index_of_another_format_is_not_read(index_dir: Path) -> None:
    for name in ("000001", "000002"):
        file = index_dir / "generations" / name / "manifest.json"
        file.write_text(json.dumps({"format": 99, "seal": "", "parts": "in another way"}))
    with pytest.raises(DamagedIndex) as caught:
        open_index(index_dir)
    format_99 = f"it has format 99, and this version reads format {FORMAT}"
    assert str(caught.value) == (
        f"The index in {index_dir} is damaged (generation 000002: {format_99}; generation 000001: {format_99}). "
        "Make it anew: footnoted build --fresh FOLDER"
    )


def test_an_index_of_another_version_says_so_and_the_next_build_makes_it_anew(index_dir: Path) -> None:
    """Its folders, its model and whether links are followed are taken over."""
    for name in ("000001", "000002"):
        file = index_dir / "generations" / name / "manifest.json"
        values = json.loads(file.read_text("utf-8"))
        del values["vector_search"]
        file.write_text(json.dumps({**values, "format": 1}))
    with pytest.raises(DamagedIndex) as caught:
        open_index(index_dir)
    format_1 = "it has format 1, and this version reads format 4"
    assert str(caught.value) == (
        f"The index in {index_dir} was made by another version of footnoted (generation 000002: {format_1}; "
        f"generation 000001: {format_1}). Make it anew: footnoted build"
    )
    report = build(index_dir=index_dir)
    assert report.warning == f"The index in {index_dir} was made by another version of footnoted and is made anew"
    assert len(report.added) == open_index(index_dir).manifest.documents > 0
    assert open_index(index_dir).generation == report.generation == "000003"


@pytest.mark.parametrize(
    ("current", "told"),
    [
        (None, "CURRENT is missing"),
        (b"", "CURRENT does not name a generation"),
        (b"../../etc", "CURRENT does not name a generation"),
        (b"000001\n", "CURRENT does not name a generation"),
        (_named("000099").encode(), "generation 000099: its manifest is missing"),
        (
            b"\xff\xff",
            "CURRENT cannot be read ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte)",
        ),
    ],
)
def test_without_a_readable_current_the_newest_generation_answers(
    index_dir: Path, current: bytes | None, told: str
) -> None:
    (index_dir / "CURRENT").unlink()
    if current is not None:
        (index_dir / "CURRENT").write_bytes(current)
    index = open_index(index_dir)
    assert index.warning == f"{told}. Generation 000002 is used instead. Repair: footnoted build"
    assert names(index) == ["articles/a.txt", "articles/b.txt"]


def test_a_generation_that_two_builds_removed_while_it_was_opened_is_no_damage(
    articles: Articles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, verify, begun = articles(a="The river rose."), generations.verify, threading.Event()
    build(folder, tmp_path / "index")

    def verify_late(generation: Path, *, all_bytes: bool) -> generations.Manifest:
        if not begun.is_set():
            begun.set()
            for number in range(2):
                build(articles(a=f"The river fell by {number} metres."), tmp_path / "index")
        return verify(generation, all_bytes=all_bytes)

    monkeypatch.setattr(generations, "verify", verify_late)
    index = open_index(tmp_path / "index")
    assert (index.generation, index.warning) == ("000003", None)


def test_an_index_answers_from_many_threads(index_dir: Path) -> None:
    index = open_index(index_dir)
    expected = answers(index)
    found: list[dict[str, Any]] = []

    def ask() -> None:
        for _ in range(20):
            found.append(answers(open_index(index_dir)))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 80


def test_the_index_of_the_seeds_knows_its_articles(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    assert [row.path[:3] for row in index.documents()] == ["000", "001", "002", "003", "004"]
    assert (index.skipped, index.warning, index.document(99)) == ([], None, None)
    assert index.embedder.identity.fingerprint == index.manifest.model["fingerprint"]
    for row in index.documents():
        document = index.document(row.id)
        assert document is not None
        with (index.folders[row.folder] / row.path).open(encoding="utf-8", newline="") as file:
            assert document.text == file.read()


def test_an_index_without_a_name_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^The index has no name\. Name its folder: --index DIR$"):
        open_index("")


def test_a_reader_that_lets_go_of_a_generation_lets_go_of_its_files(seeds_copy: Path, tmp_path: Path) -> None:
    catalog = Catalog(build_index(seeds_copy, tmp_path / "index"))
    released = weakref.ref(catalog)
    catalog.documents(), catalog.document(1), catalog.sentences(1)
    del catalog
    assert released() is None


def build_index(folder: Path, target: Path) -> Path:
    """The catalog of a new index."""
    return target / "generations" / build(folder, target).generation / "catalog.sqlite"
