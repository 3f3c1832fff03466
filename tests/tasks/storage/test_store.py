"""Where a store may lie."""

from pathlib import Path

import pytest

from schemas.errors import InputError
from tasks.storage import Store


@pytest.mark.parametrize("place", ["gs://b/x", "s3://", "s3:", "file:///x", "https://x/y"])
@pytest.mark.parametrize("kind", [str, Path])
def test_an_address_is_no_folder(place: str, kind: type[str] | type[Path]) -> None:
    """Other than on S3, and of no bucket there: a folder of that name would be made."""
    with pytest.raises(InputError, match="is neither a folder nor a place on S3"):
        Store(kind(place))


@pytest.mark.parametrize("place", ["a:b", "C:/x", "x/gs:/y", "s3://bucket", "s3://bucket/prefix"])
def test_other_places_may_be(place: str) -> None:
    """A colon alone makes no address."""
    assert Store(place).location.endswith(place)
