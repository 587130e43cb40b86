"""A question as the rest of the read path uses it: checked, taken apart into words, and of a kind.

The kind says what an answer must offer (a number, a name, a date, somebody's words), so that a sentence that
offers it is preferred.
"""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from operator import mul

from index.errors import UsageError
from index.opened import Index

MAX_QUESTION = 2_000
"""Characters. The longest question in the public sets has 400; a longer text is a document, not a question."""

EMPTY = "The question is empty. Ask something the documents may answer."

NAME = r"[A-ZÀ-ÖØ-Þ][\w’'.-]*(?: (?:de |del |la |bin |al )?[A-ZÀ-ÖØ-Þ][\w’'.-]*)*"
SAYING = (
    r"(?:say|tell|claim|argue|reply|answer|write|warn|describe|think|call|ask|want(?! to\b)|propose|promise|blame|"
    r"accuse)"
)
ASKED = r"(?:[Dd]id|[Dd]oes|[Dd]o|[Hh]as|[Hh]ave|[Hh]ad)"
ASKED_SPEAKER = re.compile(rf"\b{ASKED} ({NAME}) {SAYING}|\b[Aa]ccording to ({NAME})")
QUOTED = re.compile(r"[“\"]([^“”\"]{3,80})[”\"]")
COUNTED = re.compile(
    r"\b[Hh]ow many ((?:[\w-]+ ){0,3}?[\w-]+)"
    r"(?= (?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b|[?.]|$)"
)
ANYTHING = frozenset({"people", "persons", "men", "women", "times", "things", "years", "months", "days", "of", "more"})
NAMED = re.compile(r"\b[Nn]ames? of (?:(?:the|a|an|its|his|her|their|any|all) )*((?:[\w’'-]+ ?){1,6})")
PHRASE_ENDS = re.compile(r" (?:who|which|that|in|on|at|for|of|by|with|to|from|as|and|or|is|are|was|were|\w+ed)\b.*")
ASKING = "how many much what when who whom whose where which why do does did is are was were has have had"
"""Words that ask: rare in news and so of great weight, and no part of what is asked about. Without them the golden
questions have gold words in the first quote in 0.75 for 0.69."""
SHORTENED = re.compile(rf"\b(?:{'|'.join(ASKING.split())})n[’']t\b|[’']s\b", re.IGNORECASE)
"""What an analyzer would leave "don" and "s" of."""

YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
IN_BRACKETS = re.compile(r" ?\([^()]*\)(?=\W*$)")

KINDS = (
    ("how many", r"\bhow many\b|\bwhat (?:number|share|percentage|proportion)\b"),
    ("how much", r"\bhow (?:much|large|big|high|long|old|far)\b|\bwhat (?:price|amount|sum)\b|\bcosts?\b"),
    ("when", r"^when\b|\b(?:what|which) (?:years?|months?|date|day)\b|\bsince when\b|\bhow long ago\b"),
    ("where", r"^where\b|\b(?:what|which) (?:country|city|town|place|state|port|province)\b"),
    ("why", r"^why\b|\b(?:what|which) (?:reasons?|caused?)\b|\bhow come\b|\bwhat led\b"),
    ("said", r"\b(?:says?|said|tell|told|claim(?:ed)?|argued?|call for|described?|warn(?:ed)?|according to)\b"),
    (
        "who",
        r"\bnames? of\b|\b(?:is|are|was|were) (?:named|called)\b|^(?:who|whom|whose)\b|\bwhich (?:person|official)\b",
    ),
    ("yes or no", r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might)\b"),
)
"""Kinds by the first wording that matches; anything else is "what"."""


@dataclass(frozen=True)
class Question:
    """``weights`` maps each different word, as it is indexed, to how telling it is in this collection (its idf).

    Words that only ask (ASKING) are left out, but where there are no others.
    """

    text: str
    kind: str
    weights: Mapping[str, float]

    @property
    def speaker(self) -> str | None:
        """Whose words are asked for: Milgram's in ``What did Milgram say?``; None where nobody's are."""
        match = ASKED_SPEAKER.search(self.text)
        return re.sub(r"[’']s$", "", match[1] or match[2]) if match else None

    @property
    def outside_brackets(self) -> str:
        """The question without brackets at its end, in which a follow-up has what it took from the one before."""
        return IN_BRACKETS.sub("", self.text)

    @property
    def years(self) -> list[str]:
        """The years that the question names."""
        return YEAR.findall(self.text)

    @property
    def quoted(self) -> list[str]:
        """Words that the question puts between quotation marks: a slogan, a title."""
        return QUOTED.findall(self.text)

    @property
    def counted(self) -> list[str]:
        """What a "how many" question counts, ``["DEA", "agents"]``; empty where that is as general as "people"."""
        match = COUNTED.search(self.text)
        words = match[1].split() if match else []
        return [] if set(words) & ANYTHING else words

    @property
    def named(self) -> list[str]:
        """What is asked to be named: ``["defense", "minister"]`` for the name of the Mexican defense minister."""
        match = NAMED.search(self.text)
        words = PHRASE_ENDS.sub("", match[1]).split() if match else []
        return [word for word in words if word[0].islower()]

    @property
    def terms(self) -> list[str]:
        """The different words that are asked about, as they are indexed, in the order of the question."""
        return list(self.weights)

    def mean(self, values: Sequence[float], of: Set[str] | None = None) -> float:
        """The mean of a value for each of the terms, in their order, weighted by how telling they are; 0 of none.

        of: only these terms.
        """
        weights = [weight if of is None or term in of else 0.0 for term, weight in self.weights.items()]
        total = sum(weights)
        return float(sum(map(mul, weights, values)) / total) if total else 0.0

    def coverage(self, terms: Set[str]) -> float:
        """The share of the question's weight that these words hold, 0..1."""
        total = sum(self.weights.values())
        return sum(weight for term, weight in self.weights.items() if term in terms) / total if total else 0.0


def read_question(text: str, index: Index) -> Question:
    """The question, taken apart by the analyzer of the index. Raises UsageError if it is empty or too long."""
    words = checked_question(text)
    terms, asking = dict.fromkeys(index.words.terms(SHORTENED.sub("", words))), index.words.terms(ASKING)
    told = [term for term in terms if term not in asking]
    return Question(words, kind_of(words), {term: idf(index, term) for term in told or terms})


def checked_question(text: str) -> str:
    """The question with its blanks put in order. Raises UsageError if it is empty or too long."""
    if not isinstance(text, str):
        raise UsageError(f"A question is a text, not {type(text).__name__}.")
    if len(text) > MAX_QUESTION:
        raise UsageError(
            f"The question has {len(text):,} characters; up to {MAX_QUESTION:,} are read. Ask it more briefly."
        )
    words = " ".join(_plain(text).split())
    if not any(letter.isalnum() for letter in words):
        raise UsageError(EMPTY)
    return words


def kind_of(text: str) -> str:
    """What an answer must offer.

    >>> kind_of("How many offices are there?"), kind_of("What is fentanyl?")
    ('how many', 'what')
    """
    asked = text.lower().strip(" ¿¡\"'“”")
    return next((kind for kind, pattern in KINDS if re.search(pattern, asked)), "what")


def idf(index: Index, term: str) -> float:
    """Inverse document frequency of a word over chunks, as BM25 has it (Robertson and Zaragoza 2009, 3.1).

    ln(1 + (N - n + 0.5) / (n + 0.5)) with n of N chunks holding the word: highest for a word in no chunk.
    """
    total = max(len(index.words), 1)
    holding = min(index.words.document_frequency(term), total)
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def _plain(text: str) -> str:
    """Without control characters and lone surrogates, which no document holds and no model reads."""
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in text)
