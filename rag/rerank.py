"""Passages put in order by a cross-encoder, which reads question and passage together: better, and much slower.

Any CrossEncoder of sentence-transformers that gives one number for a pair, see `rag.cross_encoders`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from index.errors import RerankerError
from rag.cross_encoders import Role, opened_once, predicted
from rag.evidence import Evidence, Told

QUESTION_SHARE = 2
"""A question may take one part in this many of what the model reads; the rest is for the passage."""

TITLE_SHARE = 4
"""A title may take one part in this many, and is left out where it is longer: it must not crowd the passage out."""

UNTOLD_TOKENS = 512
"""What a model that does not say it is taken to read, as most of them do."""

TRIED = "Give --reranker the folder of a sentence-transformers CrossEncoder, or leave it out."

RERANKER = Role("reranker", RerankerError, TRIED, numbers=1, activation="Sigmoid")


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
        return opened_once(str(model), RERANKER, Reranker)

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
        scores: list[float] = predicted(self._model, pairs, self.name, RERANKER).tolist()
        if not all(map(math.isfinite, scores)):
            raise RERANKER.problem(f"The reranker {self.name} is damaged: what it gives for a pair is no number.")
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
