"""The models beside that of the index that a command is told to use, and what one of them wrote, for a terminal."""

from collections.abc import Callable, Iterator, Sequence
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

    generators: language models, one of which writes below the quotes, the first unless a reader chooses another.
    strict: what it wrote without support is left out.
    reranker: folder or name of a cross-encoder, see `rag.rerank`. nli: of one for inference, see `rag.entailment`.
    """

    generators: "tuple[Generator, ...]" = ()
    strict: bool = False
    reranker: str | None = None
    nli: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the language models."""
        return tuple(one.name for one in self.generators)

    def writer(self, place: int | None = 1) -> "Generator | None":
        """The language model at this place, counted from 1; the first where there is none, and none for None."""
        if place is None or not self.generators:
            return None
        return self.generators[place - 1 if place <= len(self.generators) else 0]


NO_MODELS = Models()


def generator_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--model-file``, or ``--server`` with ``--model``, and how it is used."""
    for option in (
        click.option(
            "--nli", metavar="NAME_OR_FOLDER", help="A CrossEncoder for inference that judges what it wrote, too."
        ),
        click.option("--strict", is_flag=True, help="Leave out what the model wrote without support."),
        click.option("--allow-remote", is_flag=True, help="Let --server be another machine: passages go there."),
        click.option(
            "--model", "model_names", multiple=True, metavar="NAME", help="The model that --server should use."
        ),
        click.option("--server", metavar="URL", help="Have a model write, too: a server with the OpenAI API."),
        click.option(
            "--model-file",
            "model_files",
            multiple=True,
            metavar="FILE",
            help="Have a model write, too: a GGUF file, see footnoted models.",
        ),
    ):
        command = option(command)
    return command


def models_of(
    model_files: Sequence[str], server: str | None, model_names: Sequence[str], allow_remote: bool, strict: bool,
    nli: str | None, reranker: str | None,
) -> Models:  # fmt: skip
    """The models that the options mean. Raises UsageError and GeneratorError."""
    generators = tuple(_generators_of(model_files, server, model_names, allow_remote))
    if not generators and (strict or nli):
        raise UsageError("--strict and --nli are about what a model writes: give --model-file or --server, too.")
    return Models(generators, strict, reranker, nli)


def _generators_of(
    model_files: Sequence[str], server: str | None, model_names: Sequence[str], allow_remote: bool
) -> "Iterator[Generator]":
    if model_files and server:
        raise UsageError("Give --model-file or --server, not both.")
    if server and not model_names:
        raise UsageError(f"Say which model of {server} is meant: --model NAME")
    if not server and (model_names or allow_remote):
        raise UsageError("--model and --allow-remote are for a server: --server URL")
    if server:
        from rag.server import ServerModel

        yield from (ServerModel(server, name, allow_remote=allow_remote) for name in dict.fromkeys(model_names))
    elif model_files:
        from rag.gguf import GgufModel

        yield from (GgufModel(Path(file)) for file in dict.fromkeys(model_files))


def written_lines(answer: "Answer") -> Iterator[str]:
    """What a model wrote, and how; nothing where none did."""
    from app.footnotes import details_of

    if answer.written is not None:
        yield answer.written.text
        yield ""
        yield f"({details_of(answer.written)})"
        yield ""
        yield "In the documents' own words:"
