"""The flow resolve: the source's words become the project's keys."""

from prefect import flow

from flows.progress import showing
from flows.running import as_tasks, aside, shard_runner
from schemas.stage_parameters import BlockParameters
from tasks.staged import resolve_files


@flow(name="resolve", flow_run_name="resolve {parameters.called}", task_runner=shard_runner())
async def resolve(parameters: BlockParameters) -> int:
    """Resolve the blocks that the stage before left.

    Args:
        parameters: Folders, and where units and categories lie.

    Returns:
        Rows taken on; the others are rejects.
    """
    run = showing(as_tasks(), parameters.called)
    return await aside(resolve_files, [parameters, *parameters.others], run)
