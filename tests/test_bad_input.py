"""Whatever lies in the folders and whatever the disk does: an index, or a sentence a person can act on."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from index import build, open_index
from index.errors import BuildFailed, FootnotedError, ModelError, UsageError
from index.folders import Skipped
from index.load import KINDS as ENDINGS
from index.watch import watch
from rag import ask, retrieve
from rag.entailment import opened_nli
from rag.where import FILTERS

Articles = Callable[..., Path]

RIVER = "The river rose by two metres."

KINDS = ", ".join(ENDINGS)
NO_ARTICLES = f"There are no articles in {{}}. Put some there ({KINDS}) and build again; nothing was changed."


def sentence(*folders: Path | str, index_dir: Path, model: str | None = None) -> str:
    """What a build says that cannot be made."""
    with pytest.raises(FootnotedError) as caught:
        build(list(folders), index_dir, model=model)
    assert caught.value.exit_code == (2 if isinstance(caught.value, UsageError) else 1)
    return str(caught.value)


def names(index_dir: Path) -> list[str]:
    return [row.name for row in open_index(index_dir).documents()]


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_folders_that_are_none_are_named(tmp_path: Path, articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    gone, file = tmp_path / "gone", folder / "river.txt"
    assert sentence(folder, gone, index_dir=index_dir) == (
        f"There is no folder {gone}. Name a folder of articles: footnoted build FOLDER"
    )
    assert sentence(file, index_dir=index_dir) == f"{file} is a file, not a folder. Name the folder it lies in."
    (folder / "sub").mkdir()
    assert sentence(folder, folder / "sub", index_dir=index_dir) == (
        f"{folder}/sub lies inside {folder}. Name only one of them."
    )


def test_a_mistaken_folder_leaves_no_folder_for_an_index_behind(tmp_path: Path, index_dir: Path) -> None:
    sentence(tmp_path / "typo", index_dir=index_dir)
    with pytest.raises(UsageError):
        build([], index_dir)
    assert not index_dir.exists()


def test_a_home_that_nobody_has_is_named(articles: Articles, index_dir: Path) -> None:
    told = "Nobody's home is known as ~no-such-user in ~no-such-user/x. Write the path in full."
    assert sentence("~no-such-user/x", index_dir=index_dir) == told
    assert sentence(articles(river=RIVER), index_dir=Path("~no-such-user/x")) == told
    assert sentence(articles(), index_dir=index_dir, model="~no-such-user/x") == told
    for opening in (lambda: open_index("~no-such-user/x"), lambda: next(watch(["~no-such-user/x"], index_dir))):
        with pytest.raises(UsageError) as refused:
            opening()
        assert str(refused.value) == told


def test_an_empty_folder_says_what_to_put_there(articles: Articles, index_dir: Path) -> None:
    folder = articles()
    assert sentence(folder, index_dir=index_dir) == (NO_ARTICLES.format(folder))
    assert not list(index_dir.rglob("*.unfinished"))


def test_a_folder_of_which_nothing_can_be_read_gives_the_first_reason(articles: Articles, index_dir: Path) -> None:
    folder = articles()
    (folder / "a.txt").write_bytes(b"\x7fELF\x00\x00")
    assert sentence(folder, index_dir=index_dir) == (
        f"No file in {folder} could be read (articles/a.txt: it is not text); nothing was changed."
    )
    (folder / "b.jpg").write_bytes(b"\xff\xd8")
    (folder / "c.txt").touch()
    assert sentence(folder, index_dir=index_dir) == (
        f"No file in {folder} could be read (articles/a.txt: it is not text, and 2 more); nothing was changed."
    )


def test_bad_files_are_skipped_with_their_reasons_and_good_ones_indexed(
    tmp_path: Path, articles: Articles, index_dir: Path
) -> None:
    folder = articles(good=RIVER)
    (tmp_path / "outside.txt").write_text(RIVER)
    (folder / "binary.txt").write_bytes(bytes(range(256)))
    (folder / "blank.txt").write_text(" \n\t\n")
    (folder / "broken.txt").symlink_to(tmp_path / "nowhere")
    (folder / "dots.txt").write_text("...\n***")
    (folder / "empty.txt").touch()
    (folder / "leaves.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "slides.pptx").write_bytes(b"PK\x03\x04")
    with (folder / "vast.txt").open("wb") as file:
        file.truncate(60_000_000)
    built = build(folder, index_dir)
    assert built.added == ("articles/good.txt",)
    expected = [
        ("binary.txt", "it is not text"),
        ("blank.txt", "it holds no words"),
        ("broken.txt", "a link to something that is not there"),
        ("dots.txt", "it holds no words"),
        ("empty.txt", "it is empty"),
        ("leaves.txt", "a link that leaves the folder; --follow-links reads such links"),
        ("loop.txt", "a link to something that is not there"),
        ("pipe.txt", "neither a file nor a folder"),
        ("slides.pptx", ".pptx files are not read yet; save it as .txt or .md"),
        ("vast.txt", "it has 60 MB, and one file may have 50; split it into articles"),
    ]
    assert built.skipped == tuple(Skipped("articles", name, why) for name, why in expected)
    assert open_index(index_dir).skipped == list(built.skipped)
    assert build(folder, index_dir).generation == "000001"


def test_odd_names_are_indexed_as_they_are(articles: Articles, index_dir: Path) -> None:
    folder = articles()
    odd = ['a "quoted" one.txt', "it's %41 #1?.txt", "line\nbreak.txt", "новости.txt", "漢字 🙂.txt"]
    for number, name in enumerate(odd):
        (folder / name).write_text(f"Article number {number}.")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text(RIVER)
    built = build(folder, index_dir)
    assert built.skipped == (Skipped("articles", "caf\\xe9.txt", "its name is not valid UTF-8; rename it"),)
    assert names(index_dir) == [f"articles/{name}" for name in odd]


@pytest.mark.parametrize("folder_name", ["a b", "it's", "new\nline", "%41", "漢字", "-rf"])
def test_folders_with_odd_names_hold_articles_and_the_index(tmp_path: Path, folder_name: str) -> None:
    folder = tmp_path / folder_name
    folder.mkdir()
    (folder / "a.txt").write_text(RIVER)
    built = build(folder, folder / "the index?mode=rw")
    assert built.added == (f"{folder_name}/a.txt",)
    assert names(folder / "the index?mode=rw") == [f"{folder_name}/a.txt"]
    assert build(folder, folder / "the index?mode=rw").unchanged == 1


@pytest.mark.parametrize(
    ("data", "text", "notes"),
    [
        (f"\ufeffRiver\r\n\r\n{RIVER}\r\nIt fell.\r\n".encode(), None, ()),
        (f"River\r\r{RIVER}\rIt fell.\r".encode(), None, ()),
        (
            "Élan, été, forêt, à côté, où, ".encode() + b"\xc3" + f" déjà. {RIVER}".encode(),
            f"Élan, été, forêt, à côté, où, \ufffd déjà. {RIVER}",
            ("1 damaged places are not UTF-8 and read \ufffd",),
        ),
        (b"\xff\xfe" + (RIVER * 3).encode("utf-16-le"), RIVER * 3, ("decoded as utf_16",)),
    ],
    ids=["mark and windows lines", "old mac lines", "one bad byte", "utf-16"],
)
def test_offsets_count_in_the_text_of_the_file(
    articles: Articles, index_dir: Path, data: bytes, text: str | None, notes: tuple[str, ...]
) -> None:
    folder = articles()
    (folder / "a.txt").write_bytes(data)
    build(folder, index_dir)
    if text is None:
        with (folder / "a.txt").open(encoding="utf-8", newline="") as file:
            text = file.read()
    index = open_index(index_dir)
    document = index.document(1)
    assert document is not None
    assert (document.text, document.notes) == (text, notes)
    [chunk] = index.catalog.chunks_of(1)
    sentences = [text[one.start : one.end] for one in chunk.sentences]
    assert RIVER in sentences
    assert all(one == one.strip() for one in sentences)


def test_hostile_front_matter_does_not_stop_a_build(articles: Articles, index_dir: Path) -> None:
    folder = articles()
    for number, source in enumerate(
        [
            "a: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]",
            "? 0x" + "F" * 9000 + "\n: x",
            r'title: "\ud83d"',
            "- " * 9000,
        ]
    ):
        (folder / f"{number}.md").write_text(f"---\n{source}\n---\n{RIVER}\n")
    built = build(folder, index_dir)
    assert (built.documents, built.skipped) == (4, ())
    assert [row.title for row in open_index(index_dir).documents()] == [None, None, "\ufffd", None]


def test_a_word_that_no_model_reads_whole_is_indexed(articles: Articles, index_dir: Path) -> None:
    built = build(articles(word="thepouloshausen" * 5 + "-" + "qfiltrationmorphism-" * 400), index_dir)
    assert built.documents == 1
    assert built.chunks > 3


@pytest.mark.parametrize("place", ["index", "."])
def test_an_index_inside_its_own_folder_is_not_indexed(articles: Articles, place: str) -> None:
    folder = articles(river=RIVER)
    for _ in range(2):
        built = build(folder, folder / place)
        assert (built.documents, built.skipped) == (1, ())
    assert names(folder / place) == ["articles/river.txt"]


def test_another_index_inside_the_folder_is_not_indexed(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, folder)
    built = build(folder, index_dir)
    assert (built.added, built.skipped) == (("articles/river.txt",), ())


def test_a_folder_given_twice_is_read_once(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    assert build([folder, str(folder) + "/", folder / "." / ".." / "articles"], index_dir).documents == 1


def test_a_model_that_is_not_there_says_where_to_get_it(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, index_dir)
    with pytest.raises(ModelError):
        build(folder, index_dir, model=str(folder))
    assert sentence(folder, index_dir=index_dir, model=str(folder)) == (
        f"{folder} is not a sentence-transformers model: it has no modules.json and no config.json."
    )
    assert names(index_dir) == ["articles/river.txt"]


def test_a_file_where_the_index_should_be_is_named(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    index_dir.write_text("not a folder")
    assert sentence(folder, index_dir=index_dir) == (
        f"{index_dir} is a file, not the folder of an index. Name a folder: --index DIR"
    )


@contextlib.contextmanager
def mounted(*arguments: str, at: Path) -> Iterator[None]:
    """Something mounted on a folder, which takes the right to mount."""
    at.mkdir(exist_ok=True)
    tried = subprocess.run(["mount", *arguments, str(at)], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"mounting is not permitted here: {tried.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def outcome(folder: Path, index_dir: Path) -> str:
    try:
        return f"{build(folder, index_dir).documents} documents"
    except BuildFailed as error:
        return str(error)


needs_mount = pytest.mark.skipif(shutil.which("mount") is None, reason="there is no mount command")


@needs_mount
def test_an_index_that_cannot_be_written_to_is_read(articles: Articles, tmp_path: Path, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    build(folder, index_dir)
    read_only = tmp_path / "read-only"
    with mounted("--bind", "-o", "ro", str(index_dir), at=read_only):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(read_only)], check=True)
        with pytest.raises(OSError, match="Read-only"):
            (read_only / "x").touch()
        index = open_index(read_only)
        assert names(read_only) == ["articles/river.txt"]
        assert [one for one, _ in index.words.search(["river"], 5)] == [1]
        assert [one for one, _ in index.vectors.search(index.embedder.encode_question("river"), 5)] == [1]
        assert sentence(folder, index_dir=read_only) == (
            f"The index in {read_only} could not be written: Read-only file system. "
            "Free some space or name another place with --index; the index is as it was before."
        )


@needs_mount
def test_a_full_disk_is_said_and_the_index_answers_as_before(articles: Articles, tmp_path: Path) -> None:
    """With room for a little more each time, so that each part of the index is once the one that does not fit."""
    disk = tmp_path / "disk"
    folder = articles(river=RIVER)
    with mounted("-t", "tmpfs", "-o", "size=2m", "tmpfs", at=disk):
        build(folder, disk / "index")
        articles(**{f"new{number}": f"Article number {number} says." for number in range(20)})
        for free_kb in range(0, 240, 8):
            free = shutil.disk_usage(disk).free
            (disk / "filler").write_bytes(b"x" * (free - free_kb * 1024))
            said = outcome(folder, disk / "index")
            (disk / "filler").unlink()
            if said == "21 documents":
                break
            assert said == (
                f"The index in {disk}/index could not be written: No space left on device. "
                "Free some space or name another place with --index; the index is as it was before."
            )
            assert names(disk / "index") == ["articles/river.txt"]
            assert not list((disk / "index").rglob("*.unfinished"))
        assert said == "21 documents"
        assert free_kb >= 96  # so every part, of 20 kB and more each, was once the one that did not fit


def test_an_argument_of_a_wrong_type_is_wrong_usage(articles: Articles, index_dir: Path) -> None:
    folder, asked, wrong = articles(river=RIVER), "How much did the river rise?", cast(Any, 3)
    build(folder, index_dir)
    index = open_index(index_dir)
    by_folder = "The index is given by its folder, a text or a Path, not by"
    model = "The generator is a language model, rag.gguf.GgufModel(FILE) or rag.server.ServerModel(ADDRESS, NAME), not"
    number = "The number of passages is a whole number from 1 to 100, not"
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: retrieve(asked, index=wrong), f"{by_folder} int."),
        (lambda: ask(asked, wrong), f"{by_folder} int."),
        (lambda: ask(asked, "a\0b"), "No folder has a NUL character in its name: 'a\\x00b'."),
        (lambda: build(folder, cast(Any, None)), f"{by_folder} NoneType."),
        (lambda: build([wrong], index_dir), "A folder is a text or a Path, not int."),
        (lambda: build(wrong, index_dir), "The folders are one or a list of them, not int."),
        (lambda: build(folder, index_dir, wait_s=cast(Any, "long")), "wait_s is a number of seconds, not 'long'."),
        (lambda: ask(asked, index, generator=cast(Any, "model")), f"{model} str."),
        (lambda: ask(asked, index, {wrong: "x"}), f"There is no filter 3. There are: {', '.join(FILTERS)}."),
        (
            lambda: retrieve(asked, wrong + 0.0, index),
            f"{number} 3.0.",
        ),
        (lambda: opened_nli(wrong), "The model for inference is given by its folder or name, not by int."),
    ]
    for call, said in cases:
        with pytest.raises(UsageError) as error:
            call()
        assert str(error.value) == said


def test_folders_that_come_one_by_one_are_all_built(articles: Articles, index_dir: Path) -> None:
    folder = articles(river=RIVER)
    one_by_one: Any = iter([folder])
    assert build(one_by_one, index_dir).added == ("articles/river.txt",)
