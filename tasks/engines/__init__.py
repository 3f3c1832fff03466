"""Engines: a file each, and one entry in this tuple."""

from tasks.engine import Engine
from tasks.engines import objects

ENGINES: tuple[Engine, ...] = (objects.ENGINE,)
BY_NAME: dict[str, Engine] = {engine.name: engine for engine in ENGINES}
