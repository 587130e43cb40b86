"""The chat page: what is on it, where, and which action each part calls.

`make_page` lays out the documents at the left, the chat in the middle and the source at the right, and wires
every event at its end. What an event does is in `actions`; what it looks like is in ``static/``.
"""

from pathlib import Path
from typing import Any

import gradio as gr

from app.actions import EXAMPLES, Actions
from app.panel import source_panel
from app.templates import read_static, render

NEW_GENERATION_S = 2
"""How often a tab looks for a new generation; a look reads one small file."""

QUESTIONS_AT_ONCE = 4
"""Gradio answers one at a time unless told otherwise: four calls of 1.5 s took 6.2 s, with this 2.0 s."""

WELCOME = (
    "## What do you want to know?\n\nAn answer quotes the documents word for word. "
    "Press the number after a quote, and the article opens beside it with those words marked."
)


def make_page(index_dir: str | Path) -> gr.Blocks:
    """The page over the index in this folder."""
    actions = Actions(index_dir)
    blocks = gr.Blocks(title="footnoted", analytics_enabled=False, fill_height=True)
    with blocks:
        seen = gr.State("")  # which index this tab shows
        timer = gr.Timer(NEW_GENERATION_S)

        with gr.Sidebar(open=False, width="var(--documents-width)", elem_id="documents-side") as documents_side:
            with gr.Row(elem_id="documents-head"):
                _html("<h2>Documents</h2>")
                hide_documents = gr.Button("Close", elem_id="hide-documents")
            rebuild = gr.Button("Rebuild index", elem_id="rebuild")
            rebuilt = _html(elem_id="rebuilt")
            words = gr.Textbox(
                elem_id="filter",
                label="Filter",
                placeholder="Words of a title or file name",
                max_lines=1,
                visible=False,
            )
            documents = _html(elem_id="documents")

        with gr.Row(elem_id="top"):
            masthead = _html("<h1>footnoted</h1>", elem_id="masthead")
            show_documents = gr.Button("Documents", elem_id="show-documents")
        chat = gr.Chatbot(
            elem_id="chat",
            label="Answers",
            show_label=False,
            layout="panel",
            height="100%",
            placeholder=WELCOME,
            buttons=[],
            feedback_options=None,
            autoscroll=False,
            line_breaks=False,
            latex_delimiters=[],
            allow_tags=False,
        )
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
        with gr.Row(elem_id="examples"):
            examples = [gr.Button(visible=False) for _ in EXAMPLES]
        with gr.Accordion("Passages found", open=False, elem_id="passages"):
            passages = _html(render("passages.html"))

        with gr.Sidebar(
            open=False, width="var(--source-width)", position="right", elem_id="source-side"
        ) as source_side:
            source = source_panel()

        # Every event of the page. None is a public endpoint; past the queue they take 33 ms, not 216 ms.
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        at_once = private | {"queue": False}
        limited = private | {"concurrency_limit": QUESTIONS_AT_ONCE, "concurrency_id": "ask"}

        answered = [chat, passages, question, hint, send, stop]
        asking: list[Any] = [
            question.submit(actions.ask, [question, chat], answered, **limited),
            send.click(actions.ask, [question, chat], answered, **limited),
            *(example.click(actions.ask, [example, chat], answered, **limited) for example in examples),
        ]
        stop.click(actions.stop, chat, [chat, send, stop], cancels=asking, **at_once)
        chat.change(None, js=read_static("newest.js"), **at_once)

        source.cite(actions.open_source, None, [source, source_side, documents_side], **at_once)
        source.close(actions.close_source, None, [source, source_side], **at_once)
        show_documents.click(actions.show_documents, None, [documents_side, source_side], **at_once)
        hide_documents.click(actions.hide_documents, None, documents_side, **at_once)
        words.input(actions.list_documents, words, documents, trigger_mode="always_last", **at_once)

        rebuilding = rebuild.click(actions.rebuild, None, [rebuilt, rebuild], concurrency_limit=None, **private)
        about_index = [seen, masthead, documents, words, *examples]
        for event in (blocks.load, timer.tick, rebuilding.then):
            event(actions.look_at_index, [seen, words], about_index, **at_once)
    return blocks


def head() -> str:
    """The style sheets, for the page's head: Gradio keeps what comes as ``css=`` from the page's outer parts."""
    return "".join(f"<style>{read_static(name)}</style>" for name in ("page.css", "panel.css"))


def _html(value: str = "", elem_id: str | None = None) -> gr.HTML:
    """HTML with no look but the page's own."""
    return gr.HTML(value, apply_default_css=False, elem_id=elem_id)
