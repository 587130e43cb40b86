"""Nothing grows with the number of builds: not the disk, not the files, not the memory of a process that stays."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BUILDS = """
import gc, json, sys
from pathlib import Path
from index import build, embed, open_index
from rag import retrieve

loaded = embed.Embedder.load()  # its 90 MB are hashed at every load, 0.2 s
embed.Embedder.load = classmethod(lambda cls, model=None: loaded)
folder, index_dir = Path(sys.argv[1]), Path(sys.argv[2])

def held():
    gc.collect()
    files = [path for path in index_dir.rglob("*") if path.is_file()]
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "files": len(files),
        "kilobytes": sum(path.stat().st_size for path in files) // 1000,
        "megabytes": int(status["VmRSS"].split()[0]) // 1000,
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "maps": len(Path("/proc/self/maps").read_text().splitlines()),
    }

told = []
for number in range(int(sys.argv[3])):
    (folder / "changing.txt").write_text(f"The river rose by {number} metres on day {number}.")
    (folder / f"{number % 3}.txt").write_text(f"Article {number} came.")
    (folder / f"{(number + 1) % 3}.txt").unlink(missing_ok=True)
    build(folder, index_dir)
    assert retrieve(f"day {number}", 3, open_index(index_dir))
    told.append(held())
print(json.dumps(told))
"""

WARM = 10
"""Builds after which all that is kept once is there: modules, the model, the allocator's pools."""

POOLS = {"MALLOC_ARENA_MAX": "2"}
"""As `build --watch` and `chat` do for themselves: glibc would fill 16 pools, 170 MB in 60 builds, and then no more."""

MARGIN_MB = 40
"""What the allocator holds goes up and down by 30 MB from build to build (120 builds: between 390 and 470)."""


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process holds is read from /proc")
def test_thirty_builds_in_one_process_hold_no_more_than_ten(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    command: list[str | Path] = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        BUILDS,
        str(tmp_path / "articles"),
        str(tmp_path / "index"),
        "30",
    ]
    ended = subprocess.run(
        command, env={**os.environ, **POOLS, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    held = json.loads(ended.stdout)
    early, late = held[WARM // 2 : WARM + WARM // 2], held[-WARM:]
    for what, margin in (("files", 0), ("kilobytes", 1), ("descriptors", 0), ("maps", WARM)):
        assert max(one[what] for one in late) <= max(one[what] for one in early) + margin, what
    assert min(one["megabytes"] for one in late) <= min(one["megabytes"] for one in early) + MARGIN_MB
