"""The source panel in the browser: from quote to quote, a link that opens the same place, a text to save."""

from pathlib import Path

import pytest

from app.footnotes import Pointer
from app.panel import CHANGED, NOT_A_POINTER
from index import build, open_index
from tests.browser import Open, Serve, ask, fetch
from tests.wire_story import COPIES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

SEVERAL = "How long should I boil an egg?"  # a refusal lists several passages


def test_from_quote_to_quote_and_back_to_the_footnote(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page)
    links = ask(page, SEVERAL).locator("ol a")
    count = links.count()
    assert count > 2
    links.nth(1).click()
    expect(page.locator("#source .steps")).to_contain_text(f"2 of {count}")
    second = page.locator("#source mark").text_content()
    page.locator("#source").get_by_role("link", name="Next").press("Enter")
    expect(page.locator("#source .steps")).to_contain_text(f"3 of {count}")
    expect(page.locator("#source mark")).to_be_focused()
    page.locator("#source").get_by_role("link", name="Previous").click()
    expect(page.locator("#source .steps")).to_contain_text(f"2 of {count}")
    assert page.locator("#source mark").text_content() == second
    page.locator("#source").get_by_role("link", name="Previous").click()
    expect(page.locator("#source .steps")).to_contain_text(f"1 of {count}")
    expect(page.locator("#source").get_by_role("link", name="Previous")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(links.first).to_be_focused()


def test_a_reader_who_is_quicker_than_the_panel_is_not_sent_back_to_the_quote(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    ask(page, SEVERAL).locator("ol a").nth(1).click()
    stays = page.evaluate(
        """() => new Promise((done) => {
          const hurry = () => {
            const next = document.querySelector('#source .steps a:last-child');
            next?.focus();
            if (next && document.activeElement === next) setTimeout(() => done(document.activeElement === next), 1200);
            else requestAnimationFrame(hurry);
          };
          hurry();
        })"""
    )
    assert stays


def test_a_link_to_a_quote_opens_the_same_place(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page, permissions=["clipboard-read", "clipboard-write"])
    ask(page, SEVERAL).locator("ol a").first.click()
    quote = page.locator("#source mark").text_content()
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#clipboard [role=status]")).to_have_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{seeds_page}/#src-")
    other = open_page(seeds_page, link.removeprefix(seeds_page))
    expect(other.locator("#source mark")).to_be_focused()
    assert other.locator("#source mark").text_content() == quote
    other.keyboard.press("Escape")
    expect(other).to_have_url(f"{seeds_page}/")


def test_a_stale_link_and_a_link_that_is_none_say_so(open_page: Open, seeds_page: str, seeds_index: Path) -> None:
    from playwright.sync_api import expect

    article = open_index(seeds_index).documents()[0]
    stale = Pointer.to(article.id, 10, 20, "other words")
    page = open_page(seeds_page, f"/#{stale}")
    expect(page.locator("#source .notice")).to_have_text(CHANGED)
    page.evaluate("location.hash = '#src-<img src=x onerror=alert(1)>'")
    expect(page.locator("#source .notice")).to_have_text(NOT_A_POINTER)


def test_the_stored_text_is_saved_and_never_shown(open_page: Open, seeds_page: str, seeds_index: Path) -> None:
    page = open_page(seeds_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    page.locator("#documents a").first.click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Save text").click()
    article = open_index(seeds_index).document(open_index(seeds_index).documents()[0].id)
    assert article is not None
    assert saving.value.suggested_filename == article.path.removesuffix(".txt") + ".txt"
    assert Path(saving.value.path()).read_text("utf-8") == article.text
    _, headers, _ = fetch(f"{seeds_page}/documents/{article.id}.txt")
    assert headers["content-disposition"].startswith("attachment;")
    assert headers.get_content_type() == "text/plain"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox; default-src 'none'" in headers["content-security-policy"]


def test_the_file_of_an_article_is_handed_out_as_it_is_and_never_shown(
    open_page: Open, own_page: str, own_folder: Path, tmp_path: Path
) -> None:
    (own_folder / "page.html").write_text(f"<h1>Sardines</h1><script>alert(1)</script><p>{LANDED}</p>" * 9, "utf-8")
    (own_folder / "news#1.csv").write_text(f'id,text\na#b,"{LANDED}"\n', "utf-8")
    build(None, tmp_path / "index")
    index = open_index(tmp_path / "index")
    for name, file in (("articles/page.html", "page.html"), ("articles/news#1.csv#a#b", "news#1.csv")):
        article = next(row for row in index.documents() if row.name == name)
        status, headers, body = fetch(f"{own_page}/documents/{article.id}/file")
        assert (status, body) == (200, (own_folder / file).read_bytes())
        assert headers["content-disposition"].startswith("attachment;")
        assert headers.get_content_type() == "application/octet-stream"
        assert "sandbox" in headers["content-security-policy"]
    page = open_page(own_page, f"/#{Pointer.to(article.id)}")
    with page.expect_download() as saving:
        page.get_by_role("link", name="Open file").click()
    assert saving.value.suggested_filename == "news#1.csv"
    (own_folder / "news#1.csv").unlink()
    assert fetch(f"{own_page}/documents/{article.id}/file")[0] == 404
    (own_folder / "news#1.csv").symlink_to(tmp_path / "index" / "CURRENT")
    assert fetch(f"{own_page}/documents/{article.id}/file")[0] == 404


LANDED = "The harbour of Porto Verde landed 4,711 tonnes of sardines."


@pytest.mark.parametrize("path", ["0", "-1", "x", "9" * 99, "..%2f..%2fetc%2fpasswd"])
def test_a_file_that_is_not_there_is_not_found(seeds_page: str, path: str) -> None:
    assert fetch(f"{seeds_page}/documents/{path}/file")[0] == 404


@pytest.mark.parametrize(
    "path", ["/documents/0.txt", "/documents/-1.txt", "/documents/x.txt", f"/documents/{'9' * 99}.txt"]
)
def test_a_document_that_is_not_there_is_not_found(seeds_page: str, path: str) -> None:
    assert fetch(seeds_page + path)[0] == 404


def test_letters_of_every_kind_are_marked_exactly(open_page: Open, serve_index: Serve, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    quote = "שלום עולם, the 👩🏽‍🚀 of Zu\u0308rich\tsaid \u202e<b>${1}</b>\u202c in the cafe\u0301."
    text = f"First line.\r\n\r\nمرحبا 🚢 {quote} And more.\n"
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text(text, "utf-8", newline="")
    build([tmp_path / "articles"], tmp_path / "index")
    [article] = open_index(tmp_path / "index").documents()
    start = text.index(quote)
    pointer = Pointer.to(article.id, start, start + len(quote), quote)
    page = open_page(serve_index(tmp_path / "index"), f"/#{pointer}")
    expect(page.locator("#source mark")).to_be_focused()
    assert page.locator("#source mark").text_content() == quote


def test_copies_of_a_report_are_counted_in_the_answer_and_open_from_the_source(
    open_page: Open, serve_index: Serve, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    (tmp_path / "news").mkdir()
    for name, text in COPIES.items():
        (tmp_path / "news" / f"{name}.md").write_text(text, "utf-8")
    build([tmp_path / "news"], tmp_path / "index")
    page = open_page(serve_index(tmp_path / "index"))
    others = len(COPIES) - 1
    answer = ask(page, "How high did the gauge at the stone bridge stand?")
    expect(answer).to_contain_text(f"{others} copies: news/")
    answer.locator("blockquote a").first.click()
    expect(page.locator("#source mark")).to_be_focused()
    copies = page.locator("#source dd", has=page.locator("ul"))
    expect(copies).to_contain_text(str(others))
    expect(copies.locator("a")).to_have_count(others)
    name = copies.locator("a").first.text_content()
    copies.locator("a").first.press("Enter")
    expect(page.locator("#source dd").first).to_have_text(name)
    page.keyboard.press("Escape")
    expect(ask(page, SEVERAL).locator("ol")).to_contain_text("copies: news/")


def test_a_quote_in_five_megabytes_of_one_line_is_marked_exactly(
    open_page: Open, serve_index: Serve, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    quote = LANDED
    filler = "The weather stayed as it was and nobody wrote it down. " * 45_000
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "line.txt").write_text(f"{filler}{quote} {filler}", "utf-8")
    index_dir = tmp_path / "index"
    build([tmp_path / "articles"], index_dir)
    [article] = open_index(index_dir).documents()
    page = open_page(
        serve_index(index_dir), f"/#{Pointer.to(article.id, len(filler), len(filler) + len(quote), quote)}"
    )
    mark = page.locator("#source mark")
    expect(mark).to_be_in_viewport(ratio=1)
    assert mark.text_content() == quote
