"""Vectors of a build that has not finished, on disk, so that an interrupted build is not paid for twice."""

import hashlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import numpy as np

from index.vectors import Matrix

DIGEST = 16
"""Bytes of a checksum behind each vector."""


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

    def get(self, key: str) -> Matrix | None:
        """The vector made from the text with this key, by the same model."""
        row = self._connection.execute(
            "SELECT vector FROM vectors WHERE model = ? AND key = ?", (self._fingerprint, key)
        ).fetchone()
        vector = row[0][:-DIGEST] if row else b""
        if not row or row[0] != self._checked(key, vector):
            return None
        return np.frombuffer(vector, dtype=np.float16).astype(np.float32)

    def put(self, vectors: Mapping[str, Matrix]) -> None:
        """Keeps these vectors durably; fp16, as the index stores them."""
        with self._connection:
            self._connection.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                [
                    (self._fingerprint, key, self._checked(key, one.astype(np.float16).tobytes()))
                    for key, one in vectors.items()
                ],
            )

    def _checked(self, key: str, vector: bytes) -> bytes:
        """The vector with a checksum: SQLite does not notice a changed byte inside it."""
        return vector + hashlib.sha256(f"{self._fingerprint} {key} ".encode() + vector).digest()[:DIGEST]

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors "
            "(model TEXT, key TEXT, vector BLOB, PRIMARY KEY (model, key)) WITHOUT ROWID"
        )
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            connection.close()
            raise sqlite3.DatabaseError(found)
        return connection
