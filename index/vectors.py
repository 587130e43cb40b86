"""Vectors of chunks in FAISS, under the chunks' own ids: exact inner products of fp16 vectors.

FAISS is asked with one thread: for a single question two threads are slower (15.5 against 9.9 ms at 100,000).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Ids = NDArray[np.int64]


class Vectors:
    """Unit vectors by chunk id; adding and removing keep all others as they are."""

    def __init__(self, index: Any) -> None:
        import faiss  # 110 ms, and `--help` needs none

        faiss.omp_set_num_threads(1)
        self._faiss = faiss
        self._index = index

    @classmethod
    def empty(cls, dimension: int) -> "Vectors":
        """No vectors yet, of ``dimension`` numbers each."""
        import faiss

        quantizer = faiss.ScalarQuantizer
        exact = faiss.IndexScalarQuantizer(dimension, quantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap2(exact))

    @classmethod
    def read(cls, file: Path, *, to_change: bool = False) -> "Vectors":
        """The vectors in a file; mapped into memory, or copied into it where they are to be changed."""
        import faiss

        return cls(faiss.read_index(str(file), 0 if to_change else faiss.IO_FLAG_MMAP_IFC))

    def write(self, file: Path) -> None:
        """Writes a new file (FAISS does not replace one safely: 10 of 10 were unreadable after a kill).

        Through a stream of ours: FAISS's own says nothing where the last part does not fit on the disk.
        """
        with file.open("wb") as stream:
            self._faiss.write_index(self._index, self._faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined]

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    def ids(self) -> Ids:
        """The chunk ids that have a vector, in the order they were added."""
        return np.asarray(self._faiss.vector_to_array(self._index.id_map), dtype=np.int64)

    def add(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Adds ``vectors`` (n x dimension) under ``ids``."""
        if len(ids):
            self._index.add_with_ids(np.ascontiguousarray(vectors), np.asarray(ids, dtype=np.int64))

    def remove(self, ids: Sequence[int]) -> None:
        """Removes the vectors of these chunks; ids without one are passed over."""
        if len(ids):
            self._index.remove_ids(np.asarray(ids, dtype=np.int64))

    def of(self, ids: Sequence[int]) -> Matrix:
        """The stored vectors of these chunks, in their order (len(ids) x dimension)."""
        rows = [self._index.reconstruct(int(one)) for one in ids]
        return np.stack(rows) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def search(self, vector: Matrix, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` chunks nearest to a unit vector as (id, cosine), best first; only chunks in ``among``."""
        if not len(self) or (among is not None and not len(among)):
            return []
        parameters = None
        if among is not None:
            parameters = self._faiss.SearchParameters(sel=self._faiss.IDSelectorBatch(among))  # type: ignore[call-arg]
        scores, ids = self._index.search(vector.reshape(1, -1), min(k, len(self)), params=parameters)
        found = [(int(one), float(score)) for one, score in zip(ids[0], scores[0], strict=True) if one >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))
