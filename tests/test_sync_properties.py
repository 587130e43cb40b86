"""Whatever happens to the files, a build ends with the index level with its folders: random operations, and builds.

Runs the same examples every time. A longer search: FOOTNOTED_EXAMPLES=1000 pytest tests/test_sync_properties.py
"""

import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import index.opened
from index import build, generations, known_files, open_index
from index.catalog import StoredChunk
from index.embed import Embedder
from index.errors import BuildFailed
from index.opened import Index
from index.sentence_vectors import LEVELS, unpack
from index.sync import BuildReport
from rag import ask, retrieve

EXAMPLES = int(os.environ.get("FOOTNOTED_EXAMPLES", "0"))

WORDS = [
    *("river", "bank", "oak", "choir", "mill", "storm", "harbour", "sardine", "fentanyl", "glacier", "violin"),
    *("bakery", "tractor", "comet", "lizard", "tunnel", "orchard", "senator", "vaccine", "Zürich", "señor"),
]
"""No two share a stem, none is a stop word."""

NAMES = ["one.txt", "two.txt", "three.md", "deep/four.txt", "deep/five.md", "six"]
PLACES = [(folder, name) for folder in ("east", "west") for name in NAMES]
BREAKS = [" ", "\n", "\r\n", "\n\n", "\u2028", " \t "]

OPERATIONS = ["write", "append", "rename", "move", "swap", "copy", "delete", "make_unreadable", "restore"]

Place = tuple[str, str]
places = st.sampled_from(PLACES)
sentences = st.builds("The {} passed the {}.".format, st.sampled_from(WORDS), st.sampled_from(WORDS))
pairs = st.builds(lambda one, between, other: f"{one}{between}{other}", sentences, st.sampled_from(BREAKS), sentences)
texts = sentences | pairs


@cache
def embedder() -> Embedder:
    return Embedder.load()


@cache
def vector_of(text: str) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    vector: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = embedder().encode_texts([text])[0]
    return vector


@cache
def sentence_vectors_of(sentences: tuple[str, ...]) -> "np.ndarray[tuple[int, ...], np.dtype[np.float32]]":
    """What the model makes of the sentences of a chunk; a blank is as good as a line break to it."""
    ends = list(accumulate(len(sentence) + 1 for sentence in sentences))
    spans = [(start, end - 1) for start, end in pairwise([0, *ends])]
    _, [vectors] = embedder().encode_chunks([" ".join(sentences)], [spans])
    of_sentences: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = vectors
    return of_sentences


class Files(RuleBasedStateMachine):
    """Two folders, whose files are the model: what an index should hold is read from them."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="footnoted-"))
        self.index_dir = self.root / "index"
        self.folders = [self.root / "east", self.root / "west"]
        self.kept: dict[Path, bytes] = {}  # as files were before they were broken
        self.known: dict[Place, tuple[int, bytes]] = {}  # documents of the last build: id and content
        self.ever: set[int] = set()

    @initialize(start=st.dictionaries(places, texts, min_size=1, max_size=5))
    def begin(self, start: dict[Place, str]) -> None:
        for folder in self.folders:
            (folder / "deep").mkdir(parents=True)
        for place, text in start.items():
            self.file(place).write_bytes(text.encode())

    @rule(data=st.data(), operations=st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=5))
    def change_and_build(self, data: st.DataObject, operations: list[str]) -> None:
        for operation in operations:
            getattr(self, operation)(data)
        self.build(fresh=data.draw(st.integers(0, 9)) == 9)

    # what people and programs do to files

    def write(self, data: st.DataObject) -> None:
        self.file(data.draw(places)).write_bytes(data.draw(texts).encode())

    def append(self, data: st.DataObject) -> None:
        with self.any_file(data).open("ab") as stream:
            stream.write(f"\n{data.draw(texts)}".encode())

    def rename(self, data: st.DataObject) -> None:
        file = self.any_file(data)
        free = [self.file(to) for to in PLACES if not self.file(to).exists() and Path(to[1]).suffix == file.suffix]
        file.rename(data.draw(st.sampled_from(free or [file])))

    def move(self, data: st.DataObject) -> None:
        self.any_file(data).rename(self.file(data.draw(places)))

    def swap(self, data: st.DataObject) -> None:
        one, other, aside = self.any_file(data), self.any_file(data), self.root / "aside"
        one.rename(aside)
        if one != other:
            other.rename(one)
        aside.rename(other)

    def copy(self, data: st.DataObject) -> None:
        self.file(data.draw(places)).write_bytes(self.any_file(data).read_bytes())

    def delete(self, data: st.DataObject) -> None:
        self.keep(self.any_file(data)).unlink()

    def make_unreadable(self, data: st.DataObject) -> None:
        broken = data.draw(st.sampled_from([b"\x00\x01 river \x00", b"", b"... ...\n"]))
        self.keep(self.any_file(data)).write_bytes(broken)

    def restore(self, data: st.DataObject) -> None:
        if self.kept:
            file = data.draw(st.sampled_from(sorted(self.kept)))
            file.write_bytes(self.kept.pop(file))

    def build(self, fresh: bool) -> None:
        readable = self.readable()
        if not readable:
            with pytest.raises(BuildFailed):
                build(self.folders, self.index_dir, fresh=fresh)
            return
        try:
            report = build(self.folders, self.index_dir, fresh=fresh)
        except BuildFailed as refused:
            self.fill_emptied(refused)
            self.build(fresh=False)
            return
        self.check(report, readable, fresh=fresh)

    def fill_emptied(self, refused: BuildFailed) -> None:
        """A folder that held documents is empty, so that they are not given up; here a new one comes into it."""
        empty = [folder for folder in self.folders if not any(path.is_file() for path in folder.rglob("*"))]
        [name] = [folder.name for folder in empty if str(refused).startswith(f"The folder {folder} is empty, and ")]
        assert name in {folder for folder, _ in self.known}
        opened = open_index(self.index_dir)
        assert {row.id for row in opened.documents()} == {one for one, _ in self.known.values()}
        self.file((name, "one.txt")).write_text("The river passed the oak.")

    def teardown(self) -> None:
        try:
            if self.folders[0].exists():
                self.build(fresh=False)
        finally:
            index.opened._opened.pop(self.index_dir, None)
            shutil.rmtree(self.root)

    # what is true after every build

    def check(self, report: BuildReport, readable: dict[Place, bytes], *, fresh: bool) -> None:
        opened = open_index(self.index_dir)
        assert (opened.generation, opened.warning) == (report.generation, None)
        self.check_documents(opened, readable)
        self.check_identities(opened, report, readable, fresh=fresh)
        check_chunks(opened)
        check_no_orphans(self.index_dir, opened)
        check_answers(opened, readable)
        self.check_nothing_is_left_behind(opened)
        again = build(self.folders, self.index_dir)
        assert (again.nothing_new, again.generation) == (True, report.generation)

    def check_documents(self, opened: Index, readable: dict[Place, bytes]) -> None:
        stored = {(row.folder, row.path): opened.document(row.id) for row in opened.documents()}
        assert stored.keys() == readable.keys()
        for place, document in stored.items():
            with self.file(place).open(encoding="utf-8", newline="") as stream:
                assert document is not None
                assert document.text == stream.read()
        skipped = {(one.folder, one.path) for one in opened.skipped}
        assert skipped == {place for place in PLACES if self.file(place).exists()} - readable.keys()

    def check_identities(
        self, opened: Index, report: BuildReport, readable: dict[Place, bytes], *, fresh: bool
    ) -> None:
        ids = {(row.folder, row.path): row.id for row in opened.documents()}
        if fresh:
            self.ever.clear()
        else:
            for place in ids.keys() & self.known.keys():
                assert ids[place] == self.known[place][0], "a document that stayed in its place keeps its id"
            for old, new in self.renamed(readable):
                assert ids[new] == self.known[old][0], "a document that was renamed keeps its id"
            before = {one for one, _ in self.known.values()}
            assert not (set(ids.values()) - before) & self.ever, "an id is never given twice"
            told = Counter(
                added=len(report.added), changed=len(report.changed), renamed=len(report.renamed),
                unchanged=report.unchanged,
            )  # fmt: skip
            assert told.total() == len(ids) == report.documents
            assert len(report.removed) == len(before - set(ids.values()))
        self.ever |= set(ids.values())
        self.known = {place: (ids[place], content) for place, content in readable.items()}

    def renamed(self, readable: dict[Place, bytes]) -> Iterator[tuple[Place, Place]]:
        """Pairs of places that leave no doubt: a text that vanished from one and turned up at one other."""
        gone, new = self.known.keys() - readable.keys(), readable.keys() - self.known.keys()
        for old in gone:
            targets = [place for place in new if readable[place] == self.known[old][1] and same_kind(old, place)]
            sources = [place for place in gone if self.known[place][1] == self.known[old][1] and same_kind(old, place)]
            if len(targets) == len(sources) == 1 and not self.file(old).exists():
                yield old, targets[0]

    def check_nothing_is_left_behind(self, opened: Index) -> None:
        kept = sorted(path.name for path in (self.index_dir / "generations").iterdir())
        assert len(kept) <= 2
        assert kept[-1] == opened.generation
        for name in kept:
            generations.verify(generations.folder_of(self.index_dir, name))
        assert {path.name for path in self.index_dir.iterdir()} <= {"CURRENT", "files.sqlite", "generations", "lock"}

    # the model

    def file(self, place: Place) -> Path:
        return self.root / place[0] / place[1]

    def any_file(self, data: st.DataObject) -> Path:
        files = [self.file(place) for place in PLACES if self.file(place).exists()]
        if not files:
            self.write(data)
            return self.any_file(data)
        return data.draw(st.sampled_from(files))

    def keep(self, file: Path) -> Path:
        self.kept[file] = file.read_bytes()
        return file

    def readable(self) -> dict[Place, bytes]:
        """What is an article: text with a letter in it."""
        contents = {place: self.file(place).read_bytes() for place in PLACES if self.file(place).exists()}
        return {place: data for place, data in contents.items() if b"The " in data and b"\x00" not in data}


def same_kind(one: Place, other: Place) -> bool:
    return Path(one[1]).suffix == Path(other[1]).suffix


def check_chunks(opened: Index) -> None:
    """The three stores hold the same chunks, all inside their documents, with the vectors of their words."""
    chunk_ids = opened.catalog.chunk_ids()
    assert sorted(opened.vectors.ids().tolist()) == opened.words.chunk_ids() == chunk_ids
    for chunk in opened.catalog.chunks(chunk_ids).values():
        document = opened.document(chunk.document_id)
        assert document is not None
        assert 0 <= chunk.start < chunk.end <= len(document.text)
        words = document.text[chunk.start : chunk.end]
        terms = opened.words.terms(words)
        for term in terms:
            assert chunk.id in {one for one, _ in opened.words.search([term], len(chunk_ids))}
        if len(chunk.sentences) == 1:
            assert np.allclose(opened.vectors.of([chunk.id])[0], vector_of(words), atol=2e-3)
        check_sentence_vectors(opened, chunk, document.text)


def check_sentence_vectors(opened: Index, chunk: StoredChunk, text: str) -> None:
    """Each sentence of the chunk has the vector that it has in this chunk, up to half a step of the packing."""
    expected = sentence_vectors_of(tuple(text[one.start : one.end] for one in chunk.sentences))
    found = unpack(opened.catalog.sentence_vectors([chunk.id])[chunk.id], opened.vectors.dimension)
    largest = np.abs(expected).max(axis=1, keepdims=True)
    as_long = found / np.abs(found).max(axis=1, keepdims=True) * largest
    assert found.shape == expected.shape
    assert (np.abs(as_long - expected) <= largest / LEVELS / 2 + 1e-4).all()


def check_no_orphans(index_dir: Path, opened: Index) -> None:
    catalog = generations.folder_of(index_dir, opened.generation) / generations.CATALOG
    with sqlite3.connect(f"{catalog.as_uri()}?immutable=1", uri=True) as connection:
        for table in ("texts", "chunks"):
            orphans = f"SELECT count(*) FROM {table} WHERE document_id NOT IN (SELECT id FROM documents)"
            assert connection.execute(orphans).fetchone() == (0,)
        vectors_alone = "SELECT count(*) FROM sentence_vectors WHERE chunk_id NOT IN (SELECT id FROM chunks)"
        assert connection.execute(vectors_alone).fetchone() == (0,)
        chunkless = "SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM chunks)"
        assert connection.execute(chunkless).fetchone() == (0,)
    connection.close()


def check_answers(opened: Index, readable: dict[Place, bytes]) -> None:
    """A word that one file holds finds that file, a word that none holds finds none, and quotes are exact."""
    holders = {word: [place for place, data in readable.items() if word.encode() in data] for word in WORDS}
    for word in [word for word in WORDS if not holders[word]]:
        assert opened.words.search(opened.words.terms(word), 5) == []
    alone = [word for word in WORDS if len(holders[word]) == 1][:3]
    for word in alone:
        best, *others = retrieve(word, 5, opened)
        assert [(best.folder, best.document)] == holders[word]
        for passage in (best, *others):
            document = opened.document(passage.document_id)
            assert document is not None
            assert passage.text == document.text[passage.start : passage.end]
    for word in alone[:1]:
        for citation in ask(f"What did the {word} pass?", opened).citations:
            document = opened.document(citation.document_id)
            assert document is not None
            assert citation.quote == document.text[citation.start : citation.end]


def test_after_any_operations_a_build_ends_level_with_its_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    # the real embedder, loaded once: its 90 MB are compared with their checksum at every load, 0.2 s
    loaded = embedder()
    monkeypatch.setattr(Embedder, "load", lambda name=None: loaded)
    # files at rest need not be read again, and here all are: between two writes lies a build
    monkeypatch.setattr(known_files, "SETTLED_S", -60.0)
    thorough = settings(
        max_examples=EXAMPLES or 25,
        stateful_step_count=8,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(Files, settings=thorough)
