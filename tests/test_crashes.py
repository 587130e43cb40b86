"""Killed, refused by the disk, raced: a build ends, or the index is as it was; and the next build ends in any case.

After each trial the index must open and be whole, answer exactly as the old or the new generation (every passage,
score and answer), and the next build must bring it level and leave nothing behind. How it is done: `tests/trials.py`.
The short form has 50 kills and more; `make crash-test` runs the long one: FOOTNOTED_TRIALS kills, 1,000 if unset.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import system_calls, trials
from tests.trials import Trial

ROOT = Path(__file__).resolve().parent.parent
MEMORY = "/dev/shm"
LONG = int(os.environ.get("FOOTNOTED_TRIALS", "1000"))
SHORT_FORM = {"kills": len(trials.NAMED) + 20, "errors": 16, "sizes": 6, "races": 1}
LONG_FORM = {"kills": LONG, "errors": LONG, "sizes": LONG // 10, "races": LONG // 20}

BEFORE_THE_SWAP = trials.NAMED[: trials.NAMED.index("after pathlib:Path.replace")]
REFUSALS = (
    "Input/output error|No space left on device|Permission denied|Read-only file system|File too large|"
    "No locks available"
)
SQLITE_REFUSALS = "disk I/O error|unable to open database file|attempt to write a readonly database"

Done = dict[str, list[Trial]]


@pytest.fixture(scope="module", params=[SHORT_FORM, pytest.param(LONG_FORM, marks=pytest.mark.crash)], ids=str)
def done(request: pytest.FixtureRequest) -> Done:
    """The trials by kind; in memory where that can be had: no kill is a power cut, and a disk is far slower."""
    wanted = [f"{kind}={number}" for kind, number in request.param.items()]
    with tempfile.TemporaryDirectory(prefix="footnoted-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as place:
        command = [sys.executable, "-W", "ignore", "-m", "tests.trials", place, *wanted]
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True)
    assert ended.returncode == 0, ended.stderr.decode()
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    found: Done = {kind: [] for kind in request.param}
    for line in lines:
        found[line.pop("kind")].append(Trial(**line))
    return found


def test_a_killed_build_leaves_one_generation_or_the_other(done: Done) -> None:
    kills = done["kills"]
    assert [one for one in kills if (one.then, one.noise) != ("new", "") or one.found not in ("old", "new")] == []
    named = {one.fault: one for one in kills[: len(trials.NAMED)]}
    assert list(named) == trials.NAMED
    assert {one.ended for one in named.values()} == {"killed"}
    assert [point for point, one in named.items() if one.found == "old"] == BEFORE_THE_SWAP
    assert {one.ended for one in kills} <= {"killed", "built"}  # one on a quick moment may have ended before
    at_calls = (len(re.findall(r"before \S+ \S+ \(", one.fault)) for one in kills)  # several, one after another
    assert sum(max(number, one.ended == "killed") for number, one in zip(at_calls, kills, strict=True)) >= 50


@pytest.mark.skipif(not system_calls.can_be_asked(), reason="no system calls can be refused here: see system_calls.py")
def test_a_disk_that_refuses_anything_costs_one_sentence(done: Done) -> None:
    assert len(done["errors"]) >= SHORT_FORM["errors"]
    assert neither_built_nor_refused(done["errors"]) == []


def test_a_file_that_cannot_grow_costs_one_sentence(done: Done) -> None:
    assert neither_built_nor_refused(done["sizes"]) == []
    assert (done["sizes"][0].found, done["sizes"][-1].ended) == ("old", "built")


def neither_built_nor_refused(errors: Sequence[Trial]) -> list[Trial]:
    sentence = re.compile(
        rf"BuildFailed: The index in \S+ could not be written: ({REFUSALS}|{SQLITE_REFUSALS})\. "
        r"Free some space or name another place with --index; the index is as it was before\."
    )
    refused = [one for one in errors if one.found == "old" and sentence.fullmatch(one.ended)]
    built = [one for one in errors if (one.found, one.ended) == ("new", "built")]
    return [one for one in errors if one not in [*refused, *built] or (one.then, one.noise) != ("new", "")]


def test_of_builds_that_race_one_builds_at_a_time_and_readers_see_whole_generations(done: Done) -> None:
    for one in done["races"]:
        ends = {end.partition(" is being built by process")[0] for end in one.ended.split("; ")}
        refused = {end for end in ends if end.startswith("BuildRunning: The index in ")}
        two_folders = "two folders" in one.fault
        assert "built" in ends, one
        assert ends - refused <= ({"built", "killed"} if "killed" in one.fault else {"built"}), one
        assert not refused or one.fault == "of one folder", one
        assert set(one.found.split(", ")) <= {"old", *(("fresh new", "fresh past") if two_folders else ("new",))}, one
        assert (one.then, one.noise) == ("fresh new" if two_folders else "new", ""), one
