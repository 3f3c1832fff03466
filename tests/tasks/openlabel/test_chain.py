"""Scenes through the whole chain: mappings that change, classes that share, directories."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from schemas.errors import InputError
from tasks.catalog import catalog
from tests.chain import SET, Chain
from tests.tasks.openlabel.scenes import MANIFEST, SCENE, document, entry, frame

PAIRS = [{"annotated": "car", "predicted": "vehicle"}, {"annotated": "van", "predicted": "vehicle"}]


def box(x: float, score: float | None = None) -> dict[str, Any]:
    """A box of 2 x 2 about (x, 2)."""
    return {"bbox": [entry([x, 2, 2, 2], score=score)]}


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    """A store with a manifest beside it."""
    made = Chain(tmp_path)
    made.write("manifest.json", MANIFEST)
    return made


def truth(chain: Chain, classes: dict[str, Any], pairs: list[dict[str, str]] | None, **objects: Any) -> None:
    """Import annotations of one frame."""
    beside = {"data_units": chain.folder / "manifest.json"}
    if pairs is not None:
        beside["class_mapping"] = chain.write("mapping.json", {"classMapping": pairs})
    path = chain.write("truth/yard.gt.json", document(frame(0, **objects), classes=classes))
    chain.truth(path, format="openlabel", **beside)


def predicted(chain: Chain, classes: dict[str, Any], **objects: Any) -> Path:
    """A file of predictions of one frame."""
    scene = document(frame(0, **objects), classes=classes)
    return chain.write("found/yard.pred.json", {"sceneUuid": SCENE, "openlabelContent": scene})


def numbers(chain: Chain, metric: str) -> dict[str | None, float]:
    """A metric of coco-bbox by class; None: over all."""
    rows = chain.table("metrics").filter(pl.col("metric") == metric, pl.col("protocol") == "coco-bbox")
    return dict(zip(rows["category_name"].to_list(), rows["value"].to_list(), strict=True))


def test_one_annotated_class_may_be_several_predicted_ones(chain: Chain) -> None:
    """A vehicle is found by a truck as well as by a car, once, in the class car|truck that both make."""
    pairs = [{"annotated": "vehicle", "predicted": "car"}, {"annotated": "vehicle", "predicted": "truck"}]
    truth(chain, {"a": "vehicle", "b": "vehicle"}, pairs, a=box(2), b=box(6))
    found = predicted(chain, {"p": "car", "q": "truck", "r": "car"}, p=box(2, 0.9), q=box(6, 0.8), r=box(6, 0.7))
    chain.predictions(found)
    chain.evaluate("coco-bbox")
    scores = chain.table("unit_scores").filter(pl.col("tp") + pl.col("fp") + pl.col("fn") > 0)
    assert scores.select("tp", "fp", "fn").rows() == [(2, 1, 0)]
    assert numbers(chain, "AP50") == {None: 1.0, "car|truck": 1.0}
    classes = chain.table("predictions").join(chain.table("categories"), on="category_key")
    assert sorted(classes["name"].to_list()) == ["car", "car", "truck"]


def test_another_mapping_makes_numbers_stale(chain: Chain) -> None:
    """The mapping is part of the ground truth's version: with another one the numbers of before are not today's."""
    truth(chain, {"a": "van"}, PAIRS, a=box(2))
    chain.predictions(predicted(chain, {"p": "vehicle"}, p=box(2, 0.9)))
    chain.evaluate("coco-bbox")
    truth(chain, {"a": "van"}, [PAIRS[0], {"annotated": "van"}], a=box(2))
    known = catalog(chain.project)
    assert known.stale(known.evaluations[SET, "coco-bbox"]) == "the ground truth changed"
    chain.evaluate("coco-bbox")
    assert numbers(chain, "AP50")[None] is None


def test_predictions_may_repeat_the_mapping_but_not_change_it(chain: Chain) -> None:
    """The same pairs pass; others are an error before anything is written."""
    truth(chain, {"a": "van"}, PAIRS, a=box(2))
    found = predicted(chain, {"p": "vehicle"}, p=box(2, 0.9))
    chain.predictions(found, class_mapping=chain.write("again.json", {"classMapping": PAIRS[::-1]}))
    other = chain.write("other.json", {"classMapping": PAIRS[:1]})
    with pytest.raises(InputError, match="another class mapping"):
        chain.predictions(found, "other", class_mapping=other)
    assert set(catalog(chain.project).sets) == {SET}


def test_boxes_run_unasked_under_a_mapping(chain: Chain) -> None:
    """With a class mapping coco-bbox is among what runs unasked."""
    truth(chain, {"a": "van"}, PAIRS, a=box(2))
    chain.predictions(predicted(chain, {"p": "vehicle"}, p=box(2, 0.9)))
    assert "coco-bbox" in [done.name for done in chain.evaluate()]


def test_a_directory_is_read_file_by_file(chain: Chain) -> None:
    """Of a directory every file is a scene, or a reject without a row."""
    truth(chain, {"a": "van"}, PAIRS, a=box(2))
    found = predicted(chain, {"p": "vehicle"}, p=box(2, 0.9))
    (found.parent / "notes.txt").write_text("not a scene")
    imported = chain.predictions(found.parent, format="openlabel")
    assert (imported.rows, imported.accepted, imported.reasons) == (2, 1, {"broken_file": 1})


def test_the_same_files_again_change_nothing(chain: Chain) -> None:
    """Imported twice, ground truth and predictions are unchanged."""
    for status in ("completed", "unchanged"):
        beside = {"data_units": chain.folder / "manifest.json"}
        path = chain.write("yard.gt.json", document(frame(0, a=box(2))))
        assert chain.truth(path, **beside).status == status
        assert chain.predictions(predicted(chain, {"p": "car"}, p=box(2, 0.9))).status == status
