"""The flow quality: what stored predictions, annotations and images are like."""

from prefect import flow

from flows.failures import in_words_of_the_form
from flows.progress import showing
from flows.reports import say
from flows.running import as_tasks, aside, shard_runner
from flows.turns import LIMIT_S, on_project, sweep
from schemas.quality import QualityParameters
from tasks.catalog import catalog
from tasks.quality.measured import Measured
from tasks.quality.stage import measure_quality
from tasks.storage import Store


@flow(
    name="quality",
    flow_run_name="quality {parameters.called}",
    task_runner=shard_runner(),
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def quality(parameters: QualityParameters) -> None:
    """Measure the quality metrics of stored sets, of the ground truth and of the images.

    Args:
        parameters: What is measured.
    """
    with in_words_of_the_form():
        for item in await aside(_measure, parameters):
            whose = item.prediction_set or "the project"
            say("quality of %s of %s: %s, %d rows", item.subject, whose, item.status, sum(item.rows.values()))


def _measure(parameters: QualityParameters) -> list[Measured]:
    project = Store(parameters.store).project(parameters.project)
    run = showing(as_tasks(), f"quality {parameters.called}")
    names = parameters.sets or sorted(catalog(project).sets)
    return measure_quality(project, names, run, parameters.ground_truth, parameters.force, parameters.images)
