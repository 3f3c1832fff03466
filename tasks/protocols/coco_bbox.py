"""COCO's detection protocol on boxes. Source: pycocotools 2.0.11, `COCOeval(iouType="bbox")`."""

import pyarrow as pa

from schemas.coco_rules import DETECTION_RULES, detection_numbers
from schemas.records import Array, Protocol
from tasks.columns import numbers


def ignored(truth: pa.Table) -> Array:
    """Crowds do not count; the file's own `ignore` is overwritten by `iscrowd`, as in the reference."""
    return numbers(truth["iscrowd"], missing=False)


PROTOCOL = Protocol(
    name="coco-bbox",
    title="COCO, boxes",
    shape="bounding_box",
    rules=DETECTION_RULES,
    ignored=ignored,
    numbers=detection_numbers,
)
