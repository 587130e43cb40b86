"""Vectors of sentences in four bits a number, compared with the rounding done by hand."""

import numpy as np
import pytest

from index.sentence_vectors import LEVELS, pack, unit_rows, unpack
from index.vectors import Matrix

DIMENSIONS = [1, 2, 3, 24, 25, 384]


def random_unit_vectors(count: int, dimension: int, seed: int = 0) -> Matrix:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))


def test_a_number_is_a_step_of_its_vectors_largest_and_two_steps_are_a_byte() -> None:
    """From 0 for -7 steps to 14 for 7; the last half byte of an odd dimension is a 0, which is 7."""
    vectors = np.array([[7, -7, 3], [0, 2, 1]], np.float32)
    assert pack(vectors) == bytes([0xE0, 0xA7, 0x7E, 0xB7])
    expected = [[7 / 107**0.5, -7 / 107**0.5, 3 / 107**0.5], [0, 7 / 65**0.5, 4 / 65**0.5]]
    np.testing.assert_allclose(unpack(pack(vectors), 3), expected, rtol=1e-6)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_no_number_is_off_by_more_than_half_a_step(dimension: int) -> None:
    vectors = random_unit_vectors(300, dimension)
    packed = pack(vectors)
    found = unpack(packed, dimension)
    assert len(packed) == 300 * ((dimension + 1) // 2)
    assert found.shape == (300, dimension)
    assert found.dtype == np.float32
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    as_long = found / np.abs(found).max(axis=1, keepdims=True) * largest
    assert (np.abs(as_long - vectors) <= largest / LEVELS / 2 + 1e-6).all()
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_cosines_are_off_by_what_rounding_to_steps_makes_of_them() -> None:
    """The error of a rounded number is evenly spread over a step, so its root mean square is step / sqrt(12)."""
    vectors, questions = random_unit_vectors(500, 384), random_unit_vectors(40, 384, seed=1)
    off = unpack(pack(vectors), 384) @ questions.T - vectors @ questions.T
    step = np.abs(vectors).max(axis=1).mean() / LEVELS
    assert np.sqrt((off**2).mean()) == pytest.approx(step / 12**0.5, rel=0.05)
    assert np.abs(off).mean() == pytest.approx(0.006, abs=0.001)


def test_the_length_of_a_vector_is_let_go_and_one_without_length_stays_so() -> None:
    vectors = random_unit_vectors(4, 24)
    assert pack(vectors * 4) == pack(vectors)
    vectors[1] = 0
    vectors[2] = 1e-20
    lengths = np.linalg.norm(unpack(pack(vectors), 24), axis=1)
    np.testing.assert_allclose(lengths, [1, 0, 0, 1], atol=1e-6)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_no_vectors_are_no_bytes(dimension: int) -> None:
    assert pack(np.empty((0, dimension), np.float32)) == b""
    assert unpack(b"", dimension).shape == (0, dimension)


@pytest.mark.parametrize("dimension", [24, 25])
def test_the_bytes_of_some_chunks_after_each_other_are_their_vectors_after_each_other(dimension: int) -> None:
    chunks = [random_unit_vectors(count, dimension, seed=count) for count in (3, 1, 0, 8)]
    joined = b"".join(pack(one) for one in chunks)
    assert joined == pack(np.concatenate(chunks))
    apart = [unpack(pack(one), dimension) for one in chunks]
    np.testing.assert_array_equal(unpack(joined, dimension), np.concatenate(apart))


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_packing_is_repeatable_and_changes_nothing_the_second_time(dimension: int) -> None:
    vectors = random_unit_vectors(100, dimension)
    before = vectors.copy()
    packed = pack(vectors)
    assert packed == pack(vectors) == pack(unpack(packed, dimension))
    np.testing.assert_array_equal(vectors, before)


def test_bytes_that_are_not_whole_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot reshape"):
        unpack(b"123", 4)
