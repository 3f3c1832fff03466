"""The flow normalize: records become relative geometry."""

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner

from flows.running import aside, as_tasks
from schemas.parameters import BlockParameters
from tasks.staged import name_paths, normalize_files


@flow(name="normalize", task_runner=ThreadPoolTaskRunner())
async def normalize(parameters: BlockParameters) -> int:
    """Normalize the blocks that the stage before left.

    Args:
        parameters: Folders, and where units and categories lie.

    Returns:
        Rows taken on; the others are rejects.
    """
    return await aside(normalize_files, parameters.before, parameters.folder, name_paths(parameters), as_tasks())
