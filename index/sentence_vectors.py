"""Vectors of the sentences of a chunk, packed to four bits a number: what a question needs to find the best sentence.

A sentence's vector is the mean of its word pieces' vectors in its chunk, so that "she" means whom it means there, and
building them costs nothing: the model computes them for the chunk anyway. Encoding a question's sentences when it is
asked took 50 ms, three quarters of an answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.vectors import Matrix

LEVELS = 7
"""Steps on either side of 0, so that a number fits into four bits: cosines are off by 0.006, which changes none of the
measures of the public sets; eight bits (0.0003 off) take twice the disk."""


SHORTEST = np.float32(1e-12)
"""A length below this counts as 0."""


@dataclass(frozen=True)
class ChunkVectors:
    """What the model makes of a chunk: its own vector, and those of its sentences and of their words, packed."""

    whole: Matrix
    sentences: bytes
    words: bytes  # see `index.word_vectors`; of no words where the model does not tell them apart


def pack(vectors: Matrix) -> bytes:
    """Vectors (n x dimension) as n * ceil(dimension / 2) bytes; their lengths are let go."""
    rows = np.asarray(vectors, dtype=np.float32)
    largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    steps = np.rint(rows / np.maximum(largest, SHORTEST) * LEVELS).astype(np.int8) + LEVELS
    if steps.shape[1] % 2:
        steps = np.pad(steps, ((0, 0), (0, 1)), constant_values=LEVELS)
    halves: NDArray[np.uint8] = steps.astype(np.uint8)
    return (halves[:, 0::2] << 4 | halves[:, 1::2]).tobytes()


def unpack(packed: bytes, dimension: int) -> Matrix:
    """The vectors (n x dimension) that were packed, each of length 1 (or 0, where a vector was)."""
    width = (dimension + 1) // 2
    halves = np.frombuffer(packed, dtype=np.uint8).reshape(-1, width)
    steps = np.stack([halves >> 4, halves & 15], axis=2).reshape(len(halves), 2 * width)[:, :dimension]
    return unit_rows(steps.astype(np.float32) - LEVELS)


def unit_rows(rows: Matrix) -> Matrix:
    """The rows, each brought to length 1 (or 0, where it is)."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Matrix = rows / np.maximum(lengths, SHORTEST)
    return unit
