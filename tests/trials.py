"""Builds that are disturbed: killed, refused by the disk, or started two at a time; and what is true afterwards.

`python -m tests.trials PLACE kills=50 errors=20` prints one JSON object a line for tests/test_crashes.py, a `Trial`
each. One process loads the model and computes what the old and the new generation answer; every build, and every look
at what it left, is a fork of it, so that a trial takes a fifth of a second and what dies is the build alone.
"""

import errno
import importlib
import itertools
import json
import os
import random
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from index import build, embed, generations, open_index, opened, sync
from index.check import check_index
from index.errors import FootnotedError
from index.making import verify_parts
from rag import ask, retrieve
from tests import system_calls
from tests.system_calls import KILL, LIMIT_S

SEED = 7

FIRST = {"river.txt": "The river rose by two metres. Nobody was hurt.", "bank.txt": "The bank raised its rates."}
OLD = {
    **FIRST, "cat.md": "# Cats\n\nThe cat sat on the mat.", "oak.txt": "A storm tore down nine oaks.", "bad.txt": "…",
}  # fmt: skip
NEW = {
    "river.txt": "The river fell on Monday.", "bank.txt": FIRST["bank.txt"], "tree.txt": OLD["oak.txt"],
    "dog.txt": "The dog chased the cat.", "mayor.txt": "The mayor said: “Nobody was hurt.”", "empty.txt": "",
}  # fmt: skip
"""One changed, one the same, one renamed, two added, one removed, another one unreadable."""

QUESTIONS = ["How far did the river rise?", "Who was hurt?", "What did the bank raise?", "Where did the cat sit?"]

STEPS = [
    *("index.generations:begin", "index.journal:Journal._opened", "index.making:copy_words"),
    *("index.catalog:CatalogWriter.add 2", "index.catalog:CatalogWriter.rename", "index.journal:Journal.put"),
    *("index.catalog:CatalogWriter.remove 2", "index.words:WordsWriter.add 2", "index.words:WordsWriter.commit"),
    *("index.catalog:CatalogWriter.commit", "index.vectors:Vectors.write", "index.making:verify_parts"),
    *("index.generations:seal", "index.generations:_write_synced", "pathlib:Path.rename"),
    *("index.generations:_write_synced 2", "pathlib:Path.replace", "index.generations:tidy", "shutil:rmtree"),
]
"""In the order of the work; a number says which call of it."""

NAMED = [f"{when} {step}" for step in STEPS for when in ("before", "after")]

NEXT = "\n-- then --\n"

ERRORS = [errno.EIO, errno.ENOSPC, errno.EACCES, errno.EROFS]


@dataclass(frozen=True)
class Trial:
    """What was done to a build, how it ended, what the index was then, and what after the next build."""

    fault: str
    ended: str  # "killed", "built", or what it said
    found: str  # "old", "new", or what was wrong
    then: str  # the same, after a build that nothing disturbs
    noise: str = ""  # what was written to stderr


def load_model() -> None:
    """The real model, once, on one thread: other threads would be missing in a fork."""
    embed._usable_cores = lambda: 1
    loaded = embed.Embedder.load()
    embed.Embedder.load = classmethod(lambda cls, model=None: loaded)  # type: ignore[assignment, method-assign]
    opened._embedder = lambda identity: loaded  # type: ignore[assignment]


def write(folder: Path, texts: dict[str, str]) -> None:
    """Makes the folder hold these files and no others."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def answers(index_dir: Path) -> dict[str, Any]:
    """All that an index holds, finds and answers."""
    index = open_index(index_dir)
    ids = index.catalog.chunk_ids()
    answered = [ask(question, index) for question in QUESTIONS[:2]]
    return {
        "documents": [index.document(row.id) for row in index.documents()],
        "chunks": index.catalog.chunks(ids),
        "skipped": index.skipped,
        "warning": index.warning,
        "vectors": index.vectors.of(ids).tolist(),
        "nearest": index.vectors.search(np.ones(index.vectors.dimension, np.float32), 10),
        "passages": [retrieve(question, 5, index) for question in QUESTIONS],
        "answers": [(one.text, one.citations, one.refused, one.confidence) for one in answered],
    }


class Fork:
    """Work in a process of its own, which says through a pipe how it ended."""

    def __init__(self, work: Callable[[], str], noise: Path) -> None:
        self._reading, writing = os.pipe()
        self.child = os.fork()
        if not self.child:
            tell(writing, work, noise)
            os._exit(0)
        os.close(writing)

    def ended(self, kill_after_s: float | None = None) -> str:
        """What the work returned or said, ``killed`` where it was."""
        within_s = LIMIT_S if kill_after_s is None else kill_after_s
        in_time = select.select([self._reading], [], [], within_s)[0]
        if not in_time:
            os.kill(self.child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        with os.fdopen(self._reading) as told:
            said = told.read()
        if not in_time and kill_after_s is None:
            return "hung"
        return said or how(code)


def tell(writing: int, work: Callable[[], str], noise: Path) -> None:
    """Writes what ``work`` returns or says into a pipe, and into ``noise`` what it prints on stderr."""
    os.dup2(os.open(noise, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
    try:
        said = work()
    except FootnotedError as error:
        said = f"{type(error).__name__}: {error}"
    except BaseException:
        said = traceback.format_exc()
    os.write(writing, said.encode())
    os.close(writing)


def how(code: int) -> str:
    """The end of a process that said nothing."""
    return "killed" if code == -signal.SIGKILL else f"ended with {code}"


class Trials:
    """A folder, an index of two generations of its past, and what that and its successor answer."""

    def __init__(self, place: Path) -> None:
        self.folder, self.start, self.index = place / "articles", place / "start", place / "index"
        self.noise, self.log, self.stop = place / "stderr", place / "log", place / "stop"
        for texts in (FIRST, OLD):
            write(self.folder, texts)
            build(self.folder, self.start)
        write(self.folder, NEW)
        self.begin()
        began = time.perf_counter()
        assert self.ends() == "built"
        self.duration = time.perf_counter() - began
        self.references = {"old": answers(self.start), "new": answers(self.index)}
        assert self.references["old"] != self.references["new"]
        self.begin()
        self.calls = len(self.supervised(lambda number, call: None)[1]) if system_calls.can_be_asked() else 0

    def begin(self) -> None:
        """The index as it was before the build."""
        shutil.rmtree(self.index, ignore_errors=True)
        shutil.copytree(self.start, self.index)
        self.noise.write_text("")

    def build(self, prepare: Callable[[], None] = lambda: None, **settings: Any) -> str:
        """How a build ends in this process; its warning is told too."""
        prepare()
        report = build(**{"folders": self.folder, "index_dir": self.index, **settings})
        return f"built; {report.warning}" if report.warning else "built"

    def ends(self, prepare: Callable[[], None] = lambda: None, kill_after_s: float | None = None) -> str:
        """How a build ends in a fork."""
        return Fork(partial(self.build, prepare), self.noise).ended(kill_after_s)

    def supervised(self, decide: system_calls.Decide) -> tuple[str, tuple[str, ...]]:
        """How a build ends whose system calls are decided upon, and the calls."""
        reading, writing = os.pipe()
        ended = system_calls.run(partial(tell, writing, self.build, self.noise), self.index, decide)
        os.close(writing)
        with os.fdopen(reading) as told:
            return told.read() or how(ended.code), ended.calls

    def after(self, fault: str, ended: str, found: str | None = None, **settings: Any) -> Trial:
        """The trial of a build that ended like this, with what is found now and after the next build."""
        seen = Fork(partial(self.looked_at, found, settings), self.noise).ended()
        found, _, then = seen.partition(NEXT)
        return Trial(fault, ended, found, then, self.noise.read_text("utf-8", "replace"))

    def looked_at(self, found: str | None, settings: dict[str, Any]) -> str:
        """What is found now and after the next build, in one process."""
        found = found or self.state()
        built = self.build(**settings)
        then = self.state_when_level()
        return f"{found}{NEXT}{then}" if built == "built" else f"{found}{NEXT}{then}, but the next build: {built}"

    def state(self) -> str:
        """``old`` or ``new`` where the index is whole and answers exactly so; else what is wrong."""
        checked = check_index(self.index)
        told = [one for one in checked.problems if not one.startswith("the folders have changed since")]
        if told:
            return f"problems: {told}"
        answering = self.answering()
        return f"new, and yet {checked.problems}" if checked.problems and answering == "new" else answering

    def answering(self) -> str:
        """The name of the generation that answers exactly so."""
        found = answers(self.index)
        same = [name for name, reference in self.references.items() if reference == found]
        if not same:
            differing = [part for part, value in self.references["new"].items() if found[part] != value]
            return f"neither old nor new; it differs from the new in {differing} ({found['warning']})"
        return same[0]

    def answering_all_the_time(self) -> str:
        """The names of the generations that answer until told to stop; every time the index is opened anew."""
        seen = set()
        while not self.stop.exists():
            opened._opened.clear()
            seen.add(self.answering())
        return ", ".join(sorted(seen))

    def state_when_level(self) -> str:
        """The same after a build, which leaves nothing but two whole generations."""
        left = {path.name for path in self.index.iterdir()} - {"CURRENT", "files.sqlite", "generations", "lock"}
        names = sorted(path.name for path in (self.index / "generations").iterdir())
        for name in names:
            folder = self.index / "generations" / name
            manifest = generations.verify(folder)
            verify_parts(folder)
            files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
            known = {*manifest.files, "manifest.json"}
            left |= {f"{name}/{file}" for file in files ^ known if not file.endswith(".lock")}
        if left or len(names) > 2 or names[-1] != open_index(self.index).generation:
            return f"left over: {sorted(left)}, generations {names}"
        return self.state()


def kill_at(point: str) -> None:
    """Arranges that this process is killed before or after the first (or n-th) call of a function."""
    when, target, *times = point.split()
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    original, left = getattr(owner, name), itertools.count(int(times[0]) if times else 1, -1)

    def kill(*arguments: Any, **settings: Any) -> Any:
        last = next(left) == 1
        if last and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **settings)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, kill)


# the kinds of trials


def kills(trials: Trials, number: int) -> Iterator[Trial]:
    """At every named step; the rest at system calls (spread evenly), one after another, and at random moments."""
    chance = random.Random(SEED)
    for point in NAMED:
        trials.begin()
        yield trials.after(point, trials.ends(partial(kill_at, point)))
    rest = max(0, number - len(NAMED))
    at_calls = min(rest // 2, trials.calls)
    for part in range(at_calls):
        yield killed_at_calls(trials, [part / at_calls])
    chains = (rest - at_calls) // 2
    for _ in range(chains):
        moments = [chance.random() for _ in range(chance.randint(2, 4))]
        yield killed_at_calls(trials, moments) if trials.calls else killed_at_moments(trials, moments)
    for _ in range(rest - at_calls - chains):
        yield killed_at_moments(trials, [chance.random()])


def at_call(what: int, first: int, last: int, number: int, call: str) -> int | None:
    """The fate of a call: ``what`` from the first to the last of these numbers; for a lock, that there is none."""
    if not first <= number <= last:
        return None
    return errno.ENOLCK if what != KILL and call.startswith("flock ") else what


def killed_at_calls(trials: Trials, parts: Sequence[float]) -> Trial:
    """A build killed before one of its system calls, and those that take up what it left likewise."""
    trials.begin()
    points, ended = [], ""
    for part in parts:
        wanted = int(part * trials.calls) + 1
        ended, calls = trials.supervised(partial(at_call, KILL, wanted, wanted))
        points.append(f"before {calls[-1]} ({wanted})" if ended == "killed" else "past its end")
    return trials.after(", then ".join(points), ended)


def killed_at_moments(trials: Trials, moments: Sequence[float]) -> Trial:
    """A build killed at a part of the time that one takes, and those after it."""
    trials.begin()
    ends = [trials.ends(kill_after_s=moment * trials.duration) for moment in moments]
    return trials.after(f"at {', then '.join(f'{moment:.3f}' for moment in moments)}", ends[-1])


def errors(trials: Trials, number: int) -> Iterator[Trial]:
    """A system call that fails once, or with all after it."""
    cases = [
        (wanted, ERRORS[(wanted + lasting) % len(ERRORS)], lasting)
        for wanted in range(1, trials.calls + 1)
        for lasting in (False, True)
    ]
    chosen = random.Random(SEED).sample(cases, min(number, len(cases)))
    for wanted, code, lasting in sorted(chosen):
        trials.begin()
        last = 10**9 if lasting else wanted
        ended, calls = trials.supervised(partial(at_call, code, wanted, last))
        call = calls[wanted - 1] if wanted <= len(calls) else "a call that was not made"
        yield trials.after(f"{errno.errorcode[code]} at {call} ({wanted}){' and on' if lasting else ''}", ended)


def sizes(trials: Trials, number: int) -> Iterator[Trial]:
    """No file may grow beyond a size, which every library meets in the middle of what it writes."""
    import resource

    largest = max(path.stat().st_size for path in trials.index.rglob("*") if path.is_file())
    for part in range(number):
        size = part * largest // (number - 1)
        trials.begin()
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))
        yield trials.after(f"no file beyond {size} bytes", trials.ends(limit))


def races(trials: Trials, number: int) -> Iterator[Trial]:
    """Three builds at once, while two readers open the index and ask again and again."""
    chance = random.Random(SEED)
    past = trials.folder.with_name("past")
    write(past, OLD)
    for name, folder in (("fresh new", trials.folder), ("fresh past", past)):
        assert trials.build(folders=folder, index_dir=trials.folder.with_name(name)) == "built"
        trials.references[name] = answers(trials.folder.with_name(name))
    for _ in range(number):
        yield race(trials, "of one folder", [{}] * 3)
        yield race(trials, "of one folder, which wait", [{"wait_s": LIMIT_S}] * 3)
        fresh = {"fresh": True, "wait_s": LIMIT_S}
        both = [{**fresh, "folders": folder} for folder in (past, trials.folder, past)]
        yield race(trials, "of two folders", both)
        moment = chance.random()
        yield race(trials, f"of two folders, two killed at {moment:.3f}", both, [None, moment, moment * 2])


def race(
    trials: Trials, named: str, builds: Sequence[dict[str, Any]], moments: Sequence[float | None] = (None,) * 3
) -> Trial:
    """Builds begun together; each takes the lock, which is logged. Found is all that the readers saw."""
    trials.begin()
    trials.log.write_text("")
    readers = [Fork(trials.answering_all_the_time, trials.noise) for _ in range(2)]
    logged = partial(log_the_build, trials.log)
    builders = [Fork(partial(trials.build, logged, **settings), trials.noise) for settings in builds]
    ends = [
        builder.ended(None if moment is None else moment * trials.duration)
        for builder, moment in zip(builders, moments, strict=True)
    ]
    dead = {str(builder.child) for builder, end in zip(builders, ends, strict=True) if end == "killed"}
    trials.stop.touch()
    seen = {name for reader in readers for name in reader.ended().split(", ")}
    trials.stop.unlink()
    ends += ["two built at once"] if overlap(trials.log, dead) else []
    return trials.after(named, "; ".join(sorted(ends)), ", ".join(sorted(seen)), fresh="fresh" in builds[0])


def log_the_build(log: Path) -> None:
    """Arranges that what holds the lock says so at its beginning and its end."""
    original = sync._build

    def logging(*arguments: Any, **settings: Any) -> Any:
        with log.open("a") as lines:
            lines.write(f"begin {os.getpid()}\n")
        try:
            return original(*arguments, **settings)
        finally:
            with log.open("a") as lines:
                lines.write(f"end {os.getpid()}\n")

    sync._build = logging


def overlap(log: Path, dead: set[str]) -> bool:
    """True where one began before another one that lives had ended."""
    running: set[str] = set()
    for line in log.read_text().splitlines():
        what, builder = line.split()
        if what == "begin" and running - dead:
            return True
        running = {builder} if what == "begin" else running - {builder}
    return False


KINDS = {one.__name__: one for one in (kills, errors, sizes, races)}


def main(place: str, *kinds: str) -> None:
    """Prints the trials of ``kills=50 errors=20 ...``, one a line."""
    load_model()
    trials = Trials(Path(place))
    for one in kinds:
        kind, _, number = one.partition("=")
        for trial in KINDS[kind](trials, int(number)):
            print(json.dumps({"kind": kind, **asdict(trial)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
