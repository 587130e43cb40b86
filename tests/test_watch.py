"""Watching keeps an index level: what is a change, what is not, and what happens where a build cannot be done."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from index import build, generations, open_index, watch
from index.errors import BuildFailed, BuildRunning, FootnotedError, NoIndex, UsageError
from index.folders import find_places
from index.sync import BuildReport

RIVER, BANK, OAK = "The river rose by two metres.", "The bank raised its rates.", "A storm tore down nine oaks."
LIMIT_S = 60
"""Nothing here takes more than a few seconds; a shared machine may be slow."""

Articles = Callable[..., Path]
Outcomes = SimpleQueue[BuildReport | FootnotedError]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waiting, shorter."""
    monkeypatch.setattr(watch, "QUIET_S", 0.3)
    monkeypatch.setattr(watch, "RETRY_S", 0.3)
    monkeypatch.setattr(watch, "POLL_MS", 200)


@contextlib.contextmanager
def watching(folders: Sequence[Path] | None, index_dir: Path) -> Iterator[Outcomes]:
    """What comes of watching in a thread; ended by its event."""
    stop, outcomes = threading.Event(), Outcomes()

    def run() -> None:
        for outcome in watch.watch(folders, index_dir, stop=stop):
            outcomes.put(outcome)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield outcomes
    finally:
        stop.set()
        thread.join(LIMIT_S)
        assert not thread.is_alive()


def report(outcomes: Outcomes) -> BuildReport:
    """The next thing that is told, which has to be a report."""
    outcome = outcomes.get(timeout=LIMIT_S)
    assert isinstance(outcome, BuildReport), outcome
    return outcome


def names(index_dir: Path) -> list[str]:
    return [row.name for row in open_index(index_dir).documents()]


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_added_changed_renamed_and_removed_files_are_taken_in(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        assert report(outcomes).added == ("articles/river.txt",)
        articles(bank=BANK)
        assert report(outcomes).added == ("articles/bank.txt",)
        articles(bank=OAK)
        assert report(outcomes).changed == ("articles/bank.txt",)
        (folder / "bank.txt").rename(folder / "oak.txt")
        assert report(outcomes).renamed == (("articles/bank.txt", "articles/oak.txt"),)
        (folder / "oak.txt").unlink()
        assert report(outcomes).removed == ("articles/oak.txt",)
        assert names(index_dir) == ["articles/river.txt"]


def test_folders_made_later_are_watched_too(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "bank.txt").write_text(BANK)
        assert report(outcomes).added == ("articles/a/b/bank.txt",)
        (folder / "a" / "b" / "oak.txt").write_text(OAK)
        assert report(outcomes).added == ("articles/a/b/oak.txt",)
        (folder / "a").rename(folder / "c")
        assert len(report(outcomes).renamed) == 2
        (folder / "c" / "b" / "oak.txt").write_text(RIVER)
        assert report(outcomes).changed == ("articles/c/b/oak.txt",)


def test_a_burst_is_one_build(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        articles(**{f"article{number:02}": f"Article {number}." for number in range(40)})
        assert len(report(outcomes).added) == 40


def test_a_file_that_is_written_without_end_does_not_hold_builds_back(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET_S", 5.0)
    monkeypatch.setattr(watch, "LONGEST_S", 1.0)
    folder, written = articles(river=RIVER), threading.Event()

    def write() -> None:
        with (folder / "log.txt").open("w") as log:
            while not written.wait(0.05):
                log.write(f"{OAK}\n")
                log.flush()

    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        writing = threading.Thread(target=write)
        writing.start()
        try:
            assert report(outcomes).added == ("articles/log.txt",)
            assert report(outcomes).changed == ("articles/log.txt",)
        finally:
            written.set()
            writing.join()


def test_what_appears_while_a_build_runs_is_in_the_next(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = articles(river=RIVER)
    late = ["bank", "oak"]

    def build_and_write(*arguments: Any, **settings: Any) -> BuildReport:
        built = build(*arguments, **settings)
        if late:
            articles(**{late.pop(0): BANK})  # after the files were looked at, before anybody waits for changes
        return built

    monkeypatch.setattr(watch, "build", build_and_write)
    with watching([folder], index_dir) as outcomes:
        assert [report(outcomes).added for _ in range(3)] == [
            ("articles/river.txt",), ("articles/bank.txt",), ("articles/oak.txt",),
        ]  # fmt: skip


def test_hidden_and_temporary_files_and_the_index_are_no_changes(
    articles: Articles, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = articles(river=RIVER)
    (folder / ".git").mkdir()
    index_dir = folder / "index"
    heard: SimpleQueue[tuple[list[str], bool]] = SimpleQueue()
    original = watch._Ear._matter

    def matter(ear: watch._Ear, changes: Any) -> bool:
        verdict = original(ear, changes)
        if changes:
            heard.put((sorted({Path(path).name for _, path in changes}), verdict))
        return verdict

    monkeypatch.setattr(watch._Ear, "_matter", matter)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        assert heard.get(timeout=LIMIT_S) == (["index"], False)
        for name in (".hidden.txt", "river.txt~", "~$river.docx", "#river.txt#", "river.tmp", "river.txt.swp"):
            (folder / name).write_text(OAK)
            assert heard.get(timeout=LIMIT_S) == ([name], False)
        (folder / ".git" / "config").write_text(OAK)
        (index_dir / "generations" / "note").write_text(OAK)
        articles(oak=OAK)
        assert heard.get(timeout=LIMIT_S) == (["oak.txt"], True)
        built = report(outcomes)
        assert (built.generation, built.added, built.skipped) == ("000002", ("articles/oak.txt",), ())
        (folder / "folder~").mkdir()  # a folder is never temporary
        (folder / "folder~" / "bank.txt").write_text(BANK)
        assert report(outcomes).added == ("articles/folder~/bank.txt",)


def test_an_index_in_the_folder_of_the_articles_is_no_change(
    articles: Articles, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = articles(river=RIVER)
    heard: SimpleQueue[tuple[set[str], bool]] = SimpleQueue()
    original = watch._Ear._matter

    def matter(ear: watch._Ear, changes: Any) -> bool:
        verdict = original(ear, changes)
        if changes:
            heard.put(({Path(path).name for _, path in changes}, verdict))
        return verdict

    monkeypatch.setattr(watch._Ear, "_matter", matter)
    with watching([folder], folder) as outcomes:
        report(outcomes)
        articles(oak=OAK)
        assert report(outcomes).added == ("articles/oak.txt",)
        told = [heard.get(timeout=LIMIT_S)]
        while sum("CURRENT" in changed for changed, _ in told) < 2:  # what each of the two builds wrote
            told.append(heard.get(timeout=LIMIT_S))
    assert [verdict for _, verdict in told] == ["oak.txt" in changed for changed, _ in told]


def test_a_build_that_changed_nothing_is_not_told(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, builds = articles(river=RIVER), SimpleQueue[BuildReport]()

    def listed(*arguments: Any, **settings: Any) -> BuildReport:
        built = build(*arguments, **settings)
        builds.put(built)
        return built

    build([folder], index_dir)
    monkeypatch.setattr(watch, "build", listed)
    with watching(None, index_dir) as outcomes:
        assert builds.get(timeout=LIMIT_S).nothing_new
        (folder / "river.txt").touch()
        assert builds.get(timeout=LIMIT_S).nothing_new
        articles(bank=BANK)
        assert report(outcomes).added == ("articles/bank.txt",)
    assert outcomes.empty()


def test_a_file_that_is_skipped_is_told_with_its_reason(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        (folder / "bank.txt").touch()
        assert [one.reason for one in report(outcomes).skipped] == ["it is empty"]


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not UTF-8")
def test_a_name_that_is_not_utf_8_does_not_end_the_watch(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt")).write_text(BANK)
        assert [one.path for one in report(outcomes).skipped] == ["\\xff.txt"]
        articles(oak=OAK)
        assert report(outcomes).added == ("articles/oak.txt",)


def test_a_folder_that_was_away_for_a_while_is_picked_up(tmp_path: Path, articles: Articles) -> None:
    folder, away = articles(river=RIVER), tmp_path / "away"
    with watching([folder], folder / "index") as outcomes:
        report(outcomes)
        folder.rename(away)
        assert str(outcomes.get(timeout=LIMIT_S)) == (
            f"There is no folder {folder}. Name a folder of articles: footnoted build FOLDER"
        )
        assert not folder.exists()
        (away / "oak.txt").write_text(OAK)
        away.rename(folder)
        assert report(outcomes).added == ("articles/oak.txt",)
        assert outcomes.empty()


def test_a_folder_that_was_deleted_and_made_again_is_picked_up(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        shutil.rmtree(folder)
        assert isinstance(outcomes.get(timeout=LIMIT_S), UsageError | BuildFailed)
        articles(oak=OAK)
        while not isinstance(outcome := outcomes.get(timeout=LIMIT_S), BuildReport):
            pass  # it may have met the folder while it was empty
        assert (outcome.added, outcome.removed) == (("articles/oak.txt",), ("articles/river.txt",))
        articles(bank=BANK)
        assert report(outcomes).added == ("articles/bank.txt",)


def test_a_build_that_is_held_up_is_told_once_and_done_later(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    with watching([folder], index_dir) as outcomes:
        report(outcomes)
        with generations.building(index_dir):
            articles(oak=OAK)
            assert isinstance(outcomes.get(timeout=LIMIT_S), BuildRunning)
        assert report(outcomes).added == ("articles/oak.txt",)


def test_without_folders_it_watches_those_of_last_time(articles: Articles, index_dir: Path) -> None:
    with pytest.raises(NoIndex):
        next(watch.watch(None, index_dir))
    folder = articles(river=RIVER)
    build([folder], index_dir)
    with watching(None, index_dir) as outcomes:
        articles(oak=OAK)
        assert report(outcomes).added == ("articles/oak.txt",)


def test_where_files_are_polled_a_second_change_in_the_same_second_is_not_missed(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """watchfiles compares whole seconds; here every change lies in the second of the one before."""
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    folder = articles(river=RIVER)
    texts = [BANK, OAK]

    def same_second(name: Path) -> None:
        os.utime(name, ns=(10**18, 10**18 + 1))

    def build_in_time(*arguments: Any, **settings: Any) -> BuildReport:
        if texts:
            articles(river=texts.pop(0))
            same_second(folder / "river.txt")
        return build(*arguments, **settings)

    same_second(folder / "river.txt")
    monkeypatch.setattr(watch, "build", build_in_time)
    with watching([folder], index_dir) as outcomes:
        assert report(outcomes).added == ("articles/river.txt",)  # as BANK: changed after the first look, and read
        articles(extra=RIVER)
        assert report(outcomes).changed == ("articles/river.txt",)
    sizes = {row.name: row.characters for row in open_index(index_dir).documents()}
    assert sizes == {"articles/extra.txt": len(RIVER), "articles/river.txt": len(OAK)}


EXHAUSTED = """
import sys, threading
from pathlib import Path
from index import watch
watch.QUIET_S, watch.POLL_MS = 0.3, 200
folder, index_dir = map(Path, sys.argv[1:])
stop = threading.Event()
for outcome in watch.watch([folder], index_dir, stop=stop):
    print(outcome.added, flush=True)
    if (folder / "oak.txt").exists():
        stop.set()
    (folder / "oak.txt").write_text("A storm tore down nine oaks.")
"""


@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_where_the_system_has_no_watch_left_files_are_polled_and_that_is_said_once(
    limit: str, articles: Articles, index_dir: Path
) -> None:
    own_limits = ["unshare", "--user", "--map-root-user", "sh", "-c", f'echo 0 > /proc/sys/user/{limit} && exec "$@"']
    if not shutil.which("unshare") or subprocess.run([*own_limits, "sh", "true"], capture_output=True).returncode:
        pytest.skip("no user namespaces on this machine")
    command = [sys.executable, "-c", EXHAUSTED, str(articles(river=RIVER)), str(index_dir)]
    root = str(Path(__file__).resolve().parent.parent)
    done = subprocess.run(
        [*own_limits, "sh", *command], capture_output=True, text=True, cwd=root, timeout=LIMIT_S,
        env={**os.environ, "PYTHONPATH": root},
    )  # fmt: skip
    assert done.stdout.splitlines() == ["('articles/river.txt',)", "('articles/oak.txt',)"]
    assert done.stderr.count("The system gives no more watches on folders") == len(done.stderr.splitlines()) == 1


def test_places_are_the_folders_that_are_read_and_the_targets_of_links(tmp_path: Path) -> None:
    folder, outside = tmp_path / "news", tmp_path / "outside"
    for one in (folder / "a" / "b", folder / ".git" / "objects", folder / "index" / "generations", outside):
        one.mkdir(parents=True)
    (outside / "bank.txt").write_text(BANK)
    (folder / "link.txt").symlink_to(outside / "bank.txt")
    (folder / "far").symlink_to(outside)
    inside = [folder, folder / "a", folder / "a" / "b"]
    assert list(find_places([folder], leave_out=folder / "index")) == inside
    assert sorted(find_places([folder], follow_links=True, leave_out=folder / "index")) == sorted(
        [*inside, folder / "far", outside / "bank.txt"]
    )
