"""A file that hangs, crashes, eats memory or takes the reader over costs a sentence, and the next file is read."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import read_apart
from index.boilerplate import Mark
from index.metadata import Metadata
from index.read_apart import Apart, apart
from index.read_html import read_html
from index.reading import Reader, Reading, Unreadable

ROOT = Path(__file__).resolve().parent.parent
CRASHED = "the program that reads it crashed on it; the file may be damaged"
FULL = Reading(
    "Über 🌊\n",
    Metadata(title="Ü", sources={"title": "x"}, title_span=(0, 1), line_spans=((1, 2), (3, 4))),
    (Mark(0, 1, "a rule"),),
    ("a note",),
    (0, 4),
)


def echo(data: bytes) -> Reading:
    """The process id as the note, the bytes as the text."""
    return Reading(data.decode("latin-1"), Metadata(), (), (str(os.getpid()),))


def everything(data: bytes) -> Reading:
    return FULL


def hang(data: bytes) -> Reading:
    while True:
        time.sleep(1)


def crash(data: bytes) -> Reading:
    os.kill(os.getpid(), signal.SIGSEGV)
    return hang(data)


def leave(data: bytes) -> Reading:
    os._exit(0)


def eat(data: bytes) -> Reading:
    return Reading("x" * 100_000_000_000, Metadata(), ())


def raise_odd(data: bytes) -> Reading:
    raise LookupError("a table\nis missing")


def recurse(data: bytes) -> Reading:
    return recurse(data)


def refuse(data: bytes) -> Reading:
    raise Unreadable("it is encrypted")


def chatter(data: bytes) -> Reading:
    os.write(1, b"a library prints this")
    return echo(data)


@pytest.fixture
def process() -> Iterator[Apart]:
    one = Apart(time_limit_s=2)
    yield one
    one.close()


def reason(process: Apart, reader: Reader, data: bytes = b"") -> str:
    with pytest.raises(Unreadable) as caught:
        process.read(reader, data)
    return str(caught.value)


def test_a_reading_comes_back_as_it_was_made(process: Apart) -> None:
    assert process.read(everything, b"") == FULL


def test_the_process_is_another_one_and_is_kept_for_many_files(process: Apart) -> None:
    pids = {process.read(echo, b"x").notes for _ in range(5)}
    assert len(pids) == 1
    assert pids != {(str(os.getpid()),)}


def test_it_is_started_anew_after_so_many_files(process: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_apart, "FILES_PER_PROCESS", 2)
    assert len({process.read(echo, b"x").notes for _ in range(6)}) == 3


@pytest.mark.parametrize(
    ("reader", "why"),
    [
        (crash, CRASHED),
        (leave, CRASHED),
        (eat, "reading it takes more than 2,000 MB of memory"),
        (raise_odd, "it cannot be read (LookupError: a table is missing)"),
        (recurse, "it cannot be read (RecursionError: maximum recursion depth exceeded)"),
        (refuse, "it is encrypted"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_the_next_file_is_read(process: Apart, reader: Reader, why: str) -> None:
    assert reason(process, reader) == why
    assert process.read(echo, b"next").text == "next"


def test_a_file_that_hangs_is_given_up(process: Apart) -> None:
    started = time.monotonic()
    assert reason(process, hang) == "reading it took longer than 2 seconds"
    assert time.monotonic() - started < 10
    assert process.read(echo, b"next").text == "next"


def test_what_a_library_prints_is_not_taken_for_an_answer(process: Apart) -> None:
    assert [process.read(chatter, b"x").text for _ in range(2)] == ["x", "x"]


def test_a_large_file_passes(process: Apart) -> None:
    assert len(process.read(echo, b"x" * 20_000_000).text) == 20_000_000


def test_an_answer_of_impossible_size_is_a_crash(process: Apart, monkeypatch: pytest.MonkeyPatch) -> None:
    process.read(echo, b"x")
    monkeypatch.setattr(read_apart, "LARGEST_ANSWER", 100)
    assert reason(process, echo, b"x" * 1_000) == CRASHED


def test_a_process_that_ended_for_want_of_files_is_started_anew(process: Apart) -> None:
    first = process.read(echo, b"x").notes
    os.kill(int(first[0]), signal.SIGALRM)  # as its own clock does
    assert process.read(echo, b"y").text == "y"


def test_many_threads_get_each_their_own_file(process: Apart) -> None:
    found: dict[int, str] = {}

    def read(number: int) -> None:
        found[number] = process.read(echo, str(number).encode()).text

    threads = [threading.Thread(target=read, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: str(number) for number in range(20)}


def test_the_reader_apart_is_the_reader() -> None:
    page = b"<p>The river rose by two metres.</p>"
    assert apart(read_html)(page) == read_html(page)


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.test_read_apart import Apart, echo, apart\n"
        "print(apart(echo)(b'x').notes[0])"
    )
    (tmp_path / "index.py").write_text("raise SystemExit('the wrong index')")
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
