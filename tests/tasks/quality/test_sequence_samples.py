"""Metrics over sequences on real files, MOTChallenge's and Encord's, against the same slow loops as made-up scenes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pycocotools import mask as coco_mask

from tasks.quality.stage import measure_quality
from tasks.running import serial
from tests.chain import SET, Chain
from tests.mot_files import sample
from tests.tasks.quality.buckets import Record
from tests.tasks.quality.metrics import test_inconsistent_class_and_track as inconsistent
from tests.tasks.quality.metrics import test_missing_objects_broken_tracks as missing
from tests.tasks.quality.sequence_zoo import Scene

FRAMES = 25
"""Of each sequence that the loops look at; later ones do not change what is said of those before the last two."""
LOOPS: dict[str, Callable[[Scene], dict[int, float]]] = {
    "inconsistent_class_and_track": inconsistent.by_hand,
    "missing_objects_broken_tracks": missing.by_hand,
}


def scene_of(units: pl.DataFrame, rows: pl.DataFrame, key: str) -> tuple[Scene, list[int]]:
    """The stored units and objects as a scene, and the keys of the objects."""
    units = units.sort("sequence_hash", "frame").filter(pl.col("frame") < FRAMES)
    place = {unit: k for k, unit in enumerate(units["unit_key"])}
    rows = rows.filter(pl.col("unit_key").is_in(list(place)) & (pl.col("shape") != "point"))
    rows = rows.with_columns(place=pl.col("unit_key").replace_strict(place, return_dtype=pl.Int64)).sort("place", key)
    made = units.with_columns(
        across=pl.col("width").first().over("sequence_hash") / pl.col("width"),
        down=pl.col("height").first().over("sequence_hash") / pl.col("height"),
        even=pl.struct("width", "height").n_unique().over("sequence_hash") == 1,
    ).to_dicts()
    return Scene(made, [_object(row, made[row["place"]]) for row in rows.to_dicts()]), rows[key].to_list()


def _object(row: Record, unit: Record) -> Record:
    """In the pixels of the sequence's first image; its mask where all its images are of one size."""
    scale = (unit["across"], unit["down"]) * 2
    sides = tuple(side * by for side, by in zip(row["bbox_px"].values(), scale, strict=True))
    found = {"unit": row["place"], "shape": row["shape"], "bbox_px": sides}
    found |= {"track": row["track_id"], "category": row["category_key"]}
    if row["mask"] and unit["even"]:
        size = [row["mask"]["height"], row["mask"]["width"]]
        found["pixels"] = coco_mask.decode({"size": size, "counts": row["mask"]["counts"]}) > 0
    elif row["shape"] == "rotatable_bounding_box":
        found["corners"] = np.array([list(point.values()) for point in row["keypoints_px"]])
    return found


def check(chain: Chain) -> list[int]:
    """Compare both sides with the loops; how many values below 1 there were, by metric and side."""
    measure_quality(chain.project, [SET], serial, ground_truth=True)
    quality, units, found = chain.table("quality"), chain.table("data_units"), []
    for table, of in (("predictions", "prediction"), ("ground_truth", "annotation")):
        made, keys = scene_of(units, chain.table(table), f"{of}_key")
        stored = quality.filter(pl.col("of") == of)
        for metric, loop in LOOPS.items():
            value: dict[Any, Any] = dict(zip(stored[f"{of}_key"], stored[metric], strict=True))
            judged = [k for k, each in enumerate(made.objects) if made.units[each["unit"]]["frame"] < FRAMES - 2]
            want = loop(made)
            assert [value[keys[k]] for k in judged] == pytest.approx(
                [None if np.isnan(want[k]) else want[k] for k in judged], abs=1e-9
            )
            found.append(sum(want[k] < 1 for k in judged))
    return found


@pytest.mark.slow
def test_tracks_of_motchallenge(tmp_path: Path, shared: Path):
    """Two sequences of pedestrians, the tracker's and the annotated ones."""
    truth, tracks, _ = sample(shared, tmp_path)
    chain = Chain(tmp_path)
    chain.truth(truth)
    chain.predictions(tracks, evaluate=False)
    assert max(check(chain)) > 0


def test_videos_and_groups_of_encord(tmp_path: Path, shared: Path):
    """Label rows of images, groups and videos with all shapes."""
    folder, chain = shared / "samples/encord", Chain(tmp_path)
    chain.truth(folder / "labels.json", ontology=folder / "ontology.json")
    chain.predictions(folder / "predictions.json", evaluate=False)
    assert max(check(chain)) > 0
