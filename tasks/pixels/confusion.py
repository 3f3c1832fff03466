"""How many pixels have which annotated and which predicted class: rows of a bucket, and sums of them."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array
from schemas.tables import PIXEL_CONFUSION
from tasks.columns import completed, constant, numbers
from tasks.engine import Done, Shard
from tasks.pixels.rows import NEEDED, Rows, sides_of

UNLABELLED = -1
"""Key of a pixel in no mask of a side."""


class Confusion(NamedTuple):
    """n pairs of classes, by their category_keys."""

    annotated: Array
    """int64[n]; UNLABELLED is none."""
    predicted: Array
    n_pixels: Array
    """int64[n]"""

    def only(self, which: Array) -> "Confusion":
        """The pairs for which bool[n] `which` is set."""
        return Confusion(*(column[which] for column in self))


def summed(confusion: Confusion) -> Confusion:
    """The same with each pair once, by annotated and predicted key. No pairs: none."""
    keys = np.stack([confusion.annotated, confusion.predicted])
    pairs, place = np.unique(keys, axis=1, return_inverse=True)
    n_pixels = np.zeros(pairs.shape[1], np.int64)
    np.add.at(n_pixels, place.ravel(), confusion.n_pixels)
    return Confusion(pairs[0], pairs[1], n_pixels)


def _classes(rows: Rows, place: Array) -> Array:
    """int64[N]: category_key of the rows at `place`; -1 where there is none."""
    keys = np.append(numbers(rows.table["category_key"]), UNLABELLED).astype(np.int64)
    return keys[place]


def columns_of(shard: Shard) -> dict[str, tuple[str, ...]]:
    """What a bucket's work reads of both sides."""
    return dict.fromkeys(("predictions", "ground_truth"), NEEDED)


def match_pixels(shard: Shard) -> Done:
    """Count the pixels of each pair of classes on each unit of a bucket that has a semantic mask on either side."""
    sides = sides_of(shard, "segmentation", (), ())
    shared = sides.shared
    keys = sides.pair_units, _classes(sides.truth, shared.annotation), _classes(sides.found, shared.detection)
    cells, place = np.unique(np.stack(keys), axis=1, return_inverse=True)
    n_pixels = np.zeros(cells.shape[1], np.int64)
    np.add.at(n_pixels, place.ravel(), shared.n_pixels)
    columns = {
        **{name: constant(text, len(n_pixels)) for name, text in shard.labels.items()},
        **{name: pa.array(column) for name, column in zip(("unit_key", "annotated", "predicted"), cells, strict=True)},
        "n_pixels": pa.array(n_pixels),
    }
    rows = completed(columns, PIXEL_CONFUSION.schema, len(n_pixels))
    return Done(sides.counts(), shard.write({PIXEL_CONFUSION: rows}), judged=sides.judged)


class UnitConfusion(NamedTuple):
    """Pairs of classes of some units, as they are stored."""

    unit_key: Array
    confusion: Confusion


def unit_confusion(table: pa.Table) -> UnitConfusion:
    """Rows of `pixel_confusion` as arrays."""
    columns = (numbers(table[name]).astype(np.int64) for name in ("unit_key", "annotated", "predicted", "n_pixels"))
    unit_key, *rest = columns
    return UnitConfusion(unit_key, Confusion(*rest))
