"""The frozen records of the registries: what a format, a shape, a protocol or a metric has to offer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from typing import Protocol as Interface

import numpy.typing as npt
import pyarrow as pa

from schemas.parameters import Reading

A = TypeVar("A")
B = TypeVar("B")
Array = npt.NDArray[Any]


class Run(Interface):
    """How shards are worked on: in turn, over threads, as Prefect tasks. Results come in the order of the shards."""

    def __call__(self, work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        """Apply `work` to every shard, holding only a few results at a time; `label` names the work to a person."""
        ...


class Source(Interface):
    """An input file: opened by `tasks.storage` alone."""

    @property
    def name(self) -> str:
        """File name, as it is written to `source_file`; in a directory, the path below it."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start` to `stop` (to the end when None)."""
        ...


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a format is given to read."""

    sources: Sequence[Source]
    """The files, by name; of a directory or a glob all that it holds, whatever they are."""
    aside: Mapping[str, Source] = field(default_factory=dict)
    """Files given beside them: ontology, data_units, mapping, image_mapping, class_mapping."""
    units: pa.Table | None = None
    """The project's `data_units`, where it has some already."""
    categories: pa.Table | None = None
    """The project's `categories`, where it has some already."""
    reading: Reading = field(default_factory=Reading)
    """How the caller wants them read."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a file after ingest: `rows` = len(records) + len(answers) + len(rejects), in file order.

    `records` has the columns of RECORDS, `answers` those of ANSWER_RECORDS, `rejects` those of REJECTS without run_id
    and prediction_set. A file refused as a whole is one row, and one reject without source_row.
    """

    rows: int
    records: pa.RecordBatch
    rejects: pa.Table
    answers: pa.RecordBatch | None = None


@dataclass(frozen=True, slots=True)
class GroundTruthInput:
    """Ground truth: its units and classes whole, its annotations and answers block by block."""

    units: pa.Table
    """Columns of UNIT_RECORDS, in the official order; the frames of a video, the images of a group stand together."""
    categories: pa.Table
    """Columns of CATEGORY_RECORDS, in the official order; a parent stands before its children."""
    rejects: pa.Table
    blocks: Iterator[Block]


@dataclass(frozen=True, slots=True)
class Format:
    """A way predictions or ground truth are written down."""

    name: str
    title: str
    recognise: Callable[[Sequence[str], bytes], bool]
    """(names of the files, first 64 KB of the first) -> whether this looks like the format."""
    read_ground_truth: Callable[[Inputs, Run], GroundTruthInput] | None = None
    read_predictions: Callable[[Inputs, Run], Iterator[Block]] | None = None


class Extent(NamedTuple):
    """Width and height of each row's data unit, px, float64[n]."""

    width_px: Array
    height_px: Array


class Faults(NamedTuple):
    """Rows a step cannot take: row index, reason code and text of each."""

    rows: Array
    codes: list[str]
    texts: list[str]


class Normalized(NamedTuple):
    """The geometry of n rows after normalize."""

    columns: Mapping[str, pa.Array]
    """Columns of NORMALIZED, n rows each."""
    hull_px: Callable[[], Array] | None
    """Axis-parallel hull x, y, w, h, float64[n, 4], px, for rows without a box; None: the columns hold the box."""
    area_px2: Callable[[], Array]
    """Area by the shape's own measure, float64[n], for rows whose source states none."""
    faults: Faults


class Pairs(NamedTuple):
    """Similarities of detections and annotations of the same unit, at or above a floor, in CSR form.

    Detection d (in group order) has entries indptr[d]:indptr[d+1], by ascending annotation index.
    """

    indptr: Array
    annotation: Array
    similarity: Array


class Side(NamedTuple):
    """Detections, or annotations, of a bucket, in group order: unit by unit."""

    indptr: Array
    """int64[U+1]: rows of unit u are indptr[u]:indptr[u+1]."""
    table: pa.Table
    """Rows in group order, with the columns the shape asks for."""
    crowd: Array
    """bool[n]; all False for detections."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of geometry: how it is normalized, and how alike two of them are."""

    name: str
    column: str
    """The column of RECORDS that holds it."""
    similarity: str
    """Name of the similarity `pairs` computes."""
    normalize: Callable[[pa.Array, Extent], Normalized]
    """(the non-null values of `column`, sizes of their units) -> relative geometry."""
    needs: tuple[str, ...]
    """Columns of `predictions` and `ground_truth` that `given` and `pairs` read."""
    given: Callable[[pa.Table], Array]
    """bool[n]: rows whose source gave this shape."""
    outlines: bool
    """Follows the object's outline, so that its area is the object's."""
    pairs: Callable[[Side, Side, float, Mapping[str, Any]], Pairs]
    """(detections, annotations, floor, options of the protocol) -> similarities of each unit, in and out of class."""


class AreaRange(NamedTuple):
    """Inclusive bounds in px²."""

    name: str
    low_px2: float
    high_px2: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of a protocol: everything a number depends on beside the data and the code."""

    iou_thresholds: tuple[float, ...]
    """Ascending, in (0, 1]."""
    area_ranges: tuple[AreaRange, ...]
    """The first is the whole; the others are reported beside it."""
    max_detections: tuple[int, ...]
    """Ascending; the last is how many detections per unit and class take part."""
    recall_points: tuple[float, ...] = ()
    tie_order: str = "file"
    """`file`: as the official tools; `canonical`: by content, whatever the order of the rows."""
    options: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Further parameters by name (sigmas of keypoints)."""


class Number(NamedTuple):
    """One of a protocol's numbers: a mean of precision or recall over what is left None."""

    name: str
    of: str
    """precision or recall"""
    area_range: str
    threshold: float | None
    max_detections: int


@dataclass(frozen=True, slots=True)
class Protocol:
    """A named set of matching and metric rules."""

    name: str
    title: str
    shape: str
    """Name of the shape whose similarity it compares."""
    rules: Rules
    """Defaults."""
    ignored: Callable[[pa.Table], Array]
    """ground truth -> bool[n]: annotations that do not count in any area range."""
    numbers: Callable[[Rules], tuple[Number, ...]]
    """The protocol's numbers, in the order they are printed."""
    default: bool = True
    """Runs unasked on sets that give its shape."""
    truth_columns: tuple[str, ...] = ()
    """Columns of `ground_truth` that `ignored` reads beside the shape's."""


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


class MeasureContext(NamedTuple):
    """What every metric knows beside the shards."""

    protocol: Protocol
    rules: Rules
    units: pa.Table
    categories: pa.Table
    labels: Mapping[str, str]
    """Constant columns of the result tables: prediction_set, protocol, rules, similarity."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A family of numbers: partial states of shards, combined to the bit, finished into rows of tables."""

    name: str
    partial: Callable[[MatchedShard, MeasureContext], Any]
    combine: Callable[[list[Any], MeasureContext], Any]
    finish: Callable[[Any, MeasureContext], Mapping[str, Iterable[pa.Table]]]
    """-> rows by table name, in pieces that need not be in memory together."""
    recount: Callable[[MatchedDetections, Array, Any, MeasureContext], Any] | None = None
    """A second look at a shard's detections, given which are events (int64[E]) and the combined state of the first."""
    combine_counts: Callable[[Any, list[Any], MeasureContext], Any] | None = None
    """(combined state, second looks) -> the state that `finish` takes."""
