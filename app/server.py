"""The page as a local web server: on this machine only, nothing sent elsewhere, gone when Ctrl-C is pressed.

`serve` is what the command line calls; `make_app` is the application alone, for tests and other servers.
"""

import asyncio
import ipaddress
import os
import socket
import webbrowser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal

import click
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from index import open_index
from index.errors import FootnotedError, UsageError

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
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}  # fmt: skip


def serve(index_dir: str | Path, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = True) -> None:
    """The page at http://host:port until Ctrl-C or SIGTERM; port 0 takes any that is free.

    Raises NoIndex or ModelError before anything is started, and UsageError for a host or a port that cannot be had.
    """
    _ = open_index(index_dir).embedder  # loaded now, so that the first question is as quick as the others
    with listen(host, port) as listener:
        server = PageServer(make_app(index_dir), open_browser)
        signal(SIGTERM, default_int_handler)  # uvicorn ends by raising the signal again: make both one case
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that a port in use is found before the slow part of the start."""
    family = _family_of_this_machine(host)
    address = host if family is socket.AF_INET6 or host != "localhost" else "127.0.0.1"
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":  # elsewhere this would take the port away from another program
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "there is no such port"
        remedy = f"Choose another: --port {port + 1 if 0 < port < 65_535 else 7861}"
        raise UsageError(f"Port {port} cannot be used: {reason}. {remedy}") from error
    return listener


def make_app(index_dir: str | Path) -> FastAPI:
    """The application: the page at /, and /healthz for whoever watches over it."""
    # Gradio makes an event loop for each of its locks where none is running, seven in all, and closes none of them
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, _made(index_dir)).result()


async def _made(index_dir: str | Path) -> FastAPI:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported
    import gradio as gr  # 4 s, which --help, and a port in use, should not cost

    from app.downloads import add_downloads
    from app.page import head, make_page
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
    def upload() -> JSONResponse:
        """Gradio would take files from whoever reaches the port; this page has no use for them."""
        return JSONResponse({"detail": "Not Found"}, status_code=404)

    add_downloads(app, index_dir)
    add_uploads(app, index_dir)

    gr.mount_gradio_app(
        app,
        make_page(index_dir),
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
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES, www_redirect=False)
    app.add_middleware(SecurityHeaders)
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


def _family_of_this_machine(host: str) -> socket.AddressFamily:
    """The address family of a host name that means this machine; UsageError for any other."""
    if host == "localhost":
        return socket.AF_INET
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        if address.is_loopback:
            return socket.AF_INET6 if address.version == 6 else socket.AF_INET
    raise UsageError(
        f"Not served at {host}: whoever reaches it could read the documents, and there is no password yet. "
        "A later version has one; until then the host is 127.0.0.1."
    )
