"""Annotations and their images of ids as blocks of records: a segment is a record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Block, Run, Source
from schemas.rejects import Reason, Stage
from tasks.coco.document import Elements
from tasks.kernels.components import Regions, values
from tasks.masks.blocks import MOST_REGIONS
from tasks.masks.png import Size, read_file, rgb_pixels
from tasks.masks.rows import mask_column, record_batch
from tasks.panoptic.document import Annotation, Segment, annotation_of, segment_of
from tasks.refusals import Refused
from tasks.rejects import capped, rejects_table

_BATCH = 8


class Entry(NamedTuple):
    """An element of `annotations`: what it says, its text, and how many segments stand before it in the file."""

    annotation: Annotation | Refused
    text: bytes
    first_row: int


class _Image(NamedTuple):
    """What an annotation came to: rows of segments that are taken, and which region of the image each is."""

    annotation: Annotation
    regions: Regions
    size: Size
    segments: list[Segment]
    rows: list[int]
    places: list[int]


@dataclass(slots=True)
class _Gathered:
    """What some annotations came to: `refused` holds file, row, code, text and record of each that was not taken."""

    images: list[_Image] = field(default_factory=list)
    refused: list[tuple[str, int | None, Reason, str, str]] = field(default_factory=list)

    def refuse(self, file: str, row: int | None, why: Refused, record: str = "") -> None:
        """Note a segment, or a whole image (no row), that is not taken."""
        self.refused.append((file, row, why.code, why.text, capped(record)))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads annotations of one file. Safe to use from several threads at once."""

    name: str
    images: Mapping[str, Source]
    """PNG files by the names that annotations have for them."""
    size: Callable[[str], Size | None]
    """Of a unit by its id; None where it is not known."""
    predictions: bool

    def read(self, entries: Sequence[Entry]) -> Block:
        """The segments of some annotations; what cannot be read of one does not stop the others."""
        gathered = _Gathered()
        for entry in entries:
            try:
                self._read_image(entry, gathered)
            except Refused as why:
                gathered.refuse(self.name, None, why, entry.text.decode())
        return self._block(gathered)

    def _read_image(self, entry: Entry, gathered: _Gathered) -> None:
        annotation = entry.annotation
        if isinstance(annotation, Refused):
            raise annotation
        source = self.images.get(annotation.file_name)
        if source is None:
            raise Refused(Reason.MISSING_FIELD, f"there is no file {annotation.file_name!r}")
        size, regions = _regions(source, self.size(annotation.unit))
        image, places = _Image(annotation, regions, size, [], [], []), _places(regions)
        for row, value in enumerate(annotation.segments, entry.first_row):
            try:
                segment = segment_of(value)
                image.places.append(_taken(segment, places))
                image.segments.append(segment)
                image.rows.append(row)
            except Refused as why:
                gathered.refuse(self.name, row, why, str(value))
        for value in places:
            text = f"pixels have the id {value}, which segments_info does not list"
            gathered.refuse(source.name, None, Refused(Reason.UNMAPPED_CLASS, text))
        gathered.images.append(image)

    def _block(self, gathered: _Gathered) -> Block:
        images, segments = gathered.images, [segment for image in gathered.images for segment in image.segments]
        masks = mask_column([image.regions for image in images], [image.size for image in images])
        starts = np.cumsum([0, *(len(image.regions.value) for image in images)])
        places = [int(start) + place for start, image in zip(starts, images, strict=False) for place in image.places]
        rows = len(segments)
        columns: dict[str, Any] = {
            "source_file": [self.name] * rows,
            "source_row": [row for image in images for row in image.rows],
            "source_unit": [image.annotation.unit for image in images for _ in image.rows],
            "source_category": [segment.category for segment in segments],
            "coordinates": ["pixel"] * rows,
            "task": ["panoptic"] * rows,
            "shape": ["bitmask"] * rows,
            "mask": masks.take(pa.array(places, pa.int64())),
        }
        if self.predictions:
            columns["score"] = [1.0 if segment.score is None else segment.score for segment in segments]
        else:
            columns["source_id"] = [str(segment.id) for segment in segments]
            columns["area"] = [segment.area_px2 for segment in segments]
            columns["iscrowd"] = [segment.crowd for segment in segments]
        refused = [list(column) for column in zip(*gathered.refused, strict=True)] or [[]] * 5
        rejects = rejects_table(Stage.INGEST, *refused)
        return Block(rows + len(rejects), record_batch(columns, rows), rejects)


def _regions(source: Source, size: Size | None) -> tuple[Size, Regions]:
    """(size, regions by id) of an image of ids. Refused, with its name, where it is none."""
    try:
        pixels = rgb_pixels(read_file(source), size)
        regions = values(pixels)
    except ValueError as error:
        raise Refused(Reason.INVALID_MASK, f"{source.name}: {error}") from error
    except Refused as why:
        raise Refused(why.code, f"{source.name}: {why.text}") from why
    if len(regions.value) > MOST_REGIONS:
        text = f"{source.name}: {len(regions.value)} ids; allowed are {MOST_REGIONS} an image"
        raise Refused(Reason.INVALID_MASK, text)
    return (pixels.shape[1], pixels.shape[0]), regions


def _places(regions: Regions) -> dict[int, int]:
    """Place of each region by its id."""
    return {value: place for place, value in enumerate(regions.value.tolist())}


def _taken(segment: Segment, places: dict[int, int]) -> int:
    """Which region the segment is; it is taken out, so that a second segment of its id finds none."""
    if segment.id not in places:
        raise Refused(Reason.NO_GEOMETRY, f"no pixel, or an earlier segment, has the id {segment.id}")
    return places.pop(segment.id)


def entries(text: Elements, used: set[str]) -> Iterator[Entry]:
    """The annotations of a file, in order; the names of their images are added to `used`."""
    row = 0
    for place in range(len(text.spans)):
        one = text.one(place)
        try:
            annotation: Annotation | Refused = annotation_of(one)
        except Refused as why:
            annotation = why
        yield Entry(annotation, one, row)
        if isinstance(annotation, Annotation):
            used.add(annotation.file_name)
            row += len(annotation.segments)


def read_blocks(listed: Iterator[Entry], reader: Reader, run: Run) -> Iterator[Block]:
    """The segments of a file in its order."""
    return run(reader.read, iter(lambda: list(islice(listed, _BATCH)), []), label="read segments")


def unused(sources: Sequence[Source]) -> Block:
    """The block of files that no annotation names."""
    refused = [(source.name, None, str(Reason.UNSUPPORTED), "no annotation names the file", "") for source in sources]
    columns = [list(column) for column in zip(*refused, strict=True)] or [[]] * 5
    return Block(len(refused), record_batch({}, 0), rejects_table(Stage.INGEST, *columns))
