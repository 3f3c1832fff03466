"""Rings become polygons with holes and parts."""

from tests.tasks.openlabel.scenes import Files, document, entry, frame, ring, rows_of

SQUARE = (0, 0, 6, 0, 6, 3, 0, 3)


def polygons_of(files: Files, *rings: object) -> list[list[int]]:
    """Of each polygon, how many points each of its rings has."""
    (row,) = rows_of(files.truth(document(frame(0, a={"poly2d": list(rings)}))).blocks)
    return [[len(ring) for ring in polygon] for polygon in row["polygons"]]


def test_a_hole_belongs_to_the_ring_with_its_polygon_id(files: Files) -> None:
    """Of two parts, the one whose polygon_id the hole has gets it, wherever it stands."""
    parts = [
        ring(*SQUARE, polygon="1"),
        ring(0, 0, 3, 0, 3, 3, polygon="2"),
        ring(1, 1, 2, 1, 2, 2, hole=True, polygon="1"),
    ]
    assert polygons_of(files, *parts) == [[4, 3], [3]]
    assert polygons_of(files, parts[2], parts[1], parts[0]) == [[4, 3], [3]]


def test_without_polygon_ids_a_hole_belongs_to_the_ring_before(files: Files) -> None:
    """Without ids the hole goes to the ring in front of it in the file."""
    hole = ring(1, 1, 2, 1, 2, 2, hole=True)
    assert polygons_of(files, ring(*SQUARE), ring(0, 0, 3, 0, 3, 3), hole) == [[4], [3, 3]]
    assert polygons_of(files, ring(*SQUARE), hole, ring(0, 0, 3, 0, 3, 3)) == [[4, 3], [3]]


def test_rings_of_two_streams_are_two_objects(files: Files) -> None:
    """One object outlined on two streams is a record on each."""
    rings = [ring(*SQUARE), ring(0, 0, 3, 0, 3, 3, stream="REAR")]
    rows = rows_of(files.truth(document(frame(0, a={"poly2d": rings}))).blocks)
    assert [row["source_unit"] for row in rows] == ["5c3e/CAM/0@0", "5c3e/REAR/0@0"]


def test_an_open_curve_is_a_polyline(files: Files) -> None:
    """`closed: false` makes a curve, each a record of its own."""
    curves = [entry([0, 4, 4, 2], closed=False), entry([0, 4, 4, 2, 8, 4], closed=False)]
    rows = rows_of(files.truth(document(frame(0, a={"poly2d": curves}))).blocks)
    assert [(row["shape"], len(row["polyline"])) for row in rows] == [("polyline", 2), ("polyline", 3)]


def test_one_damaged_ring_refuses_the_object(files: Files) -> None:
    """An outline is taken whole or not at all: a missing hole would be a false area."""
    rings = [ring(*SQUARE), ring(1, 1, 2, 1, 2, hole=True)]
    blocks = list(files.truth(document(frame(0, a={"poly2d": rings}))).blocks)
    assert [block.rows for block in blocks] == [1]
    assert rows_of(blocks) == []
