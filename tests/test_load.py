"""A file becomes a document whose text is the file, exactly, or is skipped with a reason."""

import hashlib
from pathlib import Path

import pytest

from index.boilerplate import Mark
from index.folders import Found, Skipped
from index.load import Document, load
from index.metadata import Metadata
from index.read_text import decode, read_markdown

FRONT_MATTER = """---
title: "The river: a report"
author: [Ann Lee, Bo Ek]
date: 2024-03-09
source: The Post
tags: [water]
---
The river rose by two metres. Nobody was hurt.
"""


def loaded(tmp_path: Path, data: bytes | str, name: str = "a.txt") -> Document | Skipped:
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load(Found("news", name, file))


def document(tmp_path: Path, data: bytes | str, name: str = "a.txt") -> Document:
    found = loaded(tmp_path, data, name)
    assert isinstance(found, Document)
    return found


def reason(tmp_path: Path, data: bytes | str, name: str = "a.txt") -> str:
    found = loaded(tmp_path, data, name)
    assert isinstance(found, Skipped)
    assert found.name == f"news/{name}"
    return found.reason


def test_a_text_file_becomes_a_document(tmp_path: Path) -> None:
    text = "The river rose. Nobody was hurt."
    assert document(tmp_path, text) == Document(
        folder="news",
        path="a.txt",
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        size_bytes=32,
        text=text,
        metadata=Metadata(),
        marks=(),
    )


def test_the_text_is_the_file_with_its_line_ends_and_its_mark(tmp_path: Path) -> None:
    text = "\ufeffRiver news\r\n\r\nThe river rose by two metres.\r\nNobody was hurt.\r\n"
    one = document(tmp_path, text)
    with (tmp_path / "a.txt").open(encoding="utf-8", newline="") as file:
        assert one.text == file.read()
    assert one.metadata.title == "River news"
    assert one.metadata.title_span == (1, 11)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1252", "utf-8-sig"])
def test_other_encodings_are_read_letter_by_letter(tmp_path: Path, encoding: str) -> None:
    text = (
        "L’été dernier, la rivière est montée de deux mètres à cause des fortes pluies. Personne n’a été blessé.\n" * 5
    )
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    one = document(tmp_path, mark + text.encode(encoding))
    assert one.text.removeprefix("\ufeff") == text
    assert bool(one.notes) == (encoding != "utf-8-sig")


def test_a_note_says_which_encoding_was_read(tmp_path: Path) -> None:
    text = "The river rose by two metres on Monday, and nobody was hurt.\n" * 5
    assert document(tmp_path, text.encode("utf-16")).notes == ("decoded as utf_16",)


def test_one_damaged_byte_costs_one_letter(tmp_path: Path) -> None:
    text = "Le préfet a parlé à la télévision: l’été fut très sec, la forêt brûla, l’école ferma. "
    damaged = text.encode() + b"\xe9" + " Voilà.".encode()
    one = document(tmp_path, damaged)
    assert one.text == text + "\ufffd Voilà."
    assert one.notes == ("1 damaged places are not UTF-8 and read \ufffd",)


def test_bytes_that_no_encoding_explains_are_not_text() -> None:
    with pytest.raises(Exception, match=r"^it is not text$"):
        decode(bytes(range(256)) * 20)


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "a.txt", "it is empty"),
        (b"BM", "a.bmp", ".bmp files are not read yet; save it as .txt or .md"),
        (b"%PDF-1.7", "a.txt", "it is a PDF; give it a name that ends in .pdf"),
        (b"PK\x03\x04\x00\x00\x00", "a.txt", "it is not text"),
        ("plain".encode("utf-16-le"), "a.txt", "it is not text"),
        (b" \r\n\t\n", "a.txt", "it holds no words"),
        (b"\xef\xbb\xbf\n", "a.txt", "it holds no words"),
        ("…\n* * *\n--\n".encode(), "a.txt", "it holds no words"),
        (b"Leave a reply\nScroll to top\n", "a.txt", "it holds no words"),
        (b"---\ntitle: Nothing below\n---\n", "a.md", "it holds no words"),
    ],
)  # fmt: skip
def test_a_file_without_an_article_is_skipped_with_its_reason(tmp_path: Path, data: bytes, name: str, why: str) -> None:
    assert reason(tmp_path, data, name) == why


def test_a_file_that_vanished_is_skipped_with_its_reason(tmp_path: Path) -> None:
    gone = load(Found("news", "gone.txt", tmp_path / "gone.txt"))
    assert gone == Skipped("news", "gone.txt", "it cannot be read (No such file or directory)")


def test_a_file_of_60_mb_is_skipped_unread(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(60_000_000)
    skipped = load(Found("news", "big.txt", tmp_path / "big.txt"))
    assert skipped == Skipped(
        "news", "big.txt", "it has 60 MB, and one file may have 50; split it into articles"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["README", "a.TXT", "a.text", "a.Markdown", "a.md"])
def test_text_and_markdown_are_read_whatever_the_case_of_their_ending(tmp_path: Path, name: str) -> None:
    assert document(tmp_path, "The river rose.", name).text == "The river rose."


def test_front_matter_becomes_metadata_and_is_not_article(tmp_path: Path) -> None:
    one = document(tmp_path, FRONT_MATTER, "a.md")
    end = FRONT_MATTER.index("The river rose")
    assert one.text == FRONT_MATTER
    assert one.marks == (Mark(0, end, "front matter"),)
    assert one.metadata == Metadata(
        title="The river: a report",
        publisher="The Post",
        author="Ann Lee, Bo Ek",
        published="2024-03-09",
        sources={
            "title": "front matter: title",
            "publisher": "front matter: source",
            "author": "front matter: author",
            "published": "front matter: date",
        },
    )


def test_front_matter_is_read_after_a_byte_order_mark_and_with_windows_line_ends(tmp_path: Path) -> None:
    one = document(tmp_path, "\ufeff" + FRONT_MATTER.replace("\n", "\r\n"), "a.md")
    assert (one.metadata.title, one.metadata.published) == ("The river: a report", "2024-03-09")
    assert one.text[one.marks[0].end :].startswith("The river rose")


def test_front_matter_may_be_toml(tmp_path: Path) -> None:
    source = '+++\r\ntitle = "Lake Orrin"\r\nDate = 2021-05-02T10:00:00Z\r\nauthors = ["Ann Lee", "Bo Ek"]\r\n+++\r\n'
    one = document(tmp_path, f"{source}The lake froze.\r\n", "a.md")
    assert (one.metadata.title, one.metadata.author, one.metadata.published) == (
        "Lake Orrin", "Ann Lee, Bo Ek", "2021-05-02",
    )  # fmt: skip
    assert one.marks == (Mark(0, len(source), "front matter"),)
    broken = document(tmp_path, "+++\ntitle = x\n+++\nThe lake froze.\n", "a.md")
    assert broken.notes == ("its front matter is not valid TOML and was left out",)


def test_front_matter_in_a_text_file_is_text(tmp_path: Path) -> None:
    assert document(tmp_path, FRONT_MATTER).marks == ()


def test_a_markdown_heading_is_the_title_where_front_matter_names_none(tmp_path: Path) -> None:
    text = "---\nauthor: Ann Lee\n---\n\n# River news\n\nThe river rose by two metres.\n"
    known = document(tmp_path, text, "a.md").metadata
    assert (known.title, known.author) == ("River news", "Ann Lee")
    assert known.title_span == (text.index("River"), text.index("River") + len("River news"))


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("title: [", "its front matter is not valid YAML (line 3) and was left out"),
        ("- one\n- two", "its front matter is not a list of fields and was left out"),
        ("a: !!bool x", "its front matter is not valid YAML and was left out"),
        ("a: !!timestamp x", "its front matter is not valid YAML and was left out"),
        ('a: !!int ""', "its front matter is not valid YAML and was left out"),
        ("a: " + "[" * 5000, "its front matter is not valid YAML and was left out"),
    ],
)
def test_front_matter_that_is_not_yaml_is_left_out_with_a_note(source: str, note: str) -> None:
    reading = read_markdown(f"---\n{source}\n---\nThe river rose.\n".encode())
    assert reading.notes == (note,)
    assert reading.metadata == Metadata()


def test_front_matter_that_is_almost_yaml_is_read_line_by_line(tmp_path: Path) -> None:
    source = 'title: Re: the budget\r\nby: @post\r\ndate:  2022-07-19 \r\ntags: [a, b]\r\npublisher: "The Post"\r\n'
    one = document(tmp_path, f"---\r\n{source}---\r\nThe river rose.\r\n", "a.md")
    known = one.metadata
    assert (known.title, known.author, known.published) == ("Re: the budget", "@post", "2022-07-19")
    assert known.publisher == "The Post"
    assert one.notes == ("its front matter is not valid YAML (line 2) and was read line by line",)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("title: 1984", "1984"),
        ("title: true", None),
        ("title: {a: b}", None),
        ("title: ''", None),
        (r'title: "\ud83d\ude00 News"', "😀 News"),  # one letter as JSON writes it
        (r'title: "\ud83d News"', "\ufffd News"),  # half of one
        ("title: 0x" + "F" * 4000, None),
    ],
)
def test_a_title_is_words_that_can_be_stored(source: str, title: str | None) -> None:
    metadata = read_markdown(f"---\n{source}\n---\nThe river rose.\n".encode()).metadata
    assert metadata.title == title
    assert (title or "").encode().decode() == (title or "")
