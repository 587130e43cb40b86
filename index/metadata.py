"""What is known of an article (title, publisher, author, date, language) and which words it was taken from.

Unknown stays unknown: nothing is guessed, and a file's time is never a date of publication.
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.language import language_tag

MAX_TITLE = 200
"""Characters. The longest headline in the articles at hand has 104."""

NAME = r"[^\W\d_][\w.’'-]*(?:[ ]+[^\W\d_][\w.’'-]*){0,5}"
CAPITAL = r"[^\W\d_a-zß-öø-ÿ]"
PARTICLE = r"(?:de|del|della|di|da|dos|la|las|los|van|von|der|den|ter|bin|al|el)"
PERSON = rf"{CAPITAL}[\w.’'-]+(?: (?:{PARTICLE} ){{0,2}}{CAPITAL}[\w.’'-]+){{1,3}}"
AND = r" (?:and|&|y) "
PEOPLE = rf"{PERSON}(?:(?:, {PERSON})*{AND}(?!The\b|Associated\b|Agence\b){PERSON})?"
IN_CAPITALS = rf"{CAPITAL}(?:{CAPITAL}|[.’'-])+"

AGENCY = (
    r"(?:(?:The )?Associated Press|AP|Reuters|REUTERS|Thomson Reuters Foundation|AFP|UPI|EFE|dpa|DPA|ANSA|TASS|Xinhua"
    r"|IANS|PTI|ANI|Kyodo(?: News)?|Yonhap|Bloomberg|Notimex|PA(?: Media)?|CNN|PRNewswire|BUSINESS WIRE|Business Wire"
    r"|GLOBE NEWSWIRE)"
)
"""Who sends out articles for others to print, as datelines name them: ``PARIS (France)`` names nobody."""

PRESS = rf"(?:The {NAME}|{NAME} (?:Times|Post|News|Press|Herald|Journal|Tribune|Gazette|Today|TODAY)|{AGENCY})"
SECTION = r"(?:NEWS|WORLD|BUSINESS|POLITICS|OPINION|SPORTS?|CULTURE|ANALYSIS|EDITORIAL|LOCAL|LIFE|TECH|SCIENCE|HEALTH)"


@dataclass(frozen=True)
class Metadata:
    """An article's own particulars; None is unknown. ``sources`` says where each known one came from."""

    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None  # ISO 8601: 2023-04-14, 2023-04 or 2023
    language: str | None = None  # primary tag of BCP 47: en, es
    sources: Mapping[str, str] = field(default_factory=dict)
    title_span: tuple[int, int] | None = None  # where the title stands in the text
    line_spans: tuple[tuple[int, int], ...] = ()  # lines that only state particulars ("Written by: ...")


@dataclass(frozen=True)
class Line:
    """A line without its surrounding blanks; start and end are offsets of what is left."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class LineRule:
    """A line of the text that states one particular."""

    particular: str | None  # None: the line is not article, and what it states is kept nowhere
    name: str
    pattern: re.Pattern[str]
    alone: bool = True  # the line says nothing else, so it is not article
    at_end: bool = False  # only the last lines of an article state it
    below_headline: bool = False  # as a first line it is about something else
    at_last: bool = False  # believed where no other line states it
    leading: bool = False  # only the first lines state it, and all above it state something, too


@dataclass(frozen=True)
class Field:
    """What a file says of itself beside its text: a particular, its value, and the place it stands at."""

    particular: str
    value: object
    source: str


DAY_OF_MONTH = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = rf"(?:[A-Z][a-z]{{2,8}}\.? {DAY_OF_MONTH},? |{DAY_OF_MONTH} [A-Z][a-z]{{2,8}}\.?,? |\d{{4}}-\d\d-)\d{{2,4}}"
WEEKDAY = r"(?:Mon|Tue|Tues|Wed|Wednes|Thu|Thur|Thurs|Fri|Sat|Satur|Sun)(?:day)?,? "
TIME = (
    r"(?:,? (?:at )?\d{1,2}[:.]\d\d(?: ?(?:[ap]\.?m\.?|AM|PM))?(?: [A-Z]{2,5})?"
    r"|[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?: ?Z| ?[+-]\d\d:?\d\d)?|T\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?)"
)
UPDATED = r"(?:Last )?(?:[Uu]pdated|[Mm]odified)\b"
TRADE = r"(?:journalist|reporter|correspondent|writer|editor|columnist|author)"

BYLINE = r"(?:Written by:?|Author:|By:?|BY:?|Por:?|Escrito por:?)"
PUBLISHER_LABEL = r"(?:Source|SOURCE|Publisher|PUBLISHER|Publication|PUBLICATION)"
PAPER = rf"(?!(?i:{SECTION}|staff|news|(?:.*\b)?{TRADE}s?|.*\bcontribut\w+) \|)(?:{NAME} & )?{NAME}"
DATED = rf"(?:{WEEKDAY})?(?P<date>{DATE})(?:{TIME})?(?: [|–-] {UPDATED}.{{0,60}})?"
POSTED_BY, AND_WHEN = rf"(?:(?:Posted|Published) by|{BYLINE})", r"(?:,? on |, | [–—•·-] )"
NAME_IN_CAPITALS = rf"{IN_CAPITALS}(?: {IN_CAPITALS}){{1,3}}"
BYLINE_IN_CAPITALS = rf"(?!.*\b{SECTION}\b.*\|){NAME_IN_CAPITALS}(?:(?: AND | & ){NAME_IN_CAPITALS})?"

LINE_RULES = (
    LineRule("publisher", "owner line", re.compile(rf"This is owned by ({NAME})\.?")),
    LineRule(
        "title",
        "title line",
        re.compile(rf"(?:Title|TITLE|Headline|HEADLINE): ?(\S.{{0,{MAX_TITLE - 1}}})"),
        leading=True,
    ),
    LineRule("publisher", "source line", re.compile(rf"{PUBLISHER_LABEL}: ((?:{NAME} & )?{NAME})\.?")),
    LineRule(None, "address line", re.compile(r"(?:(?:URL|Url|Link|LINK): ?)?(?:https?://|www\.)\S+"), leading=True),
    LineRule(
        None,
        "release line",
        re.compile(
            r"(?i:(?:press|news|media) release|for (?:immediate )?release.{0,60}|embargoed (?:until|till)\b.{0,80}"
            r"|(?:(?:press|media) )?contacts?: .{1,200})"
        ),
        leading=True,
    ),
    LineRule(
        "publisher",
        "first published",
        re.compile(rf"(?:This article was )?(?:originally |first )published (?:by|in|on) ({NAME})\.?", re.IGNORECASE),
    ),
    LineRule("author", "byline", re.compile(rf"{BYLINE} ({PEOPLE})(?:,.{{0,60}}| \| {PRESS}\.?)?")),
    LineRule("author", "byline", re.compile(rf"{BYLINE} ({PEOPLE})(?: \| [^|]{{2,60}})? \| {DATED}")),
    LineRule("author", "byline", re.compile(rf"(?i:{SECTION}) \| {BYLINE} ({PEOPLE})")),
    LineRule("author", "byline", re.compile(rf"{POSTED_BY} ({PEOPLE}){AND_WHEN}{DATED}")),
    LineRule("published", "byline", re.compile(rf"{POSTED_BY} {PEOPLE}{AND_WHEN}{DATED}")),
    LineRule("publisher", "byline", re.compile(rf"{BYLINE} {PEOPLE} \| ({PAPER}) \| {DATED}"), at_last=True),
    LineRule("published", "byline", re.compile(rf"{BYLINE} {PEOPLE}(?: \| [^|]{{2,60}})? \| {DATED}")),
    LineRule("author", "byline", re.compile(rf"({BYLINE_IN_CAPITALS}) \| {PRESS}"), below_headline=True),
    LineRule("publisher", "byline", re.compile(rf"{BYLINE} {PEOPLE} \| ({PRESS})"), at_last=True),
    LineRule(
        "publisher", "byline", re.compile(rf"{BYLINE_IN_CAPITALS} \| ({PRESS})"), below_headline=True, at_last=True
    ),
    LineRule(
        "published",
        "date line",
        re.compile(
            rf"(?:(?:(?:First )?[Pp]ublished|Posted|Date(?: [Pp]ublished)?|Publication [Dd]ate)(?: on)?:? )?"
            rf"(?:{WEEKDAY})?(?P<date>{DATE})(?:{TIME})?"
            rf"(?:[,;|]? [|–-]? ?{UPDATED}.{{0,60}})?"
        ),
    ),
    LineRule(None, "update line", re.compile(rf"{UPDATED}(?: on)?:? .{{0,30}}\b{DATE}\b.{{0,30}}")),
    LineRule(
        "author",
        "author note",
        re.compile(rf"({PERSON}) is an? (?:[\w-]+ ){{0,3}}{TRADE}\b.*"),
        alone=False,
        at_end=True,
    ),
)

PLACE = rf"{CAPITAL}[\w.’'-]*(?:[ ,/]+{CAPITAL}[\w.’'-]*){{0,5}}"
PLACE_IN_CAPITALS = rf"{IN_CAPITALS}(?: {IN_CAPITALS}){{0,3}}(?:, {CAPITAL}[\w.]+)?"
DAY = r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.?)"

DATELINES = (
    # Mexico City, April 14 (Reuters) -
    re.compile(rf"(?:{PLACE}(?:, | ))?(?P<date>{DAY}(?:,? \d{{4}})?,? )?[(/](?P<agency>{AGENCY})[)/] ?(?:--?|–|—)\s"),
    # MEXICO CITY, April 14, 2023 —
    re.compile(rf"{PLACE_IN_CAPITALS},? (?P<date>{DAY},? \d{{4}})(?P<agency>) ?(?:--?|–|—|:)\s"),
)
"""How the first sentence of a report begins. An agency is where a report comes from, which is less than what a paper
says of itself; a day without its year is no date."""

LINES_ABOVE, LINES_BELOW, NOTE_LINES = 6, 8, 3
"""Lines at the beginning and the end of a text that may state a particular, and those that may be an author's note."""

MAX_LINE = 400
"""Characters of a line that may state a particular; an article's own prose runs longer."""

SENTENCE_END = re.compile(r"[.!:;,…]['\"”’)]*$|[\"”]$")
ABBREVIATION_END = re.compile(r"(?:\b[A-Z]\.)+$|\b(?:Jr|Sr|Inc|Co|Ltd|Corp|St)\.$")
SPEAKER = re.compile(r"[^:]{1,60}: ")
"""Before what somebody says in an interview, where it stands before other lines, too."""
LIST_ITEM = re.compile(r"[-•*–>|=]|\d+[.)]\s")
CREDIT = re.compile(r"\b(?:Photo|Photograph|Image|Picture|Illustration)s?(?: by\b|:)")

FRONT_MATTER_KEYS = {
    "title": ("title", "headline"),
    "publisher": ("publisher", "publication", "source", "site", "sitename"),
    "author": ("author", "authors", "byline", "by"),
    "published": ("published", "date", "date_published", "datepublished", "published_at", "publishedat", "pubdate"),
    "language": ("language", "lang"),
}


def lines_of(text: str, start: int = 0) -> Iterator[Line]:
    """The lines that are not blank, from ``start`` on."""
    for match in re.finditer(r"[^\r\n]+", text[start:] if start else text):
        words = match.group().strip("\ufeff \t\x0b\x0c\u00a0")
        if words:
            begin = start + match.start() + match.group().index(words)
            yield Line(begin, begin + len(words), words)


def find_metadata(text: str, start: int = 0) -> Metadata:
    """What the text says of itself: its headline and the lines that state a particular."""
    lines = list(lines_of(text, start))
    stated = list(_statements(lines))
    metadata = Metadata()
    for rule, value, line in sorted(stated, key=lambda one: one[0].at_last):
        if rule.particular and getattr(metadata, rule.particular) is None:
            metadata = _stating(metadata, rule.particular, value, f"{rule.name}: {line.text[:80]}")
    metadata = _with_dateline(metadata, lines[:LINES_ABOVE])
    alone = dict.fromkeys((line.start, line.end) for rule, _, line in stated if rule.alone)
    return _with_title(replace(metadata, line_spans=tuple(alone)), text, lines)


def _statements(lines: Sequence[Line]) -> Iterator[tuple[LineRule, str, Line]]:
    """What the lines above and below an article state; in its middle the words are about something else."""
    leading = True
    for number, line in enumerate(lines):
        if number < LINES_ABOVE or len(lines) - number <= LINES_BELOW:
            found = [
                (rule, value, line)
                for rule, value in _stated(line)
                if _is_at_its_place(rule, number, len(lines)) and (leading or not rule.leading)
            ]
            leading = leading and bool(found)
            yield from found


def _with_dateline(metadata: Metadata, lines: Iterable[Line]) -> Metadata:
    """Agency and date of the first dateline, where nothing better is known."""
    match = next((match for line in lines for rule in DATELINES if (match := rule.match(line.text[:MAX_LINE]))), None)
    if match is None:
        return metadata
    found = {"publisher": match["agency"], "published": iso_date(match["date"] or "")}
    for particular, value in found.items():
        if value and getattr(metadata, particular) is None:
            metadata = _stating(metadata, particular, value, f"dateline: {match[0].strip()}")
    return metadata


def _is_ambiguous(words: str) -> bool:
    """True for 03/04/2023, which is a day in March to some and in April to others."""
    match = re.search(r"\b(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}\b", words)
    return match is not None and match[1] != match[2] and int(match[1]) <= 12 and int(match[2]) <= 12


def _is_at_its_place(rule: LineRule, number: int, lines: int) -> bool:
    """True where a line above or below an article may state what this rule reads."""
    if rule.at_end:
        return lines - number <= NOTE_LINES
    return not rule.below_headline or 0 < number < LINES_ABOVE


def from_front_matter(values: Mapping[str, Any], *, otherwise: Metadata) -> Metadata:
    """The particulars of a front matter; what it leaves open is taken from ``otherwise``."""
    fields = [
        Field(particular, values.get(key), f"front matter: {key}")
        for particular, keys in FRONT_MATTER_KEYS.items()
        for key in keys
    ]
    return from_fields(fields, otherwise=otherwise)


def from_fields(fields: Iterable[Field], *, otherwise: Metadata) -> Metadata:
    """The particulars that fields state, the first of each; what they leave open is taken from ``otherwise``."""
    metadata, stated = otherwise, set()
    for one in fields:
        value = None if one.particular in stated else value_of(one)
        if value:
            metadata = _stating(metadata, one.particular, value, one.source)
            stated.add(one.particular)
    return metadata


def value_of(one: Field) -> str | None:
    """What a field says, in the form it is kept in; None where it says nothing that is understood."""
    value = one.value
    if isinstance(value, datetime.datetime):
        value = value.date()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value[:20] if isinstance(item, str))
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    try:
        words = " ".join(str(value).split())[:MAX_TITLE]
    except ValueError:  # a number of more than 4,300 digits
        return None
    # "\ud83d\ude00" is how JSON writes one letter, and YAML reads two halves of it, which no file can store
    words = words.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    meant = {"published": iso_date, "language": language_tag, "author": _without_by}.get(one.particular)
    return meant(words) if meant else words or None


def _without_by(words: str) -> str:
    """``Chloe Martin`` for ``By Chloe Martin``, as some pages and tables name their authors."""
    return re.sub(rf"^(?i:{BYLINE}) (?={CAPITAL})", "", words)


def iso_date(words: str) -> str | None:
    """An ISO date for a date that names at least its year, as exact as the words are, else None.

    >>> iso_date("Nov 12, 2018"), iso_date("April 2023"), iso_date("last Thursday")
    ('2018-11-12', '2023-04', None)
    """
    from dateutil import parser  # 20 ms, and most articles state no date

    if not re.search(r"\b(?:1[5-9]|20)\d\d\b", words):
        return None
    readings = []
    # a part that the words leave open is taken from the default, so it differs between these two
    for default in (datetime.datetime(2000, 1, 1), datetime.datetime(2001, 2, 2)):
        try:
            # the date as it is written, whatever zone it names: dateutil knows few and warns of the others
            readings.append(parser.parse(words, default=default, ignoretz=True))
        except (ValueError, OverflowError):
            return None
    one, other = readings
    if _is_ambiguous(words):
        return f"{one.year:04}"
    if one.year != other.year:
        return None
    if one.month != other.month:
        return f"{one.year:04}"
    return f"{one.year:04}-{one.month:02}" if one.day != other.day else one.date().isoformat()


def _stated(line: Line) -> Iterator[tuple[LineRule, str]]:
    """What a line states, and the rule that reads it so."""
    if len(line.text) > MAX_LINE:
        return
    for rule in LINE_RULES:
        match = rule.pattern.fullmatch(line.text)
        value = match and _meant(rule, match)
        if value:
            yield rule, value


def _meant(rule: LineRule, match: re.Match[str]) -> str | None:
    if rule.particular is None:
        return match[0]
    if rule.particular == "published":
        return iso_date(match["date"])
    if rule.particular == "title":
        return match[1]
    words = match[1].rstrip(".")
    return re.sub(AND, ", ", words, flags=re.IGNORECASE) if rule.particular == "author" else words


def _with_title(metadata: Metadata, text: str, lines: list[Line]) -> Metadata:
    """The headline: as a line states it, else a Markdown heading or a first line that is no sentence and has an
    article below it.
    """
    particulars = set(metadata.line_spans)
    if metadata.title:
        end = next(line.end for line in lines if line.text.endswith(metadata.title))
        return replace(metadata, title_span=(end - len(metadata.title), end))
    body = [line for line in lines if (line.start, line.end) not in particulars]
    if len(body) < 2:
        return metadata
    first, second = body[0], body[1]
    speaker = SPEAKER.match(first.text)
    if speaker and any(line.text.startswith(speaker[0]) for line in body[1:]):
        return metadata
    heading = re.match(r"#{1,6}\s+(.+?)\s*#*$", first.text) if len(first.text) <= MAX_LINE else None
    gap = text[first.end : second.start].count("\n")
    if heading:
        span = (first.start + heading.start(1), first.start + heading.end(1))
    elif len(first.text) <= MAX_TITLE and _reads_as_headline(first.text, followed_by_gap=gap > 1, below=second.text):
        span = (first.start, first.end)
    else:
        return metadata
    titled = _stating(metadata, "title", text[slice(*span)], "first line")
    return replace(titled, title_span=span)


def _reads_as_headline(line: str, *, followed_by_gap: bool, below: str) -> bool:
    """A headline stands apart (a blank line, or a longer line below) and does not end like a sentence."""
    if SENTENCE_END.search(line) and not ABBREVIATION_END.search(line):
        return False
    if LIST_ITEM.match(line) or CREDIT.search(line):
        return False
    return followed_by_gap or (len(below) > len(line) and not line.endswith("?") and len(line.split()) > 2)


def _stating(metadata: Metadata, particular: str, value: str, source: str) -> Metadata:
    known: dict[str, Any] = {particular: value, "sources": {**metadata.sources, particular: source}}
    return replace(metadata, **known)
