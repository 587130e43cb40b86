"""Conversations on disk: one SQLite file beside the index, of its own, so that no build touches it.

Every call opens the file anew: a page makes a few a minute, and two programs may serve the same index.
"""

import contextlib
import json
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.footnotes import shorten
from app.turns import Turn
from index.errors import FootnotedError
from index.opened import index_path

FILE = "conversations.sqlite"

SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    changed TEXT NOT NULL,                 -- ISO 8601, UTC
    deleted TEXT                           -- when; erased a day later
);
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    turn TEXT NOT NULL                     -- JSON, see `turns`
);
CREATE INDEX IF NOT EXISTS turns_by_conversation ON turns (conversation);
"""

LISTED = """
SELECT conversations.id, title, changed, count(*) FROM conversations JOIN turns ON conversation = conversations.id
WHERE deleted IS NULL GROUP BY conversations.id
HAVING found(title || ' ' || group_concat(turn ->> 'question' || ' ' || (turn ->> 'text'), ' '), ?)
ORDER BY changed DESC, conversations.rowid DESC LIMIT ?
"""

ID = re.compile(r"[A-Za-z0-9_-]{16}")
"""Names no other conversation by chance or by guess: 96 bits."""

LONGEST_TITLE = 120
UNDO_DAYS = 1
BUSY_S = 10
"""Seconds to wait for another program that writes."""


class NotKept(FootnotedError):
    """The file of conversations cannot be read or written."""


@dataclass(frozen=True)
class Conversation:
    """What the list says of a conversation."""

    id: str
    title: str
    changed: str
    turns: int


class Store:
    """The conversations kept beside an index. Every method raises NotKept where the file cannot be used."""

    def __init__(self, index_dir: str | Path) -> None:
        self.file = index_path(index_dir) / FILE

    def add(self, conversation: str, turn: Turn) -> str:
        """Keeps a turn and gives back the conversation it is in: this one, or a new one where there is none."""
        return self.add_as(conversation, turn)[0]

    def add_as(self, conversation: str, turn: Turn) -> tuple[str, int]:
        """The same, with the id that the turn has there."""
        with self._opened() as file:
            known = self._alive(file, conversation)
            chosen = conversation if known else secrets.token_urlsafe(12)
            if not known:
                title = shorten(turn.question, LONGEST_TITLE)
                file.execute("INSERT INTO conversations VALUES (?, ?, ?, NULL)", (chosen, title, turn.asked))
            added = file.execute("INSERT INTO turns (conversation, turn) VALUES (?, ?)", (chosen, _json(turn)))
            file.execute("UPDATE conversations SET changed = ? WHERE id = ?", (turn.asked, chosen))
            return chosen, int(added.lastrowid or 0)

    def replace(self, conversation: str, turn_id: int, turn: Turn) -> bool:
        """Puts a turn in the place of another one; False where that one is not kept any more."""
        with self._opened() as file:
            if not self._alive(file, conversation):
                return False
            place = (_json(turn), turn_id, conversation)
            found = file.execute("UPDATE turns SET turn = ? WHERE id = ? AND conversation = ?", place)
            return found.rowcount > 0

    def turns(self, conversation: str) -> list[Turn]:
        """The turns of a conversation in order; none where there is no such conversation."""
        with self._opened() as file:
            if not self._alive(file, conversation):
                return []
            rows = file.execute("SELECT id, turn FROM turns WHERE conversation = ? ORDER BY id", (conversation,))
            return [Turn.read(json.loads(turn), turn_id) for turn_id, turn in rows]

    def turn(self, conversation: str, turn_id: int) -> Turn | None:
        """One turn of a conversation."""
        return next((turn for turn in self.turns(conversation) if turn.id == turn_id), None)

    def title(self, conversation: str) -> str | None:
        """The title of a conversation; None where there is no such conversation."""
        with self._opened() as file:
            return self._alive(file, conversation)

    def listed(self, words: str, most: int) -> list[Conversation]:
        """The conversations with all these words in their title, questions or answers, newest first."""
        wanted = words.casefold().split()
        with self._opened() as file:
            return [Conversation(*row) for row in file.execute(LISTED, (json.dumps(wanted), most))]

    def rename(self, conversation: str, title: str) -> None:
        """Gives a conversation another title."""
        with self._opened() as file:
            file.execute(
                "UPDATE conversations SET title = ? WHERE id = ?", (shorten(title, LONGEST_TITLE), conversation)
            )

    def delete(self, conversation: str) -> None:
        """Puts a conversation out of sight, and erases those that were put there more than a day ago."""
        now = datetime.now(UTC)
        with self._opened() as file:
            file.execute(
                "DELETE FROM conversations WHERE deleted < ?", ((now - timedelta(days=UNDO_DAYS)).isoformat(),)
            )
            file.execute("UPDATE conversations SET deleted = ? WHERE id = ?", (now.isoformat(), conversation))

    def restore(self, conversation: str) -> None:
        """Brings a deleted conversation back."""
        with self._opened() as file:
            file.execute("UPDATE conversations SET deleted = NULL WHERE id = ?", (conversation,))

    @staticmethod
    def _alive(file: sqlite3.Connection, conversation: str) -> str | None:
        """The title of a conversation that is not deleted."""
        row = file.execute(
            "SELECT title FROM conversations WHERE id = ? AND deleted IS NULL", (conversation,)
        ).fetchone()
        return row[0] if row else None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The file in one transaction; made where it is missing, for its owner's eyes only."""
        try:
            os.close(os.open(self.file, os.O_CREAT | os.O_RDWR, 0o600))
            with contextlib.closing(sqlite3.connect(self.file, timeout=BUSY_S)) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")
                connection.create_function("found", 2, _found, deterministic=True)
                connection.executescript(SCHEMA)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise NotKept(f"Conversations cannot be kept in {self.file} ({why}).") from error


def _json(turn: Turn) -> str:
    return json.dumps(turn.values(), ensure_ascii=False)


def _found(text: str, wanted: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in json.loads(wanted))
