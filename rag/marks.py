"""The words of a quote that answer: the number, the date, the name, the phrase or the clause that was asked for.

By the kind of the question, and only where one reading is left: a wrong mark misleads, no mark only helps less. Of
several numbers, dates or names the one whose clause shares most words with the question is meant; where two share as
many, none is. Rules for English prose. Offsets count code points from the beginning of the quote.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from index.sentences import Sentence
from rag.question import Question
from rag.speakers import DAYS, MONTHS, NO_NAMES, SAYING, attributed_to, same_person

Span = tuple[int, int]

LONGEST = 2_000
"""Characters of a sentence that is looked at; what is longer is a list or a table without full stops."""

STEM = 5
"""Letters that words of question and sentence share: extradite and extradited."""

UNITS = "one two three four five six seven eight nine"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
ONE_OF = "|".join(UNITS.split())
MORE_OR_LESS = (
    r"(?:(?:about|around|some|nearly|almost|roughly|approximately|more than|less than|fewer than|over|under|at least|"
    r"at most|up to|close to|an estimated) )?"
)
SPELLED = (
    rf"(?:(?:{'|'.join(TENS.split())})(?:[- ](?:{ONE_OF}))?|{'|'.join(TEENS.split())}|{ONE_OF}|a hundred|a dozen|"
    r"(?:tens|dozens|scores|hundreds|thousands|millions|billions) of)"
)
NUMERAL = rf"(?:\d+(?:[.,]\d+)*|{SPELLED})(?:[ -](?:dozen|hundred|thousand|million|billion|trillion))?"
FRACTION = r"(?:half|(?:a|one|two|three)[ -](?:third|quarter|fifth|tenth)s?)"
PERCENT = r" ?(?:percent|per cent|%)"

NUMBER = re.compile(rf"(?<![\w.,$€£-])(?:{MORE_OR_LESS}{NUMERAL})(?![\w-])", re.IGNORECASE)
SHARE = re.compile(rf"(?<![\w.,-]){MORE_OR_LESS}(?:{NUMERAL}{PERCENT}|\b{FRACTION}\b)", re.IGNORECASE)
YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
COUNTS_NOTHING = re.compile(
    r"(?: (?:of (?:them|these|those|whom)|are|is|were|was|have|has|had|did|died|will|in|at|on|from)\b|[.,;]|$)"
)
ASKED_COUNT = re.compile(r"\bhow many ((?:[\w’-]+ ?){1,4})|\bwhat number of ((?:[\w’-]+ ?){1,4})", re.IGNORECASE)
AUXILIARY = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "has",
        "have",
        "had",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "might",
        "of",
        "in",
    ]
)
PLURAL = re.compile(r"s$|^(?:people|men|women|children)$")
ASKED_SHARE = re.compile(r"\b(?:share|percentage|proportion|percent)\b|\bhow much of\b", re.IGNORECASE)

CURRENCY = r"(?:dollars?|cents?|euros?|pounds?|crowns?|pesos?|yen|francs?|marks?|rubles?|rupees?|yuan)"
SUM = rf"(?:(?:US|C|A)?[$€£¥] ?\d+(?:[.,]\d+)*(?:[ -](?:thousand|million|billion|trillion))?|{NUMERAL} {CURRENCY}\b)"
MONEY = re.compile(rf"(?<![\w.,]){MORE_OR_LESS}{SUM}(?:(?: to |–|-){SUM})?", re.IGNORECASE)
LENGTHS = (
    r"(?:square |cubic )?(?:(?:kilo|centi|milli)?(?:met(?:re|er)s?|grams?)|km|cm|mm|kg|miles?|feet|foot|inch(?:es)?|yards?|"
    r"acres?|hectares?|tonnes?|tons?|lit(?:re|er)s?|barrels?|gallons?|degrees?|(?:mega|kilo|giga)watts?)"
)
DURATIONS = r"(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies))"
LENGTH = re.compile(rf"(?<![\w.,-]){MORE_OR_LESS}{NUMERAL}[ -]{LENGTHS}\b", re.IGNORECASE)
DURATION = re.compile(
    rf"(?<![\w.,-]){MORE_OR_LESS}{NUMERAL} {DURATIONS}\b(?! (?:ago|later|after|before|old)\b)", re.IGNORECASE
)
AGE = re.compile(rf"(?<![\w.,-])(?:(?<=aged )\d+|(?<=, )\d{{1,3}}(?=,)|{NUMERAL}[ -]years?[ -]old)\b", re.IGNORECASE)
OF_MONEY = re.compile(
    r"\b(?:costs?|price[ds]?|pay|paid|spend|spent|earn|worth|sell|sold|money|salary|fine|budget)\b", re.IGNORECASE
)

MONTH = rf"(?:{'|'.join(MONTHS.split())})"
DAY = rf"(?:{'|'.join(DAYS.split())})"
SEASON = r"(?:week|month|year|decade|century|spring|summer|autumn|fall|winter|weekend|night)"
SINCE = r"(?:(?:since|until|before|after|by|around|early|late|mid|early in|late in)[ -](?:at least )?)?"
DATE = re.compile(
    rf"\b{SINCE}(?:{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:, (?:1[0-9]|20)\d\d)?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}(?: (?:1[0-9]|20)\d\d)?|"
    rf"{MONTH},? (?:1[0-9]|20)\d\d|the (?:early |late )?(?:1[0-9]|20)\d0s|(?:1[0-9]|20)\d\d(?:[–-]\d\d(?:\d\d)?)?|"
    rf"\d{{1,2}}(?:st|nd|rd|th) century|(?:last|next|this|earlier this|later this) (?:{SEASON}|{DAY}|{MONTH})|"
    rf"{DAY}(?: (?:morning|afternoon|evening|night))?|{MORE_OR_LESS}(?:{NUMERAL}|a) {DURATIONS} ago|yesterday|today|tomorrow|"
    rf"(?:(?<=in )|(?<=since )|(?<=until )|(?<=of )|(?<=by )|(?<=to )){MONTH})(?![\w,.-]*\d)\b",
)  # fmt: skip
FIRST_UP = re.compile(rf"^(?:Last|Next|Earlier this|This) (?:{SEASON}|{DAY}|{MONTH})\b|^(?:Yesterday|Today)\b")

LETTERS = r"[\w\u0300-\u036f’'-]*[\w\u0300-\u036f]"
CAPITAL = rf"(?:[A-ZÀ-ÖØ-ÞŠŽČĆĐŁŚŹŻ]{LETTERS}|(?:[A-Z]\.)+)"
NAME = re.compile(
    rf"(?<![\w’'-]){CAPITAL}(?: (?:(?:de|del|la|las|los|von|van|der|den|al|bin|ibn|y) ){{0,2}}{CAPITAL}){{0,5}}"
)
PLACE_AFTER = re.compile(
    rf"\b(?P<how>in|at|near|on|outside|off|across|along|into|from|to) (?:the )?"
    rf"(?P<where>{NAME.pattern}(?:, {CAPITAL}(?: {CAPITAL})?(?=[,.]|$))?)"
)
STAYS = frozenset(["in", "at", "near", "on", "outside", "off", "across", "along"])
FROM = re.compile(r"\b(?:from|come|comes|came|originate|originates|made|produced|bought)\b", re.IGNORECASE)
TO = re.compile(r"\b(?:to|go|goes|went|sent|shipped|move|moved|flee|fled|travel|exported)\b", re.IGNORECASE)
PLACED = re.compile(r"\b(?:in|at|from|near|on|to|of|into|than|against|for)(?: the| a)? $", re.IGNORECASE)
DOES = re.compile(r"(?:,|[.!?”\"]|$| (?:is|was|has|had|and|who|\w+ed|won|led|ran|made|wrote|built|became|took|gave)\b)")
JOINED = re.compile(r",? and |, ")

QUOTED = re.compile(r"[“”\"]")
SAID = re.compile(
    r"\b(?:(?:says?|said|added|warned|argued|claimed|noted|announced|insisted|explained|stated|believes?) that|"
    r"(?:said|says)(?! (?:in|on|at|to|during|about|of|after|before|by|so|yes|no|nothing|this|last|it all)\b)|told [\w’-]+ that) "
)  # fmt: skip
CAUSE = re.compile(
    r"\b(?P<how>because of|because|due to|owing to|thanks to|as a result of|on account of|so that|in order to) ",
    re.IGNORECASE,
)
CAUSE_ENDS = re.compile(
    rf",? according to\b|, (?:but|which|while|although|though|so|they|he|she|it)\b|, [^,]{{1,60}} {SAYING}\b|[;—]|, experts say"
)
CLAUSE = re.compile(r"[,;:—–]|\b(?:and|but|that|which|while|than|who|whereas)\b")
TRAILING = " \t\n.,;:!?…”\"’')]"

COMMON = frozenset(
    [
        "what",
        "when",
        "where",
        "which",
        "whose",
        "whom",
        "there",
        "their",
        "they",
        "this",
        "that",
        "these",
        "those",
        "does",
        "have",
        "been",
        "were",
        "with",
        "from",
        "into",
        "about",
        "many",
        "much",
        "long",
        "often",
        "some",
        "more",
        "most",
        "than",
        "will",
        "would",
        "could",
        "should",
        "year",
        "years",
        "time",
        "people",
        "make",
        "made",
        "says",
        "said",
    ]
)
"""Words that tell no clause from another."""


def marks_in(question: Question, words: str) -> tuple[Span, ...]:
    """Where in a quote the words stand that answer the question, in order; empty where that is not sure.

    >>> from rag.question import Question, kind_of
    >>> asked = "How many offices does the DEA have?"
    >>> marks_in(Question(asked, kind_of(asked), {}), "We have 334 offices around the world.")
    ((8, 19),)
    """
    find = FINDERS.get(question.kind)
    if find is None or len(words) > LONGEST:
        return ()
    return tuple(sorted({_trimmed(words, start, end) for start, end in find(question, words)}))


def _counts(question: Question, words: str) -> Sequence[Span]:
    """The number with what it counts; a number that counts nothing else, where no other does."""
    if ASKED_SHARE.search(question.text):
        return _meant(question, words, [match.span() for match in SHARE.finditer(words)])
    numbers = [match for match in NUMBER.finditer(words) if not _is_date(words, match)]
    asked = _counted(question)
    counting = [(match.start(), end) for match in numbers if (end := _counted_until(words, match.end(), asked))]
    if counting:
        return _meant(question, words, counting)
    alone = [match.span() for match in numbers if COUNTS_NOTHING.match(words, match.end())]
    return alone if len(alone) == 1 else ()


def _is_date(words: str, number: re.Match[str]) -> bool:
    if YEAR.fullmatch(number[0]):
        return True
    return any(date.start() <= number.start() < date.end() for date in DATE.finditer(words))


def _counted(question: Question) -> list[str]:
    """The stems of what a "how many" question counts, up to its verb."""
    match = ASKED_COUNT.search(question.text)
    stems = []
    for word in (match[1] or match[2]).split() if match else ():
        if word.lower() in AUXILIARY:
            break
        stems.append(_stem(word))
    return stems


def _counted_until(words: str, end: int, stems: Sequence[str]) -> int | None:
    """The end of the counted words that follow a number within three words; None where others follow."""
    found = None
    for place, match in enumerate(re.finditer(r"(?:(?<= )|(?<=-))[\w’-]+|[.,;:]", words[end : end + 80])):
        if match[0] in ".,;:" or place > 3:
            break
        if _stem(match[0]) in stems:
            found = end + match.end()
            if PLURAL.search(match[0]):
                break
        elif found:
            break
    return found


def _amounts(question: Question, words: str) -> Sequence[Span]:
    """The sum, the length, the duration or the age, as the question asks for one of them."""
    spans: list[Span] = []
    for pattern in _of_amount(question.text):
        spans = [match.span() for match in pattern.finditer(words)]
        if spans:
            break
    return _meant(question, words, spans)


def _of_amount(asked: str) -> tuple[re.Pattern[str], ...]:
    text = asked.lower()
    if ASKED_SHARE.search(asked):
        return (SHARE, LENGTH)
    if "how old" in text:
        return (AGE, DURATION)
    if "how long" in text:
        return (
            (DURATION, LENGTH)
            if re.search(r"\b(?:take|took|last|lasted|stay|wait|been|did|does)\b", text)
            else (LENGTH, DURATION)
        )
    if OF_MONEY.search(text):
        return (MONEY,)
    return (LENGTH,) if re.search(r"\bhow (?:large|big|high|far)\b", text) else (MONEY, LENGTH, SHARE)


def _times(question: Question, words: str) -> Sequence[Span]:
    """The date or the time."""
    found = [match.span() for pattern in (FIRST_UP, DATE) for match in pattern.finditer(words)]
    return _meant(question, words, [span for span in found if words[slice(*span)] not in question.text])


def _places(question: Question, words: str) -> Sequence[Span]:
    """The name after "in" or "at"; after "from" or "to" where the question asks where from or where to."""
    wanted = set(STAYS)
    if FROM.search(question.text):
        wanted.add("from")
    if TO.search(question.text):
        wanted |= {"to", "into"}
    spans = [
        match.span("where")
        for match in PLACE_AFTER.finditer(words)
        if match["how"].lower() in wanted and _is_new_name(question, match["where"])
    ]
    return _meant(question, words, spans)


def _people(question: Question, words: str) -> Sequence[Span]:
    """The name that the question does not say: whoever does it, and no place and nobody's home or work."""
    spans = []
    for match in NAME.finditer(words):
        start, end = _without_first_words(words, *match.span())
        several = " " in words[start:end]
        acts = several or words[:start].endswith("by ") or DOES.match(words, end)
        if start < end and acts and _is_new_name(question, words[start:end]) and not PLACED.search(words[:start][-12:]):
            spans.append((start, end))
    groups: list[list[Span]] = []
    for span in spans:
        if groups and JOINED.fullmatch(words, groups[-1][-1][1], span[0]):
            groups[-1].append(span)
        else:
            groups.append([span])
    meant = _meant(question, words, [(group[0][0], group[-1][1]) for group in groups])
    return [span for span in spans for start, end in meant if start <= span[0] and span[1] <= end]


def _without_first_words(words: str, start: int, end: int) -> Span:
    """The name without words that have a capital because the sentence begins with them, and without an 's."""
    while (first := words[start:end].split(" ")[0]) in NO_NAMES and start < end:
        start = min(end, start + len(first) + 1)
    possessive = re.search(r"[’']s$", words[start:end])
    return start, end - len(possessive[0]) if possessive else end


def _is_new_name(question: Question, name: str) -> bool:
    return name not in question.text and not same_person(name, question.text) and name not in NO_NAMES


def _speech(question: Question, words: str) -> Sequence[Span]:
    """What is said between quotation marks, else the clause after "said that"; who says it where that is asked."""
    speaker = attributed_to(words, [Sentence(0, len(words), 0)], 0)
    if question.text.lower().startswith("who"):
        return [(speaker.start, speaker.end)] if speaker else ()
    if speaker and question.speaker and not same_person(speaker.name, question.speaker):
        return ()
    quoted = list(_between_quotes(words))
    if quoted:
        outside = sum(letter.isalpha() for letter in words) - sum(
            letter.isalpha() for start, end in quoted for letter in words[start:end]
        )
        return quoted if outside else ()
    said = SAID.search(words)
    return [(said.end(), len(words))] if said else ()


def _between_quotes(words: str) -> Iterator[Span]:
    """What stands between quotation marks; a quotation may have begun before the sentence or go on after it."""
    opened: int | None = None
    for number, match in enumerate(QUOTED.finditer(words)):
        closes = match[0] == "”" or (match[0] == '"' and opened is not None)
        if closes and (opened is not None or number == 0):
            yield opened or 0, match.start()
            opened = None
        elif not closes:
            opened = match.end()
    if opened is not None:
        yield opened, len(words)


def _causes(question: Question, words: str) -> Sequence[Span]:
    """The clause after "because": to its comma where the sentence begins with it, else to its end."""
    for match in CAUSE.finditer(words):
        if words[: match.start()].lower().endswith("not "):
            continue
        begins = not any(letter.isalnum() for letter in words[: match.start()])
        ends = re.compile(",").search(words, match.end()) if begins else CAUSE_ENDS.search(words, match.end())
        if begins and not ends:
            return ()
        return [(match.end(), ends.start() if ends else len(words))]
    return ()


FINDERS: dict[str, Callable[[Question, str], Sequence[Span]]] = {
    "how many": _counts,
    "how much": _amounts,
    "when": _times,
    "where": _places,
    "who": _people,
    "said": _speech,
    "why": _causes,
}
"""Kinds of questions, see `rag.question`; to the others any words may answer."""


def _meant(question: Question, words: str, spans: Sequence[Span]) -> Sequence[Span]:
    """The one span whose clause shares most words with the question; none where two do."""
    if len(spans) < 2:
        return spans
    asked = {_stem(word) for word in re.findall(r"\w+", question.text) if _tells(word)}
    shared = [len(asked & _clause_stems(words, span)) for span in spans]
    best = max(shared)
    return [spans[shared.index(best)]] if shared.count(best) == 1 else ()


def _clause_stems(words: str, span: Span) -> set[str]:
    before = [match.end() for match in CLAUSE.finditer(words, 0, span[0])]
    after = CLAUSE.search(words, span[1])
    clause = words[before[-1] if before else 0 : after.start() if after else len(words)]
    return {_stem(word) for word in re.findall(r"\w+", clause) if _tells(word)}


def _tells(word: str) -> bool:
    return len(word) > 2 and word.lower() not in COMMON


def _stem(word: str) -> str:
    return word.lower()[:STEM]


def _trimmed(words: str, start: int, end: int) -> Span:
    """Without blanks and closing marks around, and with the accents that belong to the last letter."""
    while end > start and words[end - 1] in TRAILING and not _is_initial(words, start, end):
        end -= 1
    while start < end and words[start] in " \t\n“\"‘'":
        start += 1
    while end < len(words) and unicodedata.combining(words[end]):
        end += 1
    return start, end


def _is_initial(words: str, start: int, end: int) -> bool:
    """True for the full stop of "D.C.", which is part of it."""
    return words[end - 1] == "." and re.search(r"(?:\b[A-Z]\.)+$", words[start:end]) is not None
