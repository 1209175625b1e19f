"""What names stand for while functions, conditions and loops of a solver are resolved, and what can
be told of a block by looking at it.

Where a name got a value on one side of a condition only it is a `Maybe`: reading it fails the lanes
in which it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pipeline.frontend.program import (
    Assign,
    Assigned,
    For,
    If,
    Jump,
    Lambda,
    Program,
    Rest,
    Return,
    Target,
    Variable,
    While,
)
from pipeline.ir.graph import Const, Node
from pipeline.passes.symbols import Unresolved

FALLS: Final = 0
CONTINUES: Final = 1
BREAKS: Final = 2
RETURNS: Final = 3
"""How a block ends: by running out, by a jump, or by a return."""

UNASSIGNED: Final = object()
"""What a name without a value stands for."""


@dataclass(frozen=True, slots=True, eq=False)
class Maybe:
    """A symbol in the lanes in which `has_value`; a name without a value elsewhere."""

    has_value: Node | Const
    value: Any


LOST: Final = Maybe(Const(False), None)
"""What a name stands for that `:=` gave a value for each element of a container: see `lost`."""


def lost() -> Unresolved:
    """Why a name can't be read that is `LOST`."""
    message = "what `:=` gives a name in a comprehension is read outside of it"
    note = "write a `for` loop, which assigns the name by `=`"
    return Unresolved("unsupported-closure", message, note)


class Environment(dict[str, Any]):
    """The names of a function, and those around it: see `oracle.execution.Namespace`.

    assigned: its own names; None where all are. many: those of them that are assigned more than
    once, or in a loop, so that a function that reads one reads what it is when it is called.
    """

    __slots__ = ("assigned", "many", "outer")

    def __init__(
        self,
        outer: Environment | None = None,
        assigned: frozenset[str] | None = None,
        many: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.outer = outer
        self.assigned = assigned
        self.many = many

    def __missing__(self, name: str) -> Any:
        if self.outer is None or self.assigned is None or name in self.assigned:
            return UNASSIGNED
        return self.outer[name]

    def owner(self, name: str) -> Environment:
        """The scope that a name belongs to."""
        scope = self
        while scope.outer is not None and scope.assigned is not None and name not in scope.assigned:
            scope = scope.outer
        return scope

    def function_scope(self) -> Environment:
        """The scope in which `:=` assigns."""
        scope = self
        while isinstance(scope, InnerEnvironment):
            assert scope.outer is not None
            scope = scope.outer
        return scope


class InnerEnvironment(Environment):
    """The names of a comprehension."""

    __slots__ = ()


def names_in(target: Target) -> tuple[str, ...]:
    """The names of a target."""
    if isinstance(target, str):
        return (target,) if target else ()
    if isinstance(target, Rest):
        return (target.name,)
    return tuple([name for part in target for name in names_in(part)])


def parts_of(part: Any) -> Iterator[Any]:
    """All expressions and compounds in one, itself first; not those in the body of a function."""
    yield part
    if isinstance(part, Lambda):
        for default in part.defaults:
            yield from parts_of(default)
    elif isinstance(part, Variable):
        return
    elif isinstance(part, tuple):
        for inner in part:
            if isinstance(inner, tuple):
                yield from parts_of(inner)


def assigned_in(part: Any) -> Iterator[str]:
    """The names that a block or a compound assigns in its function, each as often as it does."""
    for inner in parts_of(part):
        if isinstance(inner, Assign | For):
            yield from names_in(inner.target)
        elif isinstance(inner, Assigned):
            yield inner.name


def assigned_often(block: Any) -> frozenset[str]:
    """The names that a function assigns more than once, or in a loop."""
    seen: set[str] = set()
    often: set[str] = set()
    for name in assigned_in(block):
        (often if name in seen else seen).add(name)
    for inner in parts_of(block):
        if isinstance(inner, For | While):
            often.update(assigned_in(inner))
    return frozenset(often)


def block_of(program: Program) -> tuple[Any, ...]:
    """The statements of a solver as those of a block."""
    return tuple([_part_of(s.target, s.value) for s in program.statements])


def _part_of(target: str, value: Any) -> Any:
    if not target:
        return value
    return Return(value) if target == "return" else Assign(target, value)


def free_names(function: Lambda) -> tuple[str, ...]:
    """The names that a function reads of the scopes around it."""
    return tuple(sorted(read_in(function.body) - function.assigned))


def read_in(part: Any) -> frozenset[str]:
    """All names that are read in a block or an expression, also by functions made there, but those
    that are these functions' own.
    """
    found: set[str] = set()
    for inner in parts_of(part):
        if isinstance(inner, Variable):
            found.add(inner.name)
        elif isinstance(inner, Lambda):
            found.update(free_names(inner))
    return frozenset(found)


def ends_early(block: Iterable[Any]) -> bool:
    """Whether a block can end before its end: by a return, or by a jump out of it."""
    return bool(ends_of(block))


def ends_of(block: Iterable[Any]) -> set[int]:
    """How a block can end before its end."""
    return {kind for part in block for kind in _ends_of(part)}


def _ends_of(part: Any) -> set[int]:
    if isinstance(part, Return):
        return {RETURNS}
    if isinstance(part, Jump):
        return {BREAKS if part.is_break else CONTINUES}
    if isinstance(part, If):
        return ends_of(part.then) | ends_of(part.otherwise)
    if isinstance(part, For | While):
        return (ends_of(part.body) & {RETURNS}) | ends_of(part.otherwise)
    return set()


def returns(block: Iterable[Any]) -> bool:
    """Whether there is a return in a block."""
    return any(isinstance(inner, Return) for inner in parts_of(tuple(block)))


def exposed_in(block: Iterable[Any]) -> frozenset[str]:
    """The names that a block may read as they are before it."""
    found: set[str] = set()
    defined: set[str] = set()
    for part in block:
        found |= _exposed(part) - defined
        defined |= _defined(part)
    return frozenset(found)


def _exposed(part: Any) -> frozenset[str]:
    if isinstance(part, If):
        return read_in(part.test) | exposed_in(part.then) | exposed_in(part.otherwise)
    if isinstance(part, For):
        body = exposed_in(part.body) - set(names_in(part.target))
        return read_in(part.container) | body | exposed_in(part.otherwise)
    if isinstance(part, While):
        return read_in(part.test) | exposed_in(part.body) | exposed_in(part.otherwise)
    return read_in(part)


def _defined(part: Any) -> set[str]:
    """The names that surely have a value after a part that ran to its end."""
    if isinstance(part, Assign):
        return set(names_in(part.target))
    if isinstance(part, If):
        return _all_defined(part.then) & _all_defined(part.otherwise)
    return set()


def _all_defined(block: Iterable[Any]) -> set[str]:
    return {name for part in block for name in _defined(part)}


def late_names(block: Any) -> frozenset[str]:
    """The names that functions made in a block read when they are called."""
    return frozenset(
        name for inner in parts_of(block) if isinstance(inner, Lambda) for name in free_names(inner)
    )
