"""The filter above the question: which documents are asked, offered from what is indexed, cleared with one press."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import gradio as gr

from app.address import Address, filters_in
from app.notes import say_problem
from app.press import sent
from app.templates import render
from app.words import say_again
from index import open_index
from index.catalog import Particulars
from index.errors import FootnotedError, UsageError
from index.opened import Index
from rag.where import FILTERS, select

MOST_CHOICES = 200
"""Publishers and authors that are offered, the most frequent; others can be typed."""

LABELS = {"publisher": "Publisher", "author": "Author", "since": "Since", "until": "Until", "document": "Document"}
"""In the order of the form; `rag.where` says what each lets through."""

DATES = ("since", "until")
NO_DATE = "{words} is not a date. Write 2023-04-14, 2023-04 or 2023."

assert set(LABELS) == set(FILTERS)


class Filters:
    """The actions of the filter."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def apply(self, event: gr.EventData, address: object) -> tuple[str, str]:
        """The address with the filter that was sent, and the filter; a date that is none is said under its field."""
        return self._shown(filters_in(sent(event)), Address.parse(address))

    def only(self, event: gr.EventData, address: object) -> tuple[str, str]:
        """The filter for one document, in place of every other."""
        return self._shown(filters_in({"document": sent(event).get("value")}), Address.parse(address))

    def clear(self, address: object) -> tuple[str, str]:
        """No filter."""
        return self._shown({}, Address.parse(address))

    def load(self, query: object) -> tuple[str, str]:
        """The address and the filter that the page was opened with."""
        address = Address.parse(query)
        return self._shown(address.where, replace(address, where={}))

    def _shown(self, wanted: Mapping[str, str], before: Address) -> tuple[str, str]:
        try:
            problems = problems_with(wanted, open_index(self.index_dir))
        except FootnotedError:
            problems = {}  # the masthead says what is wrong with the index
        where = before.where if problems else wanted
        return str(replace(before, where=where)), filters_html(where, wanted, problems)


def problems_with(where: Mapping[str, str], index: Index) -> dict[str, str]:
    """A sentence for each filter that is none."""
    problems = {}
    for name in DATES:
        try:
            select(index, {name: where.get(name, "")})
        except UsageError as error:
            problems[name] = say_again(str(error), [NO_DATE])
    if not problems:
        try:
            select(index, {name: where.get(name, "") for name in DATES})
        except UsageError as error:  # the first date comes after the last
            problems[DATES[-1]] = say_problem(str(error))
    return problems


def filters_html(where: Mapping[str, str], wanted: Mapping[str, str], problems: Mapping[str, str]) -> str:
    """What is filtered for, and the form; it stays open where something in it is to be put right."""
    active = [(LABELS[name], where[name]) for name in LABELS if name in where]
    return render("filters.html", active=active, labels=LABELS, wanted=wanted, problems=problems, dates=DATES)


def choices_html(index: Index) -> str:
    """The publishers and authors there are, with the number of their documents, for the fields to offer."""
    rows = index.catalog.particulars()
    return render("choices.html", choices={name: _most_frequent(rows, name) for name in ("publisher", "author")})


def _most_frequent(rows: list[Particulars], name: str) -> list[tuple[str, int]]:
    counts = Counter(value for row in rows if (value := getattr(row, name)))
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_CHOICES]
