"""Initials that no sentence holds are read as the name whose words begin with them, where there is one."""

from collections.abc import Callable

import pytest

from index.opened import Index
from rag import ask
from rag.initials import asked_in_full
from rag.passages import find
from rag.question import read_question

LETTER = """President Andrés Manuel López Obrador, in power since 2018, wrote a letter to Beijing about the shipments.

The Center for Disease Control filmed a crocodile for its warning. Doctors without a border came, too. The letter of
Andres Manuel Lopez
Obrador was read aloud."""

RIVALS = "The Green River Board raised the toll. The Grand Railway Bank lent the money for the toll house."

CHOIR = "Forty children sang a psalm in the church."


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When did AMLO come to power?", "When did Andrés Manuel López Obrador come to power?"),
        ("What is in AMLO’s letter?", "What is in Andrés Manuel López Obrador’s letter?"),
        ("Which animal did the CDC film?", "Which animal did the Center for Disease Control film?"),
        ("Which animal did AMLO and the CDC film?", "Which animal did Andrés Manuel López Obrador and the Center for "
         "Disease Control film?"),
        ("What did the DWB film?", None),  # "Doctors without a border" is no name
        ("What did the FBI film?", None),
        ("Who raised the toll of the GRB?", None),  # two names
        ("What did AM write in the letter?", None),  # too short
        ("Who wrote the letter?", None),
    ],
)  # fmt: skip
def test_initials_give_way_to_the_one_name_that_begins_with_them(
    question: str, asked: str | None, made: Callable[..., Index]
) -> None:
    index = made(letter=LETTER, rivals=RIVALS, choir=CHOIR)
    read = read_question(question, index)
    assert asked_in_full(read, find(read, index, 8).passages, index) == asked


def test_initials_that_the_documents_hold_are_left_alone(made: Callable[..., Index]) -> None:
    index = made(letter=f"{LETTER} AMLO was pleased.", choir=CHOIR)
    read = read_question("When did AMLO come to power?", index)
    assert asked_in_full(read, find(read, index, 8).passages, index) is None


def test_an_answer_says_that_the_name_in_full_was_asked_about(made: Callable[..., Index]) -> None:
    answer = ask("Since when is AMLO in power?", made(letter=LETTER, choir=CHOIR))
    assert answer.searched == "Since when is Andrés Manuel López Obrador in power?"
    assert "in power since 2018" in answer.citations[0].quote
    assert answer.skipped == (
        "names: No sentence in the documents mentions AMLO. The name with these initials was asked about.",
    )


def test_initials_without_a_name_stay_the_reason_of_a_refusal(made: Callable[..., Index]) -> None:
    answer = ask("What did the FBI write to Beijing about the shipments?", made(letter=LETTER, choir=CHOIR))
    assert answer.refused
    assert answer.text.endswith("No sentence in them mentions FBI.")
