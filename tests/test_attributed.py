"""Sixty claims that somebody makes, or nobody: whose they are by the rules, and what an answer shows of it.

``attributed.jsonl`` was written before the rules were made for it. They were made with the half "tuned" in view and
then held against the half "held out".
"""

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.opened import Index
from index.sentences import split_sentences
from rag import ask
from rag.answer import Statement
from rag.speakers import attributed_to
from tests.test_speakers import place_of

ROOT = Path(__file__).resolve().parent.parent
LINES = (ROOT / "tests" / "attributed.jsonl").read_text("utf-8").splitlines()
CASES: list[dict[str, Any]] = [json.loads(line) for line in LINES]

HELD = 0.95
"""Share of the claims that are shown with whoever makes them."""

QUOTED = 40
"""Claims that the answers to their questions quote; which sentences answer is not what is tested here."""


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """An index of the texts of the claims."""
    folder = tmp_path_factory.mktemp("claims") / "texts"
    folder.mkdir()
    for case in CASES:
        (folder / file_of(case)).write_text(text_of(case), encoding="utf-8", newline="")
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def text_of(case: dict[str, Any]) -> str:
    """The text a claim stands in."""
    return str(case["text"]) if "text" in case else (ROOT / "seeds" / case["seed"]).read_text("utf-8")


def file_of(case: dict[str, Any]) -> str:
    """The name of the file with that text; claims of one text share it."""
    first = next(one for one in CASES if text_of(one) == text_of(case))
    return f"{first['id']}.txt"


def words(name: str) -> set[str]:
    """The words of a name, without accents and articles."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return set(re.findall(r"\w+", plain.casefold())) - {"the", "a", "an"}


def is_one_of(name: str, expected: list[str]) -> bool:
    """True for an expected name, more of it ("Senator Jane Holt") or less ("Holt")."""
    return any(words(name) <= words(other) or words(other) <= words(name) for other in expected)


def found(case: dict[str, Any]) -> str | None:
    """Whose words the rules say the claim is."""
    sentences = split_sentences(text_of(case))
    speaker = attributed_to(text_of(case), sentences, place_of(text_of(case), sentences, case["sentence"]))
    return speaker.name if speaker else None


def is_right(case: dict[str, Any]) -> bool:
    """Whether that is who a careful reader names."""
    name = found(case)
    return name is None if case["speaker"] is None else name is not None and is_one_of(name, case["speaker"])


def is_shown_with_speaker(case: dict[str, Any], statement: Statement) -> bool:
    """Whether a reader of the answer sees whose words these are: before the quote or in it, and nobody else's."""
    if case["speaker"] is None:
        return statement.speaker is None
    if statement.speaker:
        return is_one_of(statement.speaker, case["speaker"])
    return any(words(name) & words(statement.text) for name in case["speaker"])


def test_there_are_sixty_claims_of_both_kinds_in_two_halves() -> None:
    assert len({case["id"] for case in CASES}) == 60
    for half in ("tuned", "held out"):
        speakers = [case["speaker"] for case in CASES if case["half"] == half]
        assert (len(speakers), speakers.count(None)) == (30, 6)


def test_claims_have_the_speaker_a_reader_names_and_no_wrong_one() -> None:
    wrong = [(case["sentence"], case["speaker"], found(case)) for case in CASES if not is_right(case)]
    assert [one for one in wrong if one[2] is not None] == []
    assert len(wrong) <= (1 - HELD) * len(CASES), wrong


def test_an_answer_shows_a_claim_with_whoever_makes_it(claims: Index) -> None:
    shown, wrong = 0, []
    for case in CASES:
        answer = ask(case["question"], claims, where={"document": file_of(case)})
        for statement in answer.statements:
            if case["sentence"] in statement.text:
                shown += 1
                if not is_shown_with_speaker(case, statement):
                    wrong.append((case["id"], statement))
    print(f"{shown} of the claims are quoted")
    assert shown >= QUOTED
    assert len(wrong) <= (1 - HELD) * shown, wrong
