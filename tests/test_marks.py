"""The words that answer, inside a quote: which ones, that they stand where they are said to, and when there are none.

``marks.jsonl`` was written before the rules. They were made with the half "tuned" in view and then held against the
half "held out".
"""

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from rag import ask
from rag.evaluate import Outcome
from rag.marks import marks_in
from rag.question import Question, kind_of
from tests.browser import OFFICES
from tests.test_citations import as_written

ROOT = Path(__file__).resolve().parent.parent
LINES = (ROOT / "tests" / "marks.jsonl").read_text("utf-8").splitlines()
CASES: list[dict[str, Any]] = [json.loads(line) for line in LINES]

EXACT = 0.95
"""Share of the labelled sentences of which exactly the right words are marked."""


def asked(text: str) -> Question:
    """The question, as far as marks need it."""
    return Question(text, kind_of(text), {})


def marked(question: str, sentence: str, speaker: str | None = None) -> list[str]:
    """The words that are marked."""
    return [sentence[start:end] for start, end in marks_in(asked(question), sentence, speaker)]


def test_the_words_that_answer_are_marked_and_no_others() -> None:
    wrong = [
        (case["question"], case["marks"], found)
        for case in CASES
        if (found := marked(case["question"], case["sentence"])) != case["marks"]
    ]
    assert len(wrong) <= (1 - EXACT) * len(CASES), wrong


def test_the_labelled_sentences_are_of_every_kind_in_two_halves() -> None:
    kinds = {"how many", "how much", "when", "where", "who", "said", "why", "what", "yes or no"}
    assert {kind_of(case["question"]) for case in CASES} == kinds
    for half in ("tuned", "held out"):
        marks = [case["marks"] for case in CASES if case["half"] == half]
        assert len(marks) == 25
        assert marks.count([]) >= 4


@pytest.mark.parametrize(
    ("question", "sentence", "marks"),
    [
        # two that might be meant: none
        ("When did the bridge close?", "The bridge closed in 1987 or 1999.", []),
        ("Who founded the choir?", "Anna Visser met Pieter de Groot when the choir was founded.", []),
        # a sentence about something else
        ("How many offices does the DEA have in China?", "We have 334 offices around the world.", []),
        ("When did the bridge open?", "The mill burned down in 1987.", []),
        # a follow-up: what stands in brackets was asked before, and its figure is not asked for again
        (
            "How many defendants are waiting (Mexico extradite)?",
            "Last year, Mexico extradited 24 defendants, but there are 232 defendants awaiting extradition.",
            ["232 defendants"],
        ),
        (
            "How many mills are idle (burn Norwick)?",
            "In Norwick 14 mills burned, but 9 mills stand still.",
            [],
        ),
        ("When did they close (mills Norwick open)?", "The mills of Norwick opened in 1920.", []),
        ("How many mills were there (burn Norwick)?", "In Norwick 14 mills burned, and 9 mills grind.", ["14 mills"]),
        # a number that counts other things, a year, a page
        ("How many children were in the choir?", "In the choir six teachers listened to children.", []),
        ("How many ferries ran?", "In 2019 ferries ran.", []),
        # as exact as the question
        ("Which year did the bridge open?", "The bridge opened last month.", []),
        ("Which month did the bridge open?", "The bridge opened in May.", ["May"]),
        ("Since when has the bridge been open?", "The bridge has been open since 2019.", ["since 2019"]),
        # verbs that are written like months
        ("When may we march?", "We may march.", []),
        # whom somebody met stands in too many places
        ("Who did Holt meet in Ghent?", "Holt met Anna Visser in Ghent.", []),
        # somebody else's words, and a word in quotation marks that nobody says
        ("What did Holt say about the dam?", "“The dam leaks,” Olsen said.", []),
        ("What did Holt say about the list?", "Only this year did the agency expand its “watch list.”", []),
        ("Who said that the dam leaks?", "“The dam leaks,” Olsen said.", ["Olsen"]),
        # a sentence that is said as a whole
        ("What did Holt say about the dam?", "“The dam is safe.”", []),
        # a quotation that began before, or goes on after
        ("What did Holt say about the dam?", "We checked,” Holt said.", ["We checked"]),
        ("What did Holt say about the dam?", "Holt said: “We checked.", ["We checked"]),
        ("What did Holt say about the dam?", 'Holt said "we checked" and "it is dry".', ["we checked", "it is dry"]),
        # not because
        ("Why did the dam leak?", "The dam leaked, but not because of the frost.", []),
        # letters of two code points
        ("Who painted the hall?", "The hall was painted by Le\u0301na Va\u0301c.", ["Le\u0301na Va\u0301c"]),
        ("Where was the hall built?", "👩‍👩‍👧 The hall was built in Go\u0308ttingen 🏛.", ["Go\u0308ttingen"]),
    ],
)  # fmt: skip
def test_a_mark_is_only_made_where_one_reading_is_left(question: str, sentence: str, marks: list[str]) -> None:
    assert marked(question, sentence) == marks


def test_a_speaker_shown_before_the_quote_counts_as_named() -> None:
    sentence = "Last week, he told reporters: “We do not produce it.”"
    question = "What did López Obrador say about it?"
    assert marked(question, sentence, "López Obrador") == ["We do not produce it"]
    assert marked(question, sentence, "Milgram") == marked(question, sentence) == []


def test_the_answer_to_how_many_offices_is_marked_in_the_file(golden_outcomes: Sequence[Outcome]) -> None:
    [citation] = next(one.answer.citations for one in golden_outcomes if one.answer.question == OFFICES)
    [(start, end)] = citation.marks
    assert as_written(ROOT / "seeds" / citation.document)[start:end] == "334 offices"


def test_every_mark_of_every_golden_answer_stands_inside_its_quote(golden_outcomes: Sequence[Outcome]) -> None:
    marks = 0
    for citation in (citation for outcome in golden_outcomes for citation in outcome.answer.citations):
        for start, end in citation.marks:
            assert citation.start <= start < end <= citation.end
            marks += 1
    assert marks >= 10


@pytest.mark.parametrize(
    "before", ["", "🌊🌊 ", "Zu\u0308rich. ", "\ufeff", "שלום. ", "\r\n\r\n", "𝔉lood\u2028news. ", "👩‍👩‍👧‍👦\t"]
)
def test_a_mark_counts_code_points_of_the_file_as_it_is_written(
    articles: Callable[..., Path], tmp_path: Path, before: str
) -> None:
    folder = articles(goats=f"{before}More than 1,200 goats live on the island of Zu\u0308rich 🐐.")
    build(folder, tmp_path / "index")
    answer = ask("How many goats live on the island?", open_index(tmp_path / "index"))
    [(start, end)] = answer.citations[0].marks
    assert as_written(folder / "goats.txt")[start:end] == "More than 1,200 goats"


@pytest.mark.parametrize(
    "unit", ["1", "1,", "1 ", "Aa ", "two ", "A.", "in A, ", "since ", "because ", "“", ", and ", "a\u0301"]
)
@pytest.mark.parametrize(
    "question", ["How many goats?", "How much is it?", "When?", "Where?", "Who did it?", "What did A say?", "Why?"]
)  # fmt: skip
def test_marks_of_any_text_are_in_order_and_inside_it(unit: str, question: str) -> None:
    for length in (1_990, 20_000):
        text = unit * (length // len(unit)) + " goats"
        last = -1
        for start, end in marks_in(asked(question), text):
            assert last < start < end <= len(text)
            assert not unicodedata.combining(text[end : end + 1] or " ")
            last = end


def test_of_two_sentences_the_one_that_answers_is_marked(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(
        articles(mill="The choir of the mill is well led. The choir of the mill is led by Anna Hale."),
        tmp_path / "index",
    )
    [citation] = ask("Who led the choir of the mill?", tmp_path / "index").citations
    assert citation.quote.startswith("The choir of the mill is well led")
    assert [citation.quote[start - citation.start : end - citation.start] for start, end in citation.marks] == [
        "Anna Hale"
    ]
