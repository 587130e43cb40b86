"""PDFs become paragraphs in reading order, each page known by where it begins, or a reason."""

from collections.abc import Iterable

import pytest

from index.metadata import Metadata
from index.read_pdf import MAX_PAGES, read_pdf
from index.reading import Unreadable
from tests.make_pdf import at, encrypted, lines, pdf

RIVER = ("The river rose by two metres on Friday, and the mayor said that nobody", "was hurt.")
BANK = ("The bank raised its rates again and said that more would follow before", "the end of the year.")
RIVER_TEXT, BANK_TEXT = " ".join(RIVER), " ".join(BANK)


def text_of(*pages: str) -> str:
    return read_pdf(pdf(*pages)).text


def reason(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read_pdf(data)
    return str(caught.value)


@pytest.mark.parametrize(
    "page",
    [
        lines(*RIVER, "", *BANK),
        lines(*RIVER) + "\n" + lines("   " + BANK[0], x=92, top=712) + "\n" + lines(BANK[1], top=698),
        lines(*RIVER, *BANK),
    ],
    ids=["a free line", "an indent", "a short last line"],
)
def test_lines_become_paragraphs(page: str) -> None:
    assert text_of(page) == f"{RIVER_TEXT}\n\n{BANK_TEXT}"


def test_a_line_of_a_narrow_column_is_short_only_where_the_next_word_would_have_stood_on_it() -> None:
    column = ("The keeper of the light gave his", "key to a clerk of", "Dunfermlineshire.", "Moar wept.")
    assert text_of(lines(*column)) == f"{' '.join(column[:3])}\n\nMoar wept."


def test_a_heading_in_larger_letters_stands_apart() -> None:
    assert text_of(at(72, 760, "Floods in the north", 18) + "\n" + lines(*RIVER)) == (
        f"Floods in the north\n\n{RIVER_TEXT}"
    )


def test_pages_are_known_by_where_they_begin() -> None:
    reading = read_pdf(pdf(lines(*RIVER), "", lines(*BANK)))
    assert reading.text == f"{RIVER_TEXT}\n\n{BANK_TEXT}"
    assert reading.pages == (0, len(RIVER_TEXT), len(RIVER_TEXT) + 2)
    assert reading.notes == ("1 of its 3 pages have no text layer",)


def test_a_sentence_that_runs_over_the_end_of_a_page_is_one() -> None:
    first = lines("Annual report 2023", "", *RIVER, "The bank raised its rates again and") + "\n" + at(300, 30, "7")
    second = lines("Annual report 2023", "", "said that more would follow.", *RIVER) + "\n" + at(300, 30, "8")
    third = lines("Annual report 2023", "", *BANK) + "\n" + at(300, 30, "9")
    reading = read_pdf(pdf(first, second, third))
    bank = "The bank raised its rates again and said that more would follow."
    assert reading.text == f"{RIVER_TEXT}\n\n{bank}\n\n{RIVER_TEXT}\n\n{BANK_TEXT}"
    assert reading.pages == (0, reading.text.index("said that more"), reading.text.index(BANK_TEXT))


def test_a_chapters_title_beside_the_page_number_is_a_running_head() -> None:
    heads = [lines("Chapter 3: Floods") + "\n" + at(500, 740, number) for number in ("6", "7")]
    body = lines("", "", *RIVER, *BANK, *RIVER)
    text = f"{RIVER_TEXT}\n\n{BANK_TEXT}\n\n{RIVER_TEXT}"
    assert text_of(*(f"{head}\n{body}" for head in heads)) == f"{text}\n\n{text}"


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("They met on Mon-", "day at noon. Monday it was.", "They met on Monday at noon. Monday it was."),
        ("a well-", "known town. It is well-known.", "a well-known town. It is well-known."),
        ("the vaccine for Covid-", "19 is free.", "the vaccine for Covid-19 is free."),
        ("an unheard-of expla-", "nation was given.", "an unheard-of explanation was given."),
    ],
)
def test_words_divided_at_the_end_of_a_line_become_whole(before: str, after: str, whole: str) -> None:
    assert text_of(lines(before, after)) == whole


def side_by_side(rows: Iterable[tuple[str, str]], x: float, top: float = 740) -> str:
    """Two columns, drawn row by row."""
    pairs = ((top - 14 * number, row) for number, row in enumerate(rows))
    return "\n".join(f"{at(72, y, left)}\n{at(x, y, right)}" for y, (left, right) in pairs)


COLUMN = ("The river rose by two metres on", "Friday, and the mayor said that", "nobody was hurt in the town.")
BESIDE = ("The bank raised its rates again", "and said that more of the same", "would follow this year.")


@pytest.mark.parametrize("drawn", ["column by column", "row by row"])
def test_columns_are_read_one_after_the_other(drawn: str) -> None:
    page = lines(*COLUMN) + "\n" + lines(*BESIDE, x=330)
    if drawn == "row by row":
        page = side_by_side(zip(COLUMN, BESIDE, strict=True), x=330)
    assert text_of(page) == f"{' '.join(COLUMN)}\n\n{' '.join(BESIDE)}"


def test_a_table_is_read_row_by_row() -> None:
    rows = [("Place", "Metres"), ("Leeds", "4.2"), ("York", "3.9"), ("Hull", "5.0")]
    table = side_by_side(rows, x=250, top=600)
    assert text_of(f"{lines(*RIVER)}\n{table}") == f"{RIVER_TEXT}\n\nPlace\tMetres\nLeeds\t4.2\nYork\t3.9\nHull\t5.0"


def test_title_and_author_come_from_the_properties_and_no_date_does() -> None:
    info = {"Title": "The river report", "Author": "Ann Lee", "CreationDate": "D:20230414120000Z"}
    assert read_pdf(pdf(lines(*RIVER), info=info)).metadata == Metadata(
        title="The river report",
        author="Ann Lee",
        sources={"title": "document properties: Title", "author": "document properties: Author"},
    )


@pytest.mark.parametrize("title", ["Microsoft Word - draft 3.docx", "Untitled-1", "report_final.indd", ""])
def test_a_name_that_a_program_gave_is_no_title(title: str) -> None:
    assert read_pdf(pdf(lines(*RIVER), info={"Title": title})).metadata == Metadata()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pdf("", "0 0 100 100 re f"), "it has no text layer; run OCR first"),
        (pdf(lines(*RIVER))[:300], "it is damaged: no page of it can be opened"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "it is damaged: no page of it can be opened"),
        (b"PK\x03\x04 and so on", "it is not a PDF"),
        (encrypted(pdf(lines(*RIVER))), "it is encrypted; save it without a password"),
        (pdf(*[""] * (MAX_PAGES + 1)), "it has 2,001 pages, and one file may have 2,000; split it"),
    ],
    ids=["scan", "truncated", "garbage", "zip", "encrypted", "too many pages"],
)
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    assert reason(data) == why


def test_a_vast_text_is_refused_before_it_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.reading.MAX_CHARACTERS", 60)
    assert reason(pdf(lines(*RIVER))) == "its text has more than 60 characters; split it into articles"
