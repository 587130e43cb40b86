"""The measures of a run: passages found, answers quoted, refusals right, confidence meant, seconds taken.

The measures of ranked lists are computed by ir-measures (which asks trec_eval), the area under the curve by
scikit-learn. `GROUPS` says in a phrase what each measure is.
"""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.evaluate import ANSWERABLE, NEAR_MISS, OFF_CORPUS, Outcome

BINS = 10
"""Of the confidence, equally wide, for its calibration error."""

NOWHERE = "a passage that holds a whole span, which the index does not have"

GROUPS: Mapping[str, Mapping[str, str]] = {
    "Questions": {
        "questions": "in the set",
        "answerable": "those that the documents answer",
        "near_misses": "those beside a document that looks right and does not answer",
        "off_corpus": "those about other things",
    },
    "Passages": {
        "hit_at_1": "share of the answerable questions whose best passage holds a whole gold span",
        "hit_at_3": "the same of the three best",
        "hit_at_5": "the same of the five best",
        "hit_at_10": "the same of the ten best",
        "mrr_at_10": "mean of 1 / the rank of the first such passage",
        "ndcg_at_10": "all such passages of the index count, discounted by their rank",
        "passage_characters": "mean length: a longer passage hits more easily",
    },
    "Answers": {
        "in_first_quote": "share of the answerable questions whose first quote overlaps a gold span",
        "in_answer": "the same of any quote; a question refused counts as not answered",
        "quotes": "mean number in an answer",
        "quote_characters": "mean length",
    },
    "Refusals": {
        "answerable_refused": "share of the answerable questions that are refused, which is wrong",
        "refusal_precision": "share of what is refused that the documents do not answer",
        "refusal_recall": "share of what the documents do not answer that is refused",
        "near_miss_precision": "precision where near misses are the only questions without an answer",
        "near_misses_refused": "recall: share of the near misses that are refused",
        "off_corpus_precision": "precision where off-corpus questions are the only ones without an answer",
        "off_corpus_refused": "recall: share of the off-corpus questions that are refused",
    },
    "Confidence": {
        "near_miss_auroc": "chance that an answerable question gets a higher confidence than a near miss",
        "off_corpus_auroc": "the same of an off-corpus question",
        "calibration_error": "how far confidence and share of answerable questions are apart, over ten bins",
    },
    "Time": {
        "seconds_p50": "for a question, the median",
        "seconds_p95": "what 95 of 100 questions stay within",
    },
}


@dataclass(frozen=True)
class Evaluation:
    """The measures of a set, see `GROUPS`. Shares are 0..1; None where a set has no question of that kind."""

    questions: int
    answerable: int
    near_misses: int
    off_corpus: int
    hit_at_1: float | None
    hit_at_3: float | None
    hit_at_5: float | None
    hit_at_10: float | None
    mrr_at_10: float | None
    ndcg_at_10: float | None
    passage_characters: float | None
    in_first_quote: float | None
    in_answer: float | None
    quotes: float | None
    quote_characters: float | None
    answerable_refused: float | None
    refusal_precision: float | None
    refusal_recall: float | None
    near_miss_precision: float | None
    near_misses_refused: float | None
    off_corpus_precision: float | None
    off_corpus_refused: float | None
    near_miss_auroc: float | None
    off_corpus_auroc: float | None
    calibration_error: float
    seconds_p50: float
    seconds_p95: float

    def lines(self) -> Iterator[str]:
        """A line for each measure, for people."""
        for name, value in vars(self).items():
            if value is not None:
                yield f"{label(name):<22} {shown(value)}"


def label(name: str) -> str:
    """``hit at 1``"""
    return name.replace("_", " ")


def shown(value: float | None) -> str:
    """A number has no digits after the point, a share or a mean three.

    >>> shown(90), shown(0.7291), shown(None)
    ('90', '0.729', '-')
    """
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def shown_difference(value: float | None) -> str:
    """The same with its sign.

    >>> shown_difference(2), shown_difference(-0.0314)
    ('+2', '-0.031')
    """
    return shown(value) if value is None or value < 0 else f"+{shown(value)}"


def summarise(outcomes: Sequence[Outcome]) -> Evaluation:
    """The measures of these outcomes."""
    answerable = [one for one in outcomes if one.case.kind == ANSWERABLE]
    near = [one for one in outcomes if one.case.kind == NEAR_MISS]
    off = [one for one in outcomes if one.case.kind == OFF_CORPUS]
    answered = [one for one in answerable if not one.answer.refused]
    citations = [citation for one in answered for citation in one.answer.citations]
    durations = sorted(one.seconds for one in outcomes)
    return Evaluation(
        questions=len(outcomes),
        answerable=len(answerable),
        near_misses=len(near),
        off_corpus=len(off),
        **ranking_measures(answerable),
        passage_characters=_mean([len(passage.text) for one in answerable for passage in one.answer.passages]),
        in_first_quote=_share(answerable, lambda one: one.in_first_quote),
        in_answer=_share(answerable, lambda one: one.in_answer),
        quotes=_mean([len(one.answer.citations) for one in answered]),
        quote_characters=_mean([len(citation.quote) for citation in citations]),
        answerable_refused=_share(answerable, _is_refused),
        refusal_precision=_precision([*near, *off], answerable),
        refusal_recall=_share([*near, *off], _is_refused),
        near_miss_precision=_precision(near, answerable),
        near_misses_refused=_share(near, _is_refused),
        off_corpus_precision=_precision(off, answerable),
        off_corpus_refused=_share(off, _is_refused),
        near_miss_auroc=auroc(_confidences(answerable), _confidences(near)),
        off_corpus_auroc=auroc(_confidences(answerable), _confidences(off)),
        calibration_error=calibration_error(_confidences(outcomes), [one.case.kind == ANSWERABLE for one in outcomes]),
        seconds_p50=durations[len(durations) // 2],
        seconds_p95=durations[int(len(durations) * 0.95)],
    )


def ranking_measures(answerable: Sequence[Outcome]) -> dict[str, float | None]:
    """hit@k (trec_eval's success), MRR and nDCG of the passages found; a passage is relevant or it is not.

    A question whose span no passage holds whole counts as one where nothing relevant was found.
    """
    import ir_measures
    from ir_measures import RR, Success, nDCG

    names = {
        "hit_at_1": Success @ 1, "hit_at_3": Success @ 3, "hit_at_5": Success @ 5, "hit_at_10": Success @ 10,
        "mrr_at_10": RR @ 10, "ndcg_at_10": nDCG @ 10,
    }  # fmt: skip
    if not answerable:
        return dict.fromkeys(names)
    judged = {str(at): dict.fromkeys(one.relevant or {NOWHERE}, 1) for at, one in enumerate(answerable)}
    ranked = {
        str(at): {passage: -float(rank) for rank, passage in enumerate(one.found)} for at, one in enumerate(answerable)
    }
    values = ir_measures.calc_aggregate(names.values(), judged, ranked)
    return {name: float(values[measure]) for name, measure in names.items()}


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, ties counted half (Hanley and McNeil 1982)."""
    if not positives or not negatives:
        return None
    from sklearn.metrics import roc_auc_score

    labels = [1] * len(positives) + [0] * len(negatives)
    return float(roc_auc_score(labels, [*positives, *negatives]))


def calibration_error(confidences: Sequence[float], answerable: Sequence[bool]) -> float:
    """The expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015; equation 3 of Guo et al., ICML 2017).

    Over `BINS` bins of equal width, the mean distance between the mean confidence of a bin and its share of answerable
    questions, weighted by the number of questions in it.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for pair in zip(confidences, answerable, strict=True):
        bins.setdefault(min(int(pair[0] * BINS), BINS - 1), []).append(pair)
    distances = (abs(sum(sure - true for sure, true in pairs)) for pairs in bins.values())
    return sum(distances) / len(confidences)


def _precision(unanswerable: Sequence[Outcome], answerable: Sequence[Outcome]) -> float | None:
    """The share of refusals that are right, were these all the questions; None where there is nothing to refuse."""
    refused = [one for one in [*unanswerable, *answerable] if one.answer.refused]
    return _share(refused, lambda one: one.case.kind != ANSWERABLE) if unanswerable else None


def _is_refused(outcome: Outcome) -> bool:
    return outcome.answer.refused


def _confidences(outcomes: Sequence[Outcome]) -> list[float]:
    return [one.answer.confidence for one in outcomes]


def _share(outcomes: Sequence[Outcome], test: Callable[[Outcome], bool]) -> float | None:
    return _mean([float(test(one)) for one in outcomes])


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None
