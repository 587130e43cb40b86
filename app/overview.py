"""What the page says of the index, at load and whenever a new generation is there: name, counts, examples, choices."""

from datetime import datetime
from pathlib import Path
from typing import Any

import gradio as gr

from app.documents import Listing, documents_html, upload_html
from app.filters import choices_html
from app.footnotes import shorten
from app.templates import render
from index import open_index
from index.catalog import DocumentRow
from index.errors import FootnotedError
from index.opened import Index

EXAMPLES = {
    "001_963e728015908ae9.txt": "How many offices does the DEA have around the world?",
    "002_526864c1977376da.txt": "What does it cost the cartels to produce a fake fentanyl pill?",
    "000_3674be5a3ad3e9b7.txt": "What did López Obrador ask Xi Jinping for?",
    "004_0b48a0dffb7c3058.txt": "How many pharmaceutical manufacturers does China have?",
}
"""A question for each of these articles that is indexed; other folders get questions made from titles."""

Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change


class Overview:
    """The action that keeps a tab level with the index."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def look(self, seen: object, listing: object) -> tuple[Update, ...]:
        """Everything on the page that tells of the index, when it is not the generation this tab has seen."""
        examples = [gr.skip()] * len(EXAMPLES)
        try:
            index = open_index(self.index_dir)
        except FootnotedError as error:
            return "", render("masthead.html", problem=str(error)), gr.skip(), gr.skip(), gr.skip(), *examples
        version = f"{index.generation} {index.warning or ''}"
        if version == seen:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip(), *examples
        documents = index.documents()
        return (
            version,
            masthead_html(index),
            documents_html(index, listing if isinstance(listing, Listing) else Listing()),
            upload_html(index),
            choices_html(index),
            *(gr.Button(question, visible=bool(question)) for question in example_questions(documents)),
        )


def masthead_html(index: Index) -> str:
    """The name, and what is indexed: documents, chunks, which generation, since when."""
    manifest = index.manifest
    built = datetime.fromisoformat(manifest.built).astimezone()
    return render(
        "masthead.html",
        documents=manifest.documents,
        chunks=manifest.chunks,
        generation=index.generation,
        built=f"{built.day} {built:%B %Y, %H:%M}",
        warning=index.warning,
    )


def example_questions(documents: list[DocumentRow]) -> list[str]:
    """As many questions as there are places for them, "" where there is none to offer."""
    paths = {row.path for row in documents}
    questions = [question for path, question in EXAMPLES.items() if path in paths]
    titles = [row.title for row in documents if row.title]
    questions = questions or [f"What does “{shorten(title, 70)}” say?" for title in titles]
    return [*questions, *[""] * len(EXAMPLES)][: len(EXAMPLES)]
