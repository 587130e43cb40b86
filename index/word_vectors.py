"""Vectors of the words of a chunk, each packed to 128 bits: what a question needs to find the words that mean its own.

A word's vector is the mean of its word pieces' vectors in its chunk, so that "it" in "it was funded by" costs nothing
to know. Of each, the signs of its products with 128 directions are kept (Charikar 2002), 16 bytes for 1,536: sentences
chosen with 256 bits, or with the vectors themselves, are right as often.
"""

import hashlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.sentence_vectors import unit_rows
from index.vectors import Matrix
from index.words import indexed_words

BITS = 128

SEED = b"footnoted: directions of word vectors"
"""Of the directions, whose parts are 1 and -1 (Achlioptas 2003): the same on every machine, in every version."""

SIGN_COSINE = np.float32(np.sqrt(np.pi / 2 / BITS))
"""What makes the product of a vector of length 1 with the signs of another their cosine, on average."""

COUNT = np.dtype("<u2")
"""How many words a sentence has stands before its words."""


def word_spans(text: str, sentences: Sequence[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """For each sentence, the (start, end) in the text of its words that are no stop words."""
    return [
        [(start + first, start + last) for first, last in indexed_words(text[start:end])] for start, end in sentences
    ]


def pack_words(sentences: Sequence[Matrix]) -> bytes:
    """The words' vectors of each sentence (n x dimension) as 2 bytes for their number, and 16 for each."""
    counts = np.array([len(words) for words in sentences], COUNT)
    return counts.tobytes() + b"".join(_signs(words).tobytes() for words in sentences if len(words))


def unpack_words(packed: Sequence[bytes], sentences: Sequence[int]) -> tuple[Matrix, list[int]]:
    """The words (n x BITS) of all sentences one after the other, and how many words each of them has.

    packed, sentences: what `pack_words` made of each chunk, and how many sentences that has.
    The product of a word with a row of `towards` is about their cosine.
    """
    heads = [number * COUNT.itemsize for number in sentences]
    counts = np.frombuffer(b"".join(one[:head] for one, head in zip(packed, heads, strict=True)), COUNT)
    signs = np.frombuffer(b"".join(one[head:] for one, head in zip(packed, heads, strict=True)), np.uint8)
    bits = np.unpackbits(signs.reshape(-1, BITS // 8), axis=1)
    return (bits.astype(np.float32) * 2 - 1) * SIGN_COSINE, counts.tolist()


def towards(vectors: Matrix) -> Matrix:
    """Vectors (n x dimension) as they are held against packed words: n x BITS, each row of length 1."""
    return unit_rows(vectors @ _directions(vectors.shape[1]))


def _signs(vectors: Matrix) -> NDArray[np.uint8]:
    return np.packbits(np.asarray(vectors, np.float32) @ _directions(vectors.shape[1]) > 0, axis=1)


@cache
def _directions(dimension: int) -> Matrix:
    """float32[dimension, BITS] of 1 and -1."""
    drawn = np.frombuffer(hashlib.shake_256(SEED).digest(dimension * BITS // 8), np.uint8)
    return np.unpackbits(drawn).reshape(dimension, BITS).astype(np.float32) * 2 - 1
