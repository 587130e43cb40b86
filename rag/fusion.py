"""Two rankings become one: the cosine, plus how much of the question's words a chunk holds.

Both terms mean the same whatever the question and the collection, so that a side which is sure is not
levelled down to one that is guessing, as rank fusion and min-max fusion do.
"""

from collections.abc import Mapping

WORDS_WEIGHT = 0.3
"""Of the words beside the cosine, before the sentences are read, which hold words too; 0.2 to 0.45 find the same."""


def fuse(cosines: Mapping[int, float], words: Mapping[int, float], question_weight: float) -> dict[int, float]:
    """A score for every chunk that either side found.

    cosines: chunk -> cosine of question and chunk.
    words: chunk -> BM25 of the question's words.
    question_weight: the sum of the inverse document frequencies of the question's words. BM25 divided by it is
    the share of the question that a chunk holds, counted by weight (more than 1 where words are repeated).

    >>> fuse({1: 0.8, 2: 0.6}, {2: 5.0, 3: 2.5}, question_weight=10.0)
    {1: 0.8, 2: 0.75, 3: 0.075}
    """
    share = {chunk: score / question_weight for chunk, score in words.items()} if question_weight else {}
    return {
        chunk: cosines.get(chunk, 0.0) + WORDS_WEIGHT * share.get(chunk, 0.0)
        for chunk in dict.fromkeys([*cosines, *words])
    }
