"""What a language model offers to `rag.writing`, whatever runs it: a name, a window, a count, and writing.

`rag.gguf` runs a model file in this process, `rag.server` asks a server. Everything here may be called from several
threads; a model writes one answer at a time, and questions wait for it in the order they came.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from index.errors import UsageError
from rag.prompt import Message

SEED = 1
"""With temperature 0 a model has no use for it; a server that ignores the temperature may still keep to the seed."""

LOOK_S = 0.2
"""How often a question that waits looks whether it is still wanted."""

MEASURED_TOKENS = 64
"""That a model writes to have its speed measured."""


class Stopped(Exception):
    """The answer is not wanted any more."""


class Stop:
    """A wish that an answer be given up. Whoever waits for something that does not look says how it is woken."""

    def __init__(self) -> None:
        self._pressed = threading.Event()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []

    def press(self) -> None:
        """Gives the answer up; from any thread, any number of times."""
        self._pressed.set()
        with self._lock:
            wakers, self._wakers = self._wakers, []
        for wake in wakers:
            wake()

    @property
    def pressed(self) -> bool:
        """True once the answer is given up."""
        return self._pressed.is_set()

    def check(self) -> None:
        """Raises Stopped once the answer is given up."""
        if self.pressed:
            raise Stopped

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Inside, `press` calls `wake`. Raises Stopped where it has been pressed already."""
        with self._lock:
            self.check()
            self._wakers.append(wake)
        try:
            yield
        finally:
            with self._lock, contextlib.suppress(ValueError):
                self._wakers.remove(wake)


@dataclass(frozen=True)
class Stage:
    """What is being done: "waiting" for questions before this one, "loading", "reading", "writing", "" when all is."""

    name: str
    ahead: int = 0  # questions that are answered first
    done: float = 0.0  # share of the loading or the reading


Tell = Callable[[Stage], None]


@dataclass(frozen=True)
class Usage:
    """What an answer took. ``complete`` is False where it was cut off at the most tokens it may have."""

    prompt_tokens: int
    tokens: int
    seconds: float  # of writing, from the first token on
    complete: bool = True

    @property
    def tokens_per_second(self) -> float:
        """How fast it was written; 0 where that was not measured."""
        return self.tokens / self.seconds if self.seconds > 0 else 0.0


class Line:
    """Questions that wait for one model, in the order they came."""

    def __init__(self) -> None:
        self._tickets: deque[object] = deque()
        self._moved = threading.Condition()

    @contextlib.contextmanager
    def turn(self, tell: Tell, stop: Stop) -> Iterator[None]:
        """Waits until no earlier question is left, telling how many are; raises Stopped where `stop` is pressed."""
        ticket = object()
        with self._moved:
            self._tickets.append(ticket)
        try:
            self._wait(ticket, tell, stop)
            yield
        finally:
            with self._moved:
                self._tickets.remove(ticket)
                self._moved.notify_all()

    def _wait(self, ticket: object, tell: Tell, stop: Stop) -> None:
        told = 0
        while ahead := self._ahead(ticket):
            if ahead != told:
                tell(Stage("waiting", ahead=ahead))
                told = ahead
            with self._moved:
                self._moved.wait_for(lambda: self._tickets[0] is ticket, LOOK_S)
            stop.check()

    def _ahead(self, ticket: object) -> int:
        with self._moved:
            return self._tickets.index(ticket)


class Generator(Protocol):
    """A language model that can be asked. Every method but `line`'s is called by one thread at a time."""

    name: str  # shown as what wrote the answer
    line: Line

    def prepare(self, tell: Tell, stop: Stop) -> None:
        """Makes it ready: loaded, or found where it should answer. Raises GeneratorError, or Stopped."""

    @property
    def window(self) -> int:
        """Tokens it reads and writes in all, once it is prepared."""

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens that these messages take, with everything the model's template adds."""

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        """Writes, giving each piece of text to `take`. Raises GeneratorError, or Stopped."""


def checked_generator(generator: Generator | None) -> Generator | None:
    """The language model, if there is one. Raises UsageError for what is none, as its name alone."""
    if generator is None or callable(getattr(generator, "write", None)):
        return generator
    raise UsageError(
        "The generator is a language model, rag.gguf.GgufModel(FILE) or rag.server.ServerModel(ADDRESS, NAME), not "
        f"{type(generator).__name__}."
    )


@dataclass(frozen=True)
class Measured:
    """How a model does on this machine."""

    name: str
    window: int
    load_s: float
    tokens_per_second: float
    megabytes: float | None  # that this process grew by; None where that is not known, or it runs elsewhere

    def lines(self) -> Iterator[str]:
        """The figures for people."""
        memory = f", {self.megabytes:,.0f} MB of memory" if self.megabytes is not None else ""
        yield f"generator   {self.name}, {self.window:,} tokens, ready in {self.load_s:.1f} s{memory}"
        yield f"writes      {self.tokens_per_second:.0f} tokens a second"


def measured(generator: Generator) -> Measured:
    """How long a model takes to get ready and how fast it writes. Raises GeneratorError."""
    stop, started = Stop(), time.perf_counter()
    generator.prepare(_nothing, stop)
    ready = time.perf_counter()
    task = [{"role": "user", "content": "Write the numbers from one to fifty in words."}]
    usage = generator.write(task, MEASURED_TOKENS, _nothing, _nothing, stop)
    return Measured(
        name=generator.name,
        window=generator.window,
        load_s=round(ready - started, 2),
        tokens_per_second=round(usage.tokens_per_second, 1),
        megabytes=getattr(generator, "megabytes", None),
    )


def _nothing(_: object) -> None:
    """For whoever does not want to be told."""
