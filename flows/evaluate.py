"""The flow evaluate: from two files to every table."""

from typing import Annotated

from prefect import flow

from flows.chain import IMPORT_STEPS, PROTOCOL_STEPS, take_both
from flows.failures import in_words_of_the_form
from flows.forms import OF_BOTH
from flows.progress import steps
from flows.report_texts import artifact_key
from flows.reports import say
from flows.turns import LIMIT_S, on_project, sweep
from schemas.parameters import EvaluateParameters


@flow(name="evaluate", flow_run_name="evaluate {parameters.called}", timeout_seconds=LIMIT_S, on_cancellation=[sweep])
@on_project
async def evaluate(parameters: Annotated[EvaluateParameters, OF_BOTH]) -> None:
    """Import ground truth and predictions, match and measure.

    Args:
        parameters: What is evaluated, and how.
    """
    key = artifact_key("progress", parameters.project, parameters.name)
    ahead = 2 * IMPORT_STEPS + PROTOCOL_STEPS * max(1, len(parameters.protocols))
    with in_words_of_the_form():
        say("%s: predictions %s, ground truth %s", parameters.called, parameters.predictions, parameters.ground_truth)
        async with steps(key, f"evaluate {parameters.called}", ahead):
            await take_both(parameters)
