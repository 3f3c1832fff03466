"""The flow evaluate: from two files to every table."""

from typing import Annotated

from prefect import flow

from flows.forms import OF_BOTH
from flows.import_ground_truth import import_ground_truth
from flows.import_predictions import import_predictions
from flows.running import aside
from schemas.parameters import EvaluateParameters
from tasks.import_predictions import check_call


@flow(name="evaluate", flow_run_name="evaluate {parameters.called}")
async def evaluate(parameters: Annotated[EvaluateParameters, OF_BOTH]) -> None:
    """Import ground truth and predictions, match and measure.

    Args:
        parameters: What is evaluated, and how.
    """
    await aside(check_call, parameters)
    await import_ground_truth(parameters.of_ground_truth())
    await import_predictions(parameters.of_predictions())
