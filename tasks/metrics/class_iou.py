"""IoU of classes over the pixels of all units, and the means of it: semantic segmentation.

Per class, shared / (annotated + predicted - shared); a class that neither side shows has none. Definitions:
mean IoU, mean accuracy, pixel accuracy and frequency-weighted IoU of Long, Shelhamer and Darrell (2015), section 5.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext, Metric
from tasks.class_mapping import components
from tasks.pixels.agreement import Agreement, ComponentPixels, component_pixels, disagreement, mean, ratio
from tasks.pixels.classes import agreement_of
from tasks.pixels.confusion import UNLABELLED, UnitConfusion
from tasks.pixels.numbers import Value, defined, unit_table, value_table
from tasks.pixels.state import State, combined, state_of, worst_first

BACKGROUND, IGNORED, CLASS = range(3)
"""What pixels are that nobody labelled: they count against predictions; they do not count; they are a class."""
BACKGROUND_NAME = "_background"
_ABSENT = "neither side has a pixel of it"
_NOT_ANNOTATED = "no pixel is annotated as it"


def _unlabelled(context: MeasureContext) -> int:
    return int(dict(context.rules.options)["unlabelled"][0])


def _agreement(context: MeasureContext) -> Agreement:
    """Which classes agree; background is one of them where the rules make it one."""
    agreement = agreement_of(context.categories)
    if _unlabelled(context) != CLASS:
        return agreement
    background = ((UNLABELLED,), (UNLABELLED,))
    return agreement._replace(components=[*agreement.components, background])


def partial(found: UnitConfusion, context: MeasureContext) -> State:
    """A bucket's pixels, but for those that do not count."""
    if _unlabelled(context) == IGNORED:
        labelled = found.confusion.annotated != UNLABELLED
        found = UnitConfusion(found.unit_key[labelled], found.confusion.only(labelled))
    return state_of(found, _agreement(context))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers; units lie in one bucket each."""
    return combined(states)


def _overall(state: State, agreement: Agreement, parts: ComponentPixels) -> Iterator[Value]:
    wrong, annotated = disagreement(state.confusion, agreement), parts.annotated[0]
    counts = (wrong.pixels, wrong.pixels)
    yield Value("mean_iou", mean(parts.iou), _ABSENT, None, None, *counts)
    weighted = annotated @ np.nan_to_num(parts.iou[0]) / annotated.sum() if annotated.any() else None
    yield Value("frequency_weighted_iou", weighted, _NOT_ANNOTATED, None, None, *counts)
    right = (wrong.pixels - wrong.disagreeing) / wrong.pixels if wrong.pixels else None
    yield Value("pixel_accuracy", right, _NOT_ANNOTATED, None, None, *counts)
    yield Value("mean_accuracy", mean(ratio(parts.shared, parts.annotated)), _NOT_ANNOTATED, None, None, *counts)


def _by_class(parts: ComponentPixels, context: MeasureContext) -> Iterator[Value]:
    classes = [(part.predicted[0], part.name) for part in components(context.categories)]
    accuracy = ratio(parts.shared, parts.annotated)
    for row, (key, name) in enumerate([*classes, (UNLABELLED, BACKGROUND_NAME)][: parts.iou.shape[1]]):
        counts = int(parts.annotated[0, row]), int(parts.predicted[0, row])
        yield Value("iou", defined(parts.iou[0, row]), _ABSENT, key, name, *counts)
        yield Value("accuracy", defined(accuracy[0, row]), _NOT_ANNOTATED, key, name, *counts)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`, and of `unit_scores`, the worst unit first."""
    agreement, order = _agreement(context), worst_first(state)
    parts = component_pixels(state.confusion, agreement)
    values = [*_overall(state, agreement, parts), *_by_class(parts, context)]
    scores = {"disagreement": ratio(state.disagreeing, state.pixels)[order], "mean_iou": state.mean_iou[order]}
    return {
        "metrics": [value_table(values, context)],
        "unit_scores": [unit_table(state.unit_key[order], scores, context)],
    }


METRIC = Metric(name="class_iou", partial=partial, combine=combine, finish=finish, engine="pixels")
