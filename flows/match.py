"""The flow match: predictions and annotations of every bucket, under the rules of a plan."""

from collections.abc import Sequence
from pathlib import Path

from prefect import flow

from flows.progress import showing
from flows.running import as_tasks, aside, shard_runner
from schemas.records import Run
from schemas.stage_parameters import MatchParameters
from tasks.plan import match_plans
from tasks.plan_files import finished_notes, get_plan, put_matched


@flow(name="match", flow_run_name="match {parameters.called}", task_runner=shard_runner())
async def match(parameters: MatchParameters) -> None:
    """Match every bucket of the plan, and of others of the same set.

    Args:
        parameters: The plan's folder, and those of others.
    """
    await aside(_match, [parameters.folder, *parameters.others], showing(as_tasks(), parameters.called))


def _match(folders: Sequence[Path], run: Run) -> None:
    every = match_plans([get_plan(folder) for folder in folders], run, [*map(finished_notes, folders)])
    for folder, matched in zip(folders, every, strict=True):
        put_matched(folder, matched)
