"""The parts of the page that only words stand on, in the reader's language; drawn in English, put right at load."""

from typing import Any

import gradio as gr

from app.settings import LANGUAGES, PASSAGES, SCHEMES, WRITING, settings_now
from app.templates import render
from app.words import say

SIDE_TITLES = {"conversations": "Conversations", "documents": "Documents", "settings": "Settings"}

WELCOME = (
    "What do you want to know?",
    "An answer quotes the documents word for word. "
    "Press the number after a quote, and the article opens beside it with those words marked.",
)


def wording(writes: bool = False) -> tuple[Any, ...]:
    """The words for `parts`, in that order; with the choice of written answers where a model writes."""
    return (
        render("nav.html"),
        *(render("side-head.html", title=title) for title in SIDE_TITLES.values()),
        settings_html(writes),
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


def settings_html(writes: bool = False) -> str:
    """The form with what a reader can choose."""
    now = settings_now()
    choices = (
        ("language", "Language", now.language, LANGUAGES),
        ("scheme", "Colours", now.scheme, SCHEMES),
        ("passages", "Passages shown", now.passages, {number: str(number) for number in PASSAGES}),
        *([("writing", "Written answers", now.writing, WRITING)] if writes else []),
    )
    return render("settings.html", choices=choices)
