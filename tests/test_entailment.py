"""A model for inference judges what another wrote, or is named where it cannot: small ones with a known verdict."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.cli import main
from app.generators import Models, models_of
from app.server import load_cross_encoders
from index import build, open_index
from index.errors import NliError
from index.opened import Index
from rag.answer import INSTEAD, ask
from rag.entailment import CONTRADICTION, ENTAILMENT, TRIED, NliModel
from rag.generation import Stop
from rag.support import VERDICT
from tests.scripted import Scripted

MILL = "The mill by the river has ground flour since 1820. Its wheel was made of oak by Anna Hale."
QUESTION = "Since when has the mill ground flour?"
WHEEL = "Its wheel was made of oak by Anna Hale."
THREE = ["contradiction", "neutral", "entailment"]


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Index:
    build(articles(mill=MILL, choir="Forty children sang a psalm in the old church."), tmp_path / "index")
    return open_index(tmp_path / "index")


def small_cross_encoder(folder: Path, labels: Sequence[str], words: Sequence[str] = ("forty", "children")) -> Path:
    """A CrossEncoder with weights at random whose verdict is always the last label."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", *words, "."]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    tokenizer: Any = BertTokenizer(str(folder / "vocab.txt"))
    tokenizer.save_pretrained(folder)
    names = dict(enumerate(labels))
    config: Any = BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        id2label=names, label2id={name: place for place, name in names.items()},
    )  # fmt: skip
    model: Any = BertForSequenceClassification(config)
    bias = model.classifier.bias.data
    bias[:] = 0.0
    bias[-1] = 100.0
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def judges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders "agrees", "denies", and "mood", which has other labels."""
    folder = tmp_path_factory.mktemp("judges")
    small_cross_encoder(folder / "agrees", THREE)
    small_cross_encoder(folder / "denies", THREE[::-1])
    small_cross_encoder(folder / "mood", ["good", "bad"])
    small_cross_encoder(folder / "three", ["good", "bad", "neutral"])
    return folder


def test_a_cross_encoder_is_loaded_and_gives_its_label(judges: Path) -> None:
    assert NliModel.open(judges / "agrees").verdict("Forty children sang.", "Children sang.") == ENTAILMENT
    assert NliModel.open(judges / "denies").verdict("Forty children sang.", "Children sang.") == CONTRADICTION


def test_what_is_longer_than_it_reads_is_judged_by_what_it_reads(judges: Path) -> None:
    assert NliModel.open(judges / "agrees").verdict("Forty children sang. " * 400, "Children sang.") == ENTAILMENT


def test_it_is_loaded_once_by_any_spelling(judges: Path) -> None:
    assert NliModel.open(judges / "agrees") is NliModel.open(f"{judges}/../{judges.name}/agrees")


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("mood", "The model for inference {} gives 2 numbers for a pair, not three."),
        ("three", "The model for inference {} has the labels good, bad, neutral, not entailment, neutral and"),
        ("nowhere", "There is no model for inference {}: it is neither a folder nor in the local Hugging Face cache,"),
    ],
)
def test_one_that_cannot_judge_is_one_sentence(model: str, sentence: str, judges: Path) -> None:
    with pytest.raises(NliError) as error:
        NliModel.open(judges / model)
    assert str(error.value).startswith(sentence.format(judges / model))
    assert str(error.value).endswith(TRIED)


def test_what_it_does_not_find_entailed_is_struck(mill: Index, judges: Path) -> None:
    agreed = ask(QUESTION, mill, generator=Scripted(WHEEL), nli=judges / "agrees").written
    assert agreed is not None
    assert agreed.sentences[0].supported
    denied = ask(QUESTION, mill, generator=Scripted(WHEEL), nli=str(judges / "denies"))
    assert denied.written is not None
    assert denied.written.refused
    assert denied.written.sentences[0].problems == (VERDICT,)
    assert denied.skipped == ()
    assert denied.text == ask(QUESTION, mill).text


def test_where_it_is_missing_the_rules_check_alone_and_the_answer_says_so(mill: Index, judges: Path) -> None:
    answer = ask(QUESTION, mill, generator=Scripted(WHEEL), nli=judges / "nowhere")
    assert answer.written is not None
    assert answer.written.sentences[0].supported
    (skipped,) = answer.skipped
    assert skipped.startswith(f"inference: There is no model for inference {judges / 'nowhere'}: ")


def test_one_that_fails_while_a_model_writes_leaves_the_quotes_and_is_named(mill: Index, tmp_path: Path) -> None:
    folder = small_cross_encoder(tmp_path / "short", THREE, words=("forty", "children", "wheel", "oak", "anna"))
    answer = ask(QUESTION, mill, generator=Scripted(WHEEL), nli=folder)  # its words are more than the model has
    assert (answer.written, answer.text) == (None, ask(QUESTION, mill).text)
    (skipped,) = answer.skipped
    assert skipped.startswith(f"inference: The model for inference {folder} does not run in sentence-transformers (")
    assert skipped.endswith(INSTEAD)


def test_nobody_is_asked_where_no_model_writes(mill: Index, judges: Path) -> None:
    assert ask(QUESTION, mill, nli=judges / "nowhere").skipped == ()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports
def test_the_page_asks_it_and_says_where_it_is_missing(mill: Index, judges: Path) -> None:
    from app.asking import Asking
    from app.store import Store

    def shown(nli: str) -> str:
        asking = Asking(mill.path, Store(mill.path), Models((Scripted(WHEEL),), nli=str(judges / nli)))
        *_, last = asking._answered(QUESTION, {}, [], Stop())
        return last.turn.shown

    assert f"~~{WHEEL}~~" not in shown("agrees")
    assert f"~~{WHEEL}~~" in shown("denies")
    assert "- inference: There is no model for inference" in shown("nowhere")


def test_the_page_loads_it_when_it_starts_or_says_why_not(judges: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_cross_encoders(Models(nli=str(judges / "agrees")))
    assert capsys.readouterr().err == ""
    load_cross_encoders(Models(nli=str(judges / "nowhere")))
    assert capsys.readouterr().err.startswith("footnoted: inference: There is no model for inference ")


def test_ask_takes_one_model_and_the_page_several(mill: Index) -> None:
    files = [part for name in ("a.gguf", "b.gguf") for part in ("--model-file", name)]
    ended = CliRunner().invoke(main, ["ask", QUESTION, *files, "--index", str(mill.path)])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("footnoted: One model writes an answer: give one. ")
    models = models_of((), "http://127.0.0.1:9/v1", ("a", "b", "a"), False, False, None, None)
    assert [one.name for one in models.generators] == list(models.names)
    assert len(models.names) == 2
    assert [models.writer(place) for place in (1, 2, 3, None)] == [*models.generators, models.generators[0], None]


@pytest.mark.parametrize("option", [["--strict"], ["--nli", "folder"]])
@pytest.mark.parametrize("command", [["ask", QUESTION], ["chat"]])
def test_without_a_model_that_writes_there_is_nothing_to_judge(command: Sequence[str], option: Sequence[str]) -> None:
    ended = CliRunner().invoke(main, [*command, *option, "--index", os.devnull])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == (
        "footnoted: --strict and --nli are about what a model writes: give --model-file or --server, too.\n"
    )
