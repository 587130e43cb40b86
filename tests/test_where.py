"""Filters let through exactly the documents they name, and say what is wrong with one that makes no sense."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import pytest

from index import build, open_index
from index.errors import UsageError
from index.opened import Index
from rag.where import KEPT, Where, nothing_passes, select, unknown_values

ARTICLES = {
    "april.md": {"publisher": "Latin Post", "author": "Bert Hoover", "published": "2023-04-14"},
    "month.md": {"publisher": "El Financiero", "author": "José Núñez", "published": "April 2023"},
    "year.md": {"publisher": "The Mazatlán Post", "published": "2022"},
    "old.md": {"published": "0901-02-03"},
    "last.md": {"published": "December 2099"},
    "bare[1].md": {},
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Six articles whose front matter says what is known of them."""
    folder = tmp_path_factory.mktemp("where") / "news"
    for path, known in ARTICLES.items():
        (folder / path).parent.mkdir(exist_ok=True)
        lines = "".join(f"{name}: {value}\n" for name, value in known.items())
        (folder / path).write_text(f"---\n{lines}---\nThe river rose by two metres in {path}.\n", "utf-8")
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def let_through(index: Index, where: Where) -> set[str]:
    """Names of the documents that pass."""
    selected = select(index, where)
    assert selected
    assert selected.chunks.tolist() == index.catalog.chunk_ids(selected.documents)
    return {row.path.removesuffix(".md") for row in index.documents() if row.id in selected.documents}


@pytest.mark.parametrize("where", [None, {}, {"publisher": ""}, {"since": "", "document": []}])
def test_no_filter_is_none_and_not_a_list_of_all(index: Index, where: Where | None) -> None:
    assert select(index, where) is None


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"document": "april.md"}, {"april"}),
        ({"document": "news/april.md"}, {"april"}),
        ({"document": "news/*a*.md"}, {"april", "year", "last", "bare[1]"}),
        ({"document": "bare[1].md"}, {"bare[1]"}),
        ({"document": "APRIL.md"}, set()),
        ({"document": ["april.md", "year.md"]}, {"april", "year"}),
        ({"publisher": "post"}, {"april", "year"}),
        ({"publisher": "MAZATLAN"}, {"year"}),
        ({"publisher": "mazatlán"}, {"year"}),
        ({"author": "jose nunez"}, {"month"}),
        ({"author": ["hoover", "núñez"]}, {"april", "month"}),
        ({"publisher": "post", "author": "hoover"}, {"april"}),
        ({"since": "2023"}, {"april", "month", "last"}),
        ({"since": "2023-04-15"}, {"month", "last"}),
        ({"since": "2023-04-14"}, {"april", "month", "last"}),
        ({"since": "2023-05"}, {"last"}),
        ({"until": "2023-04-13"}, {"month", "year", "old"}),
        ({"until": "2023-04"}, {"april", "month", "year", "old"}),
        ({"until": "2022"}, {"year", "old"}),
        ({"until": "2021-12-31"}, {"old"}),
        ({"until": "9999"}, {"april", "month", "year", "old", "last"}),
        ({"until": "9999-12"}, {"april", "month", "year", "old", "last"}),
        ({"since": "2022-06", "until": "2022-07"}, {"year"}),
        ({"since": " 2023-04-14 ", "until": "2023-04-14"}, {"april", "month"}),
        ({"publisher": "nobody"}, set()),
    ],
)
def test_a_filter_lets_through_what_it_names(index: Index, where: Where, names: set[str]) -> None:
    assert let_through(index, where) == names


@pytest.mark.parametrize(
    "date",
    ["yesterday", "14.4.2023", "2023-4-14", "2023-13", "2023-02-30", "2023-00", "2023-04-00", "0000", "23", "2023-04-"],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_date_that_is_none_is_said_with_the_ways_to_write_one(index: Index, name: str, date: str) -> None:
    with pytest.raises(UsageError) as error:
        select(index, {name: date})
    assert str(error.value) == f"'{date}' is not a date. Write 2023-04-14, 2023-04 or 2023."


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("publsher", "Did you mean 'publisher'?"),
        ("documents", "Did you mean 'document'?"),
        ("colour", "There are: document, publisher, author, since, until."),
    ],
)
def test_an_unknown_filter_is_refused_with_the_ones_there_are(index: Index, name: str, hint: str) -> None:
    where: Mapping[str, Sequence[str]] = {name: ["x"]}
    with pytest.raises(UsageError) as error:
        select(index, where)
    assert str(error.value) == f"There is no filter '{name}'. {hint}"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("named", ["Müll.txt", "*Mü?l.txt", "M[ü]ll.txt"])
def test_a_document_is_named_however_its_accents_are_written(
    made: Callable[..., Index], form: Literal["NFC", "NFD"], named: str
) -> None:
    other: Literal["NFC", "NFD"] = "NFD" if form == "NFC" else "NFC"
    index = made(**{unicodedata.normalize(form, "Müll"): "The river rose by two metres.", "mill": "It grinds."})
    selected = select(index, {"document": unicodedata.normalize(other, named)})
    assert selected is not None
    assert len(selected.documents) == 1


def test_a_selection_is_kept_for_the_next_question_but_not_every_one_there_ever_was(index: Index) -> None:
    first = select(index, {"publisher": "post"})
    assert select(index, {"publisher": "post"}) is first
    assert first is not None
    for number in range(KEPT):
        assert select(index, {"document": f"{number}.md"}) is not None
    again = select(index, {"publisher": "post"})
    assert again is not first
    assert again is not None
    assert again.documents == first.documents


@pytest.mark.parametrize(
    ("where", "reasons"),
    [
        (None, ()),
        ({"publisher": "post"}, ()),
        ({"publisher": ["post", "Nobody"]}, ()),
        ({"publisher": "Nobody"}, ("No document has the publisher Nobody.",)),
        ({"publisher": "latin pst"}, ("No document has the publisher latin pst. Did you mean Latin Post?",)),
        ({"publisher": "Mazatlam"}, ("No document has the publisher Mazatlam. Did you mean The Mazatlán Post?",)),
        ({"publisher": ["A", "Financeiro"]}, ()),
        (
            {"publisher": ["Xx", "Financeiro"]},
            ("No document has the publisher Xx or Financeiro. Did you mean El Financiero?",),
        ),
        ({"author": ["Hover"]}, ("No document has the author Hover. Did you mean Bert Hoover?",)),
        ({"document": "APRIL.md"}, ("No document has the name APRIL.md. Did you mean april.md?",)),
        ({"document": "april.txt"}, ("No document has the name april.txt. Did you mean april.md?",)),
        ({"document": "news/aprl.md"}, ("No document has the name news/aprl.md. Did you mean news/april.md?",)),
        ({"document": "a.md"}, ("No document has the name a.md.",)),
        ({"document": "nosuch*"}, ("No document has the name nosuch*.",)),
        ({"since": "2100"}, ("No document is dated 2100 or later. The latest is of 2099-12.",)),
        ({"until": "0900"}, ("No document is dated 0900 or earlier. The earliest is of 0901-02-03.",)),
        (
            {"document": "nosuch.md", "publisher": "post", "since": "2100"},
            ("No document has the name nosuch.md.", "No document is dated 2100 or later. The latest is of 2099-12."),
        ),
        (
            {"publisher": "mazatlán", "since": "2023", "until": ""},
            ("No document passes all of these filters: publisher mazatlán, since 2023.",),
        ),
    ],
)
def test_a_filter_that_lets_nothing_through_is_named_with_the_nearest_value(
    index: Index, where: Where | None, reasons: tuple[str, ...]
) -> None:
    assert nothing_passes(index, where) == reasons


@pytest.mark.parametrize(
    ("where", "reasons"),
    [
        (None, ()),
        ({"publisher": "Latin Pst", "author": None}, ()),
        ({"publisher": ["post", "Financiero"]}, ()),
        (
            {"publisher": ["Latin Pst", "Financiero"]},
            ("No document has the publisher Latin Pst. Did you mean Latin Post?",),
        ),
        (
            {"publisher": ["Xx", "post", "Yy"], "document": ("april.md", "aprl.md")},
            (
                "No document has the publisher Xx.",
                "No document has the publisher Yy.",
                "No document has the name aprl.md. Did you mean april.md?",
            ),
        ),
        ({"publisher": ["Xx", "Yy"]}, ()),  # nothing passes, which says it
    ],
)
def test_an_unknown_value_beside_a_known_one_is_named(index: Index, where: Any, reasons: tuple[str, ...]) -> None:
    assert unknown_values(index, where) == reasons


def test_where_no_document_has_a_publisher_or_a_date_that_is_said(made: Callable[..., Index]) -> None:
    bare = made(river="The river rose by two metres.")
    assert nothing_passes(bare, {"publisher": "Reuters", "author": "Hoover"}) == (
        "No document has the publisher Reuters. No publisher is known.",
        "No document has the author Hoover. No author is known.",
    )
    assert nothing_passes(bare, {"since": "2023"}) == ("No document is dated 2023 or later. No date is known.",)


@pytest.mark.parametrize(
    "where",
    [{"since": "2024", "until": "2023"}, {"until": "2023-04-13", "since": ["2023-04-14"], "publisher": "post"}],
)
def test_a_first_date_after_the_last_is_wrong_usage(index: Index, where: Where) -> None:
    since, until = (where[name] if isinstance(where[name], str) else where[name][0] for name in ("since", "until"))
    with pytest.raises(UsageError) as error:
        select(index, where)
    assert str(error.value) == (
        f"Nothing lies since {since} and until {until}: the first date comes after the second. Exchange them."
    )


def test_filters_that_are_no_mapping_are_wrong_usage(index: Index) -> None:
    wrong: Any = "AP"
    with pytest.raises(UsageError) as error:
        select(index, wrong)
    assert str(error.value) == "The filters are a mapping like {'publisher': 'Latin Post'}, not str."
