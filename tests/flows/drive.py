"""Drives the flows on a started server, as a worker would. A program of its own: Prefect reads its environment once.

`python -m tests.flows.drive STORE TRUTH RESULTS BROKEN` prints one JSON document of what was seen.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import cloudpickle
from prefect import Task
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.sorting import ArtifactSort, LogSort

from deployments.server import await_health
from flows import progress
from flows.evaluate import evaluate
from flows.find_failures import failures
from flows.find_label_errors import label_errors
from flows.quality import quality
from flows.reanalyze import reanalyze
from schemas.conclusions import FailureParameters, LabelErrorParameters
from schemas.errors import InputError
from schemas.parameters import EvaluateParameters, ProtocolSettings, ReanalyzeParameters
from schemas.quality import QualityParameters
from tasks.storage import Store

CONCLUSIONS = ("failures of a on p", "label errors: all sets on p")
"""Names of the runs that conclude."""
SUBMITTED: dict[str, int] = {}
"""Largest arguments of a task, pickled, bytes, by its name."""


def watch_tasks() -> None:
    """Measure what is handed to tasks from now on."""
    submit = Task.submit

    def measured(self: Any, *arguments: Any, **named: Any) -> Any:
        size = len(cloudpickle.dumps((arguments, named)))
        SUBMITTED[self.name] = max(size, SUBMITTED.get(self.name, 0))
        return submit(self, *arguments, **named)

    Task.submit = measured  # type: ignore[method-assign,assignment]


def parameters(store: Path, truth: Path, results: Path, name: str) -> EvaluateParameters:
    """An evaluation of a set of the project `p`."""
    return EvaluateParameters(store=store, project="p", ground_truth=truth, predictions=results, name=name)


async def log_of(client: PrefectClient, run: Any) -> list[str]:
    """The lines of a run's log, in order, once its last one is there: they arrive in batches."""
    chosen = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
    for _ in range(100):
        lines = [line.message for line in await client.read_logs(chosen, sort=LogSort.TIMESTAMP_ASC)]
        if lines and lines[-1].startswith("Finished"):
            return lines
        await asyncio.sleep(0.1)
    raise TimeoutError(run.name)


async def seen() -> dict[str, Any]:
    """Names, states and parameters of all flow runs, their artifacts, and the log of the first evaluation."""
    async with get_client() as client:
        runs = await client.read_flow_runs()
        artifacts = await client.read_artifacts(sort=ArtifactSort.CREATED_DESC)
        first = min((run for run in runs if run.name == "evaluate a on p"), key=lambda run: run.created)
        log = await log_of(client, first)
        concluded = [await log_of(client, run) for run in runs if run.name in CONCLUSIONS]
    names = {run.id: run.name for run in runs}
    shown = [
        {"key": each.key, "of": names[each.flow_run_id], "type": each.type, "data": each.data} for each in artifacts
    ]
    return {
        "runs": sorted((run.name, run.state_name) for run in runs),
        "parameters": max(len(json.dumps(run.parameters)) for run in runs),
        "artifacts": [
            {**each, "of_first": of.flow_run_id == first.id} for each, of in zip(shown, artifacts, strict=True)
        ],
        "log": log,
        "concluded": sorted(line for lines in concluded for line in lines),
        "submitted": SUBMITTED,
    }


async def conclude(store: Path) -> None:
    """Where the set fails, and which labels look wrong; both twice, the second time nothing is left to do."""
    for _ in range(2):
        await failures(FailureParameters(store=store, project="p", name="a", protocols=["coco-segm"]))
        await label_errors(LabelErrorParameters(store=store, project="p", protocols=["coco-segm"]))


async def drive(store: Path, truth: Path, results: Path, broken: Path) -> dict[str, Any]:
    """Evaluate, evaluate the same again, fail on a broken file, and analyse again under other rules."""
    watch_tasks()
    await evaluate(parameters(store, truth, results, "a"))
    first = sorted(str(path) for path in store.rglob("*.parquet"))
    progress.PAUSE_S = 0.0  # every stage is a long one from here on
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
    await quality(QualityParameters(store=store, project="p"))
    await conclude(store)
    sound = Store(store).project("p").verify().sound
    return {"unchanged": first == again, "left": first != after, "error": error, "sound": sound, **await seen()}


if __name__ == "__main__":
    await_health()
    print(json.dumps(asyncio.run(drive(*map(Path, sys.argv[1:]))), default=str))
