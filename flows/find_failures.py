"""The flow failures: where a stored set fails, by quality."""

from prefect import flow

from flows.failures import in_words_of_the_form
from flows.progress import showing
from flows.reports import say
from flows.running import as_tasks, aside, shard_runner
from flows.turns import LIMIT_S, on_project, sweep
from schemas.conclusions import FailureParameters
from tasks.catalog import catalog
from tasks.failure_analysis.stage import Analysed, find_failures
from tasks.storage import Store


@flow(
    name="failures",
    flow_run_name="failures of {parameters.called}",
    task_runner=shard_runner(),
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def failures(parameters: FailureParameters) -> None:
    """Find the parts of the data in which a set fails, and what failure depends on.

    Args:
        parameters: The set, its evaluations, and how failures are looked for.
    """
    with in_words_of_the_form():
        done = await aside(_find, parameters)
        known = catalog(Store(parameters.store).project(parameters.project))
        for item in done:
            rows = known.failures[item.prediction_set, item.name].partitions["failure_slices"].rows
            say("failures of %s under %s: %s, %d slices", item.prediction_set, item.name, item.status, rows)


def _find(parameters: FailureParameters) -> list[Analysed]:
    project = Store(parameters.store).project(parameters.project)
    run = showing(as_tasks(), f"failures of {parameters.called}")
    asked = (parameters.name, parameters.protocols, parameters.settings)
    return find_failures(project, *asked, run, parameters.force, keep=False)
