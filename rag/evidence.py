"""What the sentences of a chunk say for it: how near each is to the question, and which of its words it holds.

A chunk about the right thing is told from one that answers by its best sentence, and by question words that stand
beside each other. Nothing here asks the model: the sentences' vectors were made by the build.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from index.catalog import StoredChunk, StoredDocument
from index.opened import Index
from index.sentence_vectors import unpack
from index.sentences import Sentence
from index.vectors import Matrix
from rag.question import Question

COVERAGE_WEIGHT = 0.3
"""Of the share of the question's words in the chunk, each word once (BM25 counts repeated ones)."""

BEST_SENTENCE_WEIGHT = 0.5
"""Of the best sentence: its cosine and its share of the question's words."""

TOGETHER_WEIGHT = 0.3
"""Of question words that stand together. These three beside the cosine and 0.3 of the words find 0.752 of one public
set at once and 0.981 of the other, where cosine and words alone find 0.680 and 0.981; 0.1 more or less of each is as
good."""

APART_WORDS = 4
"""Two words of the question that stand this many words apart count half of two neighbours."""


@dataclass(frozen=True)
class Told:
    """A sentence of a chunk with what it has of the question."""

    sentence: Sentence
    text: str
    terms: tuple[str, ...]  # its words as they are indexed, in order
    cosine: float  # of question and sentence, the sentence as it is meant in its chunk
    coverage: float  # the share of the question's words that it holds, 0..1


@dataclass(frozen=True)
class Evidence:
    """A chunk's sentences in order, and what they add to its score."""

    told: tuple[Told, ...]
    title: frozenset[str]  # the words of the document's title, as they are indexed
    question: Question

    @cached_property
    def best(self) -> Told:
        """The sentence that is nearest by meaning and words together; the first of equal ones."""
        return max(self.told, key=lambda one: one.cosine + one.coverage)

    @cached_property
    def score(self) -> float:
        """What is added to the cosine and the words of the chunk as a whole; 0 or more."""
        terms = [term for one in self.told for term in one.terms]
        return (
            COVERAGE_WEIGHT * self.question.coverage(self.title.union(terms))
            + BEST_SENTENCE_WEIGHT * max(0.0, self.best.cosine + self.best.coverage)
            + TOGETHER_WEIGHT * together(self.question, terms)
        )


def read_sentences(
    chunks: Sequence[StoredChunk],
    documents: Mapping[int, StoredDocument],
    question: Question,
    vector: Matrix,
    index: Index,
) -> dict[int, Evidence]:
    """The evidence by chunk id. ``documents`` holds theirs by id; ``vector`` is the question's."""
    packed = index.catalog.sentence_vectors(chunk.id for chunk in chunks)
    cosines = unpack(b"".join(packed[chunk.id] for chunk in chunks), index.vectors.dimension) @ vector
    titles = {one.id: frozenset(index.words.terms(one.title or "")) for one in documents.values()}
    evidence, first = {}, 0
    for chunk in chunks:
        last = first + len(chunk.sentences)
        told = _told(chunk, cosines[first:last].tolist(), documents[chunk.document_id].text, question, index)
        evidence[chunk.id] = Evidence(tuple(told), titles[chunk.document_id], question)
        first = last
    return evidence


def _told(chunk: StoredChunk, cosines: Sequence[float], text: str, question: Question, index: Index) -> Iterator[Told]:
    for sentence, cosine in zip(chunk.sentences, cosines, strict=True):
        words = text[sentence.start : sentence.end]
        terms = tuple(index.words.terms(words))
        yield Told(sentence, words, terms, cosine, question.coverage(set(terms)))


def together(question: Question, terms: Sequence[str]) -> float:
    """How near each other the question's neighbouring words stand in a text, 0..1, weighted by how telling they are.

    1 where each stands beside the one that follows it in the question, in either order.
    """
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        if term in question.weights:
            places.setdefault(term, []).append(place)
    found = total = 0.0
    for one, other in pairwise(question.terms):
        weight = question.weights[one] + question.weights[other]
        total += weight
        if one in places and other in places:
            apart = _least_distance(places[one], places[other]) - 1
            found += weight / (1 + apart / APART_WORDS)
    return found / total if total else 0.0


def _least_distance(ones: Sequence[int], others: Sequence[int]) -> int:
    """The smallest distance between two ascending lists of different places."""
    least, left, right = abs(ones[0] - others[0]), 0, 0
    while left < len(ones) and right < len(others):
        least = min(least, abs(ones[left] - others[right]))
        if ones[left] < others[right]:
            left += 1
        else:
            right += 1
    return least
