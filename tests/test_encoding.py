"""What is not UTF-8: Windows-1252, unless enough speaks for another encoding."""

import json
from pathlib import Path
from typing import Any

import pytest

from index.encoding import older_encoding
from index.read_text import decode

ENCODED: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("encoded.jsonl").read_text("utf-8").splitlines()
]
"""Short and long texts of Western languages, and texts in other encodings that are as long as a short report."""

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@pytest.mark.parametrize("case", ENCODED, ids=[f"{case['encoding']} {case['text'][:20]}" for case in ENCODED])
def test_a_text_is_read_letter_by_letter(case: dict[str, Any]) -> None:
    text, notes = decode(case["text"].encode(case["encoding"]))
    assert text == case["text"]
    assert len(notes) == 1


def test_the_texts_are_short_and_long_and_in_many_encodings() -> None:
    western = [len(case["text"]) for case in ENCODED if case["encoding"] == "cp1252"]
    others = {case["encoding"] for case in ENCODED} - {"cp1252"}
    assert len(western) >= 30
    assert min(western) < 15 < 300 < max(western)
    assert len(others) >= 10
    assert len({case["text"] for case in ENCODED}) == len(ENCODED)


@pytest.mark.parametrize("name", sorted(path.name for path in SEEDS.glob("*.txt")))
def test_an_article_saved_by_windows_is_the_article(name: str) -> None:
    text = (SEEDS / name).read_text("utf-8")
    saved = text.encode("cp1252", "ignore")
    kept = saved.decode("cp1252")
    assert decode(saved)[0] == kept


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_what_reads_as_no_language_in_windows_1252_is_in_another_encoding(encoding: str) -> None:
    text = (
        "Le préfet a parlé à la télévision : la forêt a brûlé et l'école est fermée. La sécheresse a été très longue, "
        "la rivière est à sec, et les élèves ont été évacués. La journée a été pénible, a déclaré le délégué.\n"
    )
    assert decode(text.encode(encoding))[0] == text


def test_one_byte_without_a_meaning_costs_one_letter() -> None:
    text = "Le préfet a parlé à la télévision : la forêt a brûlé et l'école est fermée depuis la sécheresse."
    assert decode(text.encode("cp1252").replace(b"\xea", b"\x9d")) == (
        text.replace("ê", "\ufffd"),
        ("decoded as cp1252", "1 damaged places are not cp1252 and read \ufffd"),
    )


def test_a_few_words_are_windows_1252_whatever_they_are() -> None:
    assert older_encoding("Łódź".encode("cp1250")) == "cp1252"
    assert decode("Мэр".encode("cp1251"))[0] == "Ìýð"


def test_what_holds_control_characters_is_not_read_as_windows_1252() -> None:
    assert older_encoding(b"\x7fELF\x02\x01\x01\xe9\x03\x05\xff\x06" * 40) is None


def test_a_vast_text_with_one_accent_is_looked_at_beside_the_accent() -> None:
    text = "The river rose by two metres.\n" * 100_000 + "Señor Peña sold the ranch.\n" + "It fell.\n" * 100_000
    assert decode(text.encode("cp1252"))[0] == text
