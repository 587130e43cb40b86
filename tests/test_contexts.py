"""The sentence that a quote leans on: which one it is, that it is needed, and that it stands where it says.

``contexts.jsonl`` was written before the rules. They were made with the half "tuned" in view and then held against the
half "held out".
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.sentences import Sentence, split_sentences
from rag import ask
from rag.citations import InexactQuote
from rag.contexts import context_of
from rag.evaluate import Outcome
from rag.speakers import speaker_of
from tests.test_citations import as_written
from tests.test_speakers import place_of

ROOT = Path(__file__).resolve().parent.parent
LINES = (ROOT / "tests" / "contexts.jsonl").read_text("utf-8").splitlines()
CASES: list[dict[str, Any]] = [json.loads(line) for line in LINES]


def found(text: str, beginning: str) -> str | None:
    """The context of the sentence that begins so."""
    sentences = split_sentences(text)
    place = place_of(text, sentences, beginning)
    known = speaker_of(text, sentences, place) is not None
    context = context_of(text, sentences, place, speaker_known=known)
    return text[context.start : context.end] if context else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_sentence_has_the_context_that_a_reader_needs(case: dict[str, Any]) -> None:
    context = found(case["text"], case["sentence"])
    assert (context is None) == (case["context"] is None), context
    assert context is None or context.startswith(case["context"])


def test_the_labelled_sentences_are_of_both_kinds_in_two_halves() -> None:
    for half in ("tuned", "held out"):
        contexts = [case["context"] for case in CASES if case["half"] == half]
        assert (len(contexts), contexts.count(None)) == (16, 6)


@pytest.mark.parametrize(
    ("text", "beginning", "context"),
    [
        # whom "she" stands for is shown before the quote
        ("Jane Holt opened the dam. She said it was safe.", "She said", None),
        ("Jane Holt opened the dam. Last week she told reporters it was safe.", "Last week", None),
        ("A woman waved. Nobody knew why. “I was late,” she said.", "“I was", "A woman waved."),
        # a sentence with what the pronoun may stand for, before one that has none
        (
            "The company, Dunmore Coatings, knew of it; I attach the memo. It denies that its plant is the source.",
            "It denies",
            "The company, Dunmore Coatings, knew of it;",
        ),
        (
            "Jurors acquitted Beatrice Kunzli. The jury sat for a day. “It was smoke,” her lawyer, Urs Holt, said.",
            "“It was smoke",
            "Jurors acquitted Beatrice Kunzli.",
        ),
        (
            "Jurors acquitted Beatrice Kunzli. The jury sat for a day. “The case was smoke,” her lawyer said.",
            "“The case",
            "Jurors acquitted Beatrice Kunzli.",
        ),
        ("Jane Holt runs a mill. The wheel is old. She feeds ninety goats.", "She feeds", "Jane Holt runs a mill."),
        ("Paul Villa runs a shop. Tom Holt sent him a lamp. He sells rugs.", "He sells", "Paul Villa runs a shop."),
        ("The bank lost a claim. The wheel is old. It agreed to pay.", "It agreed", "The bank lost a claim."),
        ("The wheel is old. It agreed to pay.", "It agreed", "The wheel is old."),
        # nothing before a quotation has what its "it" may stand for
        ("Shares cost £50 each. “It was never about money,” said Jane Holt.", "“It was", None),
        ("The farm is new. Shares cost £50. “It was never about money,” said Jane Holt.", "“It was", None),
        ('Shares cost £50 each. "It was never about money," said Jane Holt.', '"It was', None),
        ("The council shut the pool. “It was a mistake,” said Jane Holt.", "“It was", "The council shut the pool."),
        ("Shares cost £50 each. It was never about money.", "It was", "Shares cost £50 each."),
        # the words of a quotation lean, too
        ("“The dam is old,” Jane Holt said. “That is why we rest.”", "“That is", "“The dam is old,” Jane Holt said."),
        # not a heading, and not a caption
        ("The dam is old.\n\nPhoto by A. Olsen\n\nIt was built of stone in 1931.", "It was built", "The dam is old."),
        # nothing stands before it
        ("It was built of stone in 1931.", "It was built", None),
        # further back than three sentences nothing is looked for: the one before has to do
        ("Jane Holt won. She ran. She hid. She sang. She slept.", "She slept", "She sang."),
        # an "it" and a "that" that stand for nothing
        ("The dam is old. It seems that nobody cares.", "It seems", None),
        ("The dam is old. It takes a day to walk around it.", "It takes", None),
        ("The dam is old. On Monday it rained.", "On Monday", None),
        ("The dam is old. This article was corrected.", "This article", None),
        ("The dam is old. Neither Holt nor Olsen knew.", "Neither", None),
        ("Two men came. Neither spoke to the guard.", "Neither", "Two men came."),
        # the referent stands in the sentence
        ("The dam is old. Jane Holt brought her dog.", "Jane Holt", None),
        ("The dam is old. The teacher brought her dog.", "The teacher", None),
        ("Jane Holt moved. In Turin she met the king.", "In Turin", "Jane Holt moved."),
    ],
)
def test_what_a_sentence_leans_on(text: str, beginning: str, context: str | None) -> None:
    assert found(text, beginning) == context


def test_every_context_of_every_golden_answer_stands_in_the_file_at_its_place(
    golden_outcomes: Sequence[Outcome],
) -> None:
    shown = 0
    for answer in (outcome.answer for outcome in golden_outcomes):
        for statement in answer.statements:
            citation = answer.citations[statement.citation - 1]
            text = as_written(ROOT / "seeds" / citation.document)
            assert text[statement.context_start : statement.context_end] == statement.context
            assert statement.context_end <= citation.start
            shown += bool(statement.context)
    assert shown >= 5


def test_a_context_that_does_not_stand_before_its_quote_never_leaves(
    articles: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(articles(mill="The mill by the river is old. Its wheel turns."), tmp_path / "index")
    monkeypatch.setattr("rag.answer.context_of", lambda *_, **__: Sentence(30, 46, 0))
    with pytest.raises(InexactQuote) as error:
        ask("How old is the mill by the river?", open_index(tmp_path / "index"))
    assert str(error.value) == "the context of footnote 1 does not stand at 30-46"


@pytest.mark.parametrize(
    "unit",
    ["A", "Aa ", "“he ", "“it him ", "the ", "it ", "It is a ", "It takes a ", "both a ", "of them ", "in Aa ", "’ "],
)
def test_text_that_would_take_a_careless_pattern_minutes_is_read(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    context_of(text, [Sentence(0, len(text), 0), Sentence(0, len(text), 1)], 1)
