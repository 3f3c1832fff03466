"""Ground truth and predictions taken in side by side: neither keeps all cores busy by itself."""

from collections.abc import Callable, Iterable, Iterator
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

    def side(opened: Callable[[], Import | Imported], stop: Event) -> Import | Imported:
        job = opened()
        if isinstance(job, Import):
            with job.log.stage("import"):
                take_in(job.intake, _until(stop, job.blocks), job.names, run)
                if not stop.is_set():
                    job.intake.close()  # here rather than while publishing, when the other has its core no longer
        return job

    with ExitStack() as open_ones:
        truth = held(open_ground_truth(parameters.of_ground_truth(), run), open_ones)
        # Predictions are opened beside the annotations: that waits until their file is digested.
        sides = [lambda: truth, lambda: _open_predictions(parameters, run, truth, open_ones)]
        return [publish(job) if isinstance(job, Import) else job for job in side_by_side(side, sides)]


def open_both(parameters: EvaluateParameters, run: Run, open_ones: ExitStack) -> list[Import | Imported]:
    """Make ready for annotations and for predictions, which are resolved on units and classes not yet published.

    `open_ones` closes the transactions. What is there already is `Imported`.
    """
    truth = held(open_ground_truth(parameters.of_ground_truth(), run), open_ones)
    return [truth, _open_predictions(parameters, run, truth, open_ones)]


def _open_predictions(
    parameters: EvaluateParameters, run: Run, truth: Import | Imported, open_ones: ExitStack
) -> Import | Imported:
    known = None if isinstance(truth, Imported) else announced(truth)
    return held(open_predictions(parameters.of_predictions(), run, known), open_ones)


def _until(stop: Event, blocks: Iterable[Block]) -> Iterator[Block]:
    """`blocks`, as long as nothing has gone wrong on the other side."""
    for block in blocks:
        if stop.is_set():
            return
        yield block
