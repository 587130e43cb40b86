"""The measures, compared with the same worked out by hand; question sets that are none are named by file and line."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.errors import UsageError
from index.opened import Index
from rag import ask
from rag.answer import Answer
from rag.citations import Citation
from rag.evaluate import (
    Case,
    Evaluation,
    Outcome,
    Place,
    auroc,
    evaluate,
    failures_of,
    index_of,
    read_cases,
    summarise,
)
from rag.passages import Passage

MILL = "The mill by the river has ground flour since 1820."
CHOIR = "Forty children sang a psalm in the old church. The psalm was sung twice."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Two articles of one chunk each."""
    folder = tmp_path_factory.mktemp("evaluate") / "docs"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL, "utf-8")
    (folder / "choir.txt").write_text(CHOIR, "utf-8")
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def question_set(folder: Path, *questions: dict[str, Any] | str) -> Path:
    """A JSONL file."""
    file = folder / "questions.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in questions]
    file.write_text("\n".join(lines), "utf-8")
    return file


def ids(index: Index) -> dict[str, int]:
    """Document ids by name."""
    return {row.path: row.id for row in index.documents()}


def test_questions_are_answerable_near_misses_or_off_corpus(index: Index, tmp_path: Path) -> None:
    file = question_set(
        tmp_path,
        {"id": "a", "question": "Since when?", "doc": "mill.txt", "spans": [[39, 49]]},
        {
            "id": "b", "question": "Who sang?", "doc": "choir.txt", "quotes": ["Forty children"], "answerable": True,
            "also": [{"doc": "mill.txt", "quote": "The mill"}],
        },
        "",
        {"id": "c", "question": "How often?", "doc": "choir.txt", "answerable": False},
        {"id": 4, "question": "Why?", "doc": None, "answerable": False},
        {"id": "e", "question": "Who else?", "doc": "other.txt", "answerable": False},
    )  # fmt: skip
    mill, choir = ids(index)["mill.txt"], ids(index)["choir.txt"]
    assert read_cases(file, index) == [
        Case("a", "Since when?", "answerable", (Place(mill, 39, 49),)),
        Case("b", "Who sang?", "answerable", (Place(choir, 0, 14), Place(mill, 0, 8))),
        Case("c", "How often?", "near miss", ()),
        Case("4", "Why?", "off-corpus", ()),
        Case("e", "Who else?", "off-corpus", ()),
    ]


def test_no_question_of_another_sets_documents_is_answerable(index: Index, tmp_path: Path) -> None:
    file = question_set(tmp_path, {"id": "a", "question": "Since when?", "doc": "mill.txt", "spans": [[39, 49]]})
    assert read_cases(file, index, off_corpus=True) == [Case("a", "Since when?", "off-corpus", ())]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ({"id": "a", "doc": "mill.txt", "spans": [[0, 3]]}, "'question'"),
        ({"id": "a", "question": "Who?", "doc": "mill.txt"}, "an answerable question without spans or quotes"),
        (
            {"id": "a", "question": "Who?", "doc": "nothing.txt", "spans": [[0, 3]]},
            "there is no document nothing.txt in the index",
        ),
        (
            {"id": "a", "question": "Who?", "doc": "mill.txt", "quotes": ["the miller"]},
            "mill.txt does not hold the words 'the miller'",
        ),
    ],
)
def test_a_line_that_is_no_question_is_named(
    index: Index, tmp_path: Path, question: dict[str, Any] | str, reason: str
) -> None:
    file = question_set(tmp_path, {"id": "ok", "question": "Who?", "doc": None, "answerable": False}, question)
    with pytest.raises(UsageError) as error:
        read_cases(file, index)
    assert str(error.value) == f"{file}, line 2: not a question of a set ({reason})."


def test_a_question_may_hold_any_character_but_a_line_feed(index: Index, tmp_path: Path) -> None:
    question = "Who\u2028sang\x85in the\x0b church\u2029?"
    line = json.dumps({"id": "a", "question": question, "doc": None, "answerable": False}, ensure_ascii=False)
    assert read_cases(question_set(tmp_path, line), index) == [Case("a", question, "off-corpus", ())]


@pytest.mark.parametrize("line", ["[]", "3", '"Who?"', "null", '{"id": "a", "question": "Who?", "spans": [3]}'])
def test_json_that_is_no_question_is_named_too(index: Index, tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match=r"questions\.jsonl, line 1: not a question of a set \("):
        read_cases(question_set(tmp_path, line), index)


def test_a_file_without_questions_and_one_that_is_not_there_are_named(index: Index, tmp_path: Path) -> None:
    file = question_set(tmp_path, "", "  ")
    with pytest.raises(UsageError) as error:
        read_cases(file, index)
    assert str(error.value) == f"{file} holds no questions."
    missing = tmp_path / "missing.jsonl"
    with pytest.raises(UsageError) as error:
        read_cases(missing, index)
    assert str(error.value) == (
        f"{missing} cannot be read as a question set ([Errno 2] No such file or directory: '{missing}')."
    )


def outcome(kind: str, *, refused: bool = False, rank: int | None = None, **rest: Any) -> Outcome:
    """An outcome with made-up values."""
    quotes: tuple[str, ...] = rest.get("quotes", ())
    return Outcome(
        case=Case(rest.get("name", "q"), "Who?", kind, ()),
        answer=Answer(
            question="Who?",
            searched="Who?",
            text="",
            citations=tuple(
                Citation(number, "a.txt", 0, len(quote), quote, None, None, None, None, "docs", 1)
                for number, quote in enumerate(quotes, 1)
            ),
            refused=refused,
            confidence=rest.get("confidence", 0.5),
            passages=tuple(
                Passage("a.txt", 0, length, "x" * length, 0.5, None, None, None, None, "docs", 1, ())
                for length in rest.get("passages", ())
            ),
            generator=None,
            generation="000001",
            timings_ms={},
        ),
        passage_rank=rank,
        in_first_quote=rest.get("first", False),
        in_answer=rest.get("within", False),
        milliseconds=rest.get("ms", 1.0),
    )


OUTCOMES = [
    outcome("answerable", rank=1, first=True, within=True, confidence=0.9, quotes=("four", "eightyyy"), passages=(10,)),
    outcome("answerable", rank=4, within=True, confidence=0.6, quotes=("sixsix",), passages=(20, 30), ms=5.0),
    outcome("answerable", refused=True, confidence=0.2, ms=3.0, name="lost"),
    outcome("answerable", rank=3, confidence=0.5, quotes=("wrong",), ms=2.0, name="wrong"),
    outcome("near miss", refused=True, confidence=0.3),
    outcome("near miss", confidence=0.6, quotes=("no",), ms=4.0, name="fooled"),
    outcome("off-corpus", refused=True, confidence=0.1),
]


def test_the_measures_are_those_worked_out_by_hand() -> None:
    assert summarise(OUTCOMES) == Evaluation(
        questions=7,
        answerable=4,
        hit_at_1=1 / 4,
        hit_at_3=2 / 4,
        hit_at_5=3 / 4,
        mrr_at_10=(1 + 1 / 4 + 0 + 1 / 3) / 4,
        passage_characters=(10 + 20 + 30) / 3,
        in_first_quote=1 / 4,
        in_answer=2 / 4,
        quotes=(2 + 1 + 1) / 3,
        quote_characters=(4 + 8 + 6 + 5) / 4,
        answerable_refused=1 / 4,
        near_misses=2,
        near_misses_refused=1 / 2,
        near_miss_auroc=(2 + 1.5 + 0 + 1) / 8,
        off_corpus=1,
        off_corpus_refused=1.0,
        off_corpus_auroc=1.0,
        refusal_precision=2 / 3,
        refusal_recall=2 / 3,
        p50_ms=2.0,
        p95_ms=5.0,
    )


def test_a_measure_without_questions_of_its_kind_is_none_and_not_shown() -> None:
    evaluation = summarise(OUTCOMES[:1])
    assert (evaluation.near_misses_refused, evaluation.off_corpus_auroc, evaluation.refusal_precision) == (None,) * 3
    assert list(evaluation.lines())[:3] == [
        "questions              1",
        "answerable             1",
        "hit at 1               1.000",
    ]
    assert not any("auroc" in line for line in evaluation.lines())


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    positives, negatives = [0.9, 0.6, 0.6, 0.2], [0.6, 0.3, 0.2]
    pairs = [(one > other) + 0.5 * (one == other) for one, other in product(positives, negatives)]
    assert auroc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc([], negatives) is None
    assert auroc(positives, []) is None


def test_what_went_wrong_is_listed_with_what_was_quoted_instead() -> None:
    assert list(failures_of(OUTCOMES)) == [
        "lost (answerable, refused, 0.20) Who?  ",
        "wrong (answerable, answered, 0.50) Who?  wrong",
        "fooled (near miss, answered, 0.60) Who?  no",
    ]


def test_an_outcome_is_what_ask_and_retrieve_say_of_the_question(index: Index) -> None:
    mill = ids(index)["mill.txt"]
    questions = [
        Case("whole", "Since when has the mill ground flour?", "answerable", (Place(mill, 39, 49),)),
        Case("beside", "Since when has the mill ground flour?", "answerable", (Place(ids(index)["choir.txt"], 0, 5),)),
        Case("beyond", "Since when has the mill ground flour?", "answerable", (Place(mill, 39, len(MILL) + 1),)),
    ]
    told: list[tuple[int, int]] = []
    evaluation, outcomes = evaluate(questions, index, lambda done, total: told.append((done, total)))
    whole, beside, beyond = outcomes
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert replace(whole.answer, timings_ms={}) == replace(ask(questions[0].question, index), timings_ms={})
    assert (whole.passage_rank, whole.in_first_quote, whole.in_answer) == (1, True, True)
    assert (beside.passage_rank, beside.in_first_quote, beside.in_answer) == (2, False, False)
    assert (beyond.passage_rank, beyond.in_first_quote, beyond.in_answer) == (None, True, True)  # no passage holds it
    assert whole.milliseconds == whole.answer.timings_ms["all"]
    assert (evaluation.hit_at_1, evaluation.hit_at_3, evaluation.in_answer) == (1 / 3, 2 / 3, 2 / 3)


def test_a_folder_to_measure_on_has_an_index_of_its_own_that_is_brought_level(articles: Callable[..., Path]) -> None:
    folder = articles(mill=MILL)
    measured = index_of(folder)
    try:
        articles(choir=CHOIR)
        again = index_of(str(folder))
        assert again.path == measured.path
        assert folder not in measured.path.parents
        assert sorted(ids(measured)) == ["mill.txt"]
        assert sorted(ids(again)) == ["choir.txt", "mill.txt"]
    finally:
        shutil.rmtree(measured.path)
