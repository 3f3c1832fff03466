"""The grammar of names: projects, prediction sets, groups, protocols' stand-ins; and where the store is by default."""

import re
from pathlib import Path

DEFAULT_STORE = Path("data/store")
STORE_VARIABLE = "BOXSCORE_STORE"
"""Environment variable that names another."""

NAME_PATTERN = r"[A-Za-z0-9._-]{1,100}"


def is_name(name: str) -> bool:
    """Whether `name` may stand in a path: `.` and `..` fit the pattern and are none."""
    return re.fullmatch(NAME_PATTERN, name) is not None and name not in {".", ".."}


def name_of_file(stem: str) -> str:
    """A name made of a file's stem or a directory's name, what names may not hold as hyphens; else `unnamed`."""
    name = re.sub(r"[^A-Za-z0-9._-]", "-", stem)
    return "unnamed" if name in {"", ".", ".."} else name[:100]


def snake_case(name: str) -> str:
    """A name as MOTChallenge spells its classes: `Static person` is `static_person`."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def checked_path(path: Path) -> Path:
    """The path, if it is text; else ValueError: what a run records of it, and what it prints, is UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise ValueError("the path holds bytes that are not UTF-8; rename the file or folder") from error
    return path


def is_object_store(place: str | Path) -> bool:
    """Whether a store, or a path inside one, lies on an object store: `s3://bucket/prefix`.

    Such a place is a path like any other in parameters, plans and shards; pathlib folds its second slash.
    """
    return str(place).startswith("s3:/")


def place_text(place: str | Path) -> str:
    """A place as people and other programs write it: with both slashes where it lies on an object store."""
    text = str(place)
    return f"s3://{text.removeprefix('s3:').lstrip('/')}" if is_object_store(place) else text
