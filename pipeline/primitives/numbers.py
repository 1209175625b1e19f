"""Arithmetic and logic: on integers, on pairs place by place, on booleans.

An integer beside a pair stands for the pair of itself twice.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.conditions import holds
from pipeline.primitives.row import compiled, native, primitive
from pipeline.primitives.words import (
    MISSING,
    ZERO,
    Memory,
    column_of,
    integer,
    is_integer,
    is_pair,
    packed,
    pair,
    row_of,
)

Pair = tuple[int, int]
Number = int | Pair

_TWO_NUMBERS = (
    "Integer Integer -> Integer",
    "Pair Pair -> Pair",
    "Integer Pair -> Pair",
    "Pair Integer -> Pair",
)
_ONE_NUMBER = ("Integer -> Integer", "Pair -> Pair")


def _pairwise(operation: Callable[[int, int], int], a: Number, b: Number) -> Pair:
    """Apply the operation place by place; at least one of the two is a pair."""
    ai, aj = (a, a) if isinstance(a, int) else a
    bi, bj = (b, b) if isinstance(b, int) else b
    return (operation(ai, bi), operation(aj, bj))


@compiled
def _i(number: int) -> int:
    """The i of a pair, or the integer itself."""
    return row_of(number) if is_pair(number) else number


@compiled
def _j(number: int) -> int:
    """The j of a pair, or the integer itself."""
    return column_of(number) if is_pair(number) else number


@compiled
def _number(m: Memory, like: int, i: int, j: int) -> int:
    """A number of the kind of another: an integer, for which i and j are the same, or a pair.

    What comes of two numbers is like the larger word: pairs come after integers.
    """
    if is_integer(like):
        return integer(m, i)
    return pair(m, i, j)


@primitive(
    *_TWO_NUMBERS,
    examples=("add(2, -3) == -1", "add((1, 2), (3, 4)) == (4, 6)", "add(1, (0, 5)) == (1, 6)"),
    laws=("add(a, b) == add(b, a)", "add(a, b) == subtract(a, invert(b))"),
    computes=True,
    total=True,
    leads=(
        "a",
        "b",
    ),
)
def add(a: Number, b: Number) -> Number:
    """Add, place by place."""
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    return _pairwise(operator.add, a, b)


@native(add)
def _add(m: Memory, a: int, b: int) -> int:
    return _number(m, max(a, b), _i(a) + _i(b), _j(a) + _j(b))


@primitive(
    *_TWO_NUMBERS,
    examples=(
        "subtract(2, 5) == -3",
        "subtract((3, 4), 1) == (2, 3)",
        "subtract(0, (1, 2)) == (-1, -2)",
    ),
    laws=("subtract(a, b) == invert(subtract(b, a))", "subtract(a, b) == add(a, invert(b))"),
    computes=True,
    total=True,
    leads=(
        "a",
        "b",
    ),
)
def subtract(a: Number, b: Number) -> Number:
    """Take the second from the first, place by place."""
    if isinstance(a, int) and isinstance(b, int):
        return a - b
    return _pairwise(operator.sub, a, b)


@native(subtract)
def _subtract(m: Memory, a: int, b: int) -> int:
    return _number(m, max(a, b), _i(a) - _i(b), _j(a) - _j(b))


@primitive(
    *_TWO_NUMBERS,
    examples=(
        "multiply(3, -2) == -6",
        "multiply((1, 2), (3, 0)) == (3, 0)",
        "multiply(2, (1, 4)) == (2, 8)",
    ),
    laws=("multiply(a, b) == multiply(b, a)", "multiply(a, invert(b)) == invert(multiply(a, b))"),
    computes=True,
    total=True,
    leads=(
        "a",
        "b",
    ),
)
def multiply(a: Number, b: Number) -> Number:
    """Multiply, place by place."""
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    return _pairwise(operator.mul, a, b)


@native(multiply)
def _multiply(m: Memory, a: int, b: int) -> int:
    return _number(m, max(a, b), _i(a) * _i(b), _j(a) * _j(b))


@primitive(
    *_TWO_NUMBERS,
    examples=("divide(7, 2) == 3", "divide(-7, 2) == -4", "divide((9, 4), (2, -3)) == (4, -2)"),
    laws=(
        "divide(invert(a), invert(b)) == divide(a, b)",
        "divide(add(a, b), b) == increment(divide(a, b))",
    ),
    computes=True,
    leads=(
        "a",
        "b",
    ),
)
def divide(a: Number, b: Number) -> Number:
    """Divide, place by place, rounding down.

    Errors:  ZERO if the divisor is zero, or a pair with a zero in it
    """
    try:
        if isinstance(a, int) and isinstance(b, int):
            return a // b
        return _pairwise(operator.floordiv, a, b)
    except ZeroDivisionError:
        raise Failure("ZERO") from None


@native(divide)
def _divide(m: Memory, a: int, b: int) -> int:
    if _i(b) == 0 or _j(b) == 0:
        return ZERO
    return _number(m, max(a, b), _i(a) // _i(b), _j(a) // _j(b))


@primitive(
    *_ONE_NUMBER,
    examples=("invert(3) == -3", "invert((0, -2)) == (0, 2)"),
    laws=("invert(invert(n)) == n", "add(n, invert(n)) == multiply(n, 0)"),
    computes=True,
    total=True,
    leads=("n",),
)
def invert(n: Number) -> Number:
    """Negate, place by place."""
    return -n if isinstance(n, int) else (-n[0], -n[1])


@native(invert)
def _invert(m: Memory, n: int) -> int:
    return _number(m, n, -_i(n), -_j(n))


@primitive(
    "Integer -> Boolean",
    examples=("even(4) == True", "even(-3) == False", "even(0) == True"),
    laws=("even(n) == even(invert(n))", "even(n) == flip(even(increment(n)))", "even(double(n))"),
    total=True,
)
def even(n: int) -> bool:
    """Tell whether two divides the integer."""
    return n % 2 == 0


@native(even)
def _even(m: Memory, n: int) -> int:
    return 1 - (n & 1)


@primitive(
    *_ONE_NUMBER,
    examples=("double(3) == 6", "double((-1, 0)) == (-2, 0)"),
    laws=("double(n) == add(n, n)", "halve(double(n)) == n"),
    computes=True,
    total=True,
    leads=("n",),
)
def double(n: Number) -> Number:
    """Multiply by two, place by place."""
    return n * 2 if isinstance(n, int) else (n[0] * 2, n[1] * 2)


@native(double)
def _double(m: Memory, n: int) -> int:
    return _number(m, n, _i(n) * 2, _j(n) * 2)


@primitive(
    *_ONE_NUMBER,
    examples=("halve(5) == 2", "halve(-1) == -1", "halve((4, 7)) == (2, 3)"),
    laws=("halve(n) == divide(n, 2)",),
    computes=True,
    total=True,
    leads=("n",),
)
def halve(n: Number) -> Number:
    """Divide by two, place by place, rounding down."""
    return n // 2 if isinstance(n, int) else (n[0] // 2, n[1] // 2)


@native(halve)
def _halve(m: Memory, n: int) -> int:
    return _number(m, n, _i(n) // 2, _j(n) // 2)


@primitive(
    "Boolean -> Boolean",
    examples=("flip(True) == False", "flip(False) == True"),
    laws=("flip(flip(b)) == b",),
    total=True,
)
def flip(b: bool) -> bool:
    """Turn true into false and false into true."""
    return not b


@native(flip)
def _flip(m: Memory, b: int) -> int:
    return int(b <= 0)


@primitive(
    "Integer Integer -> Boolean",
    examples=("greater(3, 2) == True", "greater(2, 2) == False"),
    laws=("greater(a, b) == positive(subtract(a, b))", "not both(greater(a, b), greater(b, a))"),
    total=True,
)
def greater(a: int, b: int) -> bool:
    """Tell whether the first integer exceeds the second."""
    return a > b


@native(greater)
def _greater(m: Memory, a: int, b: int) -> int:
    return int(a > b)


@primitive(
    "Boolean Boolean -> Boolean",
    "a a -> a",
    examples=("both(True, False) == False", "both((), (1,)) == ()", "both(2, 3) == 3"),
    laws=("flip(both(a, b)) == either(flip(a), flip(b))",),
    total=True,
)
def both(a: Any, b: Any) -> Any:
    """Tell whether neither is false: give the first where it is, else the second."""
    return a and b


@native(both)
def _both(m: Memory, a: int, b: int) -> int:
    return b if holds(m, a) else a


@primitive(
    "Boolean Boolean -> Boolean",
    "a a -> a",
    examples=("either(False, True) == True", "either((), (1,)) == (1,)", "either(2, 3) == 2"),
    laws=("flip(either(a, b)) == both(flip(a), flip(b))",),
    total=True,
)
def either(a: Any, b: Any) -> Any:
    """Tell whether at least one is true: give the first where it is, else the second."""
    return a or b


@native(either)
def _either(m: Memory, a: int, b: int) -> int:
    return a if holds(m, a) else b


@primitive(
    *_ONE_NUMBER,
    examples=("increment(-1) == 0", "increment((1, 2)) == (2, 3)"),
    laws=("increment(x) == add(x, 1)", "decrement(increment(x)) == x"),
    computes=True,
    total=True,
    leads=("x",),
)
def increment(x: Number) -> Number:
    """Add one, place by place."""
    return x + 1 if isinstance(x, int) else (x[0] + 1, x[1] + 1)


@native(increment)
def _increment(m: Memory, x: int) -> int:
    return _number(m, x, _i(x) + 1, _j(x) + 1)


@primitive(
    *_ONE_NUMBER,
    examples=("decrement(0) == -1", "decrement((1, 2)) == (0, 1)"),
    laws=("decrement(x) == subtract(x, 1)", "increment(decrement(x)) == x"),
    computes=True,
    total=True,
    leads=("x",),
)
def decrement(x: Number) -> Number:
    """Take one away, place by place."""
    return x - 1 if isinstance(x, int) else (x[0] - 1, x[1] - 1)


@native(decrement)
def _decrement(m: Memory, x: int) -> int:
    return _number(m, x, _i(x) - 1, _j(x) - 1)


@compiled
def _sign(x: int) -> int:
    return (x > 0) - (x < 0)


@primitive(
    *_ONE_NUMBER,
    examples=("crement(2) == 3", "crement(0) == 0", "crement((-1, 1)) == (-2, 2)"),
    laws=("crement(x) == add(x, sign(x))", "crement(invert(x)) == invert(crement(x))"),
    computes=True,
    total=True,
    leads=("x",),
)
def crement(x: Number) -> Number:
    """Move one further from zero, place by place; zero stays."""
    if isinstance(x, int):
        return x + _sign(x)
    return (x[0] + _sign(x[0]), x[1] + _sign(x[1]))


@native(crement)
def _crement(m: Memory, x: int) -> int:
    return _number(m, x, _i(x) + _sign(_i(x)), _j(x) + _sign(_j(x)))


@primitive(
    *_ONE_NUMBER,
    examples=("sign(-7) == -1", "sign(0) == 0", "sign((3, -3)) == (1, -1)"),
    laws=("sign(sign(x)) == sign(x)", "multiply(sign(x), sign(x)) == sign(multiply(x, x))"),
    computes=True,
    total=True,
    leads=("x",),
)
def sign(x: Number) -> Number:
    """Give 1 for positive, 0 for zero and -1 for negative, place by place."""
    return _sign(x) if isinstance(x, int) else (_sign(x[0]), _sign(x[1]))


@native(sign)
def _sign_of(m: Memory, x: int) -> int:
    return _number(m, x, _sign(_i(x)), _sign(_j(x)))


@primitive(
    "Integer -> Boolean",
    examples=("positive(1) == True", "positive(0) == False"),
    laws=("positive(x) == equality(sign(x), 1)",),
    total=True,
)
def positive(x: int) -> bool:
    """Tell whether the integer exceeds zero."""
    return x > 0


@native(positive)
def _positive(m: Memory, x: int) -> int:
    return int(x > 0)


@primitive(
    "Integer -> Pair",
    examples=("toivec(3) == (3, 0)", "toivec(0) == (0, 0)"),
    laws=("toivec(i) == multiply(i, (1, 0))", "add(toivec(i), tojvec(i)) == astuple(i, i)"),
    computes=True,
    total=True,
    optional=("i",),
)
def toivec(i: int) -> Pair:
    """Make the step of that many rows down."""
    return (i, 0)


@native(toivec)
def _toivec(m: Memory, i: int) -> int:
    return pair(m, i, 0) if i != MISSING else packed(i, 0)


@primitive(
    "Integer -> Pair",
    examples=("tojvec(3) == (0, 3)", "tojvec(-1) == (0, -1)"),
    laws=("tojvec(j) == multiply(j, (0, 1))",),
    computes=True,
    total=True,
    optional=("j",),
)
def tojvec(j: int) -> Pair:
    """Make the step of that many columns to the right."""
    return (0, j)


@native(tojvec)
def _tojvec(m: Memory, j: int) -> int:
    return pair(m, 0, j) if j != MISSING else packed(0, j)
