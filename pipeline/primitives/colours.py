"""Colours: which ones a grid or an object has, and how often."""

from __future__ import annotations

from itertools import chain
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import sort_key
from pipeline.primitives.row import primitive


def _colours(element: Any) -> bytes | list[int]:
    """The colour of each cell of a grid or an object."""
    if not isinstance(element, tuple):
        return [value for value, _ in element]
    try:
        return bytes(chain.from_iterable(element))  # counting takes half as long as in a list
    except ValueError:  # a colour that is no byte
        return list(chain.from_iterable(element))


def _first_colour(obj: Any) -> int:
    """The colour of the first cell of an object."""
    if not obj:
        raise Failure("EMPTY")
    if isinstance(obj, tuple):
        return obj[0][0]
    colours = {value for value, _ in obj}
    return colours.pop() if len(colours) == 1 else min(obj, key=sort_key)[0]


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
    return max(sorted(set(colours)), key=colours.count)


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
    return min(sorted(set(colours)), key=colours.count)


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
)
def colorcount(element: Any, value: int) -> int:
    """Count the cells of one colour."""
    if isinstance(element, tuple):
        return sum([row.count(value) for row in element])
    return _colours(element).count(value)


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
)
def colorfilter(objs: Any, value: int) -> frozenset[Any]:
    """Keep the objects whose first cell has a colour.

    Order:   cells by location, then colour
    Errors:  EMPTY if an object has no cell
    """
    return frozenset([obj for obj in objs if _first_colour(obj) == value])
