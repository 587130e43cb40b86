"""Vectors of words in 128 bits: what comes out is near what went in, and the same on every machine."""

import hashlib

import numpy as np
import pytest

from index.embed import Embedder
from index.vectors import Matrix
from index.word_vectors import BITS, pack_words, towards, unpack_words, word_spans

TEXT = "The trial was costly. It was paid for by the foundation."
SENTENCES = [(0, 21), (22, 56)]


def unit(number: int, dimension: int = 384) -> Matrix:
    """So many vectors of length 1, always the same."""
    rows = np.random.default_rng(7).normal(size=(number, dimension)).astype(np.float32)
    of_length_1: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return of_length_1


def test_the_words_of_a_sentence_that_are_no_stop_words_are_found_where_they_stand() -> None:
    spans = word_spans(TEXT, SENTENCES)
    assert [[TEXT[start:end] for start, end in of_sentence] for of_sentence in spans] == [
        ["trial", "costly"],
        ["paid", "foundation"],
    ]
    assert word_spans("It is not.", [(0, 10)]) == [[]]


def test_words_come_back_sentence_by_sentence_in_16_bytes_each() -> None:
    rows = unit(5)
    packed = pack_words([rows[:2], rows[:0], rows[2:]])
    assert len(packed) == 3 * 2 + 5 * 16
    words, counts = unpack_words([packed], [3])
    assert (words.shape, counts) == ((5, BITS), [2, 0, 3])
    signs, directions = np.sign(words), np.sign(rows @ _drawn(384))
    assert np.array_equal(signs, directions)
    both, of_both = unpack_words([packed, pack_words([rows[3:]])], [3, 1])
    assert (both[5:].tolist(), of_both) == (words[3:].tolist(), [2, 0, 3, 2])
    empty, none = unpack_words([pack_words([rows[:0]])], [1])
    assert (empty.shape, none) == ((0, BITS), [0])


def _drawn(dimension: int) -> Matrix:
    """The directions, drawn as the documentation says, written down here once more."""
    drawn = hashlib.shake_256(b"footnoted: directions of word vectors").digest(dimension * 128 // 8)
    bits = [(byte >> (7 - place)) & 1 for byte in drawn for place in range(8)]
    return np.array([1.0 if bit else -1.0 for bit in bits], np.float32).reshape(dimension, 128)


def test_products_of_packed_words_are_about_their_cosines() -> None:
    rows = unit(400)
    others = rows + 0.05 * unit(800)[400:] * np.linspace(0, 60, 400, dtype=np.float32)[:, None]
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    words, _ = unpack_words([pack_words([others])], [1])
    found = (towards(rows) * words).sum(axis=1)
    errors = found - (rows * others).sum(axis=1)
    assert abs(float(errors.mean())) < 0.03
    assert float(np.abs(errors).mean()) < 0.09


def test_a_word_has_the_mean_of_its_pieces_in_the_question_and_in_the_text() -> None:
    embedder = Embedder.load()
    assert embedder.has_piece_vectors
    spans = [span for of_sentence in word_spans(TEXT, SENTENCES) for span in of_sentence]
    _, [in_text] = embedder.encode_chunks([TEXT], [spans])
    vector, in_question = embedder.encode_question_words(TEXT, spans)
    assert in_question == pytest.approx(in_text, abs=1e-5)
    assert vector == pytest.approx(embedder.encode_question(TEXT), abs=1e-5)
    assert embedder.encode_question_words(TEXT, [])[1].shape == (0, 384)


def test_what_is_kept_of_a_text_s_parts_is_made_text_by_text() -> None:
    embedder = Embedder.load()
    texts, spans = ["One bridge.", "A longer text about a river."], [[(0, 3), (4, 10)], [(2, 8)]]
    _, whole = embedder.encode_chunks(texts, spans)
    _, kept = embedder.encode_chunks(texts, spans, keep=lambda row, of_text: (row, of_text.sum()))
    assert kept == [(row, pytest.approx(of_text.sum(), abs=1e-4)) for row, of_text in enumerate(whole)]
