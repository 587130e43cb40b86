"""Web pages: the article of a page by trafilatura, without menus, banners, scripts and comments.

What the page states of itself is taken from JSON-LD, then from meta tags, then from the page as people see it; the
date that only stands in the page is looked for by htmldate, which is told to guess nothing.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from index.metadata import Field
from index.read_text import decode
from index.reading import PARAGRAPH, Reading, Unreadable, extracted, storable

META_TAGS = {
    "title": ("og:title", "citation_title", "dc.title", "twitter:title"),
    "publisher": ("og:site_name", "citation_publisher", "dc.publisher", "publisher"),
    "author": ("author", "article:author", "citation_author", "dc.creator", "parsely-author", "byl"),
    "published": (
        "article:published_time", "citation_publication_date", "dc.date.issued", "dc.date", "parsely-pub-date",
        "pubdate", "publishdate", "date",
    ),
    "language": ("og:locale", "dc.language", "content-language", "language"),
}  # fmt: skip
"""Names and properties of meta tags that state a particular, the surest first."""

META_KEYS = ("property", "name", "itemprop", "http-equiv")
"""Attributes by which a meta tag says what it is about."""

ARTICLE_TYPE = re.compile(r"\w*(?:Article|Posting|Report)")
"""Types of schema.org that are an article: NewsArticle, BlogPosting, Report ..."""

MAX_JSON_LD = 1_000_000
"""Characters of one script; a page's own description has a few thousand."""

NAMED_FURNITURE = (
    "//nav | //footer | //dialog | //*[@role='navigation'] | //*[@role='contentinfo'] | //*[(@role='dialog' or"
    " contains(@id, 'cookie') or contains(@class, 'cookie') or contains(@id, 'consent') or contains(@class, 'consent'))"
    " and not(self::html or self::body or descendant-or-self::article or descendant::main or descendant::h1)]"
)
"""What a page itself names as no article; of a short article trafilatura would take it in."""

SHORT_ARTICLE = 1_000
"""Characters; up to here trafilatura is asked a second time, to be content with a short article."""

BLOCKS = {"p", "head", "item", "quote", "code", "row", "list", "table", "ab", "div", "lb"}
"""Elements of what trafilatura returns that begin a paragraph of their own."""

CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s*([\w:.-]+)", re.IGNORECASE)


def read_html(data: bytes) -> Reading:
    """The article of a page as paragraphs; the cells of a table's row stand on one line, a tab between them."""
    return read_page(*_decoded(data))


def read_page(page: str, notes: tuple[str, ...] = ()) -> Reading:
    """The article of a page that is decoded already."""
    tree = _parsed(storable(page))
    fields = [*_json_ld(tree), Field("language", tree.get("lang"), "html: lang"), *_meta_tags(tree), *_seen(tree)]
    return extracted(_article(tree), fields, notes=notes)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The page by its byte order mark or the encoding that it names, else as any text."""
    named = CHARSET.search(data[:4096])
    if named and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        # browsers read all three as cp1252, so that is what pages mean by them
        name = named[1].decode("ascii", "replace").lower()
        name = "cp1252" if name in ("iso-8859-1", "latin1", "us-ascii") else name
        try:
            return codecs.decode(data, name), ()
        except (LookupError, ValueError, TypeError):
            pass
    return decode(data)


def _parsed(page: str) -> Any:
    """The root element. Raises Unreadable where the parser gives up, which would lose the rest of the page."""
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise Unreadable("it holds no words") from error
    if any("depth" in entry.message for entry in parser.error_log):
        raise Unreadable("its elements are nested too deeply")
    return tree


def _article(tree: Any) -> str:
    """The text of the article; where trafilatura finds none, all that the page says."""
    for element in tree.xpath(NAMED_FURNITURE):
        if element.getparent() is not None:
            element.drop_tree()
    usual = _extraction(tree)
    if len(usual) < SHORT_ARTICLE:
        sparing = _extraction(tree, "1")
        usual = sparing if 2 * len(sparing) >= len(usual) else usual
    return usual or _all_text(tree)


def _extraction(tree: Any, least: str | None = None) -> str:
    """What trafilatura takes for the article; under its ``least`` number of characters it takes in all paragraphs."""
    from trafilatura import bare_extraction
    from trafilatura.settings import use_config

    settings = use_config()
    if least:
        settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", least)
        settings.set("DEFAULT", "MIN_OUTPUT_SIZE", least)
    found = bare_extraction(tree, include_comments=False, include_tables=True, config=settings)
    body = getattr(found, "body", None)
    return PARAGRAPH.join(_paragraphs(body)) if body is not None else ""


def _paragraphs(body: Any) -> Iterator[str]:
    """The blocks of an article in order, each on one line."""
    line: list[str] = []
    for what, words in _pieces(body):
        if what == "border":
            yield from _line("".join(line))
            line = []
        else:
            line.append(words)
    yield from _line("".join(line))


def _pieces(body: Any) -> Iterator[tuple[str, str]]:
    """Words, and the borders between paragraphs, without descending: a page can be nested deeper than Python."""
    from lxml import etree

    for event, element in etree.iterwalk(body, events=("start", "end")):
        border = element.tag in BLOCKS
        if border:
            yield "border", ""
        if event == "start":
            yield "words", element.text or ""
        else:
            yield "words", "\t" if element.tag == "cell" else ""
            yield "words", (element.tail or "") if element is not body else ""


def _line(words: str) -> Iterator[str]:
    cells = [" ".join(cell.split()) for cell in storable(words).split("\t")]
    kept = "\t".join(cell for cell in cells if cell)
    if kept:
        yield kept


def _all_text(tree: Any) -> str:
    for element in tree.xpath("//script | //style | //noscript | //template | //head | //title"):
        if element.getparent() is not None:
            element.drop_tree()
    return PARAGRAPH.join(line for words in tree.itertext() for line in _line(words.replace("\t", " ")))


def _json_ld(tree: Any) -> Iterator[Field]:
    for script in tree.xpath('//script[contains(@type, "ld+json")]'):
        try:
            described = json.loads((script.text or "")[:MAX_JSON_LD], strict=False)
        except (ValueError, RecursionError):
            continue
        for thing in _things(described):
            if any(ARTICLE_TYPE.fullmatch(kind) for kind in _strings(thing.get("@type"))):
                yield from _stated(thing)


def _stated(article: Mapping[str, Any]) -> Iterator[Field]:
    yield Field("title", _plain(article.get("headline")), "JSON-LD: headline")
    yield Field("publisher", _names(article.get("publisher")), "JSON-LD: publisher")
    yield Field("author", _names(article.get("author")), "JSON-LD: author")
    yield Field("published", article.get("datePublished"), "JSON-LD: datePublished")
    yield Field("language", _names(article.get("inLanguage")), "JSON-LD: inLanguage")


def _things(described: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a description that stand at its top or in its graph."""
    for thing in described if isinstance(described, list) else [described]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (one for one in graph if isinstance(one, dict)) if isinstance(graph, list) else ()


def _names(value: Any) -> str | None:
    """``Ann Lee, Bo Ek`` for persons and organisations given as words, as objects, or as a list of them."""
    people = value if isinstance(value, list) else [value]
    names = [_plain(one.get("name") if isinstance(one, dict) else one) for one in people[:20]]
    return ", ".join(name for name in names if name) or None


def _strings(value: Any) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _plain(value: Any) -> str | None:
    """Words without markup; an address is no name."""
    if not isinstance(value, str) or re.match(r"\s*https?://", value):
        return None
    return " ".join(storable(re.sub(r"<[^<>]{0,200}>", " ", unescape(value))).split()) or None


def _meta_tags(tree: Any) -> Iterator[Field]:
    stated: dict[str, str] = {}
    for tag in tree.xpath("//meta[@content]"):
        name = next((name for key in META_KEYS if (name := (tag.get(key) or "").strip().lower())), "")
        words = _plain(tag.get("content"))
        if words:
            stated.setdefault(name, words)
    for particular, names in META_TAGS.items():
        for name in names:
            yield Field(particular, stated.get(name), f"meta: {name}")


def _seen(tree: Any) -> Iterator[Field]:
    """What people see: the heading that the window is named for, else the one main heading, the name of the window, and
    the date that is shown.
    """
    from htmldate import find_date

    window = next((_plain(title.text_content()) for title in tree.xpath("//head/title")), None)
    headings = [(heading.tag, _plain(heading.text_content())) for heading in tree.xpath("//h1 | //h2")]
    for tag, words in headings:
        if words and re.match(rf"{re.escape(words)}(?: ?[|–—·:»-] |$)", window or ""):  # "River rises | The Post"
            yield Field("title", words, f"heading: {tag}")
    main = [words for tag, words in headings if tag == "h1"]
    if len(main) == 1:
        yield Field("title", main[0], "heading: h1")
    yield Field("title", window, "title of the page")
    date = find_date(tree, extensive_search=False, original_date=True)
    yield Field("published", date, f"htmldate: {date}")
