"""The flow match: predictions and annotations of every bucket, under the rules of a plan."""

from pathlib import Path

from prefect import flow

from flows.progress import showing
from flows.running import as_tasks, aside, shard_runner
from schemas.parameters import PlanParameters
from schemas.records import Run
from tasks.plan import match_plan
from tasks.plan_files import finished_notes, get_plan, put_matched


@flow(name="match", flow_run_name="match {parameters.called}", task_runner=shard_runner())
async def match(parameters: PlanParameters) -> None:
    """Match every bucket of the plan.

    Args:
        parameters: The plan's folder.
    """
    await aside(_match, parameters.folder, showing(as_tasks(), parameters.called))


def _match(folder: Path, run: Run) -> None:
    put_matched(folder, match_plan(get_plan(folder), run, finished_notes(folder)))
