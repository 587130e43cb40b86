"""Web pages become their article and what they state of themselves, without furniture and without markup."""

import json
import re
from collections import Counter

import pytest

from index.metadata import Metadata
from index.read_html import read_html
from index.reading import Unreadable

PARAGRAPHS = (
    "The river rose by two metres on Friday night, and the fire brigade carried forty people out of their homes.",
    "Mayor Ann Lee said that nobody was hurt. “We were lucky,” she told reporters in the town hall on Saturday.",
    "The last flood of this height was in 1997, when the old bridge at the mill was swept away within an hour.",
    "Engineers of the water board will look at the dam on Monday; a second wall has been promised since 2011.",
)
DESCRIBED = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "Somewhere else"},
        {
            "@type": "NewsArticle",
            "headline": "River rises &amp; falls",
            "datePublished": "2023-04-14T06:30:00+02:00",
            "author": [{"@type": "Person", "name": "Bo Ek"}, {"@type": "Person", "name": "Cy Dee"}],
            "publisher": {"@type": "Organization", "name": "The Valley Post"},
        },
    ],
}
FURNITURE = (
    "Homepage Politics Business Sports Lifestyle Horoscopes",
    "We and our 812 partners store cookies on your device to personalise advertising. Accept everything Reject",
    "alert jquery trackPageview",
    "Subscribe to the newsletter of our kitchen team",
    "Trending: Celebrity couple spotted shopping for yachts",
    "bargainhunter99 wrote: First! These politicians are all the same, wake up sheeple",
    "Imprint Privacy Careers Advertise",
)
SAVED = f"""<!DOCTYPE html>
<!-- saved from url=(0034)https://valleypost.example/river -->
<html lang="en"><head><meta charset="utf-8"><title>River rises and falls | The Valley Post</title>
<meta property="og:site_name" content="Valley Post Online"><meta property="og:title" content="River rises">
<style>.menu {{ color: red }}</style>
<script type="application/ld+json">{json.dumps(DESCRIBED)}</script>
<script>{FURNITURE[2]}('x')</script></head>
<body><div id="cookie-banner" role="dialog"><p>{FURNITURE[1]}</p></div>
<header><nav>{"".join(f"<a href='/{word}'>{word}</a>" for word in FURNITURE[0].split())}</nav></header>
<main><article><h1>River rises &amp; falls</h1><p class="byline">By Bo Ek and Cy Dee</p>
<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p>
<div class="newsletter-signup"><form><label>{FURNITURE[3]}</label><input><button>OK</button></form></div>
<p>{PARAGRAPHS[2]}</p><p>{PARAGRAPHS[3]}</p></article>
<aside class="sidebar"><h3><a href="/y">{FURNITURE[4]}</a></h3></aside></main>
<section id="comments" class="comments"><div class="comment"><p>{FURNITURE[5]}</p></div></section>
<footer>{" ".join(f"<a href='/{word}'>{word}</a>" for word in FURNITURE[6].split())}</footer>
<noscript>Please enable JavaScript</noscript></body></html>"""

BLOG = f"""<html><head><title>My river</title><meta name="author" content="Dee Fox"></head><body>
<div class="topbar"><a href="/">Homepage</a> <a href="/about">Imprint</a></div>
<div class="post-content"><h1>My river</h1><p>{PARAGRAPHS[0]}<br>{PARAGRAPHS[1]}</p>
<blockquote><p>{PARAGRAPHS[2]}</p></blockquote><ul><li>{PARAGRAPHS[3]}</li></ul></div>
<div class="share-buttons"><a href="#">Lifestyle</a></div>
<div id="cookie-notice">{FURNITURE[1]}</div></body></html>"""

PASTED = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


SHORT = f"""<html><head><title>x</title></head><body><nav><a href="/">Homepage</a></nav><header><p>Politics</p></header>
<div class="banner"><p>{FURNITURE[1]}</p></div><article><p>{PARAGRAPHS[0]}</p></article>
<div class="comments"><p>{FURNITURE[5]}</p></div><aside><a href="/y">{FURNITURE[4]}</a></aside></body></html>"""


def test_the_furniture_of_a_short_article_is_left_out_too() -> None:
    assert read_html(SHORT.encode()).text == PARAGRAPHS[0]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def share(wanted: str, text: str) -> float:
    """How much of the words of ``wanted`` is in the text."""
    there, all_wanted = words(text), words(wanted)
    return sum((there & all_wanted).values()) / sum(all_wanted.values())


@pytest.mark.parametrize("page", [SAVED, BLOG, PASTED], ids=["saved page", "blog", "pasted"])
def test_the_article_is_kept_and_the_furniture_left_out(page: str) -> None:
    text = read_html(page.encode()).text
    article = " ".join(PARAGRAPHS)
    only_furniture = " ".join((words(" ".join(FURNITURE)) - words(article + " River rises My By Bo Ek")).keys())
    assert share(article, text) >= 0.95
    assert 1 - share(only_furniture, text) >= 0.95


def test_the_text_of_a_saved_page_is_its_paragraphs_and_what_it_states_is_known() -> None:
    reading = read_html(SAVED.encode())
    assert reading.text.endswith("\n\n".join(PARAGRAPHS))
    assert reading.metadata.sources == {
        "title": "JSON-LD: headline",
        "publisher": "JSON-LD: publisher",
        "author": "JSON-LD: author",
        "published": "JSON-LD: datePublished",
        "language": "html: lang",
    }
    known = reading.metadata
    assert (known.title, known.publisher, known.author, known.published, known.language) == (
        "River rises & falls", "The Valley Post", "Bo Ek, Cy Dee", "2023-04-14", "en",
    )  # fmt: skip
    assert known.title_span == (0, len("River rises & falls"))


def page(head: str, body: str = PASTED) -> bytes:
    return f"<html><head>{head}</head><body><article>{body}</article></body></html>".encode()


@pytest.mark.parametrize(
    ("head", "body", "particular", "value", "source"),
    [
        ('<meta property="og:locale" content="de_AT">', "", "language", "de", "meta: og:locale"),
        ('<meta http-equiv="Content-Language" content="it">', "", "language", "it", "meta: content-language"),
        ('<meta name="language" content="C">', "", "language", None, None),
        ('<meta property="og:site_name" content="The Post">', "", "publisher", "The Post", "meta: og:site_name"),
        ('<meta name="Author" content=" Ann  Lee ">', "", "author", "Ann Lee", "meta: author"),
        ('<meta property="article:author" content="https://face.example/ann">', "", "author", None, None),
        ('<meta property="og:title" content="Rise &lt;b&gt;up&lt;/b&gt;">', "", "title", "Rise up", "meta: og:title"),
        ("<title>Of the window</title>", "", "title", "Of the window", "title of the page"),
        ("<title>Of the window</title>", "<h1>Of the page</h1>", "title", "Of the page", "heading: h1"),
        (
            "<title>River rises | The Post</title>", "<h1>The Post</h1><h2>River rises</h2><h2>River</h2>", "title",
            "River rises", "heading: h2",
        ),
        (
            "<title>River rises – The Post</title>", "<h1>River rises</h1><h1>Sport</h1>", "title",
            "River rises", "heading: h1",
        ),
        (
            '<meta property="article:published_time" content="2023-04-14T23:00:00-05:00">', "", "published",
            "2023-04-14", "meta: article:published_time",
        ),
        ("", '<time datetime="2022-09-01">1 September</time>', "published", "2022-09-01", "htmldate: 2022-09-01"),
        ("", "<p>© 2019</p>", "published", None, None),
        ('<script type="application/ld+json">{"@type": "NewsArticle", </script>', "", "title", None, None),
        ('<script type="application/ld+json">' + "[" * 5000 + "</script>", "", "title", None, None),
        ('<script type="application/ld+json">[1, {"@type": 5, "headline": "x"}]</script>', "", "title", None, None),
        (
            '<script type="application/ld+json">{"@type": "Article", "author": {"name": [1]}}</script>', "", "author",
            None, None,
        ),
    ],
)  # fmt: skip
def test_each_particular_says_where_it_was_taken_from(
    head: str, body: str, particular: str, value: str | None, source: str | None
) -> None:
    metadata = read_html(page(head, body + PASTED)).metadata
    assert (getattr(metadata, particular), metadata.sources.get(particular)) == (value, source)


def test_a_page_that_states_nothing_is_not_guessed_about() -> None:
    assert read_html(page("")).metadata == Metadata()


def test_the_rows_of_a_table_are_lines_without_markup() -> None:
    table = "<table><tr><th>Place</th><th>Metres</th></tr><tr><td>Leeds</td><td>4.2</td></tr></table>"
    assert read_html(page("", PASTED + table)).text.endswith("Place\tMetres\n\nLeeds\t4.2")


def test_letters_written_as_entities_are_letters_and_unseen_ones_are_left_out() -> None:
    odd = "Caf&eacute;s&nbsp;in Z&uuml;rich sell &lt;b&gt;bread&lt;/b&gt; &amp; Bun&shy;des&#0;tag &#xD800; 🌊."
    last = read_html(page("", f"{PASTED}<p>{odd}</p>")).text.rsplit("\n\n", 1)[1]
    assert last.startswith("Cafés in Zürich sell <b>bread</b> & Bundes")
    assert last.encode().decode() == last
    assert "\xad" not in last


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("ISO-8859-1", "cp1252"), ("windows-1251", "cp1251"), ("utf-8", "utf-8"), ("x-no", "utf-8")],
)
def test_the_charset_that_a_page_names_is_the_one_it_is_read_in(charset: str, encoding: str) -> None:
    extra = "Река поднялась." if encoding == "cp1251" else "L’été à Zürich — 4 €."
    head = f'<meta http-equiv="x" content="text/html; charset={charset}">'
    data = page(head, f"{PASTED}<p>{extra}</p>").decode().replace("“", "").replace("”", "")
    assert extra in read_html(data.encode(encoding)).text


@pytest.mark.parametrize("body", ["", "<script>alert(1)</script><style>p{}</style>", "<!-- a -->"])
def test_a_page_without_words_has_no_text(body: str) -> None:
    assert read_html(f"<html><body>{body}</body></html>".encode()).text == ""


def test_a_comment_alone_is_no_page() -> None:
    with pytest.raises(Unreadable, match=r"^it holds no words$"):
        read_html(b"<!-- a -->")


def test_five_megabytes_of_nested_elements_are_a_reason() -> None:
    with pytest.raises(Unreadable) as caught:
        read_html(b"<div>" * 1_000_000 + PARAGRAPHS[0].encode())
    assert str(caught.value) == "its elements are nested too deeply"
