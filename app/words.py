"""The words of the page in the reader's language; the key of a text is the text in English.

Numbers and moments are written as the language writes them.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from app.settings import settings_now

LANGUAGES = Path(__file__).parent / "languages"

LOCALES = {"en": "en_GB", "es": "es"}
"""Which country's way, where there are several."""

GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")


def say(text: str, **values: object) -> str:
    """The text in the language of the page, with these values; in English where it has no other."""
    translated = table(settings_now().language).get(text, text)
    shown = {name: grouped(value) if isinstance(value, int) else value for name, value in values.items()}
    return translated.format(**shown) if values else translated


def say_again(text: str, texts: Iterable[str], **saying: Callable[[str], str]) -> str:
    """A sentence in the language of the page, where it is one of these texts with values in their places.

    What `rag` and `index` say comes in English and whole. Values that are words too are said by ``saying``.
    """
    for one in texts:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*?)", re.escape(one))
        if found := re.fullmatch(pattern, text, re.DOTALL):
            return say(one, **{name: saying.get(name, regrouped)(value) for name, value in found.groupdict().items()})
    return text


def regrouped(value: str) -> str:
    """The value; a number that was written in English, as the language of the page writes it."""
    return grouped(int(value.replace(",", ""))) if GROUPED.fullmatch(value) else value


def say_names(names: str) -> str:
    """Names of which one or the other is meant."""
    return names.replace(" or ", f" {say('or')} ")


def grouped(number: int) -> str:
    """The number with its thousands set apart."""
    language = settings_now().language
    if language == "en":
        return f"{number:,}"
    from babel.numbers import format_decimal  # 0.1 s, and the command line speaks English

    return str(format_decimal(number, locale=LOCALES[language]))


def moment(time: str) -> str:
    """An ISO time as people of this machine's time zone, and of the page's language, write it."""
    from babel.dates import format_date

    local = datetime.fromisoformat(time).astimezone()
    return f"{format_date(local, 'long', locale=LOCALES[settings_now().language])}, {local:%H:%M}"


@cache
def table(language: str) -> dict[str, str]:
    """English text -> text in this language; empty for English."""
    file = LANGUAGES / f"{language}.json"
    words: dict[str, str] = json.loads(file.read_text("utf-8")) if language != "en" else {}
    return words
