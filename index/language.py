"""The language of an article: as its file names it, else recognised from its words where they leave no doubt.

A language is its primary tag of BCP 47, in lower case: ``en``, ``es``, also for ``en-US``, ``eng`` and ``English``.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

READ_CHARACTERS = 1_000
"""What is looked at: 1 ms for an article, and every piece of 400 of the articles at hand is sure."""

SURE = 0.95
"""Probability from which a language is believed. Two plain sentences have it in English, French or German (.99);
headlines (.49), names (.12) and figures (.01) do not, and neither do 50 characters of Danish, which may be Norwegian
(.40), or of Galician, which may be Portuguese (.85): those stay unknown."""

NO_LANGUAGE = {"und", "zxx", "mul", "mis"}
"""Tags that say a language is unknown, or that there is none, or several."""

NAMED_IN = ("en", "es", "fr", "de", "it", "pt")
"""Languages whose names for languages are understood: ``Spanish``, ``español``, ``Spanisch``."""


def language_tag(words: str) -> str | None:
    """The tag of a language that a file names by a tag, a code or a word; None for what names none.

    >>> language_tag("en-US"), language_tag("spa"), language_tag("Español"), language_tag("x-default")
    ('en', 'es', 'es', None)
    """
    from babel import Locale  # 90 ms with its tables, and few files name a language
    from babel.core import get_global

    name = words.strip().casefold()
    primary = re.split(r"[-_.]", name, maxsplit=1)[0]
    if re.fullmatch(r"[a-z]{2,3}", primary):
        tag = get_global("language_aliases").get(primary, primary)
        return tag if tag in Locale("en").languages and tag not in NO_LANGUAGE else None
    return _tags_by_name().get(name)


def recognise(text: str) -> str | None:
    """The language of a text by its first words; None where it is not sure."""
    tag, probability = _identifier().classify(text[:READ_CHARACTERS])
    return tag if probability >= SURE and tag not in NO_LANGUAGE else None


def language_of_question(text: str) -> str | None:
    """The language of a question, one of NAMED_IN; None where it is not sure.

    Among so few, a question is enough: of 1,680 English ones none is taken for another language's, and 22 of 22
    Spanish, French and German ones are recognised.
    """
    tag, probability = _identifier_of_questions().classify(text)
    return tag if probability >= SURE else None


@lru_cache(maxsize=1)
def _tags_by_name() -> dict[str, str]:
    from babel import Locale

    return {
        name.casefold(): tag
        for named_in in reversed(NAMED_IN)
        for tag, name in Locale(named_in).languages.items()
        if tag.isalpha() and tag not in NO_LANGUAGE
    }


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # its model: half a second and 120 MB

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@lru_cache(maxsize=1)
def _identifier_of_questions() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(NAMED_IN))
    return identifier
