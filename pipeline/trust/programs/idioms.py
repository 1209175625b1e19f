"""What Python itself offers for values of each type, as ways to write an expression."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pipeline.ir.types import (
    BOOLEAN,
    CELL,
    GRID,
    INDICES,
    INTEGER,
    OBJECT,
    OBJECTS,
    PAIR,
    Type,
)
from pipeline.trust.programs.in_scope import ELEMENTS, GRIDS, INTS, PAIRS, ROW, TYPES
from pipeline.trust.programs.phrases import Phrases, Way

# -- integers


def _arithmetic(w: Phrases, type_: Type, depth: int) -> str:
    a, b = w.expression(INTEGER, depth), w.expression(INTEGER, depth)
    operator = w.rng.choice(("+", "+", "-", "-", "*", "%", "//", "&", "|", "^"))
    if operator in ("%", "//") and w.maybe(0.8):
        b = f"{w.rng.choice((2, 3, 10, -3))}"
    if operator == "*" and w.loops:
        return f"(({a} * {b}) % 97)"
    return f"-{a}" if w.maybe(0.08) else f"({a} {operator} {b})"


def _power(w: Phrases, type_: Type, depth: int) -> str:
    return f"({w.expression(INTEGER, 0)} % 5) ** {w.rng.randint(0, 3)}"


def _length(w: Phrases, type_: Type, depth: int) -> str:
    whole = w.rng.choice(tuple(ELEMENTS))
    name = w.rng.choice(("len", "size"))
    if name == "len" and w.maybe(0.3) and w.free("len"):
        return f"len([{w.comprehension(w.rng.choice(TYPES), depth)}])"
    return f"{name}({w.expression(whole, depth)})" if w.free(name) else ""


def _summed(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("sum"):
        return ""
    if w.maybe(0.5):
        return f"sum({w.looked_through(w.comprehension(INTEGER, depth))})"
    return f"sum({w.container(INTEGER, depth)})"


def _extreme(w: Phrases, type_: Type, depth: int) -> str:
    name = w.rng.choice(("max", "min"))
    if not w.free(name):
        return ""
    if w.maybe(0.5):
        return f"{name}({w.expression(INTEGER, depth)}, {w.expression(INTEGER, depth)})"
    default = f", default={w.expression(INTEGER, 0)}" if w.maybe(0.7) else ""
    inner = w.comprehension(INTEGER, depth)
    text = f"[{inner}]" if w.maybe(0.4) else f"({inner})" if default else inner
    return f"{name}({text}{default})"


def _converted(w: Phrases, type_: Type, depth: int) -> str:
    if w.maybe(0.5) and w.free("abs"):
        return f"abs({w.expression(INTEGER, depth)})"
    return f"int({w.expression(BOOLEAN, depth)})" if w.free("int") else ""


def _part(w: Phrases, type_: Type, depth: int) -> str:
    whole = w.rng.choice((PAIR, PAIR, ROW, GRID))
    k = w.rng.choice((0, 1, -1))
    text = f"{w.expression(whole, depth)}[{k}]"
    return f"{text}[{w.rng.choice((0, -1))}]" if whole is GRID else text


# -- truth values


def _compared(w: Phrases, type_: Type, depth: int) -> str:
    a, b = w.expression(INTEGER, depth), w.expression(INTEGER, depth)
    operators = ("<", "<=", ">", ">=", "==", "!=")
    text = f"{a} {w.rng.choice(operators)} {b}"
    if w.maybe(0.2):
        text += f" {w.rng.choice(operators)} {w.expression(INTEGER, depth)}"
    return f"({text})"


def _equal(w: Phrases, type_: Type, depth: int) -> str:
    kind = w.rng.choice(TYPES)
    other = w.rng.choice(TYPES) if w.maybe(0.1) else kind
    operator = w.rng.choice(("==", "!="))
    return f"({w.expression(kind, depth)} {operator} {w.expression(other, depth)})"


def _ordered(w: Phrases, type_: Type, depth: int) -> str:
    kind = w.rng.choice((PAIR, ROW, INTS, INDICES, OBJECT))
    operator = w.rng.choice(("<", "<=", ">", ">="))
    return f"({w.expression(kind, depth)} {operator} {w.expression(kind, depth)})"


def _within(w: Phrases, type_: Type, depth: int) -> str:
    whole = w.rng.choice((ROW, INTS, PAIRS, INDICES, OBJECTS, GRID))
    word = w.rng.choice(("in", "in", "not in"))
    return f"({w.expression(ELEMENTS[whole], depth)} {word} {w.expression(whole, depth)})"


def _logic(w: Phrases, type_: Type, depth: int) -> str:
    if w.maybe(0.3):
        return f"(not {w.condition(depth)})"
    words = [w.expression(BOOLEAN, depth) for _ in range(w.rng.choice((2, 2, 3)))]
    between = w.rng.choice((" and ", " or "))
    return f"({between.join(words)})"


def _quantified(w: Phrases, type_: Type, depth: int) -> str:
    name = w.rng.choice(("any", "all"))
    if not w.free(name):
        return ""
    if w.maybe(0.15):
        return f"{name}({w.expression(w.rng.choice((ROW, INTS, INDICES)), depth)})"
    return f"{name}({w.looked_through(w.comprehension(BOOLEAN, depth))})"


def _is_missing(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("index"):
        return ""
    word = w.rng.choice(("is", "is not", "=="))
    return f"(index({w.expression(GRID, depth)}, {w.expression(PAIR, depth)}) {word} None)"


def _truth(w: Phrases, type_: Type, depth: int) -> str:
    return f"bool({w.expression(w.rng.choice(TYPES), depth)})" if w.free("bool") else ""


# -- tuples


def _pair(w: Phrases, type_: Type, depth: int) -> str:
    return f"({w.expression(INTEGER, depth)}, {w.expression(INTEGER, depth)})"


def _row(w: Phrases, type_: Type, depth: int) -> str:
    count = w.rng.choice((0, 3, 3, 4))
    return f"({', '.join(w.expression(INTEGER, depth) for _ in range(count))})"


def _collected(w: Phrases, type_: Type, depth: int) -> str:
    """`tuple(...)` of what is made for elements."""
    inner = w.comprehension(ELEMENTS[type_], depth)
    return f"tuple({w.looked_through(inner)})" if w.free("tuple") else ""


def _as_tuple(w: Phrases, type_: Type, depth: int) -> str:
    """`tuple(...)` of another container."""
    element = ELEMENTS[type_]
    if not w.free("tuple"):
        return ""
    way = w.rng.randint(0, 5)
    if way == 0 and w.free("sorted"):
        key = f", key={w.function((element,), INTEGER, depth)}" if w.maybe(0.5) else ""
        down = f", reverse={w.rng.choice((True, False))}" if w.maybe(0.3) else ""
        source = w.container(element, depth)
        return f"tuple(sorted({source}{key}{down}))" if element is not GRID else ""
    if way == 1 and w.free("map"):
        kind = w.rng.choice((INTEGER, PAIR))
        function = w.function((kind,), element, depth)
        return f"tuple(map({function}, {w.container(kind, depth)}))"
    if way == 2 and w.free("filter"):
        function = w.function((element,), BOOLEAN, depth)
        return f"tuple(filter({function}, {w.container(element, depth)}))"
    if way == 3 and w.free("reversed"):
        return f"tuple(reversed({w.expression(type_, depth)}))"
    if way == 4 and w.free("list"):
        return f"tuple(list({w.container(element, depth)}))"
    return f"tuple({w.container(element, depth)})"


def _cut(w: Phrases, type_: Type, depth: int) -> str:
    a, b, step = (w.rng.choice(options) for options in (("", "1", "-2"), ("", "2", "-1"), SLICES))
    return f"{w.expression(type_, depth)}[{a}:{b}{step}]"


SLICES: Final = ("", "", ":2", ":-1", ":1")


def _joined(w: Phrases, type_: Type, depth: int) -> str:
    if w.maybe(0.25):
        return w.kept_short(f"({w.expression(type_, depth)} * {w.rng.choice((0, 1, 2))})")
    other = PAIR if type_ is ROW and w.maybe(0.4) else type_
    return w.kept_short(f"({w.expression(other, depth)} + {w.expression(type_, depth)})")


def _looped(w: Phrases, type_: Type, depth: int) -> str:
    """`apply`, `order` or `sfilter` with a written function."""
    element = ELEMENTS[type_]
    name = w.rng.choice(("sfilter", "order") if type_.head == "Tuple" else ("sfilter",))
    if not w.free(name):
        return ""
    if name == "sfilter":
        return f"sfilter({w.expression(type_, depth)}, {w.function((element,), BOOLEAN, depth)})"
    return f"order({w.expression(type_, depth)}, {w.function((element,), INTEGER, depth)})"


def _applied_to(w: Phrases, type_: Type, depth: int) -> str:
    """`apply` of a written function to a container of the same kind."""
    if not w.free("apply"):
        return ""
    whole = w.rng.choice([t for t in ELEMENTS if (t.head == "Set") == (type_.head == "Set")])
    function = w.function((ELEMENTS[whole],), ELEMENTS[type_], depth)
    return f"apply({function}, {w.expression(whole, depth)})"


# -- grids


def _grid_of_rows(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("tuple"):
        return ""
    grid, row, cell = w.expression(GRID, depth), w.name("r"), w.name("v")
    with w.within({row: ROW, cell: INTEGER}):
        value = w.expression(INTEGER, min(depth, 1))
    return f"tuple(tuple({value} for {cell} in {row}) for {row} in {grid})"


def _grid_by_place(w: Phrases, type_: Type, depth: int) -> str:
    if not w.free("tuple", "range", "len"):
        return ""
    i, j = w.name("i"), w.name("j")
    with w.within({i: INTEGER, j: INTEGER}):
        value = w.expression(INTEGER, depth)
    rows = w.rng.choice(("2", "3", f"len({w.expression(GRID, 0)})"))
    return f"tuple(tuple({value} for {j} in range(3)) for {i} in range({rows}))"


def _grid_turned(w: Phrases, type_: Type, depth: int) -> str:
    grid = w.expression(GRID, depth)
    row = w.name("r")
    ways = (
        f"{grid}[::-1]",
        f"tuple({row}[::-1] for {row} in {grid})",
        f"tuple(zip(*{grid}))",
        f"tuple(reversed({grid}))",
        f"{grid}[1:]",
        w.kept_short(f"({grid} + {w.expression(GRID, 0)})"),
        f"tuple(tuple(reversed({row})) for {row} in {grid})",
    )
    return w.rng.choice(ways) if w.free("tuple", "zip", "reversed") else ""


# -- sets


def _set_made(w: Phrases, type_: Type, depth: int) -> str:
    inner = w.comprehension(ELEMENTS[type_], depth)
    if w.maybe(0.4):
        return f"{{{inner}}}"
    return f"frozenset({w.looked_through(inner)})" if w.free("frozenset") else ""


def _set_shown(w: Phrases, type_: Type, depth: int) -> str:
    items = [w.expression(ELEMENTS[type_], depth) for _ in range(w.rng.choice((1, 2, 3)))]
    if w.maybe(0.6):
        return f"{{{', '.join(items)}}}"
    if w.maybe(0.15):
        return "frozenset()" if w.free("frozenset") else ""
    name = w.rng.choice(("frozenset", "set"))
    return f"{name}([{', '.join(items)}])" if w.free(name) else ""


def _set_joined(w: Phrases, type_: Type, depth: int) -> str:
    operator = w.rng.choice(("|", "&", "-", "^"))
    return f"({w.expression(type_, depth)} {operator} {w.expression(type_, depth)})"


def _set_filtered(w: Phrases, type_: Type, depth: int) -> str:
    inner = w.filtered(type_, depth)
    if w.maybe(0.5):
        return f"{{{inner}}}"
    return f"frozenset({inner})" if w.free("frozenset") else ""


def _set_of(w: Phrases, type_: Type, depth: int) -> str:
    name = w.rng.choice(("frozenset", "set"))
    return f"{name}({w.container(ELEMENTS[type_], depth)})" if w.free(name) else ""


def _cells(w: Phrases, type_: Type, depth: int) -> str:
    """Cells with their places, as a comprehension over a grid's places."""
    if not w.free("frozenset"):
        return ""
    p = w.name("p")
    places = w.expression(INDICES, depth)
    with w.within({p: PAIR}):
        value = w.expression(INTEGER, depth)
        condition = f" if {w.condition(0)}" if w.maybe(0.4) else ""
    return f"frozenset(({value}, {p}) for {p} in {places}{condition})"


# -- the simplest of each type


def _first_of(*texts: str) -> Way:
    def simple(w: Phrases, type_: Type, depth: int) -> str:
        known = w.scope.of_type(GRID)
        grid = known[0] if known else "((0, 1), (2, 0))"
        return w.rng.choice(texts).replace("GRID", grid)

    return simple


def _word(name: str, plain: str) -> Way:
    """A call of a primitive, or what is plain where its name means something else."""

    def simple(w: Phrases, type_: Type, depth: int) -> str:
        return _first_of(name if w.free(name.split("(")[0]) else plain)(w, type_, depth)

    return simple


def _truth_value(w: Phrases, type_: Type, depth: int) -> str:
    known = w.scope.of_type(INTEGER)
    if known and w.maybe(0.6):
        return f"({w.rng.choice(known)} {w.rng.choice(('<', '>', '=='))} {w.integer()})"
    wholes = [name for name, kind in w.scope.variables.items() if kind in ELEMENTS]
    if wholes and w.maybe(0.4) and w.free("len"):
        return f"(len({w.rng.choice(wholes)}) > {w.integer()})"
    return w.rng.choice([name for name in ("True", "False", "T", "F") if w.free(name)])


def _texts(w: Phrases, type_: Type, depth: int) -> str:
    """Texts that are chosen, compared, looked for and ordered."""
    a, b, c = (w.rng.choice(("'a'", "'b'", "'up'", "''")) for _ in range(3))
    text = f"({a} if {w.expression(BOOLEAN, depth)} else {b})"
    number = w.expression(INTEGER, 0)
    ways = [f"({text} == {c})", f"({text} in ({b}, {c}))", f"({text} is not None)"]
    ways.append(f"({{{a}: {number}, {b}: {number}, {c}: 3}}[{text}] == 3)")
    if w.free("sorted"):
        ways.append(f"(sorted([({text}, {number}), ({c}, 2)])[0][0] == {c})")
    if w.free("tuple"):
        ways.append(f"(tuple({{({text}, (1, 0)), ({c}, (0, 1))}})[0][0] != {b})")
    return w.rng.choice(ways)


SIMPLE: Final[Mapping[Type, Way]] = {
    INTEGER: lambda w, type_, depth: w.integer(),
    BOOLEAN: _truth_value,
    PAIR: lambda w, type_, depth: f"({w.integer()}, {w.integer()})",
    GRID: _first_of("GRID", "((0, 1), (2, 0))"),
    ROW: lambda w, type_, depth: f"({w.integer()}, {w.integer()}, {w.integer()})",
    INTS: lambda w, type_, depth: f"{{{w.integer()}, {w.integer()}}}",
    PAIRS: _first_of("((0, 1), (1, 0), (2, 2))"),
    INDICES: _word("asindices(GRID)", "{(0, 1), (1, 1)}"),
    OBJECT: _word("asobject(GRID)", "{(3, (0, 1)), (2, (1, 1))}"),
    OBJECTS: _word("partition(GRID)", "{frozenset({(3, (0, 1))})}"),
    CELL: _first_of("(3, (0, 1))", "(1, (1, 2))"),
    GRIDS: _first_of("(GRID, GRID, GRID)"),
}
_TUPLES = (_collected, _collected, _as_tuple, _as_tuple, _cut, _joined, _looped, _applied_to)
_SETS = (
    *(_set_made, _set_shown, _set_joined, _set_joined, _set_filtered),
    *(_set_of, _looped, _applied_to),
)
WAYS: Final[Mapping[Type, tuple[Way, ...]]] = {
    INTEGER: (
        *(_arithmetic, _arithmetic, _arithmetic, _power, _length, _summed),
        *(_extreme, _converted, _part, _part),
    ),
    BOOLEAN: (
        *(_compared, _compared, _equal, _ordered, _within, _within),
        *(_logic, _logic, _quantified, _is_missing, _truth, _texts),
    ),
    PAIR: (_pair,),
    ROW: (_row, *_TUPLES),
    PAIRS: _TUPLES,
    GRIDS: _TUPLES[:-1],
    GRID: (_grid_of_rows, _grid_by_place, _grid_turned, _grid_turned),
    INTS: _SETS,
    INDICES: _SETS,
    OBJECTS: (_set_filtered, _set_filtered, _set_joined, _looped),
    OBJECT: (_cells, _cells, *_SETS[2:5], _looped),
    CELL: (lambda w, type_, depth: f"({w.expression(INTEGER, 0)}, {w.expression(PAIR, 0)})",),
}
