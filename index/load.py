"""A file becomes a document: its text exactly as written, what in it is not article, and what is known of it.

New formats plug in at READERS: a reader gets the bytes of a file and returns a Reading. What needs a library to be
read is read apart, in a process that a hostile file may bring down.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from index.boilerplate import Mark
from index.folders import Found, Skipped, kind_of
from index.known_files import KnownFiles
from index.language import recognise
from index.metadata import Field, Metadata, from_fields
from index.read_apart import apart
from index.read_docx import read_docx
from index.read_html import read_html
from index.read_mail import read_mail
from index.read_pdf import read_pdf
from index.read_text import read_markdown, read_text
from index.reading import MAX_FILE_MB, Reader, Reading, Unreadable, span_of_line
from index.rows import ROW_KINDS, read_row


@dataclass(frozen=True)
class Document:
    """An article as it is stored."""

    folder: str
    path: str
    content_hash: str
    size_bytes: int
    text: str
    metadata: Metadata
    marks: tuple[Mark, ...]  # spans that are not article, sorted by start
    notes: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()  # where each page begins in the text; empty for formats without pages

    @property
    def name(self) -> str:
        """``seeds/report.txt``"""
        return f"{self.folder}/{self.path}"


READERS: Mapping[str, Reader] = {
    "": read_text,
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": apart(read_html),
    ".htm": apart(read_html),
    ".pdf": apart(read_pdf),
    ".docx": apart(read_docx),
    ".eml": apart(read_mail),
}

KINDS = (*filter(None, READERS), *ROW_KINDS)
"""Endings of the files that are read; one without any is read as text."""


def is_row(path: str) -> bool:
    """True for an article that is a row of a file, ``news.csv#12``."""
    return kind_of(path) not in READERS


def hash_file(found: Found) -> tuple[str, bytes]:
    """The sha256 of a file's content, and the content.

    Raises Unreadable for a kind that has no reader and for what is too large, empty or cannot be opened.
    """
    _reader(found.path)
    try:
        size = found.file.stat().st_size
        if size > MAX_FILE_MB * 1_000_000:
            raise Unreadable(
                f"it has {size / 1_000_000:.0f} MB, and one file may have {MAX_FILE_MB}; split it into articles"
            )
        data = found.file.read_bytes()
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror})") from error
    if not data:
        raise Unreadable("it is empty")
    return hashlib.sha256(data).hexdigest(), data


def content_of(found: Found, known: KnownFiles) -> str:
    """The hash of all that makes a document: a file's content or a row's, and what a metadata.csv says of it.

    Raises Unreadable. ``known`` are the files that need not be read for it.
    """
    if found.part:
        return _with_beside(found.part.content, found)
    return _with_beside(known.hash_of(found.file, lambda: hash_file(found)[0]), found)


def load(found: Found) -> Document | Skipped:
    """The document in a file or in a part of one, or the reason why there is none."""
    try:
        content_hash, size, reading = _read(found)
        if not any(letter.isalnum() for words in _article(reading) for letter in words):
            raise Unreadable("it holds no words")
    except Unreadable as reason:
        row = f"row {found.part.row}: " if found.part else ""
        return Skipped(found.folder, found.path, f"{row}{reason}")
    return Document(
        found.folder, found.path, content_hash, size,
        reading.text, _metadata(found, reading), reading.marks, reading.notes, reading.pages,
    )  # fmt: skip


def _read(found: Found) -> tuple[str, int, Reading]:
    """The hash of the content, its size in bytes, and what was read."""
    if found.part:
        size = found.part.end - found.part.start
        return _with_beside(found.part.content, found), size, read_row(found, found.part)
    content_hash, data = hash_file(found)
    return _with_beside(content_hash, found), len(data), _reader(found.path)(data)


def _with_beside(content_hash: str, found: Found) -> str:
    if not found.beside:
        return content_hash
    return hashlib.sha256(f"{content_hash} {[vars(one) for one in found.beside]}".encode()).hexdigest()


def _article(reading: Reading) -> Iterator[str]:
    """The text outside the marked spans."""
    start = 0
    for mark in (*reading.marks, Mark(len(reading.text), len(reading.text), "end")):
        yield reading.text[start : mark.start]
        start = mark.end


def _metadata(found: Found, reading: Reading) -> Metadata:
    """What is known of an article: from a metadata.csv, else from itself; a language from its words, too."""
    known = from_fields(found.beside, otherwise=reading.metadata)
    if known.title != reading.metadata.title:
        known = replace(known, title_span=span_of_line(reading.text, known.title) or known.title_span)
    if known.language:
        return known
    words = "\n".join(filter(None, map(str.strip, _article(reading))))
    return from_fields([Field("language", recognise(words), "its words")], otherwise=known)


def _reader(path: str) -> Reader:
    kind = kind_of(path)
    reader = READERS.get(kind)
    if reader is None:
        raise Unreadable(f"{kind} files are not read yet; save it as .txt or .md")
    return reader
