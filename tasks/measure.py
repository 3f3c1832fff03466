"""Metrics: partial states of every bucket, of all of it and of its slices, combined to the bit, finished into rows."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from threading import Lock
from typing import Any, NamedTuple

import pyarrow as pa

from schemas.judging import MeasureContext, Metric
from schemas.records import Run
from schemas.tables import TABLES
from tasks.columns import constant
from tasks.cores import usable_cores
from tasks.engine import Rows
from tasks.metrics import METRICS
from tasks.running import at_once
from tasks.slices.members import Slice

Restrict = Callable[[Any, Slice, MeasureContext], Any]
_COUNTED_TOGETHER = 4
"""Buckets whose second looks share their counts, which are as large as the ground truth."""
_SLICE = "slice"
_SLICED = {table.name for table in TABLES if _SLICE in table.fields}


def _as_read(found: Any, _context: MeasureContext) -> tuple[Any, None]:
    return found, None


class Reading(NamedTuple):
    """How an engine's buckets become what its metrics take; a bucket is small and can go to another process."""

    read: Callable[[Any, MeasureContext], Any]
    """bucket -> what is read of it, once; slices restrict that."""
    restrict: Restrict
    """(what was read, slice) -> the part of it."""
    first: Callable[[Any, MeasureContext], tuple[Any, Any]] = _as_read
    """what was read -> (what `partial` takes, what must be kept for a second look; None where there is none)."""
    read_again: Callable[[Any, MeasureContext], Any] | None = None
    """bucket -> what `recount` takes beside what was kept."""
    restrict_again: Restrict | None = None
    """(what was read again, slice) -> the part of it."""


class _Work(NamedTuple):
    """What is measured of every bucket."""

    metrics: Sequence[Metric]
    reading: Reading
    slices: Sequence[Slice | None]
    """None is the whole."""
    context: MeasureContext

    def of(self, part: Slice | None) -> list[Metric]:
        """The metrics that are told of a slice, or of the whole."""
        return [metric for metric in self.metrics if part is None or metric.sliced]


class _Look(NamedTuple):
    """What one look at a bucket gives, of the whole or a slice."""

    kept: Any
    states: dict[str, Any]
    """By metric."""


class LookedAt(NamedTuple):
    """A bucket whose first look was taken where it was made."""

    looks: list[_Look]
    again: Any
    """The bucket, as `Reading.read_again` takes it."""


def look_at(
    read: Any, again: Any, reading: Reading, engine: str, context: MeasureContext, slices: Sequence[Slice]
) -> LookedAt:
    """Take the first look at what `Reading.read` would give, of the whole and of each slice; `again` as of LookedAt."""
    return LookedAt(_looks(read, _work(reading, engine, context, slices)), again)


def _work(reading: Reading, engine: str, context: MeasureContext, slices: Sequence[Slice]) -> _Work:
    return _Work([*METRICS.get(engine, {}).values()], reading, (None, *slices), context)


def _first_look(bucket: Any, work: _Work) -> list[_Look]:
    return bucket.looks if isinstance(bucket, LookedAt) else _looks(work.reading.read(bucket, work.context), work)


def _looks(read: Any, work: _Work) -> list[_Look]:
    looks = []
    for part in work.slices:
        found = read if part is None else work.reading.restrict(read, part, work.context)
        matched, kept = work.reading.first(found, work.context)
        states = {metric.name: metric.partial(matched, work.context) for metric in work.of(part)}
        looks.append(_Look(kept, states))
    return looks


def _second_look(
    again: Sequence[tuple[Any, list[Any]]], work: _Work, states: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What some buckets come to, one added to the other; of each part, by metric."""
    counts: list[dict[str, Any]] = [{} for _ in work.slices]
    reading = work.reading
    assert reading.read_again is not None, "metrics that recount belong to an engine that reads again"
    for bucket, kept in again:
        read = reading.read_again(bucket.again if isinstance(bucket, LookedAt) else bucket, work.context)
        for part, mine, known, so_far in zip(work.slices, kept, states, counts, strict=True):
            found = read
            if part is not None:
                assert reading.restrict_again is not None, "what is read again can be restricted as what is read first"
                found = reading.restrict_again(read, part, work.context)
            for metric in work.of(part):
                if metric.recount is not None:
                    before = so_far.get(metric.name)
                    so_far[metric.name] = metric.recount(found, mine, known[metric.name], work.context, before)
    return counts


def _shares(buckets: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Neighbouring buckets that are looked at again in turn: few at most, and no fewer shares than there are cores."""
    share = max(1, min(_COUNTED_TOGETHER, len(buckets) // usable_cores()))
    return (buckets[start : start + share] for start in range(0, len(buckets), share))


def _count_again(
    buckets: Sequence[Any], looks: Sequence[list[_Look]], states: list[dict[str, Any]], work: _Work, run: Run
) -> None:
    """Let the metrics that ask for it look again, now that all states are combined."""
    if not any(metric.recount for metric in work.metrics):
        return
    again = [(bucket, [look.kept for look in parts]) for bucket, parts in zip(buckets, looks, strict=True)]
    known = [dict(each) for each in states]
    counted = list(run(partial(_second_look, work=work, states=known), _shares(again), label="curves"))
    for k, part in enumerate(work.slices):
        for metric in work.of(part):
            if metric.combine_counts is not None:
                counts = [share[k][metric.name] for share in counted]
                states[k][metric.name] = metric.combine_counts(states[k][metric.name], counts, work.context)


def _combined(looks: Sequence[list[_Look]], work: _Work) -> list[dict[str, Any]]:
    """States of all buckets, of the whole and of each slice."""

    def combine(asked: tuple[int, Metric]) -> Any:
        k, metric = asked
        return metric.combine([parts[k].states[metric.name] for parts in looks], work.context)

    every = [(k, metric) for k, part in enumerate(work.slices) for metric in work.of(part)]
    states: list[dict[str, Any]] = [{} for _ in work.slices]
    for (k, metric), state in zip(every, at_once(combine, every), strict=True):
        states[k][metric.name] = state
    return states


class _Finished:
    """Rows of several parts, one part after another: what one table asks for is held for the others.

    Tables may be asked for by several threads.
    """

    def __init__(self, parts: Iterator[tuple[Slice | None, Mapping[str, Any]]], work: _Work) -> None:
        self._parts, self._work = parts, work
        self._waiting: dict[str, deque[pa.Table]] = {}
        self._one_at_a_time = Lock()

    def rows(self, table: str) -> Iterator[pa.Table]:
        """A table's rows, piece by piece."""
        while (piece := self._next(table)) is not None:
            yield piece

    def _next(self, table: str) -> pa.Table | None:
        with self._one_at_a_time:
            waiting = self._waiting.setdefault(table, deque())
            while not waiting and self._advance():
                pass
            return waiting.popleft() if waiting else None

    def _advance(self) -> bool:
        """Finish one more part, if there is one."""
        part, states = next(self._parts, (None, None))
        if part is None or states is None:
            return False
        for metric in self._work.of(part):
            finished = metric.finish(states[metric.name], self._work.context)
            for table, pieces in ((name, finished[name]) for name in _SLICED & finished.keys()):
                self._waiting.setdefault(table, deque()).extend(_named(pieces, part.name))
        return True


def _named(pieces: Iterable[pa.Table], name: str) -> Iterator[pa.Table]:
    """The rows as a slice's; a part of a part, as a point of skeletons, has both names."""
    for piece in pieces:
        at = piece.schema.get_field_index(_SLICE)
        column = constant(name, len(piece))
        if piece[_SLICE].null_count < len(piece):
            inner = piece[_SLICE].to_pylist()
            column = pa.array([name if text is None else f"{name} & {text}" for text in inner], pa.string())
        yield piece.set_column(at, _SLICE, column)


def measure(
    buckets: Sequence[Any],
    reading: Reading,
    engine: str,
    context: MeasureContext,
    run: Run,
    slices: Sequence[Slice] = (),
) -> Rows:
    """Rows by table name, piece by piece, of all metrics of an engine over all buckets (at least one).

    Buckets, unless they are `LookedAt`, are looked at once, or twice where a metric asks for it: then what the first
    look found decides where the rest is counted, so that memory grows with the ground truth and not with the
    predictions. Every look takes the whole and each slice of what it read.
    """
    work = _work(reading, engine, context, slices)
    looks = list(run(partial(_first_look, work=work), buckets, label="metrics"))
    states = _combined(looks, work)
    _count_again(buckets, looks, states, work, run)
    rows: dict[str, list[Iterable[pa.Table]]] = {}
    finished = at_once(lambda metric: metric.finish(states[0][metric.name], context), work.metrics)
    for table, part in chain.from_iterable(each.items() for each in finished):
        rows.setdefault(table, []).append(part)
    sliced = _Finished(iter(zip(slices, states[1:], strict=True)), work)
    return {table: chain(*parts, sliced.rows(table)) for table, parts in rows.items()}
