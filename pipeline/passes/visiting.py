"""Visiting: what is done with each element of a container, as its kind wants it.

Of data a domain is opened, one lane for each element. Containers of functions whose elements are
known one by one are gone through here; those that only the data tells are opened as data is, and
each element is decoded (see `encoded`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline.ir.coerce import join
from pipeline.ir.graph import Const, Node
from pipeline.ir.types import GRID, NOTHING, NUMERICAL, PATCH, TEXT
from pipeline.passes import choices, encoded, static
from pipeline.passes.infer import Mismatch
from pipeline.passes.symbols import STATIC, Bundle, Choice, Encoded

_CONTAINERS = ("Tuple", "Set", "Two")


def opened(b: Any, op: str, container: Any) -> Any:
    """Open a container's elements: data as it is, or encoded ones decoded."""
    is_encoded = isinstance(container, Encoded)
    source = container.node if is_encoded else b.data(container, "the container")
    is_stamped = b.is_stamped and op == "each"
    if is_stamped:
        source = b.row("placed", source)
    domain = b.open("every" if is_encoded and op == "each" else op, ("item",), source)
    if is_stamped:
        _stamp(b, domain, 0)
    if is_encoded:
        domain.items = (encoded.decode(b, container, domain.items[0]),)
    return domain


def _stamp(b: Any, domain: Any, *numbered: int) -> None:
    """Stamp what is made for the elements, of which these have their places before them."""
    order = reversed(numbered) if domain.opener.op == "cross" else numbered
    b.stamp(*[b.row("first", domain.codes[k]) for k in order])
    domain.items = tuple(
        [b.row("last", code) if k in numbered else code for k, code in enumerate(domain.codes)]
    )


def mapped(b: Any, container: Any, body: Callable[[Any], Any]) -> Any:
    """The body's result for each element, in the kind of the container."""

    def run(container: Any) -> Any:
        if isinstance(container, Bundle):
            return b.pack(container.is_set, [body(item) for item in container.items])
        with opened(b, "each", container) as domain:
            results = body(domain.items[0])
            if isinstance(results, STATIC):
                code = encoded.encode(b, results, domain)
        if isinstance(results, STATIC):
            is_set = container.is_set if isinstance(container, Encoded) else container
            return encoded.collected(b, results, domain, code, is_set)
        results = b.data(results, "the function's result")
        if isinstance(container, Encoded):
            if isinstance(container.is_set, Node):
                return b.node("collect", domain.opener, results, container.is_set)
            op = "collect_set" if container.is_set else "collect_tuple"
            return b.node(op, domain.opener, results)
        return b.node("collect", domain.opener, results, container)

    return _of_container(b, container, run)


def zipped(b: Any, a: Any, c: Any, body: Callable[..., Any]) -> Any:
    """The body's result for each pair of elements at the same place, as a tuple."""

    def run(a: Any, c: Any) -> Any:
        if isinstance(a, Bundle) and isinstance(c, Bundle):
            pairs = zip(a.items, c.items, strict=False)
            return b.pack(False, [body(x, y) for x, y in pairs])
        return _paired(b, "zip", a, c, body)

    return _of_container(b, a, lambda x: _of_container(b, c, lambda y: run(x, y)))


def crossed(b: Any, a: Any, c: Any, body: Callable[..., Any]) -> Any:
    """The body's result for each element of c and, within, each of a, as a set."""

    def run(a: Any, c: Any) -> Any:
        if isinstance(a, Bundle) and isinstance(c, Bundle):
            return b.pack(True, [body(x, y) for y in c.items for x in a.items])
        return _paired(b, "cross", a, c, body)

    return _of_container(b, a, lambda x: _of_container(b, c, lambda y: run(x, y), False), False)


def _paired(b: Any, op: str, a: Any, c: Any, body: Callable[..., Any]) -> Any:
    """The body's result for elements of two containers, of which one only data tells."""
    a, c = encoded.opened(b, a), encoded.opened(b, c)
    is_set = op == "cross"
    nodes = [x.node if isinstance(x, Encoded) else b.data(x) for x in (a, c)]
    numbered = (0, 1) if is_set else (0,)
    if b.is_stamped:
        nodes = [b.row("placed", x) if k in numbered else x for k, x in enumerate(nodes)]
    with b.open(op, ("left", "right"), *nodes) as domain:
        if b.is_stamped:
            _stamp(b, domain, *numbered)
        items = [
            encoded.decode(b, x, item) if isinstance(x, Encoded) else item
            for x, item in zip((a, c), domain.items, strict=True)
        ]
        results = body(*items)
        if isinstance(results, STATIC):
            code = encoded.encode(b, results, domain)
    if isinstance(results, STATIC):
        return encoded.collected(b, results, domain, code, is_set)
    results = b.data(results, "the function's result")
    return b.node("collect_set" if is_set else "collect_tuple", domain.opener, results)


def keyed(b: Any, name: str, container: Any, body: Callable[[Any], Any], *more: Any) -> Any:
    """A row of `primitives.keyed` on a container, the body's result for each element, and more."""

    def run(container: Any) -> Any:
        if more:
            container = b.data(container, "the container")
        if isinstance(container, Bundle):
            return static.keyed_bundle(b, name, container, body)
        with opened(b, "each", container) as domain:
            key = body(domain.items[0])
            is_condition = name == "keep_by"
            keys = b.condition(key) if is_condition else b.data(key, "the function's result")
        keys = b.node("keys", domain.opener, keys)
        if not isinstance(container, Encoded):
            return b.row(name, container, keys, *more)
        return static.keyed_result(b, name, b.row(name, container.node, keys), container)

    return _of_container(b, container, run)


def first_match(b: Any, container: Any, body: Callable[[Any], Any]) -> Any:
    """The first element for which the body holds; those after it do not count."""

    def run(container: Any) -> Any:
        if isinstance(container, Bundle):
            return static.first_of_bundle(b, container, body)
        with opened(b, "probe", container) as domain:
            matches = b.condition(body(domain.items[0]))
        source = container.node if isinstance(container, Encoded) else container
        found = b.node("first_match", domain.opener, matches, source)
        return encoded.decode(b, container, found) if isinstance(container, Encoded) else found

    return _of_container(b, container, run)


def _of_container(
    b: Any, container: Any, run: Callable[[Any], Any], is_looked_at: bool = True
) -> Any:
    """What is done with a container, if it is one; is_looked_at: even where another is empty."""
    if isinstance(container, Choice):
        return b.under(container, lambda c: _of_container(b, c, run, is_looked_at))
    if not choices.is_data(container):
        return run(container)
    type_ = container.type
    if type_ is not None and type_.head == "Two" and join(*type_.args) is None:
        parts = b.row("first", container), b.row("last", container)
        return run(Bundle(False, parts))
    if type_ is NUMERICAL:
        return b.masked(
            b.row("is_pair", container),
            lambda: run(b.node("narrow", container, Const(1))),
            lambda: _no_container(b, container, is_looked_at),
        )
    if type_ in (None, GRID, NOTHING, PATCH) or type_.head in (*_CONTAINERS, "Wrong"):
        return run(container)
    return _no_container(b, container, is_looked_at)


def _no_container(b: Any, value: Any, is_sure: bool) -> Any:
    problem = Mismatch(f"a container is expected, got {value.type}")
    if not b.is_masked() or value.type is TEXT:
        return b.wrong("each", problem)
    return b.misfit("each", problem, value, is_sure=is_sure)
