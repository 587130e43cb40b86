"""Products of matrices take one thread while somebody is at work, and as many as before when nobody is."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from index import build, open_index
from index.blas import _libraries, one_blas_thread
from index.embed import Embedder
from rag import ask, retrieve

pytestmark = pytest.mark.skipif(not _libraries(), reason="numpy multiplies with a library of the system")


def threads() -> set[int]:
    """Of numpy's library: how many a product takes."""
    return {one.num_threads for one in _libraries()}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        yield


def test_one_thread_within_and_the_number_of_before_afterwards_also_after_an_error() -> None:
    seen: list[set[int]] = []

    def fail() -> None:
        with one_blas_thread():
            seen.append(threads())
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert seen == [{1}]
    assert threads() == {2}


def test_whoever_leaves_first_does_not_undo_it_for_the_others() -> None:
    left = threading.Event()

    def stay() -> set[int]:
        with one_blas_thread():
            entered.set()
            left.wait(10)
            return threads()

    entered = threading.Event()
    with ThreadPoolExecutor() as pool:
        with one_blas_thread():
            other = pool.submit(stay)
            assert entered.wait(10)
        left.set()
        assert other.result() == {1}
    assert threads() == {2}


def test_a_build_and_questions_take_one_and_leave_the_number_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[int]] = []

    def watched(whole: Callable[..., Any]) -> Callable[..., Any]:
        def encode(*given: Any) -> Any:
            seen.append(threads())
            return whole(*given)

        return encode

    for name in ("encode_chunks", "encode_question_words"):
        monkeypatch.setattr(Embedder, name, watched(getattr(Embedder, name)))
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "mill.txt").write_text("The mill by the river has ground flour since 1820.", "utf-8")
    build(tmp_path / "news", tmp_path / "index")
    index = open_index(tmp_path / "index")
    assert retrieve("flour", 1, index)
    assert ask("Since when has the mill ground flour?", index).citations
    assert len(seen) == 3
    assert seen == [{1}] * 3
    assert threads() == {2}
