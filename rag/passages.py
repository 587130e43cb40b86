"""Passages for a question: found by meaning and by words, fused, and picked so that the list is worth reading."""

import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.catalog import StoredChunk
from index.errors import UsageError
from index.opened import Index, open_index
from index.sentences import Sentence
from index.vectors import Matrix
from rag.fusion import fuse
from rag.question import Question, checked_question, read_question
from rag.where import Where, select

CANDIDATES = 100
"""Chunks taken from each search."""

MAX_PASSAGES = 100

DOCUMENT_SHARE = 0.6
"""Share of the list that one document fills before its next passage gives way to another document's."""

GIVES_WAY = 0.8
"""...unless what would come instead has less than this share of its score."""

SAME_WORDS = 0.85
"""Two passages of different documents that share this much of their words (Jaccard) are one report."""


@dataclass(frozen=True)
class Passage:
    """A run of sentences of a document: ``text`` is its stored text from ``start`` to ``end``."""

    document: str  # path relative to its folder
    start: int
    end: int
    text: str
    score: float  # cosine plus weighted words, see `rag.fusion`; higher is better
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    folder: str
    document_id: int
    found_by: tuple[str, ...]  # "meaning", "words" or both
    page: int | None = None  # from 1, where the passage begins; None for formats without pages
    cosine: float = field(default=0.0, compare=False)
    sentences: tuple[Sentence, ...] = field(default=(), repr=False, compare=False)

    @property
    def location(self) -> str:
        """``seeds/report.txt:120-480``"""
        return f"{self.folder}/{self.document}:{self.start}-{self.end}"


@dataclass(frozen=True)
class Found:
    """The passages for a question and what the searches measured on the way."""

    question: Question
    vector: Matrix  # of the question
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float]


def retrieve(
    question: str, k: int = 5, index: Index | str | Path | None = None, where: Where | None = None
) -> list[Passage]:
    """The ``k`` passages that fit a question best, best first; fewer where there are no more.

    index: an opened index, its folder, or None for ``$FOOTNOTED_INDEX`` or ``.footnoted``.
    where: filters, see `rag.where`: ``{"publisher": "Latin Post", "since": "2023-04"}``.

    Raises UsageError (an empty question, an unknown filter, k out of range), NoIndex, DamagedIndex, ModelError.
    """
    checked_question(question)  # before an index is looked for
    opened = opened_index(index)
    return list(find(read_question(question, opened), opened, k, where).passages)


def opened_index(index: Index | str | Path | None) -> Index:
    """The index that is meant."""
    return index if isinstance(index, Index) else open_index(index)


def find(question: Question, index: Index, k: int, where: Where | None = None) -> Found:
    """`retrieve`, with what it measured."""
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MAX_PASSAGES:
        raise UsageError(f"The number of passages is a whole number from 1 to {MAX_PASSAGES}, not {k!r}.")
    started = time.perf_counter()
    selected = select(index, where)
    vector = index.embedder.encode_question(question.text)
    embedded = time.perf_counter()
    dense = dict(index.nearest(vector, CANDIDATES, selected.chunks if selected else None))
    words = dict(index.words.search(question.terms, CANDIDATES, selected.documents if selected else None))
    cosines = {**_cosines(words.keys() - dense.keys(), vector, index), **dense}
    fused = fuse(cosines, words, sum(question.weights.values()))
    found_by = {"meaning": dense.keys(), "words": words.keys()}
    passages = tuple(_passage(chunk, fused, cosines, found_by, index) for chunk in _picked(fused, index, k))
    ended = time.perf_counter()
    timings = {"question vector": (embedded - started) * 1000, "search": (ended - embedded) * 1000}
    return Found(question, vector, passages, timings)


def _cosines(chunk_ids: Collection[int], vector: Matrix, index: Index) -> dict[int, float]:
    """The cosines of chunks that only the words found: fusion then compares like with like."""
    ids = sorted(chunk_ids)
    return dict(zip(ids, (index.vectors.of(ids) @ vector).tolist(), strict=True))


def _picked(fused: Mapping[int, float], index: Index, k: int) -> list[StoredChunk]:
    """The best ``k`` chunks, of different documents where that costs little, without copies of one report."""
    ranked = sorted(fused, key=lambda chunk: (-fused[chunk], chunk))[: max(4 * k, 20)]
    stored = index.catalog.chunks(ranked)
    waiting = [stored[chunk] for chunk in ranked]
    picked: list[StoredChunk] = []
    while waiting and len(picked) < k:
        chunk = waiting.pop(_next(waiting, picked, fused, k))
        if not _is_copy(chunk, picked, index):
            picked.append(chunk)
    return picked


def _next(waiting: list[StoredChunk], picked: list[StoredChunk], fused: Mapping[int, float], k: int) -> int:
    """The place of the next chunk: the best one, or that of a document which has had less of the list."""
    held = Counter(chunk.document_id for chunk in picked)
    most = max(1, round(DOCUMENT_SHARE * k))
    if held[waiting[0].document_id] < most:
        return 0
    enough = GIVES_WAY * fused[waiting[0].id]
    for place, chunk in enumerate(waiting):
        if fused[chunk.id] < enough:
            return 0
        if held[chunk.document_id] < most:
            return place
    return 0


def _is_copy(chunk: StoredChunk, picked: Sequence[StoredChunk], index: Index) -> bool:
    others = [other for other in picked if other.document_id != chunk.document_id]
    words = _words_of(chunk, index) if others else set()
    for other in others:
        other_words = _words_of(other, index)
        if len(words & other_words) >= SAME_WORDS * len(words | other_words):
            return True
    return False


def _words_of(chunk: StoredChunk, index: Index) -> set[str]:
    return set(index.words.terms(stored_text(chunk.document_id, index)[chunk.start : chunk.end]))


def stored_text(document_id: int, index: Index) -> str:
    """The stored text of a document that is in the index."""
    document = index.document(document_id)
    assert document is not None, f"chunk of a document {document_id} that is not there"
    return document.text


def _passage(
    chunk: StoredChunk,
    fused: Mapping[int, float],
    cosines: Mapping[int, float],
    found_by: Mapping[str, Collection[int]],
    index: Index,
) -> Passage:
    document = index.document(chunk.document_id)
    assert document is not None
    return Passage(
        document=document.path,
        start=chunk.start,
        end=chunk.end,
        text=document.text[chunk.start : chunk.end],
        score=round(fused[chunk.id], 6),
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        published=document.published,
        folder=document.folder,
        document_id=document.id,
        found_by=tuple(side for side, chunks in found_by.items() if chunk.id in chunks),
        page=document.page_at(chunk.start),
        cosine=cosines[chunk.id],
        sentences=chunk.sentences,
    )
