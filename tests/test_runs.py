"""A run that is kept is the run that was made, and two runs are compared question by question."""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import comb
from pathlib import Path
from typing import Any

import pytest

from app.cli import public
from index import open_index
from index.errors import UsageError
from rag.evaluate import Outcome
from rag.measures import summarise
from rag.runs import BEGINNING, NEAREST, Change, PairedTest, Result, Run, Words, compared, read_run


def kept(run: Run, folder: Path) -> Path:
    """The file of a run, as `evaluate --json` prints it."""
    file = folder / "run.json"
    file.write_text(json.dumps(public(run), ensure_ascii=False), "utf-8")
    return file


def test_a_run_that_was_kept_is_the_same_run(golden_run: Run, tmp_path: Path) -> None:
    file = kept(golden_run, tmp_path)
    assert read_run(file) == golden_run
    again = compared(golden_run, golden_run)
    assert read_run(kept(again, tmp_path)) == again


def test_a_result_has_the_words_that_answer_and_those_that_were_shown(
    golden_run: Run, golden_outcomes: Sequence[Outcome], seeds_index: Path
) -> None:
    index = open_index(seeds_index)
    texts = {row.name: index.document(row.id) for row in index.documents()}
    words = [words for one in golden_run.results for words in (*one.gold, *one.quotes, *one.nearest)]
    assert len(words) > 3 * len(golden_run.results)
    for one in words:
        name, _, place = one.location.rpartition(":")
        document, (start, end) = texts[name], map(int, place.split("-"))
        assert document is not None
        assert document.text[start:end].startswith(one.text)
        assert len(one.text) == end - start or (
            len(one.text) <= BEGINNING and document.text[start + len(one.text)] in " \n"
        )
    for result, outcome in zip(golden_run.results, golden_outcomes, strict=True):
        assert (result.id, result.right, result.refused) == (outcome.case.id, outcome.is_right, outcome.answer.refused)
        assert result.passage_rank == outcome.passage_rank
        assert [one.text for one in result.quotes] == [one.quote for one in outcome.answer.citations]
        assert len(result.gold) == len(outcome.case.places)
        assert len(result.nearest) <= NEAREST
    assert golden_run.measures == summarise(golden_outcomes)


@pytest.mark.parametrize(
    "change",
    [
        lambda values: [],
        lambda values: values["measures"],
        lambda values: {**values, "measures": {**values["measures"], "hit_at_1": "high"}},
        lambda values: {**values, "results": [{**values["results"][0], "passage_rank": "1"}]},
        lambda values: {**values, "results": [{"id": "g01"}]},
    ],
)
def test_what_is_no_run_is_refused(golden_run: Run, tmp_path: Path, change: Any) -> None:
    file = kept(golden_run, tmp_path)
    file.write_text(json.dumps(change(json.loads(file.read_text("utf-8")))), "utf-8")
    with pytest.raises(UsageError) as error:
        read_run(file)
    advice = "Make one: footnoted evaluate QUESTIONS --json > run.json"
    assert str(error.value) == f"{file} is not a run that this version kept. {advice}"


def test_bytes_that_are_no_text_are_no_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match=r"run\.json is not a run that this version kept\."):
        read_run(tmp_path / "run.json")


def result(name: str, *, rank: int | None = None, answered: bool = False, kind: str = "answerable") -> Result:
    """A result with made-up values; ``answered``: an answer that is right where one is due."""
    return Result(
        id=name,
        question="Who?",
        kind=kind,
        right=answered if kind == "answerable" else not answered,
        refused=not answered,
        confidence=0.5,
        answer="",
        quotes=(),
        gold=(Words("docs/a.txt:0-3", None, "The"),),
        nearest=(),
        passage_rank=rank,
        in_first_quote=False,
        in_answer=answered,
        seconds=1.0,
    )


def run_with(golden_run: Run, *results: Result, **measures: float | None) -> Run:
    """A run of these results with these measures."""
    return Run(replace(golden_run.measures, **measures), results)  # type: ignore[arg-type]


def test_questions_that_changed_are_named_and_counted(golden_run: Run) -> None:
    before = run_with(
        golden_run,
        *(result(f"found{number}", rank=2) for number in range(6)),
        result("lost", rank=1, answered=True),
        result("same", rank=1, answered=True),
        result("near", kind="near miss", answered=True),
        result("off", kind="off-corpus"),
        hit_at_1=0.25,
        ndcg_at_10=None,
    )
    now = run_with(
        golden_run,
        result("off", kind="off-corpus", answered=True),
        *(result(f"found{number}", rank=1, answered=number < 2) for number in range(6)),
        result("lost", rank=3),
        result("same", rank=1, answered=True),
        result("near", kind="near miss"),
        hit_at_1=0.875,
        near_misses=14,
    )
    comparison = compared(now, before).against
    assert comparison is not None
    assert comparison.became_right == ("found0", "found1", "near")
    assert comparison.became_wrong == ("off", "lost")
    chance = {test.measure: test.p_value for test in comparison.tests}
    assert comparison.tests == (
        PairedTest("hit_at_1", 6, 1, chance["hit_at_1"]),
        PairedTest("in_answer", 2, 1, chance["in_answer"]),
        PairedTest("right", 3, 2, chance["right"]),
    )
    # of 7 questions that changed, 6 or more, or 1 or fewer, go one way
    assert chance == pytest.approx({"hit_at_1": 2 * (comb(7, 0) + comb(7, 1)) / 2**7, "in_answer": 1, "right": 1})
    changes = {one.measure: one for one in comparison.measures}
    assert list(changes) == list(vars(golden_run.measures))
    assert changes["hit_at_1"] == Change("hit_at_1", 0.25, 0.875, 0.625)
    assert changes["ndcg_at_10"] == Change("ndcg_at_10", None, golden_run.measures.ndcg_at_10, None)
    lines = list(comparison.lines())
    assert lines[0] == "                           before        now  difference"
    assert "hit at 1                    0.250      0.875      +0.625" in lines
    assert "near misses                    13         14          +1" in lines
    assert f"ndcg at 10                      -      {golden_run.measures.ndcg_at_10:.3f}           -" in lines
    assert lines[-5:] == [
        "hit at 1: 6 gained, 1 lost, p = 0.125",
        "in answer: 2 gained, 1 lost, p = 1.000",
        "right: 3 gained, 2 lost, p = 1.000",
        "became right: found0, found1, near",
        "became wrong: off, lost",
    ]


@pytest.mark.parametrize(
    ("names", "others", "sentence"),
    [
        (["a", "b"], ["a"], "only there: b (answerable); only here: none"),
        (["a", "b"], ["a", "a"], "only there: b (answerable); only here: a (answerable)"),
        ([], list("abcde"), "only there: none; only here: a (answerable), b (answerable), c (answerable) and 2 more"),
    ],
)
def test_runs_of_other_questions_are_not_compared(
    golden_run: Run, names: list[str], others: list[str], sentence: str
) -> None:
    before, now = (run_with(golden_run, *map(result, ids)) for ids in (names, others))
    with pytest.raises(UsageError) as error:
        compared(now, before)
    assert str(error.value) == f"The earlier run has other questions ({sentence}). Compare runs of one question set."


def test_runs_whose_questions_share_only_their_ids_are_not_compared(golden_run: Run) -> None:
    before = run_with(golden_run, result("a"), result("b"))
    now = run_with(golden_run, result("a"), replace(result("b"), question="What?"))
    with pytest.raises(UsageError) as error:
        compared(now, before)
    assert str(error.value) == (
        "The question b of the earlier run is another one (“Who?” there, “What?” here). "
        "Compare runs of one question set."
    )


def test_a_question_that_is_asked_twice_is_compared_twice(golden_run: Run) -> None:
    before = run_with(golden_run, result("a"), result("a", answered=True))
    now = run_with(golden_run, result("a", answered=True), result("a", answered=True))
    comparison = compared(now, before).against
    assert comparison is not None
    assert (comparison.became_right, comparison.became_wrong) == (("a",), ())
