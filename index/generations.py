"""Generations: whole states of the index, made aside and swapped in by replacing one small file.

    .footnoted/
      CURRENT               the name of the generation in use; replaced atomically, last
      lock                  held by the build that runs, freed by the kernel when it ends in any way
      files.sqlite          the state and hash of each file when it was last read; only saves time
      embedded.sqlite       vectors of a build that has not finished, for the next one
      generations/000012/   manifest.json, catalog.sqlite, vectors.faiss, words/, and first_pass.faiss if it is large

A kill at any moment leaves CURRENT naming a whole generation: the old one, or the new one.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import BuildRunning, DamagedIndex, NoIndex, UsageError

FORMAT = 4
"""Number of the layout described here and of the tables in `catalog`; another one is not read."""

UNFINISHED = ".unfinished"

CATALOG, VECTORS, FIRST_PASS, WORDS = "catalog.sqlite", "vectors.faiss", "first_pass.faiss", "words"
MANIFEST = "manifest.json"

SEEN = "verified.json"
"""Beside a large generation: the files as they were when they last matched their checksums. Only ever saves time."""

READ_WHOLE_MB = 200
"""A generation up to this size is read whole at each opening, in 0.1 s; one of a million chunks would take a second."""

JOURNAL, KNOWN_FILES = "embedded.sqlite", "files.sqlite"


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
    vector_search: Mapping[str, Any]  # see `first_pass.Plan`
    files: Mapping[str, Mapping[str, Any]]  # relative path -> {"bytes": ..., "sha256": ...}


class Damaged(Exception):
    """What is wrong with a generation."""


class OtherFormat(Damaged):
    """It was made by another version of footnoted; ``values`` is what its manifest holds."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(f"it has format {values['format']}, and this version reads format {FORMAT}")
        self.values = values


def current_name(index_dir: Path) -> str:
    """The name of the generation in use. Raises NoIndex where nothing was built, Damaged where it is unreadable."""
    try:
        told = (index_dir / "CURRENT").read_text("utf-8")
    except FileNotFoundError:
        if _names(index_dir):
            raise Damaged("CURRENT is missing") from None
        raise NoIndex(f"No index in {index_dir}. Make one: footnoted build FOLDER") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(f"CURRENT cannot be read ({error})") from error
    name = told.partition(" ")[0]
    if told != _named(name):
        raise Damaged("CURRENT does not name a generation")
    return name


def folder_of(index_dir: Path, name: str) -> Path:
    """Where a generation lies."""
    return index_dir / "generations" / name


def choose(index_dir: Path) -> tuple[Manifest, str | None]:
    """The manifest of the generation to use, and a warning where it is not the one in use.

    Every file is compared with its checksum, see `verify`. A generation that does not match is refused by name, and the
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
            manifest = verify(folder_of(index_dir, name), all_bytes=False)
        except Damaged as problem:
            problems.append(f"generation {name}: {problem}")
            continue
        if problems:
            told = "; ".join(problems)
            return manifest, f"{told}. Generation {name} is used instead. Repair: footnoted build"
        return manifest, None
    told = "; ".join(problems)
    if manifest_of_other_format(index_dir):
        raise DamagedIndex(
            f"The index in {index_dir} was made by another version of footnoted ({told}). Make it anew: footnoted build"
        )
    raise DamagedIndex(f"The index in {index_dir} is damaged ({told}). Make it anew: footnoted build --fresh FOLDER")


def last_manifest(index_dir: Path) -> Manifest | None:
    """The newest manifest that can be read, be its generation whole or not."""
    for name in reversed(_names(index_dir)):
        with contextlib.suppress(Damaged):
            return read_manifest(folder_of(index_dir, name))
    return None


def manifest_of_other_format(index_dir: Path) -> Manifest | None:
    """What a build takes over from a generation that another version of footnoted made: folders, links and model."""
    try:
        name = current_name(index_dir)
        read_manifest(folder_of(index_dir, name))
    except OtherFormat as other:
        with contextlib.suppress(KeyError, TypeError):
            return Manifest(
                format=other.values["format"], generation=name, built="", model=other.values["model"],
                chunking="", analyzer="", folders=other.values["folders"],
                follow_links=other.values["follow_links"], documents=0, chunks=0, vector_search={}, files={},
            )  # fmt: skip
    except (Damaged, NoIndex):
        pass
    return None


def refuse_file(index_dir: Path) -> None:
    """Raises UsageError where the folder of an index is a file."""
    if index_dir.is_file():
        raise UsageError(f"{index_dir} is a file, not the folder of an index. Name a folder: --index DIR")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises Damaged where it is missing or unreadable, OtherFormat for another one."""
    try:
        text = (folder / MANIFEST).read_text("utf-8")
        values = json.loads(text)
        seal = values.pop("seal")
        if values["format"] != FORMAT:  # before anything else is read: its other fields may differ
            raise OtherFormat(values)
        manifest = Manifest(**values)
    except FileNotFoundError:
        raise Damaged("its manifest is missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Damaged("its manifest cannot be read") from None
    if seal != _seal(values) or text != _sealed_text(values):
        raise Damaged("its manifest was changed")
    return manifest


def verify(folder: Path, *, all_bytes: bool = True) -> Manifest:
    """The manifest of a generation whose files are all there, byte for byte. Raises Damaged.

    ``all_bytes=False``: a large generation that matched its checksums once is not read again as long as no file was
    touched since; what changes a file without a trace (a failing disk) is then left to `footnoted check`.
    """
    manifest = read_manifest(folder)
    large = _bytes_of(manifest) > READ_WHOLE_MB * 1_000_000
    seen = _read_seen(folder) if large and not all_bytes else {}
    states = {name: _state(folder, name) for name in manifest.files}
    touched = [name for name in manifest.files if seen.get(name) != states[name]]
    for name, found in _checksums(folder, touched, beside_each_other=large):
        if found != manifest.files[name]:
            raise Damaged(f"{name} is not as it was written")
    if touched and large:
        _write_seen(folder, states)
    return manifest


def _checksums(folder: Path, names: list[str], *, beside_each_other: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Two files beside each other take half the time; but each new thread brings new pools of memory."""
    if not beside_each_other:
        yield from ((name, _checksum(folder, name)) for name in names)
        return
    with ThreadPoolExecutor(max_workers=2) as threads:
        yield from zip(names, threads.map(lambda name: _checksum(folder, name), names), strict=True)


def _bytes_of(manifest: Manifest) -> int:
    return sum(int(entry["bytes"]) for entry in manifest.files.values())


def _state(folder: Path, name: str) -> list[int]:
    """What changes when a file is written to, whatever time it is given afterwards."""
    try:
        found = (folder / name).stat()
    except FileNotFoundError:
        raise Damaged(f"{name} is missing") from None
    except OSError as error:
        raise Damaged(f"{name} cannot be read ({error.strerror})") from error
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]


def _checksum(folder: Path, name: str) -> dict[str, Any]:
    try:
        return _fingerprint(folder / name)
    except OSError as error:
        raise Damaged(f"{name} cannot be read ({error.strerror})") from error


def _read_seen(folder: Path) -> Mapping[str, object]:
    """The state of each file when it last matched its checksum."""
    try:
        seen = json.loads((folder / SEEN).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return seen if isinstance(seen, dict) else {}


def _write_seen(folder: Path, states: Mapping[str, object]) -> None:
    with contextlib.suppress(OSError):  # a folder that cannot be written to is read whole each time
        aside = folder / f"{SEEN}.{os.getpid()}"
        aside.write_text(json.dumps(states), "utf-8")
        aside.replace(folder / SEEN)


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
        with contextlib.suppress(OSError):  # the kernel frees it in any case
            lock.release()


def begin(index_dir: Path) -> Path:
    """An empty folder for the next generation; what earlier builds left unfinished is removed."""
    folder = index_dir / "generations"
    folder.mkdir(exist_ok=True)
    _remove_unfinished(index_dir)
    if (index_dir / JOURNAL).is_dir():
        shutil.rmtree(index_dir / JOURNAL)
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
    _write_synced(unfinished / MANIFEST, _sealed_text(asdict(manifest)))
    for folder in [unfinished, *(path for path in unfinished.rglob("*") if path.is_dir())]:
        _sync(folder)
    return manifest


def swap_in(unfinished: Path) -> None:
    """Makes a sealed generation the one in use; the last step of a build."""
    folder = _sealed(unfinished)
    index_dir = folder.parent.parent
    unfinished.rename(folder)
    _sync(folder.parent)
    _write_synced(index_dir / "CURRENT.new", _named(folder.name))
    if (index_dir / "CURRENT").is_dir():
        shutil.rmtree(index_dir / "CURRENT")
    (index_dir / "CURRENT.new").replace(index_dir / "CURRENT")
    with contextlib.suppress(OSError):  # it is in use; should the power fail before the disk knows, the old one is
        _sync(index_dir)


def abandon(unfinished: Path) -> None:
    """Removes what a build made that failed, unless it is in use already."""
    folder = _sealed(unfinished)
    with contextlib.suppress(Damaged, NoIndex):
        if current_name(folder.parent.parent) == folder.name:
            return
    for left in (unfinished, folder):
        shutil.rmtree(left, ignore_errors=True)


def tidy(index_dir: Path, used: str, before: str | None = None) -> None:
    """Removes what builds left, also killed ones, but the generation in use and the one to fall back on.

    That is ``before``, else the newest whole one. A reader that has another one open keeps its open files.
    """
    with contextlib.suppress(OSError):
        _remove_unfinished(index_dir)
        for name in (JOURNAL, f"{JOURNAL}-journal"):
            (index_dir / name).unlink(missing_ok=True)
    names = _names(index_dir)
    if before is None:
        older = [name for name in names if int(name) < int(used)]
        whole = (name for name in reversed(older) if len(older) == 1 or _is_whole(index_dir, name))
        before = next(whole, None)
    for name in names:
        if name not in (used, before):
            shutil.rmtree(folder_of(index_dir, name), ignore_errors=True)


def _sealed(unfinished: Path) -> Path:
    return unfinished.with_name(unfinished.name.removesuffix(UNFINISHED))


def _is_whole(index_dir: Path, name: str) -> bool:
    try:
        verify(folder_of(index_dir, name))
    except Damaged:
        return False
    return True


def _remove_unfinished(index_dir: Path) -> None:
    for left in (index_dir / "generations").glob(f"*{UNFINISHED}"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    (index_dir / "CURRENT.new").unlink(missing_ok=True)


def _names(index_dir: Path) -> list[str]:
    """The generations there are, oldest first. Raises UsageError where that cannot be told."""
    folder = index_dir / "generations"
    try:
        if not folder.is_dir():
            return []
        return sorted((path.name for path in folder.iterdir() if path.name.isdigit()), key=int)
    except PermissionError as error:
        raise UsageError(f"The index in {index_dir} cannot be read ({error.strerror}).") from error


def _fingerprint(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    return {"bytes": file.stat().st_size, "sha256": digest.hexdigest()}


def _named(name: str) -> str:
    """What CURRENT says, with a checksum: one changed bit of a number may be that of the generation before."""
    return f"{name} {hashlib.sha256(name.encode()).hexdigest()[:16]}\n"


def _sealed_text(values: Mapping[str, Any]) -> str:
    return json.dumps({**values, "seal": _seal(values)}, indent=1, ensure_ascii=False)


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
        return file.read_text("utf-8", errors="replace") or otherwise
    except OSError:
        return otherwise
