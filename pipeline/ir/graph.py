"""The first-order IR: nodes in element domains.

A node is one operation on columns. It lives in a *domain*: the root (one lane per sample), or a
domain that an opener made from a node of its parent (one lane per element, say). `Graph.nodes` is
in the order in which the direct interpreter would run the operations; passes keep that order, as it
decides which failure of a lane comes first.

Operations are the rows of `primitives` by name, and the structural ones of `operations`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import NoneType
from typing import Any, ClassVar, Final, NamedTuple

from pipeline.diagnostics import Span
from pipeline.ir.types import BOOLEAN, INTEGER, NOTHING, PAIR, Type


class Origin(NamedTuple):
    """Where a node comes from: the source variable that it helps to compute, and the expression's
    span.

    Where the expression is a call of a primitive, `call` is its name and `arguments` its arguments'
    spans.
    """

    variable: str
    span: Span
    call: str = ""
    arguments: tuple[Span, ...] = ()


class Const:
    """A literal argument; its type is Boolean, Integer or Pair, Nothing of None. Equal ones are the
    same object.
    """

    __slots__ = ("domain", "type", "value")
    value: Any
    type: Type
    domain: None
    _known: ClassVar[dict[Any, Const]] = {}

    def __new__(cls, value: Any) -> Const:
        key = (value.__class__, value)
        known = cls._known.get(key)
        if known is not None:
            return known
        made: Const = super().__new__(cls)
        made.value = value
        made.type = _CONST_TYPES.get(value.__class__, PAIR)
        made.domain = None
        return cls._known.setdefault(key, made)

    def __repr__(self) -> str:
        return repr(self.value)

    def __reduce__(self) -> tuple[Any, ...]:
        return Const, (self.value,)


_CONST_TYPES: Final[dict[type, Type]] = {bool: BOOLEAN, int: INTEGER, NoneType: NOTHING}


class Node:
    """One operation. `domain` is the opener of the domain it lives in (None: the root).

    `effects`, on closers and the graph's result, are the nodes whose failures it reports, in
    program order, one tuple for each domain it closes; the pass `flatten` fills them in.

    A node says nothing of the program that it is in: after the pass `intern`, programs share nodes.
    """

    __slots__ = ("args", "domain", "effects", "op", "type")

    def __init__(
        self,
        op: str,
        args: tuple[Any, ...],
        domain: Node | None,
        type_: Type | None = None,
        effects: tuple[tuple[Node, ...], ...] = (),
    ) -> None:
        self.op = op
        self.args = args
        self.domain = domain
        self.type = type_
        self.effects = effects

    def __repr__(self) -> str:
        return f"<{self.op}>"


@dataclass(frozen=True, slots=True)
class Graph:
    """One solver: its nodes in program order and where each comes from, the output, and what can
    fail the lane.
    """

    name: str
    nodes: tuple[Node, ...]
    origins: tuple[Origin, ...]
    result: Node
    effects: tuple[Node, ...] = ()


def ancestors(domain: Node | None) -> list[Node | None]:
    """The domain and all around it, innermost first, the root (None) last."""
    chain: list[Node | None] = [domain]
    while domain is not None:
        domain = domain.domain
        chain.append(domain)
    return chain


def depth(domain: Node | None) -> int:
    """How many openers enclose a lane of this domain."""
    return len(ancestors(domain)) - 1
