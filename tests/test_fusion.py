"""Two rankings become one: compared with sums done by hand."""

import pytest

from rag.fusion import WORDS_WEIGHT, fuse


def test_the_score_is_the_cosine_plus_the_weighted_share_of_the_questions_words() -> None:
    cosines = {1: 0.9, 2: 0.5, 3: -0.1}
    words = {2: 8.0, 3: 2.0}  # of 16: shares 0.5 and 0.125
    assert fuse(cosines, words, 16.0) == pytest.approx(
        {1: 0.9, 2: 0.5 + WORDS_WEIGHT * 0.5, 3: -0.1 + WORDS_WEIGHT * 0.125}
    )


def test_the_weight_is_the_one_of_the_docstring() -> None:
    assert fuse({1: 0.8, 2: 0.6}, {2: 10.0, 3: 5.0}, 10.0) == pytest.approx({1: 0.8, 2: 0.9, 3: 0.15})


def test_a_score_does_not_depend_on_what_else_was_found() -> None:
    alone = fuse({1: 0.4}, {1: 3.0}, 12.0)
    among_others = fuse({1: 0.4, 2: 0.9, 3: 0.1}, {1: 3.0, 2: 9.0}, 12.0)
    assert alone[1] == among_others[1]


def test_a_chunk_that_one_side_found_is_there_with_that_sides_part() -> None:
    assert fuse({1: 0.4}, {2: 6.0}, 12.0) == pytest.approx({1: 0.4, 2: WORDS_WEIGHT * 0.5})


def test_a_question_without_words_is_ranked_by_cosines_alone() -> None:
    assert fuse({1: 0.3, 2: 0.2}, {}, 0.0) == {1: 0.3, 2: 0.2}


def test_nothing_found_makes_nothing() -> None:
    assert fuse({}, {}, 5.0) == {}
