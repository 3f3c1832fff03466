"""Disagreement: the share of pixels whose annotated and predicted class are no pair of the class mapping.

Of all pixels, of each image, of each annotated and each predicted class; and the IoU of what the mapping joins. Kognic
publishes no formula: these are ours (docs/kognic.md).
"""

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from schemas.judging import MeasureContext, Metric
from tasks.class_mapping import components
from tasks.pixels.agreement import (
    Agreement,
    ComponentPixels,
    Share,
    component_pixels,
    disagreement,
    disagreement_by_class,
    mean,
    ratio,
)
from tasks.pixels.classes import agreement_of
from tasks.pixels.confusion import UNLABELLED, UnitConfusion
from tasks.pixels.numbers import Value, defined, unit_table, value_table
from tasks.pixels.state import State, combined, state_of, worst_first

BACKGROUND = "_background"
_NO_PIXELS = "no pixel of an annotated unit counts"
_ABSENT = "neither side has a pixel of it"


def partial(found: UnitConfusion, context: MeasureContext) -> State:
    """A bucket's pixels; units that nobody annotated do not count."""
    annotated = np.unique(found.unit_key[found.confusion.annotated != UNLABELLED])
    which = np.isin(found.unit_key, annotated)
    return state_of(UnitConfusion(found.unit_key[which], found.confusion.only(which)), agreement_of(context.categories))


def combine(states: list[State], _context: MeasureContext) -> State:
    """Sums of integers; units lie in one bucket each."""
    return combined(states)


def _share(metric: str, share: Share, key: int | None = None, name: str | None = None) -> Value:
    return Value(metric, share.value, _NO_PIXELS, key, name, share.pixels, share.pixels)


def _overall(state: State, agreement: Agreement, parts: ComponentPixels) -> Iterator[Value]:
    yield _share("disagreement", disagreement(state.confusion, agreement))
    yield _share("disagreement_ignoring_unmapped", disagreement(state.confusion, agreement, beside=True))
    of_units = ratio(state.disagreeing, state.pixels)
    of_images = math.fsum(of_units) / len(of_units) if len(of_units) else None
    yield Value("mean_of_image_disagreement", of_images, _NO_PIXELS)
    yield Value("mean_iou", mean(parts.iou), _ABSENT)
    yield Value("mean_iou_ignoring_unmapped", mean(parts.iou_beside), _ABSENT)


def _by_class(state: State, agreement: Agreement, names: Mapping[int, str]) -> Iterator[Value]:
    for side in ("annotated", "predicted"):
        for key, share in disagreement_by_class(state.confusion, agreement, side).items():
            yield _share(f"disagreement_of_{side}", share, key, names.get(key, BACKGROUND))


def _by_component(parts: ComponentPixels, categories: pa.Table) -> Iterator[Value]:
    for row, part in enumerate(components(categories)):
        counts = int(parts.annotated[0, row]), int(parts.predicted[0, row])
        for metric, iou in (("iou", parts.iou), ("iou_ignoring_unmapped", parts.iou_beside)):
            yield Value(metric, defined(iou[0, row]), _ABSENT, part.predicted[0], part.name, *counts)


def finish(state: State, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`, and of `unit_scores`, the worst unit first."""
    categories, agreement = context.categories, agreement_of(context.categories)
    names = dict(zip(categories["category_key"].to_pylist(), categories["name"].to_pylist(), strict=True))
    parts, order = component_pixels(state.confusion, agreement), worst_first(state)
    values = [
        *_overall(state, agreement, parts),
        *_by_class(state, agreement, names),
        *_by_component(parts, categories),
    ]
    scores = {"disagreement": ratio(state.disagreeing, state.pixels)[order], "mean_iou": state.mean_iou[order]}
    return {
        "metrics": [value_table(values, context)],
        "unit_scores": [unit_table(state.unit_key[order], scores, context)],
    }


METRIC = Metric(name="disagreement", partial=partial, combine=combine, finish=finish)
