"""Files that hold many articles: each row of a table, each line of JSON, is a document of its own.

``news.csv`` with a column of text gives ``news.csv#12``, by the row's own id where it has one, else by its number. A
row is compared by what is read of it, so that one row that changed is one article that changed; it is found again by
its bytes, so that loading one reads no other.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from index.folders import Found, Part, Skipped, kind_of
from index.metadata import FRONT_MATTER_KEYS, Field
from index.read_text import damaged_note, encoding_note
from index.reading import PARAGRAPH, Reading, Unreadable, extracted, storable
from index.table import Broken, Layout, Record, column_name, find_layout, read_record, read_records

ROW_KINDS = (".csv", ".tsv", ".jsonl", ".ndjson")

TEXT_COLUMNS = ("text", "body", "content", "article", "article_text", "full_text", "maintext", "story")
"""Columns that may hold the text of an article; of several that do, the first."""

ID_COLUMNS = ("id", "article_id", "document_id", "uuid")

PARTICULAR_COLUMNS = {particular: tuple(map(column_name, keys)) for particular, keys in FRONT_MATTER_KEYS.items()}

USED_COLUMNS = {*TEXT_COLUMNS, *ID_COLUMNS, *(name for names in PARTICULAR_COLUMNS.values() for name in names)}

CLOSED = re.compile(r"</(?:p|div|li|h[1-6]|span|a|b|i|em|strong|blockquote)>|<br ?/?>", re.IGNORECASE)
BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|table|blockquote|figure)\b[^<>]{0,2000}>", re.IGNORECASE)
NO_WORDS = re.compile(r"<(script|style)\b[^<>]{0,2000}>[^<]*</\1>|<[/!]?[a-z-][^<>]{0,2000}>", re.IGNORECASE)
"""Web pages in a column of text, as publishing systems export them: how one is known, and what of it is no words."""

MAX_COLLECTION_MB = 2_000
"""Of one file. Each build reads it through, 30 MB a second."""

MAX_ID = 200
"""Characters; a longer value is no name."""

LISTED_ROWS = 100
"""Rows of one file that are listed with their reasons; one line says how many more there are."""


def find_rows(found: Found) -> Iterator[Found | Skipped]:
    """The articles of a file, and the rows that are none with their reasons."""
    try:
        size = found.file.stat().st_size
        if size > MAX_COLLECTION_MB * 1_000_000:
            megabytes = f"{size / 1_000_000:,.0f} MB"
            raise Unreadable(f"it has {megabytes}, and a file of articles may have {MAX_COLLECTION_MB:,}; split it")
        yield from _Rows(found).articles()
    except OSError as error:
        yield Skipped(found.folder, found.path, f"it cannot be read ({error.strerror})")
    except Unreadable as reason:
        yield Skipped(found.folder, found.path, str(reason))


def read_row(found: Found, part: Part) -> Reading:
    """The article of a row. Raises Unreadable, also where its file changed since it was looked through."""
    try:
        with found.file.open("rb") as stream:
            stream.seek(part.start)
            data = stream.read(part.end - part.start)
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror})") from error
    values = read_record(data, part.layout)
    if isinstance(values, str) or content_of(values) != part.content:
        raise Unreadable("its file changed while it was read; build again")
    place = "column" if part.layout.columns else "field"
    fields = [
        Field(particular, values.get(name), f"{place}: {name}")
        for particular, names in PARTICULAR_COLUMNS.items()
        for name in names
    ]
    return extracted(storable(_without_tags(_text(values))), fields, notes=_notes(data, part))


def content_of(values: Mapping[str, Any]) -> str:
    """The sha256 of what is read of a row, with the names of its columns."""
    used = {name: values[name] for name in sorted(USED_COLUMNS - set(ID_COLUMNS)) if values.get(name)}
    return hashlib.sha256(json.dumps(used, sort_keys=True).encode()).hexdigest()


class SkippedRows:
    """The rows of a file that cannot be used; LISTED_ROWS of them, and how many more there are."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._reasons: list[tuple[int, str]] = []
        self.count = 0

    def add(self, row: int, reason: str) -> None:
        self.count += 1
        if len(self._reasons) < LISTED_ROWS:
            self._reasons.append((row, reason))

    def __iter__(self) -> Iterator[Skipped]:
        lines = [f"row {row}: {reason}" for row, reason in sorted(self._reasons)]
        if self.count > len(self._reasons):
            lines.append(f"{self.count - len(self._reasons):,} more rows cannot be used")
        for line in lines:
            yield Skipped(self._found.folder, self._found.path, line)


class _Rows:
    """The articles of one file, each under a name of its own."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._rows_by_name: dict[str, int] = {}
        self._skipped = SkippedRows(found)

    def articles(self) -> Iterator[Found | Skipped]:
        with self._found.file.open("rb") as stream:
            layout = find_layout(stream, kind_of(self._found.path), USED_COLUMNS)
            if layout.delimiter and not set(layout.columns) & set(TEXT_COLUMNS):
                raise Unreadable(f"it has no column of text; name one of its columns {' or '.join(TEXT_COLUMNS[:3])}")
            for record in read_records(stream, layout):
                yield from self._article(record, layout)
        if not self._rows_by_name:
            first = next((f" ({one.reason})" for one in self._skipped), "")
            raise Unreadable(f"none of its {self._skipped.count:,} rows is an article{first}")
        yield from self._skipped

    def _article(self, record: Record | Broken, layout: Layout) -> Iterator[Found]:
        if isinstance(record, Broken):
            self._skipped.add(record.number, record.reason)
            return
        name = _name(record)
        if not any(letter.isalnum() for letter in _text(record.values)):
            self._skipped.add(record.number, "it holds no words")
        elif name in self._rows_by_name:
            self._skipped.add(record.number, f"it has the id of row {self._rows_by_name[name]}, {name}")
        else:
            self._rows_by_name[name] = record.number
            part = Part(name, record.number, record.start, record.end, layout, content_of(record.values))
            yield Found(self._found.folder, f"{self._found.path}#{name}", self._found.file, part)


def _name(record: Record) -> str:
    stated = next((value for name in ID_COLUMNS if (value := record.values.get(name)) not in (None, "")), None)
    words = str(stated).strip() if isinstance(stated, str | int) and not isinstance(stated, bool) else ""
    return words if words and words.isprintable() and len(words) <= MAX_ID else str(record.number)


def _text(values: Mapping[str, Any]) -> str:
    """The text of a row; a list of paragraphs is one text."""
    for name in TEXT_COLUMNS:
        value = values.get(name)
        if isinstance(value, list):
            value = PARAGRAPH.join(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _without_tags(text: str) -> str:
    """The words of a text with HTML tags in it, its blocks as paragraphs; another text as it is.

    >>> _without_tags("<p>It <b>rose</b>.</p><p>Q&amp;A</p>")
    'It rose.\\n\\nQ&A'
    """
    if not CLOSED.search(text):
        return text
    words, blocks = BLOCK.subn(PARAGRAPH, text)
    lines = re.split(r"\n\s*\n" if blocks else r"\n", unescape(NO_WORDS.sub("", words)))
    return PARAGRAPH.join(line for one in lines if (line := " ".join(one.split())))


def _notes(data: bytes, part: Part) -> tuple[str, ...]:
    if part.layout.encoding != "utf-8":
        return (encoding_note(part.layout.encoding),)
    text = data.decode("utf-8", "replace")
    return (damaged_note(text),) if text.encode() != data else ()
