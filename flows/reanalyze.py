"""The flow reanalyze: stored sets are matched and measured again; no file is read anew."""

from typing import Annotated

from prefect import flow

from flows.chain import drive_evaluation
from flows.forms import OF_STORED
from flows.reports import log_evaluations
from schemas.parameters import ReanalyzeParameters
from tasks.catalog import catalog
from tasks.evaluation import asked_again
from tasks.storage import Store


@flow(name="reanalyze", flow_run_name="reanalyze {parameters.called}")
async def reanalyze(parameters: Annotated[ReanalyzeParameters, OF_STORED]) -> None:
    """Match and measure stored prediction sets under other rules, or against a corrected ground truth.

    Args:
        parameters: What is analysed again, and how.
    """
    project = Store(parameters.store).project(parameters.project)
    asked = {
        name: asked_again(project, name, parameters.protocols, parameters.settings)
        for name in parameters.sets or sorted(catalog(project).sets)
    }
    for name, runs in asked.items():
        done = [await drive_evaluation(project, name, *run, parameters.force) for run in runs]
        await log_evaluations(project, [item for items in done for item in items])
