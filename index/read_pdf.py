"""PDF: the words of each page in reading order as paragraphs, and where each page begins.

A PDF holds letters with places, no paragraphs. Lines become paragraphs by their distance, indent and size; words
divided at a line's end become whole; columns set side by side are read one after the other; a paragraph that runs
over the end of a page runs on. Page numbers and running heads are left out, so that no sentence is cut by them.
"""

import ctypes
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any

from index.metadata import Field
from index.reading import PARAGRAPH, Reading, Unreadable, extracted, refuse_vast, storable

MAX_PAGES = 2_000

NO_TEXT = "it has no text layer; run OCR first"

COLUMN_GAP = 1.2
"""Letter heights between two words of one line from where on they may stand in two columns; justified lines stay
under 1."""

COLUMN_LETTERS = 20
"""Mean length of a column's lines; what is shorter is a table, which is read row by row."""

COLUMN_LINES = 3

PARAGRAPH_GAP = 1.3
"""Times the usual distance of lines on the page."""

INDENT = 0.8
"""Letter heights by which a line that begins a paragraph is set in."""

SHORT = 0.2
"""Share of the column that the last line of a paragraph may leave free without being its end."""

SAME_SIZE = 1.15
"""A heading's letters are larger than this times those of its text."""

HEAD_LINES = 2
"""Lines at the top and at the bottom of a page that may be its running head."""

HEAD_PAGES = 3
"""A line that stands there on so many pages, numbers aside, is one; a page number, also beside a title, on two."""

NUMBERED = re.compile(r"^#$|\t#$|^#\t")

PAGE_NUMBER = re.compile(r"(?:page|p\.)? ?[-–—]? ?(?:\d{1,4}|[ivxlc]{1,6}) ?[-–—]?(?: ?(?:of|/) ?\d{1,4})?")
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’»)\]\d]*$")
ITEM = re.compile(r"[•‣▪◦–*-] |\(?\d{1,3}[.)] ")
HYPHEN = "\x02"
"""PDFium's sign for a word divided at the end of a line."""

TITLE_OF_A_PROGRAM = re.compile(r"microsoft (?:word|powerpoint)\b.*|untitled.*|.*\.(?:docx?|pdf|indd|qxd|tex|rtf)")


@dataclass(frozen=True)
class Line:
    """Words side by side on a page; places in points, y upwards."""

    text: str
    left: float
    right: float
    y: float
    size: float


def read_pdf(data: bytes) -> Reading:
    """The text of a PDF. ``pages`` has the place at which each page's words begin."""
    document = _opened(data)
    try:
        if len(document) > MAX_PAGES:
            raise Unreadable(f"it has {len(document):,} pages, and one file may have {MAX_PAGES:,}; split it")
        pages = list(_pages(document))
        known = document.get_metadata_dict()
    finally:
        document.close()
    blank = sum(not lines for lines in pages)
    if blank == len(pages):
        raise Unreadable(NO_TEXT)
    text, starts = _written(_without_heads(pages))
    notes = (f"{blank} of its {len(pages)} pages have no text layer",) if blank else ()
    return extracted(text, list(_fields(known)), notes=notes, pages=starts)


def _opened(data: bytes) -> Any:
    import pypdfium2
    from pypdfium2 import raw

    if b"%PDF-" not in data[:1024]:
        raise Unreadable("it is not a PDF")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise Unreadable("it is encrypted; save it without a password") from error
        raise Unreadable("it is damaged: no page of it can be opened") from error
    return document


def _pages(document: Any) -> Iterator[list[Line]]:
    """The lines of each page in reading order."""
    import pypdfium2

    characters = 0
    for number in range(len(document)):
        try:
            page = document[number]
        except pypdfium2.PdfiumError:
            yield []
            continue
        letters = page.get_textpage()
        characters += letters.count_chars()
        refuse_vast(characters)
        yield _in_reading_order(list(_rows(letters)))
        letters.close()
        page.close()


def _rows(letters: Any) -> Iterator[list[Line]]:
    """The lines of a page as PDFium finds them, each cut where a wide gap may lie between two columns."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(letters.raw, place) for place in range(letters.count_chars())]
    place_of = _place_of(letters.raw, raw)
    for start, end in _line_ends(codes):
        row = [_line(codes, first, last, place_of) for first, last in _parts(codes, start, end, place_of)]
        if row:
            yield row


PlaceOf = Callable[[int], tuple[float, float, float, float]]


def _place_of(letters: Any, raw: Any) -> PlaceOf:
    """A function that gives left, right, baseline and size of a letter."""
    box = [ctypes.c_double() for _ in range(4)]
    x, y = ctypes.c_double(), ctypes.c_double()

    def place_of(place: int) -> tuple[float, float, float, float]:
        left, right, bottom, top = box
        raw.FPDFText_GetCharBox(letters, place, left, right, bottom, top)
        raw.FPDFText_GetCharOrigin(letters, place, x, y)
        # the font's own size may be 1, scaled by a matrix; that of the letters as drawn is what the eye compares
        size = raw.FPDFText_GetFontSize(letters, place)
        return left.value, right.value, y.value, size if size > 2 else max(top.value - bottom.value, 2.0) * 1.4

    return place_of


def _line_ends(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and end of each line with words; a line that ends in a divided word keeps its sign."""
    start = 0
    for place, code in enumerate([*codes, 10]):
        if code in (10, 13, 2):
            end = place + 1 if code == 2 else place
            if any(letter > 32 for letter in codes[start:end]):
                yield start, end
            start = place + 1


def _parts(codes: Sequence[int], start: int, end: int, place_of: PlaceOf) -> Iterator[tuple[int, int]]:
    """The line itself, or its parts with wide gaps between them."""
    words = [place for place in range(start, end) if codes[place] > 32 or codes[place] == 2]
    first = words[0]
    for before, after in pairwise(words):
        if after > before + 1:
            _, right, _, size = place_of(before)
            left, *_ = place_of(after)
            if left - right > COLUMN_GAP * size:
                yield first, before + 1
                first = after
    yield first, words[-1] + 1


def _line(codes: Sequence[int], start: int, end: int, place_of: PlaceOf) -> Line:
    left, _, y, size = place_of(start)
    _, right, _, _ = place_of(end - 1)
    text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes[start:end])
    divided = HYPHEN if re.search(r"\w[\x02-]$", text) else ""
    return Line(" ".join(storable(text.removesuffix("-") if divided else text).split()) + divided, left, right, y, size)


def _in_reading_order(rows: list[list[Line]]) -> list[Line]:
    """Rows of the page as lines: columns one after the other, the cells of a table's row on one line."""
    ordered: list[Line] = []
    for count, group in groupby(rows, key=len):
        block = list(group)
        if count > 1 and _are_columns(block):
            ordered += [row[column] for column in range(count) for row in block]
        else:
            ordered += [_side_by_side(row) for row in block]
    return [line for line in ordered if line.text]


def _are_columns(block: list[list[Line]]) -> bool:
    """Prose in columns: enough long lines, and a corridor from top to bottom that no word crosses."""
    columns = list(zip(*block, strict=True))
    corridors = all(
        max(line.right for line in here) < min(line.left for line in beside) for here, beside in pairwise(columns)
    )
    letters = statistics.mean(len(line.text) for row in block for line in row)
    return corridors and len(block) >= COLUMN_LINES and letters >= COLUMN_LETTERS


def _side_by_side(row: list[Line]) -> Line:
    return replace(row[0], text="\t".join(line.text for line in row), right=row[-1].right) if row[1:] else row[0]


def _without_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """The pages without their numbers and the lines that stand at the top or bottom of page after page."""
    edges = [_edges(lines) for lines in pages]
    counts = Counter(key for edge in edges for key in {_head_key(line) for line in edge})
    heads = {key for key, count in counts.items() if count >= (2 if NUMBERED.search(key) else HEAD_PAGES)}
    return [
        [line for line in lines if not (line in edge and _head_key(line) in heads)]
        for lines, edge in zip(pages, edges, strict=True)
    ]


def _edges(lines: list[Line]) -> list[Line]:
    by_height = sorted(lines, key=lambda line: line.y)
    return [*by_height[:HEAD_LINES], *by_height[-HEAD_LINES:]] if len(lines) > 2 * HEAD_LINES else by_height


def _head_key(line: Line) -> str:
    """The line without its numbers: ``#`` for a page number, ``annual report #`` for a running head."""
    text = line.text.casefold()
    return "#" if PAGE_NUMBER.fullmatch(text) else re.sub(r"\d+", "#", text)


def _written(pages: list[list[Line]]) -> tuple[str, tuple[int, ...]]:
    """The text of all pages, and where each begins in it."""
    known = {word for lines in pages for line in lines for word in re.findall(r"\w+(?:-\w+)*", line.text.casefold())}
    pieces: list[str] = []
    starts: list[int] = []
    length, last = 0, None
    for lines in pages:
        starts.append(length)
        usual = _usual_drop(lines)
        for place, line in enumerate(lines):
            joint = _joint(last, line, lines if place else [], usual, known)
            if not place:
                starts[-1] = length + len(joint)
            pieces += [joint, line.text.removesuffix(HYPHEN)]
            length += len(joint) + len(pieces[-1])
            last = line
    return "".join(pieces), tuple(starts)


def _usual_drop(lines: list[Line]) -> float | None:
    """How far the lines of a page stand apart."""
    drops = [upper.y - lower.y for upper, lower in pairwise(lines) if 0 < upper.y - lower.y < 4 * upper.size]
    return statistics.median(drops) if len(drops) >= 5 else None


def _joint(last: Line | None, line: Line, page: list[Line], usual: float | None, known: set[str]) -> str:
    """What stands between two lines in the text: nothing inside a word, a blank inside a paragraph, or its border."""
    if last is None:
        return ""
    if last.text.endswith(HYPHEN):
        return _inside_word(last.text, line.text, known)
    if "\t" in last.text and "\t" in line.text:
        return "\n"
    return " " if _runs_on(last, line, page, usual) else PARAGRAPH


def _inside_word(before: str, after: str, known: set[str]) -> str:
    """The hyphen of ``well-known`` stays, that of ``Mon-day`` goes: which it is, other places of the text tell."""
    first = re.search(r"\w*$", before.removesuffix(HYPHEN).casefold())
    second = re.match(r"\w*", after.casefold())
    assert first
    assert second
    if first[0] + second[0] in known:
        return ""
    return "-" if f"{first[0]}-{second[0]}" in known or not after[:1].islower() else ""


def _runs_on(last: Line, line: Line, page: list[Line], usual: float | None) -> bool:
    """True where a line goes on with the paragraph of the last one. ``page`` is empty at the top of a page."""
    larger, smaller = max(last.size, line.size), min(last.size, line.size)
    if larger > SAME_SIZE * smaller or ITEM.match(line.text) or "\t" in last.text + line.text:
        return False
    drop = last.y - line.y
    if not page or drop <= 0:  # the next page or column
        return not SENTENCE_END.search(last.text) and line.text[:1].islower()
    if drop > PARAGRAPH_GAP * (usual or 1.35 * line.size):
        return False
    if line.left > last.left + INDENT * line.size and not ITEM.match(last.text):
        return False
    margin = max(other.right for other in page if abs(other.left - last.left) < 2 * INDENT * last.size)
    # a line is no shorter than it has to be where the next word would not have stood on it
    word = (len(line.text.split(" ")[0]) + 1) * (line.right - line.left) / len(line.text)
    is_short = last.right < margin - max(SHORT * (margin - last.left), word)
    return not (is_short and (SENTENCE_END.search(last.text) or line.text[:1].isupper()))


def _fields(known: dict[str, str]) -> Iterator[Field]:
    """Title and author of the file's properties; its dates are those of the file, not of the article."""
    title = " ".join(storable(known.get("Title", "")).split())
    if not TITLE_OF_A_PROGRAM.fullmatch(title.lower()):
        yield Field("title", title, "document properties: Title")
    yield Field("author", " ".join(storable(known.get("Author", "")).split()), "document properties: Author")
