"""What a primitive is: one function with a decorator that makes it a row, and its row function.

    @primitive(
        "Integer Integer -> Integer",
        "Pair Pair -> Pair",
        examples=("add(2, 3) == 5", "add((1, 2), (3, 4)) == (4, 6)"),
        laws=("add(a, b) == add(b, a)",),
    )
    def add(a, b): ...

The function is the reference: plain Python values in (bool, int, tuple, frozenset, grids as tuples
of rows), a plain value out, `Failure` raised where the lane fails. Wherever the order of a set
matters it is `canonical` order. A reference need not check what `run_row` checks for every row:
missing values, pairs of two, rectangular grids, sizes and integers within the limits.

The row function is the same for the compiled backends (see `words` for what it sees):

    @native(add)
    def add_words(m, a, b): ...

Functions marked `compiled` are written in the part of Python that Numba compiles for CPU and GPU:
integers, comparisons, loops, calls of each other, and nothing that allocates or raises. They are
plain Python until a backend compiles them, so nothing imports Numba here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import cleandoc
from types import ModuleType
from typing import Any, TypeVar

from pipeline.ir.status import Failure, Limits
from pipeline.ir.types import Type, parse_type
from pipeline.primitives.argument_checks import CHECKS, area_of, check_grid, check_patch, kind_of
from pipeline.primitives.signatures import FunctionType, Signature, parse_signature


@dataclass(frozen=True, slots=True)
class Native:
    """The compiled form of a row.

    Without `words`, `fill(m, *args)` gives the result's word. With it, `words(m, *args)` gives how
    many words of the heap `fill` may write, scratch included, or a failure; and
    `fill(m, out, *args)`, which writes from `out` on, gives the result's word and the place behind
    what is to be kept.
    """

    fill: Callable[..., Any]
    words: Callable[..., Any] | None


_NATIVE: dict[Primitive, Native] = {}


@dataclass(frozen=True, eq=False)
class Primitive:
    """One row of the table.

    otherwise are overloads for values of which no other one takes both, as they are of two kinds.
    examples and laws are Python expressions over the primitives' names that are true; the free
    names of a law are the parameters of the row. capacity gives the exact size (elements, or cells
    of a grid) of the result before it is made, where it can be far larger than the arguments.
    computes marks rows whose result holds integers inside containers (pairs and cells included)
    that no argument held. total marks rows that can't raise an error, but for what is missing.
    optional are the parameters that may be missing, as the row itself looks at them; a value of any
    type always may. asks marks rows that give a missing answer where what they ask about is
    missing. ragged are the grids whose rows may be of several lengths (holed, in the decorator,
    those of which cells may be missing). leads are the pairs of which
    no more than the two parts is looked at: a longer tuple does as well. keeps_tuples are
    the sets for which a tuple of the same elements does not do. turns_argument is the
    argument, if any, that the limit on turns bounds. visits gives how many elements the row reads,
    where that can be far more than its arguments have. expand, for rows that take or return
    functions, is the first-order form (see `functions`). merges is the row, if any, of whose
    results these rows give the union. stops_early marks a row that applies its function to no more
    elements than it must. on_functions marks first-order rows that are also applied to functions,
    which they only move. published marks rows that the published DSL has too: those are held to it.
    same_as names, for each overload, the row
    that does the work where that is another one, else "". is_counted is false for rows whose result
    lies in an argument, and counts nothing.
    """

    name: str
    parameters: tuple[str, ...]
    overloads: tuple[Signature, ...]
    otherwise: tuple[Signature, ...]
    reference: Callable[..., Any]
    examples: tuple[str, ...]
    laws: tuple[str, ...]
    capacity: Callable[..., int] | None
    computes: bool
    total: bool
    optional: tuple[str, ...]
    asks: bool
    ragged: tuple[str, ...]
    leads: tuple[int, ...]
    keeps_tuples: frozenset[Type]
    turns_argument: int | None
    expand: Callable[..., Any] | None
    visits: Callable[..., int] | None
    merges: str
    stops_early: bool
    on_functions: bool
    published: bool
    same_as: tuple[str, ...]
    kinds: tuple[str, ...]
    integer_positions: tuple[int, ...]
    set_positions: tuple[int, ...]
    makes_integer: bool
    makes_grid: bool
    makes_set: bool
    makes_container: bool

    @property
    def arity(self) -> int:
        """How many arguments a call takes."""
        return len(self.parameters)

    @property
    def accepts_none(self) -> bool:
        """Whether any argument may be missing."""
        return not any(self.kinds)

    @cached_property
    def checked(self) -> tuple[tuple[int, Callable[[Any, Limits], None]], ...]:
        """The places of the arguments that are looked at, and how."""
        return tuple((k, CHECKS[kind]) for k, kind in enumerate(self.kinds) if kind)

    @cached_property
    def function_positions(self) -> tuple[int, ...]:
        """The parameters that are functions."""
        return tuple([k for k, p in enumerate(self._parameters) if p.head == "Function"])

    @cached_property
    def container_positions(self) -> tuple[int, ...]:
        """The parameters that are containers."""
        return tuple([k for k, p in enumerate(self._parameters) if p.head in ("Tuple", "Set")])

    @property
    def makes_function(self) -> bool:
        """Whether it gives a function: a combinator."""
        return self.overloads[0].result.head == "Function"

    @property
    def is_loop(self) -> bool:
        """Whether it applies functions to elements, or the functions of a container to a value."""
        takes_functions = any(isinstance(p, FunctionType) for p in self._parameters)
        return self.expand is not None and takes_functions and bool(self.container_positions)

    @property
    def collects(self) -> bool:
        """Of a loop, whether it gives the functions' results, in a container."""
        result = self.overloads[0].result
        elements: list[Type] = []
        for k in self.container_positions:
            elements += getattr(self._parameters[k], "args", ())
        return isinstance(result, Type) and bool(result.args) and result.args[0] not in elements

    @property
    def gives_element(self) -> bool:
        """Of a loop, whether it gives one of the elements."""
        return any(
            self.overloads[0].result in getattr(self._parameters[k], "args", ())
            for k in self.container_positions
        )

    @property
    def _parameters(self) -> tuple[Type | FunctionType, ...]:
        return self.overloads[0].parameters

    @property
    def native(self) -> Native | None:
        """The row function; rows that take or give functions have none."""
        return _NATIVE.get(self)

    @property
    def doc(self) -> str:
        """The docstring of the reference, without its indentation: Python 3.13 leaves it out."""
        return cleandoc(self.reference.__doc__ or "")


def primitive(
    *overloads: str,
    otherwise: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
    laws: tuple[str, ...] = (),
    capacity: Callable[..., int] | None = None,
    computes: bool = False,
    total: bool = False,
    optional: tuple[str, ...] = (),
    asks: bool = False,
    ragged: tuple[str, ...] = (),
    holed: tuple[str, ...] = (),
    leads: tuple[str, ...] = (),
    keeps_tuples: tuple[str, ...] = (),
    turns_argument: int | None = None,
    visits: Callable[..., int] | None = None,
    expand: Callable[..., Any] | None = None,
    merges: str = "",
    stops_early: bool = False,
    on_functions: bool = False,
    published: bool = True,
    same_as: tuple[str, ...] = (),
    is_counted: bool = True,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the decorated reference a row: it gains the attribute `row`, and stays callable."""
    _require_texts(overloads)

    def decorate(reference: Callable[..., Any]) -> Callable[..., Any]:
        names = reference.__code__.co_varnames[: reference.__code__.co_argcount]
        signatures = _signatures(reference.__name__, overloads, len(names))
        reference.row = Primitive(  # type: ignore[attr-defined]
            name=reference.__name__,
            parameters=names,
            overloads=signatures,
            otherwise=tuple(map(parse_signature, otherwise)),
            reference=reference,
            examples=examples,
            laws=laws,
            capacity=capacity,
            computes=computes,
            total=total,
            optional=optional,
            asks=asks,
            ragged=ragged,
            keeps_tuples=frozenset(map(parse_type, keeps_tuples)),
            leads=tuple([names.index(name) for name in leads]),
            turns_argument=turns_argument,
            expand=expand,
            visits=visits,
            merges=merges,
            stops_early=stops_early,
            on_functions=on_functions,
            published=published,
            same_as=same_as,
            kinds=tuple(_kinds(signatures, names, optional, ragged, holed)),
            **_told_by_types(signatures, is_counted),
        )
        return reference

    return decorate


def _require_texts(overloads: tuple[Any, ...]) -> None:
    """Raise TypeError for a decorator without signatures, or without brackets."""
    if not overloads or not all(isinstance(text, str) for text in overloads):
        raise TypeError('a row has its signatures: @primitive("Grid -> Grid")')


def _signatures(name: str, overloads: tuple[str, ...], count: int) -> tuple[Signature, ...]:
    """The overloads; raises ValueError for what are none of so many parameters."""
    signatures = tuple(map(parse_signature, overloads))
    for signature in signatures:
        if len(signature.parameters) != count:
            raise ValueError(f"{name}: {signature.text!r} has not {count} parameters")
    return signatures


def _kinds(
    signatures: tuple[Signature, ...],
    names: tuple[str, ...],
    optional: tuple[str, ...],
    ragged: tuple[str, ...],
    holed: tuple[str, ...],
) -> Iterator[str]:
    """What is checked of each argument."""
    for k, name in enumerate(names):
        kind = kind_of([s.parameters[k] for s in signatures], name in optional, name in ragged)
        yield "holed" if name in holed else kind


def _told_by_types(signatures: tuple[Signature, ...], is_counted: bool) -> dict[str, Any]:
    """What the overloads say of a row: which arguments `run_row` looks at, and what it makes."""
    results = {s.result.head for s in signatures}
    return {
        "integer_positions": _positions(signatures, all, "Integer", "Two"),
        "set_positions": _positions(signatures, all, "Set"),
        "makes_integer": "Integer" in results,
        "makes_grid": "Grid" in results,
        "makes_set": "Set" in results,
        "makes_container": is_counted and not results.isdisjoint(("Set", "Tuple", "Grid")),
    }


_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """Mark a function that compiled functions call: a backend compiles it with them."""
    function.is_compiled = True  # type: ignore[attr-defined]
    return function


def shared(function: _F) -> _F:
    """Mark a compiled function of a memory and two words that is long, or compiled into many rows:
    backends compile it once, as a kernel of its own.
    """
    function.shared = f"arc_{function.__name__}"  # type: ignore[attr-defined]
    return compiled(function)


def native(
    reference: Callable[..., Any], words: Callable[..., Any] | None = None
) -> Callable[[_F], _F]:
    """Make the decorated function the row function of a reference; see `Native`."""

    row = getattr(reference, "row", None)
    if not isinstance(row, Primitive):
        raise TypeError("@native takes the function below @primitive(...)")

    def decorate(fill: _F) -> _F:
        _NATIVE[row] = Native(compiled(fill), words)
        return fill

    return decorate


def with_reference(row: Primitive, reference: Callable[..., Any]) -> Primitive:
    """The same row, with the same row function, on another reference."""
    made = replace(row, reference=reference)
    if row in _NATIVE:
        _NATIVE[made] = _NATIVE[row]
    return made


def _positions(
    signatures: tuple[Signature, ...], quantor: Callable[[Iterable[bool]], bool], *heads: str
) -> tuple[int, ...]:
    """The parameters whose type has one of these heads in any, or in all, overloads."""
    count = len(signatures[0].parameters) if signatures else 0
    return tuple(
        i
        for i in range(count)
        if quantor(_concrete_head(s.parameters[i]) in heads for s in signatures)
    )


def _concrete_head(parameter: Type | FunctionType) -> str:
    """The type's head; of two-tuples only a pair has one, as any other may hold anything."""
    if parameter.head == "Two" and parameter.text != "Pair":
        return "Any"
    return parameter.head


def rows_of(module: ModuleType) -> tuple[Primitive, ...]:
    """The rows of a family, in the order of the file."""
    return tuple(
        value.row
        for value in vars(module).values()
        if hasattr(value, "row") and value.__module__ == module.__name__
    )


def run_row(row: Primitive, args: tuple[Any, ...], limits: Limits) -> Any:
    """Apply a first-order row under the limits; raises Failure, which names the operation."""
    try:
        if row.asks and _asks_of_nothing(row, args):
            return None
        check_arguments(row, args, limits)
        if row.capacity is not None:
            _check_size(row.capacity(*args), _returns_grid(row, args), limits)
        result = row.reference(*args)
        check_result(row, args, result, limits)
    except Failure as failure:
        failure.operation = failure.operation or row.name
        raise
    return result


def _asks_of_nothing(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether a container that is asked about is missing, or a patch has what is none in it."""
    for k, _ in row.checked:
        if args[k] is None:
            return True
        if row.kinds[k] != "container" and isinstance(args[k], frozenset):
            try:
                check_patch(args[k])
            except Failure:
                return True
    return False


def _returns_grid(row: Primitive, args: tuple[Any, ...]) -> bool:
    """Whether this call's result is a grid: some rows give what they are given, grid or set."""
    return row.makes_grid and (not row.makes_set or isinstance(args[0], tuple))


def check_arguments(row: Primitive, args: tuple[Any, ...], limits: Limits) -> None:
    """Raise Failure for what no row takes: missing values, ragged grids, pairs not of two."""
    for k, check in row.checked:
        if args[k] is None:
            raise Failure("NONE")
        check(args[k], limits)
    if row.turns_argument is not None and args[row.turns_argument] > limits.turns:
        raise Failure("TURNS")
    if row.visits is not None and row.visits(*args) > limits.total:
        raise Failure("TOTAL")


def conform(row: Primitive, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments as the row's types want them: what `convert` nodes do in the flattened program.

    A truth value is an integer where only integers go, a tuple is a set where only sets go, and of
    a long tuple only the first two parts are a pair.
    """
    for i in row.leads:
        if isinstance(args[i], tuple) and len(args[i]) > 2:
            args = (*args[:i], args[i][:2], *args[i + 1 :])
    for i in row.integer_positions:
        if isinstance(args[i], bool):
            args = (*args[:i], int(args[i]), *args[i + 1 :])
    for i in row.set_positions:
        if isinstance(args[i], tuple):
            args = (*args[:i], frozenset(args[i]), *args[i + 1 :])
    return args


def measure(row: Primitive, args: tuple[Any, ...], result: Any) -> int:
    """What a result counts against the limit on totals: elements, cells of a grid, or 0."""
    if not row.makes_container or not isinstance(result, tuple | frozenset):
        return 0
    if isinstance(result, tuple) and result and _returns_grid(row, args):
        return area_of(result) if isinstance(result[0], tuple) else len(result)
    return len(result)


def output_grid(grid: tuple[Any, ...], limits: Limits) -> tuple[Any, ...]:
    """A solver's output as it is compared: within the limits, truth values as 0 and 1.

    Raises Failure where there is none.
    """
    if grid is None:
        raise Failure("NONE")
    check_grid(grid, limits)
    if any(type(value) is bool for row in grid for value in row):
        return tuple([tuple(map(int, row)) for row in grid])
    return grid


def check_result(row: Primitive, args: tuple[Any, ...], result: Any, limits: Limits) -> None:
    """Raise Failure if the result, or an integer in it, is larger than the limits allow."""
    kind = type(result)
    if kind is int and row.makes_integer:
        _check_integer(result, limits)
    elif kind is frozenset or (kind is tuple and not _returns_grid(row, args)):
        if row.makes_container:
            _check_size(len(result), False, limits)
        if row.computes and result:
            _check_all_integers(result, limits)
    elif kind is tuple and result and isinstance(result[0], tuple):
        _check_size(area_of(result), True, limits)


def _check_size(size: int, is_grid: bool, limits: Limits) -> None:
    if size > (limits.cells if is_grid else limits.elements):
        raise Failure("CELLS" if is_grid else "ELEMENTS")


def _check_integer(value: int, limits: Limits) -> None:
    if not -limits.integer <= value <= limits.integer:
        raise Failure("INTEGER")


def _check_all_integers(container: Any, limits: Limits) -> None:
    """The integers of a container, not those of sets in it, which no row makes."""
    try:
        _check_usual(container, limits)
    except (TypeError, ValueError):
        _check_integers(tuple(container), limits)


def _check_usual(container: Any, limits: Limits) -> None:
    """Pairs and cells without a call for each; raises what Python does where others come."""
    sample = next(iter(container))
    if type(sample) is not tuple or len(sample) != 2:
        _check_integers(tuple(container), limits)
        return
    if type(sample[1]) is tuple:
        _check_integers(tuple({value for value, _ in container}), limits)
        if len(sample[1]) != 2:
            _check_integers(tuple(part for _, part in container), limits)
            return
        container = [location for _, location in container]
    most = limits.integer
    for i, j in container:
        if not (-most <= i <= most and -most <= j <= most):
            raise Failure("INTEGER")


def _check_integers(value: Any, limits: Limits) -> None:
    if isinstance(value, tuple):
        for part in value:
            _check_integers(part, limits)
    elif isinstance(value, int):
        _check_integer(value, limits)
