"""What is known of an article: the five seeds exactly, and no guesses."""

from pathlib import Path

import pytest

from index.metadata import LINES_ABOVE, LINES_BELOW, Metadata, find_metadata, iso_date

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

SEED_METADATA = {
    "000_3674be5a3ad3e9b7.txt": (None, None, None, None, {}),
    "001_963e728015908ae9.txt": (
        "DEA called for further cooperation from China and Mexico in the fight against fentanyl",
        "El Financiero",
        None,
        None,
        {"title": "first line", "publisher": "source line: Source: El Financiero"},
    ),
    "002_526864c1977376da.txt": (
        "Cooperation in the drug war between the US and Mexico is at its lowest point in decades. What went wrong?",
        None,
        None,
        None,
        {"title": "first line"},
    ),
    "003_8a99acc19320498a.txt": (
        "U.S. Agrees With Mexico to Form New Task Force to Combat Arms Trafficking",
        "Latin Post",
        "Bert Hoover",
        None,
        {
            "title": "first line",
            "publisher": "owner line: This is owned by Latin Post.",
            "author": "byline: Written by: Bert Hoover",
        },
    ),
    "004_0b48a0dffb7c3058.txt": (
        None,
        None,
        "Daniel Williams",
        None,
        {
            "author": "author note: "
            "Daniel Williams is a former foreign correspondent for The Washington Post, Los A"
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SEED_METADATA))
def test_the_particulars_of_each_seed_are_those_a_reader_finds(name: str) -> None:
    known = find_metadata((SEEDS / name).read_text("utf-8"))
    assert (known.title, known.publisher, known.author, known.published, known.sources) == SEED_METADATA[name]


def test_every_seed_is_in_the_table() -> None:
    assert sorted(SEED_METADATA) == sorted(path.name for path in SEEDS.glob("*.txt"))


def test_the_title_says_where_it_stands() -> None:
    text = "\n  River news  \n\nThe river rose by two metres.\n"
    known = find_metadata(text)
    assert known.title_span is not None
    assert text[slice(*known.title_span)] == known.title == "River news"


@pytest.mark.parametrize(
    ("line", "particular", "value"),
    [
        ("Source: El Financiero", "publisher", "El Financiero"),
        ("This is owned by Latin Post.", "publisher", "Latin Post"),
        ("This article was originally published by The Post.", "publisher", "The Post"),
        ("By Ann Lee", "author", "Ann Lee"),
        ("By: Ann Lee, staff writer", "author", "Ann Lee"),
        ("Written by: José Ángel Gutiérrez", "author", "José Ángel Gutiérrez"),
        ("Ann Lee is a freelance journalist based in Rome.", "author", "Ann Lee"),
        ("Published: April 14, 2023", "published", "2023-04-14"),
        ("Posted on 12 Nov 2018", "published", "2018-11-12"),
        ("2023-04-14", "published", "2023-04-14"),
    ],
)
def test_a_line_that_states_a_particular_is_believed(line: str, particular: str, value: str) -> None:
    known = find_metadata(f"The river rose by two metres.\n\n{line}\n")
    assert getattr(known, particular) == value
    assert dict(known.sources).keys() == {particular}


@pytest.mark.parametrize(
    "line",
    [
        "By the time the river fell, the road was gone.",
        "By Monday",
        "Source: the river rose, said the mayor, and then it fell.",
        "Ann Lee is a baker in Rome.",
        "She was published by nobody.",
        "Published every Thursday",
        "May 2024 was wet.",
    ],
)
def test_prose_states_no_particulars(line: str) -> None:
    assert find_metadata(f"The river rose by two metres.\n\n{line}\n") == Metadata()


def test_the_first_statement_of_a_particular_is_kept() -> None:
    known = find_metadata("The river rose.\n\nBy Ann Lee\nBy Bo Ek\n")
    assert known.author == "Ann Lee"
    assert len(known.line_spans) == 2


@pytest.mark.parametrize(
    "text",
    [
        "The river rose by two metres.\n\nNobody was hurt.",  # a sentence
        "- first point\n\nThe river rose by two metres.",  # a list
        "The river. Photo: Ann Lee\n\nThe river rose by two metres.",  # a caption
        "“The river rose,” she said, “and fell.”\n\nNobody was hurt.",  # a quotation
        "River news",  # nothing below it
        "word " * 50 + "\n\nThe river rose.",  # longer than a headline
    ],
)
def test_a_first_line_that_is_no_headline_is_no_title(text: str) -> None:
    assert find_metadata(text).title is None


@pytest.mark.parametrize(
    ("words", "date"),
    [
        ("Nov 12, 2018", "2018-11-12"),
        ("April 2023", "2023-04"),
        ("2023", "2023"),
        ("2023-04-14T10:00:00Z", "2023-04-14"),
        ("April 14, 2023 10:30 EDT", "2023-04-14"),
        ("last Thursday", None),
        ("14 April", None),
        ("April 99, 2023", None),
        ("2023 or 2024", None),
        ("", None),
    ],
)
def test_a_date_is_as_exact_as_its_words(words: str, date: str | None) -> None:
    assert iso_date(words) == date


def test_particulars_stand_above_an_article_or_below_it() -> None:
    above, below, middle = LINES_ABOVE, LINES_BELOW, "By Ann Lee\n" * 10_000
    known = find_metadata(middle)
    assert len(known.line_spans) == above + below
    prose = "A line of the article, which goes on for a while and says this and that.\n" * 10
    chart = "Source: Committee of Ports\nMarch 29, 2022\nBen Ode is an American reporter held abroad.\n"
    assert find_metadata(prose + chart + prose) == Metadata()


def test_a_date_that_is_another_day_elsewhere_is_known_by_its_year() -> None:
    assert [iso_date(words) for words in ("03/04/2023", "13/04/2023", "04/04/2023")] == [
        "2023",
        "2023-04-13",
        "2023-04-04",
    ]
