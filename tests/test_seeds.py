"""What the five articles that come with footnoted must yield: forty-eight questions they answer, and others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index import open_index
from rag.evaluate import Outcome, evaluate, failures_of, read_cases

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"
GOLDEN: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests" / "golden.jsonl").read_text("utf-8").splitlines()
]

PARTICULARS = ("title", "publisher", "author", "published", "language")
UNKNOWN = (None, None)
"""A particular that an article does not state has no source either."""

ANSWERED = 41 / 48
"""Share of the answerable questions whose answer quotes a place that answers."""

REFUSED = 25 / 29
"""Share of the questions about other things, near or far, that are refused."""

NEAR_MISSES_REFUSED = 8 / 13
"""Share of the near misses that are refused: questions written against a sentence that looks like their answer."""

ANSWERABLE_REFUSED = 2
"""Answerable questions that may be refused."""

ASKED_ANSWERED, ASKED_REFUSED = 34 / 40, 2
"""The same of 40 questions that somebody else wrote, who knew the articles but not what the rules are."""


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


def test_every_article_is_indexed_whole_and_what_is_known_of_it_says_where_it_stands(seeds_index: Path) -> None:
    rows = open_index(seeds_index).documents()
    known = {
        f"{row.path[:3]} {name}": (getattr(row, name), row.sources.get(name)) for row in rows for name in PARTICULARS
    }
    for what, (value, source) in known.items():
        print(f"{what:<14} {value or 'unknown'}" + (f"  <- {source}" if source else ""))
    assert known == {
        "000 title": UNKNOWN,
        "000 publisher": UNKNOWN,
        "000 author": UNKNOWN,
        "000 published": UNKNOWN,
        "000 language": ("en", "its words"),
        "001 title": (
            "DEA called for further cooperation from China and Mexico in the fight against fentanyl",
            "first line",
        ),
        "001 publisher": ("El Financiero", "source line: Source: El Financiero"),
        "001 author": UNKNOWN,
        "001 published": UNKNOWN,
        "001 language": ("en", "its words"),
        "002 title": (
            "Cooperation in the drug war between the US and Mexico is at its lowest point in decades. What went wrong?",
            "first line",
        ),
        "002 publisher": UNKNOWN,
        "002 author": UNKNOWN,
        "002 published": UNKNOWN,
        "002 language": ("en", "its words"),
        "003 title": ("U.S. Agrees With Mexico to Form New Task Force to Combat Arms Trafficking", "first line"),
        "003 publisher": ("Latin Post", "owner line: This is owned by Latin Post."),
        "003 author": ("Bert Hoover", "byline: Written by: Bert Hoover"),
        "003 published": UNKNOWN,
        "003 language": ("en", "its words"),
        "004 title": UNKNOWN,
        "004 publisher": UNKNOWN,
        "004 author": (
            "Daniel Williams",
            "author note: Daniel Williams is a former foreign correspondent for The Washington Post, Los A",
        ),
        "004 published": UNKNOWN,
        "004 language": ("en", "its words"),
    }
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


def test_what_others_ask_of_the_articles_is_answered_too(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    outcomes = evaluate(read_cases(ROOT / "tests" / "asked" / "seeds.jsonl", index), index)
    answerable = [one for one in outcomes if one.case.places]
    assert len(answerable) == 40
    assert sum(one.in_answer for one in answerable) >= ASKED_ANSWERED * len(answerable)
    assert sum(one.answer.refused for one in answerable) <= ASKED_REFUSED
