"""The predictions people make in their own loop: the classes Encord Active's users know, under the module `boxscore`.

A pickled list of them is read by `boxscore import predictions`, as is what `PredictionWriter` leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from schemas.prediction_checks import mask_array, number, pairs, probabilities, shown, text, whole
from schemas.prediction_shapes import Bitmask, BoundingBox, Keypoint, Polyline, RotatableBoundingBox, Skeleton

_LAST_FRAME = 2**31 - 1


class Format(str, Enum):  # noqa: UP042 - as Encord's, whose text is not its value
    """What `data` of a detection is; the first three are Encord Active's."""

    __module__ = "boxscore"

    BOUNDING_BOX = "bounding-box"
    MASK = "mask"
    POLYGON = "polygon"
    ROTATABLE_BOUNDING_BOX = "rotatable-bounding-box"
    POLYLINE = "polyline"
    KEYPOINT = "keypoint"
    SKELETON = "skeleton"
    BITMASK = "bitmask"

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        """Pickle by value, at every protocol and in every Python."""
        return Format, (self.value,)


_CLASSES: dict[Format, type] = {
    Format.BOUNDING_BOX: BoundingBox,
    Format.ROTATABLE_BOUNDING_BOX: RotatableBoundingBox,
    Format.POLYLINE: Polyline,
    Format.KEYPOINT: Keypoint,
    Format.SKELETON: Skeleton,
    Format.BITMASK: Bitmask,
}
"""What `data` must be; of masks and polygons an array."""


@dataclass(kw_only=True, eq=False)
class ObjectDetection:
    """A detected object: `data` is what `format` says; a mask an array (height, width) of 0 and 1, a polygon (n, 2)."""

    __module__ = "boxscore"

    format: Format
    data: Any
    feature_hash: str
    track_id: str | int | None = None

    def __post_init__(self) -> None:
        """Check the values: ValueError names the field, the value and what is allowed."""
        try:
            self.format = Format(self.format)
        except ValueError:
            allowed = ", ".join(known.value for known in Format)
            raise ValueError(f"format is {shown(self.format)}; {allowed} are allowed") from None
        self.feature_hash = text(self.feature_hash, "feature_hash")
        if self.track_id is not None and not isinstance(self.track_id, str):
            self.track_id = whole(self.track_id, "track_id", -(2**63), 2**63 - 1)
        self._check_data()

    def _check_data(self) -> None:
        if self.format is Format.MASK:
            self.data = mask_array(self.data, "data")
        elif self.format is Format.POLYGON:
            points = pairs(self.data, "data", fewest=3)
            self.data = self.data if hasattr(self.data, "dtype") else points
        else:
            self._check_class(_CLASSES[self.format])

    def _check_class(self, wanted: Any) -> None:
        if not isinstance(self.data, wanted):
            needed = wanted.__name__
            raise ValueError(f"data is {shown(self.data)}; for the format {self.format.value} a {needed} is needed")
        self.data.__post_init__()


@dataclass(kw_only=True)
class FrameClassification:
    """An answer about a whole frame: the hashes of the classification, its attribute and the option."""

    __module__ = "boxscore"

    feature_hash: str
    attribute_hash: str
    option_hash: str

    def __post_init__(self) -> None:
        """Check the values."""
        for field in ("feature_hash", "attribute_hash", "option_hash"):
            setattr(self, field, text(getattr(self, field), field))


class Prediction:
    """A prediction about a data unit: an object, or an answer about the frame, with a confidence.

    `class_probabilities` may say how probable each class is, by its feature hash (of an answer each option, by its
    option hash): quality metrics such as entropy are made of them. `frame` is that of a video, from 0. As in Encord
    Active to 0.1.31, an object may also be given flat, by `class_id`, `format`, `data` and `track_id`.
    """

    __module__ = "boxscore"

    def __init__(
        self,
        *,
        data_hash: str,
        confidence: float,
        frame: int | None = 0,
        object: ObjectDetection | None = None,
        classification: FrameClassification | None = None,
        class_probabilities: Mapping[str, float] | None = None,
        **flat: Any,
    ) -> None:
        """Keep and check the values: ValueError names the field, the value and what is allowed."""
        if flat:
            object = _of_flat(flat, object)
        self.data_hash, self.frame, self.confidence = data_hash, frame, confidence
        self.object, self.classification = object, classification
        if class_probabilities is not None:  # others keep the fields that Encord Active's have
            self.class_probabilities = class_probabilities
        self.validate()

    def validate(self) -> None:
        """Check all values, which may have changed since. ValueError as above."""
        self.data_hash = text(self.data_hash, "data_hash")
        self.frame = None if self.frame is None else whole(self.frame, "frame", 0, _LAST_FRAME)
        self.confidence = number(self.confidence, "confidence", 0, 1)
        if (self.object is None) == (self.classification is None):
            raise ValueError("one of object and classification must be given, and not both")
        wanted = ObjectDetection if self.classification is None else FrameClassification
        given = self.object if self.classification is None else self.classification
        if not isinstance(given, wanted):
            field = "object" if self.classification is None else "classification"
            article = "an" if wanted is ObjectDetection else "a"
            raise ValueError(f"{field} is {shown(given)}; {article} {wanted.__name__} is needed")
        given.__post_init__()
        if hasattr(self, "class_probabilities"):
            self.class_probabilities = probabilities(self.class_probabilities, "class_probabilities")

    def __repr__(self) -> str:
        """Name the unit and what was predicted."""
        thing = self.object if self.classification is None else self.classification
        where = f"data_hash={self.data_hash!r}, frame={self.frame}"
        return f"Prediction({where}, confidence={self.confidence}, {thing!r})"


def _of_flat(flat: dict[str, Any], nested: ObjectDetection | None) -> ObjectDetection:
    """The detection that flat arguments stand for."""
    unknown = set(flat) - {"class_id", "format", "data", "track_id"}
    if unknown:
        raise TypeError(f"Prediction has no argument {min(unknown)!r}")
    missing = {"class_id", "format", "data"} - set(flat)
    if missing or nested is not None:
        raise ValueError("class_id, format and data are given together, in place of object")
    return ObjectDetection(
        format=flat["format"], data=flat["data"], feature_hash=flat["class_id"], track_id=flat.get("track_id")
    )
