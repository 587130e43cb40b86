"""The address of the page says what it shows, the filter and the conversation, so that a reload shows it again.

`parse` reads what a browser sends, at load and with every event; whatever `Address` cannot have written is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

import gradio as gr

from app.store import ID
from app.templates import read_static
from rag.where import FILTERS

LONGEST_QUERY = 4_000
"""Characters; servers and browsers cut longer addresses off at places of their own."""

LONGEST_VALUE = 300
"""Characters of one filter. No title or name in a newspaper is as long."""


@dataclass(frozen=True)
class Address:
    """What the page shows, as its query string says it."""

    where: Mapping[str, str] = field(default_factory=dict)
    conversation: str = ""

    @classmethod
    def parse(cls, query: object) -> "Address":
        """The address in a query string; what is no part of one is passed over.

        >>> Address.parse("?publisher=Latin+Post&since=2023&utm_source=x").where
        {'publisher': 'Latin Post', 'since': '2023'}
        """
        if not isinstance(query, str) or len(query) > LONGEST_QUERY:
            return cls()
        given = dict(reversed(parse_qsl(query.removeprefix("?"), errors="replace")))  # the first of a name counts
        conversation = given.get("conversation", "")
        return cls(filters_in(given), conversation if ID.fullmatch(conversation) else "")

    def __str__(self) -> str:
        shown = {**self.where, "conversation": self.conversation}
        query = urlencode({name: value for name, value in shown.items() if value})
        return f"?{query}" if query else ""


def filters_in(values: Mapping[str, object]) -> dict[str, str]:
    """The filters among these values, in their order, each as a line of text."""
    given = {name: values.get(name) for name in FILTERS}
    lines = {name: " ".join(value.split())[:LONGEST_VALUE] for name, value in given.items() if isinstance(value, str)}
    return {name: line for name, line in lines.items() if line.isprintable() and line}


def address_bar() -> gr.HTML:
    """The address as a part of the page: its value is the query string, and the browser shows it."""
    return gr.HTML(
        "", js_on_load=read_static("address.js"), apply_default_css=False, elem_id="address", visible="hidden"
    )
