"""Pixels: semantic masks are counted by pairs of classes; classes have an IoU."""

from schemas.tables import METRICS, PIXEL_CONFUSION, UNIT_SCORES
from tasks.engine import Engine
from tasks.pieces import UNITS_BY_KEY
from tasks.pixels.confusion import columns_of, match_pixels
from tasks.pixels.measured import measure_pixels, misfit

ENGINE = Engine(
    name="pixels",
    reads=("predictions", "ground_truth"),
    matched=(PIXEL_CONFUSION,),
    measured=(METRICS, UNIT_SCORES),
    match=match_pixels,
    measure=measure_pixels,
    misfit=misfit,
    columns=columns_of,
    pieces=UNITS_BY_KEY,
)
