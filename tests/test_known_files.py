"""Files that nothing touched are not read again; whatever touches one makes it be read."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from index.known_files import KnownFiles


class Reader:
    """Reads a file, and remembers that it did."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return self.file.read_text()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file has been at rest for a minute."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 60)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    file = tmp_path / "article.txt"
    file.write_text("one")
    return file


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "files.sqlite"


def look(database: Path, *files: Path) -> list[tuple[str, int]]:
    """What a build would take for the content of each file, and how often it read it."""
    known, found = KnownFiles(database), []
    for file in files:
        reader = Reader(file)
        found.append((known.hash_of(file, reader), reader.times))
    known.save()
    return found


@pytest.mark.usefixtures("later")
def test_a_file_that_nothing_touched_is_read_once(article: Path, database: Path) -> None:
    assert [look(database, article) for _ in range(3)] == [[("one", 1)], [("one", 0)], [("one", 0)]]


def same_size_and_time(file: Path) -> None:
    before = file.stat()
    time.sleep(0.02)  # the clock of a file system moves every few milliseconds
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced_by_another(file: Path) -> None:
    other = file.with_name("other")
    other.write_text("two")
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)


def longer(file: Path) -> None:
    file.write_text("two")


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("change", [same_size_and_time, replaced_by_another, longer])
def test_a_file_that_changed_is_read_whatever_time_it_was_given(
    article: Path, database: Path, change: Callable[[Path], None]
) -> None:
    assert look(database, article) == [("one", 1)]
    change(article)
    assert look(database, article) == [("two", 1)]
    assert look(database, article) == [("two", 0)]


def test_a_file_that_was_just_written_is_read_again(article: Path, database: Path) -> None:
    """A second write in the same tick of the clock leaves no trace."""
    assert [look(database, article) for _ in range(2)] == [[("one", 1)], [("one", 1)]]


@pytest.mark.usefixtures("later")
def test_only_files_that_are_still_met_are_kept(article: Path, database: Path, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.txt").write_text(str(number))
    look(database, article, *(tmp_path / f"{number}.txt" for number in range(20)))
    look(database, article)
    with sqlite3.connect(database) as opened:
        assert opened.execute("SELECT file, hash FROM files").fetchall() == [(str(article), "one")]


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("rubbish", [b"", b"rubbish" * 1000])
def test_a_damaged_database_costs_only_time(article: Path, database: Path, rubbish: bytes) -> None:
    look(database, article)
    database.write_bytes(rubbish)
    assert [look(database, article) for _ in range(2)] == [[("one", 1)], [("one", 0)]]


@pytest.mark.usefixtures("later")
def test_a_folder_in_the_place_of_the_database_is_removed(article: Path, database: Path) -> None:
    (database / "folder").mkdir(parents=True)
    assert [look(database, article) for _ in range(2)] == [[("one", 1)], [("one", 0)]]


@pytest.mark.usefixtures("later")
def test_a_database_that_cannot_be_written_costs_only_time(article: Path, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere" / "files.sqlite"
    assert [look(missing, article) for _ in range(2)] == [[("one", 1)], [("one", 1)]]


def test_a_file_that_is_not_there_is_left_to_the_reader(tmp_path: Path, database: Path) -> None:
    with pytest.raises(FileNotFoundError):
        look(database, tmp_path / "nothing")
    assert KnownFiles().hash_of(tmp_path / "nothing", lambda: "told by the reader") == "told by the reader"
