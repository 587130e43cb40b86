"""The source panel: the article a footnote points into, with the quoted words marked, and in them those that answer.

`article_html` decides what the panel says for a pointer; ``static/panel.html`` lays it out and escapes it.

Gradio runs a component's *template* as code: first ``{{...}}``, then ``${...}`` in what came of it. A document
with ``${...}`` in it would be run. So no text goes into a template, but into the *value*, inserted as it is.
"""

from dataclasses import replace
from itertools import count
from pathlib import Path

import gradio as gr

from app.clipboard import clipping_html
from app.footnotes import COPIES_SHOWN, Pointer, fingerprint, pieces, shown_place, shown_title
from app.notes import say_problem
from app.press import sent
from app.sides import showing
from app.templates import read_static, render
from index import open_index
from index.catalog import StoredDocument
from index.errors import FootnotedError
from index.opened import Index

WINDOW_CHARACTERS = 20_000
"""Shown before and after the quote: 7 printed pages each way. A file of 10 MB took the browser 12 s."""

MOST_QUOTES = 100
"""Of one answer or list; more were not shown together."""

LINK_COPIED = "Link copied."
NOT_A_POINTER = "This link does not point into the documents."
GONE = "This article is no longer in the index. Ask again to see what the documents say now."
CHANGED = "This article has changed since the answer was given. Ask again to see what it says now."

PARTICULARS = {
    "title": "Title", "publisher": "Publisher", "author": "Author", "published": "Date", "language": "Language",
}  # fmt: skip

_openings = count(1)
"""A number in every value: the page notices a change only, and the same footnote may be pressed twice."""


def source_panel() -> gr.HTML:
    """The panel, empty. Its script turns a press on a footnote into the event `cite`, and Escape into `close`."""
    # not a subclass: Gradio writes a .pyi file beside every module that has one
    script = read_static("panel.js")
    return gr.HTML(nothing_html(), js_on_load=script, apply_default_css=False, elem_id="source")


class Sources:
    """The actions of the panel."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def open(self, event: gr.EventData) -> tuple[str | gr.Sidebar, ...]:
        """The panel at the place a pressed link points to, opened."""
        try:
            values = sent(event)
            panel = article_html(open_index(self.index_dir), values.get("reference"), values.get("among"))
        except FootnotedError as error:
            panel = notice_html(say_problem(str(error)))
        return panel, *showing("source")

    def link(self, event: gr.EventData) -> str:
        """The link to the place that is open, for the clipboard."""
        pointer = Pointer.parse(sent(event).get("value"))
        return clipping_html(f"/#{pointer}", LINK_COPIED, is_link=True) if pointer else clipping_html("", NOT_A_POINTER)

    def close(self) -> tuple[str | gr.Sidebar, ...]:
        """An empty, closed panel."""
        return nothing_html(), *showing(None)


def article_html(index: Index, reference: object, among: object = None) -> str:
    """The panel for what a link carries: the article at its quote, or a sentence why there is none.

    among: the links it stands among, for the way to the previous and the next.
    """
    pointer = Pointer.parse(reference)
    if pointer is None:
        return notice_html(NOT_A_POINTER)
    try:
        document = index.document(pointer.document_id) or _come_back(index, pointer)
    except FootnotedError as error:
        return notice_html(say_problem(str(error)))
    if document is None:
        return notice_html(GONE)
    if not pointer.matches(document.text):
        return notice_html(CHANGED, document)
    there = replace(pointer, document_id=document.id)
    return _article(document, there, neighbours(pointer, among), copies_of(document, index))


def _come_back(index: Index, pointer: Pointer) -> StoredDocument | None:
    """The one article with the pointer's words at its place, where no article has its id any more.

    A file that is taken away and brought back has a new, larger id; only an index made anew gives smaller ones, and to
    read every text of 100,000 takes a second. Where several articles have the words there, as copies of a report do,
    nothing says which of them was quoted.
    """
    if pointer.is_whole_document:
        return None
    found = _with_words(index, pointer, after=pointer.document_id) or _with_words(index, pointer)
    return index.document(found[0]) if len(found) == 1 else None


def _with_words(index: Index, pointer: Pointer, after: int = 0) -> list[int]:
    words = index.catalog.words_at(pointer.start, pointer.end, after)
    return [document_id for document_id, quote in words if fingerprint(quote) == pointer.fingerprint]


def neighbours(pointer: Pointer, among: object) -> dict[str, object]:
    """The pointers before and after this one in a list that a browser sent, and its place; empty where it is alone."""
    listed = [Pointer.parse(reference) for reference in among[:MOST_QUOTES]] if isinstance(among, list) else []
    pointers = list(dict.fromkeys(one for one in listed if one))
    if pointer not in pointers or len(pointers) < 2:
        return {}
    place = pointers.index(pointer)
    around = {"previous": pointers[:place][-1:], "next": pointers[place + 1 :][:1]}
    return {
        "place": place + 1,
        "quotes": len(pointers),
        **{side: one[0] if one else None for side, one in around.items()},
    }


def notice_html(notice: str, document: StoredDocument | None = None) -> str:
    """The panel with a sentence in place of an article, and a link to the document as it is now."""
    now = {"now": Pointer.to(document.id), "title": _title(document)} if document else {}
    return render("panel.html", opening=next(_openings), notice=notice, **now)


def nothing_html() -> str:
    """The panel when no article is open."""
    return render("panel.html", opening=next(_openings))


def copies_of(document: StoredDocument, index: Index) -> list[tuple[Pointer, str]]:
    """The other documents that print the same report, by name, each with the pointer that opens it."""
    names = index.catalog.names_in([document.report]).get(document.report, {})
    others = sorted((name, document_id) for document_id, name in names.items() if document_id != document.id)
    return [(Pointer.to(document_id), name) for name, document_id in others]


def _article(
    document: StoredDocument, pointer: Pointer, around: dict[str, object], copies: list[tuple[Pointer, str]]
) -> str:
    """The article around the quote, with what is known of it and which words that was taken from."""
    text = document.text
    first = max(0, pointer.start - WINDOW_CHARACTERS)
    last = min(len(text), pointer.end + WINDOW_CHARACTERS)
    return render(
        "panel.html",
        opening=next(_openings),
        document=document,
        title=_title(document) if pointer.is_whole_document else _place(document, pointer),
        particulars=[
            (label, getattr(document, name), document.sources.get(name)) for name, label in PARTICULARS.items()
        ],
        pointer=pointer,
        around=around,
        copies=copies[:COPIES_SHOWN],
        copies_number=len(copies),
        before=text[first : pointer.start],
        quote=pieces(text[pointer.start : pointer.end], pointer.marks),
        after=text[pointer.end : last],
        left_out_before=first,
        left_out_after=len(text) - last,
    )


def _place(document: StoredDocument, pointer: Pointer) -> str:
    return shown_place(_title(document), document.page_at(pointer.start))


def _title(document: StoredDocument) -> str:
    return shown_title(document.title, document.folder, document.path)
