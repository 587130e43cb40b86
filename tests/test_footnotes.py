"""Answers as Markdown: what a footnote carries, and that a document's words stay words."""

import hashlib
from typing import Any

import pytest

from app.footnotes import (
    Pointer,
    answer_to_markdown,
    copies_line,
    escape_markdown,
    escape_marked,
    link,
    one_report_twice,
    pieces,
    shorten,
)
from app.templates import render
from rag.answer import Answer, Statement
from rag.citations import Citation
from rag.passages import Passage

LATIN_POST: dict[str, Any] = {
    "document": "a.txt",
    "title": "A Deal on Guns",
    "publisher": "Latin Post",
    "author": None,
    "published": "2023-04-14",
    "folder": "seeds",
    "document_id": 4,
}
UNKNOWN: dict[str, Any] = {
    "document": "b_2.txt",
    "title": None,
    "publisher": None,
    "author": None,
    "published": None,
    "folder": "seeds",
    "document_id": 5,
}


def answer(*statements: Statement, citations: tuple[Citation, ...] = (), **changed: Any) -> Answer:
    values: dict[str, Any] = {
        "question": "?",
        "searched": "?",
        "text": "",
        "citations": citations,
        "refused": False,
        "confidence": 0.9,
        "passages": (),
        "generator": None,
        "generation": "000012",
        "timings_ms": {"all": 12.4},
        "skipped": (),
        "reports": len({citation.document_id for citation in citations}),
        "statements": statements,
    }
    return Answer(**(values | changed))


def eight(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def test_a_pointer_reads_back_what_it_writes() -> None:
    pointer = Pointer.to(12, 1266, 1270, "test")
    assert str(pointer) == "src-12-1266-1270-9f86d081"
    assert Pointer.parse(str(pointer)) == pointer


def test_a_pointer_carries_the_words_that_answer() -> None:
    pointer = Pointer.to(12, 1266, 1270, "test", [(0, 1), (2, 4)])
    assert str(pointer) == "src-12-1266-1270-9f86d081-0.1,2.4"
    assert Pointer.parse(str(pointer)) == pointer


def test_a_pointer_to_a_whole_document_matches_any_text() -> None:
    pointer = Pointer.to(12)
    assert pointer.is_whole_document
    assert pointer.matches("")
    assert pointer.matches("anything")


@pytest.mark.parametrize(
    "reference",
    [
        None,
        7,
        ["src-1-0-4-9f86d081"],
        {"reference": "src-1-0-4-9f86d081"},
        "",
        "src-1-0-4",
        "src-1-0-4-9F86D081",
        "src-1-0-4-9f86d081\n",
        " src-1-0-4-9f86d081",
        "#src-1-0-4-9f86d081",
        "src--1-0-4-9f86d081",
        "src-1-5-4-9f86d081",
        "src-١-0-4-9f86d081",
        "src-9223372036854775808-0-4-9f86d081",
        "src-1-0-9999999999999-9f86d081",
        "src-1-0-4-9f86d081' OR 1=1",
        "src-" + "9" * 100_000,
        "src-1-0-4-9f86d081-",
        "src-1-0-4-9f86d081-0.5",
        "src-1-0-4-9f86d081-2.2",
        "src-1-0-4-9f86d081-3.1",
        "src-1-0-4-9f86d081-2.3,0.1",
        "src-1-0-4-9f86d081-0.1,",
        "src-1-0-4-9f86d081-٠.1",
        "src-1-0-9999999-9f86d081-" + ",".join(f"{n}.{n + 1}" for n in range(0, 60, 2)),
    ],
)
def test_nothing_else_is_a_pointer(reference: object) -> None:
    assert Pointer.parse(reference) is None


def test_a_pointer_matches_only_the_words_it_was_made_from() -> None:
    pointer = Pointer.to(1, 4, 9, "ready")
    assert pointer.matches("Not ready.")
    assert not pointer.matches("Not there yet.")
    assert not pointer.matches("Not re")  # the article became shorter
    assert not pointer.matches("Nor already.")  # and moved by two


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Plain words, with 10.5 % and U.S. in them.", "Plain words, with 10.5 % and U.S. in them."),
        ("see ref [7]", r"see ref \[7\]"),
        ("![](https://evil.example/x.png)", r"\!\[\](https\://evil.example/x.png)"),
        ("[a](javascript:alert(1))", r"\[a\](javascript:alert(1))"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("AT&T &lt;b&gt;", "AT&amp;T &amp;lt;b&amp;gt;"),
        ("*a* _b_ `c` ~d~ | e $f$", r"\*a\* \_b\_ \`c\` \~d\~ \| e \$f\$"),
        ("back\\slash", r"back\\slash"),
        ("- item", r"\- item"),
        ("+ item", r"\+ item"),
        ("1. item", r"1\. item"),
        ("12) item", r"12\) item"),
        ("334 offices", "334 offices"),
        ("# head", r"\# head"),
        ("=====", r"\====="),
        ("www.evil.example and HTTP://evil.example", r"www\.evil.example and HTTP\://evil.example"),
        ("me@evil.example", r"me\@evil.example"),
        ("    four spaces\n\n> and   lines", "four spaces &gt; and lines"),
    ],
)
def test_text_from_a_document_stays_text(text: str, markdown: str) -> None:
    assert escape_markdown(text) == markdown


@pytest.mark.parametrize(
    ("words", "marks", "cut"),
    [
        ("It rose.", [], [("It rose.", False)]),
        ("It rose.", [(0, 8)], [("It rose.", True)]),
        ("It rose.", [(0, 2), (3, 7)], [("It", True), (" ", False), ("rose", True), (".", False)]),
        ("🐐 Zu\u0308rich שלום", [(2, 9)], [("🐐 ", False), ("Zu\u0308rich", True), (" שלום", False)]),
        ("", [], []),
    ],
)
def test_words_are_cut_where_marks_are(words: str, marks: list[tuple[int, int]], cut: list[tuple[str, bool]]) -> None:
    assert pieces(words, marks) == cut


@pytest.mark.parametrize(
    ("words", "marks", "markdown"),
    [
        ("We have 334 offices.", [(8, 19)], "We have <mark>334 offices</mark>."),
        ("<b>*4*</b> goats", [(3, 6)], r"&lt;b&gt;<mark>\*4\*</mark>&lt;/b&gt; goats"),
        ("see </mark><img src=x>", [(4, 11)], "see <mark>&lt;/mark&gt;</mark>&lt;img src=x&gt;"),
        ("a\n  4   goats  \n b", [(4, 13)], "a <mark>4 goats</mark> b"),
        ("4. It rose", [(0, 1)], "<mark>4</mark>. It rose"),
        ("in http://x.example", [(3, 8)], r"in <mark>http:</mark>//x.example"),
        ("-4 and - 5", [(0, 2), (7, 10)], "<mark>-4</mark> and <mark>- 5</mark>"),
        ("It cost 2.3 million.", [(8, 19)], "It cost <mark>2.3 million</mark>."),
        ("2.3 of 4. June", [(7, 9)], r"2\.3 of <mark>4.</mark> June"),
        ("None.", [], "None."),
    ],
)
def test_marked_words_stay_text(words: str, marks: list[tuple[int, int]], markdown: str) -> None:
    assert escape_marked(words, marks, "<mark>", "</mark>") == markdown


def test_a_tooltip_cannot_end_its_link() -> None:
    assert link("1", Pointer.to(1), 'He said "no" (twice) \\') == (
        f'[1](#src-1-0-0-{eight("")} "He said &quot;no&quot; (twice) \\\\")'
    )


def test_quotes_stand_by_article_with_their_footnotes() -> None:
    first, second, third = "It costs 10 cents.", "Guns go south.", "Nobody * knows."
    markdown = answer_to_markdown(
        answer(
            Statement(text=first, citation=1, context="", speaker=None),
            Statement(text=second, citation=2, context="A deal was near.", speaker="Ebrard"),
            Statement(text=third, citation=3, context="", speaker=None),
            citations=(
                Citation(number=1, start=0, end=18, quote=first, **LATIN_POST),
                Citation(number=2, start=40, end=54, quote=second, **LATIN_POST),
                Citation(number=3, start=7, end=22, quote=third, **UNKNOWN),
            ),
        )
    )
    assert markdown == "\n".join(
        [
            rf'> It costs 10 cents. [\[1\]](#src-4-0-18-{eight(first)} "A Deal on Guns")',
            ">",
            "> *A deal was near.*\\",
            rf'> **Ebrard:** Guns go south. [\[2\]](#src-4-40-54-{eight(second)} "A Deal on Guns")',
            "",
            "**A Deal on Guns** · Latin Post · 2023-04-14",
            "",
            rf'> Nobody \* knows. [\[3\]](#src-5-7-22-{eight(third)} "seeds/b\_2.txt")',
            "",
            r"**seeds/b\_2.txt** · publisher unknown · date unknown",
            "",
            "- 12 ms · generation 000012",
        ]
    )


def test_the_words_that_answer_are_marked_in_the_quote_and_carried_by_its_footnote() -> None:
    words = "It costs <10> cents."
    citation = Citation(number=1, start=40, end=60, quote=words, marks=((49, 59),), **LATIN_POST)
    markdown = answer_to_markdown(answer(Statement(words, 1), citations=(citation,)))
    pointer = f"#src-4-40-60-{eight(words)}-9.19"
    assert f'> It costs <mark>&lt;10&gt; cents</mark>. [\\[1\\]]({pointer} "A Deal on Guns")' in markdown


def test_the_copies_of_an_article_stand_under_its_quotes_as_plain_text() -> None:
    citations = (
        Citation(number=1, start=0, end=5, quote="Guns.", copies=("news/b<b>.txt", "news/z_1.txt"), **LATIN_POST),
        Citation(number=2, start=6, end=12, quote="Money.", copies=("news/a.txt",), **LATIN_POST),
    )
    markdown = answer_to_markdown(answer(Statement("Guns.", 1), Statement("Money.", 2), citations=citations))
    assert "\n".join(
        [
            "**A Deal on Guns** · Latin Post · 2023-04-14\\",
            r"3 copies: news/a.txt, news/b&lt;b&gt;.txt, news/z\_1.txt",
            "",
            "- 12 ms",
        ]
    ) in markdown  # fmt: skip


def test_of_many_copies_the_first_are_named() -> None:
    names = [f"news/{number}.txt" for number in range(10, 23)]
    assert copies_line(names) == f"13 copies: {', '.join(names[:10])} and 3 more"
    assert (copies_line(names[:1]), copies_line([])) == ("1 copy: news/10.txt", "")


def test_the_copies_of_a_passage_are_named_in_the_list_and_escaped() -> None:
    passage = {"title": "A Deal", "location": "a.txt:0-5", "found_by": "words", "beginning": "Guns."}
    alone, named = (render("passages.html", passages=[{**passage, "copies": copies}]) for copies in ("", "1 copy: <b>"))
    assert "copy" not in alone
    assert '<p class="small">1 copy: &lt;b&gt;</p>' in named


def test_quotes_from_two_copies_are_said_to_be_one_report() -> None:
    citations = (
        Citation(number=1, start=0, end=5, quote="Guns.", **LATIN_POST),
        Citation(number=2, start=0, end=6, quote="Money.", **UNKNOWN),
    )
    statements = (Statement("Guns.", 1), Statement("Money.", 2))
    assert one_report_twice(answer(*statements, citations=citations)) == ""
    quoted = answer(*statements, citations=citations, reports=1)
    assert one_report_twice(quoted) == "Quoted from 2 documents, which are 1 independent report"
    assert "\n\n- Quoted from 2 documents, which are 1 independent report\n- 12 ms" in answer_to_markdown(quoted)


def test_the_page_of_a_quote_stands_in_its_tooltip() -> None:
    citation = Citation(number=1, start=0, end=18, quote="It costs 10 cents.", page=3, **LATIN_POST)
    markdown = answer_to_markdown(answer(Statement("It costs 10 cents.", 1), citations=(citation,)))
    assert f'(#src-4-0-18-{eight("It costs 10 cents.")} "A Deal on Guns, p. 3")' in markdown


def test_a_refusal_names_the_pages_of_the_nearest_passages() -> None:
    passage = Passage("a.pdf", 0, 5, "Guns.", 0.5, "A Deal", None, None, None, "seeds", 4, (), page=12)
    markdown = answer_to_markdown(answer(text="The documents do not say.", refused=True, passages=(passage,)))
    assert f'1. [A Deal, p. 12](#src-4-0-5-{eight("Guns.")} "A Deal, p. 12")' in markdown


def test_a_refusal_counts_the_copies_of_the_nearest_passages() -> None:
    copies = ("news/a_1.txt", "news/b.txt")
    passage = Passage("a.txt", 0, 5, "Guns.", 0.5, "A Deal", None, None, None, "seeds", 4, (), copies=copies)
    markdown = answer_to_markdown(answer(text="The documents do not say.", refused=True, passages=(passage,)))
    assert '"A Deal")\\\n   Guns.\\\n   2 copies: news/a\\_1.txt, news/b.txt\n\n' in markdown


def test_a_refusal_offers_no_footnote_and_says_what_was_not_done() -> None:
    refusal = answer(text="The documents do not say.", refused=True, skipped=("reranking: no model_x",))
    assert answer_to_markdown(refusal) == (
        "The documents do not say.\n\n- reranking: no model\\_x\n- 12 ms · generation 000012"
    )


def test_a_long_text_is_cut_between_words() -> None:
    assert shorten("one two  three\nfour", 13) == "one two …"
    assert shorten("one two  three", 13) == "one two three"
