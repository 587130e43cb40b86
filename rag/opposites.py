"""Words that say the opposite of each other: "rose" and "fell", "approved" and "rejected", "east" and "west".

Their vectors are near each other, since they stand in the same places, so they are listed; left out are pairs that
stand in for each other in other words, such as "before" and "after". A claim is turned round where it has a word of one
side and its source has only words of the other.
"""

import re

OPPOSITES = (
    ("rise rises rose risen rising increase increases increased increasing climb climbs climbed grow grows grew grown "
     "growing soar soared gain gained gains",
     "fall falls fell fallen falling decrease decreases decreased decreasing drop drops dropped decline declines "
     "declined shrink shrinks shrank shrunk plunge plunged lose lost losses"),
    ("survive survives survived surviving survivors", "die dies died dead killed death deaths perished"),
    ("approve approves approved approving accept accepts accepted support supports supported back backs backed endorse "
     "endorsed favour favoured favor favored",
     "oppose opposes opposed opposing reject rejects rejected refuse refuses refused block blocked veto vetoed"),
    ("win wins won winning", "lose loses lost losing"),
    ("open opens opened opening reopen reopens reopened", "close closes closed closing shut shuts"),
    ("arrive arrives arrived", "leave leaves left depart departs departed"),
    ("buy buys bought", "sell sells sold"),
    ("hire hires hired", "dismiss dismissed fire fired sack sacked"),
    ("guilty convicted", "innocent acquitted"),
    ("legal lawful", "illegal unlawful"),
    ("safe", "unsafe dangerous"),
    ("ahead", "behind"),
    ("early earlier", "late later"),
    ("above", "below"),
    ("best", "worst"),
    ("highest", "lowest"),
    ("largest biggest", "smallest"),
    ("oldest", "newest youngest"),
    ("hot warm warmer hotter", "cold cool colder cooler"),
    ("cheap cheaper", "expensive dear dearer"),
    ("east eastern eastward", "west western westward"),
    ("north northern northward", "south southern southward"),
    ("husband", "wife"),
    ("son", "daughter"),
    ("brother", "sister"),
    ("father", "mother"),
    ("man men", "woman women"),
)  # fmt: skip
"""Pairs of sides, each with the forms of its words."""

SIDES = tuple((frozenset(one.split()), frozenset(other.split())) for one, other in OPPOSITES)
NOT = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without)\b|n[’']t\b", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")


def is_opposite(claim: str, source: str) -> bool:
    """Whether a claim has a word that the source only has the opposite of.

    >>> is_opposite("Prices rose in May.", "In May prices fell."), is_opposite("Prices rose.", "They rose, then fell.")
    (True, False)
    """
    if bool(NOT.search(claim)) != bool(NOT.search(source)):
        return False  # which word is denied, `rag.denials` tells
    mine, theirs = _words(claim), _words(source)
    return any(
        bool(mine & side and not mine & other and theirs & other and not theirs & side)
        for pair in SIDES
        for side, other in (pair, pair[::-1])
    )


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(text))
