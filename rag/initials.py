"""Names that a question gives by their initials, and the documents only in full: AMLO, CDC.

Initials that no sentence holds name somebody the documents do not. Where an article that was found has a name whose
words begin with them, that name is asked about instead. Initials that could be two names stay a reason not to answer.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from index.opened import Index
from rag.confidence import unknown_names
from rag.passages import Passage, stored_text
from rag.question import Question

INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ]{3,7}")
"""Two letters begin the words of too many names."""

CAPITALS = range(0x41, 0x180)
"""Code points among which those of Latin scripts stand, to the end of Latin Extended-A."""

BETWEEN = r"(?:[ \n-]+(?:of|the|for|and|on|in|to|at|de|del|la|las|los|el|y|e))*[ \n-]+"
"""What stands between the words of a name without a letter of its own: Center for Disease Control."""


def asked_in_full(question: Question, passages: Sequence[Passage], index: Index) -> str | None:
    """The question with names in full for initials that no sentence holds; None where it has none that can be told.

    "When did AMLO come to power?" over news of "President Andres Manuel López Obrador": "When did Andres Manuel López
    Obrador come to power?"
    """
    asked = question.text
    for initials in filter(INITIALS.fullmatch, unknown_names(question, index)):
        name = _name_of(initials, passages, index)
        if name:
            asked = re.sub(rf"\b{initials}\b", name, asked)  # of letters, blanks and hyphens
    return asked if asked != question.text else None


def _name_of(initials: str, passages: Sequence[Passage], index: Index) -> str | None:
    """The name, as the best passage's article writes it, or None where articles have several or none."""
    words = [rf"[{_forms(letter)}][^\W\d_]*[a-zß-öø-ÿ][^\W\d_]*" for letter in initials]
    written = re.compile(rf"(?<!\w){BETWEEN.join(words)}(?!\w)")
    names: dict[tuple[str, ...], str] = {}
    for document_id in dict.fromkeys(passage.document_id for passage in passages):
        for match in written.finditer(stored_text(document_id, index)):
            names.setdefault(tuple(index.words.terms(match[0])), " ".join(match[0].split()))
    return next(iter(names.values())) if len(names) == 1 else None


@cache
def _forms(letter: str) -> str:
    """A capital with and without accents: the Ó of Óscar stands as O in initials."""
    return "".join(one for one in map(chr, CAPITALS) if one.isupper() and _plain(one) == _plain(letter))


def _plain(letter: str) -> str:
    return unicodedata.normalize("NFD", letter)[0]
