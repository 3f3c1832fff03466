"""One image, a few boxes: scenes to check a single rule on."""

from collections.abc import Sequence

import numpy as np

from tasks.kernels.box_iou import box_pairs
from tasks.kernels.matching import Annotations, Detections, Matches, match

Box = tuple[float, float, float, float]


def match_scene(
    detections: Sequence[Box],
    annotations: Sequence[Box],
    *,
    dt_category: Sequence[int] | None = None,
    gt_category: Sequence[int] | None = None,
    crowd: Sequence[bool] | None = None,
    gt_outside: Sequence[int] | None = None,
    dt_outside: Sequence[int] | None = None,
    thresholds: Sequence[float] = (0.5,),
    n_ranges: int = 1,
    max_detections: int = 100,
) -> Matches:
    """Match boxes x, y, w, h of one image; detections come best first, by ascending category. Crowds are ignored."""
    n_dt, n_gt = len(detections), len(annotations)
    category = np.array(dt_category or [0] * n_dt, np.int32)
    is_crowd = np.array(crowd or [False] * n_gt, bool)
    outside = np.array(gt_outside or [0] * n_gt, np.uint64)
    outside[is_crowd] = np.uint64(2**n_ranges - 1)
    pairs = box_pairs(
        np.array(detections, float).reshape(n_dt, 4),
        np.array([0, n_dt]),
        np.array(annotations, float).reshape(n_gt, 4),
        is_crowd,
        np.array([0, n_gt]),
        0.1,
    )
    rank = np.arange(n_dt, dtype=np.int32) - np.searchsorted(category, category).astype(np.int32)
    return match(
        *pairs,
        Detections(category, rank, np.array(dt_outside or [0] * n_dt, np.uint64)),
        Annotations(np.array(gt_category or [0] * n_gt, np.int32), is_crowd, outside),
        np.array(thresholds, float),
        n_ranges,
        max_detections,
    )
