"""Answers kept on the page: copied, asked again, there after a reload."""

from pathlib import Path

import pytest

from app.asking import GONE
from index import open_index
from rag import ask as ask_documents
from tests.browser import OFFICES, Open, ask

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


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
        page.wait_for_function(
            "expected => navigator.clipboard.readText().then(text => text.includes(expected))", arg=expected
        )


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


def test_a_button_of_an_answer_that_is_no_longer_kept_says_so(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    answer = ask(page, OFFICES)
    button = answer.get_by_role("button", name="Copy", exact=True)
    button.evaluate("button => { button.value = 'plain 999999' }")
    button.click()
    expect(page.locator("#clipboard [role=status]")).to_have_text(GONE)
