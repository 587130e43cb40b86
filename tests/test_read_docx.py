"""Word files become paragraphs and tables in their order, or a reason."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from index.metadata import Metadata
from index.read_docx import MAX_UNPACKED_MB, read_docx
from index.reading import Unreadable

RIVER = "The river rose by two metres."
BANK = "The bank raised its rates again."


def word_file(write: Callable[[Any], object]) -> bytes:
    """A Word file with what ``write`` puts into it."""
    document = docx.Document()
    write(document)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def paragraph(xml: str) -> Any:
    return parse_xml(f"<w:p {nsdecls('w')}>{xml}</w:p>")


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return stream.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_docx(data)
    return str(caught.value)


def test_paragraphs_and_tables_come_in_their_order() -> None:
    def write(document: Any) -> None:
        document.add_heading("River news", 1)
        document.add_paragraph(RIVER)
        table = document.add_table(2, 2)
        for number, words in enumerate(("Place", "Metres", "Leeds", "4.2")):
            table.cell(number // 2, number % 2).text = words
        document.add_paragraph("")
        document.add_paragraph(BANK)

    assert read_docx(word_file(write)).text == f"River news\n\n{RIVER}\n\nPlace\tMetres\nLeeds\t4.2\n\n{BANK}"


def test_title_author_and_language_are_the_files_properties_and_no_date_is() -> None:
    def write(document: Any) -> None:
        document.add_paragraph(RIVER)
        document.core_properties.title = "River news"
        document.core_properties.author = "Ann Lee"
        document.core_properties.language = "es-MX"

    assert read_docx(word_file(write)).metadata == Metadata(
        title="River news",
        author="Ann Lee",
        language="es",
        sources={
            "title": "document properties: title",
            "author": "document properties: author",
            "language": "document properties: language",
        },
    )


def test_a_paragraph_styled_as_title_is_better_than_the_files_property() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("12 May")
        document.add_heading("River news", 0)
        document.add_paragraph(RIVER)
        document.core_properties.title = "letter_v3"

    known = read_docx(word_file(write)).metadata
    assert (known.title, dict(known.sources)) == ("River news", {"title": "heading: Title"})


def test_names_that_a_program_gave_are_unknown() -> None:
    assert read_docx(word_file(lambda document: document.add_paragraph(RIVER))).metadata == Metadata()


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<w:r><w:t>one</w:t></w:r><w:ins w:id='1'><w:r><w:t> two</w:t></w:r></w:ins>", "one two"),
        ("<w:r><w:t>one</w:t></w:r><w:del w:id='1'><w:r><w:delText> two</w:delText></w:r></w:del>", "one"),
        ("<w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink>", "a link"),
        ("<w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:tab/><w:t>three</w:t></w:r>", "one\ntwo three"),
        ("<w:r><w:t>well</w:t><w:noBreakHyphen/><w:t>known</w:t></w:r>", "well-known"),
        ("<w:sdt><w:sdtContent><w:r><w:t>a control</w:t></w:r></w:sdtContent></w:sdt>", "a control"),
        ("<w:r><w:instrText>PAGE</w:instrText><w:t>page</w:t></w:r>", "page"),
    ],
)
def test_a_paragraph_reads_as_it_does_in_word(xml: str, words: str) -> None:
    def write(document: Any) -> None:
        document.element.body.insert(0, paragraph(xml))

    assert read_docx(word_file(write)).text == words


def test_what_stands_inside_a_content_control_is_read() -> None:
    def write(document: Any) -> None:
        control = f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>{RIVER}</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        document.element.body.insert(0, parse_xml(control))

    assert read_docx(word_file(write)).text == RIVER


def test_a_table_in_a_table_is_read_once() -> None:
    def write(document: Any) -> None:
        inner = document.add_table(1, 2).cell(0, 1).add_table(1, 1)
        inner.cell(0, 0).text = RIVER

    assert read_docx(word_file(write)).text == RIVER


GOOD = word_file(lambda document: document.add_paragraph(RIVER))
NOT_WORD = "it is damaged or not a Word file"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"plain words", NOT_WORD),
        (b"%PDF-1.7", NOT_WORD),
        (GOOD[: len(GOOD) // 2], NOT_WORD),
        (zipped(a=b"x"), "it is a zip file, not a Word file"),
        (zipped(**{"[Content_Types].xml": b"<Types"}), NOT_WORD),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
         "it is encrypted or made by an old version of Word; save it as .docx without a password"),
        (zipped(**{f"word__{number}.xml": b"x" for number in range(10_001)}),
         "it unpacks to 0 MB in 10,001 parts, and one file may have 500 in 10,000"),
    ],
    ids=["text", "pdf", "truncated", "zip", "broken types", "old word", "many parts"],
)  # fmt: skip
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_a_zip_bomb_is_not_unpacked() -> None:
    vast = zipped(**{f"word__{number}.xml": bytes(60_000_000) for number in range(10)})
    assert len(vast) < 1_000_000
    assert reason(vast) == f"it unpacks to 600 MB in 10 parts, and one file may have {MAX_UNPACKED_MB} in 10,000"


def test_a_vast_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reading.MAX_CHARACTERS", 20)
    assert reason(GOOD) == "its text has more than 20 characters; split it into articles"
