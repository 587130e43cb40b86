"""A question in another language than the documents: recognised, refused with the reason, or answered with a word.

`tests/other_languages.jsonl` has 22 questions in Spanish, French and German, 15 of which the seeds answer in English.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import build, open_index
from index.language import language_of_question
from index.opened import Index
from rag import ask
from rag.answer import OTHER_LANGUAGE, REFUSAL, Answer

TESTS = Path(__file__).resolve().parent
ASKED = [json.loads(line) for line in (TESTS / "other_languages.jsonl").read_text("utf-8").splitlines()]
ENGLISH = [json.loads(line)["question"] for line in (TESTS / "golden.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def answers(seeds_index: Path) -> list[Answer]:
    return [ask(one["question"], seeds_index) for one in ASKED]


@pytest.mark.parametrize("asked", ASKED, ids=lambda one: one["question"][:30])
def test_the_language_of_a_question_is_recognised(asked: dict[str, str]) -> None:
    assert language_of_question(asked["question"]) == asked["language"]


def test_no_english_question_is_taken_for_another_languages() -> None:
    assert {language_of_question(question) for question in ENGLISH} <= {"en", None}


def test_nine_of_ten_are_refused_and_each_says_why(answers: list[Answer]) -> None:
    refused = [one for one in answers if one.refused]
    assert len(refused) >= 0.9 * len(answers)
    assert {one.text for one in refused} == {f"{REFUSAL} {OTHER_LANGUAGE}"}


def test_what_is_answered_all_the_same_says_so(answers: list[Answer]) -> None:
    answered = [one for one in answers if not one.refused]
    assert answered
    assert {one.skipped for one in answered} == {(f"language: {OTHER_LANGUAGE}",)}


def notes_of(index: Index, questions: list[str]) -> Iterator[tuple[str, ...]]:
    return (ask(question, index).skipped for question in questions)


def test_in_the_language_of_the_documents_nothing_is_said_of_it(seeds_index: Path) -> None:
    assert set(notes_of(open_index(seeds_index), ENGLISH)) == {()}


def test_a_spanish_question_over_spanish_documents_is_none_in_another_language(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    text = "El puente sobre el río se cerró el lunes después de la inundación, dijo la alcaldesa del pueblo."
    (tmp_path / "news" / "puente.txt").write_text(text, "utf-8")
    build(tmp_path / "news", tmp_path / "index")
    answer = ask("¿Cuánto costó la fiesta de los vecinos en agosto?", tmp_path / "index")
    assert OTHER_LANGUAGE not in answer.text
    assert answer.skipped == ()


def test_a_question_in_plain_words_of_the_documents_does_not_load_what_recognises_languages(seeds_index: Path) -> None:
    code = (
        "import sys; from rag import ask; ask('How many offices does the DEA have?', sys.argv[1]);"
        "sys.exit('py3langid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(seeds_index)], cwd=TESTS.parent).returncode == 0
