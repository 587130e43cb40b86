"""A metadata.csv beside the articles: it wins, it is no article, and what it says in vain costs one line."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from index import build, open_index
from index.catalog import DocumentRow
from index.check import check_index
from index.folders import Skipped
from index.sync import BuildReport

RIVER = "River news\n\nThe river at Leeds rose by two metres on Friday. Nobody was hurt.\n\nBy Bo Ek\n"
BANK = "The bank raised its rates by half a point. Savers were pleased.\n"

Tree = Callable[..., BuildReport]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Writes files below papers/ and builds: ``tree({"a.txt": RIVER})``."""

    def build_with(files: dict[str, str | bytes]) -> BuildReport:
        for name, data in files.items():
            file = tmp_path / "papers" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data if isinstance(data, bytes) else data.encode())
        return build(tmp_path / "papers", tmp_path / "index")

    return build_with


@pytest.fixture
def known(tmp_path: Path) -> Callable[[str], DocumentRow]:
    """What the index knows of a document."""

    def of(path: str) -> DocumentRow:
        [row] = [row for row in open_index(tmp_path / "index").documents() if row.path == path]
        return row

    return of


Known = Callable[[str], DocumentRow]


def test_it_wins_over_what_an_article_says_of_itself_and_is_no_article(tree: Tree, known: Known) -> None:
    header = "file;title;publisher;author;published;language\r\n"
    report = tree(
        {"a.txt": RIVER, "b.txt": BANK, "metadata.csv": f"{header}a.txt;Flood;The Post;Ann Lee;14.04.2023;English\r\n"}
    )
    assert (report.added, report.skipped) == (("papers/a.txt", "papers/b.txt"), ())
    one = known("a.txt")
    assert (one.title, one.publisher, one.author, one.published, one.language) == (
        "Flood", "The Post", "Ann Lee", "2023-04-14", "en",
    )  # fmt: skip
    assert one.sources == {
        name: f"metadata.csv: {name}" for name in ("title", "publisher", "author", "published", "language")
    }
    assert known("b.txt").sources == {"language": "its words"}


def test_what_it_leaves_open_is_what_the_article_says(tree: Tree, known: Known) -> None:
    tree({"a.txt": RIVER, "metadata.csv": "file,title,publisher\na.txt,,The Post\n"})
    one = known("a.txt")
    assert (one.title, one.publisher, one.author) == ("River news", "The Post", "Bo Ek")
    assert one.sources["title"] == "first line"


def test_a_title_that_stands_in_the_text_is_a_heading_there(tree: Tree, known: Known, tmp_path: Path) -> None:
    tree({"a.txt": f"Home\n\n{RIVER}", "metadata.csv": "file,title\na.txt,River news\n"})
    index = open_index(tmp_path / "index")
    headings = [
        one for chunk in index.catalog.chunks_of(known("a.txt").id) for one in chunk.sentences if one.heading
    ]  # fmt: skip
    document = index.document(known("a.txt").id)
    assert document is not None
    assert [document.text[one.start : one.end] for one in headings] == ["River news"]


def test_it_names_files_from_its_own_folder_and_the_nearest_wins(tree: Tree, known: Known) -> None:
    tree(
        {
            "metadata.csv": "path,publisher,author\nyear/a.txt,The Post,Ann Lee\n.\\year\\b.txt,The Post,\n",
            "year/metadata.csv": "name,publisher\na.txt,The Mail\n",
            "year/a.txt": RIVER,
            "year/b.txt": BANK,
        }
    )
    assert [(known(path).publisher, known(path).author) for path in ("year/a.txt", "year/b.txt")] == [
        ("The Mail", "Ann Lee"),
        ("The Post", None),
    ]


def test_it_names_files_however_their_letters_are_composed(tree: Tree, known: Known) -> None:
    composed, apart = (unicodedata.normalize(form, "Straße é.txt") for form in ("NFC", "NFD"))
    tree({composed: BANK, "metadata.csv": f"file,author\n{apart},Ann Lee\n"})
    assert known(composed).author == "Ann Lee"


def test_it_is_read_as_windows_saves_it(tree: Tree, known: Known) -> None:
    tree({"r2.txt": BANK, "metadata.csv": "file;title;date\nr2.txt;Zwei é;2021-10-05\n".encode("cp1252")})
    assert (known("r2.txt").title, known("r2.txt").published) == ("Zwei é", "2021-10-05")


def test_it_names_rows_of_a_file_of_articles(tree: Tree, known: Known) -> None:
    rows = "id,text,author\n7/1,The river rose.,Bo Ek\n8,The bank fell.,Bo Ek\n"
    tree({"news.csv": rows, "metadata.csv": "document,author\nnews.csv#7/1,Ann Lee\n"})
    assert [(known(f"news.csv#{name}").author) for name in ("7/1", "8")] == ["Ann Lee", "Bo Ek"]


def test_a_row_that_changed_changes_its_article_and_nothing_is_embedded_anew(tree: Tree, known: Known) -> None:
    tree({"a.txt": RIVER, "b.txt": BANK, "metadata.csv": "file,author\na.txt,Ann Lee\nb.txt,Ann Lee\n"})
    report = tree({"metadata.csv": "author,file,note\nAnn Lee,b.txt,moved\nCy Dee,a.txt,\n"})
    assert (report.changed, report.unchanged, report.embedded) == (("papers/a.txt",), 1, 0)
    assert known("a.txt").author == "Cy Dee"
    report = tree({"metadata.csv": "file,author\nb.txt,Ann Lee\n"})
    assert (report.changed, known("a.txt").author) == (("papers/a.txt",), "Bo Ek")


def test_what_it_says_in_vain_costs_one_line_and_nothing_is_lost(tree: Tree, known: Known, tmp_path: Path) -> None:
    rows = [
        "file,author,published,language",
        "a.txt,Ann Lee,last week,Martian",
        "gone.txt,Ann Lee,,",
        "a.txt,Cy Dee,,",
        ",Cy Dee,,",
        "b.txt,Ann Lee",
        'b.txt,"Ann',
        "b.txt,Bo Ek,2023,",
    ]
    report = tree({"a.txt": RIVER, "b.txt": BANK, "metadata.csv": "\n".join(rows)})
    assert [(one.path, one.reason) for one in report.skipped] == [
        ("metadata.csv", "row 1: its language says nothing known: Martian"),
        ("metadata.csv", "row 1: its published says nothing known: last week"),
        ("metadata.csv", "row 2: there is no article gone.txt"),
        ("metadata.csv", "row 3: it names a.txt once more; row 1 counts"),
        ("metadata.csv", "row 4: it names no file"),
        ("metadata.csv", "row 5: its fields do not fit the columns (2 for 4)"),
        ("metadata.csv", "row 6: its quotes are broken (unexpected end of data)"),
    ]
    assert (known("a.txt").author, known("b.txt").published) == ("Ann Lee", "2023")
    assert check_index(tmp_path / "index").problems == ()
    assert tree({}).nothing_new


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"title,author\nFlood,Ann Lee\n", "it has no column that names files; name one of its columns file"),
        (b"PK\x03\x04\x00\x00\x00\x14\xff\xfe" * 50, "it is not text"),
    ],
)
def test_a_broken_one_costs_one_line(tree: Tree, known: Known, data: bytes, reason: str) -> None:
    assert tree({"a.txt": RIVER, "metadata.csv": data}).skipped == (Skipped("papers", "metadata.csv", reason),)
    assert known("a.txt").author == "Bo Ek"


def test_a_link_is_not_followed(tree: Tree, known: Known, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "real.csv").write_text("file,author,text\na.txt,Ann Lee,The river fell.\n")
    (tmp_path / "papers" / "metadata.csv").symlink_to("real.csv")
    report = tree({"a.txt": RIVER})
    assert report.skipped == (Skipped("papers", "metadata.csv", "it is a link; put the file itself there"),)
    assert known("a.txt").author == "Bo Ek"


def test_one_in_a_folder_of_nothing_else_is_looked_at_too(tree: Tree) -> None:
    report = tree({"a.txt": RIVER, "sub/metadata.csv": "file,author\na.txt,Ann Lee\n"})
    assert report.skipped == (Skipped("papers", "sub/metadata.csv", "row 1: there is no article a.txt"),)
