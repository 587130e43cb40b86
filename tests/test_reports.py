"""Groups of copies in the catalog: whatever comes and goes, they are those of a catalog made from nothing."""

from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import reports
from index.catalog import Catalog, CatalogWriter
from index.copies import are_copies, runs_of, words_of
from index.folders import Found
from index.load import Document
from index.metadata import Metadata
from tests.wire_story import COPIES, REPORT, REPORTER, SERIES, WIRE, article

SHORT = "The ferry does not run on Sunday."

LOOK_ALIKES = {"reporter": REPORTER, **SERIES, "short": SHORT, "other short": "The ferry does not run on Monday."}

Groups = list[list[str]]


def document(name: str, text: str) -> Document:
    return Document("news", name, f"hash of {text}", len(text.encode()), text, Metadata(), ())


def made(file: Path, texts: Mapping[str, str]) -> Path:
    """A catalog of these texts, grouped."""
    writer = CatalogWriter(file)
    for name, text in texts.items():
        writer.add(document(name, text))
    finish(writer)
    return file


def finish(writer: CatalogWriter) -> None:
    writer.group_copies()
    writer.commit()
    writer.close()


def groups_in(file: Path) -> Groups:
    """The names of the documents that are one report, report by report; each must be named by its smallest id."""
    catalog = Catalog(file)
    assert catalog.problems() == []
    rows = catalog.documents()
    catalog.close()
    groups: dict[int, list[str]] = {}
    for row in rows:
        groups.setdefault(row.report, []).append(row.path)
        assert row.report == min(other.id for other in rows if other.report == row.report)
    return sorted(groups.values())


def groups_by_hand(texts: Mapping[str, str]) -> Groups:
    """Every pair compared, without a signature; copies of copies are one group."""
    runs = {name: runs_of(words_of(text)) for name, text in texts.items()}
    groups = {name: {name} for name in texts}
    for one, other in combinations(texts, 2):
        if words_of(texts[one]) == words_of(texts[other]) or are_copies(runs[one], runs[other]):
            groups[one] |= groups[other]
            for member in groups[one]:
                groups[member] = groups[one]
    return [list(group) for group in sorted({tuple(sorted(group)) for group in groups.values()})]


def test_a_wire_story_in_seven_papers_is_one_report_and_what_looks_alike_is_not(tmp_path: Path) -> None:
    file = made(tmp_path / "catalog", {**COPIES, **LOOK_ALIKES})
    assert groups_in(file) == sorted([sorted(COPIES), *([name] for name in LOOK_ALIKES)])
    catalog = Catalog(file)
    assert catalog.count_reports() == 1 + len(LOOK_ALIKES)
    assert catalog.reports_of([1, 7, 8, 99]) == {1: 1, 7: 1, 8: 8}
    assert catalog.names_in([1, 8]) == {
        1: {number: f"news/{name}" for number, name in enumerate(COPIES, 1)},
        8: {8: "news/reporter"},
    }


def test_equal_words_are_one_report_however_short(tmp_path: Path) -> None:
    texts = {"a": SHORT, "b": SHORT.upper(), "c": f"{SHORT} {SHORT}"}
    assert groups_in(made(tmp_path / "catalog", texts)) == [["a", "b"], ["c"]]


@pytest.mark.parametrize("sorted_for", [1, 1_000_000], ids=["sorted", "looked through"])
def test_groups_are_those_of_every_pair_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sorted_for: int
) -> None:
    """All texts of three to six of the paragraphs: many are copies of many."""
    monkeypatch.setattr(reports, "SORTED_FOR", sorted_for)
    texts = {
        "".join(map(str, chosen)): article(*(REPORT[number] for number in chosen))
        for size in (1, 2, 3, 6)
        for chosen in combinations(range(6), size)
    }
    assert groups_in(made(tmp_path / "catalog", texts)) == groups_by_hand(texts)


def test_a_group_that_hung_together_by_one_document_falls_apart_without_it(tmp_path: Path) -> None:
    texts = {"beginning": article(*REPORT[:3]), "end": article(*REPORT[3:]), "whole": WIRE}
    file = made(tmp_path / "catalog", texts)
    assert groups_in(file) == [["beginning", "end", "whole"]]
    writer = CatalogWriter(file)
    writer.remove(3)
    finish(writer)
    assert groups_in(file) == [["beginning"], ["end"]]
    writer = CatalogWriter(file)
    writer.add(document("again", WIRE))
    finish(writer)
    assert groups_in(file) == [["again", "beginning", "end"]]


def test_a_group_keeps_a_name_when_its_first_document_goes_or_becomes_another(tmp_path: Path) -> None:
    file = made(tmp_path / "catalog", COPIES)
    writer = CatalogWriter(file)
    writer.remove(1)
    writer.remove(2)
    writer.add(document("brief", REPORTER), 2)
    writer.rename({3: Found("news", "shorter", Path("shorter"))})
    finish(writer)
    assert groups_in(file) == [["brief"], ["edited", "furniture", "headline", "local", "shorter"]]


def test_a_catalog_whose_copies_were_not_grouped_says_so(tmp_path: Path) -> None:
    writer = CatalogWriter(tmp_path / "catalog")
    writer.add(document("a", SHORT))
    writer.commit()
    writer.close()
    assert Catalog(tmp_path / "catalog").problems() == ["1 documents in a group of copies that is not there"]


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        ([WIRE] * 500, 0),
        ([f"{WIRE} Number {number} of a series." for number in range(500)], 1000),
    ],
    ids=["the same", "nearly the same"],
)
def test_many_copies_are_not_compared_each_with_each(tmp_path: Path, texts: list[str], read: int) -> None:
    writer = CatalogWriter(tmp_path / "catalog")
    for number, text in enumerate(texts):
        writer.add(document(f"{number:03}", text))
    queries: list[str] = []
    writer._connection.set_trace_callback(queries.append)
    finish(writer)
    assert sum("FROM texts" in query for query in queries) <= read
    assert len(groups_in(tmp_path / "catalog")) == 1


def test_progress_counts_the_documents_that_are_new(tmp_path: Path) -> None:
    file = made(tmp_path / "catalog", COPIES)
    writer = CatalogWriter(file)
    writer.add(document("a", SHORT))
    writer.add(document("b", REPORTER))
    heard: list[tuple[int, int]] = []
    writer.group_copies(lambda done, total: heard.append((done, total)))
    assert heard == [(0, 2), (1, 2)]
    writer.close()


pieces = st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True).map(
    lambda chosen: article(*(REPORT[number] for number in chosen))
)
texts = pieces | st.sampled_from([*COPIES.values(), *LOOK_ALIKES.values()])
names = st.sampled_from([f"{number}.txt" for number in range(8)])
changes = st.lists(st.tuples(names, texts | st.none()), min_size=1, max_size=4)


@settings(
    max_examples=60, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(builds=st.lists(changes, min_size=1, max_size=5), sorted_for=st.sampled_from([1, 2, 1_000_000]))
def test_after_any_changes_the_groups_are_those_of_a_catalog_made_from_nothing(
    tmp_path_factory: pytest.TempPathFactory, builds: list[list[tuple[str, str | None]]], sorted_for: int
) -> None:
    usual, reports.SORTED_FOR = reports.SORTED_FOR, sorted_for
    folder = tmp_path_factory.mktemp("catalogs")
    stored: dict[str, tuple[int, str]] = {}
    for build in builds:
        writer = CatalogWriter(folder / "catalog")
        for name, text in build:
            known, _ = stored.pop(name, (None, ""))
            if known is not None:
                writer.remove(known)
            if text is not None:
                stored[name] = (writer.add(document(name, text), known), text)
        finish(writer)
        fresh = {name: text for name, (_, text) in sorted(stored.items())}
        assert groups_in(folder / "catalog") == groups_in(made(folder / f"fresh{len(list(folder.iterdir()))}", fresh))
    reports.SORTED_FOR = usual
