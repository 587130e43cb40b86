"""Generations: whole states of the index, made aside and swapped in by replacing one small file.

    .footnoted/
      CURRENT               the name of the generation in use; replaced atomically, last
      lock                  held by the build that runs, freed by the kernel when it ends in any way
      embedded.sqlite       vectors of a build that has not finished, for the next one
      generations/000012/   manifest.json, catalog.sqlite, vectors.faiss, words/

A kill at any moment leaves CURRENT naming a whole generation: the old one, or the new one.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import BuildRunning, DamagedIndex, NoIndex, UsageError

FORMAT = 1
"""Number of the layout described here and of the tables in `catalog`; another one is not read."""

UNFINISHED = ".unfinished"

CATALOG, VECTORS, WORDS, MANIFEST = "catalog.sqlite", "vectors.faiss", "words", "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """What a generation is made of and how it was made."""

    format: int
    generation: str
    built: str  # ISO 8601, UTC
    model: Mapping[str, Any]
    chunking: str
    analyzer: str
    folders: Mapping[str, str]  # label -> path
    follow_links: bool
    documents: int
    chunks: int
    files: Mapping[str, Mapping[str, Any]]  # relative path -> {"bytes": ..., "sha256": ...}


class Damaged(Exception):
    """What is wrong with a generation."""


def current_name(index_dir: Path) -> str:
    """The name of the generation in use. Raises NoIndex where nothing was built, Damaged where it is unreadable."""
    try:
        name = (index_dir / "CURRENT").read_text("utf-8").strip()
    except FileNotFoundError:
        if _names(index_dir):
            raise Damaged("CURRENT is missing") from None
        raise NoIndex(f"No index in {index_dir}. Make one: footnoted build FOLDER") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(f"CURRENT cannot be read ({error})") from error
    if not name.isdigit():
        raise Damaged("CURRENT does not name a generation")
    return name


def folder_of(index_dir: Path, name: str) -> Path:
    """Where a generation lies."""
    return index_dir / "generations" / name


def choose(index_dir: Path) -> tuple[Manifest, str | None]:
    """The manifest of the generation to use, and a warning where it is not the one in use.

    Every file is compared with its checksum. A generation that does not match is refused by name, and the
    last good one before it is used. Raises NoIndex or, if none is good, DamagedIndex.
    """
    refuse_file(index_dir)
    problems = []
    try:
        names = [current_name(index_dir)]
    except Damaged as problem:
        problems.append(str(problem))
        names = []
    names += [name for name in reversed(_names(index_dir)) if name not in names]
    for name in names:
        try:
            manifest = verify(folder_of(index_dir, name))
        except Damaged as problem:
            problems.append(f"generation {name}: {problem}")
            continue
        if problems:
            told = "; ".join(problems)
            return manifest, f"{told}. Generation {name} is used instead. Repair: footnoted build"
        return manifest, None
    told = "; ".join(problems)
    raise DamagedIndex(f"The index in {index_dir} is damaged ({told}). Make it anew: footnoted build --fresh FOLDER")


def last_manifest(index_dir: Path) -> Manifest | None:
    """The newest manifest that can be read, be its generation whole or not."""
    for name in reversed(_names(index_dir)):
        with contextlib.suppress(Damaged):
            return read_manifest(folder_of(index_dir, name))
    return None


def refuse_file(index_dir: Path) -> None:
    """Raises UsageError where the folder of an index is a file."""
    if index_dir.is_file():
        raise UsageError(f"{index_dir} is a file, not the folder of an index. Name a folder: --index DIR")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises Damaged where it is missing, unreadable or of another format."""
    try:
        values = json.loads((folder / MANIFEST).read_text("utf-8"))
        seal = values.pop("seal")
        if values["format"] != FORMAT:  # before anything else is read: its other fields may differ
            raise Damaged(f"it has format {values['format']}, and this version reads format {FORMAT}")
        manifest = Manifest(**values)
    except FileNotFoundError:
        raise Damaged("its manifest is missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Damaged("its manifest cannot be read") from None
    if seal != _seal(values):
        raise Damaged("its manifest was changed")
    return manifest


def verify(folder: Path) -> Manifest:
    """The manifest of a generation whose files are all there, byte for byte. Raises Damaged."""
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        try:
            found = _fingerprint(folder / name)
        except FileNotFoundError:
            raise Damaged(f"{name} is missing") from None
        except OSError as error:
            raise Damaged(f"{name} cannot be read ({error.strerror})") from error
        if found != expected:
            raise Damaged(f"{name} is not as it was written")
    return manifest


@contextlib.contextmanager
def building(index_dir: Path, wait_s: float = 0) -> Iterator[None]:
    """Holds the lock of an index. Raises BuildRunning, with the holder, if it is not free within ``wait_s`` seconds."""
    from filelock import FileLock, Timeout

    refuse_file(index_dir)
    index_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(index_dir / "lock")
    holder = index_dir / "lock.holder"
    try:
        lock.acquire(timeout=wait_s)
    except Timeout:
        who = _read_or(holder, "another process")
        raise BuildRunning(
            f"The index in {index_dir} is being built by {who}. Wait for it, or let this build wait: --wait"
        ) from None
    try:
        holder.write_text(f"process {os.getpid()}", "utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink()
        lock.release()


def begin(index_dir: Path) -> Path:
    """An empty folder for the next generation; what earlier builds left unfinished is removed."""
    folder = index_dir / "generations"
    folder.mkdir(exist_ok=True)
    for left in folder.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left)
    numbers = [int(name) for name in _names(index_dir)]
    with contextlib.suppress(Damaged, NoIndex):
        numbers.append(int(current_name(index_dir)))
    unfinished = folder / f"{max(numbers, default=0) + 1:06}{UNFINISHED}"
    unfinished.mkdir()
    return unfinished


def seal(unfinished: Path, about: Mapping[str, Any]) -> Manifest:
    """Writes the manifest of a finished generation, with the checksum of every file, and syncs all to disk."""
    files = {}
    for file in sorted(path for path in unfinished.rglob("*") if path.is_file()):
        if not file.name.endswith(".lock"):
            _sync(file)
            files[file.relative_to(unfinished).as_posix()] = _fingerprint(file)
    manifest = Manifest(format=FORMAT, generation=unfinished.name.removesuffix(UNFINISHED), files=files, **about)
    values = asdict(manifest)
    _write_synced(unfinished / MANIFEST, json.dumps({**values, "seal": _seal(values)}, indent=1, ensure_ascii=False))
    for folder in [unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())]:
        _sync(folder)
    return manifest


def swap_in(unfinished: Path) -> None:
    """Makes a sealed generation the one in use; the last step of a build."""
    folder = unfinished.with_name(unfinished.name.removesuffix(UNFINISHED))
    index_dir = folder.parent.parent
    unfinished.rename(folder)
    _sync(folder.parent)
    _write_synced(index_dir / "CURRENT.new", folder.name + "\n")
    (index_dir / "CURRENT.new").replace(index_dir / "CURRENT")
    _sync(index_dir)


def prune(index_dir: Path, keep: Collection[str]) -> None:
    """Removes all generations but these; a reader that still has one open keeps its open files."""
    for name in _names(index_dir):
        if name not in keep:
            shutil.rmtree(folder_of(index_dir, name), ignore_errors=True)


def _names(index_dir: Path) -> list[str]:
    folder = index_dir / "generations"
    if not folder.is_dir():
        return []
    return sorted((path.name for path in folder.iterdir() if path.name.isdigit()), key=int)


def _fingerprint(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}


def _seal(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # Windows has no handle for a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_synced(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _read_or(file: Path, otherwise: str) -> str:
    try:
        return file.read_text("utf-8") or otherwise
    except OSError:
        return otherwise
