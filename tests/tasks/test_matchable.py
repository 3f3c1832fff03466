"""What a bucket's rows become before they are matched."""

import numpy as np
import pyarrow as pa

from schemas.coco_rules import DETECTION_RULES
from schemas.fields import FIELDS
from schemas.records import AreaRange, Rules
from tasks.matchable import Classes, bucket_of, detections_of, is_crowd, outside_ranges
from tasks.protocols import PROTOCOLS
from tasks.units import UnitIndex

UNITS = UnitIndex(
    unit_key=np.array([4, 2, 7]),
    width_px=np.full(3, 9.0),
    height_px=np.full(3, 9.0),
    source_order=np.array([1, 2, 0]),
    retired=np.array([False, False, False]),
    sequence=np.array([0, 1, 2], np.uint64),
    single=np.ones(3, bool),
    frame=np.zeros(3, np.int32),
)


def test_bounds_of_area_ranges_are_inclusive() -> None:
    """1024 px² is small and medium, 9216 medium and large."""
    area_px2 = np.array([0.0, 1024, np.nextafter(1024, 2000), 9216, 1e11])
    inside = ["".join(".SML"[a] for a in range(1, 4) if not bits >> a & 1) for bits in _ints(area_px2)]
    assert inside == ["S", "SM", "M", "ML", ""]
    assert [int(bits) & 1 for bits in _ints(area_px2)] == [0, 0, 0, 0, 1]


def _ints(area_px2: np.ndarray) -> list[int]:
    return [int(bits) for bits in outside_ranges(area_px2, DETECTION_RULES)]


def test_what_nobody_called_a_crowd_is_none() -> None:
    """The file's own `ignore` counts for nothing, as in pycocotools."""
    truth = pa.table({"iscrowd": [True, False, None], "ignore": [False, True, True]})
    assert is_crowd(truth).tolist() == [True, False, False]


def test_units_stand_in_the_order_by_which_ties_fall() -> None:
    """The official one, or that of the keys; only those of the bucket have a place."""
    assert bucket_of(UNITS, 0, 1, "file").positions.tolist() == [2, 0, 1]
    assert bucket_of(UNITS, 0, 1, "canonical").positions.tolist() == [1, 0, 2]
    bucket = bucket_of(UNITS, 0, 2, "file")
    assert (bucket.positions.tolist(), bucket.local.tolist()) == ([2, 0], [-1, -1, -1, -1, 1, -1, -1, 0])


def test_canonical_ties_know_areas_that_boxes_do_not_tell() -> None:
    """Two masks of one score and hull differ in area: whichever row comes first, the same is first in rank."""
    rules = Rules((0.5,), (AreaRange("all", 0, 1e10), AreaRange("small", 0, 10)), (1,), tie_order="canonical")
    firsts = []
    for areas in ([5.0, 50.0], [50.0, 5.0]):
        rows = {
            "prediction_key": [1, 2],
            "unit_key": [4, 4],
            "category_key": [1, 1],
            "score": [0.5, 0.5],
            "area": areas,
            "bbox_px": [{"x": 1.0, "y": 1.0, "w": 9.0, "h": 9.0}] * 2,
            "bbox_given": [False, False],
        }
        table = pa.table({name: pa.array(values, FIELDS[name].type) for name, values in rows.items()})
        bucket = bucket_of(UNITS, 0, 1, "canonical")
        classes = Classes(np.array([-1, 0], np.int32), ("cup",))
        found = detections_of(table, PROTOCOLS["coco-bbox"], rules, bucket, classes, every=True)
        firsts.append(found.side.table["area"].to_pylist()[0])
    assert firsts[0] == firsts[1]
