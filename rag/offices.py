"""Who is called by their office alone: the speech that says "THE PRESIDENT:", and never the president's name.

A question that names such a person ("What does President Biden propose?") names somebody the documents do not. Where
it finds the transcript in which whoever holds that office speaks, it is asked of the office ("What does the President
propose?"). Any other name that the documents lack stays a reason not to answer.
"""

import re
from collections.abc import Sequence

from index.opened import Index
from rag.confidence import unknown_names
from rag.passages import Passage, stored_text
from rag.question import NAME, Question

OFFICE = (
    r"(?:Vice President|Prime Minister|President|Chancellor|Secretary|Minister|Governor|Mayor|Speaker|Chairman|"
    r"Chairwoman|Chairperson|Chair|Commissioner|Ambassador|Judge|Justice|Senator|Pope)"
)
HOLDER = re.compile(rf"\b(?:the )?(?P<office>{OFFICE}) (?P<name>{NAME})")
OWNS = re.compile(r"[’']s$")

TURNS = 2
"""Times an office speaks in a transcript, at least: a label that comes once is none."""


def asked_of_office(question: Question, passages: Sequence[Passage], index: Index) -> str | None:
    """The question, asked of the office instead of a name that no sentence holds; None where it names nobody so.

    "What does President Biden propose?" over a speech of "THE PRESIDENT": "What does the President propose?"
    """
    unknown = set(unknown_names(question, index)) if passages and HOLDER.search(question.text) else set()
    if not unknown:
        return None
    text = stored_text(passages[0].document_id, index)

    def put(match: re.Match[str]) -> str:
        name = OWNS.sub("", match["name"])
        if not set(re.findall(r"[\w-]+", name)) & unknown or not _speaks(match["office"], text):
            return match[0]
        return f"the {match['office']}{match['name'][len(name) :]}"

    asked = HOLDER.sub(put, question.text)
    return asked if asked != question.text else None


def _speaks(office: str, text: str) -> bool:
    """Whether a transcript calls a speaker by this office and nothing else."""
    return len(re.findall(rf"^(?:THE )?{office.upper()}: ", text, re.MULTILINE)) >= TURNS
