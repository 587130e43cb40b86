"""What a model writes counts only where the documents support it: words known beforehand, checked for real."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from index import build, open_index
from index.errors import GeneratorError
from index.opened import Index
from rag.answer import INSTEAD, NOT_ASKED, REFUSAL, Answer, answers, ask
from rag.generation import Stage, Stop, Tell, Usage
from rag.prompt import Message
from rag.writing import LONGEST_ANSWER, UNSUPPORTED
from tests.scripted import Scripted

MILL = "The mill by the river has ground flour since 1820. Its wheel was made of oak by Anna Hale."
QUESTION = "Since when has the mill ground flour?"
FLOUR = "The mill by the river has ground flour since 1820."


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Index:
    build(articles(mill=MILL, choir="Forty children sang a psalm in the old church."), tmp_path / "index")
    return open_index(tmp_path / "index")


def test_a_supported_sentence_has_a_footnote_at_the_exact_words(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted("Its wheel was made of oak by", " Anna Hale. [1]"))
    written = answer.written
    assert written is not None
    citation = answer.citations[(written.sentences[0].citation or 0) - 1]
    assert citation.quote == MILL[citation.start : citation.end] == "Its wheel was made of oak by Anna Hale."
    assert written.text == f"Its wheel was made of oak by Anna Hale. [{citation.number}]"
    assert (written.refused, written.supported_share, answer.generator) == (False, 1.0, "scripted")


def test_the_answer_in_the_documents_words_is_that_without_a_model(mill: Index) -> None:
    alone, answer = ask(QUESTION, mill), ask(QUESTION, mill, generator=Scripted("Nothing of it is true."))
    assert (answer.text, answer.statements, answer.refused) == (alone.text, alone.statements, alone.refused)
    assert answer.citations[: len(alone.citations)] == alone.citations
    assert alone.written is None


def test_words_that_are_quoted_already_keep_their_number(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(FLOUR))
    assert answer.written is not None
    quoted = next(one.number for one in ask(QUESTION, mill).citations if one.quote == FLOUR)
    assert answer.written.sentences[0].citation == quoted
    assert answer.citations == ask(QUESTION, mill).citations


def test_footnotes_are_numbered_once_in_one_list(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(f"{FLOUR} [1] Its wheel was made of oak by Anna Hale. [1]"))
    assert answer.written is not None
    assert [one.number for one in answer.citations] == list(range(1, len(answer.citations) + 1))
    for sentence in answer.written.sentences:
        assert answer.citations[(sentence.citation or 0) - 1].quote == sentence.text


def test_an_unsupported_sentence_is_marked_and_gives_no_footnote(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(f"{FLOUR} [1] It closed in 1911. [1]"))
    assert answer.written is not None
    number = answer.written.sentences[0].citation
    assert answer.written.text == f"{FLOUR} [{number}] ~~It closed in 1911.~~ ({UNSUPPORTED})"
    assert [one.supported for one in answer.written.sentences] == [True, False]
    assert answer.written.supported_share == 0.5


def test_strict_leaves_it_out_and_the_share_still_counts_it(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(f"{FLOUR} [1] It closed in 1911. [1]"), strict=True)
    assert answer.written is not None
    assert [one.text for one in answer.written.sentences] == [FLOUR]
    assert "1911" not in answer.written.text
    assert answer.written.supported_share == 0.5


@pytest.mark.parametrize("footnote", ["", " [2]", " [7]"])
def test_a_missing_or_wrong_footnote_is_replaced_by_the_one_that_supports_it(footnote: str, mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(FLOUR + footnote))
    assert answer.written is not None
    assert answer.citations[(answer.written.sentences[0].citation or 0) - 1].quote == FLOUR


def test_what_a_model_remembers_is_refused_and_the_documents_words_are_there(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted("The capital of France is Paris. [1]"))
    assert answer.written is not None
    assert (answer.written.text, answer.written.refused, answer.written.supported_share) == (REFUSAL, True, 0.0)
    assert FLOUR in answer.text


def test_a_model_that_refuses_is_taken_at_its_word(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted("The documents", " do not say."))
    assert answer.written is not None
    assert (answer.written.text, answer.written.refused, answer.written.sentences) == (REFUSAL, True, ())


def test_where_no_passage_answers_the_model_is_not_asked(seeds_index: Path) -> None:
    model = Scripted("Paris is the capital of France.")
    answer = ask("What is the capital of France?", seeds_index, generator=model)
    assert (answer.refused, answer.written, answer.skipped, model.asked) == (True, None, (NOT_ASKED,), [])
    assert answer.text.startswith(REFUSAL)


def test_a_model_that_repeats_itself_is_stopped_there(mill: Index) -> None:
    model = Scripted(*[f"{FLOUR} [1] "] * 300)
    answer = ask(QUESTION, mill, generator=model)
    assert answer.written is not None
    assert [one.text for one in answer.written.sentences] == [FLOUR]
    assert answer.written.tokens < 10


def test_a_model_that_never_ends_is_stopped(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted("word " * (LONGEST_ANSWER // 5), "and ", "on ", "and on."))
    assert answer.written is not None
    assert (answer.written.refused, answer.written.tokens) == (True, 2)


def test_a_sentence_that_the_tokens_did_not_suffice_for_is_left_out(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(f"{FLOUR} [1] Its wheel was made of", complete=False))
    assert answer.written is not None
    assert [one.text for one in answer.written.sentences] == [FLOUR]


def test_it_says_how_many_passages_were_read(seeds_index: Path) -> None:
    question = "How many offices does the DEA have around the world?"
    model = Scripted("Nothing.")
    assert whole(ask(question, seeds_index, generator=model)) == (5, 8)
    small = Scripted("Nothing.", window=400 + model.count(model.asked[0]) - 1)
    assert whole(ask(question, seeds_index, generator=small)) == (4, 8)


def whole(answer: Answer) -> tuple[int, int]:
    """Passages that were read, and found."""
    assert answer.written is not None
    return answer.written.passages_used, len(answer.passages)


def test_a_window_that_is_too_small_is_named_and_the_quotes_are_shown(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Scripted("Nothing.", window=450))
    assert answer.written is None
    assert answer.skipped[0].startswith("generation: The model's window of 450 tokens does not hold one passage")
    assert answer.skipped[0].endswith(INSTEAD)
    assert answer.text == ask(QUESTION, mill).text


def test_the_quotes_come_first_then_each_sentence_once_it_is_checked(mill: Index) -> None:
    model = Scripted(f"{FLOUR} [1]", " Its wheel was", " made of oak by Anna Hale. [1]")
    grown = list(answers(QUESTION, mill, generator=model))
    assert (grown[0].text, grown[0].written) == (ask(QUESTION, mill).text, None)
    drafts = [one.written for one in grown[1:] if one.written]
    assert [len(one.sentences) for one in drafts] == sorted(len(one.sentences) for one in drafts)
    assert [one.stage.name for one in drafts if one.stage.name == "reading"]
    assert drafts[-1].stage == Stage("")
    assert len(drafts[-1].sentences) == 2


def test_stopping_ends_the_thread_and_nothing_more_comes(mill: Index) -> None:
    model, stop = Scripted(f"{FLOUR} [1] ", "It closed in 1911. ", "It burned."), Stop()
    model.go_on.clear()
    growing = answers(QUESTION, mill, generator=model, stop=stop)
    while not model.writing.is_set():
        next(growing)
    stop.press()
    assert list(growing) == []
    joined()


def test_leaving_ends_the_thread(mill: Index) -> None:
    model = Scripted(f"{FLOUR} [1] ", "It closed in 1911. ", "It burned.")
    model.go_on.clear()
    growing = answers(QUESTION, mill, generator=model)
    while not model.writing.is_set():
        next(growing)
    growing.close()  # type: ignore[attr-defined]
    joined()


def joined() -> None:
    """Waits for the threads that write to end."""
    for thread in threading.enumerate():
        if thread.name == "footnoted-writing":
            thread.join(60)
            assert not thread.is_alive()


def test_two_questions_at_once_wait_for_each_other(mill: Index) -> None:
    model = Scripted(f"{FLOUR} [1]")
    model.go_on.clear()
    first, second = answers(QUESTION, mill, generator=model), answers(QUESTION, mill, generator=model)
    while not model.writing.is_set():
        next(first)
    next(second)
    waiting = next(second).written
    assert waiting is not None
    assert waiting.stage == Stage("waiting", ahead=1)
    model.go_on.set()
    *_, done = first
    *_, done_too = second
    assert done.written is not None
    assert done_too.written is not None
    assert done.written.text == done_too.written.text


class Broken(Scripted):
    """A model that fails in the middle."""

    def __init__(self, problem: Exception) -> None:
        super().__init__(f"{FLOUR} [1] It ")
        self.problem = problem

    def write(
        self, messages: Sequence[Message], most_tokens: int, take: Callable[[str], None], tell: Tell, stop: Stop
    ) -> Usage:
        super().write(messages, most_tokens, take, tell, stop)
        raise self.problem


def test_a_model_that_fails_in_the_middle_is_named_and_nothing_of_it_is_kept(mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=Broken(GeneratorError("The model stopped.")))
    assert (answer.written, answer.generator) == (None, None)
    assert answer.skipped == (f"generation: The model stopped. {INSTEAD}",)
    assert answer.citations == ask(QUESTION, mill).citations


def test_a_bug_in_the_thread_keeps_its_traceback(mill: Index) -> None:
    with pytest.raises(ZeroDivisionError):
        ask(QUESTION, mill, generator=Broken(ZeroDivisionError()))
