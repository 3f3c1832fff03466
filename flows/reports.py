"""What a person sees of a run in Prefect's UI: a few lines of log, and the numbers as a table."""

from collections.abc import Sequence

from prefect.artifacts import acreate_table_artifact
from prefect.logging import get_run_logger

from tasks.catalog import catalog
from tasks.evaluation import Evaluated
from tasks.imports import Imported
from tasks.numbers import overall_numbers
from tasks.storage import Project


def log_import(taken: Imported) -> Imported:
    """Say what was taken and what was not; hands its argument on."""
    reasons = ", ".join(f"{code} {count}" for code, count in sorted(taken.reasons.items()))
    refused = f"{taken.rejected:,} rejected ({reasons})" if taken.rejected else "none rejected"
    get_run_logger().info("%s %s: %s records taken, %s", taken.what, taken.status, f"{taken.accepted:,}", refused)
    return taken


async def log_evaluations(project: Project, done: Sequence[Evaluated]) -> None:
    """Say what was evaluated and keep its numbers, rounded, as an artifact."""
    known = catalog(project)
    rows = []
    for item in done:
        numbers = overall_numbers(known.evaluations[item.prediction_set, item.name])
        first, value = next(iter(numbers.items()))
        get_run_logger().info("%s under %s (%s): %s %s", item.prediction_set, item.name, item.status, first, value)
        for metric, number in numbers.items():
            shown = None if number is None else round(number, 4)
            rows.append({"set": item.prediction_set, "protocol": item.name, "metric": metric, "value": shown})
    if rows:
        await acreate_table_artifact(rows, key="metrics", description=f"Tables: {project.folder}")
