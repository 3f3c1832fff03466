"""What a person sees of a run in Prefect's UI: a few lines of log, and artifacts whose keys stay the same."""

import logging
from collections.abc import Mapping, Sequence

from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.logging import get_run_logger

from flows.meanwhile import meanwhile
from flows.report_texts import (
    Place,
    artifact_key,
    classes_line,
    evaluation_line,
    import_line,
    reject_rows,
    report_page,
)
from flows.running import aside
from tasks.catalog import Entry, catalog
from tasks.evaluation import Evaluated
from tasks.imports import Imported
from tasks.numbers import overall_numbers
from tasks.report import Before, Numbers, class_rows, curve_lines, metric_rows
from tasks.storage import Project

TRUTH_REJECTS = "ground-truth-rejects"
"""Kind of artifact of its own: a set may be called like anything."""
KINDS = ("metrics", "classes", "report")
"""Kinds of artifacts of an evaluation."""
STAGES = {"ingest", "normalize", "resolve", "match", "metrics"}
"""Names of the flows that others are made of."""


def say(line: str, *words: object) -> None:
    """A line of the run's log, which is to be a story of ten lines: what went well below is told by its state."""
    logging.getLogger("prefect.task_runs").setLevel(logging.WARNING)
    logging.getLogger("prefect.engine").setLevel(logging.WARNING)
    logging.getLogger("prefect.flow_runs").addFilter(_told)
    get_run_logger().info(line, *words)


def _told(record: logging.LogRecord) -> bool:
    """Whether a line is told: Prefect's own of stages that begin and end are not, unless something is wrong."""
    of_prefect = record.module == "flow_engine" and record.levelno <= logging.INFO
    return not (of_prefect and getattr(record, "flow_name", None) in STAGES)


async def report_import(taken: Imported, project: str, seconds: Mapping[str, float]) -> Imported:
    """Say what was taken, and keep what was rejected, by reason, as an artifact; hands its argument on."""
    of = f"{taken.what} of {project}"
    kind, *names = [TRUTH_REJECTS] if taken.what == "ground truth" else ["rejects", taken.what]
    key = artifact_key(kind, project, *names)
    say(import_line(taken, of, seconds))
    shown = f"{of}: {taken.rejected:,} of {taken.rows:,} records rejected. Each is a row of the table rejects."
    await meanwhile(acreate_table_artifact(reject_rows(taken), key=key, description=shown))
    return taken


async def report_evaluations(project: Project, done: Sequence[Evaluated], before: Before) -> None:
    """Say what was evaluated; keep its numbers beside those before, its classes and its curves as artifacts."""
    known = catalog(project)
    for item in done:
        entry = known.evaluations[item.prediction_set, item.name]
        await _report(project, item, entry, before.get((item.prediction_set, item.name)))
    if done:
        say("tables: %s", project.location)


async def _report(project: Project, item: Evaluated, entry: Entry, before: Numbers | None) -> None:
    numbers, classes = await aside(overall_numbers, entry), await aside(class_rows, entry)
    line, names = evaluation_line(item.name, item.status, numbers, before), (item.prediction_set, item.name)
    say(line)
    ranking = classes_line(item.name, classes)
    if ranking:
        say(ranking)
    title = f"{item.prediction_set} on {project.name} under {item.name}"
    places = {table: Place(partition.location, partition.rows) for table, partition in entry.partitions.items()}
    page = report_page(title, line, await aside(curve_lines, entry), project.location, places)
    shown, keys = metric_rows(numbers, before), {kind: artifact_key(kind, project.name, *names) for kind in KINDS}
    ranked = f"{title}: classes, best first"
    await meanwhile(acreate_table_artifact(shown, key=keys["metrics"], description=title))
    await meanwhile(acreate_markdown_artifact(page, key=keys["report"], description=title))
    if classes:
        await meanwhile(acreate_table_artifact(classes, key=keys["classes"], description=ranked))
