"""Whether a sentence keeps the names of its source, and gives words to whom the source gives them."""

import re
from itertools import pairwise

from index.sentences import Sentence
from rag import claims
from rag.spans import Span
from rag.speakers import NO_NAMES, PRONOUN_SAYS, SPEAKERS, Speaker, attributed_to, same_person
from rag.wording import Wording

ENDINGS = re.compile(r"(?:ian|ean|an|ese|ish|i|ans|ians|ic|s)$")
AMERICAN = frozenset(
    {"us", "usa", "u.s.", "u.s.a.", "america", "american", "americans", "u.s", "united states", "washington"}
)

COUNTRIES = """
norway norwegian norwegians, denmark danish dane danes, sweden swedish swede swedes, finland finnish finn finns,
france french frenchman, spain spanish spaniard spaniards, netherlands dutch holland, belgium belgian belgians,
switzerland swiss, greece greek greeks, turkey turkish turk turks, poland polish pole poles, portugal portuguese,
germany german germans, wales welsh, ireland irish, scotland scottish scots scot, england english,
britain british briton britons uk, peru peruvian peruvians, philippines filipino filipinos, thailand thai thais,
iceland icelandic, cyprus cypriot cypriots, congo congolese, china chinese, iraq iraqi iraqis, israel israeli israelis,
czechia czech czechs, slovakia slovak slovaks, croatia croat croats croatian, serbia serb serbs serbian,
hungary hungarian hungarians, canada canadian canadians, mexico mexican mexicans, argentina argentine argentines,
europe european europeans eu, afghanistan afghan afghans, pakistan pakistani pakistanis, bangladesh bangladeshi,
yemen yemeni yemenis, kuwait kuwaiti, uzbekistan uzbek
"""
PEOPLES = (AMERICAN, *(frozenset(one.split()) for one in COUNTRIES.split(",")))
"""Countries and their peoples, where one is not the other with an ending."""

OFFICE = re.compile(SPEAKERS)
SPOKES = re.compile(r"\bspokes(?:man|woman|person)\b")
"""Who says what an organisation does."""
NEAR_NAME = r"(?:(?:Mr|Ms|Mrs|Dr)\.? )?(?:[A-Z][\w’'-]* ){0,3}"
BEGINS_WITH = re.compile(r"^(?:He|She|They|It)\b")

TOPIC, SIGNATURE = 400, 200
"""Characters at an article's beginning that say what it is about, and at its end that say who writes."""
FIRST_PERSON = re.compile(r"\b(?:I|me|my|we|our|us)\b")

SHOWN = re.compile(
    r"\b((?:figures|data|records|documents|statistics|polls?|studies|minutes)) (?:also )?(?:show|suggest|indicate)"
)
"""What a statement rests on that nobody makes."""

PARTICIPLE = re.compile(r"\W*[A-Z][a-z]+ing (?:the|an?|his|her|its|their|this|these|those)\b")
"""A beginning that is no name: "Pulling the pool down", not "Beijing denied"."""

LIKELY = 0.25
"""How far a word is held that the sentence begins with, for it to be no name that the span lacks."""


def names_agree(sentence: str, span: Span, wording: Wording) -> bool:
    """Whether the span has each name of the sentence, or leans on a sentence or title that has it."""
    there = _name_words(f"{span.text} {span.known}")
    around = there | _name_words(span.around) if span.leans else there
    whole = f"{span.text} {span.known} {span.around}"
    told = claims.names(sentence)
    following = [*(name for name, _ in told[1:]), ""]
    for (name, begins), after in zip(told, following, strict=False):
        if _is_named(name, around, whole):
            continue
        if after and _is_full_name(name, after, there, span.article):
            continue
        if _is_called_so(name, sentence, span) or name in _topic(sentence, span):
            continue
        if begins and after and _has_another_name(name, after, sentence, span.article):
            return False
        if begins and (PARTICIPLE.match(sentence) or not wording.term(name) or _begins_only(name, wording, span)):
            continue
        return False
    return True


def _topic(sentence: str, span: Span) -> set[str]:
    """The names of what the article is about, or of who writes it, where the sentence has no name instead of another.

    "Legionnaires' disease" is "the disease", "Varga says" is "I say".
    """
    said = _name_words(sentence)
    if any(claims.folded(name) not in said for name, begins in claims.names(span.text) if not begins):
        return set()
    signed = span.article[-SIGNATURE:] if FIRST_PERSON.search(span.text) else ""
    about = f"{span.title} {span.teller} {span.article[:TOPIC]} {signed}"
    return {name for name, _ in claims.names(about)}


def _has_another_name(first: str, last: str, sentence: str, text: str) -> bool:
    """Whether the article calls by another first name whom the sentence begins with."""
    others = set(re.findall(rf"\b([A-Z][\w’'-]+) {re.escape(last)}\b", text)) - NO_NAMES
    others = {one for one in others if one.casefold() not in claims.TITLES}
    return bool(others) and f"{first} {last}" in sentence and not re.search(rf"\b{re.escape(first.lower())}\b", text)


def called_elsewhere(sentence: str, span: Span) -> str:
    """The first names and offices that the sentence has from elsewhere in the article."""
    there = _name_words(f"{span.text} {span.known}")
    told = [name for name, _ in claims.names(sentence)]
    full = [first for first, last in pairwise(told) if _is_full_name(first, last, there, span.article)]
    return " ".join([*full, *_topic(sentence, span)])


def _is_called_so(name: str, sentence: str, span: Span) -> bool:
    """Whether the span's "the pool" has one name in the passage, the sentence's: "the Millbrook pool"."""
    return any(
        re.search(rf"\b[Tt]he {thing}\b", span.text)
        and set(re.findall(rf"\b([A-Z][\w’'-]+) {thing}\b", span.whole)) - NO_NAMES == {name}
        for thing in re.findall(rf"\b{re.escape(name)} ([a-z]{{3,}})", sentence)
    )


def _is_full_name(first: str, last: str, there: set[str], text: str) -> bool:
    """Whether the article has elsewhere the first name or the office of whom the span calls by the last name alone."""
    return claims.folded(last) in there and bool(
        re.search(rf"\b{re.escape(first)} (?:[A-Z][\w’'-]* ){{0,2}}{re.escape(last)}\b", text)
    )


def _begins_only(name: str, wording: Wording, span: Span) -> bool:
    """Whether a word has its capital because the sentence begins with it, as far as the span has such a word."""
    [held] = wording.held(wording.words(name)[:1], wording.words(span.text)) or [1.0]
    return held >= LIKELY


def _name_words(text: str) -> set[str]:
    return {re.sub(r"'s?$", "", word) for word in re.findall(r"(?:\w\.){2,}|[\w'-]+", claims.folded(text))}


def _is_named(name: str, words: set[str], text: str) -> bool:
    plain = claims.folded(name)
    if plain in words or any(plain in one and words & one for one in PEOPLES):
        return True
    if plain in AMERICAN and "united states" in claims.folded(text):
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


def quotations_agree(sentence: str, span: Span) -> bool:
    """Whether what is quoted stands in the span; a longer quotation may go on in the sentences around it."""
    own, whole = _plain(span.text), _plain(f"{span.text} {span.around}")
    return all(_plain(one) in own or (". " in one and _plain(one) in whole) for one in claims.quotations(sentence))


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", claims.folded(text)))


def speaker_agrees(sentence: str, span: Span, before: Speaker | None, wording: Wording) -> bool:
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
    if _is_by_office(theirs.name, sentence, span.article):
        return True
    if (begins := BEGINS_WITH.match(sentence)) and not mine and re.search(rf"(?:^|[.!?”] ){begins[0]}\b", span.text):
        return True
    if _speaks_for(theirs.name, span.text) and any(name in span.text for name, _ in claims.names(sentence)):
        return True
    called = re.sub(r"^(?:The|A|An|His|Her|Its|Their) ", "", theirs.name)  # "The company said"
    until = span.text.find(theirs.name) if theirs.name[0].isupper() else None  # not whom it speaks of
    return bool(mine and not called[0].isupper() and _is_mentioned(mine.name, span.text[:until], wording))


def _is_by_office(name: str, sentence: str, article: str) -> bool:
    """Whether the sentence calls by their office, "the minister", whom the article names with it."""
    last = re.escape(name.split()[-1])
    beside = [
        *re.findall(rf"\b([\w-]+),? {NEAR_NAME}{last}\b", article),
        *" ".join(re.findall(rf"\b{last}, (?:who (?:is|was) )?((?:[\w’'-]+ ){{0,5}}[\w-]+)", article)).split(),
    ]
    offices = "|".join({one.lower() for one in beside if OFFICE.fullmatch(one)})
    called = rf"(?:\b(?:the|its|their|his|her)|\w[’']s?) (?:[\w-]+ ){{0,2}}(?:{offices})\b"
    return bool(offices and re.search(called, sentence, re.IGNORECASE))


def _speaks_for(name: str, text: str) -> bool:
    """Whether who says it is somebody's spokesman."""
    return any(name in text[one.start() : one.end() + 40] for one in SPOKES.finditer(text))


def _is_source(name: str, span: Span) -> bool:
    """Whether a name is that of who tells it all, or of somebody in the span's words."""
    return same_person(name, span.teller) or _name_words(name) <= _name_words(span.text)


def _is_mentioned(name: str, text: str, wording: Wording) -> bool:
    own = wording.words(name)
    if not own:
        return True
    return max(wording.held(own[-1:], wording.words(text)), default=0.0) >= 0.5 or same_person(name, text)
