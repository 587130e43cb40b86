"""What happens when something on the page is used.

An action checks what the browser sent, makes one call to `rag` or `index`, and returns what to show in the parts
that `page` wired it to. A problem is a sentence in the place where the answer would stand.
"""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import gradio as gr

from app.footnotes import Pointer, answer_to_markdown, copies_line, escape_markdown, shorten, shown_place, shown_title
from app.panel import article_html, nothing_html, notice_html
from app.templates import render
from index import build, open_index
from index.catalog import DocumentRow
from index.errors import FootnotedError
from index.opened import Index
from index.sync import BuildReport
from rag import ask
from rag.answer import Answer

LONGEST_QUESTION = 10_000
"""Characters the page passes on at all. From where on a question is too long to answer, `rag` says."""

QUESTION_SHOWN = 500
"""Characters of a question above its answer; a text pasted by mistake must not push the answer away."""

DOCUMENTS_SHOWN = 200
NAMES_SHOWN = 100
"""A list of 100,000 documents would stall the browser; the filter finds the others."""

FILTER_FROM = 20
"""Documents; fewer are seen at a glance."""

BEGINNING_CHARACTERS = 300
"""Of a passage in "Passages found"."""

EXAMPLES = {
    "001_963e728015908ae9.txt": "How many offices does the DEA have around the world?",
    "002_526864c1977376da.txt": "What does it cost the cartels to produce a fake fentanyl pill?",
    "000_3674be5a3ad3e9b7.txt": "What did López Obrador ask Xi Jinping for?",
    "004_0b48a0dffb7c3058.txt": "How many pharmaceutical manufacturers does China have?",
}
"""A question for each of these articles that is indexed; other folders get questions made from titles."""

EMPTY_QUESTION = "Type a question first."
LONG_QUESTION = f"A question has at most {LONGEST_QUESTION:,} characters."
SEARCHING = "*Searching the documents …*"
STOPPED = "Stopped."
A_BUG = "This should not have happened: it is a bug in footnoted. The terminal it was started from says more."

Message = dict[str, Any]
Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change

log = logging.getLogger(__name__)


class Actions:
    """The actions of a page; it holds which index the page is about."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def ask(self, question: object, chat: object) -> Iterator[tuple[Update, ...]]:
        """The chat with the question and a sign of work, then with the answer and the passages it is from."""
        asked = question.strip() if isinstance(question, str) else ""
        if not asked:
            yield gr.skip(), gr.skip(), gr.skip(), render("hint.html", hint=EMPTY_QUESTION), gr.skip(), gr.skip()
            return
        before = chat if isinstance(chat, list) else []
        asked_as = escape_markdown(shorten(asked, QUESTION_SHOWN))
        conversation = [*before, {"role": "user", "content": asked_as}]
        yield [*conversation, _said(SEARCHING)], gr.skip(), "", "", *_buttons(busy=True)
        text, passages = self._answer(asked)
        yield [*conversation, _said(text)], passages, gr.skip(), gr.skip(), *_buttons(busy=False)

    def _answer(self, question: str) -> tuple[str, Update]:
        """The answer as Markdown and its passages as HTML; a problem is a sentence in place of the answer."""
        if len(question) > LONGEST_QUESTION:
            return LONG_QUESTION, gr.skip()
        try:
            answer = ask(question, index=open_index(self.index_dir))
        except FootnotedError as error:
            return escape_markdown(str(error)), gr.skip()
        except Exception:
            log.exception("The question could not be answered: %r", question)
            return A_BUG, gr.skip()
        return answer_to_markdown(answer), passages_html(answer)

    def stop(self, chat: object) -> tuple[Update, ...]:
        """The chat with its last message, the sign of work, replaced."""
        before = chat if isinstance(chat, list) else []
        return [*before[:-1], _said(STOPPED)], *_buttons(busy=False)

    def open_source(self, event: gr.EventData) -> tuple[str, gr.Sidebar, gr.Sidebar]:
        """The panel at the place a pressed link points to, opened, and the documents put away."""
        reference = event._data.get("reference") if isinstance(event._data, dict) else None
        try:
            panel = article_html(open_index(self.index_dir), reference)
        except FootnotedError as error:
            panel = notice_html(str(error))
        return panel, gr.Sidebar(open=True), gr.Sidebar(open=False)

    def close_source(self) -> tuple[str, gr.Sidebar]:
        """An empty, closed panel."""
        return nothing_html(), gr.Sidebar(open=False)

    def show_documents(self) -> tuple[gr.Sidebar, gr.Sidebar]:
        """The documents opened; both sidebars at once would leave no room for the chat."""
        return gr.Sidebar(open=True), gr.Sidebar(open=False)

    def hide_documents(self) -> gr.Sidebar:
        """The documents put away."""
        return gr.Sidebar(open=False)

    def list_documents(self, words: object) -> Update:
        """The documents whose title or name has these words."""
        try:
            return documents_html(open_index(self.index_dir), words if isinstance(words, str) else "")
        except FootnotedError:
            return gr.skip()  # `look_at_index` says what is wrong with the index

    def look_at_index(self, seen: object, words: object) -> tuple[Update, ...]:
        """Everything on the page that tells of the index, when it is not the generation this tab has seen."""
        examples = [gr.skip()] * len(EXAMPLES)
        try:
            index = open_index(self.index_dir)
        except FootnotedError as error:
            return "", render("masthead.html", problem=str(error)), gr.skip(), gr.skip(), *examples
        version = f"{index.generation} {index.warning or ''}"
        if version == seen:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), *examples
        documents = index.documents()
        return (
            version,
            masthead_html(index),
            documents_html(index, words if isinstance(words, str) else ""),
            gr.Textbox(visible=len(documents) > FILTER_FROM),
            *(gr.Button(question, visible=bool(question)) for question in example_questions(documents)),
        )

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


def masthead_html(index: Index) -> str:
    """The name, and what is indexed: documents, chunks, which generation, since when."""
    manifest = index.manifest
    built = datetime.fromisoformat(manifest.built).astimezone()
    return render(
        "masthead.html",
        documents=manifest.documents,
        chunks=manifest.chunks,
        generation=index.generation,
        built=f"{built.day} {built:%B %Y, %H:%M}",
        warning=index.warning,
    )


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


def passages_html(answer: Answer) -> str:
    """The passages of an answer in their order, each with a link that opens it."""
    shown = [
        {
            "pointer": Pointer.to(passage.document_id, passage.start, passage.end, passage.text),
            "title": shown_place(shown_title(passage.title, passage.folder, passage.document), passage.page),
            "location": passage.location,
            "found_by": " and ".join(passage.found_by),
            "copies": copies_line(passage.copies),
            "beginning": shorten(passage.text, BEGINNING_CHARACTERS),
        }
        for passage in answer.passages
    ]
    return render("passages.html", passages=shown)


def example_questions(documents: list[DocumentRow]) -> list[str]:
    """As many questions as there are places for them, "" where there is none to offer."""
    paths = {row.path for row in documents}
    questions = [question for path, question in EXAMPLES.items() if path in paths]
    titles = [row.title for row in documents if row.title]
    questions = questions or [f"What does “{shorten(title, 70)}” say?" for title in titles]
    return [*questions, *[""] * len(EXAMPLES)][: len(EXAMPLES)]


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


def _said(markdown: str) -> Message:
    return {"role": "assistant", "content": markdown}


def _buttons(busy: bool) -> tuple[gr.Button, gr.Button]:
    """Ask and Stop: the one that can be used now is shown."""
    return gr.Button(visible=not busy), gr.Button(visible=busy)
