"""The files of the folders, as the page may change them: added, replaced, taken away, brought back.

Nothing outside a folder of the index is written or moved, nothing is overwritten unasked, and nothing is erased: what
is taken away lies in the folder of the index for a day.
"""

import json
import os
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from app.words import say
from index.catalog import DocumentRow
from index.errors import FootnotedError
from index.folders import is_passed_over
from index.load import KINDS, is_row
from index.opened import Index
from index.reading import MAX_FILE_MB

LONGEST_NAME = 200
"""Bytes. File systems take 255, and others add endings."""

KEPT_S = 24 * 60 * 60
"""How long a file that was taken away can be brought back."""

NOT_THERE = "{name} is not in its folder any more. Rebuild the index."
NOT_IN_WINDOWS = '<>:"|?*'


class FileRefused(FootnotedError):
    """A file that cannot be added, taken away or brought back."""


class FileExists(FileRefused):
    """There is a file with this name already."""


@dataclass(frozen=True)
class Removal:
    """A file that was taken away."""

    id: str
    name: str  # folder/path
    place: str  # where it lay
    removed: float  # seconds since 1970
    generation: str = ""  # of the index then

    @property
    def is_replaced(self) -> bool:
        """True where another file lies in its place, which has to go before it can come back."""
        return os.path.lexists(self.place)


def checked_name(name: str) -> str:
    """The name, if a file in a folder may have it. Raises FileRefused."""
    plain = unicodedata.normalize("NFC", name).strip()
    hostile = {"/", "\\", *(NOT_IN_WINDOWS if os.name == "nt" else "")} & set(plain)
    if not plain or hostile or not plain.isprintable() or plain.endswith(".") or len(os.fsencode(plain)) > LONGEST_NAME:
        raise FileRefused(say("A file cannot have this name. Give it a short one without / and \\."))
    if is_passed_over(plain):
        raise FileRefused(say("Hidden and temporary files are not indexed. Give it another name."))
    if (Path(plain).suffix.lower() or ".txt") not in KINDS:
        raise FileRefused(say("Files of this kind are not read. There are: {kinds}.", kinds=", ".join(KINDS)))
    return plain


def folder_called(index: Index, label: str) -> Path:
    """The folder of the index with this label; the first without one. Raises FileRefused."""
    folder = index.folders.get(label) if label else next(iter(index.folders.values()), None)
    if folder is None or not folder.is_dir():
        raise FileRefused(say("The folder of these articles is not there."))
    return folder.resolve()


class Arriving:
    """A file on its way into a folder: hidden there until it is whole, and gone if it never is."""

    def __init__(self, folder: Path, name: str) -> None:
        self.target = folder / checked_name(name)
        self.bytes = 0
        self._part = folder / f".{secrets.token_hex(8)}.part"  # hidden: no build takes it for an article
        self._file = self._part.open("xb")

    def write(self, data: bytes) -> None:
        """Adds to it. Raises FileRefused when it becomes too large."""
        self.bytes += len(data)
        if self.bytes > MAX_FILE_MB * 1_000_000:
            raise FileRefused(say("The file is larger than {number} MB.", number=MAX_FILE_MB))
        self._file.write(data)

    def settle(self, index: Index, *, replace: bool) -> None:
        """Puts it in its place. Raises FileExists, or with ``replace`` takes the other one away first."""
        if not self.bytes:
            raise FileRefused(say("The file is empty."))
        self._file.close()
        if replace and os.path.lexists(self.target):
            _take_away(index, self.target, f"{self.target.parent.name}/{self.target.name}")
        try:
            os.link(self._part, self.target)  # unlike a rename, this never replaces another file
        except FileExistsError:
            raise FileExists(say("There is a file {name} already.", name=self.target.name)) from None
        except OSError:  # a stick or a network drive without links: look, then rename
            if os.path.lexists(self.target):
                raise FileExists(say("There is a file {name} already.", name=self.target.name)) from None
            self._part.rename(self.target)

    def close(self) -> None:
        """Removes what is left of it on the way."""
        self._file.close()
        with suppress(FileNotFoundError):
            self._part.unlink()


def remove(index: Index, document_id: int) -> Removal:
    """Takes the file of a document away. Raises FileRefused where it is not a plain file in its folder."""
    document = _document(index, document_id)
    if is_row(document.path):
        raise FileRefused(
            say("{name} is one of several articles in a file. Take it out of that file.", name=document.name)
        )
    folder = folder_called(index, document.folder)
    file = folder / document.path
    if file.is_symlink() or not file.resolve().is_relative_to(folder):
        raise FileRefused(say("{name} is a link, or lies behind one. Remove it where it lies.", name=document.name))
    if not file.is_file():
        raise FileRefused(say(NOT_THERE, name=document.name))
    return _take_away(index, file, document.name)


def file_of(index: Index, document_id: int) -> Path:
    """The file that a document was read from. Raises FileRefused where it is not there, or outside its folder."""
    document = _document(index, document_id)
    folder = folder_called(index, document.folder)
    names = _files_of_row(document.path) if is_row(document.path) else [document.path]
    file = next((folder / name for name in names if (folder / name).is_file()), None)
    if file is None:
        raise FileRefused(say(NOT_THERE, name=document.name))
    if not file.resolve().is_relative_to(folder):
        raise FileRefused(say("{name} is a link that leaves its folder. Open it where it lies.", name=document.name))
    return file


def _files_of_row(path: str) -> Iterator[str]:
    """What the file of a row may be called: both it and the row's id may have a "#" in them.

    >>> list(_files_of_row("a.csv#12#b"))
    ['a.csv', 'a.csv#12']
    """
    parts = path.split("#")
    for last in range(1, len(parts)):
        yield "#".join(parts[:last])


def _document(index: Index, document_id: int) -> DocumentRow:
    document = index.catalog.document_rows([document_id]).get(document_id)
    if document is None:
        raise FileRefused(say("There is no such document in the index."))
    return document


def restore(index: Index, removal_id: str) -> Removal:
    """Brings a file back to where it lay. Raises FileRefused where another one lies there now."""
    found = next((one for one in removals(index) if one.id == removal_id), None)
    if found is None:
        raise FileRefused(say("This file cannot be brought back any more."))
    if found.is_replaced:
        raise FileRefused(say("There is a new file {name}. Remove it first.", name=found.name))
    shutil.move(_removed(index) / found.id / "file", found.place)
    shutil.rmtree(_removed(index) / found.id)
    return found


def removals(index: Index) -> list[Removal]:
    """The files that can be brought back, newest first; those taken away more than a day ago are erased."""
    found = sorted(_read_removals(index), key=lambda one: -one.removed)
    for one in found:
        if one.removed < time.time() - KEPT_S:
            shutil.rmtree(_removed(index) / one.id, ignore_errors=True)
    return [one for one in found if one.removed >= time.time() - KEPT_S]


def _read_removals(index: Index) -> Iterator[Removal]:
    for about in _removed(index).glob("*/about.json"):
        with suppress(OSError, ValueError, TypeError):
            yield Removal(**json.loads(about.read_text("utf-8")))


def _take_away(index: Index, file: Path, name: str) -> Removal:
    removal = Removal(secrets.token_hex(8), name, str(file), time.time(), index.generation)
    aside = _removed(index) / removal.id
    try:
        aside.mkdir(parents=True)
        (aside / "about.json").write_text(json.dumps(asdict(removal)), "utf-8")
        shutil.move(file, aside / "file")
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise FileRefused(say("{name} cannot be moved ({why}).", name=name, why=error.strerror)) from error
    return removal


def _removed(index: Index) -> Path:
    return index.path / "removed"
