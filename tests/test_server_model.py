"""A model on a server: a real one over HTTP, and one that misbehaves in every way a server can."""

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.errors import UsageError
from index.opened import Index
from rag.answer import INSTEAD, answers, ask
from rag.generation import Stop
from rag.server import ServerModel
from tests.browser import SEEDS
from tests.rude_server import GOOD, RudeServer, rude_server

QUESTION = "Since when has the mill ground flour?"


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Index:
    build(articles(mill=GOOD), tmp_path / "index")
    return open_index(tmp_path / "index")


@pytest.fixture
def rude() -> Iterator[RudeServer]:
    with rude_server() as server:
        yield server


@pytest.fixture(scope="module")
def llama(small_file: Path) -> Any:
    """llama.cpp's own server, with the small model; it listens as long as this lives."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(small_file)
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.n_batch = parameters.n_ubatch = 128
    parameters.verbosity = -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(parameters)


def test_a_real_server_writes_an_answer_with_a_footnote_at_the_exact_words(llama: Any, mill: Index) -> None:
    model = ServerModel(f"{llama.listening_address}/v1", "any")
    answer = ask(QUESTION, mill, generator=model)
    assert answer.skipped == ()
    assert answer.written is not None
    assert answer.written.refused is False
    assert {one.quote for one in answer.citations} == {GOOD}
    assert answer.generator == f"any at {llama.listening_address.removeprefix('http://')}"
    assert answer.written.tokens > 0
    assert model.window == 2048


def test_the_estimate_of_the_prompt_is_on_the_safe_side(llama: Any) -> None:
    article = (SEEDS / "001_963e728015908ae9.txt").read_text("utf-8")[:4000]
    model = ServerModel(f"{llama.listening_address}/v1", "any", window=4096)
    task = [{"role": "user", "content": article}]
    model.prepare(lambda stage: None, Stop())
    usage = model.write(task, 1, lambda text: None, lambda stage: None, Stop())
    assert 0.5 * model.count(task) < usage.prompt_tokens <= model.count(task)


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("slow", "did not answer within 0.5 seconds."),
        ("slow_later", "did not answer within 0.5 seconds."),
        ("cut", "stopped in the middle of the answer."),
        ("short", "stopped in the middle of the answer."),
        ("rubbish", "answered with nothing that can be read as an answer."),
        ("garbled", "answered with nothing that can be read as an answer."),
        ("odd", "answered with nothing that can be read as an answer."),
        ("missing", "refuses the question (status 404): model 'missing' not found."),
        ("locked", "wants a key. Put it into the environment: FOOTNOTED_API_KEY"),
        ("moved", "sends elsewhere (307), which is not followed. Give the address that it sends to."),
        (
            "truncating",
            "read 30 of about {counted} tokens: its window is too small and it cut the passages off. Give the model "
            "a larger one (for Ollama: OLLAMA_CONTEXT_LENGTH=8192).",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_the_quotes_are_shown(
    behaviour: str, sentence: str, rude: RudeServer, mill: Index
) -> None:
    answer = ask(QUESTION, mill, generator=ServerModel(rude.url, behaviour, silence_s=0.5))
    beginning = f"generation: {behaviour} at {rude.url.removeprefix('http://').removesuffix('/v1')} "
    counted = answer.skipped[0].partition("of about ")[2].partition(" ")[0]
    assert answer.skipped == (f"{beginning}{sentence.format(counted=counted)} {INSTEAD}",)
    assert (answer.written, answer.generator) == (None, None)
    assert answer.text == ask(QUESTION, mill).text


def test_a_server_that_is_down_is_a_sentence(mill: Index) -> None:
    with rude_server() as gone:
        url = gone.url
    answer = ask(QUESTION, mill, generator=ServerModel(url, "good"))
    address = url.removeprefix("http://").removesuffix("/v1")
    assert answer.skipped == (f"generation: good at {address} cannot be reached. Is the server running? {INSTEAD}",)


def test_the_same_model_answers_once_its_server_is_well_again(rude: RudeServer, mill: Index) -> None:
    model = ServerModel(rude.url, "cut")
    assert ask(QUESTION, mill, generator=model).written is None
    model.model = "good"
    answer = ask(QUESTION, mill, generator=model)
    assert answer.written is not None
    assert answer.written.text == f"{GOOD} [1]"


def test_a_server_that_never_ends_is_hung_up_on(rude: RudeServer, mill: Index) -> None:
    answer = ask(QUESTION, mill, generator=ServerModel(rude.url, "endless"))
    assert answer.written is not None
    assert rude.gone.wait(60)


@pytest.mark.parametrize("behaviour", ["slow", "slow_later", "endless"])
def test_stopping_hangs_up_at_once(behaviour: str, rude: RudeServer, mill: Index) -> None:
    """The silence that is allowed is longer than the test may take."""
    stop, growing = Stop(), None
    growing = answers(QUESTION, mill, generator=ServerModel(rude.url, behaviour, silence_s=600), stop=stop)
    timer = threading.Timer(0.3, stop.press)
    timer.start()
    *_, last = growing
    timer.join()
    assert last.written is not None
    for thread in threading.enumerate():
        if thread.name == "footnoted-writing":
            thread.join(60)
            assert not thread.is_alive()


def test_a_question_is_asked_with_temperature_0_and_a_fixed_seed(rude: RudeServer, mill: Index) -> None:
    ask(QUESTION, mill, generator=ServerModel(rude.url, "good"))
    _, asked = rude.asked[-1]
    assert (asked["temperature"], asked["seed"], asked["max_tokens"], asked["stream"]) == (0, 1, 400, True)
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]


@pytest.mark.parametrize(
    ("variables", "key"),
    [
        ({}, "none"),
        ({"OPENAI_API_KEY": "sk-one"}, "sk-one"),
        ({"OPENAI_API_KEY": "sk-one", "FOOTNOTED_API_KEY": "sk-two"}, "sk-two"),
    ],
)
def test_the_key_comes_from_the_environment_and_is_not_logged(
    variables: dict[str, str], key: str, rude: RudeServer, mill: Index, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    for name in ("OPENAI_API_KEY", "FOOTNOTED_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with caplog.at_level(logging.DEBUG):
        good = ask(QUESTION, mill, generator=ServerModel(rude.url, "good"))
        bad = ask(QUESTION, mill, generator=ServerModel(rude.url, "locked"))
    headers, _ = rude.asked[0]
    assert headers["authorization"] == f"Bearer {key}"
    for secret in variables.values():
        assert secret not in caplog.text
        assert secret not in repr((good, bad))
    assert "sk-secret" not in repr(bad)


def test_no_proxy_of_the_environment_gets_to_see_the_passages(
    rude: RudeServer, mill: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rude_server() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        answer = ask(QUESTION, mill, generator=ServerModel(rude.url, "good"))
        assert (answer.skipped, len(rude.asked), proxy.asked) == ((), 1, [])


@pytest.mark.parametrize("host", ["192.0.2.1", "0.0.0.0", "[2001:db8::1]", "169.254.1.1", "nowhere.invalid"])
def test_another_machine_is_refused_unless_it_is_allowed(host: str) -> None:
    with pytest.raises(UsageError) as refused:
        ServerModel(f"http://{host}:11434/v1", "any")
    assert str(refused.value) == (
        f"{host.strip('[]')} is not this machine: the question and passages of the documents would be sent there. "
        "If that is wanted: --allow-remote"
    )
    assert ServerModel(f"http://{host}:11434/v1", "any", allow_remote=True).name == f"any at {host}:11434"


def test_a_name_that_has_come_to_lead_elsewhere_is_refused_too(
    rude: RudeServer, mill: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ServerModel(rude.url, "good")
    monkeypatch.setattr("rag.server._is_this_machine", lambda host: False)
    with pytest.raises(UsageError, match="is not this machine"):
        ask(QUESTION, mill, generator=model)
    assert rude.asked == []


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:11434", "ftp://127.0.0.1/v1", "http://", "http://127.0.0.1:0", "http://a:70000"]
)
def test_what_is_no_address_is_a_sentence(url: str) -> None:
    with pytest.raises(UsageError, match=r"is no address of a server\. One looks like this: http://127"):
        ServerModel(url, "any")


def test_a_password_in_the_address_is_not_shown() -> None:
    assert ServerModel("http://user:secret@127.0.0.1:1/v1", "any").name == "any at 127.0.0.1:1"
