"""The chat page: what is on it, where, and which action each part calls.

`make_page` lays out conversations and documents at the left, the chat in the middle and the source at the right, and
wires every event at its end. What an event does is in the module of its region (`asking`, `feedback`, `filters`,
`panel`, `conversations`, `documents`, `overview`); what it looks like is in ``static/``.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import address_bar
from app.asking import Asking
from app.clipboard import clipboard
from app.conversations import Conversations
from app.documents import Documents, Listing, uploader
from app.feedback import Feedback, report_form
from app.filters import Filters
from app.generators import NO_MODELS, Models
from app.overview import EXAMPLES, Overview
from app.panel import Sources, source_panel
from app.press import presses
from app.sides import show
from app.store import Store
from app.templates import read_static, render
from app.wording import SIDE_TITLES, welcome, wording

NEW_GENERATION_S = 2
"""How often a tab looks for a new generation; a look reads one small file."""

AT_ONCE_S = 0.1
"""After which a page follows the build that it found under way."""

QUESTIONS_AT_ONCE = 4
"""Gradio answers one at a time unless told otherwise: four calls of 1.5 s took 6.2 s, with this 2.0 s."""

DRAFT = "question"
"""Where a tab keeps the question that is being typed."""


def make_page(index_dir: str | Path, models: Models = NO_MODELS) -> gr.Blocks:
    """The page over the index in this folder, with a language model that writes too, if one is given."""
    store = Store(index_dir)
    asking, filters, sources = Asking(index_dir, store, models), Filters(index_dir), Sources(index_dir)
    conversations, feedback = Conversations(store, asking), Feedback(index_dir, store)
    documents, overview = Documents(index_dir), Overview(index_dir)
    blocks = gr.Blocks(title="footnoted", analytics_enabled=False, fill_height=True)
    with blocks:
        seen = gr.State("")  # which index this tab shows
        listing = gr.State(Listing())  # which part of the list of documents
        searched = gr.State("")  # for which words the conversations are listed
        timer, following = gr.Timer(NEW_GENERATION_S), gr.Timer(AT_ONCE_S, active=False)
        address, pressed = address_bar(), presses()

        heads = {name: _html(render("side-head.html", title=title), drawn=False) for name, title in SIDE_TITLES.items()}
        with _left_side("conversations", heads) as conversations_side:
            conversation_list = _html()
        with _left_side("documents", heads) as documents_side:
            rebuild = gr.Button("Rebuild index", elem_id="rebuild")
            rebuilt = _html(elem_id="rebuilt")
            upload = uploader()
            document_list = _html(elem_id="documents")

        with _left_side("settings", heads) as settings_side:
            settings = _html()

        with gr.Row(elem_id="top"):
            nav = _html(render("nav.html"), elem_id="nav")
            masthead = _html("<h1>footnoted</h1>", elem_id="masthead")
        chat = gr.Chatbot(
            elem_id="chat",
            label="Answers",
            show_label=False,
            layout="panel",
            height="100%",
            placeholder=welcome(),
            buttons=[],
            feedback_options=None,
            autoscroll=False,
            line_breaks=False,
            latex_delimiters=[],
            allow_tags=False,
        )
        choices = _html()
        filter_line = _html(elem_id="filters")
        away = _html(render("away.html"), elem_id="away")
        with gr.Row(elem_id="asking"):
            question = gr.Textbox(
                elem_id="question",
                label="Question",
                placeholder="Ask your documents",
                max_lines=6,
                autofocus=True,
            )
            send = gr.Button("Ask", elem_id="send")
            stop = gr.Button("Stop", elem_id="stop", visible=False)
        hint = _html(elem_id="hint")
        copied = clipboard()
        report = report_form()
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(visible=False) for _ in range(EXAMPLES)]
        with gr.Accordion("Passages found", open=False, elem_id="passages") as found:
            passages = _html(render("passages.html"))

        with gr.Sidebar(
            open=False, width="var(--source-width)", position="right", elem_id="source-side"
        ) as source_side:
            source = source_panel()

        # Every event of the page. None is a public endpoint; past the queue they take 33 ms, not 216 ms.
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        at_once = private | {"queue": False}
        limited = private | {"concurrency_limit": QUESTIONS_AT_ONCE, "concurrency_id": "ask"}

        sides = [conversations_side, documents_side, settings_side, source_side]  # as in SIDES

        parts = [nav, *heads.values(), settings, chat, away, question, send, stop, found, rebuild]
        blocks.load(lambda: wording(models.names, models.strict), None, parts, **at_once)

        # what is typed outlives a reload: that of the settings, and that of a server which was started again
        blocks.load(
            None, question, question, js=f"(words) => words || sessionStorage.getItem('{DRAFT}') || ''", **at_once
        )
        question.change(None, question, None, js=f"(words) => sessionStorage.setItem('{DRAFT}', words)", **at_once)

        answered = [chat, passages, address, pressed, hint, send, stop]
        pressed.wait(asking.wait, None, hint, **at_once)
        answering: list[Any] = [
            pressed.ask(asking.ask, address, answered, **limited),
            pressed.retry(asking.retry, address, answered, **limited),
        ]
        stop.click(asking.stop, address, answered, cancels=answering, **at_once)
        pressed.edit(asking.edit, address, [question, hint], **at_once).then(None, js=read_static("edit.js"), **at_once)
        pressed.wrong(feedback.begin, address, report, **at_once)
        pressed.report(feedback.send, None, report, **at_once)
        pressed.cancel(feedback.cancel, None, report, **at_once)
        pressed.copy(asking.copy, address, copied, **at_once)
        blocks.load(asking.load, address, [chat, hint], js="() => location.search", **at_once)
        chat.change(None, js=read_static("newest.js"), **at_once)

        filtered = [address, filter_line]
        blocks.load(filters.load, address, filtered, js="() => location.search", **at_once)
        pressed.filter(filters.apply, address, filtered, **at_once)
        pressed.only(filters.only, address, filtered, **at_once)
        pressed.clear(filters.clear, address, filtered, **at_once)

        source.cite(sources.open, None, [source, *sides], **at_once)
        pressed.link(sources.link, None, copied, **at_once)
        source.close(sources.close, None, [source, *sides], **at_once)
        pressed.show(show, None, sides, **at_once)
        opened = [hint, send, stop, address, chat, passages, *sides]
        listed = [address, searched]
        pressed.show(conversations.list, address, [conversation_list, searched], **at_once)
        pressed.find(conversations.find, address, [conversation_list, searched], **at_once)
        pressed.open(conversations.open, address, opened, cancels=answering, **at_once)
        pressed.new(conversations.new, address, opened, cancels=answering, **at_once)
        for event, action in (
            (pressed.rename, conversations.rename),
            (pressed.restore, conversations.restore),
        ):
            event(action, listed, conversation_list, **at_once)
        pressed.delete(conversations.delete, listed, [conversation_list, *opened[:6]], **at_once)

        pressed.documents(documents.list, listing, [document_list, listing], **at_once)
        pressed.remove(documents.remove, listing, document_list, **at_once)
        pressed.bring(documents.restore, listing, document_list, **at_once)
        # only where there is one: a stream that ends just as a question is sent takes the answer with it
        blocks.load(documents.find_build, None, following, **at_once)
        following.tick(documents.follow, None, [rebuilt, rebuild, following], concurrency_limit=None, **private)
        rebuilding = rebuild.click(documents.rebuild, None, [rebuilt, rebuild], concurrency_limit=None, **private)
        about_index = [seen, masthead, document_list, upload, choices]
        for event in (blocks.load, timer.tick, rebuilding.then):
            event(overview.look, [seen, listing], about_index, **at_once)
        masthead.change(overview.examples, None, examples, **at_once)
    return blocks


def head() -> str:
    """The style sheets, which as ``css=`` would not reach the page's outer parts, and what runs before it is drawn."""
    styles = "".join(f"<style>{read_static(name)}</style>" for name in ("page.css", "panel.css"))
    scripts = "".join(f"<script>{{{read_static(name)}}}</script>" for name in ("theme.js", "landing.js", "away.js"))
    return styles + scripts


def _left_side(name: str, heads: Mapping[str, gr.HTML]) -> gr.Sidebar:
    """A side at the left, closed, with its head in it."""
    side = gr.Sidebar(open=False, width="var(--left-width)", elem_id=f"{name}-side")
    with side:
        heads[name].render()  # type: ignore[no-untyped-call]
    return side


def _html(value: str = "", elem_id: str | None = None, drawn: bool = True) -> gr.HTML:
    """HTML with no look but the page's own."""
    return gr.HTML(value, apply_default_css=False, elem_id=elem_id, render=drawn)
