"""What waits in memory to be looked at again."""

import numpy as np
import pytest

from schemas.judging import MatchedDetections, MeasureContext
from schemas.parameters import ProtocolSettings
from schemas.tables import CATEGORIES, DATA_UNITS
from tasks.columns import completed
from tasks.packed_detections import packed, unpacked
from tasks.protocols import PROTOCOLS
from tasks.rules import rules_of


def _context() -> MeasureContext:
    keys = np.arange(5)
    names = [f"{key}.jpg" for key in keys]
    columns = {"unit_key": keys, "data_hash": names, "frame": np.zeros(5, np.int32), "kind": ["image"] * 5}
    columns |= {"sequence_hash": names, "width": keys + 1, "height": keys + 1, "source_order": keys[::-1] * 10}
    units = completed({**columns, "retired": np.zeros(5, bool)}, DATA_UNITS.schema, 5)
    protocol = PROTOCOLS["coco-bbox"]
    return MeasureContext(protocol, rules_of(protocol, ProtocolSettings()), units, CATEGORIES.schema.empty_table(), {})


@pytest.mark.parametrize(("ranges", "width"), [(4, 1), (9, 8)])
@pytest.mark.parametrize("rows", [0, 7])
def test_detections_come_back_as_they_were(ranges: int, width: int, rows: int) -> None:
    """Of any number of area ranges; their order among units is found again."""
    rng, context = np.random.default_rng(1), _context()
    unit = rng.integers(0, 5, rows)
    found = MatchedDetections(
        unit=unit,
        category=rng.integers(0, 9, rows).astype(np.int32),
        score=rng.random(rows),
        unit_order=np.array([40, 30, 20, 10, 0])[unit],
        rank=rng.integers(0, 9, rows).astype(np.int32),
        outside=rng.integers(0, 1 << ranges, rows).astype(np.uint64),
        error=rng.integers(0, 6, rows).astype(np.uint8),
    )
    kept = packed(found, ranges)
    assert kept.outside.itemsize == width
    for was, is_now in zip(found, unpacked(kept, context), strict=True):
        assert was.dtype == is_now.dtype
        assert np.array_equal(was, is_now)
