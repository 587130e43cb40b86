"""Managing: the list of documents, adding and taking away, what was skipped and why, and the rebuild."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from app.building import Builder, Building
from app.files import FileRefused, Removal, removals, remove, restore
from app.footnotes import Pointer, shown_title
from app.notes import say_problem, say_reason
from app.press import sent
from app.templates import read_static, render
from app.words import say
from index import open_index
from index.catalog import ORDERS
from index.errors import FootnotedError
from index.generations import Manifest
from index.load import KINDS
from index.opened import Index
from index.reading import MAX_FILE_MB
from index.sync import BuildReport

PAGE_DOCUMENTS = 50
"""Documents on one page of the list: 100,000 at once would stall the browser."""

NAMES_SHOWN = 100
"""Of skipped or changed files, in one list."""

LONGEST_SEARCH = 200

ORDER_LABELS = {
    "name": "Name",
    "title": "Title",
    "publisher": "Publisher",
    "date": "Date, newest first",
    "size": "Size",
    "state": "State, taken away first",
}

assert ORDER_LABELS.keys() - ORDERS.keys() == {"state"}

ONE_CHANGE = ("1 added", "1 changed", "1 renamed", "1 removed", "1 skipped")
CHANGES = ("{number} added", "{number} changed", "{number} renamed", "{number} removed", "{number} skipped")

STAGES = {
    "waiting": "Another program is building the index; this build begins when that one ends",
    "looking": "Looking at the files", "reading": "Reading", "embedding": "Embedding", "comparing": "Comparing",
    "writing": "Writing",
}  # fmt: skip
"""What a build is doing, by the steps it names."""

POSITIVE = re.compile(r"[1-9][0-9]{0,8}")

Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change


@dataclass(frozen=True)
class Listing:
    """Which part of the list is shown."""

    words: str = ""
    order: str = "name"
    page: int = 1  # from 1

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Listing":
        """The part that a browser asks for; what it cannot have is left out."""
        words, order, page = (values.get(name) for name in ("words", "order", "page"))
        return cls(
            " ".join(words.split())[:LONGEST_SEARCH] if isinstance(words, str) else "",
            order if isinstance(order, str) and order in ORDER_LABELS else "name",
            int(page) if isinstance(page, str) and POSITIVE.fullmatch(page) else 1,
        )


class Documents:
    """The actions of the documents."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir
        self._builder = Builder(index_dir)
        self._seen: Manifest | None = None  # of the index as it was last there
        with suppress(FootnotedError):
            self._last_seen()

    def list(self, event: gr.EventData, before: object) -> tuple[Update, Update]:
        """The page of the list that was asked for, and which one it is; other words than before begin at the first."""
        listing = Listing.of(sent(event))
        if isinstance(before, Listing) and replace(listing, page=before.page) != before:
            listing = replace(listing, page=1)
        try:
            return documents_html(open_index(self.index_dir), listing), listing
        except FootnotedError:
            return gr.skip(), gr.skip()  # `overview` says what is wrong with the index

    def remove(self, event: gr.EventData, listing: object) -> Update:
        """The list with the file of a document taken away, and a way to bring it back."""
        value = str(sent(event).get("value"))
        return self._changed(lambda index: remove(index, int(value) if POSITIVE.fullmatch(value) else 0), listing)

    def restore(self, event: gr.EventData, listing: object) -> Update:
        """The list with a file brought back."""
        return self._changed(lambda index: restore(index, str(sent(event).get("value"))), listing, is_back=True)

    def _changed(self, change: Callable[[Index], Removal], listing: object, *, is_back: bool = False) -> Update:
        shown = listing if isinstance(listing, Listing) else Listing()
        try:
            index = open_index(self.index_dir)
            try:
                removal = change(index)
            except FileRefused as error:
                return documents_html(index, shown, str(error))
        except FootnotedError:
            return gr.skip()
        is_unknown = is_back and removal.generation != index.generation  # a build since then left it out
        return documents_html(index, shown, unknown=removal.name if is_unknown else "")

    def rebuild(self) -> Iterator[tuple[Update, Update]]:
        """How far the build is, then what it did; where one is under way, by whichever tab, that one."""
        try:
            seen = self._last_seen()
        except FootnotedError as error:
            yield rebuilt_html(str(error)), gr.Button(interactive=True)
            return
        yield from _shown(self._builder.begin(seen))

    def find_build(self) -> gr.Timer:
        """The timer of `follow`, going where a page is opened while a build is under way."""
        return gr.Timer(active=self._builder.under_way is not None)

    def follow(self) -> Iterator[tuple[Update, Update, gr.Timer]]:
        """What `rebuild` gives, of the build that is under way, and its timer, which has done its work."""
        building, done = self._builder.under_way, gr.Timer(active=False)
        shown = _shown(building) if building else [(gr.skip(), gr.skip())]
        yield from ((outcome, button, done) for outcome, button in shown)

    def _last_seen(self) -> Manifest:
        """What the index is made of; where it cannot be opened any more, what it was made of.

        Raises FootnotedError where it never could.
        """
        try:
            self._seen = open_index(self.index_dir).manifest
        except FootnotedError:
            if self._seen is None:
                raise
        return self._seen


def documents_html(index: Index, listing: Listing, problem: str = "", unknown: str = "") -> str:
    """A page of the list, the files that were taken away, and those that were skipped.

    unknown: a file that came back, and that the index does not know.
    """
    first = (listing.page - 1) * PAGE_DOCUMENTS
    taken = removals(index)
    gone = [one for one in taken if not one.is_replaced]
    names = {one.name for one in gone}
    order, ahead = ("name", names) if listing.order == "state" else (listing.order, set[str]())
    rows, found = index.catalog.listed(listing.words, order, first, PAGE_DOCUMENTS, ahead)
    pages = max(1, -(-found // PAGE_DOCUMENTS))
    if listing.page > pages:  # of a list that has become shorter
        return documents_html(index, replace(listing, page=pages), problem, unknown)
    shown = [
        {
            "row": row,
            "pointer": Pointer.to(row.id),
            "title": shown_title(row.title, row.folder, row.path),
            "gone": row.name in names,
        }
        for row in rows
    ]
    return render(
        "documents.html",
        documents=shown,
        listing=listing,
        found=found,
        pages=pages,
        orders=ORDER_LABELS,
        taken=taken,
        still_answers=index.catalog.has_any(names),
        problem=problem,
        unknown=unknown,
        skipped=index.skipped,
        most=NAMES_SHOWN,
    )


def upload_html(index: Index) -> str:
    """The form that takes articles in."""
    about = {"generation": index.generation, "folders": list(index.folders)}
    return render("upload.html", **about, kinds=KINDS, most_mb=MAX_FILE_MB)


def uploader(value: str = "") -> gr.HTML:
    """The part of the page with that form; its script sends the files one by one."""
    return gr.HTML(value, js_on_load=read_static("upload.js"), apply_default_css=False, elem_id="upload")


def rebuilt_html(outcome: BuildReport | str) -> str:
    """What a build did, with names; or the sentence that says why it did not."""
    if isinstance(outcome, str):
        return render("rebuild.html", problem=say(say_problem(outcome)))
    skipped = [f"{file.name}: {say_reason(file.reason)}" for file in outcome.skipped]
    renamed = [say("{old} is now {new}", old=old, new=new) for old, new in outcome.renamed]
    names = (outcome.added, outcome.changed, renamed, outcome.removed, skipped)
    changes = [(one if len(of) == 1 else many, of) for one, many, of in zip(ONE_CHANGE, CHANGES, names, strict=True)]
    return render("rebuild.html", outcome=outcome, changes=changes, most=NAMES_SHOWN)


def _shown(building: Building) -> Iterator[tuple[Update, Update]]:
    """A build as the page shows it, with the button that begins one."""
    for event in building.events():
        if isinstance(event, tuple):
            stage, done, total = event
            shown = render("rebuild.html", stage=STAGES.get(stage, stage), done=done, total=total)
            yield shown, gr.Button(interactive=False)
        else:
            yield rebuilt_html(event), gr.Button(interactive=True)
