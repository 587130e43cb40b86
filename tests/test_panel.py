"""The source panel: which article it shows, where it marks it, and when it refuses to mark anything."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.footnotes import Pointer
from app.panel import CHANGED, GONE, NOT_A_POINTER, WINDOW_CHARACTERS, article_html, nothing_html
from index import build, open_index
from index.catalog import DocumentRow
from index.opened import Index
from tests.make_pdf import lines, pdf

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

QUOTE = "We have 334 offices around the world."
HOSTILE = "A <script>alert(1)</script> ${alert(2)} {{value}} `tick` </mark><img src=x onerror=alert(3)> & more."


class Shown(HTMLParser):
    """What a browser would make of the panel: the tags, and the text in each of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.remove(tag)

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.text[tag] = self.text.get(tag, "") + data


@pytest.fixture(scope="session")
def own_index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An article that attacks the page, and one longer than the panel shows."""
    folder = tmp_path_factory.mktemp("own") / "own"
    folder.mkdir()
    (folder / "hostile.txt").write_text(f"{HOSTILE} {HOSTILE}\n", "utf-8")
    (folder / "long.txt").write_text("".join(f"This is sentence {n}.\n" for n in range(4_000)), "utf-8")
    (folder / "report.pdf").write_bytes(pdf(lines("The first page."), lines("The second page.")))
    index_dir = folder.parent / "index"
    build([folder], index_dir)
    return open_index(index_dir)


def row(index: Index, path: str) -> DocumentRow:
    return next(row for row in index.documents() if row.path == path)


def text_of(index: Index, document_id: int) -> str:
    document = index.document(document_id)
    assert document is not None
    return document.text


def test_the_quote_is_marked_in_its_article(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    article = row(index, "001_963e728015908ae9.txt")
    start = text_of(index, article.id).index(QUOTE)
    shown = Shown(article_html(index, str(Pointer.to(article.id, start, start + len(QUOTE), QUOTE))))
    assert shown.text["mark"] == QUOTE
    assert shown.text["h2"] == article.title
    assert text_of(index, article.id) in shown.text["section"]


def test_the_words_that_answer_stand_out_in_the_quote(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    article = row(index, "001_963e728015908ae9.txt")
    start = text_of(index, article.id).index(QUOTE)
    pointer = Pointer.to(article.id, start, start + len(QUOTE), QUOTE, [(8, 19)])
    shown = Shown(article_html(index, str(pointer)))
    assert (shown.text["mark"], shown.text["strong"]) == (QUOTE, "334 offices")
    moved = Pointer.to(article.id, start + 1, start + 1 + len(QUOTE), QUOTE, [(8, 19)])
    assert "strong" not in Shown(article_html(index, str(moved))).tags


def test_what_is_not_known_is_shown_as_unknown(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    article = row(index, "001_963e728015908ae9.txt")
    facts = " ".join(Shown(article_html(index, str(Pointer.to(article.id)))).text["dl"].split())
    assert facts.startswith(f"File seeds/{article.path} Title {article.title} from: {article.sources['title']} ")
    assert facts.endswith("Date unknown Language en from: its words")


def test_a_whole_article_is_shown_without_a_mark(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    assert "mark" not in Shown(article_html(index, str(Pointer.to(index.documents()[0].id)))).tags


@pytest.mark.parametrize("reference", [None, 3, "", "src-1", "javascript:alert(1)", {"a": []}])
def test_what_is_no_pointer_opens_nothing(seeds_index: Path, reference: object) -> None:
    assert Shown(article_html(open_index(seeds_index), reference)).text["p"].strip().endswith(NOT_A_POINTER)


def test_an_article_that_is_gone_is_said_to_be_gone(seeds_index: Path) -> None:
    shown = Shown(article_html(open_index(seeds_index), str(Pointer.to(987_654_321, 0, 4, "test"))))
    assert GONE in shown.text["p"]
    assert "mark" not in shown.tags


def test_a_footnote_opens_an_article_that_was_taken_away_and_came_back(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    quote = "Él molió harina."
    folder = articles(mill=f"Ñandú. {quote}", choir="Forty children sang in the church.")
    aside = tmp_path / "mill.txt"
    build(folder, tmp_path / "index")
    old = Pointer.to(row(open_index(tmp_path / "index"), "mill.txt").id, 7, 7 + len(quote), quote)
    (folder / "mill.txt").rename(aside)
    build(index_dir=tmp_path / "index")
    assert GONE in article_html(open_index(tmp_path / "index"), str(old))
    aside.rename(folder / "mill.txt")
    build(index_dir=tmp_path / "index")
    index = open_index(tmp_path / "index")
    new = row(index, "mill.txt").id
    html = article_html(index, str(old))
    assert (new != old.document_id, Shown(html).text["mark"]) == (True, quote)
    assert f'value="{Pointer.to(new, 7, 7 + len(quote), quote)}"' in html
    (folder / "copy.txt").write_bytes((folder / "mill.txt").read_bytes())
    build(index_dir=tmp_path / "index")
    assert GONE in article_html(open_index(tmp_path / "index"), str(old))  # which of the two was quoted?


def test_a_footnote_opens_what_came_back_and_no_copy_that_was_there_before(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    quote = "He ground flour."
    folder = articles(copy=f"Once. {quote}", mill=f"Once. {quote}", oak="The oak by the church fell.")
    build(folder, tmp_path / "index")
    old = Pointer.to(row(open_index(tmp_path / "index"), "mill.txt").id, 6, 6 + len(quote), quote)
    (folder / "mill.txt").rename(tmp_path / "mill.txt")
    build(index_dir=tmp_path / "index")
    (tmp_path / "mill.txt").rename(folder / "mill.txt")
    build(index_dir=tmp_path / "index")
    index = open_index(tmp_path / "index")
    assert Shown(article_html(index, str(old))).text["h2"] == "articles/mill.txt"
    (folder / "mill.txt").unlink()
    build(index_dir=tmp_path / "index")  # an older article may have what is gone: its id was smaller when all was new
    assert Shown(article_html(open_index(tmp_path / "index"), str(old))).text["h2"] == "articles/copy.txt"


def test_an_article_that_changed_is_not_marked_but_offered_as_it_is_now(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    article = row(index, "001_963e728015908ae9.txt")
    html = article_html(index, str(Pointer.to(article.id, 0, 4, "then")))
    shown = Shown(html)
    assert CHANGED in shown.text["p"]
    assert "mark" not in shown.tags
    assert article_html(index, re.findall(r'href="#([^"]+)"', html)[0]).count(QUOTE) == 1


def test_a_hostile_article_is_shown_word_for_word_and_makes_no_tag(own_index: Index) -> None:
    article = row(own_index, "hostile.txt")
    pointer = Pointer.to(article.id, 0, len(HOSTILE), HOSTILE)
    shown = Shown(article_html(own_index, str(pointer)))
    assert shown.text["mark"] == HOSTILE
    own = {"section", "header", "p", "button", "kbd", "h2", "dl", "div", "dt", "dd", "small", "span", "mark", "a"}
    assert shown.tags <= own
    everywhere = Pointer.to(article.id, 0, len(HOSTILE), HOSTILE, [(n, n + 1) for n in range(0, 40, 2)])
    torn = Shown(article_html(own_index, str(everywhere)))
    assert torn.text["mark"] == HOSTILE
    assert torn.tags <= own | {"strong"}


def test_a_long_article_is_shown_around_its_quote(own_index: Index) -> None:
    article = row(own_index, "long.txt")
    text, quote = text_of(own_index, article.id), "This is sentence 2000."
    start = text.index(quote)
    shown = Shown(article_html(own_index, str(Pointer.to(article.id, start, start + len(quote), quote))))
    window = text[start - WINDOW_CHARACTERS : start + len(quote) + WINDOW_CHARACTERS]
    assert window in shown.text["section"]
    assert f"{start - WINDOW_CHARACTERS:,} characters before this are not shown." in shown.text["p"]
    assert len(shown.text["section"]) < len(window) + 1_000


def test_the_heading_names_the_page_of_the_quote(own_index: Index) -> None:
    article, quote = row(own_index, "report.pdf"), "The second page."
    start = text_of(own_index, article.id).index(quote)
    shown = Shown(article_html(own_index, str(Pointer.to(article.id, start, start + len(quote), quote))))
    assert (shown.text["h2"], shown.text["mark"]) == ("own/report.pdf, p. 2", quote)
    assert Shown(article_html(own_index, str(Pointer.to(article.id)))).text["h2"] == "own/report.pdf"


def test_every_opening_differs_so_that_a_second_press_is_noticed() -> None:
    assert nothing_html() != nothing_html()
