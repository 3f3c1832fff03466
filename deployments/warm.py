"""Compile every kernel once, so that no user waits for it: evaluate the sample into a store that is thrown away."""

import sys
import tempfile
from pathlib import Path

from deployments.command import boxscore
from deployments.sample import PROJECT, sample_parameters
from schemas.errors import BoxscoreError


def warm() -> None:
    """Evaluate each set of the sample, then once more with ties in canonical order."""
    with tempfile.TemporaryDirectory() as store:
        for each in sample_parameters(Path(store)):
            files = ("--ground-truth", str(each.ground_truth), "--predictions", str(each.predictions))
            boxscore("evaluate", *files, "--project", PROJECT, "--store", store, "--json", quiet=True)
        boxscore("reanalyze", "--project", PROJECT, "--tie-order", "canonical", "--store", store, "--json", quiet=True)


if __name__ == "__main__":
    try:
        warm()
    except BoxscoreError as error:
        sys.exit(f"error: {error}")
