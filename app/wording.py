"""The parts of the page that only words stand on, in the reader's language; drawn in English, put right at load."""

from typing import Any

import gradio as gr

from app.settings import LANGUAGES, PASSAGES, SCHEMES, UNSUPPORTED, WRITING, settings_now
from app.templates import render
from app.words import say

SIDE_TITLES = {"conversations": "Conversations", "documents": "Documents", "settings": "Settings"}

WELCOME = (
    "What do you want to know?",
    "An answer quotes the documents word for word. "
    "Press the number after a quote, and the article opens beside it with those words marked.",
)


def wording(writer: str | None = None, strict: bool = False) -> tuple[Any, ...]:
    """The words for `parts`, in that order; ``writer`` is the model that writes, if there is one, see `make_page`."""
    return (
        render("nav.html"),
        *(render("side-head.html", title=title) for title in SIDE_TITLES.values()),
        settings_html(writer, strict),
        gr.Chatbot(placeholder=welcome()),
        gr.Textbox(label=say("Question"), placeholder=say("Ask your documents")),
        gr.Button(say("Ask")),
        gr.Button(say("Stop")),
        gr.Accordion(say("Passages found")),
        gr.Button(say("Rebuild index")),
    )


def welcome() -> str:
    """What stands in an empty chat, as Markdown."""
    title, text = map(say, WELCOME)
    return f"## {title}\n\n{text}"


def settings_html(writer: str | None = None, strict: bool = False) -> str:
    """The form with what a reader can choose; more where a model writes."""
    now = settings_now()
    unsupported = "out" if now.is_strict(strict) else "struck"
    writers = {one: say(text, generator=writer) for one, text in WRITING.items()}
    writers = {one: say(text, generator=writer) for one, text in WRITING.items()}
    of_writing = (
        ("writing", "Written answers", now.writing, writers),
        ("unsupported", "What the model wrote without support", unsupported, UNSUPPORTED),
    )
    choices = (
        ("language", "Language", now.language, LANGUAGES),
        ("scheme", "Colours", now.scheme, SCHEMES),
        ("passages", "Passages shown", now.passages, {number: str(number) for number in PASSAGES}),
        *(of_writing if writer is not None else ()),
    )
    return render("settings.html", choices=choices)
