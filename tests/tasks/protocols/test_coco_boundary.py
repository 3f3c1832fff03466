"""coco-boundary: COCO's rules over the smaller of mask and boundary IoU."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as mask_api

from schemas.coco_rules import DETECTION_RULES
from tasks.protocols.coco_boundary import PROTOCOL
from tests.chain import Chain, overall, stored_arrays
from tests.coco_zoo import coco_set
from tests.oracle import Record, pycocotools_says_of
from tests.tasks.kernels.test_boundary import rim_of


def _packed(record: Record, size: tuple[int, int]) -> Any:
    outline = record["segmentation"]
    if isinstance(outline, list):
        return mask_api.merge(mask_api.frPyObjects(outline, *size))
    return mask_api.frPyObjects(outline, *size) if isinstance(outline["counts"], list) else outline


def _boundary(mask: Any) -> Any:
    bitmap = mask_api.decode([mask])[:, :, 0].astype(bool)
    reach = max(1, round(0.02 * float(np.hypot(*bitmap.shape))))
    return mask_api.encode(np.asfortranarray(rim_of(bitmap, reach), dtype=np.uint8))


def _alike(found: list[Record], labelled: list[Record]) -> np.ndarray:
    crowd = [record["iscrowd"] for record in labelled]
    masks = [[record["mask"] for record in records] for records in (found, labelled)]
    rims = [[_boundary(mask) for mask in side] for side in masks]
    whole, rim = mask_api.iou(*masks, crowd), mask_api.iou(*rims, crowd)
    return np.where(crowd, whole, np.minimum(whole, rim))


@pytest.mark.parametrize("seed", [1, 3, 6, 14, 15])
def test_arrays_are_pycocotools_over_boundaries(tmp_path: Path, seed: int) -> None:
    """Precision, recall and scores to the bit, over polygons, packed and listed run lengths, and crowds."""
    truth, results = coco_set(seed, "segmentation")
    sizes = {image["id"]: (image["height"], image["width"]) for image in truth["images"]}
    found = [{**row, "id": k + 1, "iscrowd": 0} for k, row in enumerate(results)]
    for record in (*truth["annotations"], *found):
        record["mask"] = _packed(record, sizes[record["image_id"]])
    for record in found:
        record["area"] = float(mask_api.area(record["mask"]))
    said = pycocotools_says_of(truth, found, _alike, DETECTION_RULES)
    for record in truth["annotations"]:
        del record["mask"]
    chain = Chain(tmp_path).chain(truth, results, "coco-boundary")
    stored = stored_arrays(chain, "coco-boundary", DETECTION_RULES)
    for name in ("precision", "recall", "scores"):
        assert np.array_equal(getattr(stored, name), getattr(said, name)), name


def test_an_outline_that_is_off_costs_more_than_pixels_do(tmp_path: Path) -> None:
    """A large square found 4 px aside: nearly all of its pixels, far less of its boundary."""
    square = [[20.0, 20.0, 90.0, 20.0, 90.0, 90.0, 20.0, 90.0]]
    record: Record = {"image_id": 1, "category_id": 1}
    truth = {
        "images": [{"id": 1, "width": 200, "height": 100, "file_name": "1.jpg"}],
        "categories": [{"id": 1, "name": "square"}],
        "annotations": [{**record, "id": 1, "segmentation": square, "area": 4900, "bbox": [20, 20, 70, 70]}],
    }
    aside = [{**record, "segmentation": [[v + 4 * (k % 2 == 0) for k, v in enumerate(square[0])]], "score": 0.5}]
    chain = Chain(tmp_path).chain(truth, aside, "coco-segm", "coco-boundary")
    masks, rims = overall(chain, "coco-segm"), overall(chain, "coco-boundary")
    assert (masks["AP75"], rims["AP75"]) == (pytest.approx(1), 0)


def test_it_is_asked_for_by_name() -> None:
    """Masks come with coco-segm unasked."""
    assert (PROTOCOL.unasked, PROTOCOL.similarity) == ((), "boundary_iou")
