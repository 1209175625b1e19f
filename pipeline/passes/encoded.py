"""Encoded containers: of symbols of which only the data tells how many there are.

Every element is data, its *code*, and one template: what stands for the element, with holes for
what the code holds. Codes are pairs of pairs; the path of a hole says where in the code it is.
"""

from __future__ import annotations

from typing import Any

from pipeline.ir.graph import Const, Node, ancestors
from pipeline.passes.symbols import Bundle, Encoded, Hole, Unresolved, choice_of, fill, leaves


def hole() -> Node:
    """What stands for a part of a code in a template."""
    return Node("hole", (), None)


def decode(b: Any, container: Encoded, item: Any) -> Any:
    """The symbol of an element, of its code."""
    parts: dict[tuple[str, ...], Any] = {(): item}
    for _, path in container.holes:
        for k, name in enumerate(path):
            if path[: k + 1] not in parts:
                parts[path[: k + 1]] = b.row(name, parts[path[:k]])
    return fill(container.template, {node: parts[path] for node, path in container.holes})


def encode(b: Any, results: Any, domain: Any) -> tuple[list[Node], Node]:
    """What the symbol made for each element captures from the domain, and its code there."""
    inside = [n for n in leaves(results) if domain.opener in ancestors(n.domain)]
    holes = list(dict.fromkeys(inside))
    if any(n.domain is not domain.opener for n in holes):
        message = "a closure captures data of a domain inside its own"
        raise Unresolved("unsupported-closure", message)
    if not holes:
        return [], domain.codes[0]
    code = holes[-1]
    for node in reversed(holes[:-1]):
        code = b.row("capture", node, code)
    return holes, code


def collected(
    b: Any, template: Any, domain: Any, code: tuple[list[Node], Node], is_set: bool | Node
) -> Encoded:
    """The container of the symbols made for each element of a domain."""
    nodes, node = code
    column = b.node("keys", domain.opener, node)
    last = len(nodes) - 1
    holes = [
        (n, ("last",) * k + ("first",) if k < last else ("last",) * k) for k, n in enumerate(nodes)
    ]
    return Encoded(column, tuple(holes), template, is_set)


def opened(b: Any, container: Any) -> Any:
    """A container of which the elements are known one by one as one of which data tells."""
    if not isinstance(container, Bundle):
        return container
    place = hole()
    return Encoded(
        places(b, container), ((place, ()),), choice_of(container, place), container.is_set
    )


def places(b: Any, container: Bundle, as_pairs: bool = False) -> Node:
    """The places of a bundle's elements, 0, 1, ..., as a tuple; as pairs, (0, 0), (1, 0), ..."""
    numbers = range(len(container.items))
    node: Node = b.node("pack_tuple", *(Const((k, 0) if as_pairs else k) for k in numbers))
    return node


def inner(holes: tuple[Hole, ...], *path: str) -> tuple[Hole, ...]:
    """The holes where the code is a part of another."""
    return tuple([(node, (*path, *rest)) for node, rest in holes])
