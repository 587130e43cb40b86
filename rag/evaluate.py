"""What becomes of the questions of a set: which passages are found, what is quoted, what is refused.

A question set is a JSONL file, one question a line: ``id``, ``question``, ``doc`` (the file that answers, null
for none), ``answerable`` (true if missing), and where the answer stands: ``spans`` ([start, end) offsets in
``doc``) or ``quotes`` (exact words of ``doc``), with ``also`` ([{"doc", "quote"}]) for other places that answer.
A document with exactly the text of ``doc`` answers as ``doc`` does, at the same places.
What became of them all is for `rag.measures` to sum up, and for `rag.runs` to keep and to compare.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index import build, open_index
from index.catalog import StoredChunk
from index.errors import DamagedIndex, UsageError
from index.folders import expanded
from index.models import cache_folder
from index.opened import Index
from index.sync import Progress
from rag.answer import Answer, ask
from rag.citations import Citation
from rag.passages import Passage, retrieve
from rag.question import checked_question
from rag.rerank import Reranker

DEPTH = 10
"""Passages looked at for hit@k, MRR and nDCG."""


ANSWERABLE, NEAR_MISS, OFF_CORPUS = "answerable", "near miss", "off-corpus"


@dataclass(frozen=True)
class Place:
    """A span of a document that answers."""

    document_id: int
    start: int
    end: int


@dataclass(frozen=True)
class Case:
    """A question of a set. ``kind`` is "answerable", "near miss" (``doc`` looks right) or "off-corpus"."""

    id: str
    question: str
    kind: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of a question."""

    case: Case
    answer: Answer
    found: tuple[str, ...]  # the passages looked at, best first, as "document id:start-end"
    relevant: frozenset[str]  # those that hold a whole span, and chunks of the index that hold one none of them holds
    in_first_quote: bool
    in_answer: bool
    seconds: float

    @property
    def passage_rank(self) -> int | None:
        """From 1: the first passage that holds a whole span."""
        return next((rank for rank, passage in enumerate(self.found, 1) if passage in self.relevant), None)

    @property
    def is_right(self) -> bool:
        """True where an answer quotes what answers, and where a question that nothing answers is refused."""
        return self.in_answer if self.case.kind == ANSWERABLE else self.answer.refused


def read_cases(file: Path, index: Index, *, off_corpus: bool = False) -> list[Case]:
    """The questions of a set; with ``off_corpus`` none of them is answered by these documents.

    Raises UsageError, with line and field, for what is not a question or names a document that is not in the index.
    """
    rows = index.documents()
    ids = {row.path: row.id for row in rows} | {row.name: row.id for row in rows}
    cases: dict[str, Case] = {}
    lines: dict[str, int] = {}
    for number, line in _lines(file):
        try:
            case = _case(_fields(line), ids, index, off_corpus)
            if case.id in cases:
                raise ValueError(f"line {lines[case.id]} has the id {case.id} too")
        except (ValueError, UsageError) as error:
            reason = str(error).removesuffix(".")
            raise UsageError(f"{file}, line {number}: not a question of a set ({reason}).") from error
        cases[case.id], lines[case.id] = case, number
    if not cases:
        raise UsageError(f"{file} holds no questions.")
    return list(cases.values())


def evaluate(
    cases: Sequence[Case],
    index: Index,
    progress: Callable[[int, int], None] = lambda done, total: None,
    reranker: Reranker | None = None,
) -> list[Outcome]:
    """What became of each of these questions, the passages in the order of a reranker, if there is one."""
    outcomes = []
    for done, case in enumerate(cases):
        progress(done, len(cases))
        outcomes.append(_outcome(case, index, reranker))
    progress(len(cases), len(cases))
    return outcomes


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
        if not one.is_right:
            what = "refused" if one.answer.refused else "answered"
            shown = " | ".join(citation.quote for citation in one.answer.citations)
            yield f"{one.case.id} ({one.case.kind}, {what}, {one.answer.confidence:.2f}) {one.case.question}  {shown}"


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers. Raises UsageError for a file that is no text."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as a question set ({error}).") from error
    # a question may hold U+2028, which splitlines takes for an end
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _fields(line: str) -> Mapping[str, Any]:
    """The fields of a question, each of its type. Raises ValueError with what is wrong with one."""
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError("it is not an object with fields")
    for name, (is_right, what) in FIELDS.items():
        if name not in values and name in REQUIRED:
            raise ValueError(f"it has no {name}")
        if name in values and not is_right(values[name]):
            raise ValueError(f"its {name} is not {what}")
    return values


def _is_text(value: object) -> bool:
    """Whether it is text with something in it that can be written again: no half of a surrogate pair."""
    return isinstance(value, str) and bool(value.strip()) and value.encode("utf-8", "ignore").decode() == value


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(is_right, value))


def _is_span(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))


def _is_elsewhere(value: object) -> bool:
    return isinstance(value, dict) and _is_text(value.get("doc")) and _is_text(value.get("quote"))


FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "id": (lambda value: _is_text(value) or _is_number(value), "a text or a whole number"),
    "question": (_is_text, "a text"),
    "doc": (lambda value: value is None or _is_text(value), "the name of a document, or null"),
    "answerable": (lambda value: isinstance(value, bool), "true or false"),
    "spans": (_is_list_of(_is_span), "a list of [start, end]"),
    "quotes": (_is_list_of(_is_text), "a list of texts"),
    "also": (_is_list_of(_is_elsewhere), 'a list of {"doc": ..., "quote": ...}'),
}
"""What a field of a question has to be, and how that is said; others are not looked at."""

REQUIRED = ("id", "question")


def _case(values: Mapping[str, Any], ids: Mapping[str, int], index: Index, off_corpus: bool) -> Case:
    answerable = values.get("answerable", True) and not off_corpus
    unanswerable = NEAR_MISS if values.get("doc") in ids and not off_corpus else OFF_CORPUS
    places = tuple(_places(values, ids, index)) if answerable else ()
    if answerable and not places:
        raise ValueError("an answerable question without spans or quotes")
    checked_question(values["question"])
    return Case(str(values["id"]), values["question"], ANSWERABLE if answerable else unanswerable, places)


def _places(values: Mapping[str, Any], ids: Mapping[str, int], index: Index) -> Iterator[Place]:
    for start, end in values.get("spans", ()):
        document_id = _known(values.get("doc"), ids)
        document = index.document(document_id)
        if document is None or not 0 <= start < end <= document.characters:
            raise ValueError(f"the span {[start, end]} is not inside {values['doc']}")
        yield Place(document_id, start, end)
    quotes = [(values.get("doc"), quote) for quote in values.get("quotes", ())]
    quotes += [(other["doc"], other["quote"]) for other in values.get("also", ())]
    for name, quote in quotes:
        document = index.document(_known(name, ids))
        at = document.text.find(quote) if document else -1
        if document is None or at < 0:
            raise ValueError(f"{name} does not hold the words {quote!r}")
        yield Place(document.id, at, at + len(quote))


def _known(name: str | None, ids: Mapping[str, int]) -> int:
    if name is None:
        raise ValueError("its doc, in which the words stand, is missing")
    if name not in ids:
        raise ValueError(f"there is no document {name} in the index")
    return ids[name]


def _outcome(case: Case, index: Index, reranker: Reranker | None) -> Outcome:
    answer = ask(case.question, index, reranker=reranker)
    passages = retrieve(case.question, DEPTH, index, reranker=reranker) if case.places else []
    hits = [any(_overlap(citation, place, index) for place in case.places) for citation in answer.citations]
    return Outcome(
        case=case,
        answer=answer,
        found=tuple(_key(one) for one in passages),
        relevant=frozenset(_relevant(case.places, passages, index)),
        in_first_quote=bool(hits) and hits[0],
        in_answer=any(hits),
        seconds=answer.timings_ms["all"] / 1000,
    )


def _relevant(places: Sequence[Place], passages: Sequence[Passage], index: Index) -> Iterator[str]:
    """Every passage that holds a whole span; for a span that none of them holds, the chunks of the index that do."""
    for place in places:
        holding = [_key(one) for one in passages if _holds(one, place) and _is_same(one, place, index)]
        missed = [] if holding else index.catalog.chunks_of(place.document_id)
        yield from holding
        yield from (_key(chunk) for chunk in missed if _holds(chunk, place))


def _holds(words: Passage | StoredChunk, place: Place) -> bool:
    return words.start <= place.start and place.end <= words.end


def _key(words: Passage | StoredChunk) -> str:
    return f"{words.document_id}:{words.start}-{words.end}"


def _overlap(citation: Citation, place: Place, index: Index) -> bool:
    return citation.start < place.end and place.start < citation.end and _is_same(citation, place, index)


def _is_same(words: Passage | Citation, place: Place, index: Index) -> bool:
    """Whether words are of the document of a place, or of one with exactly its text: of copies one is shown."""
    if words.document_id == place.document_id:
        return True
    shown, gold = index.document(words.document_id), index.document(place.document_id)
    return shown is not None and gold is not None and shown.text == gold.text
