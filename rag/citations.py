"""Citations: a number, a place in a document, and the exact words that stand there."""

from collections.abc import Iterable
from dataclasses import dataclass

from index.opened import Index


@dataclass(frozen=True)
class Citation:
    """A footnote: ``quote`` is the stored text of ``document`` from ``start`` to ``end``, in code points."""

    number: int  # from 1, in the order of the answer
    document: str  # path relative to its folder
    start: int
    end: int
    quote: str
    title: str | None
    publisher: str | None
    author: str | None
    published: str | None
    folder: str
    document_id: int
    page: int | None = None  # from 1, where the quote begins; None for formats without pages
    language: str | None = None  # of the document: en, es
    copies: tuple[str, ...] = ()  # ``folder/path`` of the other documents that are copies of the same report
    marks: tuple[tuple[int, int], ...] = ()  # (start, end) of the words that answer, in the document, in order

    @property
    def location(self) -> str:
        """``seeds/report.txt:120-480``"""
        return f"{self.folder}/{self.document}:{self.start}-{self.end}"


class InexactQuote(AssertionError):
    """A citation whose words do not stand where it says; a bug, and never shown."""


def cite(
    number: int,
    document_id: int,
    start: int,
    end: int,
    index: Index,
    copies: tuple[str, ...] = (),
    marks: Iterable[tuple[int, int]] = (),
) -> Citation:
    """The citation of a place in a document, which has these copies; ``marks`` count from the place's start."""
    document = index.document(document_id)
    assert document is not None, f"a citation of document {document_id}, which is not there"
    return Citation(
        number=number,
        document=document.path,
        start=start,
        end=end,
        quote=document.text[start:end],
        title=document.title,
        publisher=document.publisher,
        author=document.author,
        published=document.published,
        folder=document.folder,
        document_id=document_id,
        page=document.page_at(start),
        language=document.language,
        copies=copies,
        marks=tuple((start + first, start + last) for first, last in marks),
    )


def checked(citations: Iterable[Citation], index: Index) -> tuple[Citation, ...]:
    """The citations, each compared with the stored text once more. Raises InexactQuote.

    The last step before an answer leaves: whatever made a citation, what it says must stand in the document.
    """
    done = tuple(citations)
    for citation in done:
        if not stands(citation.document_id, citation.start, citation.end, citation.quote, index):
            raise InexactQuote(f"footnote {citation.number} does not stand at {citation.location}")
        if not are_inside(citation.marks, citation.start, citation.end):
            raise InexactQuote(f"the marks {citation.marks} of footnote {citation.number} are not inside its quote")
    if [citation.number for citation in done] != list(range(1, len(done) + 1)):
        raise InexactQuote(f"footnotes are numbered {[citation.number for citation in done]}")
    return done


def stands(document_id: int, start: int, end: int, words: str, index: Index) -> bool:
    """True where these words, and at least one, are the stored text of the document from start to end."""
    document = index.document(document_id)
    if document is None or not 0 <= start < end <= len(document.text):
        return False  # a slice takes offsets from the end and beyond it
    return document.text[start:end] == words


def are_inside(marks: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    """True where the marks hold a character each, in order, without touching, between start and end."""
    last = start - 1
    for first, after in marks:
        if not last < first < after <= end:
            return False
        last = after
    return True
