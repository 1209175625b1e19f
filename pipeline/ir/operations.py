"""The structural operations, a row each: what the passes, the texts, the engine and the reference
runtime know of them. All other operations are rows of `primitives` by name.

    openers   each every zip cross probe where unless loop     their value is the new domain
    items     item left right state                            the element columns of a domain
    closers   tuple_of set_of keys first_match select looped   give what domains came to
    others    input  train_pairs  spread  convert  pack_tuple pack_set pack_keys

`collect`, `collect_tuple` and `collect_set` are closers that `resolve` asks for, and `infer` makes
`tuple_of` or `set_of` of once it knows the container's type; of `narrow`, a value of a union as a
value of one of its members, and of `ascending`, a tuple as a set, it makes a `convert`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Role(Enum):
    """What an operation does to domains."""

    OPENER = "opener"
    ITEM = "item"
    CLOSER = "closer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Operation:
    """One structural operation.

    closes: which of its arguments are the domains that it closes; the argument behind each is the
    column of that domain. of: which other arguments are domains. can_fail: whether it can fail a
    lane by itself; None where its types tell. names_domain: whether its line in a generated module
    begins with the domain that it is in. is_typed: whether it is left once types are known.
    """

    name: str
    role: Role
    closes: tuple[int, ...] = ()
    of: tuple[int, ...] = ()
    can_fail: bool | None = True
    names_domain: bool = True
    is_typed: bool = True


def _opener(name: str, can_fail: bool = True) -> Operation:
    return Operation(name, Role.OPENER, can_fail=can_fail)


def _item(name: str) -> Operation:
    return Operation(name, Role.ITEM, of=(0,), can_fail=False, names_domain=False)


def _closer(name: str, *closes: int, names_domain: bool = False) -> Operation:
    is_typed = not name.startswith("collect")
    return Operation(name, Role.CLOSER, closes, names_domain=names_domain, is_typed=is_typed)


_ROWS: Final = (
    *(_opener(name) for name in ("each", "every", "zip", "cross", "probe")),
    *(_opener(name, can_fail=False) for name in ("where", "unless", "loop")),
    *(_item(name) for name in ("item", "left", "right", "state")),
    *(_closer(name, 0) for name in ("collect", "collect_tuple", "collect_set")),
    *(_closer(name, 0) for name in ("tuple_of", "set_of", "keys", "first_match")),
    _closer("select", 1, 3, names_domain=True),
    _closer("looped", 0, names_domain=True),
    Operation("input", Role.OTHER, can_fail=False),
    Operation("train_pairs", Role.OTHER),
    Operation("spread", Role.OTHER, of=(0,), can_fail=False, names_domain=False),
    Operation("convert", Role.OTHER, can_fail=None),
    *(
        Operation(name, Role.OTHER, is_typed=False)
        for name in ("narrow", "widen", "ascending", "text")
    ),
    *(Operation(name, Role.OTHER) for name in ("pack_tuple", "pack_set", "pack_keys")),
)

OPERATIONS: Final = {row.name: row for row in _ROWS}
OPENERS: Final = frozenset(row.name for row in _ROWS if row.role is Role.OPENER)
MASKS: Final = frozenset({"where", "unless"})
"""The openers of domains that a lane is in or not."""

CONTAINER_OPENERS: Final = frozenset({"each", "every", "zip", "cross", "probe"})
"""The openers of domains of a container's elements."""

ITEMS: Final = frozenset(row.name for row in _ROWS if row.role is Role.ITEM)
CLOSERS: Final = {row.name: row.closes for row in _ROWS if row.role is Role.CLOSER}
"""For each closer which of its arguments are the domains that it closes."""

DOMAIN_PLACES: Final = {row.name: (*row.closes, *row.of) for row in _ROWS}
"""For each operation which of its arguments are domains."""

NEVER_FAIL: Final = frozenset(row.name for row in _ROWS if row.can_fail is False)
ALWAYS_MAY_FAIL: Final = frozenset(row.name for row in _ROWS if row.can_fail)


def home_of(op: str, place: int, args: tuple[Any, ...], domain: Any) -> Any:
    """The domain that an argument of an operation in a domain is a column of: its own, or the one
    that it closes, of which `looped` has two columns.
    """
    closes = CLOSERS.get(op, ())
    if place - 1 in closes:
        return args[place - 1]
    return args[0] if op == "looped" else domain
