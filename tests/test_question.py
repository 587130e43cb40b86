"""A question is checked, taken apart by the analyzer of the index, and sorted by what an answer must offer."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from index import build, open_index
from index.errors import UsageError
from index.opened import Index
from rag.question import MAX_QUESTION, Question, checked_question, idf, kind_of, read_question

EMPTY = "The question is empty. Ask something the documents may answer."


@pytest.fixture
def rivers(articles: Callable[..., Path], tmp_path: Path) -> Index:
    """Three articles of one chunk each: "river" stands in two of them, "bridge" in one."""
    build(articles(a="The river rose.", b="The rivers fell.", c="A bridge opened."), tmp_path / "index")
    return open_index(tmp_path / "index")


def test_blanks_and_control_characters_of_a_question_become_single_blanks() -> None:
    assert (
        checked_question("  How\tmany\r\noffices\x00\x1b[31m are\x7fthere? \ud800 ")
        == "How many offices [31m are there?"
    )


@pytest.mark.parametrize("text", ["", "   \n\t", "?!… – “”", "\x00\x01\x1b", "\ud800\udfff", "()[]{}+-*"])
def test_a_question_without_a_letter_or_a_digit_is_empty(text: str) -> None:
    with pytest.raises(UsageError) as error:
        checked_question(text)
    assert str(error.value) == EMPTY


def test_the_longest_question_is_read_and_one_character_more_is_refused() -> None:
    assert checked_question("a" * MAX_QUESTION) == "a" * MAX_QUESTION
    with pytest.raises(UsageError) as error:
        checked_question("a" * (MAX_QUESTION + 1))
    assert str(error.value) == "The question has 2,001 characters; up to 2,000 are read. Ask it more briefly."


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), (3, "int"), (b"Who?", "bytes")])
def test_what_is_no_text_is_no_question(value: object, kind: str) -> None:
    with pytest.raises(UsageError) as error:
        checked_question(value)  # type: ignore[arg-type]
    assert str(error.value) == f"A question is a text, not {kind}."


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many offices does the DEA have around the world?", "how many"),
        ("what share of the pills is fake", "how many"),
        ("How much did it cost?", "how much"),
        ("production cost fake fentanyl pill", "how much"),
        ("How old is Anne Milgram?", "how much"),
        ("When did the river rise?", "when"),
        ("In which month did he send his letter?", "when"),
        ("Where did the officials meet?", "where"),
        ("Through which Mexican port did ships bring it in?", "what"),
        ("Which port is it?", "where"),
        ("Why was the case dropped?", "why"),
        ("What led to the flood?", "why"),
        ("What did Donahue claim?", "said"),
        ("According to Merrick Garland, is it so?", "said"),
        ("Who heads the agency?", "who"),
        ("“Who heads the agency?”", "who"),
        ("Which official promised a bill?", "who"),
        ("Which of them was named minister?", "who"),
        ("What are the names of the four companies?", "who"),
        ("Is the bridge open?", "yes or no"),
        ("Are all precursors illegal?", "yes or no"),
        ("What color are the pills?", "what"),
        ("us fentanyl deaths 2020", "what"),
    ],
)
def test_the_kind_of_a_question_is_what_its_answer_must_offer(question: str, kind: str) -> None:
    assert kind_of(question) == kind


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Milgram say about China?", "Milgram"),
        ("What did López Obrador claim?", "López Obrador"),
        ("What has Andrés de la Peña told reporters?", None),  # a past tense is no "has ... tell"
        ("According to Merrick Garland, how many could have died?", "Merrick Garland"),
        ("How many died, according to Garland’s?", "Garland"),
        ("What did the mayor say?", None),
        ("Did Holt leave?", None),
        ("What does Holt want for Leeds?", "Holt"),
        ("How many flats does Calder Estates want to build?", None),
        ("what did milgram say", None),
    ],
)
def test_whose_words_are_asked_for_is_read_from_the_question(question: str, speaker: str | None) -> None:
    assert Question(question, "said", {}).speaker == speaker


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("What happened between 1820 and 2021?", ["1820", "2021"]),
        ("us deaths 2020", ["2020"]),
        ("What of 1499, 2100, 20190 and 300?", []),
    ],
)
def test_the_years_of_a_question_are_those_from_1500_to_2099(question: str, years: list[str]) -> None:
    assert Question(question, "what", {}).years == years


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("Who said “hugs, not bullets”?", ["hugs, not bullets"]),
        ('How much did "One Pill Can Kill" cost?', ["One Pill Can Kill"]),
        ("Who said so?", []),
    ],
)
def test_the_words_that_a_question_quotes_are_known(question: str, quoted: list[str]) -> None:
    assert Question(question, "what", {}).quoted == quoted


def test_the_words_of_a_question_weigh_what_bm25_says_worked_out_by_hand(rivers: Index) -> None:
    question = read_question("When did the river, the RIVERS, and Zürich's bridge rise?", rivers)
    assert question.terms == ["river", "zurich", "bridg", "rise"]
    in_two, in_one, in_none = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5), math.log(1 + 3.5 / 0.5)
    assert question.weights == pytest.approx(
        {"river": in_two, "zurich": in_none, "bridg": in_one, "rise": in_none}  # "rose" has another stem
    )
    assert idf(rivers, "river") == pytest.approx(0.4700036)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Why don't cartels sell fentanyl?", ["cartel", "sell", "fentanyl"]),
        ("Whose boat is the river’s?", ["boat", "river"]),
        ("Why doesn't Don sell Model T?", ["don", "sell", "model", "t"]),
        ("How many are there, and who has had which?", ["how", "mani", "who", "has", "had", "which"]),  # all there is
    ],
)
def test_words_that_only_ask_are_not_asked_about(text: str, terms: list[str], rivers: Index) -> None:
    assert read_question(text, rivers).terms == terms


def test_coverage_is_the_share_of_the_weight_not_of_the_words(rivers: Index) -> None:
    question = read_question("river bridge", rivers)
    river, bridge = math.log(1.6), math.log(1 + 2.5 / 1.5)
    assert question.coverage({"bridg", "boat"}) == pytest.approx(bridge / (river + bridge))
    assert question.coverage({"river", "bridg"}) == 1.0
    assert question.coverage(set()) == 0.0


def test_a_question_of_stop_words_alone_has_no_terms_and_covers_nothing(rivers: Index) -> None:
    question = read_question("Is it not the?", rivers)
    assert (question.terms, question.coverage({"river"})) == ([], 0.0)
