"""Areas that outlines cover together, exactly: of boxes, polygons with holes and raster masks, in any mixture.

The plane is cut into upright strips wherever an edge begins, ends or crosses another. Within a strip no two edges
cross, so what lies between neighbours is a trapezoid, as wide as the strip and as high as in its middle. A ring holds
what it winds around, however it crosses itself; a polygon is what its shell holds and its holes do not. A column of a
mask's pixels is a rectangle.
"""

from typing import NamedTuple

import numpy as np

from tasks.kernels.arrays import Bool, Float64, Int64, UInt8
from tasks.kernels.compile import kernel
from tasks.kernels.pairs import grow
from tasks.kernels.rle import runs_to_ends
from tasks.kernels.rle_codec import decode_mask, longest_row

_EDGES, _RINGS, _POLYGONS, _OBJECTS = range(4)
"""Places in `Scene.n`."""


class Outlines(NamedTuple):
    """N objects in px: each some polygons, or a raster mask, or nothing."""

    x: Float64
    """f64[P]: vertices of the rings, which close by themselves."""
    y: Float64
    rings: Int64
    """i64[R+1]: ring r has the vertices [r]:[r+1]."""
    polygon: Int64
    """i64[R]: number of the ring's polygon; rings of one polygon follow one another."""
    hole: Bool
    """bool[R]: what lies in the ring is not in its polygon."""
    objects: Int64
    """i64[N+1]: object k has the rings [k]:[k+1]."""
    data: UInt8
    """Sound masks, packed (see `rle.measure`)."""
    offsets: Int64
    """i64[N+1], into `data`."""
    height: Int64
    """i64[N]: of the object's unit."""


class Scene(NamedTuple):
    """Scratch: the edges of some objects, and what lies inside of what where the sweep stands.

    Few arrays, because handing them to a function costs time by their number.
    """

    n: Int64
    """i64[4]: how many edges, rings, polygons and objects there are."""
    edges: Float64
    """f64[E, 4]: left, right, y on the left, slope; from left to right."""
    marks: Int64
    """i64[E, 2]: what an edge adds to the winding of what lies below it, 1 or -1; its ring."""
    rings: Int64
    """i64[R, 3]: the ring's polygon; 1 for a hole, else 0; its winding, 0 outside."""
    polygons: Int64
    """i64[R, 3]: the polygon's object; how many of its shells are wound about; how many of its holes."""
    covered: Int64
    """Of each object: how many of its polygons are inside."""
    active: Int64
    """Edges of a strip, downwards."""
    middle: Float64
    """y of each of them in the middle of the strip."""


@kernel
def _pieces(characters: UInt8, height: int, ends: Int64) -> int:
    """How many stretches of pixels in one column a mask has; `ends` is scratch."""
    ends = ends[: decode_mask(characters, ends)]
    runs_to_ends(ends)
    n = 0
    for run in range(1, len(ends), 2):
        if ends[run] > ends[run - 1]:
            n += (ends[run] - 1) // height - ends[run - 1] // height + 1
    return n


@kernel
def edge_offsets(outlines: Outlines, ends: Int64) -> Int64:
    """i64[N+1]: edges before each object, at most; `ends` is scratch with room for the longest mask."""
    offsets = np.zeros(len(outlines.objects), np.int64)
    for k in range(len(offsets) - 1):
        n = outlines.rings[outlines.objects[k + 1]] - outlines.rings[outlines.objects[k]]
        if outlines.offsets[k + 1] > outlines.offsets[k]:
            characters = outlines.data[outlines.offsets[k] : outlines.offsets[k + 1]]
            n += 2 * _pieces(characters, outlines.height[k], ends)
        offsets[k + 1] = offsets[k] + n
    return offsets


@kernel
def scene_for(n_edges: int, n_rings: int, n_objects: int) -> Scene:
    """Room for so many edges, rings (or polygons) and objects."""
    return Scene(
        np.zeros(4, np.int64),
        np.empty((n_edges, 4)),
        np.empty((n_edges, 2), np.int64),
        np.zeros((n_rings, 3), np.int64),
        np.zeros((n_rings, 3), np.int64),
        np.zeros(n_objects, np.int64),
        np.empty(n_edges, np.int64),
        np.empty(n_edges),
    )


@kernel
def _add_edge(scene: Scene, x0: float, y0: float, x1: float, y1: float) -> None:
    """An edge of the last ring; an upright one bounds no strip."""
    if x0 == x1:
        return
    k = scene.n[_EDGES]
    scene.marks[k, 0], scene.marks[k, 1] = (1 if x0 < x1 else -1), scene.n[_RINGS] - 1
    if x0 > x1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    edge = scene.edges[k]
    edge[0], edge[1], edge[2], edge[3] = x0, x1, y0, (y1 - y0) / (x1 - x0)
    scene.n[_EDGES] = k + 1


@kernel
def _add_ring(scene: Scene, hole: bool, new: bool) -> None:
    """A ring without edges yet, of a new polygon or of the last one."""
    if new:
        scene.polygons[scene.n[_POLYGONS], 0] = scene.n[_OBJECTS] - 1
        scene.n[_POLYGONS] += 1
    k = scene.n[_RINGS]
    scene.rings[k, 0], scene.rings[k, 1] = scene.n[_POLYGONS] - 1, hole
    scene.n[_RINGS] = k + 1


@kernel
def add_object(scene: Scene, outlines: Outlines, k: int, ends: Int64) -> None:
    """Add the edges of object k; `ends` is scratch with room for the longest mask."""
    scene.n[_OBJECTS] += 1
    first = outlines.objects[k]
    for r in range(first, outlines.objects[k + 1]):
        _add_ring(scene, outlines.hole[r], r == first or outlines.polygon[r] != outlines.polygon[r - 1])
        start, stop = outlines.rings[r], outlines.rings[r + 1]
        before = stop - 1
        for i in range(start, stop):
            _add_edge(scene, outlines.x[before], outlines.y[before], outlines.x[i], outlines.y[i])
            before = i
    if outlines.offsets[k + 1] > outlines.offsets[k]:
        _add_ring(scene, False, True)
        ends = ends[: decode_mask(outlines.data[outlines.offsets[k] : outlines.offsets[k + 1]], ends)]
        runs_to_ends(ends)
        _add_columns(scene, ends, outlines.height[k])


@kernel
def add_box(scene: Scene, left: float, top: float, right: float, bottom: float) -> None:
    """Add an object that is a box; it has two edges."""
    scene.n[_OBJECTS] += 1
    _add_ring(scene, False, True)
    _add_edge(scene, left, top, right, top)
    _add_edge(scene, right, bottom, left, bottom)


@kernel
def _add_columns(scene: Scene, ends: Int64, height: int) -> None:
    """The upper and the lower edge of every stretch of a mask's pixels in one column."""
    for run in range(1, len(ends), 2):
        start, end = ends[run - 1], ends[run]
        while start < end:
            column = start // height
            stop = min(end, (column + 1) * height)
            x, top, bottom = float(column), float(start - column * height), float(stop - column * height)
            _add_edge(scene, x, top, x + 1, top)
            _add_edge(scene, x + 1, bottom, x, bottom)
            start = stop


@kernel
def _cuts(edges: Float64, order: Int64) -> Float64:
    """Where strips begin and end, ascending: the ends of all edges, and where two cross."""
    n_edges = len(order)
    cuts = np.empty(3 * n_edges)
    n = 0
    for i in range(n_edges):
        left, right, at, slope = edges[order[i]]
        if n + n_edges - i + 2 > len(cuts):
            cuts = grow(cuts, n, n + n_edges - i + 2)
        cuts[n], cuts[n + 1] = left, right
        n += 2
        for j in range(i + 1, n_edges):
            start, end, other_at, other_slope = edges[order[j]]
            if start >= right:
                break
            if slope != other_slope:
                width = min(right, end) - start
                before = at + (start - left) * slope - other_at
                after = before + width * (slope - other_slope)
                if before * after < 0:
                    cuts[n] = start + width * (before / (before - after))
                    n += 1
    cuts = cuts[:n]
    cuts.sort()
    return cuts


@kernel
def _sort_active(edges: Float64, active: Int64, middle: Float64, x: float) -> None:
    """Bring the active edges in order downwards at x, and note where they are; few move from strip to strip."""
    for i in range(len(active)):
        edge = active[i]
        y = edges[edge, 2] + (x - edges[edge, 0]) * edges[edge, 3]
        j = i
        while j > 0 and middle[j - 1] > y:
            middle[j], active[j] = middle[j - 1], active[j - 1]
            j -= 1
        middle[j], active[j] = y, edge


@kernel
def _passed(ring: Int64, polygons: Int64, covered: Int64, turn: int) -> int:
    """Step over an edge of a ring downwards; how many more objects are covered below than above: -1, 0 or 1."""
    before = ring[2] != 0
    ring[2] += turn
    inside = ring[2] != 0
    if before == inside:
        return 0
    polygon = polygons[ring[0]]
    was = polygon[1] > 0 and polygon[2] == 0
    polygon[1 + ring[1]] += 1 if inside else -1
    now = polygon[1] > 0 and polygon[2] == 0
    if was == now:
        return 0
    covered[polygon[0]] += 1 if now else -1
    if now:
        return 1 if covered[polygon[0]] == 1 else 0
    return -1 if covered[polygon[0]] == 0 else 0


@kernel
def _heights(scene: Scene, active: Int64) -> tuple[float, float]:
    """What of a line downwards through the active edges, which are in order, lies in an object; and in two."""
    once, twice, n_covered = 0.0, 0.0, 0
    for i in range(len(active)):
        turn, ring = scene.marks[active[i]]
        n_covered += _passed(scene.rings[ring], scene.polygons, scene.covered, turn)
        if n_covered > 0:
            height = scene.middle[i + 1] - scene.middle[i]
            once += height
            twice += height if n_covered > 1 else 0.0
    return once, twice


@kernel
def swept(scene: Scene) -> tuple[float, float]:
    """(area that any of the scene's objects covers, that at least two cover), px²; the scene is empty then."""
    n_edges, edges, active = scene.n[_EDGES], scene.edges, scene.active
    order = np.argsort(edges[:n_edges, 0])
    cuts = _cuts(edges, order)
    once, twice, n, waiting = 0.0, 0.0, 0, 0
    for k in range(len(cuts) - 1):
        left, right = cuts[k], cuts[k + 1]
        if left == right:
            continue
        kept = 0
        for i in range(n):
            active[kept] = active[i]
            kept += edges[active[i], 1] > left
        while waiting < n_edges and edges[order[waiting], 0] <= left:
            active[kept] = order[waiting]
            kept, waiting = kept + 1, waiting + 1
        n = kept
        _sort_active(edges, active[:n], scene.middle, (left + right) / 2)
        covered, shared = _heights(scene, active[:n])
        once, twice = once + covered * (right - left), twice + shared * (right - left)
    scene.n[:] = 0
    return once, twice


@kernel
def union_areas(outlines: Outlines, first: Int64, stop: Int64) -> Float64:
    """f64[G]: px² that the objects first[g]:stop[g] cover together; 0 for those that cover nothing, or for none."""
    ends = np.empty(longest_row(outlines.offsets), np.int64)
    offsets = edge_offsets(outlines, ends)
    n_edges, n_rings, n_objects = 0, 0, 0
    for g in range(len(first)):
        n = stop[g] - first[g]
        n_edges = max(n_edges, offsets[stop[g]] - offsets[first[g]])
        n_rings = max(n_rings, outlines.objects[stop[g]] - outlines.objects[first[g]] + n)
        n_objects = max(n_objects, n)
    scene = scene_for(n_edges, n_rings, n_objects)
    areas = np.zeros(len(first))
    for g in range(len(areas)):
        for k in range(first[g], stop[g]):
            add_object(scene, outlines, k, ends)
        areas[g], _ = swept(scene)
    return areas
