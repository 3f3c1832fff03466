"""The flow reanalyze: stored sets are matched and measured again; no file is read anew."""

from typing import Annotated

from prefect import flow

from flows.chain import drive_evaluation
from flows.failures import in_words_of_the_form
from flows.forms import OF_STORED
from flows.reports import report_evaluations
from flows.running import aside
from flows.turns import LIMIT_S, on_project, sweep
from schemas.parameters import ReanalyzeParameters
from tasks.catalog import catalog
from tasks.evaluation import asked_again
from tasks.reanalysis import sets_meant
from tasks.report import numbers_before
from tasks.resolve_again import resolve_again
from tasks.running import local_run
from tasks.storage import Store


@flow(name="reanalyze", flow_run_name="reanalyze {parameters.called}", timeout_seconds=LIMIT_S, on_cancellation=[sweep])
@on_project
async def reanalyze(parameters: Annotated[ReanalyzeParameters, OF_STORED]) -> None:
    """Match and measure stored prediction sets under other rules, or against a corrected ground truth.

    Args:
        parameters: What is analysed again, and how.
    """
    with in_words_of_the_form():
        project = Store(parameters.store).project(parameters.project)
        names = sets_meant(catalog(project), parameters.sets, parameters.groups)
        before = await aside(numbers_before, parameters.store, parameters.project, names)
        for name in names:
            await aside(resolve_again, project, name, local_run())
            runs = asked_again(project, name, parameters.protocols, parameters.settings)
            done = [await drive_evaluation(project, name, *run, parameters.force) for run in runs]
            await report_evaluations(project, [item for items in done for item in items], before)
