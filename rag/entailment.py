"""The verdict of a model for natural language inference: does a text entail a sentence, contradict it, or neither?

Any CrossEncoder of sentence-transformers with three labels that are called so, from a folder on this machine.
"""

from pathlib import Path
from typing import Any, Protocol

from index.errors import ModelError

ENTAILMENT, NEUTRAL, CONTRADICTION = "entailment", "neutral", "contradiction"
LABELS = frozenset({ENTAILMENT, NEUTRAL, CONTRADICTION})


class Nli(Protocol):
    """What the check asks of such a model."""

    def verdict(self, premise: str, claim: str) -> str:
        """ENTAILMENT, NEUTRAL or CONTRADICTION."""
        ...


class NliModel:
    """A CrossEncoder, loaded."""

    def __init__(self, model: Any, labels: dict[int, str], name: str) -> None:
        self.model, self.labels, self.name = model, labels, name

    def verdict(self, premise: str, claim: str) -> str:
        """The label with the highest score."""
        scores = self.model.predict([(premise, claim)], show_progress_bar=False)[0]
        return self.labels[int(scores.argmax())]


def load_nli(folder: str | Path) -> NliModel:
    """The model in a folder. Raises ModelError where it is missing, unreadable, or has other labels."""
    path = Path(folder).expanduser()
    if not (path / "config.json").is_file():
        raise ModelError(f"No model for inference in {folder}: a folder with config.json and a CrossEncoder's weights.")
    model = _cross_encoder(path)
    labels = {int(place): str(label).lower() for place, label in model.model.config.id2label.items()}
    if set(labels.values()) != LABELS:
        raise ModelError(
            f"The model in {folder} has the labels {', '.join(labels.values())}. Choose one with "
            f"{ENTAILMENT}, {NEUTRAL} and {CONTRADICTION}."
        )
    return NliModel(model, labels, path.name)


def _cross_encoder(folder: Path) -> Any:
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported
    from sentence_transformers import CrossEncoder

    try:
        return CrossEncoder(str(folder), local_files_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"The model in {folder} cannot be read: {error}") from error
