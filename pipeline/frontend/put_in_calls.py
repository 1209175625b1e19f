"""Which calls are put in, and what is put in for them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.frontend.changing_functions import (
    NamedFunction,
    Scope,
    adds_list,
    inside,
    matched,
    roots,
)
from pipeline.frontend.put_in_bodies import (
    Substitution,
    ended,
    given,
    has_end,
    name_of,
    returns_in,
)
from pipeline.frontend.reading import Passage, placed_at
from pipeline.frontend.scoping import own_nodes


@dataclass(frozen=True)
class FunctionBody:
    """What a function does, its own calls put in: own: the names that become new. free: those from
    around it. rebound: those of them that it assigns. is_unsafe: whether a name may be read that
    has no value yet.
    """

    known: NamedFunction
    nodes: list[ast.stmt]
    own: set[str]
    free: set[str]
    rebound: set[str]
    bound: set[str]
    is_unsafe: bool

    @property
    def stored(self) -> set[str]:
        """The names that it assigns, other than by making a list longer."""
        longer = [n.target for n in inside(self.nodes) if isinstance(n, ast.AugAssign)]
        kept = {id(t) for t in longer if isinstance(t, ast.Name)}
        adds = {
            id(n.target)
            for n in inside(self.nodes)
            if isinstance(n, ast.AugAssign) and adds_list(n)
        }
        parts = [n for n in own_nodes(self.nodes) if id(n) not in kept or id(n) not in adds]
        names = {n.id for n in parts if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        named = {getattr(n, "name", None) or getattr(n, "rest", None) for n in parts}
        return names | {name for name in named if isinstance(name, str)}


class FunctionBodies:
    """What functions do where they are put in. count: how often one was."""

    def __init__(self) -> None:
        self.bodies: dict[int, FunctionBody | None] = {}
        self.count = 0
        self.names = 0

    def new(self, name: str) -> str:
        """A name that no solver can have."""
        self.names += 1
        return f"%{name.strip('%').split('.')[0]}.{self.names}"

    def body(self, known: NamedFunction) -> FunctionBody | None:
        """What a function does; None where it can't be put in, or comes to itself."""
        raise NotImplementedError


class Calls:
    """The calls of one function, the host. rebound: the names from around it that what was put in
    assigns. loops: how many are around the place at hand.
    """

    def __init__(self, whole: FunctionBodies, host: NamedFunction) -> None:
        self.whole = whole
        self.host = host
        self.rebound: set[str] = set()
        self.is_unsafe = False
        self.loops = 0
        self.makers = {*_makers(host)}
        self.spread: dict[int, ast.Call] = {}

    # -- which calls

    def _known(self, node: ast.AST) -> NamedFunction | None:
        """The function that a call is to be put in of; None for any other node."""
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            return None
        known = self.host.scope.function(node.func.id)
        if known is None or known is self.host or not self._matters(known, node):
            return None
        body = self.whole.body(known)
        if body is None or self._arguments(known, node) is None:
            return None
        if body.is_unsafe and self.loops:
            return None
        around = self.host.scope
        same = all(around.of(name) is known.around.of(name) for name in body.free)
        return known if same else None

    def _matters(self, known: NamedFunction, node: ast.Call) -> bool:
        if known.changes or id(node) in self.makers or _copies_parts(known):
            return True
        values = [*node.args, *(word.value for word in node.keywords)]
        given_away = set().union(*map(roots, values))
        if given_away & self.host.mutated or any(
            _is_changed(self.host.scope, n) for n in given_away
        ):
            return True
        return any(_is_changed(known.around, name) for name in known.free)

    def _arguments(self, known: NamedFunction, node: ast.Call) -> dict[str, ast.expr] | None:
        found = matched(known, self._spread(known, node))
        defaults = [*known.node.args.defaults, *filter(None, known.node.args.kw_defaults)]
        if found is None or any(v in defaults and not _is_constant(v) for v in found.values()):
            return None
        return found

    def _spread(self, known: NamedFunction, node: ast.Call) -> ast.Call:
        """A call with names in the place of `*values`, where it is known how many there must be; as
        it is where it is not, or where what stands before them would be evaluated after them.
        """
        places = [k for k, value in enumerate(node.args) if isinstance(value, ast.Starred)]
        spec = known.node.args
        count = len(spec.posonlyargs + spec.args) - len(node.args) + 1
        before = node.args[: places[0]] if places else []
        is_plain = all(isinstance(value, ast.Name | ast.Constant) for value in before)
        if len(places) != 1 or spec.defaults or node.keywords or count < 1 or not is_plain:
            return node
        if id(node) not in self.spread:
            names = [name_of(self.whole.new("part"), node) for _ in range(count)]
            args = [*before, *names, *node.args[places[0] + 1 :]]
            self.spread[id(node)] = ast.copy_location(ast.Call(node.func, args, []), node)
        return self.spread[id(node)]

    def needs(self, node: ast.AST | None) -> bool:
        """Whether a call in a node is to be put in, or must go before the statement."""
        if node is None or isinstance(node, ast.Lambda):
            return False
        if self._known(node) is not None or is_taking(node):
            return True
        return any(map(self.needs, ast.iter_child_nodes(node)))

    def parts(self, nodes: Sequence[Any], out: list[ast.stmt]) -> list[Any]:
        """Expressions that are evaluated in this order; what of them goes before the statement."""
        raise NotImplementedError

    def _is_own(self, name: str) -> bool:
        """Whether a name is of the host, and no function in it reads it."""
        others = [known.free for known in self.host.scope.functions.values()]
        is_here = self.host.scope.of(name) is self.host.scope
        return is_here and not any(name in free for free in others)

    # -- what is put in

    def _put(
        self,
        node: ast.Call,
        give: Callable[[ast.Return], list[ast.stmt]] | None,
        target: str = "",
        wants_value: bool = False,
        is_last: bool = False,
    ) -> tuple[list[ast.stmt], ast.expr | None]:
        """What a call does, and what it gives. give: what is made of each `return`; None where the
        value is to be an expression: that is None where the function has several. target: the name
        that gets the value. is_last: whether its `return`s are those of the host.
        """
        known = self._known(node)
        assert known is not None
        body = self.whole.body(known)
        assert body is not None
        nodes, value = body.nodes, None
        if give is None:
            found = _plain_value(nodes)
            if found is None:
                return [], None
            nodes, value = found
        elif wants_value and has_end(nodes):
            nothing = placed_at(
                ast.copy_location(ast.Return(ast.Constant(None)), nodes[-1]), nodes[-1]
            )
            nodes = [*nodes, nothing]
        out: list[ast.stmt] = []
        meanings = self._meanings(node, body, out)
        local = _local_given(body)
        if target and local and self._is_free_for(target, local, body, meanings):
            meanings[local] = ast.Name(target)
        within = Substitution(meanings)
        made = _placed_in(within.of(nodes), known.passage, self.host.passage, node)
        if give is not None and not is_last:
            flat = ended(made, self.whole.new("done"), give)
            assert flat is not None
            made = flat
        if value is not None:
            (value,) = _placed_in(within.of([value]), known.passage, self.host.passage, node)
        self.whole.count += 1
        self.rebound |= body.rebound
        self.is_unsafe |= body.is_unsafe
        return [*out, *made], value

    def _is_free_for(
        self, name: str, local: str, body: FunctionBody, meanings: dict[str, ast.expr]
    ) -> bool:
        """Whether a name of the host may stand for one of the function's, whose value it gets."""
        values = [value for key, value in meanings.items() if key != local]
        used = {n.id for v in values for n in ast.walk(v) if isinstance(n, ast.Name)}
        used |= body.free | body.bound | body.rebound
        return name not in used and self._is_own(name)

    def _meanings(
        self, node: ast.Call, body: FunctionBody, out: list[ast.stmt]
    ) -> dict[str, ast.expr]:
        """What the function's own names are here, its parameters first."""
        found = self._arguments(body.known, node)
        assert found is not None
        stored = body.stored
        for value in node.args:
            if isinstance(value, ast.Starred):
                names = [
                    n.id for n in found.values() if isinstance(n, ast.Name) and "%part" in n.id
                ]
                (whole,) = self.parts([value.value], out)
                out.append(_unpacked(names, whole))
        values = self.parts([*found.values()], out)
        meanings: dict[str, ast.expr] = {}
        for name, value in zip(found, values, strict=True):
            is_kept = name in stored
            is_kept |= isinstance(value, ast.Name) and value.id in body.rebound | body.bound
            if is_kept or not isinstance(value, ast.Name | ast.Constant):
                new = self.whole.new(name)
                out.append(given(new, value))
                value = name_of(new, node)
            meanings[name] = value
        for name in sorted(body.own - meanings.keys()):
            meanings[name] = ast.Name(self.whole.new(name))
        return meanings


def _unpacked(names: Sequence[str], value: ast.expr) -> ast.Assign:
    """`a, b = value`."""
    targets = [ast.copy_location(ast.Name(name, ast.Store()), value) for name in names]
    target = ast.copy_location(ast.Tuple([*targets], ast.Store()), value)
    return ast.copy_location(ast.Assign([target], value), value)


def _is_changed(scope: Scope, name: str) -> bool:
    """Whether the function that a name belongs to changes its value."""
    owner = getattr(scope.of(name), "owner", None)
    return owner is not None and name in owner.mutated


def _makers(host: NamedFunction) -> Iterator[int]:
    """The calls whose values the host changes, or gives to others."""
    for node in inside(host.body):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = host.scope.function(node.func.id)
            if called is not None and called.changes:
                yield from (id(value) for value in node.args if isinstance(value, ast.Call))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            yield id(node.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            is_changed = any(isinstance(t, ast.Name) and t.id in host.mutated for t in targets)
            name = node.value.func.id if isinstance(node.value.func, ast.Name) else ""
            called = host.scope.function(name)
            if is_changed or (called is not None and _makes_list(called)):
                yield id(node.value)


def _copies_parts(known: NamedFunction) -> bool:
    """Whether a function changes copies of parts of a parameter, which only who calls it knows to
    be lists: `[row[:] for row in grid]`.
    """
    if not known.mutated:
        return False
    found = [node for node in inside(known.body) if isinstance(node, ast.ListComp)]
    return any(
        roots(node.generators[0].iter) & {*known.parameters} and _is_copy(node.elt)
        for node in found
    )


def _is_copy(node: ast.expr) -> bool:
    """Whether it is `x[:]` or `x.copy()`."""
    match node:
        case ast.Subscript(ast.Name(), ast.Slice(None, None, None)):
            return True
        case ast.Call(ast.Attribute(ast.Name(), "copy"), []):
            return True
    return False


def _makes_list(known: NamedFunction) -> bool:
    """Whether a function gives a list that it makes."""
    values = [node.value for node in returns_in(known.body)]
    names = {*known.parameters}
    return any(
        isinstance(value, ast.List | ast.ListComp)
        or (isinstance(value, ast.Name) and value.id in known.mutated - names)
        for value in values
    )


def _plain_value(nodes: list[ast.stmt]) -> tuple[list[ast.stmt], ast.expr] | None:
    """The statements of a function before the one `return` with a value at its end, and that; also
    where all give one name. None where it has others.
    """
    found = returns_in(nodes)
    last = nodes[-1]
    if not found:
        return nodes, ast.copy_location(ast.Constant(None), last)
    if len(found) == 1 and found[0] is last and found[0].value is not None:
        return nodes[:-1], found[0].value
    return None


def _local_given(body: FunctionBody) -> str:
    """The name of its own that a function gives wherever it returns; empty for none."""
    found = returns_in(body.nodes)
    names = {node.value.id if isinstance(node.value, ast.Name) else "" for node in found}
    if len(names) != 1 or has_end(body.nodes):
        return ""
    (name,) = names
    return name if name in body.own and name not in body.known.parameters else ""


def value_of(node: ast.Return) -> ast.expr:
    """What a `return` gives."""
    return node.value or ast.copy_location(ast.Constant(None), node)


def _placed_in(nodes: list[Any], passage: Passage, host: Passage, call: ast.Call) -> list[Any]:
    """Nodes of one text as of another: those of another file stand where the call does."""
    if passage is host:
        return nodes
    ahead = passage.first_line - host.first_line
    is_near = passage.path == host.path and passage.is_ascii and host.is_ascii
    every: list[Any] = [part for node in nodes for part in ast.walk(node)]
    for part in every:
        if not hasattr(part, "lineno"):
            continue
        if is_near:
            part.lineno += ahead
            part.end_lineno = (part.end_lineno or part.lineno) + ahead
        else:
            ast.copy_location(part, call)
    return nodes


def is_taking(node: ast.AST) -> bool:
    """Whether it is `xs.pop()` or its like, which can only stand alone."""
    match node:
        case ast.Call(ast.Attribute(ast.Name(), "pop" | "popleft")):
            return True
    return False


def _is_constant(node: ast.expr) -> bool:
    """Whether a default is the same in every place."""
    if isinstance(node, ast.Tuple):
        return all(map(_is_constant, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    return isinstance(node, ast.Constant)
