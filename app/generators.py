"""The language model that a command is told to use, what is said while it works, and what it wrote, for a terminal."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from index.errors import UsageError

if TYPE_CHECKING:
    from rag.answer import Answer
    from rag.generation import Generator, Stage
    from rag.writing import Written


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


def stage_line(stage: "Stage", name: str) -> str:
    """What is being done, for a terminal; "" once nothing is."""
    if stage.name == "waiting":
        return f"waiting; questions before this one: {stage.ahead}"
    return {"loading": f"loading {name}", "reading": "reading the passages", "writing": "writing"}.get(stage.name, "")


def written_lines(answer: "Answer") -> Iterator[str]:
    """What a model wrote, and how; nothing where none did."""
    written = answer.written
    if written is None:
        return
    yield written.text
    yield ""
    yield f"({details_of(written, len(answer.passages))})"
    yield ""
    yield "In the documents' own words:"


def details_of(written: "Written", found: int) -> str:
    """Who wrote it from how many passages, how much of it is supported, how fast, and with how much memory."""
    supported = sum(one.supported for one in written.sentences)
    parts = [
        f"written by {written.generator} from {written.passages_used} of {found} passages",
        f"{supported} of {len(written.sentences)} sentences supported",
        f"{written.tokens} tokens, {written.tokens_per_second:.0f} a second",
    ]
    if written.megabytes is not None:
        parts.append(f"{written.megabytes:,.0f} MB")
    return ", ".join(parts)
