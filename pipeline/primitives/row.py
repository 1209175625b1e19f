"""What a primitive is: one function with a decorator that makes it a row.

    @primitive(
        "Integer Integer -> Integer",
        "Pair Pair -> Pair",
        examples=("add(2, 3) == 5", "add((1, 2), (3, 4)) == (4, 6)"),
        laws=("add(a, b) == add(b, a)",),
    )
    def add(a, b): ...

The function is the reference: plain Python values in (bool, int, tuple, frozenset, grids as tuples of rows), a plain
value out, `Failure` raised where the lane fails. Wherever the order of a set matters it is `canonical` order.
A reference need not check what `run_row` checks for every row: missing values, pairs of two, rectangular grids, sizes
and integers within the limits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from pipeline.ir.status import Failure, Limits
from pipeline.ir.types import Type, parse_type


@dataclass(frozen=True, slots=True)
class FunctionType:
    """The type of a parameter that takes a function: `(a b -> c)`."""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload: its parameters' types, its result's type, and its text."""

    parameters: tuple[Type | FunctionType, ...]
    result: Type
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """One row of the table.

    examples and laws are Python expressions over the primitives' names that are true; the free names of a law are the
    parameters of the row. capacity gives the exact size (elements, or cells of a grid) of the result before it is
    made, where it can be far larger than the arguments. computes marks rows whose result holds integers inside
    containers (pairs and cells included) that no argument held. total marks rows that can't raise an error. accepts_none marks the few that may
    look at a missing value. expand, for rows that take or return functions, is the first-order form (see `functions`).
    """

    name: str
    parameters: tuple[str, ...]
    overloads: tuple[Signature, ...]
    reference: Callable[..., Any]
    examples: tuple[str, ...]
    laws: tuple[str, ...]
    capacity: Callable[..., int] | None
    computes: bool
    total: bool
    accepts_none: bool
    expand: Callable[..., Any] | None
    grid_positions: tuple[int, ...]
    pair_positions: tuple[int, ...]
    makes_grid: bool
    makes_set: bool

    @property
    def arity(self) -> int:
        """How many arguments a call takes."""
        return len(self.parameters)

    @property
    def doc(self) -> str:
        """The docstring of the reference."""
        return self.reference.__doc__ or ""


def primitive(
    *overloads: str,
    examples: tuple[str, ...] = (),
    laws: tuple[str, ...] = (),
    capacity: Callable[..., int] | None = None,
    computes: bool = False,
    total: bool = False,
    accepts_none: bool = False,
    expand: Callable[..., Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the decorated reference a row: it gains the attribute `row`, and stays callable as it is."""

    def decorate(reference: Callable[..., Any]) -> Callable[..., Any]:
        code = reference.__code__
        names = code.co_varnames[: code.co_argcount]
        signatures = tuple(parse_signature(text) for text in overloads)
        for signature in signatures:
            if len(signature.parameters) != len(names):
                raise ValueError(
                    f"{reference.__name__}: {signature.text!r} has not {len(names)} parameters"
                )
        reference.row = Primitive(  # type: ignore[attr-defined]
            name=reference.__name__,
            parameters=names,
            overloads=signatures,
            reference=reference,
            examples=examples,
            laws=laws,
            capacity=capacity,
            computes=computes,
            total=total,
            accepts_none=accepts_none,
            expand=expand,
            grid_positions=_positions(signatures, "Grid"),
            pair_positions=_positions(signatures, "Pair"),
            makes_grid=any(s.result.text == "Grid" for s in signatures),
            makes_set=any(s.result.head == "Set" for s in signatures),
        )
        return reference

    return decorate


def _positions(signatures: tuple[Signature, ...], text: str) -> tuple[int, ...]:
    found = {
        i
        for s in signatures
        for i, p in enumerate(s.parameters)
        if isinstance(p, Type) and p.text == text
    }
    return tuple(sorted(found))


def rows_of(module: ModuleType) -> tuple[Primitive, ...]:
    """The rows of a family, in the order of the file."""
    return tuple(
        value.row
        for value in vars(module).values()
        if hasattr(value, "row") and value.__module__ == module.__name__
    )


def parse_signature(text: str) -> Signature:
    """Read `Set[a] (a -> Boolean) -> Set[a]`; raises ValueError if it is no signature."""
    parts = _split(text)
    if parts[-2:-1] != ["->"]:
        raise ValueError(f"not a signature: {text!r}")
    return Signature(tuple(_parameter(p) for p in parts[:-2]), parse_type(parts[-1]), text)


def _parameter(text: str) -> Type | FunctionType:
    if text.startswith("(") and "->" in text:
        inner = parse_signature(text[1:-1])
        return FunctionType(tuple(p for p in inner.parameters if isinstance(p, Type)), inner.result)
    return parse_type(text)


def _split(text: str) -> list[str]:
    """Split at the spaces outside brackets."""
    parts, depth, start = [""], 0, False
    for c in text:
        depth += (c in "([") - (c in ")]")
        if c == " " and depth == 0:
            start = True
            continue
        if start:
            parts.append("")
            start = False
        parts[-1] += c
    return parts


def run_row(row: Primitive, args: tuple[Any, ...], limits: Limits) -> Any:
    """Apply a first-order row to plain values under the limits; raises Failure, with the operation's name."""
    try:
        _check_arguments(row, args, limits)
        if row.capacity is not None:
            _check_size(row.capacity(*args), _returns_grid(row, args), limits)
        result = row.reference(*args)
        check_result(row, args, result, limits)
    except Failure as failure:
        failure.operation = failure.operation or row.name
        raise
    return result


def _returns_grid(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether this call's result is a grid: some rows give a grid for a grid and a set for a set."""
    return row.makes_grid and (not row.makes_set or isinstance(args[0], tuple))


def _check_arguments(row: Primitive, args: tuple[Any, ...], limits: Limits) -> None:
    if not row.accepts_none and any(a is None for a in args):
        raise Failure("NONE")
    for i in row.grid_positions:
        if isinstance(args[i], tuple):
            check_grid(args[i], limits)
    for i in row.pair_positions:
        if isinstance(args[i], tuple) and len(args[i]) != 2:
            raise Failure("SHAPE")


def check_grid(grid: tuple[Any, ...], limits: Limits) -> None:
    """Raise Failure unless the rows are equally long and the cells within the limit."""
    if not grid:
        return
    width = len(grid[0])
    for row in grid:
        if len(row) != width:
            raise Failure("SHAPE")
    if len(grid) * width > limits.cells:
        raise Failure("CELLS")


def check_result(row: Primitive, args: tuple[Any, ...], result: Any, limits: Limits) -> None:
    """Raise Failure if a result of this row is larger than the limits allow, or holds a larger integer."""
    kind = type(result)
    if kind is int:
        _check_integer(result, limits)
    elif kind is frozenset or (kind is tuple and not _returns_grid(row, args)):
        _check_size(len(result), False, limits)
        if row.computes:
            for value in result:
                _check_integers(value, limits)
    elif kind is tuple and result:
        _check_size(len(result) * len(result[0]), True, limits)


def _check_size(size: int, is_grid: bool, limits: Limits) -> None:
    if size > (limits.cells if is_grid else limits.elements):
        raise Failure("CELLS" if is_grid else "ELEMENTS")


def _check_integer(value: int, limits: Limits) -> None:
    if not -limits.integer <= value <= limits.integer:
        raise Failure("INTEGER")


def _check_integers(value: Any, limits: Limits) -> None:
    if isinstance(value, tuple):
        for part in value:
            _check_integers(part, limits)
    elif isinstance(value, int):
        _check_integer(value, limits)
