"""The chat page with a language model: the quotes at once, below them what is written, sentence by sentence."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.asking import WAIT
from app.store import Store
from index import build
from rag.answer import REFUSAL
from rag.gguf import GgufModel
from tests.browser import Open, Serve, ask
from tests.rude_server import rude_server
from tests.scripted import Scripted, Stepped

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (footnoted[test])")
expect = sync_api.expect

MILL = "The mill by the river has ground flour since 1820. Its wheel was made of oak by Anna Hale."
FLOUR = "The mill by the river has ground flour since 1820."
CHOIR = "How many children sang in the old church?"
QUESTION = "Since when has the mill ground flour?"

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Path:
    build(articles(mill=MILL, choir="Forty children sang a psalm in the old church."), tmp_path / "index")
    return tmp_path / "index"


def held_back() -> Scripted:
    """A model that writes a sentence and the beginning of another, and then waits for ``go_on``."""
    model = Scripted(f"{FLOUR} [1] It ", "closed ", "in 1911. ")
    model.go_on.clear()
    return model


def begin(page: Any) -> Any:
    """Asks, and gives back the answer while it grows."""
    page.get_by_label("Question", exact=True).fill(QUESTION)
    page.get_by_label("Question", exact=True).press("Enter")
    answer = page.locator("#chat .bot-row").last
    expect(answer.locator("blockquote").first).to_contain_text("ground flour")
    return answer


def turns(index_dir: Path, page: Any) -> Any:
    """What is kept of the conversation that a page shows."""
    expect(page).to_have_url(re.compile("conversation="))
    return Store(index_dir).turns(page.url.partition("conversation=")[2].partition("&")[0])


def test_a_real_model_writes_below_the_quotes_with_footnotes_that_open(
    open_page: Open, serve_index: Serve, mill: Path, small_model: GgufModel
) -> None:
    page = open_page(serve_index(mill, generator=small_model))
    answer = ask(page, QUESTION)
    expect(answer.locator("blockquote").first).to_contain_text(FLOUR)
    expect(answer).to_contain_text(f"Written by {small_model.name}, each sentence checked")
    expect(answer).to_contain_text("of its sentences supported")
    answer.locator("p:not(blockquote p) > a[href^='#src-']").last.click()
    expect(page.locator("#source mark")).to_be_focused()
    assert page.locator("#source mark").text_content() in {note.quote for note in turns(mill, page)[0].notes}


def test_sentences_appear_one_by_one_and_what_is_not_supported_is_struck(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    model = Scripted("Its wheel was made of oak by Anna Hale. [1] It ", "closed in 1911. It ", "burned <b>down</b>.")
    model.go_on.clear()
    page = open_page(serve_index(mill, generator=model))
    answer = begin(page)
    expect(answer).to_contain_text("The model is writing")
    expect(answer).to_contain_text("Its wheel was made of oak by Anna Hale. [")
    expect(answer.locator("del")).to_have_count(0)
    expect(page.locator("#stop")).to_be_visible()
    model.go_on.set()
    expect(answer.locator("del")).to_have_text(["It closed in 1911.", "It burned <b>down</b>."])
    expect(answer).to_contain_text("(not supported by the documents)")
    expect(page.locator("#send")).to_be_visible()
    expect(answer).not_to_contain_text("The model is writing")
    kept = turns(mill, page)[0]
    assert [(line.text, bool(line.note)) for line in kept.written] == [
        ("Its wheel was made of oak by Anna Hale.", True),
        ("It closed in 1911.", False),
        ("It burned <b>down</b>.", False),
    ]
    page.reload()
    expect(page.locator("#chat .bot-row del")).to_have_count(2)


def test_stop_works_at_once_and_what_is_confirmed_stays(open_page: Open, serve_index: Serve, mill: Path) -> None:
    model = held_back()
    page = open_page(serve_index(mill, generator=model))
    answer = begin(page)
    expect(answer).to_contain_text("The model is writing")
    page.locator("#stop").click()
    expect(page.locator("#hint")).to_have_text("Stopped.")
    expect(page.locator("#send")).to_be_visible()
    expect(answer.locator("blockquote").first).to_contain_text("ground flour")
    expect(answer).not_to_contain_text("The model is writing")
    assert [line.text for line in turns(mill, page)[0].written] == [FLOUR]
    model.go_on.set()
    with model.line.turn(lambda stage: None, _stop()):  # the thread of the answer that was stopped has left the line
        pass
    expect(ask(page, QUESTION)).to_contain_text("each sentence checked")


def test_another_conversation_that_is_opened_meanwhile_stays_and_what_was_confirmed_is_kept(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    model = Scripted(f"{FLOUR} [1] It ", "closed ", "in 1911. ")
    page = open_page(serve_index(mill, generator=model))
    ask(page, CHOIR)
    page.get_by_role("button", name="New", exact=True).click()
    expect(page.locator("#chat .user-row")).to_have_count(0)
    for opening in ("New", "Conversations"):
        model.go_on.clear()
        answer = begin(page)
        expect(answer).to_contain_text("The model is writing")
        page.get_by_role("button", name=opening, exact=True).click()
        if opening == "Conversations":
            page.locator("#conversations-side .title", has_text=CHOIR).click()
            expect(page.locator("#chat .user-row")).to_have_text([CHOIR])
        expect(page.locator("#send")).to_be_visible()
        with model.line.turn(lambda stage: None, _stop()):  # the thread of the answer that was left is through
            model.go_on.set()
        expect(page.locator("#chat .user-row")).to_have_text([CHOIR] if opening == "Conversations" else [])
        expect(page).to_have_url(re.compile("conversation=" if opening == "Conversations" else "/$"))
    left, also_left, choir = Store(mill).listed("", 10)
    assert (left.title, also_left.title, choir.title) == (QUESTION, QUESTION, CHOIR)
    assert [[line.text for line in turn.written] for turn in Store(mill).turns(left.id)] == [[FLOUR]]


def test_a_conversation_that_is_deleted_meanwhile_leaves_an_empty_chat(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    model = held_back()
    page = open_page(serve_index(mill, generator=model))
    expect(begin(page)).to_contain_text("The model is writing")
    page.get_by_role("button", name="Conversations", exact=True).click()
    page.locator("#conversations-side summary").click()
    page.locator("#conversations-side").get_by_role("button", name="Delete").click()
    expect(page.locator("#send")).to_be_visible()
    with model.line.turn(lambda stage: None, _stop()):
        model.go_on.set()
    expect(page.locator("#chat .user-row")).to_have_count(0)
    assert Store(mill).listed("", 10) == []


def test_a_page_that_is_opened_again_while_a_model_writes_has_the_question_and_its_quotes(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    model = held_back()
    address = serve_index(mill, generator=model)
    writing = open_page(address)
    expect(begin(writing)).to_contain_text("The model is writing")
    expect(writing).to_have_url(re.compile("conversation="))
    page = open_page(address, writing.url.removeprefix(address))  # a reload leaves an error of Gradio's own
    expect(page.locator("#chat .user-row")).to_have_text([QUESTION])
    expect(page.locator("#chat blockquote").first).to_contain_text("ground flour")
    expect(page.locator("#chat")).not_to_contain_text("The model is writing")
    model.go_on.set()
    expect(writing.locator("#send")).to_be_visible()
    [turn] = turns(mill, writing)
    assert [line.text for line in turn.written] == [FLOUR, "It closed in 1911."]


def test_a_question_that_is_sent_before_the_answer_is_complete_stays_and_is_told_to_wait(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    model = held_back()
    page = open_page(serve_index(mill, generator=model))
    expect(begin(page)).to_contain_text("The model is writing")
    field = page.get_by_label("Question", exact=True)
    field.fill(CHOIR)
    field.press("Enter")
    expect(page.locator("#hint")).to_have_text(WAIT)
    expect(field).to_have_value(CHOIR)
    model.go_on.set()
    expect(page.locator("#send")).to_be_visible()
    expect(page.locator("#hint p")).to_have_count(0)
    field.press("Enter")
    expect(page.locator("#chat .user-row")).to_have_text([QUESTION, CHOIR])


def _stop() -> Any:
    from rag.generation import Stop

    return Stop()


def test_a_second_question_is_told_its_place(open_page: Open, serve_index: Serve, mill: Path) -> None:
    model = Scripted(f"{FLOUR} [1] ", "It closed in 1911.")
    model.go_on.clear()
    address = serve_index(mill, generator=model)
    first, second = open_page(address), open_page(address)
    begin(first)
    expect(first.locator("#chat .bot-row")).to_contain_text("The model is writing")
    expect(begin(second)).to_contain_text("Waiting; questions before this one: 1")
    model.go_on.set()
    for page in (first, second):
        expect(page.locator("#chat .bot-row del")).to_have_text("It closed in 1911.")


def test_a_model_that_says_nothing_supported_is_refused_below_the_quotes(
    open_page: Open, serve_index: Serve, mill: Path
) -> None:
    page = open_page(serve_index(mill, generator=Scripted("The capital of France is Paris.")))
    answer = ask(page, QUESTION)
    expect(answer.locator("blockquote").first).to_contain_text("ground flour")
    expect(answer).to_contain_text(f"{REFUSAL} Nothing the model wrote is supported by the documents.")
    expect(answer.locator("del")).to_have_text("The capital of France is Paris.")


def test_a_server_that_fails_is_a_sentence_below_the_quotes(open_page: Open, serve_index: Serve, mill: Path) -> None:
    from rag.server import ServerModel

    with rude_server() as server:
        page = open_page(serve_index(mill, generator=ServerModel(server.url, "cut")))
        answer = ask(page, QUESTION)
    expect(answer.locator("blockquote").first).to_contain_text("ground flour")
    expect(answer).to_contain_text("stopped in the middle of the answer. Shown instead: the documents' own words.")


def test_a_reader_can_do_without_the_model(open_page: Open, serve_index: Serve, mill: Path) -> None:
    model = Scripted(f"{FLOUR} [1]")
    page = open_page(serve_index(mill, generator=model))
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Written answers").select_option("off")
    page.get_by_role("button", name="Keep").click()
    page.locator(".status", has_text="built").wait_for()
    expect(ask(page, QUESTION)).not_to_contain_text("Written by")
    assert model.asked == []


def test_a_reader_chooses_which_model_writes(open_page: Open, serve_index: Serve, mill: Path) -> None:
    small, large = Scripted(f"{FLOUR} [1]"), Scripted("Its wheel was made of oak by Anna Hale. [1]")
    small.name, large.name = "small", "large"
    page = open_page(serve_index(mill, generators=(small, large)))
    expect(ask(page, QUESTION)).to_contain_text("Written by small")
    page.get_by_role("button", name="Settings").click()
    choice = page.get_by_label("Written answers")
    expect(choice.locator("option")).to_have_text(["By small, below the quotes", "By large, below the quotes", "None"])
    choice.select_option("By large, below the quotes")
    page.get_by_role("button", name="Keep").click()
    page.locator(".status", has_text="built").wait_for()
    page.get_by_role("button", name="Settings").click()
    expect(choice).to_have_value("2")
    page.keyboard.press("Escape")
    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("Written by large")
    assert (len(small.asked), len(large.asked)) == (1, 1)


def test_a_reader_leaves_out_what_is_not_supported(open_page: Open, serve_index: Serve, mill: Path) -> None:
    page = open_page(serve_index(mill, generator=Scripted(f"{FLOUR} [1] It ", "closed in 1911.")))
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("Written answers").locator("option").first).to_have_text("By scripted, below the quotes")
    choice = page.get_by_label("What the model wrote without support")
    expect(choice).to_have_value("struck")
    choice.select_option("Left out")
    page.get_by_role("button", name="Keep").click()
    page.locator(".status", has_text="built").wait_for()
    answer = ask(page, QUESTION)
    expect(answer).to_contain_text("50 % of its sentences supported")
    expect(answer).not_to_contain_text("closed in 1911")
    assert [line.text for line in turns(mill, page)[0].written] == [FLOUR]


def test_a_page_without_a_model_offers_no_written_answers(open_page: Open, seeds_page: str) -> None:
    page = open_page(seeds_page)
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("Language")).to_be_visible()
    expect(page.get_by_label("Written answers")).to_have_count(0)
    expect(page.get_by_label("What the model wrote without support")).to_have_count(0)


SHIFTS = """
() => {
  window.shifts = [];
  new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
    window.shifts.push([shift.value, shift.sources.map((source) => source.node?.parentElement?.textContent)]);
  })).observe({ type: 'layout-shift' });
}
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_that_is_read_moves_while_a_model_writes(
    open_page: Open, serve_index: Serve, mill: Path, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.asking.SHOWN_AGAIN_S", 0.0)  # every word makes a picture
    told = f"{FLOUR} [1] The wheel was sold to a museum in 1911. Its wheel was made of oak by Anna Hale. [1]"
    words = [f"{word} " for word in told.split()]
    with Stepped(*words) as model:
        page = open_page(serve_index(mill, generator=model), viewport={"width": width, "height": 900})
        answer = begin(page)
        expect(answer).to_contain_text("Loading the model: 50 %")
        page.evaluate(SHIFTS)
        model.step()
        expect(answer).to_contain_text("The model reads the passages: 50 %")
        for word in words:
            model.step()
            if word.strip() in ("1820.", "1911.", "oak"):
                expect(answer.locator("p").last).to_contain_text(word.strip())
    expect(answer).to_contain_text("of its sentences supported")
    expect(page.locator("#send")).to_be_visible()
    expect(answer.locator("del")).to_have_count(1)
    page.evaluate("() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    assert page.evaluate("window.shifts") == []


def test_a_reader_who_scrolls_is_not_pulled_back_by_what_is_written(
    open_page: Open, serve_index: Serve, mill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.asking.SHOWN_AGAIN_S", 0.0)
    sentences = [f"The mill by the river has ground {number} bags of flour. " for number in range(1820, 1860)]
    with Stepped(*sentences) as model:
        page = open_page(serve_index(mill, generator=model), viewport={"width": 390, "height": 600})
        answer = begin(page)
        for _ in range(12):
            model.step()
        expect(answer).to_contain_text("1828 bags")
        page.locator("#chat .panel-wrap").hover()
        page.mouse.wheel(0, 150)
        page.wait_for_function("document.querySelector('#chat .panel-wrap').scrollTop > 0")
        place = page.evaluate("document.querySelector('#chat .panel-wrap').scrollTop")
        for _ in range(12):
            model.step()
        expect(answer).to_contain_text("1840 bags")
        assert page.evaluate("document.querySelector('#chat .panel-wrap').scrollTop") == place
