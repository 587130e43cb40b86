"""Is the index whole, is it level with its folders, how was it made, and what is not in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index import generations
from index.difference import Difference, compare
from index.errors import FootnotedError
from index.first_pass import Plan
from index.folders import Skipped, label_folders
from index.generations import Manifest
from index.making import verify_parts
from index.metadata import FRONT_MATTER_KEYS
from index.opened import Index, open_index


@dataclass(frozen=True)
class IndexState:
    """What `footnoted check` finds. ``problems`` is empty where the index is whole and level."""

    index: str
    generation: str
    built: str
    documents: int
    reports: int  # independent ones: copies of one report count once
    chunks: int
    tokens: int  # of all stored texts, as a language model would count them
    megabytes: float
    model: str
    runtime: str
    dimension: int
    reads_tokens: int  # word pieces that the embedding model reads of a chunk
    vector_search: str
    folders: Mapping[str, str]
    known: Mapping[str, int]  # documents whose title, publisher, author, date, language is known
    not_indexed: Mapping[str, int] = field(default_factory=dict)  # added, changed, renamed, removed since
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The state for people."""
        yield f"index       {self.index}, generation {self.generation}, built {self.built}, {self.megabytes:.1f} MB"
        yield f"documents   {self.documents} in {self.chunks} chunks, {self.tokens:,} tokens"
        known = ", ".join(f"{name} {count}" for name, count in self.known.items())
        yield f"known       {known} of {self.documents} documents"
        if self.reports < self.documents:
            yield f"copies      {self.reports} independent reports; the other documents are copies of one of them"
        yield f"model       {self.model} ({self.runtime}, {self.dimension} dimensions, {self.reads_tokens} word pieces)"
        yield f"vectors     {self.vector_search}"
        for label, path in self.folders.items():
            yield f"folder      {label}: {path}"
        for skipped in self.skipped:
            yield f"skipped     {skipped.name}: {skipped.reason}"
        for problem in self.problems:
            yield f"problem     {problem}"
        if not self.problems:
            yield "whole, and level with its folders"


def check_index(index_dir: str | Path) -> IndexState:
    """The state of an index; every checksum and every chunk is looked at. Raises NoIndex and DamagedIndex."""
    index = open_index(index_dir)
    manifest = index.manifest
    rows = index.documents()
    difference, unreachable = _compared(index)
    changes = {what: len(getattr(difference, what)) for what in ("added", "changed", "renamed", "removed")}
    return IndexState(
        index=str(index.path),
        generation=manifest.generation,
        built=manifest.built,
        documents=manifest.documents,
        reports=index.catalog.count_reports(),
        chunks=manifest.chunks,
        tokens=sum(row.tokens for row in rows),
        megabytes=sum(entry["bytes"] for entry in manifest.files.values()) / 1e6,
        model=manifest.model["name"],
        runtime=manifest.model["runtime"],
        dimension=manifest.model["dimension"],
        reads_tokens=manifest.model["max_tokens"],
        vector_search=Plan(**manifest.vector_search).line(),
        folders=manifest.folders,
        known={name: sum(getattr(row, name) is not None for row in rows) for name in FRONT_MATTER_KEYS},
        not_indexed=changes,
        skipped=tuple(index.skipped),
        problems=(*_problems(index, manifest), *unreachable, *_behind(changes)),
    )


def _problems(index: Index, manifest: Manifest) -> Iterator[str]:
    if index.warning:
        yield index.warning
    folder = generations.folder_of(index.path, manifest.generation)
    try:
        generations.verify(folder)
        verify_parts(folder)
    except (generations.Damaged, FootnotedError) as damage:
        yield f"generation {manifest.generation}: {damage}"
    try:
        _ = index.embedder
    except FootnotedError as trouble:
        yield str(trouble)


def _compared(index: Index) -> tuple[Difference, list[str]]:
    try:
        folders = label_folders(list(index.folders.values()))
    except FootnotedError as trouble:
        return Difference(), [str(trouble)]
    links = index.manifest.follow_links
    return compare(folders, index.catalog, follow_links=links, leave_out=index.path), []


def _behind(changes: Mapping[str, int]) -> Iterator[str]:
    told = ", ".join(f"{count} {what}" for what, count in changes.items() if count)
    if told:
        yield f"the folders have changed since ({told}); bring the index level: footnoted build"
