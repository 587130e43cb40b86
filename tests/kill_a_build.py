"""Builds that are killed: `python tests/kill_a_build.py JOBS`, for test_generations.py.

JOBS is a JSON list of {"folder", "index", "point"}. A point is "before index.generations:seal", "after ..." (the
first call), or "at 0.37": that part of the time that a whole build takes. Each build runs in a fork of its own,
made after the slow imports, so that what is killed is the build.
"""

import importlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

import faiss  # noqa: F401
import onnxruntime  # noqa: F401
import tantivy  # noqa: F401

from index import build, journal, making, sync  # noqa: F401


def killed_at(point: str) -> None:
    """Arranges that this process kills itself before or after the first call of a function."""
    when, target = point.split()
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for one in owners:
        owner = getattr(owner, one)
    original = getattr(owner, name)

    def kill(*arguments: Any, **settings: Any) -> Any:
        if when == "after":
            original(*arguments, **settings)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, kill)


def forked_build(folder: str, index: str, point: str | None = None) -> int:
    """The process id of a build that runs."""
    child = os.fork()
    if child:
        return child
    try:
        if point:
            killed_at(point)
        build(folder, index)
        os._exit(0)
    finally:
        os._exit(1)


def end_of(child: int) -> int:
    """How it ended: 0 well, -9 killed."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_after(child: int, seconds: float) -> int:
    descriptor = os.pidfd_open(child)
    select.select([descriptor], [], [], seconds)  # it may end before
    os.close(descriptor)
    os.kill(child, signal.SIGKILL)
    return end_of(child)


def main() -> None:
    jobs = json.loads(Path(sys.argv[1]).read_text())
    whole, *killed = jobs
    started = time.perf_counter()
    ends = [end_of(forked_build(whole["folder"], whole["index"]))]
    duration = time.perf_counter() - started
    for job in killed:
        when, value = job["point"].split()
        if when == "at":
            ends.append(kill_after(forked_build(job["folder"], job["index"]), float(value) * duration))
        else:
            ends.append(end_of(forked_build(job["folder"], job["index"], job["point"])))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main()
