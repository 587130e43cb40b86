"""Questions of others about invented news, in other words than the articles': how many are answered, and no fewer."""

from pathlib import Path

import pytest

from index import build, open_index
from index.opened import Index
from rag.evaluate import evaluate, read_cases
from tests.news import SEEN, TESTS, UNSEEN, lay_out

ASKED = TESTS / "asked"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The articles of all four sets of claims."""
    folder = tmp_path_factory.mktemp("news")
    build(lay_out(folder / "set"), folder / "index")
    return open_index(folder / "index")


@pytest.mark.parametrize(("questions", "answered"), [(SEEN, 40), (UNSEEN, 34)])
def test_what_news_say_in_other_words_is_quoted(index: Index, questions: Path, answered: int) -> None:
    outcomes = [one for one in evaluate(read_cases(questions, index), index) if one.case.kind == "answerable"]
    assert len(outcomes) == 60
    assert sum(one.in_answer for one in outcomes) >= answered


@pytest.mark.parametrize(("name", "answered", "refused"), [("papers", 55, 4), ("desk", 61, 8), ("bureau", 55, 5)])
def test_articles_of_every_form_are_quoted_and_few_of_the_questions_they_answer_are_refused(
    name: str, answered: int, refused: int, tmp_path: Path
) -> None:
    build(ASKED / name / "docs", tmp_path)
    index = open_index(tmp_path)
    outcomes = evaluate(read_cases(ASKED / name / "questions.jsonl", index), index)
    answerable = [one for one in outcomes if one.case.kind == "answerable"]
    assert sum(one.in_answer for one in answerable) >= answered
    assert sum(one.answer.refused for one in answerable) <= refused
    strangers = [one for one in outcomes if one.case.kind == "off-corpus"]
    assert sum(one.answer.refused for one in strangers) >= 0.95 * len(strangers)
