"""The primitives that take or return functions, and how each becomes first-order.

A row here has two faces. Its reference works on plain callables, as published. Its `expand` is the
first-order form: it is called by the pass `resolve` with a builder and symbolic arguments (data, or
function values known at compile time) and makes nodes:

    b.call(f, *xs)          apply a function value
    b.condition(x)          whether Python takes data for true
    b.closure(n, g, *xs)    a function value of n parameters; calling it runs g(b, xs, *arguments)
    b.constant(v)           a literal
    b.row(name, *xs)        the node of a first-order row
    b.map(c, g)             g of each element of c, in an element domain, collected in the kind of c
    b.zip(a, c, g), b.cross(a, c, g)      the same for two containers, pair by pair or all pairs
    b.keyed(name, c, g)     a row of `keyed` on c and g of each element
    b.first_match(c, g)     the first element for which g holds
    b.loop(n, x, g)         g applied n times to x

`selections` has those that choose among the elements of a container.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.status import Failure
from pipeline.primitives.canonical import ordered
from pipeline.primitives.row import native, primitive
from pipeline.primitives.words import Memory

MOST_UNROLLED = 8


def arity_of(function: Callable[..., Any]) -> int:
    """How many arguments a function value takes."""
    arity = getattr(function, "arity", None)
    return function.__code__.co_argcount if arity is None else arity


def _expand_identity(b: Any, x: Any) -> Any:
    return x


@primitive(
    "a -> a",
    examples=("identity(3) == 3", "identity(frozenset()) == frozenset()"),
    laws=("identity(x) == x",),
    total=True,
    expand=_expand_identity,
)
def identity(x: Any) -> Any:
    """Give back the value as it is."""
    return x


def _expand_branch(b: Any, condition: Any, if_value: Any, else_value: Any) -> Any:
    return b.choose(condition, if_value, else_value)


@primitive(
    "Boolean a a -> a",
    examples=("branch(True, 1, 2) == 1", "branch(False, (), (1,)) == (1,)"),
    laws=("branch(condition, if_value, if_value) == if_value",),
    total=True,
    expand=_expand_branch,
)
def branch(condition: bool, if_value: Any, else_value: Any) -> Any:
    """Choose the second argument where the condition holds, as Python has it, else the third.

    Errors:  of two functions only the chosen one ever runs
    """
    return if_value if condition else else_value


@native(branch)
def _branch(m: Memory, condition: int, if_value: int, else_value: int) -> int:
    return if_value if condition > 0 else else_value


def _call_compose(b: Any, parts: tuple[Any, ...], x: Any) -> Any:
    return b.call(parts[0], b.call(parts[1], x))


@primitive(
    "(b -> c) (a -> b) -> (a -> c)",
    examples=("compose(double, increment)(3) == 8", "compose(size, initset)(0) == 1"),
    expand=lambda b, outer, inner: b.closure(1, _call_compose, outer, inner),
)
def compose(outer: Callable, inner: Callable) -> Callable:
    """Make the function that applies `inner`, then `outer`."""
    return lambda x: outer(inner(x))


def _call_chain(b: Any, parts: tuple[Any, ...], x: Any) -> Any:
    return b.call(parts[0], b.call(parts[1], b.call(parts[2], x)))


@primitive(
    "(c -> d) (b -> c) (a -> b) -> (a -> d)",
    examples=("chain(double, increment, halve)(4) == 6", "chain(flip, even, size)(()) == False"),
    expand=lambda b, h, g, f: b.closure(1, _call_chain, h, g, f),
)
def chain(h: Callable, g: Callable, f: Callable) -> Callable:
    """Make the function that applies `f`, then `g`, then `h`."""
    return lambda x: h(g(f(x)))


def _call_matcher(b: Any, parts: tuple[Any, ...], x: Any) -> Any:
    return b.row("equality", b.call(parts[0], x), parts[1])


@primitive(
    "(a -> b) b -> (a -> Boolean)",
    examples=("matcher(size, 2)((5, 5)) == True", "matcher(identity, 1)(2) == False"),
    expand=lambda b, function, target: b.closure(1, _call_matcher, function, target),
)
def matcher(function: Callable, target: Any) -> Callable:
    """Make the predicate that holds where `function` gives `target`."""
    return lambda x: function(x) == target


def _call_fork(b: Any, parts: tuple[Any, ...], x: Any) -> Any:
    return b.call(parts[0], b.call(parts[1], x), b.call(parts[2], x))


@primitive(
    "(b c -> d) (a -> b) (a -> c) -> (a -> d)",
    examples=(
        "fork(add, double, identity)(2) == 6",
        "fork(combine, identity, identity)((1,)) == (1, 1)",
    ),
    expand=lambda b, outer, a, c: b.closure(1, _call_fork, outer, a, c),
)
def fork(outer: Callable, a: Callable, b: Callable) -> Callable:
    """Make the function that applies `a` and `b` to its argument and `outer` to the results."""
    return lambda x: outer(a(x), b(x))


def _call_lbind(b: Any, parts: tuple[Any, ...], *args: Any) -> Any:
    return b.call(parts[0], parts[1], *args)


@primitive(
    "(a b -> c) a -> (b -> c)",
    "(a b c -> d) a -> (b c -> d)",
    "(a b c d -> e) a -> (b c d -> e)",
    examples=("lbind(subtract, 5)(3) == 2", "lbind(canvas, 0)((1, 1)) == ((0,),)"),
    expand=lambda b, function, fixed: b.bound(_call_lbind, function, fixed),
)
def lbind(function: Callable, fixed: Any) -> Callable:
    """Fix the first argument of a function of two, three or four."""
    arity = arity_of(function)
    if arity == 2:
        return lambda y: function(fixed, y)
    if arity == 3:
        return lambda y, z: function(fixed, y, z)
    return lambda y, z, a: function(fixed, y, z, a)


def _call_rbind(b: Any, parts: tuple[Any, ...], *args: Any) -> Any:
    return b.call(parts[0], *args, parts[1])


@primitive(
    "(a b -> c) b -> (a -> c)",
    "(a b c -> d) c -> (a b -> d)",
    "(a b c d -> e) d -> (a b c -> e)",
    examples=("rbind(subtract, 5)(3) == -2", "rbind(rbind(replace, 7), 0)(((0,),)) == ((7,),)"),
    expand=lambda b, function, fixed: b.bound(_call_rbind, function, fixed),
)
def rbind(function: Callable, fixed: Any) -> Callable:
    """Fix the last argument of a function of two, three or four."""
    arity = arity_of(function)
    if arity == 2:
        return lambda x: function(x, fixed)
    if arity == 3:
        return lambda x, y: function(x, y, fixed)
    return lambda x, y, z: function(x, y, z, fixed)


def _call_power(b: Any, parts: tuple[Any, ...], x: Any) -> Any:
    function, turns = parts
    count = b.literal(turns)
    if count is None or count > MOST_UNROLLED:
        return b.loop(turns, x, lambda state: b.call(function, state))
    for _ in range(count):
        x = b.call(function, x)
    return x


def _expand_power(b: Any, function: Any, n: Any) -> Any:
    checked = b.row("turns", n)
    if b.literal(n) == 1 and not b.is_static(function):
        return function
    return b.closure(1, _call_power, function, n if b.literal(n) is not None else checked)


@primitive(
    "(a -> a) Integer -> (a -> a)",
    turns_argument=1,
    examples=("power(double, 3)(1) == 8", "power(increment, 1)(0) == 1"),
    expand=_expand_power,
)
def power(function: Callable, n: int) -> Callable:
    """Make the function that applies `function` n times.

    Errors:  RANGE if n is not positive; TURNS (over budget) if n is larger than the limit
    """
    if n < 1:
        raise Failure("RANGE")

    def repeated(x: Any) -> Any:
        for _ in range(n):
            x = function(x)
        return x

    return repeated


def _expand_apply(b: Any, function: Any, container: Any) -> Any:
    return b.map(container, lambda e: b.call(function, e))


@primitive(
    "(a -> b) Tuple[a] -> Tuple[b]",
    "(a -> b) Set[a] -> Set[b]",
    examples=(
        "apply(increment, (1, 2)) == (2, 3)",
        "apply(even, frozenset({1, 3})) == frozenset({False})",
    ),
    expand=_expand_apply,
)
def apply(function: Callable, container: Any) -> Any:
    """Apply the function to each element and keep the kind of the container.

    Order:   a set's elements in canonical order
    Errors:  the first failing element's
    """
    return type(container)([function(e) for e in ordered(container)])


def _expand_mapply(b: Any, function: Any, container: Any) -> Any:
    return b.primitive("merge", _expand_apply(b, function, container))


@primitive(
    "(a -> Tuple[b]) Tuple[a] -> Tuple[b]",
    "(a -> Set[b]) Tuple[a] -> Tuple[b]",
    "(a -> Tuple[b]) Set[a] -> Set[b]",
    "(a -> Set[b]) Set[a] -> Set[b]",
    examples=(
        "mapply(initset, frozenset({1, 2})) == frozenset({1, 2})",
        "mapply(lbind(repeat, 7), (1, 2)) == (7, 7, 7)",
    ),
    merges="apply",
    expand=_expand_mapply,
)
def mapply(function: Callable, container: Any) -> Any:
    """Apply the function to each element and merge the results, in the kind of the container.

    Order:   of a tuple: each result's elements in turn, a set's in canonical order
    Errors:  the first failing element's; ELEMENTS (over budget) if the union is too large
    """
    parts = [function(e) for e in ordered(container)]
    return type(container)([e for part in parts for e in ordered(part)])


def _expand_rapply(b: Any, functions: Any, value: Any) -> Any:
    return b.map(functions, lambda f: b.call(f, value))


@primitive(
    "Tuple[(a -> b)] a -> Tuple[b]",
    "Set[(a -> b)] a -> Set[b]",
    examples=("rapply((double, halve), 4) == (8, 2)", "rapply((size,), ()) == (0,)"),
    expand=_expand_rapply,
)
def rapply(functions: Any, value: Any) -> Any:
    """Apply each function of a container to one value.

    Order:   the order in which the functions were made
    Errors:  the first failing function's
    """
    return type(functions)([f(value) for f in ordered(functions)])


def _expand_papply(b: Any, function: Any, a: Any, c: Any) -> Any:
    return b.zip(a, c, lambda x, y: b.call(function, x, y))


@primitive(
    "(a b -> c) Tuple[a] Tuple[b] -> Tuple[c]",
    examples=("papply(add, (1, 2), (3, 4)) == (4, 6)", "papply(add, (1, 2), (3,)) == (4,)"),
    expand=_expand_papply,
)
def papply(function: Callable, a: tuple, b: tuple) -> tuple:
    """Apply the function to the elements of two tuples, pair by pair; the shorter tuple ends it.

    Errors:  the first failing pair's
    """
    return tuple([function(i, j) for i, j in zip(a, b, strict=False)])


@primitive(
    "(a b -> Tuple[c]) Tuple[a] Tuple[b] -> Tuple[c]",
    "(a b -> Set[c]) Tuple[a] Tuple[b] -> Tuple[c]",
    examples=("mpapply(repeat, (1, 2), (2, 1)) == (1, 1, 2)", "mpapply(repeat, (), (1,)) == ()"),
    merges="papply",
    expand=lambda b, function, a, c: b.primitive("merge", _expand_papply(b, function, a, c)),
)
def mpapply(function: Callable, a: tuple, b: tuple) -> tuple:
    """Apply the function to two tuples pair by pair and merge the results into one tuple.

    Order:   a result that is a set gives its elements in canonical order
    Errors:  the first failing pair's; ELEMENTS (over budget) if the union is too large
    """
    parts = [function(i, j) for i, j in zip(a, b, strict=False)]
    return tuple([e for part in parts for e in ordered(part)])


def _expand_prapply(b: Any, function: Any, a: Any, c: Any) -> Any:
    return b.cross(a, c, lambda x, y: b.call(function, x, y))


@primitive(
    "(a b -> c) Tuple[a] Tuple[b] -> Set[c]",
    "(a b -> c) Set[a] Set[b] -> Set[c]",
    "(a b -> c) Tuple[a] Set[b] -> Set[c]",
    "(a b -> c) Set[a] Tuple[b] -> Set[c]",
    examples=(
        "prapply(add, frozenset({1, 2}), frozenset({0, 10})) == frozenset({1, 2, 11, 12})",
        "prapply(astuple, (), (1,)) == frozenset()",
    ),
    visits=lambda function, a, b: len(a) * len(b),
    expand=_expand_prapply,
)
def prapply(function: Callable, a: Any, b: Any) -> frozenset:
    """Apply the function to every pair of an element of `a` and one of `b`.

    Order:   for each element of b, each of a
    Errors:  the first failing pair's; TOTAL (over budget) if there are too many pairs
    """
    return frozenset([function(i, j) for j in ordered(b) for i in ordered(a)])
