"""What sentences say for a chunk, compared with the same counted and added up by hand."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from index import build, open_index
from index.opened import Index
from index.sentence_vectors import unpack
from index.sentences import Sentence
from index.word_vectors import towards
from rag.evidence import (
    APART_WORDS,
    BEST_SENTENCE_WEIGHT,
    COVERAGE_WEIGHT,
    IN_TITLE,
    MEANT_WEIGHT,
    TOGETHER_WEIGHT,
    Asked,
    Evidence,
    Told,
    read_sentences,
    together,
)
from rag.question import Question, read_question

BRIDGE = Question("Which river bridge was closed?", "what", {"river": 2.0, "bridg": 3.0, "close": 1.0})
"""Its neighbours are river and bridge, which weigh 5, and bridge and closed, which weigh 4."""


def told(terms: str, cosine: float, place: int = 0, near: tuple[float, ...] = (0.0, 0.0, 0.0)) -> Told:
    """A sentence of these words, as they are indexed; ``near`` is how near it comes to river, bridge, closed."""
    words = tuple(terms.split())
    return Told(Sentence(place, place + len(terms), 0), terms, words, cosine, BRIDGE.coverage(set(words)), near)


# Words that stand together


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ("river bridg close", 1.0),
        ("old river bridg stay close", (5 + 4 / (1 + 1 / 4)) / 9),
        ("bridg river", 5 / 9),  # in either order
        ("bridg a b c d river", 5 / 2 / 9),  # four words apart are half
        ("river a b bridg x y z bridg river", 5 / 9),  # the nearest two count
        ("close bridg close river", (4 + 5 / (1 + 1 / 4)) / 9),
        ("river river river", 0.0),
        ("river close river close", 0.0),  # they are no neighbours in the question
        ("oak mill", 0.0),
        ("", 0.0),
    ],
)
def test_neighbours_of_the_question_count_by_their_weight_and_less_the_further_they_are_apart(
    terms: str, expected: float
) -> None:
    assert APART_WORDS == 4
    assert together(BRIDGE, terms.split()) == pytest.approx(expected)


@pytest.mark.parametrize("weights", [{}, {"river": 2.0}])
def test_a_question_of_fewer_than_two_words_has_no_neighbours(weights: dict[str, float]) -> None:
    assert together(Question("?", "what", weights), ["river", "river"]) == 0.0


def together_by_trying_all(question: Question, terms: Sequence[str]) -> float:
    """The same, with the distance of every word from every other."""
    found = total = 0.0
    for one, other in pairwise(question.weights):
        weight = question.weights[one] + question.weights[other]
        distances = [
            abs(place - at)
            for place, term in enumerate(terms)
            for at, beside in enumerate(terms)
            if (term, beside) == (one, other)
        ]
        found += weight / (1 + (min(distances) - 1) / APART_WORDS) if distances else 0.0
        total += weight
    return found / total


def test_the_nearest_two_are_found_wherever_they_stand() -> None:
    dice = random.Random(0)
    for _ in range(500):
        asked = [f"word{number}" for number in range(dice.randint(2, 5))]
        question = Question("?", "what", {term: dice.uniform(0.1, 9) for term in asked})
        vocabulary = asked + [f"other{number}" for number in range(dice.randint(0, 30))]
        terms = dice.choices(vocabulary, k=dice.randint(0, 60))
        assert together(question, terms) == pytest.approx(together_by_trying_all(question, terms))


def test_words_that_are_repeated_a_hundred_thousand_times_are_gone_through_once() -> None:
    """Every word with every other would be ten thousand million pairs."""
    many = 100_000
    terms = [*["river"] * many, "a", "b", "c", "d", *["bridg"] * many]
    assert together(BRIDGE, terms) == pytest.approx(5 / 2 / 9)
    assert together(BRIDGE, ["bridg", "a", "river"] * many) == pytest.approx(5 / 9)


# The score


def test_the_score_adds_coverage_the_best_sentence_and_words_that_stand_together() -> None:
    sentences = (told("river bridg", 0.2), told("oak", 0.9), told("close river", 0.3))
    evidence = Evidence(sentences, frozenset({"mill"}), BRIDGE)
    assert evidence.best is sentences[0]  # .2 + 5 of 6 is more than .9 + 0 and .3 + 3 of 6
    beside = (5 + 4 / (1 + 1 / 4)) / 9  # river bridge oak closed
    expected = COVERAGE_WEIGHT * 1 + BEST_SENTENCE_WEIGHT * (0.2 + 5 / 6) + TOGETHER_WEIGHT * beside
    assert evidence.score == pytest.approx(expected)


def test_words_of_the_title_are_covered_and_do_not_stand_together_with_those_of_the_text() -> None:
    without = Evidence((told("bridg", 0.5),), frozenset(), BRIDGE)
    titled = Evidence((told("bridg", 0.5),), frozenset({"river", "bridg", "mill"}), BRIDGE)
    near = MEANT_WEIGHT * IN_TITLE * 5 / 6
    assert without.score == pytest.approx(COVERAGE_WEIGHT * 3 / 6 + BEST_SENTENCE_WEIGHT * (0.5 + 3 / 6))
    assert titled.score == pytest.approx(COVERAGE_WEIGHT * 5 / 6 + BEST_SENTENCE_WEIGHT * (0.5 + 3 / 6) + near)


def test_words_that_mean_the_question_s_count_the_nearest_of_all_sentences() -> None:
    sentences = (told("brook", 0.1, near=(0.6, 0.2, 0.0)), told("viaduct shut", 0.1, near=(0.1, 0.5, 0.9)))
    evidence = Evidence(sentences, frozenset(), BRIDGE)
    meant = (2 * 0.6 + 3 * 0.5 + 1 * 0.9) / 6
    assert evidence.score == pytest.approx(BEST_SENTENCE_WEIGHT * 0.1 + MEANT_WEIGHT * meant)


def test_of_equal_sentences_the_first_is_the_best() -> None:
    evidence = Evidence((told("oak", 0.1, 0), told("river", 0.4, 10), told("river", 0.4, 20)), frozenset(), BRIDGE)
    assert evidence.best.sentence.start == 10


def test_a_sentence_that_is_about_something_else_takes_nothing_away() -> None:
    assert Evidence((told("oak", -0.3),), frozenset(), BRIDGE).score == 0.0


# The sentences of an index

REPORT = """Flood closes the bridge

The river rose by two metres in the night. Engineers closed it at dawn because a pillar was damaged.

Nobody was hurt. Buses take the road by the mill."""

HARVEST = "Farmers brought in the potato harvest. It was two weeks early."


@pytest.fixture
def index(articles: Callable[..., Path], tmp_path: Path) -> Index:
    """A report with a title, and one without."""
    build(articles(report=REPORT, harvest=HARVEST), tmp_path / "index")
    return open_index(tmp_path / "index")


def evidence_in(index: Index, text: str) -> dict[str, Evidence]:
    """By the file of the chunk, of which each has one."""
    question = read_question(text, index)
    chunks = list(index.catalog.chunks(index.catalog.chunk_ids()).values())
    documents = {row.id: document for row in index.documents() if (document := index.document(row.id))}
    found = read_sentences(chunks, documents, Asked.of(question, index), index)
    assert len(found) == len(documents) == 2
    return {documents[chunk.document_id].path: found[chunk.id] for chunk in chunks}


def test_every_sentence_is_told_with_its_words_its_place_and_its_coverage(index: Index) -> None:
    asked = "When was the river bridge closed?"
    question = read_question(asked, index)
    report = evidence_in(index, asked)["report.txt"]
    texts = [
        "Flood closes the bridge",
        "The river rose by two metres in the night.",
        "Engineers closed it at dawn because a pillar was damaged.",
        "Nobody was hurt.",
        "Buses take the road by the mill.",
    ]
    assert [one.text for one in report.told] == texts
    assert [REPORT[one.sentence.start : one.sentence.end] for one in report.told] == texts
    assert [one.terms for one in report.told] == [tuple(index.words.terms(text)) for text in texts]
    assert question.terms == ["river", "bridg", "close"]
    river, bridge, close = question.weights.values()
    covered, total = [bridge + close, river, close, 0, 0], river + bridge + close
    assert [one.coverage for one in report.told] == pytest.approx([one / total for one in covered])
    assert report.title == {"flood", "close", "bridg"}
    assert evidence_in(index, asked)["harvest.txt"].title == set()


def test_the_cosine_of_a_sentence_is_that_of_its_words_as_they_are_meant_in_the_chunk(index: Index) -> None:
    asked = "What did farmers bring in early?"
    vector = index.embedder.encode_question(asked)
    split = HARVEST.index(" It")
    spans = [(0, split), (split + 1, len(HARVEST))]
    _, [in_chunk] = index.embedder.encode_chunks([HARVEST], [spans])
    _, [[alone]] = index.embedder.encode_chunks([HARVEST[split + 1 :]], [[(0, len(HARVEST) - split - 1)]])
    first, second = evidence_in(index, asked)["harvest.txt"].told
    # packed to four bits: see test_sentence_vectors
    assert [first.cosine, second.cosine] == pytest.approx((in_chunk @ vector).tolist(), abs=0.03)
    assert second.cosine > float(alone @ vector) + 0.1  # "it" is the harvest of the farmers


def test_the_sentences_of_many_chunks_keep_their_own_vectors(index: Index) -> None:
    asked = "Was the harvest early?"
    vector = index.embedder.encode_question(asked)
    found = evidence_in(index, asked)
    for chunk in index.catalog.chunks(index.catalog.chunk_ids()).values():
        document = index.document(chunk.document_id)
        assert document is not None
        packed = index.catalog.sentence_vectors([chunk.id])[chunk.id]
        alone = (unpack(packed, index.vectors.dimension) @ vector).tolist()
        assert [one.cosine for one in found[document.path].told] == pytest.approx(alone, abs=1e-6)


def test_no_chunks_have_no_evidence(index: Index) -> None:
    assert read_sentences([], {}, Asked.of(read_question("river", index), index), index) == {}


def test_the_words_of_a_sentence_come_near_those_of_the_question_that_they_mean(index: Index) -> None:
    asked = "Was anybody injured when the stream swelled?"
    assert read_question(asked, index).terms == ["anybodi", "injur", "stream", "swell"]
    heading, rose, closed, hurt, buses = [one.near for one in evidence_in(index, asked)["report.txt"].told]
    nearest = [max(range(5), key=lambda at: near[at]) for near in zip(heading, rose, closed, hurt, buses, strict=True)]
    assert nearest[:3] == [3, 3, 1]  # "Nobody was hurt.", "The river rose ..."


def test_the_question_is_read_once_and_its_words_as_they_stand_in_it(index: Index) -> None:
    text = "Who closed the bridge, and who closed the river?"
    question = read_question(text, index)
    one = Asked.of(question, index)
    assert one.vector == pytest.approx(index.embedder.encode_question(text), abs=1e-5)
    spans = [(text.index(word), text.index(word) + len(word)) for word in ("closed", "bridge", "river")]
    _, words = index.embedder.encode_question_words(text, spans)
    assert question.terms == ["close", "bridg", "river"]
    assert one.words == pytest.approx(towards(words), abs=1e-6)
