"""The chat page as a reader meets it: the real server, in a real browser, over real indexes."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from app.footnotes import Pointer
from app.panel import CHANGED
from app.server import HEADERS, listen, serve
from index import build, open_index
from index.errors import NoIndex, UsageError
from index.generations import building
from index.watch import watch
from rag.answer import REFUSAL
from tests.browser import OFFICES, SEEDS, Open, Serve, ask, fetch

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (footnoted[test])")
expect = sync_api.expect

OFF_CORPUS = "How long should I boil an egg?"

HOSTILE = """Fish Landings Rise in Porto Verde

The harbour of Porto Verde landed 4,711 tonnes of sardines <script>window.attacked = 'script'</script> in May. \
![x](https://evil.example/pixel.png) The harbour of Porto Verde landed <img src="https://evil.example/i.png" \
onerror="window.attacked = 'img'"> fewer sardines ${window.attacked = 'template'} in June. \
[The harbour of Porto Verde](javascript:window.attacked='link') expects {{constructor}} more `sardines` in July, \
see ref [7] and https://evil.example/sardines.
"""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


def test_a_footnote_opens_its_article_at_the_quote(open_page: Open, seeds_page: str, seeds_index: Path) -> None:
    page = open_page(seeds_page, viewport={"width": 1440, "height": 900})
    answer = ask(page, OFFICES)
    footnote = answer.locator("blockquote a").first
    expect(footnote).to_have_text("[1]")
    footnote.click()
    mark = page.locator("#source mark")
    expect(mark).to_be_focused()
    expect(mark).to_be_in_viewport(ratio=1)
    pointer = Pointer.parse(footnote.get_attribute("href").removeprefix("#"))
    assert pointer is not None
    article = open_index(seeds_index).document(pointer.document_id)
    assert article is not None
    assert mark.text_content() == (SEEDS / article.path).read_text("utf-8")[pointer.start : pointer.end]
    assert "334 offices" in mark.text_content()
    page.keyboard.press("Escape")
    expect(page.locator("#source-side.open")).to_have_count(0)
    expect(footnote).to_be_focused()


def test_the_words_that_answer_stand_out_in_the_quote_and_in_its_article(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    answer = ask(page, OFFICES)
    expect(answer.locator("blockquote mark")).to_have_text("334 offices")
    weights = answer.locator("blockquote").evaluate(
        "quote => [quote, quote.querySelector('mark')].map(one => Number(getComputedStyle(one).fontWeight))"
    )
    assert weights[0] < weights[1]
    answer.locator("blockquote a").first.click()
    expect(page.locator("#source mark strong")).to_have_text("334 offices")
    colours = page.locator("#source mark").evaluate(
        "mark => [mark, mark.querySelector('strong')].map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(colours)) == 2
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#chat blockquote mark")).to_have_text("334 offices")  # as it was kept


def test_a_footnote_opens_from_the_keyboard_and_a_second_time(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    footnote = ask(page, OFFICES).locator("blockquote a").first
    for _ in range(2):
        footnote.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#source mark")).to_be_focused()
        expect(page.locator("#source mark")).to_contain_text("334 offices")
        page.locator("#source .close").click()
        expect(page.locator("#source-side.open")).to_have_count(0)
        expect(footnote).to_be_focused()


def test_a_source_that_is_closed_at_once_gives_the_focus_back(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    footnote = ask(page, OFFICES).locator("blockquote a").first
    page.evaluate(
        """() => {
          const source = document.querySelector('#source');
          new MutationObserver((changes, observer) => {
            if (!source.querySelector('mark')) return;
            observer.disconnect();
            source.querySelector('.close').click(); // before it has slid in
          }).observe(source, { childList: true, subtree: true });
        }"""
    )
    footnote.click()
    expect(page.locator("#source mark")).to_have_count(0)
    expect(page.locator("#source-side.open")).to_have_count(0)
    expect(footnote).to_be_focused()


def press_until(page: Any, key: str, wanted: Any, most: int = 60) -> None:
    """Presses a key until something has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{key} does not lead to {wanted}")


def test_everything_is_done_from_the_keyboard_alone(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, permissions=["clipboard-read", "clipboard-write"])
    field = page.get_by_label("Question", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type(OFF_CORPUS)
    page.keyboard.press("Enter")
    answer = page.locator("#chat .bot-row")
    expect(answer.locator(".turn")).to_be_visible()
    second = answer.locator("ol a").nth(1)
    press_until(page, "Shift+Tab", second)
    page.keyboard.press("Enter")
    expect(page.locator("#source mark")).to_be_focused()
    press_until(page, "Shift+Tab", page.locator("#source").get_by_role("link", name="Next"))
    page.keyboard.press("Enter")
    expect(page.locator("#source .steps")).to_contain_text("3 of")
    expect(page.locator("#source mark")).to_be_focused()
    press_until(page, "Shift+Tab", page.get_by_role("button", name="Copy link"))
    page.keyboard.press("Enter")
    expect(page.locator("#clipboard [role=status]")).to_have_text("Link copied.")
    page.keyboard.press("Escape")
    expect(page.locator("#source-side.open")).to_have_count(0)
    expect(answer.locator("ol a").nth(2)).to_be_focused()
    for name in ("Copy", "Copy with notes", "Retry", "Edit question", "Not right"):
        press_until(page, "Tab", answer.get_by_role("button", name=name, exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is right")).to_be_focused()
    press_until(page, "Tab", page.get_by_role("button", name="Cancel"))
    page.keyboard.press("Enter")
    expect(page.locator("#report section")).to_have_count(0)
    documents = page.get_by_role("button", name="Documents", exact=True)
    press_until(page, "Shift+Tab", documents)
    page.keyboard.press("Enter")
    first = page.locator("#documents .rows a").first
    expect(first).to_be_in_viewport()
    press_until(page, "Tab", first)
    page.keyboard.press("Escape")
    expect(documents).to_be_focused()


def test_what_the_documents_do_not_say_is_refused(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    answer = ask(page, OFF_CORPUS)
    expect(answer.locator("p").first).to_have_text(REFUSAL)
    expect(answer).to_contain_text("Nearest passages (not an answer)")
    expect(answer.locator("blockquote")).to_have_count(0)
    answer.locator("ol a").first.click()
    expect(page.locator("#source mark")).to_be_in_viewport()


def test_the_passages_of_the_last_answer_open_too(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    ask(page, OFFICES)
    page.get_by_role("button", name="Passages found").click()
    first = page.locator("#passages li").first
    expect(first).to_contain_text("found by")
    expect(page.locator("#passages")).not_to_contain_text("%")
    first.locator("a").click()
    expect(page.locator("#source mark")).to_be_in_viewport()


def test_an_example_is_asked_when_it_is_pressed(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    example = page.locator("#examples button").first
    question = example.text_content()
    example.click()
    expect(page.locator("#chat .user-row")).to_have_text(question)
    expect(page.locator("#chat .bot-row blockquote").first).to_be_visible()


def test_a_follow_up_says_how_it_was_searched_and_that_can_be_edited(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    ask(page, "How many defendants did Mexico extradite?")
    followed = ask(page, "And how many are waiting?")
    expect(followed).to_contain_text("Asked as: How many defendants are waiting (Mexico extradite)?")
    page.get_by_role("button", name="Edit question").last.click()
    field = page.locator("#question textarea")
    expect(field).to_have_value("How many defendants are waiting (Mexico extradite)?")
    expect(field).to_be_focused()
    other = ask(page, "What did Anne Milgram say about the precursors from China?")
    expect(other).not_to_contain_text("Asked as")
    page.reload()
    expect(page.locator("#chat")).to_contain_text("Asked as: How many defendants are waiting (Mexico extradite)?")


def test_an_empty_question_gets_a_gentle_line(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    page.get_by_label("Question", exact=True).fill("   ")
    page.get_by_label("Question", exact=True).press("Enter")
    expect(page.locator("#hint")).to_have_text("Type a question first.")
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    ask(page, OFFICES)
    expect(page.locator("#hint p")).to_have_count(0)


def test_what_is_typed_behind_a_question_that_was_sent_begins_the_next_one(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    field = page.get_by_label("Question", exact=True)
    held: list[Any] = []
    page.route("**/queue/join*", lambda route: held.append(route))
    field.fill(OFFICES)
    with page.expect_request("**/queue/join*"):
        page.keyboard.press("Enter")
    page.keyboard.type("What then")
    expect(field).to_have_value(f"{OFFICES}What then")
    for route in held:
        route.continue_()
    page.unroute("**/queue/join*")
    expect(field).to_have_value("What then")
    expect(page.locator("#chat .bot-row blockquote").first).to_be_visible()
    page.keyboard.type("?")
    expect(field).to_have_value("What then?")
    expect(page.locator("#chat .user-row")).to_have_text([OFFICES])
    page.reload()
    expect(field).to_have_value("What then?")


@pytest.mark.parametrize("length", [5_000, 50_000])
def test_a_question_too_long_is_answered_with_a_sentence(open_page: Open, seeds_page: str, length: int) -> None:
    answer = ask(open_page(seeds_page), "w" * length)
    expect(answer).to_contain_text("characters")
    expect(answer.locator("a")).to_have_count(0)


def test_rebuilding_takes_up_a_new_article(open_page: Open, own_page: str, own_folder: Path) -> None:
    page = open_page(own_page)
    expect(page.locator(".status")).to_contain_text("5 documents")
    (own_folder / "harbour.txt").write_text("The harbour of Porto Verde landed 4,711 tonnes of sardines.\n", "utf-8")
    page.get_by_role("button", name="Documents", exact=True).click()
    page.get_by_role("button", name="Rebuild index").click()
    expect(page.locator("#rebuilt")).to_contain_text("1 added")
    expect(page.locator(".status")).to_contain_text("6 documents")
    expect(page.locator("#documents li")).to_have_count(6)
    expect(page.get_by_role("button", name="Rebuild index")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(ask(page, "How many tonnes of sardines did Porto Verde land?")).to_contain_text("4,711 tonnes")


def test_the_page_answers_while_the_index_is_rebuilt(
    open_page: Open, own_page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def held(*folders: Any, **given: Any) -> Any:
        given["progress"]("embedding", 3, 10)
        go_on.wait()
        return build(*folders, **given)

    monkeypatch.setattr("app.building.build", held)
    page = open_page(own_page)
    try:
        page.get_by_role("button", name="Documents", exact=True).click()
        page.get_by_role("button", name="Rebuild index").click()
        expect(page.locator("#rebuilt")).to_contain_text("Embedding: 3 of 10")
        expect(page.locator("#rebuilt progress")).to_have_attribute("value", "3")
        expect(page.get_by_role("button", name="Rebuild index")).to_be_disabled()
        other = open_page(own_page)  # another tab follows the same build
        expect(other.locator("#rebuilt")).to_contain_text("Embedding: 3 of 10")
        expect(other.locator("#rebuild")).to_be_disabled()
        page.keyboard.press("Escape")
        footnote = ask(page, OFFICES).locator("blockquote a").first
        footnote.click()
        expect(page.locator("#source mark")).to_contain_text("334 offices")
    finally:
        go_on.set()
    for tab in (page, other):
        expect(tab.locator("#rebuilt")).to_contain_text("nothing is new")
        expect(tab.locator("#rebuild")).to_be_enabled()


def test_a_build_waits_for_that_of_another_program(open_page: Open, own_page: str, tmp_path: Path) -> None:
    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    with building(tmp_path / "index"):
        page.get_by_role("button", name="Rebuild index").click()
        expect(page.locator("#rebuilt")).to_contain_text("Another program is building the index")
    expect(page.locator("#rebuilt")).to_contain_text("nothing is new")


def test_what_was_said_goes_with_the_next_thing_done(open_page: Open, own_page: str) -> None:
    page = open_page(own_page, permissions=["clipboard-read", "clipboard-write"])
    answer, field = ask(page, OFFICES), page.get_by_label("Question", exact=True)
    copied, hint = page.locator("#clipboard p:visible"), page.locator("#hint p:visible")
    for _ in range(2):
        answer.get_by_role("button", name="Copy", exact=True).click()
        expect(copied).to_have_text("Copied.")
        field.press("Enter")
        expect(hint).to_have_text("Type a question first.")
        expect(copied).to_have_count(0)
    answer.get_by_role("button", name="Not right").click()
    expect(hint).to_have_count(0)
    page.get_by_label("What is right").select_option("nowhere")
    page.get_by_role("button", name="Keep as a case").click()
    expect(page.locator("#report p[role=status]:visible")).to_contain_text("Thank you.")
    answer.get_by_role("button", name="Copy", exact=True).click()
    expect(copied).to_have_text("Copied.")
    expect(page.locator("#report p[role=status]:visible")).to_have_count(0)


def test_an_open_page_shows_what_a_watch_took_in(
    open_page: Open, own_page: str, own_folder: Path, tmp_path: Path
) -> None:
    page = open_page(own_page)
    answer = ask(page, OFFICES)
    stop = threading.Event()
    watching = threading.Thread(target=lambda: list(watch([own_folder], tmp_path / "index", stop=stop)))
    watching.start()
    try:
        (own_folder / "harbour.txt").write_text("Porto Verde landed 4,711 tonnes of sardines.\n", "utf-8")
        expect(page.locator(".status")).to_contain_text("6 documents")  # nothing was pressed
        expect(answer.locator("blockquote")).to_contain_text("334 offices")
        expect(ask(page, "How many tonnes of sardines did Porto Verde land?")).to_contain_text("4,711 tonnes")
    finally:
        stop.set()
        watching.join()


def test_an_article_that_changed_since_the_answer_is_not_marked(
    open_page: Open, own_page: str, own_folder: Path, tmp_path: Path
) -> None:
    page = open_page(own_page)
    footnote = ask(page, OFFICES).locator("blockquote a").first
    article = own_folder / "001_963e728015908ae9.txt"
    article.write_text(article.read_text("utf-8").replace("We have 334 offices", "We have 33 offices"), "utf-8")
    build(None, tmp_path / "index")
    expect(page.locator(".status")).to_contain_text("generation 000002")  # noticed without a reload
    footnote.click()
    expect(page.locator("#source .notice")).to_be_focused()
    expect(page.locator("#source .notice")).to_have_text(CHANGED)
    expect(page.locator("#source mark")).to_have_count(0)
    page.locator("#source a").click()
    expect(page.locator("#source .text")).to_contain_text("We have 33 offices")


def test_a_document_that_attacks_the_page_is_only_text(
    open_page: Open, serve_index: Serve, own_folder: Path, tmp_path: Path
) -> None:
    (own_folder / "a<img src=x onerror=alert(1)>.txt").write_text(HOSTILE, "utf-8")
    build([own_folder], tmp_path / "index")
    address = serve_index(tmp_path / "index")
    page = open_page(address)
    page.get_by_role("button", name="Documents", exact=True).click()
    page.locator("#documents a", has_text="Fish Landings").click()
    shown = page.locator("#source .text")
    expect(shown).to_contain_text("${window.attacked = 'template'}")
    assert shown.text_content() == HOSTILE
    page.keyboard.press("Escape")
    marked = ask(page, "How many tonnes of sardines were landed in Porto Verde?")
    expect(marked.locator("mark").first).to_have_text("4,711 tonnes")
    expect(ask(page, "<img src=x onerror=alert(1)> sardines")).to_contain_text("sardines")
    page.get_by_role("button", name="Passages found").click()
    expect(page.locator("#passages")).to_contain_text("<script>")
    answers = page.locator("#chat .bot-row")
    assert answers.locator("a:not([href^='#src-'])").count() == 0
    assert page.locator("main").locator("img, script, a[href^='javascript:']").count() == 0
    assert page.evaluate("window.attacked") is None


@pytest.mark.parametrize("width", [390, 520, 769, 1440])
def test_the_buttons_at_the_head_can_be_pressed_at_every_width(open_page: Open, seeds_page: str, width: int) -> None:
    page = open_page(seeds_page, viewport={"width": width, "height": 900})
    for side in ("Settings", "Documents"):
        page.locator("#nav").get_by_role("button", name=side).click()  # refused where something lies above it
        expect(page.locator(".sidebar.open")).to_contain_text(side)
        page.keyboard.press("Escape")
    # once the side has left: it slides, and the head gets its width back as it goes
    page.wait_for_function("""() => new Set([...document.querySelectorAll("#nav button")]
        .map(button => button.getBoundingClientRect().top)).size === 1""")


@pytest.mark.parametrize("width", [1440, 768])
def test_the_page_can_be_used_at_twice_its_size(open_page: Open, seeds_page: str, width: int) -> None:
    """As a browser shows it at 200 %: half as many pixels of the page, each twice as large."""
    view = {"width": width // 2, "height": 450}
    page = open_page(seeds_page, viewport=view, device_scale_factor=2)
    footnote = ask(page, OFFICES).locator("blockquote a").first
    assert page.evaluate("document.documentElement.scrollWidth") <= width // 2
    footnote.click()  # refused where something lies above it
    expect(page.locator("#source mark")).to_be_in_viewport(ratio=1)
    page.locator("#source .close").click()
    expect(footnote).to_be_focused()
    for side in ("Conversations", "Documents", "Settings"):
        page.get_by_role("button", name=side, exact=True).click()
        expect(page.locator(".sidebar.open")).to_contain_text(side)
        page.locator(".sidebar.open .side-head button").click()
        expect(page.locator(".sidebar.open")).to_have_count(0)


def test_the_page_fits_a_phone(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    footnote = ask(page, OFFICES).locator("blockquote a").first
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = footnote.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    footnote.tap()
    expect(page.locator("#source mark")).to_be_in_viewport(ratio=1)
    assert page.locator("#source-side").bounding_box()["width"] == 390


def test_nothing_on_the_page_is_a_public_endpoint(seeds_page: str) -> None:
    assert fetch(f"{seeds_page}/gradio_api/info")[2] == b'{"named_endpoints":{},"unnamed_endpoints":{}}'


def test_every_answer_forbids_the_browser_to_go_elsewhere(seeds_page: str) -> None:
    for path in ("/", "/healthz", "/theme.css"):
        _, headers, _ = fetch(seeds_page + path)
        assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("path", "status", "headers", "data"),
    [
        ("/healthz", 400, {"Host": "evil.example"}, None),
        ("/gradio_api/upload", 404, {}, b"x"),
        ("/gradio_api/file=/etc/passwd", 403, {}, None),
        ("/docs", 404, {}, None),
    ],
)
def test_what_is_not_the_page_is_turned_away(
    seeds_page: str, path: str, status: int, headers: dict[str, str], data: bytes | None
) -> None:
    assert fetch(seeds_page + path, data, **headers)[0] == status


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_without_a_password_only_this_machine_is_served(seeds_index: Path, host: str) -> None:
    with pytest.raises(UsageError, match=r"Set a password first: footnoted password$"):
        serve(seeds_index, host, 0, open_browser=False)


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("127.0.0.1", 99_999), ("192.0.2.1", 0)])
def test_an_address_that_is_not_of_this_machine_is_refused(host: str, port: int) -> None:
    with pytest.raises(UsageError, match="Choose another"):
        listen(host, port)


def test_a_port_in_use_is_named_with_the_remedy(seeds_index: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UsageError, match=rf"^Port {port} cannot be used: .*\. Choose another: --port {port + 1}$"):
            serve(seeds_index, port=port, open_browser=False)


def test_without_an_index_nothing_is_served(tmp_path: Path) -> None:
    with pytest.raises(NoIndex):
        serve(tmp_path / "none", port=0, open_browser=False)


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_a_server_that_is_stopped_while_it_answers_says_nothing_of_the_call_it_ended(
    browser: Any, seeds_index: Path
) -> None:
    program = (
        "import sys, time; from app import asking; from app.server import serve;"
        "asking.answers = lambda *given: time.sleep(1.5) or iter(()); serve(sys.argv[1], port=0, open_browser=False)"
    )
    command = [sys.executable, "-c", program, str(seeds_index)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=SEEDS.parent) as process:
        assert process.stderr is not None
        page = browser.new_page()
        page.goto(process.stderr.readline().split()[3])
        page.get_by_label("Question", exact=True).fill("Who?")
        page.get_by_label("Question", exact=True).press("Enter")
        expect(page.locator("#stop")).to_be_visible()
        process.send_signal(signal.SIGINT)
        assert (process.stderr.read(), process.wait()) == ("", 0)
        page.close()


@pytest.mark.skipif(os.name != "posix", reason="signals are sent the POSIX way")
def test_a_page_whose_server_is_gone_says_so_and_keeps_the_question(browser: Any, seeds_index: Path) -> None:
    program = "import sys; from app.server import serve; serve(sys.argv[1], port=int(sys.argv[2]), open_browser=False)"
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-c", program, str(seeds_index), str(port)]
    context = browser.new_context()
    context.add_cookies([{"name": "footnoted_settings", "value": "es.light.8", "url": f"http://127.0.0.1:{port}"}])
    page = context.new_page()
    away = page.get_by_text("footnoted no responde.")
    for is_again in (False, True):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=SEEDS.parent) as process:
            assert process.stderr is not None
            process.stderr.readline()
            if not is_again:
                page.goto(f"http://127.0.0.1:{port}")
                page.get_by_label("Pregunta", exact=True).fill("¿Cuántas oficinas")
            expect(away).not_to_be_visible()
            expect(page.locator(".status")).to_contain_text("hecho el")
            expect(page.get_by_label("Pregunta", exact=True)).to_have_value("¿Cuántas oficinas")
            process.send_signal(signal.SIGINT)
            process.wait()
        expect(away).to_be_visible()
        expect(page.locator(".toast-item")).to_have_count(1)  # Gradio's own, in English
        expect(page.locator(".toast-item")).not_to_be_visible()
    context.close()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_server_ends_in_good_order_though_a_page_is_open(
    browser: Any, seeds_index: Path, ending: signal.Signals
) -> None:
    program = "import sys; from app.server import serve; serve(sys.argv[1], port=0, open_browser=False)"
    command = [sys.executable, "-c", program, str(seeds_index)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=SEEDS.parent) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[3]
        page = browser.new_page()
        page.goto(address)
        expect(page.locator(".status")).to_contain_text("built")
        process.send_signal(ending)
        assert (process.stderr.read(), process.wait()) == ("", 0)  # else: a traceback, or never, for the open stream
        page.close()


def test_sources_that_differ_stand_side_by_side_and_open(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page, viewport={"width": 1440, "height": 900})
    cards = ask(page, "Is fentanyl produced in Mexico?").locator(".sides li")
    expect(cards).to_have_count(2)
    first, second = cards.nth(0).bounding_box(), cards.nth(1).bounding_box()
    assert first["y"] == second["y"]
    assert first["x"] + first["width"] <= second["x"]
    cards.nth(0).locator("a").press("Enter")
    expect(page.locator("#source mark")).to_contain_text("Lopez Obrador was insistent")
