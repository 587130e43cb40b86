"""What a ``metadata.csv`` beside the articles says of them; it wins over what they say of themselves.

A row names a file by its path from the folder of the ``metadata.csv``; of several such files the nearest wins. It
may also name a row: ``news.csv#12``. What cannot be used costs one line; the rest of the row and of the file counts.
"""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from index.folders import Found, Skipped
from index.metadata import Field, value_of
from index.reading import Unreadable
from index.rows import PARTICULAR_COLUMNS, USED_COLUMNS, SkippedRows
from index.table import Broken, Record, find_layout, read_records

NAME = "metadata.csv"

FILE_COLUMNS = ("file", "filename", "path", "name", "document")

MAX_MB = 50
"""Of one such file, which is held in memory: half a million articles."""


class Beside:
    """Every ``metadata.csv`` of the folders, each read when the first file is met that it may name."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], _Table | None] = {}

    def of(self, found: Found) -> tuple[Field, ...]:
        """What is said of an article, the nearest first."""
        fields: list[Field] = []
        *above, _ = found.file_path.split("/")
        for depth in range(len(above), -1, -1):
            table = self._table(found.folder, "/".join(above[:depth]), found.file.parents[len(above) - depth])
            if table:
                fields += table.of("/".join(found.path.split("/")[depth:]))
        return tuple(fields)

    def problems(self) -> Iterator[Skipped]:
        """What could not be used. To be asked for after all articles."""
        for _, table in sorted(self._tables.items()):
            if table:
                yield from table.problems()

    def _table(self, label: str, folder: str, where: Path) -> "_Table | None":
        place = (label, folder)
        if place not in self._tables:
            path = f"{folder}/{NAME}" if folder else NAME
            self._tables[place] = _Table(Found(label, path, where / NAME)) if (where / NAME).is_file() else None
        return self._tables[place]


class _Table:
    """One ``metadata.csv``: the row and the fields of each article that it names."""

    def __init__(self, found: Found) -> None:
        self._skipped = SkippedRows(found)
        self._said: dict[str, tuple[int, list[Field]]] = {}
        self._used: set[str] = set()
        self._broken: list[Skipped] = []
        try:
            self._read(found.file)
        except OSError as error:
            self._broken.append(Skipped(found.folder, found.path, f"it cannot be read ({error.strerror})"))
        except Unreadable as reason:
            self._broken.append(Skipped(found.folder, found.path, str(reason)))

    def of(self, name: str) -> list[Field]:
        """What is said of the article at this path."""
        key = _comparable(name)
        if key not in self._said:
            return []
        self._used.add(key)
        return self._said[key][1]

    def problems(self) -> Iterator[Skipped]:
        """What could not be used, a line each."""
        yield from self._broken
        for name in self._said.keys() - self._used:
            self._skipped.add(self._said[name][0], f"there is no article {name}")
        yield from self._skipped

    def _read(self, file: Path) -> None:
        if file.is_symlink():
            raise Unreadable("it is a link; put the file itself there")
        if file.stat().st_size > MAX_MB * 1_000_000:
            raise Unreadable(f"it has more than {MAX_MB} MB; put a metadata.csv into each folder")
        with file.open("rb") as stream:
            layout = find_layout(stream, ".csv", {*FILE_COLUMNS, *USED_COLUMNS})
            if not set(layout.columns) & set(FILE_COLUMNS):
                raise Unreadable(f"it has no column that names files; name one of its columns {FILE_COLUMNS[0]}")
            for record in read_records(stream, layout):
                self._take_in(record)

    def _take_in(self, record: Record | Broken) -> None:
        if isinstance(record, Broken):
            self._skipped.add(record.number, record.reason)
            return
        name = next((record.values[column] for column in FILE_COLUMNS if record.values.get(column)), "")
        key = _comparable(name)
        if not key:
            self._skipped.add(record.number, "it names no file")
        elif key in self._said:
            self._skipped.add(record.number, f"it names {name} once more; row {self._said[key][0]} counts")
        else:
            self._said[key] = record.number, list(self._fields(record))

    def _fields(self, record: Record) -> Iterator[Field]:
        for particular, columns in PARTICULAR_COLUMNS.items():
            for column in columns:
                words = record.values.get(column)
                one = Field(particular, words, f"{NAME}: {column}")
                if words and value_of(one):
                    yield one
                elif words and words.strip():
                    self._skipped.add(record.number, f"its {column} says nothing known: {words.strip()[:40]}")


def _comparable(name: str) -> str:
    """A path as it is compared: as Windows or macOS may write it, too."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))
