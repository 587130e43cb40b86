"""The conversations kept on this machine: listed, found, opened, renamed, deleted with a way back, exported."""

from dataclasses import replace
from typing import Any

import gradio as gr

from app.address import Address
from app.asking import Asking, Message, messages_in, passages_html
from app.export import FILES
from app.notes import say_problem
from app.press import sent
from app.sides import showing
from app.store import ID, NotKept, Store
from app.templates import render
from app.words import moment, say

MOST_LISTED = 100
"""The newest; older ones are found by their words."""

LONGEST_SEARCH = 200
NO_TITLE = "A conversation needs a title."


class Conversations:
    """The actions of the conversations. One that is opened ends what is being answered in the one before."""

    def __init__(self, store: Store, asking: Asking) -> None:
        self.store = store
        self.asking = asking

    def list(self, address: object) -> tuple[str, str]:
        """All of them, newest first, and the words they were searched for, which are none."""
        return self._listed(Address.parse(address)), ""

    def find(self, event: gr.EventData, address: object) -> tuple[str, str]:
        """Those with these words in their title, questions or answers, and the words."""
        words = _line(sent(event).get("words"))[:LONGEST_SEARCH]
        return self._listed(Address.parse(address), words), words

    def open(self, event: gr.EventData, address: object, request: gr.Request) -> tuple[Any, ...]:
        """Address and chat of the conversation that was pressed, and the list put away."""
        return *self.asking.leave(request), *self._chat(
            replace(Address.parse(address), conversation=_id(sent(event).get("value")))
        )

    def new(self, address: object, request: gr.Request) -> tuple[Any, ...]:
        """An empty chat, which becomes a conversation with its first question."""
        return *self.asking.leave(request), *self._chat(replace(Address.parse(address), conversation=""))

    def rename(self, event: gr.EventData, address: object, words: object) -> str:
        """The list, with another title for one."""
        values = sent(event)
        title = _line(values.get("title"))
        if not title:
            return self._listed(Address.parse(address), _line(words), problem=say(NO_TITLE))
        return self._changed(address, words, lambda: self.store.rename(_id(values.get("id")), title))

    def delete(self, event: gr.EventData, address: object, words: object, request: gr.Request) -> tuple[Any, ...]:
        """The list without one, which can be brought back; where it is the one that is open, an empty chat."""
        conversation, there = _id(sent(event).get("value")), Address.parse(address)
        listed = self._changed(address, words, lambda: self.store.delete(conversation), deleted=conversation)
        if not conversation or conversation != there.conversation or self._is_kept(conversation):
            return listed, *(gr.skip(),) * 6
        return listed, *self.asking.drop(request), str(replace(there, conversation="")), [], passages_html(())

    def restore(self, event: gr.EventData, address: object, words: object) -> str:
        """The list with one that was deleted."""
        return self._changed(address, words, lambda: self.store.restore(_id(sent(event).get("value"))))

    def _is_kept(self, conversation: str) -> bool:
        try:
            return self.store.title(conversation) is not None
        except NotKept:
            return True  # it could not be deleted either

    def _changed(self, address: object, words: object, change: Any, **about: str) -> str:
        try:
            change()
        except NotKept as error:
            return render("conversations.html", problem=say_problem(str(error)))
        return self._listed(Address.parse(address), _line(words), **about)

    def _listed(self, address: Address, words: str = "", **about: str) -> str:
        try:
            found = self.store.listed(words, MOST_LISTED)
        except NotKept as error:
            return render("conversations.html", problem=say_problem(str(error)))
        listed = [(one, moment(one.changed)) for one in found]
        about = {"current": address.conversation, "words": words, **about}
        return render("conversations.html", conversations=listed, most=MOST_LISTED, kinds=FILES, **about)

    def _chat(self, address: Address) -> tuple[Any, ...]:
        try:
            turns = self.store.turns(address.conversation) if address.conversation else []
        except NotKept:
            turns = []
        shown: list[Message] = messages_in(turns)
        there = address if turns else replace(address, conversation="")
        return str(there), shown, passages_html(()), *showing(None)


def _id(value: object) -> str:
    """The id that was sent, or one that no conversation has."""
    return value if isinstance(value, str) and ID.fullmatch(value) else ""


def _line(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
