"""The flow import-predictions: a file becomes a prediction set, matched and measured."""

from typing import Annotated

from prefect import flow

from flows.chain import IMPORT_STEPS, PROTOCOL_STEPS, take_predictions
from flows.failures import in_words_of_the_form
from flows.forms import OF_PREDICTIONS
from flows.progress import steps
from flows.report_texts import artifact_key
from flows.reports import say
from flows.turns import LIMIT_S, on_project, sweep
from schemas.parameters import PredictionParameters
from tasks.imports import Imported


@flow(
    name="import-predictions",
    flow_run_name="import {parameters.called}",
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def import_predictions(parameters: Annotated[PredictionParameters, OF_PREDICTIONS]) -> Imported:
    """Import a prediction set and, unless told not to, match and measure it.

    Args:
        parameters: What is imported and evaluated, and how.

    Returns:
        What was taken and what was rejected.
    """
    key = artifact_key("progress", parameters.project, parameters.name)
    ahead = IMPORT_STEPS + (PROTOCOL_STEPS * max(1, len(parameters.protocols)) if parameters.evaluate else 0)
    say("%s: %s", parameters.called, parameters.predictions)
    with in_words_of_the_form():
        async with steps(key, f"import {parameters.called}", ahead):
            return await take_predictions(parameters)
