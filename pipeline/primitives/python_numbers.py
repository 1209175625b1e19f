"""What Python's operators on numbers mean, on tuples and sets too; rows that no solver can name.

A truth value is the integer that it can stand for, as in Python, and a pair is a tuple of two.
"""

from __future__ import annotations

from typing import Any, Final

from pipeline.ir.status import Failure
from pipeline.primitives.algebra import all_parts, has_missing, parts, put_parts
from pipeline.primitives.canonical import ordered
from pipeline.primitives.elements import Container
from pipeline.primitives.merging import FIRST, SECOND, copy_words, merge_sets
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    ELEMENTS,
    INTEGER,
    MISSING,
    NONE,
    RANGE,
    SET,
    TOTAL,
    TUPLE,
    ZERO,
    Memory,
    height,
    integer,
    is_grid,
    is_integer,
    length,
    list_words,
    put_list,
    start,
    width,
)

_TWO_INTEGERS: Final = "Integer Integer -> Integer"
_TWO_BOOLEANS: Final = "Boolean Boolean -> Boolean"
_ONE_KIND: Final = "Set[a] Set[a] -> Set[a]"
_TWO_KINDS: Final = "Set[a] Set[b] -> Set[a]"
_MOST_BITS: Final = 64


@primitive(
    _TWO_INTEGERS,
    "Tuple[a] Tuple[a] -> Tuple[a]",
    same_as=("add", "combine"),
    examples=("plus(2, True) == 3", "plus((1, 2), (3, 4)) == (1, 2, 3, 4)"),
    total=True,
    published=False,
)
def plus(a: Any, b: Any) -> Any:
    """Add two integers, or join two tuples."""
    return a + b


@primitive(
    _TWO_INTEGERS,
    _ONE_KIND,
    _TWO_KINDS,
    same_as=("subtract", "difference", "difference"),
    examples=("minus(2, 5) == -3", "minus(frozenset({1, 2}), frozenset({2})) == frozenset({1})"),
    total=True,
    published=False,
)
def minus(a: Any, b: Any) -> Any:
    """Take an integer from another, or the elements of a set from another."""
    return a - b


def _times_size(a: Any, b: Any) -> int:
    if isinstance(a, tuple):
        return len(a) * max(b, 0)
    return len(b) * max(a, 0) if isinstance(b, tuple) else 0


@primitive(
    _TWO_INTEGERS,
    "Tuple[a] Integer -> Tuple[a]",
    "Integer Tuple[a] -> Tuple[a]",
    same_as=("multiply", "", ""),
    examples=("times(3, -2) == -6", "times((0, 1), 2) == (0, 1, 0, 1)", "times(-1, (5,)) == ()"),
    capacity=_times_size,
    total=True,
    published=False,
)
def times(a: Any, b: Any) -> Any:
    """Multiply two integers, or repeat a tuple so many times.

    Shape:   of a tuple: none of its elements where the integer is negative
    """
    return a * b


@compiled
def _times_words(m: Memory, a: int, b: int) -> int:
    count, container = (a, b) if is_integer(a) else (b, a)
    made = length(m, container) * max(count, 0)
    return ELEMENTS if made > m.elements else list_words(made)


@native(times, words=_times_words)
def _times(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    count, container = (a, b) if is_integer(a) else (b, a)
    size = length(m, container)
    made = size * max(count, 0)
    for k in range(0, made, max(size, 1)):
        copy_words(m, out + 1 + k, start(container), size)
    return put_list(m, out, TUPLE, made)


@primitive(
    "Integer -> Integer",
    same_as=("invert",),
    examples=("negative(3) == -3", "negative(True) == -1"),
    laws=("negative(negative(a)) == a",),
    total=True,
    published=False,
)
def negative(a: int) -> int:
    """Change the sign."""
    return -a


@primitive(
    _TWO_INTEGERS,
    same_as=("divide",),
    examples=("quotient(7, 2) == 3", "quotient(-7, 2) == -4"),
    published=False,
)
def quotient(a: int, b: int) -> int:
    """Divide, rounding down.

    Errors:  ZERO if the divisor is zero
    """
    if b == 0:
        raise Failure("ZERO")
    return a // b


@primitive(
    _TWO_INTEGERS,
    examples=("remainder(7, 3) == 1", "remainder(-7, 3) == 2", "remainder(7, -3) == -2"),
    laws=("a == quotient(a, b) * b + remainder(a, b)",),
    published=False,
)
def remainder(a: int, b: int) -> int:
    """Give what a division that rounds down leaves; it has the sign of the divisor.

    Errors:  ZERO if the divisor is zero
    """
    if b == 0:
        raise Failure("ZERO")
    return a % b


@native(remainder)
def _remainder(m: Memory, a: int, b: int) -> int:
    return ZERO if b == 0 else integer(m, a % b)


@primitive(
    _TWO_INTEGERS,
    examples=("raised(2, 10) == 1024", "raised(-1, 99) == -1", "raised(0, 0) == 1"),
    published=False,
)
def raised(a: int, b: int) -> int:
    """Raise an integer to a power.

    Errors:  RANGE if the power is negative
    """
    if b < 0:
        raise Failure("RANGE")
    if b > _MOST_BITS and abs(a) > 1:
        raise Failure("INTEGER")
    return int(a**b)


@native(raised)
def _raised(m: Memory, a: int, b: int) -> int:
    if b < 0:
        return RANGE
    if abs(a) <= 1:
        return integer(m, 1 if b == 0 else (a if b & 1 else abs(a)))
    result = 1
    for _ in range(b):
        result *= a
        if abs(result) > m.integer:
            return INTEGER
    return integer(m, result)


@primitive(
    _TWO_BOOLEANS,
    _TWO_INTEGERS,
    _ONE_KIND,
    _TWO_KINDS,
    same_as=("", "", "intersection", "intersection"),
    examples=(
        "both_bits(6, 3) == 2",
        "both_bits(frozenset({1, 2}), frozenset({2, 3})) == frozenset({2})",
    ),
    laws=("both_bits(a, b) == both_bits(b, a)",),
    total=True,
    published=False,
)
def both_bits(a: Any, b: Any) -> Any:
    """Keep what both have: the elements of two sets, the bits of two integers, truth."""
    return a & b


@native(both_bits)
def _both_bits(m: Memory, a: int, b: int) -> int:
    return integer(m, a & b)


@primitive(
    _TWO_BOOLEANS,
    _TWO_INTEGERS,
    _ONE_KIND,
    same_as=("", "", "combine"),
    examples=(
        "either_bits(6, 3) == 7",
        "either_bits(frozenset({1}), frozenset({2})) == frozenset({1, 2})",
    ),
    laws=("either_bits(a, b) == either_bits(b, a)",),
    total=True,
    published=False,
)
def either_bits(a: Any, b: Any) -> Any:
    """Join what either has: the elements of two sets, the bits of two integers, truth."""
    return a | b


@native(either_bits)
def _either_bits(m: Memory, a: int, b: int) -> int:
    return integer(m, a | b)


@primitive(
    _TWO_BOOLEANS,
    _TWO_INTEGERS,
    _ONE_KIND,
    examples=(
        "one_bit(6, 3) == 5",
        "one_bit(True, True) == False",
        "one_bit(frozenset({1, 2}), frozenset({2, 3})) == frozenset({1, 3})",
    ),
    laws=("one_bit(a, b) == minus(either_bits(a, b), both_bits(a, b))",),
    total=True,
    published=False,
)
def one_bit(a: Any, b: Any) -> Any:
    """Keep what only one has: elements of two sets, bits of two integers, truth."""
    return a ^ b


@compiled
def _one_bit_words(m: Memory, a: int, b: int) -> int:
    return 0 if is_integer(a) else list_words(length(m, a) + length(m, b))


@native(one_bit, words=_one_bit_words)
def _one_bit(m: Memory, out: int, a: int, b: int) -> tuple[int, int]:
    if is_integer(a):
        return integer(m, a ^ b), out
    return put_list(m, out, SET, merge_sets(m, out + 1, a, b, FIRST | SECOND))


@primitive(
    "Integer -> Integer",
    examples=("magnitude(-3) == 3", "magnitude(True) == 1"),
    laws=("magnitude(a) == magnitude(negative(a))",),
    total=True,
    published=False,
)
def magnitude(a: int) -> int:
    """Drop the sign."""
    return abs(a)


@native(magnitude)
def _magnitude(m: Memory, a: int) -> int:
    return integer(m, abs(a))


@primitive(
    "Integer -> Integer",
    examples=("as_integer(True) == 1", "as_integer(7) == 7"),
    total=True,
    published=False,
)
def as_integer(x: int) -> int:
    """Make an integer of a truth value; an integer stays."""
    return int(x)


@native(as_integer)
def _as_integer(m: Memory, x: int) -> int:
    return integer(m, x)


@primitive(
    "Tuple[Integer] -> Integer",
    "Set[Integer] -> Integer",
    examples=("sum_of((1, 2, 2)) == 5", "sum_of(frozenset()) == 0", "sum_of((True, True)) == 2"),
    laws=("sum_of(c) == sum_from(c, 0)",),
    total=True,
    published=False,
)
def sum_of(c: Container) -> int:
    """Add up the integers."""
    if None in c:
        raise Failure("NONE")
    return sum(c)


@compiled
def _sum(m: Memory, c: int, total: int) -> int:
    for k in range(start(c), start(c) + length(m, c)):
        if m.heap[k] == MISSING:
            return NONE
        total += m.heap[k]
    return integer(m, total)


@native(sum_of)
def _sum_of(m: Memory, c: int) -> int:
    return _sum(m, c, 0)


@primitive(
    "Tuple[Integer] Integer -> Integer",
    "Set[Integer] Integer -> Integer",
    "Tuple[Tuple[a]] Tuple[a] -> Tuple[a]",
    "Set[Tuple[a]] Tuple[a] -> Tuple[a]",
    examples=("sum_from((1, 2), 3) == 6", "sum_from(((1,), (2, 3)), (0,)) == (0, 1, 2, 3)"),
    visits=lambda c, start: sum(len(e) for e in c if isinstance(e, tuple)),
    total=True,
    published=False,
)
def sum_from(c: Container, start: Any) -> Any:
    """Add up integers, or join tuples, beginning with one more."""
    if None in c:
        raise Failure("NONE")
    if isinstance(start, tuple):
        return (*start, *(e for part in ordered(c) for e in part))
    return sum(c, start)


@compiled
def _sum_from_words(m: Memory, c: int, first: int) -> int:
    if is_integer(first):
        return 0
    if has_missing(m, c):
        return NONE
    count = all_parts(m, c)
    if count > m.total:
        return TOTAL
    rows = 0
    for k in range(length(m, c)):
        inner = m.heap[start(c) + k]
        if is_grid(m, inner):
            rows += height(m, inner) * list_words(width(m, inner))
    return list_words(length(m, first) + count) + rows


@native(sum_from, words=_sum_from_words)
def _sum_from(m: Memory, out: int, c: int, first: int) -> tuple[int, int]:
    if is_integer(first):
        return _sum(m, c, first), out
    count = length(m, first) + all_parts(m, c)
    copy_words(m, out + 1, start(first), length(m, first))
    place, end = out + 1 + length(m, first), out + list_words(count)
    for k in range(length(m, c)):
        inner = m.heap[start(c) + k]
        end = put_parts(m, place, end, inner)
        place += parts(m, inner)
    word, _ = put_list(m, out, TUPLE, count)
    return word, end
