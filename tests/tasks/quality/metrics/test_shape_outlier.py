"""Shape outlier: standardised Hu moments against OpenCV's and plain numpy."""

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from tasks.quality.metrics.shape_outlier import METRIC
from tests.quality_zoo import Object, QualityZoo


def moments_of(mask: dict) -> np.ndarray:
    """OpenCV's Hu moments of a stored mask."""
    pixels = coco_mask.decode({"size": [mask["height"], mask["width"]], "counts": mask["counts"]})
    return cv2.HuMoments(cv2.moments(pixels, True)).ravel()


def with_masks(zoo: QualityZoo, predicted: bool) -> list[tuple[Object, np.ndarray]]:
    """Objects whose stored mask has pixels, and its moments."""
    table = "predictions" if predicted else "ground_truth"
    masks = zoo.chain.table(table).sort("source_row")["mask"].to_list()
    objects = zoo.predictions if predicted else zoo.annotations
    found = [(each, moments_of(mask)) for each, mask in zip(objects, masks, strict=True) if mask is not None]
    return [(each, moments) for each, moments in found if moments[0] > 0 or each.row["object_area_absolute_px2"] >= 1]


@pytest.mark.parametrize("predicted", [True, False], ids=["predictions", "annotations"])
def test_it_is_one_by_the_distance_to_the_class(zoo: QualityZoo, predicted: bool):
    """Moments are standardised over all objects, and centred by class."""
    pairs = [pair for pair in with_masks(zoo, predicted) if np.isfinite(pair[1]).all()]
    moments = np.array([pair[1] for pair in pairs])
    classes = np.array([pair[0].record["source_category"] for pair in pairs])
    standard = (moments - moments.mean(axis=0)) / moments.std(axis=0)
    for k, (each, _) in enumerate(pairs):
        distance = np.linalg.norm(standard[k] - standard[classes == classes[k]].mean(axis=0))
        assert each.row["shape_outlier"] == pytest.approx(1 / distance, rel=1e-6)
    assert len(pairs) > 40


def test_what_has_no_mask_has_none(zoo: QualityZoo):
    """Boxes, rotated boxes, lines, points and skeletons; and a mask without pixels."""
    without = {"bounding_box", "rotatable_bounding_box", "polyline", "point", "skeleton"}
    assert {each.row["shape_outlier"] for each in zoo.objects if each.shape in without} == {None}


class Stub:
    """A bucket that has nothing but moments and classes."""

    def __init__(self, moments: np.ndarray, category: np.ndarray) -> None:
        """As `Bucket` would give them."""
        self.hu_moments = moments
        self.objects = type("Objects", (), {"category": category})


def outliers(moments: np.ndarray, category: np.ndarray, cuts: list[int]) -> np.ndarray:
    """The metric where the rows are split into buckets at `cuts`."""
    parts = [Stub(*part) for part in zip(np.split(moments, cuts), np.split(category, cuts), strict=True)]
    assert METRIC.partial
    assert METRIC.combine
    assert METRIC.of_objects
    state = METRIC.combine([METRIC.partial(part) for part in parts])  # type: ignore[arg-type]
    return np.concatenate([METRIC.of_objects(part, state)["shape_outlier"] for part in parts])  # type: ignore[arg-type]


def test_buckets_change_no_bit():
    """Whole or in parts, some of them empty: the same numbers, also where moments differ by 20 powers of ten."""
    rng = np.random.default_rng(4)
    moments = rng.random((200, 7)) * 10.0 ** -np.arange(0, 21, 3)
    category = rng.integers(0, 5, 200)
    whole = outliers(moments, category, [])
    assert np.array_equal(whole, outliers(moments, category, [1, 1, 40, 199]))
    assert np.isfinite(whole).all()


def test_an_object_that_is_its_class_has_none():
    """The only one of its class lies at the mean, where the distance is 0; nothing spreads where all are equal."""
    moments = np.random.default_rng(5).random((3, 7))
    assert np.isnan(outliers(moments, np.array([0, 1, 1]), [])).tolist() == [True, False, False]
    assert np.isnan(outliers(np.ones((3, 7)) / 3, np.zeros(3, np.int64), [])).all()
    assert len(outliers(np.ones((0, 7)), np.zeros(0, np.int64), [])) == 0
