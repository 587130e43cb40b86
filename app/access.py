"""Who may see the page where others can reach it: a password, kept as a hash, and a session for whoever knows it.

On this machine alone nothing is asked. `Gate` stands before everything else that the server answers.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import answer_as_chosen, settings_now
from app.templates import render
from index.errors import FootnotedError, UsageError
from index.opened import index_path

FILE = "password.json"
SHORTEST = 10
"""Characters. A shorter one is guessed by someone who has the file."""

LONGEST = 1_000

SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 2**20}
"""32 MB and a tenth of a second for a guess (OWASP's second choice)."""

COOKIE = "footnoted"
SESSION_S = 7 * 24 * 60 * 60

FREE_TRIES = 3
LONGEST_WAIT_S = 300
MOST_REMEMBERED = 10_000
"""Addresses and sessions kept in memory."""

WRONG = "This is not the password."
WAIT = "Too many wrong passwords. Wait a while and try again."
FOREIGN = "This request comes from another page, and is refused."


@dataclass(frozen=True)
class Password:
    """The hash of a password."""

    salt: str
    hash: str

    @classmethod
    def of(cls, password: str) -> "Password":
        """The hash to keep. Raises UsageError for one that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise UsageError(f"A password has {SHORTEST} to {LONGEST:,} characters.")
        salt = secrets.token_hex(16)
        return cls(salt, _scrypt(password, salt))

    def matches(self, password: str) -> bool:
        """True for the password it was made from; takes as long for every other one."""
        return hmac.compare_digest(_scrypt(password[:LONGEST], self.salt), self.hash)


def keep_password(index_dir: str | Path, password: str) -> Path:
    """Writes the hash of a password beside the index, for its owner's eyes only, and says where."""
    file = index_path(index_dir) / FILE
    made = json.dumps(asdict(Password.of(password)))
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{FILE}.{secrets.token_hex(4)}")
    fresh.touch(0o600, exist_ok=False)
    fresh.write_text(made, "utf-8")
    fresh.replace(file)
    return file


def read_password(index_dir: str | Path) -> Password | None:
    """The password of an index; None where none was set. Raises FootnotedError where it cannot be read."""
    file = index_path(index_dir) / FILE
    try:
        return Password(**json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise FootnotedError(f"The password in {file} cannot be read. Set it anew: footnoted password") from error


class Attempts:
    """Wrong passwords by address: after three, each next try waits twice as long as the one before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, tuple[int, float]] = {}  # how many, and until when to wait

    def must_wait(self, address: str) -> bool:
        """True while no password is looked at from there."""
        return self._clock() < self._failed.get(address, (0, 0.0))[1]

    def failed(self, address: str) -> None:
        """One more wrong password."""
        count = self._failed.pop(address, (0, 0.0))[0] + 1
        wait_s = min(LONGEST_WAIT_S, 2.0 ** (count - FREE_TRIES)) if count >= FREE_TRIES else 0.0
        self._failed[address] = (count, self._clock() + wait_s)
        if len(self._failed) > MOST_REMEMBERED:
            self._failed.pop(next(iter(self._failed)))

    def succeeded(self, address: str) -> None:
        """The right one."""
        self._failed.pop(address, None)


class Gate:
    """Lets through who has a session, and gives one to who knows the password; all others get the form for it."""

    def __init__(self, app: ASGIApp, password: Password) -> None:
        self.app = app
        self.password = password
        self.attempts = Attempts()
        self._sessions: dict[str, float] = {}  # until when

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        request = Request(scope, receive)
        if self._has_session(request):
            await self.app(scope, receive, send)
            return
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        answer_as_chosen(request.cookies)
        if request.url.path == "/login" and request.method == "POST":
            return await self._login(request)
        if request.method == "GET" and request.url.path in ("/", "/login"):
            return _form("", 200)
        return PlainTextResponse("A password is needed.", 401)

    async def _login(self, request: Request) -> Response:
        address = request.client.host if request.client else ""
        if self.attempts.must_wait(address):
            return _form(WAIT, 429)
        self.attempts.failed(address)  # until it is known to be right: guesses made at once count too
        given = await _password_in(request)
        if not await run_in_threadpool(self.password.matches, given):
            return _form(WRONG, 403)
        self.attempts.succeeded(address)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, self._new_session(), max_age=SESSION_S, httponly=True, samesite="lax")
        return answer

    def _new_session(self) -> str:
        token = secrets.token_urlsafe(32)
        self._sessions[_digest(token)] = time.time() + SESSION_S
        if len(self._sessions) > MOST_REMEMBERED:
            self._sessions.pop(next(iter(self._sessions)))
        return token

    def _has_session(self, request: Request) -> bool:
        try:
            found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        # the key is a digest: how long a look takes says nothing of the tokens
        return found is not None and self._sessions.get(_digest(found.value), 0) > time.time()


class OwnOrigin:
    """Refuses what pages of other origins send; a browser names the origin of every request that could do harm."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope.get("headers", ()))
        origin = headers.get(b"origin")
        if origin is None or urlsplit(origin.decode("latin-1")).netloc == headers.get(b"host", b"").decode("latin-1"):
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse(FOREIGN, 403)(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})


def _scrypt(password: str, salt: str) -> str:
    settings: dict[str, Any] = dict(SCRYPT)
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=bytes.fromhex(salt), **settings).hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


async def _password_in(request: Request) -> str:
    """The password of a form that was sent; "" for anything else."""
    body = b""
    async for data in request.stream():
        body += data
        if len(body) > 4 * LONGEST:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("password", [""])[0]


def _form(said: str, status: int) -> Response:
    return HTMLResponse(
        render("login.html", said=said, language=settings_now().language), status, {"cache-control": "no-store"}
    )
