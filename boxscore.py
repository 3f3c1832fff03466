"""What people import in their own code: predictions, and the writer that leaves them in a file."""

from typing import TYPE_CHECKING, Any

from schemas.prediction_shapes import Bitmask, BoundingBox, Keypoint, Polyline, RotatableBoundingBox, Skeleton
from schemas.predictions import Format, FrameClassification, ObjectDetection, Prediction

if TYPE_CHECKING:
    from tasks.prediction_files.writer import PredictionWriter

    __version__: str

__all__ = [
    "Bitmask",
    "BoundingBox",
    "Format",
    "FrameClassification",
    "Keypoint",
    "ObjectDetection",
    "Polyline",
    "Prediction",
    "PredictionWriter",
    "RotatableBoundingBox",
    "Skeleton",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Load what a prediction loop may never need, Arrow among it, when it is asked for."""
    if name == "PredictionWriter":
        from tasks.prediction_files.writer import PredictionWriter

        return PredictionWriter
    if name == "__version__":
        from tasks.installed import installed_version

        return installed_version("boxscore")
    raise AttributeError(f"module 'boxscore' has no attribute {name!r}")
