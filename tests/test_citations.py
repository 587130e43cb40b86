"""A footnote points at exactly the words it quotes: compared with the files themselves, not with the index."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from index import build, open_index
from index.opened import Index
from rag import ask
from rag.citations import Citation, InexactQuote, checked, cite
from rag.evaluate import Outcome

ROOT = Path(__file__).resolve().parent.parent
DEA = "How many offices does the DEA have around the world?"


def as_written(file: Path) -> str:
    """The text of a file, no line ending translated."""
    with file.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def test_every_citation_of_every_golden_question_stands_in_the_file_at_its_place(
    golden_outcomes: Sequence[Outcome],
) -> None:
    citations = [citation for outcome in golden_outcomes for citation in outcome.answer.citations]
    assert len(citations) >= 60
    for citation in citations:
        assert as_written(ROOT / "seeds" / citation.document)[citation.start : citation.end] == citation.quote


def test_statements_citations_and_numbers_of_every_golden_answer_belong_together(
    golden_outcomes: Sequence[Outcome],
) -> None:
    for answer in (outcome.answer for outcome in golden_outcomes):
        assert [one.number for one in answer.citations] == list(range(1, len(answer.citations) + 1))
        assert [(one.text, one.citation) for one in answer.statements] == [
            (one.quote, one.number) for one in answer.citations
        ]


def test_a_citation_says_all_that_is_known_of_its_document(seeds_index: Path) -> None:
    [citation] = ask(DEA, seeds_index).citations
    assert citation == Citation(
        number=1,
        document="001_963e728015908ae9.txt",
        start=1266,
        end=1303,
        quote="We have 334 offices around the world.",
        title="DEA called for further cooperation from China and Mexico in the fight against fentanyl",
        publisher="El Financiero",
        author=None,
        published=None,
        folder="seeds",
        document_id=citation.document_id,
        language="en",
        marks=((1274, 1285),),
    )
    assert citation.location == "seeds/001_963e728015908ae9.txt:1266-1303"


@pytest.mark.parametrize(
    "text",
    [
        "Flood news\r\n\r\nThe gauge at Zürich showed 4.2 metres on Monday.\r\nNobody was hurt.\r\n",
        "\ufeffThe gauge at Zürich showed 4.2 metres on Monday. Nobody was hurt.",
        "🌊🌊 Water! The gauge at Zu\u0308rich showed 4.2 metres on Monday.\n\n\n\tNobody was hurt.",
        "𝔉lood 👩‍👩‍👧‍👦 family\u2028news\x0bThe gauge at Zürich showed 4.2 metres on Monday.\rNobody was hurt.",
    ],
)
def test_offsets_count_code_points_of_the_file_as_it_is_written(
    articles: Callable[..., Path], tmp_path: Path, text: str
) -> None:
    folder = articles(flood=text)
    build(folder, tmp_path / "index")
    answer = ask("What did the gauge at Zürich show on Monday?", tmp_path / "index")
    [citation] = [one for one in answer.citations if "gauge" in one.quote]
    assert as_written(folder / "flood.txt")[citation.start : citation.end] == citation.quote
    assert citation.quote.endswith("rich showed 4.2 metres on Monday.")


@pytest.fixture
def rivers(articles: Callable[..., Path], tmp_path: Path) -> Index:
    """One article of two sentences."""
    build(articles(river="The river rose. It fell again."), tmp_path / "index")
    return open_index(tmp_path / "index")


def test_a_place_becomes_a_citation_with_the_words_that_stand_there(rivers: Index) -> None:
    [document] = rivers.documents()
    assert cite(3, document.id, 16, 30, rivers) == Citation(
        number=3,
        document="river.txt",
        start=16,
        end=30,
        quote="It fell again.",
        title=None,
        publisher=None,
        author=None,
        published=None,
        folder="articles",
        document_id=document.id,
    )


def test_right_citations_pass_unchanged(rivers: Index) -> None:
    [document] = rivers.documents()
    citations = [cite(1, document.id, 0, 15, rivers), cite(2, document.id, 16, 30, rivers)]
    assert checked(iter(citations), rivers) == tuple(citations)
    assert checked([], rivers) == ()


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"start": 1}, "1-15"),
        ({"end": 14}, "0-14"),
        ({"start": 16, "end": 31, "quote": "It fell again."}, "16-31"),
        ({"start": -30, "end": -15}, "-30--15"),
        ({"start": 1000, "end": 1015}, "1000-1015"),
        ({"quote": "The river rose"}, "0-15"),
        ({"quote": "the river rose."}, "0-15"),
        ({"quote": "", "end": 0}, "0-0"),
        ({"document_id": 99}, "0-15"),
    ],
)
def test_a_quote_that_does_not_stand_where_it_says_never_leaves(
    rivers: Index, wrong: dict[str, object], place: str
) -> None:
    [document] = rivers.documents()
    citation = replace(cite(1, document.id, 0, 15, rivers), **wrong)  # type: ignore[arg-type]
    with pytest.raises(InexactQuote) as error:
        checked([citation], rivers)
    assert str(error.value) == f"footnote 1 does not stand at articles/river.txt:{place}"


@pytest.mark.parametrize(
    "marks", [((15, 20),), ((16, 31),), ((16, 16),), ((20, 18),), ((20, 22), (17, 19)), ((16, 18), (18, 20))]
)
def test_marks_that_are_not_inside_their_quote_never_leave(rivers: Index, marks: tuple[tuple[int, int], ...]) -> None:
    [document] = rivers.documents()
    right = cite(1, document.id, 16, 30, rivers, marks=[(0, 2), (8, 13)])
    assert checked([right], rivers) == (right,)
    assert right.marks == ((16, 18), (24, 29))
    with pytest.raises(InexactQuote) as error:
        checked([replace(right, marks=marks)], rivers)
    assert str(error.value) == f"the marks {marks} of footnote 1 are not inside its quote"


@pytest.mark.parametrize("numbers", [[1, 3], [2], [0, 1], [2, 1], [1, 1]])
def test_numbers_that_leave_one_out_never_leave(rivers: Index, numbers: list[int]) -> None:
    [document] = rivers.documents()
    citations = [cite(number, document.id, 0, 15, rivers) for number in numbers]
    with pytest.raises(InexactQuote) as error:
        checked(citations, rivers)
    assert str(error.value) == f"footnotes are numbered {numbers}"


def test_a_citation_of_a_document_that_is_not_there_cannot_be_made(rivers: Index) -> None:
    with pytest.raises(AssertionError, match=r"^a citation of document 99, which is not there$"):
        cite(1, 99, 0, 15, rivers)
