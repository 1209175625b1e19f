"""Expressions other than calls: names, numbers, displays, operators, conditions, functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from pipeline.frontend.constructs import OPERATORS, PLACES, Refused
from pipeline.frontend.dict_functions import dict_functions
from pipeline.frontend.dict_names import dicts_in
from pipeline.frontend.fresh import making
from pipeline.frontend.known_lines import MOST_INTEGER
from pipeline.frontend.program import (
    Assigned,
    Builtin,
    Call,
    Clause,
    Comprehension,
    Conditional,
    Expression,
    Lambda,
    Literal,
    Logic,
    Rest,
    Return,
    SetLiteral,
    Target,
    TupleLiteral,
    Variable,
    Wrong,
)
from pipeline.frontend.python_library import imported
from pipeline.frontend.reading import WRONG, Reading
from pipeline.frontend.scoping import (
    DictKind,
    DictUse,
    NameScope,
    assigned_in,
    own_nodes,
    parameters_of,
    placed_parameters,
    signatures_in,
)
from pipeline.frontend.symbolic import BINARY, COMPARED, function_of, row_of

RANGE: Final = f"an integer is at most {MOST_INTEGER}, and at least {-MOST_INTEGER}"


def read_name(reader: Reading, node: ast.Name) -> Expression:
    """A variable, a word of the DSL, or a function of Python as a value."""
    if id(node) not in reader.dicts and reader.is_dict(node.id):
        return reader.values[ast.Dict](reader, node)
    found = reader.name(node, node.id)
    if found is not None:
        return found
    row = function_of(node.id.removeprefix("%"))
    if row is not None:
        reader.odd()
        return row
    if node.id in reader.builtins:
        note = f"write a function that calls it: `lambda x: {node.id}(x)`"
        return reader.refuse(node, Refused(f"`{node.id}` as a value", note))
    return reader.unknown_name(node, node.id)


def read_constant(reader: Reading, node: ast.Constant) -> Expression:
    """An integer, a truth value, None, a text."""
    if node.value is None:
        return Literal(None)
    if isinstance(node.value, str):
        return call_row(reader, "as_text", node, (node, Literal(reader.place_of(node.value))))
    if not isinstance(node.value, int):
        return reader.refuse(node)
    if abs(node.value) > MOST_INTEGER:
        return reader.wrong(node, "integer-too-large", RANGE)
    return Literal(node.value)


def read_display(reader: Reading, node: ast.Tuple | ast.List | ast.Set) -> Expression:
    """`(x, y)`, `[x, y]`, `{x, y}`, with `*x` among them too; a list is a tuple."""
    if any(isinstance(e, ast.Starred) for e in node.elts):
        return _joined(reader, node)
    if not isinstance(node, ast.Tuple) or not node.elts:
        reader.odd()
    elements = reader.expressions(node.elts)
    kind = SetLiteral if isinstance(node, ast.Set) else TupleLiteral
    return reader.made(kind(elements), node, *node.elts)


def _joined(reader: Reading, node: ast.Tuple | ast.List | ast.Set) -> Expression:
    """`(*x, y)`: the parts, one behind the other."""
    reader.odd()
    is_set = isinstance(node, ast.Set)
    joined: Expression | None = None
    for element in node.elts:
        if isinstance(element, ast.Starred):
            inner = reader.expression(element.value)
            row = row_of("as_set" if is_set else "as_tuple")
            part: Expression = reader.made(Call(row, (inner,)), element, element.value)
        else:
            kind = SetLiteral if is_set else TupleLiteral
            part = reader.made(kind((reader.expression(element),)), element, element)
        if joined is None:
            joined = part
        else:
            call = Call(row_of("either_bits" if is_set else "plus"), (joined, part))
            joined = reader.made(call, node, node, element)
    assert joined is not None
    return joined


def call_row(reader: Reading, name: str, node: ast.AST, *parts: tuple[ast.AST, Expression]) -> Call:
    """The call of a row that a construct stands for."""
    reader.odd()
    function = row_of(name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        function = Builtin(function.row, f"`{node.func.id.removeprefix('%')}`")
    call = Call(function, tuple([value for _, value in parts]))
    return reader.made(call, node, *[part for part, _ in parts])


def read_unary(reader: Reading, node: ast.UnaryOp) -> Expression:
    """`-x`, `+x`, `~x`, `not x`; a minus before digits is a part of the number."""
    inner = node.operand
    if (
        isinstance(node.op, ast.USub)
        and isinstance(inner, ast.Constant)
        and type(inner.value) is int
    ):
        if inner.value > MOST_INTEGER:
            return reader.wrong(node, "integer-too-large", RANGE)
        return Literal(-inner.value)
    if isinstance(node.op, ast.Not):
        reader.tested(inner)
    reader.asked(inner)
    operand = inner, reader.expression(inner)
    if isinstance(node.op, ast.UAdd):
        return call_row(reader, "plus", node, (node, Literal(0)), operand)
    if isinstance(node.op, ast.Invert):
        return call_row(reader, "minus", node, (node, Literal(-1)), operand)
    return call_row(
        reader, "negative" if isinstance(node.op, ast.USub) else "negation", node, operand
    )


def read_binary(reader: Reading, node: ast.BinOp) -> Expression:
    """`x + y` and its like."""
    name = BINARY.get(type(node.op))
    if name is None:
        return reader.refuse(node, OPERATORS[type(node.op).__name__])
    reader.looked_at(node.left, node.right)
    left, right = reader.expressions((node.left, node.right))
    return call_row(reader, name, node, (node.left, left), (node.right, right))


def read_logic(reader: Reading, node: ast.BoolOp) -> Expression:
    """`x and y`, `x or y`."""
    reader.odd()
    operands = reader.expressions(node.values)
    return reader.made(Logic(isinstance(node.op, ast.And), operands), node, *node.values)


def read_conditional(reader: Reading, node: ast.IfExp) -> Expression:
    """`x if test else y`."""
    reader.odd()
    parts = node.test, node.body, node.orelse
    reader.tested(node.test)
    return reader.made(Conditional(*reader.expressions(parts)), node, *parts)


def read_assigned(reader: Reading, node: ast.NamedExpr) -> Expression:
    """`(name := value)`."""
    reader.odd()
    value = reader.expression(node.value)
    if node.target.id in reader.scope.assigned and reader.scope.kind == "comprehension":
        message = f"{node.target.id!r} is a name of the comprehension: it can't be assigned in it"
        return reader.wrong(node, "syntax-error", message)
    if reader.scope.kind == "comprehension" and reader.scope.holder.repeated:
        kind = "`:=` in a comprehension that stands in a loop"
        return reader.refuse(node, Refused(kind, "assign the value in the loop itself, by `=`"))
    reader.assign(node.target.id)
    return reader.made(Assigned(node.target.id, value), node, node.value)


def read_comparison(reader: Reading, node: ast.Compare) -> Expression:
    """`x < y`, `x in y`, `x is None`, and chains of them, where each operand is evaluated once."""
    reader.odd()
    nodes = [node.left, *node.comparators]
    reader.walk(*(n for n, op in zip(node.comparators, node.ops, strict=True) if _looks_in(op)))
    reader.asked(*nodes)
    found: list[Expression] = []
    left = reader.expression(node.left)
    for k, op in enumerate(node.ops):
        right = reader.expression(nodes[k + 1])
        following = right
        if k + 1 < len(node.ops) and not isinstance(right, Variable | Literal | Builtin):
            name = reader.spare_variable(nodes[k + 1])
            right = reader.made(Assigned(name, right), nodes[k + 1], nodes[k + 1])
            following = Variable(name)
        place = node if len(node.ops) == 1 else nodes[k + 1]
        found.append(_compared(reader, place, op, (nodes[k], left), (nodes[k + 1], right)))
        left = following
    if len(found) == 1:
        return found[0]
    return reader.made(Logic(True, tuple(found)), node, *nodes[1:])


def _looks_in(operator: ast.cmpop) -> bool:
    return isinstance(operator, ast.In | ast.NotIn)


def _compared(
    reader: Reading,
    node: ast.AST,
    op: ast.cmpop,
    left: tuple[ast.expr, Expression],
    right: tuple[ast.expr, Expression],
) -> Expression:
    name, is_negative = COMPARED[type(op)]
    call: Expression
    if name in ("equal", "unequal") and Literal(None) in (left[1], right[1]):
        other = left if right[1] == Literal(None) else right
        is_negative = name == "unequal"
        call = call_row(reader, "is_missing", node, other)
    elif isinstance(op, ast.Is | ast.IsNot) and isinstance(getattr(right[1], "value", None), bool):
        is_negative = name == "unequal"
        call = _same_truth(reader, node, left, right)
    else:
        call = call_row(reader, name, node, left, right)
    return call_row(reader, "negation", node, (node, call)) if is_negative else call


def _same_truth(
    reader: Reading,
    node: ast.AST,
    left: tuple[ast.expr, Expression],
    right: tuple[ast.expr, Expression],
) -> Expression:
    """`x is True`: whether it is a truth value, and this one; 1 only equals it."""
    name = reader.spare()
    value = left[0], Variable(name)

    def tested() -> Expression:
        is_one = call_row(reader, "is_boolean", node, value)
        is_equal = call_row(reader, "equal", node, value, right)
        return reader.made(Logic(True, (is_one, is_equal)), node, node, node)

    return let(reader, node, name, left, tested)


def read_subscript(reader: Reading, node: ast.Subscript) -> Expression:
    """`x[k]` and `x[start:stop:step]`."""
    is_slice = isinstance(node.slice, ast.Slice)
    if is_slice or id(node) not in reader.passing:
        reader.looked_at(node.value)
    else:
        reader.asked(node.value)
    whole = node.value, reader.expression(node.value)
    if isinstance(whole[1], Wrong):
        return WRONG
    if not isinstance(node.slice, ast.Slice):
        return call_row(reader, "at", node, whole, (node.slice, reader.expression(node.slice)))
    ends = [node.slice.lower, node.slice.upper, node.slice.step]
    parts = [(e or node, Literal(None) if e is None else reader.expression(e)) for e in ends]
    return call_row(reader, "cut", node, whole, *parts)


# -- comprehensions


def read_comprehension(
    reader: Reading, node: ast.ListComp | ast.SetComp | ast.GeneratorExp
) -> Expression:
    """`[... for x in xs if ...]` and its like."""
    kind = "set" if isinstance(node, ast.SetComp) else "tuple"
    return comprehension(reader, kind, node)


def comprehension(reader: Reading, kind: str, node: Any) -> Comprehension:
    """A comprehension as the kind that its context asks for."""
    reader.odd()
    outer = reader.scope
    inner = NameScope({}, outer, "comprehension")
    clauses: list[Clause] = []
    containers: list[ast.expr] = []
    for k, clause in enumerate(node.generators):
        if clause.is_async:
            reader.refuse(node, Refused("an async loop", "write `for` alone"))
        reader.scope = inner if k else outer
        if id(node) in reader.passing or not isinstance(node, ast.GeneratorExp):
            _go_through(reader, clause, inner)
        if id(clause.iter) not in reader.dicts:
            reader.walk(clause.iter)
        container = reader.expression(clause.iter)
        reader.scope = inner
        for part in ast.walk(clause.target):
            if isinstance(part, ast.Name):
                inner.assigned.setdefault(part.id, part.lineno)
                inner.seen.add(part.id)
        target = read_target(reader, clause.target)
        conditions = reader.expressions(clause.ifs)
        clauses.append(Clause(target, container, conditions))
        containers.append(clause.iter)
    element = reader.expression(node.elt)
    reader.scope = outer
    made = Comprehension(kind, element, tuple(clauses))
    return reader.made(made, node, node.elt, *containers)


def _go_through(reader: Reading, clause: ast.comprehension, inner: NameScope) -> None:
    """The container of a clause is about to be read by what does not keep its value, and its
    elements only where it keeps the name that they have there.
    """
    whole, target = clause.iter, clause.target
    if isinstance(whole, ast.Name) and isinstance(target, ast.Name):
        inner.rows_of[target.id] = whole.id
        reader.asked(whole)
    elif isinstance(whole, ast.Call) and _is_numbered(reader, whole, target):
        inner.rows_of[target.elts[1].id] = whole.args[0].id  # type: ignore[attr-defined]
        reader.asked(whole.args[0])
    else:
        reader.consume(whole)


def _is_numbered(reader: Reading, node: ast.Call, target: ast.expr) -> bool:
    """Whether it is `for k, x in enumerate(xs)`."""
    is_pair = isinstance(target, ast.Tuple) and len(target.elts) == 2
    if not is_pair or len(node.args) != 1 or node.keywords or reader.is_own("enumerate"):
        return False
    names = [node.func, node.args[0], *target.elts]  # type: ignore[attr-defined]
    is_named = all(isinstance(name, ast.Name) for name in names)
    return is_named and node.func.id == "enumerate"  # type: ignore[attr-defined]


def let(
    reader: Reading,
    node: ast.AST,
    target: str | tuple[str, ...],
    value: tuple[ast.AST, Expression],
    element: Callable[[], Expression],
) -> Expression:
    """What `element` reads, where one spare name, or several, has a value, or has its parts."""
    names = (target,) if isinstance(target, str) else target
    lines = dict.fromkeys(names, getattr(node, "lineno", 1))
    outer = reader.scope
    reader.scope = NameScope(lines, outer, "comprehension", seen=set(names))
    made = element()
    reader.scope = outer
    reader.odd()
    whole = Comprehension("let", made, (Clause(target, value[1], ()),))
    return reader.made(whole, node, node, value[0])


def read_target(reader: Reading, node: ast.expr, is_inner: bool = False) -> Target:
    """What a value is assigned to; "" where that was reported."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Starred) and is_inner and isinstance(node.value, ast.Name):
        return Rest(node.value.id)
    if isinstance(node, ast.Tuple | ast.List):
        stars = [e for e in node.elts if isinstance(e, ast.Starred)]
        if len(stars) > 1:
            message = "two starred names in one assignment"
            reader.wrong(stars[1], "syntax-error", message)
            return ""
        return tuple([read_target(reader, e, True) for e in node.elts])
    refuse_place(reader, node)
    return ""


def refuse_place(reader: Reading, node: ast.expr) -> None:
    """Report an assignment to a part, but of what was reported as a whole."""
    base: ast.AST = node
    while isinstance(base, ast.Subscript | ast.Attribute):
        base = base.value
    name = base.id if isinstance(base, ast.Name) else ""
    if reader.is_wrong_name(name) and name not in reader.parted:
        reader.is_wrong = True
    else:
        reader.parted.add(name)
        reader.refuse(node, PLACES.get(type(node).__name__))


# -- functions


def read_lambda(reader: Reading, node: ast.Lambda) -> Expression:
    """A function without a name."""

    def body(inner: Reading) -> tuple[Return, ...]:
        inner.scope.given.append(making(node.body, inner.known_names))
        value = inner.expression(node.body)
        return (inner.made(Return(value), node.body, node.body),)

    return read_function(reader, "", node, body)


def read_function(
    reader: Reading,
    name: str,
    node: ast.Lambda | ast.FunctionDef,
    body: Callable[[Reading], tuple[Any, ...]],
) -> Expression:
    """A function, whose body is read in a scope of its own."""
    reader.odd()
    spec = node.args
    parameters, given = placed_parameters(spec)
    defaults = reader.expressions(given)
    extra = spec.vararg or spec.kwarg
    if extra:
        note = "write each parameter by its name, without stars"
        reader.refuse(extra, Refused("a parameter with a star", note))
    plain = [parameter.arg for parameter in parameters]
    twice = next((p for k, p in enumerate(parameters_of(spec)) if p.arg in plain[:k]), None)
    if twice is not None and plain.count(twice.arg) > 1:
        reader.wrong(twice, "syntax-error", f"two parameters are called {twice.arg!r}")
    nodes = [node.body] if isinstance(node, ast.Lambda) else node.body
    scope = scope_of(reader, nodes, parameters_of(spec), reader.scope, node)
    outer, reader.scope = reader.scope, scope
    statements = body(reader)
    reader.scope = outer
    outer.gives.pop(name, None)
    if (own := scope.gives_always) is not None:
        outer.gives[name] = own
    assigned = frozenset(scope.assigned)
    made = Lambda(name, tuple(plain), defaults, statements, assigned)
    return reader.made(made, node, *given)


def note_dicts(scope: NameScope, nodes: list[Any]) -> None:
    """Note which names of a scope with these statements are dicts, and what its functions have to
    do with dicts.
    """
    around: dict[str, DictUse] = {}
    outer = scope.parent
    while outer is not None:
        around = outer.uses | around
        outer = outer.parent
    around = {name: use for name, use in around.items() if name not in scope.assigned}
    scope.uses = dict_functions(nodes, around)
    uses = {**around, **scope.uses}
    gives = {name: use.gives for name, use in uses.items() if use.gives is not None}
    scope.dicts = dicts_in(nodes, gives)


def scope_of(
    reader: Reading,
    nodes: list[Any],
    parameters: list[ast.arg],
    parent: NameScope | None,
    function: ast.AST | None = None,
) -> NameScope:
    """The scope of a function with this body."""
    names = {parameter.arg: parameter for parameter in parameters}
    before = reader.source.first_line - 1
    own = {**assigned_in(nodes), **names}
    lines = {name: before + getattr(node, "lineno", 1) for name, node in own.items()}
    scope = NameScope(lines, parent)
    scope.seen.update(names)
    if reader.may_have_dicts:
        note_dicts(scope, nodes)
    if isinstance(function, ast.FunctionDef) and parent is not None and parent.uses:
        use = parent.uses.get(function.name)
        scope.gives_dict = use is not None and use.gives is not None
        if use is not None:
            scope.dicts |= dict.fromkeys(use.parameters, DictKind("dict"))
    scope.library = imported(own_nodes(nodes))
    scope.nodes = nodes
    scope.functions = {k: v for k, v in signatures_in(nodes).items() if k not in names}
    return scope


VALUES: Final[dict[type, Callable[[Reading, Any], Expression]]] = {
    ast.Name: read_name,
    ast.Constant: read_constant,
    ast.Tuple: read_display,
    ast.List: read_display,
    ast.Set: read_display,
    ast.UnaryOp: read_unary,
    ast.BinOp: read_binary,
    ast.BoolOp: read_logic,
    ast.IfExp: read_conditional,
    ast.NamedExpr: read_assigned,
    ast.Compare: read_comparison,
    ast.Subscript: read_subscript,
    ast.ListComp: read_comprehension,
    ast.SetComp: read_comprehension,
    ast.GeneratorExp: read_comprehension,
    ast.Lambda: read_lambda,
}
"""What reads which expression; `read_calls` adds calls."""
