"""KITTI's two passes against the slow oracle of its development kit, and rule by rule on scenes made by hand."""

from collections.abc import Sequence

import numpy as np
import pytest

from tasks.kernels.kitti import (
    NONE,
    ByAnnotation,
    Scene,
    by_annotation,
    counts_at,
    cut_offs,
    match,
    true_positive_scores,
)
from tests import kitti_devkit as devkit
from tests.kitti_devkit import LEVELS, OVERLAP, Found, Image, Labelled
from tests.kitti_scenes import random_images

KINDS = tuple(OVERLAP)
EASY, MODERATE, HARD = range(3)
NEIGHBOURS = {"van": 0, "person_sitting": 1}


def scene_of(images: Sequence[Image], levels: Sequence[str] = LEVELS) -> tuple[Scene, ByAnnotation]:
    """The images as the kernel takes them, with these levels in the order of the bits."""
    labels = [one for image in images for one in image.labelled]
    found = [one for image in images for one in image.found]
    ends = np.cumsum([[0, 0], *([len(image.found), len(image.labelled)] for image in images)], axis=0)
    pairs = [
        (ends[u, 0] + d, ends[u, 1] + g, devkit.shared(dt.box, gt.box, gt.kind == "dontcare"))
        for u, image in enumerate(images)
        for d, dt in enumerate(image.found)
        for g, gt in enumerate(image.labelled)
    ]
    pairs = [pair for pair in pairs if pair[2] >= 0.1]
    hard = [_bits([_is_hard(label, level) for level in levels]) for label in labels]
    low = [_bits([devkit.small(one, level) for level in levels]) for one in found]
    scene = Scene(
        ends[:, 0].astype(np.int64),
        ends[:, 1].astype(np.int64),
        np.array([KINDS.index(one.kind) if one.kind in KINDS else NONE for one in found], np.int32),
        np.array([one.score for one in found], float),
        np.array(low, np.uint64),
        np.array([KINDS.index(one.kind) if one.kind in KINDS else NONE for one in labels], np.int32),
        np.array([NEIGHBOURS.get(one.kind, NONE) for one in labels], np.int32),
        np.array(hard, np.uint64),
        np.array([one.kind == "dontcare" for one in labels], bool),
    )
    counts = np.bincount([pair[0] for pair in pairs], minlength=len(found))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    annotation = np.array([pair[1] for pair in pairs], np.int32)
    overlap = np.array([pair[2] for pair in pairs], float)
    return scene, by_annotation(indptr, annotation, overlap, np.arange(len(found)), len(labels))


def _bits(flags: Sequence[bool]) -> int:
    return sum(flag << a for a, flag in enumerate(flags))


def _is_hard(label: Labelled, level: str) -> bool:
    return not devkit.counts(label._replace(kind="car"), "car", level)


@pytest.mark.parametrize("seed", range(24))
def test_both_passes_are_those_of_the_devkit(seed: int) -> None:
    """Scores of true positives, cut-offs, and counts at every cut-off, of every class and level."""
    images = random_images(seed, 12)
    scene, near = scene_of(images)
    for k, kind in enumerate(KINDS):
        for a, level in enumerate(LEVELS):
            overlap = OVERLAP[kind]
            first = [s for i in images for s in devkit.outcome(i, kind, level, None, overlap).true_scores]
            scores = true_positive_scores(scene, near, k, a, overlap)
            assert sorted(scores.tolist()) == sorted(first)
            n_labelled = sum(bool(devkit.counts(label, kind, level)) for i in images for label in i.labelled)
            chosen = cut_offs(scores, max(n_labelled, 1), 40)
            assert chosen.tolist() == list(devkit._cut_offs(first, max(n_labelled, 1)))
            for at, found in zip(chosen, counts_at(scene, near, k, a, overlap, chosen), strict=True):
                outcomes = [devkit.outcome(image, kind, level, at, overlap) for image in images]
                true = sum(len(one.true_scores) for one in outcomes)
                assert found.tolist() == [true, sum(one.false_positives for one in outcomes)]


CAR = Labelled("car", 0.0, 0, (100.0, 100.0, 200.0, 200.0))
ON_IT = Found("car", CAR.box, 0.9)
LOW = Labelled("car", 0.0, 0, (100.0, 100.0, 200.0, 130.0))


def outcomes(image: Image, level: int = MODERATE, k: int = 0) -> list[str]:
    """TP, FP or ignored of each detection of class k, at that class' overlap."""
    scene, near = scene_of([image])
    matched, true = match(scene, near, 3, 3, np.array([0.5, 0.7]))
    t = 1 if k == 0 else 0
    words = []
    for d in np.flatnonzero(scene.dt_class == k):
        low = int(scene.dt_small[d]) >> level & 1
        free = matched[d, level, t] == NONE
        words.append("TP" if true[d, level, t] else "FP" if free and not low else "ignored")
    return words


def test_a_car_needs_more_than_seven_tenths() -> None:
    """Exactly as much is not enough: the devkit says `>`."""
    exact = Found("car", (100.0, 100.0, 200.0, 170.0), 0.9)
    assert devkit.shared(exact.box, CAR.box) == 0.7
    assert outcomes(Image([CAR], [exact])) == ["FP"]
    assert outcomes(Image([CAR], [exact._replace(box=(100.0, 100.0, 200.0, 170.1))])) == ["TP"]


def test_a_pedestrian_needs_more_than_half() -> None:
    """And so does a cyclist."""
    walker = CAR._replace(kind="pedestrian")
    exact = Found("pedestrian", (100.0, 100.0, 200.0, 150.0), 0.9)
    assert outcomes(Image([walker], [exact]), k=1) == ["FP"]
    assert outcomes(Image([walker], [exact._replace(box=(100.0, 100.0, 200.0, 150.1))]), k=1) == ["TP"]


@pytest.mark.parametrize(
    ("label", "level", "said"),
    [
        (CAR._replace(occluded=1), EASY, "ignored"),
        (CAR._replace(occluded=1), MODERATE, "TP"),
        (CAR._replace(occluded=2), MODERATE, "ignored"),
        (CAR._replace(occluded=2), HARD, "TP"),
        (CAR._replace(occluded=3), HARD, "ignored"),
        (CAR._replace(truncated=0.15), EASY, "TP"),
        (CAR._replace(truncated=0.16), EASY, "ignored"),
        (CAR._replace(truncated=0.5), HARD, "TP"),
        (CAR._replace(truncated=0.51), HARD, "ignored"),
        (CAR._replace(kind="van"), EASY, "ignored"),
        (CAR._replace(kind="tram"), EASY, "FP"),
    ],
)
def test_what_is_too_hard_or_a_neighbour_is_taken_without_counting(label: Labelled, level: int, said: str) -> None:
    """Limits are inclusive; a class that is no neighbour takes nothing."""
    assert outcomes(Image([label], [ON_IT]), level) == [said]


def test_a_sitting_person_takes_pedestrians_without_counting() -> None:
    """As a van takes cars, and no cyclists."""
    sitting = CAR._replace(kind="person_sitting")
    assert outcomes(Image([sitting], [ON_IT._replace(kind="pedestrian")]), k=1) == ["ignored"]
    assert outcomes(Image([sitting], [ON_IT._replace(kind="cyclist")]), k=2) == ["FP"]


def test_annotations_of_25_px_count_and_lower_ones_do_not() -> None:
    """40 at level easy: the devkit says `<`."""
    for height, level, said in ((40, EASY, "TP"), (39.9, EASY, "ignored"), (25, HARD, "TP"), (24.9, HARD, "ignored")):
        box = (100.0, 100.0, 200.0, 100.0 + height)
        found = Found("car", (100.0, 100.0, 200.0, 141.0 if level == EASY else 125.5), 0.9)
        assert outcomes(Image([CAR._replace(box=box)], [found]), level) == [said]


def test_a_detection_too_low_is_never_false() -> None:
    """Wherever it lies."""
    low = Found("car", (500.0, 100.0, 600.0, 124.9), 0.9)
    assert outcomes(Image([CAR], [low])) == ["ignored"]
    assert outcomes(Image([CAR], [low._replace(box=(500.0, 100.0, 600.0, 125.0))])) == ["FP"]


def test_a_detection_too_low_serves_annotations_of_any_class() -> None:
    """The car is then neither found nor missed: the devkit asks for height before it asks for the class."""
    walker = Found("pedestrian", (100.0, 102.0, 200.0, 126.0), 0.9)
    scene, near = scene_of([Image([LOW], [walker])])
    assert counts_at(scene, near, 0, MODERATE, 0.7, np.array([-1.0])).tolist() == [[0, 0]]
    tall = walker._replace(box=(100.0, 102.0, 200.0, 128.0), kind="car")
    assert outcomes(Image([LOW], [walker, tall])) == ["TP"]


def test_the_first_annotation_of_the_file_chooses_first() -> None:
    """It takes the most alike, and the next has what is left."""
    beside = CAR._replace(box=(110.0, 100.0, 210.0, 200.0))
    found = [Found("car", (105.0, 100.0, 205.0, 200.0), 0.9), Found("car", (92.0, 100.0, 192.0, 200.0), 0.8)]
    assert outcomes(Image([CAR, beside], found)) == ["TP", "FP"]
    assert outcomes(Image([beside, CAR], found)) == ["TP", "TP"]


def test_the_first_pass_goes_by_score_and_the_second_by_overlap() -> None:
    """So the score that becomes a cut-off need not be the one that is counted."""
    worse = Found("car", (100.0, 100.0, 200.0, 190.0), 2.0)
    scene, near = scene_of([Image([CAR], [ON_IT, worse])])
    assert true_positive_scores(scene, near, 0, MODERATE, 0.7).tolist() == [2.0]
    assert outcomes(Image([CAR], [ON_IT, worse])) == ["TP", "FP"]
    assert counts_at(scene, near, 0, MODERATE, 0.7, np.array([2.0, 0.9])).tolist() == [[1, 0], [1, 1]]


def test_a_region_takes_by_share_of_the_detection() -> None:
    """More than the class's overlap of it must lie inside; any number may."""
    region = Labelled("dontcare", -1.0, -1, (300.0, 0.0, 900.0, 300.0))
    inside = Found("car", (310.0, 100.0, 410.0, 200.0), 0.5)
    leaving = Found("car", (270.0, 100.0, 370.0, 200.0), 0.5)
    assert outcomes(Image([region, CAR], [inside, inside, leaving])) == ["ignored", "ignored", "FP"]
    assert outcomes(Image([region], [leaving._replace(kind="cyclist")]), k=2) == ["ignored"]


def test_what_an_annotation_takes_no_region_has() -> None:
    """Annotations choose before regions do."""
    region = Labelled("dontcare", -1.0, -1, (0.0, 0.0, 900.0, 300.0))
    assert outcomes(Image([region, CAR], [ON_IT])) == ["TP"]


def test_nothing_to_find_and_nothing_found_is_nothing() -> None:
    """Empty images count nothing."""
    scene, near = scene_of([Image([], []), Image([], [])])
    assert true_positive_scores(scene, near, 0, 0, 0.7).size == 0
    assert counts_at(scene, near, 0, 0, 0.7, np.array([0.0])).tolist() == [[0, 0]]
    assert cut_offs(np.empty(0), 5, 40).size == 0
