"""Cuts what a language model writes into sentences, as it comes, each with the numbers of the passages it cites."""

import re

MARKER = re.compile(r"\s*\[([0-9]{1,3}(?:\s*,\s*[0-9]{1,3})*)\]")
END = re.compile(r"[.!?][\"”’)]*(?:\s*\[[0-9, ]+\])*(?=\s+[^\s\[])|\n+")
SHORT = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Sgt|Lt|Rev|St|vs|approx|Jan|Feb|Aug|Sept?|Oct|Nov|Dec)"
    r"|(?<!\w)[A-Z])\.$"
)
"""A full stop that ends no sentence: "Dr. Hale", "J. Hale", "U.S. officials"."""


class SentenceStream:
    """Cuts a stream of text into sentences with the numbers they cite."""

    def __init__(self) -> None:
        self.rest = ""

    def feed(self, text: str) -> list[tuple[str, tuple[int, ...]]]:
        """The sentences that this text completes."""
        self.rest += text
        done = []
        searched = 0
        while found := END.search(self.rest, searched):
            if SHORT.search(self.rest[: found.end()][-12:]) and not found[0].isspace():
                searched = found.end()
                continue
            done += self._cut(self.rest[: found.end()])
            self.rest = self.rest[found.end() :].lstrip()
            searched = 0
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
