"""Cross-encoders of sentence-transformers, which read two texts together: found on this machine, and loaded.

From a folder or from the local Hugging Face cache; nothing is fetched. They run on PyTorch, which is imported when one
is asked for and not before. What a model that is missing, damaged or of another kind is called, and the error that says
so, is told by its `Role`.
"""

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from index.errors import ModelError
from index.folders import expanded

BATCH = 16

T = TypeVar("T")

_opened: dict[tuple["Role", Path], Any] = {}
_opening = Lock()


@dataclass(frozen=True)
class Role:
    """What a cross-encoder is wanted for.

    name: what it is called. tried: what to do where one cannot be used. numbers: how many it gives for a pair, and
    activation: the class of torch.nn that makes them of those of its head.
    """

    name: str
    error: type[ModelError]
    tried: str
    numbers: int
    activation: str

    def problem(self, sentence: str) -> ModelError:
        """The error that says so and what to do."""
        return self.error(f"{sentence} {self.tried}")

    def unusable(self, model: str, error: BaseException) -> ModelError:
        """The error for a model that fails in the library."""
        return self.problem(f"The {self.name} {model} does not run in sentence-transformers ({_in_a_line(error)}).")


def opened_once(model: str, role: Role, make: Callable[[str, Any], T]) -> T:
    """What ``make`` makes of a name and the CrossEncoder it stands for; once per process for each folder and role.

    model: its folder, or its name in the local Hugging Face cache.
    Raises the role's error where it is not on this machine, is of another kind, or lacks weights.
    """
    folder = _folder(model, role)
    with _opening:  # threads that ask at once wait for one that loads
        if (role, folder) not in _opened:
            _opened[role, folder] = make(model, _tried(model, folder, role))
        made: T = _opened[role, folder]
        return made


def predicted(loaded: Any, pairs: Sequence[tuple[str, str]], model: str, role: Role) -> Any:
    """float32[pairs], or float32[pairs, role.numbers]. Raises the role's error where the model fails."""
    try:
        return loaded.predict(pairs, batch_size=BATCH, show_progress_bar=False)
    except (RuntimeError, ValueError, IndexError) as error:  # as of a tokenizer with more words than the model
        raise role.unusable(model, error) from error


def _tried(model: str, folder: Path, role: Role) -> Any:
    """The model in a folder, tried on one pair."""
    _refuse_other_models(model, folder, role)
    try:
        loaded = _loaded(folder, role)
        score = loaded.predict([("a", "b")], show_progress_bar=False)
        made_up = _made_up(loaded, folder)
    except Exception as error:  # as many kinds as there are models
        raise role.unusable(model, error) from error
    numbers = 1 if score.ndim == 1 else score.shape[-1]
    if numbers != role.numbers:
        raise role.problem(f"The {role.name} {model} gives {numbers} numbers for a pair, not {_spelled(role.numbers)}.")
    if made_up:
        raise role.problem(f"The {role.name} {model} is damaged: its weights lack {', '.join(made_up)}.")
    return loaded


def _folder(model: str, role: Role) -> Path:
    """The folder of a model, which may be one of the local Hugging Face cache."""
    folder = expanded(model)
    if folder.is_dir():
        return folder.resolve()
    from huggingface_hub import snapshot_download  # 0.2 s
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(model, local_files_only=True)).resolve()
    except (LocalEntryNotFoundError, HFValidationError):
        raise role.problem(
            f"There is no {role.name} {model}: it is neither a folder nor in the local Hugging Face cache, and "
            "footnoted fetches nothing."
        ) from None


def _refuse_other_models(model: str, folder: Path, role: Role) -> None:
    """Raises the role's error for a model without a head that scores: one of random numbers would be put on it."""
    try:
        kinds = json.loads((folder / "config.json").read_text("utf-8"))["architectures"]
        saved_as = _saved_as(folder)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise role.problem(f"The {role.name} {model} cannot be read ({_in_a_line(error)}).") from error
    if saved_as not in ("", "CrossEncoder"):
        raise role.problem(f"{model} is no {role.name}: it was saved as a {saved_as}.")
    if not saved_as and not any("SequenceClassification" in str(kind) for kind in kinds):
        raise role.problem(f"{model} is no {role.name}: its config.json names {', '.join(map(str, kinds))}.")


def _saved_as(folder: Path) -> str:
    """The class that sentence-transformers saved a model as; "" where it does not say, as before version 5."""
    told = folder / "config_sentence_transformers.json"
    return str(json.loads(told.read_text("utf-8")).get("model_type", "")) if told.is_file() else ""


def _loaded(folder: Path, role: Role) -> Any:
    """The model, without a look at the network."""
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported
    import torch
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    chatter: Any = transformers_logging  # not typed
    chatter.set_verbosity_error()
    chatter.disable_progress_bar()
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    model = CrossEncoder(str(folder), local_files_only=True, activation_fn=getattr(torch.nn, role.activation)())
    return model.float().eval()


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


def _spelled(number: int) -> str:
    return {1: "one", 3: "three"}[number]


def _in_a_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"
