"""The whole chain on an object store gives the rows of the chain on disk, part for part."""

import json
from pathlib import Path

import pytest

from schemas.parameters import EvaluateParameters, ProtocolSettings
from tasks.evaluation import asked_again, evaluate_set
from tasks.import_ground_truth import import_ground_truth
from tasks.import_predictions import import_predictions
from tasks.running import threaded
from tasks.storage import Project, Store
from tests.s3 import SECRET

SAMPLE = Path(__file__).resolve().parents[4] / "data/sample"
LABELLED = {"rejects", "runs"}
"""Tables whose rows carry the run's id and times."""


def evaluated(store: Store) -> Project:
    """The boxes of the sample, evaluated, and evaluated again under other rules."""
    parameters = EvaluateParameters(
        store=store.root,
        project="p",
        ground_truth=SAMPLE / "ground_truth.json",
        predictions=SAMPLE / "boxes.json",
        name="a",
    )
    run = threaded(2)
    import_ground_truth(parameters.of_ground_truth(), run)
    import_predictions(parameters.of_predictions(), run)
    project = store.project("p")
    settings = ProtocolSettings(max_detections=[10], stand_as="ten")
    evaluate_set(project, "a", [], ProtocolSettings(), run)
    for asked in asked_again(project, "a", ["coco-bbox"], settings):
        evaluate_set(project, "a", *asked, run)
    return project


def digests(project: Project) -> dict[str, list[str]]:
    """sha256 of the parts of each partition."""
    live = [partition for partition in project.live() if partition.place.table not in LABELLED]
    return {partition.place.path: [file.sha256 for file in partition.files] for partition in live}


def test_the_chain_gives_the_parts_of_a_store_on_disk(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every part has the bytes it has on disk, also where no copies are left here; no record names a credential."""
    project, on_disk = evaluated(store), evaluated(Store(tmp_path / "store"))
    assert digests(project) == digests(on_disk)
    monkeypatch.setenv("BOXSCORE_CACHE", str(tmp_path / "elsewhere"))
    for place in ("metrics", "matches", "predictions", "runs"):
        rows, same = (next(iter(each.live(place))).read() for each in (store.project("p"), on_disk))
        assert rows.num_rows == same.num_rows
        assert place == "runs" or rows.equals(same)
    said = json.dumps([str(commit) for commit in project.state().commits.values()])
    runs = [partition.read().to_pylist() for partition in project.live("runs")]
    assert SECRET not in said + str(runs)
    assert project.verify().sound
