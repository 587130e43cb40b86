"""Files of many articles: each row is an article of its own, and each row that is none costs one line."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import build, open_index
from index import table as table_module
from index.check import check_index
from index.difference import compare
from index.folders import Found, Skipped
from index.load import Document, load
from index.opened import Index
from index.reading import storable
from index.rows import LISTED_ROWS, TEXT_COLUMNS, find_rows
from rag import ask, retrieve

RIVER = "The river at Leeds rose by two metres on Friday. Nobody was hurt."
BANK = "The bank raised its rates by half a point. Savers were pleased."
WALL = "The county will pay for the flood wall.\nWork begins in “May”; it ends in June, 2024."

Skips = list[tuple[str, str]]


def table(*rows: list[str], delimiter: str = ",", line_end: str = "\r\n") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return stream.getvalue()


def read(tmp_path: Path, data: str | bytes, name: str = "news.csv") -> tuple[dict[str, Document], Skips]:
    """The documents of a file by their names in it, and the lines about what is none."""
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    documents, skipped = {}, []
    for found in find_rows(Found("papers", name, file)):
        one = found if isinstance(found, Skipped) else load(found)
        if isinstance(one, Skipped):
            skipped.append((one.path, one.reason))
        else:
            documents[one.path.removeprefix(f"{name}#")] = one
    return documents, skipped


def texts(tmp_path: Path, data: str | bytes, name: str = "news.csv") -> dict[str, str]:
    documents, skipped = read(tmp_path, data, name)
    assert skipped == []
    return {name: one.text for name, one in documents.items()}


def reasons(tmp_path: Path, data: str | bytes, name: str = "news.csv") -> Skips:
    return read(tmp_path, data, name)[1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_each_row_of_a_table_is_an_article_whatever_divides_its_fields(
    tmp_path: Path, delimiter: str, line_end: str
) -> None:
    data = table(["title", "text"], ["Flood", RIVER], ["", WALL], delimiter=delimiter, line_end=line_end)
    assert texts(tmp_path, data) == {"1": RIVER, "2": WALL}
    assert texts(tmp_path, data, "news.tsv") == {"1": RIVER, "2": WALL}


@pytest.mark.parametrize("name", ["news.jsonl", "news.ndjson"])
def test_each_line_of_json_is_an_article(tmp_path: Path, name: str) -> None:
    rows: list[dict[str, Any]] = [{"id": 7, "text": RIVER}, {"text": WALL, "id": None}, {"body": [RIVER, BANK]}]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n"
    assert texts(tmp_path, lines, name) == {"7": RIVER, "2": WALL, "3": f"{RIVER}\n\n{BANK}"}


@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_the_column_of_text_has_one_of_several_names(tmp_path: Path, column: str) -> None:
    assert texts(tmp_path, table(["n", column.upper().replace("_", " ")], ["x", RIVER])) == {"1": RIVER}
    assert texts(tmp_path, json.dumps({column: RIVER}), "news.jsonl") == {"1": RIVER}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_other_encodings_are_read_letter_by_letter_and_each_row_by_its_own_bytes(tmp_path: Path, encoding: str) -> None:
    text = "L’été dernier, la rivière est montée de deux mètres ; personne n’a été blessé."
    text += " U+0A0A ਊ, U+0A00 \u0a00, U+000A \n" if "utf" in encoding else ""  # halves of what ends a line in UTF-16
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    data = mark + table(["id", "text"], *[[f"é{n}", f"{text} {n}"] for n in range(20)], delimiter=";").encode(encoding)
    assert texts(tmp_path, data) == {f"é{n}": f"{text} {n}" for n in range(20)}
    lines = "\n".join(json.dumps({"text": f"{text} {n}"}, ensure_ascii=False) for n in range(20))
    assert list(texts(tmp_path, mark + lines.encode(encoding), "a.jsonl").values()) == [
        f"{text} {n}" for n in range(20)
    ]


def test_what_the_columns_say_of_an_article_is_known_with_its_column(tmp_path: Path) -> None:
    header = ["ID", "Headline", "Body", "Source", "Authors", "Date", "Lang", "Views"]
    row = ["a12", "Flood", f"{RIVER}\n\nBy Bo Ek", "The Post", "Ann Lee", "14 April 2023", "en-GB", "9"]
    documents, _ = read(tmp_path, table(header, row))
    known = documents["a12"].metadata
    assert (known.title, known.publisher, known.author, known.published, known.language) == (
        "Flood", "The Post", "Ann Lee", "2023-04-14", "en",
    )  # fmt: skip
    assert known.sources == {
        "title": "column: headline", "publisher": "column: source", "author": "column: authors",
        "published": "column: date", "language": "column: lang",
    }  # fmt: skip


def test_what_the_columns_leave_open_is_looked_for_in_the_text(tmp_path: Path) -> None:
    row = {"text": f"{RIVER}\n\nBy Bo Ek", "author": "", "title": "Flood"}
    documents, _ = read(tmp_path, json.dumps(row), "a.jsonl")
    known = documents["1"].metadata
    assert (known.title, known.author, known.sources["title"]) == ("Flood", "Bo Ek", "field: title")


def test_the_stored_text_is_the_field_without_blanks_around_it_and_its_lines_kept(tmp_path: Path) -> None:
    assert texts(tmp_path, table(["text"], [f"\r\n {RIVER}\r\n\r\nBun\u00addestag.\n "])) == {
        "1": f"{RIVER}\n\nBundestag."
    }


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b'b,"x', "row 2: its quotes are broken (unexpected end of data)"),
        (b'b,"The "old" river rose"', "row 2: its quotes are broken (',' expected after '\"')"),
        (b"b,one,two", "row 2: its fields do not fit the columns (3 for 2)"),
        (b"b", "row 2: its fields do not fit the columns (1 for 2)"),
        (b"b,", "row 2: it holds no words"),
        (b"b, -- ", "row 2: it holds no words"),
        (b"a,The river fell.", "row 2: it has the id of row 1, a"),
        (b"b,The ri\x00ver fell.", "row 2: it is not text: it holds NUL bytes"),
        (b"b,\xff\xfe\xfa\xf0\xf1 fell", "row 2: it is not text in the encoding of its file"),
        (b"b,The river\rfell", "row 2: its quotes are broken (new-line character seen in unquoted field)"),
    ],
)  # fmt: skip
def test_a_row_that_is_no_article_costs_one_line(tmp_path: Path, row: bytes, reason: str) -> None:
    good = "Zürich und Köln: Größe für Mädchen über Straßen; schöne Grüße.".encode() * 9
    data = b"id,text\na," + RIVER.encode() + b"\n" + row + b"\nc," + good + b"\nd," + BANK.encode() + b"\n"
    documents, skipped = read(tmp_path, data)
    assert list(documents) == ["a", "c", "d"]
    assert skipped == [("news.csv", reason)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "row 2: it is not JSON (Expecting property name enclosed in double quotes)"),
        (b"[1, 2]", "row 2: it is not a JSON object"),
        (b'"The river fell."', "row 2: it is not a JSON object"),
        (b'{"id": 9}', "row 2: it holds no words"),
        (b'{"text": {"a": "The river fell."}}', "row 2: it holds no words"),
        (b'{"id": "a", "text": "The river fell."}', "row 2: it has the id of row 1, a"),
        (b'{"text": "The ri\x00ver"}', "row 2: it is not text: it holds NUL bytes"),
        (b'{"text": ' + b"9" * 5_000 + b"}",
         "row 2: it is not JSON (Exceeds the limit (4300 digits) for integer string conversion)"),
        (b'{"text": ' + b"[" * 100_000 + b"}", "row 2: it is nested too deeply"),
        (b'{"text": ' + b"[]," * 1_000_001 + b"}", "row 2: it has more than 1,000,000 lists and objects"),
    ],
    ids=range(10),
)  # fmt: skip
def test_a_line_that_is_no_article_costs_one_line(tmp_path: Path, line: bytes, reason: str) -> None:
    data = json.dumps({"id": "a", "text": RIVER}).encode() + b"\n" + line + b"\n" + json.dumps({"text": BANK}).encode()
    documents, skipped = read(tmp_path, data, "news.jsonl")
    assert (list(documents), skipped) == (["a", "3"], [("news.jsonl", reason)])


def test_one_damaged_byte_costs_one_letter(tmp_path: Path) -> None:
    accents = "L’été fut très sec, la forêt brûla, l’école ferma. " * 3
    damaged = "Voil\ufffd l’école et la rivière"
    data = table(["text"], [accents], [damaged]).encode().replace(b"\xef\xbf\xbd", b"\xe0")
    documents, skipped = read(tmp_path, data)
    assert skipped == []
    assert documents["2"].text == damaged
    assert documents["2"].notes == ("1 damaged places are not UTF-8 and read \ufffd",)


def test_each_row_knows_the_encoding_of_its_file_and_the_report_says_it_once(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    rows = ["id;text", "1;The mayor of Nîmes said that the arena would be closed.", "2;Señor Peña sold the ranch."]
    (tmp_path / "papers" / "news.csv").write_bytes("\r\n".join(rows).encode("cp1252"))
    report = build(tmp_path / "papers", tmp_path / "index")
    assert report.notes == (("papers/news.csv", "decoded as cp1252"),)
    assert [row.notes for row in open_index(tmp_path / "index").documents()] == [("decoded as cp1252",)] * 2
    assert stored(open_index(tmp_path / "index"))["news.csv#2"] == "Señor Peña sold the ranch."


def test_an_article_of_100_mb_costs_one_line_and_the_next_is_read(tmp_path: Path) -> None:
    huge = (("The river rose, and “rose”. " * 100 + "\n") * 40_000)[:100_000_000]
    documents, skipped = read(tmp_path, f'id,text\n1,"{huge}"\n2,{BANK}\n')
    assert list(documents) == ["2"]
    assert skipped == [("news.csv", "row 1: it has 114 MB, and one article may have 50")]
    one_line = json.dumps({"text": huge[:60_000_000]}).encode() + b"\n" + json.dumps({"text": BANK}).encode()
    documents, skipped = read(tmp_path, one_line, "news.jsonl")
    assert list(documents) == ["2"]
    assert [reason.partition(" has ")[0] for _, reason in skipped] == ["row 1: it"]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.csv", "it is empty"),
        (b"a,b\n1,2\n", "a.csv", "it has no column of text; name one of its columns text or body or content"),
        (b"text\n", "a.csv", "none of its 0 rows is an article"),
        (b"PK\x03\x04\x00\x00\x00\x14\xff\xfe" * 50, "a.csv", "it is not text"),
        (b"id,text\n1\n2\n", "a.csv",
         "none of its 2 rows is an article (row 1: its fields do not fit the columns (1 for 2))"),
        (b'[\n{"text": "x"},\n]\n', "a.jsonl",
         "none of its 3 rows is an article (row 1: it is not JSON (Expecting value))"),
    ],
)  # fmt: skip
def test_a_file_without_articles_costs_one_line(tmp_path: Path, data: bytes, name: str, reason: str) -> None:
    assert reasons(tmp_path, data, name) == [(name, reason)]


def test_a_file_of_3_gb_is_skipped_unread(tmp_path: Path) -> None:
    with (tmp_path / "big.csv").open("wb") as file:
        file.truncate(3_000_000_000)
    assert list(find_rows(Found("news", "big.csv", tmp_path / "big.csv"))) == [
        Skipped("news", "big.csv", "it has 3,000 MB, and a file of articles may have 2,000; split it")
    ]


def test_of_many_broken_rows_the_first_are_listed(tmp_path: Path) -> None:
    skipped = reasons(tmp_path, "text,n\n" + f"{RIVER},1\n" + "x\n" * 5_000)
    assert len(skipped) == LISTED_ROWS + 1
    assert [reason for _, reason in (skipped[0], skipped[-1])] == [
        "row 2: its fields do not fit the columns (1 for 2)",
        "4,900 more rows cannot be used",
    ]


def test_rows_that_are_blank_or_padded_as_spreadsheets_write_them_cost_nothing(tmp_path: Path) -> None:
    assert texts(tmp_path, f"text,n\n\n,\n{RIVER},1,,,\n,,,\n{BANK},2\n") == {"1": RIVER, "2": BANK}


@pytest.mark.parametrize("name", ["", "7\t8", "x" * 201, "\x1b[31m"])
def test_an_id_that_is_no_name_gives_way_to_the_number_of_the_row(tmp_path: Path, name: str) -> None:
    assert list(texts(tmp_path, table(["id", "text"], [name, RIVER], ["b", BANK]))) == ["1", "b"]


def test_what_no_article_can_use_is_ignored_however_deep_it_is(tmp_path: Path) -> None:
    for depth in range(100, 1_000, 50):
        data = f'{{"title": {"[" * depth}{"]" * depth}, "author": {{"age": 41}}, "text": "{BANK}"}}'
        documents, skipped = read(tmp_path, data, "a.jsonl")
        assert [one.metadata.author for one in documents.values()] + [bool(one) for one in skipped] in ([None], [True])


def test_a_source_and_authors_may_be_objects_with_a_name(tmp_path: Path) -> None:
    row = {
        "source": {"id": None, "name": "Napa Observer"},
        "authors": [{"name": "Chloe Martin"}, "Bo Ek", {"id": 7}],
        "publishedAt": "2021-10-05T10:00:00Z",
        "content": RIVER,
    }
    documents, _ = read(tmp_path, json.dumps(row), "a.jsonl")
    known = documents["1"].metadata
    assert (known.publisher, known.author, known.published) == ("Napa Observer", "Chloe Martin, Bo Ek", "2021-10-05")


def test_half_a_letter_as_json_writes_it_can_be_stored(tmp_path: Path) -> None:
    half, whole = r"\ud83d", r"\ud83d\ude00"
    data = f'{{"id": "{half}", "title": "{half} News", "text": "The river {half} rose {whole}."}}'
    documents, _ = read(tmp_path, data, "a.jsonl")
    assert (documents["1"].metadata.title, documents["1"].text) == ("\ufffd News", "The river \ufffd rose 😀.")


def test_a_row_whose_file_changed_since_is_not_read_from_other_bytes(tmp_path: Path) -> None:
    file = tmp_path / "news.csv"
    file.write_text(table(["text"], [RIVER], [BANK]))
    _, second = find_rows(Found("papers", "news.csv", file))
    assert isinstance(second, Found)
    file.write_text(table(["text"], ["A new one."], [RIVER], [BANK]))
    assert load(second) == Skipped("papers", "news.csv#2", "row 2: its file changed while it was read; build again")
    file.unlink()
    assert load(second) == Skipped(
        "papers", "news.csv#2", "row 2: it cannot be read (No such file or directory)"
    )  # fmt: skip


def test_a_quote_that_is_not_closed_is_looked_for_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "LOOK_AHEAD_MB", 0.01)
    data = f'id,text\n1,"The river\n2,{BANK}\n' + f"3,{RIVER}\n" * 1_000
    documents, skipped = read(tmp_path, data)
    assert list(documents) == ["2", "3"]
    assert skipped[0] == ("news.csv", "row 1: its quotes are broken (no closing quote within 0.01 MB)")


def test_a_file_made_of_broken_quotes_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "MAX_READ_AGAIN_MB", 0.01)
    lines = 'a",""",\n' * 200  # each is broken by itself, and whole inside the quotes of the one before it
    documents, skipped = read(tmp_path, f"id,text\n1,{RIVER}\n{lines}")
    assert list(documents) == ["1"]
    assert skipped[-1][1].endswith("(unexpected end of data); the rest of the file is left out")
    assert len(skipped) < 20


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd\r"), min_size=1, max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(words, min_size=1, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_back_row_by_row(
    tmp_path: Path, rows: list[str], delimiter: str, line_end: str, encoding: str
) -> None:
    data = table(["text", "n"], *[[one, "x"] for one in rows], delimiter=delimiter, line_end=line_end)
    documents, _ = read(tmp_path, data.encode(encoding))
    assert {name: one.text for name, one in documents.items()} == {
        str(number): storable(one.strip())
        for number, one in enumerate(rows, 1)
        if any(letter.isalnum() for letter in one)
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"text", b"The river.", b"\xe9", b"\x00", b"\xef\xbb\xbf"])))
def test_whatever_a_file_holds_costs_lines_and_no_error(tmp_path: Path, pieces: list[bytes]) -> None:
    for name, head in (("a.csv", b"id,text\n"), ("a.jsonl", b'{"text": "')):
        documents, skipped = read(tmp_path, head + b"".join(pieces), name)
        assert documents or skipped
        assert all(one.text for one in documents.values())


Papers = Callable[..., Path]


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """Writes papers/news.csv and gives the folder: ``papers(["id", "text"], ["a", RIVER])``."""

    def write(*rows: list[str]) -> Path:
        folder = tmp_path / "papers"
        folder.mkdir(exist_ok=True)
        (folder / "news.csv").write_text(table(*rows), encoding="utf-8", newline="")
        return folder

    return write


def stored(index: Index) -> dict[str, str]:
    documents = [index.document(row.id) for row in index.documents()]
    return {one.path: one.text for one in documents if one}


def test_a_row_is_found_cited_and_filtered_like_any_article(papers: Papers, tmp_path: Path) -> None:
    folder = papers(["id", "text", "source"], ["a/1", RIVER, "The Post"], ["b", BANK, ""], ["c", WALL, ""])
    build(folder, tmp_path / "index")
    index = open_index(tmp_path / "index")
    first, *_ = ask("How far did the river at Leeds rise?", index).citations
    assert (first.document, first.quote, first.publisher) == (
        "news.csv#a/1", "The river at Leeds rose by two metres on Friday.", "The Post",
    )  # fmt: skip
    assert first.location == "papers/news.csv#a/1:0-48"
    assert stored(index)["news.csv#c"][first.start : first.end] != first.quote
    assert [one.document for one in retrieve("river", 5, index, {"document": "news.csv#b"})] == ["news.csv#b"]
    assert [one.document for one in retrieve("river", 5, index, {"publisher": "The Post"})] == ["news.csv#a/1"]


def test_a_line_of_json_is_found_and_cited_like_any_article(papers: Papers, tmp_path: Path) -> None:
    folder = papers(["text"], [BANK])
    rows = [json.dumps({"n": 1}), "{", json.dumps({"text": RIVER, "lang": "en-GB"})]
    (folder / "wire.jsonl").write_text("\n".join(rows))
    report = build(folder, tmp_path / "index")
    first, *_ = ask("How far did the river at Leeds rise?", tmp_path / "index").citations
    assert (first.location, first.quote, first.language) == (
        "papers/wire.jsonl#3:0-48", "The river at Leeds rose by two metres on Friday.", "en",
    )  # fmt: skip
    assert [(one.path, one.reason.partition(" (")[0]) for one in report.skipped] == [
        ("wire.jsonl", "row 1: it holds no words"),
        ("wire.jsonl", "row 2: it is not JSON"),
    ]


def test_a_build_touches_only_the_rows_that_changed(papers: Papers, tmp_path: Path) -> None:
    header = ["id", "text", "views"]
    folder = papers(header, ["a", RIVER, "1"], ["b", BANK, "1"], ["c", WALL, "1"])
    build(folder, tmp_path / "index")
    papers(header, ["c", WALL, "1"], ["a", RIVER, "200"], ["b", "The bank fell.", "1"], ["d", "A new one.", "1"])
    report = build(folder, tmp_path / "index")
    assert replace(report, seconds=0, generation="", documents=0, chunks=0) == replace(
        report.__class__(""), added=("papers/news.csv#d",), changed=("papers/news.csv#b",), unchanged=2, embedded=2
    )
    assert stored(open_index(tmp_path / "index")) == {
        "news.csv#a": RIVER, "news.csv#b": "The bank fell.", "news.csv#c": WALL, "news.csv#d": "A new one.",
    }  # fmt: skip
    papers(header, ["x", RIVER, "1"], ["c", WALL, "1"])
    report = build(folder, tmp_path / "index")
    assert (report.renamed, report.embedded) == ((("papers/news.csv#a", "papers/news.csv#x"),), 0)
    assert report.removed == ("papers/news.csv#b", "papers/news.csv#d")


def test_rows_without_ids_that_moved_are_renamed_and_not_read_again(papers: Papers, tmp_path: Path) -> None:
    folder = papers(["text"], [RIVER], [BANK], [WALL])
    build(folder, tmp_path / "index")
    papers(["text"], ["A new one."], [RIVER], [BANK], ["The wall stands."])
    report = build(folder, tmp_path / "index")
    assert report.added == ("papers/news.csv#1", "papers/news.csv#4")
    assert report.renamed == (
        ("papers/news.csv#1", "papers/news.csv#2"),
        ("papers/news.csv#2", "papers/news.csv#3"),
    )
    assert (report.removed, report.embedded) == (("papers/news.csv#3",), 2)
    assert stored(open_index(tmp_path / "index")) == {
        "news.csv#1": "A new one.", "news.csv#2": RIVER, "news.csv#3": BANK, "news.csv#4": "The wall stands.",
    }  # fmt: skip
    assert check_index(tmp_path / "index").problems == ()
    papers(["text"], [BANK], [RIVER])
    report = build(folder, tmp_path / "index")
    assert (len(report.renamed), len(report.removed), report.embedded) == (1, 2, 0)
    assert stored(open_index(tmp_path / "index")) == {"news.csv#1": BANK, "news.csv#2": RIVER}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "<!-- wp:paragraph -->\n<p class='x'>It <b>rose</b> by\ntwo&nbsp;metres.</p><script>a=1;\n\nb()</script>"
            "<ul><li>Tea &amp; milk</li><li>Bread</li></ul>",
            "It rose by two metres.\n\nTea & milk\n\nBread",
        ),
        ("“It rose,” <a href='/lee'>Lee</a> said.\nShe left.", "“It rose,” Lee said.\n\nShe left."),
        ("It rose.<br/>It fell.<BR>", "It rose.\n\nIt fell."),
        (
            "The tag <p> begins a paragraph, and 5 < 6.\nA &amp; B",
            "The tag <p> begins a paragraph, and 5 < 6.\nA &amp; B",
        ),
    ],
)
def test_of_a_web_page_in_a_row_the_words_are_read(tmp_path: Path, text: str, words: str) -> None:
    assert texts(tmp_path, json.dumps({"content": text}), "news.jsonl") == {"1": words}


def test_a_second_build_of_a_damaged_file_finds_nothing_new(papers: Papers, tmp_path: Path) -> None:
    folder = papers(["id", "text"], ["a", RIVER], ["b", "Leave a reply"], ["c", ""])
    with (folder / "news.csv").open("a", encoding="utf-8", newline="") as file:
        file.write('d,"The river\r\n')
    first = build(folder, tmp_path / "index")
    assert list(first.skipped) == [
        Skipped("papers", "news.csv", "row 3: it holds no words"),
        Skipped("papers", "news.csv", "row 4: its quotes are broken (unexpected end of data)"),
        Skipped("papers", "news.csv#b", "row 2: it holds no words"),
    ]
    again = build(folder, tmp_path / "index")
    assert (again.generation, again.nothing_new, again.unchanged) == (first.generation, True, 1)
    state = check_index(tmp_path / "index")
    assert (state.problems, sorted(state.skipped, key=str)) == ((), sorted(first.skipped, key=str))


def test_a_file_that_bears_the_name_of_a_row_costs_one_line(papers: Papers, tmp_path: Path) -> None:
    folder = papers(["id", "text"], ["a.txt", RIVER])
    (folder / "news.csv#a.txt").write_text(BANK)
    report = build(folder, tmp_path / "index")
    assert report.added == ("papers/news.csv#a.txt",)
    assert report.skipped == (
        Skipped("papers", "news.csv#a.txt", "a row of a file beside it has the same name; rename one of them"),
    )


def test_the_articles_looked_at_are_counted(papers: Papers) -> None:
    counts: list[int] = []
    compare({"papers": papers(["text"], [RIVER], [BANK], [WALL])}, None, seen=counts.append)
    assert counts == [1, 2, 3]
