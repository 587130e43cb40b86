"""The clipboard: a text made here, that the browser puts there, and the word that it did."""

from itertools import count

import gradio as gr

from app.templates import read_static, render

_clippings = count(1)
"""A number in every value: the page notices a change only, and the same answer may be copied twice."""


def clipboard() -> gr.HTML:
    """The part of the page that copies what becomes its value."""
    return gr.HTML("", js_on_load=read_static("clipboard.js"), apply_default_css=False, elem_id="clipboard")


def clipping_html(text: str, done: str, *, is_link: bool = False) -> str:
    """A text to copy, and what to say when it is copied; without a text, what to say instead.

    A link is given from its path on: only the browser knows by which name it reached this server.
    """
    return render("clipboard.html", number=next(_clippings), text=text, done=done, is_link=is_link)
