"""What stands beside the chat: one side at a time, or none; two would leave no room for the chat."""

import gradio as gr

SIDES = ("documents", "source")


def showing(side: str | None) -> tuple[gr.Sidebar, ...]:
    """Every side, in the order of SIDES, with this one open and the others put away."""
    return tuple(gr.Sidebar(open=name == side) for name in SIDES)
