"""The language model that a command is told to use, what is said while it works, and what it wrote, for a terminal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import UsageError

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.generation import Generator


def generator_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--model-file``, or ``--server`` with ``--model``, and how it is used."""
    for option in (
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


def generator_of(
    model_file: str | None, server: str | None, model_name: str | None, allow_remote: bool
) -> "Generator | None":
    """The language model that is meant, or None. Raises UsageError and GeneratorError."""
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
