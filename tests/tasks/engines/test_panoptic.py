"""The engine of segments, from files to numbers, against hotcoco and panopticapi's rule in plain Python."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tasks.engines.panoptic import misfit
from tasks.masks.png import rgb_pixels
from tasks.protocols import PROTOCOLS
from tests.chain import Chain, overall
from tests.tasks.masks.png_files import rgb_png
from tests.tasks.pixels.panoptic_files import THINGS, write_scene
from tests.tasks.pixels.panoptic_oracle import Scene, made_up, quality

SAMPLE = "samples/panoptic/sample_data"
GROUPS = {"All": "", "Things": "_things", "Stuff": "_stuff"}


def evaluated(folder: Path, truth: Path, found: Path) -> Chain:
    """The chain over two folders."""
    chain = Chain(folder)
    chain.truth(truth)
    chain.predictions(found)
    chain.evaluate()
    return chain


def by_class(chain: Chain, metric: str) -> dict[str, Any]:
    """A metric of each class, by the class's id in the files."""
    rows = chain.table("metrics").filter(pl.col("metric") == metric, pl.col("category").is_not_null())
    ids = chain.table("categories").select(category=pl.col("category_key"), id=pl.col("feature_hash"))
    return dict(rows.join(ids, on="category").select("id", "value").iter_rows())


def reference(truth: Path, found: Path, name: str = "panoptic") -> dict[str, Any]:
    """hotcoco's results."""
    panoptic = pytest.importorskip("hotcoco.panoptic", reason="needs hotcoco")
    sides = (str(truth / f"{name}.json"), str(found / f"{name}.json"))
    evaluation = panoptic.PanopticEval(*sides)
    evaluation.evaluate()
    results: dict[str, Any] = evaluation.results()
    return results


def assert_as_reference(chain: Chain, expected: dict[str, Any]) -> None:
    """PQ, SQ and RQ of all, things and stuff, and the counts and qualities of each class."""
    ours = overall(chain, "panoptic")
    for group, suffix in GROUPS.items():
        for metric in ("pq", "sq", "rq"):
            value = ours[metric.upper() + suffix]
            assert value == pytest.approx(expected[group][metric], abs=1e-12) if expected[group]["n"] else value is None
    for metric in ("pq", "sq", "rq", "tp", "fp", "fn"):
        values = by_class(chain, metric.upper())
        for category, row in expected["per_class"].items():
            value = values[str(category)]
            assert (-1.0 if value is None else value) == pytest.approx(row[metric], abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_made_up_scenes_have_the_numbers_of_hotcoco(tmp_path: Path, seed: int) -> None:
    """With crowds, void, classes taken for others, and images of different sizes."""
    truth, found = write_scene(tmp_path, made_up(seed, 12))
    assert_as_reference(evaluated(tmp_path, truth, found), reference(truth, found))


def moved_sample(shared: Path, folder: Path) -> tuple[Path, Path]:
    """COCO's sample, and the same a little moved, with every fifth segment taken for another class, as predictions."""
    truth, found = (folder / name for name in ("gt", "dt"))
    for side in (truth, found):
        shutil.copytree(shared / SAMPLE / "panoptic_examples", side / "panoptic")
    document = json.loads((shared / SAMPLE / "panoptic_examples.json").read_text())
    (truth / "panoptic.json").write_text(json.dumps(document))
    for k, annotation in enumerate(document["annotations"]):
        path = found / "panoptic" / annotation["file_name"]
        ids = rgb_pixels(path.read_bytes(), None).astype(np.int64) @ np.array([1, 256, 65536])
        moved = np.roll(ids, (3 + k, -4), (0, 1))
        path.write_bytes(rgb_png(moved))
        for place, segment in enumerate(annotation["segments_info"]):
            segment["category_id"] = 184 if place % 5 == 4 else segment["category_id"]
            del segment["iscrowd"]
    (found / "panoptic.json").write_text(json.dumps({"annotations": document["annotations"]}))
    return truth, found


def test_the_sample_moved_has_the_numbers_of_hotcoco(shared: Path, tmp_path: Path) -> None:
    """Its 133 classes, of which most have no segment and so no number."""
    truth, found = moved_sample(shared, tmp_path)
    chain = evaluated(tmp_path, truth, found)
    assert_as_reference(chain, reference(truth, found))
    assert sum(value is not None for value in by_class(chain, "PQ").values()) < 20


def assert_as_oracle(chain: Chain, scene: Scene) -> None:
    """Every class as panopticapi's rule has it, and the means of them."""
    sums = scene.sums()
    for k, metric in enumerate(("PQ", "SQ", "RQ")):
        values = by_class(chain, metric)
        there = {c: quality(sums[c])[k] for c in THINGS if sums[c].tp + sums[c].fp + sums[c].fn}
        assert {c: values[str(c)] for c in there} == pytest.approx(there, abs=1e-12)
        for suffix, kept in (("", there), ("_things", [c for c in there if THINGS[c]]),
                             ("_stuff", [c for c in there if not THINGS[c]])):  # fmt: skip
            assert overall(chain, "panoptic")[metric + suffix] == pytest.approx(np.mean([there[c] for c in kept]))


def test_rows_add_up(tmp_path: Path) -> None:
    """TP + FP + ignored = predictions, TP + FN + ignored = annotations, by table, class and unit."""
    scene = made_up(7, 10)
    chain = evaluated(tmp_path, *write_scene(tmp_path, scene))
    assert_as_oracle(chain, scene)
    found, truth = (chain.table(name).explode("outcomes") for name in ("matches", "ground_truth_matches"))
    assert len(found) == sum(len(image[3]) for image in scene.images.values())
    assert len(truth) == sum(len(image[1]) for image in scene.images.values())
    counts = {metric: sum(by_class(chain, metric).values()) for metric in ("TP", "FP", "FN", "ignored")}
    outcomes = dict(found["outcomes"].value_counts().iter_rows())
    assert outcomes == {name: counts[name] for name in ("TP", "FP", "ignored")}
    assert dict(truth["outcomes"].value_counts().iter_rows())["FN"] == counts["FN"]
    units = chain.table("unit_scores")
    assert [units[name].sum() for name in ("tp", "fp", "fn", "ignored")] == [
        counts[name] for name in ("TP", "FP", "FN", "ignored")
    ]


def test_a_match_says_who_and_how_well(tmp_path: Path) -> None:
    """Keys of both sides point at each other, and the similarity is the IoU without void."""
    chain = evaluated(tmp_path, *write_scene(tmp_path, made_up(3, 6)))
    found = chain.table("matches").explode("annotation_keys", "outcomes")
    truth = chain.table("ground_truth_matches").explode("prediction_keys", "outcomes")
    pairs = found.filter(pl.col("outcomes") == "TP").select("prediction_key", "annotation_keys").rows()
    back = truth.filter(pl.col("outcomes") == "TP").select("prediction_keys", "annotation_key").rows()
    assert sorted(pairs) == sorted(back)
    assert (found.filter(pl.col("outcomes") == "TP")["matched_similarity"] > 0.5).all()
    assert found.filter(pl.col("outcomes") != "TP")["matched_similarity"].null_count() == len(found) - len(pairs)


def test_only_segments_fit() -> None:
    """On both sides; a side that holds nothing at all fits."""
    protocol, segments = PROTOCOLS["panoptic"], {"panoptic": 3}
    assert misfit(protocol, segments, segments) is None
    assert misfit(protocol, {}, segments) is None
    assert misfit(protocol, {"bitmask": 3}, segments) == "panoptic compares segments, and the set holds none"
    assert misfit(protocol, segments, {"bitmask": 3}) == "panoptic compares segments, and the ground truth holds none"
