"""HOTA, MOTA, IDF1 and what they consist of: per class, over all classes, and at every threshold of HOTA.

Sums of all sequences and classes are added before anything is divided; `mean_` is the mean over classes. Sources: HOTA
of Luiten et al. (IJCV 2021), CLEAR of Bernardin and Stiefelhagen (EURASIP 2008), identity of Ristani et al. (ECCVW
2016), combined as trackeval 1.3.0 does. What it sets to 0 for want of a denominator is null here.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from schemas.judging import Array, MeasureContext, Metric
from schemas.tables import METRICS
from tasks.class_mapping import measured_classes
from tasks.columns import completed, lookup, numbers
from tasks.number_rows import labels

MATCHINGS = ("hota", "clear", "identity")
COUNTS = (
    "matched_boxes", "false_boxes", "missed_boxes",
    "id_switches", "fragments", "mostly_tracked", "partly_tracked", "mostly_lost",
)  # fmt: skip
FLOATS = ("similarity_sum", "association_sum", "association_recall_sum", "association_precision_sum")
_NO_BOX = "neither side has a box of a track"
_NO_TRUTH = "no box of a track is annotated"
_NO_FOUND = "no box of a track is predicted"
_NO_MATCH = "nothing matches"


class Sums(NamedTuple):
    """n rows of `tracks`."""

    category: Array
    """int64[n]: positions among the measured classes."""
    matching: Array
    """int64[n]: positions in MATCHINGS."""
    threshold: Array
    """float64[n]"""
    counts: Array
    """int64[n, 8]: COUNTS; 0 where the way of matching has none."""
    sums: Array
    """float64[n, 4]: FLOATS"""


class Total(NamedTuple):
    """Sums over some sequences and classes, under one way of matching at one threshold."""

    matched: int
    false: int
    missed: int
    switches: int
    fragments: int
    mostly_tracked: int
    partly_tracked: int
    mostly_lost: int
    similarity: float
    association: float
    association_recall: float
    association_precision: float

    @property
    def annotated(self) -> int:
        """Annotated boxes."""
        return self.matched + self.missed

    @property
    def predicted(self) -> int:
        """Predicted boxes."""
        return self.matched + self.false


class Value(NamedTuple):
    """A number, NaN where it is undefined, and why it can be."""

    metric: str
    value: float
    null_reason: str
    threshold: float | None = None


def sums_of(rows: pa.Table, context: MeasureContext) -> Sums:
    """Rows of `tracks` as arrays."""
    keys = measured_classes(context.categories)["category_key"].to_pylist()
    place = {key: k for k, key in enumerate(keys)}
    return Sums(
        np.array([place[key] for key in rows["category"].to_pylist()], np.int64),
        lookup(rows["matching"], {word: k for k, word in enumerate(MATCHINGS)}),
        numbers(rows["threshold"]),
        np.stack([numbers(rows[name], missing=0).astype(np.int64) for name in COUNTS], axis=1),
        np.stack([numbers(rows[name], missing=0.0) for name in FLOATS], axis=1),
    )


def partial(found: Sums, _context: MeasureContext) -> Sums:
    """A bucket's rows: sums of them are exact only when all are there."""
    return found


def combine(states: list[Sums], _context: MeasureContext) -> Sums:
    """All rows."""
    return Sums(*(np.concatenate(column) for column in zip(*states, strict=True)))


def _total(state: Sums, which: Array) -> Total:
    counts = state.counts[which].sum(axis=0).tolist()
    return Total(*counts, *(math.fsum(column) for column in state.sums[which].T))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _hota_at(total: Total) -> dict[str, tuple[float, str]]:
    """Numbers of HOTA at one threshold, and why they can be undefined."""
    matched, association = total.matched, (total.association, total.association_recall, total.association_precision)
    accuracy, recall, precision = (_share(value, matched) for value in association)
    detection = _share(matched, matched + total.false + total.missed)
    return {
        "HOTA": (math.sqrt(detection * (accuracy if matched else 0.0)), _NO_BOX),
        "DetA": (detection, _NO_BOX),
        "AssA": (accuracy, _NO_MATCH),
        "DetRe": (_share(matched, total.annotated), _NO_TRUTH),
        "DetPr": (_share(matched, total.predicted), _NO_FOUND),
        "AssRe": (recall, _NO_MATCH),
        "AssPr": (precision, _NO_MATCH),
        "LocA": (_share(total.similarity, matched), _NO_MATCH),
    }


def _hota_values(totals: Mapping[float, Total]) -> Iterator[Value]:
    """Means over the thresholds, and each. Where only some match nothing, those count as trackeval counts them: 0, and
    1 for LocA.
    """
    by_threshold = {threshold: _hota_at(total) for threshold, total in totals.items()}
    for name, (_, reason) in _hota_at(next(iter(totals.values()))).items():
        values = [at[name][0] for at in by_threshold.values()]
        instead = 1.0 if name == "LocA" else 0.0
        known = [instead if math.isnan(value) else value for value in values]
        undefined = all(map(math.isnan, values))
        yield Value(name, math.nan if undefined else math.fsum(known) / len(known), reason)
        for threshold, value in zip(by_threshold, values, strict=True):
            yield Value(f"{name}_alpha", value, reason, threshold)


def _clear_values(total: Total) -> Iterator[Value]:
    right = total.matched - total.false - total.switches
    yield Value("MOTA", _share(right, total.annotated), _NO_TRUTH)
    yield Value("MOTP", _share(total.similarity, total.matched), _NO_MATCH)
    counted = {
        "TP": total.matched, "FP": total.false, "FN": total.missed, "IDSW": total.switches, "Frag": total.fragments,
        "MT": total.mostly_tracked, "PT": total.partly_tracked, "ML": total.mostly_lost,
    }  # fmt: skip
    for name, count in counted.items():
        yield Value(name, float(count), "")


def _identity_values(total: Total) -> Iterator[Value]:
    weight = total.matched + 0.5 * total.false + 0.5 * total.missed
    yield Value("IDF1", _share(total.matched, weight), _NO_BOX)
    yield Value("IDP", _share(total.matched, total.predicted), _NO_FOUND)
    yield Value("IDR", _share(total.matched, total.annotated), _NO_TRUTH)
    for name, count in (("IDTP", total.matched), ("IDFP", total.false), ("IDFN", total.missed)):
        yield Value(name, float(count), "")


def _values(state: Sums, which: Array, context: MeasureContext) -> tuple[list[Value], Total]:
    """All numbers of the rows for which bool[n] `which` is set, and the boxes they are of."""
    hota, clear, identity = (which & (state.matching == k) for k in range(len(MATCHINGS)))
    at = {t: _total(state, hota & (state.threshold == t)) for t in context.rules.iou_thresholds}
    matched = _total(state, clear)
    return [*_hota_values(at), *_clear_values(matched), *_identity_values(_total(state, identity))], matched


def _means(by_class: list[list[Value]]) -> Iterator[Value]:
    """Means over the classes that have the number."""
    for name in ("HOTA", "MOTA", "IDF1"):
        found = [value.value for values in by_class for value in values if value.metric == name]
        known = [value for value in found if not math.isnan(value)]
        yield Value(f"mean_{name}", _share(math.fsum(known), len(known)), "no class has it")


def _table(values: list[Value], total: Total, context: MeasureContext, key: int | None, name: str | None) -> pa.Table:
    missing = [math.isnan(value.value) for value in values]
    columns = {
        **labels(context, len(values)),
        "metric": [value.metric for value in values],
        "category": [key] * len(values),
        "category_name": [name] * len(values),
        "threshold": [value.threshold for value in values],
        "value": [None if none else value.value for value, none in zip(values, missing, strict=True)],
        "null_reason": [value.null_reason if none else None for value, none in zip(values, missing, strict=True)],
        "n_ground_truth": [total.annotated] * len(values),
        "n_predictions": [total.predicted] * len(values),
    }
    return completed(columns, METRICS.schema, len(values))


def finish(state: Sums, context: MeasureContext) -> Mapping[str, Iterable[pa.Table]]:
    """Rows of `metrics`: over all classes, then class by class."""
    classes = measured_classes(context.categories)
    named = [*zip(classes["category_key"].to_pylist(), classes["name"].to_pylist(), strict=True)]
    found = [_values(state, state.category == k, context) for k in range(len(named))]
    values, total = _values(state, np.ones(len(state.category), bool), context)
    over_all = _table([*values, *_means([values for values, _ in found])], total, context, None, None)
    each = (_table(*one, context, key, name) for one, (key, name) in zip(found, named, strict=True))
    return {"metrics": [over_all, *each]}


METRIC = Metric(name="track_quality", partial=partial, combine=combine, finish=finish)
