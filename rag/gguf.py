"""A model file (GGUF) run in this process by llama.cpp, through xllamacpp.

xllamacpp runs llama.cpp's server, which listens on this machine; it is given a key that nobody else knows, and no page
of its own. Answers are taken past that socket; only tokens are counted through it.
"""

import gc
import http.client
import importlib.util
import json
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from index.errors import GeneratorError
from index.folders import expanded
from rag.generation import SEED, Line, Stage, Stop, Tell, Usage
from rag.gguf_files import read_gguf
from rag.prompt import Message

REQUIREMENT = "footnoted[llm]"

WINDOW_TOKENS = 4096
"""Eight passages take 2,500. A model's whole window, 128,000 for many, would take gigabytes of memory for nothing."""

BATCH_TOKENS = 128
"""Read at a time; between two batches a press on Stop is noticed: after 0.6 s on one slow core. With 512 at a time
reading was no faster on one core."""

READ_BYTES = 4_000_000
COUNT_TIMEOUT_S = 60

QUIET = -1
"""Of llama.cpp's log, which otherwise goes to the terminal."""


class GgufModel:
    """A model file, loaded when it is first used. ``megabytes`` is what this process grew by when it was.

    window: tokens that it reads and writes in all, at most those it was trained for.
    threads: processor cores that it computes on; all that this process may use, if not given.

    Raises GeneratorError for a file that is no model, or where xllamacpp is not installed.
    """

    def __init__(self, path: str | Path, window: int = WINDOW_TOKENS, threads: int | None = None) -> None:
        file = read_gguf(expanded(str(path)))
        if importlib.util.find_spec("xllamacpp") is None:
            raise GeneratorError(f"A model file needs xllamacpp. Install it: pip install '{REQUIREMENT}'")
        self.file = file
        self.name = file.name
        self.line = Line()
        self.megabytes: float | None = None
        self._window = min(window, file.window or window)
        self._threads = threads or _cores()
        self._loading = threading.Lock()
        self._server: Any = None
        self._key = secrets.token_urlsafe(24)
        self._takes_system = True

    @property
    def window(self) -> int:
        """Tokens that it reads and writes in all."""
        return self._window

    def prepare(self, tell: Tell, stop: Stop) -> None:
        """Loads it, once."""
        with self._loading:
            if self._server is None:
                self._load(tell, stop)

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of these messages in the model's own chat template."""
        answer = self._asked("POST", "/chat/completions/input_tokens", {"messages": self._accepted(messages)})
        return int(answer["input_tokens"])

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        """Writes until the model ends, the tokens are used up or `stop` is pressed."""
        request = {
            "messages": self._accepted(messages),
            "max_tokens": most_tokens,
            "temperature": 0,
            "seed": SEED,
            "stream": True,
            "stream_options": {"include_usage": True},
            "return_progress": True,
            "cache_prompt": False,  # what was asked before would change the last digits, and so the words
            "chat_template_kwargs": {"enable_thinking": False},
        }
        written = _Stream(take, tell, stop)
        self._server.handle_chat_completions(request, written.chunk)
        return written.usage()

    def close(self) -> None:
        """Frees its memory; it is loaded again when it is used again."""
        with self._loading:
            self._server = None
            gc.collect()

    def _load(self, tell: Tell, stop: Stop) -> None:
        import xllamacpp  # 100 MB of library, for whoever has a model write

        before = _resident_mb()
        self._read_ahead(tell, stop)
        try:
            self._server = xllamacpp.Server(self._parameters(xllamacpp))
        except Exception as error:
            raise GeneratorError(
                f"{self.file.path} cannot be loaded: it is damaged, of a kind that llama.cpp does not know, or too "
                f"large for the memory ({self.file.megabytes:,.0f} MB)."
            ) from error
        after = _resident_mb()
        self.megabytes = round(after - before, 1) if before and after else None
        abilities = self._asked("GET", "/props").get("chat_template_caps", {})
        self._takes_system = bool(abilities.get("supports_system_role", True))

    def _read_ahead(self, tell: Tell, stop: Stop) -> None:
        """Reads the file, which has to be done anyway: the loader holds every other thread up, and tells nothing."""
        size, read = max(1, self.file.path.stat().st_size), 0
        with self.file.path.open("rb", buffering=0) as file:
            while block := file.read(READ_BYTES):
                read += len(block)
                tell(Stage("loading", done=read / size))
                stop.check()

    def _parameters(self, xllamacpp: Any) -> Any:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self.file.path)
        parameters.n_ctx = self._window
        parameters.n_parallel = 1
        parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
        for processor in (parameters.cpuparams, parameters.cpuparams_batch):
            processor.n_threads = self._threads
        parameters.warmup = False
        parameters.verbosity = QUIET
        parameters.offline = True
        parameters.api_keys = [self._key]
        parameters.cors_origins = ""
        parameters.ui = parameters.endpoint_slots = False
        return parameters

    def _accepted(self, messages: Sequence[Message]) -> list[dict[str, str]]:
        """The messages as the model's template takes them: some know no system."""
        if self._takes_system or messages[0]["role"] != "system":
            return [dict(message) for message in messages]
        first = {"role": "user", "content": "\n\n".join(message["content"] for message in messages)}
        return [first]

    def _asked(self, method: str, path: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What llama.cpp's server in this process answers; past any proxy of the environment."""
        address = urlsplit(self._server.listening_address)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=COUNT_TIMEOUT_S)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(values) if values else None, headers)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise GeneratorError(f"{self.name} does not answer any more ({error}). Start footnoted anew.") from error
        finally:
            connection.close()
        if "error" in answer:
            raise GeneratorError(f"{self.name} cannot be asked: {_reason(answer['error'])}")
        return answer


class _Stream:
    """What llama.cpp says while it writes; it stops where `chunk` answers True."""

    def __init__(self, take: Callable[[str], None], tell: Tell, stop: Stop) -> None:
        self.take, self.tell, self.stop = take, tell, stop
        self.finish = ""
        self.counts: Mapping[str, Any] = {}
        self.timings: Mapping[str, Any] = {}
        self.problem: Exception | None = None

    def chunk(self, values: dict[str, Any]) -> bool:
        """True where nothing more is wanted. What is raised here would be lost in llama.cpp, so it is kept."""
        try:
            self.stop.check()
            self._read(values)
        except Exception as problem:
            self.problem = problem
        return self.problem is not None

    def usage(self) -> Usage:
        """What it took; raises what was raised on the way."""
        if self.problem is not None:
            raise self.problem
        self.stop.check()
        return Usage(
            prompt_tokens=int(self.counts.get("prompt_tokens", 0)),
            tokens=int(self.counts.get("completion_tokens", 0)),
            seconds=float(self.timings.get("predicted_ms", 0.0)) / 1000,
            complete=self.finish != "length",
        )

    def _read(self, values: dict[str, Any]) -> None:
        if "error" in values:
            raise GeneratorError(f"The model stopped: {_reason(values['error'])}")
        progress = values.get("prompt_progress")
        if progress:
            self.tell(Stage("reading", done=progress["processed"] / max(1, progress["total"])))
        self.counts = values.get("usage") or self.counts
        self.timings = values.get("timings") or self.timings
        for choice in values.get("choices", ()):
            self.finish = choice.get("finish_reason") or self.finish
            text = choice.get("delta", {}).get("content")
            if text:
                self.take(text)


def _reason(error: Any) -> str:
    return str(error.get("message", error)) if isinstance(error, dict) else str(error)


def _cores() -> int:
    """Processor cores that this process may use."""
    with suppress(AttributeError):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _resident_mb() -> float:
    """Memory that this process holds; 0 where the system does not say it in /proc."""
    with suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return 0.0
