"""The words of a quote that answer: the number, the date, the name, the phrase or the clause that was asked for.

By the kind of the question, and only where one reading is left: a wrong mark misleads, no mark only helps less. Of
several numbers, dates or names the one whose clause shares most words with the question is meant; where two share as
many, none is. What a follow-up took from the question before does not tell them apart. Rules for English prose.
Offsets count code points from the beginning of the quote.
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

ABOUT = 0.4
"""Share of the question's words that the sentence must hold; a second or third quote is often about something else."""

SURELY_ABOUT = 0.6
"""The same for a name, of which most sentences have some, and where the clause of the only amount holds few of them:
"The bridge, of 1931, is 9 m long"."""

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
ONE = re.compile(r"one(?: of\b)?(?! hundred| thousand| million| billion)", re.IGNORECASE)
ASKED_COUNT = re.compile(r"\bhow many ((?:[\w’-]+ ?){1,4})|\bwhat number of ((?:[\w’-]+ ?){1,4})", re.IGNORECASE)
VERBS_AFTER = "is are was were do does did has have had can could will would should may might of in"
AUXILIARY = frozenset(VERBS_AFTER.split())
MOST_BETWEEN = 4
"""Words between a number and what it counts."""
PLURAL = re.compile(r"s$|^(?:people|men|women|children)$")
ASKED_SHARE = re.compile(r"\b(?:share|percentage|proportion|percent)\b|\bhow much of\b", re.IGNORECASE)

CURRENCY = r"(?:dollars?|cents?|euros?|pounds?|crowns?|pesos?|yen|francs?|marks?|rubles?|rupees?|yuan)"
SUM = rf"(?:(?:US|C|A)?[$€£¥] ?\d+(?:[.,]\d+)*(?:[ -](?:thousand|million|billion|trillion))?|{NUMERAL} {CURRENCY}\b)"
MONEY = re.compile(rf"(?<![\w.,]){MORE_OR_LESS}{SUM}(?:(?: to |–|-){SUM})?", re.IGNORECASE)
LENGTHS = (
    r"(?:square |cubic )?(?:(?:kilo|centi|milli)?(?:met(?:re|er)s?|grams?)|km|cm|mm|kg|miles?|feet|foot|"
    r"inch(?:es)?|yards?|acres?|hectares?|tonnes?|tons?|lit(?:re|er)s?|barrels?|gallons?|degrees?|(?:mega|kilo|giga)watts?)"
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
ERA = r"\b(?:AD \d|\d+ (?:BCE?|CE|AD)\b)"
IN_YEAR = r"(?:AD \d{1,4}\b|\d{1,4} (?:BCE?|CE|AD)\b|(?:1[0-9]|20)\d\d)"
DATES = (
    rf"{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:, {IN_YEAR})?",
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}(?: {IN_YEAR})?",
    rf"(?:{MONTH},?|(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)(?: of)?) {IN_YEAR}",
    rf"the (?:early |late )?(?:1[0-9]|20)\d0s|{IN_YEAR}(?:[–-]\d\d(?:\d\d)?)?",
    r"(?:the )?\d{1,2}(?:st|nd|rd|th) century(?: (?:BCE?|AD|CE))?",
    rf"(?:last|next|this|earlier this|later this) (?:{SEASON}|{DAY}|{MONTH})",
    rf"{DAY}(?: (?:morning|afternoon|evening|night))?",
    rf"{MORE_OR_LESS}(?:{NUMERAL}|a) {DURATIONS} ago",
    r"yesterday|today|tomorrow",
    rf"(?:(?<=in )|(?<=In )|(?<=since )|(?<=until )|(?<=of )|(?<=by )|(?<=to )){MONTH}",  # "may" and "march" are verbs
)
DATE = re.compile(rf"\b{SINCE}(?:{'|'.join(DATES)})(?![\w,.-]*\d)\b")
FIRST_UP = re.compile(rf"^(?:Last|Next|Earlier this|This) (?:{SEASON}|{DAY}|{MONTH})\b|^(?:Yesterday|Today)\b")

EXACT = (
    (r"\bsince when\b", r"\bsince\b"),
    (r"\b(?:what|which) years?\b", rf"\d{{4}}|{ERA}"),
    (r"\b(?:what|which) months?\b", rf"\b{MONTH}\b"),
    (r"\b(?:what|which) (?:day|date)\b", rf"\d|{DAY}"),
)
"""What a question says of the time it asks for, and what such a time has."""

LETTERS = r"[\w\u0300-\u036f’'-]*[\w\u0300-\u036f]"
CAPITAL = rf"(?:[A-ZÀ-ÖØ-ÞŠŽČĆĐŁŚŹŻ]{LETTERS}|(?:[A-Z]\.)+)"
NAME = re.compile(
    rf"(?<![\w’']){CAPITAL}(?: (?:(?:de|del|la|las|los|von|van|der|den|al|bin|ibn|y) ){{0,2}}{CAPITAL}){{0,5}}"
)
PLACE_AFTER = re.compile(
    rf"\b(?P<how>in|at|near|on|outside|off|across|along|into|from|to) (?:the )?"
    rf"(?P<where>{NAME.pattern}(?:, {CAPITAL}(?: {CAPITAL})?(?=[,.]|$))?)"
)
STAYS = frozenset({"in", "at", "near", "outside", "off", "across", "along"})
FROM = re.compile(r"\b(?:from|come|comes|came|originate|originates|made|produced|bought)\b", re.IGNORECASE)
TO = re.compile(r"\b(?:to|go|goes|went|sent|shipped|move|moved|flee|fled|travel|exported)\b", re.IGNORECASE)
PLACED = re.compile(r"\b(?:in|at|from|near|on|to|of|into|than|against|for)(?: the| a)? $", re.IGNORECASE)
ASKS_FOR_OBJECT = re.compile(r"^whom?\b(?:se\b|.{0,20}? (?:did|does|do|has|have)\b)|^whose\b", re.IGNORECASE)
ASKS_FOR_WORDS = re.compile(r"^(?:what|how(?! many| much| long| old)|according)\b|\bwhat\b", re.IGNORECASE)
ASKS_WHO_SAYS = re.compile(
    r"^who (?:\w+ly |also |first )?(?:says?|said|told|claim|argue|warn|describe|call)", re.IGNORECASE
)
BEFORE_NOUN = re.compile(r" [a-z]")
JOINED = re.compile(r",? and |, ")

QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"")
QUOTED = re.compile(r"[“”\"]")
SAID = re.compile(
    r"\b(?:(?:says?|said|added|warned|argued|claimed|noted|announced|insisted|explained|stated|believes?) that|"
    r"(?:said|says)(?! (?:in|on|at|to|during|about|of|after|before|by|so|yes|no|nothing|this|last|it all)\b)|"
    r"told [\w’-]+ that) "
)
CAUSE = re.compile(
    r"\b(?P<how>because of|because|due to|owing to|thanks to|as a result of|on account of|so that|in order to) ",
    re.IGNORECASE,
)
CAUSE_ENDS = re.compile(
    rf",? according to\b|, (?:but|which|while|although|though|so|they|he|she|it)\b|, [^,]{{1,60}} {SAYING}\b|"
    r"[;—]|, experts say"
)
ENDING = re.compile(r"(?<=\w{3})(?:ing|ed|es|s|e)$")
WITH_A = re.compile(r"^a(?=wait|wake|rise|rose)")
"""Verbs that say the same with an a- before them: those awaiting extradition are waiting."""
WORD = re.compile(r"[\w\u0300-\u036f]+")
CLAUSE = re.compile(r"[,;:—–]|\b(?:and|but|that|which|while|than|who|whereas)\b")
TRAILING = " \t\n.,;:!?…”\"’')]"

SMALL = (
    "what when where which whose whom who why how there their they its his her this that these those the and but "
    "for not does did has had have been was were are can will would could should make made says said"
)
VAGUE = "with from into about than many much long old high far big large often some more most"
OF_TIME = "year years month day date time people"
COMMON = frozenset(f"{SMALL} {VAGUE} {OF_TIME}".split())
"""Words that tell no clause from another."""


def marks_in(question: Question, words: str, speaker: str | None = None) -> tuple[Span, ...]:
    """Where in a quote the words stand that answer the question, in order; empty where that is not sure.

    speaker: who says the quote, where it does not name them itself.

    >>> from rag.question import Question, kind_of
    >>> asked = "How many offices does the DEA have?"
    >>> marks_in(Question(asked, kind_of(asked), {}), "We have 334 offices around the world.")
    ((8, 19),)
    """
    if len(words) > LONGEST:
        return ()
    if question.kind == "said":
        spans = _speech(question, words, speaker)
    elif question.kind in FINDERS and _shared(question, words) >= (SURELY_ABOUT if question.kind == "who" else ABOUT):
        spans = FINDERS[question.kind](question, words)
    else:
        return ()
    return tuple(sorted({_trimmed(words, start, end) for start, end in spans}))


def _counts(question: Question, words: str) -> Sequence[Span]:
    """The number with what it counts; a number that counts nothing else, where no other does."""
    if ASKED_SHARE.search(question.text):
        return _meant(question, words, [match.span() for match in SHARE.finditer(words)])
    numbers = [
        match for match in NUMBER.finditer(words) if not _is_date(words, match) and not ONE.match(words, match.start())
    ]
    asked = _counted(question)
    counting = [(match.start(), end) for match in numbers if (end := _counted_until(words, match.end(), asked))]
    if counting:
        return _meant(question, words, counting, besides=asked)
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
    """The end of what a number counts, where that is what was asked: "5,000 pharmaceutical manufacturers"."""
    counted = False
    for place, match in enumerate(re.finditer(r"(?:(?<= )|(?<=-))[\w’-]+|[.,;:]", words[end : end + 80])):
        if match[0] in ".,;:" or place > MOST_BETWEEN:
            return None
        counted = counted or _stem(match[0]) in stems
        if PLURAL.search(match[0]):
            return end + match.end() if counted else None
    return None


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
    return _meant(question, words, [span for span in found if _is_asked_time(question.text, words[slice(*span)])])


def exact_time(asked: str) -> str | None:
    """The pattern of the year, month, day or "since" that a question asks for; None where any time answers.

    >>> bool(exact_time("In what year was the dam built?")), bool(exact_time("When was it built?"))
    (True, False)
    """
    return next((pattern for word, pattern in EXACT if re.search(word, asked, re.IGNORECASE)), None)


def _is_asked_time(asked: str, time: str) -> bool:
    """Whether a time is new, and as exact as the question: a year, a month, a day, a "since"."""
    wanted = exact_time(asked)
    return time not in asked and (wanted is None or re.search(wanted, time, re.IGNORECASE) is not None)


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
    """The full name that the question does not say, or one after "by": no place, and nobody's home or work.

    None for "Who did he meet?": whom somebody meets stands in too many places.
    """
    if ASKS_FOR_OBJECT.search(question.text):
        return ()
    spans = []
    for match in NAME.finditer(words):
        start, end = _without_first_words(words, *match.span())
        several = " " in words[start:end]
        acts = several or (words[:start].endswith("by ") and not BEFORE_NOUN.match(words, end))
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
    asked = {_stem(word) for word in re.findall(r"\w+", question.text)}
    return name not in NO_NAMES and not asked & {_stem(word) for word in re.findall(r"\w+", name) if len(word) > 2}


def _speech(question: Question, words: str, speaker: str | None) -> Sequence[Span]:
    """What is said between quotation marks, else the clause after "said that"; who says it where that is asked.

    A word alone between quotation marks is more often a name for something.
    """
    named = attributed_to(words, [Sentence(0, len(words), 0)], 0)
    if ASKS_WHO_SAYS.search(question.text):
        return [(named.start, named.end)] if named else ()
    if not ASKS_FOR_WORDS.search(question.text):
        return ()
    who = named.name if named else speaker
    if not (same_person(who, question.speaker or question.text) if who else _is_named_in(words, question.speaker)):
        return ()
    quoted = [(start, end) for start, end in _between_quotes(words) if " " in words[start:end].strip()]
    if quoted:
        outside = sum(letter.isalpha() for letter in words) - sum(
            letter.isalpha() for start, end in quoted for letter in words[start:end]
        )
        return quoted if outside else ()
    said = SAID.search(words)
    return [(said.end(), len(words))] if said else ()


def _is_named_in(words: str, speaker: str | None) -> bool:
    return speaker is not None and same_person(speaker, QUOTATION.sub("", words))


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
    "why": _causes,
}
"""By the kind of the question, see `rag.question`; what is said is `_speech`, and the others any words may answer."""


def _meant(question: Question, words: str, spans: Sequence[Span], besides: Sequence[str] = ()) -> Sequence[Span]:
    """The one span whose clause shares most words with the question; none where two do, or where it shares none.

    besides: stems that all of the spans have themselves, and that tell none from another.
    """
    if not spans:
        return ()
    common = set(besides) if len(spans) > 1 else set[str]()
    asked = (_stems(question.outside_brackets) - common) or (_stems(question.text) - common)
    shared = [len(asked & _stems(_clause(words, span))) for span in spans]
    best = max(shared)
    if shared.count(best) > 1 or not _is_about(question, words, asked, best, alone=len(spans) == 1):
        return ()
    return [spans[shared.index(best)]]


def _is_about(question: Question, words: str, asked: set[str], best: int, *, alone: bool) -> bool:
    """Whether a clause that holds so many of the words asked about is about the question.

    More than half of what the sentence has of them, for a name half of all; else an amount that is the only one.
    """
    if 2 * best > len(asked & _stems(words)) and (question.kind != "who" or 2 * best >= len(asked)):
        return True
    return alone and question.kind in ("how many", "how much") and _shared(question, words) >= SURELY_ABOUT


def _shared(question: Question, words: str) -> float:
    """The share of the question's words that the sentence holds, 0..1."""
    asked = _stems(question.text)
    return len(asked & _stems(words)) / len(asked) if asked else 0.0


def _clause(words: str, span: Span) -> str:
    """The clause around a span; with its neighbours where it is that span alone: "its mayor, Ann Lee,", "In 1999,"."""
    begins = [0, *(match.end() for match in CLAUSE.finditer(words, 0, span[0]))]
    ends = [*(match.start() for match in CLAUSE.finditer(words, span[1])), len(words)]
    beside = WORD.findall(words, begins[-1], span[0]) + WORD.findall(words, span[1], ends[0])
    further = 2 if len(beside) < 2 else 1
    return words[begins[-further:][0] : ends[:further][-1]]


def _stems(words: str) -> set[str]:
    return {_stem(word) for word in WORD.findall(words) if _tells(word)}


def _tells(word: str) -> bool:
    return len(word) > 2 and word.lower() not in COMMON


def _stem(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    letters = WITH_A.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    return ENDING.sub("", letters)[:STEM].rstrip("e")


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
