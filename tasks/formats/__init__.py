"""The formats that can be read: a module each with a frozen record FORMAT, and its name in this registry."""

from schemas.records import Format
from tasks.registry import Registry

# what recognises more goes first: a panoptic list begins as any of COCO's, and is known by the images beside it
FORMATS: Registry[Format] = Registry(
    __name__,
    "FORMAT",
    "panoptic",
    "coco",
    "encord_json",
    "encord_pickle",
    "kitti",
    "masks",
    "mot",
    "openlabel",
    "parquet",
)
