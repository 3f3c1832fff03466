"""The flow import-ground-truth: a file of annotations becomes a project's ground truth."""

from typing import Annotated

from prefect import flow

from flows.chain import IMPORT_STEPS, take_ground_truth
from flows.failures import in_words_of_the_form
from flows.forms import OF_GROUND_TRUTH
from flows.progress import steps
from flows.report_texts import artifact_key
from flows.reports import say
from flows.turns import LIMIT_S, on_project, sweep
from schemas.parameters import GroundTruthParameters
from tasks.imports import Imported


@flow(
    name="import-ground-truth",
    flow_run_name="import ground truth of {parameters.project}",
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def import_ground_truth(parameters: Annotated[GroundTruthParameters, OF_GROUND_TRUTH]) -> Imported:
    """Import units, categories and annotations; other bytes than before become the live version.

    Args:
        parameters: What is imported, and where to.

    Returns:
        What was taken and what was rejected.
    """
    key = artifact_key("progress", parameters.project)
    say("ground truth of %s: %s", parameters.project, parameters.ground_truth)
    with in_words_of_the_form():
        async with steps(key, f"import ground truth of {parameters.project}", IMPORT_STEPS):
            return await take_ground_truth(parameters)
