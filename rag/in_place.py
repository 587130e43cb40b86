"""The question before with something else in its place: "And in 2020?", "What about Flight 92?", "And in Toledo?".

What is of the same kind gives way: a number after the same word, a year for a year, a day for a day, a place for a
place, a name for the only name. Else the last phrase with the same preposition does, or whoever is asked for a view.
Where nothing does plainly, the rest stands in brackets.
"""

import re

from rag.content import PREPOSITION, Name, content_words, names, names_in, places
from rag.meant import HOLDER
from rag.numbered import NUMBERED, ORDINAL
from rag.question import ASKED, NAME, SAYING, YEAR
from rag.speakers import DAYS, MONTHS

TIMES = (YEAR, *(re.compile(rf"\b(?:{'|'.join(times.split())})\b") for times in (DAYS, MONTHS)))

PLACED = re.compile(rf"(?P<how>(?i:in|at|near|outside|of|from|to)) (?P<name>(?:the )?{NAME})")
WITH_ARTICLE = r"(?:the (?=[A-Z.]{2,}|United ))?"
"""Before a name that is a whole place: "in the US", and not "in the Dayton library"."""
PUBLIC = (
    rf"(?:{HOLDER}|police|fire|city|town|county|council|school|library|hospital|clinic|museum|zoo|airport|harbou?r|port|"
    r"university|stadium|theatre|theater|court|prison|station|market|bridge)"
)
"""What a place has of its own: "the police chief of Dayton", "the Dayton library"."""
OWN = re.compile(rf"\bthe (?P<name>{NAME}) {PUBLIC}\b|\b{PUBLIC} (?:of|in|at) (?:the )?(?P<of>{NAME})")
SOMEWHERE = ("in", "at", "near", "outside", "of")

BEGINS_WITH_PREPOSITION = re.compile(PREPOSITION, re.IGNORECASE)
LAST_PHRASE = re.compile(rf"\b({PREPOSITION})(?: (?!{PREPOSITION})\S+){{1,4}}$", re.IGNORECASE)
"""``about the cartels`` at the end of a question, whose place ``And about China?`` takes."""

VIEW = re.compile(rf"\b({ASKED}) ((?:[\w’'.-]+ ){{0,4}}[\w’'.-]+?)(?= {SAYING}\b)")
"""``What does the Biden administration think of it?``: whose view is asked for."""

NO_NAMES = frozenset(f"{DAYS} {MONTHS}".split())


def put_in(fragment: str, earlier: str) -> str:
    """The earlier question asked of what the fragment says.

    >>> put_in("Flight 92", "How long was Flight 811 delayed")
    'How long was Flight 92 delayed'
    """
    put = _numbered(fragment, earlier) or _of_time(fragment, earlier) or _of_place(fragment, earlier)
    preposition = BEGINS_WITH_PREPOSITION.match(fragment)
    if put:
        return put
    if preposition:
        kept = _without_last(preposition[0], fragment, earlier)
        return f"{kept} {preposition[0].lower()}{fragment[preposition.end() :]}"
    view = VIEW.search(earlier)
    if view and list(names(f"about {fragment}")):
        return f"{earlier[: view.start(2)]}{fragment}{earlier[view.end(2) :]}"
    return _of_name(fragment, earlier) or f"{earlier} ({fragment})"


def _without_last(preposition: str, fragment: str, earlier: str) -> str:
    """The earlier question without its last phrase, where that begins as the fragment and is a year where that is."""
    last = LAST_PHRASE.search(earlier)
    same = last and last[1].lower() == preposition.lower() and bool(YEAR.search(last[0])) == bool(YEAR.search(fragment))
    return earlier[: last.start()].rstrip() if last and same else earlier


def _numbered(fragment: str, earlier: str) -> str | None:
    """``How long was Flight 92 delayed``: another number, after the same word or before it."""
    for pattern in (NUMBERED, ORDINAL):
        asked = pattern.search(fragment)
        if not asked or set(content_words(fragment)) - set(content_words(asked[0])):
            continue
        there = [one for one in pattern.finditer(earlier) if one["head"].casefold() == asked["head"].casefold()]
        if len(there) == 1:
            return f"{earlier[: there[0].start('which')]}{asked['which']}{earlier[there[0].end('which') :]}"
    return None


def _of_time(fragment: str, earlier: str) -> str | None:
    """Another year, day or month for the only one, where the fragment says nothing else."""
    if len(content_words(fragment)) != 1:
        return None
    for times in TIMES:
        asked = times.search(fragment)
        if asked and len(times.findall(earlier)) == 1:
            return times.sub(asked[0], earlier)
    return None


def _of_place(fragment: str, earlier: str) -> str | None:
    """``Why did the Toledo police chief resign``: another place for the only one, where it says that it is one."""
    asked = PLACED.fullmatch(fragment)
    if not asked or asked["name"] in NO_NAMES:
        return None
    how = asked["how"].lower()
    same = [
        one for one in re.finditer(rf"\b{how} (?P<name>{WITH_ARTICLE}{NAME})", earlier) if one["name"] not in NO_NAMES
    ]
    own = list(OWN.finditer(earlier)) if how in SOMEWHERE else []
    there = same or own
    if len(there) != 1:
        return None
    group = "of" if not same and there[0]["of"] else "name"
    name = asked["name"].removeprefix("the ") if group == "name" and not same else asked["name"]
    return f"{earlier[: there[0].start(group)]}{name}{earlier[there[0].end(group) :]}"


def _of_name(fragment: str, earlier: str) -> str | None:
    """Another name for the one that shares a word with it ("Mayor Holt"), or for the only one of the question."""
    found = list(names_in(f"about {fragment}"))
    if len(found) != 1 or fragment.removeprefix("the ") != found[0].text:
        return None
    there = [one for one in names_in(earlier) if not NUMBERED.match(earlier, one.start)]
    alike = [one for one in there if _share_a_word(one.text, found[0].text)]
    if len(alike or there) != 1:
        return None
    [only] = alike or there
    if not alike and not _of_one_kind(only, found[0], earlier):
        return None
    start = only.start - len("the ") * earlier[: only.start].endswith(" the ")
    return f"{earlier[:start]}{fragment}{earlier[only.end :]}"


def _share_a_word(one: str, other: str) -> bool:
    """Whether two names of more than one word begin or end with the same: "Kent County" and "Essex County"."""
    mine, theirs = one.split(), other.split()
    return min(len(mine), len(theirs)) > 1 and (mine[0] == theirs[0]) != (mine[-1] == theirs[-1])


def _of_one_kind(one: Name, other: Name, earlier: str) -> bool:
    """Whether both are places, or initials, or neither; who is asked of "in" a place is taken for one."""
    is_place = re.search(r"\b(?:in|near) (?:the )?$", earlier[: one.start]) is not None
    return (is_place and not other.text.isupper()) or _kind(one.text) == _kind(other.text)


def _kind(name: str) -> str:
    return "place" if name in places() else "initials" if name.isupper() else "name"
