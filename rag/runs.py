"""A run as it is kept: its measures and what became of each question; and what changed since an earlier run."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from index.catalog import StoredDocument
from index.errors import UsageError
from index.opened import Index
from rag.citations import Citation
from rag.evaluate import ANSWERABLE, Outcome
from rag.measures import Evaluation, label, shown, shown_difference, summarise
from rag.passages import Passage

NEAREST = 3
"""Passages kept with each question, the best ones."""

BEGINNING = 300
"""Characters of those that are kept, at most: enough to see what they are about."""

NAMED = 3
"""Questions that a sentence names as examples."""


@dataclass(frozen=True)
class Words:
    """Words of a document."""

    location: str  # ``seeds/report.txt:120-480``
    page: int | None
    text: str


@dataclass(frozen=True)
class Result:
    """What became of a question, with the words a person needs to judge it."""

    id: str
    question: str
    kind: str  # see `rag.evaluate.Case`
    right: bool  # an answer quotes what answers; what nothing answers is refused
    refused: bool
    confidence: float
    answer: str
    quotes: tuple[Words, ...]
    gold: tuple[Words, ...]
    nearest: tuple[Words, ...]  # how the best passages begin
    passage_rank: int | None  # from 1; of the first passage that holds a whole gold span
    in_first_quote: bool
    in_answer: bool
    seconds: float


@dataclass(frozen=True)
class Change:
    """A measure of two runs; no difference where one of them has none."""

    measure: str
    before: float | None
    now: float | None
    difference: float | None


@dataclass(frozen=True)
class PairedTest:
    """How many questions came to pass a test and how many ceased to, and how likely chance alone does that."""

    measure: str
    gained: int
    lost: int
    p_value: float


@dataclass(frozen=True)
class Comparison:
    """What changed since an earlier run of the same questions."""

    measures: tuple[Change, ...]
    tests: tuple[PairedTest, ...]
    became_right: tuple[str, ...]  # ids
    became_wrong: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The measures side by side, the tests, and the questions that changed, for people."""
        yield f"{'':<22} {'before':>10} {'now':>10} {'difference':>11}"
        for one in self.measures:
            if one.before is not None or one.now is not None:
                numbers = f"{shown(one.before):>10} {shown(one.now):>10} {shown_difference(one.difference):>11}"
                yield f"{label(one.measure):<22} {numbers}"
        for test in self.tests:
            yield f"{label(test.measure)}: {test.gained} gained, {test.lost} lost, p = {test.p_value:.3f}"
        yield f"became right: {', '.join(self.became_right) or 'none'}"
        yield f"became wrong: {', '.join(self.became_wrong) or 'none'}"


@dataclass(frozen=True)
class Run:
    """The measures of a run, what became of each question, and what changed since an earlier run, if one was named."""

    measures: Evaluation
    results: tuple[Result, ...]
    against: Comparison | None = None


TESTS: dict[str, Callable[[Result], bool | None]] = {
    "hit_at_1": lambda one: one.passage_rank == 1 if one.kind == ANSWERABLE else None,
    "in_answer": lambda one: one.in_answer if one.kind == ANSWERABLE else None,
    "right": lambda one: one.right,
}
"""What two runs are compared by, question by question; None for a question that it does not concern."""


def run_of(outcomes: Sequence[Outcome], index: Index) -> Run:
    """The run with these outcomes over this index."""
    return Run(summarise(outcomes), tuple(_result(one, index) for one in outcomes))


def read_run(file: Path) -> Run:
    """A run that was kept, with `--json`. Raises UsageError for a file that is none."""
    from pydantic import TypeAdapter

    try:
        return TypeAdapter(Run).validate_json(file.read_bytes(), strict=True)
    except OSError as error:
        raise UsageError(f"{file} cannot be read as an earlier run ({error}).") from error
    except ValueError as error:
        advice = "Make one: footnoted evaluate QUESTIONS --json > run.json"
        raise UsageError(f"{file} is not a run that this version kept. {advice}") from error


def compared(now: Run, before: Run) -> Run:
    """The run of now, with what changed. Raises UsageError where the two are not about the same questions."""
    pairs = _pairs(before, now)
    return replace(
        now,
        against=Comparison(
            measures=tuple(_change(name, before.measures, now.measures) for name in vars(now.measures)),
            tests=tuple(_paired_test(name, pairs) for name in TESTS),
            became_right=tuple(new.id for old, new in pairs if new.right and not old.right),
            became_wrong=tuple(new.id for old, new in pairs if old.right and not new.right),
        ),
    )


def _pairs(before: Run, now: Run) -> list[tuple[Result, Result]]:
    """What became of each question, then and now, in the order of now."""
    then, today = (Counter((one.id, one.kind) for one in run.results) for run in (before, now))
    if then != today:
        raise UsageError(
            f"The earlier run has other questions (only there: {_examples(then - today)}; "
            f"only here: {_examples(today - then)}). Compare runs of one question set."
        )
    waiting: dict[tuple[str, str], list[Result]] = {}
    for one in before.results:
        waiting.setdefault((one.id, one.kind), []).append(one)
    pairs = [(waiting[one.id, one.kind].pop(0), one) for one in now.results]
    for old, new in pairs:
        if old.question != new.question:
            raise UsageError(
                f"The question {new.id} of the earlier run is another one ({_quoted(old)} there, {_quoted(new)} here). "
                "Compare runs of one question set."
            )
    return pairs


def _quoted(result: Result) -> str:
    return f"“{_beginning(result.question)}”"


def _examples(questions: Counter[tuple[str, str]]) -> str:
    """``g01 (near miss), g02 (answerable), g03 (answerable) and 40 more``"""
    named = [f"{name} ({kind})" for name, kind in islice(questions.elements(), NAMED)]
    more = questions.total() - len(named)
    return f"{', '.join(named) or 'none'}{f' and {more} more' if more else ''}"


def _change(name: str, before: Evaluation, now: Evaluation) -> Change:
    old, new = getattr(before, name), getattr(now, name)
    return Change(name, old, new, None if old is None or new is None else new - old)


def _paired_test(name: str, pairs: Sequence[tuple[Result, Result]]) -> PairedTest:
    """McNemar's test in its exact form (1947; a sign test of the questions that changed): two-sided, p = 1/2."""
    from scipy.stats import binomtest

    passes = TESTS[name]
    gained = sum(passes(new) is True and passes(old) is False for old, new in pairs)
    lost = sum(passes(old) is True and passes(new) is False for old, new in pairs)
    p_value = float(binomtest(gained, gained + lost).pvalue) if gained or lost else 1.0
    return PairedTest(name, gained, lost, p_value)


def _result(outcome: Outcome, index: Index) -> Result:
    case, answer = outcome.case, outcome.answer
    return Result(
        id=case.id,
        question=case.question,
        kind=case.kind,
        right=outcome.is_right,
        refused=answer.refused,
        confidence=answer.confidence,
        answer=answer.text,
        quotes=tuple(_words(citation, citation.quote) for citation in answer.citations),
        gold=tuple(_gold(index.document(place.document_id), place.start, place.end) for place in case.places),
        nearest=tuple(_words(passage, _beginning(passage.text)) for passage in answer.passages[:NEAREST]),
        passage_rank=outcome.passage_rank,
        in_first_quote=outcome.in_first_quote,
        in_answer=outcome.in_answer,
        seconds=outcome.seconds,
    )


def _words(source: Citation | Passage, text: str) -> Words:
    return Words(source.location, source.page, text)


def _beginning(text: str) -> str:
    """The first words of a text."""
    return text if len(text) <= BEGINNING else text[: BEGINNING + 1].rsplit(None, 1)[0]


def _gold(document: StoredDocument | None, start: int, end: int) -> Words:
    assert document is not None, "a question was read with a place in a document that is not there"
    return Words(f"{document.name}:{start}-{end}", document.page_at(start), document.text[start:end])
