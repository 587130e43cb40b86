"""Words of chunks in Tantivy: BM25 over folded, stemmed words without stop words.

``López`` finds ``Lopez``; ``tracked`` finds ``tracking``. A question is taken apart by the same analyzer and
asked term by term, so no character in it has a meaning for a query parser.
"""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

ANALYZER = "folded-stemmed-english"

WRITER_MB = 64
"""Memory of the writer; Tantivy asks for 15 MB per thread at least."""

MAX_TERMS = 200
"""Different words of a question that are looked up, the rarest first; a question has 8 to 12."""

SYSTEM_ERROR = re.compile(r"os error (\d+)|code: (\d+)")
"""How Tantivy's sentences carry the system's number of an error."""


WORD = re.compile(r"[^\W_]+")
"""What Tantivy's simple tokenizer takes for a word."""


def indexed_words(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each word of a text that is indexed: that is no stop word."""
    for match in WORD.finditer(text):
        if _is_indexed(match[0].lower()):
            yield match.span()


@lru_cache(100_000)
def _is_indexed(word: str) -> bool:
    return bool(_analyzer().analyze(word))


@cache
def _analyzer() -> Any:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(60))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stopword("english"))
        .filter(Filter.stemmer("english"))
        .build()
    )


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    # signed: deleting by a number looks for a signed term, and passes over an unsigned field in silence
    builder.add_integer_field("chunk_id", stored=False, indexed=True, fast=True)
    builder.add_integer_field("document_id", stored=False, indexed=True, fast=False)
    builder.add_text_field("words", stored=False, tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


class Words:
    """The word index in a folder, as of the moment it was opened."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        self._index = _opened(folder)
        self._schema = self._index.schema
        self._analyzer = _analyzer()
        self._index.register_tokenizer(ANALYZER, self._analyzer)
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def chunk_ids(self) -> list[int]:
        """Every chunk id in the index, sorted."""
        hits = self._searcher.search(self._tantivy.Query.all_query(), max(1, len(self)), count=False).hits
        return sorted(self._chunk_ids_of([address for _, address in hits]))

    def terms(self, text: str) -> list[str]:
        """The words of a text as they are indexed: folded, stemmed, without stop words, in order."""
        return list(self._analyzer.analyze(text))

    def document_frequency(self, term: str) -> int:
        """The number of chunks that hold a term; deleted chunks may still count until segments merge."""
        return int(self._searcher.doc_freq("words", term))

    def search(self, terms: Iterable[str], k: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """The ``k`` chunks with the best BM25 for these terms as (id, score), best first.

        ``documents`` keeps the search to chunks of these documents; their scores stay the same.
        """
        wanted = self._rarest(set(terms))
        if not wanted or (documents is not None and not documents):
            return []
        query, occur = self._tantivy.Query, self._tantivy.Occur
        found = query.boolean_query(
            [(occur.Should, query.term_query(self._schema, "words", term, "freq")) for term in wanted]
        )
        if documents is not None:
            allowed = query.term_set_query(self._schema, "document_id", list(documents))
            found = query.boolean_query([(occur.Must, found), (occur.Must, query.const_score_query(allowed, 0.0))])
        hits = self._searcher.search(found, k, count=False).hits
        ids = self._chunk_ids_of([address for _, address in hits])
        scored = [(one, float(score)) for one, (score, _) in zip(ids, hits, strict=True)]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))

    def _rarest(self, terms: set[str]) -> list[str]:
        known = [(frequency, term) for term in terms if (frequency := self.document_frequency(term))]
        return [term for _, term in sorted(known)[:MAX_TERMS]]

    def _chunk_ids_of(self, addresses: Sequence[Any]) -> list[int]:
        values: list[Any] = self._searcher.fast_field_values("chunk_id", list(addresses))
        return [int(one) for one in values]


def _opened(folder: Path) -> Any:
    """The index in a folder.

    Tantivy makes a lock file even to read, so a folder that cannot be written to is opened through links.
    """
    if os.access(folder, os.W_OK):
        return _opened_at(folder)
    # Tantivy may just be making its lock file when the folder of links is removed
    with tempfile.TemporaryDirectory(prefix="footnoted-", ignore_cleanup_errors=True) as aside:
        for file in folder.iterdir():
            if not file.name.endswith(".lock"):
                (Path(aside) / file.name).symlink_to(file.resolve())
        return _opened_at(Path(aside))


def _opened_at(folder: Path) -> Any:
    import tantivy

    with _disk_troubles():
        index = tantivy.Index.open(str(folder))
        # a generation never changes: left to itself, Tantivy would take the lock again, half a second later, to look
        index.config_reader("manual")
    return index


@contextlib.contextmanager
def _disk_troubles() -> Iterator[None]:
    """What the disk refuses is a ValueError to Tantivy, and an OSError again here."""
    try:
        yield
    except ValueError as error:
        found = SYSTEM_ERROR.search(str(error))
        if not found and "LockBusy" not in str(error):  # nobody else has the folder: the system gives no lock
            raise
        number = int(found[1] or found[2]) if found else errno.ENOLCK
        raise OSError(number, os.strerror(number)) from error


class WordsWriter:
    """Changes a word index in a folder of its own; nothing is visible before ``commit``. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        folder.mkdir(parents=True, exist_ok=True)
        self._tantivy = tantivy
        with _disk_troubles():
            self._index = tantivy.Index(_schema(), path=str(folder), reuse=True)
            self._index.register_tokenizer(ANALYZER, _analyzer())
            # one thread: the same input makes the same segments
            self._writer = self._index.writer(WRITER_MB * 1_000_000, 1)

    def add(self, chunk_id: int, document_id: int, text: str) -> None:
        """Adds a chunk."""
        document = self._tantivy.Document()
        document.add_integer("chunk_id", chunk_id)
        document.add_integer("document_id", document_id)
        document.add_text("words", text)
        try:
            self._writer.add_document(document)
        except ValueError:  # its thread has died, and only a commit says of what
            self.commit()
            raise

    def remove(self, chunk_id: int) -> None:
        """Removes a chunk."""
        self._writer.delete_documents_by_term("chunk_id", chunk_id)

    def commit(self) -> None:
        """Makes every change durable and waits until the files are at rest."""
        with _disk_troubles():
            self._writer.commit()
            self._writer.wait_merging_threads()

    def abandon(self) -> None:
        """Lets go of the folder without keeping what was not committed."""
        with contextlib.suppress(ValueError, RuntimeError):  # it is gone already, after a commit
            self._writer.rollback()
            self._writer.wait_merging_threads()


def copy_words(source: Path, target: Path, names: Iterable[str]) -> None:
    """A second word index with the same content, from the files with these names.

    Copies (26 MB at 100,000 chunks): a file shared by link would be damaged in both generations at once.
    """
    target.mkdir(parents=True)
    for name in names:
        shutil.copyfile(source / name, target / name)
