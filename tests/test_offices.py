"""Somebody whom a transcript calls by their office alone is asked for by the office; any other name stays missed."""

from collections.abc import Callable

import pytest

from index.opened import Index
from rag import ask
from rag.offices import asked_of_office
from rag.passages import find
from rag.question import read_question

SPEECH = """THE PRESIDENT: We will rebuild the old bridge over the river within two years.

(Applause.)

THE PRESIDENT: The harbour gets forty million dollars for a new pier. A former president, Lincoln, was born here.

SECRETARY OLSEN: The pier will be made of oak."""

NEWS = "The president spoke of the old bridge over the river. President Holt wants to rebuild it within two years."

CHOIR = "Forty children sang a psalm in the church."


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What will President Biden rebuild?", "What will the President rebuild?"),
        ("How much is in President Biden’s plan?", "How much is in the President’s plan?"),
        ("What did President Joe Biden say of the pier?", "What did the President say of the pier?"),
        ("When is it rebuilt, according to President Biden?", "When is it rebuilt, according to the President?"),
        ("What will Biden rebuild?", None),  # no office
        ("What will President Lincoln rebuild?", None),  # a name that the speech holds
        ("What will Mayor Biden rebuild?", None),  # an office that does not speak
        ("What will Secretary Biden rebuild?", None),  # one that speaks under a name
        ("What will the President rebuild?", None),
    ],
)  # fmt: skip
def test_a_name_that_the_documents_lack_gives_way_to_the_office_that_speaks(
    question: str, asked: str | None, made: Callable[..., Index]
) -> None:
    index = made(speech=SPEECH, choir=CHOIR)
    read = read_question(question, index)
    assert asked_of_office(read, find(read, index, 8).passages, index) == asked


@pytest.mark.parametrize("text", [NEWS, SPEECH.replace("THE PRESIDENT: The harbour", "The harbour")])
def test_where_no_transcript_calls_a_speaker_so_the_name_is_missed(text: str, made: Callable[..., Index]) -> None:
    answer = ask("What will President Macron rebuild over the river?", made(text=text, choir=CHOIR))
    assert answer.refused
    assert answer.text.endswith("No sentence in them mentions Macron.")


def test_an_answer_says_which_name_no_document_mentions_and_how_it_was_asked(made: Callable[..., Index]) -> None:
    answer = ask("Within how many years will President Biden rebuild the bridge?", made(speech=SPEECH, choir=CHOIR))
    assert answer.question == "Within how many years will President Biden rebuild the bridge?"
    assert answer.searched == "Within how many years will the President rebuild the bridge?"
    assert answer.citations[0].quote.endswith("We will rebuild the old bridge over the river within two years.")
    assert answer.skipped == (
        "names: No sentence in the documents mentions Biden. Whoever holds the office there was asked about.",
    )


def test_nothing_found_leaves_the_question_as_it_is(made: Callable[..., Index]) -> None:
    index = made(speech=SPEECH)
    assert asked_of_office(read_question("What will President Biden rebuild?", index), [], index) is None
