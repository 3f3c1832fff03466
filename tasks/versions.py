"""Digests and versions: what a result was made of, so that the same work twice is none."""

import hashlib
from typing import Any

import orjson

from schemas.tables import SCHEMA_VERSION
from tasks.installed import installed_version

STAGE_VERSIONS = {"ingest": 1, "normalize": 1, "resolve": 1, "match": 2, "metrics": 1, "quality": 1, "failures": 1}
"""Raised when a stage would give other rows for the same input; stored results of older versions count as stale."""


def digest(content: Any) -> str:
    """12 hexadecimal digits of a JSON-able value; key order does not matter."""
    text = orjson.dumps(content, default=list, option=orjson.OPT_SORT_KEYS)  # named tuples count as lists
    return hashlib.sha256(text).hexdigest()[:12]


def versions() -> dict[str, str]:
    """What produced a run: boxscore's own version, its stages and tables, and the libraries that decide numbers."""
    stages = {f"stage {name}": str(number) for name, number in STAGE_VERSIONS.items()}
    libraries = {name: installed_version(name) for name in ("boxscore", "numpy", "pyarrow", "numba")}
    return {**libraries, **stages, "schema": str(SCHEMA_VERSION)}
