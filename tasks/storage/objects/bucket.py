"""What touches the object store: every request of the store, with errors a person can act on.

Credentials come from the environment or AWS's own configuration files and go nowhere else. `obstore` is imported with
the first request: stores on a file system do without it.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from schemas.errors import PassingError, StoreError
from schemas.names import place_text

if TYPE_CHECKING:
    from obstore.store import RetryConfig, S3Store

_NO_SUCH = "no such object"
_TROUBLE = re.compile(r"<Code>(?P<code>\w+)</Code>(?:.*?<Message>(?P<message>[^<]*)</Message>)?", re.DOTALL)
_RETRIES: "RetryConfig" = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
"""Of requests that failed by the way; then a person should hear of it."""
_REFUSED_HINT = "credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the machine's role"
_UNREACHED_HINT = "AWS_ENDPOINT_URL names a server other than AWS, AWS_REGION the region"


class Listed(NamedTuple):
    """An object as a listing tells it."""

    path: Path
    bytes: int
    modified: datetime


class NoSuchObjectError(StoreError):
    """There is no object at this place."""


def _split(path: Path) -> tuple[str, str]:
    """(bucket, key) of a place; the key is empty for the bucket itself."""
    bucket, _, key = place_text(path).removeprefix("s3://").partition("/")
    return bucket, key


def get(path: Path) -> bytes:
    """Content of a small object."""
    store, key = _opened(path)
    with guarded("read", path):
        return bytes(store.get(key).bytes())


def pieces(path: Path) -> Iterator[bytes]:
    """Content of a large object, piece by piece."""
    store, key = _opened(path)
    with guarded("read", path):
        yield from map(bytes, store.get(key).stream())


def put(path: Path, content: bytes | memoryview | Path) -> None:
    """Write an object whole, of bytes or of a file."""
    store, key = _opened(path)
    with guarded("write", path):
        store.put(key, content)


def put_new(path: Path, content: bytes) -> bool:
    """Write an object that is not there yet; False where another is: of several writers one wins.

    A first sending whose answer was lost makes the second find its own object.
    """
    from obstore.exceptions import AlreadyExistsError

    store, key = _opened(path)
    with guarded("write", path):
        try:
            store.put(key, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return get(path) == content
        return True


def exists(path: Path) -> bool:
    """Whether there is an object at this place."""
    store, key = _opened(path)
    try:
        with guarded("look at", path):
            store.head(key)
    except NoSuchObjectError:
        return False
    return True


def listed(folder: Path) -> list[Listed]:
    """All objects below a place, by name; none where there is none."""
    store, key = _opened(folder)
    with guarded("list", folder):
        found = [item for chunk in store.list(f"{key}/", chunk_size=1000) for item in chunk]
    bucket = _root(folder)
    return sorted(Listed(bucket / item["path"], item["size"], item["last_modified"]) for item in found)


def folders(folder: Path) -> list[str]:
    """Names of what has objects below it, right below a place."""
    store, key = _opened(folder)
    with guarded("list", folder):
        prefixes = store.list_with_delimiter(f"{key}/" if key else None)["common_prefixes"]
    return sorted(PurePosixPath(prefix).name for prefix in prefixes)


def delete(paths: list[Path]) -> None:
    """Remove objects; some may be gone already."""
    if paths:
        store, _ = _opened(paths[0])
        with guarded("remove", paths[0]):
            store.delete([_split(path)[1] for path in paths])


def _root(path: Path) -> Path:
    return Path(f"s3://{_split(path)[0]}")


def _opened(path: Path) -> tuple["S3Store", str]:
    bucket, key = _split(path)
    if not bucket:
        raise StoreError("the bucket is missing", where=place_text(path), hint="s3://BUCKET/PREFIX")
    said = tuple((name, os.environ[name]) for name in sorted(os.environ) if name.startswith("AWS_"))
    return _client(bucket, said), key


@cache
def _client(bucket: str, _environment: tuple[tuple[str, str], ...]) -> "S3Store":
    """One for as long as the environment says the same of where the bucket is and who asks."""
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError as error:
        hint = "pip install 'boxscore[s3]'"
        raise StoreError("stores on S3 need the package obstore", where=f"s3://{bucket}", hint=hint) from error
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    options: dict[str, Any] = {"client_options": {"allow_http": endpoint.startswith("http://")}}
    if endpoint:
        options["endpoint"] = endpoint
    if provider := _profile_credentials():
        options["credential_provider"] = provider
    with guarded("open", Path(f"s3://{bucket}")):
        return S3Store(bucket, retry_config=_RETRIES, **options)


def _profile_credentials() -> Callable[[], Any] | None:
    """What reads AWS's configuration files where a profile is asked for; all else the client finds by itself."""
    if "AWS_ACCESS_KEY_ID" in os.environ or "AWS_PROFILE" not in os.environ:
        return None
    from obstore.auth.boto3 import Boto3CredentialProvider

    return Boto3CredentialProvider()


@contextmanager
def guarded(doing: str, path: Path) -> Iterator[None]:
    """Turn an error of the block into a StoreError that says what was being done."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as error:
        raise NoSuchObjectError(f"cannot {doing}: {_reason(error)}", where=place_text(path)) from error
    except (BaseError, OSError) as error:
        raise _store_error(error, doing, path) from error


def _store_error(error: Exception, doing: str, path: Path) -> StoreError:
    from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

    text, where = f"cannot {doing}: {_reason(error)}", place_text(path)
    if isinstance(error, PermissionDeniedError | UnauthenticatedError | PermissionError):
        return StoreError(text, where=where, hint=_REFUSED_HINT)
    if isinstance(error, OSError):
        return StoreError(text, where=where)
    return PassingError(text, where=where, hint=_UNREACHED_HINT)


def _reason(error: Exception) -> str:
    """What the server said, without the request around it."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    if said := _TROUBLE.search(text):
        return said["message"] or said["code"]
    return _NO_SUCH if isinstance(error, FileNotFoundError) else text.splitlines()[0][:300]
