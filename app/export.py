"""An answer as text to copy, and a conversation as a file: every quote exact, every footnote with where it is from.

Functions of `Turn`, and of the language of the page alone: what the index says by now is of no concern here.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from app.footnotes import REFUSALS, escape_markdown, escape_marked, pieces
from app.settings import settings_now
from app.templates import render
from app.turns import Note, Turn, described
from app.words import say, say_again, say_names
from rag.writing import UNSUPPORTED

MARKER = re.compile(r'(?<=[”"]) \[([0-9]+)\]$', re.MULTILINE)
"""The number after a statement: a quote ends in its quotation mark, so a "[1]" of the article itself is none."""

BESIDE = re.compile(r"[^\W_]|[\u0300-\u036f\u200d]")
"""A letter or an accent: a "**" beside it may be no bold in Markdown."""

FORMULA = re.compile(r"[=+\-@\t\r]")
"""A cell that begins so is run by spreadsheets, and a cell here is words of a document."""

CSV_COLUMNS = (
    "question", "asked", "filter", "refused", "answer", "written", "note", "title", "publisher", "author", "published",
    "document", "page", "start", "end", "quote", "generation", "model", "generator",
)  # fmt: skip


def plain(turn: Turn) -> str:
    """The answer alone, without numbers, and without what nothing supports."""
    supported = replace(turn, written=tuple(line for line in turn.written if line.note))
    return "\n\n".join([MARKER.sub("", _text(turn)), *_written(supported, "")])


def markdown(turn: Turn) -> str:
    """The answer as Markdown with footnotes: publisher, date and file."""
    notes = [f"[^{note.number}]: {escape_markdown(_source(note))}" for note in turn.notes]
    written = [part for block in _written(turn, " [^{}]", escape_markdown) for part in ("", block)]
    return "\n".join([_markdown_answer(turn), *written, *([""] if notes else []), *notes])


def with_notes(turn: Turn) -> str:
    """Question, answer and numbered notes, each with its exact quote, its place and what it was made with."""
    notes = [f"[{note.number}] {_source(note)}\n    “{note.quote}”\n    {_place(note)}" for note in turn.notes]
    return "\n\n".join([turn.question, _text(turn), *_written(turn, " [{}]"), *notes, _made_with(turn)])


COPIES: Mapping[str, Callable[[Turn], str]] = {"plain": plain, "markdown": markdown, "notes": with_notes}
"""The ways to copy an answer."""


def conversation_markdown(title: str, turns: Sequence[Turn]) -> str:
    """A conversation as Markdown."""
    parts = [f"# {escape_markdown(title)}"]
    for turn in turns:
        notes = [
            f"{note.number}. {escape_markdown(_source(note))}, {_place(note)}\\\n   “{escape_markdown(note.quote)}”"
            for note in turn.notes
        ]
        written = _written(turn, " [{}]", escape_markdown)
        parts += [f"## {escape_markdown(turn.question)}", _markdown_answer(turn, "[{}]"), *written, "\n".join(notes)]
        parts.append(f"*{escape_markdown(_made_with(turn))}*")
    return "\n\n".join(part for part in parts if part) + "\n"


def conversation_html(title: str, turns: Sequence[Turn]) -> str:
    """A conversation as a page that needs nothing else."""
    shown = [
        (
            turn,
            _text(turn),
            list(_written(turn, " [{}]")),
            [(note, _source(note), _place(note), pieces(note.quote, note.marks_in_quote)) for note in turn.notes],
            _made_with(turn),
        )
        for turn in turns
    ]
    return render("conversation.html", title=title, turns=shown, language=settings_now().language)


def conversation_csv(title: str, turns: Sequence[Turn]) -> str:
    """A conversation as a table, a row for each note; an apostrophe is put before what a spreadsheet would run."""
    stream = io.StringIO(newline="")
    table = csv.DictWriter(stream, CSV_COLUMNS)
    table.writeheader()
    for turn in turns:
        for row in _rows(turn):
            table.writerow({name: _cell(row.get(name)) for name in CSV_COLUMNS})
    return stream.getvalue()


FILES: Mapping[str, tuple[str, Callable[[str, Sequence[Turn]], str]]] = {
    "md": ("text/markdown", conversation_markdown),
    "html": ("text/html", conversation_html),
    "csv": ("text/csv", conversation_csv),
}
"""The kinds of files a conversation can be exported as: media type and writer."""


def _rows(turn: Turn) -> Iterator[dict[str, object]]:
    filters = ", ".join(f"{name} {value}" for name, value in turn.where.items())
    about = {
        "question": turn.question, "asked": turn.asked, "filter": filters,
        "refused": turn.refused, "answer": _text(turn), "written": "\n".join(_written(turn, " [{}]")),
        "generation": turn.generation, "model": turn.model,
        "generator": turn.generator,
    }  # fmt: skip
    for note in turn.notes:
        yield {**about, **vars(note), "note": note.number}
    if not turn.notes:
        yield about


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _markdown_answer(turn: Turn, marker: str = "[^{}]") -> str:
    """Each statement as a block quote with the marker of its note; a refusal as a paragraph."""
    notes = {str(note.number): note for note in turn.notes}
    blocks, words = [], ""
    for line in _text(turn).split("\n"):
        words = f"{words}\n{line}"
        found = MARKER.search(line)
        if found and found[1] in notes:
            told = words[: -len(found[0])].lstrip("\n")
            blocks.append(f"> {_bold(told, notes[found[1]])} {marker.format(found[1])}")
            words = ""
    return "\n>\n".join(blocks) + (escape_markdown(words) if words.strip() else "")


def _written(turn: Turn, marker: str, escape: Callable[[str], str] = str) -> Iterator[str]:
    """What a model wrote, as one paragraph, each sentence with the marker of its note or the word that it has none."""
    if turn.written:
        sentences = [
            f"{escape(line.text)}{marker.format(line.note)}"
            if line.note
            else f"~~{escape(line.text)}~~ ({say(UNSUPPORTED)})"
            for line in turn.written
        ]
        yield f"{escape(say('Written by {generator}, checked:', generator=turn.generator))} {' '.join(sentences)}"


def _bold(told: str, note: Note) -> str:
    """A statement, which ends in its quote and a quotation mark, with the words that answer in bold.

    Where the letters beside a mark would keep Markdown from making it bold, it stays as it is.
    """
    before = len(told) - len(note.quote) - 1
    if before < 1 or told[before:-1] != note.quote:
        return escape_markdown(told)
    marks = [(before + first, before + last) for first, last in note.marks_in_quote]
    stands_free = [one for one in marks if not (BESIDE.match(told[one[0] - 1]) or BESIDE.match(told[one[1]]))]
    return escape_marked(told, stands_free, "**", "**")


def _text(turn: Turn) -> str:
    """The answer; a refusal as the page says it."""
    return say_again(turn.text, REFUSALS, names=say_names) if turn.refused else turn.text


def _source(note: Note) -> str:
    """Title, publisher, author, date, page, file."""
    page = f"p. {note.page}" if note.page else None
    publisher, published = note.publisher or say("publisher unknown"), note.published or say("date unknown")
    return ", ".join(filter(None, (note.title, publisher, note.author, published, page, note.document)))


def _place(note: Note) -> str:
    """Where the quote stands in the stored text."""
    return say("characters {start}-{end}", start=str(note.start), end=str(note.end))


def _made_with(turn: Turn) -> str:
    """When, where, and with which models."""
    made = say("no answer")
    if turn.generation:
        generator = turn.generator or say("no language model")
        made = f"{say('generation {number}', number=turn.generation)}, {turn.model}, {generator}"
    return "; ".join([say("Asked {when}", when=turn.asked), *described(turn.where), made])
