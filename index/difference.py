"""What the folders hold that the catalog does not, and the other way round.

Files are compared by content, never by time: a file saved without a change is unchanged, and one that
vanished here and turned up there with the same content was renamed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.catalog import Catalog
from index.folders import Found, Skipped, find_files
from index.load import Document, hash_file, kind_of, load
from index.reading import Unreadable


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
    seen: Callable[[int], None] = lambda count: None,
) -> Difference:
    """The difference between the files in ``folders`` and the documents in ``catalog`` (None for no index).

    ``seen`` is told the number of files looked at so far.
    """
    known = catalog.contents() if catalog else {}
    failed_before = {(one.folder, one.path) for one in catalog.skipped()} if catalog else set()
    difference = Difference()
    new: list[tuple[Found, str]] = []
    present, unchanged = set(), 0
    for count, found in enumerate(find_files(folders, follow_links=follow_links, leave_out=leave_out)):
        seen(count + 1)
        if isinstance(found, Skipped):
            difference.skipped.append(found)
            continue
        place = (found.folder, found.path)
        content = _content(found, again=place in failed_before)
        if isinstance(content, Skipped):
            difference.skipped.append(content)
            continue
        present.add(place)
        if place not in known:
            new.append((found, content))
        elif known[place][1] != content:
            difference.changed.append((known[place][0], found))
        else:
            unchanged += 1
    gone = {place: known[place] for place in sorted(known.keys() - present)}
    _pair_renamed(difference, new, gone)
    return Difference(**{**vars(difference), "unchanged": unchanged})


def _content(found: Found, *, again: bool) -> str | Skipped:
    """The hash of a file's content, or why it cannot be an article.

    A file that failed the last time is loaded whole, to see whether it still does.
    """
    if again:
        loaded = load(found)
        return loaded.content_hash if isinstance(loaded, Document) else loaded
    try:
        return hash_file(found)[0]
    except Unreadable as reason:
        return Skipped(found.folder, found.path, str(reason))


def _pair_renamed(
    difference: Difference, new: list[tuple[Found, str]], gone: dict[tuple[str, str], tuple[int, str]]
) -> None:
    """Sorts new and vanished files into renamed, added and removed: equal content at another place is a new name.

    Not where the kind changed too: the same bytes say something else as .md than as .txt.
    """
    by_content: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for place, (_, content) in gone.items():
        by_content.setdefault((content, kind_of(place[1])), []).append(place)
    for found, content in new:
        old_places = by_content.get((content, kind_of(found.path)))
        if old_places:
            old = old_places.pop(0)
            document_id, _ = gone.pop(old)
            difference.renamed.append((document_id, "/".join(old), found))
        else:
            difference.added.append(found)
    difference.removed.extend((document_id, "/".join(place)) for place, (document_id, _) in gone.items())
