"""Brings the index level with its folders: finds what changed, embeds only that, and swaps the result in.

`build` holds the lock and chooses what to start from; `difference` finds the work, `making` does it aside.
"""

import contextlib
import datetime
import errno
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from index import generations
from index.blas import one_blas_thread
from index.catalog import Catalog
from index.chunk import CHUNKING
from index.difference import Difference, compare
from index.errors import BuildFailed, DamagedIndex, NoIndex, UsageError
from index.folders import Skipped, find_files, label_folders
from index.generations import CATALOG, FIRST_PASS, Manifest
from index.known_files import KnownFiles
from index.load import KINDS
from index.opened import index_path
from index.words import ANALYZER

if TYPE_CHECKING:
    from index.embed import Embedder

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
"""The articles that come with the project: what is indexed where no folder was ever named."""

DISK_TROUBLES = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
"""What SQLite says of a disk; anything else that it raises is a bug."""

Progress = Callable[[str, int, int], None]
"""Told a step ("reading", "embedding", "comparing"), how much is done, and how much there is (0 if not yet known)."""


@dataclass(frozen=True)
class BuildReport:
    """What a build did. Names are ``folder/path``; ``renamed`` pairs the old name with the new one."""

    generation: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()  # articles that were read, with something to say about how
    documents: int = 0
    chunks: int = 0
    embedded: int = 0  # chunks whose vector had to be computed
    seconds: float = 0.0
    warning: str | None = None  # why the index had to be made anew

    @property
    def nothing_new(self) -> bool:
        """True where the index was level with its folders already."""
        return not (self.added or self.changed or self.renamed or self.removed)

    def summary(self) -> str:
        """One line for people."""
        counts = {
            "added": len(self.added), "changed": len(self.changed), "renamed": len(self.renamed),
            "removed": len(self.removed), "unchanged": self.unchanged, "skipped": len(self.skipped),
        }  # fmt: skip
        done = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return (
            f"{done}: {self.documents} documents in {self.chunks} chunks, {self.embedded} embedded now, "
            f"generation {self.generation}, {self.seconds:.1f} s"
        )


def build(
    folders: Sequence[str | Path] | str | Path | None = None,
    index_dir: str | Path = ".footnoted",
    *,
    model: str | None = None,
    fresh: bool = False,
    follow_links: bool | None = None,
    wait_s: float = 0,
    progress: Progress | None = None,
) -> BuildReport:
    """Brings the index in ``index_dir`` level with ``folders`` and says what was done.

    folders: one or several; None means the folders of last time, else the articles that come with footnoted.
    model: a sentence-transformers folder or name; None means the one of last time, else the default.
    fresh: make everything anew, also what did not change.
    follow_links: also read links that leave their folder; None means as last time, else no.
    wait_s: seconds to wait for another build to end.

    Raises UsageError (a folder that is not there), BuildRunning, ModelError, and BuildFailed where nothing
    could be built; in each case the index answers as before.
    """
    started = time.perf_counter()
    target = index_path(index_dir)
    if not isinstance(wait_s, int | float):
        raise UsageError(f"wait_s is a number of seconds, not {wait_s!r}.")
    if folders is not None:
        folders = _named(folders)
        label_folders(folders)  # before anything is made: a typo leaves no empty index behind
    with _disk_troubles_as_sentences(target), generations.building(target, wait_s):
        before, warning = _before(target, fresh=fresh, folders_named=folders is not None)
        settings = _settings(before, folders, model, follow_links)
        tell = progress or (lambda step, done, total: None)
        report = _build(target, before, settings, tell, fresh=fresh, repair=warning is not None)
    return replace(report, seconds=round(time.perf_counter() - started, 3), warning=warning)


@dataclass(frozen=True)
class _Settings:
    """What decides the content of an index."""

    folders: Mapping[str, Path]
    follow_links: bool
    embedder: "Embedder"

    def match(self, manifest: Manifest) -> bool:
        """True where chunks and vectors of that generation can be kept."""
        made = (manifest.model["fingerprint"], manifest.chunking, manifest.analyzer)
        return made == (self.embedder.identity.fingerprint, CHUNKING, ANALYZER)

    def describe(self) -> dict[str, object]:
        """The part of a manifest that says how a generation was made."""
        return {
            "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "model": asdict(self.embedder.identity),
            "chunking": CHUNKING,
            "analyzer": ANALYZER,
            "folders": {label: str(path) for label, path in self.folders.items()},
            "follow_links": self.follow_links,
        }


def _before(target: Path, *, fresh: bool, folders_named: bool) -> tuple[Manifest | None, str | None]:
    """The generation to start from, and what is wrong with the one in use.

    A fresh build takes only folders and settings from it, so a damaged one does, and one of another version of
    footnoted; where even they cannot be read, the folders have to be named.
    """
    try:
        manifest, warning = generations.choose(target)
    except NoIndex:
        return None, None
    except DamagedIndex:
        other = generations.manifest_of_other_format(target)
        if other:
            return other, f"The index in {target} was made by another version of footnoted and is made anew"
        last = generations.last_manifest(target)
        if not fresh or (last is None and not folders_named):
            raise
        return last, None
    return manifest, None if fresh else warning


def _settings(
    before: Manifest | None,
    folders: Sequence[str | Path] | str | Path | None,
    model: str | None,
    follow_links: bool | None,
) -> _Settings:
    from index.embed import Embedder

    last_time: Sequence[str | Path] = list(before.folders.values()) if before else [SEEDS]
    labelled = label_folders(last_time if folders is None else _named(folders))
    links = follow_links if follow_links is not None else bool(before and before.follow_links)
    name = model if model is not None else (before.model["name"] if before else None)
    return _Settings(labelled, links, Embedder.load(name))


def _named(folders: Sequence[str | Path] | str | Path) -> Sequence[str | Path]:
    if isinstance(folders, str | Path):
        return [folders]
    if not isinstance(folders, Iterable):
        raise UsageError(f"The folders are one or a list of them, not {type(folders).__name__}.")
    named = list(folders)
    if not named:
        raise UsageError("No folder was named. Name a folder of articles: footnoted build FOLDER")
    return named


def _build(
    target: Path, before: Manifest | None, settings: _Settings, tell: Progress, *, fresh: bool, repair: bool
) -> BuildReport:
    kept = before if before and not fresh and settings.match(before) else None
    catalog = Catalog(generations.folder_of(target, kept.generation) / CATALOG) if kept else None
    known_files = KnownFiles(target / generations.KNOWN_FILES, forget=fresh)
    try:
        difference = compare(
            settings.folders,
            catalog,
            follow_links=settings.follow_links,
            leave_out=target,
            known_files=known_files,
            seen=lambda count: tell("looking", count, 0),
        )
        if catalog:
            _refuse_emptied(target, settings, catalog, difference)
        if kept and catalog and not repair and _is_level(difference, catalog, kept, settings):
            generations.tidy(target, kept.generation)  # what a killed build left
            report = _unchanged_report(kept, difference)
        else:
            report = _next_generation(target, kept, catalog, settings, difference, tell)
            generations.tidy(target, report.generation, before.generation if before else None)
        known_files.save()
        return report
    finally:
        if catalog:
            catalog.close()


def _refuse_emptied(target: Path, settings: _Settings, catalog: Catalog, difference: Difference) -> None:
    """Raises BuildFailed where one of several folders held articles and holds nothing: its drive may be away."""
    removed = {document_id for document_id, _ in difference.removed}
    lost = Counter(label for (label, _), (one, _) in catalog.contents().items() if one in removed)
    for label, path in settings.folders.items() if len(settings.folders) > 1 else ():
        found = find_files({label: path}, follow_links=settings.follow_links, leave_out=target)
        if lost[label] and next(found, None) is None:
            raise BuildFailed(
                f"The folder {path} is empty, and the index holds {lost[label]} articles of it; nothing was changed. "
                "If its drive is away, bring it back; if they are to leave the index, name only the other folders: "
                "footnoted build FOLDER ..."
            )


def _is_level(difference: Difference, catalog: Catalog, kept: Manifest, settings: _Settings) -> bool:
    described = settings.describe()
    same = all(getattr(kept, name) == described[name] for name in ("folders", "follow_links", "model"))
    skipped = sorted(difference.skipped, key=lambda one: (one.folder, one.path))
    return same and difference.is_empty and skipped == catalog.skipped()


def _unchanged_report(kept: Manifest, difference: Difference) -> BuildReport:
    return BuildReport(
        generation=kept.generation,
        unchanged=difference.unchanged,
        skipped=tuple(difference.skipped),
        documents=kept.documents,
        chunks=kept.chunks,
    )


def _next_generation(
    target: Path,
    kept: Manifest | None,
    catalog: Catalog | None,
    settings: _Settings,
    difference: Difference,
    tell: Progress,
) -> BuildReport:
    """Makes, verifies, seals and swaps in a generation; whatever goes wrong, nothing of it stays behind."""
    from index.first_pass import FirstPass, describe  # FAISS and numpy, 250 ms, where nothing changed
    from index.journal import Journal
    from index.making import Making, verify_parts

    unfinished = generations.begin(target)
    source = generations.folder_of(target, kept.generation) if kept else None
    codes = FirstPass.read(source / FIRST_PASS, kept.vector_search, to_change=True) if source and kept else None
    try:
        fingerprint = settings.embedder.identity.fingerprint
        with one_blas_thread(), Journal(target / generations.JOURNAL, fingerprint) as journal:
            with Making(unfinished, source, catalog, codes, settings.embedder, journal, tell) as making:
                making.apply(difference)
            documents, chunks = verify_parts(unfinished)
            if not documents:
                raise BuildFailed(_nothing_to_index(settings, making.skipped))
            tell("writing", 0, 1)
            search = describe(making.first_pass)
            parts = {**settings.describe(), "documents": documents, "chunks": chunks, "vector_search": search}
            manifest = generations.seal(unfinished, parts)
            generations.swap_in(unfinished)
    except BaseException:
        generations.abandon(unfinished)
        raise
    tell("writing", 1, 1)
    return BuildReport(
        generation=manifest.generation,
        added=tuple(making.added),
        changed=tuple(making.changed),
        renamed=tuple((old, f"{found.folder}/{found.path}") for _, old, found in difference.renamed),
        removed=tuple(making.removed),
        unchanged=difference.unchanged,
        skipped=tuple(making.skipped),
        notes=tuple(making.notes),
        documents=documents,
        chunks=chunks,
        embedded=making.embedded,
    )


def _nothing_to_index(settings: _Settings, skipped: Sequence[Skipped]) -> str:
    folders = ", ".join(str(path) for path in settings.folders.values())
    if not skipped:
        return (
            f"There are no articles in {folders}. Put some there ({', '.join(KINDS)}) and build again; "
            "nothing was changed."
        )
    first, more = skipped[0], len(skipped) - 1
    others = f", and {more} more" if more else ""
    return f"No file in {folders} could be read ({first.name}: {first.reason}{others}); nothing was changed."


@contextlib.contextmanager
def _disk_troubles_as_sentences(target: Path) -> Iterator[None]:
    """What a full disk or a folder that cannot be written to does, said so that a person can act on it."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = _disk_trouble(error)
        if reason is None:
            raise
        raise BuildFailed(
            f"The index in {target} could not be written: {reason}. "
            "Free some space or name another place with --index; the index is as it was before."
        ) from error


def _disk_trouble(error: OSError | sqlite3.Error) -> str | None:
    """What is wrong with the disk, in the words of the system, and None where it is something else."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more closely where
    if code == sqlite3.SQLITE_FULL:
        return os.strerror(errno.ENOSPC)
    return str(error) if code in DISK_TROUBLES else None
