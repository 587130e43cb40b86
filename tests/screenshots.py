"""Pictures of the page in every state, at two widths, light and dark: ``make screenshots``.

A state is a function below: it brings a page over the seeds into that state. Two of the pictures are those that
README.md shows; they are written to ``docs/``.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import expect, sync_playwright

from index import build
from tests.browser import CHROMIUM, FLAGS, OFFICES, SEEDS, ask, served

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
WIDTHS = {1440: 900, 390: 844}
State = Callable[[Any], None]


def start(page: Any) -> None:
    """The page as it opens."""


def answer(page: Any) -> None:
    """A question answered."""
    ask(page, OFFICES)


def refusal(page: Any) -> None:
    """A question that the documents do not answer."""
    ask(page, "How long should I boil an egg?")


def source(page: Any) -> None:
    """A footnote pressed."""
    answer(page)
    page.locator("#chat blockquote a").first.click()
    expect(page.locator("#source mark")).to_be_in_viewport()


def documents(page: Any) -> None:
    """The documents."""
    page.get_by_role("button", name="Documents", exact=True).click()
    expect(page.locator("#documents li").first).to_be_in_viewport()


def filter_form(page: Any) -> None:
    """The filter, open, with a date that is none."""
    page.locator("#filters summary").click()
    page.locator("#filters").get_by_label("Since").fill("yesterday")
    page.locator("#filters").get_by_role("button", name="Apply").click()
    expect(page.locator("#problem-since")).to_be_visible()


def filtered(page: Any) -> None:
    """An answer from the documents that pass a filter."""
    page.locator("#filters summary").click()
    page.locator("#filters").get_by_label("Publisher").fill("Latin Post")
    page.locator("#filters").get_by_role("button", name="Apply").click()
    expect(page.locator("#filters .active")).to_be_visible()
    ask(page, "What did López Obrador ask Xi Jinping for?")


def conversations(page: Any) -> None:
    """The conversations, one of them to be changed."""
    answer(page)
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.locator("#conversations-side summary").first.click()
    expect(page.get_by_role("button", name="Rename").first).to_be_in_viewport()


def removal(page: Any) -> None:
    """A document whose file was taken away."""
    documents(page)
    row = page.locator("#documents .rows > li", has=page.locator("summary")).first
    row.locator("summary").click()
    row.get_by_role("button", name="Remove the file").click()
    expect(page.locator("#documents .gone")).to_be_in_viewport()
    page.wait_for_timeout(500)


STATES: tuple[State, ...] = (start, answer, refusal, source, documents, filter_form, filtered, conversations, removal)


def main(wanted: list[str]) -> None:
    """Every state, or those named."""
    states = [state for state in STATES if not wanted or state.__name__ in wanted]
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory()))
        shutil.copytree(SEEDS, folder / "seeds", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        build([folder / "seeds"], folder / "index")
        browser = opened.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, picture in pictures(browser, folder / "index", states):
            (FOLDER / name).write_bytes(picture)
        browser.close()


def pictures(browser: Any, index_dir: Path, states: list[State]) -> Iterator[tuple[str, bytes]]:
    """A name and a picture for every state, width and scheme."""
    expect.set_options(timeout=60_000)
    with served(index_dir) as address:
        for scheme in ("light", "dark"):
            for width, height in WIDTHS.items():
                for state in states:
                    view: Any = {"width": width, "height": height}
                    context = browser.new_context(viewport=view, color_scheme=scheme, reduced_motion="reduce")
                    page = context.new_page()
                    page.goto(address)
                    expect(page.locator(".status")).to_contain_text("built")
                    state(page)
                    page.wait_for_timeout(500)  # the sides slide in
                    yield f"{state.__name__}-{width}-{scheme}.png", page.screenshot()
                    context.close()


if __name__ == "__main__":
    main(sys.argv[1:])
