"""The grammar of names: projects, prediction sets, groups, protocols' stand-ins; and where the store is by default."""

import re
from pathlib import Path

DEFAULT_STORE = Path("data/store")

NAME_PATTERN = r"[A-Za-z0-9._-]{1,100}"


def is_name(name: str) -> bool:
    """Whether `name` may stand in a path: `.` and `..` fit the pattern and are none."""
    return re.fullmatch(NAME_PATTERN, name) is not None and name not in {".", ".."}
