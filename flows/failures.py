"""Errors of a run in the words of its form: the field that is wrong, where the command line names its option."""

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.errors import BoxscoreError

_FIELDS = {
    "--protocol": "protocols",
    "--set": "sets",
    "--iou-threshold": "settings.iou_thresholds",
    "--area-range": "settings.area_ranges",
    "--max-detections": "settings.max_detections",
    "--keypoint-sigma": "settings.keypoint_sigmas",
    "--distance": "settings.distances",
    "--unlabelled": "settings.unlabelled",
    "--ignored-class": "settings.ignored_classes",
    "--tie-order": "settings.tie_order",
    "--as": "settings.stand_as",
    "SET": "sets",
}
"""Fields that are not called as the option that fills them."""


@contextmanager
def in_words_of_the_form() -> Iterator[None]:
    """Let an error that names an option of the command line name the field of the form instead."""
    try:
        yield
    except BoxscoreError as error:
        if error.where is not None:
            error.where = field_of(error.where)
        raise


def field_of(where: str) -> str:
    """The field that an option fills; what is no option as it is."""
    if where in _FIELDS:
        return _FIELDS[where]
    return where.removeprefix("--").replace("-", "_") if where.startswith("--") else where
