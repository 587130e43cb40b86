"""Is a written sentence supported by a passage? Its numbers, dates, names and quotations stand there, and its sense.

For each sentence of the passages, and each two that follow each other, it is found what keeps them from supporting the
claim; the first that nothing keeps is the support. What is compared is read by `rag.claims`, words are compared by
`rag.wording`, who did what to whom by `rag.order`. What is an instruction to whoever answers supports nothing, see
`rag.instructions`. Rules for English prose; what they miss is in the README, with figures.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.opened import Index
from index.sentences import Sentence, place_of
from index.vectors import Matrix
from rag import claims
from rag.denials import denies_otherwise, settles
from rag.entailment import ENTAILMENT, Nli
from rag.instructions import HIDDEN, is_instruction, tainted
from rag.opposites import is_opposite
from rag.order import is_turned
from rag.passages import Passage, stored_text
from rag.replaced import replaced
from rag.speakers import PRONOUN_SAYS, Speaker, attributed_to, same_person
from rag.wording import Word, Wording

MARKER = re.compile(r"\s*\[([0-9]{1,3}(?:\s*,\s*[0-9]{1,3})*)\]")
END = re.compile(r"[.!?][\"”’)]*(?:\s*\[[0-9, ]+\])*(?=\s+[^\s\[])|\n+")
SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Sgt|Lt|Rev|St|vs|approx|Jan|Feb|Aug|Sept?|Oct|Nov|Dec)"
    r"|(?<!\w)[A-Z])\.$"
)
"""A full stop that ends no sentence: "Dr. Hale", "J. Hale", "U.S. officials"."""

ENDED = re.compile(r"[.!?…][\"”’')\]]*\s*$")
HEADING = 6
"""Content words below which a line without a full stop is a heading."""

NUMBER, DATE, NAME, QUOTATION = "number", "date", "name", "quotation"
NEGATION, HEDGE, SPEAKER, ORDER, OPPOSITE = "negation", "hedge", "speaker", "order", "opposite"
ADDITION, WORDING, VERDICT, INSTRUCTION, LONG = "addition", "wording", "entailment", "instruction", "length"
PROBLEMS = (
    NUMBER, DATE, NAME, QUOTATION, NEGATION, HEDGE, SPEAKER, ORDER, OPPOSITE, ADDITION, WORDING, VERDICT, INSTRUCTION,
    LONG,
)  # fmt: skip
"""What keeps a passage from supporting a sentence."""

LONGEST = 600
"""Characters of a sentence that is checked; a longer one is a list or does not end."""

TRIED = 4
"""Spans of a passage that are looked at closely, those nearest in wording first."""

FAR = 0.4
"""Share of the claim's words, word for word, plus the cosine: a span with less is not looked at closely."""

CLAUSE_WEIGHT, USED_WEIGHT, COSINE_WEIGHT = 0.48, 0.33, 0.19
"""How much it counts that a span holds the words of the clause of which it holds least, how much of the span's own
words the claim uses, and that both are near in meaning. The looser the wording, the more of the span has to be told:
what is invented takes a few words from here and there. Fitted by logistic regression."""

SUPPORTED = 0.64
"""The weighted sum of those, each 0..1, that a span must reach."""

COPIED = 0.8
"""Share of the claim's words in one sentence from which on it is that sentence that is told: where it says it
otherwise, no sentence beside it can make up for that."""

LIKELY = 0.25
"""How far a word is held that the sentence begins with, for it to be no name that the span lacks."""

ADDED = 0.45
"""A clause whose words are held less than this was added."""

ADDED_WORDS = 2
"""Content words that make such a clause."""

ROUNDED = 0.06
"""Share by which a figure that is called "about" or "nearly" may be off."""

PERCENT_OFF = 1.0
"""Percentage points between "a third" and 33 %."""

BESIDE_NUMBER = 4
"""Content words on each side of a figure that say what it is of..."""

BESIDE_BORDER = re.compile(r"[,;:.]\s|\band\b(?! [\d$€£])|\bbut\b|\bwhile\b")
"""...up to where something else is told; not inside "between 4 and 6"."""

ANAPHOR = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|we|I|our|us|the (?:former|latter))\b",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b[Tt]he (?:\w+ ){0,2}(?:mayor|president|minister|company|firm|group|party|town|city"
    r"|village|agency|council|court|"
                    r"museum|bridge|mill|dam|school|hospital|plant|mine|island|river|lake|project|programme"
                    r"|program|team|"
                    r"ministry|union|bank|country|government|administration|director|owner|founder|author|report"
                    r"|study)\b")  # fmt: skip
ENDINGS = re.compile(r"(?:ian|ean|an|ese|ish|i|ans|ians|ic|s)$")
AMERICAN = frozenset(
    {"us", "usa", "u.s.", "u.s.a.", "america", "american", "americans", "u.s", "united states", "washington"}
)

SHOWN = re.compile(
    r"\b((?:figures|data|records|documents|statistics|polls?|studies|minutes)) (?:also )?(?:show|suggest|indicate)"
)
"""What a statement rests on that nobody makes."""


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


@dataclass(frozen=True)
class Span:
    """One sentence of a passage or two, with what stands around it and is known of its document."""

    passage: int
    start: int
    end: int
    sentences: tuple[int, ...]  # where they begin
    text: str
    around: str  # the sentences before and after
    whole: str  # the passage
    about: str  # title, publisher, author
    teller: str  # publisher, author
    published: str
    speaker: Speaker | None
    vector: Matrix
    terms: frozenset[str]

    @property
    def told_by(self) -> str:
        """Who says it or writes it."""
        return " ".join(filter(None, (self.teller, self.speaker.name if self.speaker else "")))

    @property
    def known(self) -> str:
        """What counts as told by it without standing in it."""
        return " ".join(filter(None, (self.about, self.published, self.speaker.name if self.speaker else "")))


class Checker:
    """Checks the sentences of one answer against its passages, numbered from 1.

    nli: a model whose verdict is asked as well, see `rag.entailment`.
    """

    def __init__(self, passages: Sequence[Passage], index: Index, nli: Nli | None = None) -> None:
        self.passages, self.index, self.nli = passages, index, nli
        self.wording = Wording(index)
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
        if not words:
            return _unsupported(sentence, WORDING)
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
            self._spans[number] = list(_spans(number, self.passages[number - 1], self.index, self.wording))
        return self._spans[number]

    def _problems(self, sentence: str, words: Sequence[Word], span: Span) -> Iterator[str]:
        """What keeps a span from supporting the sentence; the costly questions only where the others find nothing."""
        exact = list(self._exact_problems(sentence, span))
        if exact:
            yield from exact
            return
        held = self.wording.held_in_context(sentence, span.text, span.known if _leans(span) else span.told_by)
        worst = _worst_clause(sentence, words, held, self.wording)
        fit = (
            CLAUSE_WEIGHT * worst
            + USED_WEIGHT * _used(words, span)
            + COSINE_WEIGHT * float(span.vector @ self._vector(sentence))
        )
        if fit < SUPPORTED:
            exact.append(ADDITION if worst < ADDED else WORDING)
        elif any(replaced(sentence, span.text, self.wording)):
            exact.append(WORDING)
        yield from exact
        if not exact and self.nli and self.nli.verdict(f"{span.around} {span.text}".strip(), sentence) != ENTAILMENT:
            yield VERDICT

    def _exact_problems(self, sentence: str, span: Span) -> Iterator[str]:
        yield from _number_problems(sentence, span, self.wording)
        if not _dates_agree(sentence, span, self.wording):
            yield DATE
        if not _names_agree(sentence, span, self.wording):
            yield NAME
        if not _quotations_agree(sentence, span):
            yield QUOTATION
        if not _speaker_agrees(sentence, span, self._speaker, self.wording):
            yield SPEAKER
        yield from _sense_problems(sentence, span, self.wording)
        if is_turned(sentence, span.text, self.wording):
            yield ORDER
        if is_opposite(sentence, span.text):
            yield OPPOSITE


def _unsupported(sentence: str, problem: str) -> Support:
    return Support(sentence, False, None, None, None, (problem,))


def _spans(number: int, passage: Passage, index: Index, wording: Wording) -> Iterator[Span]:
    """Each sentence of a passage, then each two that follow each other in a paragraph; without tainted ones."""
    text = stored_text(passage.document_id, index)
    sentences = index.catalog.sentences(passage.document_id)
    vectors = wording.sentence_vectors(passage)
    bad = tainted(text, sentences)
    inside = [
        one
        for one in sentences
        if passage.start <= one.start and one.end <= passage.end and one.start in vectors and one.start not in bad
    ]
    for one in inside:
        if not _is_heading(text[one.start : one.end], wording):
            yield _span(number, passage, (one,), text, sentences, vectors, bad, wording)
    for one, other in pairwise(inside):
        if one.paragraph == other.paragraph and place_of(sentences, other.start) == place_of(sentences, one.start) + 1:
            yield _span(number, passage, (one, other), text, sentences, vectors, bad, wording)


def _is_heading(text: str, wording: Wording) -> bool:
    """Whether it is a few words without a full stop, which state nothing."""
    return not ENDED.search(text) and len(wording.words(text)) < HEADING


def _span(
    number: int, passage: Passage, told: Sequence[Sentence], text: str, sentences: Sequence[Sentence],
    vectors: dict[int, Matrix], bad: set[int], wording: Wording,
) -> Span:  # fmt: skip
    first, last = place_of(sentences, told[0].start), place_of(sentences, told[-1].start)
    beside = [
        one for one in (*sentences[max(0, first - 2) : first], *sentences[last + 1 : last + 2]) if one.start not in bad
    ]
    words = _seen(text[told[0].start : told[-1].end])
    vector = sum((vectors[one.start] for one in told[1:]), vectors[told[0].start]) / len(told)
    return Span(
        number,
        told[0].start,
        told[-1].end,
        tuple(one.start for one in told),
        words,
        _seen(" ".join(text[one.start : one.end] for one in beside)),
        passage.text,
        " ".join(filter(None, (passage.title, passage.publisher, passage.author))),
        " ".join(filter(None, (passage.publisher, passage.author))),
        passage.published or "",
        next(filter(None, (attributed_to(text, sentences, place) for place in range(first, last + 1))), None),
        np.asarray(vector, np.float32),
        frozenset(word.term for word in wording.words(words)),
    )


def _seen(text: str) -> str:
    return " ".join(HIDDEN.sub("", text).split())


def _weighted(words: Sequence[Word], held: Sequence[float]) -> float:
    total = sum(word.weight for word in words)
    return sum(word.weight * share for word, share in zip(words, held, strict=True)) / total if total else 0.0


def _leans(span: Span) -> bool:
    """Whether it speaks of something that is named before it, or in the title."""
    return bool(ANAPHOR.search(span.text) or CALLED.search(span.text))


def _worst_clause(sentence: str, words: Sequence[Word], held: Sequence[float], wording: Wording) -> float:
    """The share of its words that is held of the clause that is held least."""
    by_term = {word.term: share for word, share in zip(words, held, strict=True)}
    shares = [1.0]
    for clause in claims.clauses(sentence):
        own = wording.words(clause)
        if len(own) >= ADDED_WORDS:
            shares.append(_weighted(own, [by_term.get(word.term, 0.0) for word in own]))
    return min(shares)


def _used(words: Sequence[Word], span: Span) -> float:
    """The share of the span's words that the claim has."""
    return len(span.terms & {word.term for word in words}) / len(span.terms) if span.terms else 0.0


def _number_problems(sentence: str, span: Span, wording: Wording) -> Iterator[str]:
    there = claims.numbers(span.text)
    for number in claims.numbers(sentence):
        same = [one for one in there if _same_value(number, one)]
        if not same or not any(_is_of_the_same(number, one, sentence, span.text, there, wording) for one in same):
            yield NUMBER
            return
        if not any(_bounds_agree(number, one) for one in same):
            yield HEDGE
            return


def _same_value(mine: claims.Number, theirs: claims.Number) -> bool:
    """Whether both are the same value in the same unit; one that is called about or nearly so may be rounded."""
    if mine.unit != theirs.unit and (mine.unit or theirs.unit in ("percent", "points")):
        return False
    off = abs(mine.value - theirs.value)
    if off <= 1e-6 * max(abs(mine.value), 1.0) or (
        mine.unit == "percent" and off < PERCENT_OFF and (mine.value % 1 or theirs.value % 1)
    ):
        return True
    if theirs.bound or off > ROUNDED * max(mine.value, theirs.value):
        return False
    return {
        "about": True,
        "nearly": theirs.value < mine.value,
        "less": theirs.value < mine.value,
        "more": theirs.value > mine.value,
    }.get(mine.bound, False)


def _bounds_agree(mine: claims.Number, theirs: claims.Number) -> bool:
    if mine.bound == theirs.bound:
        return True
    if mine.bound == "about" and theirs.bound == "nearly":
        return True
    return not theirs.bound and mine.value != theirs.value  # rounded


def _is_of_the_same(
    mine: claims.Told, theirs: claims.Told, sentence: str, text: str, others: Sequence[claims.Told], wording: Wording
) -> bool:
    """Whether what stands beside a figure or a date is not what stands beside another one of the span."""
    beside = _beside(sentence, mine, wording)
    if beside & _beside(text, theirs, wording) or len(others) < 2:
        return True
    return not any(beside & _beside(text, other, wording) for other in others if other != theirs)


def _beside(text: str, told: claims.Told, wording: Wording) -> set[str]:
    words = [word for word in wording.words(text) if not word.surface[0].isdigit()]
    end = found.start() if (found := BESIDE_BORDER.search(text, told.end)) else len(text)
    start = max((found.end() for found in BESIDE_BORDER.finditer(text, 0, told.start)), default=0)
    after = [word.term for word in words if told.end <= word.start < end]
    before = [word.term for word in words if start <= word.start < told.start]
    return {*after[:BESIDE_NUMBER], *before[-BESIDE_NUMBER:]}


def _dates_agree(sentence: str, span: Span, wording: Wording) -> bool:
    mine, theirs = claims.dates(sentence), claims.dates(span.text)
    there = {part for one in theirs for part in one.parts}
    kinds = {kind for kind, _ in there}
    told = {part for one in claims.dates(f"{span.published} {span.about}") for part in one.parts}
    told |= {("year", str(int(year) - 1)) for kind, year in told if kind == "year" and "last year" in span.text.lower()}
    around = {part for one in claims.dates(span.around) for part in one.parts}
    for date in mine:
        for part in date.parts:
            if part not in there and (part[0] in kinds or part not in told | around):
                return False
        same = [one for one in theirs if date.parts & one.parts]
        if same and not any(_is_of_the_same(date, one, sentence, span.text, theirs, wording) for one in same):
            return False
    return True


def _names_agree(sentence: str, span: Span, wording: Wording) -> bool:
    there = _name_words(f"{span.text} {span.known}")
    around = there | _name_words(span.around) if _leans(span) else there
    whole = f"{span.text} {span.known} {span.around}"
    told = claims.names(sentence)
    for place, (name, begins) in enumerate(told):
        if _is_named(name, around, whole):
            continue
        if place + 1 < len(told) and _is_full_name(name, told[place + 1][0], there, span.whole):
            continue
        if begins and (not wording.term(name) or _begins_only(name, wording, span)):
            continue
        return False
    return True


def _is_full_name(first: str, last: str, there: set[str], text: str) -> bool:
    """Whether the passage has elsewhere both names of whom the span calls by the last one alone."""
    return claims.folded(last) in there and f"{first} {last}" in text


def _begins_only(name: str, wording: Wording, span: Span) -> bool:
    """Whether a word has its capital because the sentence begins with it, as far as the span has such a word."""
    [held] = wording.held(wording.words(name)[:1], wording.words(span.text)) or [1.0]
    return held >= LIKELY


def _name_words(text: str) -> set[str]:
    return {re.sub(r"'s?$", "", word) for word in re.findall(r"(?:\w\.){2,}|[\w'-]+", claims.folded(text))}


def _is_named(name: str, words: set[str], text: str) -> bool:
    plain = claims.folded(name)
    if plain in words or (plain in AMERICAN and (words & AMERICAN or "united states" in claims.folded(text))):
        return True
    if plain in ("united", "states") and words & AMERICAN:
        return True
    if name.isupper() and len(name) > 1:
        return _initials(name, text)
    root = ENDINGS.sub("", plain)
    if len(root) >= 4 and any(ENDINGS.sub("", word) == root for word in words):
        return True
    if len(root) >= 4 and root != plain and any(word.startswith(root) and len(word) <= len(root) + 3 for word in words):
        return True
    parts = plain.split("-")
    return len(parts) > 1 and all(part in words for part in parts)


def _initials(name: str, text: str) -> bool:
    """Whether names in the text have these initials: DEA, Drug Enforcement Administration."""
    letters = r"[\w-]*\s+(?:(?:of|the|for|and)\s+){0,2}".join(re.escape(letter) for letter in name.replace(".", ""))
    return re.search(rf"\b{letters}", text) is not None


def _are_initials(one: str, other: str) -> bool:
    """Whether one of two names is the other one's initials."""
    return any(
        short.isupper() and len(short) > 1 and _initials(short, full) for short, full in ((one, other), (other, one))
    )


def _quotations_agree(sentence: str, span: Span) -> bool:
    """Whether what is quoted stands in the span; a longer quotation may go on in the sentences around it."""
    own, whole = _plain(span.text), _plain(f"{span.text} {span.around}")
    return all(_plain(one) in own or (". " in one and _plain(one) in whole) for one in claims.quotations(sentence))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", claims.folded(text)))


def _speaker_agrees(sentence: str, span: Span, before: Speaker | None, wording: Wording) -> bool:
    """Whether the sentence gives its words to whom the span gives them: to nobody, where that does."""
    mine = attributed_to(sentence, [Sentence(0, len(sentence), 0)], 0)
    theirs = span.speaker
    shown = SHOWN.search(span.text)
    if shown and not _is_mentioned(shown[1], sentence, wording):
        return False
    if not theirs:
        return not mine or _is_source(mine.name, span)
    if mine and (same_person(mine.name, theirs.name) or _are_initials(mine.name, theirs.name)):
        return True
    if mine and mine.name[:1].islower() and _name_words(mine.name) <= _name_words(span.text):
        return True  # who it is by their office
    if _is_mentioned(theirs.name, sentence, wording):
        return not mine or _is_mentioned(mine.name, span.text, wording)
    if PRONOUN_SAYS.search(sentence) and before and same_person(before.name, theirs.name):
        return True
    return bool(mine and _is_mentioned(mine.name, span.text, wording) and not theirs.name[0].isupper())


def _is_source(name: str, span: Span) -> bool:
    """Whether a name is that of who tells it all, or of somebody in the span's words."""
    return same_person(name, span.teller) or _name_words(name) <= _name_words(span.text)


def _is_mentioned(name: str, text: str, wording: Wording) -> bool:
    own = wording.words(name)
    if not own:
        return True
    return max(wording.held(own[-1:], wording.words(text)), default=0.0) >= 0.5 or same_person(name, text)


def _sense_problems(sentence: str, span: Span, wording: Wording) -> Iterator[str]:
    if denies_otherwise(sentence, span.text, wording):
        yield NEGATION
    if settles(sentence, span.text, wording):
        yield HEDGE


class SentenceStream:
    """Cuts a stream of text into sentences with the numbers they cite."""

    def __init__(self) -> None:
        self.rest = ""

    def feed(self, text: str) -> list[tuple[str, tuple[int, ...]]]:
        """The sentences that this text completes."""
        self.rest += text
        done = []
        searched = 0
        while found := END.search(self.rest, searched):
            if SHORT.search(self.rest[: found.end()][-12:]) and not found[0].isspace():
                searched = found.end()
                continue
            done += self._cut(self.rest[: found.end()])
            self.rest = self.rest[found.end() :].lstrip()
            searched = 0
        return done

    def flush(self) -> list[tuple[str, tuple[int, ...]]]:
        """What is left."""
        rest, self.rest = self.rest, ""
        return self._cut(rest)

    @staticmethod
    def _cut(text: str) -> list[tuple[str, tuple[int, ...]]]:
        cited = tuple(int(one) for found in MARKER.findall(text) for one in found.split(","))
        sentence = " ".join(MARKER.sub("", text).split())
        return [(sentence, cited)] if sentence else []
