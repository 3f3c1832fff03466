"""IoU of masks: every pair is pycocotools' own number."""

from typing import NamedTuple

import numpy as np
import pytest
from pycocotools import mask as reference

from tasks.kernels.arrays import Bool
from tasks.kernels.mask_iou import Masks, mask_pairs
from tests.tasks.kernels.flat import flat_bytes, offsets_of, packed


class Unit(NamedTuple):
    """The bitmaps of one image."""

    detections: list[np.ndarray]
    annotations: list[np.ndarray]
    crowd: list[bool]


def blobs(rng: np.random.Generator, count: int, height: int, width: int) -> list[np.ndarray]:
    """Ellipses with ragged edges and holes, a few empty, a few full; many overlap."""
    y, x = np.mgrid[:height, :width]
    bitmaps = []
    for _ in range(count):
        centre, size = rng.random(2) * (height, width), rng.uniform(0.5, 20, 2)
        inside = ((y - centre[0]) / size[0]) ** 2 + ((x - centre[1]) / size[1]) ** 2 < 1
        bitmaps.append(inside & (rng.random((height, width)) < rng.choice([0.3, 0.9, 1])))
    if count > 3:
        bitmaps[0], bitmaps[1] = np.zeros_like(bitmaps[0]), np.ones_like(bitmaps[1])
    return bitmaps


def units(seed: int, count: int) -> list[Unit]:
    """Images of 1 x 1 to 40 x 40 pixels with 0 to 9 detections and annotations, some of them crowds."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        height, width = rng.integers(1, 40, 2)
        n_dt, n_gt = rng.integers(0, 10, 2)
        crowd = (rng.random(n_gt) < 0.3).tolist()
        drawn.append(Unit(blobs(rng, n_dt, height, width), blobs(rng, n_gt, height, width), crowd))
    return drawn


def masks_of(rows: list[list[np.ndarray]]) -> Masks:
    """The bitmaps of each unit, packed."""
    bitmaps = [bitmap for row in rows for bitmap in row]
    data, offsets = flat_bytes([packed(bitmap) for bitmap in bitmaps])
    heights = np.array([bitmap.shape[0] for bitmap in bitmaps], np.int64)
    return Masks(data, offsets, heights, offsets_of([len(row) for row in rows]))


def ours(drawn: list[Unit], floor: float) -> list[dict[tuple[int, int], float]]:
    """Per unit the pairs we keep: (detection, annotation) -> IoU."""
    detections, annotations = masks_of([unit.detections for unit in drawn]), masks_of([u.annotations for u in drawn])
    crowd: Bool = np.array([flag for unit in drawn for flag in unit.crowd], bool)
    pairs = mask_pairs(detections, annotations, crowd, floor)
    kept = []
    for u in range(len(drawn)):
        first_dt, first_gt = detections.indptr[u], annotations.indptr[u]
        found = {}
        for d in range(first_dt, detections.indptr[u + 1]):
            for k in range(pairs.indptr[d], pairs.indptr[d + 1]):
                found[int(d - first_dt), int(pairs.annotation[k] - first_gt)] = float(pairs.similarity[k])
        kept.append(found)
    return kept


def theirs(unit: Unit, floor: float) -> dict[tuple[int, int], float]:
    """The pairs of one unit at or above the floor, by pycocotools."""
    sides = [
        [{"size": list(bitmap.shape), "counts": packed(bitmap)} for bitmap in bitmaps]
        for bitmaps in (unit.detections, unit.annotations)
    ]
    iou = np.reshape(reference.iou(*sides, unit.crowd), (len(sides[0]), len(sides[1])))
    return {(d, g): float(iou[d, g]) for d, g in zip(*np.nonzero(iou >= floor), strict=True)}


@pytest.mark.parametrize("floor", [0.0, 1e-9, 0.1, 0.5, 1.0])
def test_pairs_equal_pycocotools(floor: float) -> None:
    """At each floor the same pairs are there, each with the same bits, in class order and crowds included."""
    drawn = units(11, 200)
    assert ours(drawn, floor) == [theirs(unit, floor) for unit in drawn]


def test_pairs_are_in_order() -> None:
    """A detection's annotations ascend, and `indptr` covers all pairs."""
    drawn = units(12, 30)
    pairs = mask_pairs(
        masks_of([unit.detections for unit in drawn]),
        masks_of([unit.annotations for unit in drawn]),
        np.array([flag for unit in drawn for flag in unit.crowd], bool),
        0.1,
    )
    rows = zip(pairs.indptr[:-1], pairs.indptr[1:], strict=True)
    assert pairs.indptr[-1] == len(pairs.annotation) == len(pairs.similarity) > 100
    assert all((np.diff(pairs.annotation[start:stop]) > 0).all() for start, stop in rows)


def test_an_intersection_on_the_floor_is_kept() -> None:
    """IoU of exactly the floor counts as reached: 1 of 2 pixels at 0.5, also where the bound itself is the floor."""
    one, two = np.array([[1, 0, 0]], bool), np.array([[1, 1, 0]], bool)
    assert ours([Unit([one], [two], [False])], 0.5) == [{(0, 0): 0.5}]
    assert ours([Unit([two], [one], [True])], 0.5) == [{(0, 0): 0.5}]
    assert ours([Unit([one], [two], [True])], 1.0) == [{(0, 0): 1.0}]


def test_boxes_may_overlap_where_masks_do_not() -> None:
    """Interleaved columns and rows share no pixel: 0, as pycocotools says."""
    columns = np.arange(12) % 2 == np.zeros((9, 1))
    unit = Unit([columns, columns.T[:9, :9].repeat(2, axis=1)[:, :12]], [~columns], [False])
    assert ours([unit], 0.0) == [theirs(unit, 0.0)]
    assert ours([unit], 0.0)[0][0, 0] == 0.0


def test_units_without_detections_or_annotations_have_no_pairs() -> None:
    """Empty sides, and no units at all, give empty pairs."""
    bitmap = np.ones((2, 2), bool)
    drawn = [Unit([], [bitmap], [False]), Unit([bitmap], [], []), Unit([], [], [])]
    assert ours(drawn, 0.0) == [{}, {}, {}]
    nothing = mask_pairs(masks_of([]), masks_of([]), np.zeros(0, bool), 0.1)
    assert [array.tolist() for array in nothing] == [[0], [], []]


def test_large_images_do_not_overflow() -> None:
    """Positions near 2**28 are compared exactly."""
    sides = [2**14, 2**14]
    runs = ([2**27 - 5, 2**27, 5], [2**27, 2**27], [0, 2**28])
    rows = [reference.frPyObjects({"size": sides, "counts": list(counts)}, *sides) for counts in runs]
    data, offsets = flat_bytes([row["counts"] for row in rows])
    masks = Masks(data, offsets, np.full(3, sides[0]), offsets_of([3]))
    pairs = mask_pairs(masks, masks, np.array([False, True, False]), 0.0)
    assert np.array_equal(pairs.similarity.reshape(3, 3), reference.iou(rows, rows, [0, 1, 0]))
