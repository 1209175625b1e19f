"""Expressions whose calls are put in: what is evaluated before the statement that holds them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pipeline.frontend.put_in_bodies import Substitution, given, name_of
from pipeline.frontend.put_in_calls import Calls, is_taking, value_of
from pipeline.frontend.reading import placed_at
from pipeline.frontend.scoping import COMPREHENSIONS

_TAKES_ALL: Final = frozenset(
    ("all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple")
)


class Expressions(Calls):
    """Writes expressions of the host."""

    def block(self, nodes: Sequence[ast.stmt]) -> list[ast.stmt]:
        """The statements of a block."""
        raise NotImplementedError

    # -- expressions

    def parts(self, nodes: Sequence[Any], out: list[ast.stmt]) -> list[Any]:
        """Expressions that are evaluated in this order; what of them goes before the statement."""
        needing = [k for k, node in enumerate(nodes) if self.needs(node)]
        last = needing[-1] if needing else -1
        unstable = set().union(*(self._unstable(node) for node in nodes if node is not None))
        found: list[Any] = []
        pending = 0
        for k, node in enumerate(nodes):
            inner: list[ast.stmt] = []
            made = self.expression(node, inner) if k <= last and node is not None else node
            if inner:
                for at in range(pending, k):
                    if found[at] is not None and not self._is_stable(found[at], unstable):
                        found[at] = self._kept(found[at], out)
                pending = k
            out += inner
            found.append(made)
        return found

    def _unstable(self, node: ast.AST) -> set[str]:
        """The names that calls in a node may give other values."""
        found = {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
        for call in ast.walk(node):
            known = self._known(call)
            body = self.whole.body(known) if known else None
            found |= body.rebound if body else set()
        return found

    def _is_stable(self, node: ast.expr, unstable: set[str]) -> bool:
        """Whether it is the same whenever it is evaluated."""
        if isinstance(node, ast.Name):
            return node.id not in unstable
        if isinstance(node, ast.Tuple | ast.Starred | ast.keyword):
            return all(
                self._is_stable(part, unstable)
                for part in ast.iter_child_nodes(node)
                if isinstance(part, ast.expr)
            )
        return isinstance(node, ast.Constant | ast.Lambda)

    def _kept(self, node: Any, out: list[ast.stmt]) -> Any:
        """A name for what is evaluated before the statement."""
        if isinstance(node, ast.Starred):
            return ast.copy_location(ast.Starred(self._kept(node.value, out), ast.Load()), node)
        name = self.whole.new("t")
        out.append(given(name, node))
        return name_of(name, node)

    def expression(self, node: Any, out: list[ast.stmt]) -> Any:
        """What is left of an expression once `out` is done."""
        if not self.needs(node):
            return node
        if isinstance(node, ast.Call):
            return self._call(node, out)
        if isinstance(node, ast.BoolOp):
            return self._logic(node, out)
        if isinstance(node, ast.IfExp):
            return self._conditional(node, out)
        if isinstance(node, ast.Compare) and any(map(self.needs, node.comparators[1:])):
            return self._chain(node, out)
        if isinstance(node, ast.ListComp) and any(self._inside(node)):
            name = self.whole.new("t")
            out += self._looped(node, name)
            return name_of(name, node)
        if isinstance(node, COMPREHENSIONS):
            return self._first_container(node, out)
        return self._any(node, out)

    def _any(self, node: Any, out: list[ast.stmt]) -> Any:
        """An expression all parts of which are evaluated, in the order of its fields."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._called(node, node.func, out)
        made = copy.copy(node)
        places: list[tuple[str, int | None]] = []
        values: list[Any] = []
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(made, field, [*value])
                values += value
                places += [(field, k) for k in range(len(value))]
            elif isinstance(value, ast.expr):
                values.append(value)
                places.append((field, None))
        values = [v if isinstance(v, ast.expr | ast.keyword) else None for v in values]
        for (field, k), value, before in zip(places, self.parts(values, out), values, strict=True):
            if before is None:
                continue
            if k is None:
                setattr(made, field, value)
            else:
                getattr(made, field)[k] = value
        return made

    def _called(self, node: ast.Call, function: ast.Attribute, out: list[ast.stmt]) -> ast.Call:
        """A call of a method."""
        parts = self.parts([function.value, *node.args, *node.keywords], out)
        method, made, count = copy.copy(function), copy.copy(node), len(node.args) + 1
        made.func, method.value = method, parts[0]
        made.args, made.keywords = parts[1:count], parts[count:]
        return made

    def _call(self, node: ast.Call, out: list[ast.stmt]) -> Any:
        if is_taking(node):
            self.whole.count += 1
            made = self._any(node, out) if any(map(self.needs, node.args)) else node
            return self._kept(made, out)
        if self._known(node) is None:
            argument = node.args[0] if len(node.args) == 1 else None
            if isinstance(argument, ast.GeneratorExp) and self._takes_all(node):
                return self._gathered(node, argument, out)
            return self._any(node, out)
        more, value = self._put(node, None)
        if value is None:
            name = self.whole.new("t")
            more, _ = self._put(node, lambda r: [given(name, value_of(r))], wants_value=True)
            value = name_of(name, node)
        out += more
        return value

    def _takes_all(self, node: ast.Call) -> bool:
        is_named = isinstance(node.func, ast.Name) and node.func.id in _TAKES_ALL
        return is_named and self.host.scope.of(node.func.id) is None  # type: ignore[attr-defined]

    def _gathered(self, node: ast.Call, argument: ast.GeneratorExp, out: list[ast.stmt]) -> Any:
        """`sum(f(g, x) for x in xs)`: of a list that is made before."""
        assert isinstance(node.func, ast.Name)
        if not any(self._inside(argument)):
            made = copy.copy(node)
            made.args = [self._first_container(argument, out)]
            return made
        name = self.whole.new("t")
        if node.func.id in ("any", "all"):
            out += self._asked(argument, name, node.func.id == "any")
            return name_of(name, node)
        listed = ast.copy_location(ast.ListComp(argument.elt, argument.generators), argument)
        out += self._looped(listed, name)
        made = copy.copy(node)
        made.args = [name_of(name, argument)]
        made.keywords = self.parts(node.keywords, out)
        return made

    def _inside(self, node: Any) -> Iterable[bool]:
        """Whether what a comprehension does for each element needs it."""
        first, *others = node.generators
        yield any(map(self.needs, [node.elt, *first.ifs, *others]))

    def _first_container(self, node: Any, out: list[ast.stmt]) -> Any:
        made = copy.copy(node)
        first = copy.copy(node.generators[0])
        first.iter = self.expression(first.iter, out)
        made.generators = [first, *node.generators[1:]]
        return made

    def _logic(self, node: ast.BoolOp, out: list[ast.stmt]) -> Any:
        first, *others = node.values
        made = [self.expression(first, out)]
        for k, value in enumerate(others):
            inner: list[ast.stmt] = []
            kept = self.expression(value, inner)
            if inner:
                before = made[0]
                if len(made) > 1:
                    before = ast.copy_location(ast.BoolOp(node.op, made), node)
                name = self.whole.new("t")
                rest = [kept, *others[k + 1 :]]
                more: list[ast.stmt] = []
                last = rest[0]
                if len(rest) > 1:
                    last = self._logic(ast.copy_location(ast.BoolOp(node.op, rest), node), more)
                test: ast.expr = name_of(name, node)
                if isinstance(node.op, ast.Or):
                    test = ast.copy_location(ast.UnaryOp(ast.Not(), test), node)
                body = [*inner, *more, given(name, last)]
                out += [given(name, before), ast.copy_location(ast.If(test, body, []), node)]
                return name_of(name, node)
            made.append(kept)
        return ast.copy_location(ast.BoolOp(node.op, made), node)

    def _conditional(self, node: ast.IfExp, out: list[ast.stmt]) -> Any:
        test = self.expression(node.test, out)
        one: list[ast.stmt] = []
        two: list[ast.stmt] = []
        values = self.expression(node.body, one), self.expression(node.orelse, two)
        if not one and not two:
            return ast.copy_location(ast.IfExp(test, *values), node)
        name = self.whole.new("t")
        sides = [*one, given(name, values[0])], [*two, given(name, values[1])]
        out.append(ast.copy_location(ast.If(test, *sides), node))
        return name_of(name, node)

    def _chain(self, node: ast.Compare, out: list[ast.stmt]) -> Any:
        """`a < b < f(g)`, as `a < b and b < f(g)`."""
        left, middle = self.parts([node.left, node.comparators[0]], out)
        if not isinstance(middle, ast.Name | ast.Constant):
            if not self._is_stable(left, set()):
                left = self._kept(left, out)
            middle = self._kept(middle, out)
        one = ast.copy_location(ast.Compare(left, node.ops[:1], [middle]), node)
        two = ast.copy_location(ast.Compare(middle, node.ops[1:], node.comparators[1:]), node)
        both = ast.copy_location(ast.BoolOp(ast.And(), [one, two]), node)
        return self._logic(both, out)

    # -- comprehensions as loops

    def _looped(self, node: Any, name: str | None) -> list[ast.stmt]:
        """A list comprehension as a loop that makes a list; name: that of the list, None where
        nobody has it.
        """
        if name is None:
            begin: list[ast.stmt] = []
            elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            inner: list[ast.stmt] = [ast.copy_location(ast.Expr(part), part) for part in elements]
        else:
            empty = ast.copy_location(ast.List([], ast.Load()), node)
            begin = [given(name, empty)]
            method = ast.Attribute(name_of(name, node), "append", ast.Load())
            call = ast.copy_location(ast.Call(method, [node.elt], []), node.elt)
            inner = [placed_at(ast.copy_location(ast.Expr(call), node.elt), node)]
        return [*begin, *self._loops(node, inner, [])]

    def _asked(self, node: ast.GeneratorExp, name: str, is_any: bool) -> list[ast.stmt]:
        """`any(f(g, x) for x in xs)`, which stops at the first that is true."""
        test = node.elt
        if not is_any:
            test = ast.copy_location(ast.UnaryOp(ast.Not(), test), node.elt)
        leave = ast.copy_location(ast.Break(), node)
        found = given(name, ast.copy_location(ast.Constant(is_any), node))
        inner = ast.copy_location(ast.If(test, [found, leave], []), node)
        end: ast.expr = name_of(name, node)
        if not is_any:
            end = ast.copy_location(ast.UnaryOp(ast.Not(), end), node)
        ends = ast.copy_location(ast.If(end, [leave], []), node)
        begin = given(name, ast.copy_location(ast.Constant(not is_any), node))
        return [begin, *self._loops(node, [inner], [ends])]

    def _loops(self, node: Any, inner: list[ast.stmt], ends: list[ast.stmt]) -> list[ast.stmt]:
        """The loops of a comprehension around what is done for each element; ends: what stands
        behind each loop but the outermost.
        """
        targets = [n for c in node.generators for n in ast.walk(c.target)]
        own = [n.id for n in targets if isinstance(n, ast.Name)]
        meanings: dict[str, ast.expr] = {name: ast.Name(self.whole.new(name)) for name in own}
        within = Substitution(meanings)
        body = within.of(inner)
        for k in range(len(node.generators) - 1, -1, -1):
            clause = node.generators[k]
            for test in reversed(clause.ifs):
                (test,) = within.of([test])
                body = [ast.copy_location(ast.If(test, body, []), test)]
            (target,) = within.of([clause.target])
            container = within.of([clause.iter])[0] if k else clause.iter
            loop = ast.copy_location(ast.For(target, container, body, []), node)
            body = [loop, *(copy.deepcopy(ends) if k else [])]
        return self.block(body)
