"""The three parts of the next generation, written aside: catalog, vectors and words, under the same chunk ids.

While the model works on one block of chunks, the files of the next are read and cut.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate, chain
from pathlib import Path

import numpy as np

from index.catalog import Catalog, CatalogWriter
from index.chunk import Chunk, Measure, chunk
from index.difference import Difference
from index.embed import Embedder
from index.errors import BuildFailed
from index.first_pass import FirstPass, make_first_pass
from index.folders import Found, Skipped
from index.generations import CATALOG, FIRST_PASS, VECTORS, WORDS, read_manifest
from index.journal import Journal
from index.load import load
from index.read_text import encoding_note
from index.sentence_vectors import ChunkVectors, pack
from index.vectors import Matrix, Vectors
from index.word_vectors import pack_words, word_spans
from index.words import Words, WordsWriter, copy_words

BLOCK = 512
"""Chunks embedded, journaled and stored at a time: enough to sort by length, little to lose."""

FIRST_BLOCK = 64
"""Of the first block: the model begins after 0.1 s of reading instead of 0.8."""


@dataclass(frozen=True)
class _Parts:
    """The parts of a chunk that have vectors of their own: its sentences, and the words of each."""

    sentences: Sequence[tuple[int, int]]
    words: Sequence[Sequence[tuple[int, int]]]

    @classmethod
    def of(cls, one: Chunk, *, words: bool) -> "_Parts":
        """Without ``words`` no word has one."""
        return cls(one.spans, word_spans(one.searched_text, one.spans) if words else [[] for _ in one.spans])

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the parts stand in the searched text of the chunk, sentences first."""
        return [*self.sentences, *chain.from_iterable(self.words)]

    def packed(self, vectors: Matrix) -> tuple[bytes, bytes]:
        """The vectors of ``spans`` as they are kept."""
        of_sentences, of_words = vectors[: len(self.sentences)], vectors[len(self.sentences) :]
        borders = list(accumulate(map(len, self.words)))
        return pack(of_sentences), pack_words(np.split(of_words, borders)[:-1])


@dataclass
class _Block:
    """Chunks that are in the catalog and not yet in the other parts."""

    ids: list[int] = field(default_factory=list)
    document_ids: list[int] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    known: dict[str, ChunkVectors] = field(default_factory=dict)  # by key: vectors that need not be computed
    unknown: dict[str, Chunk] = field(default_factory=dict)  # by key
    # of the unknown chunks, while they are computed
    vectors: "Future[tuple[Matrix, list[tuple[bytes, bytes]]]] | None" = None

    def add(self, chunk_id: int, document_id: int, one: Chunk) -> None:
        self.ids.append(chunk_id)
        self.document_ids.append(document_id)
        self.chunks.append(one)


class _Stopped(Exception):
    """The build ended while a block was embedded."""


@cache
def _model_thread() -> ThreadPoolExecutor:
    """One for all builds: a new thread each time brings new pools of memory, 180 MB after twenty builds."""
    return ThreadPoolExecutor(max_workers=1)


if hasattr(os, "register_at_fork"):  # the child of a fork has this object and not its thread
    os.register_at_fork(after_in_child=_model_thread.cache_clear)


class Making:
    """A generation while it is written; starts from a copy of the one in ``source``, or from nothing.

    Afterwards ``added``, ``changed``, ``removed`` (names), ``skipped``, ``notes`` and ``embedded`` say what
    was done, and ``first_pass`` how its vectors are to be searched.
    """

    def __init__(
        self,
        unfinished: Path,
        source: Path | None,
        catalog_before: Catalog | None,
        first_pass_before: FirstPass | None,
        embedder: Embedder,
        journal: Journal,
        tell: Callable[[str, int, int], None],
    ) -> None:
        self.added: list[str] = []
        self.changed: list[str] = []
        self.removed: list[str] = []
        self.skipped: list[Skipped] = []
        self.notes: dict[tuple[str, str], None] = {}
        self.embedded = 0
        self._unfinished = unfinished
        self._embedder = embedder
        self._measure = Measure(embedder.count, embedder.token_offsets, embedder.identity.max_tokens)
        self._journal = journal
        self._tell = tell
        self._reading = _Block()
        self._embedding: _Block | None = None
        self._stop = threading.Event()
        self._chunks_read, self._chunks_done, self._share_read = 0, 0, 0.0
        self._removed: list[int] = []
        self._catalog_before = catalog_before
        self._vectors_before = Vectors.read(source / VECTORS) if source else None
        self.first_pass = first_pass_before
        self._start_from(source)

    def _start_from(self, source: Path | None) -> None:
        if source:
            shutil.copyfile(source / CATALOG, self._unfinished / CATALOG)
            listed = (name.partition("/") for name in read_manifest(source).files)
            names = [name for part, _, name in listed if part == WORDS]
            copy_words(source / WORDS, self._unfinished / WORDS, names)
            self._vectors = Vectors.read(source / VECTORS, to_change=True)
        else:
            self._vectors = Vectors.empty(self._embedder.identity.dimension)
        self._catalog = CatalogWriter(self._unfinished / CATALOG)
        self._words = WordsWriter(self._unfinished / WORDS)

    def __enter__(self) -> "Making":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._stop.set()
        if self._embedding and self._embedding.vectors:
            wait([self._embedding.vectors])
        self._catalog.close()
        if kind:
            self._words.abandon()

    def apply(self, difference: Difference) -> None:
        """Removes, renames, changes and adds documents, and closes the three parts."""
        self.skipped.extend(difference.skipped)
        for document_id, name in difference.removed:
            self._remove(document_id)
            self.removed.append(name)
        self._catalog.rename({document_id: found for document_id, _, found in difference.renamed})
        work = [*difference.changed, *((None, found) for found in difference.added)]
        for done, (known_id, found) in enumerate(work):
            if not self._embedding:
                self._tell("reading", done, len(work))
            self._take_in(known_id, found)
            self._share_read = (done + 1) / len(work)
            if len(self._reading.ids) >= (BLOCK if self._embedding else min(FIRST_BLOCK, BLOCK)):
                self._next_block()
        self._next_block()
        self._finish_block()
        self.skipped.sort(key=lambda one: (one.folder, one.path))
        self._close()

    def _close(self) -> None:
        self._catalog.set_skipped(self.skipped)
        self._catalog.group_copies(lambda done, total: self._tell("comparing", done, total))
        self._catalog.commit()
        self._words.commit()
        # all at once: FAISS moves every vector for each call, 13 ms at 100,000; ids are never given twice
        self._vectors.remove(self._removed)
        self._vectors.write(self._unfinished / VECTORS)
        self._write_first_pass()

    def _write_first_pass(self) -> None:
        before = self._vectors_before or Vectors.empty(self._embedder.dimension)
        self.first_pass = make_first_pass(self._vectors, self.first_pass, before.ids())
        if self.first_pass:
            self.first_pass.write(self._unfinished / FIRST_PASS)

    def _take_in(self, known_id: int | None, found: Found) -> None:
        """Reads a file; one that cannot be read any more leaves the index, with its reason."""
        name = f"{found.folder}/{found.path}"
        if known_id is not None:
            self._remove(known_id)
        document = load(found)
        if isinstance(document, Skipped):
            self.skipped.append(document)
            self.removed.extend([name] if known_id is not None else [])
            return
        document_id = self._catalog.add(document, known_id)
        for one in chunk(document, self._measure):
            self._reading.add(self._catalog.add_chunk(document_id, one), document_id, one)
            self._chunks_read += 1
        self.notes |= dict.fromkeys((_noted(found, note), note) for note in document.notes)
        (self.added if known_id is None else self.changed).append(name)

    def _remove(self, document_id: int) -> None:
        chunk_ids = self._catalog.remove(document_id)
        self._removed.extend(chunk_ids)
        for chunk_id in chunk_ids:
            self._words.remove(chunk_id)

    def _next_block(self) -> None:
        """Finishes the block that is being embedded, and begins with the one that was read meanwhile."""
        self._finish_block()
        block, self._reading = self._reading, _Block()
        chunks = {one.key: one for one in block.chunks}
        block.known = {key: vectors for key in chunks if (vectors := self._known_vectors(key)) is not None}
        block.unknown = {key: one for key, one in chunks.items() if key not in block.known}
        if block.unknown:
            texts = [one.searched_text for one in block.unknown.values()]
            parts = [_Parts.of(one, words=self._embedder.has_piece_vectors) for one in block.unknown.values()]
            spans = [one.spans for one in parts]
            block.vectors = _model_thread().submit(
                self._embedder.encode_chunks, texts, spans, self._went_on, lambda row, of_row: parts[row].packed(of_row)
            )
        self._embedding = block

    def _finish_block(self) -> None:
        """Waits for the vectors of the block that is being embedded, keeps them, and writes vectors and words."""
        block = self._embedding
        if block is None:
            return
        if block.vectors:
            wholes, packed = block.vectors.result()
            vectors = (ChunkVectors(whole, *parts) for whole, parts in zip(wholes, packed, strict=True))
            made = dict(zip(block.unknown, vectors, strict=True))
            self._journal.put(made)
            block.known.update(made)
            self.embedded += len(made)
        if block.ids:
            known = [block.known[one.key] for one in block.chunks]
            self._vectors.add(block.ids, np.stack([one.whole for one in known]))
            self._catalog.add_sentence_vectors(dict(zip(block.ids, known, strict=True)))
        for chunk_id, document_id, one in zip(block.ids, block.document_ids, block.chunks, strict=True):
            self._words.add(chunk_id, document_id, one.searched_text)
        self._chunks_done += len(block.ids)
        self._embedding = None

    def _known_vectors(self, key: str) -> ChunkVectors | None:
        vectors = self._journal.get(key)
        if vectors is None and self._catalog_before and self._vectors_before:
            chunk_id = self._catalog_before.chunk_with_key(key)
            if chunk_id is not None:
                of_parts = self._catalog_before.part_vectors([chunk_id])[chunk_id]
                vectors = ChunkVectors(self._vectors_before.of([chunk_id])[0], *of_parts)
        return vectors

    def _went_on(self, embedded: int) -> None:
        """Told by the thread that embeds. How many chunks there will be is reckoned from the share of files read."""
        if self._stop.is_set():
            raise _Stopped
        self._tell("embedding", self._chunks_done + embedded, round(self._chunks_read / self._share_read))


def _noted(found: Found, note: str) -> str:
    """What a note is about: of the encoding the whole file, so that it is not said of each of its rows."""
    whole = found.part and note == encoding_note(found.part.layout.encoding)
    return f"{found.folder}/{found.file_path if whole else found.path}"


def verify_parts(folder: Path) -> tuple[int, int]:
    """The numbers of documents and chunks of a generation whose parts agree. Raises BuildFailed if they do not."""
    catalog = Catalog(folder / CATALOG)
    try:
        problems = [*catalog.problems(), *_disagreements(folder, catalog.chunk_ids())]
        counts = catalog.counts()
    finally:
        catalog.close()
    if problems:
        raise BuildFailed(
            f"The new index did not pass its check ({'; '.join(problems)}); the index is as it was before. "
            "Try: footnoted build --fresh"
        )
    return counts


def _disagreements(folder: Path, chunk_ids: list[int]) -> Iterator[str]:
    vectors = Vectors.read(folder / VECTORS)
    if vectors.ids().tolist() != chunk_ids:
        yield "vectors and chunks differ"
    if (folder / FIRST_PASS).exists() and FirstPass.count(folder / FIRST_PASS) != len(vectors):
        yield "vectors and their first pass differ"
    if Words(folder / WORDS).chunk_ids() != chunk_ids:
        yield "words and chunks differ"
