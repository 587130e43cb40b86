"""What is pressed or sent in the page's own HTML: ``static/press.js`` makes events of it, `page` says what they do."""

from typing import Any

import gradio as gr

from app.templates import read_static


def presses() -> gr.HTML:
    """The part of the page that has an event for every name in ``static/press.js``."""
    return gr.HTML("", js_on_load=read_static("press.js"), apply_default_css=False, elem_id="presses", visible="hidden")


def sent(event: gr.EventData) -> dict[str, Any]:
    """The values that came with an event; a browser can send anything."""
    return event._data if isinstance(event._data, dict) else {}
