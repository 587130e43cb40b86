"""The question to search for: a follow-up with what it takes from the question before, any other as it is.

Rules for English questions. They read the words alone, not the documents: whether a question stands on its own, and
if not, how it goes on from the one before. A pronoun becomes a name only where a single name can be meant; otherwise
the words of the question before are added in brackets, and nothing is said about who or what is meant. What is
rewritten stays as it is when it is asked again.
"""

import re
from collections.abc import Sequence
from itertools import chain

from rag.content import PREPOSITION, content_words, names
from rag.in_place import BEGINS_WITH_PREPOSITION, put_in
from rag.meant import PERSON, Turn, person_meant
from rag.question import ASKED, MAX_QUESTION, SAYING, YEAR, Question

READ_TURNS = 6
"""Earlier questions that are read, the last ones."""

LONGEST_FOLLOW_UP = 200
"""Characters. A longer question says itself what it is about; the longest follow-up of the dialogues has 51."""

CARRIED_WORDS = 12
"""Added to a question at most, so that a long conversation does not outweigh its last question."""

COMPLETE_WORDS = 3
"""Content words with which a question stands on its own though it begins with "And" or says "the bill"."""

FULL_WORDS = 5
"""Content words with which it stands on its own even with a pronoun: "When do they blow the shofar ...". Of the 325
questions of `clapnq`, each asked after the one before it in the file, 18 were taken for follow-ups without this, and 11
are with it."""

STEM = 5
"""Letters in which two words agree that are not added twice: extradite and extradition."""

AUXILIARY = r"(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|shall|should|may|might|must)\b)"
ASKING = r"(?:(?:what|who|whom|whose|why|when|where|which|how)\b)"

OPENING = re.compile(r"(?:(?:and|but|so|also|then|or|ok|okay)\b[, ]*)*(?:(?:what|how) about\b)? *", re.IGNORECASE)
"""``And how many are waiting?``, ``But why?``, ``What about Mexico?``"""

BARE = re.compile(
    rf"(?:{PREPOSITION} )?(?:{ASKING}|how (?:many|much|long|often|come)|(?:what|which) (?:year|month|day|country|city))"
    r"(?: not| exactly| then| else)?",
    re.IGNORECASE,
)
"""``Why?``, ``Since when?``, ``By whom exactly?``"""

PARTS = re.compile(rf"({ASKING}.*?|)\s*\b({AUXILIARY}) (.+)", re.IGNORECASE)
"""``How many defendants`` ``did`` ``Mexico extradite``: what is asked for, then the rest of the sentence."""

DEFINED = re.compile(r"(?:who|what) (?:is|are|was|were) ", re.IGNORECASE)
SAYS_WHAT = re.compile(rf".*\b{ASKED} \w+ {SAYING}\b", re.IGNORECASE)
"""``What is fentanyl?`` and ``what does milgram say`` are complete with one word."""

COMPLETED = re.compile(r"\([^()]*\)\W*$")
"""``How many defendants are waiting (Mexico extradite)?``"""

END = re.compile(r"(?:[?!\s]|(?<!\b[A-Z])\.)+$")
ASKS_SOMEWHERE = re.compile(rf"\b(?:{ASKING}|{AUXILIARY})", re.IGNORECASE)
ASKS = re.compile(rf"{ASKING}|{AUXILIARY}", re.IGNORECASE)
ENDS_IN_PREPOSITION = re.compile(rf" {PREPOSITION}$", re.IGNORECASE)
SUBJECT = re.compile(rf"\b{AUXILIARY} (?:he|she|it|they)\b", re.IGNORECASE)
OBJECT = re.compile(r"\b(?:him|them|it|hers?(?! \w))\b", re.IGNORECASE)
POINTING = re.compile(
    r"\b(?:those|these)\b(?! (?:who|which|whose|that|articles|documents)\b)|"
    r"\bthis\b(?! (?:year|month|week|season)\b)|\b(?:latter|former|ones)\b|\bwhich one\b|\b(?:so|that|then)(?=\W*$)|"
    rf"(?:^|\b(?:{AUXILIARY}|{PREPOSITION}) )that\b(?! (?:he|she|it|they|we)\b)|"
    rf"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?! {AUXILIARY}|[’'])",
    re.IGNORECASE,
)
"""``Who said that?``, ``those``, ``there``; not ``drugs that kill``, ``those who died``, ``is there``."""

EMPTY_IT = re.compile(
    r"\bit (?=(?:costs?|takes?|took)\b.*\bto\b|(?:be )?(?:true|possible|likely|legal|illegal|known|clear|"
    r"difficult|hard|easy|safe|dangerous|rain|snow)\b|means? (?:to|when|that|if)\b)",
    re.IGNORECASE,
)
"""``What does it cost to produce a pill?``, ``Is it true that ...``: nothing is meant by "it"."""

CLAUSE = re.compile(
    r",|\b(?:and|or|after|before|when|while|because|if|that|who|which)\b|"
    rf"\b(?:say|claim|think|argue|warn)s?\b(?! {PREPOSITION})",
    re.IGNORECASE,
)
"""What divides a question: a pronoun in the second part may mean what the first one names."""

EMBEDDED = re.compile(r"\b(?:he|she|they|his|her|its|their)\b", re.IGNORECASE)
"""Pronouns that may also mean what the same part names: ``When did Mexico expand its list?``."""

LAST_AUXILIARY = re.compile(rf".*\b{AUXILIARY}(.*)", re.IGNORECASE)
ASKED_PLURAL = re.compile(r"(?:which|what|whose|how many) (?:\w+ )?\w{3,}s\b", re.IGNORECASE)
"""``Which cartels control their towns?``"""

DEFINITE = re.compile(r"(?<!\bin )\bthe (?!\w+ of\b)[a-z]", re.IGNORECASE)
"""``When was the ad shown?``; not ``in the summer``, ``the idea of justice``."""

UNCOUNTED = re.compile(rf"(how many)(?: of (?:them|those|these))? (?={AUXILIARY}|\w+ed\b)", re.IGNORECASE)
"""``How many are waiting?``: of what, the question before says."""


def follow_up(question: str, history: Sequence[str | Turn]) -> str:
    """The question to search for. A text in ``history`` is an earlier question, as it was asked or as it was rewritten.

    >>> follow_up("And how many are waiting?", ["How many defendants did Mexico extradite?"])
    'How many defendants are waiting (Mexico extradite)?'
    >>> follow_up("What did Biden say about Ukraine?", ["How many defendants did Mexico extradite?"])
    'What did Biden say about Ukraine?'
    """
    before: Turn | None = None
    for turn in history[-READ_TURNS:]:
        before = Turn(_after(turn, before)) if isinstance(turn, str) else turn
    return _after(question, before)


def _after(question: str, before: Turn | None) -> str:
    """The question as it goes on from the one before; itself where it does not, or would do so again and again."""
    if before is None or question == before.searched or not content_words(before.searched):
        return question
    once = _going_on(question, before)
    return once if _going_on(once, before) == once else question


def _going_on(question: str, before: Turn) -> str:
    if len(question) > LONGEST_FOLLOW_UP or COMPLETED.search(question):
        return question
    asked = _without_end(question)
    rest = OPENING.sub("", asked, count=1)
    rewritten = _rewritten(rest, before, opened=rest != asked, marked=asked != question) if rest else rest
    if rewritten == rest or len(rewritten) >= MAX_QUESTION:
        return question
    return f"{rewritten[0].upper()}{rewritten[1:]}?"


def _rewritten(rest: str, before: Turn, *, opened: bool, marked: bool) -> str:
    """What is left of a question without its "And", and what it takes from the one before."""
    earlier = OPENING.sub("", _without_end(before.searched), count=1)
    if BARE.fullmatch(rest):
        return _asked_of(rest, earlier)
    if _is_fragment(rest, opened=opened, marked=marked):
        return put_in(rest, earlier)
    named = _with_person(rest, before)
    return named if _stands(named, opened=opened) else _with_words(_with_counted(named, earlier), earlier)


def _asked_of(asking: str, earlier: str) -> str:
    """A bare "When?" asked of the question before: ``When did Mexico extradite (defendants)``."""
    parts = PARTS.fullmatch(earlier)
    if not parts or asking.lower().endswith((" not", " else")):
        return f"{asking}: {earlier[0].lower() if ASKS.match(earlier) else earlier[0]}{earlier[1:]}"
    things = _words(content_words(parts[1]))
    rest = ENDS_IN_PREPOSITION.sub("", parts[3])
    return f"{asking} {parts[2].lower()} {rest}{things}"


def _is_fragment(rest: str, *, opened: bool, marked: bool) -> bool:
    """True for a question without a verb that is asked of something else: "And in 2020?", "What about Feeley?"."""
    words = len(content_words(rest))
    if not words or ASKS_SOMEWHERE.search(rest):
        return False
    if opened or BEGINS_WITH_PREPOSITION.match(rest):
        return words <= COMPLETE_WORDS
    return marked and words == 1


def _with_person(rest: str, before: Turn) -> str:
    """The question with whom its "he" or "her" means, where exactly one person can be meant."""
    pronoun = PERSON.search(rest)
    person = person_meant(before) if pronoun and _is_open(rest) else None
    if not pronoun or not person:
        return rest
    owner = pronoun[0].lower() == "his" or (pronoun[0].lower() == "her" and re.match(r" \w", rest[pronoun.end() :]))
    return f"{rest[: pronoun.start()]}{person}{'’s' if owner else ''}{rest[pronoun.end() :]}"


def _with_counted(rest: str, earlier: str) -> str:
    """``How many defendants are waiting`` for ``How many are waiting``, where the question before counted them."""
    counted = " ".join(Question(earlier, "how many", {}).counted)
    return UNCOUNTED.sub(rf"\1 {counted} ", rest, count=1) if counted else rest


def _with_words(rest: str, earlier: str) -> str:
    """The question with the words of the one before that it lacks, but for the years and speaker it replaces."""
    there = {word.casefold()[:STEM] for word in content_words(rest)}
    if YEAR.search(rest):
        earlier = YEAR.sub("", earlier)
    speaker = Question(earlier, "said", {}).speaker
    if speaker and Question(rest, "said", {}).speaker:
        earlier = earlier.replace(speaker, "")
    return rest + _words([word for word in content_words(earlier) if word.casefold()[:STEM] not in there])


def _words(words: Sequence[str]) -> str:
    return f" ({' '.join(words[:CARRIED_WORDS])})" if words else ""


def _stands(rest: str, *, opened: bool) -> bool:
    """True where a question can be understood without the one before."""
    words = [word for word in content_words(rest) if not YEAR.fullmatch(word)]
    if _is_open(rest):
        return len(words) >= FULL_WORDS
    if len(words) >= COMPLETE_WORDS:
        return True
    named = list(names(rest))
    if not ASKS.match(rest):  # a search in keywords
        return not opened
    if opened:
        return bool(named and (DEFINED.match(rest) or set(words) - set(named[0].split())))
    if named or len(words) != 1:
        return bool(named or (words and not DEFINITE.search(rest)))
    return bool(DEFINED.match(rest) or SAYS_WHAT.match(rest))


def _is_open(rest: str) -> bool:
    """True where a pronoun or a "that" means something which the question does not name before it."""
    text = EMPTY_IT.sub("", rest)
    pointing = (match for pattern in (SUBJECT, OBJECT, POINTING) for match in pattern.finditer(text))
    embedded = (match for match in EMBEDDED.finditer(text) if not _has_subject(text[: match.start()]))
    return any(not _named_before(match) for match in chain(pointing, embedded))


def _named_before(pronoun: re.Match[str]) -> bool:
    """True where an earlier clause of the question may name what is meant: ``Who wrote the letter, and who got it``."""
    text = pronoun.string
    return any(
        content_words(text[: clause.start()]) and (text[clause.end() : pronoun.start()] + text[pronoun.end() :]).strip()
        for clause in CLAUSE.finditer(text, 0, pronoun.start())
    )


def _has_subject(text: str) -> bool:
    """True where these first words of a question name somebody or something that a pronoun after them can mean."""
    after = LAST_AUXILIARY.match(text)
    return bool(ASKED_PLURAL.match(text) or any(names(text)) or (after and content_words(after[1])))


def _without_end(question: str) -> str:
    return END.sub("", question)
