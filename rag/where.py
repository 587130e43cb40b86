"""Filters: which documents a question is asked of. They work inside both searches, not on their results.

where={"publisher": "Latin Post", "since": "2023-04", "until": "2023-06-30"}
"""

import calendar
import datetime
import difflib
import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from index.catalog import Particulars
from index.errors import UsageError
from index.opened import Index
from index.vectors import Ids

FILTERS = ("document", "publisher", "author", "since", "until")

Where = Mapping[str, str | Sequence[str]]

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
    one filter are alternatives. Raises UsageError for an unknown filter or a date that is none.
    """
    tests = [_test(name, value) for name, value in (where or {}).items() if value]
    if not tests:
        return None
    kept, key = _selections.setdefault(index, {}), repr(sorted((where or {}).items()))
    if key not in kept:
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        documents = sorted(row.id for row in index.catalog.particulars() if all(test(row) for test in tests))
        kept[key] = Selection(documents, np.asarray(index.catalog.chunk_ids(documents), dtype=np.int64))
    return kept[key]


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
    close = difflib.get_close_matches(name, FILTERS, 1)
    hint = f"Did you mean {close[0]!r}?" if close else f"There are: {', '.join(FILTERS)}."
    raise UsageError(f"There is no filter {name!r}. {hint}")


def _names(row: Particulars, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) or name == pattern for name in (row.path, row.name))


def _folded(text: str) -> str:
    import unicodedata

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
