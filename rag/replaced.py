"""Words of a claim that stand where its source has others: "a cracked pipe" for "a cracked tank".

Both texts are laid side by side, word for word; where a few words between others that agree differ, the claim's must
mean nearly the same as the source's. A claim told in other words has few such places, and is compared as a whole, see
`rag.support`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations

from rag import quantities
from rag.claims import TITLES
from rag.quantities import UNIT_FACTORS
from rag.spans import ANAPHOR
from rag.wording import WORD, Wording

LONGEST_RUN = 2
"""Words that differ, on either side, between those that agree; longer runs are told in other words."""

ALIKE = 0.5
"""How far a word must be held by the one in its place, 0..1, see `rag.wording`."""

ADDED_WORDS = 2
"""Content words that make what was put in: a run here, a clause in `rag.support`."""

BOTH = re.compile(r"\W*(?:and|or|nor|with)?\W*")
"""Between two that may be told in either order."""

COPIED = 0.6
"""Share of the claim's words that agree, in order, for the two to be laid side by side."""

VERB = re.compile(
    r"\w{2,}(?:ed|ing)$|^(?:quit|left|led|fell|fallen|rose|risen|grew|grown|won|got|took|taken|gave|given|made|said|told|"
    r"went|gone|came|began|begun|ran|run|runs|thinks?|thought|considers?|believes?|spoke|spoken|wrote|written|held|kept)$"
)
AUXILIARY = re.compile(r"(?:is|are|was|were|has|had|have|been|being|did|does|do|will|would|can|could) ", re.IGNORECASE)
LINKING = (
    "against just after before so since until during within among amid toward towards upon like out outside inside "
    "behind down up through throughout off over under each all because due despite whether when where time"
)
LINKS = frozenset(LINKING.split())
"""Words that are often exchanged for others that mean as much in their place."""

LITTLE = TITLES | frozenset("where whose which who whom when while now then".split())  # noqa: SIM905
"""Words that say nothing of what is told."""


class SideBySide:
    """A claim and its source laid side by side, word for word; without a run where the claim is told otherwise."""

    def __init__(self, claim: str, source: str, wording: Wording) -> None:
        self.claim, self.wording = claim, wording
        self._runs = list(_runs(claim, source, wording))

    def replaced(self) -> Iterator[tuple[str, str]]:
        """Runs of the claim that say something else than what stands in their place in the source, with that."""
        for run in self._runs:
            is_short = max(len(run.ours), len(run.theirs)) <= LONGEST_RUN
            if run.ours and run.theirs and is_short and _differ(run.own, run.other, self.wording):
                yield run.own, run.other

    def inserted(self) -> Iterator[str]:
        """Runs of the claim that stand where the source has nothing, of `ADDED_WORDS` content words or more."""
        for run in self._runs:
            if len(self.wording.words(run.own)) >= ADDED_WORDS and not self.wording.words(run.other):
                yield run.own

    def is_exchanged(self) -> bool:
        """Whether two runs of the claim each stand in the place of the other one: "A sued B" for "B sued A"."""
        terms = self.wording.terms
        told = [(run, terms(run.own), terms(run.other)) for run in self._runs if run.ours and run.theirs]
        return any(
            own & other_later
            and own_later & other
            and not own & other
            and not own_later & other_later
            and not BOTH.fullmatch(self.claim[run.ours[-1].end() : later.ours[0].start()])
            for (run, own, other), (later, own_later, other_later) in combinations(told, 2)
        )


@dataclass(frozen=True)
class _Run:
    """Where two texts that are laid side by side differ: the words of each, and both as they stand there."""

    ours: Sequence[re.Match[str]]
    theirs: Sequence[re.Match[str]]
    own: str
    other: str


def _runs(claim: str, source: str, wording: Wording) -> Iterator[_Run]:
    """Where the claim has other words than the source; none where the claim is told in other words altogether."""
    mine, theirs = list(WORD.finditer(claim)), list(WORD.finditer(source))
    blocks = SequenceMatcher(
        None, [_key(one[0], wording) for one in mine], [_key(one[0], wording) for one in theirs], False
    )
    if sum(one.size for one in blocks.get_matching_blocks()) < COPIED * len(mine):
        return
    for kind, first, last, start, end in blocks.get_opcodes():
        if kind != "equal":
            ours, others = mine[first:last], theirs[start:end]
            yield _Run(ours, others, _text(claim, ours), _text(source, others))


def _text(text: str, words: Sequence[re.Match[str]]) -> str:
    return text[words[0].start() : words[-1].end()] if words else ""


def _key(word: str, wording: Wording) -> str:
    return wording.term(word) or word.lower()


def _differ(ours: str, other: str, wording: Wording) -> bool:
    """Whether one word that is no verb stands for another; figures are compared elsewhere."""
    words, there = wording.words(ours), wording.words(other)
    if any(ANAPHOR.fullmatch(one) or one.lower().rstrip(".") in LITTLE for one in (ours, other)):
        return False  # a name for a pronoun or "Ms": names are compared elsewhere
    if quantities.numbers(other):
        return False  # "most" for "eighteen"
    if not (_is_one(ours, len(words)) and _is_one(other, len(there))) or re.search(r"\d", ours + other):
        return False
    both = (words[0].surface.lower(), there[0].surface.lower())
    if all(one in UNIT_FACTORS or one.removesuffix("s") in UNIT_FACTORS for one in both):
        return True
    if any(VERB.search(one) or one in LINKS for one in both) or any(AUXILIARY.match(one) for one in (ours, other)):
        return False
    return min(wording.held(words, there)) < ALIKE


def _is_one(run: str, words: int) -> bool:
    """Whether a run has one content word; "boat-builder" is one."""
    return words == 1 or (words == 2 and "-" in run and " " not in run)
