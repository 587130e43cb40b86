"""What `footnoted check` finds: level, behind, or damaged, in words."""

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index import build
from index.check import IndexState, check_index
from index.errors import BuildFailed, NoIndex
from index.folders import Skipped
from index.making import verify_parts
from index.tokens import count_tokens
from index.vectors import Vectors
from index.words import WordsWriter

Articles = Callable[..., Path]

BANK = "The bank raised its rates by half a point. Savers were pleased, and borrowers were not.\nBy Ann Lee"
LEVEL = {"added": 0, "changed": 0, "renamed": 0, "removed": 0}


@pytest.fixture
def index_dir(articles: Articles, tmp_path: Path) -> Path:
    folder = articles(river="The river rose.", bank=BANK)
    (folder / "empty.txt").touch()
    (folder / "dots.txt").write_text("…")
    build(folder, tmp_path / "index")
    return tmp_path / "index"


def test_a_level_index_says_how_it_was_made(index_dir: Path, articles: Articles) -> None:
    state = check_index(index_dir)
    assert replace(state, built="", megabytes=0) == IndexState(
        index=str(index_dir),
        generation="000001",
        built="",
        documents=2,
        reports=2,
        chunks=2,
        tokens=count_tokens("The river rose.") + count_tokens(BANK),
        megabytes=0,
        model="all-MiniLM-L6-v2",
        runtime="onnx",
        dimension=384,
        reads_tokens=256,
        vector_search="exact",
        folders={"articles": str(articles())},
        known={"title": 0, "publisher": 0, "author": 1, "published": 0, "language": 1},
        not_indexed=LEVEL,
        skipped=(
            Skipped("articles", "dots.txt", "it holds no words"),
            Skipped("articles", "empty.txt", "it is empty"),
        ),
        problems=(),
    )
    files = (index_dir / "generations" / "000001").rglob("*")
    size = sum(path.stat().st_size for path in files if path.name != "manifest.json" and path.suffix != ".lock")
    assert state.megabytes == pytest.approx(size / 1e6, abs=0.01)
    assert list(state.lines()) == [
        f"index       {index_dir}, generation 000001, built {state.built}, {state.megabytes:.1f} MB",
        f"documents   2 in 2 chunks, {state.tokens} tokens",
        "known       title 0, publisher 0, author 1, published 0, language 1 of 2 documents",
        "model       all-MiniLM-L6-v2 (onnx, 384 dimensions, 256 word pieces)",
        "vectors     exact",
        f"folder      articles: {articles()}",
        "skipped     articles/dots.txt: it holds no words",
        "skipped     articles/empty.txt: it is empty",
        "whole, and level with its folders",
    ]


def test_an_index_behind_its_folders_says_by_how_much(index_dir: Path, articles: Articles) -> None:
    folder = articles(new="A new article.", river="The river fell.")
    (folder / "bank.txt").rename(folder / "money.txt")
    state = check_index(index_dir)
    assert state.not_indexed == {"added": 1, "changed": 1, "renamed": 1, "removed": 0}
    problem = "the folders have changed since (1 added, 1 changed, 1 renamed); bring the index level: footnoted build"
    assert state.problems == (problem,)
    assert list(state.lines())[-1] == f"problem     {problem}"
    build(index_dir=index_dir)
    assert check_index(index_dir).problems == ()


def test_a_folder_that_is_gone_is_a_problem(index_dir: Path, articles: Articles) -> None:
    folder = articles()
    shutil.rmtree(folder)
    assert check_index(index_dir).problems == (
        f"There is no folder {folder}. Name a folder of articles: footnoted build FOLDER",
    )


def test_damage_that_came_after_opening_is_found(index_dir: Path) -> None:
    assert check_index(index_dir).problems == ()
    file = index_dir / "generations" / "000001" / "vectors.faiss"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.unlink()  # the opened index still reads the old file
    file.write_bytes(data)
    assert check_index(index_dir).problems == ("generation 000001: vectors.faiss is not as it was written",)


def test_the_generation_that_took_over_is_a_problem(index_dir: Path, articles: Articles) -> None:
    articles(new="A new article.")
    build(index_dir=index_dir)
    (index_dir / "generations" / "000002" / "vectors.faiss").unlink()
    assert check_index(index_dir).problems == (
        "generation 000002: vectors.faiss is missing. Generation 000001 is used instead. Repair: footnoted build",
        "the folders have changed since (1 added); bring the index level: footnoted build",
    )


def test_without_an_index_there_is_nothing_to_check(tmp_path: Path) -> None:
    with pytest.raises(NoIndex) as caught:
        check_index(tmp_path)
    assert str(caught.value) == f"No index in {tmp_path}. Make one: footnoted build FOLDER"


def lose_a_vector(folder: Path) -> None:
    vectors = Vectors.read(folder / "vectors.faiss", to_change=True)
    vectors.remove([1])
    (folder / "vectors.faiss").unlink()
    vectors.write(folder / "vectors.faiss")


def lose_words(folder: Path) -> None:
    writer = WordsWriter(folder / "words")
    writer.remove(2)
    writer.commit()


def lose_a_text(folder: Path) -> None:
    connection = sqlite3.connect(folder / "catalog.sqlite")
    connection.execute("DELETE FROM texts WHERE document_id = 1")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("lose", "told"),
    [
        (lose_a_vector, "vectors and chunks differ"),
        (lose_words, "words and chunks differ"),
        (lose_a_text, "1 documents without text"),
    ],
)
def test_parts_that_do_not_agree_are_not_swapped_in(index_dir: Path, lose: Callable[[Path], None], told: str) -> None:
    folder = index_dir / "generations" / "000001"
    assert verify_parts(folder) == (2, 2)
    lose(folder)
    with pytest.raises(BuildFailed) as caught:
        verify_parts(folder)
    assert str(caught.value) == (
        f"The new index did not pass its check ({told}); the index is as it was before. Try: footnoted build --fresh"
    )


def test_documents_that_are_copies_of_one_report_are_counted(articles: Articles, tmp_path: Path) -> None:
    build(
        articles(first="The river rose.", second="THE RIVER ROSE!", bank="The bank raised its rates."), tmp_path / "i"
    )
    state = check_index(tmp_path / "i")
    assert (state.documents, state.reports) == (3, 2)
    assert "copies      2 independent reports; the other documents are copies of one of them" in list(state.lines())
