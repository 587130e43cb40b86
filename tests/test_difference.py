"""The work of a build, found by content: what was added, changed, renamed, removed and left alone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from index import build
from index.catalog import Catalog
from index.difference import Difference, compare
from index.folders import Found, Skipped

Articles = Callable[..., Path]


@pytest.fixture
def folder(articles: Articles) -> Path:
    return articles(a="The river rose.", b="The bank raised its rates.", c="The cat sat on the mat.")


@pytest.fixture
def catalog(folder: Path, tmp_path: Path) -> Catalog:
    """Of articles a, b and c, under the ids 1, 2 and 3."""
    build(folder, tmp_path / "index")
    return Catalog(tmp_path / "index" / "generations" / "000001" / "catalog.sqlite")


def found(folder: Path, name: str) -> Found:
    return Found("articles", name, folder / name)


def difference(folder: Path, catalog: Catalog | None) -> Difference:
    return compare({"articles": folder}, catalog)


def test_without_an_index_everything_is_new(folder: Path) -> None:
    expected = Difference(added=[found(folder, name) for name in ("a.txt", "b.txt", "c.txt")])
    assert difference(folder, None) == expected
    assert not expected.is_empty


def test_nothing_has_changed(folder: Path, catalog: Catalog) -> None:
    assert difference(folder, catalog) == Difference(unchanged=3)
    assert difference(folder, catalog).is_empty


def test_a_file_that_was_only_touched_is_unchanged(folder: Path, catalog: Catalog) -> None:
    (folder / "a.txt").write_text("The river rose.")
    os.utime(folder / "b.txt", (1, 1))
    assert difference(folder, catalog) == Difference(unchanged=3)


def test_a_file_changed_without_a_trace_in_size_and_time_is_changed(folder: Path, catalog: Catalog) -> None:
    before = (folder / "a.txt").stat()
    (folder / "a.txt").write_text("The river fell.")
    os.utime(folder / "a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert difference(folder, catalog) == Difference(changed=[(1, found(folder, "a.txt"))], unchanged=2)


def test_everything_at_once(folder: Path, catalog: Catalog) -> None:
    (folder / "a.txt").write_text("The river fell.")
    (folder / "b.txt").rename(folder / "moved.txt")
    (folder / "c.txt").unlink()
    (folder / "new.txt").write_text("A new article.")
    (folder / "odd.bmp").write_text("BM")
    assert difference(folder, catalog) == Difference(
        added=[found(folder, "new.txt")],
        changed=[(1, found(folder, "a.txt"))],
        renamed=[(2, "articles/b.txt", found(folder, "moved.txt"))],
        removed=[(3, "articles/c.txt")],
        skipped=[Skipped("articles", "odd.bmp", ".bmp files are not read yet; save it as .txt or .md")],
    )


def test_a_copy_is_added_and_not_renamed(folder: Path, catalog: Catalog) -> None:
    (folder / "copy.txt").write_text("The river rose.")
    assert difference(folder, catalog) == Difference(added=[found(folder, "copy.txt")], unchanged=3)


def test_a_file_that_changed_its_kind_is_read_again(folder: Path, catalog: Catalog) -> None:
    (folder / "a.txt").rename(folder / "a.md")
    assert difference(folder, catalog) == Difference(
        added=[found(folder, "a.md")], removed=[(1, "articles/a.txt")], unchanged=2
    )


def test_two_files_that_swapped_names_have_both_changed(folder: Path, catalog: Catalog) -> None:
    (folder / "a.txt").rename(folder / "x")
    (folder / "b.txt").rename(folder / "a.txt")
    (folder / "x").rename(folder / "b.txt")
    changed = [(1, found(folder, "a.txt")), (2, found(folder, "b.txt"))]
    assert difference(folder, catalog) == Difference(changed=changed, unchanged=1)


def test_the_files_looked_at_are_counted(folder: Path) -> None:
    counts: list[int] = []
    compare({"articles": folder}, None, seen=counts.append)
    assert counts == [1, 2, 3]
