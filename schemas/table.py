"""What a table is, and the groups of columns that several have."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from schemas.fields import FIELDS, Field

SCHEMA_VERSION = 1
"""Raised when a column changes meaning; written into every file."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the store, or one that lives between two stages (`stored` is False)."""

    name: str
    row: str
    fields: tuple[str, ...]
    key: tuple[str, ...]
    stored: bool = True
    optional: tuple[str, ...] = ()
    """Fields that a row of this table may leave out, though others require them."""
    own: tuple[Field, ...] = ()
    """Fields that no other table has, declared where their values are made."""

    @property
    def columns(self) -> tuple[Field, ...]:
        """Its fields in order, as they are in this table."""
        own = {field.name: field for field in self.own}
        found = (own.get(name) or FIELDS[name] for name in self.fields)
        return tuple(replace(field, nullable=True) if field.name in self.optional else field for field in found)

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema in the order of `fields`, with units and meanings left to the docs."""
        columns = [pa.field(field.name, field.type, nullable=field.nullable) for field in self.columns]
        return pa.schema(
            columns, metadata={"boxscore.table": self.name, "boxscore.schema_version": str(SCHEMA_VERSION)}
        )

    def joined(self, own: Sequence[Field]) -> "Table":
        """The table with further fields of its own behind the others."""
        names = tuple(field.name for field in own)
        return replace(self, fields=(*self.fields, *names), own=(*self.own, *own))


GEOMETRY = ("shape", "bbox", "rotated_bbox", "polygons", "polyline", "keypoints", "mask")
EXACT = ("bbox_px", "bbox_given", "keypoints_px", "area", "num_keypoints")
DIFFICULTY = ("truncated", "occluded", "difficult", "group_of")
SPATIAL = ("alpha", "box_3d")
ORIGIN = ("source_file", "source_row", "source_unit", "source_category")
RESULT = ("prediction_set", "protocol", "rules")
