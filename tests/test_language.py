"""Languages: named in many ways, one tag each; recognised from the words where they leave no doubt, else unknown."""

from pathlib import Path

import pytest

from index.folders import Found
from index.language import language_tag, recognise
from index.load import Document, load
from index.metadata import Metadata


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_us", "en"),
        ("en.UTF-8", "en"),
        ("zh-Hant-TW", "zh"),
        ("eng", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("iw", "he"),
        ("English", "en"),
        ("español", "es"),
        ("Inglés", "en"),
        ("Französisch", "fr"),
        ("nb", "nb"),
        (" es ", "es"),
        ("", None),
        ("x-default", None),
        ("C", None),
        ("qq", None),
        ("und", None),
        ("zxx", None),
        ("en, es", None),
        ("Latin America", None),
    ],
)
def test_a_language_is_its_primary_tag_however_it_is_named(words: str, tag: str | None) -> None:
    assert language_tag(words) == tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("The river rose by two metres on Friday. Nobody was hurt, the mayor said in the morning.", "en"),
        ("El río creció dos metros el viernes por la noche. Nadie resultó herido, dijo el alcalde.", "es"),
        ("La rivière a monté de deux mètres. Personne n’a été blessé.", "fr"),
        ("Der Fluss stieg um zwei Meter. Niemand wurde verletzt.", "de"),
        ("川は二メートル上昇した。けが人はいなかった。", "ja"),
        ("THE RIVER ROSE BY TWO METRES ON FRIDAY. NOBODY WAS HURT, THE MAYOR SAID IN THE MORNING.", "en"),
    ],
)
def test_a_language_is_recognised_from_two_sentences(text: str, tag: str) -> None:
    assert recognise(text) == tag


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The river rose.",
        "Fuente: El Financiero",
        "Milgram DEA Garland AMLO López Obrador",
        "334 offices: 12.5 %, 13 %, 9 %",
        "12.5\t13.0\t9.1\n" * 200,
        "def rise(metres):\n    return metres + 1\n" * 20,
        "O río creceu dous metros. Ninguén resultou ferido.",  # Galician; Portuguese reads much the same
        "Floden steg med to meter. Ingen kom til skade.",  # Danish, or Norwegian
    ],
)
def test_what_leaves_a_doubt_is_in_no_language(text: str) -> None:
    assert recognise(text) is None


def test_no_piece_of_the_seeds_is_taken_for_another_language() -> None:
    seeds = [file.read_text("utf-8") for file in (Path(__file__).parent.parent / "seeds").glob("*.txt")]
    pieces = [text[start : start + size] for text in seeds for size in (60, 200) for start in range(0, len(text), size)]
    assert len(pieces) > 500
    assert {recognise(piece) for piece in pieces} == {"en", None}


def known(tmp_path: Path, name: str, text: str) -> Metadata:
    (tmp_path / name).write_text(text, "utf-8")
    document = load(Found("news", name, tmp_path / name))
    assert isinstance(document, Document)
    return document.metadata


SPANISH = "El río creció dos metros el viernes por la noche. Nadie resultó herido, dijo el alcalde.\n"


def test_a_language_that_is_stated_is_not_recognised_anew(tmp_path: Path) -> None:
    one = known(tmp_path, "a.md", f"---\nlang: en-GB\n---\n{SPANISH}")
    assert (one.language, one.sources["language"]) == ("en", "front matter: lang")


def test_a_language_that_is_stated_in_no_known_way_is_recognised(tmp_path: Path) -> None:
    one = known(tmp_path, "a.md", f"---\nlanguage: Martian\n---\n{SPANISH}")
    assert (one.language, one.sources["language"]) == ("es", "its words")


def test_only_the_article_is_looked_at(tmp_path: Path) -> None:
    furniture = "Leave a Reply\n\nYour email address will not be published. Required fields are marked *\n\n" * 50
    assert known(tmp_path, "a.txt", f"{furniture}{SPANISH}").language == "es"
