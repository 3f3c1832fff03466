"""Federated ground truth: each image is annotated for some classes only, and says which are known not to be there."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from schemas.judging import Scene
from schemas.records import Array
from tasks.columns import numbers


def _pairs(unit: Array, category: Array, scene: Scene) -> Array:
    """int64[n]: a unit and a class, by their keys, as one number."""
    position = scene.positions[category].astype(np.int64)
    return unit * (len(scene.positions) + 1) + position + 1


def unit_classes(rows: pa.Table, scene: Scene) -> Array:
    """int64[n]: the unit and the class of rows of either side, as one number."""
    return _pairs(numbers(rows["unit_key"]), numbers(rows["category_key"]), scene)


def listed_classes(scene: Scene, column: str, with_them: Mapping[str, Sequence[str]] | None = None) -> Array:
    """The pairs of units with the classes in a list of `data_units`; those that are no classes here are passed over.

    `with_them`: feature hashes of the classes that each brings along.
    """
    more = with_them or {}
    hashes, class_keys = (scene.categories[name].to_pylist() for name in ("feature_hash", "category_key"))
    keys = dict(zip(hashes, class_keys, strict=True))
    lists = zip(scene.units["unit_key"].to_pylist(), scene.units[column].to_pylist(), strict=True)
    every = ((unit, each) for unit, names in lists for name in names or () for each in (name, *more.get(name, ())))
    found = [(unit, keys[name]) for unit, name in every if name in keys]
    unit, category = np.array(found, np.int64).reshape(-1, 2).T
    return _pairs(unit, category, scene)
