"""The models beside that of the index that a command is told to use, and what one of them wrote, for a terminal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import UsageError

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.generation import Generator


@dataclass(frozen=True)
class Models:
    """What works on answers besides the index.

    generator: a language model that writes below the quotes. strict: what it wrote without support is left out.
    reranker: folder or name of a cross-encoder, see `rag.rerank`. nli: of one for inference, see `rag.entailment`.
    """

    generator: "Generator | None" = None
    strict: bool = False
    reranker: str | None = None
    nli: str | None = None


NO_MODELS = Models()


def generator_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--model-file``, or ``--server`` with ``--model``, and how it is used."""
    for option in (
        click.option(
            "--nli", metavar="NAME_OR_FOLDER", help="A CrossEncoder for inference that judges what it wrote, too."
        ),
        click.option("--strict", is_flag=True, help="Leave out what the model wrote without support."),
        click.option("--allow-remote", is_flag=True, help="Let --server be another machine: passages go there."),
        click.option("--model", "model_name", metavar="NAME", help="The model that --server should use."),
        click.option("--server", metavar="URL", help="Have a model write, too: a server with the OpenAI API."),
        click.option(
            "--model-file", metavar="FILE", help="Have a model write, too: a GGUF file, see footnoted models."
        ),
    ):
        command = option(command)
    return command


def models_of(
    model_file: str | None, server: str | None, model_name: str | None, allow_remote: bool, strict: bool,
    nli: str | None, reranker: str | None,
) -> Models:  # fmt: skip
    """The models that the options mean. Raises UsageError and GeneratorError."""
    generator = _generator_of(model_file, server, model_name, allow_remote)
    if generator is None and (strict or nli):
        raise UsageError("--strict and --nli are about what a model writes: give --model-file or --server, too.")
    return Models(generator, strict, reranker, nli)


def _generator_of(
    model_file: str | None, server: str | None, model_name: str | None, allow_remote: bool
) -> "Generator | None":
    if model_file and server:
        raise UsageError("Give --model-file or --server, not both: one model writes the answer.")
    if server:
        if not model_name:
            raise UsageError(f"Say which model of {server} is meant: --model NAME")
        from rag.server import ServerModel

        return ServerModel(server, model_name, allow_remote=allow_remote)
    if model_name or allow_remote:
        raise UsageError("--model and --allow-remote are for a server: --server URL")
    if model_file:
        from rag.gguf import GgufModel

        return GgufModel(Path(model_file))
    return None


def written_lines(answer: "Answer") -> Iterator[str]:
    """What a model wrote, and how; nothing where none did."""
    from app.footnotes import details_of

    if answer.written is not None:
        yield answer.written.text
        yield ""
        yield f"({details_of(answer.written)})"
        yield ""
        yield "In the documents' own words:"
