"""The verdict of a model for natural language inference: does a text entail a sentence, contradict it, or neither?

Any CrossEncoder of sentence-transformers with three labels that are called so, see `rag.cross_encoders`.
"""

from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from index.errors import NliError, UsageError
from rag.cross_encoders import Role, opened_once, predicted

ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"
LABELS = frozenset({ENTAILMENT, NEUTRAL, CONTRADICTION})

TRIED = "Give --nli the folder of a CrossEncoder for natural language inference, or leave it out."

NLI = Role("model for inference", NliError, TRIED, numbers=len(LABELS), activation="Identity")


class Nli(Protocol):
    """What the check asks of such a model."""

    def verdict(self, premise: str, claim: str) -> str:
        """ENTAILMENT, NEUTRAL or CONTRADICTION."""
        ...


class NliModel:
    """A CrossEncoder, loaded; several threads may ask it at once, one is served at a time."""

    def __init__(self, name: str, model: Any, labels: dict[int, str]) -> None:
        self.name = name
        self._model, self._labels = model, labels
        self._lock = Lock()

    @classmethod
    def open(cls, model: str | Path) -> "NliModel":
        """The model in a folder, or under a name in the local Hugging Face cache; loaded once per process.

        Raises NliError where it is not on this machine, is unreadable, or has other labels.
        """
        return opened_once(str(model), NLI, _labelled)

    def verdict(self, premise: str, claim: str) -> str:
        """The label with the highest score; what is longer than the model reads is cut. Raises NliError."""
        with self._lock:
            [scores] = predicted(self._model, [(premise, claim)], self.name, NLI)
        return self._labels[int(scores.argmax())]


def opened_nli(nli: Nli | str | Path | None) -> Nli | None:
    """The model that is meant. Raises NliError, and UsageError for what is no model and names none."""
    if isinstance(nli, str | Path):
        return NliModel.open(nli)
    if nli is None or callable(getattr(nli, "verdict", None)):
        return nli
    raise UsageError(f"The model for inference is given by its folder or name, not by {type(nli).__name__}.")


def _labelled(name: str, model: Any) -> NliModel:
    labels = {int(place): str(label).lower() for place, label in model.model.config.id2label.items()}
    if set(labels.values()) != LABELS:
        raise NLI.problem(
            f"The model for inference {name} has the labels {', '.join(labels.values())}, not {ENTAILMENT}, {NEUTRAL} "
            f"and {CONTRADICTION}."
        )
    return NliModel(name, model, labels)
