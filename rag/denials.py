"""What a sentence denies and what it leaves open, word by word, and whether a claim keeps that of its source.

A denial ("did not", "never", "refused") and a doubt ("may", "reportedly") reach over the words that follow them in
their clause. Two texts are compared in the words that both have: a word that only one of them denies, or that only one
of them leaves open, has changed its sense, and so have "could reopen" told as "would reopen" and an accusation told as
a fact. Clauses that only one of them has are passed over, but for a claim that denies more often than its source.
"""

import re
from collections.abc import Collection

from rag.wording import Word, Wording

REACH = 4
"""Content words after a denial or a doubt that it is about; before it, where none follow in its clause."""

DENIES = re.compile(
    r"\b(?:(?<!no )(?<!without )doubt(?:s|ed)|"
    r"not(?! only| just| merely| long (?:before|after|ago))|never|no(?! (?:more|fewer|less|later|earlier) than)|"
    r"none|nobody|nothing|nowhere|neither|nor|cannot|without|den(?:y|ies|ied|ying)|refus(?:e|es|ed|ing)|reject(?:s|ed|ing)?|"
    r"declin(?:e|es|ed|ing) to|declin(?:es|ed|ing) (?=(?:the|an?|any|his|her|its|their)\b)|fail(?:s|ed|ing)? to|"
    r"turn(?:s|ed|ing)? (?:(?:\w+ ){1,3})?down|unable|rul(?:e|es|ed|ing) out)\b|n[’']t\b",
    re.IGNORECASE,
)
DENIED_TWICE = re.compile(
    r"\b(?:(?:not|never)|\w+n[’']t) (?:\w+ly )?(?:den(?:y|ied)|refused?|reject(?:ed)?|declined? to|rul(?:e|ed) out|"
    r"fail(?:ed)? to|turn(?:ed)? down)\b",
    re.IGNORECASE,
)
"""What neither says so nor says it is not: "did not deny"."""

DENIES_THAT = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|disput(?:es?|ed)) "
    r"(?:(?:this|that|it|them|these|those)(?=\W*$|[,.;”]| and\b)|"
    r"the (?:claims?|allegations?|accusations?|reports?|charges?|suggestion|idea)\b(?! that))",
    re.IGNORECASE,
)
"""What is denied stands in an earlier sentence."""
SENTENCE_END = re.compile(r"[a-z]{2}[.!?][”\"]? (?=[A-Z“])")

LACKS = re.compile(
    r"\b(?:too \w+ (?:to|for)|hardly|barely|rarely|scarcely|seldom|lack\w*|absen(?:t|ce)\w*|missing|"
    r"ha(?:s|d|ve) yet|stop(?:s|ped|ping)?|disappear\w*|vanish\w*|avoid\w*|prevent\w*|contradict\w*|disput\w*|"
    r"rather than|instead of|unless|"
    r"(?:sta(?:y|ys|yed)|ke(?:ep|eps|pt)) (?:out|away|off)|except(?:ing)?|exclud\w+|failure to|cancel\w*|"
    r"only (?:he|she|it|they|we|I|those|one|person|man|woman|people)\b|than (?:any|all) (?:other|else)|must\b[^.]*\bor"
    r"|bann?(?:ed|s)?|prohibit\w*|forb[ai]d\w*|halt\w*|"
    r"un(?!til|der|ion|it|ivers|less|ique|cle)\w{3,}|in\w+able|impossible|\w{3,}less|free (?:of|from)|"
    r"\w+-free|surpris\w+|"
    r"false(?:ly)?|wrong(?:ly)?|leaves? out|left out|omit\w*|withdr[ae]w\w*)\b",
    re.IGNORECASE,
)
"""Words that may say the same as a denial: "38 rainless days", "too few to tell"."""

DOUBTS = re.compile(
    r"\b(?:reported(?:ly)|allegedly|alleged|apparent(?:ly)?|supposedly|(?-i:may)(?! \d)|might|possibly|possible|"
    r"probably|perhaps|likel(?:y|ier|iest)|unlikely|suspect(?:s|ed)?|rumou?r(?:s|ed)?|believe[sd]?|thought to|"
    r"said to|seems?|seemed|appear(?:s|ed)? to|could(?! not| no longer| hardly)(?!n)|unconfirmed|potential(?:ly)?|"
    r"expect(?:s|ed)?|hop(?:es?|ed)|fear(?:s|ed)?)\b",
    re.IGNORECASE,
)
DOUBTED = re.compile(
    rf"{DOUBTS.pattern}|\b(?:is reported to|are reported to|estimat\w+|forecast\w*|predict\w*|projections?|thinks?|"
    r"thinking|thought|uncertain|unclear|unproven|possibility|likelihood|presum\w+|chance|whether|if|"
    r"suggest\w*|indicat\w+|guess\w*|would|can|supposed|meant to|wants?|want(?:ed)? to|alleg\w+|prospect\w*|"
    r"considers?)\b",
    re.IGNORECASE,
)
"""Any of these in a claim keeps a doubt of its source."""

ACCUSES = re.compile(r"\b(?:accus(?:es?|ed|ing)|alleg(?:es?|ed|ing|ations?)|claim(?:s|ed))\b", re.IGNORECASE)
ACCUSED = re.compile(
    rf"{DOUBTED.pattern}|\b(?:accus|alleg|blam|charg|claim|complain(?!t)|critici|suspect|sa(?:id|ys?|ying)\b|told\b|"
    r"according to\b|argu|insist|assert|maintain|deni|deny|disput|reject)\w*",
    re.IGNORECASE,
)
"""Any of these in a claim keeps that somebody says so, or that it is not settled."""

PLANS = re.compile(
    r"\b(?:will|would(?! like)|shall|should|due to|set to|scheduled to|(?:is|are|was|were) to|aims? to|plan(?:s|ned)?|"
    r"intend(?:s|ed)?|propos(?:es?|ed)|consider(?:s|ed|ing)|threaten(?:s|ed)?|nearing|about to|promis(?:es|ed)|"
    r"hop(?:es|ed)|expect(?:s|ed)?)\b"
)

OPEN = re.compile(
    rf"{DOUBTED.pattern}|\b(?:should|shall|about to|nearly|almost|could|accept\w*|view|opinion|risk\w*|threat\w*|"
    r"allow\w*|enough to|able to|claim\w*|accus\w+|assert\w*|contend\w*|maintain\w*)\b",
    re.IGNORECASE,
)
"""Any of these in the source's clause may have been told as a doubt."""

CERTAIN = re.compile(
    r"\b(?:certain(?:ly|(?= to\b))|undoubtedly|definitely|without (?:a |any )?doubt|no doubt|inevitabl[ey]|"
    r"(?:sure|bound) to|proven|proved)\b",
    re.IGNORECASE,
)
"""What makes a claim of what its source does not call so."""

BORDER = re.compile(
    r"[;:.!?()]|,\s|\s[–—-]\s|\b(?:but|although|though|while|whereas|(?<!not )because|since|which|who|when|after|"
    r"before|until|and|as|despite)\b",
    re.IGNORECASE,
)
ENDS = re.compile(r"not|n[’']t|never|none|nothing|rejected|denied|refused|turned down", re.IGNORECASE)
"""What may stand at the end of what it denies: "Paid it was not."."""

PAST = re.compile(
    r"^(?!(?:need|seed|feed|speed|indeed|exceed|proceed|succeed)$)\w{2,}ed$|^(?:built|held|taken|made|given|sold|bought|"
    r"sent|brought|begun|began|won|lost|met|paid|led|left|found|shown|gone|went|came|grown|risen|fallen|rebuilt)$"
)
NOW = re.compile(r"\b(?:is|are) (?:now|already|currently) (\w+ing)\b")
"""What is done now."""

MODAL = re.compile(r"\b(could|may|might|will|would)(?: also| then| soon| even)? (\w+)")
LEFT_OPEN = frozenset({"could", "may", "might"})


def denies_otherwise(claim: str, source: str, wording: Wording) -> bool:
    """Whether a word of both is denied in one of them alone."""
    mine, theirs = _Reaches(claim, DENIES, wording), _Reaches(source, DENIES, wording)
    denied = theirs.reached | _denied_before(source, theirs)
    for scope in mine.scopes:
        shared = [word.term for word in scope if word.term in theirs.terms]
        if shared and not denied.intersection(shared) and not theirs.lacks(shared):
            return True
        if not shared and len(mine.scopes) > len(theirs.scopes) and not LACKS.search(source):
            return True
    for scope in theirs.scopes:
        shared = [word.term for word in scope if word.term in mine.terms and word.term not in theirs.free]
        if 2 * len(shared) >= len(scope) and not mine.reached.intersection(shared) and not mine.lacks(shared):
            return True
    return False


def changes_modal(claim: str, source: str, wording: Wording) -> bool:
    """Whether "could reopen" has become "would reopen", or the other way round."""
    mine, theirs = _modals(claim, wording), _modals(source, wording)
    return any(
        not {modal in LEFT_OPEN for modal in mine[verb]} & {modal in LEFT_OPEN for modal in theirs[verb]}
        for verb in mine.keys() & theirs.keys()
    )


def _modals(text: str, wording: Wording) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for match in MODAL.finditer(text):
        if verb := wording.term(match[2]):
            found.setdefault(verb, set()).add(match[1])
    return found


def settles(claim: str, source: str, wording: Wording) -> bool:
    """Whether the claim tells as certain, or as done, what the source leaves open or foresees."""
    if CERTAIN.search(claim) and not CERTAIN.search(source):
        return True
    if DOUBTED.search(claim):
        return False
    if not ACCUSED.search(claim) and _keeps_half(claim, _Reaches(source, ACCUSES, wording), wording):
        return True
    words, doubted = wording.words(claim), _Reaches(source, DOUBTS, wording)
    if _keeps_half(claim, doubted, wording):
        return True
    if PLANS.search(claim):
        return False
    planned = _Reaches(source, PLANS, wording)
    done = [word.term for word in words if PAST.search(word.surface)]
    done += [term for match in NOW.finditer(claim) if (term := wording.term(match[1]))]
    return any(term in planned.reached - planned.free for term in done)


def _denied_before(source: str, theirs: "_Reaches") -> set[str]:
    """The words of the sentences before one that denies what they say: "The clerk rejected this."."""
    that = DENIES_THAT.search(source)
    ends = [match.end() for match in SENTENCE_END.finditer(source, 0, that.start())] if that else []
    return {word.term for word in theirs.words if ends and word.start < ends[-1]}


def _keeps_half(claim: str, reaches: "_Reaches", wording: Wording) -> bool:
    """Whether the claim has half of the words that are reached in one place, and in that place only."""
    terms = wording.terms(claim) - reaches.free
    return any(2 * sum(word.term in terms for word in scope) >= len(scope) for scope in reaches.scopes)


def opens(claim: str, source: str, wording: Wording) -> bool:
    """Whether the claim leaves open what the source tells as certain."""
    mine = _Reaches(claim, DOUBTS, wording)
    if not mine.scopes:
        return False
    theirs = _Reaches(source, DOUBTS, wording)
    for scope in mine.scopes:
        shared = [word.term for word in scope if word.term in theirs.terms]
        if 2 * len(shared) >= len(scope) and not theirs.holds(OPEN, shared):
            return True
    return False


class _Reaches:
    """The content words of a text, those that an operator reaches, scope by scope, and those that are free of it.

    A scope has at least one word.
    """

    def __init__(self, text: str, operator: re.Pattern[str], wording: Wording) -> None:
        self.text = DENIED_TWICE.sub(lambda match: " " * len(match[0]), text)
        if operator is DENIES:
            self.text = DENIES_THAT.sub(lambda match: " " * len(match[0]), self.text)
        self.words = wording.words(text)
        self.borders = [match.start() for match in BORDER.finditer(text)]
        self.scopes = [scope for match in operator.finditer(self.text) if (scope := self._scope(match))]
        places = {word.start for scope in self.scopes for word in scope}
        self.reached = {word.term for scope in self.scopes for word in scope}
        self.free = {word.term for word in self.words if word.start not in places}
        self.terms = {word.term for word in self.words}

    def lacks(self, terms: Collection[str]) -> bool:
        """Whether a clause with one of these words says, also in another way, that something is not so."""
        return self.holds(LACKS, terms) or self.holds(DENIES, terms)

    def holds(self, pattern: re.Pattern[str], terms: Collection[str]) -> bool:
        """Whether a clause with one of these words has the pattern."""
        return any(pattern.search(self.text, *self._clause(word.start)) for word in self.words if word.term in terms)

    def _scope(self, match: re.Match[str]) -> list[Word]:
        start, end = self._clause(match.start())
        _, end = self._clause(match.end())
        after = [word for word in self.words if match.end() <= word.start < end][:REACH]
        if after or not ENDS.fullmatch(match[0]):
            return after
        return [word for word in self.words if start <= word.start < match.start()][-REACH:]

    def _clause(self, at: int) -> tuple[int, int]:
        before = max((border for border in self.borders if border < at), default=0)
        return before, min((border for border in self.borders if border > at), default=len(self.text))
