"""A real model file, run in this process by llama.cpp."""

import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from index import build, open_index
from index.errors import GeneratorError
from index.opened import Index
from rag.answer import ask
from rag.generation import Stage, Stop, Stopped, measured
from rag.gguf import GgufModel
from rag.passages import retrieve
from rag.prompt import Message, fitted, messages_for
from rag.writing import written

MILL = "The mill by the river has ground flour since 1820."
QUESTION = "Since when has the mill ground flour?"
LONG = [{"role": "user", "content": "The mill by the river has ground flour. " * 150}]


def ignore(_: object) -> None:
    """For what a test does not look at."""


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Index:
    build(articles(mill=MILL), tmp_path / "index")
    return open_index(tmp_path / "index")


@pytest.fixture
def loaded(small_model: GgufModel) -> GgufModel:
    small_model.prepare(ignore, Stop())
    return small_model


def said(model: GgufModel, messages: list[Message], most_tokens: int = 24) -> str:
    pieces: list[str] = []
    model.write(messages, most_tokens, pieces.append, ignore, Stop())
    return "".join(pieces)


def test_the_real_model_answers_with_a_footnote_at_the_exact_words(mill: Index, small_model: GgufModel) -> None:
    answer = ask(QUESTION, mill, generator=small_model)
    assert (answer.skipped, answer.generator) == ((), small_model.file.path.stem)
    assert answer.written is not None
    assert answer.written.refused is False
    assert [answer.citations[(one.citation or 0) - 1].quote for one in answer.written.sentences if one.supported]
    assert all(one.quote == MILL[one.start : one.end] for one in answer.citations)
    assert answer.written.tokens > 0
    assert answer.written.tokens_per_second > 0


def test_the_same_question_has_the_same_answer_whatever_was_asked_between(mill: Index, loaded: GgufModel) -> None:
    first = ask(QUESTION, mill, generator=loaded).written
    said(loaded, [{"role": "user", "content": "Tell me about whales."}])
    again = ask(QUESTION, mill, generator=loaded).written
    assert first is not None
    assert again is not None
    assert (again.text, again.sentences, again.tokens) == (first.text, first.sentences, first.tokens)


def test_the_prompt_is_counted_as_the_model_reads_it(mill: Index, loaded: GgufModel) -> None:
    prompt = fitted(QUESTION, retrieve(QUESTION, 3, mill), loaded.window, loaded.count)
    usage = loaded.write(prompt.messages, 1, ignore, ignore, Stop())
    assert prompt.tokens == usage.prompt_tokens


def test_what_a_model_knows_by_heart_is_refused(seeds_index: Path, loaded: GgufModel) -> None:
    """Past the refusal that comes first, so that the model is really asked."""
    question, index = "What is the capital of France? Answer with one word.", open_index(seeds_index)
    assert "Paris" in said(loaded, [{"role": "user", "content": question}])
    *_, (draft, citations) = written(question, retrieve(question, 2, index), index, loaded)
    assert (draft.refused, draft.supported_share, citations) == (True, 0.0, ())


def test_a_token_of_the_template_in_a_document_is_text(mill: Index, loaded: GgufModel) -> None:
    """The model's own reading of the raw text is a token; of what the prompt makes of it, letters."""
    raw: list[Message] = [{"role": "user", "content": "<|im_end|>"}]
    plain: list[Message] = [{"role": "user", "content": "‹|im_end|›"}]
    empty = loaded.count([{"role": "user", "content": ""}])
    assert loaded.count(raw) - empty == 1
    assert loaded.count(plain) - empty > 3
    passage = retrieve(QUESTION, 1, mill)[0]
    assert "<|im_end|>" not in messages_for("<|im_end|>", [passage])[1]["content"]


def test_loading_tells_how_far_it_is_and_can_be_given_up(small_file: Path) -> None:
    stop, told = Stop(), list[Stage]()

    def tell(stage: Stage) -> None:
        told.append(stage)
        if len(told) == 3:
            stop.press()

    model = GgufModel(small_file)
    with pytest.raises(Stopped):
        model.prepare(tell, stop)
    assert [stage.name for stage in told] == ["loading"] * 3
    assert 0 < told[0].done < told[1].done < told[2].done < 1


def test_reading_tells_how_far_it_is_and_can_be_given_up(loaded: GgufModel) -> None:
    stop, told, taken = Stop(), list[Stage](), list[str]()

    def tell(stage: Stage) -> None:
        told.append(stage)
        if stage.done > 0:
            stop.press()

    with pytest.raises(Stopped):
        loaded.write(LONG, 10, taken.append, tell, stop)
    assert taken == []
    assert 0 < told[-1].done < 0.5


def test_writing_can_be_given_up_and_the_model_goes_on_with_the_next(loaded: GgufModel) -> None:
    stop, taken = Stop(), list[str]()

    def take(text: str) -> None:
        taken.append(text)
        stop.press()

    task: list[Message] = [{"role": "user", "content": "Tell me a long story."}]
    with pytest.raises(Stopped):
        loaded.write(task, 200, take, ignore, stop)
    assert len(taken) == 1
    assert said(loaded, task).startswith(taken[0])


def test_nobody_else_can_use_the_model(loaded: GgufModel) -> None:
    """llama.cpp listens on this machine; without the key that only this process knows it does nothing."""
    address = loaded._server.listening_address
    assert address.startswith("http://127.0.0.1:")
    for path in ("/props", "/v1/chat/completions", "/slots"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(address + path)
        refused.value.close()
        assert refused.value.code == 401


def test_a_model_without_its_end_is_a_sentence(small_file: Path, tmp_path: Path, mill: Index) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(small_file.read_bytes()[:5_000_000])
    answer = ask(QUESTION, mill, generator=GgufModel(cut))
    assert answer.written is None
    assert answer.skipped == (
        f"generation: {cut} cannot be loaded: it is damaged, of a kind that llama.cpp does not know, or too large for "
        "the memory (5 MB). Shown instead: the documents' own words.",
    )


def test_what_is_no_model_is_found_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"no model")
    with pytest.raises(GeneratorError, match=r"a\.gguf is no whole GGUF model file"):
        GgufModel(tmp_path / "a.gguf")
    with pytest.raises(GeneratorError, match=r"b\.gguf cannot be read: No such file"):
        GgufModel(tmp_path / "b.gguf")


def test_a_window_is_never_larger_than_the_models_own(small_file: Path) -> None:
    assert GgufModel(small_file, window=100_000).window == 8192
    assert GgufModel(small_file).window == 4096


def test_it_is_measured(loaded: GgufModel) -> None:
    figures = measured(loaded)
    assert (figures.name, figures.window) == (loaded.name, 4096)
    assert figures.tokens_per_second > 0
    assert figures.megabytes is None or figures.megabytes > 0


def test_leaving_while_it_writes_ends_the_thread(seeds_index: Path, small_model: GgufModel) -> None:
    question, index = "How many offices does the DEA have around the world?", open_index(seeds_index)
    writing = written(question, retrieve(question, 5, index), index, small_model)
    for draft, _ in writing:
        if draft.stage.name == "reading":
            break
    writing.close()  # type: ignore[attr-defined]
    for thread in threading.enumerate():
        if thread.name == "footnoted-writing":
            thread.join(60)
            assert not thread.is_alive()
