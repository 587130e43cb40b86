"""Measures what a graphics card changes, beside the processor and beside sentence-transformers on the same card.

    python -m tests.gpu [CHUNKS]            4000 if none are named

Needs onnxruntime-gpu in place of onnxruntime, and a PyTorch that finds the card. What an index holds must not depend on
where it was built, so the vectors of both are compared, too. The texts are made from a fixed seed, see `tests.bench`.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from index import build, open_index
from index.embed import Embedder
from index.models import find_model
from tests.bench import CHUNKS_PER_ARTICLE, Prose, in_fresh_process, searched_texts, write_articles
from tests.measure import milliseconds, say, table

CHUNKS = 4_000
COMPARED = 320
"""Chunks given to the processor, which takes the longest."""

TURNS = 3
QUESTIONS = 100


def main() -> None:
    """Prints the table."""
    on_card = Embedder.load()
    if not on_card.on_gpu:
        sys.exit("No graphics card is used: see what the README says of one.")
    chunks = int(sys.argv[1]) if len(sys.argv) > 1 else CHUNKS
    with tempfile.TemporaryDirectory(prefix="footnoted-gpu-") as scratch:
        table(("a graphics card", "figure"), figures(on_card, Path(scratch), chunks))


def figures(on_card: Embedder, place: Path, chunks: int) -> Iterator[tuple[str, str]]:
    """Chunks a second everywhere, and how much the vectors differ."""
    articles = place / "articles"
    write_articles(articles, chunks // CHUNKS_PER_ARTICLE, Prose(2))
    built = build(articles, place / "card")
    with patch("index.embed._gpu_session", return_value=None):
        on_processor = Embedder.load()
        few = place / "few"
        write_articles(few, COMPARED // CHUNKS_PER_ARTICLE, Prose(2))
        slowly = build(few, place / "processor")
    assert not on_processor.on_gpu
    texts, spans = searched_texts(open_index(place / "card"))
    yield "chunks", f"{len(texts):,}"
    yield "build from nothing, chunks a second", f"{built.embedded / built.seconds:.0f}"
    yield "...on the processor", f"{slowly.embedded / slowly.seconds:.0f}"
    on_card.encode_chunks(texts[:COMPARED], spans[:COMPARED])
    yield "the bare model, chunks a second", a_second(len(texts), partial(on_card.encode_texts, texts))
    yield (
        "...with the vectors of their sentences",
        a_second(len(texts), partial(on_card.encode_chunks, texts, spans)),
    )
    few_texts = texts[:COMPARED]
    yield "...the bare model on the processor", a_second(COMPARED, partial(on_processor.encode_texts, few_texts))
    other = json.loads(in_fresh_process("tests.gpu:other_model", json.dumps(texts)))
    yield "sentence-transformers on the card", other["chunks_a_second"]
    prose = Prose(3)
    questions = [prose.question() for _ in range(QUESTIONS)]
    for name, embedder in (("a question's vector on the card, p50", on_card), ("...on the processor", on_processor)):
        times = [milliseconds(partial(embedder.encode_question, one)) for one in questions]
        yield name, f"{statistics.median(times):.1f} ms"
    vectors, same = on_card.encode_texts(few_texts), on_processor.encode_texts(few_texts)
    yield "largest difference of a number in a vector", f"{np.abs(vectors - same).max():.1e}"
    asked = np.array([on_processor.encode_question(one) for one in questions])
    nearest, too = (np.argsort(-(asked @ of_all.T), axis=1)[:, :10] for of_all in (vectors, same))
    yield "the same ten nearest in the same order", f"{np.mean((nearest == too).all(axis=1)):.2f} of the questions"


def a_second(count: int, work: Callable[[], object]) -> str:
    """How many of a number are done in a second, the median of a few turns."""
    return f"{statistics.median(count / milliseconds(work) * 1000 for _ in range(TURNS)):.0f}"


def other_model(texts: str) -> None:
    """Prints what sentence-transformers does with its defaults on the card, chunks a second."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(None).folder), device="cuda", local_files_only=True)
    chunks: list[str] = json.loads(texts)
    model.encode(chunks[:64])
    say(json.dumps({"chunks_a_second": a_second(len(chunks), partial(model.encode, chunks))}))


if __name__ == "__main__":
    main()
