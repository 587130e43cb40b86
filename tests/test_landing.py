"""Where the keyboard goes when what was pressed is drawn away, and what a side that covers the page hides."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser import OFFICES, Open, Serve, ask
from tests.scripted import Stepped

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (footnoted[test])")
expect = sync_api.expect

PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


def press(one: Any) -> None:
    """Presses a button as the keyboard does."""
    one.press("Enter")


def open_side(page: Any, name: str) -> Any:
    """Opens a side, and gives back the button that did once the keyboard is in the side."""
    button = page.get_by_role("button", name=name, exact=True)
    press(button)
    expect(page.get_by_role("heading", name=name)).to_be_focused()
    return button


def test_a_file_that_is_removed_is_brought_back_in_its_row_and_the_keyboard_stays_there(
    open_page: Open, own_page: str
) -> None:
    page = open_page(own_page, viewport=PHONE)
    open_side(page, "Documents")
    row = page.locator("#documents .rows > li").last
    press(row.locator("summary"))
    press(row.get_by_role("button", name="Remove the file"))
    undo = row.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    expect(undo).to_be_in_viewport()
    press(undo)
    expect(row.locator("summary")).to_be_focused()
    expect(row.locator("summary")).to_be_in_viewport()
    press(page.get_by_role("button", name="Rebuild index"))
    expect(page.locator("#rebuilt")).to_contain_text("nothing is new")
    expect(page.locator("#rebuilt")).to_be_focused()


def test_a_file_that_cannot_be_removed_says_so_where_it_is_seen(
    open_page: Open, own_page: str, own_folder: Any
) -> None:
    page = open_page(own_page, viewport=PHONE)
    open_side(page, "Documents")
    row = page.locator("#documents .rows > li").last
    row.locator("summary").click()
    for file in own_folder.glob("*.txt"):
        file.unlink()
    row.get_by_role("button", name="Remove the file").click()
    expect(page.locator("#documents [role=alert]")).to_be_in_viewport()
    expect(page.locator("#documents [role=alert]")).to_be_focused()


def test_a_side_takes_the_keyboard_and_what_it_covers_cannot_be_reached(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, viewport=PHONE)
    documents = open_side(page, "Documents")
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#documents-side') !== null")
    expect(page.locator("#question textarea")).not_to_be_visible()
    page.keyboard.press("Escape")
    expect(documents).to_be_focused()
    open_side(page, "Documents")
    press(page.get_by_role("button", name="Ask only this").first)
    expect(page.locator("#documents-side.open")).to_have_count(0)
    expect(page.locator("#filters .active")).to_be_in_viewport()
    clear = page.get_by_role("button", name="Clear filter")
    expect(clear).to_be_focused()
    press(clear)
    expect(page.locator("#filters summary")).to_be_focused()
    press(page.locator("#filters summary"))
    page.get_by_label("Publisher").fill("Latin Post")
    page.get_by_label("Publisher").press("Enter")
    expect(page.locator("#filters summary")).to_be_focused()


def test_a_link_that_was_copied_on_a_phone_is_said_over_the_source(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, viewport=PHONE, permissions=["clipboard-read", "clipboard-write"])
    ask(page, OFFICES).locator("blockquote a").first.click()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#clipboard [role=status]")).to_be_in_viewport(ratio=1)
    at = page.locator("#clipboard [role=status]").bounding_box()
    on_top = f"document.elementFromPoint({at['x']} + 5, {at['y']} + 5).textContent"
    assert page.evaluate(on_top).strip() == "Link copied."


def test_the_keyboard_stays_with_a_report_and_with_a_conversation(open_page: Open, own_page: str) -> None:
    page = open_page(own_page)
    answer = ask(page, OFFICES)
    wrong = answer.get_by_role("button", name="Not right")
    press(wrong)
    press(page.get_by_role("button", name="Cancel"))
    expect(wrong).to_be_focused()
    press(wrong)
    page.get_by_label("What is right").select_option("nowhere")
    press(page.get_by_role("button", name="Keep as a case"))
    expect(page.locator("#report")).to_contain_text("Thank you.")
    expect(wrong).to_be_focused()
    open_side(page, "Conversations")
    row = page.locator("#conversations-side .rows > li").first
    press(row.locator("summary"))
    row.get_by_label("Title").fill("Offices")
    press(row.get_by_role("button", name="Rename"))
    expect(row.get_by_role("button", name="Offices")).to_be_focused()
    press(row.get_by_role("button", name="Offices"))
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    open_side(page, "Conversations")
    expect(row).to_have_attribute("aria-current", "true")  # the list of before is drawn again, with this one marked
    press(row.locator("summary"))
    press(row.get_by_role("button", name="Delete"))
    undo = page.locator("#conversations-side").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    press(undo)
    expect(row.get_by_role("button", name="Offices")).to_be_focused()


def test_a_link_put_into_the_address_opens_its_place_until_back(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    href = ask(page, OFFICES).locator("blockquote a").first.get_attribute("href")
    page.evaluate("href => { window.isSame = true; location.hash = href }", href)
    expect(page.locator("#source mark")).to_be_focused()
    page.go_back()
    expect(page.locator("#source-side.open")).to_have_count(0)
    expect(page.get_by_label("Question", exact=True)).to_be_focused()
    assert page.evaluate("window.isSame")  # nothing was loaded anew


def test_the_form_of_a_report_is_in_view_as_a_whole_on_a_phone(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, viewport=PHONE)
    press(ask(page, OFFICES).get_by_role("button", name="Not right"))
    expect(page.get_by_label("What is right")).to_be_focused()
    expect(page.get_by_role("button", name="Keep as a case")).to_be_in_viewport(ratio=1)
    expect(page.get_by_label("What is right")).to_be_in_viewport(ratio=1)


def test_a_link_that_is_closed_leads_to_the_question(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    href = ask(page, OFFICES).locator("blockquote a").first.get_attribute("href")
    other = open_page(seeds_page, f"/{href}")
    expect(other.locator("#source mark")).to_be_focused()
    other.keyboard.press("Escape")
    expect(other.get_by_label("Question", exact=True)).to_be_focused()


def test_the_keyboard_is_at_the_question_again_when_a_model_is_stopped(
    open_page: Open, serve_index: Serve, seeds_index: Path
) -> None:
    with Stepped("It has", " 334 offices", ".") as model:
        page = open_page(serve_index(seeds_index, generator=model))
        field = page.get_by_label("Question", exact=True)
        field.fill(OFFICES)
        press(page.get_by_role("button", name="Ask", exact=True))
        expect(field).to_be_focused()
        press(page.get_by_role("button", name="Stop"))
        expect(page.locator("#send")).to_be_visible()
        expect(field).to_be_focused()
