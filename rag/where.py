"""Filters: which documents a question is asked of. They work inside both searches, not on their results.

where={"publisher": "Latin Post", "since": "2023-04", "until": "2023-06-30"}
"""

import calendar
import datetime
import difflib
import fnmatch
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from weakref import WeakKeyDictionary

import numpy as np

from index.catalog import Particulars
from index.errors import UsageError
from index.opened import Index
from index.vectors import Ids

FILTERS = ("document", "publisher", "author", "since", "until")

Where = Mapping[str, str | Sequence[str]]

UNPASSED = {
    "document": "No document has the name {value}.",
    "publisher": "No document has the publisher {value}.",
    "author": "No document has the author {value}.",
    "since": "No document is dated {value} or later.",
    "until": "No document is dated {value} or earlier.",
}
"""What is said of a filter that lets nothing through; a hint may follow."""

DID_YOU_MEAN = "Did you mean {near}?"
LATEST = "The latest is of {near}."
EARLIEST = "The earliest is of {near}."
UNKNOWN = {
    "document": "There are no documents.",
    "publisher": "No publisher is known.",
    "author": "No author is known.",
    "since": "No date is known.",
    "until": "No date is known.",
}
TOGETHER = "No document passes all of these filters: {filters}."
BACKWARDS = "Nothing lies since {since} and until {until}: the first date comes after the second. Exchange them."

NEAR = 0.75
"""Of a name that is suggested, how alike it is to the one that was given (difflib): one letter in four may differ."""

KEPT = 16
"""Selections kept for each opened index: people ask several questions under one filter."""


@dataclass(frozen=True, eq=False)
class Selection:
    """The documents that filters let through, and their chunks; ids ascend."""

    documents: list[int]
    chunks: Ids


_selections: WeakKeyDictionary[Index, dict[str, Selection]] = WeakKeyDictionary()


def select(index: Index, where: Where | None) -> Selection | None:
    """The documents that every filter lets through, and their chunks; None where there is no filter.

    document: a name or a pattern (``report.txt``, ``seeds/*.txt``); publisher, author: part of the name,
    capitals and accents ignored; since, until: a day, month or year (``2023-04-14``, ``2023-04``, ``2023``),
    both included. A document whose particular is unknown does not pass a filter on it. Several values of
    one filter are alternatives. Raises UsageError for filters that are no mapping, an unknown filter, a date that is
    none, and a first date after the last.
    """
    if where is not None and not isinstance(where, Mapping):
        raise UsageError(f"The filters are a mapping like {{'publisher': 'Latin Post'}}, not {type(where).__name__}.")
    tests = [_test(name, value) for name, value in (where or {}).items() if value]
    if not tests:
        return None
    _refuse_backwards(where or {})
    kept, key = _selections.setdefault(index, {}), repr(sorted((where or {}).items()))
    if key not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        documents = sorted(row.id for row in index.catalog.particulars() if all(test(row) for test in tests))
        kept[key] = Selection(documents, np.asarray(index.catalog.chunk_ids(documents), dtype=np.int64))
    return kept[key]


def nothing_passes(index: Index, where: Where | None) -> tuple[str, ...]:
    """Why no document passes the filters, a text for each that lets nothing through; empty where a document does.

    >>> nothing_passes(index, {"publisher": "Reuterz"})  # doctest: +SKIP
    ('No document has the publisher Reuterz. Did you mean Reuters?',)
    """
    selected = select(index, where)
    if selected is None or selected.documents:
        return ()
    given = {name: value for name, value in (where or {}).items() if value}
    rows = index.catalog.particulars()
    alone = tuple(
        _unpassed(name, value, rows) for name, value in given.items() if not any(map(_test(name, value), rows))
    )
    return alone or (TOGETHER.format(filters=", ".join(f"{name} {_either(value)}" for name, value in given.items())),)


def unknown_values(index: Index, where: Where | None) -> tuple[str, ...]:
    """What is said of each value that lets nothing through where another of the same filter lets something.

    >>> unknown_values(index, {"publisher": ["AP", "Reuterz"]})  # doctest: +SKIP
    ('No document has the publisher Reuterz. Did you mean Reuters?',)
    """
    said: list[str] = []
    for name, values in ((name, _values(value)) for name, value in (where or {}).items() if value):
        rows = index.catalog.particulars() if len(values) > 1 else []
        unknown = [one for one in values if not any(map(_test(name, one), rows))]
        if len(unknown) < len(values):
            said += [_unpassed(name, one, rows) for one in unknown]
    return tuple(said)


def _unpassed(name: str, value: str | Sequence[str], rows: Sequence[Particulars]) -> str:
    """What is said of a filter that lets nothing through, with the nearest value that would let something."""
    said, known = UNPASSED[name].format(value=_either(value)), _known(name, rows)
    if not known:
        return f"{said} {UNKNOWN[name]}"
    if name == "since":
        return f"{said} {LATEST.format(near=max(known, key=_last_day))}"
    if name == "until":
        return f"{said} {EARLIEST.format(near=min(known, key=_first_day))}"
    parts_of = _stems_of if name == "document" else _parts_of
    near = next(filter(None, (_nearest(one, known, parts_of) for one in _values(value))), None)
    return f"{said} {DID_YOU_MEAN.format(near=near)}" if near else said


def _either(value: str | Sequence[str]) -> str:
    return " or ".join(_values(value))


def _values(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _known(name: str, rows: Sequence[Particulars]) -> list[str]:
    """What the documents have of this kind, in a fixed order."""
    if name == "document":
        return sorted(row.path for row in rows) + sorted(row.name for row in rows)
    attribute = "published" if name in ("since", "until") else name
    return sorted({value for row in rows if (value := getattr(row, attribute))})


def _nearest(wanted: str, known: Sequence[str], parts_of: Callable[[str, str], Iterator[str]]) -> str | None:
    """The known name that was meant, whole or in part; None where none is near."""
    whole: dict[str, str] = {}
    for name in known:
        for part in parts_of(name, wanted):
            whole.setdefault(_folded(part), name)
    [meant] = parts_of(wanted, wanted)
    close = difflib.get_close_matches(_folded(meant), whole, 1, NEAR)
    return whole[close[0]] if close else None


def _parts_of(name: str, wanted: str) -> Iterator[str]:
    """What a filter may have meant of a name: as many words as it has, or all.

    >>> list(_parts_of("The Latin Post", "Latn Post"))
    ['The Latin Post', 'The Latin', 'Latin Post']
    """
    words, length = name.split(), len(wanted.split())
    yield name
    if length < len(words):
        yield from (" ".join(words[start : start + length]) for start in range(len(words) - length + 1))


def _stems_of(path: str, wanted: str) -> Iterator[str]:
    """What a filter may have meant of a path, without its ending, in which most are alike; folders where it has some.

    >>> list(_stems_of("2023/report.txt", "reprt.txt"))
    ['report']
    """
    stem = path.removesuffix(PurePosixPath(path).suffix)
    yield stem if "/" in wanted else PurePosixPath(stem).name


def _refuse_backwards(where: Where) -> None:
    """Raises UsageError where the first date comes after the last, so that no date could pass."""
    since, until = (_values(where.get(name) or ()) for name in ("since", "until"))
    if since and until and min(map(_first_day, since)) > max(map(_last_day, until)):
        raise UsageError(BACKWARDS.format(since=_either(since), until=_either(until)))


def _test(name: str, value: str | Sequence[str]) -> Callable[[Particulars], bool]:
    values = [value] if isinstance(value, str) else list(value) if isinstance(value, Sequence) else [value]
    if not all(isinstance(one, str) for one in values):
        raise UsageError(f"The filter {name!r} takes text, not {value!r}.")
    if name == "document":
        return lambda row: any(_names(row, pattern) for pattern in values)
    if name in ("publisher", "author"):
        wanted = [_folded(one) for one in values]
        return lambda row: any(one in _folded(getattr(row, name) or "") for one in wanted)
    if name == "since":
        first = min(_first_day(one) for one in values)
        return lambda row: row.published is not None and _last_day(row.published) >= first
    if name == "until":
        last = max(_last_day(one) for one in values)
        return lambda row: row.published is not None and _first_day(row.published) <= last
    close = difflib.get_close_matches(str(name), FILTERS, 1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(FILTERS)}."
    raise UsageError(f"There is no filter {name!r}. {hint}")


def _names(row: Particulars, pattern: str) -> bool:
    """Whether a pattern fits a document; an accent may be a sign of its own (NFD), as in names from a Mac."""
    wanted = unicodedata.normalize("NFC", pattern)
    names = [unicodedata.normalize("NFC", name) for name in (row.path, row.name)]
    return any(fnmatch.fnmatchcase(name, wanted) or name == wanted for name in names)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def _first_day(date: str) -> datetime.date:
    year, month, day = _parts(date)
    return datetime.date(year, month or 1, day or 1)


def _last_day(date: str) -> datetime.date:
    year, month, day = _parts(date)
    month = month or 12
    return datetime.date(year, month, day or calendar.monthrange(year, month)[1])


def _parts(date: str) -> tuple[int, int | None, int | None]:
    """Year, month and day; None for what the date leaves open."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", str(date).strip())
    try:
        if not match:
            raise ValueError
        year, month, day = (None if part is None else int(part) for part in match.groups())
        assert year is not None
        datetime.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise UsageError(f"{date!r} is not a date. Write 2023-04-14, 2023-04 or 2023.") from None
    return year, month, day
