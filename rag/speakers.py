"""Who says it: the speaker of a quoted or reported sentence that does not name them itself.

Rules over the sentences of one document, for English news prose: quotation marks, verbs of saying, names with
a capital, and a pronoun that stands for the last named speaker. What is returned is found in the text, with
its place; where the rules find no name, nobody is named.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import Sentence

SAYING = (
    r"(?:said|says|told|tells|added|adds|continued|wrote|writes|asked|argued|argues|claimed|claims|asserted|"
    r"announced|declared|noted|notes|explained|warned|warns|insisted|predicted|suggested|complained|stated|testified|"
    r"responded|replied|concluded|commented|acknowledged|recalled|tweeted|detailed|called for|stressed|conceded|"
    r"admitted|countered|joked|observed|maintained|vowed|pledged|urged|lamented|alleged|denied|confirmed|remarked|quipped)"
)
WORD = r"(?:[A-ZÀ-ÖØ-Þ][\w’'-]*[\w]|[A-ZÀ-ÖØ-Þ]\.)"
BEGINS = r"(?<!\w)(?<!\w[’'-])"  # not inside a word: a "word" of 20,000 capitals took 20 s
NAME = rf"{BEGINS}{WORD}(?:[ ](?:(?:of|the|for|de|del|la|von|van|al|bin)[ ]){{0,2}}{WORD}){{0,6}}"
PRONOUN = r"(?:he|she|they|it|He|She|They|It)"
ASIDE = r"(?:,[^,“”\"]{1,120},|[ ]\([^()]{1,60}\))?"

ADVERBS = r"(?:(?:also|has|had|have|then|later|further|previously|reportedly)[ ])*"

# "Milgram also said", "Garland, the attorney general, said"
NAMED_BEFORE = re.compile(rf"({NAME}){ASIDE},?[ ]{ADVERBS}{SAYING}\b")
# "said Senator Lindsey Graham", "wrote the Center for Advanced Defense Studies"
NAMED_AFTER = re.compile(rf"(?:^|[,”\"?!][ ]?){SAYING}[ ](?:the[ ])?(?:[a-z]+[ ]){{0,3}}({NAME})")
# "Milgram called on the government to do more, saying:"
NAMED_SAYING = re.compile(rf"(?:^|, )({NAME})(?=[ ][a-z]+\b.*\b(?:saying|adding|writing)\b)")
# "Lindsey Graham, a senator, has been at the forefront": nobody says anything, but "he" comes next
SUBJECT = re.compile(rf"^({WORD}(?:[ ]{WORD}){{1,6}}){ASIDE},?[ ][a-z]")
# "according to Infobae": a source, which no pronoun stands for
ACCORDING = re.compile(rf"\b[Aa]ccording to (?:the )?({NAME})")
PRONOUN_SAYS = re.compile(rf"\b({PRONOUN})[ ]{ADVERBS}{SAYING}\b|^[“\"]?({PRONOUN})\b.*\b(?:saying|adding|writing)\b")
# "a spokesman for Trump said"
PREPOSITION = re.compile(r"\b(?:for|of|with|by|in|to|from|at|on|near|against)(?: the)? $")
REFERS_BACK = re.compile(rf"^[“\"]?{PRONOUN}\b")

ARTICLES = "A An The This That These Those"
PRONOUNS = "It He She They We I You His Her Their There Here"
CONNECTIVES = (
    "In On At But And Or If As When While What Why How Who Where Last Next For From To Of By With Over Only Then Now "
    "Also So Yet Not No Today Yesterday Later Meanwhile However According"
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
MONTHS = "January February March April May June July August September October November December"
NO_NAMES = frozenset(" ".join((ARTICLES, PRONOUNS, CONNECTIVES, DAYS, MONTHS)).split())
"""Words that have a capital because a sentence begins with them, or that name days and months."""

LOOK_BACK = 12
"""Sentences searched for a name before the one that needs it."""


@dataclass(frozen=True)
class Speaker:
    """A name as it stands in the document's text from ``start`` to ``end``."""

    name: str
    start: int
    end: int


def speaker_of(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """Who says the sentence at ``place``, where that has to be added for a reader to know it.

    None where the sentence names its speaker, is the article's own statement, or no name is found.
    """
    if _named_in(text, sentences, place, sources=True):
        return None
    if PRONOUN_SAYS.search(_outside_quotes(text, sentences, place)):
        return _meant_by_pronoun(text, sentences, place)
    return _speaker_of_quotation(text, sentences, place) if _wholly_quoted(text, sentences, place) else None


def attributed_to(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """Whose words the sentence at ``place`` gives: the speaker it names, or the one who has to be added."""
    return _named_in(text, sentences, place, sources=True) or speaker_of(text, sentences, place)


def same_person(name: str, other: str) -> bool:
    """True where the names share a word, so that "López Obrador" is "Andres Manuel Lopez Obrador"."""
    return bool(_name_words(name) & _name_words(other))


def refers_back(text: str, sentence: Sentence) -> bool:
    """True where the sentence begins with a pronoun, so that it needs the one before."""
    return bool(REFERS_BACK.match(text[sentence.start : sentence.end]))


def _named_in(text: str, sentences: Sequence[Sentence], place: int, *, sources: bool = False) -> Speaker | None:
    """The speaker (or with ``sources``, the newspaper or report) that a sentence names outside quotation marks."""
    words = _outside_quotes(text, sentences, place)
    start = sentences[place].start
    patterns = [NAMED_BEFORE, NAMED_AFTER, NAMED_SAYING, *([ACCORDING] if sources else [])]
    for pattern in patterns:
        for match in pattern.finditer(words):
            if pattern is NAMED_BEFORE and PREPOSITION.search(words[: match.start()]):
                continue
            speaker = _trimmed(match[1], start + match.start(1))
            if speaker:
                return speaker
    return None


def _trimmed(name: str, start: int) -> Speaker | None:
    """The name without words that are none at its beginning ("In addition, Milgram" has lost the comma's part)."""
    words = name.split(" ")
    while words and (words[0] in NO_NAMES or words[0].islower()):
        start += len(words[0]) + 1
        words = words[1:]
    if len(words) == 2 and words[0].endswith(("’s", "'s")):  # "the DEA’s Milgram"
        start += len(words[0]) + 1
        words = words[1:]
    kept = re.sub(r"[’']s$", "", " ".join(words))
    return Speaker(kept, start, start + len(kept)) if kept else None


def _outside_quotes(text: str, sentences: Sequence[Sentence], place: int) -> str:
    """The sentence with blanks in place of what stands between quotation marks, so that offsets stay."""
    sentence = sentences[place]
    opened = _opened_before(text, sentences, place)
    kept = []
    for letter in text[sentence.start : sentence.end]:
        if letter == "“":
            opened = True
        elif letter == '"':
            opened = not opened
        kept.append(" " if opened and letter not in '“”"' else letter)
        if letter == "”":
            opened = False
    return "".join(kept)


def _wholly_quoted(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """True where every word of the sentence stands between quotation marks."""
    return not any(letter.isalpha() for letter in _outside_quotes(text, sentences, place))


def _opened_before(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """True where a quotation that began earlier in the paragraph goes on in this sentence."""
    first = _paragraph(sentences, place)[0]
    before = text[sentences[first].start : sentences[place].start]
    if before.count('"') % 2:
        return True
    return before.rfind("“") > before.rfind("”")


def _paragraph(sentences: Sequence[Sentence], place: int) -> range:
    number = sentences[place].paragraph
    first = last = place
    while first and sentences[first - 1].paragraph == number:
        first -= 1
    while last + 1 < len(sentences) and sentences[last + 1].paragraph == number:
        last += 1
    return range(first, last + 1)


def _speaker_of_quotation(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """Who says a wholly quoted sentence: named where its quotation ends, else in the words that come before it.

    The first words outside the quotation decide. Where they name nobody, nobody is named.
    """
    paragraph = _paragraph(sentences, place)
    for other in range(place + 1, paragraph.stop):
        if not _opened_before(text, sentences, other):
            break
        if not _wholly_quoted(text, sentences, other):
            return _speaker_in(text, sentences, other)
    for other in range(place - 1, paragraph.start - 1, -1):
        if not _wholly_quoted(text, sentences, other):
            return _speaker_in(text, sentences, other)
    return _speaker_around(text, sentences, paragraph)


def _speaker_around(text: str, sentences: Sequence[Sentence], paragraph: range) -> Speaker | None:
    """Who says a paragraph that is wholly quoted: announced before it, or it is part of a longer quotation."""
    before, after = paragraph.start - 1, paragraph.stop
    if before >= 0 and text[sentences[before].start : sentences[before].end].endswith(":"):
        return _speaker_in(text, sentences, before)
    if before >= 0 and _goes_on(text, sentences, _paragraph(sentences, before)):
        return attributed_to(text, sentences, before)
    if after < len(sentences) and _goes_on(text, sentences, paragraph):
        told = (other for other in _paragraph(sentences, after) if not _wholly_quoted(text, sentences, other))
        return next((_speaker_in(text, sentences, other) for other in told), None)
    return None


def _goes_on(text: str, sentences: Sequence[Sentence], paragraph: range) -> bool:
    """True where a quotation is not closed at the end of its paragraph: the next one goes on with it."""
    words = text[sentences[paragraph.start].start : sentences[paragraph.stop - 1].end]
    return words.rfind("“") > words.rfind("”")


def _speaker_in(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    named = _named_in(text, sentences, place)
    if named or not PRONOUN_SAYS.search(_outside_quotes(text, sentences, place)):
        return named
    return _meant_by_pronoun(text, sentences, place)


def _meant_by_pronoun(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """The last speaker named before a sentence that says "she said".

    None if a "he" came after that name, or a sentence about something else, where "she" may be somebody new.
    """
    pronoun = _pronoun(text, sentences, place)
    another_since = False
    for other in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
        speaker = _named_in(text, sentences, other) or _subject(text, sentences[other])
        if speaker:
            return None if another_since else speaker
        theirs = _pronoun(text, sentences, other)
        if theirs:
            another_since = theirs != pronoun
        elif not _wholly_quoted(text, sentences, other):
            return None
    return None


def _name_words(name: str) -> set[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return {word for word in re.findall(r"\w+", plain.casefold()) if len(word) > 2}


def _subject(text: str, sentence: Sentence) -> Speaker | None:
    """The person with whose full name a sentence begins."""
    match = SUBJECT.match(text[sentence.start : sentence.end])
    if not match or match[1].split(" ")[0] in NO_NAMES:
        return None
    return _trimmed(match[1], sentence.start)


def _pronoun(text: str, sentences: Sequence[Sentence], place: int) -> str | None:
    match = PRONOUN_SAYS.search(_outside_quotes(text, sentences, place))
    return (match[1] or match[2]).lower() if match else None
