"""Drives the flows on a started server, as a worker would. A program of its own: Prefect reads its environment once.

`python -m tests.flows.drive STORE TRUTH RESULTS BROKEN` prints one JSON document of what was seen.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from deployments.server import await_health
from flows.evaluate import evaluate
from flows.reanalyze import reanalyze
from schemas.errors import InputError
from schemas.parameters import EvaluateParameters, ProtocolSettings, ReanalyzeParameters
from tasks.storage import Store


def parameters(store: Path, truth: Path, results: Path, name: str) -> EvaluateParameters:
    """An evaluation of a set of the project `p`."""
    return EvaluateParameters(store=store, project="p", ground_truth=truth, predictions=results, name=name)


async def seen() -> dict[str, Any]:
    """Names and states of all flow runs, and the tables of numbers."""
    async with get_client() as client:
        runs = await client.read_flow_runs()
        tables = await client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["metrics"])))
    return {
        "runs": sorted((run.name, run.state_name) for run in runs),
        "artifacts": [json.loads(table.data) for table in tables if isinstance(table.data, str)],
    }


async def drive(store: Path, truth: Path, results: Path, broken: Path) -> dict[str, Any]:
    """Evaluate, evaluate the same again, fail on a broken file, and analyse again under other rules."""
    await evaluate(parameters(store, truth, results, "a"))
    first = sorted(str(path) for path in store.rglob("*.parquet"))
    await evaluate(parameters(store, truth, results, "a"))
    again = sorted(str(path) for path in store.rglob("*.parquet"))
    error = ""
    try:
        await evaluate(parameters(store, truth, broken, "b"))
    except InputError as caught:
        error = str(caught)
    after = sorted(str(path) for path in store.rglob("*.parquet"))
    settings = ProtocolSettings(iou_thresholds=[0.3], stand_as="loose")
    await reanalyze(ReanalyzeParameters(store=store, project="p", protocols=["coco-bbox"], settings=settings))
    sound = Store(store).project("p").verify().sound
    return {"unchanged": first == again, "left": first != after, "error": error, "sound": sound, **await seen()}


if __name__ == "__main__":
    await_health()
    print(json.dumps(asyncio.run(drive(*map(Path, sys.argv[1:])))))
