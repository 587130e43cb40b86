"""Measures on a question set: passages found, answers quoted, refusals right.

A question set is a JSONL file, one question a line: ``id``, ``question``, ``doc`` (the file that answers, null
for none), ``answerable`` (true if missing), and where the answer stands: ``spans`` ([start, end) offsets in
``doc``) or ``quotes`` (exact words of ``doc``), with ``also`` ([{"doc", "quote"}]) for other places that answer.
"""

import hashlib
import json
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import build, open_index
from index.errors import DamagedIndex, UsageError
from index.folders import expanded
from index.models import cache_folder
from index.opened import Index
from index.sync import Progress
from rag.answer import Answer, ask
from rag.citations import Citation
from rag.passages import Passage, retrieve
from rag.question import checked_question

DEPTH = 10
"""Passages looked at for hit@k and MRR."""


@dataclass(frozen=True)
class Place:
    """A span of a document that answers."""

    document_id: int
    start: int
    end: int


@dataclass(frozen=True)
class Case:
    """A question of a set. ``kind`` is "answerable", "near miss" or "off-corpus"."""

    id: str
    question: str
    kind: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a question."""

    case: Case
    answer: Answer
    passage_rank: int | None  # from 1; of the first passage that holds a whole span
    in_first_quote: bool
    in_answer: bool
    milliseconds: float


@dataclass(frozen=True)
class Evaluation:
    """The measures of a set. Shares are 0..1; None where a set has no question of that kind."""

    questions: int
    answerable: int
    hit_at_1: float | None
    hit_at_3: float | None
    hit_at_5: float | None
    mrr_at_10: float | None
    passage_characters: float | None  # mean length of the passages looked at
    in_first_quote: float | None  # of the answerable questions, refused ones counted as not answered
    in_answer: float | None
    quotes: float | None  # mean number in an answer
    quote_characters: float | None
    answerable_refused: float | None
    near_misses: int
    near_misses_refused: float | None
    near_miss_auroc: float | None
    off_corpus: int
    off_corpus_refused: float | None
    off_corpus_auroc: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    p50_ms: float
    p95_ms: float

    def lines(self) -> Iterator[str]:
        """A line for each measure, for people."""
        for name, value in vars(self).items():
            if value is not None:
                shown = f"{value:.3f}" if isinstance(value, float) else str(value)
                yield f"{name.replace('_', ' '):<22} {shown}"


def read_cases(file: Path, index: Index, *, off_corpus: bool = False) -> list[Case]:
    """The questions of a set; with ``off_corpus`` none of them is answered by these documents.

    Raises UsageError, with the line, for what is not a question or names a document that is not in the index.
    """
    rows = index.documents()
    ids = {row.path: row.id for row in rows} | {row.name: row.id for row in rows}
    cases = []
    try:
        lines = file.read_text("utf-8").split("\n")  # a question may hold U+2028, which splitlines takes for an end
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as a question set ({error}).") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                cases.append(_case(json.loads(line), ids, index, off_corpus))
            except (ValueError, KeyError, TypeError, UsageError) as error:
                raise UsageError(f"{file}, line {number}: not a question of a set ({error}).") from error
    if not cases:
        raise UsageError(f"{file} holds no questions.")
    return cases


def evaluate(
    cases: Sequence[Case], index: Index, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[Evaluation, list[Outcome]]:
    """The measures over these questions, and what became of each."""
    outcomes = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        outcomes.append(_outcome(case, index))
    progress(len(cases), len(cases))
    return summarise(outcomes), outcomes


def index_of(docs: str | Path, progress: Progress | None = None) -> Index:
    """An index of a folder, kept in the cache folder and brought level each time."""
    folder = expanded(docs).resolve()
    target = cache_folder().parent / "evaluate" / hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    try:
        build(folder, target, progress=progress)
    except DamagedIndex:  # by an earlier version, say: nothing but time is in it
        build(folder, target, fresh=True, progress=progress)
    return open_index(target)


def failures_of(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line for each question that was answered wrongly, refused wrongly, or answered though nothing answers it."""
    for one in outcomes:
        answerable = one.case.kind == "answerable"
        if (answerable and not one.in_answer) or (not answerable and not one.answer.refused):
            what = "refused" if one.answer.refused else "answered"
            shown = " | ".join(citation.quote for citation in one.answer.citations)
            yield f"{one.case.id} ({one.case.kind}, {what}, {one.answer.confidence:.2f}) {one.case.question}  {shown}"


def summarise(outcomes: Sequence[Outcome]) -> Evaluation:
    """The measures of these outcomes."""
    answerable = [one for one in outcomes if one.case.kind == "answerable"]
    near = [one for one in outcomes if one.case.kind == "near miss"]
    off = [one for one in outcomes if one.case.kind == "off-corpus"]
    refused = [one for one in outcomes if one.answer.refused]
    answered = [one for one in answerable if not one.answer.refused]
    citations = [citation for one in answered for citation in one.answer.citations]
    durations = sorted(one.milliseconds for one in outcomes)
    return Evaluation(
        questions=len(outcomes),
        answerable=len(answerable),
        hit_at_1=_share(answerable, lambda one: _within(one, 1)),
        hit_at_3=_share(answerable, lambda one: _within(one, 3)),
        hit_at_5=_share(answerable, lambda one: _within(one, 5)),
        mrr_at_10=_mean([1 / one.passage_rank if one.passage_rank else 0.0 for one in answerable]),
        passage_characters=_mean([len(passage.text) for one in answerable for passage in one.answer.passages]),
        in_first_quote=_share(answerable, lambda one: one.in_first_quote),
        in_answer=_share(answerable, lambda one: one.in_answer),
        quotes=_mean([len(one.answer.citations) for one in answered]),
        quote_characters=_mean([len(citation.quote) for citation in citations]),
        answerable_refused=_share(answerable, lambda one: one.answer.refused),
        near_misses=len(near),
        near_misses_refused=_share(near, lambda one: one.answer.refused),
        near_miss_auroc=auroc(_confidences(answerable), _confidences(near)),
        off_corpus=len(off),
        off_corpus_refused=_share(off, lambda one: one.answer.refused),
        off_corpus_auroc=auroc(_confidences(answerable), _confidences(off)),
        refusal_precision=_share(refused, lambda one: one.case.kind != "answerable"),
        refusal_recall=_share([*near, *off], lambda one: one.answer.refused),
        p50_ms=durations[len(durations) // 2],
        p95_ms=durations[int(len(durations) * 0.95)],
    )


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, ties counted half (Hanley and McNeil 1982)."""
    if not positives or not negatives:
        return None
    from sklearn.metrics import roc_auc_score

    labels = [1] * len(positives) + [0] * len(negatives)
    return float(roc_auc_score(labels, [*positives, *negatives]))


def _case(values: Mapping[str, Any], ids: Mapping[str, int], index: Index, off_corpus: bool) -> Case:
    if not isinstance(values, Mapping):
        raise ValueError("not an object with fields")
    answerable = bool(values.get("answerable", True)) and not off_corpus
    unanswerable = "near miss" if values.get("doc") in ids and not off_corpus else "off-corpus"
    places = tuple(_places(values, ids, index)) if answerable else ()
    if answerable and not places:
        raise ValueError("an answerable question without spans or quotes")
    checked_question(values["question"])
    return Case(str(values["id"]), values["question"], "answerable" if answerable else unanswerable, places)


def _places(values: Mapping[str, Any], ids: Mapping[str, int], index: Index) -> Iterator[Place]:
    for start, end in values.get("spans", ()):
        document_id, first, last = _known(values["doc"], ids), int(start), int(end)
        document = index.document(document_id)
        if document is None or not 0 <= first < last <= document.characters:
            raise ValueError(f"the span {[start, end]} is not inside {values['doc']}")
        yield Place(document_id, first, last)
    quotes = [(values["doc"], quote) for quote in values.get("quotes", ())]
    quotes += [(other["doc"], other["quote"]) for other in values.get("also", ())]
    for name, quote in quotes:
        document = index.document(_known(name, ids))
        start = document.text.find(quote) if document else -1
        if document is None or start < 0:
            raise ValueError(f"{name} does not hold the words {quote!r}")
        yield Place(document.id, start, start + len(quote))


def _known(name: str, ids: Mapping[str, int]) -> int:
    if name not in ids:
        raise ValueError(f"there is no document {name} in the index")
    return ids[name]


def _outcome(case: Case, index: Index) -> Outcome:
    answer = ask(case.question, index)
    passages = retrieve(case.question, DEPTH, index) if case.places else []
    ranks = (rank for rank, passage in enumerate(passages, 1) if _holds(passage, case.places))
    hits = [any(_overlap(citation, place) for place in case.places) for citation in answer.citations]
    return Outcome(
        case=case,
        answer=answer,
        passage_rank=next(ranks, None),
        in_first_quote=bool(hits) and hits[0],
        in_answer=any(hits),
        milliseconds=answer.timings_ms["all"],
    )


def _holds(passage: Passage, places: Sequence[Place]) -> bool:
    return any(
        passage.document_id == place.document_id and passage.start <= place.start and place.end <= passage.end
        for place in places
    )


def _overlap(citation: Citation, place: Place) -> bool:
    return citation.document_id == place.document_id and citation.start < place.end and place.start < citation.end


def _within(outcome: Outcome, depth: int) -> bool:
    return outcome.passage_rank is not None and outcome.passage_rank <= depth


def _confidences(outcomes: Sequence[Outcome]) -> list[float]:
    return [one.answer.confidence for one in outcomes]


def _share(outcomes: Sequence[Outcome], test: Callable[[Outcome], bool]) -> float | None:
    return _mean([float(test(one)) for one in outcomes])


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
