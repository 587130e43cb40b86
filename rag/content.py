"""What a question is about: its words that tell something, and the names among them. Rules for English questions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rag.question import NAME

PREPOSITION = r"(?:(?:in|from|to|by|about|for|with|at|on|since|under|until|of|against|between|after|before|during)\b)"

CONTINENTS = frozenset({"Africa", "America", "Asia", "Australia", "Europe"})
"""Whose time zones have the names of cities; those of oceans and the Antarctic have the names of people too."""

STATES = (
    "US, U.S, U.S., USA, UK, EU, Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, "
    "Florida, Hawaii, Idaho, Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana, Maine, Maryland, Massachusetts, "
    "Michigan, Minnesota, Mississippi, Missouri, Montana, Nebraska, Nevada, New Hampshire, New Jersey, New Mexico, "
    "New York, North Carolina, North Dakota, Ohio, Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina, "
    "South Dakota, Tennessee, Texas, Utah, Vermont, West Virginia, Wisconsin, Wyoming"
)
"""And what states are called for short; not Virginia, which is also the name of women."""

WORD = re.compile(r"\w[\w’'.-]*\w|\w")
ASKING_WORDS = "what who whom whose why when where which how many much long often"
VERBS = (
    "is are was were be been being do does did done has have had can could will would shall should may might must "
    "happen happened say says said tell tells told think thinks"
)
PRONOUNS = "i you he she it they we him them me his her hers its their our your my this that these those there here"
PREPOSITIONS = "of in on at to from by for with about into over under since until after before during between against"
QUANTITIES = "one ones some any all both none each every else another other others same such more most less"
OTHER_WORDS = (
    "a an the and but or so also then ok okay if not no yes than as because very too exactly just only now still again "
    "really up down out off people thing things"
)
NO_CONTENT = frozenset(" ".join((ASKING_WORDS, VERBS, PRONOUNS, PREPOSITIONS, QUANTITIES, OTHER_WORDS)).split())
"""Words that tell nothing of what a question is about."""


@dataclass(frozen=True)
class Name:
    """A name, and where in the question it stands."""

    text: str
    start: int
    end: int


def content_words(text: str) -> list[str]:
    """The words that tell what a question is about, each once: ``Mexico``, ``defendants``."""
    words = (re.sub(r"[’']s?$", "", word) for word in WORD.findall(text))
    return list(dict.fromkeys(word for word in words if word.casefold() not in NO_CONTENT))


def names(text: str) -> Iterator[str]:
    """The names of a question: runs of words with a capital that is not owed to its beginning or to shouting."""
    return (name.text for name in names_in(text))


def names_in(text: str) -> Iterator[Name]:
    """The same with their places."""
    if not any(letter.islower() for letter in text):
        return
    for match in re.finditer(NAME, text):
        words = [word for word in match[0].split() if word.casefold() not in NO_CONTENT]
        if match.start() == 0 and len(words) == len(match[0].split()) == 1 and not words[0].isupper():
            continue
        if words:
            start = match.start() + match[0].index(words[0])
            name = re.sub(r"[’']s?$", "", " ".join(words))
            yield Name(name, start, min(start + len(name), match.end()))


@cache
def places() -> frozenset[str]:
    """Names that are surely those of places: countries, continents, states, and cities that name a time zone."""
    from babel import Locale  # 80 ms with its tables, once, and few questions need it
    from babel.core import get_global

    zones = (zone.split("/") for zone in get_global("zone_territories"))
    cities = {parts[1].replace("_", " ") for parts in zones if len(parts) == 2 and parts[0] in CONTINENTS}
    return frozenset({*Locale("en").territories.values(), *STATES.split(", "), *cities})
