"""Whether two sentences say the same of each other's parts the other way round: who did it to whom, what caused what.

Around each verb or other word that both have, the words before and after it are compared; a passive ("was sued by")
turns them. Around words of cause ("because of", "led to") what is the cause and what is the effect is compared, in
whatever words the cause is told. Nothing is said of sentences that share no such word.
"""

import re
from collections.abc import Sequence

from rag.speakers import SAYING
from rag.wording import Word, Wording

NEAR = 6
"""Content words on each side of a verb that may be who does it, and to whom."""

NEAREST = 2
"""...and those that most likely are."""

BORDER = re.compile(
    r"[;:()]|[a-z]{3}[.!?]”? |\b(?:but|while|although|whereas|because|which|after|before|when|until|as|that)\b",
    re.IGNORECASE,
)
PASSIVE = re.compile(
    r"\b(?:is|are|was|were|be|been|being|got)\b(?: (?:\w+ly|not|never|also|later|first|again))* $", re.IGNORECASE
)
PAST = re.compile(
    r"\w{2,}ed$|^(?:bought|sold|drove|driven|beat|beaten|gave|given|took|taken|made|sent|told|won|lost|hit|cut"
    r"|struck|led|"
    r"brought|caught|fought|left|paid|shot|stole|stolen|taught|wrote|written|built|held|found|met|shut|overthrew|sank)$"
)
BEFORE_VERB = re.compile(r"\b(?:did|does|do|not|to|will|would|can|could|may|might|should|must)(?: \w+ly)? $")
"""What a verb follows that has no ending: "did not damage"."""
ATTRIBUTE = re.compile(r"(?:\b(?:a|an|the|of|his|her|its|their|many|several|some)|\d) $", re.IGNORECASE)
THING = re.compile(r" (?!(?:a|an|the|his|her|its|their)\b)[a-z]")
"""A verb between these is none: "the recorded cases", "a retired engineer"."""
BARE = re.compile(r" (?:in|on|at|by|for|since|from|with|under|during|over)\b")
"""What follows a verb that says neither who does it nor to whom: "an audit completed in May"."""
SUBJECT = re.compile(r"\b(?:he|she|they)(?: \w+ly)? $", re.IGNORECASE)
OBJECT = re.compile(
    r" (?:him\b|them\b|her(?= (?:to|a|an|the|in|on|at|for|with|from|of|that|how)\b|[,.;]|$))", re.IGNORECASE
)
BY_NAME = re.compile(r"(?<!of )(?<!by )(?<!and )\b([A-Z][\w’'-]+) (?:\w+ly |also |had |has )?$")
TO_NAME = re.compile(r" (?:(?:the|Mr|Mrs|Ms|Dr)\.? )?(?:[A-Z][\w’'-]+ )?([A-Z][\w’'-]+)\b")
TOLD = re.compile(SAYING)
"""Words that stand before and after who says it alike."""
ADVERBS = frozenset(
    "again later first last now still never once recently soon out up down off over back away on".split()  # noqa: SIM905
)
"""Words that stand on either side of a verb and say nothing of who does it."""

ENDS = (
    re.compile(r"\bfrom ((?:[\w.’'-]+,? ?){1,6})"),
    re.compile(r"\bagainst ((?:[\w.’'-]+,? ?){1,6})"),
    re.compile(r"(?<!According)(?<!according) \bto (?:the )?((?:[A-Z][\w’'-]+ ?)+)"),
)
"""Whom something comes from or goes to; of a "from" and an "against" the few words after it."""

NAMED = re.compile(r"[A-Z][\w’'-]+")

CAUSE_FIRST = re.compile(
    r"\b(?:caus(?:e[sd]?|ing)|led to|led (?:\w+ ){1,3}to|set off|gave rise to|provok(?:ed|ing)|spark(?:ed|ing)|"
    r"(?:was|were|is) the (?:\w+ )?(?:reason|cause) (?:for|of)|leading to|leads to|"
    r"result(?:ed|s|ing)? in|trigger(?:ed|s|ing)?|prompt(?:ed|s"
    r"|ing)|"
    r"brought about|forc(?:ed|ing)|therefore|and so|so that|which is why|as a result,|meant that)\b",
    re.IGNORECASE,
)
EFFECT_FIRST = re.compile(
    r"\b(?:because(?: of)?|(?:is|was|were|been|be|being) \w+ed by|attributed (?:\w+ ){1,4}to|blamed on|due to|owing to|"
    r"as a result of|thanks to|caused by|set off by|"
    r"triggered by|prompted by|resulted from|"
    r"brought about by|forced by|following|after|in response to|since(?! (?:\d|last|the)))\b",
    re.IGNORECASE,
)


def is_turned(claim: str, source: str, wording: Wording) -> bool:
    """Whether the claim turns round what the source says."""
    mine, theirs = _cause_and_effect(claim, wording), _cause_and_effect(source, wording)
    if mine and theirs and _are_crossed(mine, theirs):
        return True
    return _ends_are_turned(claim, source) or _sides_are_turned(claim, source, wording)


def _are_crossed(mine: tuple[set[str], set[str]], theirs: tuple[set[str], set[str]]) -> bool:
    """Whether each side of the one has words of the other side of the other, and more than of its own."""
    straight = len(mine[0] & theirs[0]) + len(mine[1] & theirs[1])
    crossed = len(mine[0] & theirs[1]) + len(mine[1] & theirs[0])
    both = bool(mine[0] & theirs[1]) and bool(mine[1] & theirs[0])
    return both and (crossed > straight or not mine[0] & theirs[0])


def _are_exchanged(mine: tuple[set[str], set[str]], theirs: tuple[set[str], set[str]]) -> bool:
    """Whether all that differs on each side stands on the other side of the other one."""
    before, after = mine[0] - theirs[0], mine[1] - theirs[1]
    return bool(before and after) and before <= theirs[1] and after <= theirs[0]


def _cause_and_effect(text: str, wording: Wording) -> tuple[set[str], set[str]] | None:
    """The words of the cause and those of the effect; None where the sentence tells none."""
    late = EFFECT_FIRST.search(text)
    early = None if late else CAUSE_FIRST.search(text)
    match = late or early
    if not match:
        return None
    before, after = wording.terms(text[: match.start()]), wording.terms(text[match.end() :])
    if late and not before:  # "Because of the storm, the bridge closed"
        cause, _, effect = text[match.end() :].partition(",")
        return (wording.terms(cause), wording.terms(effect)) if effect else None
    return (after, before) if late else (before, after)


def _ends_are_turned(claim: str, source: str) -> bool:
    """Whether what comes from somebody, or goes to them, does so from or to another one whom both name."""
    for end in ENDS:
        mine, theirs = _named_in(end, claim), _named_in(end, source)
        if mine and theirs and not mine & theirs and (_stand_in(mine, source) or _stand_in(theirs, claim)):
            return True
    return False


def _stand_in(names: set[str], text: str) -> bool:
    return all(one in text for one in names)


def _named_in(end: re.Pattern[str], text: str) -> set[str]:
    """The words with a capital among the few that follow a preposition."""
    return {one for match in end.finditer(text) for one in NAMED.findall(match[1])}


def _sides_are_turned(claim: str, source: str, wording: Wording) -> bool:
    mine, theirs = wording.words(claim), wording.words(source)
    return any(
        same.term == word.term
        and _is_verb(claim, word)
        and _is_verb(source, same)
        and _is_turned_at(claim, mine, place, source, theirs, other)
        for place, word in enumerate(mine)
        for other, same in enumerate(theirs)
    )


def _is_turned_at(
    claim: str, mine: Sequence[Word], place: int, source: str, theirs: Sequence[Word], other: int
) -> bool:
    """Whether who does it and to whom have changed sides of a verb that both texts have."""
    word, same = mine[place], theirs[other]
    if _is_known(claim, word) != _is_known(source, same):
        return False
    return (
        _are_crossed(_sides(claim, mine, place), _sides(source, theirs, other))
        or _is_passed_on(claim, source, word, same)
        or _is_done_to(claim, source, word, same)
        or _is_done_to(source, claim, same, word)
        or _are_exchanged(_sides(claim, mine, place, NEAREST), _sides(source, theirs, other, NEAREST))
    )


def _is_verb(text: str, word: Word) -> bool:
    before, end = text[: word.start], word.start + len(word.surface)
    if ATTRIBUTE.search(before) and THING.match(text, end) and not BARE.match(text, end):
        return False
    return bool(PAST.search(word.surface) or BEFORE_VERB.search(before))


def _is_known(text: str, word: Word) -> bool:
    """Whether it can be told who does it: not of "an audit completed in May"."""
    return bool(PASSIVE.search(text[: word.start])) or not BARE.match(text, word.start + len(word.surface))


def _is_passed_on(claim: str, source: str, word: Word, same: Word) -> bool:
    """Whether "she taught" stands for "taught her", or the other way round."""
    return any(
        SUBJECT.search(one[: here.start])
        and OBJECT.match(other, there.start + len(there.surface))
        and not SUBJECT.search(other[: there.start])
        and not OBJECT.match(one, here.start + len(here.surface))
        for one, here, other, there in ((claim, word, source, same), (source, same, claim, word))
    )


def _is_done_to(one: str, other: str, word: Word, same: Word) -> bool:
    """Whether who does it in the one, by name, is whom it is done to in the other one."""
    by = BY_NAME.search(one[: word.start])
    to = TO_NAME.match(other, same.start + len(same.surface))
    if not (by and to and by[1] == to[1]) or PASSIVE.search(other[: same.start]) or TOLD.fullmatch(word.surface):
        return False
    return by[1] not in other[: same.start]


def _sides(text: str, words: Sequence[Word], place: int, near: int = NEAR) -> tuple[set[str], set[str]]:
    """The words before and after a verb, up to a border of clauses; of a passive the other way round."""
    word = words[place]
    end = word.start + len(word.surface)
    borders = [match.start() for match in BORDER.finditer(text)]
    first = max((one for one in borders if one < word.start), default=0)
    last = min((one for one in borders if one > end), default=len(text))
    before = {
        one.term for one in words[max(0, place - near) : place] if one.start >= first and one.surface not in ADVERBS
    }
    after = {one.term for one in words[place + 1 : place + 1 + near] if one.start < last and one.surface not in ADVERBS}
    turned = PASSIVE.search(text[: word.start]) and not word.surface.endswith("ing")
    return (after, before) if turned else (before, after)
