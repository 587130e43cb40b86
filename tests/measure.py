"""Measures the figures of the README and prints them as its tables: ``make measure [EVAL=folder]``.

    python -m tests.measure [FOLDER]

FOLDER holds public question sets, each a folder with ``docs/`` and ``questions.jsonl``. Times depend on the
machine and are printed with what it is; compare them within one run only.
"""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from index import build, open_index
from index.opened import Index
from rag import ask, retrieve
from rag.evaluate import evaluate, index_of, read_cases
from rag.measures import Evaluation, summarise
from tests.news import SEEN, UNSEEN, lay_out

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden.jsonl"
ASKED = ROOT / "tests" / "asked"
"""Questions about the seeds and about a public set that others wrote, who knew the articles only."""

INVENTED = ("papers", "desk", "bureau")
"""Sets in `ASKED` with articles of their own, 68 in all."""

RUNS = 5
WARM_ROUNDS = 3

COLUMNS = (
    "hit_at_1", "hit_at_3", "hit_at_5", "hit_at_10", "mrr_at_10", "ndcg_at_10", "passage_characters",
    "in_first_quote", "in_answer", "quotes", "quote_characters", "answerable_refused", "refusal_precision",
    "refusal_recall", "near_miss_precision", "near_misses_refused", "off_corpus_precision", "off_corpus_refused",
    "near_miss_auroc", "off_corpus_auroc", "calibration_error", "seconds_p50", "seconds_p95",
)  # fmt: skip


def main(arguments: Sequence[str]) -> None:
    """Prints every table."""
    say(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        seeds = Path(scratch) / "seeds"
        table(("seeds", "figure"), seeds_figures(seeds))
        index = open_index(seeds)
        sets = [("seeds", of_file(GOLDEN, index)), *asked("seeds", index)]
        invented = list(invented_sets(Path(scratch)))
    for folder in arguments:
        sets += list(public_sets(Path(folder)))
    for measured in (sets, invented):
        table(("measure", *(name for name, _ in measured)), quality_rows([result for _, result in measured]))


def seeds_figures(index_dir: Path) -> Iterator[tuple[str, str]]:
    """Build, question and start-up times over the five articles."""
    build(index_dir=index_dir)  # prepares the model, which happens once per machine
    yield "build from nothing, model prepared", f"{median_s(lambda: build(index_dir=index_dir, fresh=True)):.1f} s"
    yield "build, nothing new", f"{median_s(lambda: build(index_dir=index_dir)):.2f} s"
    index = open_index(index_dir)
    questions = [json.loads(line)["question"] for line in GOLDEN.read_text("utf-8").splitlines()]
    yield (
        "retrieve, warm, p50 / p95",
        percentiles([milliseconds(partial(retrieve, one, 5, index)) for one in _again(questions)]),
    )
    yield "ask, warm, p50 / p95", percentiles([milliseconds(partial(ask, one, index)) for one in _again(questions)])
    cold = [cold_ask(index_dir) for _ in range(RUNS)]
    yield "ask, in a fresh process", f"{statistics.median(seconds for seconds, _ in cold):.2f} s"
    yield "its memory", f"{statistics.median(megabytes for _, megabytes in cold):.0f} MB"
    yield "installed, with PyTorch and what the tests need", f"{installed_megabytes():.0f} MB"


def of_file(questions: Path, index: Index) -> Evaluation:
    """The measures of the questions in a file."""
    return summarise(evaluate(read_cases(questions, index), index))


def asked(name: str, index: Index) -> Iterator[tuple[str, Evaluation]]:
    """The measures of what others asked of a set, where they did."""
    for when, file in (("by others", f"{name}.jsonl"), ("later", f"{name}_later.jsonl")):
        if (ASKED / file).exists():
            yield f"{name}, {when}", of_file(ASKED / file, index)


def invented_sets(scratch: Path) -> Iterator[tuple[str, Evaluation]]:
    """The measures of invented articles: the news, by questions that were in view and by others, and what is in `ASKED`
    with documents of its own.
    """
    build(lay_out(scratch / "news"), scratch / "index-of-news")
    index = open_index(scratch / "index-of-news")
    yield "news", of_file(SEEN, index)
    yield "news, unseen", of_file(UNSEEN, index)
    for name in INVENTED:
        build(ASKED / name / "docs", scratch / name)
        yield name, of_file(ASKED / name / "questions.jsonl", open_index(scratch / name))


def public_sets(folder: Path) -> Iterator[tuple[str, Evaluation]]:
    """The measures of each set, with the questions of the other sets as off-corpus ones."""
    sets = sorted(path.parent for path in folder.glob("*/questions.jsonl"))
    for one in sets:
        say(f"measuring {one.name} ...")
        index = index_of(one / "docs")
        cases = read_cases(one / "questions.jsonl", index)
        for other in sets:
            if other != one:
                cases += read_cases(other / "questions.jsonl", index, off_corpus=True)
        yield one.name, summarise(evaluate(cases, index))
        yield from asked(one.name, index)


def quality_rows(results: Sequence[Evaluation]) -> Iterator[tuple[str, ...]]:
    """A row for each measure, a column for each set."""
    yield "questions (answerable)", *(f"{one.questions} ({one.answerable})" for one in results)
    for name in COLUMNS:
        yield name.replace("_", " "), *(shown(getattr(one, name)) for one in results)


def cold_ask(index_dir: Path) -> tuple[float, float]:
    """Seconds and peak megabytes of a process that opens the index and answers one question."""
    program = (
        "import sys; from rag import ask; answer = ask('How many offices does the DEA have?', sys.argv[1]);"
        "assert answer.citations; from tests.measure import peak_megabytes; print(peak_megabytes())"
    )
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, str(index_dir)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return time.perf_counter() - started, float(done.stdout)


def peak_megabytes() -> float:
    """The most memory this process has held; on Linux from /proc, since getrusage counts the parent's before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        [peak] = re.findall(r"^VmHWM:\s+(\d+) kB$", status.read_text("utf-8"), re.MULTILINE)
        return int(peak) / 1000
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def installed_megabytes() -> float:
    """Size of the environment this runs in."""
    files = (path for path in Path(sys.prefix).rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6


def milliseconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def median_s(work: Callable[[], object]) -> float:
    """The median of some calls, in seconds."""
    return statistics.median(milliseconds(work) for _ in range(RUNS)) / 1000


def percentiles(durations: Sequence[float]) -> str:
    """``4.2 / 6.1 ms``"""
    ordered = sorted(durations)
    return f"{ordered[len(ordered) // 2]:.1f} / {ordered[int(len(ordered) * 0.95)]:.1f} ms"


def _again(questions: Sequence[str]) -> list[str]:
    return list(questions) * WARM_ROUNDS


def shown(value: float | None) -> str:
    """A share with three digits, a length without any."""
    if value is None:
        return "-"
    return f"{value:.3f}" if value <= 1 else f"{value:,.1f}" if value < 10 else f"{value:,.0f}"


def table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> None:
    """A Markdown table."""
    say(f"| {' | '.join(head)} |")
    say(f"|{'---|' * len(head)}")
    for row in rows:
        say(f"| {' | '.join(row)} |")
    say("")


def say(line: str) -> None:
    """A line on stdout, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
