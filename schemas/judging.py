"""How predictions are judged: what a protocol has to say, what a metric computes, and what it is made of."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.sides import Annotations as Annotations
from schemas.sides import Array as Array
from schemas.sides import Detections as Detections
from schemas.sides import Judged as Judged
from schemas.sides import Matching as Matching
from schemas.sides import Pairs as Pairs
from schemas.sides import Side as Side


class AreaRange(NamedTuple):
    """Inclusive bounds in px². Protocols with hooks of their own may take what else tells easy from hard."""

    name: str
    low_px2: float
    high_px2: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of a protocol: everything a number depends on beside the data and the code."""

    iou_thresholds: tuple[float, ...] = ()
    """Ascending, in (0, 1]."""
    area_ranges: tuple[AreaRange, ...] = ()
    """The first is the whole; the others are reported beside it."""
    max_detections: tuple[int, ...] = ()
    """Ascending; the last is how many detections per unit and class take part."""
    recall_points: tuple[float, ...] = ()
    tie_order: str = "file"
    """`file`: as the official tools; `canonical`: by content, whatever the order of the rows."""
    options: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Further parameters by name (sigmas of keypoints)."""
    ignored_classes: tuple[str, ...] = ()
    """Names of classes whose annotated pixels do not count, ascending."""


class Number(NamedTuple):
    """One of a protocol's numbers, and of which rows of `metrics` it is the mean; over what is left None, all."""

    name: str
    of: str = ""
    """precision or recall; a count (TP, FP, FN, ...); empty where the engine's metrics write the row of this name
    themselves."""
    area_range: str = ""
    threshold: float | None = None
    max_detections: int = 0
    frequency: str = ""
    """Over the classes of this `frequency` alone; empty: of any."""
    whole: bool = False
    """A count that the engine's metrics write: a whole number."""


class Steps(NamedTuple):
    """A class's detections, best first, up to each true positive; n of them, at one range, threshold and maximum."""

    true_positives: Array
    """int64[n]: 1, 2, ... n."""
    counted: Array
    """int64[n]: true and false positives, no ignored ones, up to there."""
    score: Array
    """float64[n]"""
    n_positive: int
    """Annotations that count; at least 1."""


class Curve(NamedTuple):
    """A precision-recall curve as a protocol draws it, P points, and the average it takes of it."""

    recall: Array
    precision: Array
    score: Array
    value: float


Matcher = Callable[[Pairs, Detections, Annotations, Rules], Matching]
Interpolation = Callable[[Steps, Rules], Curve]
Membership = Callable[[Judged, Rules], Array]
PairsOf = Callable[[Side, Side, float, Mapping[str, Any]], Pairs]


class Scene(NamedTuple):
    """Rows of both sides, which may be of other buckets too, before any is left out."""

    predictions: pa.Table
    ground_truth: pa.Table
    units: pa.Table
    categories: pa.Table
    positions: Array
    """int32[highest category_key + 1]: of a class among the live ones by its key; -1: it is not live."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named set of matching and metric rules. What is left None or empty is as in COCO's."""

    name: str
    title: str
    rules: Rules
    """Defaults."""
    numbers: Callable[[Rules], tuple[Number, ...]]
    """The protocol's numbers, in the order they are printed."""
    engine: str = "objects"
    """Name of the engine that runs it; what follows but for `unasked...` is read by the engine `objects`."""
    unasked: tuple[str, ...] = ()
    """Words of a set's `given` (shapes, tasks, the format) any of which makes it run unasked, where it fits."""
    unasked_on: tuple[str, ...] = ()
    """Words of the ground truth's `given` one of which must be there too; empty: whatever the ground truth."""
    needs_on: str = ""
    """Word of the ground truth's `given` without which it does not fit; empty: none."""
    needs_class: str = ""
    """The class it judges, as MOTChallenge spells it (`static_person`); without it, it does not fit. Empty: all."""
    shape: str = ""
    """Name of the shape whose similarity it compares."""
    any_shape: bool = False
    """Judges predictions of every shape, by whatever its `pairs` compares; False: those whose source gave the shape."""
    truth_columns: tuple[str, ...] = ()
    """Columns of `ground_truth` that its hooks read beside the shape's."""
    found_columns: tuple[str, ...] = ()
    """Columns of `predictions` that its hooks read beside the shape's."""
    admitted: Callable[[Scene, Rules], pa.Table] | None = None
    """The predictions that are judged at all, with further columns for `found_outside`; None: all."""
    expanded: Callable[[Scene], pa.Table] | None = None
    """The annotations with copies in further classes behind them; None: as they are."""
    ignored: Callable[[pa.Table], Array] | None = None
    """ground truth -> bool[n]: annotations that do not count in any area range; None: crowds."""
    crowd: Callable[[Judged], Array] | None = None
    """bool[n]: annotations over which overlap is measured by the detection's area; None: `iscrowd`."""
    truth_outside: Membership | None = None
    """uint64[n]: bit a is set where an annotation lies outside range a; None: by area."""
    found_outside: Membership | None = None
    """uint64[n]: the same of predictions."""
    pairs: PairsOf | None = None
    """Similarities; None: the shape's."""
    similarity: str = ""
    """What `pairs` computes, where it is not the shape's similarity."""
    matcher: Matcher | None = None
    """Who matches whom; None: as pycocotools."""
    interpolation: Interpolation | None = None
    """How precision and recall become a curve and its average; None: COCO's envelope at `recall_points`."""


class MatchedDetections(NamedTuple):
    """One bucket's detections as arrays of D; categories and units are dense indices of the run."""

    unit: Array
    category: Array
    score: Array
    unit_order: Array
    """The order by which ties between units fall."""
    rank: Array
    """int32[D]: position by score within unit and class."""
    outside: Array
    """uint64[D]: bit a is set where the detection's area lies outside area range a."""
    error: Array
    """uint8[D]: why it is false in the first range at the lowest threshold, as codes of TIDE's errors from 1; 0: it is
    not."""


class Claims(NamedTuple):
    """What annotations are to predictions, in the first range at the lowest threshold; arrays of G."""

    found_score: Array
    """float64: of the prediction that found it; NaN where none did, or it does not count."""
    confused_category: Array
    """int32: class of the best scored false positive of another class (Cls) that is most alike to it; -1: none."""
    confused_score: Array
    """float64; NaN: none."""
    mended_category: Array
    """int32: where nobody found it, the class of the best scored Cls or Loc error that is most alike to it; -1: none.
    """
    mended_score: Array


class Partners(NamedTuple):
    """Which annotations a bucket's events found."""

    truth_key: Array
    """int64[G]: annotation_keys."""
    found: Array
    """int32[E, A, T]: place of the annotation matched; -1: none, or of another bucket."""


class MatchedShard(NamedTuple):
    """One bucket's matches as arrays; axes A area ranges, T thresholds, E events, G annotations."""

    detections: MatchedDetections
    event: Array
    """int64[E]: detections that matched something in some range at some threshold."""
    event_tp: Array
    """bool[E, A, T]"""
    event_counted: Array
    """bool[E, A, T]: TP or FP, not ignored."""
    similarity: Array
    """float64[D]: with the annotation matched at the lowest threshold in the first range; NaN where there is none."""
    truth_unit: Array
    truth_category: Array
    truth_found: Array
    """bool[G, A, T]"""
    truth_counted: Array
    """bool[G, A]: not ignored."""
    claims: Claims
    partners: Partners | None = None
    """Where slices of annotations are asked for."""


class MeasureContext(NamedTuple):
    """What every metric knows beside the shards."""

    protocol: Protocol
    rules: Rules
    units: pa.Table
    categories: pa.Table
    """The classes that the engine judges."""
    labels: Mapping[str, str]
    """Constant columns of the result tables: prediction_set, protocol, rules, similarity."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of numbers: partial states of shards, combined to the bit, finished into rows of tables."""

    name: str
    partial: Callable[[Any, MeasureContext], Any]
    """(what the engine reads back of a bucket: of `objects`, a MatchedShard) -> state."""
    combine: Callable[[list[Any], MeasureContext], Any]
    finish: Callable[[Any, MeasureContext], Mapping[str, Iterable[pa.Table]]]
    """-> rows by table name, in pieces that need not be in memory together."""
    recount: Callable[[Any, Any, Any, MeasureContext, Any], Any] | None = None
    """A second look at a bucket (of `objects`: MatchedDetections), given what was kept of the first (which are events,
    int64[E]), the combined state, and what came of other buckets, None before the first: -> that with this bucket's,
    which may be the same, changed."""
    combine_counts: Callable[[Any, list[Any], MeasureContext], Any] | None = None
    """(combined state, what came of second looks) -> the state that `finish` takes."""
    sliced: bool = True
    """Whether its numbers are told of slices too."""
