"""Pictures of the page in every state, at three widths, light and dark: ``make screenshots``.

A state is a function below: it brings a page over the seeds into that state. Two of the pictures are those that
README.md shows; they are written to ``tests/pictures/``.
"""

import io
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from index import build
from tests.browser import CHROMIUM, FLAGS, OFFICES, SEEDS, ask, served
from tests.scripted import Stepped

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "screenshots"
IN_README = ("source-1440-light.png", "documents-1440-dark.png")
WIDTHS = {1440: 900, 768: 1024, 390: 844}
State = Callable[[Any], None]
WritingState = Callable[[Stepped, Any], None]


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


def passages(page: Any) -> None:
    """The passages an answer was looked for in."""
    answer(page)
    page.get_by_role("button", name="Passages found").click()
    expect(page.locator("#passages li").first).to_be_visible()


def copied(page: Any) -> None:
    """An answer that was copied."""
    answer(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.locator("#clipboard [role=status]")).to_be_visible()


def deletion(page: Any) -> None:
    """A conversation that was deleted, and can be brought back."""
    conversations(page)
    page.locator("#conversations-side").get_by_role("button", name="Delete").first.click()
    expect(page.locator("#conversations-side").get_by_role("button", name="Undo")).to_be_visible()


def rebuilt(page: Any) -> None:
    """An article that was added, and one that could not be; then the index as it was rebuilt."""
    documents(page)
    text = b"The harbour of Porto Verde landed 4,711 tonnes of sardines."
    files = [{"name": name, "mimeType": "text/plain", "buffer": text} for name in ("harbour.txt", "run.exe")]
    page.get_by_label("Add articles").set_input_files(files)
    expect(page.locator("#upload li")).to_have_count(2)
    expect(page.locator("#upload li").last).to_contain_text("not read")
    page.get_by_role("button", name="Rebuild index").click()
    expect(page.locator("#rebuilt")).to_contain_text("documents in")


def spanish(page: Any) -> None:
    """A refusal on a page in Spanish."""
    settings(page)
    page.get_by_label("Language").select_option("Español")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("heading", name="¿Qué quiere saber?")).to_be_visible()
    page.get_by_label("Pregunta", exact=True).fill("How long should I boil an egg?")
    page.get_by_label("Pregunta", exact=True).press("Enter")
    expect(page.locator("#chat .turn")).to_be_visible()


STATES: tuple[State, ...] = (
    start, answer, differences, refusal, source, passages, copied, documents, filter_form, filtered, conversations,
    deletion, settings, spanish, removal, rebuilt, report,
)  # fmt: skip

SAID = ("Milgram said the DEA has 334 offices around the world. [1] ", "It plans to open 90 more of them in France. ")


def loading(model: Stepped, page: Any) -> None:
    """The quotes, while a model that writes is loaded."""
    page.get_by_label("Question", exact=True).fill(OFFICES)
    page.get_by_label("Question", exact=True).press("Enter")
    expect(page.locator("#chat")).to_contain_text("Loading the model: 50 %")


def writing(model: Stepped, page: Any) -> None:
    """A sentence that is being written."""
    loading(model, page)
    model.step()
    model.step()
    expect(page.locator("#chat")).to_contain_text("The model is writing")


def written(model: Stepped, page: Any) -> None:
    """An answer that a model wrote, with a sentence that is struck."""
    loading(model, page)
    model.finish()
    expect(page.locator("#chat del")).to_have_count(1)
    expect(page.locator("#chat .turn")).to_be_visible()
    page.locator("#chat del").scroll_into_view_if_needed()


def writer(model: Stepped, page: Any) -> None:
    """The settings, where a model writes."""
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(page.get_by_label("Written answers")).to_be_in_viewport()


WRITING_STATES: tuple[WritingState, ...] = (loading, writing, written, writer)


def main(wanted: list[str]) -> None:
    """Every state, or those named."""
    FOLDER.mkdir(exist_ok=True)
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                for name, picture in pictures(browser, scheme, width, wanted):
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


def pictures(browser: Any, scheme: str, width: int, wanted: list[str]) -> Iterator[tuple[str, bytes]]:
    """A name and a picture for every state, or those wanted, at this width and in this scheme."""
    with TemporaryDirectory() as folder:
        index_dir = own_seeds(Path(folder))
        with served(index_dir) as address:
            for state in STATES:
                if not wanted or state.__name__ in wanted:
                    name = f"{state.__name__}-{width}-{scheme}.png"
                    yield name, picture_of(browser, address, scheme, width, state)
        for with_model in WRITING_STATES:
            if not wanted or with_model.__name__ in wanted:
                with Stepped(*SAID) as model, served(index_dir, generator=model) as address:
                    name = f"{with_model.__name__}-{width}-{scheme}.png"
                    yield name, picture_of(browser, address, scheme, width, partial(with_model, model))
                    model.finish()


def picture_of(browser: Any, address: str, scheme: str, width: int, state: State) -> bytes:
    """A picture of the page in a state."""
    view: Any = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(viewport=view, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".status")).to_contain_text("built")
    state(page)
    page.wait_for_timeout(500)  # the sides slide in
    picture: bytes = page.screenshot()
    context.close()
    return picture


if __name__ == "__main__":
    main(sys.argv[1:])
