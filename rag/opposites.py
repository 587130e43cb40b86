"""Words that say the opposite of each other: "rose" and "fell", "approved" and "rejected", "east" and "west".

Their vectors are near each other, since they stand in the same places, so they are listed; left out are pairs that
stand in for each other in other words, such as "before" and "after", "older" and "younger". A claim is turned round
where it has a word of one side and its source has only words of the other.
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
    ("hire hires hired", "dismiss dismissed fire fired sack sacked"),
    ("guilty convicted", "innocent acquitted cleared"),
    ("tighten tightens tightened tightening",
     "relax relaxes relaxed relaxing loosen loosens loosened ease eases eased"),
    ("large big huge", "small tiny little"),
    ("hilly mountainous", "flat"),
    ("increase increases increased increasing", "reduce reduces reduced reducing"),
    ("legal lawful", "illegal unlawful"),
    ("safe", "unsafe dangerous"),
    ("ahead", "behind"),
    ("early earlier", "late later"),
    ("above", "below"),
    ("best", "worst"),
    ("highest", "lowest"),
    ("largest biggest", "smallest"),
    ("larger bigger", "smaller"),
    ("longer longest", "shorter shortest"),
    ("heavier heaviest", "lighter lightest"),
    ("stronger strongest", "weaker weakest"),
    ("deeper deepest", "shallower shallowest"),
    ("wider widest", "narrower narrowest"),
    ("thicker thickest", "thinner thinnest"),
    ("faster fastest quicker quickest", "slower slowest"),
    ("richer richest wealthier", "poorer poorest"),
    ("easier easiest", "harder hardest"),
    ("better", "worse"),
    ("oldest", "newest youngest"),
    ("hot warm warmer hotter", "cold cool colder cooler"),
    ("cheap cheaper cheapest", "expensive dear dearer dearest costlier"),
    ("harden hardens hardened hardening solidify solidified",
     "soften softens softened softening dissolve dissolves dissolved melt melts melted"),
    ("strengthen strengthens strengthened strengthening", "weaken weakens weakened weakening"),
    ("widen widens widened widening", "narrow narrows narrowed narrowing"),
    ("raise raises raised raising", "lower lowers lowered lowering cut cuts cutting reduce reduces reduced reducing"),
    ("expand expands expanded expanding enlarge enlarged", "shrink shrinks shrank shrunk contract contracted"),
    ("improve improves improved improving", "worsen worsens worsened worsening deteriorate deteriorated"),
    ("encourage encourages encouraged", "discourage discourages discouraged deter deterred"),
    ("allow allows allowed permit permits permitted", "forbid forbids forbade forbidden ban bans banned prohibit "
     "prohibits prohibited"),
    ("include includes included including", "exclude excludes excluded excluding"),
    ("add adds added", "remove removes removed"),
    ("build builds built building", "demolish demolishes demolished demolishing"),
    ("appoint appoints appointed", "dismiss dismisses dismissed"),
    ("begin begins began begun start starts started", "end ends ended finish finishes finished"),
    ("praise praises praised welcome welcomes welcomed", "criticise criticised criticize criticized condemn condemned"),
    ("confirm confirms confirmed accept accepts accepted", "deny denies denied"),
    ("remember remembers remembered", "forget forgets forgot forgotten"),
    ("succeed succeeds succeeded", "fail fails failed"),
    ("agree agrees agreed", "disagree disagrees disagreed"),
    ("import imports imported", "export exports exported"),
    ("enter enters entered", "exit exits exited"),
    ("attack attacks attacked", "defend defends defended"),
    ("profit profits", "loss losses"),
    ("majority", "minority"),
    ("public", "private"),
    ("urban", "rural"),
    ("left", "right"),
    ("indoors indoor", "outdoors outdoor"),
    ("inside", "outside"),
    ("upper", "lower"),
    ("upstream", "downstream"),
    ("uphill", "downhill"),
    ("maximum", "minimum"),
    ("voluntary", "compulsory mandatory obligatory binding"),
    ("temporary temporarily", "permanent permanently"),
    ("married", "divorced"),
    ("landlord landlords", "tenant tenants"),
    ("plaintiff prosecution prosecutors", "defence defense"),
    ("teacher teachers", "pupil pupils"),
    ("adults", "children"),
    ("uncle", "aunt"),
    ("nephew", "niece"),
    ("king", "queen"),
    ("dry drier driest", "wet wetter wettest"),
    ("empty", "full"),
    ("quiet quieter silent", "noisy noisier loud louder"),
    ("drain drains drained draining", "flood floods flooded flooding"),
    ("male males", "female females"),
    ("true", "false"),
    ("morning", "evening"),
    ("summer", "winter"),
    ("east eastern eastward", "west western westward"),
    ("north northern northward", "south southern southward"),
    ("husband", "wife"),
    ("son", "daughter"),
    ("brother", "sister"),
    ("father", "mother"),
    ("man men", "woman women"),
)  # fmt: skip
"""Pairs of sides, each with the forms of its words."""

BUYING = (frozenset("buy buys bought buying".split()), frozenset("sell sells sold selling".split()))  # noqa: SIM905
FROM, TO = re.compile(r"\bfrom\b"), re.compile(r"\bto\b")
"""Who buys from somebody is sold it."""

SIDES = tuple((frozenset(one.split()), frozenset(other.split())) for one, other in OPPOSITES)
NOT = re.compile(r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without)\b|n[’']t\b", re.IGNORECASE)
DENIED = re.compile(r"(?:\b(?:not|never|cannot)|n[’']t)(?: \w+ly| be| been)? \w+", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")


def is_opposite(claim: str, source: str) -> bool:
    """Whether a claim has a word that the source only has the opposite of.

    >>> is_opposite("Prices rose in May.", "In May prices fell."), is_opposite("Prices rose.", "They rose, then fell.")
    (True, False)
    """
    if bool(NOT.search(claim)) != bool(NOT.search(source)):
        return False  # which word is denied, `rag.denials` tells
    mine, theirs = _words(claim), _words(source)
    told_from = any(FROM.search(one) and TO.search(other) for one, other in ((claim, source), (source, claim)))
    return any(
        bool(mine & side and not mine & other and theirs & other and not theirs & side)
        for pair in (*SIDES, *(() if told_from else (BUYING,)))
        for side, other in (pair, pair[::-1])
    )


def _words(text: str) -> frozenset[str]:
    """The words of a text but those that are denied where they stand: "does not accept" is not to accept."""
    return frozenset(word.lower() for word in WORD.findall(DENIED.sub(" ", text)))
