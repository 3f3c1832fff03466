"""Slices of pixels, segments, tracks, answers, KITTI's objects and points of skeletons: as of that part alone."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import InputError
from schemas.parameters import MaskKind, Reading
from tests import kitti_scenes, mot_files
from tests.chain import Chain
from tests.coco_zoo import coco_set
from tests.tasks.engines.test_answers import ONTOLOGY, many
from tests.tasks.pixels import label_files, panoptic_files
from tests.tasks.pixels.label_scenes import made_up as made_up_labels
from tests.tasks.pixels.panoptic_oracle import Scene
from tests.tasks.pixels.panoptic_oracle import made_up as made_up_segments
from tests.track_scenes import made_up as made_up_tracks

SEMANTIC = Reading(masks=MaskKind.SEMANTIC)
LABELS = ["prediction_set", "rules", "category", "slice"]


def numbers(chain: Chain, part: str | None) -> list[tuple[Any, ...]]:
    """Rows of `metrics` of a slice, or of the whole."""
    return chain.table("metrics").filter(pl.col("slice").eq_missing(part)).drop(LABELS).rows()


def evaluate_tagged(chain: Chain, protocol: str, tag: Callable[[str], bool]) -> None:
    """Slice by a tag of titles; a video's frames have one title."""
    units = chain.table("data_units").select("data_hash", "title").unique(maintain_order=True)
    path = chain.folder / "tags.parquet"
    kept = pl.Series("kept", [tag(title) for title in units["title"].to_list()])
    units.select("data_hash").with_columns(kept).write_parquet(path)
    chain.evaluate(protocol, slice_by=["kept"], tags=path)


def of_masks(folder: Path, images: Any) -> Chain:
    """Semantic masks."""
    truth, found = label_files.write_images(folder / "files", images)
    chain = Chain(folder)
    chain.truth(truth, reading=SEMANTIC)
    chain.predictions(found, reading=SEMANTIC)
    return chain


def of_segments(folder: Path, scene: Scene) -> Chain:
    """Panoptic images."""
    truth, found = panoptic_files.write_scene(folder / "files", scene)
    chain = Chain(folder)
    chain.truth(truth)
    chain.predictions(found)
    return chain


def of_sequences(folder: Path, sequences: Any) -> Chain:
    """Tracks."""
    truth, found = mot_files.write_scene(folder / "files", sequences)
    chain = Chain(folder)
    chain.truth(truth)
    chain.predictions(found)
    return chain


def of_kitti(folder: Path, images: Any) -> Chain:
    """KITTI's files."""
    truth, found, units = kitti_scenes.write_images(images, folder / "files")
    chain = Chain(folder)
    chain.truth(truth, data_units=units)
    chain.predictions(found)
    return chain


def of_answers(folder: Path, which: Iterable[int]) -> Chain:
    """Answers about images."""
    chain, sides = Chain(folder), [[many(side)[k] for k in which] for side in (False, True)]
    chain.truth(chain.write("labels.json", sides[0]), ontology=chain.write("ontology.json", ONTOLOGY))
    chain.predictions(chain.write("found.json", sides[1]))
    return chain


def test_pixels(tmp_path: Path) -> None:
    """Masks of some images."""
    images = made_up_labels(1, 8)
    whole = of_masks(tmp_path / "whole", images)
    evaluate_tagged(whole, "semantic", lambda title: int(title[1:]) > 3)
    alone = of_masks(tmp_path / "alone", images[3:])
    alone.evaluate("semantic")
    assert numbers(whole, "kept=true") == numbers(alone, None)


def test_segments(tmp_path: Path) -> None:
    """Of some images."""
    scene = made_up_segments(1, 9)
    whole = of_segments(tmp_path / "whole", scene)
    evaluate_tagged(whole, "panoptic", lambda title: int(title.partition(".")[0]) % 2 == 0)
    even = {k: picture for k, picture in scene.images.items() if k % 2 == 0}
    alone = of_segments(tmp_path / "alone", Scene(even))
    alone.evaluate("panoptic")
    assert numbers(whole, "kept=true") == numbers(alone, None)


def test_segments_of_a_size(tmp_path: Path) -> None:
    """What matched others is ignored; TP and FN add up."""
    chain = of_segments(tmp_path, made_up_segments(1, 9))
    chain.evaluate("panoptic", slice_by=["area:30"])
    counts = {
        (row["slice"], row["metric"], row["category"]): row["value"]
        for row in chain.rows("metrics")
        if row["metric"] in {"TP", "FP", "FN", "ignored"}
    }
    classes = {category for _, _, category in counts}
    parts = ("area<30", "area>=30")
    for category in classes:
        whole = {name: counts[None, name, category] for name in ("TP", "FP", "FN", "ignored")}
        for name in ("TP", "FN"):
            assert sum(counts[part, name, category] for part in parts) == whole[name]
        for part in parts:
            assert counts[part, "FP", category] == whole["FP"]
            ours = counts[part, "TP", category] + counts[part, "ignored", category]
            assert ours == whole["TP"] + whole["ignored"]
    assert sum(counts[parts[0], "TP", category] for category in classes) > 0


def test_tracks(tmp_path: Path) -> None:
    """Of some sequences; frames of a sequence are not torn apart."""
    sequences = made_up_tracks(3, names=("a", "b", "c", "d"))
    whole = of_sequences(tmp_path / "whole", sequences)
    evaluate_tagged(whole, "tracks", lambda title: title[0] in "bd")
    alone = of_sequences(tmp_path / "alone", {name: sequences[name] for name in "bd"})
    alone.evaluate("tracks")
    assert numbers(whole, "kept=true") == numbers(alone, None)
    with pytest.raises(InputError, match=r"whole sequences, and frame=0 holds some frames of [abcd]"):
        whole.evaluate("tracks", slice_by=["frame"])
    with pytest.raises(InputError, match="no numbers by columns of the ground truth, such as 'track_id'"):
        whole.evaluate("tracks", slice_by=["track_id"])


def test_kitti(tmp_path: Path) -> None:
    """Of some images: the cut-offs are those of their scores alone."""
    images = kitti_scenes.random_images(2, 30)
    whole = of_kitti(tmp_path / "whole", images)
    evaluate_tagged(whole, "kitti", lambda title: int(title.partition(".")[0]) >= 12)
    alone = of_kitti(tmp_path / "alone", images[12:])
    alone.evaluate("kitti")
    named = [{row[:-2] for row in numbers(*each)} for each in ((whole, "kept=true"), (alone, None))]
    assert named[0] == named[1]


def test_kitti_by_what_its_labels_say(tmp_path: Path) -> None:
    """What is hidden otherwise is as if too hard: no more annotations count than fit, and all fit the whole."""
    chain = of_kitti(tmp_path, kitti_scenes.random_images(4, 30))
    chain.evaluate("kitti", slice_by=["occluded?", "area:-1"])
    assert numbers(chain, "area>=-1") == numbers(chain, None)
    rows = chain.table("metrics").filter(pl.col("metric") == "AP_R40", pl.col("area_range") == "easy")
    at = rows.filter(pl.col("threshold") == 0.5, pl.col("category_name") == "Car")
    found = dict(at.select("slice", "value").iter_rows())
    assert found["occluded=0"] == found[None] is not None
    assert found["occluded=2"] is None


def test_answers(tmp_path: Path) -> None:
    """About some images."""
    whole = of_answers(tmp_path / "whole", range(60))
    evaluate_tagged(whole, "answers", lambda title: int(title.partition(".")[0]) < 25)
    alone = of_answers(tmp_path / "alone", range(25))
    alone.evaluate("answers")
    assert numbers(whole, "kept=true") == numbers(alone, None)


def test_points_of_skeletons(tmp_path: Path) -> None:
    """A slice's points are named by both."""
    content = coco_set(5, "keypoints")
    chain = Chain(tmp_path).chain(*content, "coco-keypoints", slice_by=["kind", "area:2000"])
    whole, all_of_it = (
        chain.table("metrics").filter(pl.col("slice").str.contains(f"^{prefix}point=k3$")).drop(LABELS)
        for prefix in ("", "kind=image & ")
    )
    assert len(whole) > 0
    assert all_of_it.equals(whole)
    part = chain.table("metrics").filter(pl.col("slice").is_in(["area<2000 & point=k3", "area>=2000 & point=k3"]))
    both = part.filter(pl.col("metric") == "point_error_px")["n_ground_truth"].sum()
    assert both == whole.filter(pl.col("metric") == "point_error_px")["n_ground_truth"].sum() > 0
