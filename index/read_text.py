"""Plain text and Markdown: the stored text is the decoded file, unchanged, so that offsets count in the file itself."""

import re
from collections.abc import Mapping
from typing import Any

from index.boilerplate import Mark, mark_boilerplate
from index.encoding import has_wide_mark, older_encoding
from index.metadata import find_metadata, from_front_matter
from index.reading import Reading, Unreadable

MAX_FRONT_MATTER = 64_000
"""Characters; longer than this between two ``---`` lines is no front matter."""

PLAIN_FIELD = re.compile(r"^([A-Za-z][\w-]{0,60}):[ \t]+([^\s\[{!&*|>#%`].*)", re.MULTILINE)
"""A field on a line of its own, as people write it: ``title: Re: the budget`` is no YAML."""

REPLACED = "\ufffd"


def read_text(data: bytes) -> Reading:
    """Plain text: the whole file is the text; metadata comes from its own lines."""
    text, notes = decode(data)
    metadata = find_metadata(text)
    return Reading(text, metadata, mark_boilerplate(text, metadata), notes)


def read_markdown(data: bytes) -> Reading:
    """Markdown, kept as it is written; front matter (YAML, TOML) becomes metadata and is not article."""
    text, notes = decode(data)
    end, values, problem = _front_matter(text)
    found = find_metadata(text, start=end)
    metadata = from_front_matter(values, otherwise=found)
    marks = mark_boilerplate(text, metadata, start=end)
    if end:
        marks = (Mark(0, end, "front matter"), *marks)
    return Reading(text, metadata, marks, notes + ((problem,) if problem else ()))


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file and notes about its decoding. Raises Unreadable for what is not text.

    UTF-8 first. A file that is UTF-8 but for a few damaged bytes keeps its letters, and the damaged places
    read U+FFFD: guessing another encoding would misspell every accent. Anything else is an older encoding.
    """
    if data.startswith(b"%PDF-"):  # its first page may well be letters only
        raise Unreadable("it is a PDF; give it a name that ends in .pdf")
    if not has_wide_mark(data) and b"\x00" in data:
        raise Unreadable("it is not text")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    repaired = data.decode("utf-8", "replace")
    if _is_damaged_utf8(repaired):
        return repaired, (damaged_note(repaired),)
    encoding = _older_encoding(data)
    text = data.decode(encoding, "replace")
    damaged = (damaged_note(text, encoding),) if REPLACED in text else ()
    return text, (encoding_note(encoding), *damaged)


def encoding_of(data: bytes) -> str:
    """The encoding of a text by the same rules, without its text. Raises Unreadable for what is not text."""
    repaired = data.decode("utf-8", "replace")
    if "\ufffd" not in repaired or _is_damaged_utf8(repaired):
        return "utf-8"
    return _older_encoding(data)


def damaged_note(text: str, encoding: str = "UTF-8") -> str:
    """What is said of a text with damaged places."""
    return f"{text.count(REPLACED)} damaged places are not {encoding} and read {REPLACED}"


def encoding_note(encoding: str) -> str:
    """What is said of a text that is not UTF-8."""
    return f"decoded as {encoding}"


def _is_damaged_utf8(repaired: str) -> bool:
    return repaired.count(REPLACED) * 10 < sum(letter > "\x7f" for letter in repaired)


def _older_encoding(data: bytes) -> str:
    encoding = older_encoding(data)
    if encoding is None:
        raise Unreadable("it is not text")
    return encoding


def _front_matter(text: str) -> tuple[int, Mapping[str, Any], str | None]:
    """Where front matter ends (0 for none), what it says, and what is wrong with it."""
    start = 1 if text.startswith("\ufeff") else 0
    first, *_ = text[start : start + 10].splitlines() or [""]
    fence = first.strip()
    if fence not in ("---", "+++"):
        return 0, {}, None
    body = text.find("\n", start) + 1
    position = body
    for line in text[body : body + MAX_FRONT_MATTER].splitlines(keepends=True):
        if line.strip() == fence or (fence == "---" and line.strip() == "..."):
            parse = _parse_yaml if fence == "---" else _parse_toml
            return position + len(line), *parse(text[body:position])
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
        values = {key.lower(): value.strip().strip("\"'") for key, value in reversed(PLAIN_FIELD.findall(source))}
        become = "read line by line" if values else "left out"
        return values, f"its front matter is not valid YAML{place} and was {become}"
    if not isinstance(values, dict):
        return {}, None if values is None else "its front matter is not a list of fields and was left out"
    return {key.lower(): value for key, value in values.items() if isinstance(key, str)}, None


def _parse_toml(source: str) -> tuple[Mapping[str, Any], str | None]:
    import tomllib

    try:
        return {key.lower(): value for key, value in tomllib.loads(source).items()}, None
    except (ValueError, RecursionError):
        return {}, "its front matter is not valid TOML and was left out"
