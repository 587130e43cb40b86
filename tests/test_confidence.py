"""How sure an answer is: the signals worked out by hand, and what the fitted probability makes of them."""

import math
from collections.abc import Callable
from dataclasses import astuple, fields, replace
from pathlib import Path

import pytest

from index import build, open_index
from index.opened import Index
from rag.confidence import (
    INTERCEPT,
    THRESHOLD,
    WEIGHTS,
    Evidence,
    confidence,
    missed,
    unknown_names,
    weigh,
)
from rag.passages import Found, find
from rag.question import idf, read_question
from rag.quotes import choose_quotes

AGAINST = {"unknown_words", "unknown_names", "misses", "no_offer"}
"""The signals that speak against an answer; the others speak for one."""

NOTHING = Evidence(**{one.name: float(one.name in AGAINST) for one in fields(Evidence)})
EVERYTHING = Evidence(**{one.name: float(one.name not in AGAINST) for one in fields(Evidence)})


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Two articles, one with a date of publication."""
    folder = tmp_path_factory.mktemp("confidence") / "news"
    folder.mkdir()
    (folder / "mill.txt").write_text("The mill of Zoë López has ground flour since 1820.", "utf-8")
    (folder / "flood.md").write_text("---\ndate: 2021-07-14\n---\nThe flood reached the mill at night.\n", "utf-8")
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def found(text: str, index: Index) -> Found:
    """What the searches find."""
    return find(read_question(text, index), index, 8)


def evidence(text: str, index: Index) -> Evidence:
    """The evidence that `ask` would weigh."""
    passages = found(text, index)
    return weigh(passages, choose_quotes(passages, index), index)


def test_the_confidence_is_the_logistic_function_of_the_weighted_signals() -> None:
    one = Evidence(**{part.name: 0.1 * (place + 1) for place, part in enumerate(fields(Evidence))})
    total = INTERCEPT + sum(WEIGHTS[part.name] * value for part, value in zip(fields(one), astuple(one), strict=True))
    assert confidence(one) == pytest.approx(math.exp(total) / (math.exp(total) + 1))


def test_every_signal_has_a_weight_and_every_weight_a_signal() -> None:
    assert list(WEIGHTS) == [one.name for one in fields(Evidence)]
    assert 0.0 not in WEIGHTS.values()


def test_all_evidence_is_enough_for_an_answer_and_none_is_not() -> None:
    assert 0.0 <= confidence(NOTHING) < THRESHOLD < confidence(EVERYTHING) <= 1.0


@pytest.mark.parametrize("name", ["passage_cosine", "sentence_cosine", "unknown_names", "misses"])
def test_a_nearer_passage_makes_surer_and_a_name_or_year_that_is_missed_less_sure(name: str) -> None:
    signals = {"passage_cosine": 0.5, "sentence_cosine": 0.5}
    middling = replace(EVERYTHING, **signals)
    changed = replace(middling, **{name: 1.0})
    assert (confidence(changed) > confidence(middling)) is (name in signals)


def test_the_signals_of_a_question_worked_out_by_hand(index: Index) -> None:
    text = "Since when has the mill ground rye flour?"
    vector = index.embedder.encode_question(text)
    sentence = "The mill of Zoë López has ground flour since 1820."
    [whole], [[of_sentence]] = index.embedder.encode_chunks([sentence], [[(0, len(sentence))]])
    words = read_question(text, index).weights
    weight = sum(words.values())
    in_both, in_one, in_none = idf(index, "mill"), idf(index, "flour"), idf(index, "nowhere")
    assert words == {"sinc": in_one, "mill": in_both, "ground": in_one, "rye": in_none, "flour": in_one}

    one = evidence(text, index)

    assert one.passage_cosine == pytest.approx(whole @ vector, abs=0.001)  # an article of one sentence
    assert one.sentence_cosine == pytest.approx(of_sentence @ vector, abs=0.02)  # packed to four bits
    assert one.unknown_words == pytest.approx(in_none / weight)
    assert (one.unknown_names, one.misses, one.no_offer) == (0.0, 0.0, 0.0)


def test_nothing_found_is_no_evidence(index: Index) -> None:
    question = read_question("Since when has the mill ground flour?", index)
    nothing = find(question, index, 8, {"document": "nothing.txt"})
    one = weigh(nothing, [], index)
    assert (one.passage_cosine, one.sentence_cosine) == (0.0, 0.0)
    assert one.no_offer == 1.0


def test_a_question_of_stop_words_alone_has_no_known_words(index: Index) -> None:
    one = evidence("Is it not the?", index)
    assert one.unknown_words == 1.0


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How old is Angela Merkel?", ["Angela", "Merkel"]),
        ("Does the mill of Zoe Lopez grind?", []),  # accents apart
        ("Does the mill of Zoë LÓPEZ’s grind?", []),
        ("Does Anne-Zoë own the mill?", []),  # a part of the name is known
        ("What is the mill's age?", []),
        ("Which mill grinds flour?", []),  # a capital that the question owes to its beginning
        ("NATO: what is it?", ["NATO"]),
        ("Is NATO the same as Nato?", ["NATO", "Nato"]),
        ("Merkel Visits Old Mill On Monday", []),  # a headline has capitals everywhere
        ("mill merkel", []),  # nobody knows
        ("I'd like to know when the mill was built, and I'm in a hurry", []),
        ("Berlin, Berlin and again Berlin, what of the mill?", ["Berlin"]),
    ],
)
def test_names_that_stand_nowhere_in_the_documents_are_found(index: Index, question: str, names: list[str]) -> None:
    assert unknown_names(read_question(question, index), index) == names


@pytest.mark.parametrize(
    ("question", "misses"),
    [
        ("What did the mill do in 1820?", ()),
        ("What did the flood reach in 2021?", ()),  # its year of publication
        ("What did the flood reach in 2019?", ("2019",)),
        ("What did Zoë López say of the mill?", ("Zoë López",)),
        ("What did Angela Merkel say of the mill in 1950?", ("1950", "Angela Merkel")),
        ("Did the mill grind 300 sacks?", ()),
    ],
)
def test_what_the_question_names_and_no_quote_is_about_is_missed(
    index: Index, question: str, misses: tuple[str, ...]
) -> None:
    assert missed(choose_quotes(found(question, index), index)) == misses
    assert evidence(question, index).misses == float(bool(misses))


def test_nothing_is_missed_where_one_quote_is_about_it(index: Index) -> None:
    first, *_ = choose_quotes(found("What did the mill do in 1820?", index), index)
    assert missed([replace(first, misses=("1950",)), first]) == ()
    assert missed([]) == ()


def test_no_quote_with_what_the_question_asks_for_is_a_signal(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(articles(choir="A choir sang in the old church."), tmp_path / "index")
    choir = open_index(tmp_path / "index")
    assert evidence("How many people sang?", choir).no_offer == 1.0
    sang = {"How many “old church” choirs sang?": (0.0, 1.0), "What sang in the “old church”?": (1.0, 0.0)}
    for question, signals in sang.items():
        one = evidence(question, choir)
        assert (one.fits, one.no_offer) == signals
    assert evidence("What did the choir do?", choir).no_offer == 0.0
