"""What a record may say: texts of rejects, and what is taken."""

from typing import Any

import pytest
from pycocotools import mask as mask_api

from schemas.rejects import Reason
from tasks.coco.rules import annotation, prediction
from tasks.refusals import Refused

SOUND = {"image_id": 1, "category_id": 2, "score": 0.5, "bbox": [1, 2, 3, 4]}


def _mask(size: list[int], counts: Any) -> dict[str, Any]:
    return {"size": size, "counts": counts}


@pytest.mark.parametrize(
    ("changed", "code", "text"),
    [
        ({"score": None}, Reason.MISSING_FIELD, "score is missing"),
        ({"score": True}, Reason.WRONG_TYPE, "score is true, allowed is a finite number"),
        ({"score": float("nan")}, Reason.NOT_FINITE, "score is nan, allowed is a finite number"),
        ({"image_id": 7.5}, Reason.WRONG_TYPE, "image_id is 7.5, allowed is text or a whole number"),
        ({"image_id": 1 << 63}, Reason.OUT_OF_RANGE, "image_id is 9223372036854775808, allowed is a whole"),
        ({"image_id": 2.0**53}, Reason.OUT_OF_RANGE, "image_id is 9007199254740992.0, allowed is a whole"),
        ({"bbox": [1, 2, 3]}, Reason.INVALID_BOX, "bbox has 3 numbers, allowed are 4: x, y, width, height"),
        ({"bbox": [1, 2, -3, 4]}, Reason.INVALID_BOX, "bbox is -3 x 4 px, allowed are sides of 0 or more"),
        ({"bbox": [1, 2, "3", 4]}, Reason.WRONG_TYPE, "bbox[2] is text, allowed is a finite number"),
        ({"bbox": None}, Reason.NO_GEOMETRY, "the record has neither bbox, segmentation nor keypoints"),
        ({"segmentation": 5}, Reason.WRONG_TYPE, "segmentation is 5, allowed is a list or an object"),
        ({"segmentation": [[1] * 5]}, Reason.INVALID_POLYGON, "segmentation[0] has 5 numbers, allowed are 6 or more"),
        ({"segmentation": {"counts": "a"}}, Reason.INVALID_MASK, "segmentation.size must be [height, width]"),
        ({"segmentation": _mask([2, 2], [1, 2])}, Reason.INVALID_MASK, "segmentation.counts add up to 3 pixels"),
        ({"segmentation": _mask([2, 2], [1, 0, 3])}, Reason.INVALID_MASK, "segmentation.counts has an empty run"),
        ({"segmentation": _mask([1 << 16] * 2, "")}, Reason.INVALID_MASK, "segmentation.size is 65536 x 65536"),
        ({"keypoints": [1, 2]}, Reason.INVALID_KEYPOINTS, "keypoints has 2 numbers, allowed are 3 a point"),
    ],
)  # fmt: skip
def test_a_reject_says_what_was_found_and_what_is_allowed(changed: dict[str, Any], code: Reason, text: str) -> None:
    """The text names the field; the code is of the closed list."""
    with pytest.raises(Refused) as refused:
        prediction(SOUND | changed)
    assert refused.value.code is code
    assert refused.value.text.startswith(text)


@pytest.mark.parametrize(
    ("given", "text"), [(7, "7"), (7.0, "7"), (-0.0, "0"), ("007", "007"), (-(1 << 63), str(-(1 << 63)))]
)
def test_identifiers_are_kept_as_text(given: Any, text: str) -> None:
    """A whole float is the number it stands for; text is not read as a number."""
    assert prediction(SOUND | {"image_id": given})["source_unit"] == text


@pytest.mark.parametrize("runs", [[0, 6], [6], [1, 2, 1, 2], [0, 1, 1, 1, 1, 1, 1]])
def test_listed_runs_are_packed_as_pycocotools_packs_them(runs: list[int]) -> None:
    """Byte for byte."""
    mask = {"size": [2, 3], "counts": runs}
    assert prediction(SOUND | {"segmentation": mask})["mask"]["counts"] == mask_api.frPyObjects(mask, 2, 3)["counts"]


@pytest.mark.parametrize(
    ("geometry", "shape"),
    [
        ({}, "bounding_box"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6]]}, "polygon"),
        ({"segmentation": {"size": [2, 2], "counts": "04"}}, "bitmask"),
        ({"segmentation": [[1, 2, 3, 4, 5, 6]], "keypoints": [1, 2, 2]}, "skeleton"),
        ({"segmentation": [[]], "keypoints": []}, "bounding_box"),
    ],
)
def test_the_shape_is_that_of_the_richest_geometry(geometry: dict[str, Any], shape: str) -> None:
    """All that is given is kept beside it."""
    columns = annotation(SOUND | geometry)
    assert columns["shape"] == shape
    assert columns["bbox"] == {"x": 1, "y": 2, "w": 3, "h": 4}


def test_scores_of_keypoints_become_visibilities_in_results_alone() -> None:
    """Results may hold a confidence in the place of COCO's 0, 1 and 2; annotations may not."""
    points = SOUND | {"keypoints": [1, 2, 0.25, 3, 4, -1, 5, 6, 1]}
    assert [point["visibility"] for point in prediction(points)["keypoints"]] == [2, 0, 1]
    with pytest.raises(Refused, match=r"visibility is 0\.25, allowed are 0, 1 and 2"):
        annotation(points)
