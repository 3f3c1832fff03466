"""What a quality metric has to offer, and what it is handed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy.typing as npt
import pyarrow as pa

from schemas.fields import Field
from tasks.kernels.image_pixels import image_sums
from tasks.quality.bucket import Bucket, Units

Array = npt.NDArray[Any]
Values = Mapping[str, Array | pa.Array]
"""By column, a value a row: numpy float64 of which NaN is null, other numpy without nulls, or Arrow as it is."""

PREDICTION, ANNOTATION, UNIT, IMAGE = "prediction", "annotation", "unit", "image"
"""What a row of `quality` tells of."""


@dataclass(frozen=True)
class Picture:
    """A decoded image."""

    rgb: Array
    """uint8[H, W, 3], contiguous; at least one pixel."""

    @cached_property
    def sums(self) -> list[int]:
        """What its pixels add up to, as `tasks.kernels.image_pixels` counts it."""
        found: list[int] = image_sums(self.rgb).tolist()
        return found

    def share(self, colour: int) -> float:
        """Of its pixels that are of a colour: RED, GREEN or BLUE."""
        return self.sums[colour] * self.rgb.shape[2] / self.rgb.size


@dataclass(frozen=True, slots=True)
class QualityMetric:
    """A quality metric: its columns, and how they come about; one callable a kind of row that has values."""

    name: str
    """As the file is called; also its main column."""
    fields: Sequence[Field]
    """Its columns of `quality`; in rows without values they are null."""
    of_objects: Callable[[Bucket, Any], Values] | None = None
    """(bucket, combined state) -> a value an object, in the order of `bucket.objects`."""
    of_units: Callable[[Bucket, Any], Values] | None = None
    """(bucket, combined state) -> a value a data unit, in the order of `bucket.units`, about its objects."""
    of_images: Callable[[Units], Values] | None = None
    """Of data units without their objects, where no pixels are needed."""
    of_pixels: Callable[[Picture], Mapping[str, float]] | None = None
    """Of one image's pixels: its numbers by column."""
    sides: tuple[str, ...] = (PREDICTION, ANNOTATION)
    """Whose objects it can tell of."""
    partial: Callable[[Bucket], Any] | None = None
    """What a bucket adds to the state that all buckets share; None: none is needed, and the state is None."""
    combine: Callable[[list[Any]], Any] | None = None
    """Partial states, in the order of the buckets -> state; how many buckets there are must not move a bit."""
    version: int = 1
    """Raised when its values change for the same input: stored ones then count as stale."""
