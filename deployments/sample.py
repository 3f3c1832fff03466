"""The sample project that is committed, as the demonstration and the warming-up use it."""

from pathlib import Path

from schemas.errors import InputError
from schemas.parameters import EvaluateParameters

PROJECT = "sample"
FOLDER = Path("data/sample")
"""In the folder of the repository, where `make` runs."""

SETS = ("boxes", "masks", "keypoints")
"""One prediction set for each kind of COCO results; a set is named as its file."""


def sample_parameters(store: Path) -> list[EvaluateParameters]:
    """An evaluation of each set into `store`; InputError where the sample is not."""
    truth = FOLDER / "ground_truth.json"
    if not truth.is_file():
        raise InputError("the sample is not here", where=str(truth), hint="run this in the folder of the repository")
    return [
        EvaluateParameters(
            store=store,
            project=PROJECT,
            ground_truth=truth,
            predictions=FOLDER / f"{name}.json",
            name=name,
            replace=True,
        )
        for name in SETS
    ]
