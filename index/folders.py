"""Which files the folders hold: found in a fixed order, named by folder label and relative path.

Decides what counts as an article by its place and kind (hidden files, links, special files); whether its
content can be read is decided in `load`.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.errors import UsageError
from index.metadata import Field
from index.table import Layout

LINK_LEAVES = "a link that leaves the folder; --follow-links reads such links"
LINK_BROKEN = "a link to something that is not there"
NAME_UNREADABLE = "its name is not valid UTF-8; rename it"

TEMPORARY = re.compile(r"~\$.*|.*~|#.*#|.*\.(?:tmp|swp|part|crdownload)", re.IGNORECASE)
"""Files that editors, office programs and browsers leave beside the one they are writing."""

OF_AN_INDEX = re.compile(
    r"CURRENT(?:\.new)?|generations|removed|lock(?:\.holder)?|reported\.jsonl|password\.json(?:\.\w+)?"
    r"|(?:files|embedded|conversations)\.sqlite(?:-\w+)?"
)
"""What footnoted keeps in the folder of an index. No article where an index is; elsewhere a file like any other."""


@dataclass(frozen=True)
class Part:
    """One article among many in a file: its name there, its row, from 1, and the bytes of its record."""

    name: str
    row: int
    start: int
    end: int
    layout: Layout
    content: str  # sha256 of what is read of it


@dataclass(frozen=True)
class Found:
    """A file, or a part of one, that may be an article."""

    folder: str
    path: str  # relative to its folder, with forward slashes; of a part: news.csv#12
    file: Path
    part: Part | None = None
    beside: tuple[Field, ...] = ()  # what a metadata.csv says of it

    @property
    def file_path(self) -> str:
        """The path of the file, also for a part of it."""
        return self.path.removesuffix(f"#{self.part.name}") if self.part else self.path


@dataclass(frozen=True)
class Skipped:
    """A file that is not in the index, and why."""

    folder: str
    path: str
    reason: str

    @property
    def name(self) -> str:
        """``seeds/report.pdf``"""
        return f"{self.folder}/{self.path}"


def label_folders(folders: Sequence[str | Path]) -> dict[str, Path]:
    """Folders by label: the folder's name, with as many parents as it takes to tell two apart.

    >>> label_folders(["/a/news", "/b/news"])  # doctest: +SKIP
    {'a/news': Path('/a/news'), 'b/news': Path('/b/news')}

    Raises UsageError for a folder that is not there, is a file, or lies inside another one named.
    """
    paths = list(dict.fromkeys(_existing_folder(folder) for folder in folders))
    for inner in paths:
        for outer in paths:
            if outer in inner.parents:
                raise UsageError(f"{inner} lies inside {outer}. Name only one of them.")
    return {_label(path, paths): path for path in paths}


def find_files(
    folders: Mapping[str, Path], *, follow_links: bool = False, leave_out: Path | None = None
) -> Iterator[Found | Skipped]:
    """Every visible file, sorted by path; what cannot be an article comes as Skipped.

    Hidden files and folders (a leading dot), temporary files, ``leave_out`` (the index itself) and what belongs to
    another index are passed over in silence.
    """
    for label, folder in folders.items():
        yield from _Walk(label, folder, follow_links, leave_out).files()


def find_places(
    folders: Sequence[Path], *, follow_links: bool = False, leave_out: Path | None = None
) -> Iterator[Path]:
    """Where a change may be one of the files of `find_files`: every folder it looks into, and the targets of links."""
    for folder in folders:
        walk = _Walk(folder.name, folder, follow_links, leave_out)
        for found in walk.files():
            if follow_links and isinstance(found, Found) and found.file.is_symlink():
                yield found.file.resolve()
        yield from walk.entered


def kind_of(path: str) -> str:
    """``.txt`` for ``news/Report.TXT``"""
    return PurePosixPath(path).suffix.lower()


def is_passed_over(name: str, *, folder: bool = False) -> bool:
    """True for the name of a hidden file or folder, and of a temporary file."""
    return name.startswith(".") or (not folder and TEMPORARY.fullmatch(name) is not None)


def is_of_index(path: Path, index: Path | None = None) -> bool:
    """True for what footnoted keeps in the folder of an index: of ``index``, or of any that lies there."""
    if not OF_AN_INDEX.fullmatch(path.name):
        return False
    folder = path.parent
    return folder == index or ((folder / "CURRENT").is_file() and (folder / "generations").is_dir())


def expanded(path: str | Path) -> Path:
    """The path with a ``~`` replaced by the home it means.

    Raises UsageError for a user who has none, and for what is no path.
    """
    if not isinstance(path, str | Path):
        raise UsageError(f"A folder is a text or a Path, not {type(path).__name__}.")
    if "\0" in str(path):
        raise UsageError(f"No folder has a NUL character in its name: {str(path)!r}.")
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"Nobody's home is known as {Path(path).parts[0]} in {path}. Write the path in full."
        ) from error


def _existing_folder(folder: str | Path) -> Path:
    if not str(folder).strip():
        raise UsageError("A folder without a name was given. Name a folder of articles: footnoted build FOLDER")
    path = expanded(folder)
    try:
        if not path.exists():
            raise UsageError(f"There is no folder {path}. Name a folder of articles: footnoted build FOLDER")
        if not path.is_dir():
            raise UsageError(f"{path} is a file, not a folder. Name the folder it lies in.")
        os.scandir(path).close()
    except OSError as error:
        raise UsageError(f"The folder {path} cannot be read ({error.strerror}).") from error
    return path.resolve()


def _label(path: Path, others: Sequence[Path]) -> str:
    for length in range(1, len(path.parts)):
        label = "/".join(path.parts[-length:])
        if sum(other.parts[-length:] == path.parts[-length:] for other in others) == 1:
            return label
    return path.as_posix()


class _Walk:
    """One folder, read depth first; remembers the real folders it is in, so that links cannot loop."""

    def __init__(self, label: str, root: Path, follow_links: bool, leave_out: Path | None) -> None:
        self.label, self.root = label, root
        self.follow_links = follow_links
        self.leave_out = leave_out.resolve() if leave_out else None
        self.entered: list[Path] = []  # the folders that were looked into

    def files(self) -> Iterator[Found | Skipped]:
        yield from self._inside(self.root, "", (self.root,))

    def _inside(self, folder: Path, prefix: str, parents: tuple[Path, ...]) -> Iterator[Found | Skipped]:
        self.entered.append(folder)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield self._skipped(prefix.rstrip("/") or ".", f"the folder cannot be read ({error.strerror})")
            return
        for entry in entries:
            if not is_passed_over(entry.name, folder=True) and not is_of_index(
                parents[-1] / entry.name, self.leave_out
            ):
                yield from self._entry(entry, prefix + entry.name, parents)

    def _entry(self, entry: os.DirEntry[str], path: str, parents: tuple[Path, ...]) -> Iterator[Found | Skipped]:
        file = Path(entry.path)
        if not path.isprintable() and _has_surrogates(path):
            yield self._skipped(os.fsencode(path).decode("utf-8", "backslashreplace"), NAME_UNREADABLE)
            return
        if entry.is_symlink():
            reason = self._reason_against_link(file)
            if reason:
                yield self._skipped(path, reason)
                return
        if entry.is_dir():
            real = file.resolve()
            if real not in parents and real != self.leave_out:
                yield from self._inside(file, path + "/", (*parents, real))
        elif entry.is_file():
            if not is_passed_over(entry.name):
                yield Found(self.label, path, file)
        else:
            yield self._skipped(path, "neither a file nor a folder")

    def _reason_against_link(self, link: Path) -> str | None:
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):
            return LINK_BROKEN
        if self.follow_links or target.is_relative_to(self.root):
            return None
        return LINK_LEAVES

    def _skipped(self, path: str, reason: str) -> Skipped:
        return Skipped(self.label, path, reason)


def _has_surrogates(name: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in name)
