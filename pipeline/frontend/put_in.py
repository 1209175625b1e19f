"""Functions that change lists of others, put in where they are called.

`put(g, 1, 2)`, where `def put(g, i, j): g[i][j] = 3`, is read as `g[1][2] = 3`. What is done to the
list of a caller, or of the function around, is done to that list then, and how far it is known who
else may have it is asked where it always is (see `fresh`). A call in an expression is evaluated
before the statement that holds it; what Python evaluates before that call goes before it too.

A solver is read so only where it can't be read as it stands.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Sequence
from typing import Any, Final

from pipeline.frontend.changing_functions import (
    NamedFunction,
    Scope,
    bound_inside,
    inside,
    is_simple,
    known_in,
)
from pipeline.frontend.put_in_bodies import (
    Substitution,
    given,
    has_jump,
    may_lack_value,
    name_of,
)
from pipeline.frontend.put_in_calls import FunctionBodies, FunctionBody, is_taking, value_of
from pipeline.frontend.put_in_expressions import Expressions
from pipeline.frontend.reading import Passage, placed_at
from pipeline.frontend.scoping import COMPREHENSIONS, assigned_in, changed_names, reads

Placed = tuple[Passage, ast.stmt]


class ChangingFunction(ast.FunctionDef):
    """A function that changes what belongs to others, some use of which could not be put in.

    used: where that stands.
    """

    used: ast.AST


class PutIn(FunctionBodies):
    """What is put in so far of one solver and of what it uses of its file."""

    def __init__(self, shared: Sequence[Placed], own: Placed) -> None:
        super().__init__()
        nodes = [node for _, node in shared if node is not own[1]]
        names = set().union(*map(changed_names, nodes)) if nodes else set()
        self.file = Scope(names)
        once = known_in(nodes, self.file, own[0])
        places = {id(node): source for source, node in shared}
        for name, known in once.items():
            holder = next(n for n in nodes if name in assigned_in([n]))
            known.passage = places[id(holder)]
            _move_passage(known, known.passage)
        self.file.functions = once

    # -- functions

    def written(self, known: NamedFunction) -> list[ast.stmt]:
        """The body of a function that stays, with what it calls put in."""
        writer = _Rewriting(self, known)
        nodes = writer.block(known.body)
        nodes = writer.without_functions(nodes)
        outside = writer.rebound - known.scope.names - known.declared
        if outside:
            nodes = [
                placed_at(ast.copy_location(ast.Nonlocal([*outside]), nodes[0]), nodes[0]),
                *nodes,
            ]
        for node in (part for n in nodes for part in ast.walk(n)):
            if isinstance(node, ast.stmt):
                node.is_translated = True  # type: ignore[attr-defined]
        return nodes

    def body(self, known: NamedFunction) -> FunctionBody | None:
        """What a function does; None where it can't be put in, or comes to itself."""
        if id(known) not in self.bodies:
            self.bodies[id(known)] = None
            self.bodies[id(known)] = self._body(known) if is_simple(known) else None
        return self.bodies[id(known)]

    def _body(self, known: NamedFunction) -> FunctionBody:
        writer = _Rewriting(self, known)
        declared = known.declared
        nodes = known.body
        if isinstance(nodes[0], ast.Expr) and isinstance(nodes[0].value, ast.Constant):
            nodes = nodes[1:] or [ast.copy_location(ast.Pass(), nodes[0])]
        parameters = {*known.parameters}
        is_unsafe = may_lack_value(nodes, known.scope.names, parameters)
        nodes = writer.without_functions(writer.block(nodes))
        nodes = [_WithoutNonlocal().visit(node) for node in nodes]
        rebound = (writer.rebound | declared) - known.scope.names
        own = ({*assigned_in(nodes)} | parameters) - rebound
        free = (reads(nodes) | {*assigned_in(nodes)}) - own
        unsafe = is_unsafe or writer.is_unsafe
        return FunctionBody(known, nodes, own, free, rebound, bound_inside(nodes), unsafe)

    def solver(self, own: Placed) -> ast.FunctionDef:
        """The solver itself."""
        source, node = own
        assert isinstance(node, ast.FunctionDef)
        known = NamedFunction(node.name, node, self.file, source)
        made = copy.copy(node)
        made.body = self.written(known)
        return made

    def of_file(self, placed: Placed) -> Placed:
        """A statement of the file: a function with what it calls put in."""
        source, node = placed
        known = self.file.functions.get(node.name) if isinstance(node, ast.FunctionDef) else None
        if known is None or known.node is not node:
            return placed
        if known.changes and not has_global(node):
            self.count += 1
            return source, changing(node, node)
        before = self.count
        nodes = self.written(known)
        if self.count == before:
            return placed
        made = copy.copy(node)
        made.body = nodes
        return source, made


class _WithoutNonlocal(ast.NodeTransformer):
    """Leaves out what says that a name is of the function around."""

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node


def _move_passage(known: NamedFunction, passage: Passage) -> None:
    for inner in known.scope.functions.values():
        inner.passage = passage
        _move_passage(inner, passage)


def has_global(node: ast.FunctionDef) -> bool:
    """Whether a function assigns variables of the file, which is refused as such."""
    return any(isinstance(part, ast.Global) for part in inside(node.body))


def changing(node: ast.FunctionDef, used: ast.AST) -> ChangingFunction:
    """A function that is refused where it stands."""
    made = ChangingFunction(node.name, node.args, node.body, [], node.returns)
    made.used = used
    return ast.copy_location(made, node)


class _Rewriting(Expressions):
    """Writes the statements of one function, the host, with what it calls put in."""

    whole: PutIn

    # -- statements

    def block(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements of a block."""
        return [made for node in nodes for made in self._statement(node)]

    def _statement(self, node: ast.stmt) -> list[ast.stmt]:
        form = _STATEMENTS.get(type(node))
        return [node] if form is None else form(self, node)

    def _alone(self, node: ast.Expr) -> list[ast.stmt]:
        if is_taking(node.value):
            return [node]
        if isinstance(node.value, ast.Call) and self._known(node.value):
            return self._put(node.value, lambda r: _evaluated(r.value))[0]
        if isinstance(node.value, COMPREHENSIONS) and self.needs(node.value):
            return self._looped(node.value, None)
        if isinstance(node.value, ast.IfExp) and self.needs(node.value):
            one, two = [
                self._alone(ast.copy_location(ast.Expr(part), node))
                for part in (node.value.body, node.value.orelse)
            ]
            out: list[ast.stmt] = []
            test = self.expression(node.value.test, out)
            return [*out, ast.copy_location(ast.If(test, one or [_passed(node)], two), node)]
        return self._with_parts(node, "value")

    def _with_parts(self, node: Any, *fields: str) -> list[ast.stmt]:
        """A statement whose expressions are evaluated in this order."""
        if not self.needs(node):
            return [node]
        out: list[ast.stmt] = []
        made = copy.copy(node)
        values = [getattr(node, field) for field in fields]
        for field, value in zip(fields, self.parts(values, out), strict=True):
            setattr(made, field, value)
        return [*out, made]

    def _assign(self, node: ast.Assign) -> list[ast.stmt]:
        if any(map(self.needs, node.targets)) or not self.needs(node.value):
            return [node]
        if is_taking(node.value):
            return [node]
        target = node.targets[0]
        name = target.id if isinstance(target, ast.Name) and len(node.targets) == 1 else ""
        if name and isinstance(node.value, ast.ListComp) and any(self._inside(node.value)):
            return self._listed(node, node.value, name)
        if name and isinstance(node.value, ast.Call) and self._known(node.value):
            return self._put_as(node.value, name, node)
        return self._with_parts(node, "value")

    def _listed(self, node: ast.Assign, value: ast.ListComp, name: str) -> list[ast.stmt]:
        """`name = [... for ...]`, in whose loop the name is what it was before."""
        spare = self.whole.new(name)
        made = self._looped(value, spare)
        if name not in reads(made) and self._is_own(name):
            return Substitution({spare: ast.Name(name)}).of(made)
        last = copy.copy(node)
        last.value = name_of(spare, node)
        return [*made, last]

    def _put_as(self, call: ast.Call, name: str, node: ast.Assign) -> list[ast.stmt]:
        """`name = f(...)`: each `return` of the function is such an assignment."""
        out, value = self._put(call, None, name)
        if value is None:
            out, _ = self._put(call, lambda r: _assigned(name, r), name, wants_value=True)
            return out
        if isinstance(value, ast.Name) and value.id == name:
            return out
        made = copy.copy(node)
        made.value = value
        return [*out, made]

    def _annotated(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None or not isinstance(node.target, ast.Name):
            return [node]
        plain = ast.Assign([node.target], node.value)
        return self._assign(ast.copy_location(plain, node)) if self.needs(node.value) else [node]

    def _augmented(self, node: ast.AugAssign) -> list[ast.stmt]:
        """`x += f(g)`, which reads `x` before it calls."""
        if not self.needs(node.value) or self.needs(node.target):
            return [node]
        out: list[ast.stmt] = []
        if isinstance(node.target, ast.Name) and node.target.id not in self._unstable(node):
            made = copy.copy(node)
            made.value = self.expression(node.value, out)
            return [*out, made]
        target = copy.deepcopy(node.target)
        base = target.value if isinstance(target, ast.Subscript) else target
        if base is not target and not self._is_stable(base, self._unstable(node)):
            return [node]  # the call may put another list in the place of the one it changes
        if isinstance(target, ast.Subscript):
            places = self._places(target)
            for place in places:
                if not self._is_stable(place.slice, self._unstable(node)):
                    place.slice = self._kept(place.slice, out)
        before: Any = copy.deepcopy(target)
        before.ctx = ast.Load()
        value = self.parts([self._kept(before, out), node.value], out)
        whole = ast.copy_location(ast.BinOp(value[0], node.op, value[1]), node)
        return [*out, ast.copy_location(ast.Assign([target], whole), node)]

    def _places(self, node: ast.expr) -> list[ast.Subscript]:
        found: list[ast.Subscript] = []
        while isinstance(node, ast.Subscript):
            found.insert(0, node)
            node = node.value
        return found

    def _return(self, node: ast.Return) -> list[ast.stmt]:
        value = node.value
        if isinstance(value, ast.Call) and self._known(value):
            out, made = self._put(value, None)
            if made is not None:
                return [*out, ast.copy_location(ast.Return(made), node)]
            out, _ = self._put(value, lambda r: [r], wants_value=True, is_last=True)
            return out
        return self._with_parts(node, "value") if value is not None else [node]

    def _if(self, node: ast.If) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        test = self.expression(node.test, out)
        made = ast.If(test, self.block(node.body) or [_passed(node)], self.block(node.orelse))
        return [*out, ast.copy_location(made, node)]

    def _while(self, node: ast.While) -> list[ast.stmt]:
        self.loops += 1
        out: list[ast.stmt] = []
        test = self.expression(node.test, out)
        body = self.block(node.body) or [_passed(node)]
        self.loops -= 1
        orelse = self.block(node.orelse)
        if not out:
            return [ast.copy_location(ast.While(test, body, orelse), node)]
        if has_jump(node.orelse, (ast.Break, ast.Continue)):
            return [node]
        leave: list[ast.stmt] = [*orelse, ast.copy_location(ast.Break(), node)]
        negative = ast.copy_location(ast.UnaryOp(ast.Not(), test), node.test)
        begin = ast.copy_location(ast.If(negative, leave, []), node)
        always = ast.copy_location(ast.Constant(True), node)
        return [ast.copy_location(ast.While(always, [*out, begin, *body], []), node)]

    def _for(self, node: ast.For) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        container = self.expression(node.iter, out)
        self.loops += 1
        body = self.block(node.body) or [_passed(node)]
        self.loops -= 1
        made = ast.For(node.target, container, body, self.block(node.orelse))
        return [*out, ast.copy_location(made, node)]

    def _match(self, node: ast.Match) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        made = copy.copy(node)
        made.subject = self.expression(node.subject, out)
        made.cases = []
        for case in node.cases:
            body = self.block(case.body) or [_passed(case.body[0])]
            made.cases.append(ast.match_case(case.pattern, case.guard, body))
        return [*out, made]

    def _function(self, node: ast.FunctionDef) -> list[ast.stmt]:
        known = self.host.scope.functions.get(node.name)
        if known is None or known.node is not node or known.changes:
            return [node]
        before = self.whole.count
        nodes = self.whole.written(known)
        if self.whole.count == before:
            return [node]
        made = copy.copy(node)
        made.body = nodes
        return [made]

    def without_functions(self, nodes: list[ast.stmt]) -> list[ast.stmt]:
        """The block without those functions that were put in wherever they are called; those of
        them that change what others have, and are called otherwise, are refused.
        """
        while True:
            known = self.host.scope.functions
            gone = {
                name
                for name, function in known.items()
                if (function.changes or id(function) in self.whole.bodies)
                and name not in _reads_apart(nodes, name)
            }
            left = _without(nodes, gone & {*assigned_in(nodes)})
            if left is None:
                break
            nodes = left
        return [self._refused(node, nodes) for node in nodes] or [ast.Pass(lineno=1, col_offset=0)]

    def _refused(self, node: ast.stmt, nodes: list[ast.stmt]) -> ast.stmt:
        known = self.host.scope.functions.get(getattr(node, "name", ""))
        if known is None or known.node is not node or not known.changes or has_global(node):
            return node
        assert isinstance(node, ast.FunctionDef)
        self.whole.count += 1
        uses = (part for other in nodes if other is not node for part in ast.walk(other))
        used = (n for n in uses if isinstance(n, ast.Name) and n.id == node.name)
        return changing(node, next(used, node))


def _assigned(name: str, node: ast.Return) -> list[ast.stmt]:
    """`name = value`, where that is not what it has."""
    value = value_of(node)
    return [] if isinstance(value, ast.Name) and value.id == name else [given(name, value)]


def _evaluated(node: ast.expr | None) -> list[ast.stmt]:
    """A value that nobody uses, which may yet fail."""
    if node is None or isinstance(node, ast.Name | ast.Constant):
        return []
    return [ast.copy_location(ast.Expr(node), node)]


def _passed(node: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.Pass(), node)


def _reads_apart(nodes: list[ast.stmt], name: str) -> set[str]:
    """What a block reads, other than in the function of this name."""
    others = [n for n in nodes if getattr(n, "name", "") != name and not _is_lambda_of(n, name)]
    return reads(others)


def _is_lambda_of(node: ast.stmt, name: str) -> bool:
    match node:
        case ast.Assign([ast.Name(found)], ast.Lambda()):
            return found == name
    return False


def _without(nodes: list[ast.stmt], names: set[str]) -> list[ast.stmt] | None:
    """A block without the functions of these names; None where it has none of them."""
    left = [
        node
        for node in nodes
        if getattr(node, "name", "") not in names
        and not any(_is_lambda_of(node, name) for name in names)
    ]
    return left if len(left) < len(nodes) else None


_STATEMENTS: Final[dict[type, Callable[[_Rewriting, Any], list[ast.stmt]]]] = {
    ast.Expr: _Rewriting._alone,
    ast.Assign: _Rewriting._assign,
    ast.AnnAssign: _Rewriting._annotated,
    ast.AugAssign: _Rewriting._augmented,
    ast.Return: _Rewriting._return,
    ast.Assert: lambda writer, node: writer._with_parts(node, "test"),
    ast.If: _Rewriting._if,
    ast.While: _Rewriting._while,
    ast.For: _Rewriting._for,
    ast.Match: _Rewriting._match,
    ast.FunctionDef: _Rewriting._function,
}
"""How each statement is written; any other stays."""
