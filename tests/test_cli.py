"""The command line as its users meet it: what goes to stdout, what to stderr, exit codes, and nothing else."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from app.cli import commands, main, printable
from index import build, open_index
from index.check import IndexState
from index.folders import Skipped
from index.load import KINDS
from index.sync import BuildReport
from rag.answer import REFUSAL, Answer, Statement
from rag.citations import Citation
from rag.measures import Evaluation
from rag.passages import Passage
from rag.runs import Result as QuestionResult
from rag.runs import Run

ROOT = Path(__file__).resolve().parent.parent
DEA = "How many offices does the DEA have around the world?"
MILL = "The mill by the river has ground flour since 1820."
CHOIR = "Forty children sang a psalm in the old church."
STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def run(*arguments: str | Path, **options: Any) -> Result:
    """A command in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="footnoted", **options)


def shell(*arguments: str | Path, code: str = "from app.cli import main; main()", **options: Any) -> Any:
    """A command in a process of its own, as a shell would start it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, **options)


def told(result: Result) -> tuple[int, str, str]:
    """Exit code, stdout and stderr; whatever was raised besides is a traceback that a user would see."""
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def mill(articles: Callable[..., Path], tmp_path: Path) -> Path:
    """The folder of an index of two small articles."""
    build(articles(mill=MILL, choir=CHOIR), tmp_path / "index")
    return tmp_path / "index"


@pytest.mark.parametrize("command", [[], *([name] for name in commands())])
def test_every_command_has_a_help_text(command: list[str]) -> None:
    code, out, err = told(run(*command, "--help"))
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: footnoted {' '.join(command)}".rstrip())
    assert told(run(*command, "-h"))[1] == out
    for option in (main.commands[command[0]] if command else main).params:
        assert isinstance(option, click.Argument) or getattr(option, "help", None)


def test_the_commands_are_in_the_order_people_meet_them() -> None:
    assert list(commands()) == ["build", "search", "ask", "chat", "password", "models", "check", "evaluate"]
    out = told(run("--help"))[1]
    shown = re.findall(r"^  (\w+) +\S", out.split("Commands:")[1], re.MULTILINE)
    assert shown == list(commands())


def test_the_version_is_the_one_that_is_installed() -> None:
    from importlib.metadata import version

    assert told(run("--version")) == (0, f"footnoted {version('footnoted')}\n", "")


def test_build_says_what_it_did_and_then_that_nothing_is_new(articles: Callable[..., Path], tmp_path: Path) -> None:
    folder, index_dir = articles(mill=MILL, choir=CHOIR), tmp_path / "index"
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    code, out, err = told(run("build", folder, "--index", index_dir))
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[:3] == [
        "  added    articles/choir.txt",
        "  added    articles/mill.txt",
        "  skipped  articles/photo.jpg: .jpg files are not read yet; save it as .txt or .md",
    ]
    summary = "2 added, 1 skipped: 2 documents in 2 chunks, 2 embedded now, generation 000001, "
    assert lines[3].startswith(summary)
    assert len(lines) == 4

    (folder / "choir.txt").rename(folder / "song.txt")
    (folder / "mill.txt").write_text(MILL.replace("1820", "1790"), "utf-8")
    lines = told(run("build", "--index", index_dir))[1].splitlines()
    assert lines[0] == "  changed  articles/mill.txt"
    assert lines[1] == "  renamed  articles/choir.txt -> articles/song.txt"
    assert lines[3].startswith("1 changed, 1 renamed, 1 skipped: 2 documents in 2 chunks, 1 embedded now")

    (folder / "song.txt").unlink()
    assert told(run("build", "--index", index_dir))[1].splitlines()[0] == "  removed  articles/song.txt"
    lines = told(run("build", "--index", index_dir))[1].splitlines()
    assert lines[-1].startswith("1 unchanged, 1 skipped: 1 documents in 1 chunks, 0 embedded now, generation 000003")


def test_ask_prints_the_answer_and_its_footnotes_and_nothing_to_stderr(seeds_index: Path) -> None:
    assert told(run("ask", DEA, "--index", seeds_index)) == (
        0,
        "Milgram: “We have 334 offices around the world.” [1]\n"
        "\n"
        "[1] DEA called for further cooperation from China and Mexico in the fight against fentanyl\n"
        "    seeds/001_963e728015908ae9.txt:1266-1303  El Financiero\n",
        "",
    )


def test_a_follow_up_says_as_what_it_was_asked(seeds_index: Path) -> None:
    earlier = ("--after", "Who is Lindsey Graham?", "--after", "How many defendants did Mexico extradite?")
    followed = ("ask", "And how many are waiting?", *earlier, "--index", seeds_index)
    searched = "How many defendants are waiting (Mexico extradite)?"
    alone = told(run("ask", searched, "--index", seeds_index))
    assert told(run(*followed)) == (0, f"Asked as: {searched}\n\n{alone[1]}", "")
    answer = json.loads(told(run(*followed, "--json"))[1])
    assert (answer["question"], answer["searched"]) == ("And how many are waiting?", searched)


def test_a_question_that_stands_on_its_own_is_told_as_without_a_history(seeds_index: Path) -> None:
    alone = told(run("ask", DEA, "--index", seeds_index))
    assert told(run("ask", DEA, "--after", "Who is Lindsey Graham?", "--index", seeds_index)) == alone


def test_a_refusal_is_an_answer_with_the_nearest_passages_set_apart(seeds_index: Path) -> None:
    code, out, err = told(run("ask", "How old is Angela Merkel?", "--index", seeds_index))
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0].startswith(REFUSAL)
    assert lines[1:3] == ["", "Nearest passages, which are not an answer:"]
    assert sum(line.startswith("  seeds/") for line in lines) == 3
    assert not any(line.startswith("[") for line in lines)


def test_search_ranks_passages_with_their_places(mill: Path) -> None:
    code, out, err = told(run("search", "Since when has the mill ground flour?", "-k", "2", "--index", mill))
    assert (code, err) == (0, "")
    assert [line.rstrip() for line in out.splitlines()] == [
        "1. mill.txt",
        f"   articles/mill.txt:0-{len(MILL)}",
        f"   {MILL}",
        "",
        "2. choir.txt",
        f"   articles/choir.txt:0-{len(CHOIR)}",
        f"   {CHOIR}",
        "",
        "2 passages from 2 independent reports",
    ]


def test_search_and_ask_name_the_copies_and_count_the_reports(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(articles(mill=MILL, again=MILL.upper(), choir=CHOIR), tmp_path / "index")
    question: list[str | Path] = ["Since when has the mill ground flour?", "--index", tmp_path / "index"]
    out = told(run("search", *question))[1].splitlines()
    assert (out[2], out[-1]) == ("   1 copy: articles/mill.txt", "2 passages from 2 independent reports")
    out = told(run("ask", *question))[1].splitlines()
    assert out[-1] == "    1 copy: articles/mill.txt"
    passages = json.loads(told(run("search", *question, "--json"))[1])
    assert [(one["copies"], one["report"]) for one in passages] == [(["articles/mill.txt"], 1), ([], 2)]
    answer = json.loads(told(run("ask", *question, "--json"))[1])
    assert ([one["copies"] for one in answer["citations"]], answer["reports"]) == ([["articles/mill.txt"]], 1)


def test_search_that_finds_nothing_says_so_on_stderr(mill: Path) -> None:
    nothing = told(run("search", "mill", "--document", "mil.txt", "--index", mill))
    why = "footnoted: No document has the name mil.txt. Did you mean mill.txt?\n"
    assert nothing == (0, "", f"{why}No passage fits.\n")
    assert told(run("search", "mill", "--document", "mil.txt", "--json", "--index", mill)) == (0, "[]\n", why)
    refused = told(run("ask", "mill", "--document", "mil.txt", "--index", mill))[1]
    assert refused == f"{REFUSAL} No document has the name mil.txt. Did you mean mill.txt?\n\n"
    backwards = told(run("ask", "mill", "--since", "2024", "--until", "2023", "--index", mill))
    sentence = "Nothing lies since 2024 and until 2023: the first date comes after the second. Exchange them."
    assert backwards == (2, "", f"footnoted: {sentence}\n")


def test_filters_reach_both_commands(seeds_index: Path) -> None:
    filters: list[str | Path] = [
        "--publisher",
        "latin post",
        "--author",
        "hoover",
        "--document",
        "003*",
        "--index",
        seeds_index,
    ]
    passages = json.loads(told(run("search", "fentanyl", "-k", "3", "--json", *filters))[1])
    assert {passage["document"] for passage in passages} == {"003_8a99acc19320498a.txt"}
    answer = json.loads(told(run("ask", "Who is Lindsey Graham?", "--json", *filters))[1])
    assert {passage["document"] for passage in answer["passages"]} == {"003_8a99acc19320498a.txt"}
    assert json.loads(told(run("search", "fentanyl", "--since", "2020", "--json", "--index", seeds_index))[1]) == []


def names_of(value: type) -> list[str]:
    """Names of the fields that are shown, as JSON must have them."""
    return [field.name for field in fields(value) if field.repr and field.compare]


def test_json_of_ask_has_the_names_and_values_of_python(seeds_index: Path) -> None:
    code, out, err = told(run("ask", DEA, "--index", seeds_index, "--json"))
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert list(answer) == names_of(Answer)
    assert list(answer["citations"][0]) == names_of(Citation)
    assert list(answer["passages"][0]) == names_of(Passage)
    assert answer["statements"] == [
        {
            "text": "We have 334 offices around the world.",
            "citation": 1,
            "speaker": "Milgram",
            "context": "",
            "context_start": 0,
            "context_end": 0,
        }
    ]
    assert list(answer["statements"][0]) == names_of(Statement)
    assert answer["citations"][0]["quote"] == "We have 334 offices around the world."
    assert "“We have 334" in out  # readable, not escaped


def test_json_of_search_build_check_and_evaluate_has_the_names_of_python(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    folder, index_dir = articles(mill=MILL), tmp_path / "index"
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")
    report = json.loads(told(run("build", folder, "--index", index_dir, "--json"))[1])
    assert list(report) == names_of(BuildReport)
    assert list(report["skipped"][0]) == names_of(Skipped)
    assert (report["added"], report["documents"]) == (["articles/mill.txt"], 1)

    passages = json.loads(told(run("search", "flour", "--index", index_dir, "--json"))[1])
    assert [list(passage) for passage in passages] == [names_of(Passage)]
    assert passages[0]["text"] == MILL

    state = json.loads(told(run("check", "--index", index_dir, "--json"))[1])
    assert list(state) == names_of(IndexState)
    assert (state["documents"], state["problems"]) == (1, [])

    questions = tmp_path / "questions.jsonl"
    question = {"id": "a", "question": "Since when is there flour?", "doc": "mill.txt", "quotes": ["since 1820"]}
    questions.write_text(json.dumps(question), "utf-8")
    kept = json.loads(told(run("evaluate", questions, "--index", index_dir, "--json"))[1])
    assert list(kept) == names_of(Run)
    assert list(kept["measures"]) == names_of(Evaluation)
    assert (kept["measures"]["questions"], kept["measures"]["hit_at_1"], kept["against"]) == (1, 1.0, None)
    assert [list(one) for one in kept["results"]] == [names_of(QuestionResult)]
    assert kept["results"][0]["gold"] == [{"location": "articles/mill.txt:39-49", "page": None, "text": "since 1820"}]


def test_check_says_that_an_index_is_whole_and_exits_1_where_it_is_not(mill: Path, tmp_path: Path) -> None:
    code, out, err = told(run("check", "--index", mill))
    assert (code, err, out.splitlines()[-1]) == (0, "", "whole, and level with its folders")

    (tmp_path / "articles" / "new.txt").write_text("A storm tore down nine oaks.", "utf-8")
    code, out, _ = told(run("check", "--index", mill))
    assert (code, out.splitlines()[-1]) == (
        1,
        "problem     the folders have changed since (1 added); bring the index level: footnoted build",
    )


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """Two questions about the mill; the gold of one stands in an article about something else."""
    asked = "Since when has the mill ground flour?"
    lines = [
        {"id": "right", "question": asked, "doc": "mill.txt", "quotes": ["since 1820"]},
        {"id": "wrong", "question": asked, "doc": "choir.txt", "quotes": ["psalm"]},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)), "utf-8")
    return file


def test_evaluate_lists_measures_and_failures(mill: Path, questions: Path) -> None:
    code, out, err = told(run("evaluate", questions, "--failures", "--index", mill))
    assert (code, err) == (0, "")
    assert [line for line in out.splitlines() if line.startswith(("questions ", "answerable  ", "hit at 1 "))] == [
        "questions              2",
        "answerable             2",
        "hit at 1               0.500",
    ]
    assert [line.split()[0] for line in out.splitlines() if "(answerable" in line] == ["wrong"]


def test_evaluate_compares_with_an_earlier_run_and_writes_a_page(mill: Path, questions: Path, tmp_path: Path) -> None:
    earlier, page = tmp_path / "earlier.json", tmp_path / "page.html"
    earlier.write_text(told(run("evaluate", questions, "--index", mill, "--json"))[1], "utf-8")
    changed = questions.read_text("utf-8").replace("choir.txt", "mill.txt").replace("psalm", "1820")
    questions.write_text(changed, "utf-8")
    code, out, err = told(run("evaluate", questions, "--index", mill, "--against", earlier, "--html", page))
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["before", "now", "difference"]
    assert "hit at 1                    0.500      1.000      +0.500" in out.splitlines()
    assert out.splitlines()[-5:] == [
        "hit at 1: 1 gained, 0 lost, p = 1.000",
        "in answer: 1 gained, 0 lost, p = 1.000",
        "right: 1 gained, 0 lost, p = 1.000",
        "became right: wrong",
        "became wrong: none",
    ]
    assert "0 of 2 questions went wrong" in page.read_text("utf-8")
    both = run("evaluate", questions, "--index", mill, "--against", earlier, "--json")
    assert json.loads(told(both)[1])["against"]["became_right"] == ["wrong"]


def test_evaluate_says_what_it_cannot_compare_with_or_write(mill: Path, questions: Path, tmp_path: Path) -> None:
    earlier, nowhere, page = tmp_path / "earlier.json", tmp_path / "no.json", tmp_path / "nowhere" / "page.html"
    earlier.write_text(told(run("evaluate", questions, "--index", mill, "--json"))[1], "utf-8")
    first = questions.read_text("utf-8").splitlines()[0]
    questions.write_text(first, "utf-8")
    advice = "Make one: footnoted evaluate QUESTIONS --json > run.json"
    others = "only there: wrong (answerable); only here: none"
    missing = f"[Errno 2] No such file or directory: '{nowhere}'"
    cases: list[tuple[list[str | Path], str]] = [
        (["--against", questions], f"{questions} is not a run that this version kept. {advice}"),
        (["--against", nowhere], f"{nowhere} cannot be read as an earlier run ({missing})."),
        (["--against", earlier], f"The earlier run has other questions ({others}). Compare runs of one question set."),
        (["--html", page], f"{page} cannot be written: there is no folder {page.parent}."),
    ]
    for arguments, sentence in cases:
        said = told(run("evaluate", questions, "--index", mill, *arguments))
        assert said == (2, "", f"footnoted: {sentence}\n"), arguments


def test_a_problem_is_one_sentence_on_stderr_with_its_exit_code(
    mill: Path, articles: Callable[..., Path], tmp_path: Path
) -> None:
    folder, file, empty, nowhere = (tmp_path / name for name in ("articles", "articles/mill.txt", "empty", "nowhere"))
    empty.mkdir()
    index = ("--index", mill)
    no_question = "The question is empty. Ask something the documents may answer."
    no_index = f"No index in {nowhere}. Make one: footnoted build FOLDER"
    no_number = "The number of passages is a whole number from 1 to 100, not"
    no_date = "is not a date. Write 2023-04-14, 2023-04 or 2023."
    no_folder = f"There is no folder {nowhere}. Name a folder of articles: footnoted build FOLDER"
    kinds = ", ".join(KINDS)
    no_articles = f"There are no articles in {empty}. Put some there ({kinds}) and build again; nothing was changed."
    too_long = "The question has 2,001 characters; up to 2,000 are read. Ask it more briefly."
    cases: list[tuple[list[str | Path], int, str]] = [
        (["ask", "Who?", "--index", nowhere], 1, no_index),
        (["search", "Who?", "--index", nowhere], 1, no_index),
        (["check", "--index", nowhere], 1, no_index),
        (["ask", "", *index], 2, no_question),
        (["search", "?!", *index], 2, no_question),
        (["ask", "a" * 2_001, *index], 2, too_long),
        (["ask", "Why?", "--after", "Who?", "--after", " ", *index], 2, f"Earlier question 2: {no_question}"),
        (["ask", "Who?", "--since", "now", *index], 2, f"'now' {no_date}"),
        (["search", "Who?", "--until", "2023-02-30", *index], 2, f"'2023-02-30' {no_date}"),
        (["search", "Who?", "-k", "0", *index], 2, f"{no_number} 0."),
        (["search", "Who?", "-k", "101", *index], 2, f"{no_number} 101."),
        (["build", nowhere, *index], 2, no_folder),
        (["build", file, *index], 2, f"{file} is a file, not a folder. Name the folder it lies in."),
        (["build", empty, *index], 1, no_articles),
        (["build", folder, tmp_path, *index], 2, f"{folder} lies inside {tmp_path}. Name only one of them."),
        (
            ["evaluate", nowhere, *index],
            2,
            f"{nowhere} cannot be read as a question set ([Errno 2] No such file or directory: '{nowhere}').",
        ),
    ]
    for arguments, code, sentence in cases:
        assert told(run(*arguments)) == (code, "", f"footnoted: {sentence}\n"), arguments
    assert open_index(mill).generation == "000001"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ask"], "Error: Missing argument 'QUESTION'."),
        (["aks", "Who?"], "Error: No such command 'aks'."),
        (["ask", "Who?", "--publishr", "x"], "Error: No such option '--publishr'."),
        (["search", "Who?", "-k", "five"], "Error: Invalid value for '-k': 'five' is not a valid integer."),
        (["chat", "--port", "0"], "Error: Invalid value for '--port': 0 is not in the range 1<=x<=65535."),
        (["build", "--wait", "-1"], "Error: Invalid value for '--wait': -1.0 is not in the range x>=0."),
    ],
)
def test_wrong_usage_is_exit_code_2_with_what_is_wrong(arguments: list[str], sentence: str) -> None:
    code, out, err = told(run(*arguments))
    assert (code, out) == (2, "")
    assert err.splitlines()[-1].startswith(sentence)
    assert "--help" in err


def test_a_build_that_finds_another_one_running_says_so_and_exits_1(mill: Path) -> None:
    (mill / "lock.holder").write_text("process 4711", "utf-8")
    with FileLock(mill / "lock"):
        result = shell("build", "--index", mill)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"footnoted: The index in {mill} is being built by process 4711. Wait for it, or let this build wait: --wait\n"
    )


def test_a_damaged_index_answers_from_the_generation_before_and_says_so_on_stderr(
    mill: Path, articles: Callable[..., Path]
) -> None:
    build(articles(oak="A storm tore down nine old oaks."), mill)
    (mill / "generations" / "000002" / "vectors.faiss").write_bytes(b"nonsense")
    code, out, err = told(run("search", "oak", "--index", mill))
    warning = (
        "footnoted: generation 000002: vectors.faiss is not as it was written. "
        "Generation 000001 is used instead. Repair: footnoted build\n"
    )
    assert (code, err) == (0, warning)
    assert "articles/mill.txt" in out
    assert "oak" not in out


HOSTILE = "The \x1b[31mgauge\x1b]0;title\x07 showed\x9b2J 4.2 \x08metres\x7f on \u202eMonday\u202c night\x85."


def test_no_control_character_of_a_document_reaches_the_terminal(articles: Callable[..., Path], tmp_path: Path) -> None:
    folder, index_dir = articles(), tmp_path / "index"
    (folder / "evil\x1b[2J\x07.txt").write_text(f"The \x1b[31mgauge\x1b[0m of the dam\n\n{HOSTILE}\n", "utf-8")
    (folder / "evil\x1b[2J.jpg").write_bytes(b"\xff\xd8")
    question = "What did the gauge show on Monday night?"
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "\x1b[1m", "question": f"{question}\x1b[31m", "doc": None}), "utf-8")
    shows_names: list[list[str | Path]] = [["build", folder], ["search", question], ["ask", question], ["check"]]
    others: list[list[str | Path]] = [
        ["build", tmp_path / "no\x1b[31mfolder"],
        ["ask", question, "--since", "\x1b[31m"],
        ["ask", "How old is the Abcdxyz?"],
        ["evaluate", questions, "--off-corpus", questions, "--failures"],
    ]
    for arguments in [*shows_names, *others]:
        result = run(*arguments, "--index", index_dir)
        assert result.exception is None or isinstance(result.exception, SystemExit), arguments
        assert not STEERING.search(result.output), arguments
        assert not {"\u202e", "\u202c", "\u2028"} & set(result.output), arguments
        assert result.output.strip(), arguments
        assert "\ufffd[2J" in result.output or arguments in others


def test_json_escapes_control_characters_and_keeps_the_words(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(articles(hostile=HOSTILE), tmp_path / "index")
    out = told(run("search", "gauge", "--json", "--index", tmp_path / "index"))[1]
    assert json.loads(out)[0]["text"] == HOSTILE
    assert "\x1b" not in out


def test_printable_keeps_every_letter_and_replaces_what_steers() -> None:
    assert printable("Zürich – “4,2 m” 🌊 数") == "Zürich – “4,2 m” 🌊 数"
    assert printable("a\x1bb\nc\td\u202ee\x9bf") == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"
    assert printable("a\nb", lines=True) == "a\nb"


def test_nothing_but_the_report_is_written_where_stderr_is_a_pipe(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    done = shell("build", articles(mill=MILL), "--index", tmp_path / "index")
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2


LISTS_HEAVY = """
import sys
from app.cli import main
try:
    main()
finally:
    heavy = {"torch", "transformers", "sentence_transformers", "gradio", "faiss", "numpy", "tantivy", "onnxruntime",
             "sklearn", "scipy", "ir_measures", "pydantic", "pandas", "uvicorn",
             "lxml", "trafilatura", "htmldate", "pypdfium2", "docx"}
    sys.stderr.write("imported: " + " ".join(sorted(heavy & sys.modules.keys())))
"""


@pytest.mark.parametrize("command", [[], *([name] for name in commands())])
def test_help_imports_nothing_heavy(command: list[str]) -> None:
    done = shell(*command, "--help", code=LISTS_HEAVY)
    assert (done.returncode, done.stderr) == (0, "imported: ")


def test_a_question_imports_neither_pytorch_nor_the_page(seeds_index: Path) -> None:
    done = shell("ask", DEA, "--index", seeds_index, code=LISTS_HEAVY)
    assert (done.returncode, done.stderr) == (0, "imported: faiss numpy onnxruntime tantivy")


def test_a_build_imports_neither_pytorch_nor_the_page(articles: Callable[..., Path], tmp_path: Path) -> None:
    done = shell("build", articles(mill=MILL), "--index", tmp_path / "index", code=LISTS_HEAVY)
    assert (done.returncode, done.stderr) == (0, "imported: faiss numpy onnxruntime tantivy")


INTERRUPTED = """
import os, signal, sys
from app.cli import main
def press(event, arguments):
    if event == "open" and str(arguments[0]).endswith("press.txt"):
        os.kill(os.getpid(), signal.SIGINT)  # what Ctrl-C does
sys.addaudithook(press)
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_ends_a_build_with_a_sentence_and_leaves_the_index_as_it_was(
    mill: Path, articles: Callable[..., Path]
) -> None:
    articles(press="A storm tore down nine old oaks.")
    done = shell("build", "--index", mill, code=INTERRUPTED)
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, "")
    assert done.stderr == (
        "footnoted: stopped. The index in use is whole; what was embedded is kept for the next build.\n"
    )
    assert open_index(mill).generation == "000001"
    assert [path.name for path in (mill / "generations").iterdir()] == ["000001"]
    assert told(run("build", "--index", mill))[1].startswith("  added    articles/press.txt\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_watching_prints_every_build_that_changed_something_and_ends_well(
    ending: signal.Signals, articles: Callable[..., Path], tmp_path: Path
) -> None:
    folder, index_dir = articles(mill=MILL), tmp_path / "index"
    arguments = ["build", str(folder), "--watch", "--index", str(index_dir)]
    code = "from app.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "  added    articles/mill.txt\n"
        assert process.stdout.readline().startswith("1 added: 1 documents in 1 chunks, 1 embedded now")
        assert process.stderr.readline() == "footnoted: watching the folders (Ctrl-C ends it)\n"
        articles(choir=CHOIR)
        assert process.stdout.readline() == "  added    articles/choir.txt\n"
        assert process.stdout.readline().startswith("1 added, 1 unchanged: 2 documents in 2 chunks, 1 embedded now")
        folder.rename(tmp_path / "away")
        assert process.stderr.readline() == (
            f"footnoted: There is no folder {folder}. Name a folder of articles: footnoted build FOLDER\n"
        )
        (tmp_path / "away").rename(folder)
        (folder / "choir.txt").unlink()
        assert process.stdout.readline() == "  removed  articles/choir.txt\n"
        assert process.stdout.readline().startswith("1 removed, 1 unchanged: 1 documents")
        process.send_signal(ending)
        assert (process.stdout.read(), process.stderr.read()) == ("", "footnoted: stopped watching\n")
        assert process.wait() == 0


def test_watching_with_json_prints_a_line_for_every_build(
    articles: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(folders: Any, index_dir: str, *, wait_s: float) -> Any:
        articles(choir=CHOIR)
        yield build(folders, index_dir)
        raise KeyboardInterrupt

    monkeypatch.setattr("index.watch.watch", watch)
    before = signal.getsignal(signal.SIGTERM)
    code, out, err = told(run("build", articles(mill=MILL), "--watch", "--json", "--index", tmp_path / "index"))
    signal.signal(signal.SIGTERM, before)
    assert [json.loads(line)["added"] for line in out.splitlines()] == [["articles/mill.txt"], ["articles/choir.txt"]]
    assert (code, err.splitlines()[-1]) == (0, "footnoted: stopped watching")


BLOCKED = """
import socket, sys
LOCAL = ("127.", "::1", "localhost")
def block(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        connection, address = arguments
        if connection.family != socket.AF_UNIX and not str(address[0]).startswith(LOCAL):
            raise PermissionError(f"a connection to {address}")
    if event == "socket.getaddrinfo" and arguments[0] and not str(arguments[0]).startswith(LOCAL):
        raise PermissionError(f"a look-up of {arguments[0]}")
sys.addaudithook(block)
"""
"""Loaded as sitecustomize, so that it also holds in the processes that the command starts."""


@pytest.fixture
def blocked(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that cannot reach any other machine."""
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked" / "sitecustomize.py").write_text(BLOCKED, "utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(tmp_path / "blocked"), str(ROOT)])}


@pytest.mark.parametrize("target", ["('192.0.2.1', 9)", "('example.org', 80)"])
def test_the_block_below_blocks(blocked: dict[str, str], target: str) -> None:
    done = shell(env=blocked, code=f"import socket; socket.create_connection({target}, 1)")
    assert done.returncode == 1
    assert "PermissionError: a " in done.stderr


def test_building_and_asking_reach_no_other_machine(
    blocked: dict[str, str], articles: Callable[..., Path], tmp_path: Path
) -> None:
    index_dir = tmp_path / "index"
    done = shell("build", articles(mill=MILL, choir=CHOIR), "--index", index_dir, env=blocked)
    assert (done.returncode, done.stderr) == (0, "")
    done = shell("ask", "Since when has the mill ground flour?", "--index", index_dir, env=blocked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"“{MILL}” [1]\n")


def test_the_index_is_the_one_of_the_option_else_of_the_environment_else_of_the_working_folder(
    mill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = told(run("search", "flour", "--index", mill))
    monkeypatch.setenv("FOOTNOTED_INDEX", str(mill))
    assert told(run("search", "flour")) == expected
    monkeypatch.setenv("FOOTNOTED_INDEX", str(tmp_path / "nowhere"))
    assert told(run("search", "flour", "--index", mill)) == expected
    monkeypatch.delenv("FOOTNOTED_INDEX")
    mill.rename(tmp_path / ".footnoted")
    with contextlib.chdir(tmp_path):
        assert told(run("search", "flour")) == expected


def test_a_question_that_begins_with_a_hyphen_is_asked_after_two_hyphens(mill: Path) -> None:
    code, out, _ = told(run("search", "-k", "1", "--index", mill, "--", "-mill flour"))
    assert (code, out.splitlines()[0]) == (0, "1. mill.txt")


def run_into(target: int, *arguments: str | Path) -> tuple[int, str]:
    """Exit code and stderr of a command whose stdout goes there."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "from app.cli import main; main()", *map(str, arguments)]
    ended = subprocess.run(command, stdout=target, stderr=subprocess.PIPE, text=True, env=environment, check=False)
    return ended.returncode, ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full is Linux's")
@pytest.mark.parametrize("command", [["--help"], ["search", "--help"], ["search", "mill"], ["ask", "mill", "--json"]])
def test_a_full_disk_is_a_sentence_and_exit_code_1(mill: Path, command: list[str]) -> None:
    index = ("--index", mill) if "mill" in command else ()
    with Path("/dev/full").open("wb") as full:
        assert run_into(full.fileno(), *command, *index) == (
            1,
            "footnoted: the output could not be written (No space left on device).\n",
        )


@pytest.mark.parametrize("command", [["--help"], ["search", "mill"], ["ask", "mill", "--json"]])
def test_a_reader_that_has_read_enough_ends_the_command_without_a_word(mill: Path, command: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run_into(writing, *command, *(("--index", mill) if "mill" in command else ())) == (141, "")
    finally:
        os.close(writing)


def test_any_other_trouble_of_the_system_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(index_dir: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.cli.opened", broken)
    result = run("search", "mill")
    assert isinstance(result.exception, OSError)
