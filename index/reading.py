"""What a reader gives: the text of a file, what is known of it, what in it is not article, where its pages begin.

For plain text and Markdown the text is the file. The other formats hold no text that offsets could count in, so
theirs is made: paragraphs with a blank line between them, and nothing that steers a program.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from index.boilerplate import Mark, mark_boilerplate
from index.metadata import Field, Metadata, find_metadata, from_fields, lines_of

MAX_FILE_MB = 50
"""A text of 50 MB is eight thousand newspaper pages: more is a dump, and splitting it gives better names."""

MAX_CHARACTERS = 20_000_000
"""Of one file: ten thousand pages of a book. More comes from a file made to fill a disk."""

PARAGRAPH = "\n\n"

# control characters, halves of letters, and marks that are not seen but keep a word from being found
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u2060\ufeff\ufffe\uffff]")


class Unreadable(Exception):
    """Why a file cannot become a document; the text is the reason shown to people."""


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a file."""

    text: str
    metadata: Metadata
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()  # where each page begins in the text; empty for formats without pages


Reader = Callable[[bytes], Reading]


def extracted(
    text: str, fields: Iterable[Field], *, notes: tuple[str, ...] = (), pages: tuple[int, ...] = ()
) -> Reading:
    """The reading of a text taken out of a file: what its fields leave open is looked for in the text.

    Raises Unreadable for a text of more than MAX_CHARACTERS.
    """
    refuse_vast(len(text))
    known = from_fields(fields, otherwise=find_metadata(text))
    metadata = replace(known, title_span=span_of_line(text, known.title))
    return Reading(text, metadata, mark_boilerplate(text, metadata), notes, pages)


def refuse_vast(characters: int) -> None:
    """Raises Unreadable for more characters than one file may have."""
    if characters > MAX_CHARACTERS:
        raise Unreadable(f"its text has more than {MAX_CHARACTERS:,} characters; split it into articles")


def storable(text: str) -> str:
    r"""The text as letters that can be stored, shown and searched, its lines ended by \n.

    >>> storable("Bun\xaddes\x00tag\r\n")
    'Bundestag\n'
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return UNSEEN.sub("", re.sub(r"\r\n?|[\u2028\u2029]", "\n", whole))


def span_of_line(text: str, words: str | None) -> tuple[int, int] | None:
    """Where a line of the text stands that reads so: a title, be it from there or from a field."""
    return next(((line.start, line.end) for line in lines_of(text[:MAX_CHARACTERS]) if line.text == words), None)
