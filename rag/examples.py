"""Questions to begin with: made of sentences of the documents themselves, and kept only if they are answered by them.

Rules turn a sentence into a question without changing a word's form, which is where such rules go wrong: a number
that is counted becomes "How many", whose words are given becomes "What did ... say about", a year of which something
"was" becomes "When". Each question is asked, and offered where the answer quotes its sentence. They are English; a
folder in which the rules find nothing has no examples.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from index.catalog import StoredDocument
from index.opened import Index
from index.sentences import Sentence
from rag.answer import ask
from rag.speakers import NAME, NO_NAMES, attributed_to, same_person

SAMPLED_DOCUMENTS = 40
"""Looked at, spread over the whole index, so that an index of 100,000 costs what one of 40 does."""

MOST_ASKED = 60
"""Questions that are tried: 70 ms each."""

READ_SENTENCES = 120
"""Of a document; news articles have thirty."""

SHORTEST, LONGEST = 25, 110
"""Characters of a question: below it says nothing, above it fills two lines of a button."""

SENTENCE_CHARACTERS = 400
FEWEST_WORDS = 5

PREPOSITION = "(?:to|in|from|for|at|on|with|by|since|during|after|before|across|over|under|between|into|near|against)"
AFTER = f"{PREPOSITION}|and|or|is|are|was|were|has|have|had|will|would|who|that|which|as"
ABOUT = r"(?:(?:[Aa]bout|[Aa]round|[Nn]early|[Aa]lmost|[Mm]ore than|[Aa]t least|[Oo]ver|[Ss]ome|[Uu]p to|just|only) )?"
IN_WORDS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens of|hundreds of|thousands of"
NUMBER = rf"{ABOUT}(?:\d[\d,.]*(?: (?:hundred|thousand|million|billion))?|(?i:{IN_WORDS}))"
NO_THING = (
    r"(?!(?:percent|per|years?|minutes?|hours?|days?|weeks?|months?|times|a\.?m|p\.?m|of|to|or|and|in|from|more)\b)"
)
THINGS = rf"(?P<things>{NO_THING}[a-z][\w’'-]{{2,}}(?: (?!{PREPOSITION}\b)[\w’'-]+){{0,4}}?)"
NO_VERB = "(?!(?:is|are|was|were|has|have|had|that|who|which)\\b)"
WHO = rf"(?P<who>{NAME}|[Tt]he [\w’'-]+(?: {NO_VERB}[\w’'-]+){{0,4}}?)"
REST = r"(?P<rest>(?: [\w’'.-]+){0,10})"
IRREGULAR = "spent|built|sold|sent|held|lost|won|paid|made|found|bought|caught|hit|cut|put|shot|taught|brought|left"
DONE = rf"(?P<done>\w\w+ed|{IRREGULAR})"
HAPPENS = (
    r"(?:is|are|was|were|has|have|had|will|would|could|can|died|live|lived|remain|work|worked|took|came|fled|signed)"
)

THERE = re.compile(rf"^{NUMBER} {THINGS}(?P<rest>(?: {PREPOSITION}(?: [\w’'.-]+){{1,5}})?? {HAPPENS}\b.*)$")
"""About 70,000 deaths a year have been linked to fentanyl -> How many deaths a year have been linked to fentanyl?"""

HAS = re.compile(rf"^{WHO} (?P<has>has|had|have) {NUMBER} {THINGS}{REST}$")
"""China has 5,000 makers of medicine -> How many makers of medicine does China have?"""

DID = re.compile(rf"^{WHO} (?:has |have |had )?{DONE} {NUMBER} {THINGS}(?P<rest>(?: {PREPOSITION} [\w’'. -]+)?)$")
"""Mexico extradited 24 defendants to the US -> How many defendants were extradited by Mexico to the US?"""

WHEN = re.compile(
    rf"^{WHO} (?P<was>was|were) {DONE}(?P<rest>(?: {NO_VERB}[\w’'-]+){{0,6}}?) in (?:[A-Z][a-z]+ )?(?:1[5-9]|20)\d\d$"
)
"""The bridge was closed to lorries in 1998 -> When was the bridge closed to lorries?"""

PIECE = re.compile(r"(?:[^,;:()“”\"—–…]|(?<=\d),(?=\d))+")
"""A part of a sentence that a comma or a quotation mark ends: small enough for a rule."""

BEGINNING = re.compile(r"^(?:but|and|that|while|because|when|said|says) ")
IN_A_YEAR = re.compile(r"^(?:In|By|Since) (?:[A-Z][a-z]+ )?(?:1[5-9]|20)\d\d$")
FULL_STOP = re.compile(r"[.!?]+$")

TOPIC = re.compile(rf"\b(?:about|on|against|of|in|to|from) ((?:the )?{NAME})(?=[,;:.!?”\"]| (?:{AFTER})\b|$)")
"""A name that nothing hangs on: not the Mexican in "in the Mexican parliament"."""

NO_PERSON = re.compile(r"\d|\.$")
LONGEST_NAME = 5
"""Words. A longer run of capitals is two names, or a name with an office."""

ASIDE = re.compile(r",[^,]*$")
"""Between a name and what follows it: "Gupta, director of the White House’s office" says who Gupta is."""


@dataclass(frozen=True)
class _Candidate:
    """A question, and the sentence it was made of."""

    question: str
    document: StoredDocument
    sentence: Sentence


def example_questions(index: Index, most: int) -> list[str]:
    """Up to this many questions that the documents answer, each of another document while there are any.

    The same index gives the same questions.
    """
    waiting = [_candidates(document, index) for document in _sampled(index)]
    found: list[str] = []
    asked = 0
    while any(waiting) and len(found) < most:
        for of_document in filter(None, waiting):
            if len(found) == most or asked == MOST_ASKED:
                return found
            asked += 1
            candidate = of_document.pop(0)
            if _is_answered(candidate, index):
                found.append(candidate.question)
    return found


def questions_of(text: str, sentences: Sequence[Sentence], place: int) -> Iterator[str]:
    """The questions that the rules make of a sentence, the surest first."""
    sentence = sentences[place]
    words = text[sentence.start : sentence.end]
    if sentence.heading or len(words) > SENTENCE_CHARACTERS or len(words.split()) < FEWEST_WORDS:
        return
    for question in (*_about_numbers(words), *_about_words(text, sentences, place)):
        if SHORTEST <= len(question) <= LONGEST:
            yield question


def _sampled(index: Index) -> Iterator[StoredDocument]:
    """Documents, one for each report, spread evenly over the index."""
    ids = [row.id for row in index.catalog.particulars()]
    step = max(1, len(ids) // SAMPLED_DOCUMENTS)
    reports: set[int] = set()
    for document_id in ids[::step][:SAMPLED_DOCUMENTS]:
        document = index.document(document_id)
        if document and document.report not in reports:
            reports.add(document.report)
            yield document


def _candidates(document: StoredDocument, index: Index) -> list[_Candidate]:
    """The questions of a document, what is counted and dated before what is said: it is asked more exactly."""
    sentences = index.catalog.sentences(document.id)[:READ_SENTENCES]
    made = [
        _Candidate(question, document, sentence)
        for place, sentence in enumerate(sentences)
        for question in islice(questions_of(document.text, sentences, place), 1)
    ]
    return sorted(made, key=lambda one: one.question.startswith("What"))


def _is_answered(candidate: _Candidate, index: Index) -> bool:
    """True where the first quote of the answer holds the sentence that the question was made of."""
    answer = ask(candidate.question, index)
    first = answer.citations[0] if answer.citations else None
    return (
        first is not None and candidate.document.text[candidate.sentence.start : candidate.sentence.end] in first.quote
    )


def _about_numbers(words: str) -> Iterator[str]:
    """How many, and when, from each part of a sentence."""
    year = ""
    for piece in PIECE.findall(FULL_STOP.sub("", words)):
        stated = BEGINNING.sub("", piece.strip())
        if IN_A_YEAR.match(stated):
            year = f" {stated[0].lower()}{stated[1:]}"
            continue
        for question in _asked(stated):
            yield f"{question}{year}?"
        year = ""


def _asked(stated: str) -> Iterator[str]:
    """What is stated, asked, without its question mark."""
    if found := THERE.match(stated):
        yield f"How many {found['things']}{found['rest']}"
    if found := HAS.match(stated):
        does = {"has": "does", "have": "do", "had": "did"}[found["has"]]
        yield from (f"How many {found['things']}{found['rest']} {does} {who} have" for who in _inside(found["who"]))
    if found := DID.match(stated):
        yield from (
            f"How many {found['things']} were {found['done']} by {who}{found['rest']}" for who in _inside(found["who"])
        )
    if found := WHEN.match(stated):
        yield from (f"When {found['was']} {who} {found['done']}{found['rest']}" for who in _inside(found["who"]))


def _about_words(text: str, sentences: Sequence[Sentence], place: int) -> Iterator[str]:
    """What somebody said about somebody or something that the sentence names."""
    speaker = attributed_to(text, sentences, place)
    if speaker is None or NO_PERSON.search(speaker.name):
        return
    article = "the " if text[: speaker.start].endswith(("the ", "The ")) else ""
    sentence = sentences[place]
    for found in TOPIC.finditer(text[sentence.start : sentence.end]):
        if not ASIDE.match(text[speaker.end : sentence.start + found.start()]) and _is_topic(found[1], speaker.name):
            yield f"What did {article}{speaker.name} say about {found[1]}?"


def _is_topic(name: str, speaker: str) -> bool:
    words = name.split()
    return not NO_NAMES & {*words} and len(name) > 2 and len(words) <= LONGEST_NAME and not same_person(name, speaker)


def _inside(name: str) -> Iterator[str]:
    """A name as it stands inside a sentence; none for a word that names nobody."""
    if name.startswith("The "):
        yield f"the {name[4:]}"
    elif not NO_NAMES & {name.split()[0]}:
        yield name
