"""What a quote leans on: the earlier sentence without which a reader cannot tell what it is about.

A quote may begin with a pronoun ("It has ground flour"), point back ("Of those, 12", "Such floods"), turn against what
was said ("However"), or have a "he" whom it does not name. Rules over the words decide, for English prose; an "it" that
stands for nothing ("It is important that") needs nothing. Nothing is written here: a context is a sentence of the
document, with its offsets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import Sentence
from rag.speakers import ADVERBS, DAYS, MONTHS, NO_NAMES, PRONOUN_SAYS, SAY, SAYING, SPEAKERS, WORD

MOST_BACK = 3
"""Sentences that are gone back for the one with the referent; a chain of "she ... she ... she" is rarely longer."""

FIRST_WORDS = 6
"""Words that may stand before an "it" or "they" that has nothing to refer to in its own sentence."""

OPENS = r"^[“‘\"'(]?"
PRONOUN = re.compile(
    rf"{OPENS}(?P<word>[Hh]e|[Ss]he|[Tt]hey|[Ii]t|[Hh]is|[Hh]er|[Tt]heir|[Ii]ts)\b(?! (?:Majesty|Highness|Excellency))"
)
POINTS_BACK = re.compile(
    rf"{OPENS}(?:(?:This|That|These|Those|Such|Others)\b|(?:The )?(?:latter|former|others|rest)\b|"
    r"Neither\b(?!.* nor\b)|Both\b(?! (?:[\w’-]+ ){1,3}and\b)|Of (?:these|those|them)\b|"
    r"(?:None|Neither|Some|Many|Most|Few|One|Two|Three|All|Half|Each|Several) of (?:them|these|those)\b)",
    re.IGNORECASE,
)
TURNS = re.compile(
    rf"{OPENS}(?:(?:But|However|Also|Yet|Nevertheless|Nonetheless|Moreover|Furthermore|Therefore|Thus|Hence|Consequently|"
    r"Otherwise|Likewise|Similarly|In (?:addition|contrast|return|turn|particular|other words)|By contrast|"
    r"On the other hand|As a result|For (?:example|instance|this reason)|(?:After|Before) that|Since then|"
    r"At the same time)\b|Then\b(?!-)|Instead\b(?! of\b)|(?:Still|Besides|So|Too),)"
)
JOINS = re.compile(rf"({OPENS})(?:(?:And|But|Or|So|Then|Yet|However|Also),? )")
"""What stands before the word that matters: "And they are all delivering"."""

# "This year" is told from the date of the article, "those who" from what follows, "this report" is the document
TIMES = "year month week weekend morning afternoon evening night time spring summer autumn fall winter"
TIME = "|".join(f"{TIMES} {DAYS} {MONTHS}".split())
POINTS_ELSEWHERE = re.compile(
    rf"{OPENS}(?:This (?:past |coming )?(?:{TIME})\b|This (?:article|report|story|site|website|page|paper)\b|"
    r"Those (?:who|whose|with|without|from|in)\b|These days\b|That said\b|Such as\b|Others? than\b)"
)
EASY = (
    r"(?:important|clear|unclear|likely|unlikely|possible|impossible|difficult|hard|easy|necessary|essential|vital|"
    r"common|rare|usual|time|good|bad|best|better|worth|wise|safe|dangerous|illegal|legal|too early|too late|too soon)"
)
BE = r"(?:is|was|isn[’']t|wasn[’']t|has been|will be|would be|may be|might be|could be|remains|seems|seemed|became)"
EXPLETIVE = re.compile(
    rf"[Ii]t (?:(?:also|now|still) )?(?:{BE} (?:not |very |also |now |still |more |most |widely |often |so )?"
    rf"(?:[\w’-]+ (?:that|whether)\b|{EASY}\b.{{0,60}}? (?:to|for|if|when|how|why|what|who)\b)|"
    r"(?:is|was) (?:raining|snowing|windy|foggy|hot|cold|warm|dark|noon|midnight|\d)|(?:rained|snowed|rains|snows)\b|"
    r"(?:seems|seemed|appears|appeared|turns out|turned out|follows|happened) (?:as if|that)\b|"
    r"(?:takes|took|will take|costs?) .{1,60}? to\b)"
)

ENDS = re.compile(r"[.!?…:;][”’\"')\]]*$")
INSIDE = re.compile(r"\b(?P<word>he|she|his|him|her|they|their|them|it|its)\b")
PERSONAL = frozenset({"he", "she", "his", "him", "her"})
SOMEBODY = re.compile(rf"(?P<place>\b(?:in|at|from|near|to|In|At|From|Near) )?(?P<who>{WORD}|\b{SPEAKERS}\b)")
NO_ONE = NO_NAMES | {"Nobody", "Everybody", "Everyone", "Anyone", "Nothing"}
SOMETHING = re.compile(r"\b(?:the|a|an|this|that|its|their|his|her|some|many|all|no)\b|[a-z]{3,}s\b", re.IGNORECASE)
ONE_THING = re.compile(r"\b(?:the|an?|this|that|its|their|his|her|every|no)\b (?:[\w’-]+ ){0,2}?[\w’-]*[^\W_s]\b", re.I)
HIM = re.compile(r"^(?!.*\b[Hh]e\b).*(?<!according to )\bhim\b", re.DOTALL)
"""Somebody else than who is named beside him, where no "he" is: "Tom Holt sent him a lamp"."""
ACTS = re.compile(
    rf" {ADVERBS}(?:{SAYING}|{SAY}s|denies|plans|planned|hopes|hoped|wants|wanted|refuses|refused|agreed|declined|"
    r"employs)\b"
)
"""What an "it" does that is a company, a council or the like, and no thing."""
COMES_LATER = re.compile(rf",[ ](?:(?:the|a|an)[ ][a-z]|{WORD})")
SUBORDINATE = re.compile(
    rf"{OPENS}(?:When|After|Before|While|Although|Though|As|If|Once|Since|Because|Until|Despite|In)\b"
)


@dataclass(frozen=True)
class Pronoun:
    """A pronoun without its referent, and the words of its sentence before and after it."""

    word: str
    before: str
    after: str

    @property
    def quoted(self) -> bool:
        """Whether a quotation is open where it stands."""
        return self.before.rfind("“") > self.before.rfind("”") or self.before.count('"') % 2 == 1


def context_of(text: str, sentences: Sequence[Sentence], place: int, *, speaker_known: bool = False) -> Sentence | None:
    """The earlier sentence that the one at ``place`` leans on; None where it stands by itself.

    Where a pronoun needs its referent, that is the nearest sentence, up to three back, that has what it may stand for
    and no such need itself; else the nearest without such a need, or the one directly before. What is quoted needs none
    that has nothing for its pronoun: who speaks may mean what was asked. Headings are passed over. With
    ``speaker_known``, a "she said" needs no other name.
    """
    words = _words(text, sentences[place])
    pronoun = _open_pronoun(words, speaker_known=speaker_known)
    nearest = _nearest(text, sentences, place) if pronoun or _leans(words) else []
    if not pronoun or not nearest:
        return nearest[0] if nearest else None
    whole = [one for one in nearest if not _open_pronoun(_words(text, one), speaker_known=False)]
    fitting = [one for one in whole if _has_for(pronoun, _words(text, one))]
    if pronoun.quoted:
        return next((one for one in fitting if pronoun.word in PERSONAL or one == nearest[0]), None)
    return [*fitting, *whole, *nearest][0]


def _has_for(pronoun: Pronoun, words: str) -> bool:
    """Whether a sentence has somebody or something that the pronoun may stand for."""
    if pronoun.word in PERSONAL:
        return _has_somebody(words) and not (pronoun.word in ("he", "his", "him") and HIM.search(words))
    if pronoun.word not in ("it", "its"):
        return True
    if ACTS.match(pronoun.after):
        return _has_somebody(words)
    return not pronoun.quoted or ONE_THING.search(words) is not None


def _nearest(text: str, sentences: Sequence[Sentence], place: int) -> list[Sentence]:
    """The sentences before, nearest first; headings, captions and bylines, which end like no sentence, are none."""
    before = sentences[max(0, place - 2 * MOST_BACK) : place][::-1]
    return [one for one in before if not one.heading and ENDS.search(text, one.start, one.end)][:MOST_BACK]


def _words(text: str, sentence: Sentence) -> str:
    return text[sentence.start : sentence.end]


def _leans(words: str) -> bool:
    """True where the sentence points back or turns against the one before."""
    if TURNS.match(words):
        return True
    told = JOINS.sub(r"\1", words, count=1)
    return POINTS_BACK.match(told) is not None and not POINTS_ELSEWHERE.match(told)


def _open_pronoun(words: str, *, speaker_known: bool) -> Pronoun | None:
    """The pronoun that stands for somebody or something that the sentence does not name before it, if there is one.

    After a quoted one, a person's beside the quotation: "“It was smoke,” her lawyer said".
    """
    told = JOINS.sub(r"\1", words, count=1)
    first = PRONOUN.match(told)
    match = first or INSIDE.search(told)
    if not match:
        return None
    pronoun = _pronoun(told, match) if _is_open(told, match, first=bool(first), speaker_known=speaker_known) else None
    if pronoun and pronoun.quoted:
        for later in INSIDE.finditer(told, match.end()):
            beside = _pronoun(told, later)
            if beside.word in PERSONAL and not beside.quoted:
                return beside if _is_open(told, later, first=False, speaker_known=speaker_known) else pronoun
    return pronoun


def _pronoun(told: str, match: re.Match[str]) -> Pronoun:
    return Pronoun(match["word"].lower(), told[: match.start("word")], told[match.end() :])


def _is_open(told: str, pronoun: re.Match[str], *, first: bool, speaker_known: bool) -> bool:
    if EXPLETIVE.match(told, pronoun.start("word")) or (speaker_known and _says(told, pronoun.end())):
        return False
    return first or not _has_antecedent(told, pronoun)


def _says(words: str, end: int) -> bool:
    """True where the pronoun that ends here is who says the sentence."""
    match = PRONOUN_SAYS.search(words)
    return match is not None and end in (match.end(1), match.end(2))


def _has_antecedent(words: str, pronoun: re.Match[str]) -> bool:
    """True where the sentence has what the pronoun may stand for: before it, or "When she won, Holt smiled"."""
    before = words[: pronoun.start()]
    if SUBORDINATE.match(words) and COMES_LATER.search(words, pronoun.end()):
        return True
    if pronoun["word"] in PERSONAL:
        return _has_somebody(before)
    names = any(match["who"] not in NO_NAMES for match in SOMEBODY.finditer(before))
    return len(before.split()) > FIRST_WORDS or names or SOMETHING.search(before) is not None


def _has_somebody(words: str) -> bool:
    """Whether somebody is named, or called what they are, and not as a place."""
    called = (match["who"] for match in SOMEBODY.finditer(words) if not match["place"])
    return any(who not in NO_ONE and not who.startswith(("I’", "I'")) for who in called)
