"""Wrong answers become cases that `evaluate` reads, and nothing that it could not read is kept."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.feedback import FILE, GONE, KEPT, NO_DOCUMENT, NO_KIND, NO_QUOTE, NOT_THERE, ReportRefused, case_of, keep_case
from app.turns import Note, Turn
from index import open_index
from rag.evaluate import read_cases
from tests.browser import OFFICES, Open, ask

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

QUOTE = "We have 334 offices around the world."
EGG = "How long should I boil an egg?"
FIELDS = ("Document", "Its words, exactly", "Note")
RIGHT = {"kind": "elsewhere", "document": "001_963e728015908ae9.txt", "quote": QUOTE, "note": "\u2028 see\n[1]"}
TURN = Turn(OFFICES, "“No.” [1]", "> No.", "2026-05-01T10:00:00+00:00", {}, (Note(1, "seeds/a.txt", 0, 3, "No."),))


def test_reported_answers_are_read_by_evaluate(seeds_index: Path, tmp_path: Path) -> None:
    index = open_index(seeds_index)
    cited = replace(TURN, notes=(replace(TURN.notes[0], document="seeds/003_8a99acc19320498a.txt"),))
    for turn, values in ((TURN, RIGHT), (cited, {"kind": "nowhere"}), (replace(TURN, notes=()), {"kind": "nowhere"})):
        file = keep_case(tmp_path, case_of(turn, values, index))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first, second, third = read_cases(file, index)
    article = next(row for row in index.documents() if row.path == RIGHT["document"])
    document = index.document(article.id)
    assert document is not None
    assert document.text[first.places[0].start : first.places[0].end] == QUOTE
    assert (first.question, first.kind, second.kind, third.kind) == (OFFICES, "answerable", "near miss", "off-corpus")
    assert len({first.id, second.id, third.id}) == 3


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"quote": " "}, NO_QUOTE),
        ({"document": "../a.txt"}, NO_DOCUMENT),
        ({"quote": "We have 33 offices"}, NOT_THERE),
        ({"kind": "x"}, NO_KIND),
    ],
)
def test_what_evaluate_could_not_use_is_refused(seeds_index: Path, changed: dict[str, str], said: str) -> None:
    with pytest.raises(ReportRefused) as refused:
        case_of(TURN, {**RIGHT, **changed}, open_index(seeds_index))
    assert str(refused.value) == said


def test_an_answer_is_reported_on_the_page(open_page: Open, own_page: str, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    ask(page, OFFICES)
    page.get_by_role("button", name="Not right").click()
    form = page.locator("#report")
    expect(form.get_by_label("What is right")).to_be_focused()
    form.get_by_label("Document").fill(RIGHT["document"])
    form.get_by_label("Its words, exactly").fill("no such words")
    form.get_by_label("Note").fill("Look at <b>page 1</b>.")
    form.get_by_role("button", name="Keep as a case").click()
    expect(form.get_by_role("alert")).to_have_text(NOT_THERE)
    expect(form.get_by_label("What is right")).to_be_focused()
    expect(form.get_by_label("Note")).to_have_value("Look at <b>page 1</b>.")
    form.get_by_label("Its words, exactly").fill(QUOTE)
    form.get_by_role("button", name="Keep as a case").click()
    expect(form.get_by_role("status")).to_have_text(KEPT)
    [case] = read_cases(tmp_path / "index" / FILE, open_index(tmp_path / "index"))
    assert (case.question, case.kind) == (OFFICES, "answerable")
    page.locator("#chat .turn button[name=wrong]").evaluate("button => { button.value = '999' }")
    page.get_by_role("button", name="Not right").click()
    expect(form.get_by_role("status")).to_have_text(GONE)


def test_a_form_is_about_its_own_answer_also_when_another_one_was_begun_or_the_chat_is_empty(
    open_page: Open, own_page: str, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    ask(page, OFFICES)
    ask(page, EGG)
    wrong, form = page.get_by_role("button", name="Not right"), page.locator("#report")
    wrong.first.click()
    expect(form.get_by_label("What is right")).to_be_focused()
    form.get_by_label("What is right").select_option("nowhere")
    for field in FIELDS:
        form.get_by_label(field).fill("of the first")
    wrong.last.click()
    expect(form).to_contain_text(EGG)
    expect(form.get_by_label("What is right")).to_be_focused()
    expect(form.get_by_label("What is right")).to_have_value("elsewhere")
    for field in FIELDS:
        expect(form.get_by_label(field)).to_have_value("")
    form.get_by_label("What is right").select_option("nowhere")
    form.get_by_label("Note").fill("No recipes here.")
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#chat .bot-row")).to_have_count(0)
    form.get_by_role("button", name="Keep as a case").click()
    expect(form.get_by_role("status")).to_have_text(KEPT)
    case = json.loads((tmp_path / "index" / FILE).read_text("utf-8"))
    assert (case["question"], case["note"]) == (EGG, "No recipes here.")
