"""The flow import-predictions: a file becomes a prediction set, matched and measured."""

from typing import Annotated

from prefect import flow

from flows.chain import drive_evaluation, drive_import
from flows.forms import OF_PREDICTIONS
from flows.reports import log_evaluations, log_import
from flows.running import aside
from schemas.parameters import PredictionParameters
from tasks.import_predictions import open_predictions
from tasks.imports import Imported
from tasks.running import local_run
from tasks.storage import Store


@flow(name="import-predictions", flow_run_name="import {parameters.called}")
async def import_predictions(parameters: Annotated[PredictionParameters, OF_PREDICTIONS]) -> Imported:
    """Import a prediction set and, unless told not to, match and measure it.

    Args:
        parameters: What is imported and evaluated, and how.

    Returns:
        What was taken and what was rejected.
    """
    job = await aside(open_predictions, parameters, local_run())
    taken = log_import(await drive_import(job, parameters))
    if parameters.evaluate:
        project = Store(parameters.store).project(parameters.project)
        done = await drive_evaluation(project, parameters.name, parameters.protocols, parameters.settings)
        await log_evaluations(project, done)
    return taken
