"""Misfits: rows on data whose types don't fit.

Such a row is reported as wrong, except

- where an argument is known to be empty: it is an empty container of any type;
- where the published code goes on with such values (`frontend.meanings`): that is put in;
- where only the data tells whether it is run at all, as it stands in a domain of a choice, or of
  the elements of a container of which something is left out. There it fails the lane (`misfit`), as
  the published code does when it comes there; a container that may be empty fails it only where it
  is not.

What only the value tells, such as whether the rows of a grid can be locations, is reported all the
same: a program never does what the direct interpreter, which has no types, would not do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pipeline.frontend.meanings import meaning_of
from pipeline.ir.coerce import apart, join
from pipeline.ir.graph import Const, Node
from pipeline.ir.operations import CONTAINER_OPENERS
from pipeline.ir.types import (
    BOOLEAN,
    GRID,
    INDICES,
    INTEGER,
    NOTHING,
    OBJECT,
    PAIR,
    PATCH,
    TEXT,
    UNIONS,
    VARIABLES,
    Type,
    make,
    tuple_of,
)
from pipeline.passes import choices, static
from pipeline.passes.infer import Mismatch, choose
from pipeline.passes.symbols import STATIC, Bundle, Choice, Function, Unresolved
from pipeline.primitives.raising import container_places, set_places
from pipeline.primitives.row import Primitive


def misfit(b: Any, row: Primitive, args: tuple[Any, ...], problem: Mismatch) -> Any:
    """What a row on data gives whose types don't fit."""
    b.peeks += 1
    known = tuple([as_empty(b, arg) for arg in args])
    if any(k is not a for k, a in zip(known, args, strict=True)):
        return b.row(row.name, *known)
    types = tuple([arg.type for arg in args])
    if row.name == "size" and types[0].head == "Two":
        return b.row("size", _taken_apart(b, args[0]))
    if row.name == "numbered_from" and b.meant and is_unlike(types[0]):
        items = _taken_apart(b, args[0]).items
        return Bundle(False, tuple([b.row("astuple", Const(k), v) for k, v in enumerate(items)]))
    if row.name in ("combine", "insert"):
        opened = [_taken_apart(b, arg) for arg in args]
        if any(isinstance(arg, Bundle) for arg in opened) and isinstance(opened[-1], Bundle):
            return b.row(row.name, args[0] if row.name == "insert" else opened[0], opened[1])
    for k, arg in enumerate(args):
        chosen = _as_choice(arg)
        if chosen is not None:
            return b.row(row.name, *args[:k], chosen, *args[k + 1 :])
    place = next((k for k, t in enumerate(types) if t in UNIONS), None)
    if place is not None:
        return _where_member(b, row, args, place)
    if None in types:
        return b.wrong(row.name, problem)
    place = None if row in b.meant or meaning_of(row) is None else _paired(row, types)
    if place is not None:
        return _where_pairs(
            b, row, args, place, lambda: _meant_or_failing(b, row, args, types, problem)
        )
    return _meant_or_failing(b, row, args, types, problem)


def _meant_or_failing(
    b: Any, row: Primitive, args: tuple[Any, ...], types: tuple[Type, ...], problem: Mismatch
) -> Any:
    meant = by_meaning(b, row, args, problem)
    return _failing(b, row, args, types, problem) if meant is None else meant


def _failing(
    b: Any, row: Primitive, args: tuple[Any, ...], types: tuple[Type, ...], problem: Mismatch
) -> Any:
    """The same where it fails: at once, or where it is reached."""
    if TEXT in types:  # Python may well take it
        return b.wrong(row.name, problem)
    is_masked, place = b.is_masked(), _paired(row, types)
    if is_masked and place is not None:
        return _where_pairs(b, row, args, place, lambda: b.misfit(row.name, problem))
    place = _emptied(row, types)
    if place is not None and (is_masked or is_filtered(args[place])):
        return _where_empty(b, row, args, place, problem)
    if is_masked and never_takes(row, types, -1):
        is_sure = _is_sure(row, types)
        return b.misfit(row.name, problem, *_unfit(row, args, -1), is_sure=is_sure)
    return b.wrong(row.name, problem)


def on_functions(b: Any, row: Primitive, args: tuple[Any, ...]) -> Any:
    """A row on arguments of which at least one holds functions."""
    b.peeks += 1
    try:
        return static.apply_row(b, row, args)
    except Unresolved as problem:
        if not problem.code:
            raise
        place = next((k for k, arg in enumerate(args) if isinstance(arg, Choice)), None)
        if place is not None and meaning_of(row) is not None:
            before, after = args[:place], args[place + 1 :]
            return b.under(args[place], lambda one: b.row(row.name, *before, one, *after))
        mismatch = Mismatch(problem.message, code=problem.code)
        meant = by_meaning(b, row, args, mismatch)
        if meant is not None:
            return meant
        if b.is_masked() and _takes_no_function(row, args):
            return b.misfit(row.name, mismatch)
        raise


def _takes_no_function(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether a function, or a container of some, stands where only data of some type can."""
    return any(
        isinstance(arg, STATIC)
        and not isinstance(arg, Choice)
        and all(
            isinstance(p, Type)
            and p.head not in VARIABLES
            and (isinstance(arg, Function) or not p.args)
            for p in _parameters(row, k)
        )
        for k, arg in enumerate(args)
    )


def _parameters(row: Primitive, place: int) -> list[Any]:
    return [o.parameters[place] for o in (*row.overloads, *row.otherwise)]


def by_meaning(b: Any, row: Primitive, args: tuple[Any, ...], problem: Mismatch) -> Any:
    """What a row gives by `frontend.meanings`, None without; what doesn't fit in there is reported
    as the problem.
    """
    found = None if row in b.meant else meaning_of(row)
    if found is None:
        return None
    function, asks = found
    before, fails = (b.meant, b.instead), b.domain in b.misfits
    b.instead = b.instead or b.describe(row.name, b.domain, problem)
    b.meant = (*b.meant, row)
    try:
        result = b.call(b.written(function), *args, *map(b.function, asks))
        return result if fails or b.domain not in b.misfits else b.misfit(row.name, problem)
    except Unresolved:
        return b.wrong(row.name, problem)
    finally:
        b.meant, b.instead = before


def as_result(b: Any, value: Any, problem: Mismatch, as_grid: Callable[[Any], Any]) -> Any:
    """What a program returns, where its type is that of no grid: one without rows, or a failure."""
    if not apart(value.type, GRID, filled=True, as_set=False):
        return b.wrong("return", problem)
    if apart(value.type, GRID, filled=False, as_set=False) or is_unlike(value.type):
        return b.misfit("return", problem, value)
    return choices.masked(
        b,
        b.row("equality", b.row("size", value), Const(0)),
        lambda: as_grid(b.node("pack_tuple")),
        lambda: b.misfit("return", problem, value),
    )


def is_unlike(type_: Type | None) -> bool:
    """Whether it is a two-tuple that is no tuple of one type."""
    return type_ is not None and type_.head == "Two" and join(*type_.args) is None


def _is_sure(row: Primitive, types: tuple[Type, ...]) -> bool:
    """Whether the published code raises for sure: see `primitives.raising`."""
    numbers = any(types[k] in (INTEGER, BOOLEAN) for k in container_places(row))
    return numbers or any(types[k].head == "Set" or types[k] is PATCH for k in set_places(row))


def as_container(b: Any, op: str, value: Any) -> Any:
    """The value; where no value of its type can be a container, what fails the lane."""
    type_ = value.type
    if type_ is None or type_.args or type_ in (GRID, NOTHING, PATCH) or type_.head == "Wrong":
        return value
    b.peeks += 1
    if type_ in UNIONS:
        return b.row("unpacked", value, Const(2))
    is_sure = op != "cross" and type_ in (INTEGER, BOOLEAN)
    problem = Mismatch(f"a container is expected, got {type_}")
    if type_ is TEXT:
        return b.wrong("each", problem)
    return b.misfit("each", problem, value, is_sure=is_sure)


def as_empty(b: Any, value: Any) -> Any:
    """The value, or, where it is known to be empty, an empty container of any type."""
    known = isinstance(value, Node) and value.op == "repeat" and value.type is not None
    if known and value.type.args[0] is not NOTHING:
        count = b.literal(value.args[1])
        if count is not None and count <= 0:
            return b.node("pack_tuple")
    return value


def _as_choice(value: Any) -> Choice | None:
    """Data that was made one of several types, as the choice that it was."""
    if not isinstance(value, Node) or value.op != "branch" or isinstance(value.args[0], Const):
        return None
    condition, *sides = value.args
    known = [s.args[0] if isinstance(s, Node) and s.op == "convert" else s for s in sides]
    if all(k is s for k, s in zip(known, sides, strict=True)):
        return None
    return Choice(condition, tuple(known))


def _taken_apart(b: Any, value: Any) -> Any:
    """A container as its elements, where they are known one by one."""
    if isinstance(value, Node):
        if value.op in ("pack_tuple", "pack_set", "initset", "astuple"):
            return Bundle(value.op in ("pack_set", "initset"), value.args)
        if value.type is not None and value.type.head == "Two":
            return Bundle(False, (b.row("first", value), b.row("last", value)))
    return value


_FILTERS: Final = frozenset(
    {
        *("keep_by", "colorfilter", "sizefilter", "occurrences"),
        *("difference", "intersection", "remove"),
    }
)
_THROUGH: Final = frozenset(
    {"merge", "totuple", "as_tuple", "as_set", "toindices", "cut", "convert"}
)


def is_filtered(value: Any) -> bool:
    """Whether only the data tells if anything is left in a container."""
    while isinstance(value, Node) and value.op not in _FILTERS:
        inner = value.args[0] if value.op in ("set_of", "tuple_of") else value
        if inner is value and value.op not in _THROUGH:
            return False
        value = next(iter(inner.args), None)
    return isinstance(value, Node)


def opens_filtered(domain: Node) -> bool:
    """Whether a domain has the elements of such a container, if there are any."""
    return domain.op in CONTAINER_OPENERS and any(map(is_filtered, domain.args))


def never_takes(row: Primitive, types: tuple[Type, ...], filled: int) -> bool:
    """Whether no values of these types are taken by a row, that of one place being no empty one."""
    return all(
        any(_is_apart(row, k, t, o.parameters[k], k == filled) for k, t in enumerate(types))
        for o in row.overloads
    )


def _emptied(row: Primitive, types: tuple[Type, ...]) -> int | None:
    """Which argument would fit if it were empty."""
    for k, type_ in enumerate(types):
        if type_ is GRID or (type_.args and type_.args[0] is not NOTHING):
            try:
                choose(row, (*types[:k], _empty(type_), *types[k + 1 :]))
            except Mismatch:
                continue
            return k
    return None


def _empty(type_: Type) -> Type:
    return make("Set" if type_.head == "Set" else "Tuple", (NOTHING,))


def _where_empty(
    b: Any, row: Primitive, args: tuple[Any, ...], place: int, problem: Mismatch
) -> Any:
    """The row's result where one argument is empty; where it is not the lane fails."""
    types = tuple([arg.type for arg in args])
    if not never_takes(row, types, place):
        return b.wrong(row.name, problem)
    empty = "pack_set" if types[place].head == "Set" else "pack_tuple"
    return choices.masked(
        b,
        b.row("equality", b.row("size", args[place]), Const(0)),
        lambda: b.row(row.name, *args[:place], b.node(empty), *args[place + 1 :]),
        lambda: b.misfit(row.name, problem, *_unfit(row, args, place)),
    )


def _unfit(row: Primitive, args: tuple[Any, ...], filled: int) -> tuple[Any, ...]:
    """The arguments that no overload takes."""
    return tuple(
        arg
        for k, arg in enumerate(args)
        if all(_is_apart(row, k, arg.type, o.parameters[k], k == filled) for o in row.overloads)
    )


def _is_apart(row: Primitive, place: int, type_: Type, parameter: Any, filled: bool) -> bool:
    if not isinstance(parameter, Type):
        return False
    return apart(type_, parameter, filled=filled, as_set=place in row.set_positions)


def _where_member(b: Any, row: Primitive, args: tuple[Any, ...], place: int) -> Any:
    """The row's result where one argument is of one type of a union, or of the other."""
    value = args[place]

    def applied(member: int) -> Any:
        narrow = b.node("narrow", value, Const(member))
        return b.row(row.name, *args[:place], narrow, *args[place + 1 :])

    test = "is_object" if value.type is PATCH else "is_pair"
    return choices.masked(b, b.row(test, value), lambda: applied(1), lambda: applied(0))


def _paired(row: Primitive, types: tuple[Type, ...]) -> int | None:
    """Which grid would fit, as locations, if its rows were of two, and those of other grids."""
    grids = [
        k
        for k in sorted(row.set_positions)
        if types[k] is GRID and all(o.parameters[k] in (INDICES, OBJECT) for o in row.overloads)
    ]
    for places in (*[[k] for k in grids], grids):
        as_pairs = [tuple_of(PAIR) if k in places else t for k, t in enumerate(types)]
        try:
            choose(row, tuple(as_pairs))
        except Mismatch:
            continue
        return min(places, default=None)
    return None


def _where_pairs(
    b: Any, row: Primitive, args: tuple[Any, ...], place: int, otherwise: Callable[[], Any]
) -> Any:
    """The row's result where the rows of a grid are of two, so that they are locations."""
    grid = args[place]
    return choices.masked(
        b,
        b.row("has_pairs", grid),
        lambda: b.row(row.name, *args[:place], b.row("pairs_of", grid), *args[place + 1 :]),
        otherwise,
    )
