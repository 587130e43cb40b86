"""An index opened for questions: the generation in use, verified, with its three parts and its embedder.

Opening is cheap when nothing changed (one small file is read), so every question opens anew and meets a new
generation at once; one that is being answered keeps the generation it began with.
"""

import os
import sqlite3
import threading
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from index import generations
from index.catalog import Catalog, DocumentRow, StoredDocument
from index.errors import DamagedIndex, UsageError
from index.folders import Skipped, expanded
from index.generations import CATALOG, FIRST_PASS, VECTORS, WORDS, Manifest

if TYPE_CHECKING:
    from index.embed import Embedder
    from index.models import ModelIdentity
    from index.vectors import Ids, Matrix
    from index.words import Words

DEFAULT_DIR = ".footnoted"

_opened: dict[Path, "tuple[object, Index | DamagedIndex]"] = {}
_opening = threading.Lock()


class Index:
    """One generation of an index, read-only, usable from any thread.

    ``warning`` is None, or says which generation was refused and why this one answers instead.
    """

    def __init__(self, path: Path, manifest: Manifest, warning: str | None = None) -> None:
        self.path = path
        self.manifest = manifest
        self.warning = warning
        self._folder = generations.folder_of(path, manifest.generation)
        # every file is opened here, so that a later build may remove the folder while this generation answers
        self.catalog = Catalog(self._folder / CATALOG)
        self.words = _words(self._folder / WORDS)
        from index.first_pass import FirstPass  # FAISS and numpy, 250 ms
        from index.vectors import Vectors

        self.vectors = Vectors.read(self._folder / VECTORS)
        self._first_pass = FirstPass.read(self._folder / FIRST_PASS, manifest.vector_search)

    def __repr__(self) -> str:
        return f"Index({str(self.path)!r}, generation {self.generation})"

    @property
    def generation(self) -> str:
        """The name of the generation, ``000012``."""
        return self.manifest.generation

    @property
    def folders(self) -> Mapping[str, Path]:
        """The folders by label."""
        return {label: Path(path) for label, path in self.manifest.folders.items()}

    @cached_property
    def embedder(self) -> "Embedder":
        """The model the index was made with. Raises ModelError if it is not to be had any more."""
        from index.models import ModelIdentity

        return _embedder(ModelIdentity(**self.manifest.model))

    @property
    def skipped(self) -> list[Skipped]:
        """The files that are not in the index, with their reasons."""
        return self.catalog.skipped()

    def nearest(self, vector: "Matrix", k: int, among: "Ids | None" = None) -> list[tuple[int, float]]:
        """The ``k`` chunks nearest to a unit vector as (id, cosine), best first; only chunks in ``among``."""
        from index.first_pass import nearest

        return nearest(self.vectors, self._first_pass, vector, k, among)

    @cached_property
    def all_particulars(self) -> str:
        """Every title, publisher and author, folded to small letters, a document a line."""
        rows = self.catalog.particulars()
        return "\n".join(f"{row.title} {row.publisher} {row.author}" for row in rows).casefold()

    def documents(self) -> list[DocumentRow]:
        """Every document, by folder and path."""
        return self.catalog.documents()

    def document(self, document_id: int) -> StoredDocument | None:
        """A document with its stored text; None if there is none with this id."""
        return self.catalog.document(document_id)


def open_index(index_dir: str | Path | None = None) -> Index:
    """The index in a folder, in its present generation; the same object as long as that does not change.

    index_dir: None means ``$FOOTNOTED_INDEX``, else ``.footnoted`` in the working directory.
    Raises NoIndex where nothing was built and DamagedIndex where no generation is whole.
    """
    path = index_path(os.environ.get("FOOTNOTED_INDEX") or DEFAULT_DIR if index_dir is None else index_dir)
    with _opening:
        state = _state(path)
        known = _opened.get(path)
        if not known or known[0] != state:
            known = _opened[path] = (state, _open(path))
        if isinstance(known[1], DamagedIndex):
            raise known[1]
        return known[1]


def index_path(index_dir: str | Path) -> Path:
    """The folder that is meant.

    Raises UsageError for what names none, and for an empty name, which would mean the working directory.
    """
    if not isinstance(index_dir, str | Path):
        raise UsageError(f"The index is given by its folder, a text or a Path, not by {type(index_dir).__name__}.")
    if not str(index_dir).strip():
        raise UsageError("The index has no name. Name its folder: --index DIR")
    return expanded(index_dir).absolute()


def _open(path: Path) -> "Index | DamagedIndex":
    """The index, or what is wrong with it, so that a page which asks every two seconds does not read it all again."""
    state = _state(path)
    found: Index | DamagedIndex
    try:
        found = Index(path, *generations.choose(path))
    except DamagedIndex as damage:
        found = damage
    except (OSError, sqlite3.Error, ValueError):
        if _state(path) == state:
            raise
        return _open(path)
    if (isinstance(found, DamagedIndex) or found.warning) and _state(path) != state:
        return _open(path)  # two builds ended meanwhile, and what was missing was only removed
    return found


def _state(path: Path) -> object:
    """Changes whenever a build swaps a generation in."""
    try:
        found = (path / "CURRENT").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


@lru_cache(maxsize=1)
def _embedder(identity: "ModelIdentity") -> "Embedder":
    """One embedder for all generations made with the same model: its session holds 90 MB."""
    from index.embed import Embedder  # ONNX Runtime, 100 ms

    return Embedder.open(identity)


def _words(folder: Path) -> "Words":
    from index.words import Words

    return Words(folder)
