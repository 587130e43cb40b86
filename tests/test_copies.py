"""When two texts are copies of one report, on one as seven papers print it and on texts that only look alike."""

import hashlib
import struct
from itertools import combinations

import numpy as np
import pytest

from index.boilerplate import Mark
from index.copies import (
    NUMBERS,
    READ_CHARACTERS,
    SHARED_BY_SHORTER,
    SLACK,
    Sketch,
    are_copies,
    may_be_copies,
    runs_of,
    sketch,
    words_of,
)
from tests.wire_story import COPIES, HEADLINE, LOCAL, REPORT, REPORTER, SERIES, WIRE, article

SHORT = "The ferry to the island does not run on Sunday. Letters are carried by the pilot."


def copies(one: str, other: str) -> bool:
    return are_copies(runs_of(words_of(one)), runs_of(words_of(other)))


def resemblance(one: Sketch, other: Sketch) -> float:
    """The share of numbers in which two signatures agree."""
    numbers = struct.Struct(f"<{NUMBERS}I").unpack
    return float(np.mean([a == b for a, b in zip(numbers(one.signature), numbers(other.signature), strict=True)]))


@pytest.mark.parametrize(("one", "other"), list(combinations(COPIES, 2)))
def test_however_two_papers_change_a_report_it_stays_the_same_report(one: str, other: str) -> None:
    assert copies(COPIES[one], COPIES[other])
    assert copies(COPIES[other], COPIES[one])


@pytest.mark.parametrize("paper", COPIES)
def test_another_report_on_the_same_event_is_no_copy(paper: str) -> None:
    assert not copies(COPIES[paper], REPORTER)


def test_two_issues_of_a_series_that_share_half_of_their_paragraphs_are_no_copies() -> None:
    one, other = (runs_of(words_of(issue)) for issue in SERIES.values())
    assert 0.5 < len(one & other) / min(len(one), len(other)) < SHARED_BY_SHORTER
    assert not are_copies(one, other)


def test_a_report_that_quotes_a_whole_statement_is_no_copy_of_it() -> None:
    statement, report = article(*REPORT[:2]), article(*REPORT[:2], REPORTER, *SERIES.values())
    assert runs_of(words_of(statement)) <= runs_of(words_of(report))
    assert not copies(statement, report)
    assert copies(statement, article(*REPORT[:2], LOCAL))


def test_short_texts_are_copies_word_for_word_only() -> None:
    assert sketch(SHORT).signature == b""
    assert sketch(SHORT) == sketch(SHORT.upper().replace(". ", "\n\n– "))
    assert sketch(SHORT).key != sketch(SHORT.replace("Sunday", "Monday")).key
    assert not copies(SHORT, SHORT)
    assert not copies(SHORT, f"{SHORT} {SHORT}")


def test_what_is_marked_as_not_article_is_no_part_of_a_copy() -> None:
    prompt = "Subscribe to our newsletter.\n"
    text = f"{prompt}{HEADLINE}\n{prompt}{WIRE}"
    marks = (
        Mark(0, 29, "newsletter prompt"),
        Mark(29 + len(HEADLINE) + 1, 58 + len(HEADLINE) + 1, "newsletter prompt"),
    )
    assert sketch(text, marks) == sketch(f"{HEADLINE}\n{WIRE}")
    assert sketch(text) != sketch(text, marks)


def test_case_accents_and_punctuation_make_no_difference() -> None:
    assert words_of("Mr. López: „Straße“, naïve_4!") == ["mr", "lopez", "strasse", "naive", "4"]
    assert words_of("Lo\u0301pez") == words_of("López")
    assert sketch("… !") == sketch("")


def test_of_a_long_text_the_beginning_is_compared() -> None:
    text = " ".join(f"word{number}" for number in range(READ_CHARACTERS // 6))
    assert len(text) > READ_CHARACTERS
    assert sketch(text) == sketch(text + " and another end")


def test_signatures_agree_in_the_share_of_runs_that_texts_have_in_common() -> None:
    """Jaccard's coefficient worked out from the runs themselves; the slack is what the estimate may be off."""
    texts = [*COPIES.values(), REPORTER, *SERIES.values()]
    for one, other in combinations(texts, 2):
        runs, others = runs_of(words_of(one)), runs_of(words_of(other))
        estimate = resemblance(sketch(one), sketch(other))
        assert estimate == pytest.approx(len(runs & others) / len(runs | others), abs=SLACK)
        assert may_be_copies(np.array([estimate]), len(runs), np.array([len(others)])).tolist() == [copies(one, other)]


def test_signatures_are_those_that_are_stored() -> None:
    """Where this fails, rensa counts in another way: raise FORMAT in `index.generations`, stored ones mean nothing."""
    made = sketch(WIRE)
    assert (made.runs, len(made.signature)) == (310, 4 * NUMBERS)
    assert made.key == hashlib.sha256(" ".join(words_of(WIRE)).encode()).digest()[:16]
    assert hashlib.sha256(made.signature).hexdigest() == (
        "10adf4e8c2c1262ed6c5b3f2583f1a670072d0b035c2f9b179d2181de00334e5"
    )
