"""Names and places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InputError
from tasks.storage.layout import Place, bucket_folder, bucket_of, check_name, is_part, part_file, tagged, unknown

ODD_NAMES = ["007", "1", "true", "2024-01-01", "a", "A.b_c-d", "...", "x" * 100]
NO_NAMES = ["", ".", "..", "a/b", "../a", "a\\b", "a b", "a@b", "a=b", "é", "a\n", "\0", "x" * 101, "bucket=b00"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_of_the_grammar_are_taken_as_they_are(name: str) -> None:
    """Digits, dates and words are names like any other."""
    assert check_name(name, "prediction set") == name


@pytest.mark.parametrize("name", NO_NAMES)
def test_other_names_are_refused_with_the_grammar(name: str) -> None:
    """Whatever could leave its folder or split it is no name, and the hint says what is."""
    with pytest.raises(InputError, match="is not a name") as error:
        check_name(name, "prediction set")
    assert "1 to 100" in str(error.value.hint)


@pytest.mark.parametrize("path", ["", "..", "matches/..", "matches/version=..@abcdef", "matches/version=a", "/matches",
                                  "matches//", "matches/rules=a@abcdef/version=a@abcdef", "matches/version=a@abcdef/x",
                                  "_meta", "matches/version=a/b@abcdef", "matches/version=a@ABCDEF"])  # fmt: skip
def test_a_path_that_is_no_place_is_refused(path: str) -> None:
    """Only what `path` writes is read back: no other spelling, no way out."""
    with pytest.raises(InputError):
        Place.parse(path)


@given(
    st.from_regex(r"[A-Za-z0-9._-]{1,100}", fullmatch=True).filter(lambda name: name not in {".", ".."}),
    st.from_regex(r"[0-9a-z]{6,64}", fullmatch=True),
)
def test_a_place_is_read_back_from_its_path(name: str, digest: str) -> None:
    """Path and place say the same."""
    place = Place("matches", tagged(name, digest), tagged("coco-bbox", "ab12cd34"))
    assert Place.parse(place.path) == place
    assert (place.set_name, place.protocol) == (name, "coco-bbox")


def test_a_place_encloses_those_below_it_only() -> None:
    """A name that begins alike lies beside, not inside."""
    outer = Place("matches", "a@abcdef")
    assert outer.encloses(Place("matches", "a@abcdef", "r@abcdef"))
    assert not outer.encloses(Place("matches", "a@abcdef0"))
    assert not outer.encloses(outer)


def test_folders_of_buckets_and_parts_are_read_back() -> None:
    """Bucket numbers have two digits or more, and no other spelling counts."""
    assert [bucket_of(bucket_folder(n)) for n in (0, 7, 99, 100, 4096)] == [0, 7, 99, 100, 4096]
    assert [bucket_of(name) for name in ("bucket=b7", "bucket=b007", "bucket=7", "b07", "bucket=b00/..")] == [None] * 5
    assert is_part(f"{bucket_folder(3)}/{part_file(2)}")
    assert not is_part("bucket=b00/../part-00000.parquet")
    assert not is_part("part-00000.parquet")
    with pytest.raises(ValueError, match="outside"):
        bucket_folder(-1)


def test_unknown_names_get_near_ones() -> None:
    """The error suggests what was meant, lists what there is, or says that there is nothing."""
    assert "did you mean yolo-v8" in str(unknown("yolo_v8", "prediction set", ["yolo-v8", "detr"]))
    assert "there are: detr" in str(unknown("yolo", "prediction set", ["detr"]))
    assert "there is no prediction set yet" in str(unknown("yolo", "prediction set", []))
