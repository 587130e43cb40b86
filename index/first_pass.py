"""A quick first pass over many vectors: short codes of all of them are scanned, and the best are compared exactly.

Product quantisation, 4 bits for 4 numbers, scanned in registers (André, Kermarrec and Le Scouarnec, "Cache locality is
not enough", VLDB 2015; FAISS's PQ fast scan). At 100,000 vectors a question takes 0.3 ms so, and 5.3 by the exact
scan; a graph is no quicker at the same recall, takes ten times as long to make and cannot be taken from. The codes are
derived from the exact vectors, follow them change by change, and are learned anew only when these have doubled.

How many candidates are compared exactly is chosen by the recall that is measured on the index's own vectors; it is
in the manifest, and `footnoted check` shows it.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from index.vectors import Ids, Matrix, Vectors, read_faiss, write_faiss

EXACT_UP_TO = 50_000
"""Vectors that are scanned exactly: 2.7 ms on one thread, as long as a question's own vector takes."""

PART, BITS = 4, 4
"""Numbers of a vector that 4 bits stand for: 48 bytes for 384. Six to a part need twice the candidates."""

RECALL = 0.99
"""Of the ten nearest that the exact scan finds, the share that is found in this way."""

LEAST_RECALL = 0.97
"""With less than this, from the most candidates, the exact scan stays."""

CANDIDATES = (400, 800, 1_600, 3_200, 6_400, 12_800)
"""Numbers of candidates that are tried. 6,400 cost 4.6 ms at a million vectors, 12,800 cost 6.2."""

LEAST_CANDIDATES = 5
"""Times the root of the number of vectors. A question lies farther off than the vectors of the index, on which recall
is measured: at a million, 400 candidates found .995 of the neighbours of those and .85 of a question's."""

MEASURED_ON, NEAREST = 100, 10
"""Vectors of the index that stand for questions, and how many nearest ones each looks for."""

TRAINED_ON = 20_000
"""Vectors that the codes are learned from; k-means takes 4,096 of them for its 16 centres."""

MEASURED_AGAIN = 1.1
"""Recall is measured again when the number of vectors has changed by this factor."""

TRAINED_AGAIN = 2.0
"""The codes are learned anew when the vectors have grown by this factor."""

AT_ONCE = 50_000
"""Vectors that are decoded at a time: 77 MB."""


@dataclass(frozen=True)
class Plan:
    """How the vectors of a generation are searched, as its manifest says it."""

    how: str = "exact"  # or "compressed"
    candidates: int = 0  # of the first pass, compared exactly
    recall_at_10: float = 1.0  # against the exact scan
    measured_at: int = 0  # number of vectors when this was measured
    trained_at: int = 0  # number of vectors when the codes were learned

    def line(self) -> str:
        """For people."""
        if self.how == "exact":
            return "exact"
        return f"compressed, {self.candidates} candidates compared exactly, recall@10 {self.recall_at_10:.3f}"


class FirstPass:
    """The codes of all vectors, in the order of their places."""

    def __init__(self, codes: Any, plan: Plan) -> None:
        self._codes = codes
        self.plan = plan

    @classmethod
    def read(cls, file: Path, plan: Mapping[str, Any], *, to_change: bool = False) -> "FirstPass | None":
        """The first pass of a generation; None where its plan is the exact scan."""
        found = Plan(**plan)
        return None if found.how == "exact" else cls(read_faiss(file, to_change=to_change), found)

    @classmethod
    def count(cls, file: Path) -> int:
        """How many vectors the codes in a file stand for."""
        return int(read_faiss(file, to_change=False).ntotal)

    @classmethod
    def train(cls, vectors: Vectors) -> "FirstPass":
        """Codes learned from a sample of the vectors; they stand for no vector yet."""
        import faiss

        codes = faiss.IndexPQFastScan(vectors.dimension, vectors.dimension // PART, BITS, faiss.METRIC_INNER_PRODUCT)
        sample = np.random.default_rng(0).choice(len(vectors), min(TRAINED_ON, len(vectors)), replace=False)
        codes.train(vectors.at(np.sort(sample)))
        return cls(codes, Plan("compressed", trained_at=len(vectors)))

    def __len__(self) -> int:
        return int(self._codes.ntotal)

    def write(self, file: Path) -> None:
        """Writes a new file."""
        write_faiss(self._codes, file)

    def search(
        self, vectors: Vectors, vector: Matrix, k: int, candidates: int | None = None
    ) -> list[tuple[int, float]]:
        """As `Vectors.search`, with the exact cosines, but for what the first pass misses."""
        import faiss

        both = faiss.IndexRefine(self._codes, vectors.by_place)
        wanted = max(candidates or self.plan.candidates, k)
        factor = faiss.IndexRefineSearchParameters(k_factor=wanted / k)  # type: ignore[call-arg]
        scores, places = both.search(vector.reshape(1, -1), k, params=factor)
        return vectors.found(places[0], scores[0])

    def follow(self, vectors: Vectors, ids_before: Ids) -> None:
        """Takes out and adds what changed since the codes stood for the vectors with these ids."""
        gone = np.flatnonzero(~np.isin(ids_before, vectors.ids(), assume_unique=True))
        if len(gone):
            self._codes.remove_ids(gone)
        for start in range(len(self), len(vectors), AT_ONCE):
            self._codes.add(vectors.at(np.arange(start, min(start + AT_ONCE, len(vectors)))))


def make_first_pass(vectors: Vectors, before: FirstPass | None, ids_before: Ids) -> FirstPass | None:
    """The first pass that these vectors want, from the one ``before``, which stood for ``ids_before``.

    None where the exact scan is quick enough, or where the codes find too little.
    """
    if len(vectors) <= EXACT_UP_TO or vectors.dimension % PART:
        return None
    if before and len(vectors) <= TRAINED_AGAIN * before.plan.trained_at:
        before.follow(vectors, ids_before)
        known = _is_near(len(vectors), before.plan.measured_at) and before.plan.candidates >= _least(len(vectors))
        if known or _measure(before, vectors):
            return before
    trained = FirstPass.train(vectors)
    trained.follow(vectors, np.empty(0, dtype=np.int64))
    return trained if _measure(trained, vectors) else None


def nearest(
    vectors: Vectors, first_pass: FirstPass | None, vector: Matrix, k: int, among: Ids | None = None
) -> list[tuple[int, float]]:
    """The ``k`` chunks nearest to a unit vector as (id, cosine), best first, in the quickest way there is.

    The first pass cannot keep to ``among``. Where that holds many chunks it is asked for more and the others are
    left out; where it holds few, or too few are left, those chunks are scanned exactly.
    """
    if first_pass is None or (among is not None and len(among) <= EXACT_UP_TO):
        return vectors.search(vector, k, among)
    if among is None:
        return first_pass.search(vectors, vector, k)
    more = min(2 * k * len(vectors) // len(among), CANDIDATES[-1])
    found = first_pass.search(vectors, vector, more)
    allowed = np.isin([one for one, _ in found], among)
    kept = [pair for pair, passes in zip(found, allowed, strict=True) if passes]
    return kept[:k] if len(kept) >= k else vectors.search(vector, k, among)


def describe(first_pass: FirstPass | None) -> dict[str, object]:
    """What the manifest says of the search."""
    return asdict(first_pass.plan if first_pass else Plan())


def _is_near(count: int, other: int) -> bool:
    return count <= MEASURED_AGAIN * other and other <= MEASURED_AGAIN * count


def _measure(first_pass: FirstPass, vectors: Vectors) -> bool:
    """Settles the number of candidates by the recall it brings; False where the most of them bring too little."""
    sample = np.random.default_rng(1).choice(len(vectors), min(MEASURED_ON, len(vectors)), replace=False)
    questions = vectors.at(np.sort(sample))
    exact = [_others(vectors.search(one, NEAREST + 1)) for one in questions]
    for candidates in (one for one in CANDIDATES if one >= _least(len(vectors))):
        found = [_others(first_pass.search(vectors, one, NEAREST + 1, candidates)) for one in questions]
        recall = float(np.mean([len(a & b) / NEAREST for a, b in zip(exact, found, strict=True)]))
        first_pass.plan = replace(
            first_pass.plan, candidates=candidates, recall_at_10=round(recall, 4), measured_at=len(vectors)
        )
        if recall >= RECALL:
            return True
    return recall >= LEAST_RECALL


def _least(count: int) -> int:
    """The fewest candidates for this many vectors."""
    return min(round(LEAST_CANDIDATES * math.sqrt(count)), CANDIDATES[-1])


def _others(found: list[tuple[int, float]]) -> set[int]:
    """The nearest without the first, which is the vector itself or its equal."""
    return {one for one, _ in found[1:]}
