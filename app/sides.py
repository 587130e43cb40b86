"""What stands beside the chat: one side at a time, or none; two would leave no room for the chat."""

import gradio as gr

from app.press import sent

SIDES = ("conversations", "documents", "settings", "source")


def show(event: gr.EventData) -> tuple[gr.Sidebar, ...]:
    """The side that was asked for opened, and the others put away."""
    return showing(sent(event).get("value"))


def showing(side: object) -> tuple[gr.Sidebar, ...]:
    """Every side, in the order of SIDES, with this one open and the others put away."""
    return tuple(gr.Sidebar(open=name == side) for name in SIDES)
