"""The README cannot drift: its commands, options, help texts, examples, names and numbers are the program's own.

What the README keeps to, so that this can be checked:

- a command's help stands in a ```text block whose first line is ``$ footnoted COMMAND --help``;
- what is typed into a shell stands in a ```sh block, a command a line;
- ```python blocks run as they are, in a folder with ``seeds/`` and an index of it; where a line that prints ends
  in a comment, the comment is a line of the output;
- "Reading the code" has a list item for each package (``- `index/`: ...``) that names all of its modules.
"""

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import index
import rag
from app.cli import PORT, commands, main
from index.beside import FILE_COLUMNS
from index.load import KINDS
from index.read_apart import MEMORY_LIMIT_MB, TIME_LIMIT_S
from index.read_pdf import MAX_PAGES
from index.reading import MAX_CHARACTERS, MAX_FILE_MB
from index.rows import MAX_COLLECTION_MB, USED_COLUMNS
from rag.answer import READ_PASSAGES, REFUSAL
from rag.confidence import WEIGHTS
from rag.passages import CANDIDATES
from rag.quotes import MAX_QUOTES
from rag.where import FILTERS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROSE = BLOCK.sub("", README)
SPANS = re.findall(r"`([^`\n]+)`", PROSE)
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for name, body in BLOCK.findall(README) if name == language]


def shell_lines() -> Iterator[list[str]]:
    """The words of every line that a reader would type, in blocks and in the text."""
    typed = [line for body in [*blocks("sh"), *blocks("bash"), *blocks("console")] for line in body.splitlines()]
    typed += [span for span in SPANS if re.match(r"(?:\$ )?(?:\S*/)?(?:footnoted|make) ", span)]
    for line in typed:
        yield shlex.split(line.removeprefix("$ "), comments=True)


def help_of(command: str) -> str:
    """The help text of a command on a terminal with 80 columns."""
    return CliRunner().invoke(main, [command, "--help"], prog_name="footnoted", terminal_width=80).stdout.rstrip()


def help_in_readme(command: str) -> str:
    """The help text that the README shows for a command."""
    opening = f"$ footnoted {command} --help\n"
    shown = [body.removeprefix(opening).rstrip() for body in blocks("text") if body.startswith(opening)]
    assert len(shown) == 1, f"README.md needs one ```text block that begins with the line: {opening.rstrip()}"
    return shown[0]


@pytest.mark.parametrize("command", commands())
def test_the_help_text_of_every_command_is_the_programs_own(command: str) -> None:
    assert help_in_readme(command) == help_of(command), f"README.md: put the output of footnoted {command} --help there"


@pytest.mark.parametrize("command", commands())
def test_every_option_of_every_command_is_in_the_readme(command: str) -> None:
    shown = help_in_readme(command)
    options = [name for one in main.commands[command].params if isinstance(one, click.Option) for name in one.opts]
    assert [name for name in options if name not in shown] == []


def test_every_command_the_readme_shows_exists_with_its_options() -> None:
    shown = [line for line in shell_lines() if line and Path(line[0]).name == "footnoted"]
    assert len(shown) >= 3
    for _, *words in shown:
        name = next((word for word in words if not word.startswith("-")), "")
        assert name in commands(), f"README.md shows `footnoted {' '.join(words)}`: there is no such command"
        options = {option for one in main.commands[name].params for option in (*one.opts, *one.secondary_opts)}
        used = {word.split("=")[0] for word in words if word.startswith("-")}
        assert used <= options | {"-h", "--help"}, f"README.md shows `footnoted {' '.join(words)}`"


def test_every_make_target_the_readme_shows_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shown = {word for line in shell_lines() if line[:1] == ["make"] for word in line[1:] if "=" not in word}
    assert {"chat", "test"} <= shown <= targets


def test_the_makefile_variables_the_readme_sets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    shown = {word.split("=")[0] for line in shell_lines() if line[:1] == ["make"] for word in line[1:] if "=" in word}
    assert [name for name in shown if f"$({name})" not in makefile] == []


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_of_the_readme_runs_and_prints_what_it_says(
    number: int, seeds_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = blocks("python")[number]
    shutil.copytree(seeds_index, tmp_path / ".footnoted")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(compile(code, f"README.md, Python block {number + 1}", "exec"), {"__name__": "readme"})
    for promised in re.findall(r"^\s*print\(.*\)\s+# (.+)$", code, re.MULTILINE):
        assert promised in out.getvalue().splitlines(), "README.md promises another output"


def test_the_readme_has_python_that_builds_asks_and_retrieves() -> None:
    imported = set(re.findall(r"\b(\w+)\(", "".join(blocks("python"))))
    assert {"build", "ask", "retrieve"} <= imported
    assert [name for name in (*index.__all__, *rag.__all__) if name not in README] == []


@pytest.mark.parametrize("package", ["index", "rag", "app"])
def test_the_list_of_modules_is_that_of_the_folder(package: str) -> None:
    item = re.search(rf"^- `{package}/`:(.*?)(?=^- |^$)", README, re.MULTILINE | re.DOTALL)
    assert item, f"README.md, Reading the code: a list item that begins with `{package}/`: is missing"
    named = set(re.findall(r"`(\w+)`", item[1]))
    modules = {path.stem for path in (ROOT / package).glob("*.py")} - {"__init__"}
    functions = {"index": set(index.__all__), "rag": set(rag.__all__), "app": set[str]()}[package]
    assert modules - named == set(), f"README.md does not name these modules of {package}/"
    assert named - modules - functions == set(), f"README.md names what is not in {package}/"


def test_every_folder_of_the_repository_is_in_the_readme() -> None:
    visible = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    made = {"build", "dist", "measure", "screenshots", *(name for name in visible if name.endswith(".egg-info"))}
    assert [name for name in sorted(visible - made) if f"`{name}/" not in README] == []


def test_every_file_the_readme_names_exists() -> None:
    tops = {path.name for path in ROOT.iterdir()}
    named = {span for span in SPANS if "/" in span and " " not in span and span.split("/")[0] in tops}
    assert len(named) >= 5
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", PROSE) if "://" not in target]
    assert [target for target in targets if target and not (ROOT / target).exists()] == []


def test_filters_and_kinds_of_files_are_all_named() -> None:
    kinds = {f"`{kind}`" for kind in KINDS}
    assert [kind for kind in sorted(kinds) if kind not in README] == []
    assert [name for name in FILTERS if name not in README] == []


def test_fields_of_rows_and_of_metadata_files_are_all_named() -> None:
    assert [name for name in sorted({*USED_COLUMNS, *FILE_COLUMNS}) if f"`{name}`" not in README] == []


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        (r"http://127\.0\.0\.1:(\d+)", PORT),
        (r"one file may have (\d+) MB", MAX_FILE_MB),
        (r"MB, (\d+,\d+) pages", MAX_PAGES),
        (r"many articles (\d+,\d+) MB", MAX_COLLECTION_MB),
        (r"(\d+) million characters", MAX_CHARACTERS // 1_000_000),
        (r"with (\d+) seconds", TIME_LIMIT_S),
        (r"and (\d+,\d+) MB for a file", MEMORY_LIMIT_MB),
        (r"(\d+) candidates each", CANDIDATES),
        (r"the (\w+) best passages are scored", READ_PASSAGES),
        (r"Up to (\w+) are quoted", MAX_QUOTES),
        (r"from (\w+) signals", len(WEIGHTS)),
        (r"the (\d+) questions of `tests/golden\.jsonl`", len((ROOT / "tests/golden.jsonl").read_text().splitlines())),
    ],
)
def test_numbers_in_the_readme_are_those_of_the_program(pattern: str, value: int) -> None:
    found = re.findall(pattern, README.replace("\n", " "))
    assert found, f"README.md does not say {pattern!r} any more; take the number out of this test too"
    assert {WORDS.index(word) if word in WORDS else int(word.replace(",", "")) for word in found} == {value}


def test_the_refusal_is_quoted_exactly() -> None:
    assert f'"{REFUSAL}"' in README.replace("\n", " ")


def test_what_the_readme_says_of_all_commands_is_true_of_all() -> None:
    options = {name: {option for one in main.commands[name].params for option in one.opts} for name in commands()}
    assert "Every command but `models` takes `--index DIR`" in README
    assert [name for name in commands() if "--index" not in options[name]] == ["models"]
    assert "all but `chat` and `password` take `--json`" in README.replace("\n", " ")
    assert [name for name in commands() if "--json" not in options[name]] == ["chat", "password"]


def test_the_readme_is_short_enough_to_be_read() -> None:
    assert all(len(line) <= 120 for line in README.splitlines())
