"""Groups of copies, kept level in the catalog: documents that are copies of one report, or of copies of it.

A group is named by its smallest document id. Pairs are judged by their texts alone, so the groups are those of an index
made from nothing, in whatever order documents came and went. Only what is new is placed, and compared with the members
of a group only until one is found to be its copy: 10,000 copies of a report are 10,000 comparisons.

There are no LSH bands: a signature is compared with all others, 0.5 ms for 100,000. In bands short enough to find a
brief (a quarter of the whole), two thirds of the articles of one paper met for the 30 words that stood below each.
"""

import json
import sqlite3
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from index.boilerplate import Mark
from index.copies import LEAST_SHARED, NUMBERS, Sketch, are_copies, may_be_copies, runs_of, words_of

REPORTS_SCHEMA = """
CREATE TABLE sketches (                    -- see `copies`
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    key BLOB NOT NULL,
    runs INTEGER NOT NULL,
    signature BLOB NOT NULL
);
"""

FIRST_NUMBERS = 32
"""Of a signature: where none of these agrees, the others are not looked at. That misses one brief in 2,500."""

SORTED_FOR = 200
"""Documents to place from which on the numbers of all are sorted first: then each looks up its equals in 0.2 ms, where
it takes 1.3 ms at 250,000 documents to look through them."""

BLOCK = 256
"""Signatures compared at a time: the first of many copies of one report settle where another one belongs."""

CACHED_RUNS = 64
"""Texts whose runs are kept while documents are compared; the longest have 2 MB of them."""


def add_sketch(connection: sqlite3.Connection, document_id: int, sketch: Sketch) -> None:
    """Stores the sketch of a new document, which has no group yet."""
    values = (document_id, sketch.key, sketch.runs, sketch.signature)
    connection.execute("INSERT INTO sketches VALUES (?, ?, ?, ?)", values)


def part_copies(connection: sqlite3.Connection, document_id: int) -> None:
    """Takes apart the group of a document that is about to go: the others may hang together by it alone."""
    mine = "(SELECT report FROM documents WHERE id = ?)"
    connection.execute(f"UPDATE documents SET report = NULL WHERE report = {mine}", (document_id,))


def group_copies(connection: sqlite3.Connection, told: Callable[[int, int], None]) -> None:
    """Gives every document that has no group its group. ``told`` hears how many are done, and of how many."""
    if connection.execute("SELECT 1 FROM documents WHERE report IS NULL").fetchone():
        groups = _Groups(connection)
        groups.place_waiting(told)
        connection.executemany("UPDATE documents SET report = ? WHERE id = ?", groups.changed())


class _Groups:
    """The groups while documents are placed, in memory: a row of each array is a document, 0.6 KB."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        import numpy as np  # 100 ms, where nothing is new

        rows = connection.execute(
            "SELECT document_id, ifnull(report, 0), key, runs, signature FROM sketches "
            "JOIN documents ON id = document_id ORDER BY document_id"
        ).fetchall()
        ids, reports, self._keys, runs, signatures = zip(*rows, strict=True)
        self._connection = connection
        self._runs_of = lru_cache(CACHED_RUNS)(self._read_runs)
        self._ids, self._runs, self._stored = np.array(ids), np.array(runs), np.array(reports)
        self._reports = self._stored.copy()  # 0: waiting
        filled = b"".join(signature or bytes(4 * NUMBERS) for signature in signatures)
        # all first numbers, then all second ones: each is compared where it lies
        self._numbers = np.frombuffer(filled, dtype="<u4").reshape(len(rows), NUMBERS).T.copy()
        placed = np.flatnonzero(self._reports).tolist()
        self._with_words = {self._keys[row]: row for row in reversed(placed)}  # the first one of equal words
        firsts = np.array(list(self._with_words.values()), dtype=np.int64)
        self._is_met = np.zeros(len(rows), dtype=bool)
        self._is_met[firsts] = self._runs[firsts] >= LEAST_SHARED
        self._sorted: list[tuple[Any, Any]] = []  # each of the first numbers in order, and the rows they belong to

    def place_waiting(self, told: Callable[[int, int], None]) -> None:
        """Places every document that has no group, in the order of their ids."""
        import numpy as np

        waiting = np.flatnonzero(self._reports == 0).tolist()
        if len(waiting) >= SORTED_FOR:
            orders = [np.argsort(numbers, kind="stable") for numbers in self._numbers[:FIRST_NUMBERS]]
            self._sorted = [(numbers[order], order) for numbers, order in zip(self._numbers, orders, strict=False)]
        for done, row in enumerate(waiting):
            told(done, len(waiting))
            self._reports[row] = self._ids[row]
            same = self._with_words.setdefault(self._keys[row], row)
            if same != row:
                self._unite(row, same)
            elif self._runs[row] >= LEAST_SHARED:
                self._place(row)
                self._is_met[row] = True

    def changed(self) -> list[tuple[int, int]]:
        """(report, document id) where it is not as it is stored."""
        differs = self._reports != self._stored
        return list(zip(self._reports[differs].tolist(), self._ids[differs].tolist(), strict=True))

    def _place(self, row: int) -> None:
        """Unites a document with every group that holds a copy of it."""
        left = self._met_by(row)
        while left.size:
            for other in self._worth_comparing(row, left[:BLOCK]):
                if self._reports[other] != self._reports[row] and are_copies(self._runs_of(row), self._runs_of(other)):
                    self._unite(row, other)
            left = left[BLOCK:]
            left = left[self._reports[left] != self._reports[row]]

    def _met_by(self, row: int) -> Any:
        """The rows of documents whose signature shares one of its first numbers with this one."""
        import numpy as np

        met = np.zeros_like(self._is_met)
        if not self._sorted:
            for numbers in self._numbers[:FIRST_NUMBERS]:
                met |= numbers == numbers[row]
        for number, (ordered, rows) in zip(self._numbers[:, row], self._sorted, strict=False):
            first, last = np.searchsorted(ordered, number, "left"), np.searchsorted(ordered, number, "right")
            met[rows[first:last]] = True
        return np.flatnonzero(met & self._is_met)

    def _worth_comparing(self, row: int, others: Any) -> Any:
        resemblances = (self._numbers[:, others] == self._numbers[:, [row]]).mean(axis=0)
        return others[may_be_copies(resemblances, self._runs[row], self._runs[others])]

    def _unite(self, row: int, other: int) -> None:
        smaller, larger = sorted((self._reports[row], self._reports[other]))
        self._reports[self._reports == larger] = smaller

    def _read_runs(self, row: int) -> frozenset[str]:
        query = "SELECT text, marks FROM texts WHERE document_id = ?"
        text, marks = self._connection.execute(query, (int(self._ids[row]),)).fetchone()
        return runs_of(words_of(text, [Mark(*mark) for mark in json.loads(marks)]))
