"""The measures, compared with the same worked out by hand."""

from itertools import product
from math import log2
from typing import Any

import pytest

from rag.answer import Answer
from rag.citations import Citation
from rag.evaluate import Case, Outcome, failures_of
from rag.measures import GROUPS, Evaluation, auroc, calibration_error, ranking_measures, summarise
from rag.passages import Passage


def outcome(kind: str, *, refused: bool = False, found: str = "", relevant: str = "", **rest: Any) -> Outcome:
    """An outcome with made-up values; each letter of ``found`` and of ``relevant`` is a passage."""
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
        found=tuple(found),
        relevant=frozenset(relevant),
        in_first_quote=rest.get("first", False),
        in_answer=rest.get("within", False),
        seconds=rest.get("seconds", 1.0),
    )


FIRST = outcome(
    "answerable", found="abcd", relevant="ac", first=True, within=True, confidence=0.9, quotes=("four", "eightyyy"),
    passages=(10,),
)  # fmt: skip

OUTCOMES = [
    FIRST,
    outcome(
        "answerable",
        found="abcd",
        relevant="d",
        within=True,
        confidence=0.6,
        quotes=("sixsix",),
        passages=(20, 30),
        seconds=5.0,
    ),
    outcome("answerable", refused=True, found="abcd", confidence=0.2, seconds=3.0, name="lost"),
    outcome("answerable", found="efghijkl", relevant="lz", quotes=("wrong",), seconds=2.0, name="wrong"),
    outcome("near miss", refused=True, confidence=0.3),
    outcome("near miss", confidence=0.6, quotes=("no",), seconds=4.0, name="fooled"),
    outcome("off-corpus", refused=True, confidence=0.1),
]


def test_the_measures_are_those_worked_out_by_hand() -> None:
    two_relevant = 1 + 1 / log2(3)
    gains = [(1 + 1 / log2(4)) / two_relevant, 1 / log2(5), 0, 1 / log2(9) / two_relevant]
    by_hand = Evaluation(
        questions=7,
        answerable=4,
        near_misses=2,
        off_corpus=1,
        hit_at_1=1 / 4,
        hit_at_3=1 / 4,
        hit_at_5=2 / 4,
        hit_at_10=3 / 4,
        mrr_at_10=(1 + 1 / 4 + 0 + 1 / 8) / 4,
        ndcg_at_10=sum(gains) / 4,
        passage_characters=(10 + 20 + 30) / 3,
        in_first_quote=1 / 4,
        in_answer=2 / 4,
        quotes=(2 + 1 + 1) / 3,
        quote_characters=(4 + 8 + 6 + 5) / 4,
        answerable_refused=1 / 4,
        refusal_precision=2 / 3,
        refusal_recall=2 / 3,
        near_miss_precision=1 / 2,
        near_misses_refused=1 / 2,
        off_corpus_precision=1 / 2,
        off_corpus_refused=1.0,
        near_miss_auroc=(2 + 1.5 + 0 + 1) / 8,
        off_corpus_auroc=1.0,
        # bins: .9 | .6 and .6, one of them answerable | .5 | .3 | .2 | .1
        calibration_error=(0.1 + 2 * 0.1 + 0.5 + 0.3 + 0.8 + 0.1) / 7,
        seconds_p50=2.0,
        seconds_p95=5.0,
    )
    assert vars(summarise(OUTCOMES)) == pytest.approx(vars(by_hand), abs=1e-12)


def test_no_order_of_names_and_no_question_without_passages_changes_a_rank() -> None:
    backwards = outcome("answerable", found="zyxwvutsrq", relevant="q")
    eleventh = outcome("answerable", found="zyxwvutsrqp", relevant="p")
    nothing = outcome("answerable", relevant="a")
    measures = ranking_measures([backwards, eleventh, nothing])
    assert [backwards.passage_rank, nothing.passage_rank] == [10, None]
    assert measures == pytest.approx(
        {
            "hit_at_1": 0, "hit_at_3": 0, "hit_at_5": 0, "hit_at_10": 1 / 3, "mrr_at_10": 1 / 30,
            "ndcg_at_10": 1 / log2(11) / 3,
        }
    )  # fmt: skip


def test_a_measure_without_questions_of_its_kind_is_none_and_not_shown() -> None:
    evaluation = summarise([FIRST])
    assert (evaluation.near_misses_refused, evaluation.off_corpus_auroc, evaluation.refusal_precision) == (None,) * 3
    assert list(evaluation.lines())[3:6] == [
        "off corpus             0",
        "hit at 1               1.000",
        "hit at 3               1.000",
    ]
    assert not any("auroc" in line for line in evaluation.lines())
    unanswerable = summarise(OUTCOMES[4:])
    assert (unanswerable.ndcg_at_10, unanswerable.in_answer, unanswerable.refusal_precision) == (None, None, 1.0)


def test_every_measure_has_its_place_and_says_what_it_is() -> None:
    assert [name for names in GROUPS.values() for name in names] == list(vars(summarise(OUTCOMES)))
    assert all(about for names in GROUPS.values() for about in names.values())


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    positives, negatives = [0.9, 0.6, 0.6, 0.2], [0.6, 0.3, 0.2]
    pairs = [(one > other) + 0.5 * (one == other) for one, other in product(positives, negatives)]
    assert auroc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc([], negatives) is None
    assert auroc(positives, []) is None


def test_a_confidence_that_means_what_it_says_has_no_calibration_error() -> None:
    assert calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert calibration_error([1.0, 0.0], [True, False]) == 0
    assert calibration_error([1.0, 0.0], [False, True]) == 1
    assert calibration_error([0.5, 0.55, 0.95, 1.0], [False, True, True, True]) == pytest.approx((0.05 + 0.05) / 4)


def test_what_went_wrong_is_listed_with_what_was_quoted_instead() -> None:
    assert list(failures_of(OUTCOMES)) == [
        "lost (answerable, refused, 0.20) Who?  ",
        "wrong (answerable, answered, 0.50) Who?  wrong",
        "fooled (near miss, answered, 0.60) Who?  no",
    ]
