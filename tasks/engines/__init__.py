"""Engines: a file each, and one entry in this tuple."""

from tasks.engine import Engine
from tasks.engines import answers, disagreement, kitti, objects, panoptic, pixels, skeletons, tracks

ENGINES: tuple[Engine, ...] = (
    objects.ENGINE,
    skeletons.ENGINE,
    kitti.ENGINE,
    pixels.ENGINE,
    disagreement.ENGINE,
    panoptic.ENGINE,
    tracks.ENGINE,
    answers.ENGINE,
)
BY_NAME: dict[str, Engine] = {engine.name: engine for engine in ENGINES}
