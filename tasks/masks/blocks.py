"""Stretches of mask files as blocks of records: some files at once, each read by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa

from schemas.parameters import MaskKind
from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from schemas.tables import RECORDS
from tasks.kernels.arrays import UInt8
from tasks.kernels.components import Regions, components, values
from tasks.masks.names import Said
from tasks.masks.png import Size, grey_pixels, read_file
from tasks.masks.rows import mask_column, record_batch
from tasks.refusals import Refused
from tasks.rejects import rejects_table

MOST_REGIONS = 50_000
"""Objects of the fullest file taken; noise has more."""
_BATCH_FILES = 16


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A file, what its name says, and the size of the unit that names, where that is known."""

    source: Source
    said: Said | Refused
    size: Size | None


class _Image(NamedTuple):
    """What a file came to."""

    name: str
    said: Said
    size: Size
    regions: Regions
    category: list[str | None]
    """Of each region; None where it is refused."""


@dataclass(slots=True)
class _Gathered:
    """What some files came to: `refused` holds file, row, code, text and record of each that was not taken."""

    images: list[_Image] = field(default_factory=list)
    refused: list[tuple[str, int | None, Reason, str, str]] = field(default_factory=list)

    def refuse(self, file: str, row: int | None, why: Refused, record: str = "") -> None:
        """Note a record, or a whole file (no row), that is not taken."""
        self.refused.append((file, row, why.code, why.text, record))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads mask files. Safe to use from several threads at once."""

    kind: MaskKind
    classes: Mapping[int, str]
    """Class by pixel value; empty where files are one object each."""
    smallest_px: int
    """Smallest component taken, px."""
    predictions: bool

    def read(self, files: Sequence[MaskFile]) -> Block:
        """The records of some files, file after file; what cannot be read of one does not stop the others."""
        gathered = _Gathered()
        for file in files:
            try:
                self._read_file(file, gathered)
            except Refused as why:
                gathered.refuse(file.source.name, None, why)
        return self._block(gathered)

    def _read_file(self, file: MaskFile, gathered: _Gathered) -> None:
        if isinstance(file.said, Refused):
            raise file.said
        pixels = grey_pixels(read_file(file.source), file.size)
        regions = self._regions(pixels)
        category: list[str | None] = []
        for row, (value, area_px2) in enumerate(zip(regions.value.tolist(), regions.area_px2.tolist(), strict=True)):
            try:
                category.append(self._category(file.said, value, area_px2))
            except Refused as why:
                category.append(None)
                record = orjson.dumps({"value": value, "area": area_px2}).decode()
                gathered.refuse(file.source.name, row, why, record)
        size = (pixels.shape[1], pixels.shape[0])
        gathered.images.append(_Image(file.source.name, file.said, size, regions, category))

    def _regions(self, pixels: UInt8) -> Regions:
        """What the image holds. Refused where that is more than any label image does, or an object of no pixel."""
        try:
            if self.kind is MaskKind.INSTANCES:
                regions = components(pixels, self.smallest_px)
            else:
                regions = values((pixels != 0).view(np.uint8) if self.kind is MaskKind.ONE_PER_FILE else pixels)
        except ValueError as error:
            raise Refused(Reason.INVALID_MASK, str(error)) from error
        if len(regions.value) > MOST_REGIONS:
            raise Refused(Reason.INVALID_MASK, f"{len(regions.value)} components; allowed are {MOST_REGIONS} a file")
        if self.kind is MaskKind.ONE_PER_FILE and not len(regions.value):
            raise Refused(Reason.NO_GEOMETRY, "no pixel differs from 0: the file shows no object")
        return regions

    def _category(self, said: Said, value: int, area_px2: int) -> str:
        """The class of one region."""
        if said.category is not None:
            return said.category
        if value not in self.classes:
            known = ", ".join(map(str, list(self.classes)[:20]))
            raise Refused(Reason.UNMAPPED_CLASS, f"pixels have the value {value}, the mapping holds {known}")
        if self.kind is MaskKind.INSTANCES and area_px2 < self.smallest_px:
            text = f"a component of {area_px2} px; the smallest taken has {self.smallest_px}"
            raise Refused(Reason.OUT_OF_RANGE, text)
        return self.classes[value]

    def _block(self, gathered: _Gathered) -> Block:
        images = gathered.images
        counts = [len(image.category) for image in images]
        category = np.array([word for image in images for word in image.category], object)
        row = np.concatenate([np.empty(0, np.int64), *map(np.arange, counts)])
        masks = mask_column([image.regions for image in images], [image.size for image in images])
        taken = np.array([word is not None for word in category.tolist()], bool)
        image_of = pa.array(np.repeat(np.arange(len(images)), counts)[taken])
        columns = {name: column.take(image_of) for name, column in self._shared(images).items()}
        columns |= {
            "source_row": pa.array(row[taken]),
            "source_category": pa.array(category[taken], pa.string()),
            "mask": masks.filter(pa.array(taken)),
        }
        refused = [list(column) for column in zip(*gathered.refused, strict=True)] or [[]] * 5
        rejects = rejects_table(Stage.INGEST, *refused)
        return Block(len(image_of) + len(rejects), record_batch(columns, len(image_of)), rejects)

    def _shared(self, images: Sequence[_Image]) -> dict[str, pa.Array]:
        """The columns that all records of an image have in common, a row per image."""
        names = [image.name for image in images]
        columns: dict[str, list[Any]] = {
            "source_file": names,
            "source_unit": [image.said.unit for image in images],
            "frame": [image.said.frame for image in images],
            "coordinates": ["pixel"] * len(images),
            "shape": ["bitmask"] * len(images),
        }
        if self.kind is MaskKind.SEMANTIC:
            columns["task"] = ["segmentation"] * len(images)
        if self.kind is MaskKind.ONE_PER_FILE and not self.predictions:
            columns["source_id"] = names
        if self.predictions:
            columns["score"] = [1.0] * len(images)
        return {name: pa.array(column, RECORDS.schema.field(name).type) for name, column in columns.items()}


def _no_masks(sources: Sequence[Source]) -> Block:
    """The block of files that are no mask files."""
    names = [source.name for source in sources]
    texts = [f"{name.rpartition('/')[2]} is no mask file (.png)" for name in names]
    codes = [str(Reason.UNSUPPORTED)] * len(names)
    rejects = rejects_table(Stage.INGEST, names, [None] * len(names), codes, texts, [""] * len(names))
    return Block(len(names), record_batch({}, 0), rejects)


def read_blocks(files: Sequence[MaskFile], others: Sequence[Source], reader: Reader, run: Run) -> Iterator[Block]:
    """The records of all mask files in their order; then a reject for each file that is none."""
    batches = (files[start : start + _BATCH_FILES] for start in range(0, len(files), _BATCH_FILES))
    yield from run(reader.read, batches, label="read masks")
    if others:
        yield _no_masks(others)
