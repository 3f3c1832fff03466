"""Why a record was not taken: the closed list of reasons, and the stages that may say so."""

from enum import StrEnum


class Stage(StrEnum):
    """The stages of the chain, in order."""

    INGEST = "ingest"
    NORMALIZE = "normalize"
    RESOLVE = "resolve"
    MATCH = "match"
    METRICS = "metrics"


class Reason(StrEnum):
    """Reason codes of the table `rejects`. Users filter by them: a code keeps its meaning for ever."""

    NOT_AN_OBJECT = "not_an_object"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    NO_GEOMETRY = "no_geometry"
    INVALID_BOX = "invalid_box"
    INVALID_POLYGON = "invalid_polygon"
    INVALID_MASK = "invalid_mask"
    INVALID_KEYPOINTS = "invalid_keypoints"
    MASK_SIZE_MISMATCH = "mask_size_mismatch"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_UNIT = "unknown_unit"
    AMBIGUOUS_UNIT = "ambiguous_unit"
    UNKNOWN_CATEGORY = "unknown_category"
    UNSUPPORTED = "unsupported"
    UNSUPPORTED_DATA_TYPE = "unsupported_data_type"
    UNKNOWN_SHAPE = "unknown_shape"
    SHAPE_MISMATCH = "shape_mismatch"
    UNKNOWN_OPTION = "unknown_option"
    MISSING_FRAME = "missing_frame"
    UNKNOWN_FRAME = "unknown_frame"
    UNMAPPED_CLASS = "unmapped_class"
    LEAVES_IMAGE = "leaves_image"
    BROKEN_FILE = "broken_file"
