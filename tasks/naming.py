"""What the words of a file are looked up in, and how it is to be read."""

from dataclasses import dataclass, field

import pyarrow as pa

from schemas.parameters import ClassBy, Reading
from tasks.units import CategoryIndex, UnitIndex, UnitNames, category_index, unit_index


@dataclass(frozen=True, slots=True)
class Names:
    """The project's units and categories by what files call them."""

    units: UnitIndex
    unit_names: UnitNames
    categories: CategoryIndex
    predictions: bool
    reading: Reading = field(default_factory=Reading)

    @property
    def by_name(self) -> bool:
        """Whether classes are looked up by name."""
        return self.reading.class_by is ClassBy.NAME


def names_of(units: pa.Table, categories: pa.Table, predictions: bool, reading: Reading | None = None) -> Names:
    """What the tables `data_units` and `categories` call things."""
    return Names(
        unit_index(units), UnitNames(units), category_index(categories, predictions), predictions, reading or Reading()
    )
