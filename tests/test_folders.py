"""Which files a folder holds, in which order, under which names, and which are passed over with a reason."""

import os
from pathlib import Path

import pytest

from index.errors import UsageError
from index.folders import LINK_BROKEN, LINK_LEAVES, NAME_UNREADABLE, Found, Skipped, find_files, label_folders


def listed(folder: Path, *, follow_links: bool = False, leave_out: Path | None = None) -> list[str | Skipped]:
    """Paths of what was found, and what was skipped."""
    found = find_files({"news": folder}, follow_links=follow_links, leave_out=leave_out)
    return [one.path if isinstance(one, Found) else one for one in found]


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("An article.", encoding="utf-8")


def test_files_come_sorted_by_path_with_forward_slashes(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "a/z.txt", "a/b/c.md", "Ä.txt", "a.txt")
    assert list(find_files({"news": tmp_path})) == [
        Found("news", path, tmp_path / path) for path in ["a/b/c.md", "a/z.txt", "a.txt", "b.txt", "Ä.txt"]
    ]


def test_hidden_files_and_folders_are_passed_over_in_silence(tmp_path: Path) -> None:
    write(tmp_path, ".DS_Store", ".git/config", ".footnoted/CURRENT", "seen.txt")
    assert listed(tmp_path) == ["seen.txt"]


def test_the_index_inside_its_folder_is_passed_over_in_silence(tmp_path: Path) -> None:
    write(tmp_path, "index/CURRENT", "index/generations/000001/manifest.json", "seen.txt")
    assert listed(tmp_path, leave_out=tmp_path / "index") == ["seen.txt"]


def test_what_belongs_to_any_index_is_passed_over_in_silence(tmp_path: Path) -> None:
    parts = ["CURRENT", "generations/000001/manifest.json", "files.sqlite", "lock", "lock.holder", "removed/ab/file"]
    kept = ["conversations.sqlite", "conversations.sqlite-wal", "password.json", "reported.jsonl"]
    write(tmp_path, *(f"old/{name}" for name in [*parts, *kept, "seen.txt"]), *parts, *kept, "a.txt")
    assert listed(tmp_path) == ["a.txt", "old/seen.txt"]


def test_a_new_index_in_the_folder_of_the_articles_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "lock", "lock.holder", "files.sqlite", "a.txt")
    assert listed(tmp_path, leave_out=tmp_path) == ["a.txt"]


def test_files_that_are_called_like_those_of_an_index_are_articles_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, "CURRENT", "generations.txt", "lock", "removed/a.txt")
    assert listed(tmp_path) == ["CURRENT", "generations.txt", "lock", "removed/a.txt"]


def test_a_link_that_leaves_the_folder_is_followed_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path, "inside/a.txt", "outside/b.txt")
    inside = tmp_path / "inside"
    (inside / "elsewhere").symlink_to(tmp_path / "outside")
    (inside / "file.txt").symlink_to(tmp_path / "outside" / "b.txt")
    assert listed(inside) == [
        "a.txt",
        Skipped("news", "elsewhere", "a link that leaves the folder; --follow-links reads such links"),
        Skipped("news", "file.txt", LINK_LEAVES),
    ]
    assert listed(inside, follow_links=True) == ["a.txt", "elsewhere/b.txt", "file.txt"]


def test_a_link_inside_the_folder_is_read_under_its_own_name(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    assert listed(tmp_path) == ["a.txt", "b.txt"]


@pytest.mark.parametrize("follow_links", [False, True])
def test_links_that_loop_end(tmp_path: Path, follow_links: bool) -> None:
    write(tmp_path, "news/a/article.txt")
    folder = tmp_path / "news"
    (folder / "a" / "back").symlink_to(folder)
    (folder / "a" / "here").symlink_to(folder / "a")
    (folder / "self").symlink_to(folder / "self")
    (folder / "up").symlink_to(tmp_path)
    leaves: list[str | Skipped] = ["up/news/a/article.txt"] if follow_links else [Skipped("news", "up", LINK_LEAVES)]
    found = listed(folder, follow_links=follow_links)
    assert found == ["a/article.txt", Skipped("news", "self", LINK_BROKEN), *([] if follow_links else leaves)]


def test_a_broken_link_is_skipped_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nothing.txt")
    assert listed(tmp_path) == [Skipped("news", "gone.txt", "a link to something that is not there")]


def test_a_pipe_is_skipped_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "link.txt").symlink_to(tmp_path / "pipe.txt")
    assert listed(tmp_path) == [
        Skipped("news", "link.txt", "neither a file nor a folder"),
        Skipped("news", "pipe.txt", "neither a file nor a folder"),
    ]


def test_odd_names_are_kept_and_undecodable_ones_are_skipped(tmp_path: Path) -> None:
    names = ['"quoted".txt', "a b.txt", "it's.txt", "line\nbreak.txt", "новости.txt", "漢字.txt", "🙂.txt"]
    write(tmp_path, *names)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("An article.")
    assert sorted(listed(tmp_path), key=str) == sorted(
        [*names, Skipped("news", "caf\\xe9.txt", NAME_UNREADABLE)], key=str
    )


def test_a_label_is_the_name_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "news/a.txt")
    assert label_folders([tmp_path / "news"]) == {"news": tmp_path / "news"}


def test_folders_of_one_name_are_told_apart_by_their_parents(tmp_path: Path) -> None:
    write(tmp_path, "a/news/1.txt", "b/news/1.txt", "c/other/1.txt")
    paths = [tmp_path / "a/news", tmp_path / "b/news", tmp_path / "c/other"]
    assert label_folders(paths) == {"a/news": paths[0], "b/news": paths[1], "other": paths[2]}


def test_a_folder_named_twice_is_one_folder(tmp_path: Path) -> None:
    write(tmp_path, "news/a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "news")
    folders: list[str | Path] = [tmp_path / "news", str(tmp_path / "news" / ".." / "news"), tmp_path / "link"]
    assert label_folders(folders) == {"news": tmp_path / "news"}


def test_a_folder_inside_another_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "news/2024/a.txt")
    with pytest.raises(UsageError) as caught:
        label_folders([tmp_path / "news", tmp_path / "news/2024"])
    assert str(caught.value) == f"{tmp_path}/news/2024 lies inside {tmp_path}/news. Name only one of them."


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        label_folders([tmp_path / "nowhere"])
    assert str(caught.value) == (
        f"There is no folder {tmp_path}/nowhere. Name a folder of articles: footnoted build FOLDER"
    )


def test_a_file_instead_of_a_folder_is_named(tmp_path: Path) -> None:
    write(tmp_path, "a.txt")
    with pytest.raises(UsageError) as caught:
        label_folders([tmp_path / "a.txt"])
    assert str(caught.value) == f"{tmp_path}/a.txt is a file, not a folder. Name the folder it lies in."


def test_a_folder_without_a_name_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"^A folder without a name was given\. Name a folder of articles"):
        label_folders([""])


def test_a_name_longer_than_the_system_takes_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match=r"cannot be read \(File name too long\)\.$"):
        label_folders(["a" * 5_000])
