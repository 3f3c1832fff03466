"""A prediction as a row of PREDICTION_FILE."""

from collections.abc import Callable
from typing import Any

import numpy as np

from schemas.prediction_shapes import Bitmask, BoundingBox, Keypoint, Polyline, Skeleton
from schemas.predictions import Format, ObjectDetection, Prediction
from tasks.encord.pickles.arrays import pixel_runs
from tasks.kernels.rle import FAULTS, encode_runs, measure

Row = dict[str, Any]


def row_of(prediction: Prediction) -> Row:
    """The columns a valid prediction fills; ValueError where a mask's run lengths do not fill its size."""
    row: Row = {"data_hash": prediction.data_hash, "frame": prediction.frame, "score": prediction.confidence}
    probable: dict[str, float] = getattr(prediction, "class_probabilities", {})
    if probable:
        row["class_probabilities"] = [{"name": name, "probability": value} for name, value in probable.items()]
    answer = prediction.classification
    if answer is not None:
        return {
            **row,
            "feature_hash": answer.feature_hash,
            "attribute_hash": answer.attribute_hash,
            "option_hash": answer.option_hash,
        }
    detection = prediction.object
    assert detection is not None, "a valid prediction has one of both"
    track = detection.track_id
    row |= {"feature_hash": detection.feature_hash, "track_id": None if track is None else str(track)}
    return row | _GEOMETRY[detection.format](detection)


def _box(detection: ObjectDetection) -> Row:
    box: BoundingBox = detection.data
    corner = {"x": box.x, "y": box.y, "w": box.w, "h": box.h}
    if box.theta or detection.format is Format.ROTATABLE_BOUNDING_BOX:
        return {"shape": "rotatable_bounding_box", "rotated_bbox": {**corner, "theta": box.theta}}
    return {"shape": "bounding_box", "bbox": corner}


def _polygon(detection: ObjectDetection) -> Row:
    return {"shape": "polygon", "polygons": [[_points(detection.data)]]}


def _polyline(detection: ObjectDetection) -> Row:
    line: Polyline = detection.data
    return {"shape": "polyline", "polyline": _points(line.points)}


def _points(points: Any) -> list[Row]:
    rows = points.tolist() if hasattr(points, "tolist") else points
    return [{"x": float(x), "y": float(y)} for x, y in rows]


def _keypoint(detection: ObjectDetection) -> Row:
    return {"shape": "point", "keypoints": [_point(detection.data)]}


def _skeleton(detection: ObjectDetection) -> Row:
    skeleton: Skeleton = detection.data
    return {"shape": "skeleton", "keypoints": [_point(point) for point in skeleton.points]}


def _point(point: Keypoint) -> Row:
    return {"x": point.x, "y": point.y, "visibility": point.visibility, "name": point.name}


def _mask(detection: ObjectDetection) -> Row:
    mask = np.asarray(detection.data)
    runs = pixel_runs(mask)
    data, _ = encode_runs(runs, np.array([0, len(runs)]))
    height, width = mask.shape
    return _mask_row(height, width, data.tobytes())


def _bitmask(detection: ObjectDetection) -> Row:
    mask: Bitmask = detection.data
    sides = (np.array([side], np.int64) for side in (mask.height, mask.width))
    code = measure(np.frombuffer(mask.counts, np.uint8), np.array([0, len(mask.counts)]), *sides).codes[0]
    if code:
        raise ValueError(f"counts of {mask.width} x {mask.height} pixels: {FAULTS[code]}")
    return _mask_row(mask.height, mask.width, mask.counts)


def _mask_row(height: int, width: int, counts: bytes) -> Row:
    return {"shape": "bitmask", "mask": {"height": height, "width": width, "counts": counts}}


_GEOMETRY: dict[Format, Callable[[ObjectDetection], Row]] = {
    Format.BOUNDING_BOX: _box,
    Format.ROTATABLE_BOUNDING_BOX: _box,
    Format.MASK: _mask,
    Format.BITMASK: _bitmask,
    Format.POLYGON: _polygon,
    Format.POLYLINE: _polyline,
    Format.KEYPOINT: _keypoint,
    Format.SKELETON: _skeleton,
}
