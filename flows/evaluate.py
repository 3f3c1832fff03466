"""The flow evaluate: from two files to every table."""

from prefect import flow

from flows.import_ground_truth import import_ground_truth
from flows.import_predictions import import_predictions
from flows.running import aside
from schemas.parameters import EvaluateParameters
from tasks.import_predictions import check_call


@flow(name="evaluate", flow_run_name="evaluate {parameters.name} on {parameters.project}")
async def evaluate(parameters: EvaluateParameters) -> None:
    """Import ground truth and predictions, match and measure.

    Args:
        parameters: The two files, their formats and names, protocols and store.
    """
    await aside(check_call, parameters)
    await import_ground_truth(parameters.of_ground_truth())
    await import_predictions(parameters.of_predictions())
