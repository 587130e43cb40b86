"""numpy's products of matrices on one thread, for as long as somebody is at work.

Those of this program are small. OpenBLAS spreads them over all cores all the same, and its threads then spin for the
next one, which takes the cores from ONNX Runtime: a build was a seventh slower for it, and a question kept two cores
busy instead of one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

_lock = Lock()
_within = 0
_before: list[int] = []


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """While somebody is within, in whatever thread, the products take one thread; afterwards as many as before.

    >>> with one_blas_thread():
    ...     pass
    """
    global _within, _before
    with _lock:
        if not _within:
            _before = [one.num_threads for one in _libraries()]
            _give([1] * len(_before))
        _within += 1
    try:
        yield
    finally:
        with _lock:
            _within -= 1
            if not _within:
                _give(_before)


def _give(threads: Sequence[int]) -> None:
    for one, number in zip(_libraries(), threads, strict=True):
        # threadpoolctl lets none but the thread that set a number set another; here the last to leave does
        let_go = getattr(one, "clear_controlling_thread", None)
        if let_go:
            let_go(force=True)
        one.set_num_threads(number)
        if let_go:
            let_go(force=True)


@cache
def _libraries() -> list[Any]:
    """numpy's library of products, which lies in its wheel; none where numpy uses another, as on a Mac.

    No other: FAISS trains with one of its own.
    """
    import numpy  # noqa: F401  loads it
    from threadpoolctl import ThreadpoolController

    loaded = ThreadpoolController().select(user_api="blas").lib_controllers
    return [one for one in loaded if "numpy" in Path(one.filepath).parent.name]
