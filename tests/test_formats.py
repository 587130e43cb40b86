"""The whole way of every format: a folder of files is built and asked, and each footnote stands where it says."""

import io
import subprocess
import sys
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner

from app.cli import main
from app.footnotes import answer_to_markdown
from index import build, open_index
from index.folders import Found, Skipped
from index.load import Document, load
from index.opened import Index
from rag import ask, retrieve
from tests.make_pdf import encrypted, lines, pdf

QUESTIONS = {
    "river.html": ("How far did the river at Leeds rise?", "The river at Leeds rose by two metres on Friday."),
    "wall.htm": ("Who will pay for the flood wall?", "The county will pay for the flood wall."),
    "dam.docx": ("Who inspects the dam at Elmford?", "Engineers of the water board inspect the dam at Elmford."),
    "rescue.eml": ("How many people did the fire brigade rescue?", "The fire brigade rescued 40 people by boat."),
    "report.pdf": ("What did the bridge at the mill cost?", "The bridge at the mill cost nine million pounds."),
}
PAGE = (
    "<html><head><title>x</title><style>p {{}}</style></head><body><nav><a href='/'>Home</a></nav>"
    "<article><p>{}</p><p>Nobody was hurt, said the mayor on the morning after.</p></article>"
    "<script>alert(1)</script></body></html>"
)


def answer_of(name: str) -> str:
    return QUESTIONS[name][1]


def word_file(words: str) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    document.add_paragraph("The inspection")
    document.add_paragraph(words)
    document.save(stream)
    return stream.getvalue()


def mail(words: str) -> bytes:
    one = EmailMessage()
    one["From"], one["Subject"], one["Date"] = "Ann Lee <a@b.example>", "The rescue", "Fri, 14 Apr 2023 08:00:00 +0000"
    one.set_content(words)
    return bytes(one)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good file of every format, and a broken one."""
    folder = tmp_path_factory.mktemp("formats") / "papers"
    folder.mkdir()
    report = pdf(
        lines("The council met in the town hall to speak of the works of the year."),
        lines("Seven trees were planted in the park behind the church in spring."),
        lines("The bridge was opened in May. The bridge at the mill cost nine", "million pounds. It is made of oak."),
        info={"Title": "Works of the year"},
    )
    files = {
        "river.html": PAGE.format(answer_of("river.html")).encode(),
        "wall.htm": PAGE.format(answer_of("wall.htm")).encode(),
        "dam.docx": word_file(answer_of("dam.docx")),
        "rescue.eml": mail(answer_of("rescue.eml")),
        "report.pdf": report,
        "bad1.pdf": report[:400],
        "bad2.pdf": encrypted(report),
        "bad3.pdf": pdf("", ""),
        "bad4.docx": b"PK\x03\x04 and nothing more",
        "bad5.html": b"<html><body><script>alert('The river rose')</script></body></html>",
        "bad6.eml": b"no header at all",
        "bad7.txt": report,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def index(folder: Path) -> Index:
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def test_good_files_are_indexed_and_each_broken_one_is_a_line(index: Index) -> None:
    assert [row.path for row in index.documents()] == sorted(QUESTIONS)
    assert index.skipped == [
        Skipped("papers", "bad1.pdf", "it is damaged: no page of it can be opened"),
        Skipped("papers", "bad2.pdf", "it is encrypted; save it without a password"),
        Skipped("papers", "bad3.pdf", "it has no text layer; run OCR first"),
        Skipped("papers", "bad4.docx", "it is damaged or not a Word file"),
        Skipped("papers", "bad5.html", "it holds no words"),
        Skipped("papers", "bad6.eml", "it is not a mail: it names no sender, subject or date"),
        Skipped("papers", "bad7.txt", "it is a PDF; give it a name that ends in .pdf"),
    ]


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_quoted_exactly_from_the_text_as_it_is_read(index: Index, folder: Path, name: str) -> None:
    question, expected = QUESTIONS[name]
    first, *_ = ask(question, index).citations
    assert (first.document, first.quote) == (name, expected)
    read = load(Found("papers", name, folder / name))
    assert isinstance(read, Document)
    assert read.text[first.start : first.end] == expected
    assert first.page == (3 if name == "report.pdf" else None)


def test_a_passage_says_on_which_page_it_begins(index: Index) -> None:
    first, *_ = retrieve(QUESTIONS["report.pdf"][0], 1, index)
    assert (first.document, first.page) == ("report.pdf", index.document(first.document_id).page_at(first.start))  # type: ignore[union-attr]
    assert all(one.page is None for one in retrieve("river", 9, index) if one.document != "report.pdf")


def test_the_command_line_and_the_page_name_the_page(index: Index) -> None:
    question, expected = QUESTIONS["report.pdf"]
    [citation] = [one for one in ask(question, index).citations if one.quote == expected]
    out = CliRunner().invoke(main, ["ask", question, "--index", str(index.path)]).stdout
    assert f"[1] Works of the year\n    {citation.location}  p. 3\n" in out
    assert '"page": 3' in CliRunner().invoke(main, ["ask", question, "--index", str(index.path), "--json"]).stdout
    out = CliRunner().invoke(main, ["search", question, "-k", "1", "--index", str(index.path)]).stdout
    assert "  p. 1\n" in out  # the passage, three pages in one chunk, begins there
    assert '"Works of the year, p. 3")' in answer_to_markdown(ask(question, index))


def test_a_second_build_reads_nothing_anew(index: Index, folder: Path) -> None:
    again = build(folder, index.path)
    assert (again.generation, again.unchanged, again.embedded) == (index.generation, len(QUESTIONS), 0)


def test_no_markup_reaches_the_stored_text(index: Index) -> None:
    texts = [document.text for row in index.documents() if (document := index.document(row.id))]
    assert [text for text in texts if any(sign in text for sign in ("<", ">", "alert", "{", "Home"))] == []


def test_a_build_outside_of_a_guarded_script_works(folder: Path, tmp_path: Path) -> None:
    """A process started with multiprocessing would run the script again."""
    root = Path(__file__).resolve().parent.parent
    code = f"from index import build\nprint(build({str(folder)!r}, 'i').documents)"
    (tmp_path / "script.py").write_text(f"import sys; sys.path.insert(0, {str(root)!r})\n{code}")
    run = partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True)
    assert run([sys.executable, "script.py"]).stdout == "5\n"
