"""Every number that comes with Kognic's samples, from the tables that their import and evaluation leave behind."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import shapely
from shapely.geometry import MultiPolygon, Polygon

from tests.chain import Chain, overall

SIDES = ("gt", "pred")
TABLES = {"gt": "ground_truth", "pred": "predictions"}
SCENES = ("cam_single", "cam_seq")
DIGITS = 6
"""Of the rates in the expected files."""
Imported = Callable[..., Chain]


@pytest.fixture(scope="module")
def samples(shared: Path) -> Path:
    """The folder of Kognic's samples."""
    return shared / "samples" / "kognic"


@pytest.fixture(scope="module")
def expected(samples: Path) -> dict[str, Any]:
    """The reference numbers."""
    found: dict[str, Any] = json.loads((samples / "expected.json").read_text())
    return found


@pytest.fixture(scope="module")
def imported(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Imports and evaluates the scenes that a pattern names, under a mapping or none."""

    def work(pattern: str, mapping: str | None, *protocols: str) -> Chain:
        chain = Chain(tmp_path_factory.mktemp("kognic"))
        beside = {"data_units": samples / "manifest.json"}
        if mapping is not None:
            beside["class_mapping"] = samples / f"class_mapping.{mapping}.json"
        chain.truth(samples / f"{pattern}.gt.json", format="openlabel", **beside)
        chain.predictions(samples / f"{pattern}.pred.json", format="openlabel")
        if protocols:
            chain.evaluate(*protocols)
        return chain

    return work


@pytest.fixture(scope="module")
def boxes(imported: Imported) -> Chain:
    """The scenes with boxes, matched under the mapping of detectors."""
    return imported("cam_*", "detection", "coco-bbox")


@pytest.fixture(scope="module")
def outlines(imported: Imported) -> Chain:
    """The scene with polygons, matched under the same mapping, which lacks the class of its open curve."""
    return imported("poly", "detection", "coco-segm")


def tags(samples: Path) -> dict[str, str]:
    """Tag of each scene by its uuid."""
    return {scene: said["tag"] for scene, said in json.loads((samples / "manifest.json").read_text()).items()}


def side(chain: Chain, of: str, samples: Path) -> pl.DataFrame:
    """Annotations or predictions with the tag of their scene, their stream and timestamp, and their class's name."""
    units = chain.table("data_units").select("unit_key", "source_id")
    place = pl.col("source_id").str.extract_groups(r"^(?<scene>[^/]+)/(?<stream>.+)/(?<frame_id>[^/]*)@(?<time>\d+)$")
    units = units.select("unit_key", place.alias("place")).unnest("place")
    units = units.with_columns(pl.col("scene").replace_strict(tags(samples)).alias("tag"), pl.col("time").cast(int))
    names = chain.table("categories").select("category_key", pl.col("name").alias("class"))
    return chain.table(TABLES[of]).join(units, on="unit_key").join(names, on="category_key")


def outcomes(chain: Chain, table: str, key: str, samples: Path) -> pl.DataFrame:
    """Rows of a side with their outcome at IoU 0.5; a prediction that found nothing is false."""
    matches = chain.table(table).select(
        key,
        pl.col("outcomes").list.first().fill_null("FP").alias("outcome"),
        *(["matched_similarity"] if table == "matches" else []),
    )
    return side(chain, "pred" if table == "matches" else "gt", samples).join(matches, on=key)


def counted(frame: pl.DataFrame) -> dict[str, int]:
    """Rows by class."""
    return dict(Counter(frame["class"].to_list()))


def test_every_box_is_stored_as_it_is_expected(boxes: Chain, samples: Path) -> None:
    """Each of the 89 boxes has its scene, timestamp, stream, object, class, confidence and relative place."""
    rows = []
    for of in SIDES:
        for row in side(boxes, of, samples).to_dicts():
            corner = [round(row["bbox"][name], DIGITS) for name in "xywh"]
            score = row.get("score")
            rows.append([of, row["tag"], row["time"], row["stream"], row["track_id"], row["class"], score, *corner])
    expected = json.loads((samples / "expected_boxes.json").read_text())["rows"]
    assert sorted(rows, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_holds_what_is_expected(scene: str, boxes: Chain, samples: Path, expected: dict[str, Any]) -> None:
    """A scene has the boxes, classes, tracks, confidences left out, boxes leaving the image, and skipped records."""
    wanted = expected["detection"][scene]
    truth, found = (side(boxes, of, samples).filter(tag=scene) for of in SIDES)
    corner = found["bbox"].struct
    leaves = (corner["x"] < 0) | (corner["y"] < 0)
    leaves |= (corner["x"] + corner["w"] > 1) | (corner["y"] + corner["h"] > 1)
    skipped = [row for row in boxes.rows("rejects") if row["source_file"].startswith(scene)]
    sums = {
        of: [round(sum(round(box[name], DIGITS) for box in frame["bbox"].to_list()), DIGITS) for name in "xywh"]
        for of, frame in zip(SIDES, (truth, found), strict=True)
    }
    units = boxes.table("data_units")["sequence_hash"].str.split("/").list.first().replace_strict(tags(samples))
    assert (len(truth), counted(truth)) == (wanted["gt_boxes"], wanted["gt_by_class"])
    assert (len(found), counted(found)) == (wanted["pred_boxes"], wanted["pred_by_class"])
    assert (truth["track_id"].n_unique(), found["track_id"].n_unique()) == (wanted["gt_tracks"], wanted["pred_tracks"])
    assert int((found["score"] == 1.0).sum()) == wanted["pred_default_confidence"]
    assert int(leaves.sum()) == wanted["pred_out_of_image"]
    assert int((units == scene).sum()) == wanted["images"]
    assert [row["reason_code"] for row in skipped] == ["unsupported"] * sum(wanted["skipped"].values())
    assert sums == wanted["rel_sums"]


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_matches_as_expected(scene: str, boxes: Chain, samples: Path, expected: dict[str, Any]) -> None:
    """TP, FP and FN at IoU 0.5, in all and by class, and the mean IoU of what was found, scene by scene."""
    wanted = expected["detection"][scene]
    found = outcomes(boxes, "matches", "prediction_key", samples).filter(tag=scene)
    missed = outcomes(boxes, "ground_truth_matches", "annotation_key", samples).filter(tag=scene, outcome="FN")
    true, false = (found.filter(outcome=outcome) for outcome in ("TP", "FP"))
    assert (len(true), len(false), len(missed)) == (wanted["tp"], wanted["fp"], wanted["fn"])
    assert counted(true) == wanted["tp_by_pred_class"]
    assert counted(false) == wanted["fp_by_pred_class"]
    assert counted(missed) == wanted["fn_by_annotated_class"]
    similarities = true["matched_similarity"].to_list()
    assert round(sum(similarities) / len(similarities), DIGITS) == wanted["mean_iou_tp"]
    judged = boxes.table("ground_truth_matches").join(side(boxes, "gt", samples), on="annotation_key")
    assert wanted["gt_boxes"] - len(judged.filter(tag=scene)) == wanted["gt_unmapped"]


def test_average_precision_over_predicted_classes(boxes: Chain, expected: dict[str, Any]) -> None:
    """AP, AP50, AP75, AR and AP50 per class, with annotations mapped and those without counterpart left out."""
    wanted = expected["detection"]["_all"]
    numbers = overall(boxes, "coco-bbox")
    assert {name: round(numbers[name] or 0, DIGITS) for name in ("AP", "AP50", "AP75")} == {
        name: wanted[name] for name in ("AP", "AP50", "AP75")
    }
    assert round(numbers["AR_100"] or 0, DIGITS) == wanted["AR100"]
    per_class = boxes.table("metrics").filter(pl.col("metric") == "AP50", pl.col("category").is_not_null())
    found = {row["category_name"]: round(row["value"], DIGITS) for row in per_class.to_dicts()}
    assert found == wanted["AP50_per_class"]


def test_totals_of_boxes(boxes: Chain, expected: dict[str, Any]) -> None:
    """TP, FP and FN of both scenes add up to those of the whole, in `unit_scores` as well."""
    wanted = expected["detection"]["_all"]
    scores = boxes.table("unit_scores")
    assert {name: scores[name].sum() for name in ("tp", "fp", "fn")} == {
        name: wanted[name] for name in ("tp", "fp", "fn")
    }
    assert (len(boxes.table("ground_truth")), len(boxes.table("predictions"))) == (wanted["gt"], wanted["pred"])


def region(polygons: list[Any], width: float, height: float) -> MultiPolygon:
    """A stored value of `polygons` in units of width x height."""
    rings = [[[(p["x"] * width, p["y"] * height) for p in ring] for ring in polygon] for polygon in polygons]
    return MultiPolygon([Polygon(shell, holes) for shell, *holes in rings])


@pytest.mark.parametrize("of", SIDES)
def test_polygons_hold_what_is_expected(of: str, imported: Imported, samples: Path, expected: dict[str, Any]) -> None:
    """Objects, rings, holes, parts, open curves and areas, in px² and relative, are all there."""
    wanted = expected["polygon"]["poly"][of]
    chain = imported("poly", None) if of == "gt" else imported("poly", "detection")
    rows = side(chain, of, samples)
    stored = [value for value in rows["polygons"].to_list() if value is not None]
    rings = [ring for polygons in stored for polygon in polygons for ring in polygon]
    assert len(stored) == wanted["objects"]
    assert len(rings) == wanted["rings"]
    assert len(rings) - sum(len(polygons) for polygons in stored) == wanted["holes"]
    assert sum(len(polygons) > 1 for polygons in stored) == wanted["multipart"]
    assert len(rows.filter(shape="polyline")) == wanted["open_curves"]
    assert round(sum(region(value, 1280, 960).area for value in stored), 5) == wanted["area_px"]
    assert round(sum(region(value, 1, 1).area for value in stored), DIGITS) == wanted["area_rel"]


def test_polygons_match_as_expected(outlines: Chain, samples: Path, expected: dict[str, Any]) -> None:
    """TP, FP and FN of polygons at mask IoU 0.5; the mean of the exact IoU of what was paired is the expected one."""
    wanted = expected["polygon"]["poly"]
    found = outcomes(outlines, "matches", "prediction_key", samples)
    missed = outcomes(outlines, "ground_truth_matches", "annotation_key", samples).filter(outcome="FN")
    pairs = found.filter(outcome="TP").join(
        outlines.table("matches").select(
            "prediction_key", pl.col("annotation_keys").list.first().alias("annotation_key")
        ),
        on="prediction_key",
    )
    partners = pairs.join(outlines.table("ground_truth"), on="annotation_key", suffix="_gt")
    shapes = [
        (region(row["polygons"], 1280, 960), region(row["polygons_gt"], 1280, 960)) for row in partners.to_dicts()
    ]
    overlaps = [shapely.intersection(a, b).area / shapely.union(a, b).area for a, b in shapes]
    assert (len(pairs), len(found) - len(pairs), len(missed)) == (wanted["tp"], wanted["fp"], wanted["fn"])
    assert round(sum(overlaps) / len(overlaps), DIGITS) == wanted["mean_iou_tp"]
    assert pairs["matched_similarity"].mean() == pytest.approx(wanted["mean_iou_tp"], abs=0.005)


def test_a_class_the_mapping_lacks_is_a_reject(outlines: Chain) -> None:
    """The open curve's class is in no pair: its record is refused, and the polygons of the file go in."""
    assert [row["reason_code"] for row in outlines.rows("rejects")] == ["unmapped_class"]
    assert len(outlines.table("ground_truth")) == 6
