"""The engine of objects: what a protocol may bring of its own, and what fits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from schemas.judging import (
    Annotations,
    AreaRange,
    Curve,
    Detections,
    Judged,
    Matching,
    Number,
    Pairs,
    Protocol,
    Rules,
    Side,
    Steps,
)
from tasks.columns import numbers
from tasks.engines.objects import misfit
from tasks.protocols import PROTOCOLS
from tests.chain import Chain, box, overall, truth_of
from tests.coco_zoo import coco_set

SQUARE, NEAR, FAR = [10, 10, 40, 40], [10, 10, 40, 30], [100, 50, 20, 20]
RULES = Rules((0.5,), (AreaRange("all", 0, 1e10), AreaRange("tall", 0, 1e10)), (10,))


def _best_only(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
    """Each detection looks at its best annotation of the class alone; what is taken already stays with the first."""
    shape = (len(rules.area_ranges), len(rules.iou_thresholds))
    taken = np.full((len(truth.category), *shape), -1)
    rows, partner = [], []
    for d in range(len(found.category)):
        near = range(*pairs.indptr[d : d + 2])
        best = max((k for k in near if truth.category[pairs.annotation[k]] == found.category[d]), default=None,
                   key=lambda k: pairs.similarity[k])  # fmt: skip
        if best is not None and taken[pairs.annotation[best], 0, 0] < 0:
            taken[pairs.annotation[best]] = d
            rows.append(d)
            partner.append(pairs.annotation[best])
    matched = np.broadcast_to(np.array(partner, int)[:, None, None], (len(rows), *shape))
    counts = (truth.ignored[np.array(partner, int), None] >> np.arange(shape[0], dtype=np.uint64)) & np.uint64(1) == 0
    inside = np.broadcast_to(counts[:, :, None], matched.shape)
    return Matching(np.array(rows, int), matched, inside, inside, taken)


def _taller_than_35(judged: Judged, rules: Rules) -> np.ndarray:
    low = numbers(judged.table["bbox_px"].combine_chunks().field("h")) <= 35
    return low.astype(np.uint64) << np.uint64(1)


def _three_points(steps: Steps, rules: Rules) -> Curve:
    """Highest precision at a recall of 0, a half, 1 or beyond, without the envelope of 101 points."""
    precision, recall = steps.true_positives / steps.counted, steps.true_positives / steps.n_positive
    points = np.array([0.0, 0.5, 1.0])
    best = np.array([max(precision[recall >= point], default=0.0) for point in points])
    return Curve(points, best, np.zeros(3), float(best.mean()))


def _plus_one(detections: Side, annotations: Side, floor: float, options: object) -> Pairs:
    return Pairs(np.zeros(len(detections.crowd) + 1, np.int64), np.empty(0, np.int32), np.empty(0))


OWN = Protocol(
    name="own",
    title="Own rules",
    rules=RULES,
    numbers=lambda rules: tuple(Number(f"AP_{r.name}", "precision", r.name, 0.5, 10) for r in rules.area_ranges),
    shape="bounding_box",
    truth_outside=_taller_than_35,
    found_outside=_taller_than_35,
    matcher=_best_only,
    interpolation=_three_points,
)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Protocol:
    """The made-up protocol, registered."""
    monkeypatch.setitem(PROTOCOLS, "own", OWN)
    return OWN


def test_a_protocol_may_bring_its_matcher_ranges_and_curve(tmp_path: Path, own: Protocol) -> None:
    """Counts, curves and numbers follow its rules, and the counts reconcile."""
    truth = truth_of(box(1, SQUARE), box(1, FAR), box(2, SQUARE))
    results = [box(1, SQUARE, score=0.9), box(1, NEAR, score=0.8), box(2, NEAR, score=0.7)]
    chain = Chain(tmp_path).chain(truth, results, "own")
    # All: TP, FP (taken), TP of 3 annotations: 1 at recall 0, 2/3 at 1/2, 0 at 1. Tall: FAR and NEAR are ignored.
    assert overall_of(chain) == {"AP_all": pytest.approx((1 + 2 / 3) / 3), "AP_tall": 1.0}
    assert chain.table("curves").filter(area_range="all")["precision"].to_list() == [1, 2 / 3, 0]
    errors = {row["score"]: row["error"] for row in chain.rows("matches")}
    assert errors == {0.9: None, 0.8: "Dupe", 0.7: None}


def overall_of(chain: Chain) -> dict[str, float | None]:
    """The made-up protocol's numbers."""
    return overall(chain, "own")


def test_without_a_curve_there_is_no_number(tmp_path: Path, own: Protocol) -> None:
    """Null where nothing counts, 0 where nothing is found."""
    chain = Chain(tmp_path).chain(truth_of(box(1, [0, 0, 9, 9])), [], "own")
    assert overall_of(chain) == {"AP_all": 0.0, "AP_tall": None}


def test_a_protocol_may_bring_its_similarity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And say what it is called."""
    strict = replace(PROTOCOLS["coco-bbox"], name="strict", pairs=_plus_one, similarity="nothing_alike")
    monkeypatch.setitem(PROTOCOLS, "strict", strict)
    chain = Chain(tmp_path).chain(truth_of(box(1, SQUARE)), [box(1, SQUARE, score=0.9)], "strict")
    assert chain.table("metrics")["similarity"].unique().to_list() == ["nothing_alike"]
    assert chain.rows("ground_truth_matches")[0]["outcomes"] == ["FN"] * 10


def test_matches_of_the_matcher_must_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that forgets whom it matched is found out before anything is published."""

    def forgetful(pairs: Pairs, found: Detections, truth: Annotations, rules: Rules) -> Matching:
        matching = _best_only(pairs, found, truth, rules)
        return matching._replace(gt_matched=np.full_like(matching.gt_matched, -1))

    monkeypatch.setitem(PROTOCOLS, "own", replace(OWN, matcher=forgetful))
    with pytest.raises(Exception, match="matches do not reconcile: 1 true positives, 0 annotations found"):
        Chain(tmp_path).chain(truth_of(box(1, SQUARE)), [box(1, SQUARE, score=0.9)], "own")


def test_masks_of_whole_classes_are_no_objects() -> None:
    """A set of nothing else has nothing to match; ground truth of nothing else is empty, and fits everything."""
    semantic, boxes = {"segmentation": 3}, {"bounding_box": 3}
    assert "labels of pixels only" in str(misfit(PROTOCOLS["coco-segm"], semantic, semantic))
    assert misfit(PROTOCOLS["coco-bbox"], boxes, semantic) is None
    assert "holds no such predictions" in str(misfit(PROTOCOLS["coco-segm"], boxes, semantic))


def test_coco_is_what_a_protocol_leaves_out(tmp_path: Path) -> None:
    """The numbers of coco-bbox come from no hook at all."""
    hooks = ("matcher", "interpolation", "pairs", "crowd", "ignored", "truth_outside", "found_outside")
    assert not any(getattr(PROTOCOLS["coco-bbox"], hook) for hook in hooks)
    assert set(overall(Chain(tmp_path).chain(*coco_set(3), "coco-bbox"), "coco-bbox")) >= {"AP", "AR_100"}
