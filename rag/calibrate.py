"""Fits the constants of `rag.confidence` on question sets and prints them.

    python -m rag.calibrate SET_FOLDER SET_FOLDER ...

A set folder holds ``docs/`` and ``questions.jsonl``. Three groups are used, each with the same weight in every
collection: answerable questions; questions beside a document that looks right and does not answer; questions of
one set asked of another set's documents. Each set is also cut into small collections of a few documents, because
what is rare in a hundred thousand documents is not rare in five.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

from index import build, open_index
from index.opened import Index
from rag.answer import look_up
from rag.confidence import Evidence, weigh
from rag.evaluate import ANSWERABLE, NEAR_MISS, OFF_CORPUS, Case, index_of, read_cases
from rag.quotes import choose_quotes

SMALL = 6
"""Documents in a small collection."""

SMALL_COLLECTIONS = 25

OTHERS = 200
"""Questions of another set that are asked of a collection, at most."""

KEPT = 0.97
"""Share of the answerable questions that the threshold should keep."""

NEAR = 0.4
"""What a near miss counts beside a stranger. No signal tells the near misses of news from what is asked in other words
than the article's, and with 1 the fit refuses more of the latter."""

PENALTY = 1e-4
"""Of a squared weight: keeps the fit finite where a signal separates the groups."""

BOUNDS = {
    "passage_cosine": (0.0, 20.0),
    "sentence_cosine": (0.0, 20.0),
    "meant": (0.0, 20.0),
    "least_meant": (2.0, 20.0),
    "unknown_words": (-20.0, -1.5),
    "unknown_names": (-20.0, -3.0),
    "fits": (0.5, 20.0),
    "misses": (-20.0, -3.0),
    "other_speaker": (-20.0, -2.0),
    "no_offer": (-20.0, -3.0),
    "chance": (-20.0, 0.0),
}
"""What a signal can mean. The signs of absence have a least weight set by judgement: the public sets have few questions
about a name, year or speaker that the documents lack, and would teach that somebody else's words are a good sign.
Quoting an article about another agency or year is the worse mistake."""


@dataclass(frozen=True)
class Weighed:
    """A question's evidence, whether the documents answer it, and which group it belongs to."""

    evidence: Evidence
    answerable: bool
    group: str


def main(folders: Sequence[str]) -> None:
    """Prints the fitted constants and the threshold."""
    with tempfile.TemporaryDirectory() as scratch:
        sets = [(Path(folder), index_of(Path(folder) / "docs")) for folder in folders]
        weighed = [one for folder, index in sets for one in _own(folder.name, folder / "questions.jsonl", index)]
        for (folder, index), (other, _) in permutations(sets, 2):
            weighed += list(_off(f"{folder.name} off", other / "questions.jsonl", index, OTHERS))
        for folder, index in sets:
            others = [other / "questions.jsonl" for other, _ in sets if other != folder]
            weighed += list(_small(folder, index, others, scratch))
    print_fit(weighed)


def evidence_of(question: str, index: Index) -> Evidence:
    """The evidence that `ask` would weigh."""
    found, *_ = look_up(question, index)
    return weigh(found, choose_quotes(found, index), index)


def print_fit(weighed: Sequence[Weighed]) -> None:
    """Fits the constants, prints them, and says how sure they make each group."""
    import numpy as np

    groups = sorted({one.group for one in weighed})
    sizes = {group: sum(one.group == group for one in weighed) for group in groups}
    signals = np.array([astuple(one.evidence) for one in weighed])
    labels = np.array([one.answerable for one in weighed], dtype=float)
    weights = np.array([(NEAR if one.group.endswith(" near") else 1.0) / sizes[one.group] for one in weighed])
    for label in (0.0, 1.0):  # as many answerable as not
        weights[labels == label] /= weights[labels == label].sum()
    constants = _fit(signals, labels, weights)
    sure = 1 / (1 + np.exp(-(signals @ constants[1:] + constants[0])))
    _show(f"INTERCEPT = {constants[0]:.2f}")
    for name, weight in zip(BOUNDS, constants[1:], strict=True):
        _show(f'    "{name}": {weight:.2f},')
    for group in groups:
        chosen = np.array([one.group == group for one in weighed])
        low, middle, high = np.quantile(sure[chosen], [1 - KEPT, 0.5, KEPT])
        _show(f"{group:<28} n {sizes[group]:<5} 3 % {low:.3f}  median {middle:.3f}  97 % {high:.3f}")


def _fit(signals: Any, labels: Any, weights: Any) -> Any:
    """Intercept and weights of a logistic regression whose weights stay within BOUNDS; slightly regularised."""
    import numpy as np
    from scipy.optimize import minimize

    def loss(constants: Any) -> float:
        total = signals @ constants[1:] + constants[0]
        errors = np.logaddexp(0, total) - labels * total
        return float(weights @ errors + PENALTY * constants[1:] @ constants[1:])

    start = np.array([0.0, *(np.clip(0.0, low, high) for low, high in BOUNDS.values())])
    return minimize(loss, start, bounds=[(None, None), *BOUNDS.values()]).x


def _index(docs: Path, scratch: str) -> Index:
    target = Path(tempfile.mkdtemp(dir=scratch))
    build(docs, target)
    return open_index(target)


def _own(name: str, questions: Path, index: Index) -> Iterator[Weighed]:
    for case in read_cases(questions, index):
        yield _weighed(case, name, index)


def _off(name: str, questions: Path, index: Index, most: int) -> Iterator[Weighed]:
    cases = read_cases(questions, index, off_corpus=True)
    for case in cases[:: max(1, len(cases) // most)]:
        yield _weighed(case, name, index)


def _small(folder: Path, whole: Index, others: Sequence[Path], scratch: str) -> Iterator[Weighed]:
    """Collections of a few neighbouring documents, with their own questions and strangers' ones."""
    rows = whole.documents()
    if len(rows) < SMALL * SMALL_COLLECTIONS:
        return
    step = len(rows) // SMALL_COLLECTIONS
    all_cases = read_cases(folder / "questions.jsonl", whole)
    for start in range(0, step * SMALL_COLLECTIONS, step):
        docs = Path(tempfile.mkdtemp(dir=scratch))
        chosen = rows[start : start + SMALL]
        for row in chosen:
            (docs / row.path).write_bytes((folder / "docs" / row.path).read_bytes())
        index = _index(docs, scratch)
        paths = {row.id for row in chosen}
        for case in all_cases:
            if case.kind == ANSWERABLE and {place.document_id for place in case.places} <= paths:
                yield _weighed(case, f"{folder.name} small", index)
        for other in others:
            yield from _off(f"{folder.name} small off", other, index, OTHERS // SMALL_COLLECTIONS)


def _weighed(case: Case, name: str, index: Index) -> Weighed:
    beside = {ANSWERABLE: "", NEAR_MISS: " near", OFF_CORPUS: " off"}[case.kind]
    group = name if name.endswith(" off") else name + beside
    return Weighed(evidence_of(case.question, index), case.kind == ANSWERABLE, group)


def _show(line: Any) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
