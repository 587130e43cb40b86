"""Two rankings become one: a weighted sum of scores that are brought to the same scale first."""

from collections.abc import Mapping

DENSE_WEIGHT = 0.5
"""Share of the meaning side; the words have the rest. See the README for the figures of other shares."""


def fuse(dense: Mapping[int, float], words: Mapping[int, float], weight: float = DENSE_WEIGHT) -> dict[int, float]:
    """A score from 0 to 1 for every chunk that either side found.

    The cosines are spread over 0..1 (min-max), the BM25 scores divided by the best one: a chunk without any
    word of the question has 0 there, and the worst of a hundred good ones has not.

    >>> fuse({1: 0.8, 2: 0.6, 3: 0.4}, {2: 10.0, 3: 5.0})
    {1: 0.5, 2: 0.75, 3: 0.25}
    """
    near = _spread(dense)
    best = max(words.values(), default=0.0)
    return {
        chunk: weight * near.get(chunk, 0.0) + (1 - weight) * (words.get(chunk, 0.0) / best if best else 0.0)
        for chunk in dict.fromkeys([*dense, *words])
    }


def _spread(scores: Mapping[int, float]) -> dict[int, float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    if high == low:
        return dict.fromkeys(scores, 1.0)
    return {chunk: (score - low) / (high - low) for chunk, score in scores.items()}
