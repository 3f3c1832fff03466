"""What the files of a directory are: label files, the mapping of their classes, or neither."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from schemas.records import Source

MAPPINGS = ("ontology_mapping.json", "ontology_label_map.json")
"""File names of class mappings: Encord Active's, and that of its versions up to 0.1.65."""
LARGEST_FILE = 4 << 20
"""Bytes of the largest label file taken; some 40,000 rows of the usual length, of one data unit."""
_BATCH_BYTES = 1 << 20
_BATCH_FILES = 512


class Layout(NamedTuple):
    """The files of a call, by what they are."""

    labels: list[Source]
    others: list[Source]
    """Neither labels nor the mapping: each is refused."""
    mapping: Source | None
    relative: bool
    """Corners are shares of the unit's size, and names begin with its hash: Encord Active up to 0.1.65."""


def file_name(source: Source) -> str:
    """The name without the folders before it."""
    return source.name.rpartition("/")[2]


def is_label_file(name: str) -> bool:
    """Whether a file of this name may hold object rows."""
    return name.lower().endswith((".txt", ".csv"))


def layout(sources: Sequence[Source], aside: Mapping[str, Source]) -> Layout:
    """Sort the files. A mapping given aside goes before one found; of several found the outermost, then the newer
    kind, is taken.
    """
    found = [source for source in sources if file_name(source) in MAPPINGS]
    found.sort(key=lambda source: (source.name.count("/"), MAPPINGS.index(file_name(source))))
    mapping = aside.get("mapping") or (found[0] if found else None)
    labels = [source for source in sources if is_label_file(source.name)]
    others = [source for source in sources if not is_label_file(source.name) and source not in found[:1]]
    relative = any(file_name(source) == MAPPINGS[1] for source in (*found[:1], *filter(None, (mapping,))))
    return Layout(labels, others, mapping, relative)


def batches(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The files in order, in stretches whose rows fit a block. No files: no stretch."""
    batch: list[Source] = []
    size = 0
    for source in sources:
        if batch and (size + source.size > _BATCH_BYTES or len(batch) == _BATCH_FILES):
            yield batch
            batch, size = [], 0
        batch.append(source)
        size += source.size
    if batch:
        yield batch
