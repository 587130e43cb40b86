"""Measures how the index grows and how fast it is, over text and vectors made from a fixed seed: ``make bench``.

    python -m tests.bench [--place FOLDER] [CHUNKS ...]         1000 10000 100000 if none are named

Articles are written to files and indexed by `build` itself; only their vectors are made rather than computed (mixtures
of real ones), since a hundred thousand chunks take the model an hour. What the model costs is measured apart, on a few
hundred chunks. Beside footnoted, in the same run and on the same chunks, stands what one would write without it:
sentence-transformers with its defaults, FAISS's exact index and SQLite's FTS5.
"""

import argparse
import contextlib
import json
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from index import build, open_index
from index.boilerplate import Mark
from index.embed import Embedder
from index.generations import folder_of
from index.models import find_model
from index.opened import Index
from index.sentences import Sentence
from index.sync import SEEDS
from rag import ask, retrieve
from tests.measure import median_s, milliseconds, peak_megabytes, percentiles, say, table

SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 100
EMBEDDED_CHUNKS = 640
"""Chunks on which the model is measured: about fifteen seconds each time."""

BESIDE_UP_TO = 100_000
"""Chunks up to which the other way is built too: FTS5 takes a minute and 1.4 GB for a million."""

STORE_ONLY_FROM = 300_000
"""From here on sentences end at full stops, lengths are reckoned and no language is recognised: only the store is
measured then. The real ways take 2 ms a chunk, at any size."""

WORDS_PER_CHUNK, CHUNKS_PER_ARTICLE = 145, 4

OWN = 0.4
"""Length of what a made vector does not share with others: the nearest neighbours have cosines of 0.4 to 0.7."""

Floats = NDArray[np.float32]
Spans = Sequence[tuple[int, int]]


def main() -> None:
    """Prints every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chunks", nargs="*", type=int, default=list(SIZES))
    parser.add_argument(
        "--place", type=Path, help="Keep the made indexes in this folder, and use those that are there."
    )
    parser.add_argument("--only-make", action="store_true", help="Make the indexes and measure nothing more.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="footnoted-bench-") as scratch:
        place = given.place or Path(scratch)
        made = [make(place / str(chunks), chunks) for chunks in given.chunks]
        if given.only_make:
            return
        table(("the model", "figure"), model_figures(Path(scratch)))
        columns = [growth(place / str(chunks), how) for chunks, how in zip(given.chunks, made, strict=True)]
        rows = ((name, *(column.get(name, "-") for column in columns)) for name in columns[0])
        table(("chunks", *(f"{chunks:,}" for chunks in given.chunks)), rows)


class Prose:
    """Articles from a fixed seed: the words of the model's own table, which are in the order of their frequency, and
    rare ones made of two of them, drawn as often as words of that rank are (Zipf-Mandelbrot).
    """

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        known = vocabulary()
        made = {first + second for first, second in self._random.choice(known[500:], (40_000, 2))}
        self._words = np.array([*known, *sorted(made)])
        self._until = np.cumsum(1 / (np.arange(len(self._words)) + 2.7))

    def words(self, count: int) -> list[str]:
        """Words as they come in running text."""
        drawn = self._random.random(count) * self._until[-1]
        return list(self._words[np.searchsorted(self._until, drawn)])

    def question(self) -> str:
        """Ten words, the first a capital, with a question mark."""
        return " ".join(self.words(10)).capitalize() + "?"

    def article(self) -> str:
        """A title, and paragraphs of sentences of 8 to 28 words."""
        words = self.words(WORDS_PER_CHUNK * CHUNKS_PER_ARTICLE)
        sentences = []
        while words:
            length = int(self._random.integers(8, 29))
            sentences.append(" ".join(words[:length]).capitalize() + ".")
            words = words[length:]
        paragraphs = [" ".join(sentences[start : start + 4]) for start in range(0, len(sentences), 4)]
        return "\n\n".join([" ".join(self.words(7)).title(), *paragraphs]) + "\n"


def vocabulary() -> list[str]:
    """The whole words of the default model's table, the most frequent first."""
    from tokenizers import Tokenizer

    table = Tokenizer.from_file(str(find_model(None).folder / "tokenizer.json")).get_vocab()
    return [word for word in sorted(table, key=lambda word: table[word]) if re.fullmatch("[a-z]{2,}|a", word)]


def seed_texts() -> list[str]:
    """The five articles."""
    return [file.read_text("utf-8") for file in sorted(SEEDS.glob("*.txt"))]


def write_articles(folder: Path, count: int, prose: Prose) -> None:
    """Files in folders of a thousand; one in a hundred says that the Gazette published it."""
    for number in range(count):
        file = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        source = "Source: Harbour Gazette\n" if number % 100 == 0 else ""
        file.write_text(prose.article() + source, "utf-8")


class MadeVectors:
    """Unit vectors as real as can be made quickly: mixtures of three real ones, and something of their own."""

    def __init__(self, embedder: Embedder, prose: Prose) -> None:
        sentences = [one.strip() for text in seed_texts() for one in re.split(r"(?<=[.?!])\s", text) if one.strip()]
        sentences += [" ".join(prose.words(20)) for _ in range(1_000)]
        self._real = embedder.encode_texts([one[:300] for one in sentences])
        self._random = np.random.default_rng(1)

    def __call__(
        self,
        texts: Sequence[str],
        spans: Sequence[Spans],
        progress: Callable[[int], None] | None = None,
        keep: Callable[[int, Floats], Any] = lambda _, of_text: of_text,
    ) -> tuple[Floats, list[Any]]:
        """In place of `Embedder.encode_chunks`. Sentences and words have real vectors: packing costs the same."""
        chosen = self._random.integers(0, len(self._real), (len(texts), 3))
        weights = self._random.dirichlet((1.0, 1.0, 1.0), len(texts)).astype(np.float32)
        own = self._random.standard_normal((len(texts), self._real.shape[1]), dtype=np.float32) * OWN / 20
        mixed = np.einsum("nk,nkd->nd", weights, self._real[chosen]) + own
        unit: Floats = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        drawn = (self._real[self._random.integers(0, len(self._real), len(of_text))] for of_text in spans)
        return unit, list(map(keep, count(), drawn))


def model_figures(place: Path) -> Iterator[tuple[str, str]]:
    """The whole build against the bare model on the same chunks, in turns, and a question's vector."""
    embedder = Embedder.load()
    articles = place / "embedded"
    write_articles(articles, EMBEDDED_CHUNKS // CHUNKS_PER_ARTICLE, Prose(2))
    bare, with_sentences, whole = [], [], []
    for turn in range(3):
        index_dir = place / f"embedded-index-{turn}"
        report = build(articles, index_dir)
        whole.append(report.embedded / report.seconds)
        texts, spans = searched_texts(open_index(index_dir))
        bare.append(len(texts) / (milliseconds(partial(embedder.encode_texts, texts)) / 1000))
        with_sentences.append(len(texts) / (milliseconds(partial(embedder.encode_chunks, texts, spans)) / 1000))
    yield "build from nothing, chunks a second", f"{statistics.median(whole):.1f}"
    yield "the bare model on the same chunks", f"{statistics.median(bare):.1f}"
    yield "...with the vectors of their sentences", f"{statistics.median(with_sentences):.1f}"
    yield "ratio of the build and the bare model", f"{statistics.median(whole) / statistics.median(bare):.2f}"
    prose = Prose(3)
    times = [milliseconds(partial(embedder.encode_question, prose.question())) for _ in range(200)]
    yield "a question's vector, p50 / p95", percentiles(times)
    other = json.loads(in_fresh_process("tests.bench:other_model", json.dumps(texts)))
    yield "sentence-transformers, chunks a second", f"{other['chunks_a_second']:.1f}"
    yield "sentence-transformers, a question's vector, p50", f"{other['question_ms']:.1f} ms"


def searched_texts(index: Index) -> tuple[list[str], list[Spans]]:
    """What the model was given of each chunk, but for the title, and where the sentences are."""
    chunks = index.catalog.chunks(index.catalog.chunk_ids()).values()
    documents = {row.id: document for row in index.documents() if (document := index.document(row.id))}
    texts: list[str] = []
    spans: list[Spans] = []
    for chunk in chunks:
        document = documents[chunk.document_id]
        header = f"{document.title}\n"
        shift = len(header) - chunk.start
        texts.append(header + document.text[chunk.start : chunk.end])
        spans.append([(one.start + shift, one.end + shift) for one in chunk.sentences])
    return texts, spans


def other_model(texts: str) -> None:
    """Prints what sentence-transformers does with its defaults."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_model(None).folder), device="cpu", local_files_only=True)
    chunks: list[str] = json.loads(texts)
    model.encode(chunks[:32])
    took_ms = milliseconds(partial(model.encode, chunks))
    questions = [milliseconds(partial(model.encode, Prose(3).question())) for _ in range(50)]
    say(json.dumps({"chunks_a_second": len(chunks) / took_ms * 1000, "question_ms": statistics.median(questions)}))


def make(place: Path, chunks: int) -> dict[str, float]:
    """Writes the articles of one size and indexes them, unless that was done; what it took."""
    noted = place / "made.json"
    if not noted.exists():
        say(f"making {chunks:,} chunks ...")
        shutil.rmtree(place, ignore_errors=True)
        prose = Prose()
        write_articles(place / "articles", chunks // CHUNKS_PER_ARTICLE, prose)
        vectors = MadeVectors(Embedder.load(), prose)
        with patch.object(Embedder, "encode_chunks", staticmethod(vectors)), only_the_store(chunks):
            report = build(place / "articles", place / "index")
        on_disk = megabytes(folder_of(place / "index", report.generation))
        cost = {"seconds": report.seconds, "megabytes": peak_megabytes(), "on_disk_mb": on_disk}
        noted.write_text(json.dumps({"chunks": report.chunks, "documents": report.documents, **cost}), "utf-8")
    how: dict[str, float] = json.loads(noted.read_text("utf-8"))
    return how


def growth(place: Path, how: Mapping[str, float]) -> dict[str, str]:
    """The figures of one size."""
    say(f"{how['chunks']:,} chunks ...")
    prose = Prose(5)
    return {
        "documents, chunks": f"{how['documents']:,}, {how['chunks']:,}",
        "build without the model, chunks a second": f"{how['chunks'] / how['seconds']:,.0f}",
        "its memory, index on disk": f"{how['megabytes']:,.0f} MB, {how['on_disk_mb']:,.0f} MB",
        **search_figures(place / "index"),
        **question_figures(place / "index", [prose.question() for _ in range(QUESTIONS)]),
        **build_figures(place),
    }


@contextlib.contextmanager
def only_the_store(chunks: int) -> Iterator[None]:
    """From STORE_ONLY_FROM on: what is done to each text for itself is done in a simpler way."""

    def split(text: str, marks: Sequence[Mark] = ()) -> list[Sentence]:
        paragraphs = [match for match in re.finditer(r"[^\n]+", text) if not match[0].startswith("Source: ")]
        return [
            Sentence(paragraph.start() + one.start(), paragraph.start() + one.end(), number)
            for number, paragraph in enumerate(paragraphs)
            for one in re.finditer(r"\S[^.]*\.?", paragraph[0])
        ]

    simpler = {
        "index.chunk.split_sentences": split,
        "index.load.recognise": lambda words: "en",
        "index.catalog.count_tokens": lambda text: len(text) // 5,
        "index.embed.Embedder.count": lambda embedder, text: len(text) // 5 + 2,
    }
    with contextlib.ExitStack() as patched:
        for name, function in simpler.items() if chunks >= STORE_ONLY_FROM else ():
            patched.enter_context(patch(name, function))
        yield


def search_figures(index_dir: Path) -> dict[str, str]:
    """How the vectors are searched."""
    search = open_index(index_dir).manifest.vector_search
    candidates = f", {search['candidates']:,} candidates" if search["candidates"] else ""
    return {
        "vectors are searched": search["how"] + candidates,
        "recall@10 of that, own vectors": f"{search['recall_at_10']:.3f}",
    }  # fmt: skip


def question_figures(index_dir: Path, questions: Sequence[str]) -> dict[str, str]:
    """Opening, asking, asking with a filter, and the two ways of looking for vectors."""
    index = open_index(index_dir)
    cold = [json.loads(in_fresh_process("tests.bench:cold_question", str(index_dir), questions[0])) for _ in range(3)]
    only = {"publisher": "Harbour Gazette"}
    for one in questions[:5]:
        retrieve(one, 5, index), retrieve(one, 5, index, only), ask(one, index)
    vectors = [index.embedder.encode_question(one) for one in questions]
    exact = [index.vectors.search(one, 10) for one in vectors]
    found = [index.nearest(one, 10) for one in vectors]
    shares = [len(dict(a).keys() & dict(b).keys()) / len(a) for a, b in zip(exact, found, strict=True)]
    assert all(len(retrieve(one, 5, index, only)) == 5 for one in questions[:5])
    return {
        "the same, of questions": f"{statistics.mean(shares):.3f}",
        "first question in a fresh process": f"{statistics.median(one['seconds'] for one in cold):.2f} s",
        "its memory": f"{statistics.median(one['megabytes'] for one in cold):.0f} MB",
        "retrieve, warm, p50 / p95": each(questions, lambda one: retrieve(one, 5, index)),
        "retrieve, 1 % passes the filter": each(questions, lambda one: retrieve(one, 5, index, only)),
        "ask, warm, p50 / p95": each(questions, lambda one: ask(one, index)),
        "of it, vectors": each(vectors, lambda one: index.nearest(one, 100)),
        "of it, words": each(questions, lambda one: index.words.search(index.words.terms(one), 100)),
        "vectors, scanned exactly": each(vectors, lambda one: index.vectors.search(one, 100)),
        "the other way": beside(index, questions) if index.manifest.chunks <= 1.5 * BESIDE_UP_TO else "-",
    }


def each(given: Sequence[Any], work: Callable[[Any], object]) -> str:
    """Percentiles of the times that a call takes."""
    return percentiles([milliseconds(partial(work, one)) for one in given])


def beside(index: Index, questions: Sequence[str]) -> str:
    """FAISS's exact index and SQLite's FTS5 over the same chunks; the vector of the question is not counted."""
    import faiss

    flat = faiss.IndexFlatIP(index.vectors.dimension)
    flat.add(index.vectors.at(np.arange(len(index.vectors))))
    words = sqlite3.connect(":memory:")
    words.execute("CREATE VIRTUAL TABLE chunks USING fts5(words, tokenize = 'porter unicode61')")
    words.executemany("INSERT INTO chunks VALUES (?)", ([one] for one in searched_texts(index)[0]))
    faiss.omp_set_num_threads(2)

    def search(question: str, vector: Floats) -> None:
        flat.search(vector.reshape(1, -1), 100)
        terms = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        words.execute("SELECT rowid FROM chunks WHERE chunks MATCH ? ORDER BY rank LIMIT 100", [terms]).fetchall()

    vectors = [index.embedder.encode_question(one) for one in questions]
    times = [milliseconds(partial(search, one, vector)) for one, vector in zip(questions, vectors, strict=True)]
    faiss.omp_set_num_threads(1)
    return percentiles(times)


def build_figures(place: Path) -> dict[str, str]:
    """An article more, then nothing new; each as the command does it, in a process of its own."""
    build(index_dir=place / "index")
    (place / "articles" / f"{time.time_ns()}.txt").write_text(Prose(time.time_ns()).article(), "utf-8")
    added = json.loads(in_fresh_process("tests.bench:one_build", str(place / "index")))
    assert added["added"] == 1
    again = median_s(lambda: build(index_dir=place / "index"))
    return {
        "one article more": f"{added['seconds']:.1f} s, {added['embedded']} chunks embedded",
        "memory of that": f"{added['megabytes']:,.0f} MB",
        "build, nothing new": f"{again:.2f} s",
    }


def cold_question(index_dir: str, question: str) -> None:
    """Prints what one question costs in this process."""
    assert retrieve(question, 5, index_dir)
    say(json.dumps({"megabytes": peak_megabytes()}))


def one_build(index_dir: str) -> None:
    """Prints what a build did and cost in this process."""
    report = build(index_dir=index_dir)
    say(json.dumps({"added": len(report.added), "embedded": report.embedded, "megabytes": peak_megabytes()}))


def in_fresh_process(function: str, *arguments: str) -> str:
    """What a function of this file prints in a process of its own, with the seconds that took added to its JSON."""
    module, _, name = function.partition(":")
    program = f"import sys; from {module} import {name}; {name}(*sys.stdin.read().split('\\0'))"
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program], input="\0".join(arguments), capture_output=True, text=True, check=True
    )
    return json.dumps({"seconds": time.perf_counter() - started, **json.loads(done.stdout.splitlines()[-1])})


def megabytes(folder: Path) -> float:
    """Size of the files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


if __name__ == "__main__":
    main()
