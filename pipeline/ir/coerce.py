"""Which types stand in for which.

Published ARC-DSL has one tuple for everything: a pair is a tuple of two integers, a grid a tuple of
rows. Here they are different columns, so a value used as another type is converted, explicitly, by
a `convert` node:

    (A, B) as Tuple[C]              always works, where A and B can be C
    Grid as Tuple[Tuple[Integer]]   always works
    Tuple[A] as Set[A]              always works, where nothing but a set will do
    Boolean as Integer              always works: False is 0, True is 1
    Indices or Object as Patch      always works
    Integer or Pair as Numerical    always works
    Tuple[A] as (B, C)              takes the first two; fails a lane (SHAPE) where there is one
    Tuple[Tuple[Integer]] as Grid   fails a lane (SHAPE) unless the rows are equally long

and so on inside containers.
"""

from __future__ import annotations

from pipeline.ir.types import (
    BOOLEAN,
    GRID,
    INTEGER,
    NOTHING,
    ROWS,
    UNIONS,
    VARIABLES,
    Type,
    make,
    tuple_of,
    two,
)

ALWAYS = 1
SEEN_AS_SET = 1_000
FALLIBLE = 10_000


def cost(source: Type, target: Type) -> int | None:
    """0 if equal, below FALLIBLE if the conversion always works, None if there is none.

    Inside a container only conversions that leave the plain value as it is are made: there the
    direct interpreter, which has no types, has nothing to convert.
    """
    if source is target:
        return 0
    if source is NOTHING or (source is BOOLEAN and target is INTEGER):
        return ALWAYS
    if target in UNIONS:
        return ALWAYS if source in UNIONS[target] else None
    if target.head == "Set" and source.head in ("Tuple", "Two"):
        return _plus(SEEN_AS_SET, *((a, target.args[0]) for a in source.args))
    if source is GRID and target.head == "Tuple":
        return _plus(ALWAYS, (ROWS, target))
    if target is GRID and source.head in ("Tuple", "Two"):
        return _plus(FALLIBLE, (source, ROWS))
    if source.head == "Two" and target.head == "Tuple":
        return _plus(ALWAYS, *((a, target.args[0]) for a in source.args))
    if source.head == "Tuple" and target.head == "Two":
        return _plus(FALLIBLE, *((source.args[0], a) for a in target.args))
    if source.head == target.head and source.args:
        return _plus(0, *zip(source.args, target.args, strict=True))
    return None


def _plus(first: int, *parts: tuple[Type, Type]) -> int | None:
    """The cost of a conversion and of those of its parts."""
    total = first
    for source, target in parts:
        part = cost(source, target)
        if part is None or part >= SEEN_AS_SET:
            return None
        total += part
    return total


def join(a: Type, b: Type) -> Type | None:
    """The narrowest type that both always convert to, None if there is none."""
    if a is b:
        return a
    if a is NOTHING or b is NOTHING:
        return b if a is NOTHING else a
    if {a, b} == {BOOLEAN, INTEGER}:
        return INTEGER
    for union, members in UNIONS.items():
        if {a, b} <= {union, *members}:
            return union
    if a is GRID or b is GRID:
        other = b if a is GRID else a
        return join(ROWS, other) if other.head in ("Tuple", "Two") else None
    if a.head == b.head and a.args:
        parts = [join(x, y) for x, y in zip(a.args, b.args, strict=True)]
        good = tuple(p for p in parts if p is not None)
        return make(a.head, good) if len(good) == len(parts) else None
    if {a.head, b.head} == {"Two", "Tuple"}:
        pair, many = (a, b) if a.head == "Two" else (b, a)
        element: Type | None = many.args[0]
        for part in pair.args:
            element = join(element, part) if element is not None else None
        joined = None if element is None else tuple_of(element)
        return joined if joined and None not in (cost(a, joined), cost(b, joined)) else None
    return None


def bind(parameter: Type, argument: Type, bindings: dict[str, Type]) -> bool:
    """Bind the variables so that the argument converts to the parameter; False if it can't.

    What a variable stands for is not converted where that may fail: a row that takes any value
    does not look whether it is fit to be another.
    """
    if parameter.head in VARIABLES:
        known = bindings.get(parameter.head)
        joined = argument if known is None else join(known, argument)
        if joined is None and known is not None:
            price = cost(argument, known)
            joined = known if price is not None and price < FALLIBLE else None
        if joined is None:
            return False
        bindings[parameter.head] = joined
        return True
    if not parameter.has_variables:
        return True
    if argument is NOTHING:
        return all(bind(part, NOTHING, bindings) for part in parameter.args)
    if argument is GRID and parameter.head == "Tuple":
        argument = ROWS
    if parameter.head == argument.head:
        return all(bind(p, a, bindings) for p, a in zip(parameter.args, argument.args, strict=True))
    if parameter.head == "Set" and argument.head == "Tuple":
        return bind(parameter.args[0], argument.args[0], bindings)
    if parameter.head in ("Tuple", "Set") and argument.head == "Two":
        return all(bind(parameter.args[0], a, bindings) for a in argument.args)
    if parameter.head == "Two" and argument.head == "Tuple":
        return all(bind(p, argument.args[0], bindings) for p in parameter.args)
    return False


def substitute(type_: Type, bindings: dict[str, Type]) -> Type:
    """The type with its variables replaced."""
    if not type_.has_variables:
        return type_
    if type_.head in VARIABLES:
        return bindings.get(type_.head, type_)
    parts = tuple(substitute(part, bindings) for part in type_.args)
    return two(*parts) if type_.head == "Two" else make(type_.head, parts)


def apart(source: Type, target: Type, *, filled: bool, as_set: bool) -> bool:
    """Whether no plain value of a type, but a missing one, can be taken for one of another; False
    too where only the value tells.

    filled: of a container that holds something. as_set: where a tuple may stand for a set.
    """
    if target.head in VARIABLES or source is NOTHING:
        return False
    if target in UNIONS or source in UNIONS:
        return all(
            apart(s, t, filled=filled, as_set=as_set)
            for s in UNIONS.get(source, (source,))
            for t in UNIONS.get(target, (target,))
        )
    source, target = (ROWS if t is GRID else t for t in (source, target))
    if not source.args or not target.args:
        return bool(source.args or target.args)
    if source.head == "Set" != target.head or (target.head == "Set" != source.head and not as_set):
        return True
    return filled and _parts_apart(source, target)


def _parts_apart(source: Type, target: Type) -> bool:
    """The same of containers, or two-tuples, that hold something."""
    sources = source.args if source.head == "Two" else source.args * len(target.args)
    targets = target.args if target.head == "Two" else target.args * len(sources)
    is_tuple = source.head != "Set"
    return any(
        apart(s, t, filled=s.head == "Two" or (is_tuple and t.head == "Two"), as_set=False)
        for s, t in zip(sources, targets, strict=True)
    )
