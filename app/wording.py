"""The parts of the page that only words stand on, in the reader's language; drawn in English, put right at load."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from app.settings import BY, FIRST, LANGUAGES, NOBODY, OFF, PASSAGES, SCHEMES, UNSUPPORTED, settings_now
from app.templates import render
from app.words import say

SIDE_TITLES = {"conversations": "Conversations", "documents": "Documents", "settings": "Settings"}

WELCOME = (
    "What do you want to know?",
    "An answer quotes the documents word for word. "
    "Press the number after a quote, and the article opens beside it with those words marked.",
)


def wording(writers: Sequence[str] = (), strict: bool = False) -> tuple[Any, ...]:
    """The words for `parts`, in that order; ``writers`` are the models that may write, see `make_page`."""
    return (
        render("nav.html"),
        *(render("side-head.html", title=title) for title in SIDE_TITLES.values()),
        settings_html(writers, strict),
        gr.Chatbot(placeholder=welcome()),
        render("away.html"),
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


def settings_html(writers: Sequence[str] = (), strict: bool = False) -> str:
    """The form with what a reader can choose; more where a model writes."""
    now = settings_now()
    unsupported = "out" if now.is_strict(strict) else "struck"
    by = {str(place): say(BY, generator=name) for place, name in enumerate(writers, 1)} | {OFF: NOBODY}
    writing = now.writing if now.writing in by else FIRST
    of_writing = (
        ("writing", "Written answers", writing, by),
        ("unsupported", "What the model wrote without support", unsupported, UNSUPPORTED),
    )
    choices = (
        ("language", "Language", now.language, LANGUAGES),
        ("scheme", "Colours", now.scheme, SCHEMES),
        ("passages", "Passages shown", now.passages, {number: str(number) for number in PASSAGES}),
        *(of_writing if writers else ()),
    )
    return render("settings.html", choices=choices)
