"""The quick first pass, compared with the exact scan: what it finds, how it follows changes, when it is made."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from index import build, first_pass, open_index
from index.check import check_index
from index.first_pass import FirstPass, Plan, describe, make_first_pass, nearest
from index.vectors import Ids, Matrix, Vectors

DIMENSION = 64
COUNT = 3_000
NOTHING = np.empty(0, dtype=np.int64)


def unit(vectors: Matrix) -> Matrix:
    lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / lengths, dtype=np.float32)


def made(count: int, seed: int = 0) -> Matrix:
    """Unit vectors in families, as chunks on the same subjects are."""
    random = np.random.default_rng(seed)
    families = np.random.default_rng(99).normal(size=(60, DIMENSION))
    noise = random.normal(size=(count, DIMENSION))
    return unit((families[random.integers(0, 60, count)] + 0.8 * noise).astype(np.float32))


@pytest.fixture(autouse=True)
def _small_counts_as_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_pass, "EXACT_UP_TO", 500)


@pytest.fixture
def vectors() -> Vectors:
    """Three thousand of them, under every third id."""
    vectors = Vectors.empty(DIMENSION)
    vectors.add(range(0, 3 * COUNT, 3), made(COUNT))
    return vectors


@pytest.fixture
def quick(vectors: Vectors) -> FirstPass:
    quick = make_first_pass(vectors, None, NOTHING)
    assert quick
    return quick


def recall(vectors: Vectors, quick: FirstPass, among: Ids | None = None) -> float:
    """The share of the exact ten nearest that are found, over questions that are no vector of the index."""
    shares = []
    for question in made(60, seed=7):
        exact = {one for one, _ in vectors.search(question, 10, among)}
        found = {one for one, _ in nearest(vectors, quick, question, 10, among)}
        shares.append(len(exact & found) / len(exact))
    return float(np.mean(shares))


def test_it_finds_what_the_exact_scan_finds_with_the_same_cosines(vectors: Vectors, quick: FirstPass) -> None:
    assert recall(vectors, quick) >= 0.98
    question = made(1, seed=8)[0]
    exact = dict(vectors.search(question, len(vectors)))
    found = nearest(vectors, quick, question, 20)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert all(abs(exact[one] - score) < 1e-5 for one, score in found)


def test_the_plan_says_what_was_measured(vectors: Vectors, quick: FirstPass) -> None:
    plan = quick.plan
    assert plan.how == "compressed"
    assert plan.candidates in first_pass.CANDIDATES
    assert first_pass.RECALL <= plan.recall_at_10 <= 1
    assert (plan.measured_at, plan.trained_at) == (COUNT, COUNT)
    assert describe(quick) == asdict(plan)
    assert describe(None) == asdict(Plan()) == {
        "how": "exact", "candidates": 0, "recall_at_10": 1.0, "measured_at": 0, "trained_at": 0,
    }  # fmt: skip


def test_few_vectors_are_scanned_exactly() -> None:
    vectors = Vectors.empty(DIMENSION)
    vectors.add(range(500), made(500))
    assert make_first_pass(vectors, None, NOTHING) is None
    question = made(1, seed=3)[0]
    assert nearest(vectors, None, question, 7) == vectors.search(question, 7)


def test_a_length_that_does_not_divide_into_parts_is_scanned_exactly() -> None:
    vectors = Vectors.empty(30)
    vectors.add(range(600), unit(np.random.default_rng(0).normal(size=(600, 30)).astype(np.float32)))
    assert make_first_pass(vectors, None, NOTHING) is None


def test_vectors_that_codes_cannot_tell_apart_are_scanned_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_pass, "CANDIDATES", (10,))
    noise = Vectors.empty(DIMENSION)
    noise.add(range(4_000), unit(np.random.default_rng(5).normal(size=(4_000, DIMENSION)).astype(np.float32)))
    assert make_first_pass(noise, None, NOTHING) is None


def test_it_follows_what_is_added_and_removed_without_being_learned_anew(
    vectors: Vectors, quick: FirstPass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FirstPass, "train", None)
    ids_before = vectors.ids().copy()
    vectors.remove(ids_before[::10].tolist())
    vectors.add(range(10_000, 10_200), made(200, seed=4))
    followed = make_first_pass(vectors, quick, ids_before)
    assert followed is quick
    assert len(followed) == len(vectors) == COUNT - COUNT // 10 + 200
    assert recall(vectors, followed) >= 0.97
    for one in (10_000, 10_199):  # what was added is found, what was removed is not
        assert nearest(vectors, followed, vectors.of([one])[0], 1)[0][0] == one
    gone = set(ids_before[::10].tolist())
    assert not gone & {one for question in made(20, seed=6) for one, _ in nearest(vectors, followed, question, 50)}


def test_recall_is_measured_again_after_many_changes_and_codes_are_learned_anew_after_twice_as_many(
    vectors: Vectors, quick: FirstPass
) -> None:
    ids = vectors.ids().copy()
    vectors.add(range(10_000, 10_100), made(100, seed=4))
    assert make_first_pass(vectors, quick, ids) is quick
    assert (quick.plan.measured_at, quick.plan.trained_at) == (COUNT, COUNT)
    ids = vectors.ids().copy()
    vectors.add(range(20_000, 20_500), made(500, seed=5))
    assert make_first_pass(vectors, quick, ids) is quick
    assert (quick.plan.measured_at, quick.plan.trained_at) == (COUNT + 600, COUNT)
    ids = vectors.ids().copy()
    vectors.add(range(30_000, 33_000), made(3_000, seed=6))
    again = make_first_pass(vectors, quick, ids)
    assert again is not None
    assert again is not quick
    assert (again.plan.measured_at, again.plan.trained_at) == (len(vectors), len(vectors))
    assert len(again) == len(vectors)


@pytest.mark.parametrize("share", [2, 3, 50])
def test_it_keeps_to_the_chunks_it_is_given(vectors: Vectors, quick: FirstPass, share: int) -> None:
    """Half of them are looked for in a longer list, few are scanned exactly: either way only they are found."""
    among = vectors.ids()[::share]
    for question in made(10, seed=9):
        found = [one for one, _ in nearest(vectors, quick, question, 40, among)]
        assert len(found) == 40
        assert set(found) <= set(among.tolist())
    assert recall(vectors, quick, among) >= 0.97


def test_chunks_far_from_the_question_are_found_where_only_they_are_asked_for(
    vectors: Vectors, quick: FirstPass
) -> None:
    """None of them is among the candidates of the first pass."""
    question = made(1, seed=10)[0]
    farthest = np.sort([one for one, _ in vectors.search(question, COUNT)[-600:]])
    assert nearest(vectors, quick, question, 10, farthest) == vectors.search(question, 10, farthest)


def test_written_and_read_again_it_finds_the_same(vectors: Vectors, quick: FirstPass, tmp_path: Path) -> None:
    quick.write(tmp_path / "codes")
    assert FirstPass.count(tmp_path / "codes") == COUNT
    question = made(1, seed=11)[0]
    for to_change in (False, True):
        again = FirstPass.read(tmp_path / "codes", asdict(quick.plan), to_change=to_change)
        assert again
        assert nearest(vectors, again, question, 30) == nearest(vectors, quick, question, 30)
    assert FirstPass.read(tmp_path / "nothing", asdict(Plan())) is None


def test_the_same_vectors_make_the_same_codes(vectors: Vectors, quick: FirstPass, tmp_path: Path) -> None:
    quick.write(tmp_path / "one")
    other = make_first_pass(vectors, None, NOTHING)
    assert other
    other.write(tmp_path / "other")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert other.plan == quick.plan


def test_an_index_changes_over_by_size_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built exact, grown past the border, asked, and shrunk again; each generation says how it is searched."""
    monkeypatch.setattr(first_pass, "EXACT_UP_TO", 40)
    articles, index_dir = tmp_path / "articles", tmp_path / "index"
    articles.mkdir()

    def write(numbers: range) -> None:
        for number in numbers:
            (articles / f"{number}.txt").write_text(f"In town number {number} the bridge has {number * 7} arches.")

    write(range(30))
    build(articles, index_dir)
    assert open_index(index_dir).manifest.vector_search == asdict(Plan())
    assert "vectors     exact" in list(check_index(index_dir).lines())

    write(range(30, 60))
    assert build(articles, index_dir).embedded == 30
    grown = open_index(index_dir)
    plan = Plan(**grown.manifest.vector_search)
    assert replace(plan, candidates=400, recall_at_10=1.0) == Plan("compressed", 400, 1.0, 60, 60)
    assert f"vectors     compressed, 400 candidates compared exactly, recall@10 {plan.recall_at_10:.3f}" in list(
        check_index(index_dir).lines()
    )
    question = grown.embedder.encode_question("How many arches has the bridge in town number 44?")
    assert grown.nearest(question, 5) == grown.vectors.search(question, 5)

    (articles / "44.txt").unlink()
    build(articles, index_dir)
    shrunk = open_index(index_dir)
    assert len(shrunk.nearest(question, 100)) == 59
    assert grown.nearest(question, 5) == grown.vectors.search(question, 5), "an open generation stays as it was"

    for number in range(20):
        (articles / f"{number}.txt").unlink()
    build(articles, index_dir)
    assert open_index(index_dir).manifest.vector_search == asdict(Plan())


def test_codes_that_stand_for_another_number_of_vectors_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.errors import BuildFailed
    from index.making import verify_parts

    monkeypatch.setattr(first_pass, "EXACT_UP_TO", 20)
    articles = tmp_path / "articles"
    articles.mkdir()
    for number in range(30):
        (articles / f"{number}.txt").write_text(f"Boat number {number} sails on Monday.")
    build(articles, tmp_path / "index")
    folder = tmp_path / "index" / "generations" / "000001"
    index = open_index(tmp_path / "index")
    fewer = Vectors.empty(384)
    fewer.add(range(21), index.vectors.of(index.vectors.ids()[:21]))
    codes = make_first_pass(fewer, None, NOTHING)
    assert codes
    codes.write(folder / "first_pass.faiss")
    with pytest.raises(BuildFailed, match="vectors and their first pass differ"):
        verify_parts(folder)
