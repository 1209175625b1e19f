"""Solver text to `Program`: Python's own parser, then a check of every construct.

Nothing is imported or run. What is not ARC-DSL is a diagnostic, and all diagnostics of a solver are
found in one go.
"""

from __future__ import annotations

import ast
import difflib
import re

from pipeline.diagnostics import Diagnostic, Span
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Program,
    Statement,
    TupleLiteral,
    Variable,
)
from pipeline.frontend.units import Unit
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE

_FUNCTION = re.compile(r"(solve|verify)_\w+$")
_KINDS = {
    "Lambda": "a lambda",
    "Attribute": "an attribute",
    "Subscript": "a subscript",
    "BinOp": "an operator",
    "UnaryOp": "an operator",
    "BoolOp": "an operator",
    "Compare": "a comparison",
    "IfExp": "a conditional expression",
    "ListComp": "a comprehension",
    "SetComp": "a comprehension",
    "DictComp": "a comprehension",
    "GeneratorExp": "a comprehension",
    "List": "a list",
    "Set": "a set display",
    "Dict": "a dict",
    "JoinedStr": "a string",
    "Starred": "an unpacking",
    "NamedExpr": "an assignment expression",
    "For": "a loop",
    "While": "a loop",
    "If": "an if statement",
    "AugAssign": "an augmented assignment",
    "AnnAssign": "an annotated assignment",
    "FunctionDef": "a nested function",
    "Import": "an import",
    "ImportFrom": "an import",
    "Expr": "an expression without an assignment",
    "Constant": "a constant of this kind",
}
_MOST_NESTED = 100


class _Parser:
    """State of one solver's parse: the diagnostics so far and the variables defined so far."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.lines = unit.text.split("\n")
        self.found: list[Diagnostic] = []
        self.variables: dict[str, Span] = {}
        self.unknown: set[str] = set()

    def span(self, node: ast.AST) -> Span:
        """The node's first line, from its start to its end on that line; columns in characters."""
        line = node.lineno  # type: ignore[attr-defined]
        text = self.lines[line - 1].encode() if line <= len(self.lines) else b""
        start = len(text[: node.col_offset].decode(errors="replace"))  # type: ignore[attr-defined]
        same = node.end_lineno == line  # type: ignore[attr-defined]
        end_bytes = node.end_col_offset if same else len(text)  # type: ignore[attr-defined]
        end = len(text[:end_bytes].decode(errors="replace"))
        first = self.unit.first_line
        return Span(self.unit.path, line + first - 1, start + 1, max(1, end - start))

    def report(self, span: Span, code: str, message: str, *notes: str) -> None:
        """Note one error and go on."""
        self.found.append(Diagnostic(span, code, message, notes))

    def unsupported(self, node: ast.AST) -> None:
        """Report a construct that ARC-DSL has not."""
        kind = _KINDS.get(type(node).__name__, f"this ({type(node).__name__})")
        self.report(
            self.span(node),
            "unsupported-syntax",
            f"{kind} is not ARC-DSL",
            "a solver is `name = function(arguments)` statements and a final `return`",
        )

    def program(self) -> Program | None:
        """The whole solver, or None if it is not even one function."""
        function = self._function()
        if function is None:
            return None
        parameter = self._parameter(function)
        self.variables[parameter] = self.span(function)
        statements = []
        for k, node in enumerate(function.body):
            last = k == len(function.body) - 1
            statement = (
                self._return(node, last) if isinstance(node, ast.Return) else self._assign(node)
            )
            if statement is not None:
                statements.append(statement)
        if not isinstance(function.body[-1], ast.Return):
            self.report(
                self.span(function.body[-1]),
                "missing-return",
                "the last statement must be `return`",
                "end the solver with `return NAME`",
            )
        return Program(self.unit.name, parameter, tuple(statements))

    def _function(self) -> ast.FunctionDef | None:
        try:
            tree = ast.parse(self.unit.text)
        except SyntaxError as error:
            self._syntax_error(error)
            return None
        except (RecursionError, MemoryError, ValueError) as error:
            too_deep = not isinstance(error, ValueError)
            message = "nested too deeply" if too_deep else "the text holds a null character"
            start = Span(self.unit.path, self.unit.first_line, 1)
            self.report(start, "syntax-error", message, "split it into several statements")
            return None
        node = tree.body[0]
        if not isinstance(node, ast.FunctionDef) or len(tree.body) != 1:
            self.unsupported(tree.body[-1])
            return None
        if not _FUNCTION.match(node.name):
            self.report(
                self._name_span(node),
                "bad-name",
                f"a solver is named solve_ID or verify_ID, not {node.name!r}",
            )
        for decorator in node.decorator_list:
            self.unsupported(decorator)
        return node

    def _name_span(self, node: ast.FunctionDef) -> Span:
        base = self.span(node)
        return Span(base.path, base.line, base.column + 4, len(node.name))

    def _syntax_error(self, error: SyntaxError) -> None:
        line = (error.lineno or 1) + self.unit.first_line - 1
        width = 1
        if error.end_offset and error.offset and error.end_lineno == error.lineno:
            width = max(1, error.end_offset - error.offset)
        span = Span(self.unit.path, line, max(1, error.offset or 1), width)
        self.report(span, "syntax-error", (error.msg or "invalid syntax").split("\n")[0])

    def _parameter(self, function: ast.FunctionDef) -> str:
        spec = function.args
        plain = [*spec.posonlyargs, *spec.args]
        others = [*spec.kwonlyargs, spec.vararg, spec.kwarg, *spec.defaults]
        if len(plain) != 1 or any(o is not None for o in others):
            self.report(
                self._name_span(function),
                "bad-parameters",
                "a solver takes exactly one parameter, the input grid",
                f"write `def {function.name}(I):`",
            )
        name = plain[0].arg if plain else "I"
        self._check_target(name, self.span(plain[0]) if plain else self._name_span(function))
        return name

    def _check_target(self, name: str, span: Span) -> bool:
        if name in TABLE or name in CONSTANTS:
            what = "primitive" if name in TABLE else "constant"
            self.report(span, "shadowed-name", f"{name!r} is a {what} of the DSL; use another name")
            return False
        if name in self.variables:
            self.report(
                span,
                "reassignment",
                f"{name!r} is assigned a second time",
                f"first assigned in line {self.variables[name].line}; give it a new name",
            )
            return False
        return True

    def _assign(self, node: ast.stmt) -> Statement | None:
        if not isinstance(node, ast.Assign):
            self.unsupported(node)
            return None
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name):
            self.unsupported(target if len(node.targets) == 1 else node)
            return None
        value = self.expression(node.value)
        span = self.span(target)
        self._check_target(target.id, span)
        self.variables.setdefault(target.id, span)
        return Statement(target.id, value, span) if value is not None else None

    def _return(self, node: ast.Return, last: bool) -> Statement | None:
        if not last:
            self.report(
                self.span(node), "unreachable", "statements after `return` are never reached"
            )
        if node.value is None or not isinstance(node.value, (ast.Name, ast.Call)):
            span = self.span(node)
            self.report(span, "bad-return", "a solver returns a variable or a call")
            return None
        value = self.expression(node.value)
        return Statement("return", value, self.span(node.value)) if value is not None else None

    def expression(self, node: ast.expr, nesting: int = 0) -> Expression | None:
        """One expression; None where it was reported as wrong."""
        if nesting > _MOST_NESTED:
            message = f"calls nest more than {_MOST_NESTED} deep"
            self.report(self.span(node), "too-deep", message, "give inner calls names")
            return None
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Call):
            return self._call(node, nesting)
        if isinstance(node, ast.Tuple) and node.elts:
            elements = [self.expression(e, nesting + 1) for e in node.elts]
            good = tuple(e for e in elements if e is not None)
            return TupleLiteral(good, self.span(node)) if len(good) == len(elements) else None
        value = _literal(node)
        if value is not None:
            return Literal(value, self.span(node))
        self.unsupported(node)
        return None

    def _name(self, node: ast.Name) -> Expression | None:
        span = self.span(node)
        if node.id in self.variables:
            return Variable(node.id, span)
        if node.id in TABLE:
            return Builtin(TABLE[node.id], span)
        if node.id in CONSTANTS:
            return Literal(CONSTANTS[node.id], span)
        if node.id in self.unknown:
            return None
        self.unknown.add(node.id)
        known = [*self.variables, *TABLE, *CONSTANTS]
        close = difflib.get_close_matches(node.id, known, n=1)
        notes = (f"did you mean {close[0]!r}?",) if close else ()
        self.report(span, "unknown-name", f"{node.id!r} is not defined here", *notes)
        return None

    def _call(self, node: ast.Call, nesting: int) -> Expression | None:
        function = self.expression(node.func, nesting + 1)
        arguments = [self.expression(a, nesting + 1) for a in node.args]
        keywords = {k.arg: self.expression(k.value, nesting + 1) for k in node.keywords}
        if function is None or None in arguments or None in keywords.values():
            return None
        if isinstance(function, Literal):
            self.report(function.span, "not-a-function", "a constant can't be called")
            return None
        if isinstance(function, Builtin):
            placed = self._place(node, function, arguments, keywords)
            return None if placed is None else Call(function, placed, self.span(node))
        if keywords:
            self.report(
                self.span(node.keywords[0].value),
                "keyword-argument",
                "only a primitive takes keyword arguments",
                "a function value is called with positional arguments",
            )
            return None
        return Call(function, tuple(a for a in arguments if a), self.span(node))

    def _place(
        self,
        node: ast.Call,
        function: Builtin,
        arguments: list[Expression | None],
        keywords: dict[str | None, Expression | None],
    ) -> tuple[Expression, ...] | None:
        """The arguments of a primitive in positional order, keywords put in their places."""
        row = function.row
        names = row.parameters
        usage = f"{row.name}({', '.join(names)})"
        rest = names[len(arguments) :]
        for keyword in node.keywords:
            if keyword.arg not in rest:
                taken = keyword.arg in names
                message = (
                    f"{row.name} got {keyword.arg!r} twice"
                    if taken
                    else f"{row.name} has no parameter {keyword.arg!r}"
                )
                self.report(self.span(keyword.value), "keyword-argument", message, f"it is {usage}")
                return None
        if len(arguments) + len(keywords) != len(names):
            count = len(arguments) + len(keywords)
            expected = f"{len(names)} argument{'s' if len(names) != 1 else ''}"
            self.report(
                self.span(node),
                "wrong-arity",
                f"{row.name} takes {expected}, got {count}",
                f"it is {usage}",
            )
            return None
        placed = [*arguments, *(keywords[name] for name in rest)]
        return tuple(p for p in placed if p is not None)


def _literal(node: ast.expr) -> int | bool | None:
    """An integer, a negative integer or a boolean; None for anything else."""
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if not isinstance(inner, ast.Constant) or not isinstance(inner.value, int):
        return None
    if negative:
        return None if isinstance(inner.value, bool) else -inner.value
    return inner.value


def parse_unit(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver; the program is None where there are diagnostics."""
    parser = _Parser(unit)
    program = parser.program()
    return (None if parser.found else program), parser.found
