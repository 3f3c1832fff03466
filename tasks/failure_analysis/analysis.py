"""The whole analysis of a set under a protocol, over buckets: a look for a sample, one to count, one for the images.

Quantiles, mutual information and what slices have in common are of whole columns: they are taken from a sample chosen
by key, of 200,000 objects of each side at most; smaller sets are taken whole. Counts are of all objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.records import Run
from tasks.failure_analysis.bins import quantile_bins
from tasks.failure_analysis.counts import Counts, combine, count
from tasks.failure_analysis.importance import columns_of, importance_rows
from tasks.failure_analysis.objects import Binning, Dimension, Objects, joined
from tasks.failure_analysis.performance import Classes, Counted, performance_rows
from tasks.failure_analysis.sampling import lowest
from tasks.failure_analysis.slice_rows import MOST_SLICES, Failing, Worst, failures_by_unit, slice_rows, worst_of
from tasks.failure_analysis.slice_search import failing_slices, news, overall_rate
from tasks.failure_analysis.source import ANNOTATION, OBJECTS, Bucket, Sides, Units, dimensions, read_sides

SAMPLE = 200_000
"""Objects of a side, and units, from which the bounds of bins are taken."""
_OVERLAP = 20_000
"""Those of the sample by which slices are compared with one another."""
LEFT_OUT = frozenset({"random", "mean_object_confidence", "object_confidence"})
"""Metrics by which no slices are made: they tell nothing of the data, or nothing but the model's own doubt."""


class Wanted(NamedTuple):
    """Parameters of the analysis."""

    bins: int
    samples: int
    permuted: int


class Asked(NamedTuple):
    """What is analysed."""

    buckets: Sequence[Bucket]
    metrics: Mapping[str, Sequence[str]]
    """Metrics by what a dimension is of."""
    classes: Classes
    units: pa.Table
    """The project's data units."""
    labels: Mapping[str, str]
    keep: bool
    """Hold what was read for the next look: the set is small, and the buckets stay in this process."""


class _Look(NamedTuple):
    sample: Sides
    kept: Sides | None


def _sampled(sides: Sides) -> Sides:
    predictions, annotations = (side.rows(lowest(side.key, SAMPLE)) for side in (sides.predictions, sides.annotations))
    rows = lowest(sides.units.key, SAMPLE)
    return Sides(predictions, annotations, Units(sides.units.key[rows], sides.units.values[rows]))


def _first_look(bucket: Bucket, keep: bool) -> _Look:
    sides = read_sides(bucket)
    return _Look(_sampled(sides), sides if keep else None)


def _sample_of(parts: Sequence[Sides]) -> Sides:
    """The sample of all buckets; a unit may have been read with two of them."""
    predictions, annotations = joined([p.predictions for p in parts]), joined([p.annotations for p in parts])
    keys, first = np.unique(np.concatenate([part.units.key for part in parts]), return_index=True)
    values = np.concatenate([part.units.values for part in parts])[first]
    return _sampled(Sides(predictions, annotations, Units(keys, values)))


class _Side(NamedTuple):
    """How a side is counted."""

    of: str
    dimensions: tuple[Dimension, ...]
    binning: Binning


def _binned(asked: Asked, sample: Sides, bins: int) -> list[_Side]:
    """Own metrics in quantiles of the objects, those of units in quantiles of units, the same on both sides."""
    of_units = [quantile_bins(column, bins) for column in sample.units.values.T]
    found = []
    for of, objects in zip(OBJECTS, sample[:2], strict=True):
        own = objects.values[:, : objects.values.shape[1] - len(of_units)]
        bounds = (*(quantile_bins(column, bins) for column in own.T), *of_units)
        found.append(_Side(of, dimensions(asked.metrics, of), Binning(bounds)))
    return found


def _again(work: tuple[Bucket, Sides | None]) -> Sides:
    bucket, kept = work
    return read_sides(bucket) if kept is None else kept


def _count(work: tuple[Bucket, Sides | None], sides: Sequence[_Side], classes: int) -> list[Counts]:
    return [count(objects, side.binning, classes) for objects, side in zip(_again(work)[:2], sides, strict=True)]


def _worst(work: tuple[Bucket, Sides | None], sides: Sequence[Failing]) -> list[Worst]:
    return [failures_by_unit(objects, side) for objects, side in zip(_again(work)[:2], sides, strict=True)]


def _failing(side: _Side, counts: Counts, sample: Objects) -> Failing:
    among = [
        m for m, (_, metric) in enumerate(side.dimensions) if metric not in LEFT_OUT and len(side.binning.bounds[m]) > 1
    ]
    found = failing_slices(counts, side.binning, among)
    overall, some = overall_rate(counts), sample.rows(np.arange(min(_OVERLAP, len(sample.key))))
    bins = np.asfortranarray(side.binning.of(some.values).astype(np.int16))
    found = news(found, overall, bins, some.category, some.hit, MOST_SLICES)
    return Failing(side.of, side.dimensions, side.binning, counts, found, overall)


def _important(asked: Asked, sample: Sides, sides: Sequence[_Side], wanted: Wanted, run: Run) -> pa.Table:
    """Metrics of predictions and their units with IoU x TP; of annotations with that of what found them."""
    own = len(asked.metrics.get(ANNOTATION, ()))
    columns = columns_of(sample.predictions, sides[0].dimensions, wanted.samples)
    columns += columns_of(sample.annotations, sides[1].dimensions[:own], wanted.samples)
    return importance_rows([c for c in columns if len(c.values)], wanted.permuted, asked.labels, run)


def analyse(asked: Asked, wanted: Wanted, run: Run) -> dict[str, Iterable[pa.Table]]:
    """Rows of `metric_performance`, `metric_importance` and `failure_slices`."""
    looks = list(run(partial(_first_look, keep=asked.keep), asked.buckets, label="sample"))
    work = [(bucket, look.kept) for bucket, look in zip(asked.buckets, looks, strict=True)]
    sample = _sample_of([look.sample for look in looks])
    del looks
    sides = _binned(asked, sample, wanted.bins)
    counting = partial(_count, sides=sides, classes=len(asked.classes.key))
    counted = [combine(parts) for parts in zip(*run(counting, work, label="counts"), strict=True)]
    failing = [_failing(*each) for each in zip(sides, counted, sample[:2], strict=True)]
    worst = zip(*run(partial(_worst, sides=failing), work, label="images"), strict=True)
    both = [Counted(side.dimensions, side.binning, counts) for side, counts in zip(sides, counted, strict=True)]
    found = [(side, worst_of(parts)) for side, parts in zip(failing, worst, strict=True)]
    return {
        "metric_performance": performance_rows(both[0], both[1], asked.classes, asked.labels),
        "metric_importance": [_important(asked, sample, sides, wanted, run)],
        "failure_slices": [slice_rows(found, asked.classes, asked.units, asked.labels)],
    }
