"""The records of a CSV, TSV or JSONL file: what each says, and the bytes at which it begins and ends.

A file is read in one pass, a record at a time, so that its size costs no memory; by its bytes and its file's layout
any record can be read alone afterwards. A record that cannot be read costs itself: reading goes on with the next line.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, Any, Self

from index.read_text import encoding_of
from index.reading import MAX_FILE_MB, Unreadable

DELIMITERS = {".csv": ",;\t|", ".tsv": "\t,;|"}
"""Signs between fields, the usual one first; Excel writes ``;`` where the comma divides whole numbers from tenths."""

LOOK_AHEAD_MB = 150
"""A quote that is not closed within this much never is; a field of 100 MB is still found to be one field."""

MAX_READ_AGAIN_MB = 1_000
"""After a broken record its other lines are read again; a file made of such records is given up after this much."""

MAX_BRACKETS = 1_000_000
"""In one JSON line. Each opens an object of 60 bytes or more, so that 50 MB of them would take 1.5 GB."""

DAMAGED_SHARE = 0.1
"""Of the characters of a record; with more that its file's encoding does not know, it is not text."""

SAMPLE_BYTES = 100_000
"""Of lines with other letters than ASCII; enough for statistics to know an encoding."""

PIECE = 1 << 20
MEGABYTE = 1_000_000
MAX_RECORD = MAX_FILE_MB * MEGABYTE
"""Bytes of one record: as much as an article in a file of its own."""

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
NOT_STRUCTURE, NOT_LINE_END = re.compile(rb'[^",;\t|\n]+'), re.compile(rb"[^\n]+")


Values = Mapping[str, Any] | str
"""What a record says, or why it cannot be read."""


@dataclass(frozen=True)
class Layout:
    """How the records of a file are to be read."""

    encoding: str
    begin: int  # bytes before the first record: the byte order mark and the header
    columns: tuple[str, ...] = ()  # of a table, by their place; empty for JSON lines
    delimiter: str = ""


@dataclass(frozen=True)
class Record:
    """A record, and its bytes in the file. ``number`` counts from 1, without the header and without blank lines."""

    number: int
    start: int
    end: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Broken:
    """A record that cannot be read, and why."""

    number: int
    reason: str


def find_layout(stream: IO[bytes], kind: str, wanted: Collection[str]) -> Layout:
    """The layout of a file of this kind; of the signs that may divide fields, the one that shows most columns wanted.

    Raises Unreadable for an empty file and for what is not text.
    """
    layout = _layout_of_text(stream)
    if kind not in DELIMITERS:
        return layout
    headers = [_header(stream, replace(layout, delimiter=sign)) for sign in DELIMITERS[kind]]
    best = max(headers, key=lambda header: len(set(header.columns) & set(wanted)))  # the first of equals
    if any("\x00" in column for column in best.columns):
        raise Unreadable("it is not text")
    return best


def read_records(stream: IO[bytes], layout: Layout) -> Iterator[Record | Broken]:
    """Every record in order; what cannot be read comes as Broken."""
    found = _rows(stream, layout) if layout.delimiter else _json_lines(stream, layout)
    for number, (start, end, values) in enumerate(found, 1):
        yield Broken(number, values) if isinstance(values, str) else Record(number, start, end, values)


def read_record(data: bytes, layout: Layout) -> Values:
    """What one record says, by its bytes."""
    text = data.decode(layout.encoding, "replace")
    if not layout.delimiter:
        return _object(text)
    try:
        # newline: a line ends where it did when the file was looked through
        return _cells(next(_reader(io.StringIO(text, newline="\n"), layout), []), layout)
    except csv.Error as error:
        return _quoting(error)


def column_name(words: str) -> str:
    """``date_published`` for ``Date Published``, so that a column is found however it is written."""
    return re.sub(r"[\s_-]+", "_", words.strip().casefold())


def _layout_of_text(stream: IO[bytes]) -> Layout:
    first = stream.read(4)
    if not first:
        raise Unreadable("it is empty")
    for mark, encoding in MARKS:
        if first.startswith(mark):
            return Layout(encoding, len(mark))
    return Layout(_encoding(stream), 0)


def _encoding(stream: IO[bytes]) -> str:
    """The encoding of a file without a mark, from its lines that are not ASCII."""
    stream.seek(0)
    sample = bytearray()
    while len(sample) < SAMPLE_BYTES and (line := stream.readline(PIECE)):
        if not line.isascii():
            sample += line
    encoding = encoding_of(bytes(sample))
    if "\n,".encode(encoding) != b"\n,":
        raise Unreadable("it is not text")
    return encoding


def _header(stream: IO[bytes], layout: Layout) -> Layout:
    lines = _Lines(stream, layout, layout.begin)
    try:
        names = next(_reader(lines, layout))
    except (csv.Error, StopIteration):
        return layout
    return replace(layout, begin=lines.position, columns=tuple(column_name(name) for name in names))


def _rows(stream: IO[bytes], layout: Layout) -> Iterator[tuple[int, int, Values]]:
    """The rows of a table with their bytes; after one whose quotes are broken the next line begins a row."""
    start, read_again = layout.begin, 0
    while True:
        lines = _Lines(stream, layout, start)
        try:
            for cells in _reader(lines, layout):
                start, end = lines.take()
                if any(cells):
                    yield start, end, _too_long(end - start) or _cells(cells, layout)
            return
        except csv.Error as error:
            read_again += lines.position - lines.first_end
            given_up = read_again > MAX_READ_AGAIN_MB * MEGABYTE
            yield lines.start, lines.first_end, _quoting(error) + ("; the rest of the file is left out" * given_up)
            if given_up:
                return
            start = lines.first_end


def _reader(lines: Iterable[str], layout: Layout) -> Iterator[list[str]]:
    csv.field_size_limit(2**31 - 1)  # for the whole process; here a row that is too long is told with its end
    return csv.reader(lines, delimiter=layout.delimiter, strict=True)


class _Lines:
    """The lines of a file as words, of which csv.reader takes as many as a row has; knows the bytes of that row."""

    def __init__(self, stream: IO[bytes], layout: Layout, start: int) -> None:
        self.start = self.first_end = self.position = start  # of the record that is being read; what was read of it
        self._stream = stream
        self._encoding = layout.encoding
        self._line_end = "\n".encode(layout.encoding)
        self._not_structure = NOT_STRUCTURE if layout.delimiter else NOT_LINE_END
        self._look_ahead = LOOK_AHEAD_MB * MEGABYTE if layout.delimiter else float("inf")
        stream.seek(start)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._line()
        if not line:
            raise StopIteration
        if self.first_end == self.start:
            self.first_end = self.position
        size = self.position - self.start
        if size > self._look_ahead:
            raise csv.Error(f"no closing quote within {LOOK_AHEAD_MB} MB")
        return line.decode(self._encoding if size <= MAX_RECORD else "latin-1", "replace")

    def take(self) -> tuple[int, int]:
        """Where the record began and ended that was just made; the next one begins here."""
        place = self.start, self.position
        self.start = self.first_end = self.position
        return place

    def _line(self) -> bytes:
        """A line; where its record has become too long, only the signs of it that show where the record ends."""
        line, begin, last = b"", self.position, b""
        while piece := self._stream.readline(PIECE):
            if self._encoding == "utf-16-le" and piece.endswith(b"\n"):
                piece += self._stream.read(1)  # the other half of the line's end
            self.position += len(piece)
            last = (last + piece)[-2:]
            size = self.position - self.start
            line += piece if size <= MAX_RECORD else self._not_structure.sub(b"", piece)
            whole = last.endswith(self._line_end) and (self.position - begin) % len(self._line_end) == 0
            if whole or size > self._look_ahead:
                break
        return line


def _cells(cells: list[str], layout: Layout) -> Values:
    while len(cells) > len(layout.columns) and not cells[-1]:
        cells.pop()
    if len(cells) != len(layout.columns):
        return f"its fields do not fit the columns ({len(cells)} for {len(layout.columns)})"
    wrong = next((reason for cell in cells if (reason := _not_text(cell))), None)
    return wrong or dict(zip(reversed(layout.columns), reversed(cells), strict=True))  # the first of two of a name


def _json_lines(stream: IO[bytes], layout: Layout) -> Iterator[tuple[int, int, Values]]:
    lines = _Lines(stream, layout, layout.begin)
    for line in lines:
        start, end = lines.take()
        if not line.isspace():
            yield start, end, _too_long(end - start) or _object(line)


def _object(text: str) -> Values:
    """What a JSON line says, or what is wrong with it."""
    if text.count("{") + text.count("[") > MAX_BRACKETS:
        return f"it has more than {MAX_BRACKETS:,} lists and objects"
    wrong = _not_text(text)
    if wrong:
        return wrong
    try:
        values = json.loads(text)
    except RecursionError:
        return "it is nested too deeply"
    except ValueError as error:
        return f"it is not JSON ({str(error).partition(': ')[0]})"
    if not isinstance(values, dict):
        return "it is not a JSON object"
    # of two of a name the first
    return {column_name(key): _plain(value) for key, value in reversed(values.items())}


def _plain(value: object) -> object:
    """A value without objects in it, but for the name of one: a source or an author may be ``{"name": "Ann Lee"}``."""
    if isinstance(value, list):
        return [name for one in value if isinstance(name := _named(one), str)]
    return _named(value)


def _named(value: object) -> object:
    if not isinstance(value, dict):
        return value
    name = value.get("name")
    return name if isinstance(name, str) else None


def _not_text(words: str) -> str | None:
    if "\x00" in words:
        return "it is not text: it holds NUL bytes"
    if words.count("\ufffd") > DAMAGED_SHARE * len(words):
        return "it is not text in the encoding of its file"
    return None


def _too_long(size: int) -> str | None:
    if size <= MAX_RECORD:
        return None
    return f"it has {size / MEGABYTE:.0f} MB, and one article may have {MAX_FILE_MB}"


def _quoting(error: Exception) -> str:
    return f"its quotes are broken ({str(error).partition(' - ')[0]})"
