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
from tasks.running import serial
from tasks.staged import normalize_files, resolve_files, take_files, to_ingest
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
    with job.transaction:
        folders = [job.transaction.scratch / name for name in ("records", "normalized", "resolved")]
        ingest_files(to_ingest(parameters, job.name_paths, folders[0]), serial)
        normalize_files(folders[0], folders[1], job.name_paths, serial)
        resolve_files(folders[1], folders[2], job.name_paths, serial)
        take_files(job.intake, folders)
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
    beside = {"ontology": ENCORD / "ontology.json"}
    taken = [whole.truth(ENCORD / "labels.json", **beside), whole.predictions(ENCORD / predictions)]
    where: dict[str, Any] = {"store": staged.store, "project": PROJECT}
    of_truth = GroundTruthParameters(**where, ground_truth=ENCORD / "labels.json", **beside)
    of_set = PredictionParameters(**where, name=SET, predictions=ENCORD / predictions)
    said = [_stage_by_stage(open_ground_truth(of_truth, serial), of_truth)]
    said.append(_stage_by_stage(open_predictions(of_set, serial), of_set))
    assert said == taken
    assert len(whole.bytes_of(*TABLES)) == len(TABLES)
    assert staged.bytes_of(*TABLES) == whole.bytes_of(*TABLES)
