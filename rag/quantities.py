"""The numbers of a text: values in units, however they are told, with how exact they are said to be.

"106 thousand" is 106,000, "half" and "one in two" are 50 %, "three years and four months" are 40 months, and in "$85-95
million" both ends are dollars and millions. Rules for English prose; nothing is compared here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.claims import READ_AGAIN, SCALES, SMALL, dates

SHORT_SCALES = {"k": 1e3, "bn": 1e9, "m": 1e6}
FRACTIONS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
AND_PART = {"half": 0.5, "quarter": 0.25, "quarters": 0.75}

SPELLED = "|".join([*SMALL, *SCALES])
MORE = r" and (?:an?|three) (?P<part>half|quarters?)\b"
AND_PART_MORE = re.compile(rf"{MORE}(?: (?P<scale>{'|'.join(SCALES)}))?")
NUMBER = re.compile(
    rf"(?<![\w.])(?:(?P<money>US\$|[$€£])\s?)?(?P<digits>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\d|(?:st|nd|rd|th)\b)"
    rf"(?:(?:[ -](?P<scale>{'|'.join(SCALES)})s?\b)|(?P<short>k|bn|m)\b)?"
    r"|\b(?:(?P<times>one|two|three|four|an?)[ -])?(?P<part>half|third|quarter|fifth|tenth)s?\b"
    rf"|\b(?P<words>(?:an? )?(?:{SPELLED})(?:(?:[ -]| and )(?:{SPELLED}))*)\b",
    re.IGNORECASE,
)
TIMES = r"(?:second|minute|hour|day|week|month|year)"
THOSE = r"(?:(?:the|these|those|its|his|her|their) )?"
ABOUT = r"(?: (?:about|around|nearly|almost|some|roughly))?"
COUNTS = "|".join(one for one in SMALL if one != "zero")
SHARE = re.compile(
    rf"\b(?P<few>{COUNTS}|\d{{1,2}}) in (?:every )?(?P<all>{COUNTS}|\d{{1,3}})\b"
    rf"(?![,.]\d| (?:{'|'.join(SCALES)}|(?:{TIMES}|decade)s?\b))",
    re.IGNORECASE,
)
"""One in five."""
AND_A_HALF = re.compile(rf"\b(?:an?|one) (?P<unit>[a-z]+){MORE}", re.IGNORECASE)
"""A year and a half."""

ORDINAL = re.compile(
    r"\b(?:first|second|third|fourth|other|better|latter|next|last|final|top|bottom)[ -]$", re.IGNORECASE
)
"""Before the half or quarter of a time, which is no share."""
IS_SHARE = re.compile(
    r" (?:of|the|what|were|was|are|is|had|have|as|its|their|his|her|those|"
    r"more|less|fewer|higher|lower|larger|smaller)\b"
)
BY_SHARE = re.compile(rf"\b(?:by|to|than|over|under|nearly|almost|about|around|roughly){ABOUT} $", re.IGNORECASE)
WHOLE = re.compile(r"(?: of)? an? ([a-z]+(?: point)?)")
"""What there is a half of."""
UNIT_FACTORS = {
    "%": ("percent", 1), "percent": ("percent", 1), "per cent": ("percent", 1), "percentage points": ("points", 1),
    "percentage point": ("points", 1),
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
    r"(?P<unit>%|°[CF]?|percentage points?|per ?cent\b|(?:square |cubic )?[a-zA-Z]+)",
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

RANGE = re.compile(rf" ?(?:to|and|or|[-–]){ABOUT} ?$")
"""Between two numbers of one unit: "10 to 20 km", "between 40 and 60 percent"."""
FROM_TO = re.compile(r"[ -]?(?:%|[a-z]+)?,?(?: to| and| or| (?:down|up)? ?from|[-–]) ?$")
"""Between a number with its unit and one whose unit is not told again."""
OUT_OF = re.compile(rf" (?:out )?of {THOSE}(?:[a-z]+ )?$")
"""Between "two" and "24 hours"."""
NO_UNIT = re.compile(r"[.,;:)”\"]|$| (?:an?|the|to|and|or|but|in|by|this|last|after|before|from|when)\b|[-–]")
"""What follows a number that has no unit of its own."""
REST = re.compile(r"[ -]?[a-z]+(?:,? and|,)? $")
"""Between "three" and "four" of "three years and four months"."""


@dataclass(frozen=True)
class Number:
    """A value in a unit ("" where it has none that is known), how exact it is said to be, and where it stands."""

    value: float
    unit: str
    bound: str  # "", "about", "nearly", "more", "less"
    start: int
    end: int
    is_fraction: bool = False  # "a third", "one in five": told less exactly than a figure
    scale: float = 1.0  # 1e6 where it is told in millions
    factor: float = 1.0  # how many of the unit the one that is told is: 12 for years


@lru_cache(maxsize=READ_AGAIN)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text that are no dates; "one" alone is more often no number.

    >>> [(one.value, one.unit, one.bound) for one in numbers("Nearly 106 thousand dollars, half of the 12 km")]
    [(106000.0, '$', 'nearly'), (50.0, 'percent', ''), (12000.0, 'metre', '')]
    >>> [(one.value, one.unit) for one in numbers("One in five got three years and four months, or $5-7 million.")]
    [(20.0, 'percent'), (40.0, 'month'), (5000000.0, '$'), (7000000.0, '$')]
    """
    found = list(_shares(text))
    for match in NUMBER.finditer(text):
        if (match["words"] or "").lower() in ("one", "a one", "zero"):
            continue
        if number := _fraction(match, text) if match["part"] else _number(match, text):
            found.append(number)
    taken: list[tuple[int, int]] = [(one.start, one.end) for one in dates(text)]
    free = []
    for one in found:
        if not any(start < one.end and one.start < end for start, end in taken):
            free.append(one)
            taken.append((one.start, one.end))
    return tuple(_summed(_with_units(sorted(free, key=lambda one: one.start), text), text))


def _shares(text: str) -> Iterator[Number]:
    """What is told as one in so many, and a whole with a part: "a year and a half"."""
    for match in SHARE.finditer(text):
        few, whole = (SMALL.get(match[name].lower()) or float(match[name]) for name in ("few", "all"))
        if few < whole:
            per = 100 / whole
            yield Number(few * per, "percent", _bound(match, text), *match.span(), is_fraction=True, factor=per)
    for match in AND_A_HALF.finditer(text):
        if match["unit"] in UNIT_FACTORS:
            unit, factor = UNIT_FACTORS[match["unit"]]
            yield Number((1 + AND_PART[match["part"].lower()]) * factor, unit, _bound(match, text), *match.span())


def _bound(match: re.Match[str], text: str) -> str:
    return next((name for name, words in BOUND if words.search(text[: match.start()])), "")


def _fraction(match: re.Match[str], text: str) -> Number | None:
    """A half, a third; None where it is the half of a match, or the third of several."""
    before, times, part = text[: match.start()], (match["times"] or "").lower(), match["part"].lower()
    if ORDINAL.search(before) or (not times and part != "half"):
        return None
    share = SMALL.get(times, 1.0) * FRACTIONS[part]
    whole = WHOLE.match(text, match.end())
    if whole and (unit := UNIT_FACTORS.get(whole[1])):  # "three quarters of an hour"
        return Number(share / 100 * unit[1], unit[0], _bound(match, text), match.start(), whole.end())
    if whole and whole[1] in SCALES:  # "half a million"
        name, factor = _unit(text, whole.end())
        value = share / 100 * SCALES[whole[1]] * factor
        return Number(value, name, _bound(match, text), match.start(), whole.end())
    is_counted = SMALL.get(times, 0) > 1
    if is_counted or IS_SHARE.match(text, match.end()) or (times and BY_SHARE.search(before)):
        return Number(share, "percent", _bound(match, text), *match.span(), is_fraction=True)
    return None


def _number(match: re.Match[str], text: str) -> Number:
    bound, end = _bound(match, text), match.end()
    scale = SCALES.get((match["scale"] or "").lower(), 1.0)
    value = spelled_value(match["words"].lower()) if match["words"] else float(match["digits"].replace(",", "")) * scale
    short = (match["short"] or "").lower()
    if short == "m" and not match["money"]:
        return Number(value, "metre", bound, *match.span())
    value *= SHORT_SCALES.get(short, 1.0)
    if part := AND_PART_MORE.match(text, end):  # "two and a half million"
        scale = SCALES[part["scale"]] if part["scale"] else 1.0
        value, end = (value + AND_PART[part["part"]]) * scale, part.end()
    unit, factor = (match["money"].removeprefix("US"), 1.0) if match["money"] else _unit(text, end)
    scale = max(scale, SHORT_SCALES.get(short, 1.0))
    return Number(value * factor, unit, bound, match.start(), end, scale=scale, factor=factor)


def _with_units(found: Sequence[Number], text: str) -> list[Number]:
    """The numbers, with the unit and scale of the one beside them where they are the ends of a range or parts of it."""
    told = list(found)
    for place in range(len(told) - 1):
        one, other = told[place : place + 2]
        between = text[one.end : other.start]
        if not one.unit and other.unit and (RANGE.fullmatch(between) or OUT_OF.fullmatch(between)):
            one = replace(one, value=one.value * other.factor, unit=other.unit)
        elif one.unit and not other.unit and FROM_TO.fullmatch(between) and NO_UNIT.match(text, other.end):
            other = replace(other, value=other.value * one.factor, unit=one.unit)
        if one.unit == other.unit and one.value < other.value / other.scale and RANGE.fullmatch(between):
            one = replace(one, value=one.value * (other.scale / one.scale))
        told[place : place + 2] = one, other
    return told


def _summed(told: Sequence[Number], text: str) -> Iterator[Number]:
    """The numbers, with "three years and four months" as one."""
    last = None
    for one in told:
        is_rest = last and last.unit == one.unit and last.factor > one.factor
        if last and is_rest and REST.fullmatch(text[last.end : one.start]):
            last = replace(last, value=last.value + one.value, end=one.end, factor=one.factor)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


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
