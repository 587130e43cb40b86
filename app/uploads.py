"""Articles that are sent to the page: one request a file, into a folder of the index and nowhere else."""

import threading
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.files import Arriving, FileExists, FileRefused, folder_called
from app.notes import say_problem
from app.settings import answer_as_chosen
from app.words import say
from index import open_index
from index.errors import FootnotedError

MOST_WAITING = 1_000
"""Files that may come before the index is rebuilt; a folder of more is copied by other means."""

TOO_MANY = "{number} files are waiting. Rebuild the index before more come."
NOT_WRITTEN = "The file could not be written into the folder."
ADDED = "Added. Rebuild the index to ask about it."


def add_uploads(app: FastAPI, index_dir: str | Path) -> None:
    """Adds the address that takes articles in to the application."""
    waiting = _Waiting()

    @app.put("/uploads/{name}")
    async def upload(request: Request, name: str, folder: str = "", replace: bool = False) -> JSONResponse:
        """Takes one file in; 409 where there is one with its name and `replace` was not asked for."""
        answer_as_chosen(request.cookies)
        try:
            index = open_index(index_dir)
            waiting.count_one(index.generation)
            arriving = Arriving(folder_called(index, folder), name)
        except (FootnotedError, OSError) as error:
            return _refused(error)
        try:
            async for data in request.stream():
                arriving.write(data)
            await run_in_threadpool(arriving.settle, index, replace=replace)
        except FileExists as error:
            return _refused(error, 409)
        except (FileRefused, OSError, ClientDisconnect) as error:
            return _refused(error)
        finally:
            arriving.close()
        return JSONResponse({"said": say(ADDED)}, 201)


class _Waiting:
    """How many files came since the index was built."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._generation, self._files = "", 0

    def count_one(self, generation: str) -> None:
        """One more. Raises FileRefused where it is one too many."""
        with self._lock:
            if generation != self._generation:
                self._generation, self._files = generation, 0
            if self._files >= MOST_WAITING:
                raise FileRefused(say(TOO_MANY, number=MOST_WAITING))
            self._files += 1


def _refused(error: Exception, status: int = 400) -> JSONResponse:
    said = say_problem(str(error)) if isinstance(error, FootnotedError) else say(NOT_WRITTEN)
    return JSONResponse({"said": said}, status)
