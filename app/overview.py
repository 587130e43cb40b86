"""What the page says of the index, at load and whenever a new generation is there: counts, list, choices, examples."""

from pathlib import Path
from threading import Lock
from typing import Any

import gradio as gr

from app.documents import Listing, documents_html, upload_html
from app.filters import choices_html
from app.notes import say_problem
from app.templates import render
from app.words import moment
from index import open_index
from index.errors import FootnotedError
from index.opened import Index
from rag.examples import example_questions

EXAMPLES = 4
"""Questions to begin with: two rows of two, or a screen of a phone."""

Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change


class Overview:
    """The action that keeps a tab level with the index."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir
        self._lock = Lock()
        self._examples: tuple[str, list[str]] = "", []  # of which generation

    def look(self, seen: object, listing: object) -> tuple[Update, ...]:
        """Everything on the page that tells of the index, when it is not the generation this tab has seen."""
        try:
            index = open_index(self.index_dir)
        except FootnotedError as error:
            return "", render("masthead.html", problem=say_problem(str(error))), gr.skip(), gr.skip(), gr.skip()
        version = f"{index.generation} {index.warning or ''}"
        if version == seen:
            return (gr.skip(),) * 5
        return (
            version,
            masthead_html(index),
            documents_html(index, listing if isinstance(listing, Listing) else Listing()),
            upload_html(index),
            choices_html(index),
        )

    def examples(self) -> list[gr.Button]:
        """A button for each question to begin with; those without a question are not shown."""
        try:
            questions = self._questions(open_index(self.index_dir))
        except FootnotedError:
            questions = []
        return [gr.Button(one, visible=bool(one)) for one in [*questions, *[""] * EXAMPLES][:EXAMPLES]]

    def _questions(self, index: Index) -> list[str]:
        """The examples of an index, looked for once: they take a second, and every tab asks for them."""
        with self._lock:
            if self._examples[0] != index.generation:
                self._examples = index.generation, example_questions(index, EXAMPLES)
            return self._examples[1]


def masthead_html(index: Index) -> str:
    """The name, and what is indexed: documents, chunks, which generation, since when."""
    manifest = index.manifest
    return render(
        "masthead.html",
        documents=manifest.documents,
        chunks=manifest.chunks,
        generation=index.generation,
        built=moment(manifest.built),
        warning=index.warning,
    )
