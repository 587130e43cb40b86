"""The catalog of a generation in SQLite: documents, their stored text and particulars, chunks with offsets.

A catalog is written by one build and never changed afterwards; readers open it read-only.
"""

import json
import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from index.boilerplate import Mark
from index.chunk import Chunk
from index.copies import sketch
from index.folders import Found, Skipped
from index.load import Document
from index.reports import REPORTS_SCHEMA, add_sketch, group_copies, part_copies
from index.sentences import Sentence
from index.tokens import count_tokens

if TYPE_CHECKING:
    from index.sentence_vectors import ChunkVectors  # and numpy, 0.1 s

SCHEMA = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, also after a document is removed
    folder TEXT NOT NULL,
    path TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    tokens INTEGER NOT NULL,               -- as a language model would count them (cl100k)
    title TEXT, publisher TEXT, author TEXT, published TEXT, language TEXT,
    sources TEXT NOT NULL,                 -- JSON: particular -> the words it was taken from
    notes TEXT NOT NULL,                   -- JSON list: what was unusual about reading it
    report INTEGER,                        -- the smallest id of the documents that are copies of one report
    UNIQUE (folder, path)
);
CREATE INDEX documents_by_content ON documents (content_hash);
CREATE INDEX documents_by_report ON documents (report);
CREATE TABLE texts (
    document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    marks TEXT NOT NULL,                   -- JSON: [start, end, rule] of what is not article
    pages TEXT NOT NULL                    -- JSON: where each page begins; empty for formats without pages
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentences TEXT NOT NULL,               -- JSON: [start, end, paragraph, heading]
    key TEXT NOT NULL                      -- sha256 of the searched text and the spans of its sentences
);
CREATE INDEX chunks_by_document ON chunks (document_id);
CREATE INDEX chunks_by_key ON chunks (key);
CREATE TABLE sentence_vectors (
    chunk_id INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    packed BLOB NOT NULL,                  -- of the sentences in their order, see `index.sentence_vectors`
    words BLOB NOT NULL                    -- of their words, see `index.word_vectors`
);
CREATE TABLE skipped (folder TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL);
"""

DOCUMENT_COLUMNS = (
    "documents.id, folder, path, title, publisher, author, published, language, characters, tokens, sources, notes, "
    "(SELECT count(*) FROM chunks WHERE document_id = documents.id), report"
)

ORDERS = {
    "name": "folder, path",
    "title": "casefold(coalesce(title, path))",
    "publisher": "publisher IS NULL, casefold(publisher)",
    "date": "published IS NULL, published DESC",
    "size": "characters DESC",
}
"""Ways to sort a list of documents; what is unknown comes last."""

CACHED_TEXTS = 64
"""Stored texts kept in memory; a question touches about ten."""


@dataclass(frozen=True)
class DocumentRow:
    """A document without its text. ``sources`` says where each known particular came from."""

    id: int
    folder: str
    path: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    language: str | None
    characters: int
    tokens: int = 0  # as a language model would count them
    sources: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    chunks: int = 0
    report: int = 0  # the smallest id of the documents that are copies of one report; its own where it has no copy

    @property
    def name(self) -> str:
        """``seeds/report.txt``"""
        return f"{self.folder}/{self.path}"


class Particulars(NamedTuple):
    """What filters ask of a document; a tenth of the cost of its whole row."""

    id: int
    folder: str
    path: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None

    @property
    def name(self) -> str:
        """``seeds/report.txt``"""
        return f"{self.folder}/{self.path}"


@dataclass(frozen=True)
class StoredDocument(DocumentRow):
    """A document with its stored text, which citations point into, and the spans of it that are not article."""

    text: str = ""
    marks: tuple[Mark, ...] = ()
    pages: tuple[int, ...] = ()  # where each page begins in the text; empty for formats without pages

    def page_at(self, offset: int) -> int | None:
        """The page, from 1, on which this place of the text stands; None where there are no pages."""
        return bisect_right(self.pages, offset) or None


@dataclass(frozen=True)
class StoredChunk:
    """A chunk as offsets into the stored text of its document."""

    id: int
    document_id: int
    start: int
    end: int
    stored_sentences: str  # JSON, as in the table

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences in order; read when asked for: of forty chunks that are ranked, five are shown."""
        return _sentences(self.stored_sentences)


class Catalog:
    """A catalog opened for reading, from any thread."""

    def __init__(self, file: Path) -> None:
        # immutable: no lock files, so a folder that cannot be written to can be read
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._connection.create_function("casefold", 1, _casefold, deterministic=True)
        self._lock = threading.Lock()
        # the catalog never changes, so what was read stays true; no cache holds the catalog itself, which would keep
        # the file of a removed generation open until the garbage is collected
        rows = partial(_rows, self._connection, self._lock)
        self.document = lru_cache(CACHED_TEXTS)(partial(_read_document, rows))
        self.sentences = lru_cache(CACHED_TEXTS)(partial(_read_sentences, rows))
        self._documents: list[DocumentRow] | None = None
        self._particulars: list[Particulars] | None = None

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def documents(self) -> list[DocumentRow]:
        """Every document, by folder and path."""
        if self._documents is None:
            rows = self._rows(f"SELECT {DOCUMENT_COLUMNS} FROM documents ORDER BY folder, path")
            self._documents = [_document_row(row) for row in rows]
        return list(self._documents)

    def particulars(self) -> list[Particulars]:
        """The particulars of every document, in no certain order."""
        if self._particulars is None:
            rows = self._rows(f"SELECT {', '.join(Particulars._fields)} FROM documents")
            self._particulars = [Particulars(*row) for row in rows]
        return self._particulars

    def listed(
        self, words: str, order: str, first: int, most: int, ahead: Iterable[str] = ()
    ) -> tuple[list[DocumentRow], int]:
        """Documents with all these words in their title or name, from the ``first`` on, and how many there are.

        order: one of ORDERS. Capitals do not matter.
        ahead: names of documents that come before all others.
        """
        where = "".join(" AND instr(folded, ?)" for _ in words.split())
        is_behind = "folder || '/' || path NOT IN (SELECT value FROM json_each(?))"
        among = (
            "FROM (SELECT *, casefold(coalesce(title, '') || ' ' || folder || '/' || path) AS folded FROM documents) "
            f"WHERE true{where}"
        )
        wanted = [word.casefold() for word in words.split()]
        by = f"ORDER BY {is_behind}, {ORDERS[order]}, folder, path LIMIT ? OFFSET ?"
        page = self._rows(f"SELECT id {among} {by}", *wanted, json.dumps(sorted(ahead)), most, first)
        [[count]] = self._rows(f"SELECT count(*) {among}", *wanted)
        rows = self.document_rows(row[0] for row in page)
        return [rows[row[0]] for row in page], int(count)

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether a document has one of these names."""
        among = "folder || '/' || path IN (SELECT value FROM json_each(?))"
        [[found]] = self._rows(f"SELECT EXISTS (SELECT 1 FROM documents WHERE {among})", json.dumps(sorted(names)))
        return bool(found)

    def document_rows(self, ids: Iterable[int]) -> dict[int, DocumentRow]:
        """Documents by id."""
        found = self._rows_among(f"SELECT {DOCUMENT_COLUMNS} FROM documents WHERE documents.id IN", ids)
        return {row[0]: _document_row(row) for row in found}

    def words_at(self, start: int, end: int, after: int = 0) -> list[tuple[int, str]]:
        """What stands at these characters in every document that is long enough, by id; reads all their texts.

        after: only of documents with a larger id, which are those that came later.
        """
        query = (
            "SELECT documents.id, substr(text, ?, ?) FROM documents JOIN texts ON document_id = documents.id "
            "WHERE documents.id > ? AND characters >= ? ORDER BY documents.id"
        )
        return [(row[0], row[1]) for row in self._rows(query, start + 1, end - start, after, end)]

    def chunks(self, ids: Iterable[int]) -> dict[int, StoredChunk]:
        """Chunks by id."""
        columns = 'SELECT id, document_id, start, "end", sentences FROM chunks WHERE id IN'
        return {row[0]: _chunk_row(row) for row in self._rows_among(columns, ids)}

    def sentence_vectors(self, chunk_ids: Iterable[int]) -> dict[int, bytes]:
        """chunk id -> the vectors of its sentences, packed."""
        return dict(self._rows_among("SELECT chunk_id, packed FROM sentence_vectors WHERE chunk_id IN", chunk_ids))

    def part_vectors(self, chunk_ids: Iterable[int]) -> dict[int, tuple[bytes, bytes]]:
        """chunk id -> the vectors of its sentences, and those of their words, packed."""
        found = self._rows_among("SELECT chunk_id, packed, words FROM sentence_vectors WHERE chunk_id IN", chunk_ids)
        return {chunk_id: (sentences, words) for chunk_id, sentences, words in found}

    def chunks_of(self, document_id: int) -> list[StoredChunk]:
        """The chunks of a document, in order."""
        columns = 'SELECT id, document_id, start, "end", sentences FROM chunks'
        rows = self._rows(f"{columns} WHERE document_id = ? ORDER BY id", document_id)
        return [_chunk_row(row) for row in rows]

    def chunk_ids(self, document_ids: Sequence[int] | None = None) -> list[int]:
        """Ids of all chunks, or of the chunks of these documents, sorted."""
        if document_ids is None:
            return [row[0] for row in self._rows("SELECT id FROM chunks ORDER BY id")]
        return sorted(row[0] for row in self._rows_among("SELECT id FROM chunks WHERE document_id IN", document_ids))

    def chunk_with_key(self, key: str) -> int | None:
        """A chunk with this key (the same searched text, cut into the same sentences), if there is one."""
        found = self._rows("SELECT id FROM chunks WHERE key = ? LIMIT 1", key)
        return int(found[0][0]) if found else None

    def contents(self) -> dict[tuple[str, str], tuple[int, str]]:
        """(folder, path) -> (document id, hash of its content)"""
        rows = self._rows("SELECT folder, path, id, content_hash FROM documents")
        return {(folder, path): (one, content_hash) for folder, path, one, content_hash in rows}

    def reports_of(self, document_ids: Iterable[int]) -> dict[int, int]:
        """document id -> report"""
        return dict(self._rows_among("SELECT id, report FROM documents WHERE id IN", document_ids))

    def names_in(self, reports: Iterable[int]) -> dict[int, dict[int, str]]:
        """report -> document id -> name, of all that are copies of these reports."""
        names: dict[int, dict[int, str]] = {}
        rows = self._rows_among("SELECT report, id, folder || '/' || path FROM documents WHERE report IN", reports)
        for report, document_id, name in rows:
            names.setdefault(report, {})[document_id] = name
        return names

    def count_reports(self) -> int:
        """The number of independent reports: copies of one count once."""
        return int(self._rows("SELECT count(DISTINCT report) FROM documents")[0][0])

    def skipped(self) -> list[Skipped]:
        """The files that are not in the index, with their reasons."""
        return [
            Skipped(*row) for row in self._rows("SELECT folder, path, reason FROM skipped ORDER BY folder, path, rowid")
        ]

    def counts(self) -> tuple[int, int]:
        """Numbers of documents and of chunks."""
        [row] = self._rows("SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)")
        return int(row[0]), int(row[1])

    def problems(self) -> list[str]:
        """What SQLite and the rules of this catalog find wrong with it; empty if it is whole."""
        found = [row[0] for row in self._rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
        found += ["a chunk without a document" for _ in self._rows("PRAGMA foreign_key_check")]
        outside = self._rows(
            "SELECT count(*) FROM chunks JOIN documents ON documents.id = document_id "
            'WHERE start < 0 OR start >= "end" OR "end" > characters'
        )[0][0]
        textless = self._rows("SELECT count(*) FROM documents WHERE id NOT IN (SELECT document_id FROM texts)")[0][0]
        astray = self._rows(
            "SELECT count(*) FROM documents LEFT JOIN documents AS first ON first.id = documents.report "
            "WHERE first.id IS NULL OR first.report IS NOT first.id OR first.id > documents.id"
        )[0][0]
        without = self._rows("SELECT count(*) FROM chunks WHERE id NOT IN (SELECT chunk_id FROM sentence_vectors)")[0][
            0
        ]
        found += [f"{without} chunks without vectors of their sentences"] if without else []
        found += [f"{outside} chunks outside their document"] if outside else []
        found += [f"{textless} documents without text"] if textless else []
        found += [f"{astray} documents in a group of copies that is not there"] if astray else []
        return found

    def _rows(self, query: str, *values: object) -> list[Any]:
        return _rows(self._connection, self._lock, query, *values)

    def _rows_among(self, query: str, ids: Iterable[int]) -> list[Any]:
        # one parameter whatever the number: SQLite allows 32,766 of them
        return self._rows(f"{query} (SELECT value FROM json_each(?))", json.dumps(sorted(set(ids))))


def _rows(connection: sqlite3.Connection, lock: threading.Lock, query: str, *values: object) -> list[Any]:
    with lock:
        return connection.execute(query, values).fetchall()


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _read_document(ask: Callable[..., list[Any]], document_id: int) -> StoredDocument | None:
    found = ask(
        f"SELECT {DOCUMENT_COLUMNS}, text, marks, pages FROM documents JOIN texts ON document_id = documents.id "
        "WHERE documents.id = ?",
        document_id,
    )
    if not found:
        return None
    row, *_ = found
    text, marks, pages = row[-3], json.loads(row[-2]), json.loads(row[-1])
    return StoredDocument(
        **vars(_document_row(row)), text=text, marks=tuple(Mark(*mark) for mark in marks), pages=tuple(pages)
    )


def _read_sentences(ask: Callable[..., list[Any]], document_id: int) -> tuple[Sentence, ...]:
    """The sentences of a document in order, each once: chunks overlap."""
    found = ask("SELECT sentences FROM chunks WHERE document_id = ?", document_id)
    by_start = {sentence.start: sentence for row in found for sentence in _sentences(row[0])}
    return tuple(by_start[start] for start in sorted(by_start))


class CatalogWriter:
    """A catalog in the making: one connection, one transaction, nothing durable before ``commit``."""

    def __init__(self, file: Path) -> None:
        fresh = not file.exists()
        self._connection = sqlite3.connect(file, isolation_level=None)
        # the file is synced as a whole before it comes into use, and no one reads it until then
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA foreign_keys = ON")
        if fresh:
            self._connection.executescript(SCHEMA + REPORTS_SCHEMA)
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Lets go of the file; what was not committed is lost."""
        self._connection.close()

    def add(self, document: Document, document_id: int | None = None) -> int:
        """Adds a document and returns its id; ``document_id`` keeps the id of one that changed."""
        known = document.metadata
        row = self._connection.execute(
            "INSERT INTO documents (id, folder, path, content_hash, size_bytes, characters, tokens, title, "
            "publisher, author, published, language, sources, notes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (document_id, document.folder, document.path, document.content_hash, document.size_bytes,
             len(document.text), count_tokens(document.text), known.title, known.publisher, known.author,
             known.published, known.language, _json(dict(known.sources)), _json(document.notes)),
        ).fetchone()  # fmt: skip
        marks = json.dumps([[mark.start, mark.end, mark.rule] for mark in document.marks])
        self._connection.execute(
            "INSERT INTO texts VALUES (?, ?, ?, ?)", (row[0], document.text, marks, json.dumps(document.pages))
        )
        add_sketch(self._connection, row[0], sketch(document.text, document.marks))
        return int(row[0])

    def add_chunk(self, document_id: int, chunk: Chunk) -> int:
        """Adds a chunk and returns its id."""
        sentences = [[one.start, one.end, one.paragraph, int(one.heading)] for one in chunk.sentences]
        row = self._connection.execute(
            'INSERT INTO chunks (document_id, start, "end", sentences, key) VALUES (?, ?, ?, ?, ?) RETURNING id',
            (document_id, chunk.start, chunk.end, json.dumps(sentences), chunk.key),
        ).fetchone()
        return int(row[0])

    def add_sentence_vectors(self, vectors: "Mapping[int, ChunkVectors]") -> None:
        """Adds the packed vectors of the sentences of chunks and of their words, by chunk id."""
        rows = ((chunk_id, one.sentences, one.words) for chunk_id, one in vectors.items())
        self._connection.executemany("INSERT INTO sentence_vectors VALUES (?, ?, ?)", rows)

    def remove(self, document_id: int) -> list[int]:
        """Removes a document with all that belongs to it and returns the ids of its chunks."""
        rows = self._connection.execute("SELECT id FROM chunks WHERE document_id = ?", (document_id,)).fetchall()
        part_copies(self._connection, document_id)
        self._connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        return [int(row[0]) for row in rows]

    def rename(self, places: Mapping[int, Found]) -> None:
        """Gives documents, by id, the folder and path they have now."""
        # first names that are nobody's: the rows of a file may each bear the number the next one had
        self._connection.executemany("UPDATE documents SET path = '/' || id WHERE id = ?", [(one,) for one in places])
        self._connection.executemany(
            "UPDATE documents SET folder = ?, path = ? WHERE id = ?",
            [(found.folder, found.path, one) for one, found in places.items()],
        )

    def group_copies(self, told: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Groups the documents that are copies of one report; after the last change, before ``commit``."""
        group_copies(self._connection, told)

    def set_skipped(self, skipped: Iterable[Skipped]) -> None:
        """Replaces the list of files that are not in the index."""
        self._connection.execute("DELETE FROM skipped")
        self._connection.executemany(
            "INSERT INTO skipped VALUES (?, ?, ?)", [(one.folder, one.path, one.reason) for one in skipped]
        )

    def commit(self) -> None:
        """Ends the transaction."""
        self._connection.execute("COMMIT")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _document_row(row: Sequence[Any]) -> DocumentRow:
    values: list[Any] = [*row[:10], json.loads(row[10]), tuple(json.loads(row[11])), row[12], row[13]]
    return DocumentRow(*values)


def _chunk_row(row: Sequence[Any]) -> StoredChunk:
    values: list[Any] = list(row)
    return StoredChunk(*values)


def _sentences(stored: str) -> tuple[Sentence, ...]:
    return tuple(Sentence(start, end, number, bool(heading)) for start, end, number, heading in json.loads(stored))
