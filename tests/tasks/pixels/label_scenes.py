"""Made-up label images of both sides, as pairs of classes and as what metrics over pixels know beside them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext
from schemas.tables import CATEGORIES, DATA_UNITS
from tasks.pixels.confusion import Confusion, UnitConfusion
from tasks.protocols import PROTOCOLS

KEYS = {0: -1, 1: 11, 2: 12, 3: 13, 4: 14}
"""category_key by label; 0 is background. Nobody shows class 14."""
Images = Sequence[tuple[np.ndarray, np.ndarray]]
"""Annotated and predicted labels of units, whose keys are 1, 2, ..."""


def made_up(seed: int, units: int) -> Images:
    """Images of labels 0 to 3, of which predictions keep three quarters."""
    rng = np.random.default_rng(seed)
    images = []
    for _ in range(units):
        shape = tuple(rng.integers(1, 30, 2))
        truth = rng.integers(0, 4, shape)
        images.append((truth, np.where(rng.random(shape) < 0.75, truth, rng.integers(0, 4, shape))))
    return images


def confusion_of(images: Images, first: int = 1) -> UnitConfusion:
    """What the table `pixel_confusion` holds of them, units being numbered from `first`."""
    rows = [np.zeros((0, 4), np.int64)]
    for unit, (truth, found) in enumerate(images, first):
        pairs, counts = np.unique(np.stack([truth.ravel(), found.ravel()]), axis=1, return_counts=True)
        keys = np.vectorize(KEYS.__getitem__)(pairs)
        rows.append(np.stack([np.full(len(counts), unit), *keys, counts], axis=1))
    unit_key, *columns = np.concatenate(rows).T
    return UnitConfusion(unit_key, Confusion(*columns))


def context(protocol: str, unlabelled: float | None = None, units: int = 9) -> MeasureContext:
    """Units 1 to `units`, and classes 11 to 14 by the names a to d."""
    classes = [
        {**dict.fromkeys(("category_key", "source_order"), key), **dict.fromkeys(("feature_hash", "name"), name)}
        for key, name in zip((11, 12, 13, 14), "abcd", strict=True)
    ]
    listed = [
        {"unit_key": key, "data_hash": f"{key}.jpg", "frame": 0, "width": 9, "height": 9, "source_order": key}
        for key in range(1, units + 1)
    ]
    rules = PROTOCOLS[protocol].rules
    if unlabelled is not None:
        rules = replace(rules, options=(("unlabelled", (unlabelled,)),))
    names = {"prediction_set": "net", "protocol": protocol, "rules": f"{protocol}@abc", "similarity": "pixels"}
    kinds = [{"kind": "object", "retired": False, **row} for row in classes]
    tables = pa.Table.from_pylist(listed, DATA_UNITS.schema), pa.Table.from_pylist(kinds, CATEGORIES.schema)
    return MeasureContext(PROTOCOLS[protocol], rules, *tables, names)
