"""A bucket as KITTI's kernels take it: files' order, classes, and what takes no part."""

import numpy as np
import pyarrow as pa

from schemas.judging import Annotations, Detections, Pairs, Rules, Side
from tasks.kitti.scene import scene_of
from tasks.protocols.kitti import RULES

NAMES = ["Car", "Van", "Tram"]
BOX = {"x": 0.0, "y": 0.0, "w": 50.0, "h": 50.0}
LOW = {**BOX, "h": 10.0}


def detections(keys: list[int], boxes: list[dict[str, float]], rank: list[int] | None = None) -> Detections:
    """Cars of one unit in group order, by descending score."""
    n, one = len(keys), np.array([1000.0])
    table = pa.table({"prediction_key": keys, "bbox_px": boxes})
    side = Side(np.array([0, n]), table, np.zeros(n, bool), one, one)
    ranks = np.arange(n, dtype=np.int32) if rank is None else np.array(rank, np.int32)
    return Detections(side, np.zeros(n, np.int32), 1.0 - np.arange(n) / 10, ranks, np.zeros(n, np.uint64), 0, NAMES)


def annotations(categories: list[int]) -> Annotations:
    """Annotations of one unit."""
    n, one = len(categories), np.array([1000.0])
    side = Side(np.array([0, n]), pa.table({"bbox_px": [BOX] * n}), np.zeros(n, bool), one, one)
    return Annotations(side, np.array(categories, np.int32), np.zeros(n, np.uint64), 0)


def every_pair(found: Detections, truth: Annotations) -> Pairs:
    """All with all, the same."""
    n, m = len(found.category), len(truth.category)
    return Pairs(np.arange(n + 1) * m, np.tile(np.arange(m, dtype=np.int32), n), np.ones(n * m))


def test_detections_come_in_the_order_of_their_file() -> None:
    """Of equal overlaps the first of the file is taken; group order where no file's order may count."""
    found, truth = detections([7, 3, 5], [BOX] * 3), annotations([0])
    _, near = scene_of(every_pair(found, truth), found, truth, RULES)
    assert near.detection.tolist() == [1, 2, 0]
    canonical = Rules(RULES.iou_thresholds, RULES.area_ranges, RULES.max_detections, tie_order="canonical")
    _, near = scene_of(every_pair(found, truth), found, truth, canonical)
    assert near.detection.tolist() == [0, 1, 2]


def test_classes_neighbours_and_heights_are_told() -> None:
    """A van is no car, but its neighbour; a tram is neither."""
    found, truth = detections([1, 2], [BOX, LOW]), annotations([0, 1, 2])
    scene, _ = scene_of(every_pair(found, truth), found, truth, RULES)
    assert scene.gt_class.tolist() == [0, -1, -1]
    assert scene.gt_neighbour.tolist() == [-1, 0, -1]
    assert scene.dt_small.tolist() == [0, 0b111]


def test_what_ranks_too_low_takes_no_part() -> None:
    """Not even as a detection too low to count."""
    found, truth = detections([1, 2], [BOX, LOW], rank=[0, 9]), annotations([0])
    rules = Rules(RULES.iou_thresholds, RULES.area_ranges, (5,))
    scene, _ = scene_of(every_pair(found, truth), found, truth, rules)
    assert (scene.dt_class.tolist(), scene.dt_small.tolist()) == ([0, -1], [0, 0])
