"""What the five articles that come with footnoted must yield: forty-eight questions they answer, and others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index import open_index
from rag.evaluate import Outcome, failures_of

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
GOLDEN: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests" / "golden.jsonl").read_text("utf-8").splitlines()
]

ANSWERED = 33 / 40
"""Share of the answerable questions whose answer quotes a place that answers."""

REFUSED = 13 / 15
"""Share of the questions about other things, near or far, that are refused."""

NEAR_MISSES_REFUSED = 8 / 13
"""Share of the near misses that are refused: questions written against a sentence that looks like their answer."""

ANSWERABLE_REFUSED = 3
"""Answerable questions that may be refused."""


def test_the_questions_are_many_different_and_of_both_kinds() -> None:
    answerable = [one for one in GOLDEN if one["answerable"]]
    assert len(answerable) >= 40
    assert len(GOLDEN) - len(answerable) >= 15
    assert len({one["id"] for one in GOLDEN}) == len({one["question"] for one in GOLDEN}) == len(GOLDEN)
    assert {one["doc"] for one in answerable} == {file.name for file in SEEDS.glob("*.txt")}


def test_the_words_that_answer_stand_in_their_articles() -> None:
    for one in GOLDEN:
        places = [(one["doc"], quote) for quote in one["quotes"]] + [
            (also["doc"], also["quote"]) for also in one["also"]
        ]
        assert bool(places) is one["answerable"], one["id"]
        for document, quote in places:
            assert quote in (SEEDS / document).read_text("utf-8"), one["id"]


def test_every_article_is_indexed_whole_and_what_is_known_of_it_stands_in_it(seeds_index: Path) -> None:
    known = {
        row.path[:3]: (row.title, row.publisher, row.author, row.published)
        for row in open_index(seeds_index).documents()
    }
    assert known == {
        "000": (None, None, None, None),
        "001": (
            "DEA called for further cooperation from China and Mexico in the fight against fentanyl",
            "El Financiero", None, None,
        ),
        "002": (
            "Cooperation in the drug war between the US and Mexico is at its lowest point in decades. What went wrong?",
            None, None, None,
        ),
        "003": (
            "U.S. Agrees With Mexico to Form New Task Force to Combat Arms Trafficking",
            "Latin Post", "Bert Hoover", None,
        ),
        "004": (None, None, "Daniel Williams", None),
    }  # fmt: skip
    assert open_index(seeds_index).skipped == []


def test_the_answers_quote_what_answers(golden_outcomes: Sequence[Outcome]) -> None:
    answerable = [one for one in golden_outcomes if one.case.kind == "answerable"]
    missed = [one for one in answerable if not one.in_answer]
    assert len(answerable) - len(missed) >= ANSWERED * len(answerable), "\n".join(failures_of(missed))


def test_what_the_articles_do_not_say_is_refused(golden_outcomes: Sequence[Outcome]) -> None:
    about_other_things = [one for one in golden_outcomes if one.case.kind == "off-corpus"]
    answered = [one for one in about_other_things if not one.answer.refused]
    assert len(about_other_things) >= 15
    assert len(about_other_things) - len(answered) >= REFUSED * len(about_other_things), "\n".join(
        failures_of(answered)
    )


def test_most_near_misses_are_refused(golden_outcomes: Sequence[Outcome]) -> None:
    near = [one for one in golden_outcomes if one.case.kind == "near miss"]
    answered = [one for one in near if not one.answer.refused]
    assert len(near) >= 13
    assert len(near) - len(answered) >= NEAR_MISSES_REFUSED * len(near), "\n".join(failures_of(answered))


def test_hardly_anything_the_articles_say_is_refused(golden_outcomes: Sequence[Outcome]) -> None:
    refused = [one for one in golden_outcomes if one.case.kind == "answerable" and one.answer.refused]
    assert len(refused) <= ANSWERABLE_REFUSED, "\n".join(failures_of(refused))


@pytest.mark.parametrize("kind", ["answerable", "near miss", "off-corpus"])
def test_refusals_cite_nothing_and_answers_something(golden_outcomes: Sequence[Outcome], kind: str) -> None:
    of_kind = [one.answer for one in golden_outcomes if one.case.kind == kind]
    assert [one.refused for one in of_kind] == [not one.citations for one in of_kind]
    assert all(one.passages for one in of_kind)
