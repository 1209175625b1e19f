"""Solver text to `Program`: Python's own parser, then a check of every construct.

Nothing is imported or run. What is not ARC-DSL is a diagnostic, and all diagnostics of a solver are
found in one go. A solver that is written plainly throughout is read by `frontend.known_lines`,
which keeps what every line says; what is parsed here is kept there as well, line by line.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import replace
from typing import Any

from pipeline.diagnostics import Diagnostic, Invalid, Span, split_lines
from pipeline.frontend.constructs import assigned_names, kind_of, read_python
from pipeline.frontend.known_lines import MOST_INTEGER, MOST_NESTED, WORDS, alone, keep, read_plain
from pipeline.frontend.program import (
    Builtin,
    Call,
    Expression,
    Literal,
    Place,
    Program,
    Statement,
    StatementPlaces,
    TupleLiteral,
    Variable,
    Wrong,
    places_of,
)
from pipeline.frontend.units import Unit, split_units
from pipeline.primitives.constants import CONSTANTS
from pipeline.primitives.table import TABLE

_FUNCTION = re.compile(r"(solve|verify)_\w+$")
_MOST_SUGGESTIONS = 20
_RANGE = f"an integer is at most {MOST_INTEGER}, and at least {-MOST_INTEGER}"
_LONG = re.compile(r"\d[\d_]{3000,}")
_PLACE = re.compile(r"\b(on|at) line (\d+)")


class _Parser:
    """State of one solver's parse: the diagnostics so far and the variables defined so far.

    wrong: the names whose value was reported as wrong, so that their uses are not. later: where
    each variable is first assigned. names: the variables in the statement at hand.
    """

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.lines = unit.text.split("\n")
        self.ascii = unit.text.isascii()
        self.found: list[Diagnostic] = []
        self.variables: dict[str, Span] = {}
        self.wrong: set[str] = set()
        self.later: dict[str, Span] = {}
        self.unknown: set[str] = set()
        self.names: dict[str, None] = {}

    def place(self, node: Any) -> Place:
        """The node's first line, from its start to its end on that line; columns in characters.

        Lines count from 0 here: from the unit's first.
        """
        line = node.lineno
        if self.ascii and node.end_lineno == line:
            return line - 1, node.col_offset + 1, max(1, node.end_col_offset - node.col_offset)
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        start = _characters(text, node.col_offset)
        end = _characters(text, node.end_col_offset) if node.end_lineno == line else len(text)
        return line - 1, start + 1, max(1, end - start)

    def span(self, node: ast.AST) -> Span:
        """The node's place in the file."""
        line, column, width = self.place(node)
        return Span(self.unit.path, self.unit.first_line + line, column, width)

    def report(self, span: Span, code: str, message: str, *notes: str) -> None:
        """Note one error and go on."""
        self.found.append(Diagnostic(span, code, message, notes))

    def unsupported(self, node: ast.AST, kind: str = "") -> None:
        """Report a construct that ARC-DSL has not; the names that it assigns are wrong."""
        self.wrong.update(assigned_names(node))
        self.report(
            self.span(node),
            "unsupported-syntax",
            f"{kind or kind_of(node)} is not ARC-DSL",
            "a solver is `name = function(arguments)` statements and a final `return`",
        )

    def program(self) -> Program | None:
        """The whole solver, or None if it is not even one function."""
        function = self._function()
        if function is None:
            return None
        parameter = self._parameter(function)
        for node in function.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.later.setdefault(node.targets[0].id, self.span(node.targets[0]))
        statements: list[Statement] = []
        lines: list[int] = []
        for k, node in enumerate(function.body):
            last = k == len(function.body) - 1
            statement = (
                self._return(node, last) if isinstance(node, ast.Return) else self._assign(node)
            )
            if statement is not None:
                statements.append(statement)
                lines.append(self.unit.first_line + node.lineno - 1)
        if not isinstance(function.body[-1], ast.Return):
            self.report(
                self.span(function.body[-1]),
                "missing-return",
                "the last statement must be `return`",
                "end the solver with `return NAME`",
            )
        if not statements:
            return None
        name, path = self.unit.name, self.unit.path
        return Program(name, parameter, tuple(statements), path, tuple(lines))

    def _function(self) -> ast.FunctionDef | None:
        tree = self._tree()
        if tree is None:
            return None
        node = tree.body[-1]
        if not isinstance(node, ast.FunctionDef) or len(tree.body) != 1:
            self.unsupported(node)
            return None
        if not _FUNCTION.match(node.name):
            self.report(
                self._name_span(node),
                "bad-name",
                f"a solver is named solve_ID or verify_ID, not {node.name!r}",
            )
        for decorator in node.decorator_list:
            self.unsupported(decorator, "a decorator")
        return node

    def _tree(self) -> ast.Module | None:
        """What Python makes of the text; None where it makes nothing of it, which is reported."""
        text = self.unit.text
        first = self.unit.first_line
        if "\0" in text:
            before = text[: text.index("\0")].split("\n")
            span = Span(self.unit.path, first + len(before) - 1, len(before[-1]) + 1)
            self.report(span, "syntax-error", "the text holds a null character")
            return None
        try:
            return read_python(text)
        except SyntaxError as error:
            if not self._long_integer(error):
                self._syntax_error(error)
        except (RecursionError, MemoryError):
            span = Span(self.unit.path, first, 1, len(self.lines[0]))
            message = "an expression of this solver nests too deeply to be read"
            self.report(span, "too-deep", message, "give inner calls names")
        return None

    def _name_span(self, node: ast.FunctionDef) -> Span:
        base = self.span(node)
        text = self.lines[node.lineno - 1]
        column = max(text.find(node.name, base.column + 2), 0) + 1
        return Span(base.path, base.line, column, len(node.name))

    def _syntax_error(self, error: SyntaxError) -> None:
        """Report what Python's parser says, at a place that there is, with lines of the file."""
        first = self.unit.first_line
        line, column = error.lineno or 1, max(1, error.offset or 1)
        last = len(self.unit.text.rstrip().split("\n"))
        if line > last:
            line, column = last, len(self.lines[last - 1]) + 1
        text = self.lines[line - 1]
        width = 1
        if error.end_offset and error.end_lineno == error.lineno:
            width = min(error.end_offset - 1, len(text)) - column + 1
        column = min(column, len(text) + 1)
        span = Span(self.unit.path, line + first - 1, column, max(1, width))
        message = (error.msg or "invalid syntax").split("\n")[0].split(" (detected at")[0]
        message = _PLACE.sub(lambda m: f"{m[1]} line {int(m[2]) + first - 1}", message)
        self.report(span, "syntax-error", message)

    def _long_integer(self, error: SyntaxError) -> bool:
        """Report a decimal integer of thousands of digits, which Python does not read."""
        line = min(error.lineno or 1, len(self.lines))
        digits = _LONG.search(self.lines[line - 1])
        if not (error.msg or "").startswith("Exceeds the limit") or digits is None:
            return False
        start = digits.start() + 1
        span = Span(self.unit.path, line + self.unit.first_line - 1, start, len(digits[0]))
        self.report(span, "integer-too-large", _RANGE)
        return True

    def _parameter(self, function: ast.FunctionDef) -> str:
        spec = function.args
        plain = [*spec.posonlyargs, *spec.args]
        rest = [*plain[1:], *spec.kwonlyargs, *filter(None, [spec.vararg, spec.kwarg])]
        if len(plain) != 1 or rest or spec.defaults:
            self.report(
                self._name_span(function),
                "bad-parameters",
                "a solver takes exactly one parameter, the input grid",
                f"write `def {function.name}(I):`",
            )
        self.wrong.update(other.arg for other in rest)
        name = plain[0].arg if plain else "I"
        span = self.span(plain[0]) if plain else self._name_span(function)
        self._check_target(name, span)
        self.variables[name] = span
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
        if len(node.targets) != 1:
            self.unsupported(node)
            return None
        if not isinstance(target, ast.Name):
            self.unsupported(target, "" if _is_place(target) else "an unpacking")
            return None
        self.names = {}
        value = self.expression(node.value)
        span = self.span(target)
        good = self._check_target(target.id, span) and value is not None
        self.variables.setdefault(target.id, span)
        (self.wrong.discard if good else self.wrong.add)(target.id)
        return self._statement(node, target.id, target, value if good else None)

    def _return(self, node: ast.Return, last: bool) -> Statement | None:
        span = self.span(node)
        if not last:
            self.report(span, "unreachable", "statements after `return` are never reached")
        if node.value is None or not isinstance(node.value, (ast.Name, ast.Call)):
            self.report(span, "bad-return", "a solver returns a variable or a call")
            return self._statement(node, "return", node, None) if last else None
        self.names = {}
        value = self.expression(node.value)
        return self._statement(node, "return", node.value, value) if last else None

    def _statement(
        self, node: ast.Assign | ast.Return, name: str, target: ast.AST, value: Expression | None
    ) -> Statement:
        """The statement, whose value is None where it is wrong; one that is alone on its line is
        kept.
        """
        start, names = node.lineno - 1, tuple(self.names)
        one_line = node.end_lineno == node.lineno and "\r" not in self.unit.text
        if value is not None and one_line and not self.found:
            line = self.lines[start]
            if alone(line, node.col_offset, node.end_col_offset or 0):
                kept = keep(line, Statement(name, value, names, line, node.col_offset))
                assert kept is not None
                return kept

        def place(part: ast.AST) -> Place:
            line, column, width = self.place(part)
            return line - start, column, width

        if value is None or node.value is None:
            places = StatementPlaces(place(target), place(target), {})
            return Statement(name, Wrong(), (), "", known_places=places)
        places = places_of(place(target), node.value, value, place)
        return Statement(name, value, names, "", known_places=places)

    def expression(self, node: ast.expr, nesting: int = 0) -> Expression | None:
        """One expression; None where it was reported as wrong."""
        if isinstance(node, ast.Name):
            return self._name(node)
        if isinstance(node, ast.Call | ast.Tuple) and nesting > MOST_NESTED:
            message = f"calls nest more than {MOST_NESTED} deep"
            self.report(self.span(node), "too-deep", message, "give inner calls names")
            return None
        if isinstance(node, ast.Call):
            return self._call(node, nesting)
        if isinstance(node, ast.Tuple) and node.elts:
            elements = [self.expression(e, nesting + 1) for e in node.elts]
            good = tuple([e for e in elements if e is not None])
            return TupleLiteral(good) if len(good) == len(elements) else None
        if isinstance(node, ast.Constant) and node.value is None:
            return Literal(None)
        value = _literal(node)
        if value is None:
            self.unsupported(node)
            return None
        if abs(value) > MOST_INTEGER:
            self.report(self.span(node), "integer-too-large", _RANGE)
            return None
        return Literal(value)

    def _name(self, node: ast.Name) -> Expression | None:
        name = node.id
        if name in self.wrong:
            return None
        if name in self.variables:
            self.names[name] = None
            return Variable(name)
        if name in WORDS:
            return WORDS[name]
        if name not in self.unknown:
            self.unknown.add(name)
            self._unknown(name, self.span(node))
        return None

    def _unknown(self, name: str, span: Span) -> None:
        if name in self.later:
            note = f"it is assigned in line {self.later[name].line}"
            message = f"{name!r} is used before it is assigned"
            self.report(span, "used-before-assignment", message, note)
            return
        close: list[str] = []
        if len(self.unknown) <= _MOST_SUGGESTIONS:
            known = [*self.variables, *TABLE, *CONSTANTS]
            close = difflib.get_close_matches(name, known, n=1)
        notes = [f"did you mean {close[0]!r}?"] if close else []
        self.report(span, "unknown-name", f"{name!r} is not defined here", *notes)

    def _call(self, node: ast.Call, nesting: int) -> Expression | None:
        function = self.expression(node.func, nesting + 1)
        arguments = [self.expression(a, nesting + 1) for a in node.args]
        values = [self.expression(k.value, nesting + 1) for k in node.keywords]
        unpacked = [k for k in node.keywords if k.arg is None]
        for keyword in unpacked:
            self.unsupported(keyword, "an unpacking")
        if function is None or None in arguments or None in values or unpacked:
            return None
        if isinstance(function, Literal):
            self.report(self.span(node.func), "not-a-function", "a constant can't be called")
            return None
        if isinstance(function, Builtin):
            placed = self._place(node, function, arguments, values)
            return None if placed is None else Call(function, placed)
        if node.keywords:
            self.report(
                self.span(node.keywords[0]),
                "keyword-argument",
                "only a primitive takes keyword arguments",
                "a function value is called with positional arguments",
            )
            return None
        return Call(function, tuple([a for a in arguments if a is not None]))

    def _place(
        self,
        node: ast.Call,
        function: Builtin,
        arguments: list[Expression | None],
        values: list[Expression | None],
    ) -> tuple[Expression, ...] | None:
        """The arguments of a primitive in positional order, keywords put in their places."""
        row = function.row
        usage = f"it is {row.name}({', '.join(row.parameters)})"
        given = dict(zip(row.parameters, arguments, strict=False))
        for keyword, value in zip(node.keywords, values, strict=True):
            name = keyword.arg or ""
            if name in given or name not in row.parameters:
                wrong = f"got {name!r} twice" if name in given else f"has no parameter {name!r}"
                message = f"{row.name} {wrong}"
                self.report(self.span(keyword), "keyword-argument", message, usage)
                return None
            given[name] = value
        count, wanted = len(arguments) + len(values), len(row.parameters)
        if count != wanted:
            expected = f"{wanted} argument{'s' if wanted != 1 else ''}"
            message = f"{row.name} takes {expected}, got {count}"
            self.report(self.span(node), "wrong-arity", message, usage)
            return None
        return tuple(e for e in (given[name] for name in row.parameters) if e is not None)


def _characters(text: str, offset: int) -> int:
    """How many characters the first `offset` bytes of a line are."""
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="replace"))


def _is_place(target: ast.expr) -> bool:
    return isinstance(target, ast.Attribute | ast.Subscript)


def _literal(node: ast.expr) -> int | bool | None:
    """An integer, a negative integer or a boolean; None for anything else."""
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if not isinstance(inner, ast.Constant) or not isinstance(inner.value, int):
        return None
    if negative:
        return None if isinstance(inner.value, bool) else -inner.value
    return inner.value


def parse_partial(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver, with `Wrong` in the place of what is wrong, so that passes can find more.

    The program is None where there are no statements at all.
    """
    program = read_plain(unit)
    return (program, []) if program is not None else parse_general(unit)


def parse_general(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver by Python's own parser, whatever its lines are like."""
    parser = _Parser(unit)
    return parser.program(), parser.found


def parse_unit(unit: Unit) -> tuple[Program | None, list[Diagnostic]]:
    """Parse one solver; the program is None where there are diagnostics."""
    program, found = parse_partial(unit)
    return (None if found else program), found


def parse_text(text: str, name: str) -> tuple[Program | None, tuple[Diagnostic, ...]]:
    """Parse a text that holds one solver, and perhaps imports and comments before it.

    The program is None where there are diagnostics; `name` is what both call the text.
    """
    program, found = parse_partial(Unit(name, name, 1, text))
    if program is not None and not found:
        return program, ()
    units, wrong = split_units(name, name, text.encode(errors="surrogatepass"))
    if len(units) == 1 and not wrong:
        program, found = parse_partial(replace(units[0], name=name))
        return (None if found else program), tuple(found)
    if len(units) > 1 and not wrong:
        span = Span(name, units[1].first_line, 1)
        message = "a second solver in a text that is to hold one"
        wrong = [Diagnostic(span, "duplicate-solver", message, ("give each a text of its own",))]
    return None, tuple(wrong or found)


def parse(text: str, name: str = "program") -> Program:
    """The program that a text holds; Invalid, which says what is wrong and where, if it has faults.

    What only its types show is wrong is not found here: `evaluate` calls such a program broken.
    """
    program, found = parse_text(text, name)
    if program is None:
        raise Invalid(found, {name: split_lines(text)})
    return program
