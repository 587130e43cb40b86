"""The page of a run: what it lists, and that no word of a question or a document is anything but text."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.evaluation_page import checked_target, page_of, write_page
from index import build, open_index
from index.errors import UsageError
from rag.answer import REFUSAL
from rag.evaluate import evaluate, read_cases
from rag.runs import Run, compared, run_of

ATTACK = "<script>attack()</script>"
ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td",
    "p", "ul", "li", "a", "section", "article", "dl", "dt", "dd", "q",
}  # fmt: skip


class Page(HTMLParser):
    """The elements of a page, their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: set[str] = set()
        self.words: list[str] = []
        self.feed(page)
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses |= {value or "" for name, value in attrs if name in {"href", "src"}}

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over documents that are markup, with one failure of each kind and one success."""
    folder = tmp_path_factory.mktemp("page")
    docs = folder / "docs"
    docs.mkdir()
    (docs / "mill<b>.txt").write_text(f"The mill by the river has ground flour since {ATTACK} 1820.", "utf-8")
    (docs / "choir.txt").write_text(f'Forty children sang "a psalm" in the old church {ATTACK} of Leeds.', "utf-8")
    build(docs, folder / "index")
    asked = "Since when has the mill by the river ground flour?"
    unknown = "What did Zoltan Abcdxyz pay for his submarine?"
    questions = [
        {"id": "right", "question": asked, "doc": "mill<b>.txt", "quotes": ["1820"]},
        {"id": ATTACK, "question": f"{asked} {ATTACK}", "doc": "choir.txt", "quotes": [f"church {ATTACK}"]},
        {"id": "refused", "question": unknown, "doc": "choir.txt", "quotes": ["Forty children"]},
        {"id": "near", "question": asked, "doc": "choir.txt", "answerable": False},
        {"id": "off", "question": asked, "doc": None, "answerable": False},
    ]
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, questions)), "utf-8")
    index = open_index(folder / "index")
    return run_of(evaluate(read_cases(folder / "questions.jsonl", index), index), index)


def test_every_failure_is_listed_with_its_gold_and_what_was_shown(hostile_run: Run) -> None:
    page = Page(page_of(hostile_run, "questions.jsonl"))
    assert "Evaluation of questions.jsonl" in page.text
    assert "4 of 5 questions went wrong" in page.text
    mill = f"The mill by the river has ground flour since {ATTACK} 1820."
    shown = f"Shown {mill} docs/mill<b>.txt:0-{len(mill)}"
    assert (
        f"{hostile_run.results[1].question} {ATTACK} · answerable · answered · confidence "
        f"{hostile_run.results[1].confidence:.2f} · passage found at rank 2 "
        f"Gold church {ATTACK} docs/choir.txt:41-73 {shown}"
    ) in page.text
    refusal = hostile_run.results[2].answer
    assert refusal.startswith(REFUSAL)
    assert f"Gold Forty children docs/choir.txt:0-14 Shown {refusal} How the nearest passages begin" in page.text
    assert page.text.count(f"Gold a refusal: the documents do not answer {shown}") == 2
    for title in (
        "Refused, though the documents answer", "Answered with other words than those that answer",
        "Near misses that were answered", "Questions about other things that were answered",
    ):  # fmt: skip
        assert f"{title} : 1" in page.text


def test_no_question_and_no_document_becomes_markup(hostile_run: Run) -> None:
    page = page_of(hostile_run, ATTACK)
    parsed = Page(page)
    assert "<script" not in page
    assert parsed.elements == ALLOWED
    assert not {name for name in parsed.attributes if name.startswith("on") or name in {"style", "src"}}
    assert all(address.startswith("#failures-") for address in parsed.addresses)
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_the_table_has_every_measure_that_the_run_has(golden_run: Run) -> None:
    page = Page(page_of(golden_run, "golden.jsonl"))
    names = [name.replace("_", " ") for name, value in vars(golden_run.measures).items() if value is not None]
    places = [page.text.find(f" {name} ") for name in names]
    assert -1 not in places
    assert f" hit at 10 {golden_run.measures.hit_at_10:.3f} the same of the ten best " in page.text


def test_a_comparison_stands_in_the_table_too(golden_run: Run) -> None:
    page = Page(page_of(compared(golden_run, golden_run), "golden.jsonl"))
    hit = f"{golden_run.measures.hit_at_1:.3f}"
    assert f"hit at 1 {hit} {hit} +0.000 share of" in page.text
    assert "hit at 1: 0 gained, 0 lost, p = 1.000 (McNemar's exact test)" in page.text
    assert "became right: none" in page.text


def test_a_page_holds_every_failure_of_a_run_of_many_questions(golden_run: Run) -> None:
    many = Run(golden_run.measures, golden_run.results * 9)
    wrong = sum(not one.right for one in golden_run.results)
    page = page_of(many, "golden.jsonl")
    assert len(many.results) == 810
    assert page.count("<article>") == wrong * 9
    assert f"{wrong * 9} of 810 questions went wrong" in page


def test_a_page_that_cannot_be_written_is_a_sentence(hostile_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        write_page(tmp_path, hostile_run, "questions.jsonl")
    assert str(error.value) == f"{tmp_path} cannot be written ([Errno 21] Is a directory: '{tmp_path}')."


@pytest.mark.parametrize("kept", [b'{"measures": {}}', b"\xff\xfe\x00", b"Notes on <html>"])
def test_a_page_does_not_take_the_place_of_another_file(tmp_path: Path, kept: bytes) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(kept)
    with pytest.raises(UsageError) as error:
        checked_target(file)
    assert str(error.value) == (
        f"{file} is there and is no web page, so it is left as it is. Name another file for --html."
    )
    assert file.read_bytes() == kept


def test_a_page_takes_the_place_of_an_earlier_one_and_of_nothing(hostile_run: Run, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert checked_target(file) == file
    file.touch()
    assert checked_target(file) == file
    write_page(file, hostile_run, "questions.jsonl")
    assert checked_target(file) == file
