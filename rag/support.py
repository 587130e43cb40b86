"""Is a written sentence supported by a passage? Its numbers, dates, names and quotations stand there, and its sense.

For each sentence of the passages, and each two or three that follow each other, it is found what keeps them from
supporting the claim; the first that nothing keeps is the support. A claim of several parts may have one for each. What
is compared is read by `rag.claims` and `rag.quantities`, words are compared by `rag.wording`, who did what to whom by
`rag.order`. What is an instruction to whoever answers supports nothing, see `rag.instructions`. Rules for English
prose; what they miss is in the README, with figures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.opened import Index
from index.vectors import Matrix
from rag import claims
from rag.denials import changes_modal, denies_otherwise, opens, settles
from rag.entailment import ENTAILMENT, Nli
from rag.figures import bounds_agree, dates_agree, numbers_agree
from rag.instructions import is_instruction
from rag.opposites import is_opposite
from rag.order import is_turned
from rag.passages import Passage
from rag.persons import called_elsewhere, names_agree, quotations_agree, speaker_agrees
from rag.question import kind_of
from rag.replaced import ADDED_WORDS, SideBySide
from rag.spans import Span, spans_of
from rag.speakers import Speaker
from rag.wording import Word, Wording

NUMBER, DATE, NAME, QUOTATION = "number", "date", "name", "quotation"
NEGATION, HEDGE, SPEAKER, ORDER, OPPOSITE = "negation", "hedge", "speaker", "order", "opposite"
ADDITION, WORDING, VERDICT, INSTRUCTION, LONG = "addition", "wording", "entailment", "instruction", "length"
PROBLEMS = (
    NUMBER, DATE, NAME, QUOTATION, NEGATION, HEDGE, SPEAKER, ORDER, OPPOSITE, ADDITION, WORDING, VERDICT, INSTRUCTION,
    LONG,
)  # fmt: skip
"""What keeps a passage from supporting a sentence."""

MISSING = frozenset({NUMBER, DATE, NAME, NEGATION, ADDITION, WORDING})
"""What another sentence of the passage may have: others say that a sentence tells it otherwise."""

LONGEST = 600
"""Characters of a sentence that is checked; a longer one is a list or does not end."""

STUTTERS = re.compile(r"\b(?!had had\b|that that\b|her her\b)([a-zà-ÿ]{2,}) \1\b")
"""A model that says a word twice has lost its thread."""

PART_WORDS = 3
"""Content words of a part of a sentence that can be checked by itself..."""

PART = re.compile(
    r"; |,? (?:and|but|while|whereas|although|though|yet) "
    r"(?=(?:the|an?|its|his|her|their|he|she|it|they|those|these|this|there|nobody|none|some|many|most|[A-Z]\w+|\d+)\b)"
)
"""...which begins with a subject of its own."""

LONGEST_SUPPORT = 1_000
"""Characters from the first sentence that supports a part to the last one."""

TRIED = 4
"""Spans of a passage that are looked at closely, those nearest in wording first."""

FAR = 0.4
"""Share of the claim's words, word for word, plus the cosine: a span with less is not looked at closely."""

CLAUSE_WEIGHT, COSINE_WEIGHT = 0.6, 0.4
"""How much it counts that a span holds the words of the clause of which it holds least, and that both are near in
meaning. Chosen on `tests/claims`, where how much of the span's own words the claim uses told nothing more."""

SUPPORTED = 0.6
"""The weighted sum of those, each 0..1, that a span must reach."""

OWN_WORDS = 0.3
"""Share of the claim's words that must stand in the span: what shares fewer is about something like it."""

COPIED = 0.8
"""Share of the claim's words in one sentence from which on it is that sentence that is told: where it says it
otherwise, no sentence beside it can make up for that."""

ADDED = 0.45
"""A clause whose words are held less than this was added."""

ADDED_RUN = 0.3
"""The same for words that were put into a sentence, see `rag.replaced`."""


@dataclass(frozen=True)
class Support:
    """What became of a sentence; ``start`` and ``end`` are offsets in the document of passage number ``passage``.

    problems: of PROBLEMS, where it is not supported: what keeps the nearest passage from it.
    """

    sentence: str
    supported: bool
    passage: int | None
    start: int | None
    end: int | None
    problems: tuple[str, ...] = ()


class Checker:
    """Checks the sentences of one answer against its passages, numbered from 1.

    nli: a model whose verdict is asked as well, see `rag.entailment`.
    question: what was asked, which to repeat says nothing, but where yes or no was.
    """

    def __init__(self, passages: Sequence[Passage], index: Index, nli: Nli | None = None, question: str = "") -> None:
        self.passages, self.index, self.nli = passages, index, nli
        self.wording = Wording(index)
        # "Yes: the bridge closed in May" has the words of "Did the bridge close in May?"
        repeated = "" if kind_of(question) == "yes or no" else question
        self._asked = [word.term for word in self.wording.words(repeated)]
        self._spans: dict[int, list[Span]] = {}
        self._last: tuple[str, Matrix] | None = None  # the sentence before with its vector
        self._speaker: Speaker | None = None  # of the sentence before

    def check(self, sentence: str, cited: Sequence[int]) -> Support:
        """Looks in the passages that are cited, then in the others; one that supports it is the footnote."""
        if len(sentence) > LONGEST:
            return _unsupported(sentence, LONG)
        if is_instruction(sentence):
            return _unsupported(sentence, INSTRUCTION)
        words = self.wording.words(sentence)
        if not words or STUTTERS.search(sentence) or [word.term for word in words] == self._asked:
            return _unsupported(sentence, WORDING)
        support = self._held(sentence, words, cited)
        if support.supported or not MISSING.issuperset(support.problems):
            return support
        return self._together(sentence, cited) or support

    def _held(self, sentence: str, words: Sequence[Word], cited: Sequence[int]) -> Support:
        """Looks for one to three sentences of a passage that support it as a whole."""
        nearest: tuple[str, ...] = (WORDING,)
        best = FAR
        for number in sorted(range(1, len(self.passages) + 1), key=lambda one: one not in cited):
            corrected = set[int]()  # where sentences begin that say it otherwise
            for score, span in self._nearest(number, sentence, words):
                if corrected.intersection(span.sentences):
                    continue
                problems = tuple(self._problems(sentence, words, span))
                if problems and len(span.sentences) == 1 and self.wording.shared(words, span.terms) >= COPIED:
                    corrected.add(span.start)
                if not problems:
                    self._speaker = span.speaker
                    return Support(sentence, True, number, span.start, span.end)
                if score > best:
                    nearest, best = problems, score
        self._speaker = None
        return Support(sentence, False, None, None, None, nearest)

    def _together(self, sentence: str, cited: Sequence[int]) -> Support | None:
        """The support of a sentence whose parts are each supported, near each other in one passage."""
        parts = parts_of(sentence)
        if len(parts) < 2 or any(len(self.wording.words(one)) < PART_WORDS for one in parts):
            return None
        held = []
        for one in parts:
            support = self._held(one, self.wording.words(one), cited)
            if support.passage is None or support.start is None or support.end is None:
                return None
            held.append((support.passage, support.start, support.end))
        start, end = min(start for _, start, _ in held), max(end for *_, end in held)
        if len({number for number, *_ in held}) > 1 or end - start > LONGEST_SUPPORT:
            self._speaker = None
            return None
        return Support(sentence, True, held[0][0], start, end)

    def _nearest(self, number: int, sentence: str, words: Sequence[Word]) -> list[tuple[float, Span]]:
        """The spans of a passage that are nearest in wording, with how near: single sentences first, the best first."""
        spans = self._spans_of(number)
        if not spans:
            return []
        vector = self._vector(sentence)
        scores = {
            place: self.wording.shared(words, span.terms) + float(span.vector @ vector)
            for place, span in enumerate(spans)
        }
        best = sorted(scores, key=lambda place: (-round(scores[place], 4), spans[place].end - spans[place].start))
        tried = [(scores[place], spans[place]) for place in best[:TRIED] if scores[place] > FAR]
        return sorted(tried, key=lambda one: len(one[1].sentences))

    def _vector(self, sentence: str) -> Matrix:
        if self._last is None or self._last[0] != sentence:
            self._last = (sentence, self.wording.vector(sentence))
        return self._last[1]

    def _spans_of(self, number: int) -> list[Span]:
        if number not in self._spans:
            self._spans[number] = list(spans_of(self.passages[number - 1], self.index, self.wording))
        return self._spans[number]

    def _problems(self, sentence: str, words: Sequence[Word], span: Span) -> Iterator[str]:
        """What keeps a span from supporting the sentence; the costly questions only where the others find nothing."""
        laid = SideBySide(sentence, span.text, self.wording)
        exact = list(self._exact_problems(sentence, span, laid))
        if exact:
            yield from exact
            return
        known = f"{span.known if span.leans else span.told_by} {called_elsewhere(sentence, span)}"
        held = self.wording.held_in_context(sentence, span.text, known)
        worst = _worst_clause(sentence, words, held, self.wording)
        fit = CLAUSE_WEIGHT * worst + COSINE_WEIGHT * float(span.vector @ self._vector(sentence))
        if fit < SUPPORTED or self.wording.shared(words, span.terms) < OWN_WORDS:
            exact.append(ADDITION if worst < ADDED else WORDING)
        elif any(laid.replaced()):
            exact.append(WORDING)
        elif any(self._is_added(run, span) for run in laid.inserted()):
            exact.append(ADDITION)
        yield from exact
        if not exact and self.nli and self.nli.verdict(f"{span.around} {span.text}".strip(), sentence) != ENTAILMENT:
            yield VERDICT

    def _is_added(self, run: str, span: Span) -> bool:
        """Whether words that were put into a sentence stand nowhere near it, nor what means as much."""
        words, there = self.wording.words(run), self.wording.words(f"{span.text} {span.around} {span.known}")
        return _weighted(words, self.wording.held(words, there)) < ADDED_RUN

    def _exact_problems(self, sentence: str, span: Span, laid: SideBySide) -> Iterator[str]:
        if not numbers_agree(sentence, span, self.wording):
            yield NUMBER
        elif not bounds_agree(sentence, span):
            yield HEDGE
        if not dates_agree(sentence, span, self.wording):
            yield DATE
        if not names_agree(sentence, span, self.wording):
            yield NAME
        if not quotations_agree(sentence, span):
            yield QUOTATION
        if not speaker_agrees(sentence, span, self._speaker, self.wording):
            yield SPEAKER
        if denies_otherwise(sentence, span.text, self.wording):
            yield NEGATION
        if any(one(sentence, span.text, self.wording) for one in (settles, opens, changes_modal)):
            yield HEDGE
        if is_turned(sentence, span.text, self.wording) or laid.is_exchanged():
            yield ORDER
        if is_opposite(sentence, span.text):
            yield OPPOSITE


def parts_of(sentence: str) -> list[str]:
    """The parts of a sentence that say something by themselves.

    >>> parts_of("The dam broke in May, and the mayor resigned; five people died.")
    ['The dam broke in May', 'the mayor resigned', 'five people died.']
    """
    return [one.strip() for one in PART.split(sentence) if one.strip()]


def _unsupported(sentence: str, problem: str) -> Support:
    return Support(sentence, False, None, None, None, (problem,))


def _weighted(words: Sequence[Word], held: Sequence[float]) -> float:
    total = sum(word.weight for word in words)
    return sum(word.weight * share for word, share in zip(words, held, strict=True)) / total if total else 0.0


def _worst_clause(sentence: str, words: Sequence[Word], held: Sequence[float], wording: Wording) -> float:
    """The share of its words that is held of the clause that is held least."""
    by_term = {word.term: share for word, share in zip(words, held, strict=True)}
    shares = [1.0]
    for clause in claims.clauses(sentence):
        own = wording.words(clause)
        if len(own) >= ADDED_WORDS:
            shares.append(_weighted(own, [by_term.get(word.term, 0.0) for word in own]))
    return min(shares)
