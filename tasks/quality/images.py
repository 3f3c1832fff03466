"""Quality of images as such: what their sizes say, and where they are at hand their pixels."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Run
from tasks.columns import numbers
from tasks.cores import usable_cores
from tasks.images.places import image_files, listing_digest, places
from tasks.quality.bucket import Units, units_of
from tasks.quality.metric import IMAGE
from tasks.quality.metrics import QUALITY_METRICS
from tasks.quality.table import IMAGE_FAULT
from tasks.quality.work import quality_rows
from tasks.units import unit_index

_MOST_AT_ONCE = 4096
"""Images of a shard: a process is started for each, which takes as long as some hundred images."""
_CALLED = ("data_hash", "title", "source_id", "frame", "kind")


class Pictures(NamedTuple):
    """The image files of a folder."""

    files: Sequence[tuple[str, str]]
    """(path, name below the folder)"""
    digest: str
    """Changes when one of them does."""


class Piece(NamedTuple):
    """Rows of `quality` about some images."""

    rows: pa.Table
    faulty: dict[str, str]
    """Of each fault among them the first image, and what was found."""


def pictures_of(folder: Path) -> Pictures:
    """InputError where there is no such folder, or nothing in it."""
    files = image_files(folder)
    return Pictures(files, listing_digest(files))


def image_rows(table: pa.Table, pictures: Pictures | None, run: Run) -> Iterator[Piece]:
    """A row for each live unit of `data_units`, sequence by sequence; of its pixels where there are pictures."""
    units: Units = units_of(unit_index(table), 0, 1)
    sizes = [metric.of_images(units) for metric in QUALITY_METRICS if metric.of_images is not None]
    rows = quality_rows(IMAGE, None, units.key, {}, sizes)
    if pictures is None:
        yield Piece(rows, {})
        return
    keys = numbers(table["unit_key"])
    order = np.argsort(keys)
    called = table.select(_CALLED).take(pa.array(order[np.searchsorted(keys[order], units.key)]))
    yield from _measured(rows, called, units, pictures, run)


def _measured(rows: pa.Table, called: pa.Table, units: Units, pictures: Pictures, run: Run) -> Iterator[Piece]:
    from tasks.images.measure import ImageFile, measure_images  # which loads what decodes images

    sizes = np.stack([units.width_px, units.height_px], axis=1).astype(int).tolist()
    files = [ImageFile(place, *size) for place, size in zip(places(pictures.files, called), sizes, strict=True)]
    size = min(_MOST_AT_ONCE, max(1, -(-len(files) // usable_cores())))
    shards = [files[start : start + size] for start in range(0, len(files), size)]
    for k, answer in enumerate(run(measure_images, shards, label="images")):
        some = slice(k * size, k * size + len(answer))
        yield _piece(rows[some], answer, called[some])


def _piece(rows: pa.Table, answer: pa.Table, called: pa.Table) -> Piece:
    for name in answer.column_names:
        if name in rows.column_names:
            rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), answer[name])
    rows = rows.set_column(
        rows.column_names.index(IMAGE_FAULT.name), rows.schema.field(IMAGE_FAULT.name), answer["fault"]
    )
    faulty: dict[str, str] = {}
    codes, texts = answer["fault"].to_pylist(), answer["text"].to_pylist()
    for k in np.flatnonzero(numbers(answer["fault"].is_valid())).tolist():
        name = called["title"][k].as_py() or called["data_hash"][k].as_py()
        faulty.setdefault(codes[k], f"{name}: {texts[k]}")
    return Piece(rows, faulty)
