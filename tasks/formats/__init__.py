"""The formats that can be read, each a module with a frozen record FORMAT."""

from schemas.records import Format
from tasks.formats import coco, encord_json, encord_pickle, kitti, masks, openlabel

FORMATS: tuple[Format, ...] = (
    coco.FORMAT, encord_json.FORMAT, encord_pickle.FORMAT, kitti.FORMAT, masks.FORMAT, openlabel.FORMAT,
)  # fmt: skip
