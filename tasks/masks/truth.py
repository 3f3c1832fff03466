"""Ground truth of mask files: the units that the files are about, the classes that they can show."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Array, Run, Source
from schemas.tables import CATEGORY_RECORDS, UNIT_RECORDS
from tasks.columns import completed
from tasks.masks.files import Layout
from tasks.masks.names import Said
from tasks.masks.png import HEADER_BYTES, Size, check_size, header
from tasks.refusals import Refused

MOST_FRAMES = 5_000_000
"""Rows of `data_units` that names of files may ask for: 46 hours at 30 a second. A name can say any number."""


def size_of(source: Source) -> Size | None:
    """Width and height that a PNG states; None where it is none that is taken, as reading it will say."""
    try:
        found = header(source.read(0, HEADER_BYTES))
        check_size(found, None)
    except Refused:
        return None
    return found.width, found.height


def units_of(found: Layout, run: Run) -> pa.Table:
    """UNIT_RECORDS of the units that files are about, by name: an image, or where names have frames a video.

    A unit has the size of its first file; a video ends with the highest frame that a file has. InputError beyond
    MOST_FRAMES.
    """
    sizes: dict[str, Size] = {}
    highest: dict[str, int] = {}
    for said, size in zip(found.said, run(size_of, found.masks, label="read sizes"), strict=True):
        if isinstance(said, Said) and size is not None:
            sizes.setdefault(said.unit, size)
            highest[said.unit] = max(highest.get(said.unit, -1), -1 if said.frame is None else said.frame)
    words = sorted(sizes)
    frames = np.array([max(highest[word], 0) + 1 for word in words], np.int64)
    if frames.sum() > MOST_FRAMES:
        longest = words[int(frames.argmax())]
        message = f"names of files state {frames.sum()} frames, {frames.max()} of them of {longest!r}"
        raise InputError(message, where=found.masks[0].name, hint=f"allowed are {MOST_FRAMES} in all")
    kinds = ["image" if highest[word] < 0 else "video frame" for word in words]
    return _unit_records(words, kinds, np.array([sizes[word] for word in words]).reshape(-1, 2), frames)


def _unit_records(words: Sequence[str], kinds: Sequence[str], sizes: Array, frames: Array) -> pa.Table:
    """A row per frame of each unit."""
    unit, rows = np.repeat(np.arange(len(words)), frames), int(frames.sum())
    name = pa.array(words, pa.string()).take(pa.array(unit))
    columns = {
        **dict.fromkeys(("source_id", "data_hash", "title", "sequence_hash"), name),
        "frame": pa.array(np.arange(rows) - (np.cumsum(frames) - frames)[unit]),
        "kind": pa.array(kinds, pa.string()).take(pa.array(unit)),
        "width": pa.array(sizes[unit, 0]),
        "height": pa.array(sizes[unit, 1]),
        "source_order": pa.array(np.arange(rows)),
    }
    return completed(columns, UNIT_RECORDS.schema, rows)


def categories_of(words: Iterable[str]) -> pa.Table:
    """CATEGORY_RECORDS of classes by the words that files or their mapping have for them."""
    classes = list(words)
    columns = {
        "feature_hash": classes,
        "name": classes,
        "kind": ["object"] * len(classes),
        "shape": ["bitmask"] * len(classes),
    }
    return completed(columns, CATEGORY_RECORDS.schema, len(classes))
