"""The frozen records of the registries: what a format, a shape, a protocol or a metric has to offer."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol as Interface
from typing import TypeVar

import numpy as np
import pyarrow as pa

A = TypeVar("A")
B = TypeVar("B")


class Run(Interface):
    """How shards are worked on: in turn, over threads, as Prefect tasks. Results come back in the order of the shards."""

    def __call__(self, work: Callable[[A], B], shards: Iterable[A], /, label: str = "") -> Iterator[B]:
        """Apply `work` to every shard, holding only a few results at a time; `label` names the work to a person."""
        ...


class Source(Interface):
    """An input file: opened by `tasks.storage` alone, read once from the start."""

    @property
    def name(self) -> str:
        """File name, as it is written to `source_file`."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    def read(self, start: int = 0, stop: int | None = None) -> bytes:
        """Bytes `start` to `stop` (to the end when None)."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of a file after ingest: `rows` = len(records) + len(rejects), in file order.

    `records` has the schema of RECORDS, `rejects` that of REJECTS without run_id and prediction_set.
    """

    rows: int
    records: pa.RecordBatch
    rejects: pa.Table


@dataclass(frozen=True, slots=True)
class GroundTruthInput:
    """A ground truth file: its units and classes whole, its annotations block by block."""

    units: pa.Table
    categories: pa.Table
    rejects: pa.Table
    blocks: Iterator[Block]


@dataclass(frozen=True, slots=True)
class Format:
    """A way predictions or ground truth are written down."""

    name: str
    title: str
    recognise: Callable[[str, bytes], bool]
    """(file name, first 64 KB) -> whether this looks like the format."""
    read_ground_truth: Callable[[Source, Run], GroundTruthInput] | None = None
    read_predictions: Callable[[Source, Run], Iterator[Block]] | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Similarities of detections and annotations of the same unit, at or above a floor, in CSR form.

    Detection d (in group order) has entries indptr[d]:indptr[d+1], by ascending annotation index.
    """

    indptr: np.ndarray
    annotation: np.ndarray
    similarity: np.ndarray


@dataclass(frozen=True, slots=True)
class AreaRange:
    """Inclusive bounds in px²."""

    name: str
    low_px2: float
    high_px2: float


@dataclass(frozen=True, slots=True)
class Rules:
    """The parameters of a protocol: everything a number depends on beside the data."""

    thresholds: tuple[float, ...]
    area_ranges: tuple[AreaRange, ...]
    max_detections: tuple[int, ...]
    recall_points: tuple[float, ...] = field(default=())
    tie_order: str = "file"
