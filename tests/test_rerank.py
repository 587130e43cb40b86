"""A cross-encoder puts the passages in order: a real one, so small that what it prefers is known.

It is made by the tests: word pieces are letters, nothing attends to anything, and its one number rises with the letter
"z", which stands in no article but those that it is to prefer.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from safetensors.torch import load_file, save_file

from app.cli import main
from app.generators import Models
from app.server import load_cross_encoders
from index import build, open_index
from index.errors import ModelError, RerankerError
from index.models import find_model
from index.opened import Index
from index.sentences import Sentence
from rag import ask, retrieve
from rag.evidence import Told
from rag.generation import Stop
from rag.rerank import TRIED, Reranker

ROOT = Path(__file__).resolve().parent.parent

MAKE = """
import string, sys
from pathlib import Path
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
from sentence_transformers import CrossEncoder, SentenceTransformer

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
CrossEncoder(str(folder / "1"), local_files_only=True).save_pretrained(str(folder / "saved"))
SentenceTransformer(str(folder / "bert"), local_files_only=True).save_pretrained(str(folder / "sentences"))
"""

MILLS = {
    "near": "The mill by the river grinds flour for the bakers of the town.",
    "far": "Zazz zizz: the puzzle of the wizard dazzles the citizens of a frozen bazaar by a river.",
    "middle": "A mill stands by the river, and nobody knows since when.",
}
QUESTION = "What does the mill by the river grind?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders "1" (the reranker), "saved" (the same as sentence-transformers saves it), and others that are none.

    "3" has three numbers for a pair, "bert" no head, "sentences" is a SentenceTransformer.
    """
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


def test_a_reranker_is_loaded_once_by_any_spelling_and_any_thread(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(models, tmp_path)
    monkeypatch.chdir(tmp_path)
    spellings = [folder, str(folder), Path(folder.name), str(folder / ".." / folder.name)] * 2
    with ThreadPoolExecutor(len(spellings)) as threads:
        assert len(set(threads.map(Reranker.open, spellings))) == 1


def test_a_name_is_found_in_the_local_hugging_face_cache(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mills: Index
) -> None:
    repository = tmp_path / "models--someone--z"
    shutil.copytree(models / "1", repository / "snapshots" / "0123abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    expected = retrieve(QUESTION, 3, mills, reranker=models / "1")
    assert retrieve(QUESTION, 3, mills, reranker="someone/z") == expected


def test_one_that_sentence_transformers_saved_scores_the_same(mills: Index, models: Path) -> None:
    expected = retrieve(QUESTION, 3, mills, reranker=models / "1")
    assert retrieve(QUESTION, 3, mills, reranker=models / "saved") == expected


def copied(models: Path, tmp_path: Path) -> Path:
    """A copy of the reranker that a test may spoil."""
    return Path(shutil.copytree(models / "1", tmp_path / "copied"))


def parts_of(reranker: Reranker, question: str, title: str, *sentences: str) -> list[str]:
    """What the model is given of a chunk; each part must fit in what it reads."""
    told = [Told(Sentence(0, 1, 0), sentence, (), 0.0, 0.0, ()) for sentence in sentences]
    parts = list(reranker._parts(title, told, reranker._room(question)))
    lengths = [len(reranker._model.tokenizer(question, part, truncation=False)["input_ids"]) for part in parts]
    assert max(lengths) <= reranker.max_tokens == 256
    return parts


def test_parts_are_runs_of_whole_sentences_under_the_title_each_once(models: Path) -> None:
    title = "A history of the mill by the river and of its millers"
    sentences = [f"Sentence {'abcdefghijklmno'[number]} of the mill by the river." for number in range(15)]
    parts = parts_of(Reranker.open(models / "1"), QUESTION, title, *sentences)
    assert len(parts) > 1
    assert " ".join(part.removeprefix(f"{title}\n") for part in parts) == " ".join(sentences)
    assert all(part.endswith(" by the river.") for part in parts)
    assert all(part.startswith(f"{title}\n") for part in parts)


def test_a_title_that_would_crowd_the_words_out_is_left_out(models: Path) -> None:
    assert parts_of(Reranker.open(models / "1"), QUESTION, "word " * 30, "It grinds.") == ["It grinds."]


def test_a_sentence_longer_than_the_model_reads_is_read_to_its_end_in_parts(models: Path) -> None:
    reranker = Reranker.open(models / "1")
    long = "the mill by the river grinds flour " * 20 + "puzzling wizards"
    parts = parts_of(reranker, QUESTION, "", long)
    assert len(parts) > 1
    assert " ".join(parts) == long
    assert "".join(parts_of(reranker, QUESTION, "", "x" * 900)) == "x" * 900


def test_a_question_that_leaves_no_room_for_a_passage_is_answered_without(mills: Index, models: Path) -> None:
    question = f"{QUESTION} {'And since when has it done so? ' * 5}"
    answer = ask(question, mills, reranker=models / "1")
    assert answer.skipped == (
        f"reranking: The question is 151 word pieces long, and the reranker {models / '1'} reads 256 of question and "
        "passage together. Ask it shorter, or leave the reranker out.",
    )
    assert answer.passages == ask(question, mills).passages


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
    if kind == "saved as another":
        sentence = f"{folder / 'sentences'} is no reranker: it was saved as a SentenceTransformer. {TRIED}"
        return str(folder / "sentences"), sentence
    embedder = find_model().folder
    return str(embedder), f"{embedder} is no reranker: its config.json names BertModel. {TRIED}"


@pytest.mark.parametrize(
    "kind", ["nowhere", "without a head", "three numbers", "saved as another", "an embedding model"]
)
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


def spoil(folder: Path, spoiling: Callable[[dict[str, Any]], object]) -> Path:
    """The folder with other weights."""
    weights = load_file(folder / "model.safetensors")
    spoiling(weights)
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    return folder


def test_a_head_that_is_not_in_the_weights_is_not_made_up(models: Path, tmp_path: Path) -> None:
    folder = spoil(copied(models, tmp_path), lambda weights: weights.pop("classifier.weight"))
    with pytest.raises(RerankerError) as error:
        Reranker.open(folder)
    assert str(error.value) == f"The reranker {folder} is damaged: its weights lack classifier.weight. {TRIED}"


def test_one_that_gives_no_number_is_damaged(mills: Index, models: Path, tmp_path: Path) -> None:
    folder = spoil(copied(models, tmp_path), lambda weights: weights["classifier.bias"].fill_(float("nan")))
    answer = ask(QUESTION, mills, reranker=folder)
    assert answer.skipped == (
        f"reranking: The reranker {folder} is damaged: what it gives for a pair is no number. {TRIED}",
    )
    assert answer.passages == ask(QUESTION, mills).passages


def test_one_that_is_repaired_works_without_a_new_start(mills: Index, models: Path, tmp_path: Path) -> None:
    folder = spoil(copied(models, tmp_path), lambda weights: weights.pop("classifier.weight"))
    assert ask(QUESTION, mills, reranker=folder).skipped != ()
    shutil.copy(models / "1" / "model.safetensors", folder)
    assert ask(QUESTION, mills, reranker=folder).skipped == ()


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


def test_evaluate_measures_the_new_order_or_ends_before_anything_is_indexed(
    mills: Index, models: Path, tmp_path: Path
) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "1", "question": QUESTION, "doc": "near.txt", "quotes": [MILLS["near"]]}))
    command = ["evaluate", str(questions), "--json", "--index", str(mills.path)]
    ranks = [
        json.loads(CliRunner().invoke(main, [*command, *more]).stdout)["results"][0]["passage_rank"]
        for more in ([], ["--reranker", str(models / "1")])
    ]
    assert ranks[0] == 1
    assert ranks[1] > 1
    ended = CliRunner().invoke(main, [*command, "--docs", str(tmp_path / "none"), "--reranker", str(models / "bert")])
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == f"footnoted: {missing(models, 'without a head')[1]}\n"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports
def test_the_page_answers_in_the_new_order_or_says_why_not(mills: Index, models: Path) -> None:
    from app.asking import Asking
    from app.store import Store

    def shown(reranker: Path) -> str:
        asking = Asking(mills.path, Store(mills.path), Models(reranker=str(reranker)))
        *_, last = asking._answered(QUESTION, {}, [], Stop())
        return last.turn.shown

    assert "reranking" not in shown(models / "1")
    assert "- reranking: " in shown(models / "bert")


def test_the_page_loads_it_when_it_starts_or_says_why_not(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_cross_encoders(Models(reranker=str(models / "1")))
    load_cross_encoders(Models(reranker=str(models / "bert")))
    assert capsys.readouterr().err == f"footnoted: reranking: {missing(models, 'without a head')[1]}\n"


def test_nobody_who_did_not_ask_for_one_pays_for_pytorch(mills: Index) -> None:
    code = "import sys; from rag import ask; ask('mill', sys.argv[1]); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(mills.path)], cwd=ROOT, capture_output=True)
    assert done.returncode == 0
