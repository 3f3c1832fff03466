"""Words to choose from: the command line lists them, the forms of Prefect's UI offer them as drop-downs."""

from enum import StrEnum


class FormatName(StrEnum):
    """How a file is written; `auto` recognises what it can and says what it took."""

    AUTO = "auto"
    COCO = "coco"
    ENCORD_PICKLE = "encord-pickle"
    ENCORD_JSON = "encord-json"
    KITTI = "kitti"
    MASKS = "masks"
    MOT = "mot"
    OPENLABEL = "openlabel"
    PANOPTIC = "panoptic"
    PARQUET = "parquet"


class ClassBy(StrEnum):
    """What a record's class is looked up by."""

    HASH = "hash"
    NAME = "name"


class Outside(StrEnum):
    """What becomes of boxes that leave their image."""

    KEEP = "keep"
    CLIP = "clip"
    REJECT = "reject"


class MaskKind(StrEnum):
    """What the pixels of a mask file mean."""

    INSTANCES = "instances"
    SEMANTIC = "semantic"
    ONE_PER_FILE = "one-per-file"


class Unlabelled(StrEnum):
    """What pixels are that nobody labelled, in semantic masks."""

    BACKGROUND = "background"
    IGNORED = "ignored"
    CLASS = "class"


class TieOrder(StrEnum):
    """How ties of score fall: as in the official tools, or by content, whatever the order of rows."""

    FILE = "file"
    CANONICAL = "canonical"
