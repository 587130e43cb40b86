"""A model folder becomes a prepared model: ``python -m index.export MODEL_FOLDER OUT_FOLDER``.

Writes one ONNX file with the whole model inside (transformer, pooling, normalisation), its tokenizer, and who it is.
The file is checked against PyTorch on some 230 texts before it is kept; a model that does not export, or does not
compute the same, is marked to run on PyTorch, with the reason. This is the only module that takes a model apart, and
it runs in a process of its own (``index.models.prepare``): nothing else here imports PyTorch.
"""

from __future__ import annotations

import logging
import random
import shutil
import sys
import uuid
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.embed import (
    BATCH,
    PIECES_OUTPUT,
    VECTOR_OUTPUT,
    OnnxRuntime,
    Runtime,
    TorchRuntime,
    clipped,
    load_sentence_transformer,
)
from index.errors import ModelError, UsageError
from index.models import (
    GRAPH_FILE,
    TOKENIZER_FILE,
    Model,
    ModelIdentity,
    PreparedModel,
    cache_error,
    find_model,
    sha256,
    write_identity,
)

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Vectors = NDArray[np.float32]

# The largest difference in one number of a vector of length 1. Sound exports differ by 3e-7.
TOLERANCE = 1e-5
# What a model reads that does not say: the length of most encoders.
UNSTATED_MAX_TOKENS = 512
# Longer texts are left out of the check: attention over 8,192 word pieces takes gigabytes.
LONGEST_CHECKED = 512
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class _DoesNotExport(Exception):
    """The model must stay on PyTorch; the text says why."""


def export(model_folder: Path, out_folder: Path) -> None:
    """Leave the prepared form of the model in ``out_folder``, which appears whole or not at all.

    Raises ModelError if the model cannot be loaded or the folder cannot be written.
    """
    try:
        out_folder.parent.mkdir(parents=True, exist_ok=True)
        # Not tempfile's: the folder is kept, so it gets the rights the person's other folders have.
        staged = out_folder.with_name(f"staged-{uuid.uuid4().hex}")
        staged.mkdir()
    except OSError as error:
        raise cache_error(out_folder.parent, error) from error
    try:
        _fill(staged, model_folder)
        _publish(staged, out_folder)
    except OSError as error:
        raise cache_error(out_folder.parent, error) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _publish(staged: Path, out_folder: Path) -> None:
    try:
        staged.rename(out_folder)
    except OSError:
        # Another process was quicker, and what it left is as good.
        if not out_folder.is_dir():
            raise


def _fill(staged: Path, model_folder: Path) -> None:
    found = find_model(model_folder)
    model = _loaded(model_folder)
    tokenizer = _tokenizer(model, model_folder)
    identity = _identity(found, model)
    padding_id = getattr(model.tokenizer, "pad_token_id", None) or 0
    why_torch = ""
    try:
        _write_graph(model, tokenizer, padding_id, staged / GRAPH_FILE, with_pieces=identity.has_piece_vectors)
        _check(identity, tokenizer, staged / GRAPH_FILE, padding_id, model)
    except _DoesNotExport as error:
        (staged / GRAPH_FILE).unlink(missing_ok=True)
        why_torch = str(error)
        identity = replace(identity, runtime="torch", has_piece_vectors=False)
    # Not tokenizer.save: a full disk would not be an OSError.
    (staged / TOKENIZER_FILE).write_text(tokenizer.to_str(), "utf-8")
    checksums = {path.name: sha256(path) for path in sorted(staged.iterdir())}
    write_identity(PreparedModel(staged, identity, padding_id, checksums, why_torch))


def _loaded(model_folder: Path) -> Any:
    """The model on the processor (what is exported there runs anywhere); ModelError unless it encodes a text."""
    try:
        model = load_sentence_transformer(model_folder, device="cpu")
        model.encode("a", show_progress_bar=False)
    except Exception as error:  # as many kinds as there are models
        raise ModelError(
            f"The embedding model in {model_folder} does not run in sentence-transformers ({_in_a_line(error)})."
        ) from error
    return model


def _in_a_line(error: BaseException) -> str:
    """What went wrong first: the exporter wraps it in advice over many lines."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}"


def _tokenizer(model: Any, model_folder: Path) -> Tokenizer:
    """The model's tokenizer, bare: the default model's file pads every text to 128 word pieces and cuts it there."""
    from tokenizers import Tokenizer

    of_model = getattr(model, "tokenizer", None)
    fast = of_model if isinstance(of_model, Tokenizer) else getattr(of_model, "backend_tokenizer", None)
    if not isinstance(fast, Tokenizer):
        raise ModelError(
            f"The embedding model in {model_folder} cannot be used: its tokenizer does not tell where in the text "
            f"its word pieces lie (it has no tokenizer.json)."
        )
    tokenizer = Tokenizer.from_str(fast.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _identity(found: Model, model: Any) -> ModelIdentity:
    prompts = model.prompts
    # Not sentence-transformers' own order: it adds an empty "document", which hides the "passage" of E5 models.
    document_prompt = prompts.get("document") or prompts.get("passage") or ""
    return ModelIdentity(
        name=found.name,
        fingerprint=found.fingerprint,
        dimension=model.encode("a", show_progress_bar=False).shape[-1],
        max_tokens=_max_tokens(model),
        question_prompt=prompts.get("query") or "",
        document_prompt=document_prompt,
        runtime="onnx",
        has_piece_vectors=_is_mean_of_pieces(model),
    )


def _is_mean_of_pieces(model: Any) -> bool:
    """True where a text's vector is the mean of its word pieces' vectors, brought to length 1 or not."""
    kinds = [type(module).__name__ for module in model]
    pooling = getattr(model[1], "pooling_mode", None) if len(kinds) > 1 else None
    return kinds[:2] == ["Transformer", "Pooling"] and set(kinds[2:]) <= {"Normalize"} and pooling in ("mean", ["mean"])


def _max_tokens(model: Any) -> int:
    positions = getattr(getattr(model[0], "config", None), "max_position_embeddings", None)
    # Tokenizers without a limit say 1e30, models without one infinity.
    stated = [limit for limit in (model.max_seq_length, positions) if limit and limit < 1e6]
    return int(min(stated, default=UNSTATED_MAX_TOKENS))


def _write_graph(model: Any, tokenizer: Tokenizer, padding_id: int, path: Path, *, with_pieces: bool) -> None:
    """The whole model as one ONNX file; any number of texts of any length. Raises _DoesNotExport."""
    import torch

    names = [name for name in INPUTS if name in getattr(model.tokenizer, "model_input_names", INPUTS[:2])]
    dynamic = torch.export.Dim.DYNAMIC
    try:
        program = torch.onnx.export(
            _whole_model(model, names, with_pieces=with_pieces).eval(),
            _sample(tokenizer, padding_id, names),
            dynamo=True,
            dynamic_shapes=(tuple({0: dynamic, 1: dynamic} for _ in names),),
            input_names=names,
            output_names=[VECTOR_OUTPUT, PIECES_OUTPUT] if with_pieces else [VECTOR_OUTPUT],
            verbose=False,
        )
    except (ImportError, MemoryError):
        raise  # of this machine, not of the model
    except Exception as error:  # the exporter raises what it met
        raise _DoesNotExport(_in_a_line(error)) from error
    assert program is not None  # with dynamo there is a program
    program.save(str(path), external_data=False)


def _whole_model(model: Any, names: Sequence[str], *, with_pieces: bool) -> torch.nn.Module:
    """From word pieces to vectors of length 1, and with pieces to the vectors these are the mean of, as one module."""
    import torch

    class WholeModel(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
            features = self.model(dict(zip(names, inputs, strict=True)))
            vectors = torch.nn.functional.normalize(features[VECTOR_OUTPUT], dim=-1)
            return (vectors, features[PIECES_OUTPUT]) if with_pieces else (vectors,)

    return WholeModel()


def _sample(tokenizer: Tokenizer, padding_id: int, names: Sequence[str]) -> tuple[torch.Tensor, ...]:
    """Two texts, one padded: a batch or a length of 1 would be taken for a constant."""
    import torch

    ids = tokenizer.encode("A sample.").ids
    inputs = {
        "input_ids": torch.tensor([ids + ids, ids + [padding_id] * len(ids)]),
        "attention_mask": torch.tensor([[1] * 2 * len(ids), [1] * len(ids) + [0] * len(ids)]),
        "token_type_ids": torch.zeros(2, 2 * len(ids), dtype=torch.int64),
    }
    return tuple(inputs[name] for name in names)


def _check(identity: ModelIdentity, tokenizer: Tokenizer, graph: Path, padding_id: int, model: Any) -> None:
    """Raise _DoesNotExport unless texts have the same vectors here and in sentence-transformers, prompts included."""
    import numpy as np

    # One runtime after the other: in turns, the threads of the one spin while the other wants the cores.
    expected = _check_vectors(TorchRuntime(model, identity), identity, tokenizer)
    try:
        exported = _check_vectors(OnnxRuntime(graph, padding_id), identity, tokenizer)
    except Exception as error:  # a graph ONNX Runtime refuses, in its own kinds
        raise _DoesNotExport(_in_a_line(error)) from error
    largest = np.abs(exported - expected).max()
    if identity.has_piece_vectors:
        largest = max(largest, _pieces_apart(OnnxRuntime(graph, padding_id), tokenizer))
    # Turned round, so that a vector that is not a number fails too.
    if not largest <= TOLERANCE:
        raise _DoesNotExport(f"the export differs from PyTorch by {largest:.1g}, more than {TOLERANCE:.0e}")


def _pieces_apart(runtime: OnnxRuntime, tokenizer: Tokenizer) -> Any:
    """The largest difference between a text's vector and the mean of its pieces' vectors."""
    import numpy as np

    ids = tokenizer.encode("A sample.").ids
    vectors, pieces = runtime.piece_vectors([ids, ids[:1]])
    means = np.stack([pieces[0].mean(axis=0), pieces[1][0]])
    return np.abs(means / np.linalg.norm(means, axis=1, keepdims=True) - vectors).max()


def _check_vectors(runtime: Runtime, identity: ModelIdentity, tokenizer: Tokenizer) -> Vectors:
    """The vectors of the check's texts in batches of mixed lengths, so that most rows are padded."""
    import numpy as np

    texts = _check_texts(identity.max_tokens, tokenizer)
    vectors = []
    for start in range(0, len(texts), BATCH):
        batch = texts[start : start + BATCH]
        question = start % (2 * BATCH) == 0  # every other batch
        prompt = identity.question_prompt if question else identity.document_prompt
        ids = [clipped(tokenizer, prompt + text, identity.max_tokens) for text in batch]
        vectors.append(runtime.vectors(batch, ids, question=question))
    return np.concatenate(vectors)


def _check_texts(max_tokens: int, tokenizer: Tokenizer) -> list[str]:
    """200 short texts, 24 long ones and 8 longer than the model reads, in words it knows and in no order."""
    dice = random.Random(0)  # noqa: S311  (the same texts each time)
    pieces = (piece.strip("#▁Ġ") for piece in tokenizer.get_vocab())
    words = sorted({piece for piece in pieces if piece.isalpha()}) or ["a"]
    long = min(max_tokens, LONGEST_CHECKED)
    sizes = [dice.randint(1, 24) for _ in range(200)] + [dice.randint(1, long) for _ in range(24)]
    if max_tokens <= LONGEST_CHECKED:
        sizes += [2 * max_tokens] * 8
    odd = ["“Naïve café”, 3,5 % – no. 7!", "數字 and кириллица", "don't e-mail https://example.org/a_b?c=1"]
    return odd + [" ".join(dice.choices(words, k=size)) for size in sizes]


def main(arguments: Sequence[str]) -> int:
    """Export a model and return the exit code: 1 with "ModelError: " and a sentence on stderr, 2 for wrong usage."""
    if len(arguments) != 2:
        sys.stderr.write("Usage: python -m index.export MODEL_FOLDER OUT_FOLDER\n")
        return UsageError.exit_code
    # What PyTorch and its exporter say on the way concerns their authors.
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    try:
        export(Path(arguments[0]), Path(arguments[1]))
    except ModelError as error:
        sys.stderr.write(f"ModelError: {error}\n")
        return ModelError.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
