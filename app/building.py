"""The build that the page has begun: one at a time, in a thread of its own, and every tab may follow it."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Condition, Lock, Thread

from index import build
from index.errors import BuildRunning, FootnotedError
from index.generations import Manifest
from index.sync import BuildReport

LONGEST_WAIT_S = 60 * 60
"""For the build of another program to end; a million articles take longer, and then the page says so."""

STILL_BUILDING = "Another program is still building the index. Rebuild it when that one is through."
A_BUG = "This should not have happened: it is a bug in footnoted. The terminal it was started from says more."

BuildEvent = tuple[str, int, int] | BuildReport | str
"""Stage, done and total while it runs; at the end the report, or a sentence."""

log = logging.getLogger(__name__)


class Building:
    """What happens in a build, for any number of readers."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._event: BuildEvent = ("looking", 0, 0)
        self._number = 0

    def tell(self, event: BuildEvent) -> None:
        """Says what has happened; a report or a sentence is the last of it."""
        with self._changed:
            self._event = event
            self._number += 1
            self._changed.notify_all()

    @property
    def is_over(self) -> bool:
        """True once the outcome is there."""
        return not isinstance(self._event, tuple)

    def events(self) -> Iterator[BuildEvent]:
        """What is happening now, then whatever is the newest: a build tells faster than a page can be drawn."""
        seen, event = self._now()
        yield event
        while isinstance(event, tuple):
            with self._changed:
                self._changed.wait_for(lambda: self._number != seen)  # noqa: B023 (called before the next round)
            seen, event = self._now()
            yield event

    def _now(self) -> tuple[int, BuildEvent]:
        with self._changed:
            return self._number, self._event


class Builder:
    """Begins a build where none is under way."""

    def __init__(self, index_dir: str | Path) -> None:
        self.index_dir = index_dir
        self._lock = Lock()
        self._building: Building | None = None

    @property
    def under_way(self) -> Building | None:
        """The build that has begun and is not over."""
        return None if self._building is None or self._building.is_over else self._building

    def begin(self, seen: Manifest) -> Building:
        """The build that is under way, else a new one of what an index was made of. It outlives a closed tab."""
        with self._lock:
            building = self.under_way
            if building is None:
                building = self._building = Building()
                # a daemon, for Ctrl-C not to wait for it: a build cut short leaves the generation in use as it is
                Thread(target=_build, args=(self.index_dir, seen, building.tell), daemon=True).start()
            return building


def _build(index_dir: str | Path, seen: Manifest, tell: Callable[[BuildEvent], None]) -> None:
    """Builds with these folders and this model; everything that happens is told, the outcome last.

    They are named, because an index that has gone cannot say them, and the build would take the articles that come
    with footnoted.
    """

    def progress(stage: str, done: int, total: int) -> None:
        tell((stage, done, total))

    rebuild = partial(
        build,
        list(seen.folders.values()),
        index_dir,
        model=seen.model["name"],
        follow_links=seen.follow_links,
        progress=progress,
    )
    try:
        try:
            report = rebuild()
        except BuildRunning:
            tell(("waiting", 0, 0))
            report = rebuild(wait_s=LONGEST_WAIT_S)
        tell(report)
    except BuildRunning:
        tell(STILL_BUILDING)
    except FootnotedError as error:
        tell(str(error))
    except Exception:
        log.exception("The index could not be rebuilt")
        tell(A_BUG)
