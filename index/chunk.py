"""Documents become chunks: runs of whole sentences that the embedding model reads to the end.

A chunk keeps to paragraph borders where it can, repeats the last sentences of the one before where it cannot,
and never holds more word pieces than the model takes, title included: what is clipped is never found.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.load import Document
from index.sentences import Sentence, split_sentences

TARGET_WORDS = 170
"""About 1,000 characters. 190 words found no more on either public set."""

ENOUGH_WORDS = 90
"""From here on a chunk ends at a paragraph border rather than take in a part of the next paragraph."""

OVERLAP_SENTENCES = 2
"""Sentences repeated where a chunk ends inside a paragraph, so that a pronoun keeps its noun."""

MAX_GAP = 300
"""Characters of left-out text (a long form, a list of links) that a chunk may run across."""

MAX_TITLE_WORDS = 40
"""A title is put before every chunk of its article; a longer one would crowd the chunk out."""

CHUNKING = f"sentences-{TARGET_WORDS}-{ENOUGH_WORDS}-{OVERLAP_SENTENCES}-2"
"""Name of this way of cutting; an index made with another one is made anew."""


@dataclass(frozen=True)
class Chunk:
    """A run of sentences: ``document.text[start:end]`` holds it, ``searched_text`` is what both searches read.

    ``spans`` are the (start, end) of its sentences in ``searched_text``.
    """

    start: int
    end: int
    sentences: tuple[Sentence, ...]
    searched_text: str
    spans: tuple[tuple[int, int], ...]

    @property
    def key(self) -> str:
        """Names the searched text and where its sentences are: equal ones are embedded once."""
        return hashlib.sha256(f"{self.spans} {self.searched_text}".encode()).hexdigest()


@dataclass(frozen=True)
class Measure:
    """How the embedding model counts: ``count`` gives word pieces with the special ones included,
    ``offsets`` the character span of each, ``limit`` is the most it reads."""

    count: Callable[[str], int]
    offsets: Callable[[str], Sequence[tuple[int, int]]]
    limit: int


def chunk(document: Document, measure: Measure) -> list[Chunk]:
    """The chunks of a document in order; together they hold every sentence of the article."""
    title = _header(document, measure)
    specials = measure.count("")
    budget = measure.limit - (measure.count(title + "\n") if title else specials)
    pieces = _sized(document, measure, specials, budget)
    return [_chunk(document, run, title) for run in _runs(pieces, budget)]


@dataclass(frozen=True)
class _Piece:
    """A sentence, or a part of one that is longer than the model reads, with its sizes."""

    sentence: Sentence
    tokens: int
    words: int


def _header(document: Document, measure: Measure) -> str:
    title = " ".join((document.metadata.title or "").split()[:MAX_TITLE_WORDS])
    return title if measure.count(title) <= measure.limit // 4 else ""


def _sized(document: Document, measure: Measure, specials: int, budget: int) -> list[_Piece]:
    pieces = []
    for sentence in split_sentences(document.text, document.marks):
        sentence = _as_heading(sentence, document.metadata.title_span)
        for part, tokens in _readable(document.text, sentence, measure, specials, budget):
            words = document.text[part.start : part.end].split()
            pieces.append(_Piece(part, tokens - specials + 1, len(words)))
    return pieces


def _as_heading(sentence: Sentence, title_span: tuple[int, int] | None) -> Sentence:
    if title_span and title_span[0] <= sentence.start and sentence.end <= title_span[1]:
        return Sentence(sentence.start, sentence.end, sentence.paragraph, heading=True)
    return sentence


def _readable(
    text: str, sentence: Sentence, measure: Measure, specials: int, budget: int
) -> Iterator[tuple[Sentence, int]]:
    """The sentence itself, or parts of it that the model can read, cut between words where there are any; each with
    its word pieces as the model counts them."""
    words = text[sentence.start : sentence.end]
    tokens = measure.count(words)
    if tokens - specials < budget:
        yield sentence, tokens
        return
    ends = [end for _, end in measure.offsets(words)]
    start = 0
    while start < len(words):
        end = _readable_end(words, start, ends, measure, specials, budget)
        part = words[start:end].strip()
        if part:
            begin = sentence.start + words.index(part, start)
            piece = Sentence(begin, begin + len(part), sentence.paragraph, sentence.heading)
            yield piece, measure.count(part)
        start = end


def _readable_end(words: str, start: int, ends: Sequence[int], measure: Measure, specials: int, budget: int) -> int:
    """Where the part that begins at ``start`` ends, so that the model reads all of it."""
    ahead = list(ends[bisect_right(ends, start) :][: budget - 1])
    # a part that begins inside a word may have more pieces than the whole word had there
    while len(ahead) > 1 and measure.count(words[start : ahead[-1]]) - specials >= budget:
        ahead.pop()
    if not ahead or ahead[-1] >= ends[-1]:
        return len(words)
    return _word_border(words, start, ahead[-1])


def _word_border(words: str, start: int, end: int) -> int:
    blank = words.rfind(" ", start + (end - start) // 2, end)
    return end if blank < 0 else blank


def _runs(pieces: Sequence[_Piece], budget: int) -> Iterator[list[_Piece]]:
    """Consecutive pieces that make a chunk each."""
    run: list[_Piece] = []
    repeated = 0  # pieces at the start of the run that the run before had too
    for number, piece in enumerate(pieces):
        if len(run) > repeated and _closes(run, piece, _paragraph_words(pieces, number), budget):
            headings = _trailing_headings(run, piece, budget)
            kept = run[: len(run) - len(headings)]
            yield kept
            overlap = [] if headings else _overlap(kept, piece, budget)
            run, repeated = [*overlap, *headings], len(overlap)
        run.append(piece)
    if len(run) > repeated:
        yield run


def _closes(run: Sequence[_Piece], piece: _Piece, paragraph_words: int, budget: int) -> bool:
    words = sum(one.words for one in run)
    if sum(one.tokens for one in run) + piece.tokens > budget or words + piece.words > TARGET_WORDS:
        return True
    if piece.sentence.start - run[-1].sentence.end > MAX_GAP:
        return True
    begins_paragraph = piece.sentence.paragraph != run[-1].sentence.paragraph
    return begins_paragraph and words >= ENOUGH_WORDS and words + paragraph_words > TARGET_WORDS


def _paragraph_words(pieces: Sequence[_Piece], number: int) -> int:
    """Words from this piece to the end of its paragraph."""
    paragraph = pieces[number].sentence.paragraph
    words = 0
    for piece in pieces[number:]:
        if piece.sentence.paragraph != paragraph:
            break
        words += piece.words
    return words


def _trailing_headings(run: Sequence[_Piece], piece: _Piece, budget: int) -> list[_Piece]:
    """Headings at the end of a run, which belong to the piece that follows, if they fit in front of it."""
    headings: list[_Piece] = []
    for last in reversed(run[1:]):
        if not last.sentence.heading:
            break
        headings.insert(0, last)
    fits = sum(one.tokens for one in headings) + piece.tokens <= budget
    return headings if fits else []


def _overlap(run: Sequence[_Piece], piece: _Piece, budget: int) -> list[_Piece]:
    """The last sentences of a run that ends inside a paragraph, as far as they leave room for the next piece."""
    if piece.sentence.paragraph != run[-1].sentence.paragraph:
        return []
    overlap = list(run[1:][-OVERLAP_SENTENCES:])
    while overlap and (
        sum(one.tokens for one in overlap) + piece.tokens > budget
        or sum(one.words for one in overlap) + piece.words > TARGET_WORDS
    ):
        del overlap[0]
    return overlap


def _chunk(document: Document, run: Sequence[_Piece], title: str) -> Chunk:
    sentences = tuple(piece.sentence for piece in run)
    holds_title = document.metadata.title_span and sentences[0].start <= document.metadata.title_span[0]
    searched = "" if holds_title or not title else f"{title}\n"
    spans = []
    for before, sentence in zip([None, *sentences], sentences, strict=False):
        if before:
            searched += "\n" if sentence.paragraph != before.paragraph else " "
        words = document.text[sentence.start : sentence.end]
        spans.append((len(searched), len(searched) + len(words)))
        searched += words
    return Chunk(sentences[0].start, sentences[-1].end, sentences, searched, tuple(spans))
