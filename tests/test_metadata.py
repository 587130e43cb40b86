"""What is known of an article: the five seeds exactly, and no guesses."""

from pathlib import Path

import pytest

from index.metadata import LINES_ABOVE, LINES_BELOW, Field, Metadata, find_metadata, iso_date, value_of

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
        ("By Jane Doe and John Roe", "author", "Jane Doe, John Roe"),
        ("By Jane Doe, John Roe and Ann Lee", "author", "Jane Doe, John Roe, Ann Lee"),
        ("By JANE DOE & JOHN ROE", "author", "JANE DOE, JOHN ROE"),
        ("Por Juan Pérez", "author", "Juan Pérez"),
        ("Por Juan de la Cruz y Ana María Gómez", "author", "Juan de la Cruz, Ana María Gómez"),
        ("Published: 14 April 2023 10:15 BST", "published", "2023-04-14"),
        ("First published on Fri 14 Apr 2023 10.15 BST", "published", "2023-04-14"),
        ("Published April 14, 2023 at 6:30 a.m. EDT", "published", "2023-04-14"),
        ("Published April 14, 2023 | Updated April 15, 2023 8:00 AM", "published", "2023-04-14"),
        ("Friday, April 14, 2023", "published", "2023-04-14"),
        ("Published 5th October 2021", "published", "2021-10-05"),
        ("Published on October 5th, 2021 at 10:15 AM", "published", "2021-10-05"),
        ("Posted: 2021-10-05T10:00:00Z", "published", "2021-10-05"),
        ("Date: 2021-10-05 10:00:00 +02:00", "published", "2021-10-05"),
        ("Publication date: 2021-10-05", "published", "2021-10-05"),
        ("Publisher: Napa Observer", "publisher", "Napa Observer"),
        ("Publication: News & Observer", "publisher", "News & Observer"),
        ("SOURCE: El Financiero", "publisher", "El Financiero"),
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
        "By Order of the King",
        "Posted by Ann Lee on the door of the church",
        "By Ann Lee on a wet morning in May 2019",
        "By Jane Doe and The Associated Press",
        "Von Trapp Family Singers",
        "Ann Lee | Leeds",
        "ann@thepost.example | The Post",
        "Published: soon",
        "14 April, 10:15 BST",
        "Published: 5th of the month",
        "Publisher: the river rose, said the mayor, and then it fell.",
        "Title: Mayor of Leeds",
        "https://post.example/river",
        "PARIS (France) — The river rose.",
        "PARIS — The river rose.",
        "The bank (AP) — The river rose.",
        "According to Reuters, April 14, 2023 — the river rose.",
    ],
)
def test_prose_states_no_particulars(line: str) -> None:
    assert find_metadata(f"The river rose by two metres.\n\n{line}\n") == Metadata()


@pytest.mark.parametrize(
    ("header", "title", "author", "publisher", "published"),
    [
        ("Title: Pool opens\nAuthor: Al Coe\nPublisher: Napa Observer\nDate: 2021-10-05",
         "Pool opens", "Al Coe", "Napa Observer", "2021-10-05"),
        ("Headline: Who pays for the pool?", "Who pays for the pool?", None, None, None),
        ("HEADLINE: Pool opens.\nPool opens", "Pool opens.", None, None, None),
        ("https://post.example/2021/10/05/pool.html\nPool opens in Napa", "Pool opens in Napa", None, None, None),
        ("URL: www.post.example/pool\nTitle: Pool opens\nSource: Napa", "Pool opens", None, "Napa", None),
        ("Pool opens\nBy Teo Ruiz | Arizona Sun | July 31, 2023",
         "Pool opens", "Teo Ruiz", "Arizona Sun", "2023-07-31"),
        ("Pool opens\nBy Teo Ruiz | The Post | 5 May 2021 10:15 | Updated 6 May 2021",
         "Pool opens", "Teo Ruiz", "The Post", "2021-05-05"),
        ("Pool opens\nBy Teo Ruiz and Ann Lee | July 31, 2023", "Pool opens", "Teo Ruiz, Ann Lee", None, "2023-07-31"),
        ("Pool opens\nBy Teo Ruiz | Politics | July 31, 2023", "Pool opens", "Teo Ruiz", None, "2023-07-31"),
        ("Pool opens\nBy Teo Ruiz | Staff Writer | July 31, 2023", "Pool opens", "Teo Ruiz", None, "2023-07-31"),
        ("FOR IMMEDIATE RELEASE\n\nContact: Dana Wirth, +1 555 0100\n\nPool opens", "Pool opens", None, None, None),
        ("Press release\nEmbargoed until 9 May 2023, 10 a.m.\nPool opens", "Pool opens", None, None, None),
        ("Pool opens\nPosted by Teo Ruiz on May 5, 2021", "Pool opens", "Teo Ruiz", None, "2021-05-05"),
        ("Pool opens\nBy Teo Ruiz and Ann Lee, 5 May 2021", "Pool opens", "Teo Ruiz, Ann Lee", None, "2021-05-05"),
        ("Pool opens\nBy Teo Ruiz — May 5, 2021 10:15 BST", "Pool opens", "Teo Ruiz", None, "2021-05-05"),
        ("Why we need a pool\nOpinion | By Teo Ruiz", "Why we need a pool", "Teo Ruiz", None, None),
        ("Name: Ann Lee\nTitle: Mayor of Leeds", "Name: Ann Lee", None, None, None),
    ],
)  # fmt: skip
def test_a_header_states_particulars_with_their_labels(
    header: str, title: str, author: str | None, publisher: str | None, published: str | None
) -> None:
    text = f"{header}\n\nThe pool in Napa was opened on Monday. Nobody was hurt, the mayor said.\n"
    known = find_metadata(text)
    assert (known.title, known.author, known.publisher, known.published) == (title, author, publisher, published)
    assert known.title_span is not None
    assert text[slice(*known.title_span)] == title


def test_lines_of_a_header_are_no_article() -> None:
    header = [
        "https://post.example/pool",
        "Title: Pool opens",
        "Publisher: Napa Observer",
        "Published 5th October 2021",
    ]
    text = "\n".join([*header, "", "The pool was opened on Monday.", ""])
    assert [text[slice(*span)] for span in find_metadata(text).line_spans] == header


@pytest.mark.parametrize("written", ["By Chloe Martin", "BY: Chloe Martin", "by Chloe Martin", "Por Chloe Martin"])
def test_an_author_is_named_without_by(written: str) -> None:
    assert value_of(Field("author", written, "column: byline")) == "Chloe Martin"
    assert [value_of(Field("author", name, "x")) for name in ("Byron Lee", "By", "By the river")] == [
        "Byron Lee", "By", "By the river",
    ]  # fmt: skip


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
        "The Post: Mayor, why is it wet?\n\nLee: It rained.\n\nThe Post: And now?\n\nLee: It is dry.",  # an interview
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


HEADLINE = "River rises in Leeds\n\n"


@pytest.mark.parametrize(
    ("line", "author", "publisher"),
    [
        ("JANE DOE | The Guardian", "JANE DOE", "The Guardian"),
        ("JANE DOE AND JOHN ROE | Valley Times", "JANE DOE, JOHN ROE", "Valley Times"),
        ("By Jane Doe | Associated Press", "Jane Doe", "Associated Press"),
        ("WORLD NEWS | The Guardian", None, None),
        ("OPINION PAGE | The Guardian", None, None),
        ("Fentanyl Crisis | The Guardian", None, None),
        ("JANE DOE | Leeds", None, None),
    ],
)
def test_a_byline_may_name_its_paper_behind_a_bar(line: str, author: str | None, publisher: str | None) -> None:
    known = find_metadata(f"{HEADLINE}{line}\n\nThe river rose by two metres.\n")
    assert (known.title, known.author, known.publisher) == ("River rises in Leeds", author, publisher)
    assert {known.sources.get(name) for name in ("author", "publisher")} == {f"byline: {line}" if author else None}


def test_a_first_line_with_a_bar_is_no_byline() -> None:
    assert find_metadata("FENTANYL CRISIS | The Guardian\n\nThe river rose by two metres.\n").author is None


def test_what_a_paper_says_of_itself_is_better_than_what_a_byline_or_a_dateline_says() -> None:
    text = "By Jane Doe | Associated Press\n\nLEEDS (AP) — The river rose.\n\nSource: El Financiero\n"
    assert find_metadata(text).publisher == "El Financiero"
    text = "Published: 15 April 2023\n\nLEEDS, April 14, 2023 (AP) — The river rose.\n"
    assert find_metadata(text).published == "2023-04-15"


@pytest.mark.parametrize(
    ("dateline", "agency", "date"),
    [
        ("WASHINGTON (AP) —", "AP", None),
        ("MEXICO CITY, April 14 (Reuters) -", "Reuters", None),
        ("MEXICO CITY, April 14, 2023 (Reuters) -", "Reuters", "2023-04-14"),
        ("Mexico City, 14 Apr 2023 (EFE) –", "EFE", "2023-04-14"),
        ("WASHINGTON, D.C. (UPI) --", "UPI", None),
        ("(Reuters) -", "Reuters", None),
        ("LEEDS, England, April 14, 2023 /PRNewswire/ --", "PRNewswire", "2023-04-14"),
        ("LEEDS, April 14, 2023 —", None, "2023-04-14"),
        ("LEEDS, April 14 —", None, None),
    ],
)
def test_a_dateline_states_its_agency_and_a_date_with_its_year(
    dateline: str, agency: str | None, date: str | None
) -> None:
    known = find_metadata(f"{HEADLINE}{dateline} The river rose by two metres, which it had not done for a year.\n")
    assert (known.publisher, known.published, known.line_spans) == (agency, date, ())
    stated = {"publisher": agency, "published": date}
    assert known.sources == {"title": "first line"} | {
        particular: f"dateline: {dateline}" for particular, value in stated.items() if value
    }


def test_a_dateline_stands_at_the_beginning_of_an_article() -> None:
    prose = "A line of the article, which goes on for a while and says this and that.\n" * LINES_ABOVE
    assert find_metadata(f"{prose}LEEDS (AP) — The river rose.\n{prose}").publisher is None
    assert find_metadata("He sent it from LEEDS (AP) — The river rose.\nNobody was hurt.\n").publisher is None


@pytest.mark.parametrize(
    "line", ["Updated April 15, 2023", "Last updated: Sat 15 Apr 2023 08:00 BST", "Last modified on 15 April 2023"]
)
def test_the_day_of_an_update_is_no_date_of_publication_and_its_line_no_article(line: str) -> None:
    text = f"{HEADLINE}{line}\n\nThe river rose by two metres.\n"
    known = find_metadata(text)
    assert (known.published, [text[slice(*span)] for span in known.line_spans]) == (None, [line])
