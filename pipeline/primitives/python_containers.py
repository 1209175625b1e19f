"""What Python's subscripts and builtins on containers mean; rows that no solver can name.

A pair is a tuple of two, and a grid a tuple of rows. A set is read in canonical order.
"""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.algebra import has_missing, parts
from pipeline.primitives.canonical import ordered
from pipeline.primitives.containers import interval_size, steps
from pipeline.primitives.elements import Container
from pipeline.primitives.merging import copy_words
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.sorting import are_equal, put_set
from pipeline.primitives.words import (
    ELEMENTS,
    EMPTY,
    INTEGER,
    MISSING,
    NIL,
    NONE,
    RANGE,
    SET,
    TUPLE,
    TYPE,
    ZERO,
    Memory,
    first_of_two,
    is_grid,
    is_integer,
    is_reference,
    kind_of,
    length,
    list_words,
    origin,
    put_list,
    put_two,
    second_of_two,
    set_words,
    start,
    width,
)

_BOTH_KINDS: Final = ("Tuple[a] -> Tuple[a]", "Set[a] -> Tuple[a]")


def _expand_contains(b: Any, x: Any, container: Any) -> Any:
    is_data = b.type_of(x) is not None and b.type_of(container) is not None
    return b.row("within", x, container) if is_data else b.primitive("contained", x, container)


@primitive(
    "a Tuple[a] -> Boolean",
    "a Set[a] -> Boolean",
    examples=("contains(2, (1, 2)) == True", "contains((0, 0), frozenset()) == False"),
    total=True,
    published=False,
    expand=_expand_contains,
)
def contains(x: Any, container: Container) -> bool:
    """Tell whether the value is an element of the container."""
    return x in container


@primitive(
    "Tuple[a] Integer -> a",
    "Grid Integer -> Tuple[Integer]",
    is_counted=False,
    on_functions=True,
    examples=(
        "at((4, 5, 6), -1) == 6",
        "at(((1, 2), (3, 4)), 1) == (3, 4)",
        "at((4, 5), True) == 5",
    ),
    laws=("k < 0 or at(container, k) == at(container, k - size(container))",),
    published=False,
)
def at(container: tuple[Any, ...], k: int) -> Any:
    """Take the element at a place, counted from the end where it is negative; of a grid, a row.

    Errors:  EMPTY if there is no element; RANGE if there are not so many
    """
    try:
        return container[k]
    except IndexError:
        raise Failure("RANGE" if container else "EMPTY") from None


@compiled
def _at_words(m: Memory, container: int, k: int) -> int:
    return list_words(width(m, container)) if is_grid(m, container) else 0


@native(at, words=_at_words)
def _at(m: Memory, out: int, container: int, k: int) -> tuple[int, int]:
    count = parts(m, container)
    place = k + count if k < 0 else k
    if place < 0 or place >= count:
        return RANGE if count > 0 else EMPTY, out
    if is_grid(m, container):
        return _put_row(m, out, container, place)
    return m.heap[start(container) + place], out


@compiled
def _put_row(m: Memory, out: int, grid: int, i: int) -> tuple[int, int]:
    """A row of a grid as a tuple: its word and the place behind it."""
    wide = width(m, grid)
    for j in range(wide):
        m.heap[out + 1 + j] = m.colours[origin(grid) + i * wide + j]
    return put_list(m, out, TUPLE, wide)


@primitive(
    "Tuple[a] Integer Integer Integer -> Tuple[a]",
    "Grid Integer Integer Integer -> Tuple[Tuple[Integer]]",
    examples=(
        "cut((4, 5, 6), 1, None, None) == (5, 6)",
        "cut((4, 5, 6), None, None, -1) == (6, 5, 4)",
        "cut(((1, 2), (3, 4)), -1, 9, 1) == ((3, 4),)",
    ),
    laws=("cut(container, 0, None, 1) == as_tuple(container)",),
    optional=("start", "stop", "step"),
    published=False,
)
def cut(container: tuple[Any, ...], start: Any, stop: Any, step: Any) -> tuple[Any, ...]:
    """Take the elements from a place up to another in steps, as a slice; of a grid, the rows.

    Order:   the container's, or the reverse where the step is negative
    Errors:  ZERO if the step is zero; NONE if the container is missing
    """
    if container is None:
        raise Failure("NONE")
    if step == 0:
        raise Failure("ZERO")
    return container[start:stop:step]


@compiled
def _border(place: int, count: int, lowest: int, otherwise: int) -> int:
    """Where a slice begins or ends: `lowest` is 0, or -1 where it goes backwards."""
    if place == MISSING:
        return otherwise
    if place < 0:
        return max(place + count, lowest)
    return min(place, count + lowest)


@compiled
def _span(m: Memory, container: int, first: int, stop: int, step: int) -> tuple[int, int]:
    """The place of a slice's first element, and how many it has; the step is not zero."""
    count = parts(m, container)
    if step > 0:
        begin, end = _border(first, count, 0, 0), _border(stop, count, 0, count)
    else:
        begin, end = _border(first, count, -1, count - 1), _border(stop, count, -1, -1)
    return begin, steps(begin, end, step)


@compiled
def _cut_words(m: Memory, container: int, first: int, stop: int, step: int) -> int:
    if container == MISSING:
        return NONE
    if step == 0:
        return ZERO
    _, count = _span(m, container, first, stop, 1 if step == MISSING else step)
    rows = list_words(width(m, container)) if is_grid(m, container) else 0
    return list_words(count) + count * rows


@native(cut, words=_cut_words)
def _cut(m: Memory, out: int, container: int, first: int, stop: int, step: int) -> tuple[int, int]:
    by = 1 if step == MISSING else step
    begin, count = _span(m, container, first, stop, by)
    end = out + list_words(count)
    for k in range(count):
        if is_grid(m, container):
            m.heap[out + 1 + k], end = _put_row(m, end, container, begin + k * by)
        else:
            m.heap[out + 1 + k] = m.heap[start(container) + begin + k * by]
    word, _ = put_list(m, out, TUPLE, count)
    return word, end


@primitive(
    "Tuple[a] Integer a -> Tuple[a]",
    examples=("put_at((4, 5, 6), -1, 7) == (4, 5, 7)", "put_at((4, 5), 0, 7) == (7, 5)"),
    laws=("put_at(container, k, at(container, k)) == container",),
    optional=("value",),
    published=False,
)
def put_at(container: tuple[Any, ...], k: int, value: Any) -> tuple[Any, ...]:
    """Put a value in the place of the element at a place, counted from the end if negative.

    Order:   the container's
    Errors:  RANGE if there are not so many elements
    """
    place = k + len(container) if k < 0 else k
    if not 0 <= place < len(container):
        raise Failure("RANGE")
    return (*container[:place], value, *container[place + 1 :])


@compiled
def _put_at_words(m: Memory, container: int, k: int, value: int) -> int:
    return list_words(length(m, container))


@native(put_at, words=_put_at_words)
def _put_at(m: Memory, out: int, container: int, k: int, value: int) -> tuple[int, int]:
    count = length(m, container)
    place = k + count if k < 0 else k
    if place < 0 or place >= count:
        return RANGE, out
    copy_words(m, out + 1, start(container), count)
    m.heap[out + 1 + place] = value
    return put_list(m, out, TUPLE, count)


@primitive(
    "Tuple[(a, b)] -> Tuple[(a, b)]",
    examples=(
        "as_dict(((1, 2), (3, 4), (1, 5))) == ((1, 5), (3, 4))",
        "as_dict(()) == ()",
    ),
    laws=("as_dict(as_dict(pairs)) == as_dict(pairs)",),
    published=False,
)
def as_dict(pairs: tuple[Any, ...]) -> tuple[Any, ...]:
    """Keep one pair (key, value) of each key, as a dict does: the last, in the place of the first.

    Order:   the pairs'
    Errors:  TYPE if one of them is no two-tuple
    """
    found: dict[Any, Any] = {}
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise Failure("TYPE")
        found[pair[0]] = pair
    return tuple(found.values())


@compiled
def _as_dict_words(m: Memory, pairs: int) -> int:
    return list_words(length(m, pairs))


@native(as_dict, words=_as_dict_words)
def _as_dict(m: Memory, out: int, pairs: int) -> tuple[int, int]:
    heap, count = m.heap, 0
    for k in range(length(m, pairs)):
        word = heap[start(pairs) + k]
        if not _is_two(m, word):
            return TYPE, out
        key, place = first_of_two(m, word), 0
        while place < count and not are_equal(m, first_of_two(m, heap[out + 1 + place]), key):
            place += 1
        heap[out + 1 + place] = word
        count = max(count, place + 1)
    return put_list(m, out, TUPLE, count)


@compiled
def _is_two(m: Memory, word: int) -> bool:
    if is_reference(word):
        return kind_of(m, word) == TUPLE and length(m, word) == 2
    return word not in (MISSING, NIL) and not is_integer(word)


@primitive(
    *_BOTH_KINDS,
    same_as=("totuple", "totuple"),
    examples=("as_tuple(frozenset({2, 1})) == (1, 2)", "as_tuple((2, 1)) == (2, 1)"),
    total=True,
    published=False,
)
def as_tuple(c: Container) -> tuple[Any, ...]:
    """Make a tuple of the elements."""
    return tuple(ordered(c))


@primitive(
    "Set[a] -> Set[a]",
    "Tuple[a] -> Set[a]",
    examples=("as_set((2, 1, 2)) == frozenset({1, 2})", "as_set(frozenset()) == frozenset()"),
    laws=("as_set(as_tuple(c)) == as_set(c)",),
    total=True,
    published=False,
)
def as_set(c: Container) -> frozenset[Any]:
    """Make a set of the elements."""
    return frozenset(c)


@compiled
def _as_set_words(m: Memory, c: int) -> int:
    return 0 if kind_of(m, c) == SET else set_words(length(m, c))


@native(as_set, words=_as_set_words)
def _as_set(m: Memory, out: int, c: int) -> tuple[int, int]:
    if kind_of(m, c) == SET:
        return c, out
    copy_words(m, out + 1, start(c), length(m, c))
    return put_set(m, out, length(m, c))


@primitive(
    "Tuple[a] -> Tuple[a]",
    examples=("reversed_of((1, 2, 3)) == (3, 2, 1)", "reversed_of(()) == ()"),
    laws=("reversed_of(c) == cut(c, None, None, -1)",),
    total=True,
    published=False,
)
def reversed_of(c: tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn the order of a tuple round."""
    return c[::-1]


@compiled
def _reversed_words(m: Memory, c: int) -> int:
    return list_words(length(m, c))


@native(reversed_of, words=_reversed_words)
def _reversed_of(m: Memory, out: int, c: int) -> tuple[int, int]:
    count = length(m, c)
    for k in range(count):
        m.heap[out + count - k] = m.heap[start(c) + k]
    return put_list(m, out, TUPLE, count)


@primitive(
    "Tuple[a] -> Tuple[(Integer, a)]",
    "Set[a] -> Tuple[(Integer, a)]",
    examples=("numbered((7, 7)) == ((0, 7), (1, 7))", "numbered(frozenset()) == ()"),
    laws=("numbered(c) == numbered_from(c, 0)",),
    computes=True,
    total=True,
    published=False,
    expand=lambda b, c: b.row("numbered_from", c, b.constant(0)),
)
def numbered(c: Container) -> tuple[Any, ...]:
    """Give each element its place, from 0."""
    return tuple(enumerate(ordered(c)))


@primitive(
    "Tuple[a] Integer -> Tuple[(Integer, a)]",
    "Set[a] Integer -> Tuple[(Integer, a)]",
    examples=("numbered_from(((),), -1) == ((-1, ()),)", "numbered_from((), 5) == ()"),
    computes=True,
    total=True,
    published=False,
)
def numbered_from(c: Container, k: int) -> tuple[Any, ...]:
    """Give each element a number, the first one this, and so on."""
    return tuple(enumerate(ordered(c), k))


@compiled
def _numbered_words(m: Memory, c: int, k: int) -> int:
    if length(m, c) > m.elements:
        return ELEMENTS
    return list_words(length(m, c)) + 3 * length(m, c)


@native(numbered_from, words=_numbered_words)
def _numbered_from(m: Memory, out: int, c: int, k: int) -> tuple[int, int]:
    heap, count = m.heap, length(m, c)
    if count > 0 and max(abs(k), abs(k + count - 1)) > m.integer:
        return INTEGER, out
    end = out + list_words(count)
    for n in range(count):
        heap[out + 1 + n], end = put_two(m, end, k + n, heap[start(c) + n])
    word, _ = put_list(m, out, TUPLE, count)
    return word, end


@primitive(
    "Integer Integer Integer -> Tuple[Integer]",
    same_as=("interval",),
    examples=("range_of(1, 4, 1) == (1, 2, 3)", "range_of(4, 0, -2) == (4, 2)"),
    capacity=interval_size,
    computes=True,
    published=False,
)
def range_of(start: int, stop: int, step: int) -> tuple[int, ...]:
    """Count from start in equal steps, stopping short of stop.

    Errors:  ZERO if the step is zero
    """
    if step == 0:
        raise Failure("ZERO")
    return tuple(range(start, stop, step))


@primitive(
    "Tuple[a] Tuple[b] -> Tuple[(a, b)]",
    "Set[a] Tuple[b] -> Tuple[(a, b)]",
    "Tuple[a] Set[b] -> Tuple[(a, b)]",
    "Set[a] Set[b] -> Tuple[(a, b)]",
    same_as=("pair",) * 4,
    examples=(
        "zipped((1, 2), (3,)) == ((1, 3),)",
        "zipped(frozenset({2, 1}), (3, 4)) == ((1, 3), (2, 4))",
    ),
    total=True,
    published=False,
)
def zipped(a: Container, b: Container) -> tuple[Any, ...]:
    """Join two containers place by place, as far as the shorter goes."""
    return tuple(zip(ordered(a), ordered(b), strict=False))


@primitive(
    "Tuple[Tuple[a]] -> Tuple[Tuple[a]]",
    "Set[Tuple[a]] -> Tuple[Tuple[a]]",
    "Tuple[Set[a]] -> Tuple[Tuple[a]]",
    "Set[Set[a]] -> Tuple[Tuple[a]]",
    examples=(
        "transposed(((1, 2), (3, 4))) == ((1, 3), (2, 4))",
        "transposed(((1, 2), (3,))) == ((1, 3),)",
    ),
    laws=("transposed(transposed(transposed(rows))) == transposed(rows)",),
    total=True,
    published=False,
)
def transposed(rows: Container) -> tuple[Any, ...]:
    """Make rows of the columns, as many as the shortest row has."""
    if None in rows:
        raise Failure("NONE")
    return tuple(zip(*[ordered(row) for row in ordered(rows)], strict=False))


@compiled
def _shortest(m: Memory, rows: int) -> int:
    """The least length of the rows; 0 where there are none."""
    least = 0
    for k in range(length(m, rows)):
        size = parts(m, m.heap[start(rows) + k])
        least = size if k == 0 else min(least, size)
    return least


@compiled
def _transposed_words(m: Memory, rows: int) -> int:
    if has_missing(m, rows):
        return NONE
    columns, made = _shortest(m, rows), 0
    for k in range(length(m, rows)):
        inner = m.heap[start(rows) + k]
        if is_grid(m, inner):
            made += columns * list_words(width(m, inner))
    return list_words(columns) + columns * list_words(length(m, rows)) + made


@native(transposed, words=_transposed_words)
def _transposed(m: Memory, out: int, rows: int) -> tuple[int, int]:
    heap, count, columns = m.heap, length(m, rows), _shortest(m, rows)
    place = out + list_words(columns)
    end = place + columns * list_words(count)
    for j in range(columns):
        for i in range(count):
            inner = heap[start(rows) + i]
            if is_grid(m, inner):
                heap[place + 1 + i], end = _put_row(m, end, inner, j)
            else:
                heap[place + 1 + i] = _part(m, inner, j)
        heap[out + 1 + j], place = put_list(m, place, TUPLE, count)
    word, _ = put_list(m, out, TUPLE, columns)
    return word, end


@compiled
def _part(m: Memory, word: int, k: int) -> int:
    """An element of a container, which may be a pair."""
    if is_reference(word):
        return m.heap[start(word) + k]
    return first_of_two(m, word) if k == 0 else second_of_two(m, word)
