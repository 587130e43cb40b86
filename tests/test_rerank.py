"""A cross-encoder puts the passages in order: a real one, so small that what it prefers is known.

It is made by the tests: word pieces are letters, nothing attends to anything, and its one number rises with the letter
"z", which stands in no article but those that it is to prefer.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from index import build, open_index
from index.errors import ModelError
from index.models import find_model
from index.opened import Index
from rag import ask, retrieve
from rag.rerank import TRIED, Reranker

ROOT = Path(__file__).resolve().parent.parent

MAKE = """
import string, sys
from pathlib import Path
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
from sentence_transformers import CrossEncoder

folder = Path(sys.argv[1])
letters = list(string.ascii_lowercase)
pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *["##" + letter for letter in letters]]
tokenizer = BertTokenizerFast(vocab={piece: number for number, piece in enumerate(pieces)}, model_max_length=256)
for labels in (1, 3):
    config = BertConfig(vocab_size=len(pieces), hidden_size=16, num_hidden_layers=1, num_attention_heads=1,
                        intermediate_size=4, max_position_embeddings=256, num_labels=labels)
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.zero_()
        for name, weights in model.named_parameters():
            if "LayerNorm.weight" in name:
                weights.fill_(1.0)
        # a z is a vector of its own; attention averages over all pieces, and the head reads how much of it is z
        for piece in ("z", "##z"):
            model.bert.embeddings.word_embeddings.weight[pieces.index(piece), 0] = 4.0
        layer = model.bert.encoder.layer[0].attention
        layer.self.value.weight.copy_(torch.eye(16) * 8)
        layer.output.dense.weight.copy_(torch.eye(16))
        model.bert.pooler.dense.weight.copy_(torch.eye(16) * 0.3)
        model.classifier.weight[:, 0] = 3.0
    model.eval().save_pretrained(folder / str(labels))
    tokenizer.save_pretrained(folder / str(labels))
model.bert.save_pretrained(folder / "bert")
tokenizer.save_pretrained(folder / "bert")
"""

MILLS = {
    "near": "The mill by the river grinds flour for the bakers of the town.",
    "far": "Zazz zizz: the puzzle of the wizard dazzles the citizens of a frozen bazaar by a river.",
    "middle": "A mill stands by the river, and nobody knows since when.",
}
QUESTION = "What does the mill by the river grind?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders "1" (the reranker), "3" (with three numbers for a pair) and "bert" (without a head)."""
    folder = tmp_path_factory.mktemp("models")
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", MAKE, str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def mills(articles: Callable[..., Path], tmp_path: Path) -> Index:
    build(articles(**MILLS), tmp_path / "index")
    return open_index(tmp_path / "index")


def test_the_passages_come_in_the_order_of_the_reranker(mills: Index, models: Path) -> None:
    assert retrieve(QUESTION, 1, mills)[0].document == "near.txt"
    reranked = retrieve(QUESTION, 3, mills, reranker=models / "1")
    assert reranked[0].document == "far.txt"
    scores = [one.score for one in reranked]
    assert scores == sorted(scores, reverse=True)
    assert all(0.0 <= score <= 1.0 for score in scores)


def test_the_scores_are_those_of_sentence_transformers(mills: Index, models: Path) -> None:
    code = (
        "import json, sys, torch; from sentence_transformers import CrossEncoder;"
        "model = CrossEncoder(sys.argv[1], activation_fn=torch.nn.Sigmoid());"
        "print(json.dumps(model.predict(json.loads(sys.argv[2])).tolist()))"
    )
    pairs = [[QUESTION, text] for text in MILLS.values()]
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(models / "1"), json.dumps(pairs)],
        capture_output=True,
        text=True,
    )
    expected = dict(zip((f"{name}.txt" for name in MILLS), json.loads(told.stdout), strict=True))
    found = {one.document: one.score for one in retrieve(QUESTION, 3, mills, reranker=models / "1")}
    assert found == pytest.approx(expected, abs=1e-5)


def test_an_answer_says_how_long_reranking_took_and_skips_nothing(mills: Index, models: Path) -> None:
    answer = ask(QUESTION, mills, reranker=str(models / "1"))
    assert answer.passages[0].document == "far.txt"
    assert list(answer.timings_ms) == ["question vector", "search", "reranking", "quotes", "all"]
    assert answer.skipped == ()
    assert ask(QUESTION, mills, reranker=str(models / "1")).passages == answer.passages


def test_what_is_longer_than_the_model_reads_is_scored_by_its_best_part(
    articles: Callable[..., Path], tmp_path: Path, models: Path
) -> None:
    dull = " ".join(f"The mill by the river has ground flour for {n} years and sold it." for n in range(9))
    build(articles(long=f"{dull} Zazz zizz, puzzles the wizard of the frozen bazaar.", dull=dull), tmp_path / "index")
    first, second = retrieve(QUESTION, 2, tmp_path / "index", reranker=models / "1")
    assert (first.document, first.score > second.score + 0.01) == ("long.txt", True)


def test_several_threads_share_a_reranker(mills: Index, models: Path) -> None:
    alone = retrieve(QUESTION, 3, mills, reranker=models / "1")
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: retrieve(QUESTION, 3, mills, reranker=models / "1"), range(8))) == [alone] * 8


def test_a_reranker_is_loaded_once(models: Path) -> None:
    assert Reranker.open(models / "1") is Reranker.open(str(models / "1"))


def missing(folder: Path, kind: str) -> tuple[str, str]:
    """What is given for a reranker, and the sentence that refuses it."""
    if kind == "nowhere":
        name = "nobody/nothing-of-this-name"
        where = "it is neither a folder nor in the local Hugging Face cache, and footnoted fetches nothing"
        return name, f"There is no reranker {name}: {where}. {TRIED}"
    if kind == "without a head":
        return str(folder / "bert"), f"{folder / 'bert'} is no reranker: its config.json names BertModel. {TRIED}"
    if kind == "three numbers":
        return str(folder / "3"), f"The reranker {folder / '3'} gives 3 numbers for a pair, not one. {TRIED}"
    embedder = find_model().folder
    return str(embedder), f"{embedder} is no reranker: its config.json names BertModel. {TRIED}"


@pytest.mark.parametrize("kind", ["nowhere", "without a head", "three numbers", "an embedding model"])
def test_one_that_is_missing_or_another_kind_of_model_is_named_and_the_answer_comes_without_it(
    mills: Index, models: Path, kind: str
) -> None:
    name, sentence = missing(models, kind)
    with pytest.raises(ModelError) as error:
        retrieve(QUESTION, 3, mills, reranker=name)
    assert str(error.value) == sentence
    answer = ask(QUESTION, mills, reranker=name)
    assert answer.skipped == (f"reranking: {sentence}",)
    assert answer.passages == ask(QUESTION, mills).passages


@pytest.mark.parametrize(("file", "content"), [("config.json", "{"), ("model.safetensors", "no weights")])
def test_a_damaged_one_is_one_sentence(models: Path, tmp_path: Path, file: str, content: str) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for one in (models / "1").iterdir():
        (folder / one.name).write_bytes(content.encode() if one.name == file else one.read_bytes())
    with pytest.raises(ModelError) as error:
        Reranker.open(folder)
    assert str(error.value).startswith(f"The reranker {folder} ")
    assert str(error.value).endswith(TRIED)
    assert "\n" not in str(error.value)


def test_the_command_line_takes_a_reranker(mills: Index, models: Path) -> None:
    index = ["--index", str(mills.path)]
    found = CliRunner().invoke(main, ["search", QUESTION, "--json", "--reranker", str(models / "1"), *index])
    assert json.loads(found.stdout)[0]["document"] == "far.txt"
    without = CliRunner().invoke(main, ["search", QUESTION, "--reranker", "nobody/nothing", *index])
    assert (without.exit_code, without.stdout) == (1, "")
    assert without.stderr.startswith("footnoted: There is no reranker nobody/nothing")
    answered = CliRunner().invoke(main, ["ask", QUESTION, "--reranker", "nobody/nothing", *index])
    assert answered.exit_code == 0
    assert "footnoted: reranking: There is no reranker nobody/nothing" in answered.stderr


def test_nobody_who_did_not_ask_for_one_pays_for_pytorch(mills: Index) -> None:
    code = "import sys; from rag import ask; ask('mill', sys.argv[1]); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(mills.path)], cwd=ROOT, capture_output=True)
    assert done.returncode == 0
