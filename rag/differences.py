"""Where sources differ: sentences of different reports that give other figures, dates or claims for what was asked.

Rules over the sentences of the passages found, without a model. Two sentences are only said to differ where they speak
of the same thing as far as their words tell: the same things counted, no other year, place or moment. Figures of
different things are not a difference; they stand side by side as what they are. Names that differ are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from index.opened import Index
from index.sentences import Sentence, place_of
from rag.content import names
from rag.numbered import things_in
from rag.passages import Found, Passage, stored_text
from rag.question import YEAR, Question
from rag.quotes import Quote, ranked_quotes
from rag.speakers import DAYS, MONTHS, SAYING, speaker_of

DIFFER = "Sources differ:"
BESIDE = "Figures side by side, each in its own words:"

MAX_SIDES = 4

COVERED = 0.5
"""Share of the question's weight in a sentence and its title for it to speak of what was asked."""

SAID = 0.3
"""...and in the sentence alone: a title does not make every sentence one about its subject."""

CLAIM_SAID = 0.95
"""Of a yes-or-no question, in the sentence alone: a claim of something else is soon taken for its opposite."""

NEARLY = 0.55
"""Share of the best sentence's score that another report's best one has to have, to answer the same question..."""

MEANT = 0.8
"""...and of its cosine with the question: words that they share are often those of the subject only..."""

BESIDE_NAMES = 0.65
"""...and of how near it comes to the question's words that are no names. Of 997 questions with one answer, four are
then said to be told differently, and five without this."""

ROUGHLY = 0.1
"""A figure after "about" or "nearly" may be off by this share."""

THING_WORDS = 3
"""Words after a figure that may say what is counted: "5,000 pharmaceutical manufacturers"."""

NUMBER_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
FIGURE = re.compile(
    rf"(?<![\w.,-])([$€£]?)(\d[\d,]*(?:\.\d+)?|(?i:{'|'.join(NUMBER_WORDS)}))(?:[ -]({'|'.join(SCALES)}))?\b"
    r"(\s?%| percent\b| per cent\b)?"
)
AT_LEAST = re.compile(r"\b(?:more than|over|at least|above|exceed(?:ed|s|ing)?|upwards of)(?: some)? $", re.I)
AT_MOST = re.compile(r"\b(?:fewer than|less than|under|up to|at most|below|as many as) $", re.I)
ABOUT = re.compile(r"\b(?:about|around|nearly|almost|roughly|some|approximately|an estimated|close to) $", re.I)
PROVISIONAL = re.compile(
    r"\b(?:so far|as of|now|until|by then|risen|revised|at first|early|expect\w*)\b", re.IGNORECASE
)
STOPS_THING = re.compile(
    r"(?:[,.;:]|\b(?:in|at|of|on|to|for|from|with|by|and|or|were|was|are|is|have|had|has|who|that|last|this|died)\b)"
)
PEOPLE_WORDS = (
    "peopl person men women passeng patient visitor resid worker employe member guest villag swimmer student pupil "
    "tourist voter custom demonstr protest spectat fan citizen inhabit household"
)
PEOPLE = frozenset(PEOPLE_WORDS.split())
"""As they are indexed."""

DEATHS = frozenset({"die", "dead", "death", "fatal", "kill", "victim", "live", "life"})
"""As they are indexed; "fatalities" count what a question about the dead asks for."""

OF_A_PART = re.compile(r"\b(?:for|of (?:them|those|these)|among|including|who|with|aged)\b", re.I)
"""What follows it says which part of what is counted is meant: "12 people were arrested for theft"."""

MONTH = rf"(?:{'|'.join(MONTHS.split())})"
DATE = re.compile(
    rf"\b(?:(?P<first>\d\d?) )?(?P<month>{MONTH})\b(?: (?P<day>\d\d?)\b)?(?:,? (?P<year>{YEAR.pattern}))?"
    rf"|(?P<alone>{YEAR.pattern})"
)
WORD = re.compile(r"[^\W\d_]+")
MONTH_NAMED = re.compile(rf"\b{MONTH}\b")
PLACE = re.compile(r"\b(?:in|at|of|from|near|across|outside) (?:the )?([A-ZÀ-Þ][\w’'-]+)")

DAY_NAMED = re.compile(rf"\b(?:{'|'.join(DAYS.split())})\b")
ON_DAY = rf"(?:{'|'.join(DAYS.split())}|{MONTH} \d\d?\b|\d\d? {MONTH})"
WHEN_SAID = re.compile(
    rf"\b{SAYING}(?: (?:in an? )?(?:(?:the|an?) )?(?:reporters|journalists|statement|letter|report|council|court))?"
    rf"(?: on| late| early| last)* {ON_DAY}|^On {ON_DAY},? (?:[\w’'-]+ ){{1,4}}?{SAYING}\b"
)
"""The day on which it is said, which is not the one it is about."""

EXCEPTION = re.compile(r",? (?:but|except|although|though|while|unless|save)\b.*", re.I | re.S)
"""What restricts a claim and does not deny it: "open, but not on Sundays"."""

DENIES = re.compile(r"\b(?:not|never|no|den(?:y|ies|ied|ying)|neither|nor|false)\b|n[’']t\b", re.I)
UNSURE = re.compile(r"\b(?:may|might|could|would|whether|if|possibly|ask(?:s|ed)?|should|will|plan\w*)\b|\?", re.I)


@dataclass(frozen=True)
class Told:
    """A sentence that tells what was asked, and what it gives for it."""

    passage: Passage
    sentence: Sentence
    text: str
    speaker: str | None
    values: "tuple[Figure, ...] | Date | Claim"
    covered: float
    figures: "tuple[Figure, ...]" = ()  # all of a sentence that answers, also of what was not asked


@dataclass(frozen=True)
class Figure:
    """A value between bounds that its words allow, with what it counts and in which unit."""

    value: float
    low: float
    high: float
    unit: str
    thing: frozenset[str]
    clause: str = field(default="", compare=False)  # the words after it, up to the next comma or full stop
    place: tuple[int, int] = field(default=(0, 0), compare=False)  # of its first and after its last character


@dataclass(frozen=True)
class Date:
    """As far as it is told; None for what is not."""

    year: str | None
    month: str | None
    day: str | None


@dataclass(frozen=True)
class Claim:
    """That it is so, or that it is not."""

    denied: bool


@dataclass(frozen=True)
class Apart:
    """Sentences of different reports, best first, that ``differ`` or that give figures of different things."""

    differ: bool
    told: tuple[Told, ...]


def differences(found: Found, quotes: Sequence[Quote], index: Index) -> tuple[Apart, ...]:
    """What the passages' reports tell apart from each other about the question; empty where they agree.

    quotes: the sentences that answer, which are about the question whatever their words.
    """
    told = _told(found, {(quote.document_id, quote.sentence.start) for quote in quotes}, index)
    answering = _answering(found, index)
    for one, other in [*combinations(answering, 2), *combinations(told, 2)]:
        if _contradict(one, other, found.question):
            sides = [one, other]
            for more in [*answering, *told]:
                if more not in sides and all(_contradict(more, side, found.question) for side in sides):
                    sides.append(more)
            return (Apart(True, tuple(sides[:MAX_SIDES])),)
    beside = _of_different_things([one for one in told if _counts_what_is_asked(one, found.question, index)])
    return (Apart(False, tuple(beside)),) if beside else ()


def _answering(found: Found, index: Index) -> list[Told]:
    """The sentence of each report that best offers the number or the date asked for, where it is nearly as good."""
    if found.question.kind not in ("how many", "how much", "when"):
        return []
    best: dict[int, Told] = {}
    quotes = [one for one in ranked_quotes(found, index) if one.offers and not one.sentence.heading]
    for quote in quotes:
        if quote.passage.report in best or not _answers_the_same(quote, quotes[0], found.question, index):
            continue
        values = _values(found.question, quote.text, index)
        text = stored_text(quote.document_id, index)
        figures = values if isinstance(values, tuple) else ()
        speaker = _speaker(quote.sentence, quote.passage, text, index)
        best[quote.passage.report] = Told(
            quote.passage, quote.sentence, quote.text, speaker, values, quote.score, figures
        )
    return [one for one in best.values() if one.values]


def _answers_the_same(quote: Quote, best: Quote, question: Question, index: Index) -> bool:
    """Whether a sentence is about what the best one answers: "López Obrador ended it in 2020" says not when he came."""
    others = frozenset(question.terms).difference(index.words.terms(" ".join(names(question.text))))
    near, of_best = (question.mean(one.near, others) for one in (quote, best))
    return quote.score >= NEARLY * best.score and quote.cosine >= MEANT * best.cosine and near >= BESIDE_NAMES * of_best


def _told(found: Found, quoted: set[tuple[int, int]], index: Index) -> list[Told]:
    """The sentences that give a value for what was asked, a value once for each report, best first."""
    told: dict[tuple[int, object], Told] = {}
    for passage in found.passages:
        title = set(index.words.terms(passage.title or ""))
        text = stored_text(passage.document_id, index)
        for sentence in tuple(told.sentence for told in passage.told):
            words = text[sentence.start : sentence.end]
            answers = (passage.document_id, sentence.start) in quoted
            covered = _covered(found.question, words, title, index)
            if sentence.heading or words.endswith(("?", ":")) or not (covered or answers):
                continue
            values = _values(found.question, words, index) if covered else ()
            counts = answers and found.question.kind in ("how many", "how much")
            figures = _figures_in(words, index) if counts else values if isinstance(values, tuple) else ()
            if values or figures:
                one = Told(passage, sentence, words, _speaker(sentence, passage, text, index), values, covered, figures)
                told.setdefault((passage.report, values or figures), one)
    return sorted(told.values(), key=lambda one: (-one.covered, one.passage.document_id, one.sentence.start))


def _covered(question: Question, words: str, title: set[str], index: Index) -> float:
    """The share of the question that a sentence speaks of; 0 where that is too little to compare it."""
    terms = set(index.words.terms(words))
    covered, alone = question.coverage(terms | title), question.coverage(terms)
    return covered if covered >= COVERED and alone >= (CLAIM_SAID if question.kind == "yes or no" else SAID) else 0.0


def _speaker(sentence: Sentence, passage: Passage, text: str, index: Index) -> str | None:
    """Who says it, where the sentence does not name them."""
    sentences = index.catalog.sentences(passage.document_id)
    speaker = speaker_of(text, sentences, place_of(sentences, sentence.start))
    return speaker.name if speaker else None


def _values(question: Question, words: str, index: Index) -> tuple[Figure, ...] | Date | Claim:
    """What a sentence gives for a question of this kind; nothing where it does not say, or says several dates."""
    if question.kind in ("how many", "how much"):
        return _figures(question, words, index)
    if question.kind == "when":
        dates = list(DATE.finditer(words))
        return _date(dates[0]) if len(dates) == 1 else ()
    if question.kind == "yes or no" and not UNSURE.search(words):
        return Claim(bool(DENIES.search(EXCEPTION.sub("", words))))
    return ()


def _figures(question: Question, words: str, index: Index) -> tuple[Figure, ...]:
    """The figures of a sentence that count what the question asks for."""
    counted = set(index.words.terms(" ".join(question.counted)))
    anything = question.kind == "how much" or not counted
    return tuple(one for one in _figures_in(words, index) if anything or one.thing & (counted | PEOPLE))


def _figures_in(words: str, index: Index) -> tuple[Figure, ...]:
    return tuple(_bounded(match, words, index) for match in FIGURE.finditer(words) if not _is_date(match, words))


def _is_date(match: re.Match[str], words: str) -> bool:
    bare = not (match[1] or match[3] or match[4])
    is_year = bool(YEAR.fullmatch(match[2]))
    return bare and (is_year or bool(re.search(rf"{MONTH} $", words[: match.start()])))


def _bounded(match: re.Match[str], words: str, index: Index) -> Figure:
    spelled = match[2].lower()
    number = NUMBER_WORDS.index(spelled) + 2 if spelled in NUMBER_WORDS else float(spelled.replace(",", ""))
    value = number * SCALES.get(match[3] or "", 1)
    after = STOPS_THING.split(words[match.end() : match.end() + 80], maxsplit=1)[0]
    thing = frozenset(index.words.terms(" ".join(after.split()[:THING_WORDS])))
    unit = match[1] or ("%" if match[4] else "")
    low, high = _bounds(value, words[: match.start()])
    clause = re.split(r"[,.;:]", words[match.end() :], maxsplit=1)[0]
    return Figure(value, low, high, unit, thing, clause, match.span())


def _bounds(value: float, before: str) -> tuple[float, float]:
    if AT_LEAST.search(before):
        return value, float("inf")
    if AT_MOST.search(before):
        return 0.0, value
    share = ROUGHLY if ABOUT.search(before) else _rounding(value)
    return value * (1 - share), value * (1 + share)


def _rounding(value: float) -> float:
    """The share by which a figure that ends in zeros may have been rounded: 1 % of 12,000, nothing of 12,345."""
    return 0.05 if value >= 100 and value % 10 == 0 else 0.0


def _date(match: re.Match[str]) -> Date:
    return Date(match["year"] or match["alone"], match["month"], match["first"] or match["day"])


def _contradict(one: Told, other: Told, question: Question) -> bool:
    """Whether both cannot be so: other values for one thing, told by different reports."""
    if one.passage.report == other.passage.report or not _one_scope(one, other, question):
        return False
    a, b = one.values, other.values
    if isinstance(a, Claim) and isinstance(b, Claim):
        return a.denied != b.denied
    if isinstance(a, Date) and isinstance(b, Date):
        pairs = ((a.year, b.year), (a.month, b.month), (a.day, b.day))
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b) == 1:
        return _count_the_same(a[0], b[0]) and _other_value(a[0], b[0]) and not _is_of_a_part(one, other, question)
    return False


def _count_the_same(one: Figure, other: Figure) -> bool:
    """The same things, or people by whatever name, or the same money or share.

    "80 seasonal workers" and "300 permanent workers" are not the same, "27 workers" may be either.
    """
    if one.thing & other.thing:
        return not (one.thing - other.thing and other.thing - one.thing)
    if not one.thing and not other.thing:
        return True
    return bool(one.unit and one.unit == other.unit) or bool(one.thing & PEOPLE and other.thing & PEOPLE)


def _is_of_a_part(one: Told, other: Told, question: Question) -> bool:
    """Whether the smaller figure is restricted by words that neither the question nor the other sentence has."""
    smaller, larger = sorted((one, other), key=lambda told: told.figures[0].value)
    restricted = OF_A_PART.split(smaller.figures[0].clause, maxsplit=1)[1:]
    known = {word.lower() for word in WORD.findall(f"{question.text} {larger.text}")}
    return any(word.lower() not in known for words in restricted for word in WORD.findall(words) if len(word) > 3)


def _other_value(one: Figure, other: Figure) -> bool:
    return one.unit == other.unit and (one.high < other.low or other.high < one.low)


def _one_scope(one: Told, other: Told, question: Question) -> bool:
    """Whether two sentences speak of the same year and place as far as they say, and neither is for the time being."""
    if PROVISIONAL.search(one.text) or PROVISIONAL.search(other.text):
        return False
    if _of_other_names(one, other, question):
        return False
    if not isinstance(one.values, Date):
        months = [set(MONTH_NAMED.findall(told.text)) for told in (one, other)]
        if all(months) and months[0] != months[1]:
            return False
        years = [set(YEAR.findall(told.text)) for told in (one, other)]
        if years[0] != years[1] and (question.years or all(years)):
            return False
    if isinstance(one.values, Claim):
        return True
    asked = {*re.findall(r"[\w’'-]+", question.text), *MONTHS.split(), *DAYS.split()}
    places = [set(PLACE.findall(told.text)) - asked for told in (one, other)]
    return not all(places) or bool(places[0] & places[1])


def _of_other_names(one: Told, other: Told, question: Question) -> bool:
    """Whether a number or a day tells apart what they are about: School No. 5 and No. 7, on Monday and on Friday."""
    texts = [WHEN_SAID.sub("", _without_value(told)) for told in (one, other)]
    asked = frozenset(things_in(question.text, frozenset(WORD.findall(question.text.lower()))))
    mine, theirs = (things_in(text, asked) for text in texts)
    if any(not mine[head] & theirs[head] for head in mine.keys() & theirs.keys() if not _is_month(head, one)):
        return True
    days = [set(DAY_NAMED.findall(text)) for text in texts]
    return not isinstance(one.values, Date) and all(days) and not days[0] & days[1]


def _is_month(head: str, told: Told) -> bool:
    """Whether a number after this word is the day of a date that is asked for."""
    return isinstance(told.values, Date) and MONTH_NAMED.fullmatch(head.capitalize()) is not None


def _without_value(told: Told) -> str:
    """The sentence without the one figure that is compared: "In Calderwick 35 died" is about no Calderwick 35."""
    if not isinstance(told.values, tuple) or len(told.values) != 1:
        return told.text
    start, end = told.values[0].place
    return f"{told.text[:start]}…{told.text[end:]}"


def _counts_what_is_asked(one: Told, question: Question, index: Index) -> bool:
    """Whether a figure counts what the question does, people where it asks for some, or the dead where they died."""
    counted = index.words.terms(" ".join(question.counted))[-1:]
    deaths = DEATHS if DEATHS & set(question.terms) else frozenset()
    asked = {*(counted or question.terms), *deaths, *(PEOPLE if counted or deaths else ())}
    return any(figure.thing & asked for figure in one.figures)


def _of_different_things(told: Sequence[Told]) -> list[Told]:
    """Sentences with other figures than each other's, the best first; none where one report has them all."""
    kept: list[Told] = []
    for one in told:
        if len(kept) < MAX_SIDES and one.figures and all(_stands_apart(one, side) for side in kept):
            kept.append(one)
    return kept if len({one.passage.report for one in kept}) > 1 else []


def _stands_apart(one: Told, other: Told) -> bool:
    """Whether one gives a figure that the other's are not near."""
    return any(all(_far(mine, theirs) for theirs in other.figures) for mine in one.figures)


def _far(one: Figure, other: Figure) -> bool:
    return one.unit != other.unit or abs(one.value - other.value) > ROUGHLY * max(one.value, other.value)
