"""A server with the OpenAI API that misbehaves in the way its model's name says: a real one, over HTTP."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOD = "The mill by the river has ground flour since 1820."


class Rude(BaseHTTPRequestHandler):
    """Answers POST /v1/chat/completions; `server.asked` has what it was asked, `server.gone` the clients that left."""

    protocol_version = "HTTP/1.1"
    server: "RudeServer"

    def log_message(self, *_: Any) -> None:
        """Nothing: a test has no use for it."""

    def do_GET(self) -> None:
        """The list of models."""
        self._json({"object": "list", "data": [{"id": "any", "object": "model", "created": 0, "owned_by": "me"}]})

    def do_POST(self) -> None:
        """An answer, or what the name of the model says."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((headers, asked))
        getattr(self, f"be_{asked['model']}")()

    def be_good(self) -> None:
        """A stream as it should be."""
        self._begin()
        for word in (GOOD + " [1]").split(" "):
            self._piece({"content": f"{word} "})
        self._piece({}, "stop")
        self._end()

    def be_slow(self) -> None:
        """Takes the question and says nothing."""
        self.server.closing.wait(30)

    def be_slow_later(self) -> None:
        """Begins, and says nothing more."""
        self._begin()
        self._piece({"content": "The mill "})
        self.server.closing.wait(30)

    def be_cut(self) -> None:
        """Closes in the middle of the stream, which HTTP notices."""
        self._begin()
        self._piece({"content": f"{GOOD} [1] It has"})
        self.close_connection = True

    def be_short(self) -> None:
        """Ends the stream in good order, in the middle of the answer."""
        self._begin()
        self._piece({"content": f"{GOOD} [1] It has"})
        self._end()

    def be_rubbish(self) -> None:
        """A web page."""
        self._send(200, "text/html", b"<html><body>Welcome to nginx!</body></html>")

    def be_garbled(self) -> None:
        """A stream of what is no JSON."""
        self._begin()
        self._chunk(b"data: {]\n\n")
        self._end()

    def be_odd(self) -> None:
        """JSON of another shape."""
        self._begin()
        self._chunk(b'data: {"choices": "none"}\n\ndata: {"choices": [7, {"delta": 3}]}\n\ndata: [1]\n\n')
        self._end()

    def be_missing(self) -> None:
        """As Ollama says it."""
        error = {"error": {"message": "model 'missing' not found", "type": "not_found_error"}}
        self._send(404, "application/json", json.dumps(error).encode())

    def be_locked(self) -> None:
        """Wants a key."""
        self._send(401, "application/json", b'{"error": {"message": "Incorrect API key provided: sk-secret"}}')

    def be_moved(self) -> None:
        """Sends elsewhere."""
        self.send_response(307)
        self.send_header("location", "http://example.com/v1/chat/completions")
        self.send_header("content-length", "0")
        self.end_headers()

    def be_endless(self) -> None:
        """Does not come to an end."""
        self._begin()
        with contextlib.suppress(OSError):
            number = 0
            while not self.server.closing.is_set():
                number += 1
                self._piece({"content": f"The mill has ground {number} sacks of flour. "})
        self.server.gone.set()

    def be_truncating(self) -> None:
        """Reads only the end of the prompt, as a server with a small window does."""
        self._begin()
        self._piece({"content": f"{GOOD} [1]"}, "stop", usage={"prompt_tokens": 30, "completion_tokens": 12})
        self._end()

    def _json(self, values: Any) -> None:
        self._send(200, "application/json", json.dumps(values).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _piece(self, delta: dict[str, str], finish: str | None = None, **more: Any) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        values = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice], **more}
        self._chunk(f"data: {json.dumps(values)}\n\n".encode())

    def _end(self) -> None:
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class RudeServer(ThreadingHTTPServer):
    """What it was asked, and whether a client left in the middle."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Rude)
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.closing, self.gone = threading.Event(), threading.Event()

    @property
    def url(self) -> str:
        """Its address, for the client."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_: Any) -> None:
        """A client that leaves is what some tests do."""


@contextlib.contextmanager
def rude_server() -> Iterator[RudeServer]:
    """The server, in a thread."""
    with RudeServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
