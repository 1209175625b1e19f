"""Colours: which ones a grid or an object has, and how often."""

from __future__ import annotations

from itertools import chain
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.cells import location_bits
from pipeline.primitives.row import check_patch, compiled, native, primitive
from pipeline.primitives.sorting import put_set, sort_words, unique_words
from pipeline.primitives.words import (
    BIAS,
    EMPTY,
    FIELD,
    MASK,
    MISSING,
    NONE,
    SET,
    Memory,
    first_of_two,
    has_failed,
    height,
    integer,
    is_grid,
    is_patch,
    length,
    list_words,
    origin,
    put_list,
    set_words,
    start,
    width,
)


def _colours(element: Any) -> bytes | list[int]:
    """The colour of each cell of a grid or an object."""
    if not isinstance(element, tuple):
        return [value for value, _ in element]
    try:
        return bytes(chain.from_iterable(element))  # counting takes half as long as in a list
    except (ValueError, TypeError):  # a colour that is no byte, or missing
        return list(chain.from_iterable(element))


def _first_colour(obj: Any) -> int:
    """The colour of the first cell of an object."""
    if not obj:
        raise Failure("EMPTY")
    if isinstance(obj, tuple):
        return obj[0][0]
    colours = {value for value, _ in obj}
    return colours.pop() if len(colours) == 1 else ordered(obj)[0][0]


@compiled
def _count_of(m: Memory, element: int) -> int:
    """How many cells a grid or an object has."""
    if is_grid(m, element):
        return height(m, element) * width(m, element)
    return length(m, element)


@compiled
def _source_of(m: Memory, element: int) -> tuple[int, int]:
    """Where the cells begin, and how many bits follow a colour in a word; -1 for a grid."""
    if is_grid(m, element):
        return origin(element), -1
    return start(element), FIELD - location_bits(m, element)


@compiled
def _colour_at(m: Memory, place: int, bits: int) -> int:
    """The colour that stands at a place of what `_source_of` gives."""
    if bits < 0:
        return m.colours[place]
    field = (m.heap[place] >> bits) & MASK
    return field - BIAS if field != 0 else MISSING


@compiled
def _count_colour(m: Memory, element: int, colour: int) -> int:
    at, bits = _source_of(m, element)
    found = 0
    for k in range(at, at + _count_of(m, element)):
        found += 1 if _colour_at(m, k, bits) == colour else 0
    return found


@compiled
def _colour_set(m: Memory, element: int) -> int:
    """A bit for each colour that occurs; negative if one of them is not in 0..62."""
    at, bits = _source_of(m, element)
    found, union = 0, 0
    for k in range(at, at + _count_of(m, element)):
        colour = _colour_at(m, k, bits)
        found |= 1 << (colour & 63)
        union |= colour
    return found if union & ~63 == 0 else -1


@compiled
def _put_colours(m: Memory, place: int, element: int) -> int:
    """Write the colour of each cell from a place on; gives how many."""
    at, bits = _source_of(m, element)
    count = _count_of(m, element)
    for k in range(count):
        m.heap[place + k] = _colour_at(m, at + k, bits)
    return count


@compiled
def _sorting_words(m: Memory, element: int) -> int:
    return 2 * _count_of(m, element)


@compiled
def _extreme_colour(m: Memory, out: int, element: int, sign: int) -> int:
    """The first of the commonest colours, or of the rarest ones where the sign is negative."""
    rest = _count_of(m, element)
    if rest == 0:
        return EMPTY
    colours = _colour_set(m, element)
    if colours < 0:
        return _extreme_sorted(m, out, element, sign)
    best, score, colour = 0, -rest - 1, 0
    while score < rest and colours >> colour != 0:
        if (colours >> colour) & 1 == 1:
            count = _count_colour(m, element, colour)
            rest -= count
            if sign * count > score:
                best, score = colour, sign * count
        colour += 1
    return integer(m, best)


@compiled
def _extreme_sorted(m: Memory, out: int, element: int, sign: int) -> int:
    """As `_extreme_colour`, for any colours."""
    heap = m.heap
    count = _put_colours(m, out, element)
    sort_words(m, out, count)
    best, score, run = 0, -count - 1, 0
    for k in range(out, out + count):
        run += 1
        if k == out + count - 1 or heap[k + 1] != heap[k]:
            if sign * run > score:
                best, score = heap[k], sign * run
            run = 0
    return integer(m, best) if best != MISSING else MISSING


@primitive(
    "Grid -> Integer",
    "Object -> Integer",
    examples=(
        "mostcolor(((1, 2, 2), (3, 2, 1))) == 2",
        "mostcolor(((5, 3), (3, 5))) == 3",
        "mostcolor(frozenset({(4, (0, 0))})) == 4",
    ),
    laws=(
        "contained(mostcolor(element), palette(element))",
        "colorcount(element, mostcolor(element)) >= colorcount(element, leastcolor(element))",
    ),
)
def mostcolor(element: Any) -> int:
    """Find the commonest colour.

    Order:   the smallest of equally common ones
    Errors:  EMPTY if there is no cell
    """
    colours = _colours(element)
    if not colours:
        raise Failure("EMPTY")
    return max(ordered(frozenset(colours)), key=colours.count)


@native(mostcolor, words=_sorting_words)
def _mostcolor(m: Memory, out: int, element: int) -> tuple[int, int]:
    return _extreme_colour(m, out, element, 1), out


@primitive(
    "Grid -> Integer",
    "Object -> Integer",
    examples=(
        "leastcolor(((1, 2, 2), (3, 2, 1))) == 3",
        "leastcolor(((5, 3), (3, 5))) == 3",
        "leastcolor(frozenset({(4, (0, 0))})) == 4",
    ),
    laws=(
        "contained(leastcolor(element), palette(element))",
        "numcolors(element) > 1 or leastcolor(element) == mostcolor(element)",
    ),
)
def leastcolor(element: Any) -> int:
    """Find the rarest colour of those that occur.

    Order:   the smallest of equally rare ones
    Errors:  EMPTY if there is no cell
    """
    colours = _colours(element)
    if not colours:
        raise Failure("EMPTY")
    return min(ordered(frozenset(colours)), key=colours.count)


@native(leastcolor, words=_sorting_words)
def _leastcolor(m: Memory, out: int, element: int) -> tuple[int, int]:
    return _extreme_colour(m, out, element, -1), out


@primitive(
    "Grid Integer -> Integer",
    "Object Integer -> Integer",
    examples=(
        "colorcount(((1, 2, 2), (3, 2, 1)), 2) == 3",
        "colorcount(frozenset({(4, (0, 0)), (4, (0, 1))}), 4) == 2",
        "colorcount((), 0) == 0",
    ),
    laws=("(colorcount(element, value) > 0) == contained(value, palette(element))",),
    total=True,
    optional=("value",),
)
def colorcount(element: Any, value: int) -> int:
    """Count the cells of one colour."""
    if isinstance(element, tuple):
        return sum([row.count(value) for row in element])
    return _colours(element).count(value)


@native(colorcount)
def _colorcount(m: Memory, element: int, value: int) -> int:
    return integer(m, _count_colour(m, element, value))


@primitive(
    "Grid -> Set[Integer]",
    "Object -> Set[Integer]",
    examples=(
        "palette(((1, 2), (1, 9))) == frozenset({1, 2, 9})",
        "palette(frozenset({(4, (0, 0))})) == frozenset({4})",
        "palette(()) == frozenset()",
    ),
    laws=("size(palette(element)) == numcolors(element)",),
    total=True,
)
def palette(element: Any) -> frozenset[int]:
    """Collect the colours that occur."""
    if isinstance(element, tuple):
        return frozenset().union(*element)
    return frozenset([value for value, _ in element])


@compiled
def _palette_words(m: Memory, element: int) -> int:
    return set_words(_count_of(m, element))


@native(palette, words=_palette_words)
def _palette(m: Memory, out: int, element: int) -> tuple[int, int]:
    colours = _colour_set(m, element)
    if colours < 0:
        return put_set(m, out, _put_colours(m, out + 1, element))
    kept, colour = 0, 0
    while colours >> colour != 0:
        if (colours >> colour) & 1 == 1:
            kept += 1
            m.heap[out + kept] = colour
        colour += 1
    return put_list(m, out, SET, kept)


@primitive(
    "Grid -> Integer",
    "Object -> Integer",
    examples=("numcolors(((1, 2), (1, 9))) == 3", "numcolors(frozenset()) == 0"),
    laws=("(numcolors(element) == 0) == (palette(element) == frozenset())",),
    total=True,
)
def numcolors(element: Any) -> int:
    """Count the different colours."""
    return len(palette(element))


@native(numcolors, words=_sorting_words)
def _numcolors(m: Memory, out: int, element: int) -> tuple[int, int]:
    colours = _colour_set(m, element)
    if colours < 0:
        count = _put_colours(m, out, element)
        sort_words(m, out, count)
        return integer(m, unique_words(m, out, count)), out
    kept = 0
    while colours != 0:
        colours &= colours - 1
        kept += 1
    return integer(m, kept), out


@primitive(
    "Object -> Integer",
    examples=(
        "color(frozenset({(6, (0, 0)), (6, (0, 1))})) == 6",
        "color(frozenset({(1, (2, 2)), (7, (0, 9)), (8, (0, 9))})) == 7",
    ),
    laws=("contained(color(obj), palette(obj))",),
)
def color(obj: Any) -> int:
    """Take the colour of the first cell of an object.

    Order:   cells by location, then colour
    Errors:  EMPTY if the object has no cell
    """
    return _first_colour(obj)


@native(color)
def _color(m: Memory, obj: int) -> int:
    colour = _leading_colour(m, obj)
    return colour if has_failed(colour) or colour == MISSING else integer(m, colour)


@compiled
def _leading_colour(m: Memory, obj: int) -> int:
    """As `_first_colour`."""
    if _count_of(m, obj) == 0:
        return EMPTY
    return m.colours[origin(obj)] if is_grid(m, obj) else first_of_two(m, m.heap[start(obj)])


@primitive(
    "Objects Integer -> Objects",
    examples=(
        "colorfilter(frozenset({frozenset({(1, (0, 0))}), frozenset({(2, (0, 1))})}), 2)"
        " == frozenset({frozenset({(2, (0, 1))})})",
        "colorfilter(frozenset(), 2) == frozenset()",
    ),
    laws=(
        "difference(colorfilter(objs, value), objs) == frozenset()",
        "colorfilter(colorfilter(objs, value), value) == colorfilter(objs, value)",
    ),
    optional=("value",),
)
def colorfilter(objs: Any, value: int) -> frozenset[Any]:
    """Keep the objects whose first cell has a colour.

    Order:   cells by location, then colour
    Errors:  EMPTY if an object has no cell
    """
    if None in objs:
        raise Failure("NONE")
    if frozenset() in objs:
        raise Failure("EMPTY")
    for obj in objs:
        check_patch(obj)
    return frozenset([obj for obj in objs if _first_colour(obj) == value])


@compiled
def _colorfilter_words(m: Memory, objs: int, value: int) -> int:
    return list_words(length(m, objs))


@native(colorfilter, words=_colorfilter_words)
def _colorfilter(m: Memory, out: int, objs: int, value: int) -> tuple[int, int]:
    at, count, kept = start(objs), length(m, objs), 0
    for k in range(at, at + count):
        if m.heap[k] == MISSING or not is_patch(m, m.heap[k]):
            return NONE, out
        colour = _leading_colour(m, m.heap[k])
        if colour == EMPTY:
            return EMPTY, out
        if colour == value:
            kept += 1
            m.heap[out + kept] = m.heap[k]
    if kept == count:
        return objs, out
    return put_list(m, out, SET, kept)
