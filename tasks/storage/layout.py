"""Names of the store: which are allowed, and where a partition lies. No name is joined to a path unchecked."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath

from schemas.errors import InputError
from schemas.names import NAME_PATTERN, is_name

META = "_meta"
_TAGGED = re.compile(rf"(?P<name>{NAME_PATTERN})@(?P<digest>[0-9a-z]{{6,64}})")
_TABLE = re.compile(r"[a-z][a-z_]{0,60}")
_BUCKET = re.compile(r"bucket=b(?P<number>[0-9]{2,5})")
_PART = re.compile(r"part-[0-9]{5}(-[0-9a-f]{64})?\.parquet")


def check_name(name: str, kind: str) -> str:
    """Return `name` where the grammar allows it; `kind` says what it names. InputError otherwise."""
    if is_name(name):
        return name
    raise InputError(
        f"{kind} {name!r} is not a name",
        hint="1 to 100 letters A-Z a-z, digits, dots, underscores and hyphens; not `.` or `..`",
    )


def unknown(name: str, kind: str, known: list[str]) -> InputError:
    """The error for a name that nothing stands for, with the nearest known ones; says so when there is none at all."""
    near = get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        hint = f"did you mean {', '.join(near)}?"
    else:
        hint = f"there are: {', '.join(sorted(known)[:20])}" if known else f"there is no {kind} yet"
    return InputError(f"there is no {kind} {name!r}", hint=hint)


def tagged(name: str, digest: str) -> str:
    """`<name>@<digest>`: a folder's value that no reader takes for a number, a date or a boolean."""
    return _check_tag(f"{name}@{digest}")


def _check_tag(tag: str) -> str:
    match = _TAGGED.fullmatch(tag)
    if match is None or not is_name(match["name"]):
        raise InputError(f"{tag!r} is not of the form <name>@<digest>", hint="the digest is 6 to 64 of 0-9 a-z")
    return tag


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A partition's place in its project: the folder that appears and disappears by one rename."""

    table: str
    version: str | None = None
    rules: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would leave the project's folder; InputError."""
        if not _TABLE.fullmatch(self.table):
            raise InputError(f"{self.table!r} is not the name of a table")
        for tag in (self.version, self.rules):
            if tag is not None:
                _check_tag(tag)

    @classmethod
    def parse(cls, path: str) -> "Place":
        """The place of a path relative to the project, as `path` writes it; InputError for any other text."""
        table, *folders = path.split("/")
        tags = dict(folder.split("=", 1) for folder in folders if "=" in folder)
        place = cls(table, tags.get("version"), tags.get("rules"))
        if place.path != path:
            raise InputError(f"{path!r} is not the place of a partition")
        return place

    @property
    def path(self) -> str:
        """Folder relative to the project."""
        version = f"/version={self.version}" if self.version else ""
        rules = f"/rules={self.rules}" if self.rules else ""
        return f"{self.table}{version}{rules}"

    @property
    def set_name(self) -> str | None:
        """What stands before the digest in `version`: the prediction set."""
        return self.version.partition("@")[0] if self.version else None

    @property
    def protocol(self) -> str | None:
        """What stands before the digest in `rules`: the protocol, or the name its rules were given."""
        return self.rules.partition("@")[0] if self.rules else None

    @property
    def slot(self) -> tuple[str, str | None, str | None]:
        """Table, set and protocol: at most one partition of a slot is live."""
        return self.table, self.set_name, self.protocol

    def encloses(self, other: "Place") -> bool:
        """Whether `other` would lie inside this partition's folder."""
        return PurePosixPath(self.path) in PurePosixPath(other.path).parents


def bucket_folder(bucket: int) -> str:
    """Folder of a bucket; tables that are not split by data units use bucket 0."""
    if not 0 <= bucket < 100_000:
        raise ValueError(f"bucket {bucket} is outside 0..99999")
    return f"bucket=b{bucket:02d}"


def bucket_of(folder: str) -> int | None:
    """Number of a bucket's folder; None for any other name."""
    match = _BUCKET.fullmatch(folder)
    return int(match["number"]) if match and bucket_folder(int(match["number"])) == folder else None


def part_file(part: int) -> str:
    """Name of a bucket's n-th file, from 0."""
    return f"part-{part:05d}.parquet"


def with_digest(path: str, sha256: str) -> str:
    """A part's path with its digest in its name: on object stores, what is read can be checked by its name alone."""
    return f"{path.removesuffix('.parquet')}-{sha256}.parquet"


def is_part(path: str) -> bool:
    """Whether a path relative to its partition is a bucket's folder and a part's name."""
    folder, _, name = path.partition("/")
    return bucket_of(folder) is not None and _PART.fullmatch(name) is not None
