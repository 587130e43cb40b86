"""Things that a number or a letter tells from others: Flight 811, School No. 5, Terminal B, the first stage, March 3.

Of English text. Such a number is a name and no figure.
"""

import re
from collections.abc import Iterator, Mapping

from rag.content import NO_CONTENT
from rag.question import YEAR
from rag.speakers import MONTHS, NO_NAMES

SPELLED = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
NUMBERED = re.compile(
    r"\b(?P<head>[^\W\d_][\w’'-]+) (?:[Nn]o\.? ?|[Nn]umber |#)?"
    rf"(?P<which>\d+[A-Za-z]?|[A-HJ-Z]|[IVX]{{2,}}|(?i:{SPELLED}))"
    r"(?![\w’'%-])(?![.,]\d)"
)
"""``Flight 811``, ``School No. 5``, ``Terminal B``; not the pronoun of "Should I"."""
ORDINAL = re.compile(
    r"\b(?P<which>(?i:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)|\d+(?:st|nd|rd|th)) "
    r"(?P<head>[^\W\d_][\w’'-]+)"
)
"""``the first quarter``"""

NOTHING = NO_NAMES - set(MONTHS.split())
"""Words with a capital before a figure: "In 35 houses"."""


def things_in(text: str, heads: frozenset[str] = frozenset()) -> Mapping[str, frozenset[str]]:
    """What is told apart by a number, and the numbers: ``{"flight": {"811"}}``.

    heads: words in lower case that have numbers though they are written small; any other begins with a capital.
    """
    things: dict[str, frozenset[str]] = {}
    for head, which in _told_apart(text, heads):
        things[head] = things.get(head, frozenset()) | {which}
    return things


def _told_apart(text: str, heads: frozenset[str]) -> Iterator[tuple[str, str]]:
    for match in NUMBERED.finditer(text):
        head = match["head"]
        named = head.casefold() in heads or (head[0].isupper() and head not in NOTHING)
        if named and head.casefold() not in NO_CONTENT and not YEAR.fullmatch(match["which"]):
            yield head.casefold(), match["which"].casefold()
    for match in ORDINAL.finditer(text):
        yield match["head"].casefold(), match["which"].casefold()
