"""Sentences that say the same as one of a passage in another way, and beside each one that does not."""

from collections.abc import Callable

import pytest

from index import build, open_index
from rag.passages import retrieve
from rag.spans import _article
from rag.support import ADDITION, DATE, NAME, NUMBER, SPEAKER, Checker, Support

TOWN = (
    "Dam to be rebuilt\n\n"
    "The ferry company bought the tug from a Norwegian yard in 2009. Environment minister Stefan Aurich said that the "
    "government would rebuild the dam. The energy company Dalva Power called the findings exaggerated. Its "
    "spokeswoman, Ilka Romm, said that the company's own gauges had shown no unusual change.\n\n"
    "Clara Whitcombe of Prior & Dean said the dividend had been halved. Mr Aurich has visited the new lock. The "
    "turbine delivers 85 megawatts. Ilse Vask, 52, was found guilty in October of stealing coal between March 2014 "
    "and June 2017. The album was released in 2015, and it sold poorly until it was used in a film the following year. "
    "Rent rose to 300 florins a month.\n\n"
    "Orla Benn opened the kiln in 1974. It was built of clay. It burned 40 tons of coal in the first winter.\n"
)


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Support]:
    folder = tmp_path_factory.mktemp("checked")
    (folder / "articles").mkdir()
    (folder / "articles" / "town.txt").write_text(TOWN, "utf-8")
    build(folder / "articles", folder / "index")
    index = open_index(folder / "index")
    return lambda sentence: Checker(retrieve(sentence, k=5, index=index), index).check(sentence, ())


@pytest.mark.parametrize(
    ("same", "other", "problem"),
    [
        (
            "The ferry company bought the tug from a yard in Norway in 2009.",
            "The ferry company bought the tug from a yard in Denmark in 2009.",
            NAME,
        ),
        (
            "The minister said that the government would rebuild the dam.",
            "The mayor said that the government would rebuild the dam.",
            SPEAKER,
        ),
        ("Stefan Aurich has visited the new lock.", "Peter Aurich has visited the new lock.", NAME),
        ("Minister Aurich has visited the new lock.", "Captain Aurich has visited the new lock.", NAME),
        (
            "Dalva Power said its own gauges had shown no unusual change.",
            "Stefan Aurich said the company's own gauges had shown no unusual change.",
            SPEAKER,
        ),
        (
            "Clara Whitcombe said the dividend had been halved.",
            "Ilka Romm said the dividend had been halved.",
            SPEAKER,
        ),
        ("The turbine delivers 85 MW.", "The turbine delivers 85 GW.", NUMBER),
        (
            "In October Ilse Vask was found guilty of stealing coal from March 2014 to June 2017.",
            "In October Ilse Vask was found guilty of stealing coal from March 2014 to June 2016.",
            DATE,
        ),
        (
            "It sold poorly until 2016, when it was used in a film.",
            "It sold poorly until 2018, when it was used in a film.",
            DATE,
        ),
        (  # the parts stand apart
            "Rent rose to 300 florins a month, and Orla Benn opened the kiln in 1974.",
            "Rent rose to 300 florins a month, and Orla Benn opened the kiln in 1994.",
            DATE,
        ),
        (
            "The government would rebuild the dam, minister Stefan Aurich said.",
            "Minister Stefan Aurich said that the government would rebuild the dam with foreign money.",
            ADDITION,
        ),
        ("Rent rose to 300 florins per month.", "Rent rose to 300 florins a week.", NUMBER),
    ],
)
def test_the_same_in_other_words_is_supported_and_another_thing_is_not(
    same: str, other: str, problem: str, check: Callable[[str], Support]
) -> None:
    assert check(same).problems == ()
    assert problem in check(other).problems


def test_of_a_long_article_what_is_near_and_its_ends_are_looked_through() -> None:
    text = f"begins{'a' * 150_000}near{'b' * 150_000}ends"
    shown = _article(text, text.index("near"))
    assert len(shown) < 110_000
    assert shown.startswith("begins")
    assert "near" in shown
    assert shown.endswith("ends")
    assert _article("short", 2) == "short"
