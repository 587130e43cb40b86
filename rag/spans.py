"""The sentences of a passage that may support a claim, alone or with the next two, with what is known of each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.opened import Index
from index.sentences import Sentence, place_of
from index.vectors import Matrix
from rag.instructions import HIDDEN, tainted
from rag.passages import Passage, stored_text
from rag.speakers import Speaker, attributed_to, same_person
from rag.wording import Wording

ENDED = re.compile(r"[.!?…][\"”’')\]]*\s*$")
MOST_SENTENCES = 3
"""Of a span."""

LONG_ARTICLE, ARTICLE_ENDS = 100_000, 2_000
"""Characters from which on an article is not looked through as a whole, and those of its ends that are."""

HEADING = 6
"""Content words below which a line without a full stop is a heading."""

ANAPHOR = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|we|I|our|us|the (?:former|latter))\b",
    re.IGNORECASE,
)
CALLED = re.compile(r"\b[Tt]he (?:\w+ ){0,2}(?:mayor|president|minister|company|firm|group|party|town|city"
    r"|village|agency|council|court|"
                    r"museum|bridge|mill|dam|school|hospital|plant|mine|island|river|lake|project|programme"
                    r"|program|team|"
                    r"ministry|union|bank|country|government|administration|director|owner|founder|author|report"
                    r"|study)\b")  # fmt: skip


@dataclass(frozen=True)
class Span:
    """One to three sentences of a passage, with what stands around it and is known of its document."""

    start: int
    end: int
    sentences: tuple[int, ...]  # where they begin
    text: str
    around: str  # the sentences before and after
    whole: str  # the passage
    article: str  # the document, of a long one what is near, its beginning and its end
    title: str
    teller: str  # publisher, author
    published: str
    speaker: Speaker | None
    vector: Matrix
    terms: frozenset[str]

    @property
    def about(self) -> str:
        """Title, publisher, author."""
        return " ".join(filter(None, (self.title, self.teller)))

    @property
    def leans(self) -> bool:
        """Whether it speaks of something that is named before it, or in the title."""
        return bool(ANAPHOR.search(self.text) or CALLED.search(self.text))

    @property
    def told_by(self) -> str:
        """Who says it or writes it."""
        return " ".join(filter(None, (self.teller, self.speaker.name if self.speaker else "")))

    @property
    def known(self) -> str:
        """What counts as told by it without standing in it."""
        return " ".join(filter(None, (self.about, self.published, self.speaker.name if self.speaker else "")))


def spans_of(passage: Passage, index: Index, wording: Wording) -> Iterator[Span]:
    """Each sentence of a passage, then each two or three that follow each other; without tainted ones.

    What two say is not one span: in it nobody could tell whose words are whose. Nor are three in which one speaks.
    """
    text = stored_text(passage.document_id, index)
    sentences = index.catalog.sentences(passage.document_id)
    vectors = wording.sentence_vectors(passage)
    bad = tainted(text, sentences)
    inside = [
        one
        for one in sentences
        if passage.start <= one.start and one.end <= passage.end and one.start in vectors and one.start not in bad
    ]
    places = [place_of(sentences, one.start) for one in inside]
    speakers = [attributed_to(text, sentences, place) for place in places]
    article = _article(text, passage.start)
    for number in range(1, MOST_SENTENCES + 1):
        for first in range(len(inside) - number + 1):
            run = slice(first, first + number)
            if number == 1 and _is_heading(text[inside[first].start : inside[first].end], wording):
                continue
            said = [one for one in speakers[run] if one]
            if places[run][-1] == places[first] + number - 1 and _is_one_voice(said, number):
                speaker = said[0] if said else None
                yield _span(passage, inside[run], speaker, article, text, sentences, vectors, bad, wording)


def _is_one_voice(said: Sequence[Speaker], sentences: int) -> bool:
    """Whether nobody speaks in so many sentences, or in one or two of them one person."""
    if sentences == MOST_SENTENCES:
        return not said
    return len(said) < 2 or same_person(said[0].name, said[1].name)


def _is_heading(text: str, wording: Wording) -> bool:
    """Whether it is a few words without a full stop, which state nothing."""
    return not ENDED.search(text) and len(wording.words(text)) < HEADING


def _span(
    passage: Passage, told: Sequence[Sentence], speaker: Speaker | None, article: str,
    text: str, sentences: Sequence[Sentence], vectors: dict[int, Matrix], bad: set[int], wording: Wording,
) -> Span:  # fmt: skip
    first, last = place_of(sentences, told[0].start), place_of(sentences, told[-1].start)
    beside = [
        one for one in (*sentences[max(0, first - 2) : first], *sentences[last + 1 : last + 2]) if one.start not in bad
    ]
    words = _seen(text[told[0].start : told[-1].end])
    vector = sum((vectors[one.start] for one in told[1:]), vectors[told[0].start]) / len(told)
    return Span(
        told[0].start,
        told[-1].end,
        tuple(one.start for one in told),
        words,
        _seen(" ".join(text[one.start : one.end] for one in beside)),
        passage.text,
        article,
        passage.title or "",
        " ".join(filter(None, (passage.publisher, passage.author))),
        passage.published or "",
        speaker,
        np.asarray(vector, np.float32),
        frozenset(wording.terms(words)),
    )


def _article(text: str, at: int) -> str:
    """The text, of a long one what is near a place, with its beginning and its end: it is searched for each claim."""
    if len(text) <= LONG_ARTICLE:
        return text
    near = text[max(0, at - LONG_ARTICLE // 2) : at + LONG_ARTICLE // 2]
    return "\n".join((text[:ARTICLE_ENDS], near, text[-ARTICLE_ENDS:]))


def _seen(text: str) -> str:
    return " ".join(HIDDEN.sub("", text).split())
