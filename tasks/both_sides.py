"""Ground truth and predictions taken in side by side: neither keeps all cores busy by itself."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from threading import Event

from schemas.parameters import EvaluateParameters
from schemas.records import Block, Run
from tasks.import_ground_truth import announced, open_ground_truth
from tasks.import_predictions import open_predictions
from tasks.imports import Import, Imported, held, publish
from tasks.intake import take_in
from tasks.running import side_by_side


def import_both(parameters: EvaluateParameters, run: Run) -> list[Imported]:
    """Read annotations and predictions; what became of the ground truth, and of the set.

    Errors are those of `import_ground_truth` and `import_predictions`. Nothing is published before both are read: where
    one cannot be, the other stays out too.
    """

    def take(job: Import, stop: Event) -> None:
        with job.log.stage("import"):
            take_in(job.intake, _until(stop, job.blocks), job.names, run)
            if not stop.is_set():
                job.intake.close()  # here rather than while publishing, when the other side has its core no longer

    with ExitStack() as open_ones:
        jobs = open_both(parameters, run, open_ones)
        side_by_side(take, [job for job in jobs if isinstance(job, Import)])
        return [publish(job) if isinstance(job, Import) else job for job in jobs]


def open_both(parameters: EvaluateParameters, run: Run, open_ones: ExitStack) -> list[Import | Imported]:
    """Make ready for annotations and for predictions, which are resolved on units and classes not yet published.

    `open_ones` closes the transactions. What is there already is `Imported`.
    """
    truth = held(open_ground_truth(parameters.of_ground_truth(), run), open_ones)
    known = None if isinstance(truth, Imported) else announced(truth)
    return [truth, held(open_predictions(parameters.of_predictions(), run, known), open_ones)]


def _until(stop: Event, blocks: Iterable[Block]) -> Iterator[Block]:
    """`blocks`, as long as nothing has gone wrong on the other side."""
    for block in blocks:
        if stop.is_set():
            return
        yield block
