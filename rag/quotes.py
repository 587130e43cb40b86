"""The sentences that answer: chosen from the passages, scored by meaning, words, passage and kind of question.

Every choice is a sentence of a document with its offsets; nothing is written here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from index.opened import Index
from index.sentences import Sentence, place_of
from rag.evidence import Told
from rag.marks import exact_time
from rag.passages import Found, Passage, stored_text
from rag.question import YEAR, Question
from rag.speakers import attributed_to, same_person

MAX_QUOTES = 3

PASSAGE_WEIGHT = 0.25
"""Of the passage's score beside the cosine of the sentence itself."""

WORDS_WEIGHT = 0.45
"""Of the question's words in the sentence, the title and the article's first sentence together."""

MEANT_WEIGHT, ALIKE_WEIGHT = 0.65, 0.45
"""Of the question's words that the sentence holds or means, the telling ones more, and all alike."""

ASKED_WEIGHT = 0.55
"""Of those among them that are not what the whole article is about: "financed" in "Who financed the trial?"."""

BEFORE_WEIGHT = 0.5
"""Of the question's words that the sentence and its title lack and the sentence before it has: "Published in 1967, it
was one of the first." """

HEADING_COST = 0.3
"""A heading, a question, or a lead-in that ends in a colon repeats the question's words and states nothing."""

LINE_CHARACTERS = 40
"""A sentence that is longer is no date line or byline."""

OFFER_BONUS = 0.1
"""For a sentence that has what the kind of question asks for: a number, a date, a name, somebody's words."""

ENOUGH = 0.6
"""A second or third quote has at least this share of the first one's score: 2.7 quotes on average."""

NEAR = 0.9
"""A sentence that has what is asked for and less than this share of the best one's score is about something else: "When
do you blind bake?" is not answered by another year. 0.8 to 0.93 find as much."""

SAME = 0.7
"""Of two sentences that share this much of their words (Jaccard) and all their numbers, one is quoted."""

BESIDE = 0.5
"""The first quote takes in the sentence beside it, of the same paragraph and speaker, whose score is lower by no more
than this. With 0.9 the gold words are in the first quote of 0.89 of one public set for 0.86, but what is taken in has
nothing to do with the question."""

TWO_SENTENCES = 350
"""Characters of both together, at most; with 300 and 400 the first quote is right as often."""

FIT_BONUS = 0.1
"""For the words of whom the question asks about, and for a passage with the year it names."""

NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:none|few|several|dozens?|hundreds?|thousands?|millions?|billions?|"
    r"half|(?:a|one|two)[ -](?:third|quarter)s?|"
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|majority)\b",
    re.IGNORECASE,
)
TIME = re.compile(
    r"\b(?:1[0-9]|20)\d\d\b|\b\d{1,4} (?:BCE?|CE|AD)\b|\bAD \d{1,4}\b|\b(?:January|February|March|April|May|June|"
    r"July|August|September|October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b|"
    r"\b(?:today|yesterday|tonight|days?|weeks?|months?|years?|decades?|century|centuries|ago|recent(?:ly)?|since|until)\b"
)
NAME = re.compile(r"(?<=[a-z,;:’”] )[A-ZÀ-ÖØ-Þ][\w’-]+")
CAUSE = re.compile(
    r"\b(?:because|due to|since|so that|in order to|as a result|therefore|caused?|reasons?|led to|thanks to)\b"
)
SPEECH = re.compile(
    r"[“”\"]|\b(?:said|says|told|added|wrote|argued|claimed|announced|according to|taught|stated|believed|declared|"
    r"described|called|warned|denied|asked|replied|insisted|noted|predicted|suggested|proposed|explained)\b"
)

COUNTED_BEFORE, COUNTED_AFTER = 30, 60
"""Characters around a number in which the counted things must be named: "some 5,000 pharmaceutical manufacturers"."""

STEM = 5
"""Letters of a counted word that must agree: offices and office, extradited and extradition."""

DEMONYM = 4
"""Letters that a country and its people share: Mexico and Mexican, China and Chinese."""

NAME_NEAR = 2
"""Words between a name and what it is the name of: "the minister, Ines Pohlmann"."""

OFFERS = {
    "how many": NUMBER,
    "how much": NUMBER,
    "when": TIME,
    "where": NAME,
    "who": NAME,
    "why": CAUSE,
    "said": SPEECH,
}
"""What a sentence must have to offer an answer of this kind; the other kinds may be answered by any."""

MUST_OFFER = ("how many", "how much", "when")
"""Kinds that no sentence without it can answer; a reason or a place may be given in other ways."""


@dataclass(frozen=True)
class Quote:
    """A sentence that may answer, with what speaks for it; its words may take in the sentence beside it."""

    document_id: int
    sentence: Sentence
    start: int
    end: int
    text: str  # of the document, from start to end
    passage: Passage
    terms: frozenset[str]  # the sentence's words as they are indexed
    near: tuple[float, ...]  # for each of the question's terms about the cosine of the word that comes nearest
    score: float
    cosine: float  # of question and sentence
    offers: bool  # has what the kind of question asks for, as its words do
    misses: tuple[str, ...] = ()  # what the question names (speaker, year, quoted words) and this is not about


def choose_quotes(found: Found, index: Index) -> list[Quote]:
    """Up to three sentences that answer best, best first, none saying the same as another.

    The first may be two that stand beside each other. Empty where the passages hold no sentence.
    """
    ranked = _to_the_point(ranked_quotes(found, index), found.question)
    if not ranked:
        return []
    first = _with_neighbour(ranked[0], ranked[1:], index)
    return _different([first, *(one for one in ranked[1:] if not _is_inside(one, first))])


def _with_neighbour(quote: Quote, others: Sequence[Quote], index: Index) -> Quote:
    """The quote with the better one of the sentences beside it, where that is nearly as good and goes with it."""
    sentences = index.catalog.sentences(quote.document_id)
    place = place_of(sentences, quote.sentence.start)
    around = {one.start: at for at, one in enumerate(sentences[: place + 2]) if at in (place - 1, place + 1)}
    text = stored_text(quote.document_id, index)
    for other in others:
        if other.score < quote.score - BESIDE:
            break
        at = around.get(other.start) if other.document_id == quote.document_id else None
        if at is not None and _go_together(text, sentences, place, at):
            start, end = min(quote.start, other.start), max(quote.end, other.end)
            offers, misses = quote.offers or other.offers, quote.misses and other.misses
            near = tuple(map(max, quote.near, other.near))
            return replace(quote, start=start, end=end, text=text[start:end], near=near, offers=offers, misses=misses)
    return quote


def _go_together(text: str, sentences: Sequence[Sentence], place: int, at: int) -> bool:
    """Whether two neighbours are short, stand in one paragraph, and are the words of the same speaker or of none."""
    one, other = sorted((sentences[place], sentences[at]), key=lambda sentence: sentence.start)
    if one.paragraph != other.paragraph or other.end - one.start > TWO_SENTENCES:
        return False
    speaker, of_other = attributed_to(text, sentences, place), attributed_to(text, sentences, at)
    return same_person(speaker.name, of_other.name) if speaker and of_other else speaker is of_other


def _is_inside(quote: Quote, other: Quote) -> bool:
    return quote.document_id == other.document_id and other.start <= quote.start and quote.end <= other.end


def _to_the_point(ranked: list[Quote], question: Question) -> list[Quote]:
    """The words of whom the question asks about, or the sentences with the number or time that it asks for.

    Where there are none, or the number or time is of something else, the others stay: what is missing then speaks
    against an answer.
    """
    if question.kind == "said":
        return [quote for quote in ranked if not quote.misses] or ranked
    if question.kind in MUST_OFFER:
        offering = [quote for quote in ranked if quote.offers]
        return offering if offering and offering[0].score >= NEAR * ranked[0].score else ranked
    return ranked


def offered(question: Question, text: str) -> bool:
    """True where a text has what this kind of question asks for, or the kind asks for nothing in particular.

    A name that the question says itself is not one that it asks for, nor is "Monday" the year of a "what year".
    """
    wanted = OFFERS.get(question.kind)
    exact = exact_time(question.text) if question.kind == "when" else None
    if exact and not re.search(exact, text):
        return False
    return wanted is None or any(_is_asked_for(match, question) for match in wanted.finditer(text))


def _is_asked_for(match: re.Match[str], question: Question) -> bool:
    """Whether what was found is of the kind, and not a name the question says itself or the number of other things."""
    if question.kind == "who":
        return _is_new(match.group(), question.text) and _stands_by(match, question.named)
    if question.kind != "how many":
        return True
    if YEAR.fullmatch(match.group().rstrip(".,")):
        return False
    around = match.string[max(0, match.start() - COUNTED_BEFORE) : match.end() + COUNTED_AFTER].lower()
    stems = "|".join(re.escape(word.lower()[:STEM]) for word in question.counted)
    return not stems or bool(re.search(rf"\b(?:{stems})", around))


def _is_new(name: str, question: str) -> bool:
    """Whether a name is none that the question says, in this form or another (Mexico, Mexican)."""
    said = {word[:DEMONYM].lower() for word in re.findall(r"[A-ZÀ-ÖØ-Þ][\w-]+", question)}
    return name not in question and name[:DEMONYM].lower() not in said


def _stands_by(name: re.Match[str], named: Sequence[str]) -> bool:
    """Whether a name holds, or has within two words, one of the words for what is to be named, if there are any."""
    before, after = name.string[: name.start()].split()[-NAME_NEAR:], name.string[name.end() :].split()[:NAME_NEAR]
    near = {word.strip(".,;:“”\"’'()").lower()[:STEM] for word in [*before, *name.group().split(), *after]}
    return not named or any(word.lower()[:STEM] in near for word in named)


def ranked_quotes(found: Found, index: Index) -> list[Quote]:
    """Every sentence of the passages, best first."""
    quotes: dict[tuple[int, str], Quote] = {}
    for passage in found.passages:
        title = frozenset(index.words.terms(passage.title or ""))
        topic = title | _first_words(passage.document_id, index)
        before = frozenset[str]()
        for told in passage.all_told:
            same = (passage.report, told.text)
            if same not in quotes:  # passages overlap, also those of copies, and the better one came first
                quotes[same] = _fitted(
                    _quote(found.question, passage, told, title, topic, before), found.question, index
                )
            before = frozenset(told.terms)
    return sorted(quotes.values(), key=lambda quote: (-quote.score, _place(quote)))


def _quote(
    question: Question,
    passage: Passage,
    told: Told,
    title: frozenset[str],
    topic: frozenset[str],
    before: frozenset[str],
) -> Quote:
    """The sentence as a quote.

    title, topic, before: the words of the title, these with those of the article's first sentence, and those of the
    sentence before it in the passage.
    """
    offers = offered(question, told.text)
    held = question.coverage(title.union(told.terms))
    asked = frozenset(question.terms) - topic
    score = (
        told.cosine
        + PASSAGE_WEIGHT * passage.score
        + WORDS_WEIGHT * question.coverage(topic.union(told.terms))
        + MEANT_WEIGHT * question.mean(told.near)
        + ALIKE_WEIGHT * fmean(told.near or [0.0])
        + ASKED_WEIGHT * question.mean(told.near, asked)
        + BEFORE_WEIGHT * (question.coverage(title.union(told.terms, before)) - held)
        - HEADING_COST * (told.sentence.heading or told.text.endswith((":", "?")))
        + OFFER_BONUS * (offers and question.kind in OFFERS)
    )
    start, end = told.sentence.start, told.sentence.end
    terms = frozenset(told.terms)
    return Quote(
        passage.document_id,
        told.sentence,
        start,
        end,
        told.text,
        passage,
        terms,
        told.near,
        score,
        told.cosine,
        offers,
    )


def _first_words(document_id: int, index: Index) -> frozenset[str]:
    """The words of the first sentence of an article, which says what it is about."""
    text = stored_text(document_id, index)
    for sentence in index.catalog.sentences(document_id):
        if not sentence.heading and sentence.end - sentence.start > LINE_CHARACTERS:
            return frozenset(index.words.terms(text[sentence.start : sentence.end]))
    return frozenset()


def _fitted(quote: Quote, question: Question, index: Index) -> Quote:
    """The quote, better where it gives the words of whom the question asks about, or stands by what it names."""
    named = [*question.years, *question.quoted]
    if not question.speaker and not named:
        return quote
    surroundings = f"{quote.passage.text} {quote.passage.published or ''}"
    misses = [words for words in named if words not in surroundings]
    if question.speaker and not _is_said_by(question.speaker, question.kind, quote, index):
        misses.append(question.speaker)
    return replace(quote, score=quote.score + FIT_BONUS * (not misses), misses=tuple(misses))


def _is_said_by(name: str, kind: str, quote: Quote, index: Index) -> bool:
    sentences = index.catalog.sentences(quote.document_id)
    speaker = attributed_to(stored_text(quote.document_id, index), sentences, place_of(sentences, quote.sentence.start))
    if speaker:
        return same_person(name, speaker.name)
    if kind == "said" and not SPEECH.search(quote.text):
        return False
    return same_person(name, quote.text)


def _different(ranked: Sequence[Quote]) -> list[Quote]:
    chosen: list[Quote] = []
    for quote in ranked:
        if len(chosen) == MAX_QUOTES or (chosen and quote.score < ENOUGH * chosen[0].score):
            break
        if not any(_say_the_same(quote.terms, other.terms) for other in chosen):
            chosen.append(quote)
    return chosen


def _say_the_same(terms: frozenset[str], others: frozenset[str]) -> bool:
    """Whether two sentences share most of their words and all of their numbers."""
    if any(term[0].isdigit() for term in terms ^ others):
        return False
    return len(terms & others) >= SAME * len(terms | others)


def _place(quote: Quote) -> tuple[int, int]:
    return quote.document_id, quote.sentence.start
