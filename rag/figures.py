"""Whether a sentence keeps the numbers and dates of its source: the same values, of the same things, as exact."""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from rag import claims, quantities
from rag.spans import Span
from rag.wording import Wording

ROUNDED, ROUNDED_FRACTION = 0.06, 0.08
"""Share by which a figure that is called "about" or "nearly" may be off, and a fraction."""

PAIR = 2
"""Who are named and counted."""

THIRDS = tuple(times * quantities.FRACTIONS["third"] for times in (1, 2, 4))
PERCENT_OFF = 1.0
"""Percentage points between "a third" and 33 %. Any other percentage is as exact as it is told."""

SAME_UNITS = ({quantities.AGE, ""}, {quantities.AGE, "month"}, {"pound", "£"})
"""Units of which one may be told for the other."""

ESTIMATED = re.compile(r"\bestimat|\bforecast", re.IGNORECASE)
"""What makes any number of a sentence one that is about so."""

KINDS = ("day", "month", "weekday", "year")
"""The parts of a date, the most exact first."""

YEARS_BESIDE = (
    (1, re.compile(r"\b(?:the (?:following|next) year|a year later|one year later)\b", re.IGNORECASE)),
    (
        -1,
        re.compile(r"\b(?:the (?:previous|preceding) year|the year before|(?:a|one) year (?:earlier|before))\b", re.I),
    ),
)

SOME = rf"(?:\d[\d,]*|\b(?:{quantities.SPELLED}))"
PER = re.compile(
    rf"\bper (?!cent)([a-z]+)|{SOME} (?:[a-z]+ )?(?:an?|each|every) ({quantities.TIMES})\b"
    r"(?! (?:earlier|later|ago|before|after|and))"
)
RATES = {"day": "daily", "year": "yearly|annual"}
OUT_OF = re.compile(rf" (?:out )?of (?:{quantities.THOSE}{SOME}\b|(?:them|these|those|whom|which)\b)", re.IGNORECASE)
OUT_OF_BEFORE = re.compile(rf"{SOME} (?:out )?of {quantities.THOSE}$", re.IGNORECASE)
"""Of "two of the nine people" both are of people."""

BESIDE_NUMBER = 4
"""Content words on each side of a figure that say what it is of..."""

BESIDE_BORDER = re.compile(rf"[,;:.]\s|\band\b(?! (?:[\d$€£]|{claims.MONTH}))|\bbut\b|\bwhile\b")
"""...up to where something else is told; not inside "between 4 and 6"."""


def numbers_agree(sentence: str, span: Span, wording: Wording) -> bool:
    """Whether the span has each number of the sentence, told of the same."""
    there = quantities.numbers(span.text)
    for number in quantities.numbers(sentence):
        if _counts_named(number, sentence, span.text):
            continue
        same = _same_values(number, there)
        if not any(_is_of_the_same(number, one, sentence, span.text, there, wording) for one in same):
            return False
    return _rates_agree(sentence, span.text)


def _rates_agree(sentence: str, text: str) -> bool:
    """Whether what is told per hectare, or "a month", is so in the span."""
    units = {per or each for per, each in PER.findall(sentence)} & quantities.UNIT_FACTORS.keys()
    return all(
        re.search(rf"\b(?:per|an?|each|every|the) {one}|/{one[0]}|{RATES.get(one, f'{one}ly')}", text, re.IGNORECASE)
        for one in units
    )


def _counts_named(number: quantities.Number, sentence: str, text: str) -> bool:
    """Whether a number counts two who are named: "two lifeboats" where the span has "the lifeboats Merrow and Tern"."""
    thing = re.match(r" ([a-z]{3,})\b,?(?P<names> (?:[\w’'-]+ ){0,6}[A-Z][\w’'-]+ and )?", sentence[number.end :])
    if number.value != PAIR or number.unit or not thing:
        return False
    return bool(thing["names"] or re.search(rf"\b{thing[1]},? [A-Z][\w’'-]+ and [A-Z]", text))


def bounds_agree(sentence: str, span: Span) -> bool:
    """Whether each number of the sentence is as exact as the span has it."""
    there = quantities.numbers(span.text)
    told = ((number, _same_values(number, there)) for number in quantities.numbers(sentence))
    estimated = bool(ESTIMATED.search(sentence))
    return all(any(_bounds_agree(number, one, estimated) for one in same) for number, same in told if same)


def _same_values(number: quantities.Number, there: Sequence[quantities.Number]) -> list[quantities.Number]:
    return [one for one in there if _same_value(number, one)]


def _same_value(mine: quantities.Number, theirs: quantities.Number) -> bool:
    """Whether both are the same value in the same unit; one that is called about or nearly so may be rounded."""
    if (
        {mine.unit, theirs.unit} not in SAME_UNITS
        and mine.unit != theirs.unit
        and (mine.unit or theirs.unit in ("percent", "points"))
    ):
        return False
    if {mine.unit, theirs.unit} == {quantities.AGE, "month"}:  # 3,400 years old, back 3,400 years
        mine, theirs = (replace(one, value=one.value / one.factor) for one in (mine, theirs))
    off = abs(mine.value - theirs.value)
    if off <= 1e-6 * max(abs(mine.value), abs(theirs.value)) or (
        mine.unit == "percent" and off < PERCENT_OFF and (mine.value in THIRDS or theirs.value in THIRDS)
    ):
        return True
    if theirs.bound or off > (ROUNDED_FRACTION if mine.is_fraction else ROUNDED) * max(mine.value, theirs.value):
        return False
    return {
        "about": True,
        "nearly": theirs.value < mine.value,
        "less": theirs.value < mine.value,
        "more": theirs.value > mine.value,
    }.get(mine.bound, False)


def _bounds_agree(mine: quantities.Number, theirs: quantities.Number, estimated: bool) -> bool:
    if mine.bound == theirs.bound or (estimated and not mine.bound and theirs.bound == "about"):
        return True
    if mine.bound == "about" and theirs.bound == "nearly":
        return True
    return not theirs.bound and mine.value != theirs.value  # rounded


def _is_of_the_same(
    mine: claims.Told, theirs: claims.Told, sentence: str, text: str, others: Sequence[claims.Told], wording: Wording
) -> bool:
    """Whether what stands beside a figure or a date is not what stands beside another one of the span."""
    if _is_out_of(sentence, mine) and _is_out_of(text, theirs):
        return True
    beside = _beside(sentence, mine, wording)
    if beside & _beside(text, theirs, wording) or len(others) < 2:
        return True
    return not any(beside & _beside(text, other, wording) for other in others if other != theirs)


def _is_out_of(text: str, told: claims.Told) -> bool:
    """Whether a figure is that of a part of others, or of those others: both of "two of the nine people"."""
    return bool(OUT_OF.match(text, told.end) or OUT_OF_BEFORE.search(text[: told.start]))


def _beside(text: str, told: claims.Told, wording: Wording) -> set[str]:
    words = [word for word in wording.words(text) if not word.surface[0].isdigit()]
    borders = list(BESIDE_BORDER.finditer(text))
    end = min((one.start() for one in borders if one.start() >= told.end), default=len(text))
    start = max((one.end() for one in borders if one.end() <= told.start), default=0)
    after = [word.term for word in words if told.end <= word.start < end]
    before = [word.term for word in words if start <= word.start < told.start]
    return {*after[:BESIDE_NUMBER], *before[-BESIDE_NUMBER:]}


def dates_agree(sentence: str, span: Span, wording: Wording) -> bool:
    """Whether the span has each part of each date of the sentence, or where it leaves one open, what is beside it."""
    mine, theirs = claims.dates(sentence), claims.dates(span.text)
    there = {part for one in theirs for part in one.parts}
    kinds = {kind for kind, _ in there}
    told = {part for one in claims.dates(f"{span.published} {span.about}") for part in one.parts}
    told |= {("year", str(int(year) - 1)) for kind, year in told if kind == "year" and "last year" in span.text.lower()}
    around = {part for one in claims.dates(span.around) for part in one.parts}
    there |= _years_beside(span, there if "year" in kinds else around)
    for date in mine:
        for part in date.parts:
            if part not in there and (part[0] in kinds or part not in told | around):
                return False
        finest = next((kind, value) for kind in KINDS for own, value in date.parts if own == kind)
        holders = [one for one in theirs if finest in one.parts]
        if holders and all(_conflict(date, one) for one in holders):
            return False
        same = [one for one in theirs if date.parts & one.parts]
        if same and not any(_is_of_the_same(date, one, sentence, span.text, theirs, wording) for one in same):
            return False
    return True


def _conflict(mine: claims.Date, theirs: claims.Date) -> bool:
    """Whether both tell the year, or another part, and tell another one."""
    other = dict(theirs.parts)
    return any(other.get(kind, value) != value for kind, value in mine.parts)


def _years_beside(span: Span, told: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """The years that "the following year" and "a year earlier" may be, by those that are told around them."""
    steps = [step for step, words in YEARS_BESIDE if words.search(span.text)]
    return {("year", str(int(value) + step)) for step in steps for kind, value in told if kind == "year"}
