"""Vectors in FAISS, compared with plain numpy."""

from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder
from index.vectors import Matrix, Vectors

DIMENSION = 24


def unit_vectors(count: int, seed: int = 0) -> Matrix:
    vectors = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def stored(vectors: Matrix) -> Matrix:
    """Vectors as the index keeps them: fp16."""
    return vectors.astype(np.float16).astype(np.float32)


def nearest(vectors: dict[int, Matrix], question: Matrix, k: int) -> list[tuple[int, float]]:
    """What the search should find, worked out one product at a time."""
    scores = [(one, float(stored(vector) @ question)) for one, vector in vectors.items()]
    return sorted(scores, key=lambda pair: (-pair[1], pair[0]))[:k]


@pytest.fixture
def vectors() -> dict[int, Matrix]:
    """Two hundred of them, under ids with gaps."""
    return {10 + 3 * number: vector for number, vector in enumerate(unit_vectors(200))}


@pytest.fixture
def index(vectors: dict[int, Matrix]) -> Vectors:
    index = Vectors.empty(DIMENSION)
    index.add(list(vectors), np.stack(list(vectors.values())))
    return index


def same(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> bool:
    return [one for one, _ in found] == [one for one, _ in expected] and np.allclose(
        [score for _, score in found], [score for _, score in expected], atol=1e-5
    )


@pytest.mark.parametrize("k", [1, 7, 200, 500])
def test_the_search_finds_what_plain_numpy_finds(index: Vectors, vectors: dict[int, Matrix], k: int) -> None:
    for question in unit_vectors(20, seed=1):
        assert same(index.search(question, k), nearest(vectors, question, k))


def test_the_search_keeps_to_the_chunks_it_is_given(index: Vectors, vectors: dict[int, Matrix]) -> None:
    among = sorted(vectors)[::7]
    question = unit_vectors(1, seed=2)[0]
    found = index.search(question, 5, np.array(among, dtype=np.int64))
    assert same(found, nearest({one: vectors[one] for one in among}, question, 5))
    assert index.search(question, 5, np.array([], dtype=np.int64)) == []
    assert index.search(question, 5, np.array([999_999], dtype=np.int64)) == []


def test_removed_vectors_are_gone_and_all_others_stay(index: Vectors, vectors: dict[int, Matrix]) -> None:
    gone = sorted(vectors)[::2]
    index.remove([*gone, 999_999])
    left = {one: vector for one, vector in vectors.items() if one not in gone}
    assert sorted(index.ids().tolist()) == sorted(left)
    assert len(index) == 100
    question = unit_vectors(1, seed=3)[0]
    assert same(index.search(question, 10), nearest(left, question, 10))


def test_vectors_come_back_in_half_precision_and_in_the_order_asked(index: Vectors, vectors: dict[int, Matrix]) -> None:
    ids = [16, 10, 604]
    assert np.array_equal(index.of(ids), stored(np.stack([vectors[one] for one in ids])))
    assert index.of([]).shape == (0, DIMENSION)


@pytest.mark.parametrize("to_change", [False, True])
def test_a_written_index_answers_as_the_one_in_memory(index: Vectors, tmp_path: Path, to_change: bool) -> None:
    index.write(tmp_path / "vectors.faiss")
    again = Vectors.read(tmp_path / "vectors.faiss", to_change=to_change)
    question = unit_vectors(1, seed=4)[0]
    assert again.search(question, 200) == index.search(question, 200)
    assert (len(again), again.dimension) == (200, DIMENSION)
    assert np.array_equal(again.ids(), index.ids())


def test_a_copy_that_is_changed_leaves_its_file_alone(index: Vectors, tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    index.write(file)
    before = file.read_bytes()
    again = Vectors.read(file, to_change=True)
    again.remove([10])
    again.add([999], unit_vectors(1, seed=5))
    assert (len(again), file.read_bytes()) == (200, before)


def test_equal_vectors_come_in_the_order_of_their_ids() -> None:
    index = Vectors.empty(DIMENSION)
    [vector] = unit_vectors(1)
    index.add([2, 5, 9], np.stack([vector] * 3))
    assert [one for one, _ in index.search(vector, 3)] == [2, 5, 9]


@pytest.mark.parametrize("ids", [[700, 700], [800, 790], [5], [607]])
def test_ids_have_to_ascend(index: Vectors, ids: list[int]) -> None:
    """Places are found by bisection; 607 is the highest id there is."""
    with pytest.raises(AssertionError, match="chunk ids do not ascend"):
        index.add(ids, unit_vectors(len(ids)))
    assert len(index) == 200


def test_a_chunk_without_a_vector_is_said_to_have_none(index: Vectors) -> None:
    for ids in ([11], [10, 999_999]):
        with pytest.raises(AssertionError, match="a chunk without a vector"):
            index.of(ids)


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = Vectors.empty(DIMENSION)
    index.add([], np.empty((0, DIMENSION), np.float32))
    index.remove([])
    assert index.places([1, 2]).tolist() == []
    index.write(tmp_path / "vectors.faiss")
    for one in (index, Vectors.read(tmp_path / "vectors.faiss")):
        assert (len(one), one.search(unit_vectors(1)[0], 3)) == (0, [])


def test_a_question_is_nearest_to_the_text_that_answers_it() -> None:
    embedder = Embedder.load()
    texts = ["The river rose by two metres.", "The bank raised its rates.", "The cat sat on the mat."]
    index = Vectors.empty(embedder.dimension)
    index.add([1, 2, 3], embedder.encode_texts(texts))
    for question, answer in [("How high was the flood?", 1), ("What does a loan cost?", 2), ("Where was the pet?", 3)]:
        assert index.search(embedder.encode_question(question), 1)[0][0] == answer
