"""The command line: each command checks its input, makes one call, and prints.

Answers go to stdout, everything else to stderr. A problem is one sentence and exit code 1, wrong usage is
exit code 2; anything with a traceback is a bug.
"""

import contextlib
import dataclasses
import functools
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import click

from app.generators import generator_options, models_of, written_lines
from index.errors import FootnotedError, NoIndex, UsageError
from index.opened import DEFAULT_DIR

PORT = 7860

M_ARENA_MAX = -8
"""From glibc's malloc.h."""

SIGPIPE = 13
"""What a shell sees 128 + of where `head` has read enough and the program before it ends, as they all do."""

UNITS = {"embedding": "chunk", "asking": "question"}
"""What the steps of a progress bar count, where it is not files."""

EPILOG = "Start: footnoted build FOLDER, then footnoted chat. Every command has --help."


class Command(click.Command):
    """A command whose known problems are shown as one sentence."""

    def invoke(self, context: click.Context) -> Any:
        """Runs the command; a FootnotedError ends it with its sentence and its exit code."""
        try:
            return super().invoke(context)
        except FootnotedError as error:
            click.echo(f"footnoted: {printable(str(error))}", err=True)
            context.exit(error.exit_code)
        except KeyboardInterrupt:
            kept = " The index in use is whole; what was embedded is kept for the next build."
            click.echo(f"footnoted: stopped.{kept if context.info_name == 'build' else ''}", err=True)
            context.exit(130)


@contextlib.contextmanager
def whole_output() -> Iterator[None]:
    """Ends the program where stdout takes no more: without a word where its reader is gone, else with a sentence."""
    try:
        yield
    except OSError as error:
        if _takes_more(sys.stdout):
            raise
        with contextlib.suppress(OSError, ValueError):  # what is left in the buffer would be tried again at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(128 + SIGPIPE) from None
        click.echo(f"footnoted: the output could not be written ({error.strerror}).", err=True)
        raise SystemExit(1) from None


def _takes_more(stream: IO[str]) -> bool:
    """Whether a stream can be written to; a line is the only way to know."""
    try:
        stream.write("\n")
        stream.flush()
    except OSError:
        return False
    return True


class Group(click.Group):
    """The commands, in the order people meet them."""

    command_class = Command

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Reads the options; ``--help`` and ``--version`` print here already."""
        with whole_output():
            return super().make_context(*arguments, **options)

    def invoke(self, context: click.Context) -> Any:
        """Runs the command that was named."""
        with whole_output():
            return super().invoke(context)

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order of this file."""
        return list(self.commands)


def index_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--index DIR``"""
    return click.option(
        "--index", "index_dir", metavar="DIR", envvar="FOOTNOTED_INDEX", default=DEFAULT_DIR, show_default=True,
        help="Folder of the index.",
    )(command)  # fmt: skip


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--json``"""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON with the same names as in Python.")(command)


def reranker_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--reranker NAME_OR_FOLDER``"""
    return click.option(
        "--reranker", metavar="NAME_OR_FOLDER", help="A sentence-transformers CrossEncoder that orders the passages."
    )(command)


def where_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The filters."""
    for option in (
        click.option(
            "--until", metavar="DATE", help="Only articles published on or before 2023-04-14, 2023-04 or 2023."
        ),
        click.option("--since", metavar="DATE", help="Only articles published on or after this date."),
        click.option(
            "--author", multiple=True, metavar="NAME", help="Only articles by this author (part of the name)."
        ),
        click.option("--publisher", multiple=True, metavar="NAME", help="Only articles of this publisher."),
        click.option("--document", multiple=True, metavar="NAME", help="Only this document; * stands for anything."),
    ):
        command = option(command)
    return command


@click.group(
    cls=Group, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="footnoted", message="%(prog)s %(version)s")
def main() -> None:
    """Ask a folder of documents; every statement of the answer carries a footnote to the exact words."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="footnoted: %(message)s")
    logging.getLogger("footnoted").setLevel(logging.INFO)


@main.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER ...]")
@click.option(
    "--model",
    metavar="NAME_OR_FOLDER",
    help="Any sentence-transformers model. [default: the one of last time, else all-MiniLM-L6-v2]",
)
@click.option("--fresh", is_flag=True, help="Make everything anew, also what did not change.")
@click.option(
    "--follow-links/--no-follow-links",
    default=None,
    help="Also read links that leave their folder. [default: as last time, else no]",
)
@click.option(
    "--wait",
    "wait_s",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Wait this long for another build to end.",
)
@click.option("--watch", "watching", is_flag=True, help="Then build again whenever a folder changes, until Ctrl-C.")
@index_option
@json_option
def build(
    folders: tuple[str, ...], model: str | None, fresh: bool, follow_links: bool | None, wait_s: float,
    watching: bool, index_dir: str, as_json: bool,
) -> None:  # fmt: skip
    """Bring the index level with its folders.

    Without FOLDER: the folders of last time, else the articles that come with footnoted. Only what is new is
    embedded; a running chat page shows the result by itself. With --watch --json each report is one line.
    """
    from index import build as build_index

    with progress_bar() as progress:
        report = build_index(
            list(folders) or None, index_dir, model=model, fresh=fresh, follow_links=follow_links, wait_s=wait_s,
            progress=progress,
        )  # fmt: skip
    show = functools.partial(show_report, as_json=as_json, one_line=watching)
    show(report)
    if watching:
        keep_level(folders, index_dir, wait_s, show)


def keep_level(folders: Sequence[str], index_dir: str, wait_s: float, show: Callable[[Any], None]) -> None:
    """Shows every build that changed something, and says why one could not be done, until Ctrl-C or SIGTERM."""
    from index.watch import watch

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how a service is stopped: both are one case
    few_pools_of_memory()
    click.echo("footnoted: watching the folders (Ctrl-C ends it)", err=True)
    with contextlib.suppress(KeyboardInterrupt):
        for outcome in watch(folders, index_dir, wait_s=wait_s):
            if isinstance(outcome, FootnotedError):
                click.echo(f"footnoted: {printable(str(outcome))}", err=True)
            else:
                show(outcome)
    click.echo("footnoted: stopped watching", err=True)


def few_pools_of_memory() -> None:
    """Where the C library is glibc: 2 pools instead of 16, each of which keeps what a build's threads once needed.

    Sixty builds held 435 MB then, where they had grown to 620.
    """
    import ctypes  # 10 ms, for what runs for weeks only

    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 2)


def show_report(report: Any, *, as_json: bool, one_line: bool) -> None:
    """What a build did; a word on stderr if the index had to be made anew."""
    if report.warning:
        click.echo(f"footnoted: {printable(report.warning)}", err=True)
    if as_json:
        print_json(report, one_line=one_line)
        return
    for word, names in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
        for name in names:
            click.echo(f"  {word:<8} {printable(name)}")
    for old, new in report.renamed:
        click.echo(f"  renamed  {printable(old)} -> {printable(new)}")
    for skipped in report.skipped:
        click.echo(f"  skipped  {printable(skipped.name)}: {printable(skipped.reason)}")
    for name, note in report.notes:
        click.echo(f"  note     {printable(name)}: {printable(note)}")
    click.echo(report.summary())


@main.command()
@click.argument("question")
@click.option("-k", metavar="NUMBER", type=int, default=5, show_default=True, help="How many passages.")
@reranker_option
@where_options
@index_option
@json_option
def search(question: str, k: int, reranker: str | None, index_dir: str, as_json: bool, **filters: Any) -> None:
    """Ranked passages for QUESTION."""
    from app.footnotes import copies_line
    from rag import retrieve
    from rag.where import nothing_passes

    index, where = opened(index_dir), given(filters)
    unpassed = nothing_passes(index, where)
    passages = [] if unpassed else retrieve(question, k, index, where, reranker)
    for reason in unpassed:
        click.echo(f"footnoted: {printable(reason)}", err=True)
    if as_json:
        print_json([public(passage) for passage in passages])
        return
    for rank, passage in enumerate(passages, 1):
        click.echo(f"{rank}. {printable(passage.title or passage.document)}")
        click.echo(f"   {printable(passage.location)}  {about(passage)}")
        if passage.copies:
            click.echo(f"   {printable(copies_line(passage.copies))}")
        click.echo(indented(passage.text))
        click.echo()
    if not passages:
        click.echo("No passage fits.", err=True)
        return
    reports = len({passage.report for passage in passages})
    click.echo(f"{counted(len(passages), 'passage')} from {counted(reports, 'independent report')}")


@main.command()
@click.argument("question")
@click.option(
    "--after", multiple=True, metavar="QUESTION", help="A question asked before; repeat it for several, oldest first."
)
@generator_options
@reranker_option
@where_options
@index_option
@json_option
def ask(
    question: str, after: tuple[str, ...], model_files: tuple[str, ...], server: str | None,
    model_names: tuple[str, ...],
    allow_remote: bool, strict: bool, nli: str | None, reranker: str | None, index_dir: str, as_json: bool,
    **filters: Any,
) -> None:  # fmt: skip
    """An answer to QUESTION, with footnotes."""
    from app.footnotes import copies_line, one_report_twice
    from rag.answer import answers

    if len(model_files) + len(model_names) > 1:
        raise UsageError("One model writes an answer: give one. The chat page lets its readers choose among several.")
    models = models_of(model_files, server, model_names, allow_remote, strict, nli, reranker)
    growing = answers(
        question, opened(index_dir), given(filters), after, models.writer(), strict, reranker=reranker, nli=nli
    )
    answer = followed(growing, sys.stderr)
    if as_json:
        print_json(public(answer))
        return
    if answer.searched != answer.question:
        click.echo(f"Asked as: {printable(answer.searched)}")
        click.echo()
    for line in written_lines(answer):
        click.echo(printable(line))
    click.echo(printable(answer.text, lines=True))
    click.echo()
    for citation in answer.citations:
        click.echo(f"[{citation.number}] {printable(citation.title or citation.document)}")
        click.echo(f"    {printable(citation.location)}  {about(citation)}".rstrip())
        if citation.copies:
            click.echo(f"    {printable(copies_line(citation.copies))}")
    if one_report_twice(answer):
        click.echo(f"{one_report_twice(answer)}.")
    if answer.refused and answer.passages:
        click.echo("Nearest passages, which are not an answer:")
        for passage in answer.passages[:3]:
            click.echo(f"  {printable(passage.location)}")
            click.echo(indented(passage.text[:300]))
    for stage in answer.skipped:
        click.echo(f"footnoted: {printable(stage)}", err=True)


def followed(growing: Iterator[Any], stream: IO[str]) -> Any:
    """The answer when it is whole; until then a terminal is told what is being done."""
    from app.footnotes import stage_line

    told, answer = "", None
    for answer in growing:
        stage = answer.written.stage if answer.written else None
        if stage and stage.name not in ("", told) and stream.isatty():
            told = stage.name
            click.echo(f"footnoted: {stage_line(stage)}", file=stream)
    return answer


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Port on this machine.")
@click.option(
    "--host",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    help="Where to serve it; others than this machine need the password.",
)
@click.option("--open/--no-open", "open_browser", default=False, help="Open the page in the browser.")
@generator_options
@reranker_option
@index_option
def chat(
    port: int, host: str, open_browser: bool, model_files: tuple[str, ...], server: str | None,
    model_names: tuple[str, ...],
    allow_remote: bool, strict: bool, nli: str | None, reranker: str | None, index_dir: str,
) -> None:  # fmt: skip
    """The chat page, at http://127.0.0.1:7860, for this machine only unless --host says otherwise."""
    from index import build as build_index
    from index import open_index

    models = models_of(model_files, server, model_names, allow_remote, strict, nli, reranker)
    try:
        open_index(index_dir)
    except NoIndex:
        click.echo("footnoted: no index yet, so the articles that come with footnoted are indexed first.", err=True)
        with progress_bar() as progress:
            click.echo(build_index(None, index_dir, progress=progress).summary(), err=True)
    few_pools_of_memory()
    from app.server import serve  # Gradio, 4 s

    serve(index_dir, host, port, open_browser, models)


@main.command()
@index_option
def password(index_dir: str) -> None:
    """Set the password for chat --host.

    It is asked for twice and kept as a hash beside the index. A running page takes it up when it is started anew.
    """
    from app.access import keep_password

    given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    click.echo(f"footnoted: its hash is kept in {printable(str(keep_password(index_dir, given)))}", err=True)


@main.command()
@json_option
def models(as_json: bool) -> None:
    """The model files on this machine that can write answers."""
    from rag.gguf_files import NOTHING_FOUND, model_files

    files = model_files()
    if as_json:
        print_json(files)
        return
    for file in files:
        click.echo(printable(f"{file.name}  {file.summary}"))
        click.echo(printable(f"    {file.path}"))
    if not files:
        click.echo(NOTHING_FOUND, err=True)


@main.command()
@click.option("--model-file", metavar="FILE", help="Also load this model and measure how fast it writes.")
@index_option
@json_option
def check(model_file: str | None, index_dir: str, as_json: bool) -> None:
    """Is the index whole, does it match its folders, which models, what is skipped."""
    from index.check import check_index

    state = check_index(index_dir)
    writes = measured_model(model_file) if model_file else None
    if as_json:
        print_json({**public(state), "generator": writes} if writes else state)
    else:
        for line in (*state.lines(), *(writes.lines() if writes else ())):
            click.echo(printable(line))
    if state.problems:
        raise SystemExit(1)


def measured_model(model_file: str) -> Any:
    """How a model does on this machine."""
    from rag.generation import measured
    from rag.gguf import GgufModel

    return measured(GgufModel(model_file))


@main.command()
@click.argument("questions", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--docs", metavar="FOLDER", help="Index this folder first, in a cache of its own. [default: the index]")
@click.option("--off-corpus", type=click.Path(dir_okay=False, path_type=Path), help="Questions of other documents.")
@click.option("--failures", is_flag=True, help="Also list the questions that went wrong.")
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the measures and every failure, with gold and what was shown, to a web page.",
)
@click.option(
    "--against",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare with an earlier run, question by question: a file that --json made.",
)
@reranker_option
@index_option
@json_option
def evaluate(
    questions: Path, docs: str | None, off_corpus: Path | None, failures: bool, page: Path | None,
    against: Path | None, reranker: str | None, index_dir: str, as_json: bool,
) -> None:  # fmt: skip
    """Measure passages, quotes and refusals on QUESTIONS, a JSONL file (see the README for its fields)."""
    from app.evaluation_page import checked_target, write_page
    from rag.evaluate import evaluate as outcomes_of
    from rag.evaluate import failures_of, index_of, read_cases
    from rag.rerank import Reranker
    from rag.runs import compared, read_run, run_of

    before = read_run(against) if against else None  # what cannot work is said before minutes have passed
    target = checked_target(page) if page else None
    order = Reranker.open(reranker) if reranker else None
    with progress_bar() as progress:
        index = index_of(docs, progress) if docs else opened(index_dir)
        cases = read_cases(questions, index)
        if off_corpus:
            cases += read_cases(off_corpus, index, off_corpus=True)
        tell = progress or (lambda step, done, total: None)
        outcomes = outcomes_of(cases, index, lambda done, total: tell("asking", done, total), order)
    run = run_of(outcomes, index)
    if before:
        run = compared(run, before)
    if target:
        write_page(target, run, questions.name)
    if as_json:
        print_json(run)
        return
    for line in (run.against or run.measures).lines():
        click.echo(printable(line))
    for line in failures_of(outcomes) if failures else ():
        click.echo(printable(line))


def opened(index_dir: str) -> Any:
    """The index, with a word on stderr if the generation in use is damaged."""
    from index import open_index

    index = open_index(index_dir)
    if index.warning:
        click.echo(f"footnoted: {printable(index.warning)}", err=True)
    return index


def given(filters: dict[str, Any]) -> dict[str, Any] | None:
    """The filters that were named."""
    return {name: value for name, value in filters.items() if value} or None


def counted(number: int, what: str) -> str:
    """``3 passages``, ``1 passage``"""
    return f"{number} {what}{'' if number == 1 else 's'}"


def about(source: Any) -> str:
    """Page, publisher, author and date, as far as they are known."""
    page = source.page and f"p. {source.page}"
    return printable(", ".join(filter(None, (page, source.publisher, source.author, source.published))))


def indented(text: str) -> str:
    """A passage for the terminal."""
    import textwrap

    paragraphs = [" ".join(part.split()) for part in text.splitlines() if part.strip()]
    return "\n".join(
        textwrap.fill(printable(one), 96, initial_indent="   ", subsequent_indent="   ") for one in paragraphs
    )


def printable(text: str, *, lines: bool = False) -> str:
    """The text without the control characters by which a document or a name could steer a terminal."""
    kept = "\n" if lines else ""
    return "".join(letter if letter.isprintable() or letter in kept else "\ufffd" for letter in text)


def public(value: Any) -> Any:
    """A value as JSON has it: what a field keeps for the program itself is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: public(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.repr and field.compare
        }
    if isinstance(value, dict):
        return {str(key): public(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [public(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def print_json(value: Any, *, one_line: bool = False) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(public(value), ensure_ascii=False, indent=None if one_line else 2))


@contextlib.contextmanager
def progress_bar(stream: IO[str] | None = None) -> Iterator[Callable[[str, int, int], None] | None]:
    """What `build` tells, as a bar with rate and remaining time; nothing where stderr is no terminal."""
    target = stream or sys.stderr
    if not target.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(file=target, leave=False, unit="file", dynamic_ncols=True) as bar:
        bar_step = [""]

        def show(step: str, done: int, total: int) -> None:
            if step != bar_step[0]:
                bar_step[0] = step
                bar.unit = UNITS.get(step, "file")
                bar.reset()
                bar.set_description(step)
            bar.total = total or None
            bar.n = done
            bar.refresh() if done == total else bar.update(0)

        yield show


def commands() -> Sequence[str]:
    """Names of all commands, for the tests that compare them with the README."""
    return list(main.commands)


if __name__ == "__main__":
    main()
