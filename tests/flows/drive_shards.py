"""Drives one evaluation of many shards on a started server. A program of its own: Prefect reads its environment once.

`python -m tests.flows.drive_shards STORE TRUTH RESULTS` prints one JSON document: seconds by stage, nodes that worked.
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from prefect import flow

from deployments.server import await_health
from flows.evaluate import evaluate
from flows.running import RAY_ADDRESS, as_tasks, aside, shard_runner
from schemas.parameters import EvaluateParameters
from tasks import imports
from tasks.storage import Store

BUCKETS = 4


def node_of(shard: int) -> str:
    """The node that works on a shard of a second."""
    import ray

    time.sleep(1.0)
    return str(ray.get_runtime_context().get_node_id())


@flow(task_runner=shard_runner())
async def nodes_at_work() -> set[str]:
    """The nodes that work on four shards."""
    return await aside(lambda: set(as_tasks()(node_of, range(4))))


def drive(store: Path, truth: Path, results: Path) -> dict[str, Any]:
    """Evaluate in as many buckets as there would be of files that are much larger."""
    imports._BUCKET_BYTES = max(1, results.stat().st_size // BUCKETS)
    parameters = EvaluateParameters(
        store=store, project="p", ground_truth=truth, predictions=results, name="a", protocols=["coco-bbox"]
    )
    asyncio.run(evaluate(parameters))
    project = Store(store).project("p")
    stages = {row["command"]: json.loads(row["stage_seconds"]) for part in project.live("runs")
              for row in part.read().to_pylist()}  # fmt: skip
    nodes = len(asyncio.run(nodes_at_work())) if RAY_ADDRESS in os.environ else 0
    return {"stages": stages, "nodes": nodes, "buckets": len(project.live("matches")[0].buckets)}


if __name__ == "__main__":
    await_health()
    print(json.dumps(drive(*map(Path, sys.argv[1:]))))
