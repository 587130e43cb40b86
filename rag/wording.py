"""How much of a sentence's wording another text holds: the same words, and words that mean nearly the same.

A word counts by how telling it is in the collection (its idf). It is held where the other text has its stem; else by
the cosine of its vector with the nearest word of the other text, as the embedding model of the index has them, so that
"doctors" is nearly held by "physicians": alone, or each as the model reads it where it stands.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from index.opened import Index
from index.sentence_vectors import unpack
from index.vectors import Matrix
from rag.passages import Passage
from rag.question import idf

NEAR_WORD = 0.35
"""Cosine of two words from which one begins to stand for the other..."""

SAME_WORD = 0.65
"""...and from which it does. Unrelated words have 0.1 to 0.3."""

UNLIKE_IN_CONTEXT, LIKE_IN_CONTEXT = 0.2, 0.8
"""The same for two words where they stand, whose vectors have something of their sentences."""

MOST_WORDS = 4_000
"""Word vectors that are kept: 6 MB."""

MOST_TEXTS = 200
"""Texts whose words' vectors are kept, about as much."""

WORD = re.compile(r"[^\W_]+(?:[’'][^\W\d_]+)?")

TELLING = (
    "say said says tell told tells according add added adds report reported reports reporting note noted state stated "
    "explain explained claim claimed announce announced warn warned argue argued write wrote mention mentioned "
    "statement also would could may might reportedly allegedly apparently about around nearly almost roughly more less "
    "least over under did do does has had have been being one"
)
"""Words by which something is told, or how exactly it is; they say nothing about what it is."""


@dataclass(frozen=True)
class Word:
    """A word of a text: as it stands there, as it is indexed, and how telling it is."""

    surface: str
    term: str
    weight: float
    start: int


class Wording:
    """Reads and compares texts in the words of one index; vectors of words are made once."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._vectors: dict[str, Matrix] = {}
        self._contexts: dict[str, Matrix] = {}
        self._words: dict[str, tuple[Word, ...]] = {}
        self._terms: dict[str, str] = {}
        self._weights: dict[str, float] = {}
        self._telling = frozenset(index.words.terms(TELLING))

    def words(self, text: str) -> tuple[Word, ...]:
        """The content words of a text, in order."""
        if text not in self._words:
            found = []
            for match in WORD.finditer(text):
                term = self.term(match[0])
                if term and term not in self._telling:
                    found.append(Word(match[0], term, self._weight(term), match.start()))
            if len(self._words) > MOST_WORDS:
                self._words.clear()
            self._words[text] = tuple(found)
        return self._words[text]

    def terms(self, text: str) -> set[str]:
        """The content words of a text, as they are indexed."""
        return {word.term for word in self.words(text)}

    def term(self, word: str) -> str:
        """A word as it is indexed; "" for a stop word."""
        plain = re.sub(r"[’'](?:s|re|ve|ll|d|m|t)$", "", word)
        if plain not in self._terms:
            self._terms[plain] = " ".join(self.index.words.terms(plain))
        return self._terms[plain]

    def shared(self, claim: Sequence[Word], terms: Iterable[str]) -> float:
        """The share of the claim's weight in words whose stems are there, 0..1."""
        there = set(terms)
        total = sum(word.weight for word in claim)
        return sum(word.weight for word in claim if word.term in there) / total if total else 0.0

    def held(self, claim: Sequence[Word], there: Sequence[Word]) -> list[float]:
        """For each word of the claim how far it is held, 0..1."""
        terms = {word.term for word in there}
        missing = [word for word in claim if word.term not in terms]
        nearest = self._nearest(missing, there)
        return [1.0 if word.term in terms else nearest[word.surface] for word in claim]

    def held_in_context(self, claim: str, text: str, known: str = "") -> list[float]:
        """For each content word of the claim how far it is held where it stands, 0..1.

        known: what else counts where it has the very word, such as a title.
        """
        words, there = self.words(claim), self.words(text)
        terms = {word.term for word in (*there, *self.words(known))}
        if not there:
            return [float(word.term in terms) for word in words]
        nearest = (self._in_context(claim) @ self._in_context(text).T).max(axis=1)
        shares = (nearest - UNLIKE_IN_CONTEXT) / (LIKE_IN_CONTEXT - UNLIKE_IN_CONTEXT)
        return [
            1.0 if word.term in terms else float(min(1.0, max(0.0, share)))
            for word, share in zip(words, shares, strict=True)
        ]

    def _in_context(self, text: str) -> Matrix:
        """float32[content words, dimension]: the mean of each one's pieces, as the model reads them in the text."""
        if text not in self._contexts:
            if len(self._contexts) > MOST_TEXTS:
                self._contexts.clear()
            spans = [(word.start, word.start + len(word.surface)) for word in self.words(text)]
            self._contexts[text] = self.index.embedder.encode_chunks([text], [spans])[1][0]
        return self._contexts[text]

    def sentence_vectors(self, passage: Passage) -> dict[int, Matrix]:
        """The vectors of a passage's sentences by where they begin, as they were made when the index was built."""
        found: dict[int, Matrix] = {}
        chunks = [
            one
            for one in self.index.catalog.chunks_of(passage.document_id)
            if one.start < passage.end and passage.start < one.end
        ]
        packed = self.index.catalog.sentence_vectors(one.id for one in chunks)
        for chunk in chunks:
            vectors = unpack(packed[chunk.id], self.index.vectors.dimension)
            found |= {one.start: vector for one, vector in zip(chunk.sentences, vectors, strict=True)}
        return found

    def vector(self, text: str) -> Matrix:
        """The vector of a text of a sentence's length."""
        vector: Matrix = self.index.embedder.encode_texts([text])[0]
        return vector

    def _weight(self, term: str) -> float:
        if term not in self._weights:
            self._weights[term] = idf(self.index, term)
        return self._weights[term]

    def _nearest(self, missing: Sequence[Word], there: Sequence[Word]) -> dict[str, float]:
        if not missing or not there:
            return {word.surface: 0.0 for word in missing}
        self._make([word.surface for word in (*missing, *there)])
        others = np.stack([self._vectors[one] for one in dict.fromkeys(word.surface.lower() for word in there)])
        nearest = {}
        for word in missing:
            cosine = float((others @ self._vectors[word.surface.lower()]).max())
            nearest[word.surface] = min(1.0, max(0.0, (cosine - NEAR_WORD) / (SAME_WORD - NEAR_WORD)))
        return nearest

    def _make(self, words: Sequence[str]) -> None:
        new = [word for word in dict.fromkeys(one.lower() for one in words) if word not in self._vectors]
        if len(self._vectors) > MOST_WORDS:
            self._vectors.clear()
            new = list(dict.fromkeys(one.lower() for one in words))
        if new:
            self._vectors.update(zip(new, self.index.embedder.encode_texts([word[:60] for word in new]), strict=True))
