"""What a COCO record may say, field by field. The compiled reader takes nothing that is refused here."""

from collections.abc import Callable
from typing import Any

import numpy as np

from schemas.rejects import Reason
from tasks.kernels.json_geometry import LARGEST_MASK_PX2, LONGEST_SIDE_PX
from tasks.kernels.rle import encode_runs
from tasks.refusals import Refused, check_fit, found, identifier, needed, number, whole

Record = dict[str, Any]

_LONGEST_RUN = (1 << 32) - 1


def _flag(record: Record, name: str) -> bool | None:
    value = record.get(name)
    if value is None or isinstance(value, bool):
        return value
    return bool(whole(value, name, 0, 1))


def _numbers(value: Any, name: str) -> list[float]:
    if not isinstance(value, list):
        raise Refused(Reason.WRONG_TYPE, f"{name} is {found(value)}, allowed is a list of numbers")
    return [number(item, f"{name}[{k}]") for k, item in enumerate(value)]


def _box(value: Any) -> dict[str, float] | None:
    if value is None or value == []:
        return None
    sides = _numbers(value, "bbox")
    if len(sides) != 4:
        raise Refused(Reason.INVALID_BOX, f"bbox has {len(sides)} numbers, allowed are 4: x, y, width, height")
    if sides[2] < 0 or sides[3] < 0:
        raise Refused(Reason.INVALID_BOX, f"bbox is {sides[2]:g} x {sides[3]:g} px, allowed are sides of 0 or more")
    return dict(zip("xywh", sides, strict=True))


def _seen(value: float, results: bool) -> int:
    """Visibility 0, 1 or 2; results may hold a score there, of which the sign is kept."""
    if value in (0, 1, 2):
        return int(value)
    if results:
        return 2 if value > 0 else 0
    raise Refused(Reason.INVALID_KEYPOINTS, f"a keypoint's visibility is {value:g}, allowed are 0, 1 and 2")


def _keypoints(value: Any, results: bool) -> list[Record] | None:
    if value is None or value == []:
        return None
    flat = _numbers(value, "keypoints")
    if len(flat) % 3:
        raise Refused(Reason.INVALID_KEYPOINTS, f"keypoints has {len(flat)} numbers, allowed are 3 a point")
    triples = zip(flat[::3], flat[1::3], flat[2::3], strict=True)
    return [{"x": x, "y": y, "visibility": _seen(seen, results), "name": None} for x, y, seen in triples]


def _polygons(parts: list[Any]) -> list[list[list[dict[str, float]]]] | None:
    """Each part is one polygon of one ring; empty parts are what some tools write beside a box."""
    polygons = []
    for k, part in enumerate(parts):
        flat = _numbers(part, f"segmentation[{k}]")
        if len(flat) % 2 or 0 < len(flat) < 6:
            text = f"segmentation[{k}] has {len(flat)} numbers, allowed are 6 or more, x and y of each point"
            raise Refused(Reason.INVALID_POLYGON, text)
        if flat:
            polygons.append([[{"x": x, "y": y} for x, y in zip(flat[::2], flat[1::2], strict=True)]])
    return polygons or None


def _runs(listed: list[Any], area_px2: int) -> bytes:
    """Packed run lengths of the uncompressed ones."""
    code = Reason.INVALID_MASK
    runs = [whole(run, f"segmentation.counts[{k}]", 0, _LONGEST_RUN, code) for k, run in enumerate(listed)]
    if sum(runs) != area_px2:
        text = f"segmentation.counts add up to {sum(runs)} pixels, allowed is the size's {area_px2}"
        raise Refused(Reason.INVALID_MASK, text)
    if 0 in runs[1:]:
        raise Refused(Reason.INVALID_MASK, "segmentation.counts has an empty run, allowed is that in the first place")
    packed, _ = encode_runs(np.array(runs, np.int64), np.array([0, len(runs)], np.int64))
    return packed.tobytes()


def _mask(value: Record) -> Record:
    size, counts = value.get("size"), value.get("counts")
    if not isinstance(size, list) or len(size) != 2:
        raise Refused(Reason.INVALID_MASK, "segmentation.size must be [height, width]")
    height, width = (whole(side, "segmentation.size", 1, LONGEST_SIDE_PX, Reason.INVALID_MASK) for side in size)
    if height * width > LARGEST_MASK_PX2:
        text = f"segmentation.size is {height} x {width}, allowed are {LARGEST_MASK_PX2} pixels"
        raise Refused(Reason.INVALID_MASK, text)
    if isinstance(counts, list):
        packed = _runs(counts, height * width)
    elif isinstance(counts, str):
        packed = counts.encode()
    else:
        raise Refused(Reason.INVALID_MASK, f"segmentation.counts is {found(counts)}, allowed is text or a list")
    return {"height": height, "width": width, "counts": packed}


def _geometry(record: Record, results: bool) -> Record:
    """Columns bbox, polygons, mask, keypoints and shape, as far as they are given."""
    segmentation = record.get("segmentation")
    if not isinstance(segmentation, list | dict | None):
        raise Refused(Reason.WRONG_TYPE, f"segmentation is {found(segmentation)}, allowed is a list or an object")
    columns = {
        "keypoints": _keypoints(record.get("keypoints"), results),
        "polygons": _polygons(segmentation) if isinstance(segmentation, list) else None,
        "mask": _mask(segmentation) if isinstance(segmentation, dict) and segmentation else None,
        "bbox": _box(record.get("bbox")),
    }
    shapes = {"keypoints": "skeleton", "polygons": "polygon", "mask": "bitmask", "bbox": "bounding_box"}
    shape = next((shapes[name] for name, value in columns.items() if value is not None), None)
    if shape is None:
        raise Refused(Reason.NO_GEOMETRY, "the record has neither bbox, segmentation nor keypoints")
    return {**columns, "shape": shape}


def _common(record: Any, results: bool) -> Record:
    if not isinstance(record, dict):
        raise Refused(Reason.NOT_AN_OBJECT, f"the record is {found(record)}, allowed is an object")
    check_fit(record)
    for name in ("image_id", "category_id", "score")[: 3 if results else 2]:
        needed(record.get(name), name)
    return {
        "source_unit": identifier(record["image_id"], "image_id"),
        "source_category": identifier(record["category_id"], "category_id"),
        **_geometry(record, results),
    }


def prediction(record: Any) -> Record:
    """Columns of RECORDS for one element of a results file. Refused where it cannot be taken.

    What such a file may say beside the score (area, iscrowd, id) counts for nothing, as in the official tools.
    """
    return {**_common(record, results=True), "score": number(record["score"], "score")}


def annotation(record: Any) -> Record:
    """Columns of RECORDS for one element of `annotations`. Refused where it cannot be taken."""
    columns = _common(record, results=False)
    area, labelled = record.get("area"), record.get("num_keypoints")
    return {
        **columns,
        "source_id": identifier(record.get("id"), "id"),
        "area": None if area is None else number(area, "area"),
        "num_keypoints": None if labelled is None else whole(labelled, "num_keypoints", 0, (1 << 31) - 1),
        "iscrowd": _flag(record, "iscrowd"),
        "ignore": _flag(record, "ignore"),
        "group_of": _flag(record, "is_group_of"),
    }


Rule = Callable[[Any], Record]
