"""Sentences: where they begin and end, exactly, and that no word of an article is lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.boilerplate import Mark
from index.read_text import read_text
from index.sentences import Sentence, place_of, split_sentences

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def sentences(text: str, *marks: Mark) -> list[str]:
    return [text[one.start : one.end] for one in split_sentences(text, marks)]


def headings(text: str) -> list[str]:
    return [text[one.start : one.end] for one in split_sentences(text) if one.heading]


def test_sentences_come_with_offsets_and_paragraphs() -> None:
    text = "The river rose.  Nobody was hurt.\n\nIt fell on Monday."
    assert split_sentences(text) == [
        Sentence(0, 15, paragraph=0),
        Sentence(17, 33, paragraph=0),
        Sentence(35, 53, paragraph=1),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Lee of the U.S. Army came. He left.", ["Mr. Lee of the U.S. Army came.", "He left."]),
        ("“The river rose. It fell,” she said.", ["“The river rose.", "It fell,” she said."]),
        ("It cost $1.5 million. Why?", ["It cost $1.5 million.", "Why?"]),
        ("She left…\nHe stayed.", ["She left…", "He stayed."]),
        ("He said: “It rose. ”\nShe left.", ["He said: “It rose. ”", "She left."]),
        ("The river isn’t low and it can't rise.", ["The river isn’t low and it can't rise."]),
        ("The river rose.\r\nIt fell.\rIt is low.", ["The river rose.", "It fell.", "It is low."]),
        ("\ufeffThe river rose.", ["The river rose."]),
        ("COPENHAGEN (Reuters) - Orsted fell. It rose.", ["COPENHAGEN (Reuters) - Orsted fell.", "It rose."]),
        ("WASHINGTON (A.P.) — The river rose. It fell.", ["WASHINGTON (A.P.) — The river rose.", "It fell."]),
        ("PARIS, Aug 15 (AFP) -- The river rose. It fell.", ["PARIS, Aug 15 (AFP) -- The river rose.", "It fell."]),
        ("LEEDS (AP) – “It rose,” he said.", ["LEEDS (AP) – “It rose,” he said."]),
        ("(It rose.) — It fell.", ["(It rose.)", "— It fell."]),
        ("It rose (by a metre). - It fell.", ["It rose (by a metre).", "- It fell."]),
    ],
)
def test_a_sentence_ends_where_a_reader_would_end_it(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_marked_spans_are_left_out() -> None:
    text = "The river rose. Photo: AP\nShare\nNobody was hurt."
    marks = (Mark(16, 25, "photo credit"), Mark(26, 31, "social prompt"))
    assert sentences(text, *marks) == ["The river rose.", "Nobody was hurt."]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = (
        "The river rose by two metres on Monday, and the road along its left\n"
        "bank was closed for the rest of the week, as the mayor of the town\n"
        "told the paper on Tuesday morning. Nobody was hurt, and the bridge\n"
        "stands. The school, which lies on higher ground, opened its doors to\n"
        "the families of the quarter.\n"
        " \t\n"
        "On Friday the water fell. The road was opened again.\n"
    )
    found = split_sentences(text)
    assert [one.paragraph for one in found] == [0, 0, 0, 1, 1]
    assert sentences(text)[-2:] == ["On Friday the water fell.", "The road was opened again."]
    assert text[found[0].start : found[0].end].count("\n") == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "LEEDS (AP) - The bank raised its key rate by half a point\r\nto 4.5 per cent. It rose.",
            ["LEEDS (AP) - The bank raised its key rate by half a point\r\nto 4.5 per cent.", "It rose."],
        ),
        (
            "> How much was spilled at Lindau? The press says 200\n> litres.\n> Ben",
            ["How much was spilled at Lindau?", "The press says 200\n> litres.", "Ben"],
        ),
        (
            "the bridge in Calder will be\nclosed until the fourth of August.\n\nIt fell",
            ["the bridge in Calder will be", "closed until the fourth of August.", "It fell"],
        ),
        (
            "the harbour bridge in Calder will be\nclosed until the fourth of August.",
            ["the harbour bridge in Calder will be\nclosed until the fourth of August."],
        ),
        ("A river in the north, and the city that lives by it\nIt rose.", None),
        ("It rose, and the road was closed for a week or more.\niPads are wet.", None),
        ("It rose, and the road was closed for a week or more\n\nand nobody was hurt.", None),
        ("flour\nmilk of the farm\nbread", None),
    ],
)
def test_a_line_that_was_cut_inside_a_sentence_goes_on(text: str, expected: list[str] | None) -> None:
    assert sentences(text) == (expected or [line for line in text.splitlines() if line])


def test_a_line_over_prose_that_ends_like_no_sentence_is_a_heading() -> None:
    text = "A wet spring\nThe river rose.\nWho pays\nNobody knows."
    assert headings(text) == ["A wet spring", "Who pays"]


def test_rows_of_a_table_are_no_headings_but_the_last_one_over_prose() -> None:
    text = "January 12 mm\nFebruary 80 mm\nMarch 3 mm\nThe river rose."
    assert headings(text) == ["March 3 mm"]


@pytest.mark.parametrize("mark", ["[1]", "[2][^3]", "[^note]", "¹²"])
def test_a_sentence_with_a_footnote_is_no_heading(mark: str) -> None:
    assert headings(f"The river froze over in 1963.{mark}\nIt did not freeze again.") == []


def test_a_list_item_is_no_heading() -> None:
    assert headings("• China’s part\nThe river rose.\n1. First\nIt fell.") == []


def test_the_sign_before_an_item_a_quoted_line_or_a_heading_is_not_of_the_sentence() -> None:
    text = "## The river\n• It rose.\n- It fell.\n> > “It stood,” she said.\n* * *\n-5 degrees\n**Note** it."
    assert sentences(text) == [
        "The river", "It rose.", "It fell.", "“It stood,” she said.", "-5 degrees", "**Note** it.",
    ]  # fmt: skip
    assert headings(text) == ["The river"]


@pytest.mark.parametrize("text", ["", " \n ", "…\n***\n", "\ufeff"])
def test_a_text_without_words_has_no_sentences(text: str) -> None:
    assert split_sentences(text) == []


def check_nothing_is_lost(text: str, marks: tuple[Mark, ...] = ()) -> None:
    """Sentences are in order, apart, trimmed, outside the marks, and hold every letter and digit of the rest."""
    left = set()
    for mark in marks:
        left |= set(range(mark.start, mark.end))
    position = 0
    for one in split_sentences(text, marks):
        assert position <= one.start < one.end
        words = text[one.start : one.end]
        assert words == words.strip(" \t\r\n")
        assert left.isdisjoint(range(one.start, one.end))
        assert not any(letter.isalnum() for place, letter in enumerate(text[position : one.start], position)
                       if place not in left)  # fmt: skip
        position = one.end
    assert not any(letter.isalnum() for place, letter in enumerate(text[position:], position) if place not in left)


@pytest.mark.parametrize("name", [path.name for path in sorted(SEEDS.glob("*.txt"))])
def test_no_word_of_a_seed_is_lost(name: str) -> None:
    reading = read_text((SEEDS / name).read_bytes())
    check_nothing_is_lost(reading.text, reading.marks)


PIECES = [
    "The river rose.", "“It fell. ”", " ", "\n", "\r\n", "\n\n", "\u00a0", "\t", "Dr. ", "U.S. ", "isn't ", "e\u0301",
    "🙂", "\u200b", "\u200d", "a" * 150, "...", "1.5", "can't", "--", "\x0b", "\x1c", "\u2028", "?!", "(c) ", "«",
    "漢字。", "ﬁ", "İ",
]  # fmt: skip


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_word_of_any_text_is_lost(text: str) -> None:
    check_nothing_is_lost(text)


def test_a_word_longer_than_the_splitter_takes_is_kept_in_parts() -> None:
    assert "".join(sentences("a" * 45_000)) == "a" * 45_000


def test_a_hard_wrapped_text_with_a_long_run_of_blanks_is_read_in_seconds() -> None:
    wrapped = "The river rose by two metres on Monday, and the road along its left\n" * 6
    assert sentences(wrapped + "\n" + " " * 100_000 + "It fell.")[-1] == "It fell."


def test_a_sentence_is_found_by_where_it_begins() -> None:
    found = split_sentences("It rose. It fell.\n\nIt stood.")
    assert [place_of(found, one.start) for one in found] == [0, 1, 2]
    with pytest.raises(AssertionError, match=r"^no sentence begins at 1$"):
        place_of(found, 1)
