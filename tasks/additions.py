"""Further files for a prediction set: what it holds is carried over, and units it has predictions on are refused."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from schemas.errors import InputError
from schemas.records import Array
from tasks.answers import PredictedAnswerKeys
from tasks.catalog import Entry
from tasks.columns import numbers
from tasks.intake import Intake
from tasks.normalize import Step
from tasks.rejects import SCHEMA
from tasks.resolve import SET_SHIFT, PredictionKeys
from tasks.storage import Partition
from tasks.units import UnitIndex

_LOW = (1 << SET_SHIFT) - 1


@dataclass(frozen=True, slots=True)
class Held:
    """What a set holds before files are added to it."""

    entry: Entry
    units: UnitIndex

    @property
    def predictions(self) -> Partition:
        """Its predictions."""
        return self.entry.partitions["predictions"]

    @property
    def answers(self) -> Partition | None:
        """Its answers, if it has any."""
        return self.entry.partitions.get("classifications_predictions")

    def number(self) -> int:
        """The set's number, which stands above the row in every key."""
        return int(self.entry.record["set_number"])

    def rows(self) -> int:
        """A number of rows that is above every row of its files."""
        return self._above(self.predictions, "prediction_key")

    def answer_rows(self) -> int:
        """The same of its answers."""
        return 0 if self.answers is None else self._above(self.answers, "answer_key")

    @staticmethod
    def _above(partition: Partition, key: str) -> int:
        highest = [numbers(group[key]).max(initial=-1) for group in partition.row_groups([key])]
        return int(max((k & _LOW for k in highest if k >= 0), default=-1)) + 1

    def present(self, place: Callable[[pa.Table], Array]) -> Array:
        """bool[U]: units it has predictions or answers on, by position."""
        found = np.zeros(len(self.units.unit_key), bool)
        for partition in filter(None, (self.predictions, self.answers)):
            for group in partition.row_groups(["unit_key"]):
                found[place(group)] = True
        return found

    def carry_into(self, intake: Intake) -> None:
        """Write its rows again and let keys and books go on from there; new rows on its units end the import."""
        place, number = self._places(), self.number()
        present = self.present(place)
        answers = PredictedAnswerKeys.of_set(number, self.answer_rows())
        intake.keys = OnlyNewUnits(PredictionKeys(number, self.rows()), present)
        intake.answers.keys = OnlyNewUnits(answers, present)
        self._carry_over(self.predictions, place, intake.writers.write)
        if self.answers is not None:
            self._carry_over(self.answers, place, intake.answers.write)
        record, counts = self.entry.record, intake.counts
        counts.rows, counts.accepted, counts.rejected = (record[name] for name in ("rows", "accepted", "rejected"))
        counts.leaving = record.get("boxes_leaving_image", 0)
        counts.given.update(record["given"])
        if "rejects" in self.entry.partitions:
            intake.rejects.write(self.entry.partitions["rejects"].read(SCHEMA.names))

    @staticmethod
    def _carry_over(
        partition: Partition, place: Callable[[pa.Table], Array], write: Callable[[pa.Table], None]
    ) -> None:
        """Write its rows, row group by row group, in their order."""
        for group in partition.row_groups():
            write(group.append_column("unit_position", pa.array(place(group))))

    def _places(self) -> Callable[[pa.Table], Array]:
        """Rows -> int64[n]: positions of their units, all of which the project knows."""
        order = np.argsort(self.units.unit_key)
        keys = self.units.unit_key[order]
        return lambda rows: order[np.searchsorted(keys, numbers(rows["unit_key"]))]


@dataclass(frozen=True, slots=True)
class OnlyNewUnits:
    """Keys of added rows; the first one on a unit that the set has predictions on already ends the import."""

    keys: Callable[[pa.Table], Step]
    present: Array

    def __call__(self, rows: pa.Table) -> Step:
        """Append the keys. InputError for a unit that is there already."""
        bad = self.present[numbers(rows["unit_position"]).astype(np.int64)]
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise InputError(
                f"the set has predictions on {rows['source_unit'][row].as_py()!r} already",
                where=f"{rows['source_file'][row].as_py()}, record {rows['source_row'][row].as_py()}",
                hint="--add takes further data units; --replace puts these files in the place of the set",
            )
        return self.keys(rows)


def same_buckets(held: Held, buckets: int) -> int:
    """As many buckets as are wanted, or as the set has where it has more."""
    return max(buckets, len(held.predictions.buckets))
