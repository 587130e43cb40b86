"""A language model whose words are known beforehand, so that what becomes of them can be worked out by hand."""

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
