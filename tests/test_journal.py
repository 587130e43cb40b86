"""The journal keeps vectors of a build that has not finished; whatever happens to it, a build goes on."""

from pathlib import Path

import numpy as np
import pytest

from index.journal import Journal
from index.sentence_vectors import ChunkVectors

VECTORS = {
    f"key{number}": ChunkVectors(
        np.full(384, number / 64, dtype=np.float32), bytes([number]) * 128, bytes([number]) * 32
    )
    for number in range(40)
}


def is_same(found: ChunkVectors | None, kept: ChunkVectors) -> bool:
    if found is None or not np.array_equal(found.whole, kept.whole):
        return False
    return (found.sentences, found.words) == (kept.sentences, kept.words)


def put(file: Path) -> None:
    with Journal(file, "model") as journal:
        journal.put(VECTORS)


def test_vectors_come_back_in_another_process_and_only_to_their_model(tmp_path: Path) -> None:
    put(tmp_path / "embedded.sqlite")
    with Journal(tmp_path / "embedded.sqlite", "model") as journal:
        found = {key: journal.get(key) for key in VECTORS}
        assert all(is_same(found[key], VECTORS[key]) for key in VECTORS)
        assert journal.get("unknown") is None
    with Journal(tmp_path / "embedded.sqlite", "other") as journal:
        assert journal.get("key1") is None


def test_a_vector_put_again_replaces_the_first(tmp_path: Path) -> None:
    with Journal(tmp_path / "embedded.sqlite", "model") as journal:
        journal.put({"key": VECTORS["key1"]})
        journal.put({"key": VECTORS["key2"]})
        assert is_same(journal.get("key"), VECTORS["key2"])


@pytest.mark.parametrize("place", ["start", "middle", "whole", "cut"])
def test_a_damaged_journal_is_begun_anew(tmp_path: Path, place: str) -> None:
    file = tmp_path / "embedded.sqlite"
    put(file)
    whole = file.read_bytes()
    assert len(whole) > 8 * 4096
    damaged = {
        "start": b"\xff" * 100 + whole[100:],
        "middle": whole[:4096] + b"\xff" * 4096 * 4 + whole[4096 * 5 :],
        "whole": b"This is no database. " * 1000,
        "cut": whole[: len(whole) // 2],
    }[place]
    file.write_bytes(damaged)
    with Journal(file, "model") as journal:
        assert [journal.get(key) for key in VECTORS] == [None] * len(VECTORS)
        journal.put(VECTORS)
    with Journal(file, "model") as journal:
        assert is_same(journal.get("key3"), VECTORS["key3"])


def test_a_changed_byte_in_a_vector_makes_it_unknown(tmp_path: Path) -> None:
    file = tmp_path / "embedded.sqlite"
    put(file)
    data = bytearray(file.read_bytes())
    places = [data.index(vector.whole.astype(np.float16).tobytes()) for vector in VECTORS.values()]
    for offset, place in enumerate(places[1::2]):
        data[place + offset * 30] ^= 1
    file.write_bytes(data)
    with Journal(file, "model") as journal:
        known = [journal.get(key) is not None for key in VECTORS]
    assert known == [True, False] * 20
