"""The web page of a run of `evaluate`: one file with the measures and every failure, and nothing from elsewhere."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.templates import render
from index.errors import UsageError
from rag.evaluate import ANSWERABLE, NEAR_MISS, OFF_CORPUS
from rag.measures import GROUPS, label, shown, shown_difference
from rag.runs import Result, Run

FAILURES = {
    (ANSWERABLE, True): "Refused, though the documents answer",
    (ANSWERABLE, False): "Answered with other words than those that answer",
    (NEAR_MISS, False): "Near misses that were answered",
    (OFF_CORPUS, False): "Questions about other things that were answered",
}
"""By the kind of question and whether it was refused."""


PAGE_BEGINS = ("<!doctype html", "<html")


def checked_target(file: Path) -> Path:
    """The file a page can be written to: a new one, an empty one, or a web page, which it replaces.

    Raises UsageError where its folder is not there, and for any other file: a slip of the hand would replace a run.
    """
    if not file.absolute().parent.is_dir():
        raise UsageError(f"{file} cannot be written: there is no folder {file.parent}.")
    if file.is_file() and not _is_page(file):
        raise UsageError(f"{file} is there and is no web page, so it is left as it is. Name another file for --html.")
    return file


def _is_page(file: Path) -> bool:
    """Whether a file begins as a web page does, or is empty."""
    try:
        with file.open("rb") as opened:
            beginning = opened.read(1_000).decode("utf-8-sig", "replace").strip().lower()
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error}).") from error
    return beginning.startswith(PAGE_BEGINS) or not beginning


def write_page(file: Path, run: Run, questions: str) -> None:
    """Writes the page of a run of these questions. Raises UsageError where the file cannot be written."""
    try:
        file.write_text(page_of(run, questions), "utf-8", errors="replace", newline="")
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error}).") from error


def page_of(run: Run, questions: str) -> str:
    """The HTML of a run of these questions."""
    failures = {title: [one for one in run.results if _failure(one) == title] for title in FAILURES.values()}
    return render(
        "evaluation.html",
        questions=questions,
        run=run,
        groups={group: list(_rows(run, names)) for group, names in GROUPS.items()},
        failures={title: results for title, results in failures.items() if results},
        failed=sum(map(len, failures.values())),
        label=label,
    )


def _failure(result: Result) -> str | None:
    return None if result.right else FAILURES[result.kind, result.refused]


def _rows(run: Run, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A row of the table for each measure that the run has."""
    changes = {one.measure: one for one in run.against.measures} if run.against else {}
    for name, about in names.items():
        value, change = getattr(run.measures, name), changes.get(name)
        if value is not None:
            yield {
                "name": label(name),
                "value": shown(value),
                "before": shown(change.before) if change else "",
                "difference": shown_difference(change.difference) if change else "",
                "about": about,
            }
