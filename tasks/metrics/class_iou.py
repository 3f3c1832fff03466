"""IoU of classes over the pixels of all units, and the means of it: semantic segmentation.

Per class, shared / (annotated + predicted - shared); a class that neither side shows has none. Definitions:
mean IoU, mean accuracy, pixel accuracy and frequency-weighted IoU of Long, Shelhamer and Darrell (2015), section 5.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from schemas.parameters import Unlabelled
from tasks.class_mapping import Component, components
from tasks.pixels.agreement import Agreement, ComponentPixels, component_pixels, disagreement, mean, ratio
from tasks.pixels.classes import agreement_of
from tasks.pixels.confusion import UNLABELLED, UnitConfusion
from tasks.pixels.numbers import Value, defined, unit_table, value_table
from tasks.pixels.state import State, combined, state_of, worst_first
from tasks.protocols.semantic import UNLABELLED as OPTION

BACKGROUND, IGNORED, CLASS = range(len(Unlabelled))
"""What pixels are that nobody labelled: they count against predictions; they do not count; they are a class."""
BACKGROUND_NAME = "_background"
_ABSENT = "neither side has a pixel of it"
_NOT_ANNOTATED = "no pixel is annotated as it"


def _unlabelled(context: MeasureContext) -> int:
    return int(dict(context.rules.options)[OPTION][0])


def _classes(context: MeasureContext) -> list[Component]:
    """The classes that have an IoU: not those whose pixels do not count, but background where the rules make it one."""
    ignored = set(_ignored(context).tolist())
    classes = [part for part in components(context.categories) if not ignored.issuperset(part.annotated)]
    if _unlabelled(context) == CLASS:
        classes.append(Component(BACKGROUND_NAME, (UNLABELLED,), (UNLABELLED,)))
    return classes


def _agreement(context: MeasureContext) -> Agreement:
    """Which classes agree."""
    parts = [(part.annotated, part.predicted) for part in _classes(context)]
    return agreement_of(context.categories)._replace(components=parts)


def partial(found: UnitConfusion, context: MeasureContext) -> State:
    """A bucket's pixels, but for those that do not count: by their annotated class, whatever is predicted."""
    ignored = _ignored(context)
    counting = ~np.isin(found.confusion.annotated, ignored)
    counted = UnitConfusion(found.unit_key[counting], found.confusion.only(counting))
    return state_of(counted, _agreement(context))


def _ignored(context: MeasureContext) -> Array:
    """int64[n]: annotated keys that do not count."""
    wanted, rows = set(context.rules.ignored_classes), context.categories.select(["category_key", "name"]).to_pylist()
    keys = [row["category_key"] for row in rows if row["name"] in wanted]
    return np.array([*keys, UNLABELLED] if _unlabelled(context) == IGNORED else keys, np.int64)


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
    classes = [(part.predicted[0], part.name) for part in _classes(context)]
    accuracy = ratio(parts.shared, parts.annotated)
    for row, (key, name) in enumerate(classes):
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


METRIC = Metric(name="class_iou", partial=partial, combine=combine, finish=finish)
