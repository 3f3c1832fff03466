"""The flow evaluate: from two files to every table."""

from prefect import flow

from flows.import_ground_truth import import_ground_truth
from flows.import_predictions import import_predictions
from schemas.parameters import EvaluateParameters, GroundTruthParameters, PredictionParameters


@flow(name="evaluate", flow_run_name="evaluate {parameters.name} on {parameters.project}")
async def evaluate(parameters: EvaluateParameters) -> None:
    """Import ground truth and predictions, match and measure.

    Args:
        parameters: The two files, their formats and names, protocols and store.
    """
    given = parameters.model_dump()
    await import_ground_truth(GroundTruthParameters(**{k: given[k] for k in GroundTruthParameters.model_fields}))
    await import_predictions(PredictionParameters(**{k: given[k] for k in PredictionParameters.model_fields}))
