"""The flow import-ground-truth: a file of annotations becomes a project's ground truth."""

from typing import Annotated

from prefect import flow

from flows.chain import drive_import
from flows.forms import OF_GROUND_TRUTH
from flows.reports import log_import
from flows.running import aside
from schemas.parameters import GroundTruthParameters
from tasks.import_ground_truth import open_ground_truth
from tasks.imports import Imported
from tasks.running import local_run


@flow(name="import-ground-truth", flow_run_name="ground truth of {parameters.project}")
async def import_ground_truth(parameters: Annotated[GroundTruthParameters, OF_GROUND_TRUTH]) -> Imported:
    """Import units, categories and annotations; other bytes than before become the live version.

    Args:
        parameters: What is imported, and where to.

    Returns:
        What was taken and what was rejected.
    """
    job = await aside(open_ground_truth, parameters, local_run())
    return log_import(await drive_import(job, parameters))
