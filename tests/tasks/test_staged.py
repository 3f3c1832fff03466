"""The stages with files between them publish what one pass publishes."""

from pathlib import Path

import pytest

from schemas.parameters import GroundTruthParameters, IngestParameters, PredictionParameters
from tasks import imports
from tasks.import_ground_truth import open_ground_truth
from tasks.import_predictions import open_predictions
from tasks.imports import Import, Imported, publish
from tasks.ingest import ingest_files
from tasks.running import serial
from tasks.staged import normalize_files, resolve_files, take_files
from tests.chain import PROJECT, SET, Chain, box
from tests.coco_zoo import coco_set

SPOILT = [
    box(1, [1, 2, -3, 4], score=0.5),
    box(-5, [1, 2, 3, 4], score=0.5),
    box(1, [1, 2, 3, 4], category=-9, score=0.5),
    {"image_id": 1, "category_id": 1, "score": 0.5, "segmentation": {"size": [9, 9], "counts": "#"}},
]


def _stage_by_stage(job: Import | Imported, source: Path) -> Imported:
    """What the flows do: ingest, normalize and resolve into folders, then take those."""
    assert isinstance(job, Import)
    with job.transaction:
        folders = [job.transaction.scratch / name for name in ("records", "normalized", "resolved")]
        ingest_files(
            IngestParameters(source=source, ground_truth=not job.name_paths.predictions, folder=folders[0]), serial
        )
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
    truth_job = open_ground_truth(GroundTruthParameters(**where, ground_truth=paths[0]), serial)  # type: ignore[arg-type]
    said = [_stage_by_stage(truth_job, paths[0])]
    set_job = open_predictions(PredictionParameters(**where, name=SET, predictions=paths[1]), serial)  # type: ignore[arg-type]
    said.append(_stage_by_stage(set_job, paths[1]))
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
    job = open_predictions(PredictionParameters(store=chain.store, project=PROJECT, name=SET, predictions=path), serial)
    taken = _stage_by_stage(job, path)
    assert (taken.rows, taken.accepted, taken.rejected) == (0, 0, 0)
    assert len(chain.table("predictions")) == 0
