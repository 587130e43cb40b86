"""Vectors of a build that has not finished, on disk, so that an interrupted build is not paid for twice."""

import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np

from index.sentence_vectors import ChunkVectors

DIGEST = 16
"""Bytes of a checksum behind each row."""


class Journal:
    """Vectors by the key of the text they were made from; removed when a build ends well."""

    def __init__(self, file: Path, fingerprint: str) -> None:
        self._file = file
        self._fingerprint = fingerprint
        try:
            self._connection = self._opened()
        except sqlite3.OperationalError:  # the disk, not the file
            raise
        except sqlite3.DatabaseError:  # damaged: it only ever saves time
            file.unlink()
            self._connection = self._opened()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, key: str) -> ChunkVectors | None:
        """The vectors made from the chunk with this key, by the same model."""
        row = self._connection.execute(
            "SELECT vector, sentences, words, digest FROM chunk_vectors WHERE model = ? AND key = ?",
            (self._fingerprint, key),
        ).fetchone()
        if not row or row[3] != self._digest(key, *row[:3]):
            return None
        return ChunkVectors(np.frombuffer(row[0], dtype=np.float16).astype(np.float32), row[1], row[2])

    def put(self, vectors: Mapping[str, ChunkVectors]) -> None:
        """Keeps these vectors durably; fp16 and packed, as the index stores them."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO chunk_vectors VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (self._fingerprint, key, *parts, self._digest(key, *parts))
                    for key, one in vectors.items()
                    for parts in [(one.whole.astype(np.float16).tobytes(), one.sentences, one.words)]
                ],
            )

    def _digest(self, key: str, *parts: bytes) -> bytes:
        """A checksum of a row: SQLite does not notice a changed byte inside it."""
        head = f"{self._fingerprint} {key} {[len(part) for part in parts]} ".encode()
        return hashlib.sha256(head + b"".join(parts)).digest()[:DIGEST]

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS chunk_vectors (model TEXT, key TEXT, vector BLOB, sentences BLOB, words BLOB, "
            "digest BLOB, PRIMARY KEY (model, key)) WITHOUT ROWID"
        )
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            connection.close()
            raise sqlite3.DatabaseError(found)
        return connection
