"""How sure an answer is: a calibrated probability that the documents answer the question.

A logistic regression (Platt 1999) over signals that mean the same in every collection: cosines, shares of the
question's words, and evidence of absence. The raw best cosine alone does not carry over: the threshold that
keeps 95 % of the answerable questions of one public set keeps 65 % of another's.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from index.opened import Index
from rag.evidence import nearest
from rag.passages import Found
from rag.question import Question
from rag.quotes import MUST_OFFER, Quote

THRESHOLD = 0.25
"""Below it the answer is a refusal. It keeps 97 % of the answerable questions of the sets fitted on, of `desk` 91 %."""

INTERCEPT = -2.24
WEIGHTS = {
    "passage_cosine": 3.89,
    "sentence_cosine": 4.54,
    "meant": 1.91,
    "least_meant": 2.4,
    "unknown_words": -1.5,
    "unknown_names": -3.3,
    "fits": 0.5,
    "misses": -3.0,
    "other_speaker": -2.0,
    "no_offer": -3.0,
    "chance": -0.92,
}
"""Fitted by ``python -m rag.calibrate`` on the public sets `chunkeval` and `clapnq`, on the invented news of
`tests.news`, and on ``tests/asked/papers`` and ``desk``, each asked of its own documents and of the other sets', and
`clapnq` of small collections cut out of it."""

FEWEST, MOST = 100, 2_000
"""Chunks of the collections that the constants were fitted on: smaller and larger ones count as large as these."""

TELLING = (*MUST_OFFER, "who")
"""Kinds of questions that are not answered where no quote has a number, a time or a new name."""


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against an answer; all are shares from 0 to 1 but for the cosines and `chance`.

    Something always comes near by chance, and nearer the more there is: of n values of a normal distribution the
    largest is about sqrt(2 ln n) standard deviations above the mean (Fisher and Tippett 1928). But what is about
    something else altogether comes no nearer: ten thousand chunks more about programming took nothing from how well
    `clapnq` was told from strangers. So a collection beyond those that were fitted counts as large as the largest.
    """

    passage_cosine: float  # of the nearest passage
    sentence_cosine: float  # of the first quote
    meant: float  # share of the question's words that the first quote's passage holds or means
    least_meant: float  # how near the first quote comes to the word of the question that it is farthest from
    unknown_words: float  # share of the question's words that stand nowhere in the documents
    unknown_names: float  # 1 where a name in the question stands nowhere in the documents
    fits: float  # 1 where the first quote is about the speaker, years and quoted words it names, and an answer offered
    misses: float  # 1 where the question names some, and no quote is about them
    other_speaker: float  # 1 where it asks for somebody's words, and no quote is theirs
    no_offer: float  # 1 where a number, a time or a name is asked for, and no quote has one
    chance: float  # how near the nearest of so many chunks comes by chance, in standard deviations


def weigh(found: Found, quotes: Sequence[Quote], index: Index) -> Evidence:
    """The evidence for an answer made of these quotes."""
    question = found.question
    first = quotes[0] if quotes else None
    known = {term for term in question.terms if index.words.document_frequency(term)}
    names = bool(question.speaker or question.years or question.quoted)
    no_offer = question.kind in TELLING and not any(quote.offers for quote in quotes)
    return Evidence(
        passage_cosine=max((passage.cosine for passage in found.passages), default=0.0),
        sentence_cosine=first.cosine if first else 0.0,
        meant=question.mean(nearest(first.passage.all_told)) if first else 0.0,
        least_meant=min(first.near, default=0.0) if first else 0.0,
        unknown_words=1.0 - question.coverage(known) if question.terms else 1.0,
        unknown_names=float(bool(unknown_names(question, index))),
        fits=float(first is not None and not first.misses and names and not no_offer),
        misses=float(bool(missed(quotes))),
        other_speaker=float(question.speaker in missed(quotes)),
        no_offer=float(no_offer),
        chance=math.sqrt(2 * math.log(min(max(found.searched_chunks, FEWEST), MOST))),
    )


def confidence(evidence: Evidence) -> float:
    """The probability, 0..1, that the documents answer the question."""
    total = INTERCEPT + sum(WEIGHTS[one.name] * getattr(evidence, one.name) for one in fields(Evidence))
    return 1 / (1 + math.exp(-total))


def unknown_names(question: Question, index: Index) -> list[str]:
    """Names in the question that stand in no searched sentence and are no author, publisher or title."""
    unknown = [name for name in _names(question.text) if not _stands_in_a_sentence(name, index)]
    return [name for name in unknown if not _is_particular(name, index)]


def missed(quotes: Sequence[Quote]) -> tuple[str, ...]:
    """The speaker and years of the question that the first quote is not about, if no other quote is."""
    return quotes[0].misses if quotes and all(quote.misses for quote in quotes) else ()


def _stands_in_a_sentence(name: str, index: Index) -> bool:
    terms = [term for term in index.words.terms(name) if len(term) > 1]
    return not terms or any(index.words.document_frequency(term) for term in terms)


def _is_particular(name: str, index: Index) -> bool:
    return name.casefold() in index.all_particulars


def _names(text: str) -> list[str]:
    """Words with a capital that is not owed to the beginning of the question or to a headline style."""
    words = [re.sub(r"[’']s?$", "", word) for word in re.findall(r"[^\W\d_][\w’'-]+", text)]
    inside = [word for word in words[1:] if word[0].isupper() and not re.match("I[’']", word)]
    if len(words) > 3 and len(inside) > 0.6 * len(words):
        return []
    return list(dict.fromkeys(inside + [word for word in words[:1] if word.isupper()]))
