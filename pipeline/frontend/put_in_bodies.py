"""What a function does as statements where it is called: its own names made new, its parameters
what the call gives, and each `return` the end of the statements.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from pipeline.frontend.changing_functions import inside
from pipeline.frontend.scoping import COMPREHENSIONS, assigned_in, body_of, parameters_of, reads


def name_of(name: str, node: ast.AST) -> ast.Name:
    """A name that is read, at a node."""
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def given(name: str, value: ast.expr) -> ast.Assign:
    """`name = value`."""
    target = ast.copy_location(ast.Name(name, ast.Store()), value)
    return ast.copy_location(ast.Assign([target], value), value)


class Substitution(ast.NodeTransformer):
    """Puts expressions in the place of names, of other names where they are assigned."""

    def __init__(self, meanings: Mapping[str, ast.expr]) -> None:
        self.meanings = meanings

    def of(self, nodes: Iterable[Any]) -> list[Any]:
        """Copies of these, with what is put in."""
        return [self.visit(copy.deepcopy(node)) for node in nodes]

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A variable."""
        meaning = self.meanings.get(node.id)
        if meaning is None:
            return node
        if isinstance(meaning, ast.Name):
            return ast.copy_location(ast.Name(meaning.id, node.ctx), node)
        made = copy.deepcopy(meaning)
        for part in ast.walk(made):
            if hasattr(part, "lineno"):
                ast.copy_location(part, node)
        return made

    def visit_MatchAs(self, node: ast.MatchAs) -> ast.AST:
        """`case x`."""
        node.name = self._spoken(node.name)
        return self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> ast.AST:
        """`case (x, *others)`."""
        node.name = self._spoken(node.name)
        return node

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        """`nonlocal x`, in a function inside."""
        node.names = [self._spoken(name) or name for name in node.names]
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """A function inside, whose own names stay."""
        node.name = self._spoken(node.name) or node.name
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """The same of one without a name."""
        return self._function(node)

    def _function(self, node: Any) -> ast.AST:
        node.args = self.visit(node.args)
        declared = {name for n in inside(body_of(node)) for name in getattr(n, "names", ())}
        own = {p.arg for p in parameters_of(node.args)} | {*assigned_in(body_of(node))}
        within = self._without(own - declared)
        if isinstance(node, ast.Lambda):
            node.body = within.visit(node.body)
        else:
            node.body = [within.visit(part) for part in node.body]
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Any other node; the targets of a comprehension are its own."""
        if not isinstance(node, COMPREHENSIONS):
            return super().generic_visit(node)
        first = node.generators[0].iter
        targets = [n for clause in node.generators for n in ast.walk(clause.target)]
        within = self._without({n.id for n in targets if isinstance(n, ast.Name)})
        node.generators[0].iter = ast.Constant(None)
        super(Substitution, within).generic_visit(node)
        node.generators[0].iter = self.visit(first)
        return node

    def _without(self, own: set[str]) -> Substitution:
        return Substitution({k: v for k, v in self.meanings.items() if k not in own})

    def _spoken(self, name: str | None) -> str | None:
        meaning = self.meanings.get(name or "")
        return meaning.id if isinstance(meaning, ast.Name) else name


def returns_in(nodes: Iterable[ast.AST]) -> list[ast.Return]:
    """Where these return."""
    return [node for node in inside(nodes) if isinstance(node, ast.Return)]


def has_end(nodes: Sequence[ast.stmt]) -> bool:
    """Whether a block may come to its end, and go on behind it."""
    if not nodes:
        return True
    match nodes[-1]:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return False
        case ast.If(_, one, two):
            return has_end(one) or has_end(two)
        case ast.While() as loop:
            return not _is_endless(loop)
    return True


def _is_endless(node: ast.stmt) -> bool:
    """Whether it is `while True:` without a `break` of its own."""
    match node:
        case ast.While(ast.Constant(value), body):
            return bool(value) and not has_jump(body)
    return False


def has_jump(nodes: Iterable[ast.AST], kinds: tuple[type, ...] = (ast.Break,)) -> bool:
    """Whether there is a `break` of the loop around these."""
    for node in nodes:
        if isinstance(node, kinds):
            return True
        inner: Iterable[ast.AST] = ast.iter_child_nodes(node)
        if isinstance(node, ast.For | ast.While):
            inner = node.orelse
        if not isinstance(node, ast.FunctionDef | ast.Lambda) and has_jump(inner, kinds):
            return True
    return False


class _Ending(Enum):
    """Whether a block returns."""

    NEVER = 0
    PERHAPS = 1
    ALWAYS = 2


Give = Callable[[ast.Return], list[ast.stmt]]
"""What a `return` is put down as."""


def ended(nodes: list[ast.stmt], done: str, give: Give) -> list[ast.stmt] | None:
    """The statements of a function without its `return`s: what is behind one is reached only where
    it is not, of which `done` tells. None where one stands where that can't be said.
    """
    flow = _Flow(done, give)
    made, _ = flow.block(nodes, False)
    if returns_in(made):
        return None
    if done in reads(made):
        return [given(done, ast.copy_location(ast.Constant(False), nodes[0])), *made]
    return _Unflagged(done).of(made)


class _Flow:
    """The statements of a function, written so that they end together."""

    def __init__(self, done: str, give: Give) -> None:
        self.done = done
        self.give = give

    def block(self, nodes: Sequence[ast.stmt], in_loop: bool) -> tuple[list[ast.stmt], _Ending]:
        """A block, and whether it returns."""
        made: list[ast.stmt] = []
        ending = _Ending.NEVER
        for k, node in enumerate(nodes):
            rest = nodes[k + 1 :]
            if isinstance(node, ast.Return):
                yes = given(self.done, ast.copy_location(ast.Constant(True), node))
                jump = [ast.copy_location(ast.Break(), node)] if in_loop else []
                return [*made, *self.give(node), yes, *jump], _Ending.ALWAYS
            if not returns_in([node]):
                made.append(node)
                continue
            if isinstance(node, ast.For | ast.While):
                made.append(self._loop(node, in_loop))
                if _is_endless(node):
                    return [*made, *self._left(node, in_loop)], _Ending.ALWAYS
                if in_loop:
                    made.append(self._if_done(node, [ast.copy_location(ast.Break(), node)]))
            elif isinstance(node, ast.If):
                one, first = self.block(node.body, in_loop)
                two, second = self.block(node.orelse, in_loop)
                ending_here = _of_both(first, second)
                if not in_loop and _Ending.PERHAPS not in (first, second):
                    more, third = self.block(rest, False)
                    if first is _Ending.ALWAYS and second is _Ending.NEVER:
                        two, second = [*two, *more], third
                    elif second is _Ending.ALWAYS and first is _Ending.NEVER:
                        one, first = [*one, *more], third
                    return [*made, _choice(node, one, two)], _of_both(first, second)
                made.append(_choice(node, one, two))
                if ending_here is _Ending.ALWAYS:
                    return made, ending_here
            else:
                made.append(node)  # what it is must not hold a `return`: see `ended`
            ending = _Ending.PERHAPS
            if not in_loop:
                more, last = self.block(rest, False)
                if more:
                    made.append(self._unless_done(node, more))
                return made, _Ending.ALWAYS if last is _Ending.ALWAYS else ending
        return made, ending

    def _loop(self, node: ast.For | ast.While, in_loop: bool) -> ast.stmt:
        made = copy.copy(node)
        made.body = self.block(node.body, True)[0]
        made.orelse = self.block(node.orelse, in_loop)[0]
        return made

    def _left(self, node: ast.stmt, in_loop: bool) -> list[ast.stmt]:
        return [ast.copy_location(ast.Break(), node)] if in_loop else []

    def _if_done(self, node: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
        return ast.copy_location(ast.If(name_of(self.done, node), body, []), node)

    def _unless_done(self, node: ast.stmt, body: list[ast.stmt]) -> ast.stmt:
        test = ast.copy_location(ast.UnaryOp(ast.Not(), name_of(self.done, node)), node)
        return ast.copy_location(ast.If(test, body, []), node)


def _of_both(one: _Ending, two: _Ending) -> _Ending:
    return one if one is two else _Ending.PERHAPS


def _choice(node: ast.If, one: list[ast.stmt], two: list[ast.stmt]) -> ast.stmt:
    one = one or [ast.copy_location(ast.Pass(), node)]
    return ast.copy_location(ast.If(node.test, one, two), node)


class _Unflagged(ast.NodeTransformer):
    """Leaves out what is assigned to a name that nothing reads."""

    def __init__(self, name: str) -> None:
        self.name = name

    def of(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        """The statements but for those."""
        return [part for node in nodes if (part := self.visit(node)) is not None]

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """An assignment."""
        target = node.targets[0]
        return None if isinstance(target, ast.Name) and target.id == self.name else node

    def visit_If(self, node: ast.If) -> ast.AST:
        """A choice, one side of which may have nothing else."""
        self.generic_visit(node)
        node.body = node.body or [ast.copy_location(ast.Pass(), node)]
        return node

    def visit_For(self, node: ast.For) -> ast.AST:
        """A loop."""
        self.generic_visit(node)
        node.body = node.body or [ast.copy_location(ast.Pass(), node)]
        return node

    visit_While = visit_For  # type: ignore[assignment]


# -- names that may have no value


def may_lack_value(nodes: Sequence[ast.stmt], own: set[str], known: set[str]) -> bool:
    """Whether a name of its own is read where it may have none yet: where the statements stand in a
    loop, it would still have what the turn before gave it.
    """
    return _Having(own).block(nodes, known)[1]


class _Having:
    """Which of some names have values for sure."""

    def __init__(self, own: set[str]) -> None:
        self.own = own

    def block(self, nodes: Sequence[ast.stmt], known: set[str]) -> tuple[set[str], bool]:
        """The names that have values behind a block, all where it has no end; and whether one was
        read that may have none.
        """
        known, lacks = {*known}, False
        for node in nodes:
            if isinstance(node, ast.If):
                lacks |= self._lacks([node.test], known)
                known |= _walrus(node.test)
                one, first = self.block(node.body, known)
                two, second = self.block(node.orelse, known)
                known, lacks = one & two, lacks or first or second
            elif isinstance(node, ast.For | ast.While):
                head = node.iter if isinstance(node, ast.For) else node.test
                lacks |= self._lacks([head], known)
                known |= _walrus(head)
                target = {*assigned_in([node.target])} if isinstance(node, ast.For) else set()
                first = self.block(node.body, known | target)[1]
                lacks |= first | self.block(node.orelse, known)[1]
            elif isinstance(node, ast.FunctionDef):
                known.add(node.name)
            else:
                lacks |= self._lacks([node], known)
                if not isinstance(node, ast.Match):
                    known |= {*assigned_in([node])} - _perhaps(node)
                if not isinstance(node, ast.Match) and not has_end([node]):
                    return {*self.own}, lacks
        return known, lacks

    def _lacks(self, nodes: list[ast.AST], known: set[str]) -> bool:
        walrus = set().union(*map(_walrus, nodes))
        return bool((reads(nodes) & self.own) - known - walrus)


def _walrus(node: ast.AST) -> set[str]:
    """The names that `:=` assigns for sure."""
    parts = [part.target.id for part in inside([node]) if isinstance(part, ast.NamedExpr)]
    return {*parts} - _perhaps(node)


def _perhaps(node: ast.AST) -> set[str]:
    """The names that `:=` assigns where only a value tells whether that is reached."""
    choices = [part for part in inside([node]) if isinstance(part, ast.BoolOp | ast.IfExp)]
    parts = [part for part in inside(choices) if isinstance(part, ast.NamedExpr)]
    return {part.target.id for part in parts}
