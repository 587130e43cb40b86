"""The three parts of the next generation, written aside: catalog, vectors and words, under the same chunk ids."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.catalog import Catalog, CatalogWriter
from index.chunk import Chunk, Measure, chunk
from index.difference import Difference
from index.embed import Embedder
from index.errors import BuildFailed
from index.first_pass import FirstPass, make_first_pass
from index.folders import Found, Skipped
from index.generations import CATALOG, FIRST_PASS, VECTORS, WORDS
from index.journal import Journal
from index.load import load
from index.vectors import Matrix, Vectors
from index.words import Words, WordsWriter, copy_words

BLOCK = 512
"""Chunks embedded, journaled and stored at a time: enough to sort by length, little to lose."""


@dataclass
class _Waiting:
    """Chunks that are in the catalog and still to be embedded."""

    ids: list[int] = field(default_factory=list)
    document_ids: list[int] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def add(self, chunk_id: int, document_id: int, one: Chunk) -> None:
        self.ids.append(chunk_id)
        self.document_ids.append(document_id)
        self.chunks.append(one)


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
        self.notes: list[tuple[str, str]] = []
        self.embedded = 0
        self._unfinished = unfinished
        self._embedder = embedder
        self._measure = Measure(embedder.count, embedder.token_offsets, embedder.identity.max_tokens)
        self._journal = journal
        self._tell = tell
        self._waiting = _Waiting()
        self._removed: list[int] = []
        self._catalog_before = catalog_before
        self._vectors_before = Vectors.read(source / VECTORS) if source else None
        self.first_pass = first_pass_before
        self._start_from(source)

    def _start_from(self, source: Path | None) -> None:
        if source:
            shutil.copyfile(source / CATALOG, self._unfinished / CATALOG)
            copy_words(source / WORDS, self._unfinished / WORDS)
            self._vectors = Vectors.read(source / VECTORS, to_change=True)
        else:
            self._vectors = Vectors.empty(self._embedder.identity.dimension)
        self._catalog = CatalogWriter(self._unfinished / CATALOG)
        self._words = WordsWriter(self._unfinished / WORDS)

    def __enter__(self) -> "Making":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._catalog.close()
        if kind:
            self._words.abandon()

    def apply(self, difference: Difference) -> None:
        """Removes, renames, changes and adds documents, and closes the three parts."""
        self.skipped.extend(difference.skipped)
        for document_id, name in difference.removed:
            self._remove(document_id)
            self.removed.append(name)
        for document_id, _, found in difference.renamed:
            self._catalog.rename(document_id, found)
        work = [*difference.changed, *((None, found) for found in difference.added)]
        for done, (known_id, found) in enumerate(work):
            self._tell("reading", done, len(work))
            self._take_in(known_id, found)
            if len(self._waiting.ids) >= BLOCK:
                self._write_waiting()
        self._write_waiting()
        self.skipped.sort(key=lambda one: (one.folder, one.path))
        self._close()

    def _close(self) -> None:
        self._catalog.set_skipped(self.skipped)
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
            self._waiting.add(self._catalog.add_chunk(document_id, one), document_id, one)
        self.notes.extend((name, note) for note in document.notes)
        (self.added if known_id is None else self.changed).append(name)

    def _remove(self, document_id: int) -> None:
        chunk_ids = self._catalog.remove(document_id)
        self._removed.extend(chunk_ids)
        for chunk_id in chunk_ids:
            self._words.remove(chunk_id)

    def _write_waiting(self) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        vectors = self._vectors_for(waiting.chunks)
        if waiting.ids:
            self._vectors.add(waiting.ids, vectors)
        for chunk_id, document_id, one in zip(waiting.ids, waiting.document_ids, waiting.chunks, strict=True):
            self._words.add(chunk_id, document_id, one.searched_text)

    def _vectors_for(self, chunks: Sequence[Chunk]) -> Matrix:
        """The vectors of these chunks (n x dimension): known ones are taken over, each other text is embedded once."""
        import numpy as np

        keys = [one.key for one in chunks]
        texts = {key: one.searched_text for key, one in zip(keys, chunks, strict=True)}
        known = {key: vector for key in texts if (vector := self._known_vector(key)) is not None}
        known.update(self._embed({key: text for key, text in texts.items() if key not in known}))
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, 0), dtype=np.float32)

    def _known_vector(self, key: str) -> Matrix | None:
        vector = self._journal.get(key)
        if vector is None and self._catalog_before and self._vectors_before:
            chunk_id = self._catalog_before.chunk_with_key(key)
            vector = None if chunk_id is None else self._vectors_before.of([chunk_id])[0]
        return vector

    def _embed(self, texts: Mapping[str, str]) -> dict[str, Matrix]:
        if not texts:
            return {}
        told = self.embedded
        vectors = self._embedder.encode_texts(
            list(texts.values()), lambda done: self._tell("embedding", told + done, told + len(texts))
        )
        self.embedded += len(texts)
        made = dict(zip(texts, vectors, strict=True))
        self._journal.put(made)
        return made


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
