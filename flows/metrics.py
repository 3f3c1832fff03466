"""The flow metrics: numbers, curves and scores from the matches of all buckets."""

from pathlib import Path

from prefect import flow

from flows.progress import showing
from flows.running import as_tasks, aside, shard_runner
from schemas.records import Run
from schemas.stage_parameters import PlanParameters
from tasks.plan import measure_plan
from tasks.plan_files import get_matched, get_plan, put_measured


@flow(name="metrics", flow_run_name="metrics {parameters.called}", task_runner=shard_runner())
async def metrics(parameters: PlanParameters) -> None:
    """Measure what was matched.

    Args:
        parameters: The plan's folder.
    """
    await aside(_measure, parameters.folder, showing(as_tasks(), parameters.called))


def _measure(folder: Path, run: Run) -> None:
    put_measured(folder, measure_plan(get_plan(folder), get_matched(folder), run))
