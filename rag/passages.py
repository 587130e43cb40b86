"""Passages for a question: found by meaning and by words, fused, and picked so that the list is worth reading."""

import heapq
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from index.blas import one_blas_thread
from index.catalog import DocumentRow, StoredChunk, StoredDocument
from index.chunk import MAX_GAP
from index.copies import READ_CHARACTERS
from index.errors import UsageError
from index.opened import Index, open_index
from index.sentences import Sentence
from index.vectors import Matrix
from rag.evidence import Asked, Evidence, Told, read_sentences
from rag.fusion import fuse
from rag.question import Question, checked_question, read_question
from rag.rerank import Reranker
from rag.where import Where, nothing_passes, select, unknown_values

CANDIDATES = 100
"""Chunks taken from each search."""

READ = 30
"""Of the candidates, how many have their sentences read: 20 find as much, at 1, 3 and 5."""

READ_PER_PASSAGE = 3
"""...and more where many passages are asked for, which may be copies of each other."""

PASSAGE_CHARACTERS = 1_200
"""A chunk is shown with the sentences around it up to this length (1,100 on average, where chunks have 880), so that
what a chunk's border cut is whole: 0.744 found at once instead of 0.720 on one public set."""

MAX_PASSAGES = 100

SCORE_DIGITS = 6
"""Of a score: scores that differ by less are equal, as of one text that two searches found."""

REPORT_SHARE = 0.6
"""Share of the list that one report fills, be it in one document or in copies of it, before its next passage gives way
to another report's."""

GIVES_WAY = 0.8
"""...unless what would come instead has less than this share of its score."""

SAME_WORDS = 0.85
"""Passages of different reports that share this much of their words (Jaccard) say the same, as a statement does that
two reports quote."""

SAME_RUNS = 0.8
"""Of the runs of three words of a passage that stand in a copy which is listed already: then it says nothing more. One
word in twenty may differ; a sentence of its own among four makes it a passage in its own right."""

RUN_WORDS = 3

log = logging.getLogger("footnoted")


@dataclass(frozen=True)
class Passage:
    """A run of sentences of a document: ``text`` is its stored text from ``start`` to ``end``."""

    document: str  # path relative to its folder
    start: int
    end: int
    text: str
    score: float  # see `rag.fusion` and `rag.evidence`, or the reranker's, 0..1; higher is better
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    folder: str
    document_id: int
    found_by: tuple[str, ...]  # "meaning", "words" or both
    page: int | None = None  # from 1, where the passage begins; None for formats without pages
    language: str | None = None  # of the document: en, es
    report: int = 0  # the same for all documents that are copies of one report
    copies: tuple[str, ...] = ()  # ``folder/path`` of those, and of others left out because they say the same here
    cosine: float = field(default=0.0, compare=False)  # of the chunk it was found by
    told: tuple[Told, ...] = field(default=(), repr=False, compare=False)  # the sentences of that chunk
    # those of chunks that were left out because this passage shows the best one of each
    also_told: tuple[Told, ...] = field(default=(), repr=False, compare=False)

    @property
    def all_told(self) -> list[Told]:
        """Both, in the order of the document, each once."""
        return sorted({one.sentence.start: one for one in (*self.also_told, *self.told)}.values(), key=_start)

    @property
    def location(self) -> str:
        """``seeds/report.txt:120-480``"""
        return f"{self.folder}/{self.document}:{self.start}-{self.end}"


def _start(told: Told) -> int:
    return told.sentence.start


@dataclass(frozen=True)
class Found:
    """The passages for a question and what the searches measured on the way."""

    question: Question
    passages: tuple[Passage, ...]
    timings_ms: Mapping[str, float]
    searched_chunks: int  # those of the index, or those that pass the filters


def retrieve(
    question: str,
    k: int = 5,
    index: Index | str | Path | None = None,
    where: Where | None = None,
    reranker: Reranker | str | Path | None = None,
) -> list[Passage]:
    """The ``k`` passages that fit a question best, best first; fewer where there are no more.

    Of copies of one report, what says the same is listed once, with the names of the others in ``copies``: the best
    score, then the earliest date, then the name.

    index: an opened index, its folder, or None for ``$FOOTNOTED_INDEX`` or ``.footnoted``.
    where: filters, see `rag.where`: ``{"publisher": "Latin Post", "since": "2023-04"}``. Where no document passes them,
    the list is empty and a warning is logged that names the filter; so it is for one of several values that is unknown.
    reranker: a CrossEncoder, its folder or name, that puts the best passages in order, see `rag.rerank`.

    Raises UsageError (an empty question, an unknown filter, k out of range), NoIndex, DamagedIndex, ModelError.
    """
    checked_question(question)  # before an index is looked for
    opened = opened_index(index)
    for reason in (*nothing_passes(opened, where), *unknown_values(opened, where)):
        log.warning(reason)
    order = None if reranker is None else Reranker.open(reranker)
    return list(find(read_question(question, opened), opened, k, where, order).passages)


def opened_index(index: Index | str | Path | None) -> Index:
    """The index that is meant."""
    return index if isinstance(index, Index) else open_index(index)


@one_blas_thread()
def find(
    question: Question, index: Index, k: int, where: Where | None = None, reranker: Reranker | None = None
) -> Found:
    """`retrieve`, with what it measured."""
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MAX_PASSAGES:
        raise UsageError(f"The number of passages is a whole number from 1 to {MAX_PASSAGES}, not {k!r}.")
    started = time.perf_counter()
    selected = select(index, where)
    asked = Asked.of(question, index)
    vector = asked.vector
    embedded = time.perf_counter()
    dense = dict(index.nearest(vector, CANDIDATES, selected.chunks if selected else None))
    words = dict(index.words.search(question.terms, CANDIDATES, selected.documents if selected else None))
    cosines = {**_cosines(words.keys() - dense.keys(), vector, index), **dense}
    fused = fuse(cosines, words, sum(question.weights.values()))
    read = partial(_read, asked=asked, index=index)
    evidence = read(heapq.nlargest(max(READ, READ_PER_PASSAGE * k), fused, key=lambda chunk: (fused[chunk], -chunk)))
    scores = {**fused, **{chunk: fused[chunk] + one.score for chunk, one in evidence.items()}}
    searched = time.perf_counter()
    if reranker:
        scores = _reranked(scores, evidence, question, reranker, index)
    reranked = time.perf_counter()
    picked = _picked(scores, evidence, index, k)
    wanted = [chunk for pick in picked for chunk in (pick.chunk.id, *pick.also)]
    evidence |= read([chunk for chunk in wanted if chunk not in evidence])  # many copies came before
    found_by = {"meaning": dense.keys(), "words": words.keys()}
    passages = tuple(
        _passage(pick, copies, scores, cosines, found_by, evidence, index)
        for pick, copies in zip(picked, _copies(picked, index), strict=True)
    )
    ended = time.perf_counter()
    reranking = {"reranking": (reranked - searched) * 1000} if reranker else {}
    search = (ended - reranked + searched - embedded) * 1000
    timings = {"question vector": (embedded - started) * 1000, "search": search, **reranking}
    return Found(question, passages, timings, len(selected.chunks) if selected else index.manifest.chunks)


def _reranked(
    scores: Mapping[int, float], evidence: Mapping[int, Evidence], question: Question, reranker: Reranker, index: Index
) -> dict[int, float]:
    """The reranker's scores, 0..1, of the chunks whose sentences were read; all others come after them, below 0."""
    rows = index.catalog.chunks(evidence)
    titles = {chunk: stored_document(row.document_id, index).title for chunk, row in rows.items()}
    highest = max(scores.values(), default=0.0) + 1
    behind = {chunk: score - highest for chunk, score in scores.items()}
    return {**behind, **reranker.scores(question.text, evidence, titles)}


def _read(chunk_ids: Sequence[int], asked: Asked, index: Index) -> dict[int, Evidence]:
    chunks = list(index.catalog.chunks(chunk_ids).values())
    documents = {chunk.document_id: stored_document(chunk.document_id, index) for chunk in chunks}
    return read_sentences(chunks, documents, asked, index)


def _cosines(chunk_ids: Collection[int], vector: Matrix, index: Index) -> dict[int, float]:
    """The cosines of chunks that only the words found: fusion then compares like with like."""
    ids = sorted(chunk_ids)
    return dict(zip(ids, (index.vectors.of(ids) @ vector).tolist(), strict=True))


@dataclass
class _Pick:
    """A chunk that is listed or may be, and the documents of other reports that say the same and were left out.

    ``shown`` is the place of its passage, once it is listed: the chunk with sentences around it.
    """

    chunk: StoredChunk
    report: int
    shown: tuple[int, int] = (0, 0)
    words: set[str] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    also: list[int] = field(default_factory=list)  # chunks whose best sentence this one's passage shows


def _picked(scores: Mapping[int, float], evidence: Mapping[int, Evidence], index: Index, k: int) -> list[_Pick]:
    """The best ``k`` chunks, of different reports where that costs little; what says the same is listed once."""
    ranked, block = _ranked(scores, index), max(4 * k, 20)
    picked: list[_Pick] = []
    waiting: list[_Pick] = []
    told_in = cache(partial(_told_in, index=index))
    while len(picked) < k and (waiting or ranked):
        if not waiting:
            waiting, ranked = _stored(ranked[:block], index), ranked[block:]
        pick = waiting.pop(_next(waiting, picked, scores, k))
        best = evidence[pick.chunk.id].best.sentence if pick.chunk.id in evidence else pick.chunk.sentences[0]
        shown_by = _shown_by(best, pick.chunk, picked)
        if shown_by:
            shown_by.also.append(pick.chunk.id)
        elif not _is_told(pick, picked, told_in, index):
            pick.shown = _with_surroundings(pick, best, picked, index)
            picked.append(pick)
    return picked


def _shown_by(best: Sentence, chunk: StoredChunk, picked: Sequence[_Pick]) -> _Pick | None:
    """The listed passage of the same document that holds what speaks for a chunk, if there is one."""
    for pick in picked:
        in_document = pick.chunk.document_id == chunk.document_id
        if in_document and pick.shown[0] <= best.start and best.end <= pick.shown[1]:
            return pick
    return None


def _with_surroundings(pick: _Pick, best: Sentence, picked: Sequence[_Pick], index: Index) -> tuple[int, int]:
    """The chunk and whole sentences around it, up to PASSAGE_CHARACTERS; first on the side where its best one is.

    What a listed passage shows, of this document or another, is not taken in again.
    """
    chunk = pick.chunk
    around = index.catalog.chunks([chunk.id - 1, chunk.id + 1]).values()
    near = [one for other in around if other.document_id == chunk.document_id for one in other.sentences]
    before = sorted((one for one in near if one.end <= chunk.start), key=lambda one: -one.end)
    after = sorted((one for one in near if one.start >= chunk.end), key=lambda one: one.start)
    sides = {side: list(_not_shown(sentences, pick, picked, index)) for side, sentences in enumerate((before, after))}
    start, end = chunk.start, chunk.end
    while True:
        nearer = 0 if best.start - start <= end - best.end else 1
        for side in (nearer, 1 - nearer):
            if sides[side] and _fits(sides[side][0], start, end):
                sentence = sides[side].pop(0)
                start, end = min(start, sentence.start), max(end, sentence.end)
                break
        else:
            return start, end


def _not_shown(sentences: Sequence[Sentence], pick: _Pick, picked: Sequence[_Pick], index: Index) -> Iterator[Sentence]:
    """The sentences up to the first that a listed passage shows, word for word."""
    shown = [stored_text(other.chunk.document_id, index)[slice(*other.shown)] for other in picked]
    text = stored_text(pick.chunk.document_id, index)
    for sentence in sentences:
        if any(text[sentence.start : sentence.end] in words for words in shown):
            return
        yield sentence


def _fits(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a passage may take in a sentence beside it: left-out text between them must be short."""
    gap = max(start - sentence.end, sentence.start - end)
    return gap <= MAX_GAP and max(end, sentence.end) - min(start, sentence.start) <= PASSAGE_CHARACTERS


def _ranked(scores: Mapping[int, float], index: Index) -> list[int]:
    """The chunks, best first; of equal scores the earlier article, then by name and place."""
    rounded = {chunk: round(score, SCORE_DIGITS) for chunk, score in scores.items()}
    shared = Counter(rounded.values())
    ties = _stored([chunk for chunk, score in rounded.items() if shared[score] > 1], index)
    rows = index.catalog.document_rows(tie.chunk.document_id for tie in ties) if ties else {}
    places = {tie.chunk.id: _place_in_time(rows[tie.chunk.document_id]) for tie in ties}
    return sorted(rounded, key=lambda chunk: (-rounded[chunk], places.get(chunk, ()), chunk))


def _place_in_time(document: DocumentRow) -> tuple[bool, str, str]:
    return document.published is None, document.published or "", document.name


def _stored(chunk_ids: Sequence[int], index: Index) -> list[_Pick]:
    stored = index.catalog.chunks(chunk_ids)
    reports = index.catalog.reports_of(chunk.document_id for chunk in stored.values())
    return [_Pick(stored[one], reports[stored[one].document_id]) for one in chunk_ids]


def _next(waiting: Sequence[_Pick], picked: Sequence[_Pick], scores: Mapping[int, float], k: int) -> int:
    """The place of the next chunk: the best one, or that of a report which has had less of the list."""
    held = Counter(pick.report for pick in picked)
    most = max(1, round(REPORT_SHARE * k))
    if held[waiting[0].report] < most:
        return 0
    enough = GIVES_WAY * scores[waiting[0].chunk.id]
    for place, pick in enumerate(waiting):
        if scores[pick.chunk.id] < enough:
            return 0
        if held[pick.report] < most:
            return place
    return 0


def _is_told(pick: _Pick, picked: Sequence[_Pick], told_in: Callable[[int], str], index: Index) -> bool:
    """Whether a chunk says nothing that those of other documents do not; they keep its document to name it."""
    others = [other for other in picked if other.chunk.document_id != pick.chunk.document_id]
    listed = {other.chunk.document_id for other in others if other.report == pick.report}
    if listed and _stands_in(pick.chunk, map(told_in, listed), index):
        return True
    text = stored_text(pick.chunk.document_id, index)
    pick.words = set(index.words.terms(text[pick.chunk.start : pick.chunk.end]))
    for other in others:
        if len(pick.words & other.words) >= SAME_WORDS * len(pick.words | other.words):
            other.left_out.add(pick.chunk.document_id)
            return True
    return False


def _stands_in(chunk: StoredChunk, told: Iterable[str], index: Index) -> bool:
    """Whether the sentences of a chunk stand in what one other document tells, wherever its chunks begin and end."""
    text = stored_text(chunk.document_id, index)
    said = " ".join(text[sentence.start : sentence.end] for sentence in chunk.sentences if not sentence.heading)
    terms = index.words.terms(said)
    runs = [f" {' '.join(terms[at : at + RUN_WORDS])} " for at in range(max(1, len(terms) - RUN_WORDS + 1))]
    return any(sum(run in text for run in runs) >= SAME_RUNS * len(runs) for text in told)


def _told_in(document_id: int, index: Index) -> str:
    """The terms of a document, as far as it was compared with its copies, with a blank around each."""
    return f" {' '.join(index.words.terms(stored_text(document_id, index)[:READ_CHARACTERS]))} "


def _copies(picked: Sequence[_Pick], index: Index) -> Iterator[tuple[str, ...]]:
    """For each pick the names of the documents that are copies of its report, or were left out for it."""
    names = index.catalog.names_in({pick.report for pick in picked})
    others = index.catalog.document_rows({document for pick in picked for document in pick.left_out})
    for pick in picked:
        named = {**names[pick.report], **{one: others[one].name for one in pick.left_out}}
        yield tuple(sorted(name for one, name in named.items() if one != pick.chunk.document_id))


def stored_document(document_id: int, index: Index) -> StoredDocument:
    """A document that is in the index, with its stored text."""
    document = index.document(document_id)
    assert document is not None, f"chunk of a document {document_id} that is not there"
    return document


def stored_text(document_id: int, index: Index) -> str:
    """The stored text of a document that is in the index."""
    return stored_document(document_id, index).text


def _passage(
    pick: _Pick,
    copies: tuple[str, ...],
    scores: Mapping[int, float],
    cosines: Mapping[int, float],
    found_by: Mapping[str, Collection[int]],
    evidence: Mapping[int, Evidence],
    index: Index,
) -> Passage:
    document = stored_document(pick.chunk.document_id, index)
    start, end = pick.shown
    chunk_id = pick.chunk.id
    return Passage(
        document=document.path,
        start=start,
        end=end,
        text=document.text[start:end],
        score=round(scores[chunk_id], SCORE_DIGITS),
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        published=document.published,
        folder=document.folder,
        document_id=document.id,
        found_by=tuple(side for side, chunks in found_by.items() if chunk_id in chunks),
        page=document.page_at(start),
        language=document.language,
        report=pick.report,
        copies=copies,
        cosine=cosines[chunk_id],
        told=evidence[chunk_id].told,
        also_told=tuple(one for also in pick.also for one in evidence[also].told),
    )
