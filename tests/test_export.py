"""Answers to copy and conversations as files: quotes exact, notes numbered, and words of a document only words."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from app.export import conversation_csv, conversation_html, conversation_markdown, markdown, plain, with_notes
from app.settings import COOKIE, answer_as_chosen
from app.turns import Line, Note, Turn
from index import open_index
from rag import ask
from tests.browser import OFFICES

TURN = Turn(
    question="What rose?",
    text="Mayor: “The *river* rose\nby 2 m [9].” [1]\n“=1+1 <b>” [2]",
    shown="",
    asked="2026-05-01T10:00:00+00:00",
    where={"publisher": "Latin Post"},
    notes=(
        Note(
            1,
            "news/a_b.txt",
            10,
            42,
            "The *river* rose\nby 2 m [9].",
            "A *Flood*",
            "Latin Post",
            "Ann",
            "2023-04-14",
            3,
        ),
        Note(2, "news/c.txt", 0, 8, "=1+1 <b>"),
    ),
    generation="000012",
    model="all-MiniLM-L6-v2",
)
MADE = "Asked 2026-05-01T10:00:00+00:00; only publisher Latin Post; generation 000012, all-MiniLM-L6-v2, "
REFUSED = replace(TURN, text="The documents do not say.", notes=(), refused=True, where={})


def test_the_plain_answer_leaves_out_what_nothing_supports() -> None:
    written = replace(TURN, generator="qwen", written=(Line("The river rose.", 1), Line("It rained.", None)))
    assert plain(written) == f"{plain(TURN)}\n\nWritten by qwen, checked: The river rose."
    assert plain(replace(written, written=written.written[1:])) == plain(TURN)


def test_the_plain_answer_has_no_numbers_but_those_of_the_article() -> None:
    assert plain(TURN) == "Mayor: “The *river* rose\nby 2 m [9].”\n“=1+1 <b>”"
    assert plain(REFUSED) == "The documents do not say."


def test_markdown_has_a_footnote_for_each_quote() -> None:
    assert markdown(TURN) == "\n".join(
        [
            r"> Mayor: “The \*river\* rose by 2 m \[9\].” [^1]",
            ">",
            "> “=1+1 &lt;b&gt;” [^2]",
            "",
            r"[^1]: A \*Flood\*, Latin Post, Ann, 2023-04-14, p. 3, news/a\_b.txt",
            "[^2]: publisher unknown, date unknown, news/c.txt",
        ]
    )
    assert markdown(REFUSED) == "The documents do not say."


def test_the_words_that_answer_are_bold_in_markdown_and_marked_in_a_page() -> None:
    first, second = TURN.notes
    marked = replace(TURN, notes=(replace(first, marks=((30, 33), (35, 36))), replace(second, marks=((7, 8),))))
    assert markdown(marked).splitlines()[:3] == [
        r"> Mayor: “The \*river\* rose by **2 m** \[**9**\].” [^1]",
        ">",
        "> “=1+1 &lt;b&gt;” [^2]",  # before a letter "**" may be no bold
    ]
    page = lxml.html.document_fromstring(conversation_html("Rivers", [marked]))
    assert [quote.text_content() for quote in page.iter("blockquote")] == [note.quote for note in TURN.notes]
    assert [mark.text_content() for mark in page.iter("mark")] == ["2 m", "9", ">"]


def test_notes_carry_everything_a_reader_needs_to_find_the_words() -> None:
    assert with_notes(TURN) == "\n\n".join(
        [
            "What rose?",
            TURN.text,
            "[1] A *Flood*, Latin Post, Ann, 2023-04-14, p. 3, news/a_b.txt\n"
            "    “The *river* rose\nby 2 m [9].”\n    characters 10-42",
            "[2] publisher unknown, date unknown, news/c.txt\n    “=1+1 <b>”\n    characters 0-8",
            f"{MADE}no language model",
        ]
    )


def test_a_conversation_as_markdown() -> None:
    assert conversation_markdown("On # rivers", [TURN, REFUSED]) == "\n\n".join(
        [
            r"# On \# rivers",
            "## What rose?",
            r"> Mayor: “The \*river\* rose by 2 m \[9\].” [1]" "\n>\n> “=1+1 &lt;b&gt;” [2]",
            r"1. A \*Flood\*, Latin Post, Ann, 2023-04-14, p. 3, news/a\_b.txt, characters 10-42\ "[:-1]
            + "\n"
            + r"   “The \*river\* rose by 2 m \[9\].”"
            + "\n2. publisher unknown, date unknown, news/c.txt, characters 0-8\\\n   “\\=1+1 &lt;b&gt;”",
            f"*{MADE}no language model*",
            "## What rose?",
            "The documents do not say.",
            f"*{MADE.replace('only publisher Latin Post; ', '')}no language model*\n",
        ]
    )


def test_a_conversation_as_a_table_reads_back_and_runs_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO(conversation_csv("Rivers", [TURN, REFUSED]))))
    assert [(row["note"], row["quote"], row["start"], row["end"], row["document"]) for row in rows] == [
        ("1", "The *river* rose\nby 2 m [9].", "10", "42", "news/a_b.txt"),
        ("2", "'=1+1 <b>", "0", "8", "news/c.txt"),
        ("", "", "", "", ""),
    ]
    assert {(row["question"], row["generation"], row["model"]) for row in rows} == {
        ("What rose?", "000012", "all-MiniLM-L6-v2")
    }
    assert [row["filter"] for row in rows] == ["publisher Latin Post", "publisher Latin Post", ""]


def test_a_conversation_as_a_page_holds_the_exact_quotes_and_no_tag_of_theirs() -> None:
    page = lxml.html.document_fromstring(conversation_html("<script>", [TURN, REFUSED]))
    assert [quote.text_content() for quote in page.iter("blockquote")] == [note.quote for note in TURN.notes]
    assert {"script", "b"} & {element.tag for element in page.iter()} == set()


def test_a_turn_keeps_what_an_answer_says_of_its_quotes(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    answer = ask(OFFICES, index)
    turn = Turn.of(answer, index, OFFICES, {})
    assert [(note.number, note.quote, note.start, note.end) for note in turn.notes] == [
        (one.number, one.quote, one.start, one.end) for one in answer.citations
    ]
    assert (turn.text, turn.generation, turn.model) == (answer.text, answer.generation, index.manifest.model["name"])
    assert Turn.read(turn.values(), 7) == replace(turn, id=7)


@pytest.mark.parametrize("quote", ["+1", "-1", "@SUM(A1)", "\tx", "=HYPERLINK()"])
def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe(quote: str) -> None:
    turn = replace(TURN, notes=(Note(1, "a.txt", 0, 1, quote),))
    [row] = csv.DictReader(io.StringIO(conversation_csv("", [turn])))
    assert row["quote"] == f"'{quote}"


def test_what_a_file_says_of_its_quotes_is_in_the_language_of_the_page() -> None:
    answer_as_chosen({COOKIE: "es.dark.3"})
    written = replace(TURN, generator="qwen", written=(Line("It rained.", None),))
    assert with_notes(written).split("\n\n")[2:] == [
        "Escrito por qwen, comprobado: ~~It rained.~~ (no lo respaldan los documentos)",
        "[1] A *Flood*, Latin Post, Ann, 2023-04-14, p. 3, news/a_b.txt\n"
        "    “The *river* rose\nby 2 m [9].”\n    caracteres 10-42",
        "[2] medio desconocido, fecha desconocida, news/c.txt\n    “=1+1 <b>”\n    caracteres 0-8",
        "Preguntado 2026-05-01T10:00:00+00:00; solo medio Latin Post; generación 000012, all-MiniLM-L6-v2, qwen",
    ]
    assert plain(REFUSED) == "Los documentos no lo dicen."
    assert lxml.html.document_fromstring(conversation_html("Ríos", [TURN])).get("lang") == "es"
    answer_as_chosen({})
