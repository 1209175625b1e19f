"""Calls of functions of Python's standard library, as ways to write an expression.

What is imported stands at the head of the file: see `Phrases.imports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.ir.types import BOOLEAN, GRID, INDICES, INTEGER, PAIR, Type
from pipeline.primitives.table import TABLE
from pipeline.trust.programs.in_scope import ELEMENTS, PAIRS, ROW, TYPES
from pipeline.trust.programs.phrases import Phrases, Way


def imported(w: Phrases, module: str, name: str) -> str:
    """A function of a module as the file names it, which imports it."""
    way = w.rng.randint(0, 2)
    if way == 0:
        w.imports.add(f"import {module}")
        return f"{module}.{name}"
    if way == 1 and name not in (*TABLE, module):
        w.imports.add(f"from {module} import {name}")
        return name
    w.imports.add(f"from {module} import {name} as {name}_")
    return f"{name}_"


# -- integers and truth values


def _reduced(w: Phrases, type_: Type, depth: int) -> str:
    """`reduce` of numbers, or of anything by a function that takes what came before."""
    reduce = imported(w, "functools", "reduce")
    if type_ is INTEGER and w.maybe(0.5):
        add = imported(w, "operator", w.rng.choice(("add", "sub", "xor", "and_", "or_")))
        start = f", {w.expression(INTEGER, 0)}" if w.maybe(0.5) else ""
        return f"{reduce}({add}, {w.container(INTEGER, depth)}{start})"
    element = w.rng.choice(tuple(ELEMENTS.values()))
    function = w.function((type_, element), type_, depth)
    return f"{reduce}({function}, {w.container(element, depth)}, {w.expression(type_, depth)})"


def _divisor(w: Phrases, type_: Type, depth: int) -> str:
    name = imported(w, "math", w.rng.choice(("gcd", "lcm")))
    return f"({name}({w.expression(INTEGER, depth)}, {w.expression(INTEGER, depth)}) % 97)"


def _root(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("abs"):
        return ""
    return f"{imported(w, 'math', 'isqrt')}(abs({w.expression(INTEGER, depth)}) % 97)"


def _multiplied(w: Phrases, type_: Type, depth: int) -> str:
    return f"({imported(w, 'math', 'prod')}({w.container(INTEGER, depth)}) % 97)"


def _got(w: Phrases, type_: Type, depth: int) -> str:
    """An integer at a place of a pair or a row."""
    whole, place = w.rng.choice((PAIR, ROW)), w.rng.choice((0, 1, -1))
    if w.maybe(0.5):
        return f"{imported(w, 'operator', 'itemgetter')}({place})({w.expression(whole, depth)})"
    return f"{imported(w, 'operator', 'getitem')}({w.expression(whole, depth)}, {place})"


def _counted(w: Phrases, type_: Type, depth: int) -> str:
    """What `Counter` says of a row."""
    counter = imported(w, "collections", "Counter")
    row = w.expression(ROW, depth)
    if w.maybe(0.5):
        return f"{counter}({row}).most_common(1)[0][{w.rng.choice((0, 1))}]"
    return f"{counter}({row})[{w.expression(INTEGER, 0)}]"


def _operated(w: Phrases, type_: Type, depth: int) -> str:
    """`operator.lt(a, b)` and its like."""
    if w.maybe(0.3):
        whole = w.rng.choice((ROW, PAIRS, INDICES))
        contains = imported(w, "operator", "contains")
        return f"{contains}({w.expression(whole, depth)}, {w.expression(ELEMENTS[whole], depth)})"
    if w.maybe(0.2):
        return f"{imported(w, 'operator', 'not_')}({w.condition(depth)})"
    name = imported(w, "operator", w.rng.choice(("lt", "le", "gt", "ge", "eq", "ne")))
    return f"{name}({w.expression(INTEGER, depth)}, {w.expression(INTEGER, depth)})"


# -- tuples


def _row_of_several(w: Phrases, type_: Type, depth: int) -> str:
    """A row of what goes through one row after another."""
    if not w.free("tuple"):
        return ""
    row = w.expression(ROW, depth)
    chain, both = imported(w, "itertools", "chain"), w.rng.choice((GRID, PAIRS))
    ways = (
        f"{chain}({row}, {w.container(INTEGER, depth)})",
        f"{chain}.from_iterable({w.expression(both, depth)})",
        f"{imported(w, 'itertools', 'islice')}({row}, {w.rng.choice(('2', '1, 3', '0, 5, 2'))})",
        f"{imported(w, 'itertools', 'repeat')}({w.expression(INTEGER, 0)}, {w.rng.randint(0, 3)})",
    )
    return f"tuple({w.rng.choice(ways)})[:9]"


def _row_in_turn(w: Phrases, type_: Type, depth: int) -> str:
    """A row of what is made element after element."""
    if not w.free("tuple", "len", "list", "sorted"):
        return ""
    row, k, n = w.expression(ROW, depth), w.name("k"), w.name("g")
    accumulate, groupby = (imported(w, "itertools", x) for x in ("accumulate", "groupby"))
    key = f", key={w.function((INTEGER,), INTEGER, 0)}" if w.maybe(0.3) else ""
    ways = (
        f"{accumulate}({row})",
        f"{accumulate}({row}, {w.function((INTEGER, INTEGER), INTEGER, depth)})",
        f"{imported(w, 'itertools', 'takewhile')}({w.function((INTEGER,), BOOLEAN, depth)}, {row})",
        f"{k} for {k}, {n} in {groupby}(sorted({row}){key})",
        f"len(list({n})) for {k}, {n} in {groupby}({row}{key})",
    )
    return f"tuple({w.rng.choice(ways)})"


def _pairs_made(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("tuple", "sorted"):
        return ""
    row = w.expression(ROW, depth)
    product, getter = imported(w, "itertools", "product"), imported(w, "operator", "itemgetter")
    name = w.rng.choice(("combinations", "permutations"))
    ways = (
        f"{product}({row}, {w.expression(ROW, 0)})",
        f"{product}({row}, repeat=2)",
        f"{imported(w, 'itertools', name)}({row}, 2)",
        f"{imported(w, 'itertools', 'pairwise')}({row})",
        f"sorted({w.expression(PAIRS, depth)}, key={getter}({w.rng.choice((0, 1))}))",
        f"{imported(w, 'collections', 'Counter')}({row}).most_common({w.rng.randint(1, 3)})",
    )
    return f"tuple({w.rng.choice(ways)})[:9]"


# -- any type


def _partial(w: Phrases, type_: Type, depth: int) -> str:
    """A function that is known by its name, with its first argument fixed."""
    known = [
        (name, s.parameters)
        for name, s in w.scope.functions.items()
        if s.result is type_ and len(s.parameters) == 2
    ]
    if not known:
        return ""
    name, (first, second) = w.rng.choice(known)
    partial = imported(w, "functools", "partial")
    return f"{partial}({name}, {w.expression(first, depth)})({w.expression(second, depth)})"


def _copied(w: Phrases, type_: Type, depth: int) -> str:
    name = imported(w, "copy", w.rng.choice(("copy", "deepcopy")))
    return f"{name}({w.expression(type_, depth)})"


_ANY: Final[tuple[Way, ...]] = (_reduced, _partial, _copied)
LIBRARY: Final[Mapping[Type, tuple[Way, ...]]] = {
    **dict.fromkeys(TYPES, _ANY),
    INTEGER: (_divisor, _root, _multiplied, _got, _counted, *_ANY),
    BOOLEAN: (_operated, _operated, *_ANY),
    ROW: (_row_of_several, _row_in_turn, _row_in_turn, *_ANY),
    PAIRS: (_pairs_made, _pairs_made, *_ANY),
}
