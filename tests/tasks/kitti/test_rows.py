"""Lines of label files: what each column becomes, and what is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rejects import Reason
from tasks.kitti.rows import read_row
from tasks.refusals import Refused

CAR = b"Car 0.25 2 -1.58 100.5 120 300.25 260.5 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59"
DONT_CARE = b"DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10"


def test_every_column_has_its_place() -> None:
    """Corners become a box; the seven numbers of 3D stay together."""
    row = read_row(CAR + b" 4.5", commas=False)
    assert row.type == "Car"
    assert (row.truncated, row.occluded, row.alpha) == (0.25, 2, -1.58)
    assert row.box == (100.5, 120.0, 199.75, 140.5)
    assert row.box_3d == [1.65, 1.67, 3.64, -0.65, 1.71, 46.70, -1.59]
    assert row.score == 4.5


def test_what_kitti_marks_as_not_stated_is_none() -> None:
    """-1 for truncation, occlusion and sizes, -10 for the angle."""
    row = read_row(DONT_CARE, commas=False)
    assert (row.truncated, row.occluded, row.alpha, row.box_3d, row.score) == (None,) * 5


@pytest.mark.parametrize(
    ("text", "commas"),
    [
        (CAR.replace(b" ", b"   ") + b"  \r", False),
        (CAR.replace(b" ", b"\t"), False),
        (CAR.replace(b" ", b","), True),
        (CAR.replace(b" ", b", "), True),
        (CAR, True),
        (CAR.replace(b"Car", b'"Car"'), False),
    ],
)
def test_spaces_tabs_quotes_and_in_csv_commas_part_columns(text: bytes, commas: bool) -> None:
    """However they are parted, the row is the same."""
    assert read_row(text, commas) == read_row(CAR, commas=False)


def test_a_quoted_name_may_hold_spaces() -> None:
    """As pandas, which Encord Active read these files with, takes them."""
    assert read_row(CAR.replace(b"Car", b'"Other type of fruit"'), commas=False).type == "Other type of fruit"
    assert read_row(CAR.replace(b" ", b",").replace(b"Car", b"Other fruit"), commas=True).type == "Other fruit"


@pytest.mark.parametrize(
    ("found", "instead", "code", "said"),
    [
        (b" -1.59", b"", Reason.NOT_AN_OBJECT, "found 14 columns"),
        (b"-1.59", b"-1.59 0.5 7", Reason.NOT_AN_OBJECT, "found 17 columns"),
        (b"46.70", b"far", Reason.WRONG_TYPE, "z is 'far'"),
        (b"46.70", b"4_6", Reason.WRONG_TYPE, "z is '4_6'"),
        (b"46.70", b"0x1", Reason.WRONG_TYPE, "z is '0x1'"),
        (b"46.70", b"true", Reason.WRONG_TYPE, "z is 'true'"),
        (b"46.70", b"[1]", Reason.WRONG_TYPE, "z is '[1]'"),
        (b"46.70", b"4,6", Reason.WRONG_TYPE, "z is '4,6'"),
        (b"46.70", b"{}", Reason.WRONG_TYPE, "z is '{}'"),
        (b"100.5", b"nan", Reason.NOT_FINITE, "x1 is nan"),
        (b"100.5", b"1e400", Reason.NOT_FINITE, "x1 is inf"),
        (b"-1.59", b"-1.59 inf", Reason.NOT_FINITE, "score is inf"),
        (b"300.25", b"90", Reason.INVALID_BOX, "x 100.5 to 90.0"),
        (b"260.5", b"90", Reason.INVALID_BOX, "y 120.0 to 90.0"),
        (b"300.25", b"2e9", Reason.OUT_OF_RANGE, "2000000000.0"),
        (b" 2 ", b" 1.5 ", Reason.OUT_OF_RANGE, "occluded is 1.5"),
        (b" 2 ", b" 1e300 ", Reason.OUT_OF_RANGE, "occluded is 1e+300"),
        (b"Car", b"C\x07r", Reason.WRONG_TYPE, "printable"),
        (b"Car", b"C" * 1001, Reason.WRONG_TYPE, "1 to 1000"),
        (b"Car", b'"Car', Reason.NOT_AN_OBJECT, "found 1 columns"),
        (b"Car", b'""', Reason.NOT_AN_OBJECT, "found 14 columns"),
    ],
)
def test_what_is_no_object_row_is_refused_with_what_was_found(
    found: bytes, instead: bytes, code: Reason, said: str
) -> None:
    """Code and text name the column and its value."""
    with pytest.raises(Refused) as refused:
        read_row(CAR.replace(found, instead), commas=False)
    assert refused.value.code == code
    assert said in refused.value.text


@pytest.mark.parametrize("text", ["46.7", "+46.7", "46.70000", "0046.7", ".467e2", "4.67E+1", "467e-1"])
def test_numbers_may_be_written_in_any_way(text: str) -> None:
    """As C reads them; all are the same to the bit."""
    row = read_row(CAR.replace(b"46.70", text.encode()), commas=False)
    assert row.box_3d == [1.65, 1.67, 3.64, -0.65, 1.71, 46.7, -1.59]


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=5))
def test_numbers_keep_every_bit(values: list[float]) -> None:
    """17 digits come back as the number they were written from."""
    text = " ".join(map(repr, values))
    row = read_row(f"Car 0 0 {values[0]!r} 0 0 1 1 9 9 9 {text.split(' ', 1)[1]} {values[0]!r}".encode(), commas=False)
    assert row.alpha == (values[0] if values[0] != -10 else None)
    assert row.box_3d == [9, 9, 9, *values[1:]]
    assert row.score == values[0]


def test_a_box_without_area_is_taken() -> None:
    """Only corners that are inverted are refused; a degenerate box matches nothing."""
    assert read_row(CAR.replace(b"300.25", b"100.5"), commas=False).box == (100.5, 120.0, 0.0, 140.5)


@given(st.floats(0, 1300), st.floats(0, 1300))
def test_the_far_corner_comes_back_within_a_last_place(x1: float, x2: float) -> None:
    """x + w is x2 but for ties of rounding, so that areas and overlaps are those of the corners."""
    x1, x2 = sorted((x1, x2))
    x, _, w, _ = read_row(f"Car 0 0 0 {x1!r} 0 {x2!r} 1 0 0 0 0 0 0 0".encode(), commas=False).box
    assert (x, w) == (x1, x2 - x1)
    assert abs(x + w - x2) <= math.ulp(x2)


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(line: bytes) -> None:
    """Whatever UTF-8 a line holds, it is a row or Refused."""
    line = line.decode(errors="ignore").encode()
    try:
        row = read_row(line, commas=True)
    except Refused:
        return
    assert all(map(math.isfinite, row.box))
