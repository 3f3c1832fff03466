"""Relative geometry as pixels: what its source divided by the unit's size is multiplied by it again."""

import numpy as np
import pyarrow as pa

from schemas.records import Array, Extent

_ACROSS, _DOWN = frozenset({"x", "w"}), frozenset({"y", "h"})


def in_pixels(values: pa.Array, extent: Extent) -> pa.Array:
    """A geometry column without nulls, x and w times the unit's width, y and h times its height; masks stay.

    `extent` has a row per value. Empty in, empty out.
    """
    return _scaled(values, np.asarray(extent.width_px), np.asarray(extent.height_px))


def _scaled(values: pa.Array, width_px: Array, height_px: Array) -> pa.Array:
    if pa.types.is_list(values.type):
        offsets = values.offsets.to_numpy()
        inner = values.values.slice(offsets[0], offsets[-1] - offsets[0])
        counts = np.diff(offsets)
        scaled = _scaled(inner, np.repeat(width_px, counts), np.repeat(height_px, counts))
        return pa.ListArray.from_arrays(pa.array((offsets - offsets[0]).astype(np.int32)), scaled, type=values.type)
    if not pa.types.is_struct(values.type):
        return values
    fields = []
    for field, column in zip(values.type, values.flatten(), strict=True):
        size = width_px if field.name in _ACROSS else height_px if field.name in _DOWN else None
        fields.append(column if size is None else pa.array(column.to_numpy(zero_copy_only=False) * size))
    return pa.StructArray.from_arrays(fields, fields=list(values.type))
