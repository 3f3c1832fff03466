"""The flow label-errors: labels that look wrong in the light of one or several stored sets."""

from prefect import flow

from flows.failures import in_words_of_the_form
from flows.progress import showing
from flows.reports import say
from flows.running import as_tasks, aside, shard_runner
from flows.turns import LIMIT_S, on_project, sweep
from schemas.conclusions import LabelErrorParameters
from tasks.catalog import catalog
from tasks.label_errors.stage import Searched, find_label_errors
from tasks.storage import Store


@flow(
    name="label-errors",
    flow_run_name="label errors: {parameters.called}",
    task_runner=shard_runner(),
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def label_errors(parameters: LabelErrorParameters) -> None:
    """Find labels that are missing, spurious, doubled, of another class or elsewhere.

    Args:
        parameters: The sets that bear witness, their evaluations, and which candidates are kept.
    """
    with in_words_of_the_form():
        done = await aside(_find, parameters)
        known = catalog(Store(parameters.store).project(parameters.project))
        for item in done:
            rows = known.label_errors[item.name].partitions["label_error_candidates"].rows
            say("label errors by %s under %s: %s, %d candidates", ", ".join(item.sets), item.name, item.status, rows)


def _find(parameters: LabelErrorParameters) -> list[Searched]:
    project = Store(parameters.store).project(parameters.project)
    run = showing(as_tasks(), f"label errors: {parameters.called}")
    asked = (parameters.sets, parameters.protocols, parameters.settings)
    return find_label_errors(project, *asked, run, parameters.force)
