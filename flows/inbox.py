"""The flow evaluate-inbox: every new file of a folder becomes a prediction set, matched and measured."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.logging import get_run_logger

from flows.forms import OF_PREDICTIONS
from flows.import_predictions import import_predictions
from flows.running import aside
from flows.turns import LIMIT_S, on_project, sweep
from schemas.errors import BoxscoreError, InputError
from schemas.parameters import InboxParameters
from tasks.catalog import catalog
from tasks.inbox import Item, Verdict, look_into
from tasks.running import local_run
from tasks.storage import Store


class Outcome(NamedTuple):
    """What became of an entry of the inbox."""

    file: str
    set: str
    outcome: str
    why: str

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to do something about it."""
        return self.outcome in {Verdict.REFUSE, "failed"}


@flow(
    name="evaluate-inbox",
    flow_run_name="inbox {parameters.called}",
    timeout_seconds=LIMIT_S,
    on_cancellation=[sweep],
)
@on_project
async def evaluate_inbox(parameters: Annotated[InboxParameters, OF_PREDICTIONS]) -> None:
    """Import and evaluate what has come into a folder; what is wrong with one file keeps no other from going in.

    The run fails after the last file where any was refused.

    Args:
        parameters: The folder, and how its files are taken.
    """
    project = Store(parameters.store).project(parameters.project)
    catalog(project).require_ground_truth()
    items = await aside(look_into, parameters, project, time.time(), local_run())
    outcomes = [await _dealt_with(item, parameters) for item in items]
    await _report(parameters, outcomes)


async def _dealt_with(item: Item, parameters: InboxParameters) -> Outcome:
    said = Outcome(item.path.name, item.name, item.verdict, item.reason)
    if not item.is_work:
        return said
    asked = parameters.of_set(item.path, item.name)
    try:
        await import_predictions(asked.model_copy(update={"replace": item.verdict is Verdict.REPLACE}))
    except InputError as error:
        return said._replace(outcome=Verdict.REFUSE, why=str(error))
    except Exception as error:  # the other files are not to wait for whatever is wrong with this one
        get_run_logger().exception("%s failed", item.path)
        return said._replace(outcome="failed", why=f"{type(error).__name__}: {error}")
    return said


async def _report(parameters: InboxParameters, outcomes: Sequence[Outcome]) -> None:
    """Say what became of the files, keep it as a table, and fail where any was refused."""
    logger, faults = get_run_logger(), [each for each in outcomes if each.is_fault]
    for each in outcomes:
        if each.outcome != Verdict.DONE:
            logger.log(40 if each.is_fault else 20, "%s: %s %s", each.file, each.outcome, each.why)
    counts = Counter(each.outcome for each in outcomes)
    logger.info("%s: %s", parameters.inbox, ", ".join(f"{n} {what}" for what, n in counts.items()) or "no files")
    if outcomes:
        rows = [each._asdict() for each in outcomes]
        await acreate_table_artifact(rows, key="inbox", description=f"Files of {parameters.inbox}")
    if faults:
        names = ", ".join(each.file for each in faults)
        hint = "the log and the artifact `inbox` say why; all other files are in"
        raise BoxscoreError(f"{len(faults)} of {len(outcomes)} files were refused: {names}", hint=hint)
