"""A language model on a server with the OpenAI API: Ollama, llama.cpp, LM Studio, vLLM.

The passages are sent there, so the server has to be on this machine, unless it is said that it may be elsewhere. No
proxy and no redirection is followed to a server of this machine, for both lead away from it. A key is taken from the
environment only, FOOTNOTED_API_KEY or OPENAI_API_KEY, and told to nobody else.
"""

import contextlib
import importlib.util
import ipaddress
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from index.errors import GeneratorError, UsageError
from index.tokens import count_tokens
from rag.generation import SEED, Line, Stop, Tell, Usage
from rag.prompt import Message

REQUIREMENT = "footnoted[llm]"
KEYS = ("FOOTNOTED_API_KEY", "OPENAI_API_KEY")
NO_KEY = "none"
"""The client insists on one, and local servers ask for none."""

ASSUMED_WINDOW = 4096
"""Of a server that does not say: Ollama's own default, which it does not tell, and past which it cuts in silence."""

MARGIN = 1.3
"""Other vocabularies need more tokens than the one that is counted in: SmolLM2's 1.15 times as many for the seeds."""

MESSAGE_TOKENS = 8
"""That a chat template adds to each message."""

CUT_SHARE = 0.5
"""A server that read less than this of the tokens counted has cut the prompt: no vocabulary is that much smaller."""

CONNECT_S = 5
SILENCE_S = 120
"""Without a word: a large model that is loaded first, and reads 1,500 tokens on a slow processor, needs a minute."""


class ServerModel:
    """A model by its name on a server, such as ``http://127.0.0.1:11434/v1``.

    allow_remote: the server may be another machine, which the question and the passages are sent to.
    window: tokens that it reads and writes in all; as the server says, if not given, or 4,096.
    silence_s: seconds without a word after which it is given up.

    Raises UsageError for an address that is none, or of another machine; GeneratorError where openai is not installed.
    """

    def __init__(
        self, url: str, model: str, allow_remote: bool = False, window: int | None = None, silence_s: float = SILENCE_S
    ) -> None:
        address = _address(url)
        if importlib.util.find_spec("openai") is None:
            raise GeneratorError(f"A server needs the client openai. Install it: pip install '{REQUIREMENT}'")
        self.url, self.model = url, model
        self.name = f"{model} at {address.netloc.rpartition('@')[2]}"
        self.line = Line()
        self.silence_s = silence_s
        self._host = address.hostname or ""
        self._local = not allow_remote
        self._window = window
        self._client: Any = None
        self._socket: socket.socket | None = None
        self._check_host()

    @property
    def window(self) -> int:
        """Tokens that it reads and writes in all."""
        return self._window or ASSUMED_WINDOW

    def prepare(self, tell: Tell, stop: Stop) -> None:
        """Looks where the name of the server leads by now, and asks it how much the model reads."""
        stop.check()
        self._check_host()
        if self._client is None:
            self._client = self._made()
        if self._window is None:
            self._window = self._stated_window()

    def count(self, messages: Sequence[Message]) -> int:
        """Tokens of these messages, estimated on the safe side."""
        return round(MARGIN * sum(count_tokens(one["content"]) + MESSAGE_TOKENS for one in messages))

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        """Writes until the model ends, the tokens are used up or `stop` is pressed."""
        reading = _Reading(take)
        with self._problems(stop, reading), stop.waking(self._hang_up), self._stream(messages, most_tokens) as stream:
            for chunk in stream:
                stop.check()
                reading.chunk(chunk)
        stop.check()
        return self._checked(reading, messages)

    def _stream(self, messages: Sequence[Message], most_tokens: int) -> Any:
        return self._client.chat.completions.create(
            model=self.model,
            messages=[dict(message) for message in messages],
            max_tokens=most_tokens,
            temperature=0,
            seed=SEED,
            stream=True,
            stream_options={"include_usage": True},
        )

    def _checked(self, reading: "_Reading", messages: Sequence[Message]) -> Usage:
        if not reading.pieces:
            raise GeneratorError(self._unreadable())
        if not reading.finish:
            raise GeneratorError(self._broken_off())
        usage, counted = reading.usage(), self.count(messages) / MARGIN
        if 0 < usage.prompt_tokens < CUT_SHARE * counted:
            raise GeneratorError(
                f"{self.name} read {usage.prompt_tokens:,} of about {counted:,.0f} tokens: its window is too small "
                "and it cut the passages off. Give the model a larger one (for Ollama: OLLAMA_CONTEXT_LENGTH=8192)."
            )
        return usage

    def _made(self) -> Any:
        import openai  # 1 s, for whoever has a server write

        key = next((os.environ[name] for name in KEYS if os.environ.get(name)), NO_KEY)
        timeout = openai.Timeout(self.silence_s, connect=CONNECT_S)
        plain = openai.DefaultHttpxClient(
            trust_env=not self._local,
            follow_redirects=False,
            timeout=timeout,
            headers={"Connection": "close"},  # a new socket for each request, which `_connected` sees
            event_hooks={"request": [self._traced]},
        )
        return openai.OpenAI(base_url=self.url, api_key=key, max_retries=0, timeout=timeout, http_client=plain)

    def _traced(self, request: Any) -> None:
        request.extensions["trace"] = self._connected

    def _connected(self, event: str, about: Mapping[str, Any]) -> None:
        """Keeps the socket of the request that is made."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = about["return_value"].get_extra_info("socket")

    def _hang_up(self) -> None:
        """Ends a request from another thread; to close its socket would not wake the one that reads from it."""
        with contextlib.suppress(OSError):  # it may have ended by itself
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def _stated_window(self) -> int | None:
        """What vLLM and llama.cpp say of the model in their list; Ollama and LM Studio do not say."""
        import openai

        listed: list[Any] = []
        with self._problems(Stop()), contextlib.suppress(openai.APIStatusError):  # not every server has a list
            listed = list(self._client.models.list())
        for model in listed:
            extra = getattr(model, "model_extra", None) or {}
            meta: Any = extra.get("meta") if isinstance(extra.get("meta"), dict) else None
            stated = [extra.get("max_model_len"), *(map(meta.get, ("n_ctx", "n_ctx_train")) if meta else ())]
            if getattr(model, "id", None) == self.model or len(listed) == 1:
                return next((one for one in stated if isinstance(one, int) and one > 0), None)
        return None

    def _check_host(self) -> None:
        """Raises UsageError for a server that is not on this machine, unless that is allowed."""
        if self._local and not _is_this_machine(self._host):
            raise UsageError(
                f"{self._host} is not this machine: the question and passages of the documents would be sent there. "
                "If that is wanted: --allow-remote"
            )

    @contextlib.contextmanager
    def _problems(self, stop: Stop, reading: "_Reading | None" = None) -> Iterator[None]:
        """Inside, what can go wrong between here and the server becomes a sentence."""
        import openai

        try:
            yield
        except openai.APITimeoutError as error:
            raise GeneratorError(f"{self.name} did not answer within {self.silence_s:g} seconds.") from error
        except openai.APIStatusError as error:
            raise GeneratorError(self._refused(error.status_code, error.body)) from error
        except openai.APIConnectionError as error:
            stop.check()
            begun = reading is not None and reading.pieces
            raise GeneratorError(self._broken_off() if begun else self._away()) from error
        except json.JSONDecodeError as error:
            raise GeneratorError(self._unreadable()) from error
        except openai.APIError as error:
            raise GeneratorError(f"{self.name} reports an error: {str(error)[:200]}") from error

    def _away(self) -> str:
        return f"{self.name} cannot be reached. Is the server running?"

    def _broken_off(self) -> str:
        return f"{self.name} stopped in the middle of the answer."

    def _unreadable(self) -> str:
        return f"{self.name} answered with nothing that can be read as an answer."

    def _refused(self, status: int, body: object) -> str:
        if status in (401, 403):
            return f"{self.name} wants a key. Put it into the environment: {KEYS[0]}"
        if 300 <= status < 400:
            return f"{self.name} sends elsewhere ({status}), which is not followed. Give the address that it sends to."
        reason = body.get("message") if isinstance(body, dict) else None
        said = f": {' '.join(str(reason).split())[:200]}" if reason else ""
        return f"{self.name} refuses the question (status {status}){said.rstrip('.')}."


class _Reading:
    """The pieces of an answer; what does not look like one is passed over."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self.take = take
        self.pieces = 0
        self.finish = ""
        self.first_at = self.last_at = 0.0
        self.counts: Any = None

    def chunk(self, chunk: Any) -> None:
        self.counts = getattr(chunk, "usage", None) or self.counts
        choices = getattr(chunk, "choices", None)
        for choice in choices if isinstance(choices, list) else ():
            text = getattr(getattr(choice, "delta", None), "content", None)
            finish = getattr(choice, "finish_reason", None)
            self.finish = finish if isinstance(finish, str) else self.finish
            if isinstance(text, str) and text:
                self.last_at = time.perf_counter()
                self.first_at = self.first_at or self.last_at
                self.pieces += 1
                self.take(text)

    def usage(self) -> Usage:
        """As the server counts; where it does not, a piece is a token."""
        return Usage(
            prompt_tokens=_count(self.counts, "prompt_tokens"),
            tokens=_count(self.counts, "completion_tokens") or self.pieces,
            seconds=self.last_at - self.first_at,
            complete=self.finish != "length",
        )


def _count(counts: Any, name: str) -> int:
    value = getattr(counts, name, None)
    return value if isinstance(value, int) else 0


def _address(url: str) -> SplitResult:
    address = urlsplit(url)
    try:
        usable = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{url} is no address of a server. One looks like this: http://127.0.0.1:11434/v1")
    return address


def _is_this_machine(host: str) -> bool:
    """True where every address of a name is this machine's own."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(ipaddress.ip_address(str(one[4][0]).split("%")[0]).is_loopback for one in found)
