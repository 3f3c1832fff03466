"""The picture of precision and recall."""

import base64
import xml.etree.ElementTree as ElementTree

import numpy as np

from tasks.curve_picture import HEIGHT_PX, WIDTH_PX, Line, data_url, precision_recall_svg

SVG = "{http://www.w3.org/2000/svg}"
LINES = [
    Line("0.5 & more", np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.5, 0.0])),
    Line("0.75", np.array([0.0, 1.0]), np.array([0.3, 0.3])),
]


def points_of(line: ElementTree.Element) -> list[tuple[float, ...]]:
    """Where a line goes, px."""
    return [tuple(map(float, point.split(","))) for point in line.attrib["points"].split()]


def test_a_line_goes_where_its_curve_does() -> None:
    """Recall to the right, precision upwards, within the picture; linear in both."""
    found = ElementTree.fromstring(precision_recall_svg("a", LINES)).findall(f"{SVG}polyline")
    first, second = map(points_of, found)
    assert [x for x, _ in first] == sorted(x for x, _ in first)
    assert first[1] == (round((first[0][0] + first[2][0]) / 2, 1), round((first[0][1] + first[2][1]) / 2, 1))
    assert first[0][1] < first[1][1] < first[2][1]
    assert len({y for _, y in second}) == 1
    assert all(0 < x < WIDTH_PX and 0 < y < HEIGHT_PX for x, y in first + second)


def test_axes_and_lines_are_named() -> None:
    """Also where a name holds what XML takes for its own; every text lies in the picture."""
    root = ElementTree.fromstring(precision_recall_svg("<street>", LINES))
    texts = {text.text: text.attrib for text in root.iter(f"{SVG}text")}
    assert {"<street>", "recall", "precision", "0.5 & more", "0.75", "0.0", "1.0"} <= set(texts)
    assert all(float(at["x"]) < WIDTH_PX and float(at["y"]) < HEIGHT_PX for at in texts.values())


def test_without_curves_the_axes_are_drawn() -> None:
    """A picture all the same."""
    root = ElementTree.fromstring(precision_recall_svg("a", []))
    assert root.findall(f"{SVG}polyline") == []
    assert "recall" in [text.text for text in root.iter(f"{SVG}text")]


def test_the_address_holds_the_picture() -> None:
    """Nothing else has to be asked for."""
    svg = precision_recall_svg("a", LINES)
    kind, _, text = data_url(svg).partition(";base64,")
    assert kind == "data:image/svg+xml"
    assert base64.b64decode(text).decode() == svg
