"""Conversations on the page: copied, asked again, there after a reload; found, renamed, deleted, exported."""

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.asking import BEGUN_ANEW, GONE, NO_CONVERSATION
from index import open_index
from rag import ask as ask_documents
from tests.browser import OFFICES, WAIT_MS, Open, Serve, ask, fetch

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


EGG = "How long should I boil an egg?"
MILGRAM = "Who is Anne Milgram?"

READ_CLIPBOARD = """
async ([words, wait_ms]) => {
  for (const end = Date.now() + wait_ms; ; await new Promise((go_on) => setTimeout(go_on, 50))) {
    const text = await navigator.clipboard.readText();
    if (text.includes(words) || Date.now() > end) return text;
  }
}
"""


def clipboard(page: Any, words: str) -> str:
    """What is in the clipboard once these words are there; whatever it is where they do not come."""
    return str(page.evaluate(READ_CLIPBOARD, [words, WAIT_MS]))


def test_an_answer_is_copied_plain_as_markdown_and_with_notes(
    open_page: Open, seeds_page: str, seeds_index: Path
) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page, permissions=["clipboard-read", "clipboard-write"])
    answer = ask(page, OFFICES)
    text = ask_documents(OFFICES, open_index(seeds_index)).text
    for name, expected in (
        ("Copy", text.replace(" [1]", "").replace(" [2]", "").replace(" [3]", "")),
        ("Copy Markdown", "[^1]: "),
        ("Copy with notes", f"{OFFICES}\n\n{text}\n\n[1] "),
    ):
        answer.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#clipboard [role=status]")).to_have_text("Copied.")
        assert expected in clipboard(page, expected)


def test_every_copy_is_of_what_was_pressed_last(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page, permissions=["clipboard-read", "clipboard-write"])
    answer = ask(page, EGG)
    first, second = (answer.locator("ol a").nth(place).get_attribute("href") for place in (0, 1))
    answer.locator("ol a").first.click()
    source = page.locator("#source")
    for place, link in enumerate((first, second), start=1):
        expect(source.locator(".steps")).to_contain_text(f"{place} of")
        source.get_by_role("button", name="Copy link").click()
        assert clipboard(page, f"{seeds_page}/{link}") == f"{seeds_page}/{link}"
        source.get_by_role("link", name="Next").click()
    page.keyboard.press("Escape")
    answer.get_by_role("button", name="Copy with notes").click()
    assert clipboard(page, EGG).startswith(EGG)


def test_an_answer_is_looked_for_again_with_the_filter_of_now(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    ask(page, OFFICES)
    page.locator("#filters summary").click()
    page.locator("#filters").get_by_label("Publisher").fill("Latin Post")
    page.locator("#filters").get_by_role("button", name="Apply").click()
    expect(page.locator("#filters .active")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#chat .bot-row")).to_contain_text("only publisher Latin Post")
    expect(page.locator("#chat .bot-row")).to_have_count(1)
    expect(page.locator("#hint p")).to_have_count(0)


def test_a_reload_keeps_the_conversation_and_two_tabs_do_not_mix(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    one, other = open_page(seeds_page), open_page(seeds_page)
    ask(one, OFFICES)
    ask(other, "How long should I boil an egg?")
    one.reload()
    expect(one.locator("#chat .user-row")).to_have_text([OFFICES])
    one.locator("#chat blockquote a").first.click()
    expect(one.locator("#source mark")).to_contain_text("334 offices")
    one.keyboard.press("Escape")
    ask(one, "What does it cost the cartels to produce a fake fentanyl pill?")
    expect(one.locator("#chat .user-row")).to_have_count(2)
    other.reload()
    expect(other.locator("#chat .user-row")).to_have_text(["How long should I boil an egg?"])


def test_two_browsers_that_ask_at_once_get_their_own_answers(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    pages = [open_page(seeds_page, locale=locale) for locale in ("en-GB", "es-ES")]
    for page, question in zip(pages, (OFFICES, EGG), strict=True):
        page.get_by_label("Question", exact=True).fill(question)
    for page in pages:
        page.get_by_label("Question", exact=True).press("Enter")
    for page, question, words in zip(pages, (OFFICES, EGG), ("334 offices", "The documents do not say."), strict=True):
        expect(page.locator("#chat .bot-row")).to_contain_text(words)
        expect(page.locator("#chat .user-row")).to_have_text([question])
    assert len({page.url for page in pages}) == 2


def test_a_button_of_an_answer_that_is_no_longer_kept_says_so(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    answer = ask(page, OFFICES)
    button = answer.get_by_role("button", name="Copy", exact=True)
    button.evaluate("button => { button.value = 'plain 999999' }")
    button.click()
    expect(page.locator("#clipboard [role=status]")).to_have_text(GONE)


@pytest.fixture
def kept_page(seeds_index: Path, tmp_path: Path, serve_index: Serve) -> str:
    """A page over the seeds with conversations of its own."""
    shutil.copytree(seeds_index, tmp_path / "index", ignore=shutil.ignore_patterns("conversations.sqlite"))
    return serve_index(tmp_path / "index")


def show_conversations(page: Any) -> Any:
    """The list of conversations, opened."""
    from playwright.sync_api import expect

    page.get_by_role("button", name="Conversations", exact=True).click()
    expect(page.locator("#conversations-side.open")).to_have_count(1)
    return page.locator("#conversations-side")


def test_a_conversation_is_found_opened_renamed_deleted_and_brought_back(open_page: Open, kept_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(kept_page)
    expect(show_conversations(page)).to_contain_text("Every question you ask is kept here")
    page.keyboard.press("Escape")
    ask(page, OFFICES)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    ask(page, EGG)
    side = show_conversations(page)
    titles = side.locator(".title")
    expect(titles).to_have_text([EGG, OFFICES])
    expect(side.locator("[aria-current]")).to_contain_text(EGG)
    field, row = side.get_by_label("Search questions").bounding_box(), side.locator(".rows > li").first.bounding_box()
    assert field["y"] + field["height"] + 8 <= row["y"]
    side.get_by_label("Search questions").fill("334 OFFICES milgram")
    side.get_by_label("Search questions").press("Enter")
    expect(titles).to_have_text([OFFICES])
    titles.click()
    expect(page.locator("#chat .user-row")).to_have_text([OFFICES])
    expect(page.locator("#conversations-side.open")).to_have_count(0)
    side = show_conversations(page)
    expect(side.locator("[aria-current]")).to_contain_text(OFFICES)  # the list is the one of now
    row = side.locator("li", has_text=OFFICES)
    row.locator("summary").click()
    row.get_by_label("Title").fill("<b>Offices</b>")
    row.get_by_role("button", name="Rename").click()
    expect(titles).to_have_text([EGG, "<b>Offices</b>"])
    side.get_by_label("Search questions").fill("egg")
    side.get_by_label("Search questions").press("Enter")
    expect(titles).to_have_text([EGG])
    row = side.locator("li")
    row.locator("summary").click()
    row.get_by_label("Title").fill("Eggs")
    row.get_by_role("button", name="Rename").click()
    expect(titles).to_have_text(["Eggs"])  # it is still the list of what was searched for
    row.locator("summary").click()
    row.get_by_label("Title").fill(EGG)
    row.get_by_role("button", name="Rename").click()
    expect(titles).to_have_text([EGG])
    side.get_by_label("Search questions").fill("")
    side.get_by_label("Search questions").press("Enter")
    expect(titles).to_have_text([EGG, "<b>Offices</b>"])
    row = side.locator("li", has_text=EGG)
    row.locator("summary").click()
    row.get_by_role("button", name="Delete").click()
    expect(titles).to_have_text(["<b>Offices</b>"])
    side.get_by_role("button", name="Undo").click()
    expect(titles).to_have_text([EGG, "<b>Offices</b>"])


def test_back_leads_to_the_conversation_before_and_forward_to_the_later_one(open_page: Open, kept_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(kept_page)
    ask(page, OFFICES)
    ask(page, EGG)  # no other conversation, so no step
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#chat .user-row")).to_have_count(0)
    ask(page, MILGRAM)
    page.go_back()
    expect(page.locator("#chat .user-row")).to_have_text([OFFICES, EGG])
    page.go_forward()
    expect(page.locator("#chat .user-row")).to_have_text([MILGRAM])
    show_conversations(page).get_by_role("button", name=OFFICES).click()
    expect(page.locator("#chat .user-row")).to_have_text([OFFICES, EGG])
    page.go_back()
    expect(page.locator("#chat .user-row")).to_have_text([MILGRAM])


def test_deleting_the_open_conversation_empties_the_chat_and_another_leaves_it(open_page: Open, kept_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(kept_page)
    ask(page, EGG)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    ask(page, OFFICES)
    side = show_conversations(page)
    for title, left in ((EGG, [OFFICES]), (OFFICES, [])):
        row = side.locator("li", has_text=title)
        row.locator("summary").click()
        row.get_by_role("button", name="Delete").click()
        expect(side.locator(".title")).to_have_text(left)
        expect(page.locator("#chat .user-row")).to_have_text(left)
    expect(page).to_have_url(f"{kept_page}/")
    page.keyboard.press("Escape")
    expect(ask(page, OFFICES)).to_contain_text("334 offices")
    expect(page.locator("#chat .user-row")).to_have_text([OFFICES])


def test_a_conversation_that_another_tab_deleted_is_said_to_be_gone(open_page: Open, kept_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(kept_page)
    answer, hint = ask(page, OFFICES), page.locator("#hint")
    address = page.url.removeprefix(kept_page)
    side = show_conversations(open_page(kept_page))
    side.locator("summary").click()
    side.get_by_role("button", name="Delete").click()
    expect(side.locator(".title")).to_have_count(0)
    for button in ("Retry", "Edit question"):
        answer.get_by_role("button", name=button).click()
        expect(hint).to_have_text(GONE)
    page.get_by_label("Question", exact=True).fill(EGG)
    page.get_by_label("Question", exact=True).press("Enter")
    expect(hint).to_have_text(BEGUN_ANEW)
    expect(page.locator("#chat .user-row")).to_have_text([EGG])
    expect(open_page(kept_page, address).locator("#hint")).to_have_text(NO_CONVERSATION)


def test_a_conversation_is_exported_and_reads_back(open_page: Open, kept_page: str, seeds_index: Path) -> None:
    page = open_page(kept_page)
    ask(page, OFFICES)
    row = show_conversations(page).locator("li")
    row.locator("summary").click()
    for kind, words in (("Markdown", "# How many"), ("HTML", "<!doctype html>")):
        with page.expect_download() as saving:
            row.get_by_role("link", name=kind).click()
        assert Path(saving.value.path()).read_text("utf-8").startswith(words)
    with page.expect_download() as saving:
        row.get_by_role("link", name="CSV").click()
    assert saving.value.suggested_filename == f"{OFFICES}.csv".replace("?", "_")
    index = open_index(seeds_index)
    [one, *_] = csv.DictReader(io.StringIO(Path(saving.value.path()).read_text("utf-8")))
    text = next(row for row in index.documents() if row.name == one["document"])
    article = index.document(text.id)
    assert article is not None
    assert article.text[int(one["start"]) : int(one["end"])] == one["quote"]


@pytest.mark.parametrize(
    "path", ["/conversations/no-such-convers_.md", "/conversations/x.exe", "/conversations/..%2f.csv"]
)
def test_a_conversation_that_is_not_there_is_not_found(seeds_page: str, path: str) -> None:
    assert fetch(seeds_page + path)[0] == 404


def test_the_sides_open_one_at_a_time_and_give_the_focus_back(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    show_conversations(page)
    page.get_by_role("button", name="Documents", exact=True).click()
    expect(page.locator(".sidebar.open")).to_have_attribute("id", "documents-side")
    page.keyboard.press("Escape")
    expect(page.locator(".sidebar.open")).to_have_count(0)
    expect(page.get_by_role("button", name="Documents", exact=True)).to_be_focused()
