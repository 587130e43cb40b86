"""Is a written sentence supported by a passage? Numbers and names must stand there, and most of its words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.opened import Index
from rag.passages import Passage

MARKER = re.compile(r"\s*\[([0-9]{1,3}(?:\s*,\s*[0-9]{1,3})*)\]")
END = re.compile(r"[.!?][\"”’)]*(?:\s*\[[0-9, ]+\])*(?=\s+[^\s\[])|\n+")
WORD = re.compile(r"[^\W_]+(?:[.,][0-9]+)*")
EXACT = re.compile(r"[0-9]|^[A-Z]")
ENOUGH = 0.7


@dataclass(frozen=True)
class Support:
    """What became of a sentence; ``start`` and ``end`` are offsets in the document of passage number ``passage``."""

    sentence: str
    supported: bool
    passage: int | None
    start: int | None
    end: int | None
    problems: tuple[str, ...] = ()


class Checker:
    """Checks the sentences of one answer against its passages, numbered from 1."""

    def __init__(self, passages: Sequence[Passage], index: Index, nli: object | None = None) -> None:
        self.passages = passages
        self.index = index

    def check(self, sentence: str, cited: Sequence[int]) -> Support:
        """Looks in the passages that are cited, then in the others."""
        words = WORD.findall(sentence)
        order = sorted(range(1, len(self.passages) + 1), key=lambda number: number not in cited)
        for number in order:
            passage = self.passages[number - 1]
            for one in tuple(told.sentence for told in passage.told):
                offset = one.start - passage.start
                text = passage.text[max(0, offset) : max(0, offset) + one.end - one.start]
                there = {word.casefold() for word in WORD.findall(text)}
                shared = sum(word.casefold() in there for word in words)
                exact = all(word.casefold() in there for word in words[1:] if EXACT.search(word))
                if words and exact and shared >= ENOUGH * len(words):
                    return Support(sentence, True, number, one.start, one.end)
        return Support(sentence, False, None, None, None, ("wording",))


class SentenceStream:
    """Cuts a stream of text into sentences with the numbers they cite."""

    def __init__(self) -> None:
        self.rest = ""

    def feed(self, text: str) -> list[tuple[str, tuple[int, ...]]]:
        """The sentences that this text completes."""
        self.rest += text
        done = []
        while found := END.search(self.rest):
            done += self._cut(self.rest[: found.end()])
            self.rest = self.rest[found.end() :].lstrip()
        return done

    def flush(self) -> list[tuple[str, tuple[int, ...]]]:
        """What is left."""
        rest, self.rest = self.rest, ""
        return self._cut(rest)

    @staticmethod
    def _cut(text: str) -> list[tuple[str, tuple[int, ...]]]:
        cited = tuple(int(one) for found in MARKER.findall(text) for one in found.split(","))
        sentence = " ".join(MARKER.sub("", text).split())
        return [(sentence, cited)] if sentence else []
