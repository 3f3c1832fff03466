"""The stages with files between them publish what one pass publishes."""

from pathlib import Path
from typing import Any

import pytest

from schemas.parameters import GroundTruthParameters, PredictionParameters
from tasks import imports
from tasks.import_ground_truth import open_ground_truth
from tasks.import_predictions import open_predictions
from tasks.imports import Import, Imported, publish
from tasks.ingest import ingest_files
from tasks.intake import take_in
from tasks.running import serial
from tasks.staged import StagedImport, normalize_files, resolve_files
from tests.chain import PROJECT, SET, Chain, box
from tests.coco_zoo import coco_set

ANSWERS = ("classifications_ground_truth", "classifications_predictions")
SPOILT = [
    box(1, [1, 2, -3, 4], score=0.5),
    box(-5, [1, 2, 3, 4], score=0.5),
    box(1, [1, 2, 3, 4], category=-9, score=0.5),
    {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": {"size": [9, 9], "counts": "#"}},
]


def _stage_by_stage(job: Import | Imported, parameters: GroundTruthParameters | PredictionParameters) -> Imported:
    """What the flows do: ingest, normalize and resolve into folders, then take those."""
    assert isinstance(job, Import)
    staged = StagedImport(job, parameters)
    with job.transaction:
        ingest_files([staged.to_ingest()], serial)
        normalize_files([staged.to_normalize()], serial)
        resolve_files([staged.to_resolve()], serial)
        staged.take()
        return publish(job)


@pytest.mark.parametrize("kind", ["bbox", "segmentation", "keypoints"])
def test_stages_with_files_between_them_publish_the_same_bytes(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ground truth, predictions and rejects, over several buckets; only a run's own id differs."""
    monkeypatch.setattr(imports, "_BUCKET_BYTES", 1 << 12)
    ground_truth, results = coco_set(5, kind)
    ground_truth["annotations"] += [{**ground_truth["annotations"][0]}]
    whole, staged = Chain(tmp_path / "whole"), Chain(tmp_path / "staged")
    taken = [whole.truth(ground_truth), whole.predictions([*results, *SPOILT])]
    paths = [staged.write("ground_truth.json", ground_truth), staged.write("results.json", [*results, *SPOILT])]
    where = {"store": staged.store, "project": PROJECT}
    of_truth = GroundTruthParameters(**where, ground_truth=paths[0])  # type: ignore[arg-type]
    of_set = PredictionParameters(**where, name=SET, predictions=paths[1])  # type: ignore[arg-type]
    said = [_stage_by_stage(open_ground_truth(of_truth, serial), of_truth)]
    said.append(_stage_by_stage(open_predictions(of_set, serial), of_set))
    assert said == taken
    assert [one.rejected for one in taken] == [1, 4]
    tables = ("data_units", "categories", "ground_truth", "predictions")
    assert staged.bytes_of(*tables) == whole.bytes_of(*tables)
    order = ["source_file", "source_row"]
    rejects = [chain.table("rejects").drop("run_id").sort(order) for chain in (whole, staged)]
    assert rejects[0].equals(rejects[1])


def test_a_file_without_records_passes_through_the_stages(tmp_path: Path) -> None:
    """An empty results file is a set without predictions."""
    chain = Chain(tmp_path)
    chain.truth(coco_set(1).ground_truth)
    path = chain.write("results.json", [])
    parameters = PredictionParameters(store=chain.store, project=PROJECT, name=SET, predictions=path)
    taken = _stage_by_stage(open_predictions(parameters, serial), parameters)
    assert (taken.rows, taken.accepted, taken.rejected) == (0, 0, 0)
    assert len(chain.table("predictions")) == 0


ENCORD = Path(__file__).resolve().parents[2] / "data" / "sample" / "encord"
TABLES = ("data_units", "categories", "ground_truth", "predictions", *ANSWERS)


@pytest.mark.parametrize("predictions", ["predictions.json", "predictions.pkl"])
def test_answers_and_files_beside_pass_through_the_stages(tmp_path: Path, predictions: str) -> None:
    """An ontology, label rows and a pickle, with the answers they hold, give the bytes of one pass."""
    whole, staged = Chain(tmp_path / "whole"), Chain(tmp_path / "staged")
    beside: dict[str, Any] = {"ontology": ENCORD / "ontology.json"}
    taken = [whole.truth(ENCORD / "labels.json", **beside), whole.predictions(ENCORD / predictions)]
    where: dict[str, Any] = {"store": staged.store, "project": PROJECT}
    of_truth = GroundTruthParameters(**where, ground_truth=ENCORD / "labels.json", **beside)
    of_set = PredictionParameters(**where, name=SET, predictions=ENCORD / predictions)
    said = [_stage_by_stage(open_ground_truth(of_truth, serial), of_truth)]
    said.append(_stage_by_stage(open_predictions(of_set, serial), of_set))
    assert said == taken
    assert len(whole.bytes_of(*TABLES)) == len(TABLES)
    assert staged.bytes_of(*TABLES) == whole.bytes_of(*TABLES)


CAR = "Car 0.5 1 -1.5 10 20 30 50 1.5 1.6 3.9 1 2 30 0.1"
ROAD = [
    {"data_hash": "one", "data_title": "000000.png", "data_type": "image", "width": 100, "height": 80},
    {"data_hash": "clip", "data_title": "clip.mp4", "data_type": "video", "width": 100, "height": 80, "frames": 9},
]


def _labels(folder: Path, *more: str) -> Path:
    """A directory of label files, in which some rows, and a file, are damaged."""
    (folder / "sub").mkdir(parents=True)
    (folder / "000000.txt").write_text("\n".join([CAR, *more, "Car 1 2", CAR.replace("30", "x")]))
    (folder / "sub" / "clip.mp4__7.txt").write_text(f"{CAR} 2.5\n")
    (folder / "clip.mp4__70.txt").write_text(CAR)
    (folder / "unknown.txt").write_text(CAR)
    (folder / "broken.txt").write_bytes(b"\xff")
    return folder


@pytest.mark.parametrize("again", [False, True])
def test_a_directory_passes_through_the_stages(tmp_path: Path, again: bool) -> None:
    """Many files of one input, of which some come to nothing, give the bytes of one pass; so do files that know their
    units from the project.
    """
    chains = [Chain(tmp_path / name) for name in ("whole", "staged")]
    units = chains[0].write("units.json", ROAD)
    truth, found = _labels(tmp_path / "truth"), _labels(tmp_path / "found", CAR)
    said = []
    for chain, staged in zip(chains, (False, True), strict=True):
        where: dict[str, Any] = {"store": chain.store, "project": PROJECT}
        first = GroundTruthParameters(**where, ground_truth=truth, data_units=units)
        calls: list[GroundTruthParameters | PredictionParameters] = [first]
        if again:
            calls.append(GroundTruthParameters(**where, ground_truth=found))
        calls.append(PredictionParameters(**where, name=SET, predictions=found))
        for call in calls:
            opened = open_ground_truth if isinstance(call, GroundTruthParameters) else open_predictions
            job = opened(call, serial)  # type: ignore[arg-type]
            said.append(_stage_by_stage(job, call) if staged else _at_once(job))
    assert said[: len(said) // 2] == said[len(said) // 2 :]
    assert (said[-1].accepted, said[-1].rejected) == (3, 5)
    tables = ("data_units", "categories", "ground_truth", "predictions")
    assert chains[0].bytes_of(*tables) == chains[1].bytes_of(*tables)


def _at_once(job: Import | Imported) -> Imported:
    assert isinstance(job, Import)
    with job.transaction:
        take_in(job.intake, job.blocks, job.names, serial)
        return publish(job)
