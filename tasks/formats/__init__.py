"""The formats that can be read, each a module with a frozen record FORMAT."""

from schemas.records import Format
from tasks.formats import coco, encord_json, encord_pickle, kitti, masks, mot, openlabel, panoptic, parquet

# what recognises more goes first: a panoptic list begins as any of COCO's, and is known by the images beside it
FORMATS: tuple[Format, ...] = (
    panoptic.FORMAT, coco.FORMAT, encord_json.FORMAT, encord_pickle.FORMAT, kitti.FORMAT, masks.FORMAT,
    mot.FORMAT, openlabel.FORMAT, parquet.FORMAT,
)  # fmt: skip
