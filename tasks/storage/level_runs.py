"""Levels of a column's leaves as their pages have them: each encoded once, whatever leaves share it."""

import struct
from collections.abc import Sequence

import numpy as np

from tasks.kernels.arrays import Bool, UInt8
from tasks.kernels.parquet_levels import level_bytes, with_list, with_optional
from tasks.storage import thrift
from tasks.storage.leaves import Layer, Leaf, Levels

Buffers = list[bytes | memoryview]

_Stretches = tuple[Layer, ...]
"""One layer, over stretches of rows."""


class LevelRuns:
    """The levels of the leaves of one column. What lies in the same lists goes on in the same places, and fields of a
    struct that are there are there together: what leaves share is found once.
    """

    def __init__(self) -> None:
        """None made so far."""
        self._levels: dict[tuple[object, ...], tuple[UInt8, UInt8]] = {}
        self._runs: dict[tuple[int, int], Buffers] = {}

    def of(self, parts: Sequence[Levels], leaf: Leaf) -> Buffers:
        """Repetition and definition levels of stretches of rows, which must be kept as long as this is."""
        layers, rows = list(zip(*(part.layers for part in parts), strict=True)), sum(part.rows for part in parts)
        if all(layer.there is None for each in layers for layer in each):
            return one_level(leaf.max_definition, rows, leaf.max_definition)
        definition, repetition = self.levels(layers, rows)
        return [*self._encoded(repetition, leaf.max_repetition), *self._encoded(definition, len(layers))]

    def levels(self, layers: Sequence[_Stretches], rows: int) -> tuple[UInt8, UInt8]:
        """(definition, repetition) uint8[E] of what lies below the layers, the outermost first."""
        key = tuple((layer.repeated, id(layer.there)) for each in layers for layer in each)
        if key not in self._levels:
            self._levels[key] = self._deeper(layers, rows) if layers else (np.zeros(rows, np.uint8),) * 2
        return self._levels[key]

    def _deeper(self, layers: Sequence[_Stretches], rows: int) -> tuple[UInt8, UInt8]:
        *above, last = layers
        definition, repetition = self.levels(above, rows)
        if last[0].repeated:
            lists = sum(each[0].repeated for each in above)
            return with_list(definition, repetition, len(above), lists + 1, np.concatenate([of.there for of in last]))
        there = _together(last)
        if not above and len(there):
            return there.view(np.uint8), repetition
        return with_optional(definition, len(above), there), repetition

    def _encoded(self, levels: UInt8, highest: int) -> Buffers:
        """Runs after their length in bytes; none where there is but one level."""
        if highest == 0:
            return []
        key = id(levels), highest
        if key not in self._runs:
            runs = level_bytes(levels, highest)
            self._runs[key] = [struct.pack("<i", len(runs)), runs.data]
        return self._runs[key]


def _together(layers: _Stretches) -> Bool:
    """Optional values over all stretches; nothing where all of them are there."""
    if all(layer.there is None for layer in layers):
        return np.empty(0, np.bool_)
    return np.concatenate(
        [np.ones(layer.reached, np.bool_) if layer.there is None else layer.there for layer in layers]
    )


def one_level(level: int, entries: int, highest: int) -> Buffers:
    """A level that all entries have, in one run after its length in bytes; none where there is but one level."""
    if highest == 0:
        return []
    runs = one_run(level, entries) if entries else b""
    return [struct.pack("<i", len(runs)), runs]


def one_run(value: int, count: int) -> bytes:
    """A number of up to eight bits, `count` times, as Parquet's hybrid of runs and packed numbers has it."""
    return thrift.varint(count << 1) + bytes([value])
