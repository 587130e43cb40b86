"""Word files: paragraphs and tables in their order, title, author and language from the file's properties.

Headers, footers, notes and deleted words are not article. The dates in the properties are those of the file, and
a file's time is never a date of publication.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from index.metadata import Field
from index.reading import PARAGRAPH, Reading, Unreadable, extracted, refuse_vast, storable

MAX_MEMBERS = 10_000
"""Parts in the zip that a Word file is; a report with 500 pictures has 600."""

MAX_UNPACKED_MB = 500
"""Of all parts together; unpacked, a long book with pictures has 100."""

OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0"
"""How files of Word 97, and Word files with a password, begin."""

BROKEN = (
    KeyError, ValueError, AttributeError, SyntaxError, EOFError, OSError, NotImplementedError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
"""What zipfile, lxml and python-docx raise on a file that is not what it should be."""

TITLE_PARAGRAPHS = 10
"""At the beginning, of which one may have the style of a title."""

NOT_A_NAME = {"python-docx", "word document", "microsoft office user", "user", "unknown"}
"""What programs write where no author or title was given."""

PLACES = {"body", "sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "AlternateContent", "Choice"}
"""Elements that only hold others; what is in any other one is not article."""

INSIDE = PLACES | {"p", "r", "hyperlink", "fldSimple", "dir", "bdo"}

LETTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_docx(data: bytes) -> Reading:
    """The article of a Word file; the cells of a table's row stand on one line, a tab between them."""
    document = _opened(data)
    text = PARAGRAPH.join(_capped(_blocks(document.element.body)))
    known = document.core_properties
    fields = [
        Field("title", _styled_as_title(document), "heading: Title"),
        Field("title", _name(known.title), "document properties: title"),
        Field("author", _name(known.author), "document properties: author"),
        Field("language", known.language, "document properties: language"),
    ]
    return extracted(text, fields)


def _opened(data: bytes) -> Any:
    """The document. Raises Unreadable for what is none, and for one that unpacks to more than a document does."""
    from docx import Document

    if data.startswith(OLD_OR_LOCKED):
        raise Unreadable("it is encrypted or made by an old version of Word; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
    except BROKEN as error:
        raise Unreadable("it is damaged or not a Word file") from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_MB * 1_000_000:
        raise Unreadable(
            f"it unpacks to {unpacked / 1_000_000:,.0f} MB in {len(members):,} parts, and one file may have "
            f"{MAX_UNPACKED_MB} in {MAX_MEMBERS:,}"
        )
    if "[Content_Types].xml" not in names:
        raise Unreadable("it is a zip file, not a Word file")
    try:
        return Document(io.BytesIO(data))
    except BROKEN as error:
        raise Unreadable("it is damaged or not a Word file") from error


def _capped(blocks: Iterator[str]) -> Iterator[str]:
    characters = 0
    for block in blocks:
        characters += len(block)
        refuse_vast(characters)
        yield block


def _blocks(place: Any) -> Iterator[str]:
    """Paragraphs and tables that have words; python-docx passes over those inside a content control."""
    for element in place.iterchildren():
        kind = _kind(element)
        if kind == "p":
            words = "\n".join(" ".join(line.split()) for line in _words(element).split("\n")).strip()
        elif kind == "tbl":
            words = "\n".join(filter(None, _rows(element)))
        else:
            if kind in PLACES:
                yield from _blocks(element)
            continue
        if words:
            yield words


def _rows(table: Any) -> Iterator[str]:
    for row in (element for element in table.iterchildren() if _kind(element) == "tr"):
        cells = (element for element in row.iterdescendants() if _kind(element) == "tc" and _row_of(element) is row)
        yield "\t".join(filter(None, (" ".join(" ".join(_blocks(cell)).split()) for cell in cells)))


def _row_of(cell: Any) -> Any:
    return next(element for element in cell.iterancestors() if _kind(element) == "tr")


def _words(element: Any) -> str:
    """The words of a paragraph as they read now: what was deleted is out, what was inserted is in."""
    pieces = []
    for child in element.iterchildren():
        kind = _kind(child)
        if kind == "t":
            pieces.append(child.text or "")
        elif kind in INSIDE:
            pieces.append(_words(child))
        else:
            pieces.append(LETTERS.get(kind, ""))
    return storable("".join(pieces))


def _styled_as_title(document: Any) -> str | None:
    """What a reader sees as the title; the file's own is often that of the file it was copied from."""
    for one in document.paragraphs[:TITLE_PARAGRAPHS]:
        if one.style is not None and one.style.name == "Title":
            return _name(_words(one._p))
    return None


def _kind(element: Any) -> str:
    """``p`` for ``{http://schemas.openxmlformats.org/wordprocessingml/2006/main}p``"""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _name(words: str | None) -> str | None:
    plain = " ".join(storable(words or "").split())
    return None if plain.lower() in NOT_A_NAME else plain or None
