"""The hashes of files that were read before, so that a build reads only those that something was written to.

Content decides what changed, never a time. But a file whose size, inode and times (of its content and of its state,
which every write sets and nobody can set back) are as they were when it was read, has the content it had: 100,000
articles are then looked at in 2 seconds instead of read in 10. `footnoted check` and a fresh build read everything.

Left out: a file written to in the last seconds before it was read is not noted, since a second write in the same tick
of the clock would leave no trace (what git calls racily clean).
"""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

SETTLED_S = 2.0
"""How long a file has to be at rest: two seconds is the coarsest clock of a file system (FAT)."""

State = str


class KnownFiles:
    """Hashes by file and state, kept in a small database of their own; damaged or missing, it only costs time.

    ``forget``: every file is read, and its state noted anew.
    """

    def __init__(self, database: Path | None = None, *, forget: bool = False) -> None:
        self._database = database
        self._known = _read(database) if database else {}
        self._trusted = {} if forget else self._known
        self._met: dict[str, tuple[State, str]] = {}

    def hash_of(self, file: Path, read: Callable[[], str]) -> str:
        """The hash of a file's content: the known one if nothing touched it since, else what ``read`` gives."""
        try:
            found = file.stat()
        except OSError:
            return read()  # which says what is wrong
        state = f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino} {found.st_dev}"
        known = self._trusted.get(str(file))
        if known and known[0] == state:
            self._met[str(file)] = known
            return known[1]
        content_hash = read()
        if max(found.st_mtime, found.st_ctime) + SETTLED_S < time.time():
            self._met[str(file)] = (state, content_hash)
        return content_hash

    def save(self) -> None:
        """Keeps what was met since the beginning, and nothing else."""
        if not self._database or self._met == self._known:
            return
        gone = [[file] for file in self._known.keys() - self._met.keys()]
        new = [(file, *value) for file, value in self._met.items() if self._known.get(file) != value]
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_opened(self._database)) as database, database:
            database.executemany("DELETE FROM files WHERE file = ?", gone)
            database.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", new)


def _read(database: Path) -> dict[str, tuple[State, str]]:
    try:
        with contextlib.closing(_opened(database)) as opened:
            rows = opened.execute("SELECT file, state, hash FROM files").fetchall()
        return {file: (state, content_hash) for file, state, content_hash in rows}
    except sqlite3.Error:
        _remove(database)
        return {}


def _remove(database: Path) -> None:
    if database.is_dir():
        shutil.rmtree(database, ignore_errors=True)
    for name in (database.name, f"{database.name}-journal"):
        with contextlib.suppress(OSError):
            database.with_name(name).unlink()


def _opened(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE IF NOT EXISTS files (file TEXT PRIMARY KEY, state TEXT, hash TEXT) WITHOUT ROWID")
    return connection
