"""Pictures of the page in every state, at two widths, light and dark: ``make screenshots``.

A state is a function below: it brings a page over the seeds into that state. Two of the pictures are those that
README.md shows; they are written to ``tests/pictures/``.
"""

import io
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from index import build
from tests.browser import CHROMIUM, FLAGS, OFFICES, SEEDS, ask, served

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
IN_README = ("source-1440-light.png", "documents-1440-dark.png")
WIDTHS = {1440: 900, 390: 844}
State = Callable[[Any], None]


def start(page: Any) -> None:
    """The page as it opens."""


def answer(page: Any) -> None:
    """A question answered."""
    ask(page, OFFICES)


def differences(page: Any) -> None:
    """Sources that differ, side by side."""
    ask(page, "Is fentanyl produced in Mexico?")
    page.locator("#chat .sides").scroll_into_view_if_needed()


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


def settings(page: Any) -> None:
    """The settings."""
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_label("Language")).to_be_in_viewport()


def report(page: Any) -> None:
    """An answer that is not right, with something missing in its report."""
    answer(page)
    page.get_by_role("button", name="Not right").click()
    page.get_by_role("button", name="Keep as a case").click()
    expect(page.locator("#report [role=alert]")).to_be_visible()


STATES: tuple[State, ...] = (
    start, answer, differences, refusal, source, documents, filter_form, filtered, conversations, settings, removal,
    report,
)  # fmt: skip


def main(wanted: list[str]) -> None:
    """Every state, or those named."""
    states = [state for state in STATES if not wanted or state.__name__ in wanted]
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as opened:
        index_dir = own_seeds(Path(opened.enter_context(TemporaryDirectory())))
        browser = opened.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, picture in pictures(browser, index_dir, states):
            (FOLDER / name).write_bytes(picture)
            if name in IN_README:
                (ROOT / "tests" / "pictures" / name).write_bytes(small(picture))
        browser.close()


def small(picture: bytes) -> bytes:
    """The picture with 128 colours and two thirds as wide: a fifth of the bytes, and as readable."""
    image = Image.open(io.BytesIO(picture))
    fewer = image.resize((960, image.height * 960 // image.width)).quantize(128)
    fewer.save(written := io.BytesIO(), "PNG", optimize=True)
    return written.getvalue()


def own_seeds(folder: Path) -> Path:
    """The index of a copy of the seeds, which the states may change."""
    shutil.copytree(SEEDS, folder / "seeds", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    build([folder / "seeds"], folder / "index")
    return folder / "index"


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
