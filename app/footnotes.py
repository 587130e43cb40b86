"""An answer becomes Markdown whose footnotes point at the exact words they were taken from.

A footnote is a plain link, ``[\\[1\\]](#src-12-1266-1303-9f86d081 "title")``. Its fragment is a `Pointer`:
document, first and last character, a fingerprint of the quote, so that a link kept from an older answer never
marks other words, and where in the quote the words stand that answer. Whatever comes from a document is escaped
before it becomes Markdown. What a pointer opens is for `panel` to say.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.notes import say_note
from app.words import say, say_again, say_names
from rag.answer import REFUSAL, Answer, Difference, Statement
from rag.citations import Citation, are_inside
from rag.generation import Stage
from rag.writing import UNSUPPORTED, Written, WrittenSentence

Spans = tuple[tuple[int, int], ...]

PREVIEW_CHARACTERS = 160
"""Of a passage listed under a refusal: two lines of the chat, enough to see what it is about."""

COPIES_SHOWN = 10
"""Names of copies of a report; JSON has them all."""

REFUSALS = (
    REFUSAL,
    "The documents do not say. No sentence in them mentions {names}.",
    "The documents do not say. None of the nearest sentences gives the words of {names}.",
    "The documents do not say. The nearest passages do not mention {names}.",
    "The documents do not say. The question is in another language than the documents found: ask it in theirs.",
)
"""Every form of a refusal, for the page to say in its language."""

LARGEST_ID = 2**63 - 1
"""What SQLite can hold; a larger number was not written here."""

STAGES = {
    "waiting": "Waiting; questions before this one: {ahead}",
    "loading": "Loading the model: {percent} %",
    "reading": "The model reads the passages: {percent} %",
    "writing": "The model is writing …",
}
"""What the page says while a model works."""

MARKED = r"[0-9]{1,6}\.[0-9]{1,6}"
POINTER = re.compile(
    rf"src-([0-9]{{1,19}})-([0-9]{{1,12}})-([0-9]{{1,12}})-([0-9a-f]{{8}})(?:-({MARKED}(?:,{MARKED}){{0,19}}))?"
)

MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~$!@]")
WEB_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
LINE_START = re.compile(r"[-+=]|(?<![0-9])[0-9]{1,9}(?=[.)])")


@dataclass(frozen=True)
class Pointer:
    """Characters start to end of a document, and a fingerprint of them. No characters: the whole document.

    ``marks`` are the words that answer, counted from ``start``.

    >>> str(Pointer.to(12, 1266, 1270, "test", [(0, 2)]))
    'src-12-1266-1270-9f86d081-0.2'
    """

    document_id: int
    start: int
    end: int
    fingerprint: str
    marks: Spans = ()

    @classmethod
    def to(
        cls, document_id: int, start: int = 0, end: int = 0, words: str = "", marks: Iterable[tuple[int, int]] = ()
    ) -> "Pointer":
        """The pointer to these words of a document, or to the document."""
        return cls(document_id, start, end, fingerprint(words), tuple(marks))

    @classmethod
    def parse(cls, reference: object) -> "Pointer | None":
        """The pointer a link carries, or None for anything that `to` cannot have written."""
        found = POINTER.fullmatch(reference) if isinstance(reference, str) else None
        if found is None:
            return None
        document_id, start, end = int(found[1]), int(found[2]), int(found[3])
        pairs = [pair.split(".") for pair in found[5].split(",")] if found[5] else []
        marks = tuple((int(first), int(last)) for first, last in pairs)
        if document_id > LARGEST_ID or start > end or not are_inside(marks, 0, end - start):
            return None
        return cls(document_id, start, end, found[4], marks)

    def __str__(self) -> str:
        marks = ",".join(f"{first}.{last}" for first, last in self.marks)
        return f"src-{self.document_id}-{self.start}-{self.end}-{self.fingerprint}{f'-{marks}' if marks else ''}"

    @property
    def is_whole_document(self) -> bool:
        """True where it points at an article and not at words in it."""
        return self.start == self.end

    def matches(self, text: str) -> bool:
        """True where the words at this place of the document's text are still the ones quoted."""
        return self.end <= len(text) and fingerprint(text[self.start : self.end]) == self.fingerprint


def fingerprint(words: str) -> str:
    """The first 8 hexadecimal digits of sha256: enough to notice a change, short enough for a link."""
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def answer_to_markdown(answer: Answer, *, growing: bool = False) -> str:
    """What the chat shows for an answer: quotes with footnotes, or the refusal with the nearest passages.

    growing: a model has more to write, and nothing stands below that its words would push down.
    """
    parts = _refusal(answer) if answer.refused else _quotes_by_article(answer)
    apart = [_side_by_side(difference, answer.citations) for difference in answer.differences]
    return "\n\n".join([*parts, *apart, *_written(answer), *([] if growing else [_notes(answer)])])


def escape_markdown(text: str) -> str:
    r"""The text on one line, so that Markdown shows exactly these characters and makes no link of them.

    >>> print(escape_markdown("1. See [this](javascript:x) & <b>"))
    1\. See \[this\](javascript:x) &amp; &lt;b&gt;
    """
    line = escape_inside(text)
    start = LINE_START.match(line)  # "- ", "===", "1. ": marks of a list or a heading, but only here
    if start is None:
        return line
    return f"{start[0]}\\{line[start.end() :]}" if start[0].isdigit() else f"\\{line}"


def escape_inside(text: str) -> str:
    """The same for a text before which something stands on its line, so that it begins no list."""
    line = " ".join(text.split()).replace("&", "&amp;")
    line = MARKDOWN.sub(r"\\\g<0>", line).replace(r"\<", "&lt;").replace(r"\>", "&gt;")
    return WEB_ADDRESS.sub(r"\\\g<0>", line)


def pieces(words: str, marks: Iterable[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The words in order, cut where marks begin and end, each with whether it is marked.

    >>> pieces("We have 334 offices.", [(8, 19)])
    [('We have ', False), ('334 offices', True), ('.', False)]
    """
    cut, position = [], 0
    for first, last in marks:
        cut += [(words[position:first], False), (words[first:last], True)]
        position = last
    return [(piece, marked) for piece, marked in [*cut, (words[position:], False)] if piece]


def escape_marked(words: str, marks: Iterable[tuple[int, int]], opening: str, closing: str) -> str:
    """The words as `escape_markdown` has them, the marked ones between opening and closing, which are no words."""
    escaped: list[str] = []
    for piece, marked in pieces(words, marks):
        line = escape_inside(piece) if marked or any(escaped) else escape_markdown(piece)
        before = " " if piece[0].isspace() and escaped else ""
        after = " " if line and piece[-1].isspace() else ""
        escaped.append(f"{before}{opening}{line}{closing}{after}" if marked else f"{before}{line}{after}")
    return "".join(escaped).rstrip()


def link(label: str, pointer: Pointer, tooltip: str) -> str:
    """A Markdown link that opens the panel at the pointer. The label is Markdown already."""
    quoted = escape_markdown(tooltip).replace('"', "&quot;")
    return f'[{label}](#{pointer} "{quoted}")'


def shorten(text: str, characters: int) -> str:
    """The beginning of a text on one line, cut between words, with " …" where something was left out."""
    line = " ".join(text.split())
    if len(line) <= characters:
        return line
    return line[:characters].rsplit(" ", 1)[0] + " …"


def shown_title(title: str | None, folder: str, path: str) -> str:
    """The title, or the file's name where no title is known."""
    return title or f"{folder}/{path}"


def shown_place(title: str, page: int | None) -> str:
    """The title, with the page where there are pages.

    >>> shown_place("Annual report", 3)
    'Annual report, p. 3'
    """
    return f"{title}, p. {page}" if page else title


def _quotes_by_article(answer: Answer) -> Iterator[str]:
    """Each article's quotes as one block, then the line that says which article it is."""
    citations = {citation.number: citation for citation in answer.citations}
    quotes = [(statement, citations[statement.citation]) for statement in answer.statements]
    for _, of_one_article in groupby(quotes, key=lambda quote: quote[1].document_id):
        block = list(of_one_article)
        yield "\n>\n".join(f"> {_quote(statement, citation)}" for statement, citation in block)
        yield _source_line([citation for _, citation in block])


def _side_by_side(difference: Difference, citations: Sequence[Citation]) -> str:
    """The heading, then a card for each side: its exact words and which article they are from."""
    by_number = {citation.number: citation for citation in citations}
    cards = []
    for side in difference.sides:
        citation = by_number[side.citation]
        source = _source_line([citation]).replace("\n", "\n  ")
        cards.append(f"- {_quote(side, citation)}\n\n  {source}")
    listed = "\n".join(cards)
    return f'**{say(difference.heading)}**\n\n<div class="sides">\n\n{listed}\n\n</div>'


def _written(answer: Answer) -> Iterator[str]:
    """Who writes and what it is doing, in lines that stay where they are; below them, what it wrote so far, each
    sentence with its footnote or struck through."""
    written = answer.written
    if written is None:
        return
    by = escape_markdown(say("Written by {generator}, each sentence checked", generator=written.generator))
    doing = stage_line(written.stage) if written.stage.name else supported_line(written)
    yield f"**{by}**\\\n*{escape_markdown(doing)}*"
    citations = {citation.number: citation for citation in answer.citations}
    sentences = [_sentence(sentence, citations) for sentence in written.sentences]
    if sentences or written.unfinished:
        yield " ".join([*sentences, escape_markdown(written.unfinished)]).strip()
    if written.refused:
        nothing = say("Nothing the model wrote is supported by the documents.")
        yield escape_markdown(f"{say(written.text)} {nothing}")


def _sentence(sentence: WrittenSentence, citations: Mapping[int, Citation]) -> str:
    if sentence.citation is None:
        return f"~~{escape_markdown(sentence.text)}~~ *({say(UNSUPPORTED)})*"
    return f"{escape_markdown(sentence.text)} {_footnote(citations[sentence.citation])}"


def stage_line(stage: Stage) -> str:
    """What a model is doing."""
    return say(STAGES[stage.name], ahead=stage.ahead, percent=round(100 * stage.done))


def supported_line(written: Written) -> str:
    """How much of what a model wrote is supported."""
    return say("{share} % of its sentences supported", share=round(100 * written.supported_share))


def details_of(written: Written) -> str:
    """Who wrote it, how much of it is supported, from how many of the passages found, how fast, in how much memory."""
    by = say("Written by {generator}", generator=written.generator)
    return ", ".join([by, supported_line(written), *_how_written(written)])


def _how_written(written: Written) -> Iterator[str]:
    yield say("from {used} of {found} passages", used=written.passages_used, found=written.passages_found)
    yield say("{tokens} tokens, {speed} a second", tokens=written.tokens, speed=round(written.tokens_per_second))
    if written.megabytes is not None:
        yield f"{written.megabytes:.0f} MB"


def _quote(statement: Statement, citation: Citation) -> str:
    """The sentence it leans on, if any, on a line of its own; then **Speaker:** the exact words [1]"""
    context = f"*{escape_markdown(statement.context)}*\\\n> " if statement.context.strip() else ""
    speaker = f"**{escape_markdown(statement.speaker)}:** " if statement.speaker else ""
    marks = [(first - citation.start, last - citation.start) for first, last in citation.marks]
    words = escape_marked(statement.text, marks, "<mark>", "</mark>")
    return f"{context}{speaker}{words} {_footnote(citation)}"


def _footnote(citation: Citation) -> str:
    """The number, which opens the words."""
    marks = [(first - citation.start, last - citation.start) for first, last in citation.marks]
    pointer = Pointer.to(citation.document_id, citation.start, citation.end, citation.quote, marks)
    title = shown_title(citation.title, citation.folder, citation.document)
    return link(f"\\[{citation.number}\\]", pointer, shown_place(title, citation.page))


def _source_line(citations: Sequence[Citation]) -> str:
    """**Title** · publisher · date, and the names of the copies of this article."""
    citation, copies = citations[0], {name for one in citations for name in one.copies}
    title = shown_title(citation.title, citation.folder, citation.document)
    particulars = (citation.publisher or say("publisher unknown"), citation.published or say("date unknown"))
    source = " · ".join([f"**{escape_markdown(title)}**", *map(escape_markdown, particulars)])
    return f"{source}\\\n{escape_markdown(copies_line(sorted(copies)))}" if copies else source


def copies_line(copies: Sequence[str]) -> str:
    """How many copies, and the names of the first; "" where there are none.

    >>> copies_line(["news/Latin Post.txt", "news/Prensa.txt"])
    '2 copies: news/Latin Post.txt, news/Prensa.txt'
    """
    if not copies:
        return ""
    names, more = ", ".join(copies[:COPIES_SHOWN]), len(copies) - COPIES_SHOWN
    if more > 0:
        names = say("{names} and {more} more", names=names, more=more)
    if len(copies) == 1:
        return say("1 copy: {names}", names=names)
    return say("{number} copies: {names}", number=len(copies), names=names)


def one_report_twice(answer: Answer) -> str:
    """A warning where documents that are quoted are copies of each other, else ""."""
    documents = len({citation.document_id for citation in answer.citations})
    if answer.reports == documents:
        return ""
    if answer.reports == 1:
        return say("Quoted from {documents} documents, which are 1 independent report", documents=documents)
    both = {"documents": documents, "reports": answer.reports}
    return say("Quoted from {documents} documents, which are {reports} independent reports", **both)


def _refusal(answer: Answer) -> Iterator[str]:
    """The refusal; then the passages that came nearest, marked as not an answer."""
    yield escape_markdown(say_again(answer.text, REFUSALS, names=say_names))
    nearest = []
    for rank, passage in enumerate(answer.passages, start=1):
        title = shown_title(passage.title, passage.folder, passage.document)
        pointer = Pointer.to(passage.document_id, passage.start, passage.end, passage.text)
        place = shown_place(title, passage.page)
        below = [shorten(passage.text, PREVIEW_CHARACTERS), *filter(None, [copies_line(passage.copies)])]
        lines = [link(escape_markdown(place), pointer, place), *map(escape_markdown, below)]
        nearest.append(f"{rank}. " + "\\\n   ".join(lines))
    if nearest:
        yield f"**{say('Nearest passages (not an answer)')}**"
        yield "\n".join(nearest)


def _notes(answer: Answer) -> str:
    """Small print: what was not done, what wrote the answer, how long it took and in which generation."""
    notes = [*map(say_note, answer.skipped), *filter(None, [one_report_twice(answer)])]
    if answer.written is not None:
        notes.append(", ".join(_how_written(answer.written)))
    notes.append(f"{answer.timings_ms['all']:.0f} ms · {say('generation {number}', number=answer.generation)}")
    return "\n".join(f"- {escape_markdown(note)}" for note in notes)
