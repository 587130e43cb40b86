"""Reads a file in a process of its own, with limits of time and memory: a hostile or broken file costs one sentence.

Libraries that parse PDF, HTML and Word files loop, crash and eat memory on files made for it. Here that ends the
process, which is then started anew, and never the build. The process is kept for many files, because starting it
and importing a library takes longer than most files do; it ends by itself when nothing is asked of it.
"""

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from index.boilerplate import Mark
from index.metadata import Metadata
from index.reading import Reader, Reading, Unreadable

TIME_LIMIT_S = 60
"""For one file. A PDF of 2,000 pages of prose takes less than half of it."""

MEMORY_LIMIT_MB = 2_000
"""Of address space, libraries included. A web page of 10 MB takes 600, Python itself 30."""

FILES_PER_PROCESS = 500
"""Libraries keep caches; a new process after so many files bounds them, and costs one file in 500 half a second."""

IDLE_S = 30
"""Seconds after which a process that is asked nothing ends, also where the build that started it was killed."""

LARGEST_ANSWER = 500_000_000
"""Bytes; MAX_CHARACTERS and their marks take less. A process taken over by a file could send anything."""

LENGTH = struct.Struct(">Q")


def apart(reader: Reader) -> Reader:
    """The same reader, run in the process apart. It is a function of a module, found there by its name."""

    def read(data: bytes) -> Reading:
        return _shared.read(reader, data)

    return read


class Apart:
    """A process that reads files, one at a time; started when the first one comes."""

    def __init__(self, time_limit_s: float = TIME_LIMIT_S, memory_limit_mb: int = MEMORY_LIMIT_MB) -> None:
        self.time_limit_s = time_limit_s
        self.memory_limit_mb = memory_limit_mb
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._files = 0

    def read(self, reader: Reader, data: bytes) -> Reading:
        """What the reader makes of these bytes. Raises Unreadable, also where it hangs, crashes or eats memory."""
        with self._lock:
            try:
                answer = self._asked(f"{reader.__module__}:{reader.__qualname__}", data)
            except BaseException:  # also Ctrl-C: the process may be in the middle of a file
                self._end()
                raise
            self._files += 1
            if self._files >= FILES_PER_PROCESS or answer.get("spent"):
                self._end()
        if "reason" in answer:
            raise Unreadable(str(answer["reason"]))
        return _reading(answer)

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            self._end()

    def _asked(self, name: str, data: bytes) -> dict[str, Any]:
        for _ in range(2):
            process = self._running()
            too_late = threading.Event()
            timer = threading.Timer(self.time_limit_s, lambda ended=too_late, one=process: (ended.set(), one.kill()))
            timer.start()
            try:
                assert process.stdin
                assert process.stdout
                _send(process.stdin, name.encode())
                _send(process.stdin, data)
                answer = json.loads(_receive(process.stdout).decode("utf-8", "surrogatepass"))
                assert isinstance(answer, dict)
                return answer
            except (OSError, EOFError, ValueError):
                ended_with = self._end(wait_s=1)  # for its own code: it ends or was killed
            finally:
                timer.cancel()
            if too_late.is_set():
                raise Unreadable(f"reading it took longer than {self.time_limit_s:g} seconds")
            if not _ended_idle(ended_with):
                break
        raise Unreadable("the program that reads it crashed on it; the file may be damaged")

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process and self._process.poll() is not None:
            self._end()
        if self._process is None:
            root = str(Path(__file__).resolve().parent.parent)
            before = os.environ.get("PYTHONPATH")
            code = f"from index.read_apart import serve; serve({self.time_limit_s}, {self.memory_limit_mb})"
            self._process = subprocess.Popen(
                # -P: a folder of articles that happens to hold an index.py must not be run
                [sys.executable, "-P", "-c", code],
                env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{before}" if before else root},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert self._process.stdout
            with suppress(OSError, EOFError):
                _receive(self._process.stdout)  # it is ready: starting takes no time from the file
        return self._process

    def _end(self, wait_s: float = 0) -> int:
        """Ends the process, however it is, and says with which code it ended."""
        process, self._process, self._files = self._process, None, 0
        if process is None:
            return 0
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait_s)
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what was not written cannot be written any more
                assert stream
                stream.close()
        return process.wait()


def serve(time_limit_s: float, memory_limit_mb: int) -> None:
    """The process itself: a reader's name and a file come in, a reading or a reason goes out, until none comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the build, which then ends this process
    _limit_memory(memory_limit_mb)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _send(answers, b"ready")
    with suppress(EOFError, BrokenPipeError):
        while True:
            _end_after(IDLE_S)
            name, data = _receive(requests).decode(), _receive(requests)
            _end_after(time_limit_s + 5)  # where the build is no more that would end it
            answer = json.dumps(_answer(name, data, memory_limit_mb), ensure_ascii=False)
            _send(answers, answer.encode("utf-8", "replace"))


_shared = Apart()
atexit.register(_shared.close)


def _answer(name: str, data: bytes, memory_limit_mb: int) -> dict[str, Any]:
    module, function = name.split(":")
    try:
        return asdict(getattr(import_module(module), function)(data))
    except Unreadable as reason:
        return {"reason": str(reason)}
    except MemoryError:
        return {"reason": f"reading it takes more than {memory_limit_mb:,} MB of memory", "spent": True}
    except Exception as error:  # whatever a library raises on a file it did not expect
        said = " ".join(str(error).split())[:120]
        return {"reason": f"it cannot be read ({type(error).__name__}{': ' if said else ''}{said})", "spent": True}


def _reading(answer: dict[str, Any]) -> Reading:
    known = answer["metadata"]
    title_span, line_spans = known["title_span"], known["line_spans"]
    metadata = Metadata(
        **{
            **known,
            "title_span": tuple(title_span) if title_span else None,
            "line_spans": tuple(tuple(span) for span in line_spans),
        }
    )
    marks = tuple(Mark(**mark) for mark in answer["marks"])
    return Reading(answer["text"], metadata, marks, tuple(answer["notes"]), tuple(answer["pages"]))


def _limit_memory(megabytes: int) -> None:
    with suppress(ImportError, ValueError, OSError):  # Windows has no such limit, and macOS does not keep it
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, megabytes * 1_000_000))


def _end_after(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _ended_idle(code: int) -> bool:
    return hasattr(signal, "SIGALRM") and code == -signal.SIGALRM


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    [length] = LENGTH.unpack(_exactly(stream, LENGTH.size))
    if length > LARGEST_ANSWER:
        raise EOFError
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
