"""Passages put in order by a cross-encoder, which reads question and passage together: better, and much slower.

Any CrossEncoder of sentence-transformers that gives one number for a pair, from a folder or from the local Hugging Face
cache; nothing is fetched. It runs on PyTorch, which is imported when a reranker is asked for and not before.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from index.errors import ModelError
from index.folders import expanded
from rag.evidence import Evidence, Told

BATCH = 16

TRIED = "Give --reranker the folder of a sentence-transformers CrossEncoder, or leave it out."


class Reranker:
    """A cross-encoder, ready to score; several threads may call it at once, one is served at a time."""

    def __init__(self, name: str, model: Any) -> None:
        self.name = name
        self._model = model
        self._lock = Lock()

    @classmethod
    def open(cls, model: "str | Path | Reranker") -> "Reranker":
        """The reranker in a folder, or under a name in the local Hugging Face cache; loaded once per process.

        Raises ModelError where it is not on this machine, or is no model that scores a pair.
        """
        return model if isinstance(model, Reranker) else _loaded(str(model))

    def scores(
        self, question: str, evidence: Mapping[int, Evidence], titles: Mapping[int, str | None]
    ) -> dict[int, float]:
        """Chunk -> how well it answers, 0..1: of a chunk longer than the model reads, the best part of whole sentences.

        titles: chunk -> the title of its document, which stands before each part.
        """
        pairs, of_chunk = [], []
        with self._lock:
            for chunk, one in evidence.items():
                for part in self._parts(question, titles.get(chunk) or "", one.told):
                    pairs.append((question, part))
                    of_chunk.append(chunk)
            scores = self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False) if pairs else []
        best: dict[int, float] = {}
        for chunk, score in zip(of_chunk, scores, strict=True):
            best[chunk] = max(best.get(chunk, 0.0), float(score))
        return best

    def _parts(self, question: str, title: str, told: Sequence[Told]) -> list[str]:
        """The sentences in runs that the model reads to the end; a single one that is longer is clipped."""
        parts = [title]
        for one in told:
            longer = f"{parts[-1]}\n{one.text}".strip()
            if parts[-1] != title and self._is_too_long(question, longer):
                parts.append(f"{title}\n{one.text}".strip())
            else:
                parts[-1] = longer
        return parts

    def _is_too_long(self, question: str, text: str) -> bool:
        limit = self._model.max_seq_length
        return bool(limit) and len(self._model.tokenizer(question, text)["input_ids"]) > limit


@lru_cache(maxsize=2)
def _loaded(name: str) -> Reranker:
    folder = _folder(name)
    _refuse_other_models(name, folder)
    try:
        model = load_cross_encoder(folder)
        score = model.predict([("a", "b")], show_progress_bar=False)
    except Exception as error:  # as many kinds as there are models
        raise ModelError(
            f"The reranker {name} does not run in sentence-transformers ({_in_a_line(error)}). {TRIED}"
        ) from error
    if score.shape != (1,):
        raise ModelError(f"The reranker {name} gives {score.shape[-1]} numbers for a pair, not one. {TRIED}")
    return Reranker(name, model)


def _folder(name: str) -> Path:
    folder = expanded(name)
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download  # 0.2 s
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError):
        raise ModelError(
            f"There is no reranker {name}: it is neither a folder nor in the local Hugging Face cache, and footnoted "
            f"fetches nothing. {TRIED}"
        ) from None


def _refuse_other_models(name: str, folder: Path) -> None:
    """Raises ModelError for a model without a head that scores: one of random numbers would be put on it in silence."""
    try:
        kinds = json.loads((folder / "config.json").read_text("utf-8"))["architectures"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The reranker {name} cannot be read ({_in_a_line(error)}). {TRIED}") from error
    if not any("SequenceClassification" in str(kind) for kind in kinds):
        raise ModelError(f"{name} is no reranker: its config.json names {', '.join(map(str, kinds))}. {TRIED}")


def load_cross_encoder(folder: Path) -> Any:
    """The CrossEncoder in a folder, without a look at the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    chatter: Any = transformers_logging  # not typed
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    model = CrossEncoder(str(folder), local_files_only=True, activation_fn=torch.nn.Sigmoid())
    return model.float().eval()


def _in_a_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
