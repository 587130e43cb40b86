"""The catalog: what is written comes back, and a damaged one says what is wrong with it."""

import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

from index.boilerplate import Mark
from index.catalog import Catalog, CatalogWriter, DocumentRow, StoredChunk, StoredDocument
from index.chunk import Chunk
from index.folders import Found, Skipped
from index.load import Document
from index.metadata import Metadata
from index.sentence_vectors import ChunkVectors
from index.sentences import Sentence

TEXT = "River news\n\nThe river rose. Nobody’s hurt in Cuautitlán 🙂.\nShare\n"


def document(path: str = "a.txt", text: str = TEXT) -> Document:
    metadata = Metadata(title="River news", author="Ann Lee", sources={"title": "first line", "author": "byline: x"})
    return Document(
        "news", path, f"hash of {path}", len(text.encode()), text, metadata, (Mark(60, 65, "social prompt"),), ("odd",),
        pages=(0, 12, 12),
    )  # fmt: skip


def chunk(start: int = 12, end: int = 27, searched: str = "The river rose.") -> Chunk:
    return Chunk(start, end, (Sentence(start, end, 1, heading=True),), searched, ((0, len(searched)),))


def vectors(packed: bytes) -> ChunkVectors:
    """Vectors of a chunk whose sentences and words are these bytes."""
    return ChunkVectors(np.zeros(4, np.float32), packed, packed[::-1])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A catalog of two documents: a.txt with two chunks, b.txt with one."""
    file = tmp_path / "catalog.sqlite"
    writer = CatalogWriter(file)
    assert writer.add(document()) == 1
    assert [writer.add_chunk(1, chunk()), writer.add_chunk(1, chunk(28, 59, "Nobody’s hurt."))] == [1, 2]
    assert writer.add(document("b.txt")) == 2
    assert writer.add_chunk(2, chunk()) == 3
    writer.add_sentence_vectors({1: vectors(b"one"), 2: vectors(b"two"), 3: vectors(b"three")})
    writer.set_skipped([Skipped("news", "z.pdf", "no reader"), Skipped("news", "c.txt", "it is empty")])
    writer.group_copies()
    writer.commit()
    writer.close()
    return file


def row(number: int, path: str, chunks: int) -> DocumentRow:
    return DocumentRow(
        id=number, folder="news", path=path, title="River news", publisher=None, author="Ann Lee", published=None,
        language=None,
        characters=len(TEXT), tokens=20, sources={"title": "first line", "author": "byline: x"}, notes=("odd",),
        chunks=chunks, report=1,
    )  # fmt: skip


def test_what_is_written_comes_back(file: Path) -> None:
    catalog = Catalog(file)
    assert catalog.documents() == [row(1, "a.txt", 2), row(2, "b.txt", 1)]
    assert catalog.document_rows([2, 2, 99]) == {2: row(2, "b.txt", 1)}
    assert catalog.document(1) == StoredDocument(
        **vars(row(1, "a.txt", 2)), text=TEXT, marks=(Mark(60, 65, "social prompt"),), pages=(0, 12, 12)
    )
    assert catalog.document(99) is None
    second = StoredChunk(2, 1, 28, 59, "[[28, 59, 1, 1]]")
    assert catalog.chunks([2]) == {2: second}
    assert catalog.chunks_of(1) == [StoredChunk(1, 1, 12, 27, "[[12, 27, 1, 1]]"), second]
    assert second.sentences == (Sentence(28, 59, 1, heading=True),)
    assert catalog.chunk_ids() == [1, 2, 3]
    assert (catalog.chunk_ids([1]), catalog.chunk_ids([])) == ([1, 2], [])
    assert catalog.contents() == {("news", "a.txt"): (1, "hash of a.txt"), ("news", "b.txt"): (2, "hash of b.txt")}
    assert catalog.skipped() == [Skipped("news", "c.txt", "it is empty"), Skipped("news", "z.pdf", "no reader")]
    assert catalog.counts() == (2, 3)
    assert catalog.problems() == []


def test_a_place_is_on_the_last_page_that_begins_before_it() -> None:
    paged = StoredDocument(**vars(row(1, "a.pdf", 2)), text=TEXT, pages=(0, 12, 12))  # page 2 is blank
    assert [paged.page_at(offset) for offset in (0, 11, 12, 60)] == [1, 1, 3, 3]
    assert StoredDocument(**vars(row(1, "a.txt", 2)), text=TEXT).page_at(5) is None


def test_a_chunk_is_found_by_the_key_of_its_text(file: Path) -> None:
    catalog = Catalog(file)
    assert catalog.chunk_with_key(chunk(searched="Nobody’s hurt.").key) == 2
    assert catalog.chunk_with_key(chunk(searched="Nobody").key) is None


def test_more_ids_can_be_asked_for_than_a_query_has_parameters(file: Path) -> None:
    assert list(Catalog(file).chunks(range(50_000))) == [1, 2, 3]


def test_a_removed_document_takes_everything_with_it_and_its_ids_are_not_given_again(file: Path) -> None:
    writer = CatalogWriter(file)
    assert writer.remove(2) == [3]
    assert writer.remove(99) == []
    assert writer.add(document("d.txt")) == 3
    assert writer.add_chunk(3, chunk()) == 4
    writer.add_sentence_vectors({4: vectors(b"four")})
    writer.group_copies()
    writer.commit()
    writer.close()
    catalog = Catalog(file)
    assert (catalog.chunk_ids(), catalog.document(2)) == ([1, 2, 4], None)
    assert catalog.problems() == []
    assert catalog.sentence_vectors([1, 3, 4]) == {1: b"one", 4: b"four"}
    assert catalog.part_vectors([1, 3, 4]) == {1: (b"one", b"eno"), 4: (b"four", b"ruof")}


def test_a_changed_document_keeps_its_id(file: Path) -> None:
    writer = CatalogWriter(file)
    assert writer.remove(1) == [1, 2]
    assert writer.add(document(text="The river fell."), 1) == 1
    writer.commit()
    writer.close()
    stored = Catalog(file).document(1)
    assert stored is not None
    assert (stored.text, stored.chunks) == ("The river fell.", 0)


def test_a_renamed_document_keeps_its_id_and_text(file: Path) -> None:
    writer = CatalogWriter(file)
    writer.rename({1: Found("other", "new.txt", Path("new.txt"))})
    writer.commit()
    writer.close()
    stored = Catalog(file).document(1)
    assert stored is not None
    assert (stored.name, stored.text) == ("other/new.txt", TEXT)


def test_a_reader_leaves_the_folder_as_it_is(file: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in file.parent.iterdir()}
    file.chmod(stat.S_IRUSR)
    catalog = Catalog(file)
    catalog.documents()
    catalog.close()
    assert {path.name: path.stat().st_mtime_ns for path in file.parent.iterdir()} == before


def test_a_reader_cannot_change_the_catalog(file: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        Catalog(file)._rows("DELETE FROM documents")


def test_a_name_with_odd_letters_is_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b?mode=rw#%41é"
    folder.mkdir()
    writer = CatalogWriter(folder / "catalog.sqlite")
    writer.commit()
    writer.close()
    assert Catalog(folder / "catalog.sqlite").counts() == (0, 0)
    assert [path.name for path in folder.iterdir()] == ["catalog.sqlite"]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("UPDATE chunks SET document_id = 77 WHERE id = 1", "a chunk without a document"),
        ('UPDATE chunks SET "end" = 10000 WHERE id < 3', "2 chunks outside their document"),
        ('UPDATE chunks SET "end" = start WHERE id = 1', "1 chunks outside their document"),
        ("DELETE FROM sentence_vectors WHERE chunk_id = 1", "1 chunks without vectors of their sentences"),
        ("DELETE FROM texts WHERE document_id = 2", "1 documents without text"),
        ("UPDATE documents SET report = 99", "2 documents in a group of copies that is not there"),
        ("UPDATE documents SET report = NULL WHERE id = 2", "1 documents in a group of copies that is not there"),
        ("UPDATE documents SET report = 2", "1 documents in a group of copies that is not there"),
    ],
)
def test_a_catalog_that_broke_its_rules_says_so(file: Path, damage: str, problem: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(damage)
    connection.close()
    assert Catalog(file).problems() == [problem]


def test_a_page_of_documents_is_sorted_and_found_without_regard_to_capitals(seeds_index: Path) -> None:
    from index import open_index

    catalog = open_index(seeds_index).catalog
    rows = catalog.documents()
    assert catalog.listed("", "name", 0, 3) == (rows[:3], 5)
    assert catalog.listed("", "name", 3, 3) == (rows[3:], 5)
    assert catalog.listed("", "size", 0, 9)[0] == sorted(rows, key=lambda row: -row.characters)
    publishers = [row.publisher for row in catalog.listed("", "publisher", 0, 9)[0]]
    assert publishers == ["El Financiero", "Latin Post", None, None, None]
    found = [row for row in rows if "mexico" in (row.title or "").casefold() and "arms" in (row.title or "").casefold()]
    assert catalog.listed("ARMS mexico", "title", 0, 9) == (found, 1)
    assert catalog.listed("seeds/00 no-such-word", "title", 0, 9) == ([], 0)


def test_a_document_is_there_by_its_whole_name_only(seeds_index: Path) -> None:
    from index import open_index

    catalog = open_index(seeds_index).catalog
    name = catalog.documents()[0].name
    assert catalog.has_any({name, "seeds/none.txt"})
    assert not catalog.has_any({name.removesuffix(".txt"), name.upper()})
    assert not catalog.has_any(())
