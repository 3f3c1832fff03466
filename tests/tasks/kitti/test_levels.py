"""Levels of difficulty: what counts at which, and which classes are evaluated."""

import numpy as np
import pyarrow as pa
import pytest

from schemas.errors import InputError
from schemas.judging import AreaRange, Judged, Rules
from tasks.kitti.levels import evaluated, every_range, neighbours, regions, too_hard, too_low

RULES = Rules((0.5,), tuple(AreaRange(name, 0, 1e10) for name in ("easy", "moderate", "hard")), (100,))


def judged(heights: list[float], **columns: list[int | None] | list[float | None]) -> Judged:
    """Boxes of these heights, all of the first class."""
    boxes = [{"x": 0.0, "y": 0.0, "w": 1.0, "h": float(height)} for height in heights]
    return Judged(pa.table({"bbox_px": boxes, **columns}), np.zeros(len(heights), np.int32), ["Car"])


def test_heights_count_from_40_and_from_25_px_on() -> None:
    """Bit 0 is easy, 1 moderate, 2 hard."""
    assert too_low(judged([40, 39.99, 25, 24.99]), RULES).tolist() == [0, 0b001, 0b001, 0b111]


def test_what_is_hidden_or_cut_off_is_too_hard() -> None:
    """Limits are inclusive, and what is not stated is neither."""
    occluded = judged([50] * 5, occluded=[0, 1, 2, 3, None], truncated=[0.0] * 5)
    assert too_hard(occluded, RULES).tolist() == [0, 0b001, 0b011, 0b111, 0]
    truncated = judged([50] * 6, occluded=[0] * 6, truncated=[0.15, 0.16, 0.3, 0.31, 0.51, None])
    assert too_hard(truncated, RULES).tolist() == [0, 0b001, 0b001, 0b011, 0b111, 0]


def test_classes_are_told_by_name_whatever_their_case() -> None:
    """Cars, pedestrians, cyclists; neighbours of two of them; regions."""
    names = ["car", "PEDESTRIAN", "Cyclist", "Van", "Person_sitting", "DontCare", "Tram"]
    rows = Judged(pa.table({}), np.arange(len(names), dtype=np.int32), names)
    assert evaluated(rows).tolist() == [0, 1, 2, -1, -1, -1, -1]
    assert neighbours(rows).tolist() == [-1, -1, -1, 0, 1, -1, -1]
    assert regions(rows).tolist() == [False] * 5 + [True, False]


def test_other_ranges_are_none_of_its_own() -> None:
    """Before anything is computed."""
    other = Rules((0.5,), (AreaRange("small", 0, 1024),), (100,))
    with pytest.raises(InputError, match="'small' is no level"):
        too_low(judged([1.0]), other)


def test_every_range_has_a_bit() -> None:
    """Three levels, three bits."""
    assert every_range(RULES) == 0b111
