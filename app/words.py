"""The words of the page in the reader's language; the key of a text is the text in English."""

import json
from functools import cache
from pathlib import Path

from app.settings import settings_now

LANGUAGES = Path(__file__).parent / "languages"


def say(text: str, **values: object) -> str:
    """The text in the language of the page, with these values; in English where it has no other."""
    translated = table(settings_now().language).get(text, text)
    return translated.format(**values) if values else translated


@cache
def table(language: str) -> dict[str, str]:
    """English text -> text in this language; empty for English."""
    file = LANGUAGES / f"{language}.json"
    words: dict[str, str] = json.loads(file.read_text("utf-8")) if language != "en" else {}
    return words
