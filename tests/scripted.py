"""A language model whose words are known beforehand, so that what becomes of them can be worked out by hand."""

import queue
import threading
from collections.abc import Callable, Sequence

from rag.generation import Line, Stage, Stop, Tell, Usage
from rag.prompt import Message


class Scripted:
    """Writes these pieces, a token each, whatever it is asked; `asked` keeps what that was."""

    def __init__(self, *pieces: str, window: int = 4096, complete: bool = True) -> None:
        self.name = "scripted"
        self.line = Line()
        self.window = window
        self.pieces = pieces
        self.complete = complete
        self.asked: list[Sequence[Message]] = []
        self.writing, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def prepare(self, tell: Tell, stop: Stop) -> None:
        """It is always ready."""
        stop.check()

    def count(self, messages: Sequence[Message]) -> int:
        """A token is a word."""
        return sum(len(message["content"].split()) for message in messages)

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        """The pieces, the first one at once and the others when `go_on` is set."""
        self.asked.append(messages)
        tell(Stage("reading", done=1.0))
        for piece in self.pieces[:most_tokens]:
            stop.check()
            take(piece)
            self.writing.set()
            with stop.waking(self.go_on.set):
                self.go_on.wait()
        stop.check()
        return Usage(self.count(messages), len(self.pieces), 1.0, self.complete)


class Stepped(Scripted):
    """Writes a piece for every `step`, after it was loaded and has read; in a ``with``, at the end of which it goes on
    by itself: a test that fails must not leave it waiting."""

    def __init__(self, *pieces: str) -> None:
        super().__init__(*pieces)
        self.steps: queue.SimpleQueue[None] = queue.SimpleQueue()

    def __enter__(self) -> "Stepped":
        return self

    def __exit__(self, *raised: object) -> None:
        self.finish()

    def finish(self) -> None:
        """Lets it go on to its end."""
        for _ in range(len(self.pieces) + 2):
            self.step()

    def step(self) -> None:
        """Lets it do one thing more."""
        self.steps.put(None)

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        """Half of the loading, half of the reading, then the pieces, each at a step."""
        with stop.waking(self.step):
            for stage in (Stage("loading", done=0.5), Stage("reading", done=0.5)):
                tell(stage)
                self._wait(stop)
            for piece in self.pieces:
                take(piece)
                self._wait(stop)
        return Usage(self.count(messages), len(self.pieces), 1.0)

    def _wait(self, stop: Stop) -> None:
        self.steps.get()
        stop.check()
