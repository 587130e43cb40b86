"""How many labelled sentences the rules for speakers, contexts and marks get right: ``python -m tests.labelled``."""

from collections.abc import Iterable

from rag.marks import marks_in
from tests import test_attributed, test_contexts, test_marks

HALVES = ("tuned", "held out")


def main() -> None:
    """A line for each set and half; for marks also F1 over the marked characters."""
    for half in HALVES:
        claims = [test_attributed.is_right(case) for case in test_attributed.CASES if case["half"] == half]
        print(f"speakers, {half}: {sum(claims)} of {len(claims)}")
        contexts = [has_right_context(case) for case in test_contexts.CASES if case["half"] == half]
        print(f"contexts, {half}: {sum(contexts)} of {len(contexts)}")
        cases = [case for case in test_marks.CASES if case["half"] == half]
        exact = [test_marks.marked(case["question"], case["sentence"]) == case["marks"] for case in cases]
        print(f"marks, {half}: {sum(exact)} of {len(exact)}, F1 {overlap(cases):.3f}")


def has_right_context(case: dict[str, str | None]) -> bool:
    """Whether the context is the labelled one, or none where none is needed."""
    context = test_contexts.found(str(case["text"]), str(case["sentence"]))
    return context is None if case["context"] is None else context is not None and context.startswith(case["context"])


def overlap(cases: Iterable[dict[str, object]]) -> float:
    """F1 of marked and labelled characters, over all sentences together."""
    both = found = labelled = 0
    for case in cases:
        sentence, marks = str(case["sentence"]), case["marks"]
        assert isinstance(marks, list)
        right = {place for words in marks for place in span(sentence.index(words), len(words))}
        spans = marks_in(test_marks.asked(str(case["question"])), sentence)
        marked = {place for start, end in spans for place in range(start, end)}
        both, found, labelled = both + len(right & marked), found + len(marked), labelled + len(right)
    return 2 * both / (found + labelled)


def span(start: int, length: int) -> range:
    """The places of some characters."""
    return range(start, start + length)


if __name__ == "__main__":
    main()
