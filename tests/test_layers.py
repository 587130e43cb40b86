"""Imports run one way (app -> rag -> index), heavy libraries stay where they belong, and libraries do not print."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import index
import rag

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("index", "rag", "app")
"""Each may import itself and those before it."""

MODULES = sorted(path.relative_to(ROOT) for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))

TORCH = {"torch", "transformers", "sentence_transformers"}
TORCH_ALLOWED = {
    "index/export.py": None,
    "index/embed.py": {"load_sentence_transformer", "TorchRuntime"},
    "rag/cross_encoders.py": {"_loaded"},
}
"""Where PyTorch may be imported: anywhere in the file, or in these functions and classes (the fallback, and
what reads two texts together, which nobody gets who did not ask for one)."""

EXAMPLES = [
    "app.footnotes",
    "index.copies",
    "index.language",
    "index.metadata",
    "index.reading",
    "rag.answer",
    "rag.claims",
    "rag.fusion",
    "rag.instructions",
    "rag.marks",
    "rag.opposites",
    "rag.question",
]
"""Modules with examples in their docstrings that can be run."""


def named(path: Path) -> str:
    return path.as_posix()


def imports_in(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """The top-level package of every import, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0], node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno} imports relatively"
            yield (node.module or "").split(".")[0], node


def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def test_there_is_something_to_look_at() -> None:
    assert {path.parts[0] for path in MODULES} == set(LAYERS)
    assert len(MODULES) > 30


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_layer_imports_itself_and_those_below_it_only(path: Path) -> None:
    above = LAYERS[LAYERS.index(path.parts[0]) + 1 :]
    found = {package for package, _ in imports_in(parsed(path))}
    assert found & {*above, "tests"} == set()


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_pytorch_is_imported_by_the_export_and_the_fallback_only(path: Path) -> None:
    allowed = TORCH_ALLOWED.get(path.as_posix(), set())
    if allowed is None:
        return
    for statement in parsed(path).body:
        if getattr(statement, "name", None) not in allowed:
            assert TORCH & {package for package, _ in imports_in(statement)} == set()


@pytest.mark.parametrize("layer", LAYERS)
def test_no_module_of_one_layer_needs_another_ones_cycle(layer: str) -> None:
    """Inside a layer too imports run one way: a module can be understood after those it imports."""
    graph = {
        ".".join(path.with_suffix("").parts): {
            target for target in imported_modules(parsed(path)) if target.startswith(f"{layer}.")
        }
        for path in MODULES
        if path.parts[0] == layer and path.name != "__init__.py"
    }
    while graph:
        leaves = {name for name, needed in graph.items() if not needed & graph.keys()}
        assert leaves, f"a cycle among {', '.join(sorted(graph))}"
        graph = {name: needed for name, needed in graph.items() if name not in leaves}


def imported_modules(tree: ast.Module) -> Iterator[str]:
    """Full names of what is imported at the top of a module, not inside its functions."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_prints(path: Path) -> None:
    """Answers go to stdout through click in the command line, or to sys.stdout in a module that is run by itself."""
    calls = [node.func for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
    assert "print" not in {call.id for call in calls if isinstance(call, ast.Name)}


@pytest.mark.parametrize("path", [path for path in MODULES if path.parts[0] != "app"], ids=named)
def test_only_the_command_line_talks_to_the_terminal(path: Path) -> None:
    """Of the libraries, the two that are also run with -m write: the calibration its table, the export its error."""
    writes = re.findall(r"\bsys\.(?:stdout|stderr|stdin)\b|\binput\(", (ROOT / path).read_text("utf-8"))
    assert not writes or path.as_posix() in {"rag/calibrate.py", "index/export.py"}
    assert "click" not in {package for package, _ in imports_in(parsed(path))}


def test_the_two_packages_offer_exactly_four_functions() -> None:
    assert (sorted(index.__all__), sorted(rag.__all__)) == (["build", "open_index"], ["ask", "retrieve"])
    offered = {name for package in (index, rag) for name in package.__all__ if callable(getattr(package, name))}
    assert offered == {"build", "open_index", "ask", "retrieve"}


@pytest.mark.parametrize("package", ["index", "rag"])
def test_a_package_can_be_imported_alone_and_from_anywhere(package: str, tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {package}; print(sorted({package}.__all__))"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True)
    expected = sorted(importlib.import_module(package).__all__)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{expected}\n", "")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_in_docstrings_are_true(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_every_module_says_what_it_decides_and_every_public_name_what_it_is() -> None:
    missing = []
    for path in MODULES:
        tree = parsed(path)
        missing += [] if ast.get_docstring(tree) else [path.as_posix()]
        for node in tree.body:
            is_public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if is_public and not ast.get_docstring(node):  # type: ignore[arg-type]
                missing.append(f"{path}: {node.name}")  # type: ignore[attr-defined]
    assert missing == []
