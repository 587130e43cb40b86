"""Managing: the list of documents, what was skipped and why, and the rebuild."""

import logging
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import gradio as gr

from app.footnotes import Pointer, shown_title
from app.templates import render
from index import build, open_index
from index.catalog import DocumentRow
from index.errors import FootnotedError
from index.opened import Index
from index.sync import BuildReport

DOCUMENTS_SHOWN = 200
NAMES_SHOWN = 100
"""A list of 100,000 documents would stall the browser; the filter finds the others."""

FILTER_FROM = 20
"""Documents; fewer are seen at a glance."""

A_BUG = "This should not have happened: it is a bug in footnoted. The terminal it was started from says more."

Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change

log = logging.getLogger(__name__)


class Documents:
    """The actions of the documents."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def list(self, words: object) -> Update:
        """The documents whose title or name has these words."""
        try:
            return documents_html(open_index(self.index_dir), words if isinstance(words, str) else "")
        except FootnotedError:
            return gr.skip()  # `look_at_index` says what is wrong with the index

    def rebuild(self) -> Iterator[tuple[str, gr.Button]]:
        """How far the build is, then what it did. The build has its own thread and outlives a closed tab."""
        events: SimpleQueue[_BuildEvent] = SimpleQueue()
        # a daemon, for Ctrl-C not to wait for it: a build cut short leaves the generation in use as it is
        Thread(target=_build, args=(self.index_dir, events), daemon=True).start()
        event: _BuildEvent = ("Starting", 0, 0)
        while isinstance(event, tuple):
            stage, done, total = event
            yield render("rebuild.html", stage=stage, done=done, total=total), gr.Button(interactive=False)
            event = _latest(events)
        yield rebuilt_html(event), gr.Button(interactive=True)


def documents_html(index: Index, words: str) -> str:
    """The documents with these words in their title or name, and the files that were skipped."""
    wanted = words.casefold().split()
    found = [row for row in index.documents() if all(word in _searched(row) for word in wanted)]
    shown = [
        {
            "pointer": Pointer.to(row.id),
            "title": shown_title(row.title, row.folder, row.path),
            "name": row.name,
            "publisher": row.publisher,
            "published": row.published,
            "characters": row.characters,
        }
        for row in found[:DOCUMENTS_SHOWN]
    ]
    more = len(found) - len(shown)
    return render("documents.html", documents=shown, more=more, skipped=index.skipped, most=NAMES_SHOWN)


def rebuilt_html(outcome: BuildReport | str) -> str:
    """What a build did, with names; or the sentence that says why it did not."""
    if isinstance(outcome, str):
        return render("rebuild.html", problem=outcome)
    skipped = [f"{file.name}: {file.reason}" for file in outcome.skipped]
    renamed = [f"{old} is now {new}" for old, new in outcome.renamed]
    names = (outcome.added, outcome.changed, renamed, outcome.removed, skipped)
    changes = list(zip(("added", "changed", "renamed", "removed", "skipped"), names, strict=True))
    return render("rebuild.html", summary=outcome.summary(), changes=changes, most=NAMES_SHOWN)


_BuildEvent = tuple[str, int, int] | BuildReport | str
"""Stage, done and total while it runs; at the end the report, or a sentence."""


def _build(index_dir: str | Path, events: "SimpleQueue[_BuildEvent]") -> None:
    """Build with the folders of last time; everything that happens goes into the queue, the outcome last."""

    def progress(stage: str, done: int, total: int) -> None:
        events.put((stage, done, total))

    try:
        events.put(build(index_dir=index_dir, progress=progress))
    except FootnotedError as error:
        events.put(str(error))
    except Exception:
        log.exception("The index could not be rebuilt")
        events.put(A_BUG)


def _latest(events: "SimpleQueue[_BuildEvent]") -> _BuildEvent:
    """The next event, or the newest where several wait: a build reports faster than a page can be drawn."""
    event = events.get()
    while isinstance(event, tuple):
        try:
            event = events.get_nowait()
        except Empty:
            break
    return event


def _searched(row: DocumentRow) -> str:
    return f"{row.title or ''} {row.name}".casefold()
