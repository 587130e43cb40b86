"""A build brings the index level with its folders and pays only for what is new."""

import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import build, generations, making, models, open_index
from index import load as loading
from index.catalog import DocumentRow
from index.check import check_index
from index.embed import Embedder
from index.errors import BuildFailed, BuildRunning, DamagedIndex, ModelError, UsageError
from index.folders import Found, Skipped
from index.load import KINDS as ENDINGS
from index.load import Document, load
from index.models import PreparedModel, find_model, read_prepared, write_identity
from index.opened import Index
from index.sync import BuildReport

Articles = Callable[..., Path]

KINDS = ", ".join(ENDINGS)

RIVER, BANK, CAT = "The river rose by two metres.", "The bank raised its rates.", "The cat sat on the mat."


def report(built: BuildReport) -> BuildReport:
    """Without the time it took."""
    return replace(built, seconds=0.0)


@cache
def default_embedder() -> Embedder:
    return Embedder.load()


def rows(index_dir: Path) -> dict[str, DocumentRow]:
    return {row.name: row for row in open_index(index_dir).documents()}


def ids(index_dir: Path) -> dict[str, int]:
    return {name: row.id for name, row in rows(index_dir).items()}


def check_whole(index_dir: Path) -> Index:
    """The index, after checking that its parts agree and its vectors are those of its chunks."""
    index = open_index(index_dir)
    making.verify_parts(index_dir / "generations" / index.generation)
    embedder = default_embedder()
    for row in index.documents():
        document = index.document(row.id)
        assert document is not None
        for chunk in index.catalog.chunks_of(row.id):
            [vector] = index.vectors.of([chunk.id])
            words = document.text[chunk.start : chunk.end]
            if row.title is None or chunk.start == 0:
                expected = embedder.encode_texts([words])[0]
                assert np.allclose(vector, expected, atol=2e-3)
    assert not list(index_dir.rglob("*.unfinished"))
    assert not (index_dir / "embedded.sqlite").exists()
    return index


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_a_first_build_adds_everything(articles: Articles, index_dir: Path) -> None:
    built = build(articles(river=RIVER, bank=BANK), index_dir)
    assert report(built) == BuildReport(
        generation="000001", added=("articles/bank.txt", "articles/river.txt"), documents=2, chunks=2, embedded=2
    )
    assert 0 < built.seconds < 60
    index = check_whole(index_dir)
    assert index.folders == {"articles": articles()}
    assert [(row.id, row.name, row.characters) for row in index.documents()] == [
        (1, "articles/bank.txt", len(BANK)),
        (2, "articles/river.txt", len(RIVER)),
    ]


def test_a_second_build_of_the_same_folder_does_nothing(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK)
    (folder / "empty.txt").touch()
    (folder / "dots.txt").write_text("…")
    first = build(folder, index_dir)
    files = {path: path.stat().st_mtime_ns for path in (index_dir / "generations").rglob("*")}
    second = build(folder, index_dir)
    assert report(second) == BuildReport(
        generation="000001", unchanged=2, skipped=first.skipped, documents=2, chunks=2, embedded=0
    )
    assert second.nothing_new
    assert not first.nothing_new
    assert {path: path.stat().st_mtime_ns for path in (index_dir / "generations").rglob("*")} == files


def test_the_summary_says_in_one_line_what_was_done() -> None:
    skipped = (Skipped("news", "a.pdf", "no reader"),)
    done = BuildReport("000003", ("a",), ("b", "c"), (("d", "e"),), ("f",), 7, skipped, (), 11, 40, 5, 1.26)
    assert done.summary() == (
        "1 added, 2 changed, 1 renamed, 1 removed, 7 unchanged, 1 skipped: "
        "11 documents in 40 chunks, 5 embedded now, generation 000003, 1.3 s"
    )
    level = BuildReport("000003", unchanged=5, documents=5, chunks=28, seconds=0.04)
    assert level.summary() == (
        "5 unchanged: 5 documents in 28 chunks, 0 embedded now, generation 000003, 0.0 s"
    )  # fmt: skip


def test_only_the_new_chunks_of_a_changed_file_are_embedded(articles: Articles, index_dir: Path) -> None:
    paragraphs = [
        " ".join(f"On day {day} of week {week} the river rose by {day * week} metres." for day in range(1, 11))
        for week in range(1, 7)
    ]
    folder = articles(river="\n".join(paragraphs), bank=BANK)
    first = build(folder, index_dir)
    assert (first.chunks, first.embedded) == (7, 7)
    articles(river="\n".join([*paragraphs[:3], "A new paragraph. " * 40, *paragraphs[4:]]))
    second = build(folder, index_dir)
    assert report(second) == BuildReport(
        generation="000002", changed=("articles/river.txt",), unchanged=1, documents=2, chunks=7, embedded=1
    )
    check_whole(index_dir)


def test_a_changed_file_keeps_its_identity(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK)
    build(folder, index_dir)
    before = ids(index_dir)
    articles(bank="The bank lowered its rates.")
    assert build(folder, index_dir).changed == ("articles/bank.txt",)
    assert ids(index_dir) == before
    changed = open_index(index_dir).document(before["articles/bank.txt"])
    assert changed is not None
    assert changed.text == "The bank lowered its rates."


def test_a_renamed_file_is_not_embedded_again_and_keeps_its_identity(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK)
    build(folder, index_dir)
    before = ids(index_dir)
    (folder / "sub").mkdir()
    (folder / "river.txt").rename(folder / "sub" / "flood.txt")
    built = build(folder, index_dir)
    assert report(built) == BuildReport(
        generation="000002", renamed=(("articles/river.txt", "articles/sub/flood.txt"),), unchanged=1,
        documents=2, chunks=2, embedded=0,
    )  # fmt: skip
    assert ids(index_dir) == {
        "articles/bank.txt": before["articles/bank.txt"], "articles/sub/flood.txt": before["articles/river.txt"],
    }  # fmt: skip
    check_whole(index_dir)


def test_a_file_moved_to_another_folder_is_renamed(tmp_path: Path, index_dir: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.txt").write_text(f"Article {name}.")
    folders = [tmp_path / "one", tmp_path / "two"]
    build(folders, index_dir)
    (tmp_path / "one" / "one.txt").rename(tmp_path / "two" / "moved.txt")
    built = build(folders, index_dir)
    assert (built.renamed, built.embedded, built.unchanged) == ((("one/one.txt", "two/moved.txt"),), 0, 1)
    assert sorted(rows(index_dir)) == ["two/moved.txt", "two/two.txt"]


def test_a_removed_file_is_gone_from_all_three_parts(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK)
    build(folder, index_dir)
    (folder / "river.txt").unlink()
    built = build(folder, index_dir)
    assert report(built) == BuildReport(
        generation="000002", removed=("articles/river.txt",), unchanged=1, documents=1, chunks=1
    )
    index = check_whole(index_dir)
    assert index.words.search(["river"], 5) == []
    assert len(index.vectors) == len(index.words) == 1


def test_swapped_names_are_two_changes_and_cost_nothing(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK, cat=CAT)
    build(folder, index_dir)
    before = ids(index_dir)
    articles(river=BANK, bank=RIVER)
    built = build(folder, index_dir)
    assert (built.changed, built.embedded) == (("articles/bank.txt", "articles/river.txt"), 0)
    assert ids(index_dir) == before
    swapped = check_whole(index_dir).document(before["articles/bank.txt"])
    assert swapped is not None
    assert swapped.text == RIVER


def test_names_that_move_on_by_one_end_where_they_should(articles: Articles, index_dir: Path) -> None:
    folder = articles(a=RIVER, b=BANK)
    build(folder, index_dir)
    (folder / "b.txt").rename(folder / "c.txt")
    (folder / "a.txt").rename(folder / "b.txt")
    assert build(folder, index_dir).embedded == 0
    index = check_whole(index_dir)
    texts = {row.name: document.text for row in index.documents() if (document := index.document(row.id))}
    assert texts == {"articles/b.txt": RIVER, "articles/c.txt": BANK}


def test_a_text_at_two_places_is_indexed_twice_and_embedded_once(articles: Articles, index_dir: Path) -> None:
    built = build(articles(one=RIVER, two=RIVER), index_dir)
    assert (built.added, built.chunks, built.embedded) == (("articles/one.txt", "articles/two.txt"), 2, 1)
    index = check_whole(index_dir)
    assert [one for one, _ in index.words.search(["river"], 5)] == [1, 2]
    assert np.array_equal(index.vectors.of([1]), index.vectors.of([2]))


def test_a_file_that_became_unreadable_leaves_the_index_with_its_reason_and_comes_back(
    articles: Articles, index_dir: Path
) -> None:
    folder = articles(river=RIVER, bank=BANK)
    build(folder, index_dir)
    (folder / "river.txt").write_bytes(b"\x00\x01\x02")
    broken = build(folder, index_dir)
    why = Skipped("articles", "river.txt", "it is not text")
    assert report(broken) == BuildReport(
        generation="000002", removed=("articles/river.txt",), unchanged=1, skipped=(why,), documents=1, chunks=1
    )
    assert open_index(index_dir).skipped == [why]
    assert build(folder, index_dir).generation == "000002"
    articles(river=RIVER)
    repaired = build(folder, index_dir)
    assert (repaired.added, repaired.skipped, repaired.documents) == (("articles/river.txt",), (), 2)
    assert open_index(index_dir).skipped == []


def test_a_skipped_file_that_was_repaired_is_added(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    (folder / "bank.txt").touch()
    assert build(folder, index_dir).skipped == (Skipped("articles", "bank.txt", "it is empty"),)
    articles(bank=BANK)
    assert build(folder, index_dir).added == ("articles/bank.txt",)


def test_a_new_reason_makes_a_new_generation(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    (folder / "bank.txt").touch()
    build(folder, index_dir)
    (folder / "bank.txt").write_bytes(b"\x00")
    assert build(folder, index_dir).nothing_new
    assert open_index(index_dir).skipped == [Skipped("articles", "bank.txt", "it is not text")]


def test_a_text_renamed_to_markdown_gains_its_front_matter(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=f"---\ntitle: River news\n---\n{RIVER}\n")
    build(folder, index_dir)
    (folder / "river.txt").rename(folder / "river.md")
    build(folder, index_dir)
    assert rows(index_dir)["articles/river.md"].title == "River news"


def test_notes_say_what_was_odd_about_a_file(articles: Articles, index_dir: Path) -> None:
    folder = articles(bank=BANK)
    (folder / "river.txt").write_bytes(b"\xff\xfe" + RIVER.encode("utf-16-le"))
    assert build(folder, index_dir).notes == (("articles/river.txt", "decoded as utf_16"),)
    assert rows(index_dir)["articles/river.txt"].notes == ("decoded as utf_16",)


def test_the_folders_of_last_time_are_remembered(tmp_path: Path, articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, index_dir)
    articles(bank=BANK)
    assert build(index_dir=index_dir).added == ("articles/bank.txt",)
    fresh = build(index_dir=index_dir, fresh=True)
    assert (fresh.added, fresh.embedded) == (("articles/bank.txt", "articles/river.txt"), 2)
    shutil.rmtree(folder)
    with pytest.raises(UsageError) as caught:
        build(index_dir=index_dir)
    assert str(caught.value) == f"There is no folder {folder}. Name a folder of articles: footnoted build FOLDER"
    assert len(open_index(index_dir).documents()) == 2


def test_without_any_folder_the_seeds_are_indexed(index_dir: Path, seeds_index: Path) -> None:
    assert build(index_dir=index_dir).documents == 5
    assert open_index(index_dir).folders == open_index(seeds_index).folders


def test_other_folders_replace_those_of_last_time(tmp_path: Path, articles: Articles, index_dir: Path) -> None:
    build(articles(river=RIVER), index_dir)
    other = tmp_path / "other"
    other.mkdir()
    (other / "bank.txt").write_text(BANK)
    built = build(other, index_dir)
    assert (built.added, built.removed) == (("other/bank.txt",), ("articles/river.txt",))


def test_a_second_folder_of_the_same_name_renames_the_first(tmp_path: Path, index_dir: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "news").mkdir(parents=True)
        (tmp_path / name / "news" / "1.txt").write_text(f"Article {name}.")
    build(tmp_path / "a" / "news", index_dir)
    built = build([tmp_path / "a" / "news", tmp_path / "b" / "news"], index_dir)
    assert (built.renamed, built.added, built.embedded) == ((("news/1.txt", "a/news/1.txt"),), ("b/news/1.txt",), 1)


def test_following_links_is_remembered(tmp_path: Path, articles: Articles, index_dir: Path) -> None:
    (tmp_path / "outside.txt").write_text(BANK)
    folder = articles(river=RIVER)
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert build(folder, index_dir).added == ("articles/river.txt",)
    assert build(folder, index_dir, follow_links=True).added == ("articles/link.txt",)
    assert build(folder, index_dir).unchanged == 2
    assert build(folder, index_dir, follow_links=False).removed == ("articles/link.txt",)


def test_a_fresh_build_makes_everything_anew(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER, bank=BANK)
    build(folder, index_dir)
    built = build(folder, index_dir, fresh=True)
    assert report(built) == BuildReport(
        generation="000002", added=("articles/bank.txt", "articles/river.txt"), documents=2, chunks=2, embedded=2
    )
    check_whole(index_dir)


def test_the_same_folder_gives_the_same_index(articles: Articles, tmp_path: Path) -> None:
    folder = articles(river=RIVER, bank=BANK, cat=CAT)
    files = []
    for name in ("one", "two"):
        build(folder, tmp_path / name)
        manifest = open_index(tmp_path / name).manifest
        files.append([manifest.files["vectors.faiss"], manifest.documents, manifest.chunks, manifest.folders])
    assert files[0] == files[1]
    one, two = open_index(tmp_path / "one"), open_index(tmp_path / "two")
    assert one.documents() == two.documents()
    assert one.words.search(["river", "bank"], 5) == two.words.search(["river", "bank"], 5)


@pytest.fixture
def shorter_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second model: the default's weights, reading half as many word pieces, prepared without an export."""
    default = find_model()
    prepared = read_prepared(default.fingerprint)
    assert prepared is not None
    folder = Path(shutil.copytree(default.folder, tmp_path / "shorter", copy_function=shutil.copy))
    settings = json.loads((folder / "sentence_bert_config.json").read_text())
    (folder / "sentence_bert_config.json").write_text(json.dumps({**settings, "max_seq_length": 128}))
    monkeypatch.setenv("FOOTNOTED_CACHE", str(tmp_path / "cache"))
    shutil.copytree(prepared.folder, models.cache_folder() / default.fingerprint)
    identity = replace(prepared.identity, name=str(folder), fingerprint=find_model(folder).fingerprint, max_tokens=128)
    target = Path(shutil.copytree(prepared.folder, models.cache_folder() / identity.fingerprint))
    write_identity(PreparedModel(target, identity, prepared.padding_id, prepared.checksums, prepared.why_torch))
    return folder


def test_another_model_embeds_everything_again_and_is_remembered(
    articles: Articles, index_dir: Path, shorter_model: Path
) -> None:
    folder = articles(river=" ".join(f"On day {day} the river rose by {day} metres again." for day in range(30)))
    first = build(folder, index_dir)
    second = build(folder, index_dir, model=str(shorter_model))
    assert (second.added, second.embedded) == (("articles/river.txt",), second.chunks)
    assert second.chunks > first.chunks
    assert open_index(index_dir).embedder.identity.max_tokens == 128
    assert build(folder, index_dir).unchanged == 1
    third = build(folder, index_dir, model="all-MiniLM-L6-v2")
    assert (third.embedded, third.chunks) == (first.chunks, first.chunks)
    assert open_index(index_dir).embedder.identity.max_tokens == 256


def test_an_index_whose_model_was_changed_says_so(articles: Articles, index_dir: Path, shorter_model: Path) -> None:
    build(articles(river=RIVER), index_dir, model=str(shorter_model))
    known = open_index(index_dir).manifest.model["fingerprint"]
    shutil.rmtree(models.cache_folder() / known)
    (shorter_model / "sentence_bert_config.json").write_text('{"max_seq_length": 64, "do_lower_case": false}')
    changed = find_model(shorter_model).fingerprint
    with pytest.raises(ModelError) as caught:
        _ = open_index(index_dir).embedder
    assert str(caught.value) == (
        f"The index was built with another {shorter_model}: its fingerprint is {known}, that of the model in "
        f"{shorter_model} is {changed}. Bring that model back or build the index anew."
    )


class Interrupted(Exception):
    """Stands for whatever stops a build."""


def stop_at(step: str, count: int = 0) -> Callable[[str, int, int], None]:
    """A progress callback that stops the build at a step, once ``count`` of it is done."""

    def progress(told: str, done: int, total: int) -> None:
        if told == step and done >= count:
            raise Interrupted

    return progress


def test_a_build_that_failed_half_way_is_not_paid_for_twice(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BLOCK", 4)
    folder = articles(**{f"article{number:02}": f"Article {number} says {number}." for number in range(10)})
    with pytest.raises(Interrupted):
        build(folder, index_dir, progress=stop_at("embedding", 8))
    assert not list(index_dir.rglob("*.unfinished"))
    assert (index_dir / "embedded.sqlite").exists()
    resumed = build(folder, index_dir)
    assert (resumed.documents, resumed.embedded) == (10, 6)  # the first four were kept; the stop lost its own block
    check_whole(index_dir)
    build(folder, index_dir.with_name("other"))
    one, other = open_index(index_dir), open_index(index_dir.with_name("other"))
    assert one.manifest.files["vectors.faiss"] == other.manifest.files["vectors.faiss"]


@pytest.mark.parametrize("step", ["looking", "reading", "embedding", "writing"])
def test_a_build_stopped_at_any_step_leaves_the_index_as_it_was(step: str, articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, index_dir)
    articles(bank=BANK)
    with pytest.raises(Interrupted):
        build(folder, index_dir, progress=stop_at(step))
    assert list(rows(index_dir)) == ["articles/river.txt"]
    assert not list(index_dir.rglob("*.unfinished"))
    assert build(folder, index_dir).added == ("articles/bank.txt",)
    check_whole(index_dir)


def test_progress_tells_steps_that_end_where_they_said(articles: Articles, index_dir: Path) -> None:
    told: list[tuple[str, int, int]] = []
    build(articles(river=RIVER, bank=BANK), index_dir, progress=lambda *step: told.append(step))
    assert told == [
        ("looking", 1, 0), ("looking", 2, 0), ("reading", 0, 2), ("reading", 1, 2), ("embedding", 2, 2),
        ("comparing", 0, 2), ("comparing", 1, 2),
        ("writing", 0, 1), ("writing", 1, 1),
    ]  # fmt: skip


def test_the_number_of_chunks_is_reckoned_from_the_share_of_files_read(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BLOCK", 2)
    told: list[tuple[str, int, int]] = []
    texts = {f"article{number}": f"Article {number} says {number}." for number in range(8)}
    build(articles(**texts), index_dir, progress=lambda *step: told.append(step))
    embedding = [(done, total) for step, done, total in told if step == "embedding"]
    assert embedding[-1] == (8, 8)
    assert [done for done, _ in embedding] == [2, 4, 6, 8]
    assert all(total == 8 for _, total in embedding)


def test_files_are_read_while_the_model_works(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is made to wait for the second file: read after it, that file would never come."""
    monkeypatch.setattr(making, "BLOCK", 1)
    second_is_read = threading.Event()
    encode = Embedder.encode_chunks

    def noted_load(found: Found) -> Document | Skipped:
        if found.path == "river.txt":
            second_is_read.set()
        return load(found)

    def waiting_encode(*given: Any) -> Any:
        assert second_is_read.wait(60), "nothing was read meanwhile"
        return encode(*given)

    monkeypatch.setattr(making, "load", noted_load)
    monkeypatch.setattr(Embedder, "encode_chunks", waiting_encode)
    assert build(articles(bank=BANK, river=RIVER), index_dir).embedded == 2
    check_whole(index_dir)


def test_a_text_that_comes_again_in_the_next_block_is_embedded_once(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "BLOCK", 1)
    built = build(articles(a=RIVER, b=RIVER, c=RIVER), index_dir)
    assert (built.documents, built.chunks, built.embedded) == (3, 3, 1)
    check_whole(index_dir)


def test_a_build_that_is_stopped_while_it_reads_stops_the_model_too(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model did before is kept; the block it was at is given up after the batch it was at."""
    monkeypatch.setattr(making, "BLOCK", 20)
    monkeypatch.setattr("index.embed.BATCH", 1)
    encode = Embedder.encode_chunks
    batches: list[int] = []
    in_second_block = threading.Event()

    def making_of(progress: Any) -> making.Making:
        found: making.Making = progress.__self__
        return found

    def counted_encode(
        self: Embedder, texts: Sequence[str], spans: Any, progress: Callable[[int], None], keep: Any
    ) -> Any:
        def went_on(done: int) -> None:
            batches.append(done)
            if len(batches) == 21:
                in_second_block.set()
                assert making_of(progress)._stop.wait(60)
            progress(done)

        return encode(self, texts, spans, went_on, keep)

    def interrupted_load(found: Found) -> Document | Skipped:
        if found.path == "article50.txt":
            assert in_second_block.wait(60)
            raise KeyboardInterrupt
        return load(found)

    monkeypatch.setattr(Embedder, "encode_chunks", counted_encode)
    monkeypatch.setattr(making, "load", interrupted_load)
    folder = articles(**{f"article{number}": f"Article {number} says {number}." for number in range(10, 60)})
    with pytest.raises(KeyboardInterrupt):
        build(folder, index_dir)
    assert len(batches) == 21
    monkeypatch.undo()
    assert build(folder, index_dir).embedded == 30


def test_two_generations_are_kept(articles: Articles, index_dir: Path) -> None:
    for number in range(4):
        build(articles(**{f"article{number}": f"Article {number}."}), index_dir)
    assert sorted(path.name for path in (index_dir / "generations").iterdir()) == ["000003", "000004"]
    for name in ("000003", "000004"):
        generations.verify(index_dir / "generations" / name)


def test_a_second_build_at_once_is_refused(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    refused: list[str] = []

    def build_again(step: str, done: int, total: int) -> None:
        if step == "reading":
            with pytest.raises(BuildRunning) as caught:
                build(folder, index_dir)
            refused.append(str(caught.value))

    assert build(folder, index_dir, progress=build_again).documents == 1
    assert refused == [
        f"The index in {index_dir} is being built by process {os.getpid()}. Wait for it, or let this build wait: --wait"
    ]
    assert sorted(path.name for path in index_dir.iterdir() if path.suffix == ".holder") == []


def test_a_build_that_waits_goes_on_when_the_other_has_ended(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    built: list[BuildReport] = []
    waiting = threading.Thread(target=lambda: built.append(build(folder, index_dir, wait_s=60)))
    with generations.building(index_dir):
        waiting.start()
        waiting.join(timeout=0.5)
        assert (waiting.is_alive(), built) == (True, [])
    waiting.join(timeout=60)
    assert [one.documents for one in built] == [1]


def test_a_folder_that_was_emptied_does_not_empty_the_index(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, index_dir)
    (folder / "river.txt").unlink()
    with pytest.raises(BuildFailed) as caught:
        build(folder, index_dir)
    assert str(caught.value) == (
        f"There are no articles in {folder}. Put some there ({KINDS}) and build again; nothing was changed."
    )
    assert list(rows(index_dir)) == ["articles/river.txt"]


def test_one_of_two_folders_that_is_empty_is_taken_to_be_away(tmp_path: Path, index_dir: Path) -> None:
    folders = [tmp_path / "home", tmp_path / "drive"]
    for folder in folders:
        folder.mkdir()
        for number in (1, 2):
            (folder / f"{number}.txt").write_text(f"Article {number} of {folder.name}.")
    build(folders, index_dir)
    (tmp_path / "drive").rename(tmp_path / "away")
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / ".hidden").touch()
    (tmp_path / "home" / "3.txt").write_text("Article 3.")
    with pytest.raises(BuildFailed) as caught:
        build(index_dir=index_dir)
    assert str(caught.value) == (
        f"The folder {tmp_path}/drive is empty, and the index holds 2 articles of it; nothing was changed. "
        "If its drive is away, bring it back; if they are to leave the index, name only the other folders: "
        "footnoted build FOLDER ..."
    )
    assert len(rows(index_dir)) == 4
    (tmp_path / "drive" / ".hidden").unlink()
    (tmp_path / "drive").rmdir()
    (tmp_path / "away").rename(tmp_path / "drive")
    assert build(index_dir=index_dir).added == ("home/3.txt",)
    assert build(tmp_path / "home", index_dir).removed == ("drive/1.txt", "drive/2.txt")


def test_a_fresh_build_of_an_unreadable_index_asks_for_its_folders(seeds_copy: Path, tmp_path: Path) -> None:
    target = tmp_path / "index"
    build(seeds_copy, target)
    (target / "generations" / "000001" / "manifest.json").write_text("{}")
    with pytest.raises(DamagedIndex, match=r"Make it anew: footnoted build --fresh FOLDER$"):
        build(None, target, fresh=True)
    assert build(seeds_copy, target, fresh=True).documents == 5


def test_no_folder_at_all_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^No folder was named\. Name a folder of articles: footnoted build FOLDER$"):
        build([], tmp_path / "index")


def test_only_files_that_something_touched_are_read(
    articles: Articles, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh build and check read everything."""
    read: list[str] = []
    hash_file, now = loading.hash_file, time.time

    def noted(found: Found) -> tuple[str, bytes]:
        read.append(found.path)
        return hash_file(found)

    monkeypatch.setattr(loading, "hash_file", noted)
    monkeypatch.setattr(time, "time", lambda: now() + 60)

    def read_by(work: Callable[[], object]) -> set[str]:
        read.clear()
        work()
        return set(read)

    folder, both = articles(river=RIVER, bank=BANK), {"river.txt", "bank.txt"}
    assert read_by(lambda: build(folder, index_dir)) == both
    assert read_by(lambda: build(folder, index_dir)) == set()
    articles(bank=CAT)
    assert read_by(lambda: build(folder, index_dir)) == {"bank.txt"}
    assert CAT in {row.text for row in (open_index(index_dir).document(one) for one in ids(index_dir).values()) if row}
    (folder / "river.txt").rename(folder / "stream.txt")
    assert read_by(lambda: build(folder, index_dir)) == {"stream.txt"}
    assert read_by(lambda: build(folder, index_dir, fresh=True)) == {"stream.txt", "bank.txt"}
    assert read_by(lambda: check_index(index_dir)) == {"stream.txt", "bank.txt"}
    assert read_by(lambda: build(folder, index_dir)) == set()
    check_whole(index_dir)
