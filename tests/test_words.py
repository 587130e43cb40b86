"""Words in Tantivy: folding, stemming, and BM25 against the formula done by hand."""

import math
from pathlib import Path

import pytest

from index.words import Words, WordsWriter, copy_words

TEXTS = {
    1: "The river rose by two metres and the river fell again on Monday.",
    2: "López tracked the river.",
    3: "The bank raised its rates on Monday, and nobody was hurt.",
    4: "A bank of the river.",
}
DOCUMENT_OF = {1: 10, 2: 10, 3: 20, 4: 30}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    writer = WordsWriter(tmp_path / "words")
    for chunk_id, text in TEXTS.items():
        writer.add(chunk_id, DOCUMENT_OF[chunk_id], text)
    writer.commit()
    return tmp_path / "words"


@pytest.fixture
def words(folder: Path) -> Words:
    return Words(folder)


def ids(found: list[tuple[int, float]]) -> list[int]:
    return [one for one, _ in found]


def bm25(words: Words, term: str, chunk_id: int) -> float:
    """Robertson and Zaragoza (2009), k1 = 1.2 and b = 0.75, with Lucene's logarithm."""
    terms = {one: words.terms(text) for one, text in TEXTS.items()}
    holding = sum(term in found for found in terms.values())
    rarity = math.log(1 + (len(TEXTS) - holding + 0.5) / (holding + 0.5))
    average = sum(map(len, terms.values())) / len(TEXTS)
    count, length = terms[chunk_id].count(term), len(terms[chunk_id])
    return rarity * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / average))


@pytest.mark.parametrize("term", ["river", "bank", "mondai", "lopez", "metr"])
def test_scores_are_bm25(words: Words, term: str) -> None:
    expected = {one: bm25(words, term, one) for one in TEXTS}
    found = dict(words.search([term], 10))
    assert found == pytest.approx({one: score for one, score in expected.items() if score}, rel=1e-5)


def test_the_scores_of_several_terms_add_up_and_the_best_comes_first(words: Words) -> None:
    found = words.search(["river", "bank"], 10)
    assert dict(found) == pytest.approx({one: bm25(words, "river", one) + bm25(words, "bank", one) for one in TEXTS})
    assert ids(found)[0] == 4
    assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The trackers and the TRACKING: Café López", ["tracker", "track", "cafe", "lopez"]),
        ("rivers, river's", ["river", "river"]),
        ("the of and", []),
        ("U.S.-Mexico 110,000", ["u", "mexico", "110", "000"]),
        ("x" * 100, []),
        ('"AND (river:* OR -bank)~^', ["river", "bank"]),
        ("", []),
    ],
)
def test_words_are_folded_and_stemmed_and_stop_words_left_out(words: Words, text: str, terms: list[str]) -> None:
    found = words.terms(text)
    assert [term for term in found if term != "s"] == terms


@pytest.mark.parametrize("question", ["lopez", "LÓPEZ", "tracking", "tracks"])
def test_a_word_is_found_in_other_forms_and_without_accents(words: Words, question: str) -> None:
    assert ids(words.search(words.terms(question), 10)) == [2]


def test_a_question_in_the_language_of_query_parsers_is_words(words: Words) -> None:
    assert ids(words.search(words.terms('words:river AND NOT "bank" [a TO *] \\ ) ('), 10)) == [4, 3, 2, 1]


def test_unknown_words_find_nothing(words: Words) -> None:
    assert words.search(["zebra"], 10) == words.search([], 10) == []


def test_the_search_keeps_to_documents_and_leaves_the_scores_as_they_are(words: Words) -> None:
    everywhere = dict(words.search(["river"], 10))
    assert dict(words.search(["river"], 10, [10])) == {one: everywhere[one] for one in (1, 2)}
    assert words.search(["river"], 10, [20]) == words.search(["river"], 10, []) == []


def test_only_the_best_are_returned_and_equals_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    writer = WordsWriter(tmp_path / "words")
    for chunk_id in (5, 3, 9):
        writer.add(chunk_id, 1, "The river.")
    writer.commit()
    assert ids(Words(tmp_path / "words").search(["river"], 3)) == [3, 5, 9]
    assert len(Words(tmp_path / "words").search(["river"], 2)) == 2


def test_removed_chunks_are_gone_and_others_stay(folder: Path) -> None:
    before = Words(folder)
    writer = WordsWriter(folder)
    writer.remove(1)
    writer.remove(99)
    writer.add(5, 50, "Another river.")
    writer.commit()
    after = Words(folder)
    assert (after.chunk_ids(), len(after)) == ([2, 3, 4, 5], 4)
    assert sorted(ids(after.search(["river"], 10))) == [2, 4, 5]
    assert sorted(ids(before.search(["river"], 10))) == [1, 2, 4]


def test_what_is_not_committed_is_not_there(folder: Path) -> None:
    writer = WordsWriter(folder)
    writer.remove(1)
    writer.add(5, 50, "Another river.")
    writer.abandon()
    assert Words(folder).chunk_ids() == [1, 2, 3, 4]
    again = WordsWriter(folder)  # and the folder is free
    again.commit()


def test_abandoning_after_a_commit_changes_nothing(folder: Path) -> None:
    writer = WordsWriter(folder)
    writer.add(5, 50, "Another river.")
    writer.commit()
    writer.abandon()
    assert Words(folder).chunk_ids() == [1, 2, 3, 4, 5]


def test_a_copy_is_changed_without_its_source_and_damaged_without_it(folder: Path, tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    copy_words(folder, tmp_path / "copy", [name for name in before if not name.endswith(".lock")])
    writer = WordsWriter(tmp_path / "copy")
    writer.remove(1)
    writer.commit()
    assert Words(tmp_path / "copy").chunk_ids() == [2, 3, 4]
    assert Words(folder).chunk_ids() == [1, 2, 3, 4]
    for file in (tmp_path / "copy").iterdir():
        with file.open("r+b") as stream:
            stream.write(b"damage")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_question_of_a_thousand_words_is_asked_by_its_rarest(tmp_path: Path) -> None:
    writer = WordsWriter(tmp_path / "words")
    common = " ".join(f"common{number}" for number in range(300))
    for chunk_id in range(1, 6):
        writer.add(chunk_id, chunk_id, common + (" zebra" if chunk_id == 3 else ""))
    writer.commit()
    found = Words(tmp_path / "words").search([*common.split(), "zebra"], 10)
    assert ids(found) == [3, 1, 2, 4, 5]
