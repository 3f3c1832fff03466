"""The formats that can be read, each a module with a frozen record FORMAT."""

from schemas.records import Format
from tasks.formats import coco, kitti

FORMATS: tuple[Format, ...] = (coco.FORMAT, kitti.FORMAT)
