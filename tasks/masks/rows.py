"""Masks of label images as a column, and as records."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from schemas.fields import MASK
from schemas.tables import RECORDS
from tasks.columns import bytes_column, completed, one_chunk
from tasks.kernels.components import Regions


def mask_column(regions: Sequence[Regions], sizes: Sequence[tuple[int, int]]) -> pa.Array:
    """The masks of several images, image by image, in the type MASK; `sizes` are their widths and heights in px.

    A region without characters has a mask without any. No images: an empty column.
    """
    counts = [len(found.value) for found in regions]
    lengths = [np.diff(found.offsets) for found in regions]
    offsets = np.concatenate([[0], *lengths]).cumsum()
    data = np.concatenate([np.empty(0, np.uint8), *(found.data for found in regions)])
    width, height = (np.repeat(np.array(side, np.int32), counts) for side in np.reshape(sizes, (-1, 2)).T)
    fields = [pa.array(height), pa.array(width), bytes_column(data, offsets)]
    return pa.StructArray.from_arrays(fields, fields=list(MASK))


def record_batch(columns: Mapping[str, Any], rows: int) -> pa.RecordBatch:
    """Records with these columns of RECORDS, null in all others."""
    table = completed(columns, RECORDS.schema, rows)
    return pa.RecordBatch.from_arrays([one_chunk(column) for column in table.columns], schema=RECORDS.schema)
