"""Files that the page hands out: a document's stored text, its own file, and a conversation. They are saved, never
shown or run."""

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse

from app.export import FILES
from app.files import FileRefused, file_of
from app.notes import say_problem
from app.settings import answer_as_chosen
from app.store import Store
from app.words import say
from index import open_index
from index.errors import FootnotedError

NO_DOCUMENT = "There is no such document in the index."
NO_CONVERSATION = "There is no such conversation."


def add_downloads(app: FastAPI, index_dir: str | Path) -> None:
    """Adds the addresses of these files to the application."""

    @app.get("/documents/{document_id}.txt")
    def document(document_id: str, request: Request) -> Response:
        """The text that footnotes count in, whatever the file was."""
        answer_as_chosen(request.cookies)
        try:
            found = open_index(index_dir).document(int(document_id)) if _is_number(document_id) else None
        except FootnotedError as error:
            return PlainTextResponse(say_problem(str(error)), 503)
        if found is None:
            return PlainTextResponse(say(NO_DOCUMENT), 404)
        name = found.path if found.path.lower().endswith(".txt") else f"{found.path}.txt"
        return _saved(found.text, name, "text/plain")

    @app.get("/documents/{document_id}/file")
    def file(document_id: str, request: Request) -> Response:
        """The file that a document was read from, as it is now, for the program that the reader opens it with."""
        answer_as_chosen(request.cookies)
        try:
            found = file_of(open_index(index_dir), int(document_id) if _is_number(document_id) else 0)
        except FileRefused as error:
            return PlainTextResponse(str(error), 404)
        except FootnotedError as error:
            return PlainTextResponse(say_problem(str(error)), 503)
        return FileResponse(found, headers=_headers(found.name), media_type="application/octet-stream")

    @app.get("/conversations/{conversation}.{kind}")
    def conversation(conversation: str, kind: str, request: Request) -> Response:
        """A conversation as Markdown, a page or a table, in the language of the page."""
        answer_as_chosen(request.cookies)
        store = Store(index_dir)
        try:
            title = store.title(conversation) if kind in FILES else None
            turns = store.turns(conversation) if title is not None else []
        except FootnotedError as error:
            return PlainTextResponse(say_problem(str(error)), 503)
        if title is None:
            return PlainTextResponse(say(NO_CONVERSATION), 404)
        media_type, write = FILES[kind]
        return _saved(write(title, turns), f"{title[:60]}.{kind}", media_type)


def _is_number(text: str) -> bool:
    """True for what SQLite can hold as an id."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _saved(text: str, name: str, media_type: str) -> Response:
    """A text that a browser saves under this name, and in which it would run nothing were it to show it."""
    return Response(text.encode("utf-8"), headers=_headers(name), media_type=f"{media_type}; charset=utf-8")


def _headers(name: str) -> dict[str, str]:
    readable = name.replace("/", " ").replace("\\", " ")
    return {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(readable, safe='')}",
        "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        "cache-control": "no-store",
    }
