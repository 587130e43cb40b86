"""What a sentence claims that can be compared: its numbers, dates, names and quotations, clause by clause.

Rules for English prose. Numbers are values ("106 thousand" is 106,000, "half" is 50 %), with their unit and with how
exact they are said to be ("nearly", "more than"); dates are their parts, as far as they are told. Nothing is decided
here: `rag.support` compares what two sentences claim.
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
SHORT_SCALES = {"k": 1e3, "bn": 1e9, "m": 1e6}
FRACTIONS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}

SPELLED = "|".join([*SMALL, *SCALES])
NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<money>US\$|[$€£])\s?)?(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\d|(?:st|nd|rd|th)\b)"
    rf"(?:(?:[ -](?P<scale>{'|'.join(SCALES)})s?\b)|(?P<short>k|bn|m)\b)?"
    r"|\b(?:(?P<times>one|two|three|four|a|an)[ -])?(?P<part>half|third|quarter|fifth|tenth)s?\b(?= of\b| the\b)"
    rf"|\b(?P<words>(?:an? )?(?:{SPELLED})(?:(?:[ -]| and )(?:{SPELLED}))*)\b",
    re.IGNORECASE,
)
UNIT_FACTORS = {
    "%": ("percent", 1), "percent": ("percent", 1), "per cent": ("percent", 1), "percentage points": ("points", 1),
    "mm": ("metre", 0.001), "millimetre": ("metre", 0.001), "millimeter": ("metre", 0.001),
    "micron": ("metre", 1e-6), "micrometre": ("metre", 1e-6), "micrometer": ("metre", 1e-6),
    "nanometre": ("metre", 1e-9), "nanometer": ("metre", 1e-9), "nm": ("metre", 1e-9),
    "cm": ("metre", 0.01), "centimetre": ("metre", 0.01), "centimeter": ("metre", 0.01),
    "m": ("metre", 1), "metre": ("metre", 1), "meter": ("metre", 1),
    "km": ("metre", 1000), "kilometre": ("metre", 1000), "kilometer": ("metre", 1000),
    "mile": ("mile", 1), "foot": ("foot", 1), "feet": ("foot", 1), "inch": ("inch", 1), "inche": ("inch", 1),
    "microgram": ("gram", 1e-6), "milligram": ("gram", 0.001), "mg": ("gram", 0.001),
    "g": ("gram", 1), "gram": ("gram", 1), "kg": ("gram", 1000), "kilo": ("gram", 1000), "kilogram": ("gram", 1000),
    "tonne": ("tonne", 1), "ton": ("ton", 1), "pound": ("pound", 1), "ounce": ("ounce", 1),
    "millilitre": ("litre", 0.001), "milliliter": ("litre", 0.001), "ml": ("litre", 0.001),
    "litre": ("litre", 1), "liter": ("litre", 1), "gallon": ("gallon", 1), "barrel": ("barrel", 1),
    "hectare": ("hectare", 1), "acre": ("acre", 1),
    "nanosecond": ("second", 1e-9), "microsecond": ("second", 1e-6), "millisecond": ("second", 0.001),
    "second": ("second", 1), "minute": ("second", 60), "hour": ("second", 3600), "day": ("day", 1), "week": ("day", 7),
    "month": ("month", 1), "year": ("month", 12), "decade": ("month", 120), "century": ("month", 1200),
    "dollar": ("$", 1), "euro": ("€", 1), "peso": ("peso", 1), "yen": ("yen", 1), "cent": ("$", 0.01),
    "watt": ("watt", 1), "kilowatt": ("watt", 1e3), "megawatt": ("watt", 1e6), "gigawatt": ("watt", 1e9),
    "kw": ("watt", 1e3), "mw": ("watt", 1e6), "gw": ("watt", 1e9),
    "degree": ("degree", 1), "°": ("degree", 1), "°c": ("degree", 1), "°f": ("degree", 1), "yard": ("yard", 1),
    "knot": ("knot", 1),
}  # fmt: skip
"""What units are, and how many of which one they are; a unit of any other name is a word like others."""

UNIT = re.compile(
    r"[ -]?(?:(?:more|additional|extra|further|full|whole) )?"
    r"(?P<unit>%|°[CF]?|percentage points|per ?cent\b|(?:square |cubic )?[a-zA-Z]+)",
)
AGE = "years of age"
"""The unit of an age, which is often told without: "Vask, 46,"."""
YEARS_OLD = re.compile(r"[ -]years?[ -]olds?\b")
BOUNDS = (
    (
        "more",
        r"(?:more than|older than|over|at least|above|exceed(?:ed|s|ing)?|upwards of|no (?:fewer|less) than"
        r"|in excess of)",
    ),
    (
        "less",
        r"(?:fewer than|less than|younger than|under|up to|at most|below|short of|shy of"
        r"|as (?:many|much|long|high|far) as|no more than)",
    ),
    ("nearly", r"(?:nearly|almost|close to|just under|not quite)"),
    ("about", r"(?:about|around|roughly|some|approximately|an estimated|estimated|circa)"),
)
BOUND = tuple((name, re.compile(rf"\b{words}[ -](?:some |the |an? )?$", re.IGNORECASE)) for name, words in BOUNDS)

MONTH_NAMES = tuple(MONTHS.split())
MONTH = rf"(?:{'|'.join(MONTH_NAMES)}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
YEAR = r"(?:1[5-9]|20)\d\d"
DATE = re.compile(
    rf"\b(?P<iso>{YEAR})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)\b"
    rf"|\b(?P<day>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<month>{MONTH})(?:,? (?P<year>{YEAR})\b)?"
    rf"|\b(?P<month2>{MONTH}) (?P<day2>\d\d?)(?:st|nd|rd|th)?\b(?!\d)(?:,? (?P<year2>{YEAR})\b)?"
    rf"|\b(?P<month3>{MONTH})(?:,?(?: of)? (?P<year3>{YEAR})\b)?"
    rf"|(?:(?<=[Ii]n )|(?<=[Ss]ince )|(?<=[Uu]ntil )|(?<=[Bb]y )|(?<=[Dd]uring )"
    rf"|(?<=[Bb]efore ))(?P<after>{YEAR})\b(?![,.%]\d)"
    rf"|(?<![\w.,$€£-])(?P<alone>{YEAR})\b(?![,.]\d|[ -](?:[a-z-]+ )?[a-z]+(?:s|men"
    rf"|people)\b(?<! was)(?<! has)(?<! is))"
    rf"|\b(?P<weekday>{'|'.join(DAYS.split())})\b"
)
NOT_ALWAYS_MONTHS = ("May", "March", "Mar", "August")
IN_TIME = re.compile(
    r"\b(?:in|last|since|of|until|till|this|next|early|late|mid|by|from|during|between|before|after)[ -]$", re.I
)

BEGINS_NAME = r"[A-ZÀ-ÖØ-Þ]"
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
class Number:
    """A value in a unit ("" where it has none that is known), how exact it is said to be, and where it stands."""

    value: float
    unit: str
    bound: str  # "", "about", "nearly", "more", "less"
    start: int
    end: int


@dataclass(frozen=True)
class Date:
    """What is told of a date: ``parts`` has the year, the month, the day with its month, the day of the week."""

    parts: frozenset[tuple[str, str]]
    start: int
    end: int


@lru_cache(maxsize=READ_AGAIN)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text that are no dates; "one" alone is more often no number.

    >>> [(one.value, one.unit, one.bound) for one in numbers("Nearly 106 thousand dollars, half of the 12 km")]
    [(106000.0, '$', 'nearly'), (50.0, 'percent', ''), (12000.0, 'metre', '')]
    """
    taken = [(one.start, one.end) for one in dates(text)]
    found = []
    for match in NUMBER.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        if (match["words"] or "").lower() in ("one", "a one", "zero"):
            continue
        found.append(_number(match, text))
    return tuple(found)


def _number(match: re.Match[str], text: str) -> Number:
    bound = next((name for name, words in BOUND if words.search(text[: match.start()])), "")
    if match["part"]:
        times = SMALL.get((match["times"] or "a").lower(), 1.0)
        share = times * FRACTIONS[match["part"].lower()]
        whole = re.match(r" of an? (\w+)", text[match.end() :])
        if whole and whole[1] in UNIT_FACTORS:  # "three quarters of an hour"
            unit, factor = UNIT_FACTORS[whole[1]]
            return Number(share / 100 * factor, unit, bound, *match.span())
        return Number(share, "percent", bound, *match.span())
    if match["words"]:
        value = spelled_value(match["words"].lower())
    else:
        value = float(match["digits"].replace(",", "")) * SCALES.get((match["scale"] or "").lower(), 1.0)
    short = (match["short"] or "").lower()
    if short == "m" and not match["money"]:
        return Number(value, "metre", bound, *match.span())
    value *= SHORT_SCALES.get(short, 1.0)
    if match["money"]:
        return Number(value, match["money"].removeprefix("US"), bound, *match.span())
    unit, factor = _unit(text, match.end())
    return Number(value * factor, unit, bound, *match.span())


def spelled_value(words: str) -> float:
    """The value of a number in words.

    >>> spelled_value("two hundred and six thousand"), spelled_value("a dozen")
    (206000.0, 12.0)
    """
    total = current = 0.0
    for word in re.findall(r"[a-z]+", words):
        if word in SMALL:
            current += SMALL[word]
        elif word in ("hundred", "dozen"):
            current = (current or 1.0) * SCALES[word]
        elif word in SCALES:
            total, current = total + (current or 1.0) * SCALES[word], 0.0
    return total + current


def _unit(text: str, at: int) -> tuple[str, float]:
    match = UNIT.match(text, at)
    if YEARS_OLD.match(text, at):
        return AGE, 1.0
    if not match:
        return "", 1.0
    name = match["unit"]
    squared = re.match(r"(square|cubic) (.*)", name)
    plain = squared[2] if squared else name
    for one in (plain, plain.lower(), plain.lower().removesuffix("s"), plain.lower().replace("ies", "y")):
        if one in UNIT_FACTORS and not (len(one) == 1 and text[at : at + 1] == "-"):
            unit, factor = UNIT_FACTORS[one]
            return (f"{squared[1]} {unit}", factor**2) if squared else (unit, factor)
    return "", 1.0


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
        if known or inside or word == "I" or word.split("’")[0] in NO_NAMES:
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
