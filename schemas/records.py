"""What a format and a shape have to offer, and how shards are worked on; protocols and metrics are in `judging`."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from typing import Protocol as Interface

import pyarrow as pa

from schemas.judging import AreaRange as AreaRange
from schemas.judging import Array as Array
from schemas.judging import MatchedDetections as MatchedDetections
from schemas.judging import MatchedShard as MatchedShard
from schemas.judging import MeasureContext as MeasureContext
from schemas.judging import Metric as Metric
from schemas.judging import Number as Number
from schemas.judging import Pairs as Pairs
from schemas.judging import Protocol as Protocol
from schemas.judging import Rules as Rules
from schemas.judging import Side as Side
from schemas.parameters import Reading

A = TypeVar("A")
B = TypeVar("B")


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

    def read_into(self, buffer: memoryview, start: int) -> None:
        """Fill a buffer with the bytes from `start` on, of which the file has so many."""
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
    set_name: Callable[[Inputs], str | None] | None = None
    """The name that predictions give their own set, where the format has room for one."""


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
