"""Files that the page adds, takes away and brings back: never outside a folder, never over another one unasked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.files import KEPT_S, Arriving, FileExists, FileRefused, checked_name, removals, remove, restore
from index import build, open_index
from index.opened import Index
from index.reading import MAX_FILE_MB
from tests.browser import Serve, fetch


@pytest.fixture
def own_folder(articles: Callable[..., Path]) -> Path:
    """Two articles that may be changed."""
    return articles(river="The river rose by two metres.", harbour="The harbour landed sardines.")


@pytest.fixture
def index(own_folder: Path, tmp_path: Path) -> Index:
    """An index over them."""
    build([own_folder], tmp_path / "index")
    return open_index(tmp_path / "index")


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def arrive(index: Index, folder: Path, name: str, data: bytes, *, replace: bool = False) -> None:
    """One file, sent whole."""
    arriving = Arriving(folder, name)
    try:
        arriving.write(data)
        arriving.settle(index, replace=replace)
    finally:
        arriving.close()


@pytest.mark.parametrize(
    "name",
    [
        "", " ", ".", "..", "../a.txt", "/etc/passwd.txt", "a/b.txt", "a\\b.txt", "a\0.txt", "a\n.txt", "\u202ea.txt",
        ".hidden.txt", "~$a.docx", "a.txt~", "a.tmp", "a.exe", "a.txt.exe", "a.txt.", "é" * 101 + ".txt",
    ],
)  # fmt: skip
def test_a_hostile_name_is_refused(name: str) -> None:
    with pytest.raises(FileRefused):
        checked_name(name)


@pytest.mark.parametrize("name", ["a.txt", "<img src=x>.md", "Bericht Ä (2).PDF", "no extension", "a..b.html"])
def test_a_name_that_a_reader_may_give_is_taken_as_it_is(name: str) -> None:
    assert checked_name(name) == name


def test_a_file_is_added_whole(index: Index, own_folder: Path) -> None:
    before = names_in(own_folder)
    arrive(index, own_folder, "bridge.txt", b"The bridge.")
    assert (own_folder / "bridge.txt").read_bytes() == b"The bridge."
    assert names_in(own_folder) == before | {"bridge.txt"}


def test_an_article_among_others_in_a_file_is_not_taken_away(index: Index, own_folder: Path, tmp_path: Path) -> None:
    arrive(index, own_folder, "news.csv", b"id,text\nharbour,The harbour is full.\n")
    build(index_dir=tmp_path / "index")
    rebuilt = open_index(tmp_path / "index")
    [row] = [row for row in rebuilt.documents() if row.path == "news.csv#harbour"]
    with pytest.raises(FileRefused) as refused:
        remove(rebuilt, row.id)
    assert str(refused.value) == f"{row.name} is one of several articles in a file. Take it out of that file."
    assert (own_folder / "news.csv").exists()


def test_another_file_is_not_overwritten_until_that_is_asked_for(index: Index, own_folder: Path) -> None:
    before = names_in(own_folder)
    name = "river.txt"
    old = (own_folder / name).read_bytes()
    with pytest.raises(FileExists, match=f"^There is a file {name} already.$"):
        arrive(index, own_folder, name, b"new")
    assert ((own_folder / name).read_bytes(), names_in(own_folder)) == (old, before)
    arrive(index, own_folder, name, b"new", replace=True)
    assert ((own_folder / name).read_bytes(), names_in(own_folder)) == (b"new", before)
    [aside] = removals(index)
    assert (index.path / "removed" / aside.id / "file").read_bytes() == old


def test_a_link_in_the_folder_is_not_written_through(index: Index, own_folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("outside", "utf-8")
    (own_folder / "link.txt").symlink_to(outside)
    with pytest.raises(FileExists):
        arrive(index, own_folder, "link.txt", b"new")
    arrive(index, own_folder, "link.txt", b"new", replace=True)
    assert outside.read_text("utf-8") == "outside"
    assert (own_folder / "link.txt").read_bytes() == b"new"


@pytest.mark.parametrize("size", [0, MAX_FILE_MB * 1_000_000 + 1])
def test_an_empty_and_a_too_large_file_leave_nothing_behind(index: Index, own_folder: Path, size: int) -> None:
    before = names_in(own_folder)
    with pytest.raises(FileRefused):
        arrive(index, own_folder, "a.txt", bytes(size))
    assert names_in(own_folder) == before


def test_a_document_is_taken_away_and_brought_back(index: Index, own_folder: Path) -> None:
    article = index.documents()[0]
    text = (own_folder / article.path).read_bytes()
    removal = remove(index, article.id)
    assert (removal.name, removals(index)) == (article.name, [removal])
    assert not (own_folder / article.path).exists()
    with pytest.raises(FileRefused, match="is not in its folder any more"):
        remove(index, article.id)
    assert restore(index, removal.id) == removal
    assert ((own_folder / article.path).read_bytes(), removals(index)) == (text, [])


def test_a_file_does_not_come_back_over_a_new_one(index: Index, own_folder: Path) -> None:
    article = index.documents()[0]
    removal = remove(index, article.id)
    (own_folder / article.path).write_text("new", "utf-8")
    with pytest.raises(FileRefused, match="Remove it first"):
        restore(index, removal.id)
    assert (own_folder / article.path).read_text("utf-8") == "new"


def test_what_was_taken_away_is_erased_after_a_day(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    removal = remove(index, index.documents()[0].id)
    monkeypatch.setattr("app.files.KEPT_S", -KEPT_S)
    assert removals(index) == []
    assert not (index.path / "removed" / removal.id).exists()
    with pytest.raises(FileRefused):
        restore(index, removal.id)


@pytest.mark.parametrize("removal_id", ["", "..", "../..", "0" * 16])
def test_only_what_was_taken_away_comes_back(index: Index, removal_id: str) -> None:
    with pytest.raises(FileRefused):
        restore(index, removal_id)


def test_a_document_that_is_a_link_is_left_alone(index: Index, own_folder: Path, tmp_path: Path) -> None:
    article = index.documents()[0]
    (own_folder / article.path).rename(tmp_path / "outside.txt")
    (own_folder / article.path).symlink_to(tmp_path / "outside.txt")
    with pytest.raises(FileRefused, match="is a link"):
        remove(index, article.id)
    assert (tmp_path / "outside.txt").exists()


def put(address: str, path: str, data: bytes) -> tuple[int, bytes]:
    status, _, body = fetch(f"{address}/uploads/{path}", data, "PUT")
    return status, body


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports
def test_the_address_for_files_takes_them_and_nothing_else(
    index: Index, own_folder: Path, serve_index: Serve, tmp_path: Path
) -> None:
    address = serve_index(index.path)
    before = names_in(own_folder)
    assert put(address, "a.txt", b"A") == (201, b'{"said":"Added. Rebuild the index to ask about it."}')
    assert put(address, "a.txt", b"B")[0] == 409
    assert put(address, "a.txt?replace=true", b"B")[0] == 201
    assert (own_folder / "a.txt").read_bytes() == b"B"
    for path in ("..%2Fa.txt", "%2e%2e%2fa.txt", ".a.txt", "a.exe", "b.txt?folder=..", "b.txt?folder=%2F", "b.txt"):
        assert put(address, path, b"" if path == "b.txt" else b"x")[0] in (400, 404, 405), path
    assert put(address, "b.txt?replace=maybe", b"x")[0] == 422
    assert names_in(own_folder) == before | {"a.txt"}
    assert not list(tmp_path.glob("a.txt"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports
def test_files_that_are_sent_are_limited_in_size_and_number(
    index: Index, own_folder: Path, serve_index: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.files.MAX_FILE_MB", 1)
    monkeypatch.setattr("app.uploads.MOST_WAITING", 3)
    address, before = serve_index(index.path), names_in(own_folder)
    assert put(address, "large.txt", b"x" * 1_000_001) == (400, b'{"said":"The file is larger than 1 MB."}')
    assert [put(address, f"{name}.txt", b"x")[0] for name in "ab"] == [201, 201]
    assert put(address, "c.txt", b"x") == (
        400,
        b'{"said":"3 files are waiting. Rebuild the index before more come."}',
    )
    assert names_in(own_folder) == before | {"a.txt", "b.txt"}
