"""The text of `frontend.meanings`: functions in the language of solvers."""

from __future__ import annotations

from typing import Final

_PATCHES: Final = """
    def any_toindices(patch, has_cells):
        beyond = [part[1] for part in patch]
        if has_cells(patch):
            return {location for _, location in patch}
        return patch

    def any_ulcorner(patch):
        return tuple(min(line) for line in zip(*toindices(patch)))

    def any_lrcorner(patch):
        return tuple(max(line) for line in zip(*toindices(patch)))

    def any_urcorner(patch):
        lines = zip(*toindices(patch))
        if not lines:
            return ()
        rows, columns = lines
        return (min(rows), max(columns))

    def any_llcorner(patch):
        lines = zip(*toindices(patch))
        if not lines:
            return ()
        rows, columns = lines
        return (max(rows), min(columns))

    def any_corners(patch):
        return {ulcorner(patch), urcorner(patch), llcorner(patch), lrcorner(patch)}

    def any_uppermost(patch):
        return uppermost({(i, j) for i, j in toindices(patch)})

    def any_lowermost(patch):
        return lowermost({(i, j) for i, j in toindices(patch)})

    def any_leftmost(patch):
        return leftmost({(i, j) for i, j in toindices(patch)})

    def any_rightmost(patch):
        return rightmost({(i, j) for i, j in toindices(patch)})

    def any_height(piece, is_tuple):
        if is_tuple(piece):
            return len(piece)
        return height({(i, j) for i, j in toindices(piece)})

    def any_width(piece, is_tuple):
        if len(piece) == 0:
            return 0
        if is_tuple(piece):
            return len(first(piece))
        return width({(i, j) for i, j in toindices(piece)})

    def any_shape(piece):
        return (height(piece), width(piece))

    def any_portrait(piece):
        return height(piece) > width(piece)

    def any_square(piece, is_tuple):
        if is_tuple(piece):
            return len(piece) == len(piece[0])
        return height(piece) * width(piece) == len(piece) and height(piece) == width(piece)

    def any_vline(patch):
        return height(patch) == len(patch) and width(patch) == 1

    def any_hline(patch):
        return width(patch) == len(patch) and height(patch) == 1

    def any_hmatching(a, b):
        return len({i for i, _ in toindices(a)} & {i for i, _ in toindices(b)}) > 0

    def any_vmatching(a, b):
        return len({j for _, j in toindices(a)} & {j for _, j in toindices(b)}) > 0

    def any_manhattan(a, b):
        return manhattan({(i, j) for i, j in toindices(a)}, {(i, j) for i, j in toindices(b)})

    def any_adjacent(a, b):
        return manhattan(a, b) == 1

    def any_bordering(patch, grid):
        if uppermost(patch) == 0 or leftmost(patch) == 0:
            return True
        return lowermost(patch) == len(grid) - 1 or rightmost(patch) == len(grid[0]) - 1

    def any_center(patch):
        i, j = uppermost(patch), leftmost(patch)
        return (i + height(patch) // 2, j + width(patch) // 2)

    def any_position(a, b):
        return position({center(toindices(a))}, {center(toindices(b))})

    def any_centerofmass(patch):
        return tuple(sum(line) // len(patch) for line in zip(*toindices(patch)))

    def any_inbox(patch):
        return inbox({(i, j) for i, j in toindices(patch)})

    def any_outbox(patch):
        return outbox({(i, j) for i, j in toindices(patch)})

    def any_box(patch):
        return box({(i, j) for i, j in toindices(patch)})

    def any_backdrop(patch):
        return backdrop({(i, j) for i, j in toindices(patch)})

    def any_recolor(value, patch):
        return {(value, location) for location in toindices(patch)}

    def any_shift(patch, directions, has_cells):
        if has_cells(patch):
            return shift({(v, (i, j)) for v, (i, j) in patch}, directions)
        return shift({(i, j) for i, j in patch}, directions)

    def any_toobject(patch, grid):
        h, w = len(grid), len(grid[0])
        inside = {(i, j) for i, j in toindices(patch) if 0 <= i < h and 0 <= j < w}
        if inside:
            return toobject(inside, grid)
        return inside

    def any_subgrid(patch, grid):
        start = ulcorner(patch)
        return crop(grid, start, shape(patch))
"""

_COLOURS: Final = """
    def any_color(obj):
        return first(obj)[0]

    def any_palette(element, is_tuple):
        if is_tuple(element):
            return {v for row in element for v in row}
        return {v for v, _ in element}

    def any_numcolors(element):
        return size(palette(element))

    def any_mostcolor(element, is_tuple):
        if is_tuple(element):
            return mostcommon(tuple(v for row in element for v in row))
        return mostcommon(tuple(v for v, _ in element))

    def any_leastcolor(element, is_tuple):
        if is_tuple(element):
            return leastcommon(tuple(v for row in element for v in row))
        return leastcommon(tuple(v for v, _ in element))

    def any_colorcount(element, value, is_tuple):
        if is_tuple(element):
            return size([v for row in element for v in row if v == value])
        return size([v for v, _ in element if v == value])

    def any_colorfilter(objs, value):
        return {obj for obj in objs if first(obj)[0] == value}

    def any_sizefilter(container, n):
        return {item for item in container if len(item) == n}

    def any_ofcolor(grid, value):
        return {(i, j) for i, r in enumerate(grid) for j, v in enumerate(r) if v == value}

    def any_asobject(grid):
        return {(v, (i, j)) for i, r in enumerate(grid) for j, v in enumerate(r)}

    def any_partition(grid):
        cells = [(v, (i, j)) for i, r in enumerate(grid) for j, v in enumerate(r)]
        return {frozenset((w, p) for w, p in cells if w == v) for v in palette(grid)}

    def any_fgpartition(grid):
        cells = [(v, (i, j)) for i, r in enumerate(grid) for j, v in enumerate(r)]
        others = remove(mostcolor(grid), palette(grid))
        return {frozenset((w, p) for w, p in cells if w == v) for v in others}

    def any_compress(grid):
        rows = [i for i, r in enumerate(grid) if len(set(r)) == 1]
        columns = [j for j, c in enumerate(dmirror(grid)) if len(set(c)) == 1]
        return tuple(
            tuple(v for j, v in enumerate(r) if j not in columns)
            for i, r in enumerate(grid)
            if i not in rows
        )

    def any_objects(grid, univalued, diagonal, without_bg):
        return objects(grid, bool(univalued), bool(diagonal), bool(without_bg))

    def any_replace(grid, replacee, replacer, is_integer, is_tuple):
        if not is_tuple(grid):
            return replace(grid, 0, 0)
        if is_integer(replacer):
            return grid
        if colorcount(grid, replacee) > 0:
            return replace(grid, 0, replacer)
        return grid

    def any_switch(grid, a, b, is_integer):
        if is_integer(a):
            return replace(grid, a, b)
        return replace(grid, b, a)

    def any_fill(grid, value, patch, is_integer, as_number):
        locations = {(as_number(i), as_number(j)) for i, j in toindices(patch)}
        if is_integer(value):
            return fill(grid, value, locations)
        if len(toobject(locations, grid)) > 0:
            return fill(grid, value, locations)
        return grid

    def any_underfill(grid, value, patch):
        return underfill(grid, value, {(i, j) for i, j in toindices(patch)})

    def any_cover(grid, patch):
        return cover(grid, {(i, j) for i, j in toindices(patch)})

    def any_paint(grid, obj, is_tuple, is_integer, as_number):
        if len(toobject({p for v, p in obj if not is_integer(v)}, grid)) > 0:
            return paint(grid, 0)
        if is_tuple(obj):
            return paint(grid, tuple((as_number(v), (i, j)) for v, (i, j) in obj if is_integer(v)))
        return paint(grid, {(as_number(v), (i, j)) for v, (i, j) in obj if is_integer(v)})

    def any_occurrences(grid, obj):
        return occurrences(grid, {(v, (i, j)) for v, (i, j) in obj})
"""

_OTHERS: Final = """
    def any_crop(grid, start, dims):
        i, j = start[0], start[1]
        return crop(grid, (i, j), (dims[0], dims[1]))

    def any_canvas(value, dimensions):
        return canvas(value, (dimensions[0], dimensions[1]))

    def any_vconcat(a, b):
        return a + b

    def any_hconcat(a, b):
        return tuple(i + j for i, j in zip(a, b))

    def any_cellwise(a, b, fallback):
        w = len(a[0])
        return tuple(
            tuple(r[j] if r[j] == b[i][j] else fallback for j in range(w))
            for i, r in enumerate(a)
        )

    def any_intersection(a, b):
        return a & b

    def any_hmirror(piece):
        return piece[::-1]

    def any_vmirror(piece, is_tuple):
        if is_tuple(piece):
            return tuple(row[::-1] for row in piece)
        return vmirror(piece)

    def any_dmirror(piece, is_tuple):
        if is_tuple(piece):
            return zip(*piece)
        return dmirror(piece)

    def any_rot90(grid):
        return zip(*grid[::-1])

    def any_rot180(grid):
        return tuple(row[::-1] for row in grid[::-1])

    def any_rot270(grid):
        return tuple(row[::-1] for row in zip(*grid[::-1]))[::-1]

    def any_tophalf(grid):
        return grid[: len(grid) // 2]

    def any_bottomhalf(grid):
        return grid[len(grid) // 2 + len(grid) % 2 :]

    def any_lefthalf(grid):
        return rot270(tophalf(rot90(grid)))

    def any_righthalf(grid):
        return rot270(bottomhalf(rot90(grid)))

    def any_trim(grid):
        return tuple(row[1:-1] for row in grid[1:-1])

    def any_both(a, b):
        return a and b

    def any_either(a, b):
        return a or b

    def any_double(n):
        return (n[0] + n[0], n[1] + n[1])

    def any_toivec(i):
        return (i, 0)

    def any_tojvec(j):
        return (0, j)

    def any_maximum(container):
        return max(container) if len(container) > 0 else 0

    def any_minimum(container):
        return min(container) if len(container) > 0 else 0
"""

TEXT: Final = _PATCHES + _COLOURS + _OTHERS
