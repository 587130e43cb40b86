"""The filter of the page: what an address can carry, what is offered, and that it decides what is asked."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.address import LONGEST_VALUE, Address
from app.asking import NOTHING_PASSES
from app.filters import MOST_CHOICES, choices_html, filters_html, problems_with
from index import build, open_index
from tests.browser import OFFICES, Open, ask, served

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

NO_DATE = "'yesterday' is not a date. Write 2023-04-14, 2023-04 or 2023."


def test_an_address_reads_back_what_it_writes() -> None:
    address = Address(where={"publisher": "A & B?=#é", "since": "2023-04"})
    assert Address.parse(str(address)) == address
    assert str(Address()) == ""


@pytest.mark.parametrize(
    ("query", "where"),
    [
        (None, {}),
        (7, {}),
        ({"publisher": "x"}, {}),
        ("", {}),
        ("?&&=&%", {}),
        ("?where=1&k=9", {}),
        ("publisher=a&publisher=b", {"publisher": "a"}),
        ("?publisher=+%0A+a%09b+", {"publisher": "a b"}),
        ("?author=%00%1b[2J", {}),
        ("?author=%E2%80%AE", {}),  # turns the direction of what follows
        ("?author=%ff", {"author": "\ufffd"}),
        ("?author=" + "x" * 1_000, {"author": "x" * LONGEST_VALUE}),
        ("?author=" + "x" * 10_000, {}),
    ],
)
def test_what_is_no_filter_is_left_out_of_an_address(query: object, where: dict[str, str]) -> None:
    assert Address.parse(query).where == where


def test_a_date_that_is_none_is_said_for_its_field(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    assert problems_with({"since": "yesterday", "until": "2023"}, index) == {"since": NO_DATE}
    assert problems_with({"publisher": "nobody"}, index) == {}


def article(folder: Path, name: str, text: str, **particulars: str) -> None:
    """An article that states its publisher and date."""
    stated = "".join(f"{key}: {json.dumps(value)}\n" for key, value in particulars.items())
    (folder / f"{name}.md").write_text(f"---\n{stated}---\n\n{text}\n", "utf-8")


def test_publishers_are_offered_by_frequency_and_not_all(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for number in range(MOST_CHOICES + 5):
        article(tmp_path / "articles", f"{number}", "The river rose by two metres.", source=f"Paper {number:03}")
    for name in "ab":
        article(tmp_path / "articles", name, "The river rose by two metres.", source="Zebra <Daily>")
    build([tmp_path / "articles"], tmp_path / "index")
    html = choices_html(open_index(tmp_path / "index"))
    assert html.count("<option") == MOST_CHOICES
    first, second, *_ = [line.strip() for line in html.splitlines() if "<option" in line]
    assert first == '<option value="Zebra &lt;Daily&gt;">2 documents</option>'
    assert second == '<option value="Paper 000">1 document</option>'


def test_what_is_typed_into_the_filter_stays_text() -> None:
    hostile = '"><script>alert(1)</script>'
    html = filters_html({"author": hostile}, {"author": hostile}, {"since": hostile})
    assert "<script>" not in html


@pytest.fixture(scope="module")
def dated_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Two papers on one river."""
    folder = tmp_path_factory.mktemp("dated") / "articles"
    folder.mkdir()
    article(
        folder,
        "may",
        "In May the river Odra rose by two metres, and a bridge was closed to lorries.",
        source="Latin Post",
        date="2023-05-02",
    )
    article(
        folder,
        "june",
        "After weeks of rain in the hills the Odra, a river of three countries, rose by five metres.",
        source="The Gazette",
        date="2023-06-02",
    )
    build([folder], folder.parent / "index")
    with served(folder.parent / "index") as address:
        yield address


QUESTION = "How much did the river Odra rise?"


def fill(page: Any, **values: str) -> None:
    """Fills in the filter and applies it."""
    page.locator("#filters summary").click()
    for label, value in values.items():
        page.locator("#filters").get_by_label(label).fill(value)
    page.locator("#filters").get_by_role("button", name="Apply").click()


def test_a_filter_decides_what_is_asked_until_it_is_cleared(open_page: Open, dated_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(dated_page)
    assert page.locator("#choices-publisher option").evaluate_all("all => all.map(one => one.value)") == [
        "Latin Post",
        "The Gazette",
    ]
    fill(page, Publisher="gazette", Since="2023-05")
    expect(page.locator("#filters .active")).to_contain_text("Publisher gazette")
    expect(page).to_have_url(f"{dated_page}/?publisher=gazette&since=2023-05")
    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("five metres")
    expect(answer).not_to_contain_text("two metres")
    page.get_by_role("button", name="Clear filter").click()
    expect(page.locator("#filters .active")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/\?conversation=[\w-]+$"))
    expect(ask(page, QUESTION)).to_contain_text("two metres")


def test_a_link_carries_its_filter_and_a_filter_may_leave_nothing(open_page: Open, dated_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(dated_page, "/?publisher=Latin+Post&until=2023-05&evil=%3Cscript%3E")
    expect(page.locator("#filters .active")).to_contain_text("Latin Post")
    expect(page).to_have_url(f"{dated_page}/?publisher=Latin+Post&until=2023-05")
    expect(ask(page, QUESTION)).to_contain_text("two metres")
    fill(page, Since="2023-06", Until="")
    expect(page.locator("#filters .active")).to_contain_text("Since 2023-06")
    expect(ask(page, QUESTION)).to_contain_text(
        f"No document passes all of these filters: Publisher Latin Post, Since 2023-06. {NOTHING_PASSES}"
    )
    fill(page, Publisher="Latin Pots", Since="")
    expect(page.locator("#filters .active")).not_to_contain_text("Since")
    expect(ask(page, QUESTION)).to_contain_text("No document has the publisher Latin Pots. Did you mean Latin Post?")


def test_a_first_date_after_the_last_is_said_under_the_last(open_page: Open, dated_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(dated_page)
    fill(page, Since="2023-06", Until="2023-05")
    expect(page.locator("#problem-until")).to_contain_text("the first date comes after the second")
    expect(page.locator("#filters .active")).to_have_count(0)


def test_a_bad_date_gets_a_sentence_under_its_field_and_changes_nothing(open_page: Open, dated_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(dated_page, "/?publisher=Latin+Post")
    expect(page.locator("#filters .active")).to_be_visible()
    fill(page, Since="yesterday")
    expect(page.locator("#problem-since")).to_have_text(NO_DATE)
    expect(page.locator("#filters").get_by_label("Since")).to_have_value("yesterday")
    expect(page.locator("#filters .active")).to_contain_text("Latin Post")
    expect(page).to_have_url(f"{dated_page}/?publisher=Latin+Post")


def test_the_filter_is_reached_and_applied_from_the_keyboard(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    page.locator("#filters summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("no such paper")
    page.keyboard.press("Enter")
    expect(page.locator("#filters .active")).to_contain_text("no such paper")
    expect(ask(page, OFFICES)).to_contain_text(NOTHING_PASSES)
