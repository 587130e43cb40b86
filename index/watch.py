"""Keeps an index level with its folders: builds whenever something in them changes, until it is told to stop.

Decides what is a change (by place and name), how long a burst is gathered and what follows a build that failed;
what is new is found by `sync`, from the files themselves. In each round the folders are first watched and then
built from, so that whatever happens during a build is heard and leads to the next.

Left out: what another machine does on a network drive, unless ``$WATCHFILES_FORCE_POLLING`` is 1.
"""

import contextlib
import logging
import os
import platform
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index import generations
from index.errors import FootnotedError, NoIndex
from index.folders import expanded, find_places, is_of_index, is_passed_over, label_folders
from index.opened import index_path
from index.sync import BuildReport, build

if TYPE_CHECKING:
    from watchfiles.main import FileChange

QUIET_S = 1.0
"""A build begins when the folders were quiet for this long: saving and copying come in bursts."""

LONGEST_S = 5.0
"""It begins after this long in any case: somewhere a file may be written to without end."""

RETRY_S = 10.0
"""After a failed build the next one begins without any change: what was in its way leaves no trace in the folders."""

STEP_MS = 100
"""How often it is asked whether something happened; costs 0.1 % of a core."""

POLL_MS = 2_000
"""How often every file is looked at where the system does not tell of changes."""

POLLED_TIME_S = 1.0
"""Polling compares whole seconds of a file's time: a build begins this long after the first look, and so reads
what was written in the same second after it."""

log = logging.getLogger("footnoted")


def watch(
    folders: Sequence[str | Path] | None = None,
    index_dir: str | Path = ".footnoted",
    *,
    wait_s: float = 0,
    stop: threading.Event | None = None,
) -> Iterator[BuildReport | FootnotedError]:
    """The reports of the builds that changed the index, as they end; the first brings it level with what is there.

    A build that fails comes as its error, once for each different sentence, and is tried again: a folder may be
    away for a moment, another build may run.

    folders: None means those of last time, settled here: builds of other folders do not change what is watched.
    wait_s: seconds that each build waits for another one to end.
    stop: set it from another thread to end this; Ctrl-C raises KeyboardInterrupt as everywhere.

    Raises NoIndex and DamagedIndex where there is no last time.
    """
    target = index_path(index_dir)
    named = folders or list(generations.choose(target)[0].folders.values())
    roots = [expanded(folder) for folder in named]
    stop = stop or threading.Event()
    ear = _Ear(roots, target, stop)
    told: str | None = None
    while not stop.is_set():
        with ear.listening():
            outcome = _brought_level(roots, target, wait_s)
            failure = str(outcome) if isinstance(outcome, FootnotedError) else None
            if outcome is not None and (failure is None or failure != told):
                yield outcome
            told = failure
            ear.wait(RETRY_S if failure else float("inf"))


def _brought_level(roots: Sequence[Path], target: Path, wait_s: float) -> BuildReport | FootnotedError | None:
    """The report of a build that made a generation, the error of one that failed, or None where all was level."""
    before = _generation(target)
    try:
        label_folders(roots)  # raises for one that is away; an index inside it would be begun anew in its place
        report = build(roots, target, wait_s=wait_s)
    except FootnotedError as error:
        return error
    return report if report.generation != before else None


def _generation(target: Path) -> str | None:
    try:
        return generations.current_name(target)
    except (NoIndex, generations.Damaged):
        return None


class _Ear:
    """Hears what happens in the folders, from the beginning of `listening` on."""

    def __init__(self, roots: Sequence[Path], target: Path, stop: threading.Event) -> None:
        self._roots = roots
        self._target = target
        self._stop = stop
        self._polling = _polling_is_wanted()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Watches each folder there is now; one that is made later is heard as a change of the one it is in."""
        self._identities = self._identify()
        with contextlib.closing(self._started()) as self._changes:
            yield

    def wait(self, at_most_s: float) -> None:
        """Ends when something changed and the burst is over, after ``at_most_s`` seconds, or when told to stop."""
        begin = time.monotonic()
        first = last = 0.0
        try:
            for changes in self._changes:
                now = time.monotonic()
                if self._matter(changes):
                    first, last = first or now, now
                if first and (now - last >= QUIET_S or now - first >= LONGEST_S):
                    return
                if now - begin >= at_most_s:
                    return
        except RuntimeError:
            pass  # watchfiles has no words for a change, such as one of a name that is not UTF-8
        self._stop.wait(QUIET_S)

    def _started(self) -> "Generator[set[FileChange], None, None]":
        """The changes from now on: told by the system, or found by polling where it has no watch to give."""
        try:
            return self._primed()
        except FileNotFoundError:  # a folder that vanished between two looks
            return self._started()
        except (OSError, RuntimeError) as error:
            if self._polling:
                raise
            log.warning(
                "The system gives no more watches on folders (%s), so all files are looked at every %d seconds. "
                "On Linux, more watches: sysctl fs.inotify.max_user_watches and max_user_instances",
                str(error).partition(". about")[0], POLL_MS // 1000,
            )  # fmt: skip
            self._polling = True
            return self._started()

    def _primed(self) -> "Generator[set[FileChange], None, None]":
        from watchfiles import watch

        # not recursive: below hidden folders, in the index and behind links that leave there is nothing to hear
        places = self._find_places()
        self._places = frozenset(places)
        changes = watch(
            *places, watch_filter=None, recursive=False, debounce=1_000, step=STEP_MS, rust_timeout=STEP_MS,
            yield_on_timeout=True, stop_event=self._stop, force_polling=self._polling, poll_delay_ms=POLL_MS,
            ignore_permission_denied=self._polling,  # else it would also ignore that no watch is left
        )  # fmt: skip
        try:
            next(changes, None)  # only now it begins to watch
        except RuntimeError as error:
            if str(error).startswith("Error creating"):
                raise
        if self._polling:
            self._stop.wait(POLLED_TIME_S)
        return changes

    def _find_places(self) -> list[str]:
        manifest = generations.last_manifest(self._target)
        links = bool(manifest and manifest.follow_links)
        present = [root.resolve() for root in self._roots if root.is_dir()]
        places = find_places(present, follow_links=links, leave_out=self._target)
        return [str(place) for place in places if os.access(place, os.R_OK)]

    def _matter(self, changes: "set[FileChange]") -> bool:
        """True if one of these changes may concern an article, or a folder went away, came back or was replaced."""
        before, self._identities = self._identities, self._identify()
        return before != self._identities or any(self._matters(path) for _, path in changes)

    def _matters(self, path: str) -> bool:
        if path in self._places:
            return True
        changed, target = Path(path), self._target.resolve()
        if changed == target or is_of_index(changed, target):
            return False
        return not is_passed_over(changed.name, folder=changed.is_dir())

    def _identify(self) -> list[tuple[int, int] | None]:
        """Which folders the names mean now: no system tells of one whose parent moved, or that was mounted."""
        return [_identity(root) for root in self._roots]


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _polling_is_wanted() -> bool:
    """As watchfiles decides it: by its environment variable, else where Windows' files are seen through Linux."""
    wanted = os.environ.get("WATCHFILES_FORCE_POLLING", "").lower()
    if wanted:
        return wanted not in {"false", "disable", "disabled"}
    return "microsoft-standard" in platform.release().lower()
