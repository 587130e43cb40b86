"""Asking: the question goes to `rag`, its answer into the chat, the passages it was looked for in below.

A problem is a sentence in the place where the answer would stand.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import Address
from app.clipboard import clipping_html
from app.export import COPIES
from app.footnotes import Pointer, copies_line, escape_markdown, shorten, shown_place, shown_title
from app.press import sent
from app.settings import settings_now
from app.store import NotKept, Store
from app.templates import render
from app.turns import Turn
from app.words import say
from index import open_index
from index.errors import FootnotedError
from rag import ask
from rag.passages import Passage

LONGEST_QUESTION = 10_000
"""Characters the page passes on at all. From where on a question is too long to answer, `rag` says."""

QUESTION_SHOWN = 500
"""Characters of a question above its answer; a text pasted by mistake must not push the answer away."""

BEGINNING_CHARACTERS = 300
"""Of a passage in "Passages found"."""

EMPTY_QUESTION = "Type a question first."
LONG_QUESTION = "A question has at most {number} characters."
SEARCHING = "Searching the documents …"
STOPPED = "Stopped."
AGAIN = "Looking for the answer again …"
COPIED = "Copied."
GONE = "This answer is no longer kept here. Ask again."
NOTHING_PASSES = "No document passes the filter, so there was nothing to search. Change the filter or clear it."
A_BUG = "This should not have happened: it is a bug in footnoted. The terminal it was started from says more."

TURN_ID = re.compile(r"[0-9]{1,18}")

Message = dict[str, Any]
Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change

log = logging.getLogger(__name__)


class Asking:
    """The actions around the question."""

    def __init__(self, index_dir: str | Path, store: Store) -> None:
        self.index_dir = index_dir
        self.store = store

    def ask(self, question: object, address: object) -> Iterator[tuple[Update, ...]]:
        """The chat with the question and a sign of work, then with the answer and the passages it is from."""
        # half a surrogate pair, which no keyboard makes, could not be sent back
        asked = question.strip().encode("utf-8", "replace").decode() if isinstance(question, str) else ""
        if not asked:
            yield *[gr.skip()] * 4, render("hint.html", hint=EMPTY_QUESTION), gr.skip(), gr.skip()
            return
        before = Address.parse(address)
        conversation, hint = self._messages(before.conversation)
        yield (
            [*conversation, _asked(asked), _said(f"*{say(SEARCHING)}*")],
            gr.skip(),
            gr.skip(),
            "",
            hint,
            *_buttons(busy=True),
        )
        turn, passages = self._answer(asked, before.where, self._asked_before(before))
        yield (gr.skip(),) * 7  # where a press on Stop is noticed: what was stopped is not kept
        after, messages, hint = self._keep(before, turn, conversation)
        there = gr.skip() if after == before else str(after)  # the filter may have been changed meanwhile
        yield messages, passages, there, gr.skip(), hint, *_buttons(busy=False)

    def retry(self, event: gr.EventData, address: object) -> Iterator[tuple[Update, ...]]:
        """The chat with one answer looked for again, with the index and the filter of now."""
        now = Address.parse(address)
        turn = self._turn(now, sent(event).get("value"))
        if turn is None:
            yield (gr.skip(),) * 7
            return
        yield *[gr.skip()] * 4, render("hint.html", hint=AGAIN), *_buttons(busy=True)
        again, passages = self._answer(turn.question, now.where, self._asked_before(now, turn))
        try:
            self.store.replace(now.conversation, turn.id, again)
        except NotKept as error:
            yield *[gr.skip()] * 4, render("hint.html", hint=str(error)), *_buttons(busy=False)
            return
        messages, hint = self._messages(now.conversation)
        yield messages, passages, gr.skip(), gr.skip(), hint, *_buttons(busy=False)

    def copy(self, event: gr.EventData, address: object) -> str:
        """An answer as text in the form that was pressed, for the clipboard."""
        form, _, turn_id = str(sent(event).get("value")).partition(" ")
        turn = self._turn(Address.parse(address), turn_id)
        return clipping_html(COPIES[form](turn), COPIED) if turn and form in COPIES else clipping_html("", GONE)

    def stop(self, address: object) -> tuple[Update, ...]:
        """The chat without the question that is being answered."""
        messages, _ = self._messages(Address.parse(address).conversation)
        return messages, render("hint.html", hint=STOPPED), *_buttons(busy=False)

    def load(self, query: object) -> list[Message]:
        """The conversation that the page was opened with."""
        return self._messages(Address.parse(query).conversation)[0]

    def edit(self, event: gr.EventData, address: object) -> Update:
        """The question of a turn as it was searched, in the field for the next one."""
        turn = self._turn(Address.parse(address), sent(event).get("value"))
        return gr.skip() if turn is None else turn.searched or turn.question

    def _answer(self, question: str, where: Mapping[str, str], history: Sequence[str]) -> tuple[Turn, Update]:
        """The turn, and its passages as HTML; a problem is a sentence in place of the answer."""
        if len(question) > LONGEST_QUESTION:
            return Turn.without_answer(
                shorten(question, QUESTION_SHOWN), say(LONG_QUESTION, number=LONGEST_QUESTION), where
            ), gr.skip()
        try:
            index = open_index(self.index_dir)
            answer = ask(question, index=index, where=where, history=history)
        except FootnotedError as error:
            return Turn.without_answer(question, str(error), where), gr.skip()
        except Exception:
            log.exception("The question could not be answered: %r", question)
            return Turn.without_answer(question, say(A_BUG), where), gr.skip()
        answer = replace(answer, passages=answer.passages[: settings_now().passages])
        if where and not answer.passages:
            return Turn.without_answer(question, say(NOTHING_PASSES), where), passages_html(())
        return Turn.of(answer, index, question, where), passages_html(answer.passages)

    def _keep(self, before: Address, turn: Turn, shown: list[Message]) -> tuple[Address, list[Message], str]:
        """The address and the chat after a turn; where it could not be kept, the answer all the same, and why."""
        try:
            after = replace(before, conversation=self.store.add(before.conversation, turn))
        except NotKept as error:
            return before, [*shown, *messages_of(turn)], render("hint.html", hint=str(error))
        return after, *self._messages(after.conversation)

    def _messages(self, conversation: str) -> tuple[list[Message], str]:
        """The chat of a conversation, and a hint where it cannot be read."""
        try:
            turns = self.store.turns(conversation) if conversation else []
        except NotKept as error:
            return [], render("hint.html", hint=str(error))
        return messages_in(turns), ""

    def _asked_before(self, address: Address, until: Turn | None = None) -> list[str]:
        """The questions of the conversation before this turn, as they were searched: a follow-up leans on them."""
        try:
            turns = self.store.turns(address.conversation) if address.conversation else []
        except NotKept:
            return []
        before = [turn for turn in turns if turn.generation and (until is None or turn.id < until.id)]
        return [turn.searched or turn.question for turn in before]

    def _turn(self, address: Address, value: object) -> Turn | None:
        """The turn that a button of its answer names."""
        if not isinstance(value, str) or not TURN_ID.fullmatch(value):
            return None
        try:
            return self.store.turn(address.conversation, int(value))
        except NotKept:
            return None


def messages_in(turns: Iterable[Turn]) -> list[Message]:
    """The chat of a conversation."""
    return [message for turn in turns for message in messages_of(turn)]


def messages_of(turn: Turn) -> list[Message]:
    """A turn in the chat: the question, and the answer with its buttons where it can be found again."""
    buttons = render("turn.html", turn=turn) if turn.id else ""
    return [_asked(turn.question), _said(f"{turn.shown}\n\n{buttons}".strip())]


def passages_html(passages: Iterable[Passage]) -> str:
    """The passages of an answer in their order, each with a link that opens it."""
    shown = [
        {
            "pointer": Pointer.to(passage.document_id, passage.start, passage.end, passage.text),
            "title": shown_place(shown_title(passage.title, passage.folder, passage.document), passage.page),
            "location": passage.location,
            "found_by": f" {say('and')} ".join(map(say, passage.found_by)),
            "copies": copies_line(passage.copies),
            "beginning": shorten(passage.text, BEGINNING_CHARACTERS),
        }
        for passage in passages
    ]
    return render("passages.html", passages=shown)


def _asked(question: str) -> Message:
    return {"role": "user", "content": escape_markdown(shorten(question, QUESTION_SHOWN))}


def _said(markdown: str) -> Message:
    return {"role": "assistant", "content": markdown}


def _buttons(busy: bool) -> tuple[gr.Button, gr.Button]:
    """Ask and Stop: the one that can be used now is shown."""
    return gr.Button(visible=not busy), gr.Button(visible=busy)
