"""Questions to begin with: made by rules that change no word, and every one of them answered by its own sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index import build, open_index
from index.sentences import split_sentences
from rag import ask
from rag.examples import example_questions, questions_of
from tests.browser import Open, Serve

Articles = Callable[..., Path]


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "About 70,000 deaths a year in the region have been linked to fentanyl, and many were young.",
            "How many deaths a year in the region have been linked to fentanyl?",
        ),
        (
            "In 2021, 106,000 people died from overdoses in the country, more than in 2020.",
            "How many people died from overdoses in the country in 2021?",
        ),
        ("China has some 5,000 makers of medicine.", "How many makers of medicine does China have?"),
        (
            "“Last year, Mexico extradited 24 defendants to the United States, but others wait.”",
            "How many defendants were extradited by Mexico to the United States?",
        ),
        (
            "The council of Arden spent 4,711 pounds on new roads.",
            "How many pounds were spent by the council of Arden on new roads?",
        ),
        ("The old bridge was closed to lorries in May 1998.", "When was the old bridge closed to lorries?"),
        (
            "The minister Ana Silva said that little had come from Porto Verde.",
            "What did Ana Silva say about Porto Verde?",
        ),
    ],
)
def test_a_sentence_becomes_a_question_that_it_answers(sentence: str, question: str) -> None:
    assert next(questions_of(sentence, split_sentences(sentence), 0), None) == question


@pytest.mark.parametrize(
    "sentence",
    [
        "It was 12 degrees.",
        "We have 334 offices around the world.",  # whose they are is said elsewhere
        "Prices rose by 12 percent in the towns along the coast.",
        "About 12 years later the bridge was opened to all.",
        "Rahul Gupta, director of the Office of Roads, said that much is left to do.",  # says who he is
        "The last time a bridge was closed before this one was in 1998.",
        "He spent 4,711 pounds on new roads.",
    ],
)
def test_a_sentence_that_would_make_a_crooked_question_makes_none(sentence: str) -> None:
    assert list(questions_of(sentence, split_sentences(sentence), 0)) == []


def test_every_example_of_the_seeds_is_answered(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    questions = example_questions(index, 4)
    assert len(questions) == 4
    answers = [ask(question, index) for question in questions]
    assert [answer.question for answer in answers if answer.refused] == []
    assert len({answer.citations[0].document for answer in answers}) == 4
    assert example_questions(index, 4) == questions


def test_a_folder_in_which_the_rules_find_nothing_has_no_examples(articles: Articles, tmp_path: Path) -> None:
    build(
        articles(rio="El río subió dos metros. Se cerró un puente.", list="bridges\nroads\nschools"), tmp_path / "index"
    )
    assert example_questions(open_index(tmp_path / "index"), 4) == []


def test_copies_of_one_report_give_one_example_between_them(articles: Articles, tmp_path: Path) -> None:
    text = "The council of Arden spent 4,711 pounds on new roads. The mayor opened three of them in a week of rain."
    build(articles(one=text, two=text), tmp_path / "index")
    assert example_questions(open_index(tmp_path / "index"), 4) == [
        "How many pounds were spent by the council of Arden on new roads?"
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports
def test_the_page_offers_questions_of_its_documents_and_new_ones_with_a_new_index(
    open_page: Open, serve_index: Serve, articles: Articles, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    folder = articles(arden="The council of Arden spent 4,711 pounds on new roads.")
    build(folder, tmp_path / "index")
    page = open_page(serve_index(tmp_path / "index"))
    examples = page.locator("#examples button")
    expect(examples).to_have_text(["How many pounds were spent by the council of Arden on new roads?"])
    examples.click()
    expect(page.locator("#chat .bot-row blockquote")).to_contain_text("4,711 pounds")
    (folder / "arden.txt").write_text("The old bridge of Arden was closed to lorries in May 1998.", "utf-8")
    build(index_dir=tmp_path / "index")
    expect(examples).to_have_text(["When was the old bridge of Arden closed to lorries?"])
