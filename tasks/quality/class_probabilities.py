"""How sure a model is of classes: numbers of the probabilities that predictions and answers of a data unit carry."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.columns import list_parts, numbers, one_chunk
from tasks.quality.bucket import Array, Bucket

COLUMN = "class_probabilities"


class Vectors(NamedTuple):
    """Probabilities of n predictions and answers of a bucket, objects first."""

    unit: Array
    """int64[n]: place of the unit of each."""
    starts: Array
    """int64[n + 1]: those of vector k are probability[starts[k]:starts[k + 1]], at least one."""
    probability: Array
    """float64[P]"""

    @property
    def sizes(self) -> Array:
        """int64[n]: classes of each."""
        return np.diff(self.starts)

    def sums(self, values: Array) -> Array:
        """float64[n]: the values (of P) of each added up."""
        return np.add.reduceat(values, self.starts[:-1]) if len(values) else np.zeros(0)


def vectors_of(bucket: Bucket) -> Vectors:
    """What predictions and answers say; of annotations, and where no model says anything: nothing."""
    nobody = np.zeros(0, np.int64)
    if not bucket.predicted:
        return Vectors(nobody, np.zeros(1, np.int64), np.zeros(0))
    answered = bucket.place[numbers(bucket.answers["unit_key"])].astype(np.int64)
    columns = [bucket.column(COLUMN), one_chunk(bucket.answers[COLUMN])]
    column = one_chunk(pa.chunked_array(columns))
    rows = np.flatnonzero(numbers(pc.greater(pc.list_value_length(column), 0), missing=False))
    values, starts = list_parts(column.take(pa.array(rows)))
    unit = np.concatenate([bucket.objects.unit, answered])[rows]
    return Vectors(unit, starts, numbers(pc.struct_field(values, "probability")))


def mean_of_units(bucket: Bucket, number: Callable[[Vectors], Array]) -> Array:
    """float64[U]: mean over a unit's predictions and answers of a number of each (float64[n], NaN where undefined);
    NaN where there is none. Added up in the order of keys, whatever the buckets.
    """
    vectors = bucket.once(vectors_of)
    value = number(vectors)
    counted = ~np.isnan(value)
    n_units = len(bucket.units.key)
    total = np.bincount(vectors.unit[counted], value[counted], minlength=n_units)
    count = np.bincount(vectors.unit[counted], minlength=n_units)
    return np.divide(total, count, out=np.full(n_units, np.nan), where=count > 0)
