"""The page as a web server: on this machine, or with a password where others reach it; gone when Ctrl-C is pressed.

`serve` is what the command line calls; `make_app` is the application alone, for tests and other servers.
"""

import asyncio
import io
import ipaddress
import os
import socket
import webbrowser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, suppress
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal

import click
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access import Gate, OwnOrigin, Password, read_password
from app.generators import NO_MODELS, Models
from index import open_index
from index.errors import FootnotedError, NliError, RerankerError, UsageError
from rag.entailment import opened_nli
from rag.rerank import Reranker

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]", "::1")
"""The only names this server answers to: a page elsewhere whose name was made to point here gets 400."""

HEADERS = {
    # Gradio needs inline scripts, and eval for the panel's; nothing is loaded from or sent to another host
    "content-security-policy": "; ".join((
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with "no-referrer" a browser would not name the origin of the password's form
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}  # fmt: skip


def serve(
    index_dir: str | Path, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = True,
    models: Models = NO_MODELS,
) -> None:  # fmt: skip
    """The page at http://host:port until Ctrl-C or SIGTERM; port 0 takes any that is free.

    models: what works on answers besides the index; where a cross-encoder cannot be used, every answer says so.

    Raises NoIndex or ModelError before anything is started, and UsageError for a host or a port that cannot be had,
    or a host that others can reach while no password is set.
    """
    _ = open_index(index_dir).embedder  # loaded now, so that the first question is as quick as the others
    load_cross_encoders(models)  # for the same reason
    password = None if is_this_machine(host) else required_password(index_dir, host)
    with listen(host, port) as listener:
        server = PageServer(make_app(index_dir, password, host, models), open_browser)
        signal(SIGTERM, default_int_handler)  # uvicorn ends by raising the signal again: make both one case
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def load_cross_encoders(models: Models) -> None:
    """Loads them, or says on stderr why one cannot be used, as every answer will."""
    try:
        if models.reranker is not None:
            Reranker.open(models.reranker)
    except RerankerError as error:
        click.echo(f"footnoted: reranking: {error}", err=True)
    try:
        opened_nli(models.nli)
    except NliError as error:
        click.echo(f"footnoted: inference: {error}", err=True)


def is_this_machine(host: str) -> bool:
    """True for a name that only this machine can use."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def required_password(index_dir: str | Path, host: str) -> Password:
    """The password without which nothing is served where others can reach it. Raises UsageError."""
    password = read_password(index_dir)
    if password is None:
        raise UsageError(
            f"Not served at {host or 'an address without a name'}: whoever reaches it could read the documents. "
            "Set a password first: footnoted password"
        )
    return password


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port in use is found before the slow part of the start."""
    try:
        if not 0 <= port <= 65_535:
            raise OverflowError  # the look-up would take what is left of it after a division
        # a name may stand for both families: the older one, which every browser of a network can use
        family, *_, address = min(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), key=lambda one: one[0])
    except (OSError, UnicodeError, OverflowError) as error:
        raise UsageError(
            f"{host}, port {port}, is no address of this machine. Choose another: --host, --port"
        ) from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere this would take the port away from another program
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        remedy = f"Choose another: --port {port + 1 if 0 < port < 65_535 else 7861}"
        raise UsageError(f"Port {port} cannot be used: {error.strerror}. {remedy}") from error
    return listener


def make_app(
    index_dir: str | Path, password: Password | None = None, host: str = "127.0.0.1", models: Models = NO_MODELS
) -> FastAPI:
    """The application: the page at /, and /healthz for whoever watches over it; all behind the password, if any."""
    # Gradio makes an event loop for each of its locks where none is running, seven in all, and closes none of them
    with ThreadPoolExecutor(1) as apart:
        app = apart.submit(asyncio.run, _made(index_dir, models)).result()
    # the last one added is the first that a request meets
    if password is not None:
        app.add_middleware(Gate, password=password)
    app.add_middleware(OwnOrigin)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=names_of(host), www_redirect=False)
    app.add_middleware(SecurityHeaders)
    return app


def names_of(host: str) -> list[str]:
    """The names by which a server at this host is called; any, where it serves every address of the machine."""
    return ["*"] if host in ("0.0.0.0", "::") else [*OWN_NAMES, host, f"[{host}]"]  # noqa: S104


async def _made(index_dir: str | Path, models: Models) -> FastAPI:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr  # 4 s, which --help, and a port in use, should not cost

    from app.downloads import add_downloads
    from app.page import head, make_page
    from app.settings import add_settings
    from app.templates import STATIC
    from app.uploads import add_uploads

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)  # those pages load from a CDN

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        try:
            return JSONResponse({"status": "ok", "generation": open_index(index_dir).generation})
        except FootnotedError as error:
            return JSONResponse({"status": "unavailable", "reason": str(error)}, status_code=503)

    @app.post("/gradio_api/upload")
    @app.get("/gradio_api/proxy={address:path}")
    def closed() -> JSONResponse:
        """Gradio would take files from whoever reaches the port, and fetch others; this page has no use for either."""
        return JSONResponse({"detail": "Not Found"}, status_code=404)

    add_downloads(app, index_dir)
    add_uploads(app, index_dir)
    add_settings(app)

    gr.mount_gradio_app(
        app,
        make_page(index_dir, models),
        path="/",
        theme=gr.themes.Base(),  # its own typefaces are the system's
        head=head(),
        favicon_path=str(STATIC / "favicon.svg"),
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
    )
    return app


class PageServer(uvicorn.Server):
    """A server that ends its open streams when it is told to stop: every open tab holds one."""

    def __init__(self, app: ASGIApp, open_browser: bool = False) -> None:
        self.streams = EndStreams(app)
        self.open_browser = open_browser
        super().__init__(uvicorn.Config(self.streams, log_level="warning", timeout_graceful_shutdown=1))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        address = address_of(sockets or [])
        click.echo(f"footnoted is at {address} (Ctrl-C ends it)", err=True)
        if self.open_browser:
            await asyncio.to_thread(webbrowser.open, address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Gradio prints a traceback for each call that is ended here, which is in good order
        with redirect_stderr(io.StringIO()):
            self.streams.closing.set()
            await super().shutdown(sockets)


class EndStreams:
    """Requests that are still being answered when `closing` is set are ended there, in good order."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        last: Message = {}

        async def remember(message: Message) -> None:
            nonlocal last
            last = message
            await send(message)

        answering = asyncio.ensure_future(self.app(scope, receive, remember))
        closing = asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({answering, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
        if answering.done():
            answering.result()
            return
        answering.cancel()
        with suppress(asyncio.CancelledError):
            await answering
        if not last:
            await send({"type": "http.response.start", "status": 503, "headers": []})
        if not last or last["type"] == "http.response.start" or last.get("more_body"):
            await send({"type": "http.response.body", "body": b""})


class SecurityHeaders:
    """HEADERS on every answer. Plain ASGI: starlette's BaseHTTPMiddleware holds streams back."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *headers]}
            await send(message)

        await self.app(scope, receive, with_headers)


def address_of(sockets: Sequence[socket.socket]) -> str:
    """``http://127.0.0.1:7860`` for the first of the sockets."""
    host, port = sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
