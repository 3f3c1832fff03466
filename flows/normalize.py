"""The flow normalize: records become relative geometry."""

from prefect import flow

from flows.progress import showing
from flows.running import as_tasks, aside, shard_runner
from schemas.stage_parameters import BlockParameters
from tasks.staged import normalize_files


@flow(name="normalize", flow_run_name="normalize {parameters.called}", task_runner=shard_runner())
async def normalize(parameters: BlockParameters) -> int:
    """Normalize the blocks that the stage before left.

    Args:
        parameters: Folders, and where units and categories lie.

    Returns:
        Rows taken on; the others are rejects.
    """
    run = showing(as_tasks(), parameters.called)
    return await aside(normalize_files, [parameters, *parameters.others], run)
