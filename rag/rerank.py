"""Passages put in order by a cross-encoder, which reads question and passage together: better, and much slower.

Any CrossEncoder of sentence-transformers that gives one number for a pair, from a folder or from the local Hugging Face
cache; nothing is fetched. It runs on PyTorch, which is imported when a reranker is asked for and not before.
"""

import json
import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from index.errors import RerankerError
from index.folders import expanded
from rag.evidence import Evidence, Told

BATCH = 16

QUESTION_SHARE = 2
"""A question may take one part in this many of what the model reads; the rest is for the passage."""

TITLE_SHARE = 4
"""A title may take one part in this many, and is left out where it is longer: it must not crowd the passage out."""

UNTOLD_TOKENS = 512
"""What a model that does not say it is taken to read, as most of them do."""

TRIED = "Give --reranker the folder of a sentence-transformers CrossEncoder, or leave it out."

_opened: dict[Path, "Reranker"] = {}
_opening = Lock()


class Reranker:
    """A cross-encoder, ready to score; several threads may call it at once, one is served at a time."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model
        self._lock = Lock()

    @classmethod
    def open(cls, model: "str | Path | Reranker") -> "Reranker":
        """The reranker in a folder, or under a name in the local Hugging Face cache; loaded once per process.

        Raises RerankerError where it is not on this machine, or is no model that scores a pair.
        """
        if isinstance(model, Reranker):
            return model
        folder = _folder(str(model)).resolve()
        with _opening:  # threads that ask at once wait for one that loads
            if folder not in _opened:
                _opened[folder] = _loaded(str(model), folder)
            return _opened[folder]

    def scores(
        self, question: str, evidence: Mapping[int, Evidence], titles: Mapping[int, str | None]
    ) -> dict[int, float]:
        """Chunk -> how well it answers, 0..1: of a chunk longer than the model reads, the best part of whole sentences.

        titles: chunk -> the title of its document, which stands before each part.
        Raises RerankerError where the question leaves no room for a passage, or the model gives no number.
        """
        pairs, of_chunk = [], []
        with self._lock:
            room = self._room(question)
            for chunk, one in evidence.items():
                for part in self._parts(titles.get(chunk) or "", one.told, room):
                    pairs.append((question, part))
                    of_chunk.append(chunk)
            scores = self._predicted(pairs)
        best: dict[int, float] = {}
        for chunk, score in zip(of_chunk, scores, strict=True):
            best[chunk] = max(best.get(chunk, 0.0), score)
        return best

    @property
    def max_tokens(self) -> int:
        """How many word pieces the model reads, of question and passage together."""
        limit: int | None = self._model.max_seq_length
        return limit or UNTOLD_TOKENS

    def _predicted(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        try:
            scores: list[float] = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False).tolist()
        except (RuntimeError, ValueError, IndexError) as error:  # as of a tokenizer with more words than the model
            raise _unusable(self.name, error) from error
        if not all(map(math.isfinite, scores)):
            raise RerankerError(f"The reranker {self.name} is damaged: what it gives for a pair is no number. {TRIED}")
        return scores

    def _room(self, question: str) -> int:
        """How many word pieces are left beside the question, the model's prompt and the special tokens."""
        prompt = self._model.prompts.get(self._model.default_prompt_name)
        empty: int = self._model.preprocess([("", "")], prompt=prompt)["input_ids"].shape[-1]
        taken = empty + self._count(question)
        if taken > self.max_tokens // QUESTION_SHARE:
            raise RerankerError(
                f"The question is {self._count(question)} word pieces long, and the reranker {self.name} reads "
                f"{self.max_tokens} of question and passage together. Ask it shorter, or leave the reranker out."
            )
        return self.max_tokens - taken

    def _parts(self, title: str, told: Sequence[Told], room: int) -> Iterator[str]:
        """The sentences in runs that the model reads to the end, each under the title; at least one."""
        header = f"{title}\n" if title and self._count(title) < self.max_tokens // TITLE_SHARE else ""
        room -= self._count(header)
        run: list[str] = []
        length = 0
        for piece in (piece for one in told for piece in self._pieces(one.text, room)):
            count = self._count(piece) + 1  # a blank before it may be a word piece
            if run and length + count > room:
                yield header + " ".join(run)
                run, length = [], 0
            run.append(piece)
            length += count
        yield header + " ".join(run)

    def _pieces(self, text: str, room: int) -> Iterator[str]:
        """A sentence; or its halves, as often as it takes, cut at a blank where there is one."""
        if self._count(text) < room or len(text) < 2:
            yield text
            return
        middle = len(text) // 2
        border = max(text.rfind(" ", 1, middle), 0) or middle
        yield from self._pieces(text[:border], room)
        yield from self._pieces(text[border:].lstrip(" "), room)

    def _count(self, text: str) -> int:
        return len(self._model.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def _loaded(name: str, folder: Path) -> Reranker:
    _refuse_other_models(name, folder)
    try:
        model = load_cross_encoder(folder)
        score = model.predict([("a", "b")], show_progress_bar=False)
        made_up = _made_up(model, folder)
    except Exception as error:  # as many kinds as there are models
        raise _unusable(name, error) from error
    if score.shape != (1,):
        raise RerankerError(f"The reranker {name} gives {score.shape[-1]} numbers for a pair, not one. {TRIED}")
    if made_up:
        raise RerankerError(f"The reranker {name} is damaged: its weights lack {', '.join(made_up)}. {TRIED}")
    return Reranker(name, model)


def _made_up(model: Any, folder: Path) -> list[str]:
    """Weights of the head that no file of the folder holds: random numbers were put there in silence.

    Weights in a .bin file, as older models have them, are not looked into.
    """
    from safetensors import safe_open

    network, stored = model.transformers_model, set[str]()
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "np") as weights:
            stored.update(weights.keys())
    if not stored or network is None:
        return []
    encoder = f"{network.base_model_prefix}."
    head = [name for name, _ in network.named_parameters() if not name.startswith(encoder)]
    return sorted(set(head) - stored)


def _folder(name: str) -> Path:
    folder = expanded(name)
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download  # 0.2 s
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        raise RerankerError(
            f"There is no reranker {name}: it is neither a folder nor in the local Hugging Face cache, and footnoted "
            f"fetches nothing. {TRIED}"
        ) from None


def _refuse_other_models(name: str, folder: Path) -> None:
    """Raises RerankerError for a model without a head that scores: one of random numbers would be put on it."""
    try:
        kinds = json.loads((folder / "config.json").read_text("utf-8"))["architectures"]
        saved_as = _saved_as(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RerankerError(f"The reranker {name} cannot be read ({_in_a_line(error)}). {TRIED}") from error
    if saved_as not in ("", "CrossEncoder"):
        raise RerankerError(f"{name} is no reranker: it was saved as a {saved_as}. {TRIED}")
    if not saved_as and not any("SequenceClassification" in str(kind) for kind in kinds):
        raise RerankerError(f"{name} is no reranker: its config.json names {', '.join(map(str, kinds))}. {TRIED}")


def _saved_as(folder: Path) -> str:
    """The class that sentence-transformers saved a model as; "" where it does not say, as before version 5."""
    told = folder / "config_sentence_transformers.json"
    return str(json.loads(told.read_text("utf-8")).get("model_type", "")) if told.is_file() else ""


def load_cross_encoder(folder: Path) -> Any:
    """The CrossEncoder in a folder, without a look at the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    chatter: Any = transformers_logging  # not typed
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    model = CrossEncoder(str(folder), local_files_only=True, activation_fn=torch.nn.Sigmoid())
    return model.float().eval()


def _unusable(name: str, error: BaseException) -> RerankerError:
    return RerankerError(f"The reranker {name} does not run in sentence-transformers ({_in_a_line(error)}). {TRIED}")


def _in_a_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
