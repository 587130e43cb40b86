"""The answer to a question: up to three exact quotes with footnotes, their speakers kept, or a refusal.

Every statement is a sentence of a document. `ask` asserts that each quote stands where its footnote says before an
answer leaves. What a language model, if there is one, writes of the same passages stands apart, see `rag.writing`.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.blas import one_blas_thread
from index.errors import GeneratorError, NliError, RerankerError, UsageError
from index.opened import Index
from index.sentences import place_of
from rag.citations import Citation, InexactQuote, checked, cite, stands
from rag.confidence import THRESHOLD, confidence, missed, unknown_names, weigh
from rag.contexts import context_of
from rag.differences import BESIDE, DIFFER, Apart, differences
from rag.entailment import Nli, opened_nli
from rag.follow_up import follow_up
from rag.generation import Generator, Stop, checked_generator
from rag.initials import asked_in_full
from rag.marks import marks_in
from rag.meant import Turn
from rag.offices import asked_of_office
from rag.passages import Found, Passage, find, opened_index
from rag.prompt import REFUSAL as REFUSAL  # the one phrase; whoever needs it takes it from here
from rag.question import Question, checked_question, kind_of, read_question
from rag.quotes import Quote, choose_quotes
from rag.rerank import Reranker
from rag.speakers import speaker_of
from rag.where import Where, nothing_passes, unknown_values
from rag.writing import Written, written

NOT_ASKED = "generation: the model was not asked, because no passage answers the question"
INSTEAD = "Shown instead: the documents' own words."

OTHER_LANGUAGE = "The question is in another language than the documents found: ask it in theirs."

NOT_NAMED = "No sentence in the documents mentions {names}. Whoever holds the office there was asked about."
IN_FULL = "No sentence in the documents mentions {names}. The name with these initials was asked about."

FOREIGN = 0.5
"""Share of a question's words that stand nowhere in the documents, from which on its language is looked at: to load
what recognises it costs 0.3 s and 80 MB once. Questions in another language have 0.6 and more."""

FOREIGN_THRESHOLD = 0.4
"""In place of `THRESHOLD` for a question in another language, which meets the documents by its names alone."""

READ_PASSAGES = 8
"""Passages whose sentences are considered; an answer shows them, nearest first."""


@dataclass(frozen=True)
class Statement:
    """One or two sentences of an answer: the exact words of its citation, or of a part of it.

    ``speaker`` is who says it, where the quote itself does not name them; ``context`` is the earlier sentence that the
    quote leans on, word for word: the stored text of the same document from ``context_start`` to ``context_end``.
    """

    text: str
    citation: int
    speaker: str | None = None
    context: str = ""
    context_start: int = 0
    context_end: int = 0


@dataclass(frozen=True)
class Difference:
    """What different reports tell about the question, side by side, each side a quote with its citation.

    ``differ`` is False where they give figures of different things, which do not contradict each other.
    """

    differ: bool
    sides: tuple[Statement, ...]

    @property
    def heading(self) -> str:
        """The line that announces the sides."""
        return DIFFER if self.differ else BESIDE


@dataclass(frozen=True)
class Answer:
    """An answer with its footnotes, or a refusal with the nearest passages, which are not an answer."""

    question: str
    searched: str  # the question with what it takes from earlier ones, or asked of an office; else the question itself
    text: str  # with [n] after each statement
    citations: tuple[Citation, ...]
    refused: bool
    confidence: float  # 0..1: the probability that the documents answer the question
    passages: tuple[Passage, ...]
    generator: str | None
    generation: str  # of the index
    timings_ms: Mapping[str, float]
    skipped: tuple[str, ...] = ()  # stages that could not run, with the reason
    reports: int = 0  # different reports among the documents quoted: copies of one count once
    statements: tuple[Statement, ...] = field(default=())
    differences: tuple[Difference, ...] = ()  # empty where the sources agree, and in a refusal
    written: Written | None = None  # what a language model wrote of it; its footnotes are among the citations


def ask(
    question: str,
    index: Index | str | Path | None = None,
    where: Where | None = None,
    history: Sequence["str | Answer"] = (),
    generator: Generator | None = None,
    strict: bool = False,
    reranker: Reranker | str | Path | None = None,
    nli: Nli | str | Path | None = None,
) -> Answer:
    """The answer that the documents give to a question.

    index: an opened index, its folder, or None for ``$FOOTNOTED_INDEX`` or ``.footnoted``.
    where: filters, see `rag.where`; where no document passes them, the refusal names the filter, and one of several
    values that is unknown is named in ``skipped``.
    history: earlier questions, or their answers, oldest first; a follow-up takes from them what it lacks, and
    ``searched`` shows it, see `rag.follow_up`. ``searched``, edited or not, can be asked as a question of its own.
    generator: a language model (`rag.gguf.GgufModel`, `rag.server.ServerModel`); it writes ``written`` from the same
    passages, and each sentence is checked against them. Where it fails, ``skipped`` says why.
    strict: leaves what nothing supports out of ``written``, instead of marking it.
    reranker: a CrossEncoder, its folder or name, that puts the passages in order, see `rag.rerank`; one that is not to
    be had is named in ``skipped``.
    nli: a CrossEncoder for natural language inference, its folder or name, that must find each sentence of ``written``
    entailed, too; one that is not to be had is named in ``skipped``.

    Raises UsageError (an empty question, an unknown filter, anything of a wrong type), NoIndex, DamagedIndex,
    ModelError.
    """
    *_, answer = answers(question, index, where, history, generator, strict, reranker=reranker, nli=nli)
    return answer


def answers(
    question: str,
    index: Index | str | Path | None = None,
    where: Where | None = None,
    history: Sequence["str | Answer"] = (),
    generator: Generator | None = None,
    strict: bool = False,
    stop: Stop | None = None,
    reranker: Reranker | str | Path | None = None,
    nli: Nli | str | Path | None = None,
) -> Iterator[Answer]:
    """`ask` while the answer grows: the quotes at once, then the same with ever more of what the model writes.

    The model is stopped where the iterator is closed or `stop` is pressed; what came last is what there is then.
    """
    generator = checked_generator(generator)
    answer, opened = _quoted(question, index, where, history, reranker)
    yield answer
    if generator is not None:
        answer, judge = _judged(answer, nli)
        yield from _with_written(answer, opened, generator, strict, stop, judge)


def _judged(answer: Answer, nli: Nli | str | Path | None) -> tuple[Answer, Nli | None]:
    """The model for inference, and the answer with the reason where it is not to be had."""
    try:
        return answer, opened_nli(nli)
    except NliError as error:
        return replace(answer, skipped=(*answer.skipped, f"inference: {error}")), None


def _with_written(
    answer: Answer, index: Index, generator: Generator, strict: bool, stop: Stop | None, nli: Nli | None
) -> Iterator[Answer]:
    """The answer with what the model writes of its passages; with the reason, where it writes nothing."""
    if answer.refused:
        yield replace(answer, skipped=(*answer.skipped, NOT_ASKED))
        return
    started, reports = time.perf_counter(), {one.document_id: one.report for one in answer.passages}
    writing = written(answer.searched, answer.passages, index, generator, answer.citations, strict, stop, nli)
    try:
        for draft, citations in writing:
            yield replace(
                answer,
                written=draft,
                citations=checked(citations, index),
                generator=draft.generator,
                timings_ms={**answer.timings_ms, "writing": round((time.perf_counter() - started) * 1000, 2)},
                reports=len({reports[one.document_id] for one in citations}),
            )
    except GeneratorError as error:
        yield replace(answer, skipped=(*answer.skipped, f"generation: {error} {INSTEAD}"))
    except NliError as error:  # what it did not judge does not count
        yield replace(answer, skipped=(*answer.skipped, f"inference: {error} {INSTEAD}"))


@one_blas_thread()
def _quoted(
    question: str,
    index: Index | str | Path | None,
    where: Where | None,
    history: Sequence[str | Answer],
    reranker: Reranker | str | Path | None,
) -> tuple[Answer, Index]:
    """The answer in the documents' own words, and the index it is from."""
    started = time.perf_counter()
    question = checked_question(question)  # before an index is looked for
    searched = follow_up(question, _turns(history))
    opened = opened_index(index)
    found, no_order, instead = look_up(searched, opened, where, reranker)
    asked = found.question
    quoting = time.perf_counter()
    quotes = choose_quotes(found, opened)
    evidence = weigh(found, quotes, opened)
    sure = confidence(evidence)
    foreign = _unknown_share(asked, opened) >= FOREIGN and _is_foreign(asked, found.passages)
    is_answered = sure >= (FOREIGN_THRESHOLD if foreign else THRESHOLD)
    statements, citations = _statements(asked, quotes, opened) if is_answered else ((), ())
    apart, citations = _differences(differences(found, quotes, opened) if statements else (), citations, opened)
    unpassed = nothing_passes(opened, where)
    refusal = f"{REFUSAL} {OTHER_LANGUAGE}" if foreign else _refusal(asked, quotes, opened)
    refusal = " ".join((REFUSAL, *unpassed)) if unpassed else refusal
    unknown = unknown_values(opened, where)
    text = _text(statements, apart) if statements else refusal
    citations = checked(citations, opened)
    _check_contexts(statements, citations, opened)
    ended = time.perf_counter()
    timings = {**found.timings_ms, "quotes": (ended - quoting) * 1000, "all": (ended - started) * 1000}
    answer = Answer(
        question=question,
        searched=asked.text,
        text=text,
        citations=citations,
        refused=not citations,
        confidence=round(sure, 4),
        passages=found.passages,
        generator=None,
        generation=opened.generation,
        timings_ms={stage: round(duration, 2) for stage, duration in timings.items()},
        skipped=tuple(_skipped(opened, no_order, instead, unknown, foreign=foreign and bool(statements))),
        reports=_reports(citations, found.passages),
        statements=statements,
        differences=apart,
    )
    return answer, opened


def _turns(history: Sequence[str | Answer]) -> list[str | Turn]:
    """The history as `follow_up` reads it. Raises UsageError for what is no earlier question and no answer."""
    if isinstance(history, str) or not isinstance(history, Sequence):
        raise UsageError(f"The history is a list of earlier questions or answers, not {type(history).__name__}.")
    return [_turn(number, earlier) for number, earlier in enumerate(history, 1)]


def _turn(number: int, earlier: str | Answer) -> str | Turn:
    if isinstance(earlier, Answer):
        speakers = {statement.speaker for statement in earlier.statements}
        speaker = speakers.pop() if len(speakers) == 1 else None
        quoted = " ".join(statement.text for statement in earlier.statements)
        return Turn(earlier.searched, speaker, _answered(earlier), quoted)
    try:
        return checked_question(earlier)
    except UsageError as error:
        raise UsageError(f"Earlier question {number}: {error}") from error


def _answered(answer: Answer) -> str | None:
    """The one name that the first quote gives to a question for "who"."""
    if answer.refused or kind_of(answer.searched) != "who":
        return None
    first = answer.citations[0]
    names = [first.quote[start - first.start : end - first.start] for start, end in first.marks]
    return names[0] if len(names) == 1 else None


def _statements(
    question: Question, quotes: Sequence[Quote], index: Index
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Statements and their citations, numbered in the order of the answer: article by article, best first."""
    documents = list(dict.fromkeys(quote.document_id for quote in quotes))
    ordered = sorted(quotes, key=lambda quote: documents.index(quote.document_id))
    statements, citations = [], []
    for number, quote in enumerate(ordered, 1):
        statements.append(_statement(number, quote, index))
        marks = _marks(question, quote, statements[-1].speaker)
        citations.append(cite(number, quote.document_id, quote.start, quote.end, index, quote.passage.copies, marks))
    return tuple(statements), tuple(citations)


def _marks(question: Question, quote: Quote, speaker: str | None) -> list[tuple[int, int]]:
    """The words that answer in the sentence that was chosen, not in the one beside it; from the quote's start."""
    before = quote.sentence.start - quote.start
    sentence = quote.text[before : quote.sentence.end - quote.start]
    return [(before + start, before + end) for start, end in marks_in(question, sentence, speaker)]


def _statement(number: int, quote: Quote, index: Index) -> Statement:
    document = index.document(quote.document_id)
    assert document is not None
    sentences = index.catalog.sentences(quote.document_id)
    place = place_of(sentences, quote.start)
    speaker = speaker_of(document.text, sentences, place)
    context = context_of(document.text, sentences, place, speaker_known=speaker is not None)
    return Statement(
        text=quote.text,
        citation=number,
        speaker=speaker.name if speaker else None,
        context=document.text[context.start : context.end] if context else "",
        context_start=context.start if context else 0,
        context_end=context.end if context else 0,
    )


def _check_contexts(statements: Sequence[Statement], citations: Sequence[Citation], index: Index) -> None:
    """Compares every context with the stored text, and its place with that of the quote. Raises InexactQuote."""
    for one in statements:
        citation = citations[one.citation - 1]
        begin, end = one.context_start, one.context_end
        if one.context and not (end <= citation.start and stands(citation.document_id, begin, end, one.context, index)):
            raise InexactQuote(f"the context of footnote {one.citation} does not stand at {begin}-{end}")


def _differences(
    apart: Sequence[Apart], citations: Sequence[Citation], index: Index
) -> tuple[tuple[Difference, ...], tuple[Citation, ...]]:
    """The differences, and the citations with those of their sides; a place that is cited keeps its number."""
    cited = list(citations)
    shown = []
    for difference in apart:
        sides = []
        for told in difference.told:
            place = (told.passage.document_id, told.sentence.start, told.sentence.end)
            number = next((one.number for one in cited if _holds(one, *place)), None)
            if number is None:
                number = len(cited) + 1
                cited.append(cite(number, *place, index, told.passage.copies))
            sides.append(Statement(told.text, number, told.speaker))
        shown.append(Difference(difference.differ, tuple(sides)))
    return tuple(shown), tuple(cited)


def _holds(citation: Citation, document_id: int, start: int, end: int) -> bool:
    return citation.document_id == document_id and citation.start <= start and end <= citation.end


def _reports(citations: Sequence[Citation], passages: Sequence[Passage]) -> int:
    """How many different reports the documents cited are."""
    report_of = {passage.document_id: passage.report for passage in passages}
    return len({report_of[citation.document_id] for citation in citations})


def _text(statements: Sequence[Statement], apart: Sequence[Difference]) -> str:
    """The statements as one text, a line each, then the differences with a line for each side.

    Milgram: “We have 334 offices around the world.” [1]
    """
    lines = [f"{_spoken(one)} [{one.citation}]" for one in statements]
    for difference in apart:
        lines += [difference.heading, *(f"{_spoken(side)} [{side.citation}]" for side in difference.sides)]
    return "\n".join(lines)


def _spoken(statement: Statement) -> str:
    quote = in_quotes(statement.text)
    context = f"({statement.context}) " if statement.context else ""
    return f"{context}{statement.speaker}: {quote}" if statement.speaker else f"{context}{quote}"


def in_quotes(words: str) -> str:
    """The words between quotation marks that do not get mixed up with their own, which stay as they are.

    >>> in_quotes("It rose."), in_quotes("“It rose,” she said.")
    ('“It rose.”', '"“It rose,” she said."')
    """
    return f'"{words}"' if "“" in words or "”" in words else f"“{words}”"


def _unknown_share(question: Question, index: Index) -> float:
    """The share of the question's words that stand nowhere in the documents."""
    terms = question.terms
    return sum(not index.words.document_frequency(term) for term in terms) / len(terms) if terms else 0.0


def _is_foreign(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether the question is in a language that none of the passages is in, as far as theirs are known."""
    from index.language import language_of_question  # half a second once, and few questions need it

    known = {passage.language for passage in passages if passage.language}
    language = language_of_question(question.text) if known else None
    return language is not None and language not in known


def look_up(
    searched: str, index: Index, where: Where | None = None, reranker: Reranker | str | Path | None = None
) -> tuple[Found, str, str]:
    """The passages, why they are not in the reranker's order, and what was asked about instead of a name, or ""."""
    asked = read_question(searched, index)
    found, no_order = _found(asked, index, where, reranker)
    for put, note in ((asked_of_office, NOT_NAMED), (asked_in_full, IN_FULL)):
        instead = put(asked, found.passages, index)
        if instead is not None:
            names = [name for name in unknown_names(asked, index) if name not in instead]
            read = read_question(instead, index)
            return *_found(read, index, where, reranker), note.format(names=" or ".join(names))
    return found, no_order, ""


def _found(
    question: Question, index: Index, where: Where | None, reranker: Reranker | str | Path | None
) -> tuple[Found, str]:
    """The passages, and why they are not in the order of the reranker, if they are not."""
    try:
        order = None if reranker is None else Reranker.open(reranker)
        return find(question, index, READ_PASSAGES, where, order), ""
    except RerankerError as error:
        return find(question, index, READ_PASSAGES, where), f"reranking: {error}"


def _skipped(index: Index, no_order: str, instead: str, unknown: Sequence[str], *, foreign: bool) -> Iterator[str]:
    """What a reader of the answer has to know of how it was made."""
    if index.warning:
        yield index.warning
    if no_order:
        yield no_order
    if instead:
        yield f"names: {instead}"
    for reason in unknown:
        yield f"filter: {reason}"
    if foreign:
        yield f"language: {OTHER_LANGUAGE}"


def _refusal(question: Question, quotes: Sequence[Quote], index: Index) -> str:
    """The refusal, with what the documents do not mention where that is the reason."""
    names = unknown_names(question, index)
    if names:
        return f"{REFUSAL} No sentence in them mentions {' or '.join(names)}."
    others = missed(quotes)
    if question.speaker in others:
        return f"{REFUSAL} None of the nearest sentences gives the words of {question.speaker}."
    return f"{REFUSAL} The nearest passages do not mention {' or '.join(others)}." if others else REFUSAL
