"""A wrong answer, reported, becomes a case for ``footnoted evaluate``: what should have come, and a note.

The cases lie beside the index, one a line, in the format of `rag.evaluate`; its fields are those of a question set.
"""

import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import Address
from app.notes import say_problem
from app.press import sent
from app.store import NotKept, Store
from app.templates import read_static, render
from app.turns import Turn
from index import open_index
from index.catalog import DocumentRow
from index.errors import FootnotedError
from index.opened import Index, index_path

FILE = "reported.jsonl"
LONGEST_TEXT = 5_000

KINDS = {
    "elsewhere": "The documents say it elsewhere, in these words",
    "nowhere": "The documents do not say it",
}

GONE = "This answer is no longer kept here. Ask again."
KEPT = "Thank you. The answer is a case for footnoted evaluate now."
NO_QUOTE = "Give the words that answer, exactly as they stand in the document."
NO_DOCUMENT = "There is no document with this name. Copy it from the source."
NOT_THERE = "These words do not stand in this document exactly like that. Copy them from the source."
NO_KIND = "Say what should have been answered."


class ReportRefused(FootnotedError):
    """A report that lacks what a case needs."""


class Feedback:
    """The actions of a report."""

    def __init__(self, index_dir: str | Path, store: Store) -> None:
        self.index_dir = index_dir
        self.store = store

    def begin(self, event: gr.EventData, address: object) -> str:
        """The form for the answer whose button was pressed."""
        conversation = Address.parse(address).conversation
        turn = self._turn(conversation, sent(event).get("value"))
        return _form(turn, {"conversation": conversation}) if turn else render("report.html", said=GONE)

    def send(self, event: gr.EventData) -> str:
        """The word that the case is kept, or the form with what is missing."""
        values = {name: value[:LONGEST_TEXT] for name, value in sent(event).items() if isinstance(value, str)}
        turn = self._turn(values.get("conversation"), values.get("turn"))
        if turn is None:
            return render("report.html", said=GONE)
        try:
            keep_case(self.index_dir, case_of(turn, values, open_index(self.index_dir)))
        except FootnotedError as error:
            return _form(turn, values, say_problem(str(error)))
        return render("report.html", said=KEPT)

    def cancel(self) -> str:
        """No form."""
        return ""

    def _turn(self, conversation: object, value: object) -> Turn | None:
        """The turn of a conversation, which need not be the one that is open any more."""
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else 0
        try:
            return self.store.turn(conversation if isinstance(conversation, str) else "", number)
        except NotKept:
            return None


def report_form() -> gr.HTML:
    """The part of the page for the form, empty."""
    return gr.HTML("", js_on_load=read_static("report.js"), apply_default_css=False, elem_id="report")


def case_of(turn: Turn, values: Mapping[str, str], index: Index) -> dict[str, Any]:
    """The case for a turn, as a line of a question set. Raises ReportRefused for what `evaluate` could not use."""
    now = datetime.now(UTC)
    case: dict[str, Any] = {
        "id": f"reported-{now:%Y%m%d}-{secrets.token_hex(4)}",
        "question": turn.question,
        "note": values.get("note", ""),
        "answered": turn.text,
        "where": dict(turn.where),
        "generation": turn.generation,
        "reported": now.isoformat(timespec="seconds"),
    }
    if values.get("kind") == "nowhere":
        return {**case, "answerable": False, "doc": turn.notes[0].document if turn.notes else None}
    if values.get("kind") != "elsewhere":
        raise ReportRefused(NO_KIND)
    name, quote = _found(values, index)
    return {**case, "answerable": True, "doc": name, "quotes": [quote]}


def keep_case(index_dir: str | Path, case: Mapping[str, Any]) -> Path:
    """Adds a case to the file, which only its owner can read, and says where that is."""
    file = index_path(index_dir) / FILE
    line = json.dumps(case, ensure_ascii=False) + "\n"
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as stream:
            stream.write(line)
    except OSError as error:
        raise ReportRefused(f"The case cannot be kept in {file} ({error.strerror}).") from error
    return file


def _found(values: Mapping[str, str], index: Index) -> tuple[str, str]:
    """The document and the words in it that answer."""
    # a browser sends line ends as CR LF, which no article that was not written so has
    name, quote = values.get("document", "").strip(), values.get("quote", "").strip().replace("\r\n", "\n")
    if not quote:
        raise ReportRefused(NO_QUOTE)
    row = next((row for row in index.documents() if name in (row.name, row.path)), None)
    if row is None:
        raise ReportRefused(NO_DOCUMENT)
    if quote not in _text(row, index):
        raise ReportRefused(NOT_THERE)
    return row.name, quote


def _text(row: DocumentRow, index: Index) -> str:
    document = index.document(row.id)
    return document.text if document else ""


def _form(turn: Turn, values: Mapping[str, str], problem: str = "") -> str:
    return render("report.html", turn=turn, kinds=KINDS, values=values, problem=problem)
