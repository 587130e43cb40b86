"""What becomes of questions; question sets that are none are named by file and line."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import build, open_index
from index.errors import UsageError
from index.opened import Index
from rag import ask
from rag.evaluate import DEPTH, Case, Place, evaluate, index_of, read_cases

MILL = "The mill by the river has ground flour since 1820."
RIGHT = {"id": "a", "question": "Since when?", "doc": "mill.txt", "quotes": ["1820"]}
CHOIR = "Forty children sang a psalm in the old church. The psalm was sung twice."


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Two articles of one chunk each."""
    folder = tmp_path_factory.mktemp("evaluate") / "docs"
    folder.mkdir()
    (folder / "mill.txt").write_text(MILL, "utf-8")
    (folder / "choir.txt").write_text(CHOIR, "utf-8")
    build(folder, folder.parent / "index")
    return open_index(folder.parent / "index")


def question_set(folder: Path, *questions: dict[str, Any] | str) -> Path:
    """A JSONL file."""
    file = folder / "questions.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in questions]
    file.write_text("\n".join(lines), "utf-8")
    return file


def ids(index: Index) -> dict[str, int]:
    """Document ids by name."""
    return {row.path: row.id for row in index.documents()}


def test_questions_are_answerable_near_misses_or_off_corpus(index: Index, tmp_path: Path) -> None:
    file = question_set(
        tmp_path,
        {"id": "a", "question": "Since when?", "doc": "mill.txt", "spans": [[39, 49]]},
        {
            "id": "b", "question": "Who sang?", "doc": "choir.txt", "quotes": ["Forty children"], "answerable": True,
            "also": [{"doc": "mill.txt", "quote": "The mill"}],
        },
        "",
        {"id": "c", "question": "How often?", "doc": "choir.txt", "answerable": False},
        {"id": 4, "question": "Why?", "doc": None, "answerable": False},
        {"id": "e", "question": "Who else?", "doc": "other.txt", "answerable": False},
    )  # fmt: skip
    mill, choir = ids(index)["mill.txt"], ids(index)["choir.txt"]
    assert read_cases(file, index) == [
        Case("a", "Since when?", "answerable", (Place(mill, 39, 49),)),
        Case("b", "Who sang?", "answerable", (Place(choir, 0, 14), Place(mill, 0, 8))),
        Case("c", "How often?", "near miss", ()),
        Case("4", "Why?", "off-corpus", ()),
        Case("e", "Who else?", "off-corpus", ()),
    ]


def test_no_question_of_another_sets_documents_is_answerable(index: Index, tmp_path: Path) -> None:
    file = question_set(tmp_path, {"id": "a", "question": "Since when?", "doc": "mill.txt", "spans": [[39, 49]]})
    assert read_cases(file, index, off_corpus=True) == [Case("a", "Since when?", "off-corpus", ())]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("{", "it is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "it is not an object with fields"),
        ("3", "it is not an object with fields"),
        ('"Who?"', "it is not an object with fields"),
        ("null", "it is not an object with fields"),
        ("[" * 200_000, "it is nested too deeply"),
        ({"id": "a", "doc": "mill.txt", "spans": [[0, 3]]}, "it has no question"),
        ({"question": "Who?", "doc": "mill.txt", "spans": [[0, 3]]}, "it has no id"),
        ({**RIGHT, "id": None}, "its id is not a text or a whole number"),
        ({**RIGHT, "id": " "}, "its id is not a text or a whole number"),
        ({**RIGHT, "id": "\ud800"}, "its id is not a text or a whole number"),
        ({**RIGHT, "id": "ok"}, "line 1 has the id ok too"),
        ({**RIGHT, "question": ["Who?"]}, "its question is not a text"),
        ({**RIGHT, "question": "?"}, "The question is empty. Ask something the documents may answer"),
        ({**RIGHT, "answerable": "false"}, "its answerable is not true or false"),
        ({**RIGHT, "answerable": 0}, "its answerable is not true or false"),
        ({**RIGHT, "quotes": "mill"}, "its quotes is not a list of texts"),
        ({**RIGHT, "quotes": [""]}, "its quotes is not a list of texts"),
        ({**RIGHT, "quotes": None}, "its quotes is not a list of texts"),
        ({**RIGHT, "spans": [3]}, "its spans is not a list of [start, end]"),
        ({**RIGHT, "spans": [["0", "3"]]}, "its spans is not a list of [start, end]"),
        ({**RIGHT, "spans": [[0, 3.5]]}, "its spans is not a list of [start, end]"),
        ({**RIGHT, "spans": [[3, 1]]}, "the span [3, 1] is not inside mill.txt"),
        ({**RIGHT, "also": [{"doc": "mill.txt"}]}, 'its also is not a list of {"doc": ..., "quote": ...}'),
        ({**RIGHT, "doc": 3}, "its doc is not the name of a document, or null"),
        ({**RIGHT, "doc": None}, "its doc, in which the words stand, is missing"),
        ({"id": "a", "question": "Who?", "doc": "mill.txt"}, "an answerable question without spans or quotes"),
        (
            {"id": "a", "question": "Who?", "doc": "nothing.txt", "spans": [[0, 3]]},
            "there is no document nothing.txt in the index",
        ),
        (
            {"id": "a", "question": "Who?", "doc": "mill.txt", "quotes": ["the miller"]},
            "mill.txt does not hold the words 'the miller'",
        ),
    ],
)
def test_a_line_that_is_no_question_is_named(
    index: Index, tmp_path: Path, question: dict[str, Any] | str, reason: str
) -> None:
    file = question_set(tmp_path, {"id": "ok", "question": "Who?", "doc": None, "answerable": False}, question)
    with pytest.raises(UsageError) as error:
        read_cases(file, index)
    assert str(error.value) == f"{file}, line 2: not a question of a set ({reason})."


def test_a_question_may_hold_any_character_but_a_line_feed(index: Index, tmp_path: Path) -> None:
    question = "Who\u2028sang\x85in the\x0b church\u2029?"
    line = json.dumps({"id": "a", "question": question, "doc": None, "answerable": False}, ensure_ascii=False)
    assert read_cases(question_set(tmp_path, line), index) == [Case("a", question, "off-corpus", ())]


def test_a_question_set_may_begin_with_a_byte_order_mark(index: Index, tmp_path: Path) -> None:
    file = question_set(tmp_path, {"id": "a", "question": "Who?", "doc": None, "answerable": False})
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert read_cases(file, index) == [Case("a", "Who?", "off-corpus", ())]


def test_a_file_without_questions_and_one_that_is_not_there_are_named(index: Index, tmp_path: Path) -> None:
    file = question_set(tmp_path, "", "  ")
    with pytest.raises(UsageError) as error:
        read_cases(file, index)
    assert str(error.value) == f"{file} holds no questions."
    missing = tmp_path / "missing.jsonl"
    with pytest.raises(UsageError) as error:
        read_cases(missing, index)
    assert str(error.value) == (
        f"{missing} cannot be read as a question set ([Errno 2] No such file or directory: '{missing}')."
    )


def test_an_outcome_is_what_ask_and_retrieve_say_of_the_question(index: Index) -> None:
    mill = ids(index)["mill.txt"]
    questions = [
        Case("whole", "Since when has the mill ground flour?", "answerable", (Place(mill, 39, 49),)),
        Case("beside", "Since when has the mill ground flour?", "answerable", (Place(ids(index)["choir.txt"], 0, 5),)),
        Case("beyond", "Since when has the mill ground flour?", "answerable", (Place(mill, 39, len(MILL) + 1),)),
    ]
    told: list[tuple[int, int]] = []
    whole, beside, beyond = evaluate(questions, index, lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert replace(whole.answer, timings_ms={}) == replace(ask(questions[0].question, index), timings_ms={})
    assert (whole.passage_rank, whole.in_first_quote, whole.in_answer) == (1, True, True)
    assert (beside.passage_rank, beside.in_first_quote, beside.in_answer) == (2, False, False)
    assert (beyond.passage_rank, beyond.in_first_quote, beyond.in_answer) == (None, True, True)  # no passage holds it
    assert whole.seconds == whole.answer.timings_ms["all"] / 1000
    assert whole.found[0] == f"{mill}:0-{len(MILL)}"
    assert [one.relevant for one in (whole, beyond)] == [{whole.found[0]}, set()]
    assert [one.is_right for one in (whole, beside, beyond)] == [True, False, True]


def paragraph(first: int, last: int) -> str:
    """Sentences about loaves; seven are a chunk."""
    return " ".join(
        f"Loaf number {n} was baked with rye flour for {20 + n} minutes in the village oven and sold to neighbour {n}."
        for n in range(first, last)
    )


def test_what_a_passage_holds_with_its_surroundings_is_found_though_no_chunk_holds_it(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    first, second = paragraph(0, 7), paragraph(7, 14)
    build(articles(bread=f"{first}\n\n{second}"), tmp_path / "index")
    index = open_index(tmp_path / "index")
    bread = ids(index)["bread.txt"]
    across = Place(bread, len(first) - 60, len(first) + 60)  # the last sentence of one chunk, the first of the next
    chunks = [(chunk.start, chunk.end) for chunk in index.catalog.chunks_of(bread)]
    assert chunks == [(0, len(first)), (len(first) + 2, len(first) + 2 + len(second))]
    beyond = Place(bread, 0, len(first) + len(second))
    inside = Place(bread, len(first) - 60, len(first))
    asked = "To whom was loaf number 6 sold?"
    cases = [Case("a", asked, "answerable", (place,)) for place in (across, inside, beyond)]
    held, in_a_chunk, longer = evaluate(cases, index)
    start, end = map(int, held.found[0].removeprefix(f"{bread}:").split("-"))
    assert start <= across.start
    assert across.end <= end
    assert end - start > chunks[0][1]
    assert [one.passage_rank for one in (held, in_a_chunk, longer)] == [1, 1, None]
    assert held.relevant == in_a_chunk.relevant == {held.found[0]}  # and not the chunk once more
    assert longer.relevant == set()


def test_of_what_no_passage_holds_the_chunks_that_do_are_what_was_missed(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    rivers = {f"river{n:02}": f"The river at town {n} rose by {n} centimetres after the rain." for n in range(15)}
    build(articles(**rivers, mill=MILL), tmp_path / "index")
    index = open_index(tmp_path / "index")
    mill = ids(index)["mill.txt"]
    [missed] = evaluate([Case("a", "Which town’s river rose?", "answerable", (Place(mill, 39, 49),))], index)
    assert len(missed.found) == DEPTH
    assert missed.passage_rank is None
    assert missed.relevant == {f"{mill}:0-{len(MILL)}"}


def test_a_folder_to_measure_on_has_an_index_of_its_own_that_is_brought_level(articles: Callable[..., Path]) -> None:
    folder = articles(mill=MILL)
    measured = index_of(folder)
    try:
        articles(choir=CHOIR)
        again = index_of(str(folder))
        assert again.path == measured.path
        assert folder not in measured.path.parents
        assert sorted(ids(measured)) == ["mill.txt"]
        assert sorted(ids(again)) == ["choir.txt", "mill.txt"]
    finally:
        shutil.rmtree(measured.path)


def test_an_exact_copy_of_the_document_that_answers_counts_as_that_document(made: Callable[..., Index]) -> None:
    bridge = "The bridge repair will cost $38 million, the director said."
    index = made(b=bridge, a=bridge, c=f"Again: {bridge}")
    gold, at = ids(index)["b.txt"], bridge.index("$38")
    asked = "How much will the bridge repair cost?"
    [outcome] = evaluate([Case("a", asked, "answerable", (Place(gold, at, at + len("$38 million")),))], index)
    shown = {citation.document for citation in outcome.answer.citations}
    assert shown == {"a.txt"}  # and b.txt is named as its copy
    assert (outcome.passage_rank, outcome.in_first_quote, outcome.in_answer) == (1, True, True)
    assert outcome.relevant == {f"{ids(index)['a.txt']}:0-{len(bridge)}"}  # and not the chunk of the copy once more


def test_a_document_with_another_text_does_not_count_as_the_one_that_answers(made: Callable[..., Index]) -> None:
    bridge = "The bridge repair will cost $38 million, the director said."
    index = made(b=bridge, a=bridge.replace("38", "39"))
    question = "How much will the bridge repair cost?"
    whole = Place(ids(index)["b.txt"], 0, len(bridge))
    [outcome] = evaluate([Case("a", question, "answerable", (whole,))], index)
    by_name = {row.id: row.path for row in index.documents()}
    found = [by_name[int(one.partition(":")[0])] for one in outcome.found]
    assert outcome.passage_rank == found.index("b.txt") + 1
