"""Vectors of chunks in FAISS, under the chunks' own ids: exact inner products of fp16 vectors.

Ids are never given twice and come in ascending order, so a vector's place is found by bisection: a table of places
costs 300 ms and 50 MB at a million. FAISS is asked with one thread: for a single question two threads are slower
(15.5 against 9.9 ms at 100,000). Where an exact scan becomes slow, `first_pass` stands before it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Ids = NDArray[np.int64]


class Vectors:
    """Unit vectors by chunk id; adding and removing keep all others as they are, and in their order."""

    def __init__(self, index: Any) -> None:
        import faiss  # 110 ms, and `--help` needs none

        faiss.omp_set_num_threads(1)
        self._faiss = faiss
        self._index = index
        self._ids: Ids | None = None
        self.by_place: Any = faiss.downcast_index(index.index)
        """The FAISS index under the ids, which counts vectors by their place."""

    @classmethod
    def empty(cls, dimension: int) -> "Vectors":
        """No vectors yet, of ``dimension`` numbers each."""
        import faiss

        quantizer = faiss.ScalarQuantizer
        exact = faiss.IndexScalarQuantizer(dimension, quantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        return cls(faiss.IndexIDMap(exact))

    @classmethod
    def read(cls, file: Path, *, to_change: bool = False) -> "Vectors":
        """The vectors in a file; mapped into memory, or copied into it where they are to be changed."""
        return cls(read_faiss(file, to_change=to_change))

    def write(self, file: Path) -> None:
        """Writes a new file."""
        write_faiss(self._index, file)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    def ids(self) -> Ids:
        """The chunk ids that have a vector, ascending: the order of their places."""
        if self._ids is None:
            self._ids = np.asarray(self._faiss.vector_to_array(self._index.id_map), dtype=np.int64)
        return self._ids

    def places(self, ids: Sequence[int] | Ids) -> Ids:
        """The places of those of these chunks that have a vector, in the order given."""
        wanted, known = np.asarray(ids, dtype=np.int64), self.ids()
        places = np.searchsorted(known, wanted)
        if not len(known):
            return places[:0]
        there: Ids = places[known[np.minimum(places, len(known) - 1)] == wanted]
        return there

    def add(self, ids: Sequence[int], vectors: Matrix) -> None:
        """Adds ``vectors`` (n x dimension) under ``ids``, which ascend and are higher than all before."""
        if len(ids):
            given = np.asarray(ids, dtype=np.int64)
            last = self.ids()[-1:]
            assert (np.diff(np.concatenate([last, given])) > 0).all(), "chunk ids do not ascend"
            self._index.add_with_ids(np.ascontiguousarray(vectors), given)
            self._ids = None

    def remove(self, ids: Sequence[int]) -> None:
        """Removes the vectors of these chunks; ids without one are passed over."""
        if len(ids):
            self._index.remove_ids(np.asarray(ids, dtype=np.int64))
            self._ids = None

    def of(self, ids: Sequence[int] | Ids) -> Matrix:
        """The stored vectors of these chunks, in their order (len(ids) x dimension)."""
        places = self.places(ids)
        assert len(places) == len(ids), "a chunk without a vector"
        return self.at(places)

    def at(self, places: Ids) -> Matrix:
        """The stored vectors at these places (len(places) x dimension)."""
        vectors = np.empty((len(places), self.dimension), dtype=np.float32)
        if len(places):
            self.by_place.reconstruct_batch(places, vectors)
        return vectors

    def search(self, vector: Matrix, k: int, among: Ids | None = None) -> list[tuple[int, float]]:
        """The ``k`` chunks nearest to a unit vector as (id, cosine), best first; only chunks in ``among``."""
        if not len(self):
            return []
        parameters = None
        if among is not None:
            # a bit for each place: 0.6 ms at 100,000 places, where a set of ids takes ten times as long
            allowed = np.zeros(len(self), dtype=bool)
            allowed[self.places(among)] = True
            bits = np.packbits(allowed, bitorder="little")
            selector: Any = self._faiss.IDSelectorBitmap  # its types know C++'s pointers only
            parameters = self._faiss.SearchParameters(sel=selector(bits))  # type: ignore[call-arg]
        scores, places = self.by_place.search(vector.reshape(1, -1), min(k, len(self)), params=parameters)
        return self.found(places[0], scores[0])

    def found(self, places: Ids, scores: Matrix) -> list[tuple[int, float]]:
        """(chunk id, score) for places that a search found, best first, ties by id; -1 stands for none."""
        real = places >= 0
        pairs = zip(self.ids()[places[real]].tolist(), scores[real].tolist(), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def read_faiss(file: Path, *, to_change: bool) -> Any:
    """A FAISS index; mapped into memory (in 0.2 ms at a million vectors), or copied into it."""
    import faiss

    return faiss.read_index(str(file), 0 if to_change else faiss.IO_FLAG_MMAP_IFC)


def write_faiss(index: Any, file: Path) -> None:
    """Writes a new file (FAISS does not replace one safely: 10 of 10 were unreadable after a kill).

    Through a stream of ours: FAISS's own says nothing where the last part does not fit on the disk.
    """
    import faiss

    with file.open("wb") as stream:
        faiss.write_index(index, faiss.PyCallbackIOWriter(stream.write))  # type: ignore[attr-defined]
