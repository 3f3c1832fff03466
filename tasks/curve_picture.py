"""A picture of precision and recall: a small SVG, drawn without a library, that any browser shows."""

import base64
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from schemas.judging import Array

WIDTH_PX, HEIGHT_PX = 640, 430
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 20, 40, 86
_ABREAST = 3
"""Lines named in a row."""
_COLOURS = ("#1f6feb", "#d9730d", "#2a9d5c", "#8250df", "#cf222e", "#57606a")
"""Told apart on a white ground, also by people who see red and green alike (by their lightness)."""
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


class Line(NamedTuple):
    """A curve of P points and what it is called."""

    label: str
    recall: Array
    """float64[P], ascending, in 0 to 1."""
    precision: Array
    """float64[P], in 0 to 1."""


def precision_recall_svg(title: str, lines: Sequence[Line]) -> str:
    """An SVG document of WIDTH_PX x HEIGHT_PX: both axes from 0 to 1, a line a curve, and which is which.

    Of no lines, the empty axes. Meant for six at most: of more, the colours come again.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{HEIGHT_PX}" '
        f'viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}" font-family="sans-serif" font-size="12" fill="#24292f">',
        f'<rect width="{WIDTH_PX}" height="{HEIGHT_PX}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="24" font-size="14" font-weight="bold">{escape(title)}</text>',
        *_grid(),
        *(_polyline(line, colour) for line, colour in _coloured(lines)),
        *_legend(lines),
        "</svg>",
    ]
    return "".join(parts)


def data_url(svg: str) -> str:
    """The picture as an address that holds all of it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _coloured(lines: Sequence[Line]) -> list[tuple[Line, str]]:
    return [(line, _COLOURS[k % len(_COLOURS)]) for k, line in enumerate(lines)]


def _x(recall: float) -> float:
    return _LEFT + recall * (WIDTH_PX - _LEFT - _RIGHT)


def _y(precision: float) -> float:
    return _TOP + (1 - precision) * (HEIGHT_PX - _TOP - _BOTTOM)


def _grid() -> list[str]:
    parts = []
    for tick in _TICKS:
        x, y = f"{_x(tick):.1f}", f"{_y(tick):.1f}"
        parts.append(f'<path d="M{x} {_y(0):.1f}V{_y(1):.1f}M{_x(0):.1f} {y}H{_x(1):.1f}" stroke="#d8dee4"/>')
        parts.append(f'<text x="{x}" y="{_y(0) + 18:.1f}" text-anchor="middle">{tick:.1f}</text>')
        parts.append(f'<text x="{_LEFT - 8}" y="{_y(tick) + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    middle = f"{_y(0.5):.1f}"
    parts.append(f'<text x="{_x(0.5):.1f}" y="{_y(0) + 38:.1f}" text-anchor="middle">recall</text>')
    parts.append(f'<text x="18" y="{middle}" text-anchor="middle" transform="rotate(-90 18 {middle})">precision</text>')
    return parts


def _polyline(line: Line, colour: str) -> str:
    points = " ".join(f"{_x(r):.1f},{_y(p):.1f}" for r, p in zip(line.recall, line.precision, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'


def _legend(lines: Sequence[Line]) -> list[str]:
    """In rows of three below the axes."""
    parts = []
    for k, (line, colour) in enumerate(_coloured(lines)):
        x, y = _x(k % _ABREAST / _ABREAST), HEIGHT_PX - 12 - 18 * ((len(lines) - 1) // _ABREAST - k // _ABREAST)
        parts.append(f'<path d="M{x:.1f} {y - 4}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{x + 24:.1f}" y="{y}">{escape(line.label)}</text>')
    return parts
