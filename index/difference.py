"""What the folders hold that the catalog does not, and the other way round.

Articles are compared by content, never by time (see `known_files`): a file saved without a change is unchanged, and
one that vanished here and turned up there with the same content was renamed. So was a row of a file of many articles
whose number is another one now, because rows before it came or went.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.beside import NAME as METADATA_FILE
from index.beside import Beside
from index.catalog import Catalog
from index.folders import Found, Skipped, find_files, kind_of
from index.known_files import KnownFiles
from index.load import Document, content_of, is_row, load
from index.reading import Unreadable
from index.rows import ROW_KINDS, find_rows

NAME_TAKEN = "a row of a file beside it has the same name; rename one of them"

Place = tuple[str, str]
"""Folder label and path, which name an article."""


@dataclass(frozen=True)
class Difference:
    """The work of a build. Ids are those of the documents in the catalog."""

    added: list[Found] = field(default_factory=list)
    changed: list[tuple[int, Found]] = field(default_factory=list)
    renamed: list[tuple[int, str, Found]] = field(default_factory=list)  # id, old name, where it is now
    removed: list[tuple[int, str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """True where no document is to be touched."""
        return not (self.added or self.changed or self.renamed or self.removed)


def compare(
    folders: Mapping[str, Path],
    catalog: Catalog | None,
    *,
    follow_links: bool = False,
    leave_out: Path | None = None,
    known_files: KnownFiles | None = None,
    seen: Callable[[int], None] = lambda count: None,
) -> Difference:
    """The difference between the files in ``folders`` and the documents in ``catalog`` (None for no index).

    ``known_files`` need not be read; ``seen`` is told the number of articles looked at so far.
    """
    known_files = known_files or KnownFiles()
    known = catalog.contents() if catalog else {}
    failed_before = {(one.folder, one.path) for one in catalog.skipped()} if catalog else set()
    difference = Difference()
    new: dict[Place, tuple[Found, str]] = {}
    level: set[Place] = set()
    files = find_files(folders, follow_links=follow_links, leave_out=leave_out)
    for count, found in enumerate(_articles(files)):
        seen(count + 1)
        if isinstance(found, Skipped):
            difference.skipped.append(found)
            continue
        place = (found.folder, found.path)
        content = _content(found, known_files, again=place in failed_before)
        if isinstance(content, Skipped):
            difference.skipped.append(content)
        elif place in new or place in level:
            difference.skipped.append(Skipped(*place, NAME_TAKEN))
        elif place in known and known[place][1] == content:
            level.add(place)
        else:
            new[place] = (found, content)
    _sort_in(difference, new, {place: known[place] for place in sorted(known.keys() - level)})
    return replace(difference, unchanged=len(level))


def _articles(files: Iterator[Found | Skipped]) -> Iterator[Found | Skipped]:
    """The files and the rows of files, each with what a metadata.csv says of it; at the end what those say in vain."""
    beside = Beside()
    for file in files:
        if isinstance(file, Skipped):
            yield file
        elif file.file.name == METADATA_FILE:
            beside.of(file)  # so that it is read, also where there is nothing beside it
        else:
            for found in find_rows(file) if kind_of(file.path) in ROW_KINDS else [file]:
                yield replace(found, beside=beside.of(found)) if isinstance(found, Found) else found
    yield from beside.problems()


def _content(found: Found, known_files: KnownFiles, *, again: bool) -> str | Skipped:
    """The hash of what makes an article, or why it cannot be one.

    An article that failed the last time is loaded whole, to see whether it still does.
    """
    if again:
        loaded = load(found)
        return loaded.content_hash if isinstance(loaded, Document) else loaded
    try:
        return content_of(found, known_files)
    except Unreadable as reason:
        return Skipped(found.folder, found.path, str(reason))


def _sort_in(
    difference: Difference, new: Mapping[Place, tuple[Found, str]], gone: dict[Place, tuple[int, str]]
) -> None:
    """Sorts what is new at its place and what is gone from it into changed, renamed, added and removed.

    Equal content at another place is a new name; not where the kind changed too: the same bytes say something else as
    .md than as .txt. A file whose content is new is changed; a row only where its content was not at another place.
    """
    rest = []
    for place, (found, content) in new.items():
        if place in gone and not found.part:
            difference.changed.append((gone.pop(place)[0], found))
        else:
            rest.append((found, content))
    for found in _pair_renamed(difference, rest, gone):
        place = (found.folder, found.path)
        if place in gone:
            difference.changed.append((gone.pop(place)[0], found))
        else:
            difference.added.append(found)
    difference.removed.extend((document_id, "/".join(place)) for place, (document_id, _) in gone.items())


def _pair_renamed(
    difference: Difference, new: list[tuple[Found, str]], gone: dict[Place, tuple[int, str]]
) -> Iterator[Found]:
    """Pairs what is new with what is gone; gives what has no pair, after all that have one."""
    by_content: dict[tuple[str, str], list[Place]] = {}
    for place, (_, content) in gone.items():
        by_content.setdefault((content, _read_as(place[1])), []).append(place)
    alone = []
    for found, content in new:
        old_places = by_content.get((content, _read_as(found.path)))
        if old_places:
            old = old_places.pop(0)
            document_id, _ = gone.pop(old)
            difference.renamed.append((document_id, "/".join(old), found))
        else:
            alone.append(found)
    yield from alone


def _read_as(path: str) -> str:
    """What decides how an article is read: the kind of its file, or that it is a row, of whatever file."""
    return "row" if is_row(path) else kind_of(path)
