"""When two documents are copies of one report: a wire story in seven papers, a press release, the same file twice.

A paper gives a report another headline, cuts its end, adds a paragraph or its own furniture. So texts are compared by
the runs of five words they share (Broder 1997, "On the resemblance and containment of documents"): MinHash finds the
few that may be copies, and those are then compared exactly. What is marked as not article takes no part, nor do case,
accents and punctuation. Which documents make a group follows in `reports`.
"""

import hashlib
import re
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.boilerplate import Mark

RUN_WORDS = 5
"""Words of a run. With 3 to 8 the copies and the others in `tests/wire_story.py` lie equally far apart."""

SHARED_BY_SHORTER = 2 / 3
"""Of the runs of the shorter text that the other must hold. Measured: copies hold .73 and more of one another; two
issues of a weekly report, half of which is the same paragraphs, .51; two reports on one event .13; passages of
Wikipedia under the same notices up to .60."""

SHARED_BY_LONGER = 1 / 4
"""...and of the longer text's: a brief is a copy, a report that quotes a whole statement is a report of its own."""

LEAST_SHARED = 60
"""Runs, three or four sentences. Texts that share fewer are copies only word for word: a notice of two sentences above
short passages of Wikipedia is up to .77 of them."""

READ_CHARACTERS = 120_000
"""Of a text, some 20,000 words: a report is shorter, and of two books this much is enough to tell."""

NUMBERS = 128
"""Of a signature. The share in which two agree estimates the share of all their runs that two texts have in common,
with a standard deviation of .04."""

SEED = 1
"""Of the signatures; with another one, and with another version of rensa, those of older generations mean nothing."""

SLACK = 0.1
"""Two and a half standard deviations: a pair whose estimate is this far below what copies share is not compared."""

WORD = re.compile(r"[^\W_]+")

_BYTES = struct.Struct(f"<{NUMBERS}I")


@dataclass(frozen=True)
class Sketch:
    """What of a text is stored to find its copies: equal keys are equal words, ``signature`` is 128 numbers of MinHash
    in little-endian bytes, empty for a text too short to be a copy in any other way."""

    key: bytes
    runs: int
    signature: bytes


def sketch(text: str, marks: Sequence[Mark] = ()) -> Sketch:
    """The sketch of a text, of which the marked spans are no part."""
    words = words_of(text, marks)
    key = hashlib.sha256(" ".join(words).encode()).digest()[:16]
    runs = runs_of(words)
    return Sketch(key, len(runs), _signature(runs) if len(runs) >= LEAST_SHARED else b"")


def words_of(text: str, marks: Sequence[Mark] = ()) -> list[str]:
    """The words of an article, folded: lower case, without accents.

    >>> words_of("“López said: NO.” Share", [Mark(18, 23, "social prompt")])
    ['lopez', 'said', 'no']
    """
    article = "\n".join(_unmarked(text, marks))[:READ_CHARACTERS]
    folded = unicodedata.normalize("NFKD", article.casefold())
    return WORD.findall("".join(letter for letter in folded if not unicodedata.combining(letter)))


def _unmarked(text: str, marks: Sequence[Mark]) -> Iterator[str]:
    start = 0
    for mark in marks:
        yield text[start : mark.start]
        start = mark.end
    yield text[start:]


def runs_of(words: Sequence[str]) -> frozenset[str]:
    """Every five words in a row; all of them as one where they are fewer."""
    return frozenset(" ".join(words[start : start + RUN_WORDS]) for start in range(max(1, len(words) - RUN_WORDS + 1)))


def _signature(runs: frozenset[str]) -> bytes:
    from rensa import RMinHash

    minhash = RMinHash(num_perm=NUMBERS, seed=SEED)
    minhash.update(runs)
    return _BYTES.pack(*minhash.digest())


def may_be_copies(resemblances: Any, runs: int, others: Any) -> Any:
    """Which texts, arrays of their numbers of runs, are worth comparing with one whose signature agrees in these shares
    with theirs: an array of True and False."""
    shares = resemblances + SLACK
    return _enough(shares / (1 + shares) * (runs + others), runs, others)


def are_copies(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts, given as their runs, are copies of one report."""
    return bool(_enough(len(one & other), len(one), len(other)))


def _enough(shared: Any, one: Any, other: Any) -> Any:
    """For numbers, and for arrays of them."""
    by_shorter = (shared >= SHARED_BY_SHORTER * one) | (shared >= SHARED_BY_SHORTER * other)
    by_longer = (shared >= SHARED_BY_LONGER * one) & (shared >= SHARED_BY_LONGER * other)
    return (shared >= LEAST_SHARED) & by_shorter & by_longer
