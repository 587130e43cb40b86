"""A question with what became of it, as it is kept, shown again, copied and exported."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.footnotes import answer_to_markdown, escape_markdown
from app.words import say
from index.opened import Index
from rag.answer import Answer
from rag.citations import Citation, are_inside


@dataclass(frozen=True)
class Note:
    """A numbered footnote: ``quote`` stood in ``document`` from ``start`` to ``end`` when the question was asked."""

    number: int
    document: str  # folder/path
    start: int
    end: int
    quote: str
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    page: int | None = None
    marks: tuple[tuple[int, int], ...] = ()  # of the words that answer, in the document

    @property
    def marks_in_quote(self) -> list[tuple[int, int]]:
        """The marks, counted from the beginning of the quote; none where they are not inside it."""
        if not are_inside(self.marks, self.start, self.start + len(self.quote)):
            return []
        return [(first - self.start, last - self.start) for first, last in self.marks]

    @classmethod
    def of(cls, citation: Citation) -> "Note":
        """The note for a citation."""
        return cls(
            number=citation.number,
            document=f"{citation.folder}/{citation.document}",
            start=citation.start,
            end=citation.end,
            quote=citation.quote,
            title=citation.title,
            publisher=citation.publisher,
            author=citation.author,
            published=citation.published,
            page=citation.page,
            marks=citation.marks,
        )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Note":
        """The note that JSON has kept; one of an earlier version has no marks."""
        return cls(**{**values, "marks": tuple((first, last) for first, last in values.get("marks", ()))})


@dataclass(frozen=True)
class Line:
    """A sentence that a model wrote, with the number of its note; None where nothing supports it."""

    text: str
    note: int | None = None


@dataclass(frozen=True)
class Turn:
    """A question and its answer, its refusal, or the sentence that says why there is none."""

    question: str
    text: str  # as `Answer.text` has it, with [n] after each statement
    shown: str  # as Markdown, with footnotes that open
    asked: str  # ISO 8601, UTC
    where: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    refused: bool = False
    generation: str = ""  # of the index; "" where no answer was looked for
    model: str = ""  # that the index was made with
    generator: str | None = None  # the language model that wrote the answer
    written: tuple[Line, ...] = ()  # by the generator, checked
    searched: str = ""  # the question with what it took from those before it; "" where that is nothing
    id: int = 0  # in the store of conversations

    @classmethod
    def of(
        cls, answer: Answer, index: Index, question: str, where: Mapping[str, str], *, growing: bool = False
    ) -> "Turn":
        """The turn for an answer from this index; growing, where a model has more to write."""
        searched = answer.searched if answer.searched != question else ""
        filters = {} if growing else where
        only = "".join(f"\n- {escape_markdown(one)}" for one in described(filters))
        return cls(
            question=question,
            text=answer.text,
            shown=f"{_asked_as(searched)}{answer_to_markdown(answer, growing=growing)}{only}",
            searched=searched,
            asked=_now(),
            where=dict(where),
            notes=tuple(Note.of(citation) for citation in answer.citations),
            refused=answer.refused,
            generation=answer.generation,
            model=index.manifest.model["name"],
            generator=answer.generator,
            written=tuple(Line(one.text, one.citation) for one in answer.written.sentences) if answer.written else (),
        )

    @classmethod
    def without_answer(cls, question: str, why: str, where: Mapping[str, str]) -> "Turn":
        """The turn for a question that could not be answered."""
        return cls(question=question, text=why, shown=escape_markdown(why), asked=_now(), where=dict(where))

    @classmethod
    def read(cls, values: Mapping[str, Any], turn_id: int) -> "Turn":
        """The turn that `values` was made of."""
        notes = tuple(Note.read(note) for note in values["notes"])
        written = tuple(Line(**line) for line in values.get("written", ()))
        return cls(**{**values, "notes": notes, "written": written, "id": turn_id})

    def values(self) -> dict[str, Any]:
        """Its fields, for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "id"}


def _asked_as(searched: str) -> str:
    return f"*{escape_markdown(say('Asked as: {question}', question=searched))}*\n\n" if searched else ""


def described(where: Mapping[str, str]) -> list[str]:
    """Each filter in the language of the page: ``only publisher Latin Post``."""
    return [say("only {name} {value}", name=say(name), value=value) for name, value in where.items()]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
