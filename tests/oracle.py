"""pycocotools 2.0.11 as the oracle: what it says about a set, without what it prints."""

import contextlib
import copy
import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from schemas.judging import Rules

Record = dict[str, Any]


class Said(NamedTuple):
    """Arrays of axes T thresholds, R recall points, K categories by ascending id, A area ranges, M max detections."""

    precision: np.ndarray
    recall: np.ndarray
    scores: np.ndarray
    stats: np.ndarray
    """The 12 numbers (10 for keypoints); empty where area ranges or max detections are not the standard ones."""
    eval_imgs: list[Record | None]
    """Per category, area range and image by ascending id; None without annotations and detections."""


def pycocotools_says(
    ground_truth: Record,
    results: list[Record],
    iou_type: str = "bbox",
    *,
    thresholds: Sequence[float] | None = None,
    area_ranges: Sequence[tuple[float, float]] | None = None,
    max_detections: Sequence[int] | None = None,
    recall_points: Sequence[float] | None = None,
) -> Said:
    """Evaluate and accumulate with pycocotools; the arguments stay as they are. No results are no detections."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = _coco(ground_truth)
        found = truth.loadRes(copy.deepcopy(results)) if results else _coco({**ground_truth, "annotations": []})
        evaluation = COCOeval(truth, found, iou_type)
        parameters = evaluation.params
        parameters.iouThrs = parameters.iouThrs if thresholds is None else np.array(thresholds)
        parameters.recThrs = parameters.recThrs if recall_points is None else np.array(recall_points)
        parameters.maxDets = parameters.maxDets if max_detections is None else list(max_detections)
        if area_ranges is not None:
            parameters.areaRng = [list(bounds) for bounds in area_ranges]
            parameters.areaRngLbl = [str(a) for a in range(len(area_ranges))]
        evaluation.evaluate()
        evaluation.accumulate()
        if area_ranges is None and max_detections is None:
            evaluation.summarize()
    precision, recall, scores = (evaluation.eval[name] for name in ("precision", "recall", "scores"))
    return Said(precision, recall, scores, np.array(evaluation.stats), evaluation.evalImgs)


Compare = Callable[[list[Record], list[Record]], np.ndarray]
"""(detections, annotations of a unit and class) -> similarities D x G."""


class _Compared(COCOeval):
    """pycocotools' rules over a similarity of one's own."""

    def __init__(self, truth: COCO, found: COCO, compare: Compare) -> None:
        super().__init__(truth, found, "bbox")
        self._compare = compare

    def computeIoU(self, imgId: int, catId: int) -> Any:  # noqa: N802
        """As pycocotools' own, but for the comparison."""
        labelled, found = self._gts[imgId, catId], self._dts[imgId, catId]
        found = sorted(found, key=lambda record: -record["score"])[: self.params.maxDets[-1]]
        return self._compare(found, labelled) if labelled and found else []


def pycocotools_says_of(truth: Record, found: list[Record], compare: Compare, rules: Rules) -> Said:
    """Evaluate under `rules` over a similarity of one's own; detections are a dataset's annotations, with areas."""
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = _Compared(_coco(truth), _coco({**truth, "annotations": found}), compare)
        parameters = evaluation.params
        parameters.iouThrs, parameters.recThrs = np.array(rules.iou_thresholds), np.array(rules.recall_points)
        parameters.maxDets = list(rules.max_detections)
        parameters.areaRng = [[bounds.low_px2, bounds.high_px2] for bounds in rules.area_ranges]
        parameters.areaRngLbl = [bounds.name for bounds in rules.area_ranges]
        evaluation.evaluate()
        evaluation.accumulate()
    arrays = (evaluation.eval[name] for name in ("precision", "recall", "scores"))
    return Said(*arrays, np.empty(0), evaluation.evalImgs)


def _coco(dataset: Record) -> COCO:
    coco = COCO()
    coco.dataset = copy.deepcopy(dataset)
    coco.createIndex()
    return coco
