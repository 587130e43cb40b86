"""Sentences about articles that others than the author of the rules wrote, and what the check says of each.

`python -m tests.claimed` prints the table of the README. ``tests/claims`` holds invented articles in four sets, each
with sentences that are faithful to them or wrong in one place, a fifth and sixth about the seeds and the articles of
``tests/asked``, and sentences that a small model wrote about the seeds, each read beside the passages. The rules were
made with the first and third set and the model's sentences in view. Of the second set only the totals were, and those
of the fourth only for the share of the wording that must be held. Since then what went wrong in all of them was read,
and rules came of it. The fifth was measured before it was read; the sixth was never read.
With ``--misses SET`` what went wrong in a set.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import build, open_index
from index.opened import Index
from rag.passages import retrieve
from rag.support import Checker, Support

ROOT = Path(__file__).resolve().parent.parent
CLAIMS = ROOT / "tests" / "claims"
FIRST, SECOND, THIRD, FOURTH, FIFTH, SIXTH, MODEL = "first", "second", "third", "fourth", "fifth", "sixth", "model"
SETS = (FIRST, THIRD, MODEL, SECOND, FOURTH, FIFTH, SIXTH)
ASKED = ROOT / "tests" / "asked"
ELSEWHERE = {FIFTH: [ASKED / "desk" / "docs"], SIXTH: [ASKED / "bureau" / "docs", ASKED / "papers" / "docs"]}
"""Articles that a set shares with the questions."""


@dataclass(frozen=True)
class Claim:
    """A sentence to check against the passages found for a question, or for itself; ``kind`` is what is wrong."""

    text: str
    kind: str
    faithful: bool
    asked: str


def claims_of(name: str) -> list[Claim]:
    """The sentences of a set."""
    lines = [json.loads(line) for line in (CLAIMS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    return [Claim(one["text"], one["kind"], one["faithful"], one.get("question", one["text"])) for one in lines]


def index_of(name: str, target: Path) -> Index:
    """An index of the set's articles among the seeds; of the seeds, where it is about them."""
    build([folder for folder in (*ELSEWHERE.get(name, [CLAIMS / name]), ROOT / "seeds") if folder.is_dir()], target)
    return open_index(target)


def judged(name: str, index: Index) -> list[tuple[Claim, Support]]:
    """Each sentence with what the check says, made anew for each as for an answer."""
    return [
        (claim, Checker(retrieve(claim.asked, k=5, index=index), index).check(claim.text, ()))
        for claim in claims_of(name)
    ]


def struck(results: Sequence[tuple[Claim, Support]], *, faithful: bool, kind: str | None = None) -> tuple[int, int]:
    """How many of those sentences are not supported, and how many there are."""
    own = [support for claim, support in results if claim.faithful is faithful and kind in (None, claim.kind)]
    return sum(not support.supported for support in own), len(own)


def table(results: dict[str, list[tuple[Claim, Support]]]) -> Iterator[str]:
    """A row for each kind, a column for each set."""
    yield f"| | {' | '.join(results)} |"
    yield f"|---|{'---|' * len(results)}"
    for faithful, verb in ((False, "caught"), (True, "struck")):
        kinds = dict.fromkeys(claim.kind for one in results.values() for claim, _ in one if claim.faithful is faithful)
        for kind in [*kinds, None]:
            cells = [struck(one, faithful=faithful, kind=kind) for one in results.values()]
            name = kind or ("all that is wrong" if not faithful else "all that is right")
            shown = [(f"{done} of {of}" if kind else f"{done / of:.0%} of {of}") if of else "" for done, of in cells]
            yield f"| {name}, {verb} | {' | '.join(shown)} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", choices=SETS, help="list what went wrong in this set")
    options = parser.parse_args()
    results = {}
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            results[name] = judged(name, index_of(name, Path(folder) / "index"))
    sys.stdout.writelines(f"{line}\n" for line in table(results))
    for claim, support in results.get(options.misses, []):
        if support.supported is not claim.faithful:
            sys.stdout.write(f"{claim.kind}: {claim.text}\n    {', '.join(support.problems)}\n")


if __name__ == "__main__":
    main()
