"""Sources that differ are said to differ, and only those: a labelled set of invented articles, and the seeds.

`tests/differences.jsonl` has 86 groups, 43 that conflict and 43 that agree: 50 of single sentences, 36 of news prose.
One half of each was tuned on. The other half of the single sentences was measured first and seen since; that of the
prose ("prose held out") was measured once, when the rules were done.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.opened import Index
from rag import ask
from rag.answer import Answer
from rag.differences import BESIDE, DIFFER

ROOT = Path(__file__).resolve().parent.parent
GROUPS: list[dict[str, Any]] = [
    json.loads(line) for line in (ROOT / "tests" / "differences.jsonl").read_text("utf-8").splitlines()
]

PRECISION = 0.9
"""Of saying that sources differ; measured: 1.00 in each half (11, 12, 5 and 5 times)."""

RECALL = {"tune": 0.9, "held out": 0.9, "prose tune": 0.7, "prose held out": 0.4}
"""Measured: 0.92, 0.92, 0.75 and 0.40. What is missed are claims and their denials in other words."""


@pytest.fixture(scope="module")
def seeds(seeds_index: Path) -> Index:
    """The five seeds."""
    return open_index(seeds_index)


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bool]:
    """For each group, whether its answer says that sources differ."""
    return {group["id"]: says_so(answer_of(group, tmp_path_factory.mktemp(group["id"]))) for group in GROUPS}


def answer_of(group: Mapping[str, Any], folder: Path) -> Answer:
    for number, article in enumerate(group["articles"], 1):
        head = f"---\npublisher: {article['publisher']}\npublished: {article['published']}\n---\n\n"
        (folder / f"{number}.md").write_text(head + article["text"] + "\n", encoding="utf-8")
    build(folder, folder / ".index")
    return ask(group["question"], open_index(folder / ".index"))


def says_so(answer: Answer) -> bool:
    return any(difference.differ for difference in answer.differences)


def rates(said: Mapping[str, bool], half: str) -> tuple[float, float]:
    """Precision and recall of saying that sources differ."""
    groups = [group for group in GROUPS if group["half"] == half]
    right = sum(said[group["id"]] and group["differ"] for group in groups)
    return right / sum(said[group["id"]] for group in groups), right / sum(group["differ"] for group in groups)


def test_the_set_has_as_many_groups_that_conflict_as_agree() -> None:
    assert sorted(group["differ"] for group in GROUPS) == [False] * 43 + [True] * 43
    assert {group["half"] for group in GROUPS} == RECALL.keys()


@pytest.mark.parametrize("half", RECALL)
def test_sources_said_to_differ_do(said: Mapping[str, bool], half: str) -> None:
    wrong: Sequence[str] = [one["id"] for one in GROUPS if one["half"] == half and said[one["id"]] != one["differ"]]
    precision, recall = rates(said, half)
    print(f"{half}: precision {precision:.2f}, recall {recall:.2f}, wrong {wrong}")
    assert precision >= PRECISION
    assert recall >= RECALL[half]


NAMED_BY_NUMBERS = [
    ("How many pupils attend School No. 5?", "School No. 5 has 410 pupils.", "School No. 7 has 350 pupils."),
    ("How many pupils does school 5 have?", "In school 5 there are 410 pupils.", "In school 7 there are 350 pupils."),
    (
        "How many weeks did round 11 of building the harbour take?",
        "Round 11 of building the harbour took 14 weeks.",
        "Round 8 of building the harbour took 11 weeks.",
    ),
    (
        "How many people came to the rally on Monday?",
        "Some 4,000 people came to the rally on Monday.",
        "Some 6,000 people came to the rally on Friday.",
    ),
    (
        "How many people came to the rally?",
        "Some 4,000 people came to the rally on Monday, police said.",
        "Police said some 6,000 people came to the rally on Friday.",
    ),
    (
        "How many people came to the rally?",
        "On March 3 some 4,000 people came to the rally.",
        "On March 9 some 6,000 people came to the rally.",
    ),
    ("How much did the first stage cost?", "The first stage cost $40 million.", "The second stage cost $70 million."),
    ("When was School No. 5 built?", "School No. 5 was built in 1911.", "School No. 7 was built in 1924."),
    ("Is Terminal B closed?", "Terminal B is closed.", "Terminal C is not closed."),
]
TOLD_TWICE = [
    ("How many pupils attend School No. 5?", "School No. 5 has 410 pupils.", "School No. 5 has 350 pupils."),
    (
        "How many beds does the Arlow hospital have?",
        "The Arlow hospital has 43 beds, its owner said on Monday.",
        "The Arlow hospital has 57 beds, a nurse told reporters on Friday.",
    ),
    ("How many houses burned in Calderwick?", "In Calderwick 35 houses burned.", "In Calderwick 52 houses burned."),
    ("How many people died in Calderwick?", "In Calderwick 35 died in the fire.", "In Calderwick 52 died in the fire."),
    ("When did Flight 811 crash?", "Flight 811 crashed on March 3.", "Flight 811 crashed on March 9."),
]  # fmt: skip


@pytest.mark.parametrize(("question", "one", "other", "differ"), [
    *((*case, False) for case in NAMED_BY_NUMBERS), *((*case, True) for case in TOLD_TWICE)
])  # fmt: skip
def test_a_number_or_a_day_that_is_a_name_tells_things_apart(
    question: str, one: str, other: str, differ: bool, tmp_path: Path
) -> None:
    articles = [
        {"publisher": name, "published": "2020-01-05", "text": text} for name, text in (("A", one), ("B", other))
    ]
    assert says_so(answer_of({"question": question, "articles": articles}, tmp_path)) == differ


def test_the_denial_of_the_president_stands_beside_what_officials_say(seeds: Index) -> None:
    answer = ask("Is fentanyl produced in Mexico?", seeds)
    (difference,) = answer.differences
    cited = {citation.number: citation for citation in answer.citations}
    assert difference.differ
    assert f"\n{DIFFER}\n" in answer.text
    assert [side.text for side in difference.sides] == [
        "In past remarks, Lopez Obrador was insistent that no fentanyl ripping through U.S. communities is produced in "
        "Mexico.",
        "US officials and international experts say the vast majority of fentanyl sold in the US is produced in Mexico "
        "using precursors imported from China.",
    ]
    assert [cited[side.citation].quote for side in difference.sides] == [side.text for side in difference.sides]


def test_figures_of_different_things_stand_beside_each_other_and_do_not_differ(seeds: Index) -> None:
    answer = ask("How many Americans died of overdoses in 2021?", seeds)
    (difference,) = answer.differences
    shown = " ".join(side.text for side in difference.sides)
    assert not difference.differ
    assert f"\n{BESIDE}\n" in answer.text
    assert "106,000" in shown
    assert "71,000" in shown
    assert "more than 100,000" in shown


def test_no_answer_to_a_golden_question_says_that_sources_differ(seeds: Index) -> None:
    golden = (ROOT / "tests" / "golden.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in golden]
    assert [question for question in asked if says_so(ask(question, seeds))] == []


def test_a_refusal_has_no_differences(seeds: Index) -> None:
    assert ask("How long should I boil an egg so the yolk stays soft?", seeds).differences == ()


def test_another_date_of_whom_a_question_names_is_no_date_of_what_it_asks(seeds: Index) -> None:
    answer = ask("When did Andres Manuel López Obrador come to power?", seeds)
    assert "in power since 2018" in answer.citations[0].quote
    assert answer.differences == ()
