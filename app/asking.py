"""Asking: the question goes to `rag`, its answer into the chat, the passages it was looked for in below.

A problem is a sentence in the place where the answer would stand.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import gradio as gr

from app.address import Address
from app.building import A_BUG
from app.clipboard import clipping_html
from app.export import COPIES
from app.footnotes import Pointer, copies_line, escape_markdown, shorten, shown_place, shown_title
from app.generators import NO_MODELS, Models
from app.notes import say_problem
from app.press import sent
from app.settings import settings_now
from app.store import NotKept, Store
from app.templates import render
from app.turns import Turn
from app.words import say
from index import open_index
from index.errors import FootnotedError
from index.opened import Index
from rag.answer import Answer, answers
from rag.generation import Generator, Stop
from rag.passages import Passage
from rag.where import nothing_passes
from rag.writing import given_up

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
NO_CONVERSATION = "This conversation is no longer kept here. Your next question begins a new one."
BEGUN_ANEW = "The conversation is no longer kept here; it was deleted. Your question begins a new one."
WAIT = "The answer before this one is still being written. Wait for it, or press Stop."
NOTHING_PASSES = "No document passes the filter, so there was nothing to search. Change the filter or clear it."

SHOWN_AGAIN_S = 0.15
"""Between two pictures of a sentence that is being written; a model writes up to a hundred words a second."""

DONE = ("", 0)
"""No model is at work."""

TURN_ID = re.compile(r"[0-9]{1,18}")

Message = dict[str, Any]
Update = Any  # what Gradio takes as an output: a value, or a component with the properties to change

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Shown:
    """An answer as the page shows it."""

    turn: Turn
    passages: Update
    progress: tuple[str, int] = DONE  # what the model is doing, and how many sentences there are
    given_up: Callable[[], Turn] | None = None  # what there is of it, where it is stopped now


@dataclass
class _Run:
    """A question that is being answered in a tab: how to stop it, how to keep it, and what there is by now."""

    stop: Stop
    keep: Callable[[Turn], tuple[Update, ...]]  # gives back what the page shows then
    shown: _Shown | None = None
    place: tuple[str, int] | None = None  # conversation and turn, where its quotes are kept already
    lock: threading.Lock = field(default_factory=threading.Lock)  # held by whoever keeps something of it
    is_over: bool = False

    def end(self) -> bool:
        """True for the first who ends it, and may keep it: answering and pressing have threads of their own."""
        with self.lock:
            first, self.is_over = not self.is_over, True
        return first

    def left(self) -> Turn | None:
        """What there is of the answer now, where it can be stopped; None where there is nothing yet."""
        return self.shown.given_up() if self.shown and self.shown.given_up else None

    def kept(self, turn: Turn) -> tuple[Update, ...]:
        """What the page shows of the turn, which is kept, with its passages."""
        messages, _, *others = self.keep(turn)
        return messages, self.shown.passages if self.shown else gr.skip(), *others


class Asking:
    """The actions around the question. A language model, if there is one, writes below the quotes."""

    def __init__(self, index_dir: str | Path, store: Store, models: Models = NO_MODELS) -> None:
        self.index_dir = index_dir
        self.store = store
        self.models = models
        self.runs: dict[str, _Run] = {}  # tab -> what it waits for

    def ask(self, event: gr.EventData, address: object, request: gr.Request) -> Iterator[tuple[Update, ...]]:
        """The chat with the question and a sign of work, then with the answer and the passages it is from.

        With the first, the number that the question was sent with: from then on the field need not keep it.
        """
        question, number = (sent(event).get(name) for name in ("value", "number"))
        # half a surrogate pair, which no keyboard makes, could not be sent back
        asked = question.strip().encode("utf-8", "replace").decode() if isinstance(question, str) else ""
        if not asked:
            yield *[gr.skip()] * 4, render("hint.html", hint=EMPTY_QUESTION), gr.skip(), gr.skip()
            return
        before = Address.parse(address)
        self.leave(request)
        conversation, hint = self._messages(before.conversation)
        yield (
            [*conversation, _asked(asked), _said(f"*{say(SEARCHING)}*")],
            gr.skip(),
            gr.skip(),
            str(number) if isinstance(number, int) else gr.skip(),
            hint,
            *_buttons(busy=True),
        )
        run = self._begin(request, lambda turn: self._kept(before, turn, conversation, run.place))
        history = self._asked_before(before)
        for number, shown in enumerate(self._growing(run, asked, before.where, history)):
            there = self._keep_quotes(run, before) if number == 0 else gr.skip()
            yield [*conversation, *messages_of(shown.turn)], shown.passages, there, *[gr.skip()] * 4
        yield from self._end(run)

    def retry(self, event: gr.EventData, address: object, request: gr.Request) -> Iterator[tuple[Update, ...]]:
        """The chat with one answer looked for again, with the index and the filter of now."""
        now = Address.parse(address)
        turn = self._turn(now, sent(event).get("value"))
        if turn is None:
            yield *[gr.skip()] * 4, render("hint.html", hint=GONE), gr.skip(), gr.skip()
            return
        self.leave(request)
        yield *[gr.skip()] * 4, render("hint.html", hint=AGAIN), *_buttons(busy=True)
        run = self._begin(request, lambda again: self._replaced(now, turn, again))
        history = self._asked_before(now, turn)
        for shown in self._growing(run, turn.question, now.where, history):
            yield self._with(now, turn, shown.turn), shown.passages, *[gr.skip()] * 5
        yield from self._end(run)

    def copy(self, event: gr.EventData, address: object) -> str:
        """An answer as text in the form that was pressed, for the clipboard."""
        form, _, turn_id = str(sent(event).get("value")).partition(" ")
        turn = self._turn(Address.parse(address), turn_id)
        return clipping_html(COPIES[form](turn), COPIED) if turn and form in COPIES else clipping_html("", GONE)

    def stop(self, address: object, request: gr.Request) -> tuple[Update, ...]:
        """The chat with what there is of the answer that was stopped; without the question, where there is nothing."""
        shown = self._stopped(request)
        if shown is None:
            messages, _ = self._messages(Address.parse(address).conversation)
            return messages, *[gr.skip()] * 3, render("hint.html", hint=STOPPED), *_buttons(busy=False)
        return *shown[:4], render("hint.html", hint=STOPPED), *shown[5:]

    def leave(self, request: gr.Request) -> tuple[Update, ...]:
        """Hint and buttons of a chat that shows something else now; of an answer on its way, what there is is kept."""
        self._stopped(request)
        return "", *_buttons(busy=False)

    def drop(self, request: gr.Request) -> tuple[Update, ...]:
        """The same, where the conversation was deleted: nothing of the answer is kept."""
        self._stopped(request, kept=False)
        return "", *_buttons(busy=False)

    def wait(self) -> str:
        """The hint for a question that is sent while another one is being answered."""
        return render("hint.html", hint=WAIT)

    def load(self, query: object) -> tuple[list[Message], Update]:
        """The conversation that the page was opened with, and a hint where there is none."""
        conversation = Address.parse(query).conversation
        messages, hint = self._messages(conversation)
        if conversation and not messages and not hint:
            hint = render("hint.html", hint=NO_CONVERSATION)
        return messages, hint or gr.skip()

    def edit(self, event: gr.EventData, address: object) -> tuple[Update, Update]:
        """The question of a turn as it was searched, in the field for the next one; else a hint that it is gone."""
        turn = self._turn(Address.parse(address), sent(event).get("value"))
        if turn is None:
            return gr.skip(), render("hint.html", hint=GONE)
        return turn.searched or turn.question, gr.skip()

    def _stopped(self, request: gr.Request, *, kept: bool = True) -> tuple[Update, ...] | None:
        """What the page shows once the run of this tab is stopped and what there is of it kept; None for nothing."""
        run = self.runs.pop(_tab(request), None)
        if run is None:
            return None
        run.stop.press()
        left = run.left() if run.end() and kept else None
        return run.kept(left) if left else None

    def _keep_quotes(self, run: _Run, before: Address) -> Update:
        """Keeps the quotes before the model has written, so that a reload loses no question; gives their address."""
        with run.lock:
            left = run.left()
            if run.is_over or left is None:
                return gr.skip()
            try:
                run.place = self.store.add_as(before.conversation, left)
            except NotKept:
                return gr.skip()  # said at the end, when it is tried again
        return str(replace(before, conversation=run.place[0]))

    def _begin(self, request: gr.Request, keep: Callable[[Turn], tuple[Update, ...]]) -> _Run:
        """The run of this tab."""
        run = self.runs[_tab(request)] = _Run(Stop(), keep)
        return run

    def _end(self, run: _Run) -> Iterator[tuple[Update, ...]]:
        """What the page shows once a run is through, and kept; nothing where it was stopped, see `stop`."""
        yield (gr.skip(),) * 7  # where a press on Stop is noticed
        for tab, known in list(self.runs.items()):
            if known is run:
                del self.runs[tab]
        if run.end() and run.shown is not None:
            yield run.kept(run.shown.turn)

    def _growing(self, run: _Run, question: str, where: Mapping[str, str], history: Sequence[str]) -> Iterator[_Shown]:
        """The answer while a model is at work, several times a second; in the run, it is always the last one."""
        shown_at, progress = 0.0, DONE
        for shown in self._answered(question, where, history, run.stop):
            if run.is_over:
                return  # the chat may show another conversation by now
            run.shown = shown
            late = time.monotonic() - shown_at > SHOWN_AGAIN_S
            if shown.progress != DONE and (shown.progress != progress or late):
                shown_at, progress = time.monotonic(), shown.progress
                yield shown

    def _answered(
        self, question: str, where: Mapping[str, str], history: Sequence[str], stop: Stop
    ) -> Iterator[_Shown]:
        """The answer as it grows; a problem is a sentence in its place."""
        if len(question) > LONGEST_QUESTION:
            yield _Shown(
                Turn.without_answer(
                    shorten(question, QUESTION_SHOWN), say(LONG_QUESTION, number=LONGEST_QUESTION), where
                ),
                gr.skip(),
            )
            return
        chosen, models = settings_now(), self.models
        generator = models.writer(chosen.writer)
        strict = chosen.is_strict(models.strict)
        try:
            index = open_index(self.index_dir)
            for answer in answers(
                question, index, where, history, generator, strict, stop, models.reranker, models.nli
            ):
                yield _shown(answer, index, question, where, generator)
        except FootnotedError as error:
            yield _Shown(Turn.without_answer(question, say_problem(str(error)), where), gr.skip())
        except Exception:
            log.exception("The question could not be answered: %r", question)
            yield _Shown(Turn.without_answer(question, say(A_BUG), where), gr.skip())

    def _kept(
        self, before: Address, turn: Turn, conversation: list[Message], place: tuple[str, int] | None
    ) -> tuple[Update, ...]:
        """What the page shows of a turn that is kept, in the place of its quotes where those are kept."""
        now = replace(before, conversation=place[0]) if place else before
        after, messages, hint = self._keep(now, turn, conversation, place[1] if place else 0)
        if now.conversation and after.conversation != now.conversation:
            hint = render("hint.html", hint=BEGUN_ANEW)
        there = gr.skip() if after == now else str(after)  # the filter may have been changed meanwhile
        return messages, gr.skip(), there, gr.skip(), hint, *_buttons(busy=False)

    def _replaced(self, now: Address, turn: Turn, again: Turn) -> tuple[Update, ...]:
        """What the page shows of a turn that takes the place of another."""
        try:
            is_kept = self.store.replace(now.conversation, turn.id, again)
        except NotKept as error:
            return *[gr.skip()] * 4, render("hint.html", hint=say_problem(str(error))), *_buttons(busy=False)
        if not is_kept:
            return *[gr.skip()] * 4, render("hint.html", hint=GONE), *_buttons(busy=False)
        messages, hint = self._messages(now.conversation)
        return messages, *[gr.skip()] * 3, hint, *_buttons(busy=False)

    def _with(self, now: Address, turn: Turn, again: Turn) -> list[Message]:
        """The chat with one turn as it grows in the place of another."""
        try:
            turns = self.store.turns(now.conversation)
        except NotKept:
            return []
        return messages_in(again if one.id == turn.id else one for one in turns)

    def _keep(
        self, before: Address, turn: Turn, shown: list[Message], turn_id: int
    ) -> tuple[Address, list[Message], str]:
        """The address and the chat after a turn; where it could not be kept, the answer all the same, and why."""
        try:
            is_kept = turn_id and self.store.replace(before.conversation, turn_id, turn)
            after = before if is_kept else replace(before, conversation=self.store.add(before.conversation, turn))
        except NotKept as error:
            return before, [*shown, *messages_of(turn)], render("hint.html", hint=say_problem(str(error)))
        return after, *self._messages(after.conversation)

    def _messages(self, conversation: str) -> tuple[list[Message], str]:
        """The chat of a conversation, and a hint where it cannot be read."""
        try:
            turns = self.store.turns(conversation) if conversation else []
        except NotKept as error:
            return [], render("hint.html", hint=say_problem(str(error)))
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


def _shown(
    answer: Answer, index: Index, question: str, where: Mapping[str, str], generator: Generator | None
) -> _Shown:
    """The answer with as many passages as are to be shown."""
    if where and not answer.passages:
        reasons = map(say_problem, nothing_passes(index, where))
        said = " ".join((*reasons, say(NOTHING_PASSES)))
        return _Shown(Turn.without_answer(question, said, where), passages_html(()))
    answer = replace(answer, passages=answer.passages[: settings_now().passages])
    draft, passages = answer.written, passages_html(answer.passages)
    is_settled = generator is None or answer.refused or (draft is None and bool(answer.skipped))
    is_growing = not is_settled and (draft is None or bool(draft.stage.name))
    turn = Turn.of(answer, index, question, where, growing=is_growing)
    if is_settled:
        return _Shown(turn, passages)
    left = given_up(draft) if draft else None
    settled = replace(answer, written=left, generator=left.generator if left else None)
    progress = (draft.stage.name, len(draft.sentences)) if draft else ("quoted", 0)
    return _Shown(turn, passages, progress, lambda: Turn.of(settled, index, question, where))


def _tab(request: gr.Request) -> str:
    return str(request.session_hash)


def _asked(question: str) -> Message:
    return {"role": "user", "content": escape_markdown(shorten(question, QUESTION_SHOWN))}


def _said(markdown: str) -> Message:
    return {"role": "assistant", "content": markdown}


def _buttons(busy: bool) -> tuple[gr.Button, gr.Button]:
    """Ask and Stop: the one that can be used now is shown."""
    return gr.Button(visible=not busy), gr.Button(visible=busy)
