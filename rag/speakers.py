"""Who says it: the speaker of a quoted or reported sentence that does not name them itself.

Rules over the sentences of one document, for English prose: quotation marks, verbs of saying, names with a
capital, people and institutions that are called what they are ("the ministry"), and a pronoun that stands for the
last named speaker; the lines of a transcript, and the signature of a letter. What is returned is found in the text,
with its place; where the rules find nobody, nobody is named.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from index.sentences import Sentence

SAYING = (
    r"(?:said|says|told|tells|added|adds|continued|wrote|writes|asked|argued|argues|claimed|claims|asserted|"
    r"announced|declared|noted|notes|explained|warned|warns|insisted|predicted|suggested|complained|stated|testified|"
    r"responded|replied|answered|concluded|commented|acknowledged|recalled|tweeted|posted|detailed|called for|stressed|"
    r"conceded|admitted|countered|joked|observed|maintained|vowed|pledged|promised|urged|lamented|alleged|denied|"
    r"confirmed|remarked|quipped|described|reported|reports|recounted|likes? to say|put it|"
    r"(?:is|was|are|were) (?:insistent|adamant|convinced|quoted as saying)|(?:found|finds|believes|thinks) that)"
)
TITLE = r"(?:Mr|Mrs|Ms|MR|MRS|MS|Dr|DR|Prof|Sen|Rep|Gov|Gen|Col|Sgt|Lt|Rev|St)\."
WORD = rf"(?:{TITLE}|[A-ZÀ-ÖØ-Þ][\w’'-]*[\w]|[A-ZÀ-ÖØ-Þ]\.)"
BEGINS = r"(?<!\w)(?<!\w[’'-])"  # not inside a word: a "word" of 20,000 capitals took 20 s
NAME = rf"{BEGINS}{WORD}(?:[ ](?:(?:of|the|for|de|del|la|von|van|al|bin|&)[ ]){{0,2}}{WORD}){{0,6}}"
PRONOUN = r"(?:he|she|they|it|He|She|They|It)"
ASIDE = r"(?:,[^,“”\"]{1,120},|[ ]\([^()]{1,60}\))?"

ADVERBS = r"(?:(?:also|has|had|have|then|later|further|previously|reportedly)[ ])*"

SAY = r"(?:say|warn|argue|claim|note|add|believe|think|suggest|counter|insist|deny|estimate)"

# "Milgram also said", "Garland, the attorney general, said"
NAMED_BEFORE = re.compile(rf"({NAME}){ASIDE},?[ ]{ADVERBS}{SAYING}\b")
# "said Senator Lindsey Graham", "wrote the Center for Advanced Defense Studies", "said the miners’ lawyer, Ewa Lis"
NAMED_AFTER = re.compile(
    rf"(?:^|[,”\"?!][ ]?){SAYING}[ ](?:the[ ])?(?:[a-z]+(?:[’']s?)?[ ]){{0,3}}(?:[a-z]+,[ ])?({NAME})"
)
# "Milgram called on the government to do more, saying:"
NAMED_SAYING = re.compile(rf"(?:^|, )({NAME})(?=[ ][a-z]+\b.*\b(?:saying|adding|writing)\b)")
# "Lindsey Graham, a senator, has been at the forefront": nobody says anything, but "he" comes next
SUBJECT = re.compile(rf"^(The[ ])?({WORD}(?:[ ]{WORD}){{1,6}}){ASIDE},?[ ](?!and\b)[a-z]")
# "The mayor, Giulia Conti, is not so sure"; after "her lawyer" or "the banker's lawyer" a "she" may be either of two
CALLED_SUBJECT = re.compile(
    r"^(?:The|An?)[ ](?:[\w-]{1,30}[ ]){0,4}?"
    r"(?i:(?:spokes|chair)(?:man|woman|person)|lawyer|attorney|prosecutor|judge|president|minister|mayor|governor|senator|"
    r"chief|leader|director|manager|founder|coach|captain|executive|secretary|editor|engineer|inspector|doctor|professor)"
    rf",[ ]({WORD}(?:[ ]{WORD}){{1,4}}),[ ](?!and\b)[a-z]"
)
# "according to Infobae": a source, which no pronoun stands for
ACCORDING = re.compile(rf"\b[Aa]ccording to (?:the )?({NAME})")
PRONOUN_SAYS = re.compile(
    rf"\b({PRONOUN})[ ]{ADVERBS}(?:{SAYING}|{SAY})\b|^[“\"]?({PRONOUN})\b.*\b(?:saying|adding|writing)\b"
)
# "a spokesman for Trump said"
PREPOSITION = re.compile(r"\b(?:for|of|with|by|in|to|from|at|on|near|against)(?: the)? $")

SPEAKERS = (
    r"(?i:(?:spokes|chair|fire|police|business|country)?(?:man|woman|men|women|person|people)|\w+(?:ologist|omist|omer|ician)s?|"
    r"(?:official|officer|expert|insider|source|critic|analyst|activist|lobbyist|scientist|artist|journalist|researcher|"
    r"author|investigator|inspector|engineer|teacher|doctor|nurse|professor|student|farmer|worker|driver|neighbour|"
    r"neighbor|resident|protester|witness|lawyer|attorney|prosecutor|judge|president|minister|mayor|governor|senator|"
    r"lawmaker|politician|leader|chief|director|manager|head|owner|founder|coach|captain|king|queen|pope|bishop|priest|"
    r"company|firm|bank|union|association|party|agency|institute|university|organi[sz]ation|ministry|department|bureau|"
    r"council|committee|commission|court|embassy|authority|administration|government|newspaper|magazine|broadcaster|"
    r"report|study|survey|poll|letter|statement)(?:s|es)?|"
    r"companies|parties|agencies|universities|ministries|committees|embassies|authorities|studies|police|army|military)"
)
"""Whoever is called what they are; a list, since in "the plan announced on Monday" no plan announces anything."""

SAYS = (
    rf"(?:{SAYING}|{SAY}|believes|thinks|suggests|fears?|(?:found|finds?)(?!(?:[ ][\w-]+){{0,6}}[ ]guilty)|shows?|"
    r"showed|estimates|estimated|reads|ends|concludes)"
)
"""What those who are called so do; a name "found" a letter, a study found a fact."""

DETERMINER = r"(?:[Tt]he|[Aa]n?|[Oo]ne|[Tt]wo|[Tt]hree|[Ss]ome|[Ss]everal|[Mm]any|[Mm]ost|[Oo]ther|[Bb]oth)"
WORDS = r"(?:[\w’.-]{1,30}[ ]){0,4}?"
FROM = r"(?:[ ](?:by|of|from|at|in|for)[ ](?:[\w’.-]{1,30}[ ]){0,5}?[\w’.-]{1,30})?"
CALLED = rf"(?:{DETERMINER}[ ])?{WORDS}{SPEAKERS}(?:[ ]and[ ]{WORDS}{SPEAKERS})?{FROM}"
CLAUSE = r"(?:^|(?<=[,;:”\"’][ ])|(?<=[”\"—–]))[“”\"]?"

# "the ministry says", "a study by the Tenants’ Union found", "officials and experts say"
CALLED_BEFORE = re.compile(rf"{CLAUSE}(?P<who>{CALLED}){ASIDE},?[ ]{ADVERBS}{SAYS}\b")
# "said a neighbour"
CALLED_AFTER = re.compile(rf"(?:^|[,”\"?!’][ ]?){SAYING}[ ](?P<who>{DETERMINER}[ ]{WORDS}{SPEAKERS})\b")
# "according to experts"
CALLED_SOURCE = re.compile(rf"\b[Aa]ccording to (?P<who>(?:{DETERMINER}[ ])?{WORDS}{SPEAKERS})\b")
NOBODY = re.compile(
    r"(?:[Hh]e|[Ss]he|[Ii]t|[Tt]hey|[Ww]e|I|[Yy]ou|[Ww]ho|[Ww]hich|[Tt]hat|[Ww]hen|[Ii]f|[Aa]s|[Ii]n|[Oo]n|[Aa]t|[Bb]y|"
    r"[Aa]fter|[Bb]efore|[Ww]hile|[Ll]ast|[Nn]ext|[Tt]his|[Aa]nd|[Bb]ut|to|not|is|was|are|were|has|had|have|be|been)\b"
)
"""Words with which nobody's description begins, and that part of one from a whole clause."""

# a headline, "Holt: dam is safe"
LABEL = re.compile(rf"({NAME}):[ ]")
# a line of a transcript, "MS. HOLT: We measured it."
LINE = re.compile(
    rf"((?:{TITLE}[ ])?[A-Z][A-Z’'-]+(?:[ ][A-Z][A-Z’'-]*\.?){{0,4}}|{TITLE}[ ]{WORD}(?:[ ]{WORD}){{0,2}}):[ ]"
)
FURNITURE = "photo image picture source note watch video update analysis opinion read correction live question summary"
NOTICES = "warning caution important tip step figure table"
ABSTRACT = "background objective objectives methods results conclusion conclusions"
NO_SPEAKERS = frozenset(" ".join((FURNITURE, NOTICES, ABSTRACT)).split())
"""What stands before a colon and speaks not."""
LONGEST_LABEL = 60
NEAR_LINES = 20_000
"""Characters before and after in which a speaker of a transcript speaks again; a label that comes once is none."""

DEAR = re.compile(r"^Dear [^\n]{1,80}$", re.MULTILINE)
SIGNED = re.compile(
    rf"^(?:Yours\b.{{0,20}}|(?:Best |Kind |Warm )?[Rr]egards|(?:Yours )?[Ss]incerely|Respectfully),?\s*^({NAME})",
    re.MULTILINE,
)
LETTER_ENDS = 400
"""Characters from the salutation to the top, and from the sign-off to the end, of a text that is a letter."""

DOUBLE = re.compile('[“”"]')
SINGLE_OPENS = re.compile(r"(?<!\w)‘(?=[^\W\d])")
SINGLE_CLOSES = re.compile(r"(?<=[,.!?…])’(?!\w)")
"""After a stop, as quoted speech ends; any other ’ may be an apostrophe."""

ARTICLES = "A An The This That These Those"
PRONOUNS = "It He She They We I You His Her Their There Here"
CONNECTIVES = (
    "In On At But And Or If As When While What Why How Who Where Last Next For From To Of By With Over Only Then Now "
    "Also So Yet Not No Today Yesterday Later Meanwhile However According After Before Since Until During Through "
    "Under Between Among Without Despite Although Though Because Once Instead Still Even Both"
)
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
MONTHS = "January February March April May June July August September October November December"
NO_NAMES = frozenset(" ".join((ARTICLES, PRONOUNS, CONNECTIVES, DAYS, MONTHS)).split())
"""Words that have a capital because a sentence begins with them, or that name days and months."""

SAME = {
    "he": re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE),
    "she": re.compile(r"\b(?:she|hers?)\b", re.IGNORECASE),
    "it": re.compile(r"\bits?\b", re.IGNORECASE),
    "they": re.compile(r"\b(?:they|them|theirs?)\b", re.IGNORECASE),
}
"""The forms of a pronoun, by the one that is the subject."""
SOMEBODY_ELSE = re.compile(rf"(?<=[\w,;] ){WORD}|\b{SPEAKERS}\b")

SOMEBODY_THERE = {
    "he": re.compile(r"\bhim\b"),
    "she": re.compile(r"\bher(?=[.,;:!?”]|$| (?:to|at|in|on|for|from|with|and|by|as|after|before|when|that)\b)"),
    "they": re.compile(r"\bthem\b"),
}
"""In "Jane Holt fired him", whom a "he" after it may stand for."""

BODY = re.compile(
    r"^[A-Z]{2,5}$|\b(?:House|Agency|Administration|Department|Ministry|Office|Bureau|Association|Union|Institutes?|Cent(?:er|re)|"
    r"University|Bank|Council|Committee|Commission|Court|Company|Inc|Corp|Police|Reuters|Press|Post|Times|Monitor|"
    r"Guardian|Foundation|Federation|Society|Party|Treasury|Congress|Parliament|Senate)(?:$| (?:of|for|on|in)\b)"
)
"""Names that no "she" stands for: "The White House said it would pay. She said" is somebody new."""
MANY = re.compile(r"(?:s|people|police|men|women)$|\band\b")
"""What "they" may stand for."""

SMALL = frozenset({"the", "and", "for"})
"""Words of three letters that make no two names one: "the ministry", "the council"."""

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
    return None if _named_in(text, sentences, place, sources=True) else _added(text, sentences, place)


def attributed_to(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """Whose words the sentence at ``place`` gives: the speaker it names, or the one who has to be added."""
    return _named_in(text, sentences, place, sources=True) or _added(text, sentences, place)


def same_person(name: str, other: str) -> bool:
    """True where the names share a word, so that "López Obrador" is "Andres Manuel Lopez Obrador"."""
    return bool(_name_words(name) & _name_words(other))


def _added(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """The speaker of a sentence that names none itself."""
    if PRONOUN_SAYS.search(_outside_quotes(text, sentences, place)):
        return _meant_by_pronoun(text, sentences, place)
    if _wholly_quoted(text, sentences, place):
        return _speaker_of_quotation(text, sentences, place)
    return _speaker_of_line(text, sentences, place) or _signed(text, sentences[place])


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
    line = _speaker_of_line(text, sentences, place)
    if line and line.end > start:
        return line
    return _label(text, sentences[place]) or _called_in(words, start, sources=sources)


def _called_in(words: str, start: int, *, sources: bool) -> Speaker | None:
    """The speaker that a sentence calls what it is: "the ministry"; a "she said" before it is hers."""
    pronoun = PRONOUN_SAYS.search(words)
    for pattern in (CALLED_BEFORE, CALLED_AFTER, *([CALLED_SOURCE] if sources else [])):
        for match in pattern.finditer(words, 0, pronoun.start() if pronoun else len(words)):
            who = match["who"]
            if not any(NOBODY.match(word) for word in who.split(" ")[:-1] if word not in ("and", "in", "at", "by")):
                return Speaker(who, start + match.start("who"), start + match.end("who"))
    return None


def _label(text: str, sentence: Sentence) -> Speaker | None:
    """The name before the colon of a headline: "Holt: dam is safe"."""
    if not sentence.heading:
        return None
    match = LABEL.match(text, sentence.start, sentence.end)
    after = text[match.end() : match.end() + 1] if match else ""
    if not match or not (after.islower() or after in '“‘"') or match[1].casefold() in NO_SPEAKERS:
        return None
    return _trimmed(match[1], sentence.start)


def _speaker_of_line(text: str, sentences: Sequence[Sentence], place: int) -> Speaker | None:
    """Who speaks in this paragraph of a transcript: "MS. HOLT: We measured it. It was below the limit."."""
    start = sentences[_paragraph(sentences, place).start].start
    match = LINE.match(text, start, start + LONGEST_LABEL)  # not to the sentence's end: "MS." may be one of its own
    if not match or match[1].casefold() in NO_SPEAKERS:
        return None
    if text.count(f"\n{match[0]}", max(0, start - NEAR_LINES), start + NEAR_LINES) < 2 and not text.startswith(
        match[0]
    ):
        return None
    return Speaker(match[1], start, match.end(1))


def _signed(text: str, sentence: Sentence) -> Speaker | None:
    """Who signed the letter that the text is, for a sentence between salutation and sign-off."""
    dear = DEAR.search(text, 0, LETTER_ENDS)
    if not dear or sentence.start < dear.end():
        return None
    signed = SIGNED.search(text, max(dear.end(), len(text) - LETTER_ENDS))
    if not signed or sentence.end > signed.start():
        return None
    return _trimmed(signed[1], signed.start(1))


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
    words = text[sentence.start : sentence.end]
    opened = _opened_before(text, sentences, place)
    if _in_single_quotes(text, sentences, place):
        words = SINGLE_OPENS.sub("“", SINGLE_CLOSES.sub("”", words))
    if not DOUBLE.search(words):
        return " " * len(words) if opened else words
    kept = []
    for letter in words:
        if letter == "“":
            opened = True
        elif letter == '"':
            opened = not opened
        kept.append(" " if opened and letter not in '“”"' else letter)
        if letter == "”":
            opened = False
    return "".join(kept)


def _in_single_quotes(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """True in a paragraph that quotes ‘like this’, as British papers do, and in no other way."""
    if "‘" not in text:
        return False
    first, end = sentences[_paragraph(sentences, place)[0]].start, sentences[place].end
    return SINGLE_OPENS.search(text, first, end) is not None and not DOUBLE.search(text, first, end)


def _wholly_quoted(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """True where every word of the sentence stands between quotation marks."""
    return not any(letter.isalpha() for letter in _outside_quotes(text, sentences, place))


def _opened_before(text: str, sentences: Sequence[Sentence], place: int) -> bool:
    """True where a quotation that began earlier in the paragraph goes on in this sentence."""
    first = _paragraph(sentences, place)[0]
    before = text[sentences[first].start : sentences[place].start]
    if _in_single_quotes(text, sentences, place):
        before = SINGLE_OPENS.sub("“", SINGLE_CLOSES.sub("”", before))
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
        return _speaker_in(text, sentences, before) or _subject(text, sentences[before])
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

    None if a "he" came after that name, or a sentence about something else, where "she" may be somebody new. A
    sentence with "her" and nobody else in it is still about her.
    """
    pronoun = _pronoun(text, sentences, place)
    another_since = False
    for other in range(place - 1, max(-1, place - 1 - LOOK_BACK), -1):
        named = _named_in(text, sentences, other)
        speaker = named or _subject(text, sentences[other])
        if speaker:
            another = another_since or (not named and _is_of_two(pronoun, text, sentences[other]))
            return None if another or not _may_be(pronoun, speaker.name) else speaker
        theirs = _pronoun(text, sentences, other)
        if theirs:
            another_since = theirs != pronoun
        elif not (_wholly_quoted(text, sentences, other) or _only_about(pronoun, text, sentences[other])):
            return None
    return None


def _may_be(pronoun: str | None, name: str) -> bool:
    """Whether this pronoun can stand for this name, as far as the name's words tell."""
    called = re.fullmatch(CALLED, name) is not None
    if pronoun == "they":
        return bool(MANY.search(name.split(" of ")[0]) or BODY.search(name))
    return not called and not BODY.search(name) if pronoun in ("he", "she") else not (called and MANY.search(name))


def _is_of_two(pronoun: str | None, text: str, sentence: Sentence) -> bool:
    """Whether a sentence does something to somebody for whom this pronoun may stand."""
    there = SOMEBODY_THERE.get(pronoun or "")
    return there is not None and there.search(text, sentence.start, sentence.end) is not None


def _only_about(pronoun: str | None, text: str, sentence: Sentence) -> bool:
    words = text[sentence.start : sentence.end]
    own = {name for name, forms in SAME.items() if name != "it" and forms.search(words)}
    return pronoun is not None and own == {pronoun} and not SOMEBODY_ELSE.search(words)


def _name_words(name: str) -> set[str]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return {word for word in re.findall(r"\w+", plain.casefold()) if len(word) > 2} - SMALL


def _subject(text: str, sentence: Sentence) -> Speaker | None:
    """The person with whose full name a sentence begins, be it behind what they are called, or the institution."""
    called = CALLED_SUBJECT.match(text[sentence.start : sentence.end])
    if called:
        return _trimmed(called[1], sentence.start + called.start(1))
    match = SUBJECT.match(text[sentence.start : sentence.end])
    if not match or match[2].split(" ")[0] in NO_NAMES or (match[1] and not BODY.search(match[2])):
        return None
    if match[2].endswith(("’s", "'s")):  # "Tarn Coal’s director, Rob Stanley, rejected that"
        return None
    return _trimmed(match[2], sentence.start + match.start(2))


def _pronoun(text: str, sentences: Sequence[Sentence], place: int) -> str | None:
    match = PRONOUN_SAYS.search(_outside_quotes(text, sentences, place))
    return (match[1] or match[2]).lower() if match else None
