"""Matching by the best annotation alone: rules by hand, and a slow oracle on random scenes."""

from typing import NamedTuple

import numpy as np
import pytest

from tasks.kernels.best_match import NONE, BestMatches, match_best, taking_part


class Scene(NamedTuple):
    """One unit: similarities float64[D, G], 0 for no pair; classes; what is ignored in range 0, absent."""

    alike: np.ndarray
    category: list[int]
    gt_category: list[int]
    ignored: list[bool]
    absent: list[bool]


def scene(alike: list[list[float]], **given: list[bool]) -> Scene:
    """Detections, best scored first, and annotations of one class."""
    matrix = np.array(alike, float)
    n_dt, n_gt = matrix.shape
    no = [False] * n_gt
    return Scene(matrix, [0] * n_dt, [0] * n_gt, given.get("ignored", no), given.get("absent", no))


def matched(made: Scene, thresholds: list[float], ranges: int = 1, outside: list[int] | None = None) -> BestMatches:
    """The kernel on a scene; an ignored annotation is ignored in range 0 alone."""
    rows, columns = np.nonzero(made.alike)
    indptr = np.concatenate([[0], np.cumsum((made.alike > 0).sum(axis=1))])
    return match_best(
        indptr.astype(np.int64),
        columns.astype(np.int32),
        made.alike[rows, columns],
        np.array(made.category, np.int32),
        np.array(outside or [0] * len(made.alike), np.uint64),
        np.array(made.gt_category, np.int32),
        np.array(made.ignored, np.uint64),
        np.array(made.absent, bool),
        np.array(thresholds),
        ranges,
    )


def test_a_detection_has_no_second_choice() -> None:
    """The second finds its best annotation taken and is false, though another would do."""
    found = matched(scene([[0.9, 0.0], [0.8, 0.7]]), [0.5])
    assert found.rows.tolist() == [0]
    assert found.gt_matched[:, 0, 0].tolist() == [0, NONE]


def test_a_taken_annotation_is_taken_at_thresholds_reached_alone() -> None:
    """At .7 the better scored one fails, so the other may have it."""
    found = matched(scene([[0.6], [0.8]]), [0.5, 0.7])
    assert found.rows.tolist() == [0, 1]
    assert found.gt_matched[0, 0].tolist() == [0, 1]
    assert found.true_positive[:, 0].tolist() == [[True, False], [False, True]]


def test_a_similarity_equal_to_the_threshold_is_enough() -> None:
    """And of equal similarities the first annotation is the best."""
    found = matched(scene([[0.5, 0.5]]), [0.5])
    assert found.gt_matched[:, 0, 0].tolist() == [0, NONE]


def test_any_number_may_lie_on_an_ignored_annotation() -> None:
    """They are neither true nor false there; in a range that counts it, it is found once."""
    found = matched(scene([[0.9], [0.8]], ignored=[True]), [0.5], ranges=2)
    assert found.rows.tolist() == [0, 1]
    assert found.matched[:, :, 0].tolist() == [[0, 0], [0, NONE]]
    assert found.counted[:, :, 0].tolist() == [[False, True], [False, True]]
    assert found.gt_matched[0, :, 0].tolist() == [NONE, 0]


def test_an_absent_annotation_hides_no_other() -> None:
    """The best of what is left is looked at."""
    found = matched(scene([[0.9, 0.6]], absent=[True, False]), [0.5])
    assert found.gt_matched[:, 0, 0].tolist() == [NONE, 0]


def test_other_classes_play_no_part() -> None:
    """Whatever the overlap."""
    made = scene([[0.9, 0.6]])._replace(gt_category=[1, 0])
    assert matched(made, [0.5]).gt_matched[:, 0, 0].tolist() == [NONE, 0]


def test_a_detection_outside_a_range_counts_where_it_finds_something() -> None:
    """As a true positive; taken, it is ignored there."""
    found = matched(scene([[0.9], [0.8], [0.0]]), [0.5], outside=[1, 1, 1])
    assert found.rows.tolist() == [0]
    assert found.counted[:, 0, 0].tolist() == [True]


def test_detections_that_rank_too_low_have_no_class() -> None:
    """So they match nothing."""
    found = taking_part(np.array([4, 4, 5], np.int32), np.array([0, 1, 0], np.int32), 1)
    assert (found.tolist(), found.dtype) == ([4, NONE, 5], np.dtype(np.int32))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_sides_match_nothing(shape: tuple[int, int]) -> None:
    """No detections, no annotations, or neither."""
    no = [False] * shape[1]
    found = matched(Scene(np.zeros(shape), [0] * shape[0], [0] * shape[1], no, no), [0.5])
    assert found.rows.size == 0
    assert (found.gt_matched == NONE).all()


def slowly(made: Scene, threshold: float) -> list[tuple[int, str]]:
    """(annotation or -1, outcome) of each detection, by the words of the rule."""
    taken: set[int] = set()
    said = []
    for d, row in enumerate(made.alike):
        own = [g for g, k in enumerate(made.gt_category) if k == made.category[d] and not made.absent[g] and row[g] > 0]
        best = max(own, key=lambda g: (row[g], -g), default=None)
        if best is None or row[best] < threshold:
            said.append((NONE, "FP"))
        elif made.ignored[best]:
            said.append((best, "ignored"))
        elif best in taken:
            said.append((NONE, "FP"))
        else:
            taken.add(best)
            said.append((best, "TP"))
    return said


@pytest.mark.parametrize("seed", range(40))
def test_random_scenes_are_matched_as_the_rule_says(seed: int) -> None:
    """With ties, thresholds that are met exactly, ignored and absent annotations, several classes."""
    rng = np.random.default_rng(seed)
    n_dt, n_gt = rng.integers(1, 30, 2)
    alike = np.round(rng.random((n_dt, n_gt)), 1) * (rng.random((n_dt, n_gt)) < 0.5)
    flags = rng.random((2, n_gt)) < 0.2
    order = np.sort(rng.integers(0, 3, n_dt))
    made = Scene(alike, order.tolist(), rng.integers(0, 3, n_gt).tolist(), flags[0].tolist(), flags[1].tolist())
    thresholds = [0.1, 0.5, 0.7]
    found = matched(made, thresholds)
    for t, threshold in enumerate(thresholds):
        said = slowly(made, threshold)
        outcomes = ["FP"] * n_dt
        partners = [NONE] * n_dt
        for n, d in enumerate(found.rows.tolist()):
            partners[d] = int(found.matched[n, 0, t])
            if found.true_positive[n, 0, t]:
                outcomes[d] = "TP"
            elif not found.counted[n, 0, t]:
                outcomes[d] = "ignored"
        assert list(zip(partners, outcomes, strict=True)) == said
