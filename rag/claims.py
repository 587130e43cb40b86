"""What a sentence claims that can be compared: its dates, names and quotations, clause by clause.

Rules for English prose. Dates are their parts, as far as they are told; numbers are in `rag.quantities`. Nothing is
decided here: `rag.support` compares what two sentences claim.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rag.speakers import DAYS, MONTHS, NO_NAMES

UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
TEENS = "seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: float(value) for value, word in enumerate(f"{UNITS} {TEENS}".split())} | {
    word: float(value) for value, word in zip(range(20, 100, 10), TENS.split(), strict=True)
}
SCALES = {"dozen": 12.0, "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
MONTH_NAMES = tuple(MONTHS.split())
MONTH = rf"(?:{'|'.join(MONTH_NAMES)}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
YEAR = r"(?:1[5-9]|20)\d\d"
DATE = re.compile(
    rf"\b(?P<iso>{YEAR})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)\b"
    rf"|\b(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{MONTH})(?:,? (?P<year>{YEAR})\b)?"
    rf"|\b(?P<month2>{MONTH}) (?P<day2>\d\d?)(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<year2>{YEAR})\b)?"
    rf"|\b(?P<month3>{MONTH})(?:,?(?: of)? (?P<year3>{YEAR})\b)?"
    rf"|(?:(?<=[Ii]n )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Bb]y )|(?<=[Dd]uring )"
    rf"|(?<=[Bb]efore )|(?<=[Ii]n about )|(?<=[Ii]n around )|(?<=[Bb]y about )|(?<=[Bb]y around )"
    rf"|(?<=ince about )|(?<=ince around )|(?<=ntil about )|(?<=ntil around ))(?P<after>{YEAR})\b(?![,.%]\d)"
    rf"|(?<![\w.,$€£-])(?P<alone>{YEAR})\b(?![,.]\d|[ -](?:(?!and |or |but )[a-z-]+ )?[a-z]+(?:s|men"
    rf"|people)\b(?<! was)(?<! has)(?<! is))"
    rf"|\b(?P<weekday>{'|'.join(DAYS.split())})\b"
)
NOT_ALWAYS_MONTHS = ("May", "March", "Mar")
IN_TIME = re.compile(
    r"\b(?:in|last|since|of|until|till|this|next|early|late|mid|by|from|during|between|before|after)[ -]$", re.I
)

BEGINS_NAME = r"[A-ZÀ-ÖØ-Þ]"
AFTER_NUMBER = re.compile(r"\d ?°? ?$")
UNIT_SIGNS = frozenset("C F K M B GW GWh kW kWh MW MWh TWh TW Hz MHz GHz GB MB TB PM AM".split())  # noqa: SIM905
"""What is no name after a number."""
NAME_WORD = re.compile(rf"(?<![\w’'-])(?:(?:{BEGINS_NAME}\.){{2,}}|{BEGINS_NAME}[\w’'-]*\w|{BEGINS_NAME}\b)")
TITLE_WORDS = "mr mrs ms dr prof sen rep gov gen col sgt lt rev st sir lady president mayor minister"
TITLES = frozenset(TITLE_WORDS.split())
QUOTATION = re.compile(r"[“\"]([^“”\"]+)[”\"]|(?<!\w)[‘']([^‘’']{2,})[’'](?!\w)")

READ_AGAIN = 1_000
"""Texts whose numbers and dates are kept: a sentence is compared with twenty others, and those with the next one."""

CLAUSE = re.compile(
    r"[,;:]\s+|\s[–—-]\s|\s(?=(?:and|but|while|although|though|because|which|who|after|before|when|where|so that|"
    r"since|as well as|despite|leading|causing|making|adding)\b)"
)


class Told(Protocol):
    """Something that is told from ``start`` to ``end`` of a text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True)
class Date:
    """What is told of a date: ``parts`` has the year, the month, the day with its month, the day of the week."""

    parts: frozenset[tuple[str, str]]
    start: int
    end: int


@lru_cache(maxsize=READ_AGAIN)
def dates(text: str) -> tuple[Date, ...]:
    """The dates of a text.

    >>> [sorted(one.parts) for one in dates("On 12 May 2019 and in June")]
    [[('day', '5-12'), ('month', '5'), ('year', '2019')], [('month', '6')]]
    """
    found = []
    for match in DATE.finditer(text):
        alone = (match["month3"] or "").rstrip(".")
        if alone in NOT_ALWAYS_MONTHS and not match["year3"] and not IN_TIME.search(text[: match.start()]):
            continue
        found.append(Date(frozenset(_parts(match)), *match.span()))
    return tuple(found)


def _parts(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    year = match["iso"] or match["year"] or match["year2"] or match["year3"] or match["after"] or match["alone"]
    month = match["month"] or match["month2"] or match["month3"]
    number = int(match["iso_month"]) if match["iso_month"] else month_number(month) if month else None
    day = match["iso_day"] or match["day"] or match["day2"]
    if year:
        yield "year", year
    if number:
        yield "month", str(number)
        if day:
            yield "day", f"{number}-{int(day)}"
    if match["weekday"]:
        yield "weekday", match["weekday"]


def month_number(name: str) -> int:
    """1 for January and for Jan."""
    return next(place for place, month in enumerate(MONTH_NAMES, 1) if month.startswith(name.rstrip(".")[:3]))


def names(text: str) -> list[tuple[str, bool]]:
    """The words of names, and whether one begins the sentence, where any word has a capital.

    >>> names("In May the mayor, Dr. Anna Hale, met Orsk Water's owners.")
    [('Anna', False), ('Hale', False), ('Orsk', False), ('Water', False)]
    """
    found = []
    taken = [(one.start, one.end) for one in dates(text)]
    for match in NAME_WORD.finditer(text):
        word = re.sub(r"[’']s?$", "", match[0])
        known = word in NO_NAMES or word.casefold() in TITLES or word.casefold() in SMALL or word.casefold() in SCALES
        inside = any(start <= match.start() < end for start, end in taken)
        is_unit = word in UNIT_SIGNS and AFTER_NUMBER.search(text[: match.start()])
        if known or inside or is_unit or word == "I" or word.split("’")[0] in NO_NAMES:
            continue
        begins = not any(letter.isalnum() for letter in text[: match.start()])
        found.append((word, begins))
    return found


def quotations(text: str) -> list[str]:
    """What stands between quotation marks."""
    return [match[1] or match[2] for match in QUOTATION.finditer(text)]


def clauses(text: str) -> list[str]:
    """The parts of a sentence between its commas and conjunctions, in order."""
    return [one.strip() for one in CLAUSE.split(text) if any(letter.isalnum() for letter in one)]


def folded(text: str) -> str:
    """Small letters without accents and without typographic quotation marks."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(str.maketrans("‘’“”", "''\"\"")))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
