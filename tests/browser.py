"""What the tests of the page share: the real server, a real browser, and what a page may never do.

A pytest plugin, named in `conftest`. Pages are closed before the servers they show: a page that is left open asks
its server every two seconds, and a server that has gone is an error in its console.
"""

import contextlib
import shutil
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest

if TYPE_CHECKING:
    from app.access import Password
    from rag.generation import Generator

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
OFFICES = "How many offices does the DEA have around the world?"

WAIT_MS = 60_000
"""For a state of the page. None takes a second on an idle machine; one that is starved took 15."""

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",  # in a container the browser has no other sandbox to be had
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

Serve = Callable[..., str]  # starts a server over an index, gives its address
Open = Callable[..., Any]  # opens a page at an address


@contextlib.contextmanager
def served(
    index_dir: Path, password: "Password | None" = None, generator: "Generator | None" = None,
    generators: "Sequence[Generator]" = (),
) -> Iterator[str]:  # fmt: skip
    """The address of a server over this index, in a thread of this process; generators write, too."""
    from app.generators import Models
    from app.server import PageServer, address_of, listen, make_app

    listener = listen("127.0.0.1", 0)
    server = PageServer(
        make_app(index_dir, password, models=Models((generator, *generators) if generator else tuple(generators)))
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    address = address_of([listener])
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield address
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def seeds_page(seeds_index: Path) -> Iterator[str]:
    """The address of a page over the seeds, which no test changes."""
    with served(seeds_index) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (footnoted[test])")
    if CHROMIUM is None:
        pytest.skip("no Chromium or Chrome on this machine to look at the page with")
    sync_api.expect.set_options(timeout=WAIT_MS)
    with sync_api.sync_playwright() as playwright:
        # its own limit, 180 s, is no promise of this project; a machine with other work to do took longer
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=0)
        yield browser
        browser.close()


@pytest.fixture
def serve_index() -> Iterator[Serve]:
    """Serves indexes; ends after `open_page`, which needs it, has closed its pages."""
    with contextlib.ExitStack() as servers:
        yield lambda index_dir, **options: servers.enter_context(served(index_dir, **options))


@pytest.fixture(scope="session")
def shared_context(browser: Any) -> Any:
    """The browser's memory, for all pages that need none of their own: Gradio's 70 files are fetched once."""
    return browser.new_context(reduced_motion="reduce")


@pytest.fixture
def open_page(browser: Any, shared_context: Any, serve_index: Serve) -> Iterator[Open]:
    """Opens pages that may ask nobody but their own server, and may meet no error."""
    opened: list[Any] = []
    requested: list[tuple[str, str]] = []
    errors: list[str] = []

    def open_at(address: str, path: str = "/", **context_options: Any) -> Any:
        own = browser.new_context(reduced_motion="reduce", **context_options) if context_options else None
        page = (own or shared_context).new_page()
        opened.append(own or page)
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: requested.append((address, request.url)))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.extend([message.text] if _is_error(message) else []))
        page.goto(address + path)
        page.locator(".status", has_text="built").wait_for()
        return page

    yield open_at
    for one in opened:
        one.close()
    shared_context.clear_cookies()
    assert [url for own, url in requested if not url.startswith((own, "data:", "blob:"))] == []
    assert errors == []


def _is_error(message: Any) -> bool:
    """True for what should not be in a console; that an upload was refused is said there too, by the browser."""
    return message.type == "error" and "/uploads/" not in message.location["url"]


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """A private copy of the articles, to change."""
    return Path(shutil.copytree(SEEDS, tmp_path / "articles", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


@pytest.fixture
def own_page(own_folder: Path, tmp_path: Path, serve_index: Serve) -> str:
    """The address of a page over that copy; its index is ``tmp_path / "index"``."""
    from index import build

    build([own_folder], tmp_path / "index")
    return serve_index(tmp_path / "index")


def fetch(url: str, data: bytes | None = None, method: str | None = None, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and body that a server answers with, be it an error or not; the connection is closed."""
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except HTTPError as error:
        answer = error
    with answer:
        return answer.status, answer.headers, answer.read()


def ask(page: Any, question: str) -> Any:
    """Asks, and gives back the answer on the page once it is complete."""
    from playwright.sync_api import expect

    answers = page.locator("#chat .bot-row")
    before = answers.count()
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_label("Question", exact=True).press("Enter")
    expect(answers).to_have_count(before + 1)
    expect(answers.last).not_to_contain_text("Searching")
    expect(page.locator("#send")).to_be_visible()
    return answers.last
