"""Where sentences begin and end, inside paragraphs, with exact offsets.

Borders come from syntok, which also splits inside quotations, so that a quote can be as short as the
sentence that answers. A line is a paragraph, unless the text is hard-wrapped: then a blank line is the border.
"""

import re
import statistics
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.boilerplate import Mark

MAX_PARAGRAPH = 20_000
"""Characters given to the splitter at once: a text of 5 MB without a line break costs seconds, not minutes."""

MAX_HEADING = 120
"""Characters; a line that ends like no sentence and is longer than this is prose without a full stop."""


MIN_WRAPPED = 30
"""Characters; a line that was cut at a fixed width is longer, as in subtitles, and an item of a list mostly shorter."""

LEFT_OPEN = re.compile(r"[\w,'’\")\]-][ \t]*$")
"""How a line ends in the middle of a sentence."""

FOOTNOTE = re.compile(r"(?:\[\^?\w{1,12}\]|[¹²³⁴⁵⁶⁷⁸⁹⁰])+$")
"""Behind the last full stop of a paragraph: ``in 1963.[2][3]``"""

ITEM_SIGN = re.compile(r"(?:(?:[>•‣▪◦*+-]|#{1,6})[ \t]+)+")
"""Before the words of a list item, a quoted mail, a heading in Markdown."""

UNFINISHED, GOES_ON = re.compile(r"(?:[^.!?…]|\b[A-Z]\.)\)$"), re.compile(r"(?:--?|–|—)\s")
"""``COPENHAGEN (Reuters)``, where the splitter ends a sentence, and ``- Orsted has stopped``: it is the same one."""


@dataclass(frozen=True)
class Sentence:
    """``text[start:end]``; ``paragraph`` counts from 0; a heading stands over others and states nothing."""

    start: int
    end: int
    paragraph: int
    heading: bool = False


@dataclass(frozen=True)
class _Paragraph:
    start: int
    end: int


def split_sentences(text: str, marks: Sequence[Mark] = ()) -> list[Sentence]:
    """The sentences of the article, in order; marked spans are left out."""
    paragraphs = list(_paragraphs(text, marks))
    stands_apart = [_stands_apart(text[one.start : one.end]) for one in paragraphs]
    # a line that ends like no sentence is a heading over prose, and a row of them a list or a table
    over_prose = [here and not below for here, below in zip(stands_apart, [*stands_apart, True][1:], strict=True)]
    return [
        Sentence(start, end, number, heading)
        for number, (paragraph, heading) in enumerate(zip(paragraphs, over_prose, strict=True))
        for start, end in _split(text, paragraph.start, paragraph.end)
    ]


def place_of(sentences: Sequence[Sentence], start: int) -> int:
    """The place of the sentence that begins at ``start`` among sentences in order; it has to be there."""
    place = bisect_left(sentences, start, key=lambda sentence: sentence.start)
    assert sentences[place].start == start, f"no sentence begins at {start}"
    return place


def _paragraphs(text: str, marks: Sequence[Mark]) -> Iterator[_Paragraph]:
    border = re.compile(r"(?:\r\n|\r|\n)(?:[ \t]*(?:\r\n|\r|\n))+" if _is_hard_wrapped(text) else r"[\r\n]+")
    for start, end in _unmarked(text, marks):
        position = start
        for match in border.finditer(text, start, end):
            if not _is_inside_sentence(text, match):
                yield from _trimmed(text, position, match.start())
                position = match.end()
        yield from _trimmed(text, position, end)


def _is_inside_sentence(text: str, line_break: re.Match[str]) -> bool:
    """True for the end of a line that was cut at a fixed width, in a text that has few of them: a small letter follows,
    in a quoted mail after its sign.
    """
    before = re.split(r"[\r\n]", text[max(0, line_break.start() - 2 * MAX_HEADING) : line_break.start()])[-1]
    after = text[line_break.end() : line_break.end() + MIN_WRAPPED].lstrip("> \t")
    is_wrapped = MIN_WRAPPED <= len(before) <= MAX_HEADING and LEFT_OPEN.search(before) is not None
    return is_wrapped and after[:1].islower() and line_break.group() in ("\n", "\r\n", "\r")


def _unmarked(text: str, marks: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    position = 0
    for mark in marks:
        if mark.start > position:
            yield position, mark.start
        position = max(position, mark.end)
    yield position, len(text)


def _trimmed(text: str, start: int, end: int) -> Iterator[_Paragraph]:
    """The paragraph without surrounding blanks, cut where it is longer than the splitter takes."""
    while start < end:
        cut = end if end - start <= MAX_PARAGRAPH else _cut(text, start + MAX_PARAGRAPH)
        words = text[start:cut].strip("\ufeff \t\r\n\x0b\x0c\u00a0")
        if any(letter.isalnum() for letter in words):
            begin = start + text[start:cut].index(words)
            yield _Paragraph(begin, begin + len(words))
        start = cut


def _cut(text: str, end: int) -> int:
    """The last blank before ``end``, or ``end`` itself where a single word fills the whole stretch."""
    blank = text.rfind(" ", end - MAX_PARAGRAPH // 2, end)
    return end if blank < 0 else blank + 1


def _is_hard_wrapped(text: str) -> bool:
    """Lines cut at a fixed width by a typewriter, a mail program or a PDF, with blank lines as paragraph borders."""
    blocks = [block.splitlines() for block in re.split(r"\n[ \t]*\r?\n", text[:100_000])]
    inner = [line.rstrip() for block in blocks if len(block) > 2 for line in block[:-1]]
    if len(inner) < 4:
        return False
    widths = [len(line) for line in inner]
    unfinished = sum(not re.search(r"[.!?:;]['\"”’)]*$", line) for line in inner) / len(inner)
    return 40 <= statistics.median(widths) <= 100 and max(widths) <= 120 and unfinished > 0.6


def _stands_apart(paragraph: str) -> bool:
    if paragraph.startswith("#"):
        return True
    words = FOOTNOTE.sub("", paragraph)
    return len(words) <= MAX_HEADING and not re.search(r"[.!?…:;,]['\"”’)\]]*$|^[-•*–]|^\d+[.)]\s", words)


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    from syntok import segmenter  # 60 ms, and a question needs no splitting

    sign = ITEM_SIGN.match(text, start, end)
    start = sign.end() if sign else start
    spans: list[tuple[int, int]] = []
    for paragraph in segmenter.analyze(text[start:end]):
        for tokens in paragraph:
            first, last = tokens[0], tokens[-1]
            span = (start + first.offset, start + last.offset + len(last.value))
            if spans and _belongs(text[slice(*spans[-1])], text[slice(*span)]):
                spans[-1] = (spans[-1][0], span[1])
            else:
                spans.append(span)
    return spans


def _belongs(before: str, words: str) -> bool:
    """True for what is no sentence of its own: a closing quotation mark set apart by a blank, a report after its
    dateline.
    """
    if not any(letter.isalnum() for letter in words):
        return True
    return GOES_ON.match(words) is not None and UNFINISHED.search(before) is not None
