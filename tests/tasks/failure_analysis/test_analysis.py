"""The whole stage on stored evaluations: what is planted, what plain queries give, what is refused and what is kept."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from schemas.conclusions import FailureSettings
from schemas.errors import InputError
from tasks.catalog import catalog
from tasks.failure_analysis import analysis, stage
from tasks.failure_analysis.intervals import wilson
from tasks.failure_analysis.stage import find_failures
from tasks.failure_analysis.summary import failure_summary
from tasks.running import threaded
from tests.chain import SET, Chain, box, truth_of

TABLES = ("metric_performance", "metric_importance", "failure_slices")
IMAGES = 300
PLAIN = FailureSettings(permuted=500)
QUICK = FailureSettings(permuted=100)


def planted(seed: int = 0) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Eight boxes an image, all found but for small ones at the left border; a false box on every third image."""
    rng = np.random.default_rng(seed)
    annotations, results = [], []
    for number in range(1, IMAGES + 1):
        for place in range(8):
            size = 4 if rng.random() < 0.4 else 10
            x, y = (0 if rng.random() < 0.4 else 20 + 20 * place), 12 * place
            corner = [x, y, size, size]
            annotations.append(box(number, corner, category=1 + place % 2))
            missed = size == 4 and x == 0
            if rng.random() < (0.1 if missed else 0.95):
                results.append(box(number, corner, category=1 + place % 2, score=round(rng.random(), 3)))
        if number % 3 == 0:
            results.append(box(number, [150, 60, 40, 30], score=0.3))
    return truth_of(*annotations, images=IMAGES), results


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """The planted set, evaluated and analysed."""
    made = Chain(tmp_path_factory.mktemp("planted")).chain(*planted(), "coco-bbox")
    find_failures(made.project, SET, [], PLAIN, made.run)
    return made


def performance(chain: Chain, of: str, metric: str) -> pl.DataFrame:
    """Rows over all classes of one metric."""
    rows = chain.table("metric_performance")
    return rows.filter(pl.col("metric_of") == of, pl.col("metric") == metric, pl.col("category").is_null())


def test_small_boxes_at_the_border_are_where_it_fails(chain: Chain) -> None:
    """They are the first slice, in words, with counts and the images to open; no other slice of recall is news."""
    facts = failure_summary(catalog(chain.project).failures[SET, "coco-bbox"], 10)
    recall = [row for row in facts["slices"] if row["rate"] == "recall"]
    first = recall[0]
    assert "area" in first["words"]
    assert "closeness to image borders" in first["words"]
    assert first["rate_inside"] < 0.35 < 0.8 < first["rate_overall"]
    assert first["rate_overall"] == pytest.approx(facts["recall"])
    assert first["n_failed"] / first["n_objects"] == pytest.approx(1 - first["rate_inside"])
    assert len(first["worst_units"]) == 5
    failures = [unit["n_failed"] for unit in first["worst_units"]]
    assert failures == sorted(failures, reverse=True)
    assert len(recall) == 1


def test_units_to_open_are_those_with_most_failures(chain: Chain) -> None:
    """As the stored matches have them."""
    missed = chain.table("ground_truth_matches").filter(pl.col("outcomes").list.first() == "FN")
    rows = missed.join(chain.table("ground_truth").select("annotation_key", "bbox"), on="annotation_key")
    small = rows.filter(pl.col("bbox").struct.field("x") == 0, pl.col("bbox").struct.field("w") < 0.03)
    most = small.group_by("unit_key").len().sort("len", "unit_key", descending=[True, False]).head(5)
    first = chain.table("failure_slices").filter(pl.col("rate") == "recall").row(0, named=True)
    assert [(unit["unit_key"], unit["n_failed"]) for unit in first["worst_units"]] == most.rows()


def test_false_boxes_are_found_by_their_size(chain: Chain) -> None:
    """Predictions of the size that only false ones have."""
    first = chain.table("failure_slices").filter(pl.col("rate") == "precision").row(0, named=True)
    assert first["n_failed"] == first["n_objects"] == IMAGES // 3
    assert first["rate_inside"] == 0


def test_performance_is_what_a_query_gives(chain: Chain) -> None:
    """Counts, rates, intervals and mean IoU of a bin, from the stored matches and quality."""
    quality = (
        chain.table("quality").filter(pl.col("of") == "prediction").select("prediction_key", "object_area_relative")
    )
    matches = chain.table("matches").join(quality, on="prediction_key")
    right = pl.col("outcomes").list.first() == "TP"
    for row in performance(chain, "prediction", "object_area_relative").to_dicts():
        inside = matches.filter(pl.col("object_area_relative").is_between(row["value_low"], row["value_high"]))
        hits = inside.filter(right.fill_null(False))
        assert (row["n_predictions"], row["tp"]) == (len(inside), len(hits))
        assert row["precision"] == pytest.approx(len(hits) / len(inside))
        low, high = wilson(np.array([len(hits)]), np.array([len(inside)]))
        assert (row["precision_low"], row["precision_high"]) == pytest.approx((low[0], high[0]))
        assert row["mean_iou"] == (pytest.approx(hits["matched_similarity"].mean()) if len(hits) else None)


def test_unit_metrics_have_both_rates_in_the_same_bins(chain: Chain) -> None:
    """And misses are what is not found."""
    rows = performance(chain, "predicted unit", "object_count")
    assert rows["n_predictions"].sum() == len(chain.table("matches"))
    assert rows["n_ground_truth"].sum() == len(chain.table("ground_truth"))
    assert (rows["fn_rate"] + rows["recall"]).to_list() == pytest.approx([1.0] * len(rows))
    assert (rows["value_low"][1:] > rows["value_high"][:-1]).all()


def test_classes_add_up_to_all(chain: Chain) -> None:
    """In every bin of every metric."""
    keys = ["metric_of", "metric", "bin"]
    counts = [pl.col(name).sum() for name in ("n_predictions", "tp", "n_ground_truth", "found")]
    rows = chain.table("metric_performance")
    parts = [
        rows.filter(pl.col("category").is_null() == whole).group_by(keys).agg(counts).sort(keys, nulls_last=True)
        for whole in (True, False)
    ]
    assert parts[0].equals(parts[1])


def test_importance_tells_area_from_chance(chain: Chain) -> None:
    """The area of annotations says something, a random number does not."""
    rows = {(row["metric_of"], row["metric"]): row for row in chain.rows("metric_importance")}
    area, chance = rows["annotation", "object_area_relative"], rows["annotation", "random"]
    assert area["mutual_information"] > 0.05 > chance["mutual_information"]
    assert chance["p_value"] > 0.05
    assert abs(area["correlation"]) > 0.3 > abs(chance["correlation"])
    assert area["n_permuted"] == 500
    assert area["p_value"] * 201 == pytest.approx(round(area["p_value"] * 201))
    assert area["n_samples"] == 8 * IMAGES


def test_the_number_of_buckets_and_threads_changes_nothing(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor whether rows are held in memory between the looks."""
    for module in ("import_ground_truth", "import_predictions"):
        monkeypatch.setattr(f"tasks.{module}.buckets_for", lambda _sources: 4)
    monkeypatch.setattr(stage, "_KEPT_ROWS", 0)
    other = Chain(tmp_path, threaded(3)).chain(*planted(), "coco-bbox")
    find_failures(other.project, SET, [], PLAIN, other.run)
    for table in TABLES:
        assert chain.table(table).equals(other.table(table)), table


def test_a_sample_is_enough_for_bounds(chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts stay those of all objects where bins come from some of them."""
    monkeypatch.setattr(analysis, "SAMPLE", 200)
    other = Chain(tmp_path).chain(*planted(), "coco-bbox")
    find_failures(other.project, SET, [], QUICK, other.run)
    rows = performance(other, "prediction", "object_area_relative")
    assert rows["n_predictions"].sum() == len(other.table("matches"))


def test_the_same_again_is_no_work(tmp_path: Path) -> None:
    """Other settings take the place of what is there; another evaluation makes it stale, deletion takes it along."""
    made = Chain(tmp_path).chain(truth_of(box(1, [1, 2, 30, 40])), [box(1, [1, 2, 30, 40], score=0.5)], "coco-bbox")

    def again(**settings: Any) -> str:
        return find_failures(made.project, SET, [], FailureSettings(**settings), made.run)[0].status

    assert [again(), again(), again(bins=5), again(bins=5)] == ["completed", "unchanged", "completed", "unchanged"]
    known = catalog(made.project)
    entry = known.failures[SET, "coco-bbox"]
    assert known.stale_conclusion(entry) is None
    assert {*TABLES} <= {*entry.partitions}
    made.evaluate("coco-bbox", iou_thresholds=[0.3])
    assert catalog(made.project).stale_conclusion(entry) == f"the evaluation of {SET} changed"
    assert again() == "completed"
    assert [entry.name for entry in catalog(made.project).conclusions_of(SET)] == ["coco-bbox"]


def test_too_few_true_positives_have_no_importance(tmp_path: Path) -> None:
    """The reason stands where the number would."""
    made = Chain(tmp_path).chain(truth_of(box(1, [1, 2, 30, 40])), [box(1, [1, 2, 30, 40], score=0.5)], "coco-bbox")
    find_failures(made.project, SET, [], QUICK, made.run)
    rows = made.rows("metric_importance")
    assert rows
    assert all(row["mutual_information"] is None and "too few" in row["null_reason"] for row in rows)
    assert len(made.rows("failure_slices")) == 0


def test_predictions_of_low_scores_can_be_left_out(chain: Chain, tmp_path: Path) -> None:
    """They are neither false nor do they find anything."""
    other = Chain(tmp_path).chain(*planted(), "coco-bbox")
    find_failures(other.project, SET, [], FailureSettings(least_score=0.5, permuted=100), other.run)
    rows = performance(other, "predicted unit", "object_count")
    matches = chain.table("matches").filter(pl.col("score") >= 0.5)
    found = matches.filter(pl.col("outcomes").list.first() == "TP")
    assert (rows["n_predictions"].sum(), rows["tp"].sum(), rows["found"].sum()) == (
        len(matches),
        len(found),
        len(found),
    )


@pytest.mark.parametrize(
    ("name", "protocol", "text"),
    [
        ("nett", [], "did you mean net"),
        (SET, ["coco-segm"], "boxscore reanalyze --project street --set net --protocol coco-segm"),
    ],
)
def test_what_is_not_there_is_refused_with_the_command_that_helps(
    chain: Chain, name: str, protocol: list[str], text: str
) -> None:
    """An unknown set, an evaluation that was not made."""
    with pytest.raises(InputError) as error:
        find_failures(chain.project, name, protocol, FailureSettings(), chain.run)
    assert text in str(error.value)
