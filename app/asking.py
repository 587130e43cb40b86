"""Asking: the question goes to `rag`, its answer into the chat, the passages it was looked for in below.

A problem is a sentence in the place where the answer would stand.
"""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import Address
from app.footnotes import Pointer, answer_to_markdown, escape_markdown, shorten, shown_place, shown_title
from app.templates import render
from index import open_index
from index.errors import FootnotedError
from rag import ask
from rag.answer import Answer

LONGEST_QUESTION = 10_000
"""Characters the page passes on at all. From where on a question is too long to answer, `rag` says."""

QUESTION_SHOWN = 500
"""Characters of a question above its answer; a text pasted by mistake must not push the answer away."""

BEGINNING_CHARACTERS = 300
"""Of a passage in "Passages found"."""

EMPTY_QUESTION = "Type a question first."
LONG_QUESTION = f"A question has at most {LONGEST_QUESTION:,} characters."
SEARCHING = "*Searching the documents …*"
STOPPED = "Stopped."
NOTHING_PASSES = "No document passes the filter, so there was nothing to search. Change the filter or clear it."
A_BUG = "This should not have happened: it is a bug in footnoted. The terminal it was started from says more."

Message = dict[str, Any]
Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change

log = logging.getLogger(__name__)


class Asking:
    """The actions around the question."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir

    def ask(self, question: object, chat: object, address: object) -> Iterator[tuple[Update, ...]]:
        """The chat with the question and a sign of work, then with the answer and the passages it is from."""
        asked = question.strip() if isinstance(question, str) else ""
        if not asked:
            yield gr.skip(), gr.skip(), gr.skip(), render("hint.html", hint=EMPTY_QUESTION), gr.skip(), gr.skip()
            return
        before = chat if isinstance(chat, list) else []
        asked_as = escape_markdown(shorten(asked, QUESTION_SHOWN))
        conversation = [*before, {"role": "user", "content": asked_as}]
        yield [*conversation, _said(SEARCHING)], gr.skip(), "", "", *_buttons(busy=True)
        text, passages = self._answer(asked, Address.parse(address).where)
        yield [*conversation, _said(text)], passages, gr.skip(), gr.skip(), *_buttons(busy=False)

    def _answer(self, question: str, where: Mapping[str, str]) -> tuple[str, Update]:
        """The answer as Markdown and its passages as HTML; a problem is a sentence in place of the answer."""
        if len(question) > LONGEST_QUESTION:
            return LONG_QUESTION, gr.skip()
        try:
            answer = ask(question, index=open_index(self.index_dir), where=where)
        except FootnotedError as error:
            return escape_markdown(str(error)), gr.skip()
        except Exception:
            log.exception("The question could not be answered: %r", question)
            return A_BUG, gr.skip()
        if where and not answer.passages:
            return NOTHING_PASSES, passages_html(answer)
        return answer_to_markdown(answer), passages_html(answer)

    def stop(self, chat: object) -> tuple[Update, ...]:
        """The chat with its last message, the sign of work, replaced."""
        before = chat if isinstance(chat, list) else []
        return [*before[:-1], _said(STOPPED)], *_buttons(busy=False)


def passages_html(answer: Answer) -> str:
    """The passages of an answer in their order, each with a link that opens it."""
    shown = [
        {
            "pointer": Pointer.to(passage.document_id, passage.start, passage.end, passage.text),
            "title": shown_place(shown_title(passage.title, passage.folder, passage.document), passage.page),
            "location": passage.location,
            "found_by": " and ".join(passage.found_by),
            "beginning": shorten(passage.text, BEGINNING_CHARACTERS),
        }
        for passage in answer.passages
    ]
    return render("passages.html", passages=shown)


def _said(markdown: str) -> Message:
    return {"role": "assistant", "content": markdown}


def _buttons(busy: bool) -> tuple[gr.Button, gr.Button]:
    """Ask and Stop: the one that can be used now is shown."""
    return gr.Button(visible=not busy), gr.Button(visible=busy)
