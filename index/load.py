"""A file becomes a document: its text exactly as written, what in it is not article, and what is known of it.

New formats plug in at READERS: a reader gets the bytes of a file and returns a Reading. The stored text is
what citations point into; for plain text and Markdown it is the decoded file, unchanged, so that offsets
count in the file itself.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from index.boilerplate import Mark, mark_boilerplate
from index.folders import Found, Skipped
from index.metadata import Metadata, find_metadata, from_front_matter

MAX_FILE_MB = 50
"""A text of 50 MB is eight thousand newspaper pages: more is a dump, and splitting it gives better names."""

MAX_FRONT_MATTER = 64_000
"""Characters; longer than this between two ``---`` lines is no front matter."""


class Unreadable(Exception):
    """Why a file cannot become a document; the text is the reason shown to people."""


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a file."""

    text: str
    metadata: Metadata
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()


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

    @property
    def name(self) -> str:
        """``seeds/report.txt``"""
        return f"{self.folder}/{self.path}"


Reader = Callable[[bytes], Reading]


def read_text(data: bytes) -> Reading:
    """Plain text: the whole file is the text; metadata comes from its own lines."""
    text, notes = decode(data)
    metadata = find_metadata(text)
    return Reading(text, metadata, mark_boilerplate(text, metadata), notes)


def read_markdown(data: bytes) -> Reading:
    """Markdown, kept as it is written; YAML front matter becomes metadata and is not article."""
    text, notes = decode(data)
    end, values, problem = _front_matter(text)
    found = find_metadata(text, start=end)
    metadata = from_front_matter(values, otherwise=found)
    marks = mark_boilerplate(text, metadata, start=end)
    if end:
        marks = (Mark(0, end, "front matter"), *marks)
    return Reading(text, metadata, marks, notes + ((problem,) if problem else ()))


READERS: Mapping[str, Reader] = {
    "": read_text,
    ".txt": read_text,
    ".text": read_text,
    ".md": read_markdown,
    ".markdown": read_markdown,
}


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


def load(found: Found) -> Document | Skipped:
    """The document in a file, or the reason why there is none."""
    try:
        content_hash, data = hash_file(found)
        reading = _reader(found.path)(data)
        if not _has_words(reading):
            raise Unreadable("it holds no words")
    except Unreadable as reason:
        return Skipped(found.folder, found.path, str(reason))
    return Document(
        found.folder, found.path, content_hash, len(data),
        reading.text, reading.metadata, reading.marks, reading.notes,
    )  # fmt: skip


def _has_words(reading: Reading) -> bool:
    """True if a letter or a digit is left outside the marked spans."""
    start = 0
    for mark in (*reading.marks, Mark(len(reading.text), len(reading.text), "end")):
        if any(letter.isalnum() for letter in reading.text[start : mark.start]):
            return True
        start = mark.end
    return False


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file and notes about its decoding. Raises Unreadable for what is not text.

    UTF-8 first. A file that is UTF-8 but for a few damaged bytes keeps its letters, and the damaged places
    read U+FFFD: guessing another encoding would misspell every accent. Anything else is charset-normalizer's.
    """
    if not _has_wide_mark(data) and b"\x00" in data:
        raise Unreadable("it is not text")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    repaired = data.decode("utf-8", "replace")
    damaged = repaired.count("\ufffd")
    if damaged * 10 < sum(letter > "\x7f" for letter in repaired):
        return repaired, (f"{damaged} damaged places are not UTF-8 and read \ufffd",)
    return _decode_by_statistics(data)


def _decode_by_statistics(data: bytes) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes  # 40 ms, and nearly every file is UTF-8

    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        raise Unreadable("it is not text")
    for match in matches:
        # Spanish and French read as well in cp1250, with other letters; of two equals the Western one is meant
        if "cp1252" in match.could_be_from_charset and (match.chaos, -match.coherence) <= (best.chaos, -best.coherence):
            best = match
    return str(best), (f"decoded as {best.encoding}",)


def _has_wide_mark(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


def kind_of(path: str) -> str:
    """``.txt`` for ``news/Report.TXT``"""
    return PurePosixPath(path).suffix.lower()


def _reader(path: str) -> Reader:
    kind = kind_of(path)
    reader = READERS.get(kind)
    if reader is None:
        raise Unreadable(f"{kind} files are not read yet; save it as .txt or .md")
    return reader


def _front_matter(text: str) -> tuple[int, Mapping[str, Any], str | None]:
    """Where front matter ends (0 for none), what it says, and what is wrong with it."""
    start = 1 if text.startswith("\ufeff") else 0
    first, *_ = text[start : start + 10].splitlines() or [""]
    if first.strip() != "---":
        return 0, {}, None
    body = text.find("\n", start) + 1
    position = body
    for line in text[body : body + MAX_FRONT_MATTER].splitlines(keepends=True):
        if line.strip() in ("---", "..."):
            return position + len(line), *_parse_yaml(text[body:position])
        position += len(line)
    return 0, {}, None


def _parse_yaml(source: str) -> tuple[Mapping[str, Any], str | None]:
    import yaml

    try:
        values = yaml.safe_load(source)
    except (yaml.YAMLError, ValueError, ArithmeticError, LookupError, AttributeError, RecursionError) as error:
        # more than YAMLError: PyYAML lets `!!bool x`, `!!timestamp x` and a thousand brackets through to Python
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 2})" if mark else ""
        return {}, f"its front matter is not valid YAML{place} and was left out"
    if not isinstance(values, dict):
        return {}, None if values is None else "its front matter is not a list of fields and was left out"
    return {key.lower(): value for key, value in values.items() if isinstance(key, str)}, None
