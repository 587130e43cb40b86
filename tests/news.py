"""The invented articles of ``tests/claims`` as a question set, with what others asked about them.

    python -m tests.news FOLDER

makes FOLDER with ``docs/`` and ``questions.jsonl``, as `rag.calibrate` and ``footnoted evaluate`` read it. Its
questions were in view while the sentences that answer were chosen; ``news_unseen.jsonl`` has as many that were not.
"""

import shutil
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
SEEN, UNSEEN = TESTS / "asked" / "news.jsonl", TESTS / "asked" / "news_unseen.jsonl"


def lay_out(folder: Path) -> Path:
    """The folder of the articles, ``docs``: each under the name of its set and its own."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for article in sorted((TESTS / "claims").glob("*/*.txt")):
        shutil.copy(article, docs / f"{article.parent.name}-{article.name}")
    shutil.copy(SEEN, folder / "questions.jsonl")
    return docs


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
