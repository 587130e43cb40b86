"""Whom a "he" or a "she" of a follow-up means, as far as the question before and its answer tell.

A person that the question names; else the one its answer names for a "who"; else somebody it calls what they are ("the
police chief of Dayton"); else the one whose words its answer gave. Nobody, where several can be meant. A place is no
person: not what stands after "in" or "mayor of", not a country or a city of a table, nor what an answer has "in".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.content import Name, names_in, places
from rag.question import IN_BRACKETS, NAME, kind_of

PERSON = re.compile(r"\b(?:he|she|him|his|her)\b", re.IGNORECASE)

NO_PERSON = re.compile(
    r"[A-Z.]{2,}|.*(?:ese|ican)|Washington|Beijing|Moscow|London|Brussels|Congress|Senate|House|Department|Ministry|Office|"
    r"Agency|Administration|Center|Centre|Institute|University|Council|Court|Committee|Party|Cartel|Bank|News|Times|Post"
)
"""Last words of names that no "he" stands for: acronyms, peoples, governments, organisations. Places have a table."""

HOLDER = (
    r"(?:chief executive|chief of staff|chief|mayor|minister|president|chancellor|governor|senator|congress(?:wo)?man|"
    r"lawmaker|politician|ambassador|secretary|commissioner|sheriff|director|manager|owner|founder|chair(?:wo)?man|chair|"
    r"spokes(?:wo)?man|leader|head|boss|officer|inspector|detective|judge|lawyer|attorney|prosecutor|witness|suspect|"
    r"defendant|coach|captain|pilot|driver|king|queen|prince|princess|pope|bishop|priest|rabbi|imam|teacher|headteacher|"
    r"principal|professor|student|doctor|surgeon|nurse|engineer|architect|scientist|researcher|journalist|reporter|"
    r"editor|author|writer|artist|painter|singer|actor|actress|farmer|keeper|guard|guide|treasurer|superintendent|"
    r"mother|father|sister|brother|wife|husband|widow|daughter|son|woman|man|girl|boy)"
)
"""What one person is called who is not named."""

INNER = r"(?:(?!(?:the|an?|and|or|who|of|in|at|on|to|for|from|by|with|did|does|was|is|has|had)\b)[\w’'.-]+ )"
CALLED = re.compile(
    rf"\b(?:the|as(?: the| an?)?) (?P<who>{INNER}{{0,3}}?{HOLDER}(?![\w’'-])"
    rf"(?: (?:of|in|at) (?:the )?{NAME}| of (?:the )?[a-z][\w’'-]+)?)"
)
"""``the police chief of Dayton``, ``as police chief in Toledo``: somebody who is called what they are."""

IN_PLACE = re.compile(r"\b(?:in|at|near|outside|inside|across|around|throughout|the|an?)(?: the)? $", re.IGNORECASE)
"""Before a name that is a place, or says which: "in Toledo", "the Dayton police chief"."""
OF_PLACE = re.compile(rf"\b(?:{HOLDER}|{NAME}) of (?:the )?$")
FROM_PLACE = re.compile(
    r"\b(?:(?<!think )(?<!thinks )(?<!thought )(?<!say )of|from|"
    r"(?:mov|go|went|com|came|travel|fl|return|driv|drove|sail|ship|send|sent|way|road)\w* to)(?: the)? $"
)
"""Before a name that may be a place: it is not meant, but no other name is surely meant either."""
NUMBERED = re.compile(r" (?:No\.? ?)?\d")
"""After what is no name of a person: "Flight 811"."""


@dataclass(frozen=True)
class Turn:
    """An earlier question as it was searched, and what its answer tells of who can be meant.

    ``speaker`` is the one person whose words the answer gave; ``answered`` the one it names where "who" was asked;
    ``quoted`` are the words of its quotes.
    """

    searched: str
    speaker: str | None = None
    answered: str | None = None
    quoted: str = ""


def person_meant(before: Turn) -> str | None:
    """The one person whom a pronoun after this turn means; None where nobody or more than one can be meant.

    >>> person_meant(Turn("Why did the police chief of Dayton resign?"))
    'the police chief of Dayton'
    """
    asked = IN_BRACKETS.sub("", before.searched)
    named, unsure = _named(asked, before.quoted)
    if named:
        return _only([*named, *unsure])
    if before.answered and not _is_no_person(before.answered):
        return before.answered
    called = _called(asked)
    if called or unsure:
        return _only(called)
    taken, _ = _named(before.searched[len(asked) :], before.quoted)
    return _only(taken) if taken and kind_of(asked) != "who" else before.speaker


def _only(persons: Sequence[str]) -> str | None:
    return persons[0] if len(persons) == 1 else None


def _named(text: str, quoted: str) -> tuple[list[str], list[str]]:
    """The persons whom these words name, each once, and names that may be those of persons or of places."""
    named = [name for name in names_in(text) if _may_be_person(name, text, quoted)]
    unsure = {name.text for name in named if FROM_PLACE.search(text[: name.start])}
    sure = dict.fromkeys(name.text for name in named if name.text not in unsure)
    return list(sure), sorted(unsure)


def _called(text: str) -> Sequence[str]:
    """Who is called what they are, each once: "the police chief of Dayton"."""
    return list(dict.fromkeys(f"the {match['who']}" for match in CALLED.finditer(text)))


def _may_be_person(name: Name, text: str, quoted: str) -> bool:
    if _is_no_person(name.text) or NUMBERED.match(text, name.end):
        return False
    if IN_PLACE.search(text[: name.start]) or OF_PLACE.search(text[: name.start]):
        return False
    return not re.search(rf"\b(?:in|at|near|outside|{HOLDER} of) {re.escape(name.text)}\b(?![’'])", quoted)


def _is_no_person(name: str) -> bool:
    return NO_PERSON.fullmatch(name.split()[-1]) is not None or name in places()
